//! Which items a list has, and its pages.

use std::cmp::Reverse;

use hence_engine::{Cursor, EventFilter, Execution, ExecutionFilter, Page, StoredEvent};

pub(super) fn is_wanted(execution: &Execution, filter: &ExecutionFilter) -> bool {
    filter.rule.as_ref().is_none_or(|rule| *rule == execution.rule)
        && filter.status.is_none_or(|status| status == execution.status)
        && filter.event_name.as_ref().is_none_or(|name| *name == execution.event_name)
        && filter.event_id.as_ref().is_none_or(|id| *id == execution.event_id)
        && filter.since.is_none_or(|since| execution.started_at >= since)
}

pub(super) fn is_wanted_event(stored: &StoredEvent, filter: &EventFilter) -> bool {
    let event = &stored.event;
    filter.name.as_ref().is_none_or(|name| *name == event.name)
        && filter.source.as_ref().is_none_or(|source| *source == event.source)
        && filter.state.is_none_or(|state| state == stored.state)
        && filter.schema_mismatch.is_none_or(|wanted| wanted == event.breaks_schema())
        && filter.since.is_none_or(|since| event.received_at >= since)
}

pub(super) fn latest_first<'a, T: Clone + 'a>(
    items: impl Iterator<Item = (Cursor, &'a T)>,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Page<T> {
    let place = |cursor: &Cursor| (cursor.instant, cursor.sequence);
    let mut items: Vec<_> =
        items.filter(|(own, _)| cursor.is_none_or(|cursor| place(own) < place(cursor))).collect();
    items.sort_by_key(|(own, _)| Reverse(place(own)));
    page(items.into_iter(), limit)
}

pub(super) fn page<'a, T: Clone + 'a>(items: impl Iterator<Item = (Cursor, &'a T)>, limit: usize) -> Page<T> {
    let mut items = items.peekable();
    let mut page = Page { items: Vec::new(), next: None };
    for (cursor, item) in items.by_ref().take(limit) {
        page.items.push(item.clone());
        page.next = Some(cursor);
    }
    if items.peek().is_none() {
        page.next = None;
    }
    page
}
