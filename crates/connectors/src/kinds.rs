//! The kinds of action, one file each.

pub(crate) mod http;
pub(crate) mod kept;
pub(crate) mod log;
pub(crate) mod notification;
pub(crate) mod smtp;
pub(crate) mod sql;
pub(crate) mod task;

use hence_engine::Failure;
use serde_json::Value as Json;

use crate::mask::Mask;

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To have something done, once for each key.
    Do,
    /// To look something up: a read, or whether something was done. It leaves nothing behind under the key.
    Ask,
}

/// How many bytes of a text are kept in the history of a step.
const EXCERPT: usize = 2048;

/// Returns the beginning of a text, with the secrets taken out before anything is cut.
fn excerpt(text: &str, mask: &Mask) -> String {
    let mut masked = mask.text(text);
    if masked.len() > EXCERPT {
        let cut = (0..=EXCERPT).rev().find(|at| masked.is_char_boundary(*at)).unwrap_or(0);
        masked.truncate(cut);
        masked.push('…');
    }
    masked
}

/// Returns JSON as it is kept in the history: itself if it is short, else the beginning of its text.
fn json_excerpt(json: &Json, mask: &Mask) -> Json {
    let text = json.to_string();
    if text.len() > EXCERPT { Json::String(excerpt(&text, mask)) } else { mask.json(json) }
}

/// Returns the failure of a call that was not even tried, because what it is made of is wrong.
fn refused(message: &str, mask: &Mask) -> Failure {
    Failure { message: mask.text(message), certain: true, ..Failure::default() }
}
