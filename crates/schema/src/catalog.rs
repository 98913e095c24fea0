//! The catalog: what rules can name. Plain data, built by the loader, read by everyone.

use std::sync::Arc;

use hence_diagnostics::Span;
use hence_types::jiff::SignedDuration;
use hence_types::{Record, Type};
use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::{Entry, HtmlPart};

/// All integrations of a project, by id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// The integrations, in order of their ids.
    pub integrations: IndexMap<String, Entry>,
}

impl Catalog {
    /// Returns the event `integration.name`, such as `shop` and `order.created`.
    pub fn event(&self, integration: &str, name: &str) -> Option<&Event> {
        self.integrations.get(integration)?.events.get(name)
    }

    /// Returns the event of a full name such as `shop.order.created`.
    pub fn event_by_full_name(&self, full_name: &str) -> Option<&Event> {
        let (integration, name) = full_name.split_once('.')?;
        self.event(integration, name)
    }

    /// Returns the action `integration.name`, such as `crm` and `add_tag`.
    pub fn action(&self, integration: &str, name: &str) -> Option<&Action> {
        self.integrations.get(integration)?.actions.get(name)
    }

    /// Returns the entry point of a name such as `checkout`.
    pub fn entry_point(&self, name: &str) -> Option<&EntryPoint> {
        self.with_entry_points().find_map(|integration| integration.entry_points.get(name))
    }

    /// Returns the names of all entry points.
    pub fn entry_points(&self) -> impl Iterator<Item = &EntryPoint> {
        self.with_entry_points().flat_map(|integration| integration.entry_points.values())
    }

    /// Returns the integrations that may have entry points: those that are not read have none.
    fn with_entry_points(&self) -> impl Iterator<Item = &Entry> {
        self.integrations.values().filter(|integration| !integration.is_deferred())
    }

    /// Returns what is known of a named type that is a union, by its full name such as `shop.Payment`.
    pub fn union(&self, full_name: &str) -> Option<&Union> {
        let (integration, name) = full_name.split_once('.')?;
        self.integrations.get(integration)?.unions.get(name)
    }

    /// Returns the entity `integration.name`, such as `monday` and `item`.
    pub fn entity(&self, integration: &str, name: &str) -> Option<&Entity> {
        self.integrations.get(integration)?.entities.get(name)
    }

    /// Returns the named type `integration.name`, such as `shop` and `Order`.
    pub fn named_type(&self, integration: &str, name: &str) -> Option<&Type> {
        self.integrations.get(integration)?.types.get(name)
    }
}

/// One integration.
#[derive(Debug, Clone)]
pub struct Integration {
    /// The id: the first part of the names of its events and actions.
    pub id: String,
    /// The title for people.
    pub title: String,
    /// The version of the file, as written.
    pub version: String,
    /// The description, Markdown, possibly empty.
    pub doc: String,
    /// The named types, by their name in this integration.
    pub types: IndexMap<String, Type>,
    /// Those of the named types that are unions.
    pub unions: IndexMap<String, Union>,
    /// The events, by their name in this integration, such as `order.created`.
    pub events: IndexMap<String, Event>,
    /// The entities, by name.
    pub entities: IndexMap<String, Entity>,
    /// The actions, by name.
    pub actions: IndexMap<String, Action>,
    /// The entry points, by name.
    pub entry_points: IndexMap<String, EntryPoint>,
    /// The queries whose rows are its events, by name.
    pub feeds: IndexMap<String, Feed>,
    /// How its webhooks are read, if it sends any.
    pub webhook: Option<Webhook>,
    /// How its actions reach it.
    pub connection: Connection,
    /// The `id` in the file.
    pub origin: Span,
}

impl Integration {
    /// Returns an integration that has nothing.
    pub(crate) fn empty(id: &str) -> Self {
        Integration {
            id: id.to_owned(),
            title: String::new(),
            version: String::new(),
            doc: String::new(),
            types: IndexMap::new(),
            unions: IndexMap::new(),
            events: IndexMap::new(),
            entities: IndexMap::new(),
            actions: IndexMap::new(),
            entry_points: IndexMap::new(),
            feeds: IndexMap::new(),
            webhook: None,
            connection: Connection::default(),
            origin: Span::default(),
        }
    }
}

/// A type whose values are of several types, told apart by a field. The type itself is a record of the fields of all of
/// them, of which those may be missing that not all of them have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Union {
    /// The field that tells.
    pub tag: Arc<str>,
    /// The types, by their full names.
    pub variants: IndexMap<Arc<str>, Variant>,
}

/// One of the types of a union.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The values of the field that tells, for this type.
    pub values: Vec<Arc<str>>,
    /// The fields that values of this type always have.
    pub always: Vec<Arc<str>>,
}

/// An event.
#[derive(Debug, Clone)]
pub struct Event {
    /// The full name, such as `shop.order.created`.
    pub full_name: Arc<str>,
    /// The description, Markdown, possibly empty.
    pub doc: String,
    /// The type of the payload.
    pub payload: Arc<Record>,
    /// Whether rules may emit it.
    pub emit: bool,
    /// Example payloads.
    pub examples: Vec<Json>,
    /// The event's name in the file.
    pub origin: Span,
}

/// Where a system asks for a decision.
#[derive(Debug, Clone)]
pub struct EntryPoint {
    /// The name, such as `checkout`.
    pub name: Arc<str>,
    /// The description, Markdown, possibly empty.
    pub doc: String,
    /// The type of what the caller tells.
    pub context: Arc<Record>,
    /// Full names of the actions that rules may give to the caller.
    pub effects: Vec<String>,
    /// The fields of the context that rules may set, by path, such as `cart.discount`.
    pub settable: IndexMap<String, Settable>,
    /// Whether rules may refuse.
    pub block: bool,
    /// Example contexts.
    pub examples: Vec<Json>,
    /// The entry point's name in the file.
    pub origin: Span,
}

/// A field that a decision may set.
#[derive(Debug, Clone)]
pub struct Settable {
    /// The type of the values, not optional.
    pub ty: Type,
    /// How a value is spelt in JSON.
    pub wire: hence_types::Wire,
    /// Whether the value is to be masked wherever it is shown.
    pub sensitive: bool,
    /// The field's name in the file.
    pub origin: Span,
}

/// Something that the system keeps and whose fields change: an item, a member.
#[derive(Debug, Clone)]
pub struct Entity {
    /// The full name, such as `monday.item`.
    pub full_name: Arc<str>,
    /// The description, Markdown, possibly empty.
    pub doc: String,
    /// The names of the fields that tell one from another; every carrier has them.
    pub key: Vec<Arc<str>>,
    /// The fields that some event carries.
    pub fields: Arc<Record>,
    /// The events that carry fields.
    pub carriers: Vec<Carrier>,
    /// How rules set fields, where they can.
    pub update: Option<Update>,
    /// The entity's name in the file.
    pub origin: Span,
}

/// How rules set fields of an entity: by calling an action.
#[derive(Debug, Clone)]
pub struct Update {
    /// The name of the action, without the integration.
    pub action: String,
    /// The parameters that take the fields of the key.
    pub key: Vec<(Arc<str>, Arc<str>)>,
    /// The fields that may be set, and the parameter that takes the value of each.
    pub fields: IndexMap<Arc<str>, Arc<str>>,
    /// The parameter that takes the name of the field, if there is one.
    pub field: Option<Arc<str>>,
    /// What further parameters always take.
    pub with: Vec<(Arc<str>, Arc<str>)>,
}

impl Entity {
    /// Returns whether a record of this name is one of the entity: the payload of an event that carries key and fields by
    /// their own names.
    pub fn is_record(&self, name: &str, catalog: &Catalog) -> bool {
        self.carriers.iter().any(|carrier| {
            let in_place =
                |field: &Arc<str>| carrier.fields.get(field).is_some_and(|path| **path == [field.clone()]);
            let payload = catalog.event_by_full_name(&carrier.event).map(|event| &event.payload);
            let named = payload.and_then(|payload| payload.name.as_deref()) == Some(name);
            named && self.key.iter().all(in_place)
        })
    }
}

/// An event that carries the values of fields of an entity. Paths are names from the payload.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// The full name of the event.
    pub event: Arc<str>,
    /// Where each field stands.
    pub fields: IndexMap<Arc<str>, Vec<Arc<str>>>,
    /// Where the value that a field had before stands, for fields of which the event says that.
    pub old: IndexMap<Arc<str>, Vec<Arc<str>>>,
    /// Where it stands who changed something.
    pub actor: Option<Vec<Arc<str>>>,
}

/// An action.
#[derive(Debug, Clone)]
pub struct Action {
    /// The full name, such as `crm.add_tag`.
    pub full_name: Arc<str>,
    /// The description, Markdown, possibly empty.
    pub doc: String,
    /// The parameters, in order.
    pub params: IndexMap<Arc<str>, Param>,
    /// The type of the result, if it has one.
    pub result: Option<Type>,
    /// What repeating a call does.
    pub class: Class,
    /// Whether it only looks something up: it changes nothing, and its arguments may be given in their order.
    pub read: bool,
    /// How it runs.
    pub call: Call,
    /// How to ask whether it was done: there for every action that is [`Class::Queryable`].
    pub lookup: Option<Lookup>,
    /// Full names of the events a call causes, as far as known.
    pub causes: Vec<String>,
    /// The action's name in the file.
    pub origin: Span,
}

/// A parameter of an action.
#[derive(Debug, Clone)]
pub struct Param {
    /// The type; [`Type::Optional`] where the argument may be left out.
    pub ty: Type,
    /// How the argument is spelt in JSON.
    pub wire: hence_types::Wire,
    /// The description, Markdown, possibly empty.
    pub doc: String,
    /// Whether the value is to be masked wherever it is shown.
    pub sensitive: bool,
    /// The parameter's name in the file.
    pub origin: Span,
}

/// What repeating a call of an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Repeating it with the same key or arguments changes nothing more.
    Idempotent,
    /// Whether it was done can be asked for.
    Queryable,
    /// It must not be repeated unless it is known not to have been done.
    AtMostOnce,
}

impl Class {
    /// Returns the spelling in integration files: `idempotent`, `queryable` or `at_most_once`.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Idempotent => "idempotent",
            Class::Queryable => "queryable",
            Class::AtMostOnce => "at_most_once",
        }
    }
}

/// How to ask whether a call was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// The question.
    pub call: Call,
    /// The JSON pointer to what the answer has only if the call was done, its result; empty for the whole answer.
    pub done: String,
}

/// How an action runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// An HTTP request.
    Http(HttpCall),
    /// Statements in a database.
    Sql(SqlCall),
    /// A mail by SMTP.
    Smtp(SmtpCall),
    /// A line in the daemon's log.
    Log(LogCall),
    /// A message to a person, which the daemon keeps.
    Notification(NotificationCall),
    /// A task for somebody, which the daemon keeps.
    Task(TaskCall),
    /// Nothing is called: the caller of a decision is told.
    Effect,
}

/// An HTTP request made of the arguments.
///
/// In every text, `{name}` stands for the argument of that name, `{connection.name}` for a setting of the
/// connection and `{call.key}` for the idempotency key. A JSON text that is nothing but one placeholder becomes the argument's JSON value, and a member
/// whose only placeholder has no value is left out. In URLs a value is percent-encoded, except that a URL that
/// is nothing but one placeholder is taken whole.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpCall {
    /// The method, such as `POST`; may be a placeholder.
    pub method: String,
    /// The URL: absolute, or a path to be appended to the connection's `base_url`.
    pub url: String,
    /// Parameters of the address, after `?`. One whose only placeholder has no value is left out, and one whose only
    /// placeholder is a list stands once for each element.
    pub query: Vec<(String, String)>,
    /// Header names and values.
    pub headers: IndexMap<String, String>,
    /// The body, if any: JSON, or the fields of a form.
    pub body: Option<Json>,
    /// How the body is sent.
    pub encoding: Encoding,
    /// The status codes of answers that say that there is no such thing: the result is missing then.
    pub missing: Vec<u16>,
    /// The JSON pointer to what an answer of 2xx has only if the call did not succeed, such as `/errors/0/message`.
    pub error: Option<String>,
}

/// How a body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// As JSON.
    #[default]
    Json,
    /// As the form of a web page.
    Form,
}

/// Statements in a database, all or none of them. Placeholders as in [`HttpCall`], but each is a parameter of the
/// statement and never a part of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlCall {
    /// The statements, in order; the rows of the last one are the result.
    pub statements: Vec<String>,
    /// What is wrong if they change no row; without it that is no failure.
    pub unchanged: Option<String>,
}

/// A mail made of the arguments, placeholders as in [`HttpCall`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpCall {
    /// The sender.
    pub from: String,
    /// The recipient or recipients, separated by commas.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text of the mail.
    pub text: String,
    /// The same as HTML, for those who read that; empty if there is none.
    pub html: Vec<HtmlPart>,
}

/// A message to a person made of the arguments, placeholders as in [`HttpCall`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationCall {
    /// Whom it is for: the id of a person.
    pub to: String,
    /// What it is about.
    pub title: String,
    /// What it says.
    pub body: String,
    /// Where it leads, empty for nowhere.
    pub link: String,
    /// How much it matters, empty for `info`.
    pub level: String,
}

/// A task made of the arguments, placeholders as in [`HttpCall`]. Whatever may be left out is empty then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskCall {
    /// What is to be done.
    pub title: String,
    /// The details.
    pub description: String,
    /// Who is to do it: the id of a person.
    pub assignee: String,
    /// The list it stands on.
    pub list: String,
    /// How much it presses, empty for `normal`.
    pub priority: String,
    /// By when it should be done.
    pub due_at: String,
    /// Where it leads.
    pub link: String,
    /// What it is about.
    pub reference: String,
}

/// A log line made of the arguments, placeholders as in [`HttpCall`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogCall {
    /// The line.
    pub message: String,
}

/// How an integration's actions reach it: settings that `hence.toml` gives under `[connections.<id>]`.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// The settings, by name.
    pub settings: IndexMap<String, Setting>,
}

/// A setting of a connection.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The description, possibly empty.
    pub doc: String,
    /// Whether it must be given as `secret:NAME`.
    pub secret: bool,
    /// The value where none is given; without one the setting is required.
    pub default: Option<String>,
}

/// A query of the connection's database whose rows are events.
///
/// A row has the columns `id`, unless `event` is given the column `event`, and may have `at` and `payload`. Without the
/// latter its other columns are the fields of the payload.
#[derive(Debug, Clone)]
pub struct Feed {
    /// The description, Markdown, possibly empty.
    pub doc: String,
    /// How long to wait before it is asked again.
    pub every: SignedDuration,
    /// The query; the placeholder `{limit}` is how many rows are taken at a time.
    pub select: String,
    /// The event that each row is, without the integration's id.
    pub event: Option<String>,
    /// A statement for each row whose event is kept, its column `id` in the placeholder `{id}`.
    pub acknowledge: Option<String>,
    /// The channel of the database on which is said that there are new rows.
    pub listen: Option<String>,
    /// The feed's name in the file.
    pub origin: Span,
}

/// How webhooks of an integration are read.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Where the provider's name of the event stands.
    pub event: EventName,
    /// Which of our events a provider's name means, in order; the first whose conditions hold is taken.
    pub mappings: Vec<Mapping>,
    /// The header with the id of the delivery, lower case.
    pub delivery_header: Option<String>,
    /// The JSON pointers to what the id of the delivery is made of in the body; none where it does not stand there.
    pub delivery_pointers: Vec<String>,
    /// The JSON pointer to the payload in the body; empty for the whole body.
    pub payload_pointer: String,
    /// The JSON pointer to a list of events in the body, where one delivery may be several.
    pub batch_pointer: Option<String>,
    /// The member of the body to be echoed when it is the handshake, such as `challenge`.
    pub challenge: Option<String>,
    /// How deliveries are signed.
    pub signature: Signature,
}

/// Where a provider's name of an event stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventName {
    /// In a header (lower case).
    Header(String),
    /// In the body, at a JSON pointer.
    Body(String),
    /// In a header and, after a dot, in the body if it is there: GitHub's `issues` and `action: opened` give
    /// `issues.opened`.
    HeaderAndBody(String, String),
}

/// One provider name → one of our events.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// The provider's name; `*` matches any text between dots.
    pub provider: String,
    /// Members of the body that must have these values, by JSON pointer.
    pub when: IndexMap<String, Json>,
    /// Our event's name in this integration.
    pub event: String,
}

/// How deliveries are signed. The secret is the connection's setting `webhook_secret`, which may hold several
/// secrets separated by blanks while one is being replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// Not at all.
    None,
    /// Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    StandardWebhooks,
    /// GitHub: `x-hub-signature-256`.
    Github,
    /// Shopify-like: base64 HMAC-SHA256 of the body in this header (lower case).
    HmacBase64(String),
    /// monday.com: an HS256 JWT in `authorization`.
    MondayJwt,
    /// Stripe: `stripe-signature` with a time and HMAC-SHA256.
    Stripe,
    /// Slack: `x-slack-signature` and `x-slack-request-timestamp`.
    Slack,
    /// Twilio: `x-twilio-signature`, over the address and the form. The address is the setting `webhook_url`.
    Twilio,
    /// SendGrid: ECDSA over P-256. The setting `webhook_secret` is the public key.
    Sendgrid,
}
