//! Two texts, line by line: what is only in the one, what is only in the other, and a little of what is in both.

/// How many common lines are shown around a difference.
const CONTEXT: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line<'a> {
    Both(&'a str),
    Expected(&'a str),
    Found(&'a str),
}

/// Returns the differences: lines of `expected` alone begin with `-`, those of `found` alone with `+`.
pub(crate) fn difference(expected: &str, found: &str) -> String {
    let lines = compare(&lines(expected), &lines(found));
    let is_near = |index: usize| {
        let from = index.saturating_sub(CONTEXT);
        lines.iter().skip(from).take(index - from + CONTEXT + 1).any(|line| !matches!(line, Line::Both(_)))
    };
    let mut out = String::new();
    let mut skipped = false;
    for (index, line) in lines.iter().enumerate() {
        if !is_near(index) {
            skipped = true;
            continue;
        }
        if std::mem::take(&mut skipped) {
            out.push_str("  …\n");
        }
        let (mark, text) = match line {
            Line::Both(text) => (' ', text),
            Line::Expected(text) => ('-', text),
            Line::Found(text) => ('+', text),
        };
        out.push_str(&format!("{mark} {text}\n"));
    }
    out
}

/// Returns the lines, with a note where the last one has no line break.
fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    if lines.last() == Some(&"") {
        lines.pop();
    } else if !text.is_empty() {
        lines.push("(no line break at the end)");
    }
    lines
}

/// Returns the lines of both, common ones once: those of a longest common subsequence.
fn compare<'a>(expected: &[&'a str], found: &[&'a str]) -> Vec<Line<'a>> {
    // `common[i][j]` is the length of a longest common subsequence of `expected[i..]` and `found[j..]`.
    let mut common = vec![vec![0_usize; found.len() + 1]; expected.len() + 1];
    let at = |common: &[Vec<usize>], i: usize, j: usize| {
        common.get(i).and_then(|row| row.get(j)).copied().unwrap_or_default()
    };
    for (i, one) in expected.iter().enumerate().rev() {
        for (j, other) in found.iter().enumerate().rev() {
            let length = if one == other {
                at(&common, i + 1, j + 1) + 1
            } else {
                at(&common, i + 1, j).max(at(&common, i, j + 1))
            };
            if let Some(place) = common.get_mut(i).and_then(|row| row.get_mut(j)) {
                *place = length;
            }
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    loop {
        match (expected.get(i), found.get(j)) {
            (Some(one), Some(other)) if one == other => {
                lines.push(Line::Both(one));
                (i, j) = (i + 1, j + 1);
            }
            (Some(one), other) if other.is_none() || at(&common, i + 1, j) >= at(&common, i, j + 1) => {
                lines.push(Line::Expected(one));
                i += 1;
            }
            (_, Some(other)) => {
                lines.push(Line::Found(other));
                j += 1;
            }
            _ => return lines,
        }
    }
}
