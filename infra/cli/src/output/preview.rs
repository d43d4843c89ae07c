//! What a channel would be told, as a table below its sum.

use comfy_table::{Table, presets};
use edin_domain::connection::Mode;
use edin_look::preview::{Preview, Row};

use super::words::{does, rule};

const TITLES: [&str; 5] = ["SKU", "warehouse", "shows", "would be told", "by"];

/// The sum, and a row a listing.
pub(crate) fn lines(preview: &Preview) -> Vec<String> {
    let mut lines = vec![format!("{} {}", preview.connection, does(preview.mode)), sum(preview)];
    if !preview.rows.is_empty() {
        let mut table = Table::new();
        // A line a row: there may be thousands.
        table.load_style(presets::NOTHING);
        table.set_header(TITLES);
        table.add_rows(preview.rows.iter().map(row));
        lines.push(table.to_string());
    }
    lines
}

fn sum(preview: &Preview) -> String {
    let zeros = preview.changing().filter(|row| row.offer.quantity == 0).count();
    let (changing, listings) = (preview.changing().count(), preview.listings);
    let unknown = match preview.rows.len() - changing {
        0 => String::new(),
        count => format!("; what {count} show is not known"),
    };
    let read = match (preview.mode, preview.read_at) {
        (Mode::Live, _) => "as its channel took numbers".to_owned(),
        (_, Some(at)) => format!("as its shelves were read at {at}"),
        (_, None) => "its shelves were not read yet, or can not be".to_owned(),
    };
    format!("{changing} of {listings} listings would be told another number, {zeros} of them 0{unknown} ({read})")
}

fn row(Row { sku, warehouse, showing, offer, policy }: &Row) -> [String; 5] {
    [
        sku.to_string(),
        warehouse.to_string(),
        showing.map_or_else(|| "unknown".to_owned(), |units| units.to_string()),
        offer.quantity.to_string(),
        rule(offer.rule, policy),
    ]
}
