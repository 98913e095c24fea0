//! "Did you mean": the nearest of the names that are valid at a place.

/// Returns the Damerau-Levenshtein distance (optimal string alignment) of two words, in characters.
pub fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut best =
                (at(&last, j + 1) + 1).min(at(&row, j) + 1).min(at(&last, j) + usize::from(x != y));
            if i > 0 && j > 0 && Some(x) == b.get(j - 1) && a.get(i - 1) == Some(y) {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

/// Returns the candidate nearest to `wanted`, if one is near enough to be meant.
///
/// Case, `_` and `-` are ignored first; otherwise at most a third of the letters (one at the least) may differ.
/// None is better than a bad one. Ties go to the candidate that comes first.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |word: &str| word.to_lowercase().replace(['_', '-', ' '], "");
    let target = plain(wanted);
    let limit = (target.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let word = plain(candidate);
        if candidate == wanted || word.chars().count() <= 1 {
            continue;
        }
        let far = distance(&target, &word);
        if far <= limit && far < word.chars().count() && best.is_none_or(|(d, _)| far < d) {
            best = Some((far, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
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
