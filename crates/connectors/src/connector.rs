//! The connector of the engine: looks an action up in the catalog and performs its call.

use std::sync::{Arc, OnceLock};

use hence_diagnostics::{Code, nearest};
use hence_engine::{Assignments, CallFuture, Clock, Connector, Failure, Notifications, Request, Response};
use hence_schema::{Action, Call, Catalog, Entry, Setting};
use hence_types::Type;
use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use crate::gate::{self, Gates, Refusal};
use crate::guard::{Allowed, Guard};
use crate::kinds::kept::Keeper;
use crate::kinds::sql::{DATABASE, PASSWORD};
use crate::kinds::{Purpose, http, log, notification, smtp, sql, task};
use crate::secrets::Secrets;
use crate::settings::ConnectionSettings;
use crate::template::Scope;

/// The setting that holds where an integration's API is.
const BASE_URL: &str = "base_url";
/// The setting that any connection has: how many calls go there at a time.
pub(crate) const CONCURRENCY: &str = "concurrency";
/// The setting that any connection has: whether webhooks are taken without a signature.
const UNSIGNED: &str = "unsigned";
/// The setting that holds the secrets of an integration's webhooks.
const WEBHOOK_SECRET: &str = "webhook_secret";
/// The setting that holds the address its provider sends them to, where that is signed.
const WEBHOOK_URL: &str = "webhook_url";

/// Performs the actions of a catalog.
pub struct Connectors {
    catalog: Arc<Catalog>,
    /// By integration, with defaults filled in and secrets resolved.
    settings: IndexMap<String, IndexMap<String, String>>,
    /// What is wrong with the settings, by integration.
    problems: Vec<Problem>,
    secrets: Secrets,
    clients: Option<http::Clients>,
    pools: smtp::Pools,
    databases: sql::Databases,
    gates: Arc<Gates>,
    /// Where messages to people are kept, if anywhere.
    notifications: Arc<OnceLock<Keeper<dyn Notifications>>>,
    /// Where tasks for people are kept, if anywhere.
    assignments: Arc<OnceLock<Keeper<dyn Assignments>>>,
}

/// Something wrong with the settings of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The integration.
    pub integration: String,
    /// The setting.
    pub setting: String,
    /// The diagnostic code.
    pub code: Code,
    /// What is wrong: one line that names integration and setting, never a value that is secret.
    pub message: String,
}

impl Connectors {
    /// Returns the connector of a catalog. What is wrong with the settings is in [`Connectors::problems`]: an
    /// integration with problems refuses its calls, and the caller decides whether it is needed at all.
    pub fn new(catalog: Arc<Catalog>, settings: ConnectionSettings, secrets: Secrets) -> Self {
        let mut problems = Vec::new();
        for name in settings.integrations() {
            if !catalog.integrations.contains_key(name) {
                let known = catalog.integrations.keys().map(String::as_str);
                problems.push(unknown(
                    name,
                    "",
                    &format!("there is no integration `{name}`"),
                    nearest(name, known),
                ));
            }
        }
        let mut resolved = IndexMap::new();
        for (id, integration) in &catalog.integrations {
            let values = resolve(id, integration, &settings, &secrets, &mut problems);
            resolved.insert(id.clone(), values);
        }
        let origins = settings.integrations().filter_map(|id| origin(settings.get(id, BASE_URL)?));
        let hosts = settings.integrations().filter_map(|id| {
            // What an integration file says by itself was not opened by the operator.
            settings.get(id, DATABASE)?;
            database_host(resolved.get(id)?)
        });
        // A database that is opened is opened to statements, and to no request of a rule.
        let opened =
            |also: Vec<Allowed>| Guard::new(settings.allowed().iter().cloned().chain(also).collect());
        let databases = sql::Databases::new(settings.root().to_owned(), opened(hosts.collect()));
        let guard = opened(origins.collect());
        let clients = http::Clients::new(guard)
            .inspect_err(|error| tracing::error!(%error, "HTTP calls are not possible"))
            .ok();
        let pools = smtp::Pools::default();
        Self {
            catalog,
            settings: resolved,
            problems,
            secrets,
            clients,
            pools,
            databases,
            gates: Arc::default(),
            notifications: Arc::default(),
            assignments: Arc::default(),
        }
    }

    /// Returns the connector of another catalog or with other settings that takes the place of this one: what is known of
    /// systems that are slow or dead, and of calls under way to them, stays, and so does where messages and tasks are kept.
    #[must_use]
    pub fn again(&self, catalog: Arc<Catalog>, settings: ConnectionSettings, secrets: Secrets) -> Self {
        let gates = Arc::clone(&self.gates);
        let (notifications, assignments) = (Arc::clone(&self.notifications), Arc::clone(&self.assignments));
        Self { gates, notifications, assignments, ..Self::new(catalog, settings, secrets) }
    }

    /// Says where messages to people are kept; what was said first counts. Until then, calls that send one are refused.
    pub fn keep_notifications(&self, notifications: Arc<dyn Notifications>, clock: Arc<dyn Clock>) {
        self.notifications.get_or_init(|| Keeper { kept: notifications, clock });
    }

    /// Says where tasks for people are kept; what was said first counts. Until then, calls that create one are refused.
    pub fn keep_assignments(&self, assignments: Arc<dyn Assignments>, clock: Arc<dyn Clock>) {
        self.assignments.get_or_init(|| Keeper { kept: assignments, clock });
    }

    /// Makes no further calls: those that wait for others to end are put off. Calls under way come to their end.
    pub fn stop(&self) {
        self.gates.stop();
    }

    /// Returns everything that is wrong with the settings, in order of the integrations.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Returns the secrets that deliveries of an integration may be signed with: none where the setting is empty.
    pub fn webhook_secrets(&self, integration: &str) -> Vec<&str> {
        let setting = self.settings.get(integration).and_then(|settings| settings.get(WEBHOOK_SECRET));
        setting.map(|secrets| secrets.split_whitespace().collect()).unwrap_or_default()
    }

    /// Returns whether deliveries of an integration are taken though there is no secret to verify them with.
    pub fn takes_unsigned(&self, integration: &str) -> bool {
        let setting = self.settings.get(integration).and_then(|settings| settings.get(UNSIGNED));
        setting.is_some_and(|unsigned| unsigned == "true")
    }

    /// Returns the address that the provider of an integration was told to send webhooks to, if it is set.
    pub fn webhook_url(&self, integration: &str) -> Option<&str> {
        self.settings.get(integration)?.get(WEBHOOK_URL).map(String::as_str).filter(|url| !url.is_empty())
    }

    /// Returns the register of secrets, for masking.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    pub(crate) fn databases(&self) -> &sql::Databases {
        &self.databases
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Returns the settings of an integration, resolved.
    pub(crate) fn settings(&self, integration: &str) -> Option<&IndexMap<String, String>> {
        self.settings.get(integration)
    }

    /// Looks an action up with what its integration is set to, or refuses.
    fn find(&self, request: &Request) -> Result<Found<'_>, Failure> {
        let refuse = |message: String| Failure { message, certain: true, ..Failure::default() };
        let found = request.action.split_once('.').and_then(|(integration, name)| {
            let (integration, settings) = self.settings.get_key_value(integration)?;
            Some(Found { integration, settings, action: self.catalog.action(integration, name)? })
        });
        let found = found.ok_or_else(|| refuse(format!("there is no action `{}`", request.action)))?;
        match self.problems.iter().find(|problem| problem.integration == *found.integration) {
            Some(problem) => Err(refuse(problem.message.clone())),
            None => Ok(found),
        }
    }

    /// Performs a call. One that can be asked for and was tried before is asked for first.
    async fn perform(&self, request: &Request, found: &Found<'_>) -> Result<Response, Failure> {
        let action = found.action;
        if let (Some(lookup), 2..) = (&action.lookup, request.attempt) {
            let asked = self
                .make(&lookup.call, Purpose::Ask, Some(&Type::Json), request, found)
                .await
                .map_err(|failure| Failure {
                    message: format!(
                        "whether `{}` was done could not be asked: {}",
                        request.action, failure.message
                    ),
                    certain: false,
                    ..failure
                })?;
            let detail = json!({"lookup": asked.detail});
            match asked.result.pointer(&lookup.done) {
                None | Some(Json::Null) => {}
                Some(done) => return Ok(Response { result: done.clone(), detail }),
            }
        }
        let purpose = if action.read { Purpose::Ask } else { Purpose::Do };
        self.make(&action.call, purpose, action.result.as_ref(), request, found).await
    }

    async fn make(
        &self,
        call: &Call,
        purpose: Purpose,
        result: Option<&Type>,
        request: &Request,
        found: &Found<'_>,
    ) -> Result<Response, Failure> {
        let declared = sensitive(found.action, &request.arguments);
        let mask = self.secrets.mask_with(declared.chain(&request.sensitive));
        let scope = found.scope(request);
        let refuse =
            |message: &str| Failure { message: message.to_owned(), certain: true, ..Failure::default() };
        match call {
            Call::Http(call) => match &self.clients {
                Some(clients) => {
                    http::call(clients, call, scope, request, (purpose, result.is_some()), &mask).await
                }
                None => Err(refuse("the HTTP client could not be started")),
            },
            Call::Sql(call) => {
                sql::call(&self.databases, call, scope, request, (purpose, result), &mask).await
            }
            Call::Smtp(call) => smtp::call(&self.pools, call, scope, request, &mask).await,
            Call::Log(call) => log::call(call, scope, request, &mask),
            Call::Notification(call) => {
                notification::call(self.notifications.get(), call, scope, request, &mask).await
            }
            Call::Task(call) => task::call(self.assignments.get(), call, scope, request, &mask).await,
            Call::Effect => Err(refuse("an effect answers a decision and is never called")),
        }
    }
}

/// An action and what its integration is set to.
struct Found<'a> {
    integration: &'a str,
    settings: &'a IndexMap<String, String>,
    action: &'a Action,
}

impl<'a> Found<'a> {
    fn scope(&self, request: &'a Request) -> Scope<'a> {
        Scope { arguments: &request.arguments, settings: self.settings, key: &request.key }
    }

    /// The system that a call goes to, and how many calls go there at a time.
    fn system(&self, request: &Request) -> (String, usize) {
        let elsewhere = match &self.action.call {
            Call::Http(call) => http::elsewhere(call, self.scope(request)),
            Call::Sql(_)
            | Call::Smtp(_)
            | Call::Log(_)
            | Call::Notification(_)
            | Call::Task(_)
            | Call::Effect => None,
        };
        let system = match elsewhere {
            Some(host) => format!("{} {host}", self.integration),
            None => self.integration.to_owned(),
        };
        let places = self.settings.get(CONCURRENCY).and_then(|places| places.parse().ok());
        (system, places.unwrap_or(gate::PLACES))
    }
}

impl Connector for Connectors {
    fn call<'a>(&'a self, request: &'a Request) -> CallFuture<'a> {
        Box::pin(async move {
            let found = self.find(request)?;
            let (system, places) = found.system(request);
            let place =
                self.gates.enter(&system, places).await.map_err(|refusal| turned_away(refusal, &system))?;
            let result = match request.timeout {
                None => self.perform(request, &found).await,
                Some(timeout) => {
                    let limit = timeout.try_into().unwrap_or_default();
                    tokio::time::timeout(limit, self.perform(request, &found)).await.unwrap_or_else(|_| {
                        let message =
                            format!("no answer within {timeout:#}, the timeout that the rule gives the call");
                        Err(Failure { message, retryable: true, ..Failure::default() })
                    })
                }
            };
            place.done(result.as_ref().is_err_and(|failure| failure.retryable));
            result
        })
    }
}

/// The failure of a call that was not made.
fn turned_away(refusal: Refusal, system: &str) -> Failure {
    let not_made = Failure { certain: true, retryable: true, ..Failure::default() };
    // Rounded up, so that it is not asked too early.
    let after =
        |wait: std::time::Duration| u32::try_from(wait.as_secs().saturating_add(1)).unwrap_or(u32::MAX);
    match refusal {
        Refusal::Closed(wait) => Failure {
            message: format!("not called: `{system}` failed too often and is left alone for a while"),
            after: after(wait),
            ..not_made
        },
        Refusal::Crowded(wait) => Failure {
            message: format!("not called yet: too many calls of `{system}` wait"),
            after: after(wait),
            postponed: true,
            ..not_made
        },
        Refusal::Stopping => {
            Failure { message: "not called yet: the daemon stopped".to_owned(), postponed: true, ..not_made }
        }
    }
}

/// The host and port of a URL.
fn origin(url: &str) -> Option<Allowed> {
    let url = reqwest::Url::parse(url).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    Some(Allowed::Host(host, url.port_or_known_default()))
}

/// The host and port of a database that is not a file.
fn database_host(settings: &IndexMap<String, String>) -> Option<Allowed> {
    match sql::Target::of(settings).ok()? {
        sql::Target::Postgres(address) => Some(Allowed::Host(address.host, Some(address.port))),
        sql::Target::Sqlite(_) => None,
    }
}

/// The arguments that are masked wherever they are shown.
fn sensitive<'a>(action: &'a Action, arguments: &'a Map<String, Json>) -> impl Iterator<Item = &'a Json> {
    let names = action.params.iter().filter(|(_, param)| param.sensitive).map(|(name, _)| &**name);
    names.filter_map(|name| arguments.get(name))
}

/// The settings of one integration: what is given, else the default.
fn resolve(
    id: &str,
    integration: &Entry,
    given: &ConnectionSettings,
    secrets: &Secrets,
    problems: &mut Vec<Problem>,
) -> IndexMap<String, String> {
    let declared = &integration.settings().settings;
    // One that has not been read makes requests alone.
    let is_read = !integration.is_deferred();
    let in_database = |action: &Action| matches!(action.call, Call::Sql(_));
    let uses_database =
        is_read && (!integration.feeds.is_empty() || integration.actions.values().any(in_database));
    // What each connection to a database has, declared or not.
    let implied = (uses_database && !declared.contains_key(PASSWORD) && given.get(id, PASSWORD).is_some())
        .then(|| (PASSWORD.to_owned(), Setting { doc: String::new(), secret: true, default: None }));
    for name in given.names(id) {
        if [CONCURRENCY, UNSIGNED].contains(&name)
            || implied.as_ref().is_some_and(|(implied, _)| implied == name)
        {
            continue;
        }
        if !declared.contains_key(name) {
            let known = declared.keys().map(String::as_str);
            let message = format!("integration `{id}` has no setting `{name}`");
            problems.push(unknown(id, name, &message, nearest(name, known)));
        }
    }
    let mut values = IndexMap::new();
    let before = problems.len();
    for (name, setting) in declared.iter().chain(implied.iter().map(|(name, setting)| (name, setting))) {
        let mut problem = |code, message: String| {
            problems.push(Problem { integration: id.to_owned(), setting: name.clone(), code, message });
        };
        let value = match given.get(id, name).or(setting.default.as_deref()) {
            Some(value) => value,
            None => {
                problem(Code::InvalidConfig, format!("integration `{id}` needs the setting `{name}`"));
                continue;
            }
        };
        if setting.secret && !value.is_empty() && !Secrets::is_reference(value) {
            secrets.remember(value);
            let message =
                format!("setting `{name}` of integration `{id}` is secret: it is given as `secret:NAME`");
            problem(Code::InvalidConfig, message);
            continue;
        }
        let password = if name == DATABASE { sql::password_in(value) } else { None };
        if let Some(password) = password {
            secrets.remember(&password);
            let message = format!(
                "setting `{name}` of integration `{id}` has a password: it is given as `secret:NAME` in \
                 `{PASSWORD}`, or the whole URL is"
            );
            problem(Code::InvalidConfig, message);
            continue;
        }
        match secrets.resolve(value) {
            Ok(value) => {
                if let (DATABASE, Some(password)) = (&**name, sql::password_in(&value)) {
                    secrets.remember(&password);
                }
                values.insert(name.clone(), value);
            }
            Err(error) => problem(error.code(), format!("setting `{name}` of integration `{id}`: {error}")),
        }
    }
    if let Some(places) = given.get(id, CONCURRENCY) {
        values.insert(CONCURRENCY.to_owned(), places.to_owned());
        if !places.parse::<u16>().is_ok_and(|places| places > 0) {
            problems.push(Problem {
                integration: id.to_owned(),
                setting: CONCURRENCY.to_owned(),
                code: Code::InvalidConfig,
                message: format!(
                    "setting `{CONCURRENCY}` of integration `{id}`: `{places}` is no number of calls from 1 to 65535"
                ),
            });
        }
    }
    if let Some(unsigned) = given.get(id, UNSIGNED) {
        values.insert(UNSIGNED.to_owned(), unsigned.to_owned());
        if !["true", "false"].contains(&unsigned) {
            problems.push(Problem {
                integration: id.to_owned(),
                setting: UNSIGNED.to_owned(),
                code: Code::InvalidConfig,
                message: format!(
                    "setting `{UNSIGNED}` of integration `{id}`: `{unsigned}` is neither `true` nor `false`"
                ),
            });
        }
    }
    let sends_mail =
        is_read && integration.actions.values().any(|action| matches!(action.call, Call::Smtp(_)));
    let found = match problems.len() == before {
        true if sends_mail => smtp::settings_problem(&values),
        true if uses_database => sql::settings_problem(&values),
        _ => None,
    };
    if let Some((setting, problem)) = found {
        problems.push(Problem {
            integration: id.to_owned(),
            setting: setting.to_owned(),
            code: Code::InvalidConfig,
            message: format!("setting `{setting}` of integration `{id}`: {problem}"),
        });
    }
    values
}

fn unknown(integration: &str, setting: &str, message: &str, meant: Option<&str>) -> Problem {
    let meant = meant.map(|name| format!(": is `{name}` meant?")).unwrap_or_default();
    Problem {
        integration: integration.to_owned(),
        setting: setting.to_owned(),
        code: Code::InvalidConfig,
        message: format!("{message}{meant}"),
    }
}

#[cfg(test)]
mod tests;
