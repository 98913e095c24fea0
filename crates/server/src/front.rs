//! What stands before every route: which names the daemon answers to, which pages may ask, and what browsers are told
//! about its answers.
//!
//! A daemon that only its machine can reach is still within reach of every page that a browser on this machine opens. A
//! page of another site can have the browser send requests (they have a foreign `origin`), and the owner of a name can
//! have it resolve to this machine, which makes its page one of the same origin (DNS rebinding; the requests have a
//! foreign `host`). Neither is taken.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::problem::Problem;

/// What is told to browsers with every answer that does not say otherwise: nothing of it is to be run, framed, guessed at
/// or told to others.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // With `no-referrer` the daemon's own forms would be sent with the origin `null`.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// What is told in addition over TLS: to come by it for a year.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// The names that the daemon answers to, and how it is reached.
#[derive(Debug, Clone, Default)]
pub(crate) struct Front {
    /// The names that the operator gave, lower case.
    hosts: Vec<String>,
    /// Whether no other machine can reach it.
    is_local: bool,
    /// Whether it speaks TLS itself.
    pub(crate) tls: bool,
}

impl Front {
    pub(crate) fn new(hosts: &[String], address: SocketAddr, tls: bool) -> Self {
        let hosts = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        Self { hosts, is_local: address.ip().is_loopback(), tls }
    }

    /// Returns whether a host, with or without its port, is one that the daemon answers to.
    fn answers_to(&self, authority: &str) -> bool {
        let name = name_of(authority).to_ascii_lowercase();
        if self.hosts.contains(&name) || is_this_machine(&name) {
            return true;
        }
        // Where other machines reach it they do so by a name that nobody told it, or by an address.
        !self.is_local && self.hosts.is_empty()
    }
}

/// The host of an authority such as `a.example:80` or `[::1]:80`.
fn name_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_this_machine(name: &str) -> bool {
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Returns the host that a request is for.
fn host_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// Returns whether a request comes from a page of the daemon, if it says where it comes from.
pub(crate) fn is_own_page(front: &Front, headers: &HeaderMap) -> Option<bool> {
    let origin = headers.get(header::ORIGIN)?.to_str().unwrap_or_default();
    let is_own = || {
        let uri: Uri = origin.parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
        if !matches!(scheme, "http" | "https") || (front.tls && scheme != "https") {
            return Some(false);
        }
        let port = if scheme == "https" { ":443" } else { ":80" };
        let plain = |authority: &str| authority.trim_end_matches(port).to_ascii_lowercase();
        // A proxy may speak to the daemon by another name than browsers speak to the proxy.
        let is_named = front.hosts.contains(&name_of(authority).to_ascii_lowercase());
        Some(is_named || plain(authority) == plain(host_of(headers)?))
    };
    Some(is_own().unwrap_or(false))
}

/// Returns whether the page that a request with a session's cookie comes from was loaded over TLS.
pub(crate) fn is_secure(front: &Front, headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    front.tls || origin.is_some_and(|origin| origin.starts_with("https://"))
}

/// Refuses requests by a name that is not the daemon's, and says of all answers how browsers are to take them.
pub(crate) async fn before_all(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = host_of(request.headers());
    let mut response = if host.is_none_or(|host| app.front.answers_to(host)) {
        next.run(request).await
    } else {
        let detail = "the daemon answers to this name only if `[server] hosts` of hence.toml has it";
        let status = StatusCode::MISDIRECTED_REQUEST;
        Problem::new(status, "foreign-host", "Misdirected request", detail).into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if app.front.tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT));
    }
    response
}

/// Refuses requests that a page of another site makes a browser send.
pub(crate) async fn own_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    if is_own_page(&app.front, headers).unwrap_or(true) || origin.is_some_and(is_of_this_machine) {
        return next.run(request).await;
    }
    let detail = "requests of web pages of other sites are not taken";
    Problem::new(StatusCode::FORBIDDEN, "foreign-origin", "Forbidden", detail).into_response()
}

/// Pages of this machine may ask with a token, as those of a UI that is being made.
fn is_of_this_machine(origin: &str) -> bool {
    let uri = origin.parse::<Uri>().ok();
    uri.as_ref().and_then(Uri::host).is_some_and(|host| is_this_machine(host.trim_matches(['[', ']'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn front(hosts: &[&str], address: &str) -> Front {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        Front::new(&hosts, address.parse().unwrap(), false)
    }

    #[test]
    fn a_daemon_of_this_machine_answers_to_its_own_names_alone() {
        let local = front(&["Hence.example.com"], "127.0.0.1:7070");
        for host in ["localhost:7070", "127.0.0.1", "[::1]:7070", "127.0.0.2:1", "hence.EXAMPLE.com"] {
            assert!(local.answers_to(host), "{host}");
        }
        for host in
            ["evil.example", "127.0.0.1.evil.example", "hence.example.com.evil.example", "", "10.0.0.1"]
        {
            assert!(!local.answers_to(host), "{host}");
        }
        assert!(front(&[], "0.0.0.0:7070").answers_to("10.0.0.1:7070"));
        assert!(!front(&["hence.example.com"], "0.0.0.0:7070").answers_to("evil.example"));
    }

    #[test]
    fn a_page_is_the_daemons_if_it_was_loaded_from_where_it_asks() {
        let own = |front: &Front, origin: &str, host: &str| {
            let pairs = [(header::ORIGIN, origin), (header::HOST, host)];
            let pairs = pairs.map(|(name, value)| (name, HeaderValue::try_from(value).unwrap()));
            is_own_page(front, &HeaderMap::from_iter(pairs))
        };
        let local = front(&["hence.example.com"], "127.0.0.1:7070");
        assert_eq!(own(&local, "http://localhost:7070", "localhost:7070"), Some(true));
        assert_eq!(own(&local, "http://localhost", "LOCALHOST:80"), Some(true));
        assert_eq!(own(&local, "https://hence.example.com", "127.0.0.1:7070"), Some(true));
        for origin in ["http://localhost:3000", "null", "", "http://evil.example", "file://localhost:7070"] {
            assert_eq!(own(&local, origin, "localhost:7070"), Some(false), "{origin}");
        }
        assert_eq!(is_own_page(&local, &HeaderMap::new()), None);
        let tls = Front { tls: true, ..local };
        assert_eq!(own(&tls, "https://localhost:7070", "localhost:7070"), Some(true));
        assert_eq!(own(&tls, "http://localhost:7070", "localhost:7070"), Some(false));
    }

    #[test]
    fn pages_of_this_machine_may_ask_with_a_token() {
        for origin in ["http://localhost:3000", "http://127.0.0.1", "https://[::1]:8443"] {
            assert!(is_of_this_machine(origin), "{origin}");
        }
        for origin in
            ["http://example.com", "null", "", "http://localhost.example.com", "http://127.0.0.1.example.com"]
        {
            assert!(!is_of_this_machine(origin), "{origin}");
        }
    }
}
