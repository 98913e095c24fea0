//! `shop.order.created`: an event of an integration, and `checkout`: an entry point.

use hence_schema::Event;
use hence_syntax::ast::Path;

use super::Started;
use crate::checker::Checker;
use crate::errors::names::{UnknownEvent, UnknownIntegration};

impl<'a> Checker<'a> {
    /// Returns the event or entry point of a path; one that is not there is reported.
    pub(super) fn event_trigger(&mut self, path: &Path) -> Option<Started> {
        if let [only] = path.names.as_slice()
            && let Some(started) = self.entry_point_trigger(only)
        {
            return started;
        }
        self.event_of(path).map(|event| (event.full_name.clone(), event.payload.clone()))
    }

    /// Returns the event of a path; one that is not there is reported.
    pub(crate) fn event_of(&mut self, path: &Path) -> Option<&'a Event> {
        let (integration, rest) = path.names.split_first()?;
        let name: Vec<&str> = rest.iter().map(|name| name.text.as_str()).collect();
        let name = name.join(".");
        let catalog = self.catalog;
        let Some(found) = catalog.integrations.get(&integration.text) else {
            let candidates = catalog.integrations.keys().cloned().collect();
            let written = integration.text.clone();
            self.report(UnknownIntegration { written, span: integration.span, candidates });
            return None;
        };
        if let Some(event) = found.events.get(&name) {
            return Some(event);
        }
        let span = match (rest.first(), rest.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => integration.span,
        };
        self.report(UnknownEvent {
            integration: integration.text.clone(),
            written: name,
            span,
            declared: found.origin,
            candidates: found.events.keys().cloned().collect(),
        });
        None
    }
}
