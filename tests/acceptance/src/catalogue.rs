//! What the seller of a test deals in.

pub use simulators::Good;

/// Ten in Almaty, five in Astana; one of them in each [`SET`].
pub const TEA: &str = "TEA";
/// Nine in Almaty, three in Astana; two of them in each [`SET`].
pub const CUP: &str = "CUP";
/// Eight in Almaty, four in Astana.
pub const POT: &str = "POT";
/// The last one, in Almaty.
pub const RUG: &str = "RUG";
/// Twenty in Almaty, ten in Astana.
pub const PEN: &str = "PEN";
/// Six in Almaty, six in Astana.
pub const LAMP: &str = "LAMP";
/// A bundle: one [`TEA`] and two [`CUP`].
pub const SET: &str = "SET";

/// All of it.
#[must_use]
pub fn goods() -> Vec<Good> {
    let simple = [(TEA, (10, 5)), (CUP, (9, 3)), (POT, (8, 4)), (RUG, (1, 0)), (PEN, (20, 10)), (LAMP, (6, 6))];
    let mut goods: Vec<Good> = (1..).zip(simple).map(|(number, (sku, stock))| good(sku, number, Some(stock))).collect();
    let components = vec![(TEA.to_owned(), 1), (CUP.to_owned(), 2)];
    goods.push(Good { components, ..good(SET, 7, None) });
    goods
}

/// A good of its own, with its opening stock in Almaty and in Astana.
#[must_use]
pub fn good(sku: &str, number: u64, stock: Option<(u32, u32)>) -> Good {
    Good {
        sku: sku.to_owned(),
        number,
        title: format!("The {}", sku.to_lowercase()),
        brand: "Edin",
        price: 1_000 + number * 100,
        stock,
        components: Vec::new(),
    }
}

/// Connections as the seller wrote them, these of them with policies: each an id, and what stands behind `policy =`.
#[must_use]
pub fn with_policies(connections: &str, policies: &[(&str, &str)]) -> String {
    policies.iter().fold(connections.to_owned(), |text, (id, policy)| {
        text.replace(&format!("id = \"{id}\"\n"), &format!("id = \"{id}\"\npolicy = {policy}\n"))
    })
}

/// Connections as the seller wrote them, without a word on the mode of these.
#[must_use]
pub fn without_modes(connections: &str, ids: &[&str]) -> String {
    let one = |text: &str| match ids.iter().any(|id| text.contains(&format!("id = \"{id}\"\n"))) {
        true => text.replace("mode = \"live\"\n", ""),
        false => text.to_owned(),
    };
    connections.split("[[connection]]").map(one).collect::<Vec<_>>().join("[[connection]]")
}
