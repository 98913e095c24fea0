//! Rules that had another name: what is stored of them stays under the first one, which is their identity.
//!
//! A rule's name is in the key of everything that is kept of it: its executions, what it watches, its limits and what
//! it did once. A rule that gets another name therefore goes on under the first one where it runs, and has the present
//! one where people see it. Rules of a family, `late_payment["basic"]`, follow their family.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use hence_types::jiff::tz::TimeZone;

use crate::{Program, Rule, fingerprint};

/// The names that rules had first, by the names they have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormerNames {
    first: BTreeMap<Arc<str>, Arc<str>>,
}

impl FromIterator<(Arc<str>, Arc<str>)> for FormerNames {
    fn from_iter<T: IntoIterator<Item = (Arc<str>, Arc<str>)>>(names: T) -> Self {
        Self { first: names.into_iter().collect() }
    }
}

impl FormerNames {
    /// Returns the name under which what is kept of a rule is stored.
    pub fn stored<'a>(&self, present: &'a str) -> Cow<'a, str> {
        let (name, row) = parts(present);
        match self.first.get(name) {
            Some(first) => Cow::Owned(format!("{first}{row}")),
            None => Cow::Borrowed(present),
        }
    }

    /// Returns the name that a rule has whose executions and the like are stored under a name.
    pub fn present<'a>(&self, stored: &'a str) -> Cow<'a, str> {
        let (name, row) = parts(stored);
        match self.first.iter().find(|(_, first)| ***first == *name) {
            Some((present, _)) => Cow::Owned(format!("{present}{row}")),
            None => Cow::Borrowed(stored),
        }
    }

    /// Returns a program whose rules have the names that they are stored under. Their versions are those that they had
    /// under that name, so that what began before goes on. Decisions keep nothing and have the names they have.
    pub fn apply(
        &self,
        program: &Arc<Program>,
        zone: &TimeZone,
        is_decision: impl Fn(&Rule) -> bool,
    ) -> Arc<Program> {
        if self.first.is_empty() {
            return Arc::clone(program);
        }
        let mut renamed = Program::clone(program);
        for rule in renamed.rules.iter_mut().filter(|rule| !is_decision(rule)) {
            if let Cow::Owned(stored) = self.stored(&rule.name) {
                rule.name = stored.into();
                let zone = rule.zone(zone).iana_name().unwrap_or("UTC").to_owned();
                rule.version = fingerprint(rule, &zone).into();
            }
        }
        Arc::new(renamed)
    }
}

/// Returns the name of a rule without its row: that of its family, if it is of one.
pub fn family(name: &str) -> &str {
    parts(name).0
}

/// A name without its row, and the row of a rule of a family.
fn parts(name: &str) -> (&str, &str) {
    name.split_at(name.find('[').unwrap_or(name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> FormerNames {
        [("vip".into(), "big_spender".into())].into_iter().collect()
    }

    #[test]
    fn a_rule_is_stored_under_its_first_name_and_shown_under_its_present_one() {
        assert_eq!(names().stored("vip"), "big_spender");
        assert_eq!(names().present("big_spender"), "vip");
        assert_eq!((names().stored("other"), names().present("other")), ("other".into(), "other".into()));
    }

    #[test]
    fn the_rules_of_a_family_follow_it() {
        assert_eq!(names().stored("vip[\"basic\"]"), "big_spender[\"basic\"]");
        assert_eq!(names().present("big_spender[\"basic\"]"), "vip[\"basic\"]");
    }
}
