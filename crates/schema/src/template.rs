//! Placeholders in the texts of calls: `{tag}` or `{connection.token}`; `{{` and `}}` are the braces themselves.

/// Returns the names of the placeholders of a text, each with its place in the text, or the place of a brace
/// without its partner.
pub(crate) fn placeholders(text: &str) -> Result<Vec<(usize, &str)>, usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = rest(text, at).find(['{', '}']).map(|next| at + next) {
        let tail = rest(text, next);
        if tail.starts_with("{{") || tail.starts_with("}}") {
            at = next + 2;
            continue;
        }
        let inside = rest(text, next + 1);
        match inside.find(['{', '}']) {
            Some(end) if tail.starts_with('{') && rest(inside, end).starts_with('}') => {
                let padded = inside.get(..end).unwrap_or_default();
                let blanks = padded.len() - padded.trim_start().len();
                found.push((next + 1 + blanks, padded.trim()));
                at = next + end + 2;
            }
            _ => return Err(next),
        }
    }
    Ok(found)
}

fn rest(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_braces_is_a_placeholder_and_a_doubled_brace_is_text() {
        assert_eq!(
            placeholders("/m/{user}/{ connection.token }?"),
            Ok(vec![(4, "user"), (12, "connection.token")])
        );
        assert_eq!(placeholders("mutation {{ create {{ id }} }}"), Ok(vec![]));
        assert_eq!(placeholders("{{{a}}}"), Ok(vec![(3, "a")]));
        assert_eq!(placeholders("ä{é}"), Ok(vec![(3, "é")]));
        assert_eq!(placeholders("{}"), Ok(vec![(1, "")]));
        assert_eq!(placeholders(""), Ok(vec![]));
    }

    #[test]
    fn a_brace_without_its_partner_is_found() {
        for (text, place) in [("a {b", 2), ("a}", 1), ("{a{b}", 0), ("{{a}", 3), ("{", 0)] {
            assert_eq!(placeholders(text), Err(place), "{text}");
        }
    }
}
