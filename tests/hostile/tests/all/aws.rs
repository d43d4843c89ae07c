//! AWS, as far as a test needs it: answers every call at once and writes it down.

use std::sync::{Arc, Mutex};

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use edin_platform::Queue;
use edin_store::{Store, Tables};
use serde_json::{Value, json};

/// The calls that were made: what was called, and with what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aws {
    pub(crate) calls: Arc<Mutex<Vec<(String, Value)>>>,
    /// What the table holds.
    pub(crate) item: Option<Value>,
}

impl Aws {
    pub(crate) fn queue(&self) -> Queue {
        let configuration = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("a", "b", None, None, "test"))
            .http_client(self.http())
            .build();
        Queue::new(aws_sdk_sqs::Client::from_conf(configuration), "http://127.0.0.1:9/000000000000/inbox")
    }

    pub(crate) fn store(&self) -> Store {
        let configuration = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .region(aws_sdk_dynamodb::config::Region::new("local"))
            .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("a", "b", None, None, "test"))
            .http_client(self.http())
            .build();
        let tables = Tables { stock: "stock".to_owned(), customers: "customers".to_owned() };
        Store::new(aws_sdk_dynamodb::Client::from_conf(configuration), tables)
    }

    /// What was called since the last time that this was asked.
    pub(crate) fn taken(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    fn http(&self) -> SharedHttpClient {
        let aws = self.clone();
        http_client_fn(move |_, _| SharedHttpConnector::new(aws.clone()))
    }

    fn answer(&self, call: &str) -> Value {
        match call {
            "AmazonSQS.SendMessageBatch" => {
                json!({ "Successful": [{ "Id": "0", "MessageId": "1", "MD5OfMessageBody": "" }], "Failed": [] })
            }
            "DynamoDB_20120810.GetItem" => self.item.as_ref().map_or(json!({}), |item| json!({ "Item": item })),
            "DynamoDB_20120810.BatchGetItem" => {
                json!({ "Responses": { "stock": self.item.iter().collect::<Vec<_>>() } })
            }
            "DynamoDB_20120810.Query" => json!({ "Items": [], "Count": 0, "ScannedCount": 0 }),
            _ => json!({}),
        }
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let call = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let body = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let answer = SdkBody::from(self.answer(&call).to_string());
        self.calls.lock().unwrap().push((call, body));
        HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().expect("it is a status"), answer)))
    }
}

/// The time stands still.
#[derive(Debug)]
pub(crate) struct Still;

impl edin_platform::Clock for Still {
    fn now(&self) -> edin_domain::Timestamp {
        hostile::wires::NOW
    }
}
