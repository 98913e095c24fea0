//! The integrations that Hence ships, as data.

/// The id and the text of every shipped integration.
pub(crate) const SHIPPED: &[(&str, &str)] = &[
    ("crm", include_str!("../integrations/crm.json")),
    ("email", include_str!("../integrations/email.json")),
    ("github", include_str!("../integrations/github.json")),
    ("http", include_str!("../integrations/http.json")),
    ("log", include_str!("../integrations/log.json")),
    ("monday", include_str!("../integrations/monday.json")),
    ("shop", include_str!("../integrations/shop.json")),
];
