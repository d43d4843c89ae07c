//! What a key may do. Pure. Source: github.com/yandex-market/yandex-market-partner-api, getAuthTokenInfo and each method's
//! `x-auth-scopes`, 2026-07-17.

use super::wire::ApiKey;

/// Scopes that open reading orders and returns.
const ORDERS: [&str; 4] = [
    "ALL_METHODS",
    "ALL_METHODS_READ_ONLY",
    "INVENTORY_AND_ORDER_PROCESSING",
    "INVENTORY_AND_ORDER_PROCESSING_READ_ONLY",
];
/// Scopes that open writing stock, and reading what is shown.
const STOCK: [&str; 2] = ["ALL_METHODS", "OFFERS_AND_CARDS_MANAGEMENT"];

/// What the key lacks, in words for a person.
pub(super) fn problems(key: &ApiKey) -> Vec<String> {
    let opens = |scopes: &[&str]| key.auth_scopes.iter().any(|scope| scopes.contains(&scope.as_str()));
    let needed: [(&[&str], &str); 2] = [(&ORDERS, "orders and returns"), (&STOCK, "stock")];
    let lacking = needed.into_iter().filter(|(scopes, _)| !opens(scopes));
    lacking
        .map(|(scopes, what)| {
            let enough = scopes.join(" or ");
            format!("the Api-Key token opens no {what}: give it {enough} in the Market's cabinet, API and modules")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_opens_too_little_is_told_of() {
        for (scopes, lacking) in [
            (vec!["ALL_METHODS"], vec![]),
            (vec!["OFFERS_AND_CARDS_MANAGEMENT", "INVENTORY_AND_ORDER_PROCESSING_READ_ONLY"], vec![]),
            (vec!["ALL_METHODS_READ_ONLY"], vec!["stock"]),
            (vec!["OFFERS_AND_CARDS_MANAGEMENT_READ_ONLY", "PRICING"], vec!["orders and returns", "stock"]),
            (vec![], vec!["orders and returns", "stock"]),
        ] {
            let key = ApiKey { auth_scopes: scopes.iter().map(ToString::to_string).collect() };
            let problems = problems(&key);
            assert_eq!(problems.len(), lacking.len(), "{scopes:?}");
            assert!(problems.iter().zip(lacking).all(|(problem, what)| problem.contains(&format!("opens no {what}:"))));
        }
    }
}
