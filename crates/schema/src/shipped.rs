//! The integrations that Hence ships, as data.

/// The id and the text of every shipped integration.
pub(crate) const SHIPPED: &[(&str, &str)] = &[
    ("crm", include_str!("../integrations/crm.json")),
    ("email", include_str!("../integrations/email.json")),
    ("form", include_str!("../integrations/form.json")),
    ("github", include_str!("../integrations/github.json")),
    ("hence", include_str!("../integrations/hence.json")),
    ("http", include_str!("../integrations/http.json")),
    ("log", include_str!("../integrations/log.json")),
    ("monday", include_str!("../integrations/monday.json")),
    ("notifications", include_str!("../integrations/notifications.json")),
    ("sendgrid", include_str!("../integrations/sendgrid.json")),
    ("shop", include_str!("../integrations/shop.json")),
    ("slack", include_str!("../integrations/slack.json")),
    ("sms", include_str!("../integrations/sms.json")),
    ("stripe", include_str!("../integrations/stripe.json")),
    ("tasks", include_str!("../integrations/tasks.json")),
    ("ui", include_str!("../integrations/ui.json")),
];

/// Those that are read only when they are asked for.
pub(crate) const LARGE: &[&str] = &["github"];

/// What the names of shipped files begin with.
pub(crate) const FOLDER: &str = "<shipped>/";

/// Returns the text of the integration of an id that Hence ships, if it ships one.
pub fn shipped_text(id: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
}

/// Returns whether a text of this name is an integration file that Hence ships.
pub fn is_shipped(name: &str) -> bool {
    name.starts_with(FOLDER)
}
