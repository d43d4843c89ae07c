//! What the demo seller deals in: made up, the same every time.

use simulators::Good;

const THINGS: [(&str, u64); 15] = [
    ("Чай чёрный", 1_890),
    ("Кофе в зёрнах", 6_490),
    ("Чашка", 2_300),
    ("Термос", 8_990),
    ("Плед", 12_500),
    ("Полотенце", 3_400),
    ("Фонарь", 5_200),
    ("Рюкзак", 18_900),
    ("Тетрадь", 690),
    ("Наушники", 14_990),
    ("Зарядка", 4_490),
    ("Кабель", 1_990),
    ("Лампа", 9_900),
    ("Кружка-термос", 7_400),
    ("Набор ножей", 21_500),
];
const BRANDS: [&str; 5] = ["Алатау", "Sary-Arka", "Бәйтерек", "Nomad", "Тянь-Шань"];
const SIMPLE: u64 = 210;
const BUNDLES: u64 = 8;

/// All goods: simple ones first.
#[must_use]
pub fn goods() -> Vec<Good> {
    (1..=SIMPLE).map(simple).chain((1..=BUNDLES).map(bundle)).collect()
}

fn pick<T: Copy>(from: &[T], number: u64) -> Option<T> {
    from.iter().cycle().nth(usize::try_from(number).unwrap_or(0) % from.len()).copied()
}

/// Every tenth is scarce: those are the ones that sell out.
fn simple(number: u64) -> Good {
    let (thing, price) = pick(&THINGS, number).unwrap_or(("Вещь", 1_000));
    let many = u32::try_from(15 + number * 7 % 40).unwrap_or(15);
    let stock =
        if number.is_multiple_of(10) { (2 + u32::from(number.is_multiple_of(20)), 1) } else { (many, many / 2) };
    Good {
        sku: format!("EDN-{number:04}"),
        number,
        title: format!("{thing} № {number}"),
        brand: pick(&BRANDS, number).unwrap_or("Edin"),
        price: price + number * 10,
        stock: Some(stock),
        components: Vec::new(),
    }
}

fn bundle(number: u64) -> Good {
    let part = |of: u64| format!("EDN-{of:04}");
    Good {
        sku: format!("SET-{number:02}"),
        number: SIMPLE + number,
        title: format!("Набор № {number}"),
        brand: pick(&BRANDS, number).unwrap_or("Edin"),
        price: 9_900 + number * 100,
        stock: None,
        components: vec![(part(number * 3 + 1), 1), (part(number * 3 + 2), 2)],
    }
}
