//! The connector of the engine: looks an action up in the catalog and performs its call.

use std::sync::Arc;

use hence_diagnostics::{Code, nearest};
use hence_engine::{CallFuture, Connector, Failure, Request, Response};
use hence_schema::{Action, Call, Catalog, Integration};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use crate::guard::{Allowed, Guard};
use crate::kinds::{http, log, smtp};
use crate::secrets::Secrets;
use crate::settings::ConnectionSettings;
use crate::template::Scope;

/// The setting that holds where an integration's API is.
const BASE_URL: &str = "base_url";
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
        for integration in catalog.integrations.values() {
            let values = resolve(integration, &settings, &secrets, &mut problems);
            resolved.insert(integration.id.clone(), values);
        }
        let origins = settings.integrations().filter_map(|id| origin(settings.get(id, BASE_URL)?));
        let guard = Guard::new(settings.allowed().iter().cloned().chain(origins).collect());
        let clients = http::Clients::new(guard)
            .inspect_err(|error| tracing::error!(%error, "HTTP calls are not possible"))
            .ok();
        Self { catalog, settings: resolved, problems, secrets, clients, pools: smtp::Pools::default() }
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

    /// Returns the address that the provider of an integration was told to send webhooks to, if it is set.
    pub fn webhook_url(&self, integration: &str) -> Option<&str> {
        self.settings.get(integration)?.get(WEBHOOK_URL).map(String::as_str).filter(|url| !url.is_empty())
    }

    /// Returns the register of secrets, for masking.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    async fn perform(&self, request: &Request) -> Result<Response, Failure> {
        let refuse =
            |message: String| Failure { message, certain: true, retryable: false, detail: Json::Null };
        let found = request.action.split_once('.').and_then(|(integration, name)| {
            Some((self.settings.get_key_value(integration)?, self.catalog.action(integration, name)?))
        });
        let Some(((integration, settings), action)) = found else {
            return Err(refuse(format!("there is no action `{}`", request.action)));
        };
        if let Some(problem) = self.problems.iter().find(|problem| problem.integration == *integration) {
            return Err(refuse(problem.message.clone()));
        }
        let mask = self.secrets.mask_with(sensitive(action, &request.arguments));
        let scope = Scope { arguments: &request.arguments, settings };
        match &action.call {
            Call::Http(call) => match &self.clients {
                Some(clients) => {
                    http::call(clients, call, scope, request, action.result.is_some(), &mask).await
                }
                None => Err(refuse("the HTTP client could not be started".to_owned())),
            },
            Call::Smtp(call) => smtp::call(&self.pools, call, scope, request, &mask).await,
            Call::Log(call) => log::call(call, scope, request, &mask),
            Call::Effect => Err(refuse("an effect answers a decision and is never called".to_owned())),
        }
    }
}

impl Connector for Connectors {
    fn call<'a>(&'a self, request: &'a Request) -> CallFuture<'a> {
        Box::pin(async move {
            let Some(timeout) = request.timeout else { return self.perform(request).await };
            let limit = timeout.try_into().unwrap_or_default();
            tokio::time::timeout(limit, self.perform(request)).await.unwrap_or_else(|_| {
                let message =
                    format!("no answer within {timeout:#}, the timeout that the rule gives the call");
                Err(Failure { message, certain: false, retryable: true, detail: Json::Null })
            })
        })
    }
}

/// The host and port of a URL.
fn origin(url: &str) -> Option<Allowed> {
    let url = reqwest::Url::parse(url).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    Some(Allowed::Host(host, url.port_or_known_default()))
}

/// The arguments that are masked wherever they are shown.
fn sensitive<'a>(action: &'a Action, arguments: &'a Map<String, Json>) -> impl Iterator<Item = &'a Json> {
    let names = action.params.iter().filter(|(_, param)| param.sensitive).map(|(name, _)| &**name);
    names.filter_map(|name| arguments.get(name))
}

/// The settings of one integration: what is given, else the default.
fn resolve(
    integration: &Integration,
    given: &ConnectionSettings,
    secrets: &Secrets,
    problems: &mut Vec<Problem>,
) -> IndexMap<String, String> {
    let id = &integration.id;
    let declared = &integration.connection.settings;
    for name in given.names(id) {
        if !declared.contains_key(name) {
            let known = declared.keys().map(String::as_str);
            let message = format!("integration `{id}` has no setting `{name}`");
            problems.push(unknown(id, name, &message, nearest(name, known)));
        }
    }
    let mut values = IndexMap::new();
    let before = problems.len();
    for (name, setting) in declared {
        let mut problem = |code, message: String| {
            problems.push(Problem { integration: id.clone(), setting: name.clone(), code, message });
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
        match secrets.resolve(value) {
            Ok(value) => {
                values.insert(name.clone(), value);
            }
            Err(error) => problem(error.code(), format!("setting `{name}` of integration `{id}`: {error}")),
        }
    }
    let sends_mail = integration.actions.values().any(|action| matches!(action.call, Call::Smtp(_)));
    if sends_mail
        && problems.len() == before
        && let Some((setting, problem)) = smtp::settings_problem(&values)
    {
        problems.push(Problem {
            integration: id.clone(),
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
