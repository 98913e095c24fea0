//! `explain/`: the rules that the pages of diagnostics show do what the pages say.

use hence_diagnostics::explain::{Example, examples};
use hence_diagnostics::render::{TextOptions, text};
use hence_diagnostics::{Code, Diagnostic};
use hence_project::Project;

use crate::case::{Case, Failed};

/// Returns a test for each page that shows rules.
pub(crate) fn cases() -> Vec<Case> {
    let shows_rules = |code: &&Code| examples(**code).iter().any(|example| example.language == "rule");
    Code::ALL
        .iter()
        .filter(shows_rules)
        .map(|code| Case::new(format!("explain/{code}"), |_| page(*code)))
        .collect()
}

fn page(code: Code) -> Result<(), Failed> {
    for example in examples(code).into_iter().filter(|example| example.language == "rule") {
        let project = Project::of_text("example.rule", example.text);
        let has_code = |diagnostic: &Diagnostic| diagnostic.code == code;
        let fits = if example.wrong {
            !project.diagnostics().is_empty() && project.diagnostics().iter().all(has_code)
        } else {
            project.diagnostics().is_empty()
        };
        if !fits {
            return Err(wrong(code, &example, &project));
        }
    }
    Ok(())
}

fn wrong(code: Code, example: &Example, project: &Project) -> Failed {
    let wanted = if example.wrong { format!("{code} and nothing else") } else { "nothing".to_owned() };
    let found = text(&project.sources, &project.diagnostics(), TextOptions::default());
    format!("expected {wanted} for\n\n{}\nfound:\n\n{found}", example.text)
}
