//! Events from files: one JSON document, or JSON Lines.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use hence_diagnostics::nearest;
use hence_engine::NewEvent;
use hence_schema::{Catalog, EntryPoint, check_payload};
use hence_types::jiff::Timestamp;
use serde_json::value::RawValue;

/// Reads events. With `event`, each document is a payload of it; without, each is
/// `{"event": …, "id": …, "time": …, "data": …}`.
pub(crate) fn read(
    data: &Path,
    event: Option<&str>,
    catalog: &Catalog,
    now: Timestamp,
) -> anyhow::Result<Vec<NewEvent>> {
    let name = name_of(data);
    let mut events = Vec::new();
    for (index, document) in documents(data)?.iter().enumerate() {
        let place = format!("{name}, event {}", index + 1);
        events.push(one(document.get(), event, index, catalog, now).context(place)?);
    }
    Ok(events)
}

/// Reads JSON documents, at least one.
pub(crate) fn documents(data: &Path) -> anyhow::Result<Vec<Box<RawValue>>> {
    let text = read_text(data)?;
    let name = name_of(data);
    let stream = serde_json::Deserializer::from_str(&text).into_iter::<Box<RawValue>>();
    let documents = stream.map(|document| {
        document.map_err(|error| {
            anyhow::anyhow!("{name}:{}:{}: this is no JSON: {}", error.line(), error.column(), reason(&error))
        })
    });
    let documents: Vec<Box<RawValue>> = documents.collect::<Result<_, _>>()?;
    if documents.is_empty() {
        bail!("{name} holds no event");
    }
    Ok(documents)
}

/// Finds an entry point by its name.
pub(crate) fn entry_point<'a>(name: &str, catalog: &'a Catalog) -> anyhow::Result<&'a EntryPoint> {
    if let Some(found) = catalog.entry_point(name) {
        return Ok(found);
    }
    match nearest(name, catalog.entry_points().map(|entry_point| &*entry_point.name)) {
        Some(near) => bail!("no integration has the entry point `{name}`; did you mean `{near}`?"),
        None => bail!("no integration has the entry point `{name}`"),
    }
}

fn name_of(data: &Path) -> String {
    if data == Path::new("-") { "standard input".to_owned() } else { data.display().to_string() }
}

fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

fn read_text(data: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    if data == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    } else {
        bytes = std::fs::read(data).with_context(|| format!("cannot read {}", data.display()))?;
    }
    String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{} is not UTF-8", data.display()))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    event: String,
    id: Option<String>,
    time: Option<Timestamp>,
    #[serde(borrow)]
    data: &'a RawValue,
}

fn one(
    document: &str,
    event: Option<&str>,
    index: usize,
    catalog: &Catalog,
    now: Timestamp,
) -> anyhow::Result<NewEvent> {
    let (name, id, time, payload) = match event {
        Some(event) => (event.to_owned(), None, None, document),
        None => {
            let envelope: Envelope<'_> = serde_json::from_str(document).map_err(|error| {
                anyhow::anyhow!(
                    "{}; without --event each is {{\"event\": …, \"id\": …, \"data\": …}}",
                    reason(&error)
                )
            })?;
            (envelope.event, envelope.id, envelope.time, envelope.data.get())
        }
    };
    let Some(declared) = catalog.event_by_full_name(&name) else {
        let known = catalog.integrations.values().flat_map(|integration| integration.events.values());
        let names: Vec<&str> = known.map(|event| &*event.full_name).collect();
        match nearest(&name, names.iter().copied()) {
            Some(near) => bail!("no integration has the event `{name}`; did you mean `{near}`?"),
            None => bail!("no integration has the event `{name}`"),
        }
    };
    let mismatches = check_payload(&declared.payload, payload);
    let source = name.split('.').next().unwrap_or_default().to_owned();
    let id = id.unwrap_or_else(|| format!("event-{}", index + 1));
    Ok(NewEvent {
        id: id.into(),
        source: source.into(),
        name: name.into(),
        received_at: now,
        occurred_at: time.unwrap_or(now),
        payload: payload.into(),
        mismatches,
        target: None,
        cause: None,
        trace: None,
    })
}
