//! A fix as lines: those that go, with `-`, and those that come, with `+`.

use super::{TextOptions, visible};
use crate::{Fix, apply};

/// How many lines of either kind are shown.
const MOST_LINES: usize = 8;
/// How many characters that do not change are shown before and after the change in a long line.
const CONTEXT: usize = 30;

/// Returns the changed lines with their signs. A line that is only moved by others is not shown.
pub(super) fn lines(text: &str, fix: &Fix, options: TextOptions) -> Vec<(char, String)> {
    let changed = apply(text, [fix]);
    let before: Vec<&str> = text.lines().collect();
    let after: Vec<&str> = changed.lines().collect();
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = before.iter().zip(&after).take_while(same).count();
    let (before, after) = (before.get(head..).unwrap_or_default(), after.get(head..).unwrap_or_default());
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(same).count();
    let before = before.get(..before.len() - tail).unwrap_or_default();
    let after = after.get(..after.len() - tail).unwrap_or_default();
    if before.len() == after.len() {
        let changed = before.iter().zip(after).filter(|(old, new)| old != new);
        return changed.take(MOST_LINES).flat_map(|(old, new)| pair(old, new, options)).collect();
    }
    let mut lines = Vec::new();
    for (sign, side) in [('-', before), ('+', after)] {
        lines.extend(side.iter().take(MOST_LINES).map(|line| (sign, cut(line, 0, 0, options))));
        if side.len() > MOST_LINES {
            lines.push((sign, ellipsis(options).to_string()));
        }
    }
    lines
}

fn pair(old: &str, new: &str, options: TextOptions) -> [(char, String); 2] {
    let head = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).count();
    let shorter = old.chars().count().min(new.chars().count());
    let tail =
        old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b).count().min(shorter - head);
    [('-', cut(old, head, tail, options)), ('+', cut(new, head, tail, options))]
}

/// Returns a line, or of a long one the part between `head` characters from the start and `tail` from the end,
/// with some of what is around it.
fn cut(line: &str, head: usize, tail: usize, options: TextOptions) -> String {
    let characters: Vec<char> = line.trim_end().chars().map(plain).collect();
    if characters.len() <= options.width {
        return characters.into_iter().collect();
    }
    let from = head.saturating_sub(CONTEXT);
    let to =
        (characters.len().saturating_sub(tail) + CONTEXT).min(from + options.width).min(characters.len());
    let mut shown = String::new();
    if from > 0 {
        shown.push_str(ellipsis(options));
    }
    shown.extend(characters.get(from..to.max(from)).unwrap_or_default());
    if to < characters.len() {
        shown.push_str(ellipsis(options));
    }
    shown
}

fn plain(c: char) -> char {
    if c == '\t' { ' ' } else { visible(c) }
}

fn ellipsis(options: TextOptions) -> &'static str {
    if options.ascii { "..." } else { "…" }
}
