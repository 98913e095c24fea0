//! Sessions of browsers, and the links by which one signs in once.
//!
//! The cookie holds a long random text that no script can read; its hash is kept. What a page repeats with each request
//! that changes something, the `csrf`, is derived from that text: nobody who cannot read the cookie or an answer of the
//! daemon has it, and one of another session does not fit.

use std::sync::PoisonError;

use axum::http::{HeaderMap, HeaderValue, header};
use hence_engine::store::Error;
use hence_store::{Role, Session};
use hence_types::jiff::{SignedDuration, Timestamp};

use super::keys::{Auth, hash};
use crate::clock::fresh_secret;

/// How long a link to sign in is good.
const LINK_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// The names of the cookie of a session: over TLS, and where there is none. A browser takes the first only if it is
/// `Secure`, of this host alone and of all paths.
const NAMES: [&str; 2] = ["__Host-hence_session", "hence_session"];

/// The names of the cookie that scripts of the daemon's pages read, in the same order.
const CSRF_NAMES: [&str; 2] = ["__Host-hence_csrf", "hence_csrf"];

/// What the `csrf` of a session is derived for.
const CSRF_CONTEXT: &str = "hence 2026-11-20 csrf of a session";

/// A link by which somebody signs in once.
#[derive(Debug)]
pub(super) struct Link {
    token: String,
    expires_at: Timestamp,
}

/// A session that a request belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    /// The hash of its secret.
    pub(crate) hash: String,
    /// When it ends.
    pub(crate) expires_at: Timestamp,
    csrf: blake3::Hash,
}

impl Signed {
    fn new(text: &str, session: &Session) -> Self {
        let csrf = blake3::Hash::from(blake3::derive_key(CSRF_CONTEXT, text.as_bytes()));
        Self { hash: session.hash.clone(), expires_at: session.expires_at, csrf }
    }

    /// Returns what pages repeat.
    pub(crate) fn csrf(&self) -> String {
        self.csrf.to_hex().to_string()
    }

    /// Returns whether it is repeated; takes the same time however much of it is right.
    pub(super) fn is_proven_by(&self, repeated: &str) -> bool {
        blake3::Hash::from_hex(repeated).is_ok_and(|repeated| repeated == self.csrf)
    }
}

impl Auth {
    /// Returns the text of a link by which somebody signs in once for a token.
    pub(crate) fn link(&self, token: &str, at: Timestamp) -> String {
        let text = fresh_secret();
        let expires_at = at.checked_add(LINK_LIFE).unwrap_or(at);
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.insert(hash(&text), Link { token: token.to_owned(), expires_at });
        text
    }

    /// Takes a link; returns name and role of its token. It is good for nothing afterwards.
    pub(crate) fn follow(&self, text: &str, at: Timestamp) -> Option<(String, Role)> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let link = links.remove(&hash(text)).filter(|link| at < link.expires_at)?;
        let role = self.role(&link.token, at)?;
        Some((link.token, role))
    }

    /// Begins a session for a token. Returns the text that its cookie holds.
    pub(crate) fn begin(
        &self,
        token: &str,
        at: Timestamp,
        life: SignedDuration,
    ) -> Result<(String, Signed), Error> {
        let text = fresh_secret();
        let session = Session {
            hash: hash(&text),
            token: token.to_owned(),
            created_at: at,
            expires_at: at.checked_add(life).unwrap_or(at),
        };
        self.access.add_session(&session)?;
        let signed = Signed::new(&text, &session);
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| at < session.expires_at);
        sessions.insert(session.hash.clone(), session);
        Ok((text, signed))
    }

    /// Ends a session.
    pub(crate) fn end(&self, signed: &Signed) -> Result<(), Error> {
        self.access.end_session(&signed.hash)?;
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).remove(&signed.hash);
        Ok(())
    }

    /// Returns the session whose text this is, if it has not ended.
    pub(super) fn session(&self, text: &str, at: Timestamp) -> Option<(Session, Signed)> {
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.get(&hash(text)).filter(|session| at < session.expires_at)?.clone();
        let signed = Signed::new(text, &session);
        Some((session, signed))
    }
}

/// Returns what the cookie of a session holds.
pub(super) fn cookie_of(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs: Vec<(&str, &str)> =
        pairs.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('=')).collect();
    NAMES.iter().find_map(|name| pairs.iter().find(|(found, _)| found == name).map(|(_, text)| *text))
}

/// Returns the cookies of a session that begins.
pub(crate) fn cookies(text: &str, signed: &Signed, life: SignedDuration, secure: bool) -> [HeaderValue; 2] {
    let age = life.as_secs();
    [cookie(NAMES, text, age, "; HttpOnly", secure), cookie(CSRF_NAMES, &signed.csrf(), age, "", secure)]
}

/// Returns what makes a browser forget the cookies of a session.
pub(crate) fn forget(secure: bool) -> [HeaderValue; 2] {
    [cookie(NAMES, "", 0, "; HttpOnly", secure), cookie(CSRF_NAMES, "", 0, "", secure)]
}

fn cookie(names: [&str; 2], text: &str, age: i64, more: &str, secure: bool) -> HeaderValue {
    let [over_tls, plain] = names;
    let (name, secured) = if secure { (over_tls, "; Secure") } else { (plain, "") };
    let line = format!("{name}={text}; Path=/; Max-Age={age}; SameSite=Strict{more}{secured}");
    // Of letters, digits and the above alone.
    HeaderValue::try_from(line).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers =
            |line: &str| HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(line).unwrap())]);
        assert_eq!(cookie_of(&headers("a=b; hence_session=x; c=d")), Some("x"));
        assert_eq!(cookie_of(&headers("hence_session=x; __Host-hence_session=y")), Some("y"));
        assert_eq!(cookie_of(&headers("xhence_session=x")), None);
        assert_eq!(cookie_of(&HeaderMap::new()), None);
    }

    #[test]
    fn cookies_are_strict_and_secure_over_tls() {
        let session = Session {
            hash: "h".to_owned(),
            token: "t".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
        };
        let signed = Signed::new("x", &session);
        let life = SignedDuration::from_hours(1);
        let [session, csrf] = cookies("x", &signed, life, true);
        let flags = "Path=/; Max-Age=3600; SameSite=Strict";
        assert_eq!(session, format!("__Host-hence_session=x; {flags}; HttpOnly; Secure"));
        assert_eq!(csrf, format!("__Host-hence_csrf={}; {flags}; Secure", signed.csrf()));
        let [session, _] = cookies("x", &signed, life, false);
        assert_eq!(session, format!("hence_session=x; {flags}; HttpOnly"));
        assert!(signed.is_proven_by(&signed.csrf()));
        assert!(!signed.is_proven_by("") && !signed.is_proven_by(&"0".repeat(64)));
    }
}
