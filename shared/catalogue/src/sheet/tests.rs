use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::*;
use crate::error::MAX_COLUMNS;

fn file(name: &str) -> Arc<Path> {
    Arc::from(Path::new(name))
}

fn said(words: &str) -> Arc<Words> {
    let mut said = Words::default();
    said.read(words).unwrap();
    Arc::new(said)
}

fn separated(text: &str, words: &str) -> Sheet {
    let file = file("goods.csv");
    let words = said(words);
    Sheet::of(&file, separated::split(&file, text, &words).unwrap(), &words).unwrap()
}

fn rows(bytes: &[u8]) -> Result<Rows, String> {
    let is_it = |rows: &Rows| rows.rows.iter().any(|(_, row)| is_header(row, &Words::default()));
    workbook::read(&file("goods.xlsx"), bytes, is_it).map_err(|error| error.to_string())
}

fn workbook(bytes: &[u8]) -> Sheet {
    Sheet::of(&file("goods.xlsx"), rows(bytes).unwrap(), &Arc::default()).unwrap()
}

/// A workbook with one sheet of texts.
fn texts(table: &[Vec<String>]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in table.iter().enumerate() {
        for (column, text) in line.iter().enumerate() {
            sheet.write_string(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), text).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn columns(sheet: &Sheet) -> Vec<(&str, usize)> {
    sheet.columns.iter().map(|(column, place)| (column.as_str(), *place)).collect()
}

/// Lines by their numbers, without what is empty at their ends.
fn lines(sheet: &Sheet) -> Vec<(u64, Vec<String>)> {
    let cells = |record: &StringRecord| {
        let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        cells
    };
    sheet.lines.iter().map(|(at, record)| (at.line, cells(record))).collect()
}

#[test]
fn an_empty_file_says_what_it_should_hold() {
    let expected = "goods.csv: it is empty; its first line names the columns, `sku` and `title` at least";
    assert_eq!(Sheet::read(Path::new("goods.csv"), "\n\n").unwrap_err().to_string(), expected);
    let mut book = Workbook::new();
    book.add_worksheet();
    let read = Sheet::of(&file("goods.csv"), rows(&book.save_to_buffer().unwrap()).unwrap(), &Arc::default());
    assert_eq!(read.unwrap_err().to_string(), expected);
}

#[test]
fn the_header_may_end_in_nothing() {
    let sheet = separated("SKU ,Title,,\n", "");
    assert_eq!(columns(&sheet), [("sku", 0), ("title", 1)]);
}

#[test]
fn russian_and_kazakh_headers_are_our_columns() {
    let expected = [
        ("sku", 0),
        ("title", 1),
        ("brand", 2),
        ("barcode", 3),
        ("location", 4),
        ("on_hand", 5),
        ("cost", 6),
        ("currency", 7),
    ];
    for header in [
        "Артикул;Наименование;Бренд;Штрихкод;Склад;Остаток;Закупочная цена;Валюта",
        "Артикул;Атауы;Бренд;Штрихкод;Қойма;Қалдық;Сатып алу бағасы;Валюта",
    ] {
        assert_eq!(columns(&separated(header, "")), expected, "{header}");
    }
}

#[test]
fn what_nobody_knows_is_left_out_only_if_the_table_is_known_or_a_header_was_said() {
    let strict = separated("Артикул;Наименование;Цвет", "");
    assert_eq!((columns(&strict)[2], strict.notes.len()), (("Цвет", 2), 0));
    let said = separated("Артикул;Имя;Цвет", "\"Имя\" = \"title\"");
    assert_eq!(columns(&said), [("sku", 0), ("title", 1)]);
    assert_eq!(said.notes, ["goods.csv: left out: Цвет"]);
    let known = separated("Группы;Код;Наименование;Внешний код;Артикул;Цена: Цена продажи", "");
    assert_eq!(columns(&known), [("title", 2), ("sku", 4)]);
    assert_eq!(
        known.notes,
        [
            "goods.csv: it is MoySklad's list of goods",
            "goods.csv: left out: Группы, Код, Внешний код, Цена: Цена продажи"
        ]
    );
}

#[test]
fn what_was_said_of_a_header_beats_what_is_known_of_it() {
    let words = "\"Код\" = \"sku\"\n\"Артикул\" = [\"kaspi.sku\", \"ozon.offer_id\"]";
    let sheet = separated("Артикул;Код;Наименование", words);
    assert_eq!(columns(&sheet), [("kaspi.sku", 0), ("ozon.offer_id", 0), ("sku", 1), ("title", 2)]);
    let sheet = separated("Артикул;Код;Наименование", "\"Код\" = \"sku\"");
    assert_eq!(columns(&sheet), [("sku", 1), ("title", 2)]);
    assert_eq!(sheet.notes, ["goods.csv: left out: Артикул"]);
}

#[test]
fn ozons_own_number_is_not_our_sku() {
    let sheet = separated("Артикул;Ozon Product ID;SKU;Barcode;Название товара", "");
    assert_eq!(columns(&sheet), [("sku", 0), ("barcode", 3), ("title", 4)]);
}

#[test]
fn lines_above_the_header_and_sums_below_are_left_out_aloud() {
    let sheet =
        separated("Остатки на 28.11.2026\n;;\nНоменклатура;Артикул;Количество\nЧай;TEA;12,000\nИтого;;12,000\n", "");
    assert_eq!((sheet.at.line, lines(&sheet).len()), (3, 1));
    assert_eq!(
        sheet.notes,
        [
            "goods.csv:1: left out, as all lines above the header",
            "goods.csv: it is 1C's stock report",
            "goods.csv:5: left out, since it is a sum and no good",
            "goods.csv: column Количество: 12,000 is read as 12, as 1C writes it"
        ]
    );
    let oil = separated("sku,title\nTOTAL,Total Quartz\n", "");
    assert_eq!(oil.lines.len(), 1, "a good with a title is no sum");
}

#[test]
fn a_workbooks_cells_are_what_a_person_sees() {
    let mut book = Workbook::new();
    book.add_worksheet();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = book.add_worksheet();
    let header = ["sku", "title", "barcode", "on_hand", "cost"];
    sheet.write_row(2, 0, header).unwrap();
    sheet.write_string(4, 0, "TEA").unwrap();
    sheet.write_string(4, 1, "Чай").unwrap();
    sheet.write_number(4, 2, 4_870_000_000_012_f64).unwrap();
    sheet.write_number(4, 3, 12.0).unwrap();
    sheet.write_formula(4, 4, rust_xlsxwriter::Formula::new("=0.1+0.2").set_result("0.30000000000000004")).unwrap();
    sheet.write_datetime_with_format(5, 0, ExcelDateTime::from_ymd(2026, 2, 1).unwrap(), &date).unwrap();
    sheet.write_string(6, 0, "CUP").unwrap();
    sheet.write_formula(6, 1, rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A")).unwrap();
    sheet.write_string(7, 0, "POT").unwrap();
    sheet.write_number(7, 2, 12_345_678_901_234_567_f64).unwrap();
    let sheet = workbook(&book.save_to_buffer().unwrap());
    assert_eq!(sheet.at.line, 3);
    assert_eq!(lines(&sheet)[0], (5, ["TEA", "Чай", "4870000000012", "12", "0.3"].map(str::to_owned).to_vec()));
    let odd = |line| sheet.odd_cell(line).map(|problem| problem.to_string()).unwrap_or_default();
    assert_eq!(odd(5), "");
    assert_eq!(odd(6), "column sku: the cell is a date (2026-02-01); format it as text, and write what is meant");
    assert_eq!(odd(7), "column title: the cell holds the spreadsheet's error #N/A; write what is meant");
    assert!(odd(8).starts_with("column barcode: the cell is a number of more than 15 digits"), "{}", odd(8));
}

#[test]
fn the_sheet_with_a_header_is_read_and_no_hidden_one() {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Инструкция").unwrap().write_string(0, 0, "Заполните второй лист").unwrap();
    let hidden = book.add_worksheet().set_hidden(true);
    hidden.write_row(0, 0, ["sku", "title"]).unwrap();
    let goods = book.add_worksheet().set_name("Товары").unwrap();
    goods.write_row(0, 0, ["Артикул", "Наименование"]).unwrap();
    goods.write_row(1, 0, ["TEA", "Чай"]).unwrap();
    let sheet = workbook(&book.save_to_buffer().unwrap());
    assert_eq!(sheet.notes, ["goods.xlsx: read from the sheet \"Товары\""]);
    assert_eq!(lines(&sheet), [(2, vec!["TEA".to_owned(), "Чай".to_owned()])]);
}

#[test]
fn what_is_no_workbook_is_refused() {
    assert!(rows(b"sku,title\n").unwrap_err().starts_with("goods.xlsx: it is no workbook that can be read"));
    let whole = texts(&[vec!["sku".to_owned()]]);
    assert!(rows(&whole[..whole.len() / 2]).unwrap_err().contains("it is no workbook that can be read"));
}

#[test]
fn a_cell_far_away_takes_no_room() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["sku", "title"]).unwrap();
    sheet.write_string(1_048_575, 0, "TEA").unwrap();
    let far = workbook(&book.save_to_buffer().unwrap());
    assert_eq!(lines(&far), [(1_048_576, vec!["TEA".to_owned()])]);
    let mut book = Workbook::new();
    book.add_worksheet().write_string(0, u16::try_from(MAX_COLUMNS).unwrap(), "x").unwrap();
    let wide = rows(&book.save_to_buffer().unwrap()).unwrap_err();
    assert_eq!(wide, "goods.xlsx: it has cells beyond column 1000; delete what stands there");
}

#[test]
fn a_workbook_that_swells_is_refused_before_it_is_read() {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("xl/sharedStrings.xml", options).unwrap();
    let blanks = vec![b' '; 1 << 20];
    (0..257).for_each(|_| archive.write_all(&blanks).unwrap());
    let bomb = archive.finish().unwrap().into_inner();
    assert!(bomb.len() < 2 << 20);
    let expected = "goods.xlsx: more than 256 MiB come out of it when it is unpacked; split it";
    assert_eq!(rows(&bomb).unwrap_err(), expected);
}

/// A cell that any of the encodings and kinds of files can hold.
fn cell() -> impl Strategy<Value = String> {
    "[A-Za-zА-Яа-яЁё0-9;,.\" №«»-]{0,12}".prop_map(|text| text.trim().to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_catalogue_reads_the_same_whatever_it_is_written_as(
        table in prop::collection::vec(("[A-Z]{1,6}", "[А-Я][а-я]{2,8}", cell(), 0_u32..5_000), 1..8),
        separator in prop::sample::select(vec![b',', b';', b'\t']),
    ) {
        let header = ["Артикул", "Наименование", "Бренд", "Остаток"].map(str::to_owned).to_vec();
        let of = |(sku, title, brand, units): &(String, String, String, u32)| {
            vec![sku.clone(), title.clone(), brand.clone(), units.to_string()]
        };
        let table: Vec<Vec<String>> = [header].into_iter().chain(table.iter().map(of)).collect();
        let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
        table.iter().for_each(|line| writer.write_record(line).unwrap());
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let wide = |mark: u16, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            [mark].into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        let plain = separated(&text, "");
        prop_assert_eq!(plain.lines.len(), table.len() - 1);
        for bytes in [
            format!("\u{feff}{text}").into_bytes(),
            encoding_rs::WINDOWS_1251.encode(&text).0.into_owned(),
            wide(0xFEFF, u16::to_le_bytes),
            wide(0xFEFF, u16::to_be_bytes),
        ] {
            let file = file("goods.csv");
            let sheet = Sheet::of(&file, separated::read(&file, bytes, &Words::default()).unwrap(), &Arc::default()).unwrap();
            prop_assert_eq!((columns(&sheet), lines(&sheet)), (columns(&plain), lines(&plain)));
        }
        let sheet = workbook(&texts(&table));
        prop_assert_eq!((columns(&sheet), lines(&sheet)), (columns(&plain), lines(&plain)));
    }

    #[test]
    fn no_bytes_stop_the_reading(bytes in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let file = file("goods.csv");
        let _ = separated::read(&file, bytes.clone(), &Words::default()).map(|rows| Sheet::of(&file, rows, &Arc::default()));
        let _ = xml::read(&file, bytes);
        let mut book = texts(&[vec!["sku".to_owned(), "title".to_owned()], vec!["TEA".to_owned(), "Чай".to_owned()]]);
        let at = at.index(book.len());
        book[at] = byte;
        let _ = rows(&book).map(|rows| Sheet::of(&file, rows, &Arc::default()));
    }
}
