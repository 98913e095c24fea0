//! The stored form of strands: JSON of version 1, empty where an execution has none.

use std::collections::BTreeMap;

use hence_types::jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::strand::{State, Strand, Strands};

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    last: u32,
    strands: Vec<StoredStrand>,
    abandoned: Vec<(u32, u32)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paused: Option<String>,
}

/// Instants are microseconds since 1970, as everywhere in stores.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredStrand {
    id: u32,
    parent: u32,
    state: String,
    place: u32,
    locals: String,
    sequence: u32,
    attempt: u32,
    called_at: Option<i64>,
    wake_at: Option<i64>,
}

/// Returns the text that stands for strands.
pub(crate) fn encode(strands: &Strands) -> String {
    if strands.is_empty() {
        return String::new();
    }
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    let stored = strands.strands.values().map(|strand| StoredStrand {
        id: strand.id,
        parent: strand.parent,
        state: strand.state.as_str().to_owned(),
        place: strand.place,
        locals: strand.locals.to_string(),
        sequence: strand.sequence,
        attempt: strand.attempt,
        called_at: micros(strand.called_at),
        wake_at: micros(strand.wake_at),
    });
    let paused = strands.paused.map(|state| state.as_str().to_owned());
    let (strands, last, abandoned) = (stored.collect(), strands.last, strands.abandoned.clone());
    let stored = Stored { version: VERSION, last, strands, abandoned, paused };
    // Numbers and texts always have a form in JSON.
    serde_json::to_string(&stored).unwrap_or_default()
}

/// Returns the strands that a text stands for, or what is wrong with it; that shows nothing of the text, as variables may
/// hold secrets.
pub(crate) fn decode(text: &str) -> Result<Strands, String> {
    if text.is_empty() {
        return Ok(Strands::default());
    }
    let stored: Stored =
        serde_json::from_str(text).map_err(|_| "the stored strands are damaged".to_owned())?;
    if stored.version != VERSION {
        return Err(format!("the stored strands have version {}", stored.version));
    }
    let instant = |micros: Option<i64>| match micros {
        Some(micros) => Timestamp::from_microsecond(micros).ok().map(Some),
        None => Some(None),
    };
    let strand = |stored: StoredStrand| {
        Some(Strand {
            id: stored.id,
            parent: stored.parent,
            state: State::parse(&stored.state)?,
            place: stored.place,
            locals: stored.locals.into(),
            sequence: stored.sequence,
            attempt: stored.attempt,
            called_at: instant(stored.called_at)?,
            wake_at: instant(stored.wake_at)?,
        })
    };
    let strands = stored.strands.into_iter().map(|stored| strand(stored).map(|strand| (strand.id, strand)));
    let strands: Option<BTreeMap<u32, Strand>> = strands.collect();
    let strands = strands.ok_or("the stored strands are damaged")?;
    let paused =
        stored.paused.as_deref().map(|state| State::parse(state).ok_or("the stored strands are damaged"));
    Ok(Strands { strands, last: stored.last, abandoned: stored.abandoned, paused: paused.transpose()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// INVARIANT: stores hold this text, so it is read for ever.
    #[test]
    fn the_first_version_is_read_and_written() {
        let text = r#"{"version":1,"last":7,"strands":[{"id":7,"parent":0,"state":"waiting","place":3,"locals":"[]","sequence":2,"attempt":1,"called_at":1,"wake_at":null}],"abandoned":[[1,1]]}"#;
        assert_eq!(encode(&decode(text).unwrap()), text);
        assert_eq!(encode(&decode("").unwrap()), "");
    }

    #[test]
    fn how_far_a_paused_execution_is_comes_back() {
        let text = r#"{"version":1,"last":0,"strands":[],"abandoned":[],"paused":"waiting"}"#;
        assert_eq!(encode(&decode(text).unwrap()), text);
        assert!(decode(&text.replace("waiting", "asleep")).is_err());
    }

    #[test]
    fn a_damaged_text_is_an_error_that_shows_nothing_of_it() {
        for text in ["geheim", r#"{"version":9,"last":0,"strands":[],"abandoned":[]}"#] {
            let error = decode(text).unwrap_err();
            assert!(!error.contains("geheim"), "{error}");
        }
    }
}
