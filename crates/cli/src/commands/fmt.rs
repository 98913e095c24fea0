//! `hence fmt`

use std::io::Read;
use std::path::PathBuf;

use anyhow::Context;
use hence_diagnostics::Sources;

use crate::{Ending, loading, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A project's folder, or a rule file.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Changes nothing, names the files that would change and exits with 1 if there are any.
    #[arg(long)]
    check: bool,
    /// Formats standard input to standard output.
    #[arg(long, conflicts_with = "check")]
    stdin: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    if arguments.stdin {
        return standard_input();
    }
    let project = loading::project(&arguments.path)?;
    let only = arguments.path.is_file().then(|| std::fs::canonicalize(&arguments.path).ok()).flatten();
    let mut changed = 0;
    let mut broken = Vec::new();
    for parsed in &project.files {
        let name = project.sources.name(parsed.file);
        if only.is_some() && std::fs::canonicalize(name).ok() != only {
            continue;
        }
        broken.extend(parsed.diagnostics.iter().cloned());
        let formatted = hence_syntax::format(&project.sources, parsed.file);
        let before = project.sources.get(parsed.file).map(|source| source.text().clone()).unwrap_or_default();
        if *formatted.text == *before {
            continue;
        }
        changed += 1;
        if !arguments.check {
            std::fs::write(name, &formatted.text).with_context(|| format!("cannot write {name}"))?;
        }
        output::result(&format!("{name}\n"));
    }
    // Items that cannot be read stay as they are; their author is told.
    output::diagnostics(&project.sources, &broken);
    let wrong = !broken.is_empty() || arguments.check && changed > 0;
    Ok(if wrong { Ending::Wrong } else { Ending::Well })
}

fn standard_input() -> anyhow::Result<Ending> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    let text = String::from_utf8(bytes).context("standard input is not UTF-8")?;
    let mut sources = Sources::new();
    let file = sources.add("<stdin>", text);
    let broken = hence_syntax::parse(&sources, file).diagnostics;
    output::result(&hence_syntax::format(&sources, file).text);
    output::diagnostics(&sources, &broken);
    Ok(if broken.is_empty() { Ending::Well } else { Ending::Wrong })
}
