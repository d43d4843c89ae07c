//! Counts every call of the SDK, by function and operation, with the capacity that DynamoDB says it took.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemOutput;
use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemOutput;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::put_item::PutItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsOutput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::types::ConsumedCapacity;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{AfterDeserializationInterceptorContextRef, Output};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde::Serialize;

/// What a kind of call came to so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Count {
    /// Calls.
    pub calls: u64,
    /// Write capacity units.
    pub write_units: f64,
    /// Read capacity units.
    pub read_units: f64,
}

/// Counts by function and operation.
pub type Counts = BTreeMap<(String, String), Count>;

/// The counter. Cheap to clone; all clones count together.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Counts>>);

impl Meter {
    /// Counts under this function's name.
    #[must_use]
    pub fn of(&self, function: &'static str) -> FunctionMeter {
        FunctionMeter { function, meter: self.clone() }
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, function: &str, operation: &str, units: Units) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry((function.to_owned(), operation.to_owned())).or_default();
        count.calls += 1;
        match units {
            Units::None => {}
            Units::Written(units) => count.write_units += units,
            Units::Read(units) => count.read_units += units,
        }
    }
}

/// The counts since an earlier time.
#[must_use]
pub fn since(now: &Counts, earlier: &Counts) -> Counts {
    let difference = |(key, count): (&(String, String), &Count)| {
        let before = earlier.get(key).copied().unwrap_or_default();
        let count = Count {
            calls: count.calls - before.calls,
            write_units: count.write_units - before.write_units,
            read_units: count.read_units - before.read_units,
        };
        (key.clone(), count)
    };
    now.iter().map(difference).filter(|(_, count)| count.calls > 0).collect()
}

/// Counts the calls of one function.
#[derive(Debug)]
pub struct FunctionMeter {
    function: &'static str,
    meter: Meter,
}

impl Intercept for FunctionMeter {
    fn name(&self) -> &'static str {
        "FunctionMeter"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = bag.load::<Metadata>().map_or("?", Metadata::name);
        let units = context.output_or_error().map_or(Units::None, units);
        self.meter.add(self.function, operation, units);
        Ok(())
    }
}

enum Units {
    None,
    Written(f64),
    Read(f64),
}

fn units(output: &Output) -> Units {
    let many =
        |capacity: &[ConsumedCapacity]| capacity.iter().filter_map(ConsumedCapacity::capacity_units).sum::<f64>();
    let one = |capacity: Option<&ConsumedCapacity>| capacity.and_then(ConsumedCapacity::capacity_units).unwrap_or(0.0);
    if let Some(output) = output.downcast_ref::<TransactWriteItemsOutput>() {
        Units::Written(many(output.consumed_capacity()))
    } else if let Some(output) = output.downcast_ref::<BatchWriteItemOutput>() {
        Units::Written(many(output.consumed_capacity()))
    } else if let Some(output) = output.downcast_ref::<PutItemOutput>() {
        Units::Written(one(output.consumed_capacity()))
    } else if let Some(output) = output.downcast_ref::<UpdateItemOutput>() {
        Units::Written(one(output.consumed_capacity()))
    } else if let Some(output) = output.downcast_ref::<BatchGetItemOutput>() {
        Units::Read(many(output.consumed_capacity()))
    } else if let Some(output) = output.downcast_ref::<GetItemOutput>() {
        Units::Read(one(output.consumed_capacity()))
    } else if let Some(output) = output.downcast_ref::<QueryOutput>() {
        Units::Read(one(output.consumed_capacity()))
    } else {
        Units::None
    }
}
