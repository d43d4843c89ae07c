//! The names of columns.

/// Columns about the good itself.
pub(crate) const PLAIN: [&str; 9] =
    ["sku", "title", "brand", "barcode", "location", "on_hand", "cost", "currency", "components"];
pub(crate) const REQUIRED: [&str; 2] = ["sku", "title"];
/// Columns that say what a good is. A file without one of them says nothing of it, and leaves it as it is.
pub(crate) const FACTS: [&str; 4] = ["brand", "barcode", "cost", "components"];
/// Columns about a listing, besides the channel's ids.
pub(crate) const LISTING: [&str; 13] = [
    "price",
    "warehouse",
    "share",
    "buffer",
    "oversell",
    "turned_away",
    "risk",
    "most",
    "last_unit",
    "max",
    "end_when",
    "paused",
    "ended",
];
/// Columns of stock documents that goods don't have.
const OF_DOCUMENTS: [&str; 9] =
    ["counted_at", "received", "moved", "to", "written_off", "corrected", "document", "author", "reason"];
/// The column that says what was wrong with the lines of a file that is handed back.
pub(crate) const WRONG: &str = "what is wrong";

/// Whether a column has this name, listings aside.
pub(crate) fn is_one(name: &str) -> bool {
    PLAIN.contains(&name) || OF_DOCUMENTS.contains(&name)
}
