//! The tokens that there are, and whose a request is.

use std::collections::HashMap;
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use anyhow::Context as _;
use axum::http::{HeaderMap, header};
use hence_engine::store::Error;
use hence_store::{Access, Role, Session, Token};
use hence_types::jiff::{SignedDuration, Timestamp};

use super::sessions::{Link, Signed, cookie_of};
use crate::clock::fresh_secret;

/// The name of the token that a daemon without tokens makes at its start.
pub(crate) const FIRST: &str = "first";

/// The longest name of a token, in bytes.
const NAME_LIMIT: usize = 64;

/// How often it is written when a token was last used, at most.
const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// The protocol that sockets of editors speak.
pub(crate) const LSP_PROTOCOL: &str = "hence.lsp";

/// What a token begins with among the protocols that a browser offers.
const OFFERED: &str = "hence.token.";

/// The tokens and sessions. They are kept in memory beside the store, so that a request costs one look-up, and changed
/// through this alone.
pub(crate) struct Auth {
    pub(super) access: Arc<dyn Access>,
    pub(super) by_hash: RwLock<HashMap<String, Token>>,
    pub(super) sessions: RwLock<HashMap<String, Session>>,
    pub(super) links: Mutex<HashMap<String, Link>>,
    /// Held while a token is revoked, so that two administrators are not each taken for the one that is left.
    revoking: Mutex<()>,
}

/// What became of a token that was to be revoked.
#[derive(Debug)]
pub(crate) enum Revoked {
    /// It was as this, and is revoked now.
    Done(Token),
    /// No valid one has that name.
    Unknown,
    /// It is the last administrator's that is valid.
    LastAdministrator,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The name of the token.
    pub(crate) name: String,
    /// Its role.
    pub(crate) role: Role,
    /// The session, if a browser asks by its cookie.
    pub(crate) session: Option<Signed>,
}

impl Auth {
    pub(crate) fn load(access: Arc<dyn Access>, at: Timestamp) -> Result<Self, Error> {
        let by_hash = access.tokens()?.into_iter().map(|token| (token.hash.clone(), token)).collect();
        let sessions =
            access.sessions(at)?.into_iter().map(|session| (session.hash.clone(), session)).collect();
        Ok(Self {
            access,
            by_hash: RwLock::new(by_hash),
            sessions: RwLock::new(sessions),
            links: Mutex::default(),
            revoking: Mutex::default(),
        })
    }

    /// Returns whether any token is valid.
    pub(crate) fn has_tokens(&self, at: Timestamp) -> bool {
        self.by_hash.read().unwrap_or_else(PoisonError::into_inner).values().any(|token| token.is_valid(at))
    }

    /// Makes a token and returns the text that it is, which is shown this once; none if the name is taken.
    pub(crate) fn create(
        &self,
        name: &str,
        role: Role,
        at: Timestamp,
        expires_at: Option<Timestamp>,
    ) -> Result<Option<String>, Error> {
        let text = fresh_secret();
        let token = Token {
            name: name.to_owned(),
            role,
            hash: hash(&text),
            created_at: at,
            expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        if !self.access.add_token(&token)? {
            return Ok(None);
        }
        self.by_hash.write().unwrap_or_else(PoisonError::into_inner).insert(token.hash.clone(), token);
        Ok(Some(text))
    }

    /// Revokes a token. Its sessions end with it. The last administrator's that is valid stays, unless `force` says
    /// otherwise.
    pub(crate) fn revoke(&self, name: &str, at: Timestamp, force: bool) -> Result<Revoked, Error> {
        let _revoking = self.revoking.lock().unwrap_or_else(PoisonError::into_inner);
        if !force && self.is_last_administrator(name, at) {
            return Ok(Revoked::LastAdministrator);
        }
        if !self.access.revoke_token(name, at)? {
            return Ok(Revoked::Unknown);
        }
        let mut tokens = self.by_hash.write().unwrap_or_else(PoisonError::into_inner);
        let found = tokens.values_mut().find(|token| token.name == name);
        Ok(found.map_or(Revoked::Unknown, |token| {
            let before = token.clone();
            token.revoked_at = Some(at);
            Revoked::Done(before)
        }))
    }

    fn is_last_administrator(&self, name: &str, at: Timestamp) -> bool {
        let tokens = self.by_hash.read().unwrap_or_else(PoisonError::into_inner);
        let mut valid = tokens.values().filter(|token| token.role == Role::Admin && token.is_valid(at));
        valid.next().is_some_and(|token| token.name == name) && valid.next().is_none()
    }

    /// Returns the store of tokens and of the record.
    pub(crate) fn access(&self) -> &Arc<dyn Access> {
        &self.access
    }

    /// Returns whose a request is. A token that is sent counts, and a cookie beside it does not.
    pub(super) fn caller(&self, headers: &HeaderMap, at: Timestamp) -> Option<Caller> {
        if let Some(text) = bearer(headers).or_else(|| offered(headers)) {
            let (name, role) = self.holder(text.trim(), at)?;
            return Some(Caller { name, role, session: None });
        }
        let (session, signed) = self.session(cookie_of(headers)?, at)?;
        let role = self.role(&session.token, at)?;
        Some(Caller { name: session.token, role, session: Some(signed) })
    }

    /// Returns name and role of the token that is this text, if it is one that is valid.
    pub(crate) fn holder(&self, text: &str, at: Timestamp) -> Option<(String, Role)> {
        let tokens = self.by_hash.read().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.get(&hash(text)).filter(|token| token.is_valid(at))?;
        Some((token.name.clone(), token.role))
    }

    /// Returns the role of the token of a name, if it is valid.
    pub(crate) fn role(&self, name: &str, at: Timestamp) -> Option<Role> {
        let tokens = self.by_hash.read().unwrap_or_else(PoisonError::into_inner);
        tokens.values().find(|token| token.name == name && token.is_valid(at)).map(|token| token.role)
    }

    /// Returns the tokens as they are now, by name.
    pub(crate) fn tokens(&self) -> Vec<Token> {
        let tokens = self.by_hash.read().unwrap_or_else(PoisonError::into_inner);
        let mut tokens: Vec<Token> = tokens.values().cloned().collect();
        tokens.sort_by(|a, b| a.name.cmp(&b.name));
        tokens
    }

    /// Returns whether the use of a token is to be written, as the last that was is some time ago.
    pub(super) fn is_worth_noting(&self, name: &str, at: Timestamp) -> bool {
        let is_old = |token: &Token| {
            let due = token.last_used_at.and_then(|last| last.checked_add(NOTED_EVERY).ok());
            due.is_none_or(|due| due <= at)
        };
        let of_name = |token: &&Token| token.name == name;
        let tokens = self.by_hash.read().unwrap_or_else(PoisonError::into_inner);
        if !tokens.values().find(of_name).is_some_and(is_old) {
            return false;
        }
        drop(tokens);
        let mut tokens = self.by_hash.write().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.values_mut().find(|token| token.name == name && is_old(token));
        token.is_some_and(|token| token.last_used_at.replace(at) != Some(at))
    }
}

/// Returns the token in the header that is for it.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, text) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(text)
}

/// Returns the token that a browser offers among the protocols of a WebSocket, which can have no other header.
fn offered(headers: &HeaderMap) -> Option<&str> {
    let protocols = headers.get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    protocols.split(',').find_map(|protocol| protocol.trim().strip_prefix(OFFERED))
}

/// Returns whether a text can name a token.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    !name.is_empty() && name.len() <= NAME_LIMIT && name.chars().all(fits)
}

/// Says why the last administrator's token stays.
pub(crate) fn last_administrator(name: &str) -> String {
    format!(
        "`{name}` is the last valid token of an administrator: nobody could make another; `force` revokes it"
    )
}

/// Returns the instant so many days from now.
pub(crate) fn expiry(at: Timestamp, days: NonZeroU16) -> anyhow::Result<Timestamp> {
    let length = SignedDuration::from_hours(24 * i64::from(days.get()));
    at.checked_add(length).context("the token would expire after the end of time")
}

/// Returns what is kept of a token or of the secret of a session.
pub(super) fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}
