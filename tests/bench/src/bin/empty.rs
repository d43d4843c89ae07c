//! A function that does nothing: what Lambda and its runtime cost by themselves.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |event: LambdaEvent<serde_json::Value>| Ok::<_, Error>(event.payload))).await
}
