//! What a connection may say, beyond what its types let pass.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use edin_channels::facts::{Facts, Places};
use edin_domain::listing::{Adaptive, Buffer, Costs, Policy};
use edin_domain::{Connection, Currency};

use super::address::{check_base, check_proxy};

/// Risks that can be accepted, in parts of 10 000: none at all would hold back whatever may be.
pub(crate) const RISKS: RangeInclusive<u16> = 1..=10_000;
/// What a buyer may cost; more would only stand for never.
pub(crate) const DEAREST: u16 = 10_000;
/// In seconds. What a number takes longer than that isn't a lag.
const A_DAY: u32 = 86_400;

/// Checks all of it.
///
/// # Errors
/// The first thing that is wrong, and what is expected.
pub(super) fn check(connection: &Connection, facts: &Facts) -> Result<(), String> {
    check_policy(&connection.policy)?;
    check_currency(connection.currency, facts)?;
    check_addresses(connection, facts)?;
    check_storefront(connection)?;
    check_warehouses(connection, facts)
}

fn check_currency(currency: Currency, facts: &Facts) -> Result<(), String> {
    match facts.currencies {
        [] => Ok(()),
        known if known.contains(&currency) => Ok(()),
        known => {
            let known: Vec<_> = known.iter().map(ToString::to_string).collect();
            Err(format!("currency: {currency} can't be {}'s; it sells in {}", facts.title, known.join(", ")))
        }
    }
}

fn check_policy(policy: &Policy) -> Result<(), String> {
    if policy.share > 100 {
        return Err(format!("policy.share: {} is more than 100 percent", policy.share));
    }
    match policy.buffer {
        Buffer::Adaptive(Adaptive { most, .. }) if most > 100 => {
            Err(format!("policy.buffer.most: {most} is more than 100 percent"))
        }
        Buffer::Adaptive(Adaptive { risk, .. }) if !RISKS.contains(&risk) => {
            Err(format!("policy.buffer.risk: {risk} is not from {} to {} parts of 10 000", RISKS.start(), RISKS.end()))
        }
        Buffer::Weighed(Costs { oversell, turned_away }) if oversell.max(turned_away) > DEAREST => {
            Err(format!("policy.buffer: a cost of {} is more than {DEAREST}", oversell.max(turned_away)))
        }
        Buffer::Adaptive(_) | Buffer::Weighed(_) | Buffer::Fixed(_) => Ok(()),
    }
}

fn check_storefront(connection: &Connection) -> Result<(), String> {
    match connection.storefront_seconds {
        Some(seconds) if seconds > A_DAY => Err(format!("storefront_seconds: {seconds} is more than a day ({A_DAY})")),
        _ => Ok(()),
    }
}

fn check_addresses(connection: &Connection, facts: &Facts) -> Result<(), String> {
    if connection.base_url.is_none() && facts.needs_address() {
        return Err(format!("base_url: {} has no address of its own; say where it is: https://…", facts.title));
    }
    let base = connection.base_url.as_deref().map_or(Ok(()), check_base).map_err(|wrong| format!("base_url: {wrong}"));
    let proxy = connection.proxy.as_deref().map_or(Ok(()), check_proxy).map_err(|wrong| format!("proxy: {wrong}"));
    base.and(proxy)
}

fn check_warehouses(connection: &Connection, facts: &Facts) -> Result<(), String> {
    if connection.warehouses.is_empty() {
        return Err(
            "warehouses: there is none; name the channel's warehouse and the locations it sells from".to_owned()
        );
    }
    for (warehouse, locations) in &connection.warehouses {
        let distinct: BTreeSet<_> = locations.iter().collect();
        if facts.places == Places::Numbers && !warehouse.as_str().bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("warehouses.{warehouse}: {} names its warehouses by numbers", facts.title));
        }
        if locations.is_empty() {
            return Err(format!("warehouses.{warehouse}: it sells from no location; name one at least"));
        }
        if distinct.len() < locations.len() {
            return Err(format!("warehouses.{warehouse}: a location stands there twice"));
        }
    }
    Ok(())
}
