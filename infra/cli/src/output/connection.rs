//! A connection, as lines.

use edin_domain::listing::Buffer;
use edin_domain::{Connection, LocationId, WarehouseId};
use edin_look::connections::ConnectionCard;

use super::words::does;

/// What a person set up, and what its channel must be told.
pub(crate) fn lines(ConnectionCard { connection, webhook, webhook_secret, feed }: &ConnectionCard) -> Vec<String> {
    let Connection { id, currency, warehouses, policy, ended_at, .. } = connection;
    let since = connection.mode_since.map_or_else(String::new, |at| format!(", since {at}"));
    let mut lines = vec![
        format!("{id}: an account at {}, in {currency}", connection.channel()),
        format!("  {}{since}", does(connection.mode)),
    ];
    lines.extend(ended_at.map(|at| format!("  ended at {at}: each listing is told a last 0")));
    lines.extend(warehouses.iter().map(warehouse));
    let most = policy.max.map_or_else(String::new, |max| format!(", {max} at most"));
    let (share, buffer, end_when) = (policy.share, buffer(policy.buffer), policy.end_when);
    lines.push(format!("  offers {share} % of what is sellable, buffer {buffer}{most}; none at {end_when} or fewer"));
    lines.extend(webhook.as_ref().map(|url| format!("  its channel calls {url}")));
    lines.extend(webhook_secret.as_ref().map(|secret| format!("  and signs its calls with {secret}")));
    lines.extend(feed.as_ref().map(|url| format!("  its channel pulls {url}")));
    lines
}

fn buffer(buffer: Buffer) -> String {
    match buffer {
        Buffer::Fixed(units) => units.to_string(),
        Buffer::Adaptive(_) => "adaptive".to_owned(),
        Buffer::Weighed(_) => "weighed".to_owned(),
    }
}

fn warehouse((id, locations): (&WarehouseId, &Vec<LocationId>)) -> String {
    let locations: Vec<&str> = locations.iter().map(LocationId::as_str).collect();
    format!("  warehouse {id} sells from {}", locations.join(", then "))
}
