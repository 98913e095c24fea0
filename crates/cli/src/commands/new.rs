//! `hence new`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use hence_diagnostics::Sources;
use hence_schema::sample;
use serde_json::json;

use crate::{Ending, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The folder to make, whose last part is the project's name.
    name: PathBuf,
    /// What the rules are about.
    #[arg(long, value_enum, default_value = "shop")]
    template: Template,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Template {
    /// Orders of a web shop.
    Shop,
    /// Members of a club or customers of a subscription.
    Members,
    /// Issues and pull requests.
    Github,
}

/// What a template is made of.
struct Parts {
    manifest: &'static str,
    /// The name of the files with the rules and with their tests.
    file: &'static str,
    rules: &'static str,
    tests: &'static str,
    /// The events to try the rules on.
    events: &'static [&'static str],
}

macro_rules! text {
    ($name:literal) => {
        include_str!(concat!("../../templates/", $name))
    };
}

impl Template {
    /// What the project is made of.
    fn parts(self) -> Parts {
        match self {
            Template::Shop => Parts {
                manifest: text!("shop/hence.toml"),
                file: "orders.rule",
                rules: text!("shop/orders.rule"),
                tests: text!("shop/tests.rule"),
                events: &["shop.order.created", "shop.order.refunded"],
            },
            Template::Members => Parts {
                manifest: text!("members/hence.toml"),
                file: "members.rule",
                rules: text!("members/members.rule"),
                tests: text!("members/tests.rule"),
                events: &["crm.member.created", "crm.payment.failed"],
            },
            Template::Github => Parts {
                manifest: text!("github/hence.toml"),
                file: "triage.rule",
                rules: text!("github/triage.rule"),
                tests: text!("github/tests.rule"),
                events: &["github.issues.opened", "github.pull_request.opened"],
            },
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let folder = &arguments.name;
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(fits) {
        bail!("a project's name is made of letters, digits, `-`, `_` and `.`, not `{}`", folder.display());
    }
    if folder.exists() {
        bail!("{} is already there", folder.display());
    }
    let Parts { manifest, file, rules, tests, events } = arguments.template.parts();
    write(folder, "hence.toml", &manifest.replace("NAME", name))?;
    write(folder, &format!("rules/{file}"), rules)?;
    write(folder, &format!("tests/{file}"), tests)?;
    write(folder, "events.jsonl", &samples(events))?;
    write(folder, "README.md", &text!("common/README.md").replace("NAME", name))?;
    write(folder, ".gitignore", text!("common/gitignore"))?;
    write(folder, ".github/workflows/rules.yml", text!("common/workflow.yml"))?;
    write(folder, ".vscode/settings.json", text!("common/vscode-settings.json"))?;
    output::remark(&format!(
        "Made {0}. Next:\n  cd {0}\n  hence check\n  hence test\n  hence run --data events.jsonl",
        folder.display()
    ));
    Ok(Ending::Well)
}

/// Returns one line for each event, with the example of its schema.
fn samples(events: &[&str]) -> String {
    let (catalog, _) = hence_schema::catalog(&mut Sources::new(), &[]);
    let mut lines = String::new();
    for (index, name) in events.iter().enumerate() {
        if let Some(event) = catalog.event_by_full_name(name) {
            let line = json!({ "event": name, "id": format!("event-{}", index + 1), "data": sample(event) });
            lines.push_str(&format!("{line}\n"));
        }
    }
    lines
}

fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}
