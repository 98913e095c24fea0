//! `hence new`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use hence_diagnostics::Sources;
use hence_schema::{sample, sample_context};
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
    /// Decisions at the checkout of a web shop.
    Checkout,
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
    /// The entry point to ask for a decision instead.
    entry_point: Option<&'static str>,
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
                entry_point: None,
            },
            Template::Members => Parts {
                manifest: text!("members/hence.toml"),
                file: "members.rule",
                rules: text!("members/members.rule"),
                tests: text!("members/tests.rule"),
                events: &["crm.member.created", "crm.payment.failed"],
                entry_point: None,
            },
            Template::Github => Parts {
                manifest: text!("github/hence.toml"),
                file: "triage.rule",
                rules: text!("github/triage.rule"),
                tests: text!("github/tests.rule"),
                events: &["github.issues.opened", "github.pull_request.opened"],
                entry_point: None,
            },
            Template::Checkout => Parts {
                manifest: text!("checkout/hence.toml"),
                file: "pricing.rule",
                rules: text!("checkout/pricing.rule"),
                tests: text!("checkout/tests.rule"),
                events: &[],
                entry_point: Some("checkout"),
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
    let Parts { manifest, file, rules, tests, events, entry_point } = arguments.template.parts();
    // How the rules are tried, and on what.
    let (data, file_of_data) = match entry_point {
        Some(name) => (context(name), "context.json"),
        None => (samples(events), "events.jsonl"),
    };
    let asked = entry_point.map_or(String::new(), |name| format!(" --entry-point {name}"));
    write(folder, "hence.toml", &manifest.replacen("NAME", name, 1))?;
    write(folder, &format!("rules/{file}"), rules)?;
    write(folder, &format!("tests/{file}"), tests)?;
    write(folder, file_of_data, &data)?;
    let readme = match entry_point {
        Some(_) => text!("checkout/README.md"),
        None => text!("common/README.md"),
    };
    write(folder, "README.md", &readme.replace("NAME", name))?;
    write(folder, ".gitignore", text!("common/gitignore"))?;
    write(folder, ".github/workflows/rules.yml", text!("common/workflow.yml"))?;
    write(folder, ".pre-commit-config.yaml", text!("common/pre-commit.yaml"))?;
    write(folder, ".vscode/settings.json", text!("common/vscode-settings.json"))?;
    output::remark(&format!(
        "Made {0}. Next:\n  cd {0}\n  hence check\n  hence test\n  hence run{asked} --data {file_of_data}",
        folder.display()
    ));
    Ok(Ending::Well)
}

/// Returns the example of an entry point's context.
fn context(name: &str) -> String {
    let (catalog, _) = hence_schema::catalog(&mut Sources::new(), &[]);
    let context = catalog.entry_point(name).map(sample_context).unwrap_or_default();
    format!("{context:#}\n")
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
