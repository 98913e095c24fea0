//! How what runs is changed: a release is checked, written down and made active, in this order, or nothing changes.
//!
//! The folder or bundle that the daemon was started on is one source of releases, the API is the other. What runs is the
//! release that was made active last, also after a restart; what stands in the daemon's place becomes a release when it
//! differs from the last one that came from there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hence_connectors::{ConnectionSettings, Secrets};
use hence_diagnostics::{Diagnostic, Sources};
use hence_engine::store::Error;
use hence_engine::{Clock, Driver, Prepared};
use hence_project::{Content, Loaded, NoContent, Project, Stamp};
use hence_store::{
    Activation, Canary, Disabled, Memory, NewRelease, Origin, Release, Releases, StoredContent,
    rollback_target,
};

use crate::rules::{Code, Current, Place, Rules, Unfit};

/// How many releases are read at a time.
const PAGE: usize = 100;

/// The folder or bundle that a daemon was started on.
pub trait Source: Send + Sync {
    /// Loads it anew, with the settings that connections have there.
    ///
    /// # Errors
    /// There is nothing any more, or settings cannot be read. What is wrong with the rules is in what is loaded.
    fn load(&self) -> anyhow::Result<(Loaded, ConnectionSettings)>;

    /// Returns a mark that differs when a file of it has changed.
    fn stamp(&self) -> Stamp;
}

/// Why nothing was changed.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Something is wrong with the rules.
    Unfit(Unfit),
    /// Tests of the project fail.
    Tests(Box<(Sources, Vec<Diagnostic>)>),
    /// It is no content of a release.
    Content(NoContent),
    /// It has other integrations than those that run, which its maker may not change.
    Integrations(Vec<String>),
    /// There is no such release.
    Unknown(u64),
    /// The release was made and ran so long ago that only what it was is known.
    Forgotten(u64),
    /// There is nothing to go back to.
    First,
    /// The release is active, so that it cannot be a canary.
    Active(u64),
    /// What the daemon was started on cannot be loaded.
    Place(String),
    /// The store did not do it.
    Store(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Refused::Store(error)
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refused::Unfit(Unfit::Diagnostics(found)) | Refused::Tests(found) => {
                let options = hence_diagnostics::render::TextOptions::default();
                write!(f, "\n{}", hence_diagnostics::render::text(&found.0, &found.1, options).trim_end())
            }
            Refused::Unfit(Unfit::Settings(lines)) => f.write_str(&lines.join("\n")),
            Refused::Content(error) => error.fmt(f),
            Refused::Integrations(ids) => write!(
                f,
                "integrations decide where secrets go, so that only an operator changes them: `{}`",
                ids.join("`, `")
            ),
            Refused::Unknown(id) => write!(f, "there is no release {id}"),
            Refused::Forgotten(id) => write!(f, "the content of release {id} is no longer kept"),
            Refused::First => f.write_str("no other release was active before"),
            Refused::Active(id) => write!(f, "release {id} is active and given all events"),
            Refused::Place(error) => f.write_str(error),
            Refused::Store(error) => error.fmt(f),
        }
    }
}

/// A release to be made.
pub(crate) struct Draft {
    pub(crate) content: Content,
    pub(crate) origin: Origin,
    /// The name of a token; empty for the daemon itself.
    pub(crate) by: String,
    pub(crate) note: String,
    /// Whether it may have other integrations than those that run.
    pub(crate) may_change_integrations: bool,
    /// Whether it is to run at once.
    pub(crate) activate: bool,
}

/// Which releases there are to go on from.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// The release that runs.
    pub(crate) active: Option<u64>,
    /// The one that going back leads to.
    pub(crate) previous: Option<u64>,
    pub(crate) canary: Option<Canary>,
}

/// Changes what runs. One change at a time.
pub(crate) struct Deployer {
    current: Arc<Current>,
    driver: Arc<Driver>,
    releases: Arc<dyn Releases>,
    clock: Arc<dyn Clock>,
    secrets: Secrets,
    source: Option<Arc<dyn Source>>,
    /// The settings of connections in the daemon's place. Who holds them may change what runs.
    connections: Mutex<ConnectionSettings>,
    /// Told that other rules run.
    changed: tokio::sync::watch::Sender<u64>,
}

/// What a deployer is made of.
pub(crate) struct Setup {
    pub(crate) releases: Arc<dyn Releases>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) secrets: Secrets,
    pub(crate) source: Option<Arc<dyn Source>>,
    pub(crate) connections: ConnectionSettings,
}

/// Returns the content of a release, where it is kept.
pub(crate) fn content_of(releases: &dyn Releases, id: u64) -> Result<Vec<u8>, Refused> {
    match releases.content(id)? {
        StoredContent::Kept(content) => Ok(content),
        StoredContent::Forgotten => Err(Refused::Forgotten(id)),
        StoredContent::Unknown => Err(Refused::Unknown(id)),
    }
}

/// Finds out what is to run at a start: what the daemon was started on, if it is new, else the release that ran last.
pub(crate) fn at_start(loaded: &Loaded, setup: &Setup) -> Result<Rules, Refused> {
    let releases = &*setup.releases;
    let disabled = disabled(releases)?;
    let place = Place { connections: &setup.connections, secrets: &setup.secrets, disabled: &disabled };
    let Some(content) = &loaded.content else {
        return Rules::new(loaded, &place, None).map_err(Refused::Unfit);
    };
    let hash = content.hash();
    let is_known = releases.latest_of_place()?.is_some_and(|latest| latest.hash == hash);
    let active = state(releases)?.active;
    if let Some(active) = active.filter(|_| is_known) {
        let release = releases.release(active)?.ok_or(Refused::Unknown(active))?;
        let mut rules = if release.hash == hash {
            Rules::new(loaded, &place, None).map_err(Refused::Unfit)?
        } else {
            let content = content_of(releases, active)?;
            let content = Content::read(&content).map_err(Refused::Content)?;
            let other = Loaded::of_content(&content).map_err(Refused::Content)?;
            tracing::info!(release = active, origin = %release.origin, "the release that ran last goes on running; what the daemon was started on has not changed");
            Rules::new(&other, &place, None).map_err(|unfit| {
                let told = Refused::Unfit(unfit);
                Refused::Place(format!(
                    "release {active}, which ran last, cannot run here: {told}\nset what it needs, or change what the daemon \
                     is started on: that becomes a release of its own then"
                ))
            })?
        };
        rules.release = Some(active);
        return Ok(rules);
    }
    let mut rules = Rules::new(loaded, &place, None).map_err(Refused::Unfit)?;
    let release = of_place(content, &rules, &*setup.clock);
    rules.release = Some(releases.add_release(&release, true)?);
    Ok(rules)
}

fn of_place(content: &Content, rules: &Rules, clock: &dyn Clock) -> NewRelease {
    NewRelease {
        hash: content.hash(),
        origin: Origin::Place,
        made_at: clock.now(),
        made_by: String::new(),
        note: String::new(),
        rules: rules.versions(),
        content: content.write(),
    }
}

/// Returns the rules that were turned off.
fn disabled(releases: &dyn Releases) -> Result<BTreeSet<String>, Error> {
    Ok(releases.disabled_rules()?.into_iter().map(|disabled| disabled.rule).collect())
}

/// Returns which releases there are to go on from.
pub(crate) fn state(releases: &dyn Releases) -> Result<State, Error> {
    let activations = releases.activations()?;
    let active = activations.last().map(|last| last.release);
    Ok(State { active, previous: rollback_target(&activations), canary: releases.canary()? })
}

impl Deployer {
    pub(crate) fn new(current: Arc<Current>, driver: Arc<Driver>, setup: Setup) -> Self {
        let Setup { releases, clock, secrets, source, connections } = setup;
        let (connections, (changed, _)) = (Mutex::new(connections), tokio::sync::watch::channel(0));
        Self { current, driver, releases, clock, secrets, source, connections, changed }
    }

    pub(crate) fn releases(&self) -> &dyn Releases {
        &*self.releases
    }

    pub(crate) fn source(&self) -> Option<&Arc<dyn Source>> {
        self.source.as_ref()
    }

    /// Returns what tells when other rules have come to run.
    pub(crate) fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Takes the canary up again that was there when the daemon stopped.
    pub(crate) fn resume_canary(&self) -> Result<(), Refused> {
        let connections = self.lock();
        if let Some((rules, percent)) = self.prepare_canary(&connections)? {
            self.run_canary(rules, percent);
        }
        Ok(())
    }

    /// Examines content as if it were to run and changes nothing.
    pub(crate) fn check(&self, content: &Content, may_change_integrations: bool) -> Result<Rules, Refused> {
        self.examine(&self.lock(), content, may_change_integrations)
    }

    /// Makes a release, if nothing is wrong with it and its tests pass.
    pub(crate) fn deploy(&self, draft: Draft) -> Result<Release, Refused> {
        let connections = self.lock();
        self.deploy_locked(&connections, draft)
    }

    /// Makes a release of the one that runs, changed; others cannot change it meanwhile.
    pub(crate) fn edit<E: From<Refused>>(
        &self,
        by: String,
        note: String,
        change: impl FnOnce(&Rules) -> Result<Content, E>,
    ) -> Result<Release, E> {
        let connections = self.lock();
        let content = change(&self.current.get())?;
        let draft = Draft {
            content,
            origin: Origin::Edited,
            by,
            note,
            may_change_integrations: false,
            activate: true,
        };
        Ok(self.deploy_locked(&connections, draft)?)
    }

    fn deploy_locked(&self, connections: &ConnectionSettings, draft: Draft) -> Result<Release, Refused> {
        let Draft { content, origin, by, note, may_change_integrations, activate } = draft;
        let rules = self.examine(connections, &content, may_change_integrations)?;
        let release = NewRelease {
            hash: content.hash(),
            origin,
            made_at: self.clock.now(),
            made_by: by,
            note,
            rules: rules.versions(),
            content: content.write(),
        };
        let id = self.releases.add_release(&release, activate)?;
        if activate {
            self.run(Rules { release: Some(id), ..rules });
        }
        let NewRelease { hash, origin, made_at, made_by, note, rules, content: _ } = release;
        Ok(Release { id, hash, origin, made_at, made_by, note, rules })
    }

    /// Checks content that somebody sent as CI would, tests included.
    fn examine(
        &self,
        connections: &ConnectionSettings,
        content: &Content,
        may_change_integrations: bool,
    ) -> Result<Rules, Refused> {
        let (loaded, failed) = match content {
            Content::Texts(texts) => {
                let project = Project::of_texts(texts);
                let failed = if project.has_errors() { Vec::new() } else { failures(&project) };
                (Loaded::from(project), failed)
            }
            Content::Bundle(_) => (Loaded::of_content(content).map_err(Refused::Content)?, Vec::new()),
        };
        let rules = self.fit(connections, &loaded)?;
        let running = self.current.get();
        let is_other =
            |(id, hash): &(&String, &blake3::Hash)| running.own_integrations.get(*id) != Some(*hash);
        let other = rules.own_integrations.iter().filter(is_other);
        let other: Vec<String> = other.map(|(id, _)| id.clone()).collect();
        if !other.is_empty() && !may_change_integrations {
            return Err(Refused::Integrations(other));
        }
        if failed.is_empty() { Ok(rules) } else { Err(Refused::Tests(Box::new((loaded.sources, failed)))) }
    }

    /// Has a release run that was made before.
    pub(crate) fn activate(&self, id: u64, who: &str, is_rollback: bool) -> Result<(), Refused> {
        let connections = self.lock();
        let rules = self.prepare(&connections, &self.content(id)?)?;
        let activation = Activation { release: id, at: self.clock.now(), who: who.to_owned(), is_rollback };
        self.releases.activate(&activation)?;
        self.run(Rules { release: Some(id), ..rules });
        Ok(())
    }

    /// Gives a part of the events to a release, or all to the active one again where it is 0.
    pub(crate) fn canary(&self, id: u64, percent: u8, who: &str) -> Result<(), Refused> {
        let connections = self.lock();
        let content = self.content(id)?;
        if self.current.get().release == Some(id) {
            return Err(Refused::Active(id));
        }
        if percent == 0 {
            self.releases.set_canary(None)?;
            self.driver.end_canary();
            self.current.set_canary(None);
            return Ok(());
        }
        let rules = Rules { release: Some(id), ..self.prepare(&connections, &content)? };
        let canary = Canary { release: id, percent, at: self.clock.now(), who: who.to_owned() };
        self.releases.set_canary(Some(&canary))?;
        self.run_canary(rules, percent);
        Ok(())
    }

    /// Returns the rules of the canary and their share, if there is one.
    fn prepare_canary(&self, connections: &ConnectionSettings) -> Result<Option<(Rules, u8)>, Refused> {
        let Some(Canary { release, percent, .. }) = self.releases.canary()? else { return Ok(None) };
        let rules = self.prepare(connections, &self.content(release)?)?;
        Ok(Some((Rules { release: Some(release), ..rules }, percent)))
    }

    fn run_canary(&self, rules: Rules, percent: u8) {
        let prepared = self.ready(&rules);
        self.current.set_canary(Some(rules));
        self.driver.run_canary(prepared, percent);
    }

    /// Turns a rule off or takes that back. Returns whether that changed anything. It needs nothing but the store: whatever
    /// else is wrong, a rule can be turned off.
    pub(crate) fn set_enabled(&self, stored: &str, enabled: bool, who: &str) -> Result<bool, Refused> {
        let _connections = self.lock();
        let percent = self.releases.canary()?.map(|canary| canary.percent);
        let changed = if enabled {
            self.releases.enable_rule(stored)?
        } else {
            let (rule, at, who) = (stored.to_owned(), self.clock.now(), who.to_owned());
            self.releases.disable_rule(&Disabled { rule, at, who })?
        };
        if changed {
            let disabled = disabled(&*self.releases)?;
            let canary = self.current.canary();
            self.run(self.current.get().turned_off(&disabled));
            if let Some((canary, percent)) = canary.zip(percent) {
                self.run_canary(canary.turned_off(&disabled), percent);
            }
        }
        Ok(changed)
    }

    /// Loads what the daemon was started on anew: settings, secrets and, if they have changed, rules. Returns the release
    /// that was made of them, if so.
    pub(crate) fn reload(&self) -> Result<Option<u64>, Refused> {
        let Some(source) = &self.source else { return Ok(None) };
        let (loaded, settings) = source.load().map_err(|error| Refused::Place(format!("{error:#}")))?;
        let mut connections = self.lock();
        let current = self.current.get();
        let latest = self.releases.latest_of_place()?;
        let content = loaded.content.as_ref();
        let new = content.filter(|content| latest.is_none_or(|latest| latest.hash != content.hash()));
        let Some(new) = new else {
            self.again(&settings, &current)?;
            *connections = settings;
            return Ok(None);
        };
        let rules = self.fit(&settings, &loaded)?;
        let release = of_place(new, &rules, &*self.clock);
        let id = self.releases.add_release(&release, true)?;
        self.run(Rules { release: Some(id), ..rules });
        *connections = settings;
        Ok(Some(id))
    }

    /// Has what runs run on with other settings.
    fn again(&self, connections: &ConnectionSettings, current: &Rules) -> Result<(), Refused> {
        let Some(content) = &current.content else { return Ok(()) };
        let rules = Rules { release: current.release, ..self.prepare(connections, content)? };
        let canary = self.prepare_canary(connections)?;
        self.switch(rules);
        if let Some((rules, percent)) = canary {
            self.run_canary(rules, percent);
        }
        Ok(())
    }

    fn prepare(&self, connections: &ConnectionSettings, content: &Content) -> Result<Rules, Refused> {
        self.fit(connections, &Loaded::of_content(content).map_err(Refused::Content)?)
    }

    fn fit(&self, connections: &ConnectionSettings, loaded: &Loaded) -> Result<Rules, Refused> {
        let disabled = disabled(&*self.releases)?;
        let place = Place { connections, secrets: &self.secrets, disabled: &disabled };
        Rules::new(loaded, &place, Some(&self.current.get())).map_err(Refused::Unfit)
    }

    /// Returns the rules of the latest release that has a rule, by the name it is stored under, in a version. Whether they
    /// could run here is no matter.
    pub(crate) fn of_version(&self, stored: &str, version: &str) -> Result<Option<Code>, Refused> {
        let mut before = None;
        loop {
            let page = self.releases.releases(before, PAGE)?;
            let Some(last) = page.last() else { return Ok(None) };
            before = Some(last.id);
            // Names are those that people see, which may be others than the stored one.
            for release in page.iter().filter(|release| release.rules.values().any(|one| one == version)) {
                let loaded = Loaded::of_content(&self.content(release.id)?).map_err(Refused::Content)?;
                let code = Code::of(&loaded);
                if code.has(stored, version) {
                    return Ok(Some(code));
                }
            }
        }
    }

    fn content(&self, id: u64) -> Result<Content, Refused> {
        Content::read(&content_of(&*self.releases, id)?).map_err(Refused::Content)
    }

    fn run(&self, rules: Rules) {
        let release = rules.release;
        self.switch(rules);
        tracing::info!(release, "other rules run");
    }

    fn switch(&self, rules: Rules) {
        let prepared = self.ready(&rules);
        self.current.set(rules, || self.driver.run(prepared));
        self.changed.send_modify(|count| *count += 1);
    }

    fn ready(&self, rules: &Rules) -> Prepared {
        let (program, zone) = (Arc::clone(&rules.program), rules.zone.clone());
        self.driver.prepare(program, zone, rules.former_names.clone())
    }

    fn lock(&self) -> MutexGuard<'_, ConnectionSettings> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what is not as the tests of a project expect.
fn failures(project: &Project) -> Vec<Diagnostic> {
    let tests = hence_testing::tests(project);
    let reports = tests.iter().map(|test| hence_testing::run(project, test, Arc::new(Memory::new())));
    reports.flat_map(|report| report.failures).map(|failure| failure.diagnostic()).collect()
}

/// What became of the rules from one release to another.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) added: Vec<String>,
    pub(crate) changed: Vec<String>,
    pub(crate) removed: Vec<String>,
}

impl Changes {
    pub(crate) fn between(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Self {
        let mut changes = Self::default();
        for (rule, version) in after {
            match before.get(rule) {
                None => changes.added.push(rule.clone()),
                Some(before) if before != version => changes.changed.push(rule.clone()),
                Some(_) => {}
            }
        }
        changes.removed = before.keys().filter(|rule| !after.contains_key(*rule)).cloned().collect();
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_compared_by_their_versions() {
        let rules = |rules: &[(&str, &str)]| -> BTreeMap<String, String> {
            rules.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned())).collect()
        };
        let before = rules(&[("same", "1"), ("other", "1"), ("gone", "1")]);
        let after = rules(&[("same", "1"), ("other", "2"), ("new", "1")]);
        let changes = Changes::between(&before, &after);
        assert_eq!(changes.added, ["new"]);
        assert_eq!(changes.changed, ["other"]);
        assert_eq!(changes.removed, ["gone"]);
    }
}
