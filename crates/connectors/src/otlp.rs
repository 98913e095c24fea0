//! Traces are handed to a collector: OTLP over HTTP, as JSON (OpenTelemetry Protocol 1.5).
//!
//! The collector is the operator's, so its address may be a private one.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use serde_json::Value as Json;

/// The longest time for a collector to take what it is sent.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A collector that is sent traces. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Collector {
    client: Client,
    url: Url,
    headers: HeaderMap,
}

/// What is wrong with the settings of a collector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It has no address that can be reached.
    #[error("`[traces] endpoint`: `{0}` is no address such as `http://127.0.0.1:4318`")]
    Endpoint(String),
    /// A header that is none.
    #[error("`[traces] headers`: `{0}` is no name of a header, or its value is none")]
    Header(String),
    /// The client could not be made.
    #[error("`[traces]`: {0}")]
    Client(String),
}

impl Collector {
    /// Returns a collector by its base address, such as `http://127.0.0.1:4318`, and what is sent along, such as a token.
    ///
    /// # Errors
    /// An address or a header that is none.
    pub fn new<'a>(
        endpoint: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Unusable> {
        let address = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let url = Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = url.ok_or_else(|| Unusable::Endpoint(endpoint.to_owned()))?;
        let mut given = HeaderMap::new();
        for (name, value) in headers {
            let wrong = || Unusable::Header(name.to_owned());
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
            given.insert(header, HeaderValue::from_str(value).map_err(|_| wrong())?);
        }
        given.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let client = Client::builder()
            .user_agent(concat!("hence/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| Unusable::Client(error.to_string()))?;
        Ok(Self { client, url, headers: given })
    }

    /// Sends an `ExportTraceServiceRequest`.
    ///
    /// # Errors
    /// Why it was not taken, for people.
    pub async fn send(&self, request: &Json) -> Result<(), String> {
        let sending =
            self.client.post(self.url.clone()).headers(self.headers.clone()).body(request.to_string());
        let answer = sending.send().await.map_err(|error| error.without_url().to_string())?;
        if answer.status().is_success() { Ok(()) } else { Err(format!("answered with {}", answer.status())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catcher::Catcher;

    #[tokio::test]
    async fn what_is_sent_carries_the_headers_and_a_refusal_is_told() {
        let catcher = Catcher::start().await.unwrap();
        let endpoint = format!("http://{}/", catcher.http_address());
        let collector = Collector::new(&endpoint, [("authorization", "Bearer x")]).unwrap();
        collector.send(&serde_json::json!({"resourceSpans": []})).await.unwrap();
        let request = catcher.requests().remove(0);
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/traces"));
        assert_eq!(request.header("authorization"), Some("Bearer x"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        catcher.answer_next(503, "");
        assert_eq!(collector.send(&Json::Null).await.unwrap_err(), "answered with 503 Service Unavailable");
    }

    #[test]
    fn settings_that_are_none_are_named() {
        for endpoint in ["", "127.0.0.1:4318", "ftp://x"] {
            assert_eq!(Collector::new(endpoint, []).unwrap_err(), Unusable::Endpoint(endpoint.to_owned()));
        }
        for header in [("a b", "x"), ("a", "x\r\ny: z")] {
            assert!(matches!(Collector::new("http://x", [header]), Err(Unusable::Header(_))));
        }
    }
}
