//! What is sold, and where.

pub use simulators::Good;
use simulators::kaspi::STORES as KASPI_STORES;
use simulators::ozon::WAREHOUSE as OZON_WAREHOUSE;
use simulators::wildberries::WAREHOUSE as WB_WAREHOUSE;

/// The connection at Ozon: it sells from Almaty, then from Astana.
pub const OZON: &str = "ozon-main";
/// The connection at Wildberries: it sells from Almaty.
pub const WILDBERRIES: &str = "wb-main";
/// The connection at Kaspi: one store sells from Almaty, the other from Astana.
pub const KASPI: &str = "kaspi-main";
/// The bundle: one of the first good and two of the second.
pub const SET: &str = "SET";

/// The stores at Kaspi.
pub const STORES: [&str; 2] = KASPI_STORES;
/// The warehouse at Ozon.
pub const OZON_SHELF: u64 = OZON_WAREHOUSE;
/// The warehouse at Wildberries.
pub const WILDBERRIES_SHELF: u64 = WB_WAREHOUSE;
