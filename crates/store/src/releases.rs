//! Releases: what the daemon has run and what it runs.
//!
//! A release never changes once it is made. What runs is the one that was made active last; going back is making an
//! earlier one active, which is written down like any other change.

use std::collections::BTreeMap;
use std::fmt;

use hence_engine::store::Error;
use hence_types::jiff::Timestamp;

/// Where a release comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The folder or bundle that the daemon was started on.
    Place,
    /// Somebody sent it whole.
    Deployed,
    /// Somebody changed a rule of the one before.
    Edited,
}

impl Origin {
    /// All origins.
    pub const ALL: [Origin; 3] = [Origin::Place, Origin::Deployed, Origin::Edited];

    /// Returns the spelling, such as `deployed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Place => "place",
            Origin::Deployed => "deployed",
            Origin::Edited => "edited",
        }
    }

    /// Returns the origin written `text`, if it is one.
    pub fn parse(text: &str) -> Option<Origin> {
        Origin::ALL.into_iter().find(|origin| origin.as_str() == text)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many of the releases that ran last keep their content however old they are.
pub const RECENT: u32 = 10;

/// What there is of the content of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredContent {
    /// All that is needed to run it.
    Kept(Vec<u8>),
    /// It was long ago, see [`Releases::forget_contents`].
    Forgotten,
    /// There is no such release.
    Unknown,
}

/// A release to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRelease {
    /// The hash of its content.
    pub hash: String,
    /// Where it comes from.
    pub origin: Origin,
    /// When it is made.
    pub made_at: Timestamp,
    /// By whom: the name of a token; empty for the daemon itself.
    pub made_by: String,
    /// What its maker says of it.
    pub note: String,
    /// The versions of its rules by their names.
    pub rules: BTreeMap<String, String>,
    /// All that is needed to run it.
    pub content: Vec<u8>,
}

/// A release, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its number, from 1 in the order they were made.
    pub id: u64,
    /// The hash of its content.
    pub hash: String,
    /// Where it comes from.
    pub origin: Origin,
    /// When it was made.
    pub made_at: Timestamp,
    /// By whom: the name of a token; empty for the daemon itself.
    pub made_by: String,
    /// What its maker says of it.
    pub note: String,
    /// The versions of its rules by their names.
    pub rules: BTreeMap<String, String>,
}

/// That a release was made active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The release.
    pub release: u64,
    /// When.
    pub at: Timestamp,
    /// By whom: the name of a token; empty for the daemon itself.
    pub who: String,
    /// Whether somebody went back to it.
    pub is_rollback: bool,
}

/// That a part of the events is given to another release than the active one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    /// The release.
    pub release: u64,
    /// How many of a hundred events it is given, 1 to 99.
    pub percent: u8,
    /// Since when.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
}

/// That a rule was turned off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disabled {
    /// The name that the rule is stored under.
    pub rule: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
}

/// Keeps releases, and which of them ran when.
pub trait Releases: Send + Sync {
    /// Makes a release and, in the same transaction, makes it active if `activate` says so, which ends a canary. Returns
    /// its number.
    ///
    /// # Errors
    /// Whatever kept it from being written; so for all that write.
    fn add_release(&self, release: &NewRelease, activate: bool) -> Result<u64, Error>;

    /// Returns releases, latest first, those before a number if given.
    ///
    /// # Errors
    /// Whatever kept them from being read; so for all that read.
    fn releases(&self, before: Option<u64>, limit: usize) -> Result<Vec<Release>, Error>;

    /// Returns a release.
    ///
    /// # Errors
    /// See [`Releases::releases`].
    fn release(&self, id: u64) -> Result<Option<Release>, Error>;

    /// Returns the content of a release.
    ///
    /// # Errors
    /// See [`Releases::releases`].
    fn content(&self, id: u64) -> Result<StoredContent, Error>;

    /// Forgets the content of releases that were made before an instant and have not run since then, at most `limit`.
    /// That of the canary stays, and that of the [`RECENT`] that ran last, so that one can go back to them; and all stay
    /// in the list. Returns how many it forgot.
    ///
    /// # Errors
    /// See [`Releases::add_release`].
    fn forget_contents(&self, before: Timestamp, limit: usize) -> Result<usize, Error>;

    /// Returns the latest release that came from the daemon's own place.
    ///
    /// # Errors
    /// See [`Releases::releases`].
    fn latest_of_place(&self) -> Result<Option<Release>, Error>;

    /// Makes a release active; a canary ends by that.
    ///
    /// # Errors
    /// There is no such release; see also [`Releases::add_release`].
    fn activate(&self, activation: &Activation) -> Result<(), Error>;

    /// Returns which releases were active, in order: the last one is.
    ///
    /// # Errors
    /// See [`Releases::releases`].
    fn activations(&self) -> Result<Vec<Activation>, Error>;

    /// Begins, changes or ends a canary.
    ///
    /// # Errors
    /// There is no such release; see also [`Releases::add_release`].
    fn set_canary(&self, canary: Option<&Canary>) -> Result<(), Error>;

    /// Returns the canary.
    ///
    /// # Errors
    /// See [`Releases::releases`].
    fn canary(&self) -> Result<Option<Canary>, Error>;

    /// Turns a rule off. Returns whether it was not off already.
    ///
    /// # Errors
    /// See [`Releases::add_release`].
    fn disable_rule(&self, disabled: &Disabled) -> Result<bool, Error>;

    /// Takes back that a rule was turned off. Returns whether it was.
    ///
    /// # Errors
    /// See [`Releases::add_release`].
    fn enable_rule(&self, rule: &str) -> Result<bool, Error>;

    /// Returns the rules that were turned off, by name.
    ///
    /// # Errors
    /// See [`Releases::releases`].
    fn disabled_rules(&self) -> Result<Vec<Disabled>, Error>;
}

/// Returns the release that going back leads to: the one that was active before the one that is, leaving out what was
/// gone back from.
pub fn rollback_target(activations: &[Activation]) -> Option<u64> {
    let mut stack: Vec<u64> = Vec::new();
    for activation in activations {
        if activation.is_rollback
            && let Some(place) = stack.iter().rposition(|release| *release == activation.release)
        {
            stack.truncate(place + 1);
        } else if stack.last() != Some(&activation.release) {
            stack.push(activation.release);
        }
    }
    stack.len().checked_sub(2).and_then(|place| stack.get(place)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(history: &[(u64, bool)]) -> Option<u64> {
        let activation = |(release, is_rollback): &(u64, bool)| Activation {
            release: *release,
            at: Timestamp::default(),
            who: String::new(),
            is_rollback: *is_rollback,
        };
        rollback_target(&history.iter().map(activation).collect::<Vec<_>>())
    }

    #[test]
    fn going_back_leads_to_the_release_before_and_from_there_further() {
        assert_eq!(target(&[]), None);
        assert_eq!(target(&[(1, false)]), None);
        assert_eq!(target(&[(1, false), (2, false), (3, false)]), Some(2));
        assert_eq!(target(&[(1, false), (2, false), (3, false), (2, true)]), Some(1));
        assert_eq!(target(&[(1, false), (2, false), (3, false), (2, true), (4, false)]), Some(2));
        assert_eq!(target(&[(1, false), (2, false), (2, false)]), Some(1));
        assert_eq!(target(&[(1, false), (2, false), (1, true)]), None);
    }
}
