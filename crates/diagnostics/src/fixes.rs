//! Applying fixes to a text. Which fixes to apply is the caller's choice; this module only keeps two edits from
//! touching the same bytes.

use crate::{Edit, Fix};

/// Returns `text` with the fixes applied, all of which must be of this text.
///
/// Fixes are taken in the order given. One that overlaps an earlier one, or does not fit the text, is left out
/// as a whole; whoever applies fixes checks the result again and offers what is left. The same fix given twice
/// is applied once.
pub fn apply<'a>(text: &str, fixes: impl IntoIterator<Item = &'a Fix>) -> String {
    let mut accepted: Vec<&Edit> = Vec::new();
    for fix in fixes {
        let fits = fix.edits.iter().all(|edit| text.get(edit.span.range()).is_some());
        let clashes = fix.edits.iter().any(|edit| accepted.iter().any(|other| clash(edit, other)));
        let among_themselves = fix
            .edits
            .iter()
            .enumerate()
            .any(|(i, edit)| fix.edits.iter().skip(i + 1).any(|other| overlap(edit, other)));
        if fits && !clashes && !among_themselves {
            accepted.extend(&fix.edits);
        }
    }
    // Stable, so that two insertions of one fix at one place keep their order.
    accepted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for edit in accepted {
        result.push_str(text.get(done..edit.span.start as usize).unwrap_or_default());
        result.push_str(&edit.text);
        done = edit.span.end as usize;
    }
    result.push_str(text.get(done..).unwrap_or_default());
    result
}

/// Whether edits of two fixes exclude each other. Two insertions at one place do: both may insert the same comma.
fn clash(a: &Edit, b: &Edit) -> bool {
    a.span == b.span || overlap(a, b)
}

fn overlap(a: &Edit, b: &Edit) -> bool {
    let (first, second) =
        if (a.span.start, a.span.end) <= (b.span.start, b.span.end) { (a, b) } else { (b, a) };
    second.span.start < first.span.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Applicability, FileId, Span};

    fn fix(edits: &[(u32, u32, &str)]) -> Fix {
        let edit = |(start, end, text): &(u32, u32, &str)| Edit {
            span: Span::new(FileId::default(), *start, *end),
            text: (*text).to_string(),
        };
        Fix {
            title: String::new(),
            applicability: Applicability::Safe,
            edits: edits.iter().map(edit).collect(),
        }
    }

    #[test]
    fn edits_apply_in_the_order_of_their_places() {
        let fixes = [fix(&[(6, 7, "C")]), fix(&[(0, 1, "A"), (2, 2, "-")])];
        assert_eq!(apply("a bb ccc", &fixes), "A -bb cCc");
    }

    #[test]
    fn a_fix_that_overlaps_an_earlier_one_is_left_out_whole() {
        let fixes = [fix(&[(0, 3, "x")]), fix(&[(2, 4, "y"), (5, 5, "z")])];
        assert_eq!(apply("abcdef", &fixes), "xdef");
    }

    #[test]
    fn the_same_insertion_of_two_fixes_happens_once() {
        let fixes = [fix(&[(1, 1, ",")]), fix(&[(1, 1, ",")])];
        assert_eq!(apply("ab", &fixes), "a,b");
    }

    #[test]
    fn two_insertions_of_one_fix_at_one_place_keep_their_order() {
        assert_eq!(apply("ab", &[fix(&[(1, 1, "("), (1, 1, "[")])]), "a([b");
    }

    #[test]
    fn an_insertion_may_touch_a_replacement() {
        assert_eq!(apply("abc", &[fix(&[(0, 1, "x"), (1, 1, "y")])]), "xybc");
    }

    #[test]
    fn an_edit_that_does_not_fit_the_text_is_left_out() {
        assert_eq!(apply("aä", &[fix(&[(2, 3, "x")]), fix(&[(0, 9, "x")])]), "aä");
    }
}
