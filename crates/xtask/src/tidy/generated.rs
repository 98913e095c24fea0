//! Generated parts of documents: they say what the source says.

use super::Problem;
use crate::codegen;
use crate::tree::File;

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    files.iter().filter_map(problem).collect()
}

fn problem(file: &File) -> Option<Problem> {
    match codegen::renewed(file)? {
        Ok(renewed) if Some(&*renewed) == file.text.as_deref() => None,
        Ok(_) => Some(Problem::new(&file.path, "generated parts are stale; run `cargo xtask codegen`")),
        Err(marker) => Some(Problem::at(&file.path, marker.line, marker.message)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_part_and_a_bad_marker_are_problems() {
        let document = |text: &str| check(&[File::new("docs/a.md", text)]).pop();
        let stale = "<!-- generated: codes -->\nold\n<!-- end -->\n";
        assert!(document(stale).is_some_and(|problem| problem.line.is_none()));
        assert!(document(&codegen::renew(stale).unwrap()).is_none());
        assert!(document("<!-- generated: x -->\n").is_some_and(|problem| problem.line == Some(1)));
        assert!(document("no parts\n").is_none());
        let grammar = "\"name\": \"keyword.control.hence\",\n\"match\": \"when\"\n";
        let path = "editors/vscode/syntaxes/hence.tmLanguage.json";
        assert_eq!(check(&[File::new(path, grammar)]).len(), 1);
    }
}
