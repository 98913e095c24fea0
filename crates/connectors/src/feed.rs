//! Feeds: queries of a database whose rows are events.
//!
//! A row is taken at least once: it is acknowledged after its event is kept, and one that comes again is known by its id.
//! Where a feed acknowledges nothing, its query gives the same rows again and again, and the id says what is new.

use std::fmt;

use hence_schema::{Event, Feed};
use hence_types::Record;
use hence_types::jiff::Timestamp;
use hence_types::jiff::civil::DateTime;
use hence_types::jiff::tz::TimeZone;
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use crate::Connectors;
use crate::kinds::sql::{Listening, Row, Shape, Work};
use crate::template::{self, Scope};

/// How many rows are taken at a time.
const PAGE: usize = 500;
/// The most rows that one question gives, where its query does not say how many are wanted.
const MOST: usize = 100_000;
/// The longest time for a question.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);

/// The longest id of a row, in bytes: that of an event, without the feed's name.
const LONGEST_ID: usize = 128;

/// The column by which a row is known.
const ID: &str = "id";
/// The column with the event's name.
const EVENT: &str = "event";
/// The column with the time at which it happened.
const AT: &str = "at";
/// The column with the payload.
const PAYLOAD: &str = "payload";

/// An event that a row tells of.
#[derive(Debug, Clone, PartialEq)]
pub struct Fed {
    /// The id of the event: of the feed and the row.
    pub id: String,
    /// The event's name, without the integration's id.
    pub event: String,
    /// When it happened, if the row says so.
    pub occurred_at: Option<Timestamp>,
    /// The payload, JSON.
    pub payload: String,
    /// What stands in the column `id`, to acknowledge the row.
    row: Json,
}

/// The answer to one question of a feed.
#[derive(Debug, Default)]
pub struct Fetched {
    /// The events, in the order of the rows.
    pub events: Vec<Fed>,
    /// What is wrong with rows that are no events; they stay where they are.
    pub refused: Vec<String>,
    /// Whether there may be more rows at once.
    pub is_full: bool,
}

/// Hints that a feed may have new rows, as long as it is kept.
#[derive(Debug)]
pub struct Hints(Listening);

impl Hints {
    /// Waits for the next hint. Those that come while nobody waits are one; and there is one whenever hints could have been
    /// missed.
    pub async fn next(&self) {
        self.0.heard().await;
    }
}

/// A feed, the events of its integration and what that is set to.
struct Asked<'a> {
    feed: &'a Feed,
    events: &'a IndexMap<String, Event>,
    settings: &'a IndexMap<String, String>,
}

/// Why a feed gave no answer.
#[derive(Debug)]
pub struct FeedError(String);

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FeedError {}

impl Connectors {
    /// Asks a feed of an integration for its next rows, and for so many more as were refused before: these stand before
    /// the next ones, and would otherwise keep them back.
    ///
    /// # Errors
    /// The database cannot be asked, or the query is wrong.
    pub async fn fetch(&self, integration: &str, name: &str, refused: usize) -> Result<Fetched, FeedError> {
        let Asked { feed, events, settings } = self.feed(integration, name)?;
        let wanted = PAGE.saturating_add(refused).min(MOST);
        let limit = Map::from_iter([("limit".to_owned(), Json::from(wanted))]);
        let statement = self.statement(&feed.select, &limit, settings)?;
        let payload = feed.event.as_ref().and_then(|event| Some(events.get(event)?.payload.clone()));
        let work = Work { most: MOST, ..Work::of(vec![statement], Shape::All(payload)) };
        let done = self.databases().perform(integration, settings, TIMEOUT, work).await;
        let done = done.map_err(|problem| self.feed_error(problem.message()))?;
        let rows = rows(done.result);
        let mut fetched = Fetched { is_full: rows.len() >= wanted, ..Fetched::default() };
        for row in rows {
            match read(name, feed, events, row) {
                Ok(fed) => fetched.events.push(fed),
                Err(problem) => fetched.refused.push(self.secrets().mask(&problem)),
            }
        }
        Ok(fetched)
    }

    /// Tells a feed that the events of some rows are kept.
    ///
    /// # Errors
    /// As for [`Connectors::fetch`]; the rows come again then.
    pub async fn acknowledge(&self, integration: &str, name: &str, kept: &[Fed]) -> Result<(), FeedError> {
        let Asked { feed, settings, .. } = self.feed(integration, name)?;
        let Some(acknowledge) = &feed.acknowledge else { return Ok(()) };
        let statements = kept.iter().map(|fed| {
            let id = Map::from_iter([(ID.to_owned(), fed.row.clone())]);
            self.statement(acknowledge, &id, settings)
        });
        let statements = statements.collect::<Result<Vec<_>, _>>()?;
        let work = Work { most: MOST, ..Work::of(statements, Shape::Nothing) };
        let done = self.databases().perform(integration, settings, TIMEOUT, work).await;
        done.map(drop).map_err(|problem| self.feed_error(problem.message()))
    }

    /// Listens for changes that a feed may tell of; none where its database cannot say so, or the feed names no channel.
    pub fn listen(&self, integration: &str, name: &str) -> Option<Hints> {
        let Asked { feed, settings, .. } = self.feed(integration, name).ok()?;
        self.databases().listen(settings, feed.listen.as_deref()?).map(Hints)
    }

    fn feed(&self, integration: &str, name: &str) -> Result<Asked<'_>, FeedError> {
        let found = self.catalog().integrations.get(integration);
        let found = found.and_then(|found| Some((found.feeds.get(name)?, &found.events)));
        let settings = self.settings(integration);
        match (found, settings) {
            (Some((feed, events)), Some(settings)) => Ok(Asked { feed, events, settings }),
            _ => Err(FeedError(format!("there is no feed `{name}` of `{integration}`"))),
        }
    }

    fn statement(
        &self,
        text: &str,
        arguments: &Map<String, Json>,
        settings: &IndexMap<String, String>,
    ) -> Result<template::Statement, FeedError> {
        template::statement(text, Scope { arguments, settings, key: "" })
            .map_err(|error| self.feed_error(&error.to_string()))
    }

    fn feed_error(&self, message: &str) -> FeedError {
        FeedError(self.secrets().mask(message))
    }
}

/// The rows in what came of a query.
fn rows(result: Json) -> Vec<Row> {
    let Json::Array(rows) = result else { return Vec::new() };
    let object = |row: Json| if let Json::Object(row) = row { Some(row) } else { None };
    rows.into_iter().filter_map(object).collect()
}

/// Reads the event of a row.
fn read(name: &str, feed: &Feed, events: &IndexMap<String, Event>, row: Row) -> Result<Fed, String> {
    let id = row.get(ID).filter(|id| !id.is_null()).cloned();
    let row_id = id.ok_or_else(|| format!("a row has no `{ID}`"))?;
    let shown = match &row_id {
        Json::String(text) => text.clone(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => row_id.to_string(),
    };
    let wrong = |problem: String| format!("the row {shown} {problem}");
    if shown.is_empty() || shown.len() > LONGEST_ID || shown.chars().any(char::is_control) {
        return Err(format!("an `{ID}` has 1 to {LONGEST_ID} bytes and no control characters: {shown:?}"));
    }
    let event = match (&feed.event, row.get(EVENT)) {
        (Some(event), _) => event.clone(),
        (None, Some(Json::String(event))) => event.clone(),
        (None, _) => return Err(wrong(format!("has no `{EVENT}`"))),
    };
    let known =
        events.get(&event).ok_or_else(|| wrong(format!("is of an event `{event}` that there is not")))?;
    let occurred_at = match row.get(AT) {
        None | Some(Json::Null) => None,
        Some(at) => {
            Some(instant(at).ok_or_else(|| wrong(format!("has a time in `{AT}` that is none: {at}")))?)
        }
    };
    let payload = match row.get(PAYLOAD) {
        Some(Json::String(text)) => {
            object(text).map_err(|problem| wrong(format!("has a `{PAYLOAD}` {problem}")))?
        }
        Some(document @ Json::Object(_)) => document.to_string(),
        Some(_) => return Err(wrong(format!("has a `{PAYLOAD}` that is neither text nor an object"))),
        None => Json::Object(fields(row, &known.payload)).to_string(),
    };
    Ok(Fed { id: format!("{name}/{shown}"), event, occurred_at, payload, row: row_id })
}

/// The columns that are the fields of a payload: all but those that say something of the event, unless the payload has a
/// field of that name, too.
fn fields(mut row: Row, payload: &Record) -> Row {
    row.retain(|name, _| {
        ![ID, EVENT, AT].contains(&name.as_str()) || payload.fields.contains_key(name.as_str())
    });
    row
}

/// A text that is a JSON object, as it is.
fn object(text: &str) -> Result<String, String> {
    match serde_json::from_str::<&serde_json::value::RawValue>(text) {
        Ok(_) if text.trim_start().starts_with('{') => Ok(text.to_owned()),
        Ok(_) => Err("that is no JSON object".to_owned()),
        Err(error) => Err(format!("that is no JSON: {error}")),
    }
}

/// Reads an instant: a text with an offset, a text without one, as the database's own clock writes it in UTC, or the seconds
/// since 1970.
fn instant(at: &Json) -> Option<Timestamp> {
    match at {
        Json::String(text) => text.parse::<Timestamp>().ok().or_else(|| {
            let local: DateTime = text.parse().ok()?;
            Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
        }),
        Json::Number(seconds) => Timestamp::from_second(seconds.as_i64()?).ok(),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
