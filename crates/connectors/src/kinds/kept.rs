//! What the daemon keeps itself for people, once for each call: what it may hold, and how it is written.

use std::sync::Arc;

use hence_engine::{Clock, Failure, Request, Response, store};
use hence_types::jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::refused;
use crate::mask::Mask;

/// The longest id of a person, list or thing, title, link and text, in bytes.
pub(super) const ID: usize = 256;
pub(super) const TITLE: usize = 1024;
pub(super) const LINK: usize = 2048;
const TEXT: usize = 64 * 1024;

/// Where something is kept, and what tells when.
pub(crate) struct Keeper<K: ?Sized> {
    pub(crate) kept: Arc<K>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl<K: ?Sized + Send + Sync + 'static> Keeper<K> {
    /// Returns the time, as exact as it is kept.
    pub(super) fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Keeps something under the key of a call. `write` returns whether nothing was kept under it before; `sent` is what
    /// is told of it in the step's history, masked.
    pub(super) async fn keep(
        &self,
        request: &Request,
        (sent, result): (Json, Json),
        mask: &Mask,
        write: impl FnOnce(&K) -> Result<bool, store::Error> + Send + 'static,
    ) -> Result<Response, Failure> {
        let kept = Arc::clone(&self.kept);
        let written = tokio::task::spawn_blocking(move || write(&kept)).await;
        let failed = |message: String| Failure {
            message: mask.text(&message),
            // It may have been written; it is written once, however often it is tried.
            retryable: true,
            detail: json!({"request": sent.clone(), "response": null}),
            ..Failure::default()
        };
        match written {
            Ok(Ok(is_new)) => {
                let detail =
                    json!({"request": sent, "response": {"id": request.key, "done_before": !is_new}});
                Ok(Response { result, detail })
            }
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(broken) => Err(failed(format!("internal error: {broken}"))),
        }
    }
}

/// Returns where something is kept, or refuses the call: `what` cannot be kept where no daemon runs.
pub(super) fn keeper<'a, K: ?Sized>(
    keeper: Option<&'a Keeper<K>>,
    what: &str,
    mask: &Mask,
) -> Result<&'a Keeper<K>, Failure> {
    keeper.ok_or_else(|| refused(&format!("{what} are kept by the daemon, and none runs here"), mask))
}

/// Refuses what is not one line of some bytes at most.
pub(super) fn one_line(name: &str, value: &str, longest: usize) -> Result<(), String> {
    if value.len() > longest || value.chars().any(char::is_control) {
        return Err(format!("`{name}` has at most {longest} bytes and no control characters"));
    }
    Ok(())
}

/// Refuses what has nothing in it.
pub(super) fn not_empty(name: &str, value: &str) -> Result<(), String> {
    if value.trim().is_empty() { Err(format!("`{name}` is empty")) } else { Ok(()) }
}

/// Refuses a text that is too long.
pub(super) fn text(name: &str, value: &str) -> Result<(), String> {
    if value.len() > TEXT { Err(format!("`{name}` has at most {TEXT} bytes")) } else { Ok(()) }
}

/// Returns a link, which may be left out; refuses one that cannot be shown to be followed.
pub(super) fn link(link: String) -> Result<Option<String>, String> {
    one_line("link", &link, LINK)?;
    if !link.is_empty() && !leads_somewhere(&link) {
        return Err(
            "`link` is a path that begins with one `/`, or an address of `http` or `https`".to_owned()
        );
    }
    Ok((!link.is_empty()).then_some(link))
}

/// Returns what is spelt so; the default where nothing is said. Refuses what is none of `all`.
pub(super) fn one_of<T: Copy + Default>(
    name: &str,
    text: &str,
    all: &[T],
    spelling: fn(T) -> &'static str,
) -> Result<T, String> {
    if text.is_empty() {
        return Ok(T::default());
    }
    all.iter().copied().find(|one| spelling(*one) == text).ok_or_else(|| {
        let known: Vec<String> = all.iter().map(|one| format!("`{}`", spelling(*one))).collect();
        format!("`{name}` is one of {}", known.join(", "))
    })
}

/// Returns whether a link can be shown to be followed: it runs no script, and a path stays on its own pages.
fn leads_somewhere(link: &str) -> bool {
    if link.starts_with('/') {
        return !link.starts_with("//") && !link.contains('\\');
    }
    reqwest::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_runs_no_script_and_a_path_stays_on_its_pages() {
        for link in ["/", "/orders/1?a=b#c", "https://example.com/x", "http://10.0.0.1"] {
            assert!(leads_somewhere(link), "{link}");
        }
        for link in [
            "javascript:alert(1)",
            "//evil.example",
            "/\\evil.example",
            "orders/1",
            "data:text/html,x",
            "https://",
        ] {
            assert!(!leads_somewhere(link), "{link}");
        }
    }
}

/// What the tests of all that is kept so begin with.
#[cfg(test)]
pub(super) mod sample {
    use hence_schema::catalog;

    use super::*;
    use crate::{ConnectionSettings, Connectors, Secrets};

    pub(crate) fn now() -> Timestamp {
        "2026-05-04T10:00:00Z".parse().unwrap()
    }

    /// Connectors of the shipped integrations, with nowhere to keep anything.
    pub(crate) fn connectors() -> Connectors {
        Connectors::new(shipped(), ConnectionSettings::default(), Secrets::none())
    }

    /// Those of other rules that run after these.
    pub(crate) fn again(connectors: &Connectors) -> Connectors {
        connectors.again(shipped(), ConnectionSettings::default(), Secrets::none())
    }

    fn shipped() -> Arc<hence_schema::Catalog> {
        Arc::new(catalog(&mut hence_diagnostics::Sources::default(), &[]).0)
    }
}
