//! What a case is expected to give: `name.out` beside `name.rule`.

use std::path::Path;

use crate::case::{Failed, Mode};
use crate::difference::difference;

/// Compares what a case gives with its `.out`, or writes it there.
pub(crate) fn compare(rule: &Path, found: &str, mode: Mode) -> Result<(), Failed> {
    let out = rule.with_extension("out");
    let expected = std::fs::read_to_string(&out).ok();
    if expected.as_deref() == Some(found) {
        return Ok(());
    }
    if mode == Mode::Bless {
        return std::fs::write(&out, found)
            .map_err(|error| format!("cannot write {}: {error}", out.display()));
    }
    match expected {
        Some(expected) => Err(format!(
            "{} differs; if this is right, `cargo bless {}`:\n{}",
            out.display(),
            filter(rule),
            difference(&expected, found)
        )),
        None => {
            Err(format!("{} is not there; `cargo bless {}` writes:\n{found}", out.display(), filter(rule)))
        }
    }
}

fn filter(rule: &Path) -> String {
    rule.strip_prefix("corpus").unwrap_or(rule).display().to_string()
}
