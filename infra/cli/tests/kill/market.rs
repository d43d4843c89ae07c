//! The channels, what is listed in them, and the seller's cabinets.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use edin_local::state::endpoints::Endpoints;
use simulators::{Good, Opening, Stage};
use tokio::task::JoinHandle;

/// How often the channels do what they do by themselves: pull a price list.
const STEP_EVERY: Duration = Duration::from_secs(1);
/// Opening stock in Almaty and in Astana: some are scarce, so that channels fight over them.
const STOCK: [(u32, u32); 10] =
    [(60, 20), (40, 30), (50, 10), (3, 1), (80, 40), (30, 30), (5, 2), (70, 20), (1, 0), (45, 25)];

/// The channels, with a card for each good.
pub(crate) struct Market {
    pub(crate) stage: Stage,
    /// Simple goods, and a bundle of the first and two of the second.
    pub(crate) goods: Vec<Good>,
}

impl Market {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let (stage, goods) = (Stage::open(|_| Opening::default()).await?, assortment());
        stage.list(&goods);
        Ok(Self { stage, goods })
    }

    /// Writes what the seller imports: connections and catalogue.
    pub(crate) fn write_imports(&self, folder: &Path) -> anyhow::Result<[String; 2]> {
        let write = |name: &str, content: String| {
            let file = folder.join(name);
            std::fs::write(&file, content)?;
            file.into_os_string().into_string().ok().context("a temporary folder whose name is no text")
        };
        let connections = write("connections.toml", self.stage.connections()?)?;
        Ok([connections, write("catalogue.csv", self.stage.catalogue(&self.goods))?])
    }

    /// Enters in the cabinets where the process is now.
    pub(crate) fn dial(&self, endpoints: &Endpoints) {
        edin_demo::shop::dial(&self.stage, endpoints);
    }

    /// Lets the channels do what they do by themselves again and again, whether anybody answers or not.
    pub(crate) fn spawn_steps(&self) -> JoinHandle<()> {
        let stage = self.stage.clone();
        tokio::spawn(async move {
            loop {
                for stand in stage.stands() {
                    let _ = stand.step().await;
                }
                tokio::time::sleep(STEP_EVERY).await;
            }
        })
    }
}

fn assortment() -> Vec<Good> {
    let good = |number: u64, stock, components| Good {
        sku: format!("G-{number:03}"),
        number,
        title: format!("Good {number}"),
        brand: "Edin",
        price: 1_000 + number * 100,
        stock,
        components,
    };
    let mut goods: Vec<Good> = (1..).zip(STOCK).map(|(number, stock)| good(number, Some(stock), Vec::new())).collect();
    let components = goods.iter().map(|good| good.sku.clone()).zip([1, 2]).collect();
    goods.push(Good { sku: "SET".to_owned(), ..good(11, None, components) });
    goods
}
