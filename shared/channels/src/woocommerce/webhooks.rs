//! The shop's webhooks that lead to a connection. Pure.

use edin_domain::ConnectionId;

use super::wire::{Webhook, Webhooks};

/// How the webhooks of a connection are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Those that the shop has switched off after too many failures: numbers.
    pub(super) disabled: Vec<u64>,
    /// What a person must see to, in words.
    pub(super) problems: Vec<String>,
}

/// Sorts a shop's webhooks. One that leads elsewhere is another tool's.
pub(super) fn standing(page: Webhooks, connection: &ConnectionId) -> Standing {
    let ours = format!("/hooks/{connection}/");
    let webhooks = page.webhooks.readable("a webhook").into_iter();
    webhooks.filter(|webhook| webhook.delivery_url.contains(&ours)).fold(Standing::default(), |standing, webhook| {
        let Standing { mut disabled, mut problems } = standing;
        match (webhook.status.as_str(), webhook.id.0.parse()) {
            ("disabled", Ok(id)) => disabled.push(id),
            ("disabled" | "paused", _) => problems.push(stopped(&webhook)),
            _ => {}
        }
        Standing { disabled, problems }
    })
}

fn stopped(Webhook { topic, status, .. }: &Webhook) -> String {
    format!("the shop's webhook {topic} is {status}; switch it on in WooCommerce, Settings, Advanced, Webhooks")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::tolerant::read;

    #[test]
    fn what_the_shop_switched_off_is_told_from_what_a_person_did_and_from_other_tools() {
        let webhook = |id: u64, status: &str, url: &str| {
            format!(
                r#"{{"id":{id},"status":"{status}","topic":"order.updated","delivery_url":"https://edin.example{url}"}}"#
            )
        };
        let page = [
            webhook(1, "active", "/hooks/shop/aa"),
            webhook(2, "disabled", "/hooks/shop/aa"),
            webhook(3, "paused", "/hooks/shop/aa"),
            webhook(4, "disabled", "/hooks/shop-two/aa"),
        ];
        let page = read(format!("[{}]", page.join(",")).as_bytes()).unwrap();
        let Standing { disabled, problems } = standing(page, &ConnectionId::new("shop").unwrap());
        assert_eq!((disabled, problems.len()), (vec![2], 1));
        assert!(problems[0].starts_with("the shop's webhook order.updated is paused"), "{problems:?}");
    }
}
