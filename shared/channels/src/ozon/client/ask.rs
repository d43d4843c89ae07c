//! One question to Ozon and its answer.

use edin_domain::WarehouseId;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::wire;
use super::Client;
use crate::kit::client::ChannelError;
use crate::kit::client::line::{Answer, Call, brief, excerpt};
use crate::kit::tolerant::{Unreadable, read};

impl Client {
    /// Makes a call. Ozon's answers come bare, or wrapped in `result`.
    ///
    /// # Errors
    /// [`ChannelError::Refused`] for any answer that isn't 2XX.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        call: Call<'static>,
        request: &(impl Serialize + Sync),
    ) -> Result<T, ChannelError> {
        let request = self
            .line
            .request(Method::POST, path(call))
            .header("Client-Id", &self.client_id)
            .header("Api-Key", self.api_key.reveal())
            .json(request);
        let answer = self.line.send(call, request).await?;
        match answer.status {
            200..=299 => unwrapped(&answer.body).map_err(|error| ChannelError::unreadable(call.name, error)),
            _ => Err(refusal(call, &answer)),
        }
    }
}

/// Reads what Ozon answers, bare or wrapped: of `/v4/posting/fbs/list` its schema shows the one, its example the other
/// (docs.ozon.ru/api/seller, 2026-04-30), and clients met the second in 2026-08.
///
/// # Errors
/// [`Unreadable`] if it is neither.
fn unwrapped<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    #[derive(Deserialize)]
    struct Wrapped {
        result: Option<Box<RawValue>>,
    }
    let is_object = body.trim_ascii_start().first() == Some(&b'{');
    let wrapped = is_object.then(|| read::<Wrapped>(body)).transpose()?.and_then(|answer| answer.result);
    wrapped.map_or_else(|| read(body), |result| read(result.get().as_bytes()))
}

/// The path of a call, without its method.
pub(super) fn path(call: Call<'static>) -> &'static str {
    call.name.trim_start_matches("POST ")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::tolerant::Records;

    #[test]
    fn an_answer_is_read_bare_or_wrapped() {
        let page = r#"{"postings":[{"posting_number":"1","status":"delivered"}],"cursor":"c","has_next":true}"#;
        for answer in [page.to_owned(), format!(r#"{{"result":{page}}}"#), format!(r#" {{"result":{page},"more":1}}"#)]
        {
            let read: wire::Postings = unwrapped(answer.as_bytes()).unwrap();
            assert_eq!((read.postings.len(), read.cursor.as_str(), read.has_next), (1, "c", true), "{answer}");
        }
        for answer in [r#"{"result":[{"offer_id":"A"}]}"#, r#"[{"offer_id":"A"}]"#] {
            assert_eq!(unwrapped::<Records<wire::StockResult>>(answer.as_bytes()).unwrap().len(), 1, "{answer}");
        }
        assert!(unwrapped::<wire::Postings>(br#"{"result":null}"#).is_err());
    }
}
