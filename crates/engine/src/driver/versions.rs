//! Rules in the versions that executions keep to: those of the program, and older ones that the store has.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use hence_ir::RuleId;
use hence_vm::Interpreter;

use super::opened::count;
use super::{Driver, Loaded, locked};
use crate::store::Error;
use crate::{Change, Execution, KeptRule, RuleVersion};

/// What is known of versions besides those of the program.
#[derive(Default)]
pub(super) struct Versions {
    /// Those that the store has.
    kept: Mutex<HashSet<RuleVersion>>,
    /// Older ones, each as a program of its own, as executions go on with them.
    older: RwLock<HashMap<RuleVersion, Arc<Loaded>>>,
}

impl Driver {
    /// Returns the program that has a rule in a version, and the rule in it: the one that is loaded, else an older one
    /// that the store has.
    pub(super) fn in_version(&self, state: &Execution) -> Result<Option<(Arc<Loaded>, RuleId)>, Error> {
        if let Some(found) = self.loaded_in_version(&state.rule, &state.rule_version) {
            return Ok(Some(found));
        }
        let version = (Arc::clone(&state.rule), Arc::clone(&state.rule_version));
        let older = self.versions.older.read().unwrap_or_else(PoisonError::into_inner).get(&version).cloned();
        let counts = &self.counts.rule_versions;
        count(if older.is_some() { &counts.hits } else { &counts.misses });
        let older = match older {
            Some(older) => Some(older),
            None => match self.store.kept_rule(&version.0, &version.1)? {
                Some(kept) => self.take_older(version, &kept),
                None => None,
            },
        };
        Ok(older.map(|older| (older, RuleId(0))))
    }

    /// Returns the program that is loaded, as a canary or for all, and has a rule in a version.
    fn loaded_in_version(&self, rule: &str, version: &str) -> Option<(Arc<Loaded>, RuleId)> {
        let programs = [Some(self.loaded()), self.canary()];
        let found = |loaded: Arc<Loaded>| loaded.version(rule, version).map(|id| (loaded, id));
        programs.into_iter().flatten().find_map(found)
    }

    /// Loads the older versions that the store has, as events may be waited for by their executions.
    pub(super) fn load_versions(&self) -> Result<(), Error> {
        let loaded = self.loaded();
        for (rule, version) in self.store.kept_rules()? {
            if loaded.version(&rule, &version).is_none()
                && let Some(kept) = self.store.kept_rule(&rule, &version)?
            {
                self.take_older((Arc::clone(&rule), Arc::clone(&version)), &kept);
            }
            locked(&self.versions.kept).insert((rule, version));
        }
        Ok(())
    }

    fn take_older(&self, version: RuleVersion, kept: &KeptRule) -> Option<Arc<Loaded>> {
        // What cannot be read is as if it were not kept: the execution fails, and says why.
        let program = kept.program().ok()?;
        self.lookups.write().unwrap_or_else(PoisonError::into_inner).add(&program);
        let older = Arc::new(Loaded::new(program, self.loaded().zone.clone(), &Interpreter));
        self.versions
            .older
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(version, Arc::clone(&older));
        Some(older)
    }

    /// Returns what is to be written before executions begin, so that they can go on: the rules that run in a version for
    /// the first time.
    pub(super) fn rules_to_keep(&self, changes: &[Change]) -> Vec<Change> {
        let mut versions: Vec<(RuleVersion, Change)> = Vec::new();
        for change in changes {
            let Change::ExecutionStarted(state) = change else { continue };
            let version = (Arc::clone(&state.rule), Arc::clone(&state.rule_version));
            let is_known = locked(&self.versions.kept).contains(&version)
                || versions.iter().any(|(listed, _)| *listed == version);
            if state.status.is_ended() || is_known {
                continue;
            }
            let kept = self
                .loaded_in_version(&version.0, &version.1)
                .and_then(|(loaded, id)| KeptRule::of(&loaded.program, id));
            versions.extend(kept.map(|kept| (version, Change::RuleKept(kept))));
        }
        versions.into_iter().map(|(_, change)| change).collect()
    }

    /// Takes note of rules that were kept.
    pub(super) fn rules_kept(&self, changes: &[Change]) {
        for change in changes {
            if let Change::RuleKept(kept) = change {
                let version = (Arc::clone(&kept.rule), Arc::clone(&kept.version));
                locked(&self.versions.kept).insert(version);
            }
        }
    }
}
