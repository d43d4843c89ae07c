//! One question to Ozon and its answer.

use edin_domain::WarehouseId;
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Client;
use crate::marketplace::ChannelError;
use crate::ozon::wire;
use crate::tolerant::{Unreadable, read};
use crate::transport::{Answer, Call, brief, excerpt};

impl Client {
    /// Makes a call.
    ///
    /// # Errors
    /// [`ChannelError::Refused`] for any answer that isn't 2XX.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        call: Call<'static>,
        request: &(impl Serialize + Sync),
    ) -> Result<T, ChannelError> {
        let request = self
            .transport
            .request(Method::POST, path(call))
            .header("Client-Id", &self.client_id)
            .header("Api-Key", self.api_key.reveal())
            .json(request);
        let answer = self.transport.send(call, request).await?;
        match answer.status {
            200..=299 => read(&answer.body).map_err(|error| unreadable(call, error)),
            _ => Err(refusal(call, &answer)),
        }
    }
}

/// The path of a call, without its method.
pub(super) fn path(call: Call<'static>) -> &'static str {
    call.name.trim_start_matches("POST ")
}

/// Says that what `call` answered isn't what is documented.
pub(super) fn unreadable(call: Call<'static>, error: Unreadable) -> ChannelError {
    ChannelError::Unreadable { call: call.name, reason: error.to_string() }
}

/// A warehouse as Ozon numbers them.
pub(super) fn number(call: Call<'static>, warehouse: &WarehouseId) -> Result<i64, ChannelError> {
    warehouse.as_str().parse().map_err(|_| ChannelError::Refused {
        call: call.name,
        status: 400,
        code: "WAREHOUSE_NOT_FOUND".to_owned(),
        reason: format!("{warehouse} is no warehouse of Ozon's, which have numbers; correct it in the connection"),
    })
}

/// `Circle is open` is Ozon's way to say that a method is shut under load, for minutes.
fn refusal(call: Call<'static>, answer: &Answer) -> ChannelError {
    let problem = read::<wire::Problem>(&answer.body)
        .unwrap_or_else(|_| wire::Problem { message: excerpt(&answer.body), ..wire::Problem::default() });
    let reason = brief(&problem.message);
    match problem.message.contains("Circle is open") {
        true => ChannelError::OutOfOrder { call: call.name, reason },
        false => ChannelError::Refused { call: call.name, status: answer.status, code: brief(&problem.code.0), reason },
    }
}
