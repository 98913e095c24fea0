//! The register of diagnostics: every code has a page that says something.

use hence_diagnostics::{Code, explain};

use super::Problem;

/// A page shorter than this is a stub.
const SHORTEST: usize = 200;

pub(super) fn check() -> Vec<Problem> {
    Code::ALL.iter().filter_map(|code| page(*code, code.page(), explain::examples(*code).len())).collect()
}

fn page(code: Code, page: &str, examples: usize) -> Option<Problem> {
    let place = format!("crates/diagnostics/explain/{code}.md");
    if page.trim().len() < SHORTEST {
        return Some(Problem::new(place, "the page is a stub; say what it means and why it matters"));
    }
    if examples < 2 {
        return Some(Problem::new(place, "the page needs a failing text and the corrected one"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_and_a_page_without_examples_are_problems() {
        let code = Code::UnknownField;
        assert!(page(code, "# H1003: unknown field\n", 2).is_some());
        assert!(page(code, &"long enough ".repeat(30), 0).is_some());
        assert!(page(code, &"long enough ".repeat(30), 2).is_none());
    }
}
