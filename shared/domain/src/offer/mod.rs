//! From the stock to a listing's number: everything that decides what one listing shall show.

mod foresight;
mod stock;

use std::time::Duration;

pub use foresight::{Foresight, Sight};
pub use stock::Stock;

use crate::Timestamp;
use crate::bundle::Product;
use crate::connection::{Connection, Telling};
use crate::demand::Pace;
use crate::listing::{Listing, Offer, Rule};
use crate::shown::{Acknowledged, Decision, Shown};
use crate::stock::Tally;

/// What a listing shall show, and what is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The policy's arithmetic.
    pub offer: Offer,
    /// What is behind the buffer; none if it is fixed.
    pub foresight: Option<Foresight>,
    /// What the channel did to the number by itself so far.
    pub tally: Tally,
    /// The version of the stock behind it.
    pub version: u64,
    /// When that stock changed last, or since when its connection is in its mode, if that is later; none if there is no stock.
    pub changed_at: Option<Timestamp>,
    /// What the channel may be told of it.
    pub telling: Telling,
    /// What is to be done.
    pub decision: Decision,
}

impl Due {
    /// What to remember when the channel took the number.
    #[must_use]
    pub const fn acknowledged(&self, at: Timestamp) -> Acknowledged {
        Acknowledged { quantity: self.offer.quantity, at, tally: self.tally, version: self.version }
    }

    /// Whether the channel is left in peace: it took its last 0, or may be told nothing. What it shows is nobody's drift.
    #[must_use]
    pub fn is_left_in_peace(&self) -> bool {
        match self.telling {
            Telling::Nothing => true,
            Telling::LastZero(_) => self.decision == Decision::UpToDate,
            Telling::All => self.offer.rule == Rule::Delisted && self.decision == Decision::UpToDate,
        }
    }

    /// Whether the channel was told of the very stock that there is: then it is demand that has moved the number, which wakes
    /// nobody, or the listing's settings.
    #[must_use]
    pub fn moved_by_demand(&self, shown: &Shown) -> bool {
        self.foresight.is_some() && shown.acknowledged.is_some_and(|told| told.version == self.version)
    }
}

/// Works out what `listing` shall show now.
#[must_use]
pub fn due(
    listing: &Listing,
    product: &Product,
    connection: &Connection,
    pace: Pace,
    stock: &Stock,
    shown: &Shown,
    now: Timestamp,
) -> Due {
    let components = product.components();
    let locations = connection.sells_from(&listing.key.warehouse);
    let policy = connection.policy(listing);
    let sellable = stock.sellable(&components, locations);
    let sight = Sight { components: &components, connection: &connection.id, locations, now };
    let foresight = stock.foresight(sight, policy.buffer, pace, shown.lag_ms.map(Duration::from_millis));
    let wanted = foresight.map_or(0, |foresight| foresight.wanted);
    let offer = policy.offer(connection.standing(listing, product), sellable, wanted);
    let tally = stock.tally_on(&components, &listing.key);
    let telling = connection.telling(listing, now);
    let decision = match telling {
        Telling::All => shown.decide(offer.quantity, tally, now),
        Telling::LastZero(since) => shown.decide_last(since, now),
        Telling::Nothing => Decision::Withheld,
    };
    let version = stock.version(&components, locations);
    // While nothing was told nothing was late, either.
    let changed_at =
        stock.changed_at(&components, locations).map(|at| connection.mode_since.map_or(at, |since| at.max(since)));
    Due { offer, foresight, tally, version, changed_at, telling, decision }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::bundle::Kind;
    use crate::connection::{Assortment, Mode};
    use crate::demand::Demand;
    use crate::listing::{Adaptive, Buffer, Costs, ListingKey, OwnPolicy, Policy, Standing};
    use crate::stock::{Change, Level, Place};
    use crate::{Account, Cause, ChannelName, ConnectionId, Currency, LocationId, Sku, WarehouseId};

    const MINUTE: Duration = Duration::from_secs(60);
    const PACE: Pace = Pace { heard: MINUTE, interval: Some(Duration::ZERO), storefront: Duration::ZERO };
    const OPENED_AT: Timestamp = Timestamp::from_millis(0);
    const ALL: Adaptive = Adaptive { risk: 10, most: 100, last_unit: false };

    fn sku(name: &str) -> Sku {
        Sku::new(name).unwrap()
    }

    fn now() -> Timestamp {
        OPENED_AT.plus(MINUTE * 60 * 24)
    }

    /// So many of a SKU are available after another connection has sold so many just now.
    fn stock(of: &str, available: i64, sold: i64) -> Stock {
        let level = Level {
            place: Place { sku: sku(of), location: LocationId::new("almaty").unwrap() },
            on_hand: available + sold,
            reserved: sold,
            available,
            version: 2,
            cause: Cause::new("e").unwrap(),
            changed_at: now(),
            opened_at: OPENED_AT,
            changes: vec![Change { order: "ozon/1".to_owned(), on_hand: 0, reserved: sold }],
            own: BTreeMap::new(),
        };
        let mut stock: Stock = [level.clone()].into_iter().collect();
        stock.extend(Demand::default().with([&level]).map(|demand| (sku(of), demand)));
        stock
    }

    fn product(of: &str, kind: Kind) -> Product {
        Product { sku: sku(of), title: of.to_owned(), kind, barcodes: Vec::new(), brand: None, cost: None }
    }

    fn at(connection: &str, product: &Product, stock: &Stock, buffer: Buffer, shown: &Shown, now: Timestamp) -> Due {
        let (listing, connection) = listed(connection, product, buffer);
        due(&listing, product, &connection, PACE, stock, shown, now)
    }

    /// A listing with nothing of its own, at a connection that sells from Almaty with this buffer.
    fn listed(connection: &str, product: &Product, buffer: Buffer) -> (Listing, Connection) {
        let (id, warehouse) = (ConnectionId::new(connection).unwrap(), WarehouseId::new("1").unwrap());
        let key = ListingKey { connection: id.clone(), warehouse: warehouse.clone(), sku: product.sku.clone() };
        let locations = vec![LocationId::new("almaty").unwrap()];
        let listing = Listing {
            key,
            ids: BTreeMap::new(),
            policy: OwnPolicy::default(),
            standing: Standing::Selling,
            ended_at: None,
        };
        let connection = Connection {
            id,
            account: Account::of(ChannelName::of("wildberries")),
            currency: Currency::KZT,
            base_url: None,
            proxy: None,
            warehouses: [(warehouse, locations)].into(),
            policy: Policy { buffer, ..Policy::default() },
            assortment: Assortment::Everything,
            storefront_seconds: None,
            mode: Mode::Live,
            mode_since: None,
            ended_at: None,
            max_line_units: None,
        };
        (listing, connection)
    }

    fn offered(connection: &str, product: &Product, stock: &Stock, buffer: Buffer) -> u32 {
        at(connection, product, stock, buffer, &Shown::default(), now()).offer.quantity
    }

    #[test]
    fn what_is_sold_elsewhere_is_held_back_and_what_is_sold_here_is_not() {
        let (tea, stock) = (product("TEA", Kind::Simple), stock("TEA", 10, 30));
        assert_eq!(offered("wb", &tea, &stock, Buffer::Adaptive(ALL)), 7, "20.8 an hour, 0.35 a minute");
        assert_eq!(offered("ozon", &tea, &stock, Buffer::Adaptive(ALL)), 10);
        assert_eq!(offered("wb", &tea, &stock, Buffer::Fixed(1)), 9);
    }

    #[test]
    fn what_has_ended_is_told_a_last_0_and_then_nothing() {
        let ended_at = now();
        let zero = |at| Acknowledged { quantity: 0, at, tally: Tally::default(), version: 1 };
        let due = |shown: &Shown, ended: (bool, bool), at| {
            let (product, stock) = (product("TEA", Kind::Simple), stock("TEA", 10, 0));
            let (mut listing, mut connection) = listed("wb", &product, Buffer::Fixed(0));
            listing.ended_at = ended.0.then_some(ended_at);
            connection.ended_at = ended.1.then_some(ended_at);
            super::due(&listing, &product, &connection, PACE, &stock, shown, at)
        };
        for ended in [(true, false), (false, true), (true, true)] {
            let told = |zero| Shown { acknowledged: Some(zero), ..Shown::default() };
            let first = due(&Shown::default(), ended, now());
            assert_eq!((first.offer.quantity, first.offer.rule, first.decision), (0, Rule::Delisted, Decision::Push));
            assert_eq!(due(&told(zero(now())), ended, now()).decision, Decision::UpToDate);
            let of_before = told(Acknowledged { quantity: 3, ..zero(OPENED_AT) });
            assert_eq!(due(&of_before, ended, now()).decision, Decision::Push);
            let zero_of_before = told(zero(OPENED_AT));
            assert_eq!(due(&zero_of_before, ended, now()).decision, Decision::Push, "it may show a unit again");
            let sold_more = Shown {
                acknowledged: Some(Acknowledged { tally: Tally { sold: -1, ..Tally::default() }, ..zero(now()) }),
                ..Shown::default()
            };
            assert_eq!(due(&sold_more, ended, now()).decision, Decision::UpToDate, "silence");
        }
        let given_up_on = now().plus(MINUTE * 60 * 24 * 30);
        assert_eq!(due(&Shown::default(), (false, true), given_up_on).decision, Decision::Withheld);
        assert_eq!(due(&Shown::default(), (true, false), given_up_on).decision, Decision::Push);
    }

    #[test]
    fn what_a_channel_is_told_depends_on_its_connections_mode() {
        use Decision::{Push, UpToDate, Withheld};
        let (product, stock, since) = (product("TEA", Kind::Simple), stock("TEA", 10, 0), now().plus(MINUTE));
        let told = |quantity, at| Some(Acknowledged { quantity, at, tally: Tally::default(), version: 1 });
        let due = |mode, acknowledged, (listing_ended, connection_ended): (bool, bool)| {
            let (mut listing, connection) = listed("wb", &product, Buffer::Fixed(0));
            let mut connection = connection.in_mode(mode, since);
            listing.ended_at = listing_ended.then_some(since);
            connection.ended_at = connection_ended.then_some(since);
            let shown = Shown { acknowledged, ..Shown::default() };
            super::due(&listing, &product, &connection, PACE, &stock, &shown, since.plus(MINUTE))
        };
        let (before, after, goes_on) = (now(), since.plus(MINUTE), (false, false));
        for (mode, shown, ended, expected, why) in [
            (Mode::Live, None, goes_on, (10, Push), "live"),
            (Mode::Live, told(10, before), goes_on, (10, UpToDate), "live, and it shows that"),
            (Mode::Observe, None, goes_on, (10, Withheld), "what would be told is known, and not told"),
            (Mode::Observe, None, (true, false), (0, Withheld), "what it shows was never ours to end"),
            (Mode::Observe, None, (false, true), (0, Withheld), "not by ending the connection either"),
            (Mode::Paused, told(3, before), goes_on, (10, Withheld), "it goes on showing 3"),
            (Mode::Paused, told(3, before), (true, false), (0, Withheld), "until it goes on"),
            (Mode::Paused, told(3, before), (false, true), (0, Push), "to end it is the last word"),
            (Mode::Zero, told(10, before), goes_on, (0, Push), "a last 0"),
            (Mode::Zero, told(0, before), goes_on, (0, Push), "which it took since then"),
            (Mode::Zero, told(0, after), goes_on, (0, UpToDate), "and nothing after it"),
        ] {
            let due = due(mode, shown, ended);
            assert_eq!((due.offer.quantity, due.decision), expected, "{why}");
            assert_eq!(due.is_left_in_peace(), mode != Mode::Live && due.decision != Push, "{why}");
        }
    }

    #[test]
    fn what_changed_before_a_connection_went_live_is_not_late() {
        let (product, stock) = (product("TEA", Kind::Simple), stock("TEA", 10, 0));
        let (listing, connection) = listed("wb", &product, Buffer::Fixed(0));
        let live_since = now().plus(MINUTE);
        let connection = connection.in_mode(Mode::Observe, now()).in_mode(Mode::Live, live_since);
        let due = super::due(&listing, &product, &connection, PACE, &stock, &Shown::default(), live_since);
        assert_eq!(due.changed_at, Some(live_since));
        assert_eq!(connection.clone().in_mode(Mode::Live, now().plus(MINUTE * 9)), connection, "it is live already");
    }

    #[test]
    fn a_warehouse_that_is_dropped_from_its_connection_sells_nothing() {
        let (product, stock) = (product("TEA", Kind::Simple), stock("TEA", 10, 0));
        let (listing, mut connection) = listed("wb", &product, Buffer::Fixed(0));
        let due = |connection: &Connection| {
            super::due(&listing, &product, connection, PACE, &stock, &Shown::default(), now()).offer
        };
        assert_eq!(due(&connection).quantity, 10);
        let elsewhere = WarehouseId::new("2").unwrap();
        connection.warehouses =
            std::mem::take(&mut connection.warehouses).into_values().map(|from| (elsewhere.clone(), from)).collect();
        assert_eq!((due(&connection).quantity, due(&connection).rule), (0, Rule::Delisted));
    }

    #[test]
    fn a_changed_policy_counts_at_once_for_what_has_none_of_its_own() {
        let (product, stock) = (product("TEA", Kind::Simple), stock("TEA", 10, 0));
        let (mut listing, mut connection) = listed("wb", &product, Buffer::Fixed(0));
        connection.policy.share = 50;
        let quantity = |listing: &Listing| {
            super::due(listing, &product, &connection, PACE, &stock, &Shown::default(), now()).offer.quantity
        };
        assert_eq!(quantity(&listing), 5);
        listing.policy.share = Some(80);
        assert_eq!(quantity(&listing), 8);
    }

    #[test]
    fn the_last_unit_is_on_sale_where_the_seller_says() {
        let (tea, stock) = (product("TEA", Kind::Simple), stock("TEA", 1, 30));
        let last_unit = Adaptive { last_unit: true, ..ALL };
        let offers = [ALL, last_unit].map(|adaptive| offered("wb", &tea, &stock, Buffer::Adaptive(adaptive)));
        assert_eq!(offers, [0, 1]);
    }

    #[test]
    fn a_bundle_holds_back_what_is_sold_of_its_components() {
        let set = product("SET", Kind::Bundle { components: [(sku("TEA"), 1), (sku("CUP"), 2)].into() });
        let mut stock = stock("TEA", 100, 0);
        stock.add(self::stock("CUP", 20, 30));
        let due = at("wb", &set, &stock, Buffer::Adaptive(ALL), &Shown::default(), now());
        assert_eq!((due.offer.sellable, due.offer.quantity, due.offer.rule), (10, 8, Rule::Plain), "3 cups are 2 sets");
        assert_eq!(
            due.foresight.map(|foresight| (foresight.elsewhere.to_string(), foresight.wanted)),
            Some(("20.794".to_owned(), 2))
        );
    }

    #[test]
    fn a_slower_channel_holds_more_back() {
        let (tea, stock) = (product("TEA", Kind::Simple), stock("TEA", 100, 30));
        let slow = Shown { lag_ms: Some(3_600_000), ..Shown::default() };
        let [fast, slow] = [Shown::default(), slow]
            .map(|shown| at("wb", &tea, &stock, Buffer::Adaptive(ALL), &shown, now()).offer.buffer);
        assert_eq!((fast, slow), (3, 37));
    }

    #[test]
    fn what_costs_least_is_offered_and_what_was_weighed_is_said() {
        let (tea, stock) = (product("TEA", Kind::Simple), stock("TEA", 2, 30));
        let slow = Shown { lag_ms: Some(600_000), ..Shown::default() };
        let due = |oversell, shown: &Shown| {
            at("wb", &tea, &stock, Buffer::Weighed(Costs { oversell, turned_away: 1 }), shown, now())
        };
        let numbers = [(5, Shown::default()), (5, slow.clone()), (0, slow.clone())]
            .map(|(oversell, shown)| due(oversell, &shown).offer.quantity);
        assert_eq!(numbers, [2, 0, 2]);
        let foresight = due(5, &slow).foresight.unwrap();
        assert_eq!(
            (foresight.elsewhere.to_string(), foresight.lag_ms, foresight.wanted),
            ("20.794".to_owned(), 630_000, 2)
        );
        assert_eq!(
            foresight.weighed.map(|weighed| (weighed.here.to_string(), weighed.shown)),
            Some(("0.000".to_owned(), 0))
        );
    }

    #[test]
    fn a_bundle_is_weighed_by_the_component_that_leaves_fewest() {
        let set = product("SET", Kind::Bundle { components: [(sku("TEA"), 1), (sku("CUP"), 2)].into() });
        let mut stock = stock("TEA", 100, 30);
        stock.add(self::stock("CUP", 6, 60));
        let slow = Shown { lag_ms: Some(600_000), ..Shown::default() };
        let due = at("wb", &set, &stock, Buffer::Weighed(Costs::default()), &slow, now());
        let foresight = due.foresight.unwrap();
        assert_eq!((due.offer.sellable, due.offer.quantity, foresight.wanted), (3, 0, 3));
        assert_eq!(foresight.elsewhere.to_string(), "41.588");
    }

    #[test]
    fn a_number_that_only_demand_moved_is_told_from_one_that_the_stock_moved() {
        let (tea, stock) = (product("TEA", Kind::Simple), stock("TEA", 10, 30));
        let told = at("wb", &tea, &stock, Buffer::Adaptive(ALL), &Shown::default(), now()).acknowledged(now());
        let shown = |told| Shown { acknowledged: Some(told), ..Shown::default() };
        let later = now().plus(MINUTE * 60 * 6);
        let due = |buffer, told| at("wb", &tea, &stock, buffer, &shown(told), later);
        let faded = due(Buffer::Adaptive(ALL), told);
        assert_eq!((faded.offer.quantity, faded.decision), (9, Decision::Push));
        assert!(faded.moved_by_demand(&shown(told)));
        let of_before = Acknowledged { version: 1, ..told };
        assert!(!due(Buffer::Adaptive(ALL), of_before).moved_by_demand(&shown(of_before)));
        assert!(!due(Buffer::Fixed(1), told).moved_by_demand(&shown(told)));
    }
}
