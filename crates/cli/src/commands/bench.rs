//! `hence bench`: what the events of a project cost, which rules cost most, and what the index could not use.
//!
//! `bench/made.rs` makes events where none are given, `bench/measure.rs` measures, `bench/report.rs` prints.

mod made;
mod measure;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use clap::ValueEnum;
use hence_project::Project;
use hence_types::jiff::Timestamp;

use crate::jit::Jit;
use crate::{Ending, events, loading, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A project's folder, or a rule file.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The event all documents are payloads of, such as `shop.order.created`. Without it, each document is
    /// `{"event": …, "id": …, "time": …, "data": …}`.
    #[arg(long, requires = "data")]
    event: Option<String>,
    /// A file with one JSON document or JSON Lines, such as events that were recorded; `-` for standard input. Without
    /// it, events are made of the examples and schemas of the integrations and of what rules compare with.
    #[arg(long)]
    data: Option<PathBuf>,
    /// How many events are made of each type.
    #[arg(long, default_value_t = 64, conflicts_with = "data", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    made: u32,
    /// For how many milliseconds the events of each type are measured.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    millis: u64,
    /// How many of the rules that cost most are told, and how many of those that no key leads to.
    #[arg(long, default_value_t = 10)]
    top: usize,
    /// When conditions are compiled to machine code; answers are the same whatever it says.
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    jit: Jit,
    /// How to print it: for people, or as one JSON document.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// Events of one type.
struct Batch {
    event: String,
    /// Whether they are made, and not given.
    is_made: bool,
    payloads: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let project = loading::project(&arguments.path)?;
    if output::errors(&project.sources, &project.diagnostics()) {
        return Ok(Ending::Wrong);
    }
    if output::errors(&project.sources, &hence_project::unrunnable(project.program())) {
        return Ok(Ending::Wrong);
    }
    let batches = match &arguments.data {
        Some(data) => given(data, arguments.event.as_deref(), &project)?,
        None => made::batches(&project, arguments.made),
    };
    let conditions = arguments.jit.evaluator().load(project.program());
    let time = Duration::from_millis(arguments.millis);
    let mut measured = Vec::new();
    for batch in batches {
        output::progress(&format!("measuring {} …", batch.event));
        let own = measure::batch(&project, &*conditions, batch, time);
        output::progress("");
        match own {
            Ok(own) => measured.push(own),
            Err(event) => {
                output::remark(&format!("hence: no rule starts with `{event}`, so it is not measured"))
            }
        }
    }
    if measured.is_empty() {
        bail!("no rule of the project starts with an event that could be measured");
    }
    match arguments.format {
        Format::Human => output::result(&report::text(&project, &measured, arguments.top)),
        Format::Json => output::result(&format!("{}\n", report::json(&project, &measured))),
    }
    Ok(Ending::Well)
}

/// Reads events and puts those of one type together, in the order in which the types come first.
fn given(data: &std::path::Path, event: Option<&str>, project: &Project) -> anyhow::Result<Vec<Batch>> {
    let mut batches: Vec<Batch> = Vec::new();
    for event in events::read(data, event, &project.catalog, Timestamp::now())? {
        let payload = event.payload.to_string();
        match batches.iter_mut().find(|batch| *batch.event == *event.name) {
            Some(batch) => batch.payloads.push(payload),
            None => {
                let event = event.name.to_string();
                batches.push(Batch { event, is_made: false, payloads: vec![payload] });
            }
        }
    }
    Ok(batches)
}
