//! The kind `smtp`: a mail made of the arguments.
//!
//! The message id is derived from the idempotency key, so that a mail that is sent again after an unknown outcome is
//! recognised as the same one by whoever receives it. Addresses are parsed whole and strictly: what is no address is
//! refused, and no value can add a header.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hence_engine::{Failure, Request, Response};
use hence_schema::SmtpCall;
use indexmap::IndexMap;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{excerpt, refused};
use crate::mask::Mask;
use crate::template::{self, Scope};

/// The longest time for one command and its answer.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time for the whole mail.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// The pools of connections to mail servers, one per integration.
#[derive(Default)]
pub(crate) struct Pools(Mutex<HashMap<String, Transport>>);

impl Pools {
    fn get(&self, integration: &str, settings: &IndexMap<String, String>) -> Result<Transport, String> {
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transport) = pools.get(integration) {
            return Ok(transport.clone());
        }
        let transport = transport(settings)?;
        pools.insert(integration.to_owned(), transport.clone());
        Ok(transport)
    }
}

/// Returns what is wrong with the settings of a mail connection, if anything.
pub(crate) fn settings_problem(settings: &IndexMap<String, String>) -> Option<(&'static str, String)> {
    server(settings).err()
}

/// Sends the mail.
pub(crate) async fn call(
    pools: &Pools,
    call: &SmtpCall,
    scope: Scope<'_>,
    request: &Request,
    mask: &Mask,
) -> Result<Response, Failure> {
    let integration = request.action.split('.').next().unwrap_or_default();
    let mail = Mail::prepare(call, scope, &request.key).map_err(|message| refused(&message, mask))?;
    let message = mail.message().map_err(|message| refused(&message, mask))?;
    let transport = pools.get(integration, scope.settings).map_err(|message| refused(&message, mask))?;
    let sent = json!({
        "from": mask.text(&mail.from.to_string()),
        "to": mail.to.iter().map(|to| mask.text(&to.to_string())).collect::<Vec<_>>(),
        "subject": mask.text(&mail.subject),
        "text": excerpt(&mail.text, mask),
        "html": mail.html.as_deref().map(|html| excerpt(html, mask)),
        "message_id": mail.id,
    });
    match tokio::time::timeout(TOTAL_TIMEOUT, transport.send(message)).await {
        Ok(Ok(answer)) => {
            let text = answer.message().collect::<Vec<_>>().join(" ");
            let received = json!({"code": answer.code().to_string(), "text": excerpt(&text, mask)});
            let detail = json!({"request": sent, "response": received});
            Ok(Response { result: json!({"message_id": mail.id}), detail })
        }
        Ok(Err(error)) => Err(failed(&error, sent, mask)),
        Err(_) => Err(Failure {
            message: format!(
                "the mail server did not take the mail within {} seconds",
                TOTAL_TIMEOUT.as_secs()
            ),
            certain: false,
            retryable: true,
            detail: json!({"request": sent, "response": null}),
            ..Failure::default()
        }),
    }
}

fn failed(error: &lettre::transport::smtp::Error, sent: serde_json::Value, mask: &Mask) -> Failure {
    let text = error.to_string();
    let code = error.status().map(|code| code.to_string());
    let received = code.as_ref().map(|code| json!({"code": code, "text": excerpt(&text, mask)}));
    let detail = json!({"request": sent, "response": received});
    let (message, certain, retryable) = if error.is_permanent() {
        (format!("the mail server refused the mail: {text}"), true, false)
    } else if error.is_transient() {
        (format!("the mail server did not take the mail now: {text}"), true, true)
    } else if error.is_tls() {
        (format!("no secure connection to the mail server: {text}"), true, false)
    } else if error.is_client() {
        (format!("the mail server does not offer what the settings ask for: {text}"), true, false)
    } else if text.starts_with("Connection error") {
        // The library has no question for this kind; the text is held by a test.
        (format!("no connection to the mail server: {text}"), true, true)
    } else {
        (format!("the connection to the mail server broke: {text}"), false, true)
    };
    Failure { message: mask.text(&message), certain, retryable, detail, ..Failure::default() }
}

/// A mail with everything filled in.
struct Mail {
    id: String,
    from: Mailbox,
    to: Vec<Mailbox>,
    subject: String,
    text: String,
    /// The same as HTML, if there is any.
    html: Option<String>,
}

impl Mail {
    fn prepare(call: &SmtpCall, scope: Scope<'_>, key: &str) -> Result<Self, String> {
        let fill = |template: &str| template::text(template, scope).map_err(|error| error.to_string());
        let from = mailbox(&fill(&call.from)?).map_err(|problem| format!("the sender {problem}"))?;
        let recipients = fill(&call.to)?;
        let mut to = Vec::new();
        for recipient in split_addresses(&recipients) {
            to.push(mailbox(&recipient).map_err(|problem| format!("the recipient {problem}"))?);
        }
        if to.is_empty() {
            return Err("the mail has no recipient".to_owned());
        }
        // A line break in a subject is white space to a reader, and must not be more to a server.
        let subject =
            fill(&call.subject)?.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        let digest = hex::encode(Sha256::digest(key.as_bytes()));
        let local: String = digest.chars().take(32).collect();
        let id = format!("<hence.{local}@{}>", from.email.domain());
        let html = (!call.html.is_empty()).then(|| template::html(&call.html, scope));
        let html = html.transpose().map_err(|error| error.to_string())?;
        Ok(Self { id, from, to, subject: subject.trim().to_owned(), text: fill(&call.text)?, html })
    }

    fn message(&self) -> Result<Message, String> {
        let mut builder = Message::builder().from(self.from.clone()).subject(self.subject.clone());
        for to in &self.to {
            builder = builder.to(to.clone());
        }
        let (builder, text) = (builder.message_id(Some(self.id.clone())), self.text.clone());
        let built = match &self.html {
            Some(html) => builder.multipart(MultiPart::alternative_plain_html(text, html.clone())),
            None => builder.header(ContentType::TEXT_PLAIN).body(text),
        };
        built.map_err(|error| format!("the mail cannot be built: {error}"))
    }
}

/// Splits a list of addresses at its commas, except those within quotes and brackets.
fn split_addresses(list: &str) -> Vec<String> {
    let mut addresses = vec![String::new()];
    let (mut quoted, mut bracketed) = (false, false);
    for c in list.chars() {
        match c {
            '"' => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            ',' if !quoted && !bracketed => {
                addresses.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = addresses.last_mut() {
            last.push(c);
        }
    }
    addresses
        .into_iter()
        .map(|address| address.trim().to_owned())
        .filter(|address| !address.is_empty())
        .collect()
}

/// Reads `ann@example.org` or `Ann <ann@example.org>`.
fn mailbox(text: &str) -> Result<Mailbox, String> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(format!("`{}` has a line break or control character", text.escape_debug()));
    }
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address.trim()),
        None => ("", text),
    };
    let parsed: Address = address.parse().map_err(|_| format!("`{text}` is no mail address"))?;
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), parsed))
}

/// How the mail server is reached.
#[derive(Debug)]
struct Server<'a> {
    host: &'a str,
    port: u16,
    security: Security,
}

#[derive(Debug, Clone, Copy)]
enum Security {
    None,
    StartTls,
    Tls,
}

fn server(settings: &IndexMap<String, String>) -> Result<Server<'_>, (&'static str, String)> {
    let setting = |name: &str| settings.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let host = setting("host").ok_or_else(|| ("host", "the mail server is not given".to_owned()))?;
    let security = match setting("tls").unwrap_or("starttls") {
        "none" => Security::None,
        "starttls" => Security::StartTls,
        "tls" => Security::Tls,
        other => return Err(("tls", format!("`{other}` is not one of `none`, `starttls`, `tls`"))),
    };
    let port = match setting("port") {
        Some(text) => {
            text.parse().map_err(|_| ("port", format!("`{text}` is no port: a number from 1 to 65535")))?
        }
        None => match security {
            Security::None => 25,
            Security::StartTls => 587,
            Security::Tls => 465,
        },
    };
    Ok(Server { host, port, security })
}

fn transport(settings: &IndexMap<String, String>) -> Result<Transport, String> {
    let server = server(settings).map_err(|(setting, problem)| format!("setting `{setting}`: {problem}"))?;
    let parameters =
        || TlsParameters::new(server.host.to_owned()).map_err(|error| format!("TLS cannot be used: {error}"));
    let tls = match server.security {
        Security::None => Tls::None,
        Security::StartTls => Tls::Required(parameters()?),
        Security::Tls => Tls::Wrapper(parameters()?),
    };
    let mut builder =
        Transport::builder_dangerous(server.host).port(server.port).tls(tls).timeout(Some(COMMAND_TIMEOUT));
    let username = settings.get("username").map(String::as_str).unwrap_or_default();
    if !username.is_empty() {
        let password = settings.get("password").cloned().unwrap_or_default();
        builder = builder.credentials(Credentials::new(username.to_owned(), password));
    }
    Ok(builder.build())
}

#[cfg(test)]
mod tests;
