//! The long text of a code: the page `explain/Hnnnn.md` that `hence explain`, editors and SARIF show.
//!
//! A page is a heading `# Hnnnn: title`, paragraphs that say what it means and why it matters, a failing text
//! in a fence `rule wrong`, the corrected one in a fence `rule right`, and for lints a part on how to silence it.
//! Both texts are run as tests, so they are found by [`examples`].

use crate::Code;

/// Returns the page of a code, as Markdown, or nothing where there is no such code.
///
/// The code may be given by its name, and in any case.
pub fn page(text: &str) -> Option<&'static str> {
    Code::parse(text).map(Code::page)
}

/// Returns the title of a code's page, such as `unknown field`.
pub fn title(code: Code) -> &'static str {
    let heading = code.page().lines().next().unwrap_or_default();
    heading.split_once(": ").map_or(code.name(), |(_, title)| title)
}

/// Returns the first paragraph of a code's page, on several lines as written.
pub fn first_paragraph(code: Code) -> &'static str {
    let body = code.page().split_once("\n\n").map_or("", |(_, body)| body);
    body.split("\n\n").next().unwrap_or_default().trim_end()
}

/// Returns the first paragraph of the page of a code given by code or name.
pub fn summary(text: &str) -> Option<&'static str> {
    Code::parse(text).map(first_paragraph)
}

/// Returns one line for each code: the code, its name and its title.
pub fn list() -> String {
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or_default();
    let line = |code: &Code| format!("{code}  {:width$}  {}\n", code.name(), title(*code));
    Code::ALL.iter().map(line).collect()
}

/// An example of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The language after the fence: `rule`, `json`, `toml` or `text`.
    pub language: &'static str,
    /// Whether it is the failing one.
    pub wrong: bool,
    /// The text.
    pub text: &'static str,
}

/// Returns the examples of a code's page, in order.
pub fn examples(code: Code) -> Vec<Example> {
    let mut found = Vec::new();
    let mut rest = code.page();
    while let Some((_, after)) = rest.split_once("\n```") {
        let Some((info, body)) = after.split_once('\n') else { break };
        let Some((text, next)) = body.split_once("```") else { break };
        if let Some((language, kind)) = info.split_once(' ') {
            found.push(Example { language, wrong: kind == "wrong", text });
        }
        rest = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_by_code_in_any_case_and_by_name() {
        assert_eq!(page("h1003"), Some(Code::UnknownField.page()));
        assert_eq!(page("unknown-field"), Some(Code::UnknownField.page()));
        assert_eq!(page("H9999"), None);
    }

    #[test]
    fn every_page_has_the_parts_that_are_read_by_machine() {
        for code in Code::ALL {
            let page = code.page();
            assert!(page.starts_with(&format!("# {code}: ")), "{code} has no heading");
            assert!(first_paragraph(*code).len() > 30, "{code} has no first paragraph");
            assert!(!first_paragraph(*code).contains("```"), "{code} starts with an example");
            assert!(page.ends_with('\n') && !page.ends_with("\n\n"), "{code} ends badly");
            let examples = examples(*code);
            assert!(examples.iter().any(|example| example.wrong), "{code} shows nothing wrong");
            assert!(examples.iter().any(|example| !example.wrong), "{code} shows nothing right");
            assert_eq!(page.matches("```").count(), examples.len() * 2, "{code} has a bad fence");
        }
    }

    #[test]
    fn lints_say_how_to_silence_them() {
        for code in Code::ALL.iter().filter(|code| code.as_str().starts_with("H4")) {
            assert!(code.page().contains("## How to silence"), "{code}");
        }
    }

    #[test]
    fn the_list_has_a_line_per_code() {
        assert_eq!(list().lines().count(), Code::ALL.len());
        assert!(list().contains("H1003  unknown-field"));
    }
}
