//! Ozon's wire to the domain. Pure.

use std::collections::BTreeMap;

use edin_domain::customer::Contact;
use edin_domain::order::{LineState, Milestone, OrderState};
use edin_domain::{Account, ConnectionId, LineId, Money, OrderId, Personal, Timestamp, WarehouseId};

use super::facts::Settings;
use super::names::{articles, line_id, order_id};
use super::status::Stage;
use super::wire::{self, PostingPush};
use crate::kit::facts::settings;
use crate::kit::read::{Reader, Reading};
use crate::kit::told::{LeftOut, Told};
use crate::kit::tolerant::{Id, Spoilt, Unreadable, read, read_object};

#[cfg(test)]
mod tests;

/// How Ozon's pushes are read.
pub struct Pushes;

impl Reader for Pushes {
    fn read(&self, told: &str, received_at: Timestamp) -> Result<Reading, Unreadable> {
        push(told, received_at)
    }

    /// Ozon signs nothing and pushes any seller's events to any address from the same networks, so this is all that tells one
    /// seller's from another's.
    fn check_account(&self, account: &Account, told: &str) -> Result<(), Unreadable> {
        let ours = settings::<Settings>(account).map(|settings| settings.client_id).unwrap_or_default();
        match seller(told)?.filter(|seller| *seller != ours) {
            None => Ok(()),
            Some(other) => Err(Unreadable::value("seller_id", other, "it is a push of another seller's account")),
        }
    }
}

/// Reads a push.
///
/// # Errors
/// [`Unreadable`] if it isn't what Ozon documents for its type.
pub fn push(body: &str, received_at: Timestamp) -> Result<Reading, Unreadable> {
    let head: wire::Head = read_object(body.as_bytes())?;
    let tells: fn(&PostingPush, Timestamp) -> OrderState = match head.message_type.as_str() {
        "TYPE_NEW_POSTING" => placed,
        "TYPE_POSTING_CANCELLED" => cancelled,
        "TYPE_STATE_CHANGED" => moved_on,
        kind => return Ok(nothing(kind).map_or_else(|| Reading::Unknown(kind.to_owned()), Reading::Nothing)),
    };
    let push: PostingPush = read(body.as_bytes())?;
    let (products, spoilt) = push.products.clone().sorted();
    let (lines, parts) = lines(&push.posting_number, &products, spoilt);
    let told = OrderState { warehouse: warehouse(&push.warehouse_id)?, lines, ..tells(&push, received_at) };
    Ok(Reading::Orders(Told::of(order_id("posting_number", &push.posting_number)?, told), parts))
}

/// The seller whose push it says that it is; none if it doesn't say. Source: docs.ozon.ru/api/seller, Push notifications,
/// `seller_id`, 2026-04-30.
///
/// # Errors
/// [`Unreadable`] if it is neither a number nor a text.
fn seller(body: &str) -> Result<Option<String>, Unreadable> {
    let wire::Whose { seller_id: Id(id) } = read_object(body.as_bytes())?;
    Ok(Some(id).filter(|id| !id.is_empty()))
}

/// What Ozon documents and Edin has no use for. Source: docs.ozon.ru/api/seller, Push notifications, 2026-09-22.
fn nothing(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "TYPE_PING" => "a connection check",
        "TYPE_CUTOFF_DATE_CHANGED" => "another time to assemble a posting by",
        "TYPE_DELIVERY_DATE_CHANGED" => "another time of delivery",
        "TYPE_STOCKS_CHANGED" => "the stock that Ozon shows, which follows what it was told",
        "TYPE_CREATE_OR_UPDATE_ITEM" | "TYPE_CREATE_ITEM" | "TYPE_UPDATE_ITEM" => "a change of a product card",
        "TYPE_DESCRIPTION_CATEGORY_TREE_CHANGED" => "a change of Ozon's categories",
        "TYPE_PRICE_INDEX_CHANGED" => "how Ozon rates a price",
        "TYPE_NEW_MESSAGE" | "TYPE_UPDATE_MESSAGE" | "TYPE_MESSAGE_READ" | "TYPE_CHAT_CLOSED" => "a chat",
        "TYPE_FBO_POSTING_NEW"
        | "TYPE_FBO_POSTING_CANCELLED"
        | "TYPE_FBO_POSTING_STATE_CHANGED"
        | "TYPE_FBO_POSTING_DELIVERY_DATE_CHANGED"
        | "TYPE_FBO_STOCKS_CHANGED" => "goods that lie in Ozon's own warehouse",
        "TYPE_ORDER_NEW" | "TYPE_ORDER_CANCELLED" | "TYPE_ORDER_STATE_CHANGED" => {
            "an order as a whole; its postings are told one by one"
        }
        _ => return None,
    })
}

fn placed(push: &PostingPush, received_at: Timestamp) -> OrderState {
    OrderState::default().with(Milestone::Placed, push.in_process_at.0.unwrap_or(received_at))
}

fn cancelled(push: &PostingPush, received_at: Timestamp) -> OrderState {
    let at = push.changed_state_date.0.unwrap_or(received_at);
    let state = match Stage::of(&push.old_state).is_packed() {
        true => OrderState::default().with(Milestone::Shipped, at),
        false => OrderState::default(),
    };
    state.with(Milestone::Cancelled, at)
}

fn moved_on(push: &PostingPush, received_at: Timestamp) -> OrderState {
    let stage = Stage::of(&push.new_state);
    stage.warn(&push.posting_number, &push.new_state);
    stage.note(OrderState::default(), push.changed_state_date.0.unwrap_or(received_at))
}

/// What a listed posting tells, and the goods in it that can't be read. If it was split off, also that its units left the
/// one that it was split from.
///
/// # Errors
/// [`Unreadable`] if an id in it can't be one.
pub fn posting(posting: &wire::Posting, read_at: Timestamp) -> Result<(Told, Vec<LeftOut>), Unreadable> {
    let id = order_id("posting_number", &posting.posting_number)?;
    let parent = parent(posting)?;
    let (products, spoilt) = posting.products.clone().sorted();
    let (lines, parts) = lines(&posting.posting_number, &products, spoilt);
    let given = parent.clone().map(|parent| (parent, given_to(&id, &lines)));
    let mut state = state(posting, parent, lines, read_at)?;
    // Only who can read all goods knows how many are still wanted, or have left, and what they cost.
    if parts.is_empty() {
        state.total = total(&products);
        let (is_alive, has_left) = (Stage::of(&posting.status).is_alive(), posting.cancellation.cancelled_after_ship);
        for line in state.lines.values_mut().filter(|line| is_alive || (has_left && line.ordered > 0)) {
            (line.kept, line.listed_at) = (Some(line.ordered), Some(read_at.into()));
        }
    }
    let orders = [(id, state)].into_iter().chain(given).collect();
    Ok((Told { orders, contact: contact(posting) }, parts))
}

fn state(
    posting: &wire::Posting,
    parent: Option<OrderId>,
    lines: BTreeMap<LineId, LineState>,
    read_at: Timestamp,
) -> Result<OrderState, Unreadable> {
    let stage = Stage::of(&posting.status);
    stage.warn(&posting.posting_number, &posting.status);
    let warehouse = warehouse(&posting.delivery_method.warehouse_id)?;
    let left_at = posting.delivering_date.0.unwrap_or(read_at);
    let state = OrderState { warehouse, lines, parent, ..OrderState::default() }
        .with(Milestone::Placed, posting.in_process_at.0.unwrap_or(read_at));
    Ok(match stage {
        Stage::Cancelled if posting.cancellation.cancelled_after_ship => {
            state.with(Milestone::Shipped, left_at).with(Milestone::Cancelled, read_at)
        }
        Stage::Gone | Stage::Delivered => stage.note(state.with(Milestone::Shipped, left_at), read_at),
        _ => stage.note(state, read_at),
    })
}

fn parent(posting: &wire::Posting) -> Result<Option<OrderId>, Unreadable> {
    match posting.parent_posting_number.as_str() {
        "" => Ok(None),
        parent if parent == posting.posting_number => Ok(None),
        parent => order_id("parent_posting_number", parent).map(Some),
    }
}

/// What a posting tells of its parent: that these units went over to it.
fn given_to(child: &OrderId, lines: &BTreeMap<LineId, LineState>) -> OrderState {
    let given = |line: &LineState| LineState {
        articles: line.articles.clone(),
        moved: BTreeMap::from([(child.clone(), line.ordered)]),
        ..LineState::default()
    };
    OrderState { lines: lines.iter().map(|(id, line)| (id.clone(), given(line))).collect(), ..OrderState::default() }
}

/// A line is a good: its id is Ozon's `sku`, which every message carries. A good that is told twice is one line; one that
/// can't be read is left out.
fn lines(
    posting: &str,
    products: &[wire::Product],
    spoilt: Vec<Spoilt>,
) -> (BTreeMap<LineId, LineState>, Vec<LeftOut>) {
    let mut lines = BTreeMap::<LineId, LineState>::new();
    let mut parts = LeftOut::goods(posting, &spoilt);
    for product in products {
        match line_id(&product.sku) {
            Ok(id) => {
                let line = lines.entry(id).or_default();
                line.ordered = line.ordered.saturating_add(product.quantity);
                line.articles.extend(articles(&product.sku, &product.offer_id));
            }
            Err(error) => parts.push(LeftOut::of(posting, &format!("the good {:?}: {error}", product.offer_id.0))),
        }
    }
    (lines, parts)
}

fn warehouse(id: &Id) -> Result<Option<WarehouseId>, Unreadable> {
    match id.0.as_str() {
        "" | "0" => Ok(None),
        told => WarehouseId::new(told).map(Some).map_err(|error| Unreadable::value("warehouse_id", told, error.rule)),
    }
}

/// None if a price is missing, or they are in several currencies: an order without its sum is still an order.
fn total(products: &[wire::Product]) -> Option<Money> {
    let (first, rest) = products.split_first()?;
    rest.iter().try_fold(cost(first)?, |sum, product| {
        let cost = cost(product).filter(|cost| cost.currency == sum.currency)?;
        Some(Money::new(sum.minor.checked_add(cost.minor)?, sum.currency))
    })
}

fn cost(product: &wire::Product) -> Option<Money> {
    let currency = [&product.price.currency, &product.currency_code].into_iter().find(|code| !code.is_empty())?;
    let price = product.price.amount.money(currency.parse().ok()?).ok()?;
    Some(Money::new(price.minor.checked_mul(i64::from(product.quantity))?, price.currency))
}

/// Only rFBS postings tell of a person; the number is a substitute one.
fn contact(posting: &wire::Posting) -> Option<Contact> {
    let customer = posting.customer.clone().unwrap_or_default();
    let addressee = posting.addressee.clone().unwrap_or_default();
    let contact = Contact {
        name: told(customer.name.reveal()).or_else(|| told(addressee.name.reveal())),
        substitute_phone: told(customer.phone.reveal()).or_else(|| told(addressee.phone.reveal())),
        email: told(customer.customer_email.reveal()),
        buyer_id: told(&customer.customer_id.0).filter(|id| id.reveal() != "0"),
        address: told(&one_line(&customer.address)),
        ..Contact::default()
    };
    (!contact.is_empty()).then_some(contact)
}

fn one_line(address: &wire::Address) -> String {
    let parts = [&address.zip_code.0, &address.region, &address.district, &address.city, address.address_tail.reveal()];
    parts.map(|part| part.trim()).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn told(text: &str) -> Option<Personal<String>> {
    (!text.trim().is_empty()).then(|| Personal::new(text.trim().to_owned()))
}

/// Whether a list left out the goods of a posting that should have some, so that `/v3/posting/fbs/get` must be asked.
#[must_use]
pub fn lacks_products(posting: &wire::Posting) -> bool {
    posting.products.is_empty() && Stage::of(&posting.status).is_alive()
}

/// Whether a list left out the telephone number of an rFBS posting.
#[must_use]
pub fn lacks_phone(posting: &wire::Posting) -> bool {
    let seller_delivers = matches!(posting.tpl_integration_type.as_str(), "3pl_tracking" | "non_integrated");
    let phone = posting.customer.as_ref().map(|customer| customer.phone.reveal().as_str());
    match phone {
        Some(phone) => phone.is_empty(),
        None => seller_delivers,
    }
}

/// A listed posting with what only `/v3/posting/fbs/get` tells. The e-mail address is in lists only.
#[must_use]
pub fn completed(listed: wire::Posting, full: wire::Posting) -> wire::Posting {
    let email = listed.customer.as_ref().map(|customer| customer.customer_email.clone()).unwrap_or_default();
    let customer =
        full.customer.map(|customer| wire::Customer { customer_email: email, ..customer }).or(listed.customer);
    let products = if listed.products.is_empty() { full.products } else { listed.products };
    wire::Posting { customer, products, addressee: full.addressee.or(listed.addressee), ..listed }
}

/// The paths among `needed` that no role of the key opens, in words. A key whose roles name no paths, or an admin's,
/// may do everything; what one may do that has a role that can't be read isn't known.
#[must_use]
pub fn missing<const N: usize>(roles: wire::Roles, needed: [&str; N]) -> Vec<String> {
    let (roles, spoilt) = roles.roles.sorted();
    let methods: Vec<_> = roles.iter().flat_map(|role| &role.methods).collect();
    if methods.is_empty() || !spoilt.is_empty() || roles.iter().any(|role| role.name == "Admin") {
        return Vec::new();
    }
    let opens = |path: &str| methods.iter().any(|method| path == *method || path.starts_with(&format!("{method}/")));
    let lacking = needed.into_iter().filter(|path| !opens(path));
    lacking.map(|path| format!("no role of the API key allows {path}: add one in Ozon's cabinet, API keys")).collect()
}

/// What is wrong with the pushes to `connection`'s address, in words. The address itself is a secret, so it isn't repeated;
/// other addresses are other tools'. Source: docs.ozon.ru/api/seller, News of 2026-09-02.
#[must_use]
pub fn push_problems(notifications: wire::Notifications, connection: &ConnectionId) -> Vec<String> {
    let ours = format!("/hooks/{connection}/");
    let urls = notifications.urls.readable("an address that Ozon pushes to").into_iter();
    urls.filter(|url| url.url.contains(&ours)).filter_map(push_problem).collect()
}

fn push_problem(url: wire::NotificationUrl) -> Option<String> {
    let status = url.availability_status.to_ascii_lowercase();
    let is_bad = ["unstable", "unavailable", "not_available"].iter().any(|bad| status.contains(bad));
    match (url.enable, url.disable_reason.as_str()) {
        (false, "") => Some("Ozon has stopped pushing; confirm the address in its cabinet, Notifications".to_owned()),
        (false, reason) => {
            Some(format!("Ozon has stopped pushing ({reason}); confirm the address in its cabinet, Notifications"))
        }
        (true, _) if is_bad => {
            Some(format!("Ozon finds the address of its pushes {status}; it stops after three unavailable days"))
        }
        (true, _) => None,
    }
}
