//! "Did you mean": the nearest of the names that are valid at a place.

/// Returns the Damerau-Levenshtein distance (optimal string alignment) of two words, in characters.
pub fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let width = b.len() + 1;
    // Three rows that take turns: the one before the last, the last, and the one that is being filled.
    let mut rows = vec![0; width * 3];
    let (mut before, rest) = rows.split_at_mut(width);
    let (mut last, mut row) = rest.split_at_mut(width);
    for (j, cell) in last.iter_mut().enumerate() {
        *cell = j;
    }
    let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX / 2);
    for (i, x) in a.iter().enumerate() {
        let mut left = i + 1;
        if let Some(cell) = row.first_mut() {
            *cell = left;
        }
        for (j, y) in b.iter().enumerate() {
            let mut best = (at(last, j + 1) + 1).min(left + 1).min(at(last, j) + usize::from(x != y));
            if i > 0 && j > 0 && Some(x) == b.get(j - 1) && a.get(i - 1) == Some(y) {
                best = best.min(at(before, j - 1) + 1);
            }
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = best;
            }
            left = best;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last.last().copied().unwrap_or(0)
}

/// Returns the candidate nearest to `wanted`, if one is near enough to be meant.
///
/// Case, `_` and `-` are ignored first; otherwise at most a third of the letters (one at the least) may differ.
/// None is better than a bad one. Ties go to the candidate that comes first.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = letters(wanted);
    let limit = (length / 3).max(1);
    let mut target = None;
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // Words whose lengths differ by more are further apart than that: most need not be looked at.
        let letters = letters(candidate);
        if candidate == wanted || letters <= 1 || letters.abs_diff(length) > limit {
            continue;
        }
        let target = target.get_or_insert_with(|| plain(wanted));
        let far = distance(target, &plain(candidate));
        if far <= limit && far < letters && best.is_none_or(|(d, _)| far < d) {
            best = Some((far, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

const IGNORED: [char; 3] = ['_', '-', ' '];

fn plain(word: &str) -> String {
    word.to_lowercase().replace(IGNORED, "")
}

/// How many letters of a word are compared.
fn letters(word: &str) -> usize {
    if word.is_ascii() {
        return word.bytes().filter(|byte| !IGNORED.contains(&char::from(*byte))).count();
    }
    plain(word).chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_counts_once() {
        assert_eq!(distance("wehn", "when"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }

    #[test]
    fn the_nearest_is_near_or_none() {
        assert_eq!(nearest("statuz", ["state", "status"]), Some("status"));
        assert_eq!(nearest("firstName", ["last_name", "first_name"]), Some("first_name"));
        assert_eq!(nearest("foo", ["null", "bar"]), None);
        assert_eq!(nearest("x", ["y"]), None);
    }
}
