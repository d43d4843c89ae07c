//! A case: a channel, two goods of its own, and the house.

use std::collections::BTreeMap;
use std::time::Duration;

use acceptance::{Good, SOON, World, until};
use anyhow::{Context, bail, ensure};
use edin_channels::facts::{Facts, HookFact};
use edin_domain::shown::Decision;
use edin_domain::{ChannelName, ConnectionId, Sku};
use edin_look::why::ListingSaid;
use edin_store::reading::ReadingState;
use edin_trade::messages::Read;
use judge::order::Units;
use judge::shelf::There;
use poll::Topic;
use simulators::{Enrolment, Faults, Opened, Sale};

/// What a case has to do with.
pub(super) struct Case<'a> {
    pub(super) world: &'a World,
    pub(super) facts: &'static Facts,
    pub(super) stand: &'a Opened,
    /// Another channel.
    pub(super) other: &'a Opened,
    pub(super) good: &'a Good,
    /// A second good.
    pub(super) beside: &'a Good,
}

/// Reading goes on so long until it has found something: some channels must be read more than once.
const FOUND: Duration = Duration::from_secs(60);

/// Every channel is told within that: the longest time for which one takes no second number for a good, and what needs nobody's leave.
pub(super) fn told_within() -> Duration {
    edin_channels::all().filter_map(|facts| facts.stock.interval()).max().unwrap_or_default() + SOON
}

impl<'a> Case<'a> {
    pub(super) fn new(world: &'a World, facts: &'static Facts, index: usize) -> anyhow::Result<Self> {
        let stand_of = |is_wanted: &dyn Fn(ChannelName) -> bool| {
            world.stage.stands().find(|stand| is_wanted(stand.channel())).context("there is no such stand-in")
        };
        let stand = stand_of(&|channel| channel == facts.name)?;
        let other = stand_of(&|channel| channel != facts.name)?;
        let goods = world.goods();
        Ok(Self { world, facts, stand, other, good: &goods[index * 2], beside: &goods[index * 2 + 1] })
    }

    pub(super) fn connection(&self) -> &'static str {
        self.stand.enrolment().connection
    }

    /// The seller's first warehouse there.
    pub(super) fn warehouse(&self) -> String {
        first_warehouse(self.stand)
    }

    /// Whether the channel tells of its orders by itself.
    pub(super) fn pushes(&self) -> bool {
        self.facts.hook != HookFact::Silent
    }

    pub(super) fn faults(&self, mut change: impl FnMut(&mut Faults)) {
        self.stand.faults(&mut change);
    }

    /// A buyer buys one here.
    pub(super) async fn buy(&self, good: &Good) -> anyhow::Result<Sale> {
        Ok(self.stand.buy(good, &self.warehouse()).await?)
    }

    /// A buyer buys one at the other channel, and the house comes to know.
    pub(super) async fn buy_elsewhere(&self, good: &Good) -> anyhow::Result<()> {
        let sale = self.other.buy(good, &first_warehouse(self.other)).await?;
        let connection = self.other.enrolment().connection;
        let name = format!("{connection}/{}", sale.order);
        self.until_read_at(connection, Read::Newest, &name, &lines(good, Units::bought(1))).await
    }

    /// Reads the channel once. What its limits hold up for now is no failure.
    pub(super) async fn read(&self, reading: Read) -> anyhow::Result<Option<String>> {
        self.read_at(self.connection(), reading, SOON).await
    }

    /// The same of many orders, which take so long to be taken in.
    pub(super) async fn read_within(&self, bound: Duration, reading: Read) -> anyhow::Result<Option<String>> {
        self.read_at(self.connection(), reading, bound).await
    }

    async fn read_at(&self, connection: &str, reading: Read, bound: Duration) -> anyhow::Result<Option<String>> {
        let failed = self.world.house.poll_one(&ConnectionId::new(connection)?, reading).await?;
        until("messages in the inbox", bound, 0, async || self.world.house.waiting("inbox").await).await?;
        Ok(failed)
    }

    /// Waits until the house has heard of an order what really is: by itself where the channel pushes, else by its newest orders.
    pub(super) async fn until_heard(&self, order: &str, good: &Good, units: Units) -> anyhow::Result<()> {
        match self.pushes() {
            true => self.until_recorded(order, good, units).await,
            false => self.until_read(Read::Newest, order, good, units).await,
        }
    }

    /// Waits until the table has an order as it really is.
    pub(super) async fn until_recorded(&self, order: &str, good: &Good, units: Units) -> anyhow::Result<()> {
        let lines = lines(good, units);
        let name = format!("{}/{order}", self.connection());
        until("what the table has wrong", SOON, Vec::new(), async || self.wrong(&name, &lines).await).await
    }

    /// Reads again and again until the table has an order as it really is.
    pub(super) async fn until_read(&self, reading: Read, order: &str, good: &Good, units: Units) -> anyhow::Result<()> {
        let name = format!("{}/{order}", self.connection());
        self.until_read_at(self.connection(), reading, &name, &lines(good, units)).await
    }

    async fn until_read_at(
        &self,
        connection: &str,
        reading: Read,
        name: &str,
        lines: &BTreeMap<String, Units>,
    ) -> anyhow::Result<()> {
        until("what the table has wrong", FOUND, Vec::new(), async || {
            let failed = self.read_at(connection, reading.clone(), SOON).await?;
            Ok(failed.into_iter().chain(self.wrong(name, lines).await?).collect())
        })
        .await
    }

    async fn wrong(&self, name: &str, lines: &BTreeMap<String, Units>) -> anyhow::Result<Vec<String>> {
        let (connection, order) = name.split_once('/').context("no name of an order")?;
        Ok(judge::order::broken(name, lines, self.world.order(connection, order).await?.as_ref()))
    }

    /// Waits until every shelf that may be told shows what there is of a good.
    pub(super) async fn until_told(&self, good: &Good) -> anyhow::Result<()> {
        until("shelves that show something else", told_within(), Vec::new(), async || {
            step(self.world.stage.stands()).await?;
            let may_not_be_told = |listing: &ListingSaid| matches!(listing.decision, Decision::Wait(_));
            wrong_shelves(self.world, good, self.world.stage.stands(), may_not_be_told).await
        })
        .await
    }

    /// The same of all channels but this one.
    pub(super) async fn until_others_show(&self, good: &Good) -> anyhow::Result<()> {
        let others = || self.world.stage.stands().filter(|stand| stand.channel() != self.facts.name);
        until("shelves that show something else", told_within(), Vec::new(), async || {
            step(others()).await?;
            wrong_shelves(self.world, good, others(), |_| false).await
        })
        .await
    }

    /// Waits until this channel shows what there is of a good.
    pub(super) async fn until_shown(&self, good: &Good, bound: Duration) -> anyhow::Result<()> {
        until("shelves that show something else", bound, Vec::new(), async || {
            step([self.stand].into_iter()).await?;
            wrong_shelves(self.world, good, [self.stand].into_iter(), |_| false).await
        })
        .await
    }

    /// How the readings of this channel go, by the table.
    pub(super) async fn readings(&self) -> anyhow::Result<ReadingState> {
        let connection = ConnectionId::new(self.connection())?;
        let topics = Topic::ALL.map(|topic| (connection.clone(), topic.name()));
        let states = self.world.store().reading_states(topics).await?.into_values();
        Ok(states.reduce(ReadingState::joined).unwrap_or_default())
    }

    /// The version of a good's level where this channel sells from first.
    pub(super) async fn version(&self, good: &Good) -> anyhow::Result<u64> {
        let enrolment = self.stand.enrolment();
        let location = enrolment.warehouses.iter().find_map(|warehouse| warehouse.locations.first());
        Ok(self.world.level(&good.sku, location.context("it sells from nowhere")?).await?.version)
    }

    /// The most units of a good that were ever promised at one location.
    pub(super) async fn most_reserved(&self, good: &Good) -> anyhow::Result<i64> {
        let rows = self.world.store().ledger(&Sku::new(&good.sku)?).await?;
        Ok(rows.iter().map(|(_, row)| row.reserved.1).max().unwrap_or(0))
    }

    /// Waits until nobody has anything to do but what must wait.
    pub(super) async fn until_quiet(&self) -> anyhow::Result<()> {
        until("messages on their way", SOON, [0, 0], async || {
            let house = &self.world.house;
            Ok([house.waiting("inbox").await?, house.waiting("push.fifo").await?])
        })
        .await
    }

    /// Numbers that this channel took for a good so far.
    pub(super) fn times_told(&self, good: &Good) -> Vec<edin_domain::Timestamp> {
        let called = self.stand.calls(good);
        let events = self.stand.journal().events.into_iter();
        let told = events.filter_map(|event| match event {
            simulators::Event::Told { at, good, .. } if good == called => Some(at),
            _ => None,
        });
        told.collect()
    }

    /// That a trouble that was made for so many calls was met by as many.
    pub(super) fn was_met(&self, left: impl Fn(&Faults) -> u32) -> anyhow::Result<()> {
        let mut found = 0;
        self.faults(|faults| found = left(faults));
        ensure!(found == 0, "{found} of the calls that were to meet trouble were never made");
        Ok(())
    }

    /// Reads until it fails, and says why it did.
    pub(super) async fn fails_to_read(&self) -> anyhow::Result<String> {
        let end = tokio::time::Instant::now() + SOON;
        while tokio::time::Instant::now() < end {
            let failed = self.read(Read::Newest).await?;
            if let Some(reason) = failed.filter(|reason| !reason.contains("nothing passes before")) {
                return Ok(reason);
            }
        }
        bail!("orders are read as ever")
    }
}

/// Waits until every shelf shows what there is, but where its channel has refused to.
pub(super) async fn until_every_shelf_is_right(world: &World) -> anyhow::Result<()> {
    until("shelves that show something else", told_within(), Vec::new(), async || {
        step(world.stage.stands()).await?;
        let mut wrong = Vec::new();
        for good in world.goods() {
            let is_refused = |listing: &ListingSaid| listing.shown.rejected.is_some();
            wrong.extend(wrong_shelves(world, good, world.stage.stands(), is_refused).await?);
        }
        Ok(wrong)
    })
    .await
}

/// Lets channels do what they do by themselves.
async fn step(stands: impl Iterator<Item = &Opened>) -> anyhow::Result<()> {
    for stand in stands {
        stand.step().await.map_err(anyhow::Error::msg)?;
    }
    Ok(())
}

/// Shelves of these channels that show something else than there is of a good, and whose listing has no excuse.
async fn wrong_shelves(
    world: &World,
    good: &Good,
    stands: impl Iterator<Item = &Opened>,
    is_excused: impl Fn(&ListingSaid) -> bool,
) -> anyhow::Result<Vec<String>> {
    let there = There::of(good, &world.store()).await?;
    let mut wrong = Vec::new();
    for stand in stands {
        let Enrolment { connection, warehouses, .. } = stand.enrolment();
        for warehouse in warehouses {
            let shown = stand.shown(good, &warehouse.name);
            let Some(found) = judge::shelf::broken(connection, &good.sku, shown, there.at(warehouse.locations)) else {
                continue;
            };
            let is_here = |it: &ListingSaid| it.connection == connection && it.warehouse == warehouse.name;
            let said = world.why(&good.sku).await?.listings.into_iter().find(is_here);
            let said = said.with_context(|| format!("{} isn't listed at {connection}", good.sku))?;
            wrong.extend(Some(found).filter(|_| !is_excused(&said)));
        }
    }
    Ok(wrong)
}

fn first_warehouse(stand: &Opened) -> String {
    stand.enrolment().warehouses.into_iter().next().map(|warehouse| warehouse.name).unwrap_or_default()
}

fn lines(good: &Good, units: Units) -> BTreeMap<String, Units> {
    BTreeMap::from([(good.sku.clone(), units)])
}
