//! The tables as they are made on this machine; `infra/template.yaml` makes the same in the cloud.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
};

use crate::{Store, StoreError, keys};

const CALL: &str = "CreateTable";

impl Store {
    /// Makes both tables, unless they are there.
    ///
    /// # Errors
    /// [`StoreError::Refused`].
    pub async fn create_tables(&self) -> Result<(), StoreError> {
        let stock = self
            .client
            .create_table()
            .table_name(&self.tables.stock)
            .set_attribute_definitions(Some(attributes(&["pk", "sk", "listed_under", "listed_as"])?))
            .set_key_schema(Some(key("pk", "sk")?))
            .global_secondary_indexes(by_connection()?)
            .stream_specification(stream()?)
            .billing_mode(BillingMode::PayPerRequest);
        tolerate_existing(stock.send().await.map(|_| ()).map_err(|error| StoreError::of(CALL, error)))?;
        let customers = self
            .client
            .create_table()
            .table_name(&self.tables.customers)
            .set_attribute_definitions(Some(attributes(&["pk", "sk"])?))
            .set_key_schema(Some(key("pk", "sk")?))
            .billing_mode(BillingMode::PayPerRequest);
        tolerate_existing(customers.send().await.map(|_| ()).map_err(|error| StoreError::of(CALL, error)))
    }

    /// The stream of the stock table.
    ///
    /// # Errors
    /// [`StoreError::Refused`] if the table or its stream isn't there.
    pub async fn stream_arn(&self) -> Result<String, StoreError> {
        const CALL: &str = "DescribeTable";
        let answer = self.client.describe_table().table_name(&self.tables.stock).send().await;
        let table = answer.map_err(|error| StoreError::of(CALL, error))?.table;
        table
            .and_then(|table| table.latest_stream_arn)
            .ok_or_else(|| StoreError::Refused { call: CALL, reason: "the stock table has no stream".to_owned() })
    }
}

fn tolerate_existing(made: Result<(), StoreError>) -> Result<(), StoreError> {
    match made {
        Err(StoreError::Refused { reason, .. }) if reason.contains("ResourceInUse") => Ok(()),
        other => other,
    }
}

fn refused(error: impl ToString) -> StoreError {
    StoreError::Refused { call: CALL, reason: error.to_string() }
}

fn attributes(names: &[&str]) -> Result<Vec<AttributeDefinition>, StoreError> {
    let text = |name: &&str| {
        AttributeDefinition::builder()
            .attribute_name(*name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .map_err(refused)
    };
    names.iter().map(text).collect()
}

fn key(partition: &str, sort: &str) -> Result<Vec<KeySchemaElement>, StoreError> {
    let element = |(name, kind): (&str, KeyType)| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(refused)
    };
    [(partition, KeyType::Hash), (sort, KeyType::Range)].into_iter().map(element).collect()
}

fn by_connection() -> Result<GlobalSecondaryIndex, StoreError> {
    GlobalSecondaryIndex::builder()
        .index_name(keys::BY_CONNECTION)
        .set_key_schema(Some(key("listed_under", "listed_as")?))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .map_err(refused)
}

fn stream() -> Result<StreamSpecification, StoreError> {
    StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewAndOldImages)
        .build()
        .map_err(refused)
}
