//! Tokens of a daemon that does not run: made, listed and revoked in its store.

use std::num::NonZeroU16;
use std::sync::Arc;

use anyhow::bail;
use hence_engine::Clock as _;
use hence_store::{Access, Role, Token};

use crate::auth::{Auth, Revoked, expiry, is_name, last_administrator};
use crate::clock::SystemClock;

/// Makes a token and returns the text that it is.
///
/// # Errors
/// A name that is none or taken, and whatever kept the token from being written.
pub fn create(
    access: Arc<dyn Access>,
    name: &str,
    role: Role,
    expires_in_days: Option<NonZeroU16>,
) -> anyhow::Result<String> {
    if !is_name(name) {
        bail!("the name of a token is 1 to 64 letters, digits, `-`, `_`, `.` and `@`");
    }
    let at = SystemClock.now();
    let expires_at = expires_in_days.map(|days| expiry(at, days)).transpose()?;
    match Auth::load(access, at)?.create(name, role, at, expires_at)? {
        Some(text) => Ok(text),
        None => bail!("a token is or was named `{name}`; names are given once"),
    }
}

/// Returns all tokens by name.
///
/// # Errors
/// Whatever kept them from being read.
pub fn list(access: Arc<dyn Access>) -> anyhow::Result<Vec<Token>> {
    Ok(access.tokens()?)
}

/// Revokes a token; the last valid one of an administrator only with `force`.
///
/// # Errors
/// If there is no valid one of that name or it is that last one, and whatever kept it from being written.
pub fn revoke(access: Arc<dyn Access>, name: &str, force: bool) -> anyhow::Result<()> {
    let at = SystemClock.now();
    match Auth::load(access, at)?.revoke(name, at, force)? {
        Revoked::Done(_) => Ok(()),
        Revoked::Unknown => bail!("there is no valid token `{name}`"),
        Revoked::LastAdministrator => bail!("{}", last_administrator(name)),
    }
}
