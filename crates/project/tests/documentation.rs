//! The rules that the documentation shows: those in a fence `rule` have nothing to report, those in a fence
//! `rule wrong` have something.

use std::fs;
use std::path::{Path, PathBuf};

use hence_diagnostics::render::{TextOptions, text};
use hence_project::Project;

/// The documents: `README.md` and what stands in `docs`.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut documents = vec![root.join("README.md")];
    for entry in fs::read_dir(root.join("docs")).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            documents.push(path);
        }
    }
    documents.sort();
    documents
}

/// The blocks of rules in a document: the line of the fence, whether it is a wrong one, the text.
fn blocks(document: &str) -> Vec<(usize, bool, String)> {
    let mut found = Vec::new();
    let mut lines = document.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let body: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        if info == "rule" || info == "rule wrong" {
            found.push((index + 1, info == "rule wrong", body.join("\n") + "\n"));
        }
    }
    found
}

#[test]
fn the_rules_of_the_documentation_do_what_it_says() {
    let mut failed = Vec::new();
    let mut count = 0;
    for document in documents() {
        for (line, wrong, rules) in blocks(&fs::read_to_string(&document).unwrap()) {
            count += 1;
            let project = Project::of_text("example.rule", &rules);
            if project.diagnostics().is_empty() == wrong {
                let found = text(&project.sources, &project.diagnostics(), TextOptions::default());
                failed
                    .push(format!("{}:{line}: nothing to report, or too much\n{found}", document.display()));
            }
        }
    }
    assert!(count > 10, "only {count} blocks found");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
