//! The cases, in the order in which they are played: a channel has a good's interval behind it by the last ones.

use futures::future::LocalBoxFuture;

use super::case::Case;
use super::{sales, troubles, undone};

/// A case: plays itself, and says what went wrong.
pub(super) type Run = for<'a> fn(&'a Case<'a>) -> LocalBoxFuture<'a, anyhow::Result<()>>;

macro_rules! cases {
    ($($name:literal => $room:ident::$case:ident),+ $(,)?) => {
        pub(super) const CASES: &[(&str, Run)] = &[$(($name, |case| Box::pin($room::$case(case)))),+];
    };
}

cases! {
    "a sale is recorded, and the others show one less" => sales::sale,
    "a sale that is told twice counts once" => sales::duplicate,
    "a sale that is told after its cancel holds nothing" => sales::reorder,
    "a sale whose push is lost is found by reading" => sales::lost_push,
    "a cancel frees what the order held" => undone::cancel,
    "a cancel of some units frees those" => undone::partial_cancel,
    "goods that come back are for sale when they are back" => undone::give_back,
    "an order that is split holds no more than before" => sales::split,
    "an order with an unknown status stays reserved" => troubles::unknown_status,
    "an order that can't be read hides no other" => troubles::unreadable_order,
    "a number that is refused keeps no other from being told" => troubles::refused_row,
    "calls that are turned away are made again" => troubles::throttled_calls,
    "a credential that ends is told of, and costs the channel alone" => troubles::dead_credential,
    "what it shows by our own word is no news" => troubles::echo,
    "a good that takes no number yet is told when it does" => troubles::throttled_good,
    "calls beyond a day's limit wait for the next day" => troubles::throttled_day,
    "orders that fill a page to the last one are all read" => sales::full_page,
}
