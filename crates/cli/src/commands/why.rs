//! `hence why`

use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;
use hence_builtins::Context;
use hence_diagnostics::{Span, nearest};
use hence_engine::Skip;
use hence_project::Project;
use hence_types::jiff::Timestamp;
use hence_vm::{EventInput, Marks, explain};

use crate::{Ending, events, loading, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The rule.
    #[arg(required_unless_present = "execution")]
    rule: Option<String>,
    /// The event the data is a payload of, such as `shop.order.created`. Without it, each document is
    /// `{"event": …, "id": …, "time": …, "data": …}`.
    #[arg(long)]
    event: Option<String>,
    /// The entry point the data is a context of, such as `checkout`.
    #[arg(long, conflicts_with = "event")]
    entry_point: Option<String>,
    /// A file with one JSON document or JSON Lines; `-` for standard input.
    #[arg(long, required_unless_present = "execution")]
    data: Option<PathBuf>,
    /// Explains only the event of this id.
    #[arg(long)]
    id: Option<String>,
    /// Explains an execution of a running daemon.
    #[arg(long, conflicts_with_all = ["data", "event", "entry_point", "id"])]
    execution: Option<String>,
    /// The daemon's address.
    #[arg(long, default_value = "http://127.0.0.1:7070", env = "HENCE_SERVER")]
    server: String,
    /// A token of the daemon.
    #[arg(long, env = "HENCE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The project's folder.
    #[arg(long, default_value = ".")]
    project: PathBuf,
    /// How to print the explanation.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// An event to be explained.
struct Asked {
    name: String,
    id: String,
    source: String,
    time: Timestamp,
    now: Timestamp,
    payload: String,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    if let Some(execution) = &arguments.execution {
        return of_execution(arguments, execution);
    }
    let project = loading::project(&arguments.project)?;
    if output::errors(&project.sources, &project.diagnostics()) {
        return Ok(Ending::Wrong);
    }
    let rule = arguments.rule.clone().unwrap_or_default();
    let asked = of_file(arguments, &project)?;
    let Some(rule) = project.program().rule(&rule) else {
        match nearest(&rule, project.program().rules.iter().map(|rule| &*rule.name)) {
            Some(near) => bail!("no rule is named `{rule}`; did you mean `{near}`?"),
            None => bail!("no rule is named `{rule}`"),
        }
    };
    if let Some(only) = project.program().only(&rule.name)
        && output::errors(&project.sources, &hence_project::unrunnable(&only))
    {
        return Ok(Ending::Wrong);
    }
    let source = |span: Span| project.sources.slice(span).to_owned();
    let marks = Marks::Unicode;
    let mut any = false;
    for asked in asked {
        if !rule.triggers.iter().any(|trigger| **trigger == *asked.name) {
            let triggers: Vec<String> = rule.triggers.iter().map(|trigger| format!("`{trigger}`")).collect();
            if arguments.event.is_some() || arguments.entry_point.is_some() || arguments.id.is_some() {
                bail!(
                    "`{}` is not triggered by `{}`, only by {}",
                    rule.name,
                    asked.name,
                    triggers.join(" and ")
                );
            }
            continue;
        }
        any = true;
        let event = EventInput {
            name: &asked.name,
            id: &asked.id,
            time: asked.time,
            source: &asked.source,
            payload: &asked.payload,
        };
        let slots = hence_vm::decode(&rule.plan, &event);
        let context = Context { now: asked.now, zone: rule.zone(&project.manifest.zone).clone() };
        let explanation = explain(rule, &slots, &context);
        let skipped = Skip::of_event(rule, &slots, &context);
        match arguments.format {
            Format::Human => {
                if let Some(skip) = skipped {
                    output::result(&format!("`{}` is not run: {skip}\n", rule.name));
                }
                output::result(&format!("{}\n", explanation.render(&source, marks)));
            }
            Format::Json => {
                let mut json = explanation.to_json(&source);
                if let (Some(skip), Some(members)) = (skipped, json.as_object_mut()) {
                    members.insert("skipped".to_owned(), skip.to_string().into());
                }
                output::result(&format!("{json}\n"));
            }
        }
    }
    if !any {
        bail!("the data has no event that triggers `{}`", rule.name);
    }
    Ok(Ending::Well)
}

fn of_file(arguments: &Arguments, project: &Project) -> anyhow::Result<Vec<Asked>> {
    let data = arguments.data.clone().unwrap_or_default();
    let now = Timestamp::now();
    if let Some(name) = &arguments.entry_point {
        let entry_point = events::entry_point(name, &project.catalog)?;
        let contexts = events::documents(&data)?;
        let asked = contexts.iter().enumerate().map(|(index, context)| Asked {
            name: entry_point.name.to_string(),
            id: format!("event-{}", index + 1),
            source: entry_point.name.to_string(),
            time: now,
            now,
            payload: context.get().to_owned(),
        });
        let asked = asked.filter(|asked| arguments.id.as_deref().is_none_or(|id| asked.id == id));
        return Ok(asked.collect());
    }
    let events = events::read(&data, arguments.event.as_deref(), &project.catalog, now)?;
    let asked: Vec<Asked> = events
        .into_iter()
        .filter(|event| arguments.id.as_deref().is_none_or(|id| *event.id == *id))
        .map(|event| Asked {
            name: event.name.to_string(),
            id: event.id.to_string(),
            source: event.source.to_string(),
            time: event.occurred_at,
            now: event.received_at,
            payload: event.payload.to_string(),
        })
        .collect();
    if asked.is_empty() {
        bail!("the data has no event of the id `{}`", arguments.id.as_deref().unwrap_or_default());
    }
    Ok(asked)
}

/// Lets the daemon, which has the event and the rule as it ran, explain an execution.
fn of_execution(arguments: &Arguments, execution: &str) -> anyhow::Result<Ending> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let format = match arguments.format {
        Format::Human => "text",
        Format::Json => "json",
    };
    if !execution.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        bail!("`{execution}` is no id of an execution");
    }
    let path = format!("/v1/executions/{execution}/explanation?format={format}");
    let text = runtime.block_on(hence_connectors::daemon::get(
        &arguments.server,
        &path,
        arguments.token.as_deref(),
    ))?;
    output::result(&format!("{}\n", text.trim_end()));
    Ok(Ending::Well)
}
