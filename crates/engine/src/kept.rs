//! Versions of rules that have run. An execution keeps to the version it began with, for as long as it waits; so the
//! compiled form of that version stands in the store, and rules may be changed meanwhile.

use std::sync::Arc;

use hence_ir::bundle::{self, Bundle};
use hence_ir::{Program, RuleId};

/// The name and the version of a rule.
pub type RuleVersion = (Arc<str>, Arc<str>);

/// A version of a rule, as it was compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRule {
    /// The rule's name.
    pub rule: Arc<str>,
    /// The version.
    pub version: Arc<str>,
    /// A bundle of this rule alone, without the texts it comes from.
    pub code: Arc<[u8]>,
}

impl KeptRule {
    /// Returns what is to be kept of a rule of a program.
    pub(crate) fn of(program: &Program, id: RuleId) -> Option<Self> {
        let rule = program.get(id)?;
        let bundle = Bundle { program: Arc::new(program.only(&rule.name)?), ..Bundle::default() };
        let (name, version) = (Arc::clone(&rule.name), Arc::clone(&rule.version));
        Some(Self { rule: name, version, code: bundle::write(&bundle).into() })
    }

    /// Returns the program of the rule alone.
    ///
    /// # Errors
    /// The code is damaged, or a later version of Hence wrote it.
    pub(crate) fn program(&self) -> Result<Arc<Program>, bundle::ReadError> {
        Ok(bundle::read(&self.code)?.program)
    }
}
