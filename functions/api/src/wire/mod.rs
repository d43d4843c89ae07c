//! What doors say and are told, as JSON.

mod document;
mod order;
mod stock;
mod wanted;

pub(crate) use document::{DocumentRequest, DocumentView, Line as DocumentLine};
pub(crate) use order::{HoldPage, OrderView, State};
pub(crate) use stock::{ChangesView, ScanView, StockPage, StockView};
pub(crate) use wanted::{
    Condition, Extension, HoldRequest, More, Part, Return, Units, Wanted, WantedLine, lines, until,
};
