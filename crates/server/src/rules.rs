//! What runs at a moment: the rules of a release, the integrations they were checked against, and how those are reached.
//! It is changed as a whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hence_connectors::{ConnectionSettings, Connectors, Secrets};
use hence_diagnostics::{Diagnostic, Severity, Sources};
use hence_engine::{CallFuture, Connector, Request};
use hence_ir::{FormerNames, Program, Rule, Step};
use hence_project::{Content, Loaded};
use hence_schema::{Catalog, Signature};
use hence_types::jiff::tz::TimeZone;

/// What runs.
#[derive(Clone)]
pub(crate) struct Rules {
    /// The release they are of; nothing for rules that cannot be kept.
    pub(crate) release: Option<u64>,
    /// The compiled rules, under the names that they are stored under; those that were turned off are disabled.
    pub(crate) program: Arc<Program>,
    /// The same, as their texts have them.
    pub(crate) as_written: Arc<Program>,
    /// The names that people see for those of the program.
    pub(crate) former_names: FormerNames,
    /// The texts the program comes from, for explanations.
    pub(crate) sources: Arc<Sources>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) connectors: Arc<Connectors>,
    pub(crate) zone: TimeZone,
    /// What they were loaded from.
    pub(crate) content: Option<Content>,
    /// The integrations that are not as Hence ships them, with the hashes of their texts.
    pub(crate) own_integrations: BTreeMap<String, blake3::Hash>,
}

/// Why rules cannot run here.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// Something is wrong with them.
    Diagnostics(Box<(Sources, Vec<Diagnostic>)>),
    /// Settings that they need are missing or wrong: one line for each.
    Settings(Vec<String>),
}

/// How rules reach the world where they run.
pub(crate) struct Place<'a> {
    pub(crate) connections: &'a ConnectionSettings,
    pub(crate) secrets: &'a Secrets,
    /// The rules that were turned off, by the names they are stored under.
    pub(crate) disabled: &'a BTreeSet<String>,
}

impl Rules {
    /// Makes what was loaded ready to run, if nothing is wrong with it.
    pub(crate) fn new(loaded: &Loaded, place: &Place<'_>, before: Option<&Rules>) -> Result<Self, Unfit> {
        let mut wrong: Vec<Diagnostic> =
            loaded.diagnostics.iter().filter(|found| found.severity == Severity::Error).cloned().collect();
        wrong.extend(hence_project::unrunnable(&loaded.program));
        if !wrong.is_empty() {
            return Err(Unfit::Diagnostics(Box::new((loaded.sources.clone(), wrong))));
        }
        let Code { program: as_written, former_names, sources, zone } = Code::of(loaded);
        let program = without(&as_written, place.disabled);
        let catalog = Arc::clone(&loaded.catalog);
        let (connections, secrets) = (place.connections.clone(), place.secrets.clone());
        let connectors = match before {
            Some(before) => before.connectors.again(Arc::clone(&catalog), connections, secrets),
            None => Connectors::new(Arc::clone(&catalog), connections, secrets),
        };
        // A bundle knows only the integrations that its rules need, and the settings may be for others.
        let knows_all = !matches!(loaded.content, Some(Content::Bundle(_)));
        check_settings(&program, &catalog, &connectors, knows_all)?;
        Ok(Self {
            release: None,
            program,
            as_written,
            former_names,
            sources,
            catalog,
            connectors: Arc::new(connectors),
            zone,
            content: loaded.content.clone(),
            own_integrations: own_integrations(loaded),
        })
    }

    /// Returns the same with other rules turned off.
    pub(crate) fn turned_off(&self, disabled: &BTreeSet<String>) -> Self {
        Self { program: without(&self.as_written, disabled), ..self.clone() }
    }

    /// Returns what explaining them needs.
    pub(crate) fn code(&self) -> Code {
        let Self { as_written, former_names, sources, zone, .. } = self;
        Code {
            program: Arc::clone(as_written),
            former_names: former_names.clone(),
            sources: Arc::clone(sources),
            zone: zone.clone(),
        }
    }

    /// Returns the versions of the rules by the names that people see.
    pub(crate) fn versions(&self) -> BTreeMap<String, String> {
        let rules = self.program.rules.iter();
        rules
            .map(|rule| (self.former_names.present(&rule.name).into_owned(), rule.version.to_string()))
            .collect()
    }
}

/// Rules as their texts have them, whether they can run here or not.
pub(crate) struct Code {
    /// Under the names that they are stored under.
    pub(crate) program: Arc<Program>,
    pub(crate) former_names: FormerNames,
    pub(crate) sources: Arc<Sources>,
    pub(crate) zone: TimeZone,
}

impl Code {
    pub(crate) fn of(loaded: &Loaded) -> Self {
        let (former_names, zone) = (loaded.manifest.former_names(), loaded.manifest.zone.clone());
        let is_decision =
            |rule: &Rule| rule.triggers.iter().any(|name| loaded.catalog.entry_point(name).is_some());
        let program = former_names.apply(&loaded.program, &zone, is_decision);
        Self { program, former_names, sources: Arc::new(loaded.sources.clone()), zone }
    }

    /// Returns whether it has a rule, by the name that it is stored under, in a version.
    pub(crate) fn has(&self, stored: &str, version: &str) -> bool {
        self.program.rule(stored).is_some_and(|rule| &*rule.version == version)
    }
}

fn own_integrations(loaded: &Loaded) -> BTreeMap<String, blake3::Hash> {
    let text = |id: &str| {
        let integration = loaded.catalog.integrations.get(id)?;
        let text = loaded.sources.get(integration.origin.file)?.text();
        (hence_schema::shipped_text(id) != Some(text)).then(|| blake3::hash(text.as_bytes()))
    };
    let ids = loaded.catalog.integrations.keys();
    ids.filter_map(|id| Some((id.clone(), text(id)?))).collect()
}

/// Returns a program in which some rules are disabled.
fn without(program: &Arc<Program>, disabled: &BTreeSet<String>) -> Arc<Program> {
    if disabled.is_empty() {
        return Arc::clone(program);
    }
    let mut program = Program::clone(program);
    for rule in program.rules.iter_mut().filter(|rule| disabled.contains(&*rule.name)) {
        rule.header.disabled = true;
    }
    Arc::new(program)
}

/// What runs now.
pub(crate) struct Current(RwLock<Running>);

struct Running {
    rules: Arc<Rules>,
    /// What a part of the events is given to instead.
    canary: Option<Arc<Rules>>,
}

impl Current {
    pub(crate) fn new(rules: Rules) -> Self {
        Self(RwLock::new(Running { rules: Arc::new(rules), canary: None }))
    }

    /// Returns what runs now; of a canary nothing.
    pub(crate) fn get(&self) -> Arc<Rules> {
        Arc::clone(&self.read().rules)
    }

    /// Returns the canary.
    pub(crate) fn canary(&self) -> Option<Arc<Rules>> {
        self.read().canary.clone()
    }

    /// Returns what runs now, and the canary.
    pub(crate) fn all(&self) -> impl Iterator<Item = Arc<Rules>> {
        let running = self.read();
        [Some(Arc::clone(&running.rules)), running.canary.clone()].into_iter().flatten()
    }

    /// Has other rules run; a canary ends. `meanwhile` is done at the same moment.
    pub(crate) fn set(&self, rules: Rules, meanwhile: impl FnOnce()) {
        let mut running = self.write();
        meanwhile();
        *running = Running { rules: Arc::new(rules), canary: None };
    }

    /// Begins, changes or ends a canary.
    pub(crate) fn set_canary(&self, canary: Option<Rules>) {
        self.write().canary = canary.map(Arc::new);
    }

    fn read(&self) -> RwLockReadGuard<'_, Running> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Running> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls go out by what runs when they are made; those of actions that only the canary knows, by the canary.
impl Connector for Current {
    fn call<'a>(&'a self, request: &'a Request) -> CallFuture<'a> {
        let knows = |rules: &Arc<Rules>| {
            let action = request.action.split_once('.');
            action.is_some_and(|(integration, name)| rules.catalog.action(integration, name).is_some())
        };
        let rules = self.all().find(knows).unwrap_or_else(|| self.get());
        Box::pin(async move { rules.connectors.call(request).await })
    }
}

/// Demands the settings of the integrations that rules use, and warns of webhooks that anybody could send.
fn check_settings(
    program: &Program,
    catalog: &Catalog,
    connectors: &Connectors,
    knows_all: bool,
) -> Result<(), Unfit> {
    let (triggering, acting) = used(program);
    let mut needed = Vec::new();
    for problem in connectors.problems() {
        let is_used = acting.contains(problem.integration.as_str())
            || triggering.contains(problem.integration.as_str());
        if is_used || knows_all && !catalog.integrations.contains_key(&problem.integration) {
            needed.push(format!("{} [{}]", problem.message, problem.code));
        }
    }
    if !needed.is_empty() {
        return Err(Unfit::Settings(needed));
    }
    for integration in triggering.iter().filter_map(|id| catalog.integrations.get(*id)) {
        let Some(webhook) = &integration.webhook else { continue };
        if !connectors.webhook_secrets(&integration.id).is_empty() {
            continue;
        }
        if connectors.takes_unsigned(&integration.id) {
            tracing::warn!(
                integration = %integration.id,
                "`unsigned` is set: deliveries of webhooks are taken from anybody"
            );
        } else {
            let missing = if webhook.signature == Signature::None {
                "its manifest knows no signature, and `unsigned` is not set"
            } else {
                "`webhook_secret` is empty"
            };
            tracing::warn!(integration = %integration.id, "{missing}: deliveries of webhooks are refused");
        }
    }
    Ok(())
}

/// The integrations whose events trigger rules, and those whose actions rules call.
fn used(program: &Program) -> (BTreeSet<&str>, BTreeSet<&str>) {
    fn integration(name: &str) -> &str {
        name.split('.').next().unwrap_or_default()
    }
    let (mut triggering, mut acting) = (BTreeSet::new(), BTreeSet::new());
    for rule in &program.rules {
        let watched = rule.watches.iter().flat_map(|watch| watch.kind.events());
        triggering.extend(rule.triggers.iter().chain(watched).map(|name| integration(name)));
        for step in rule.then.iter().chain(rule.otherwise.iter().flatten()) {
            if let Step::Act { action, .. } = step {
                acting.insert(integration(action));
            }
        }
    }
    (triggering, acting)
}
