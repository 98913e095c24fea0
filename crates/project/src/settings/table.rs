//! Everything that can be set, in the order of the documentation.
//!
//! The file stands alone: the generated table of docs/operations.md is made of it by a program that knows nothing of
//! projects.

/// Something that can be set.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Where it stands in `hence.toml`, such as `server.listen`; empty for what stands elsewhere alone. A name in capitals
    /// stands for any.
    pub key: &'static str,
    /// What it is where nothing is said, as it would be written; empty if nothing.
    pub default: &'static str,
    /// The flag of `hence serve`, without its dashes; empty if there is none.
    pub flag: &'static str,
    /// The variable of the environment; empty if there is none. A flag counts before it, and it before the file.
    pub environment: &'static str,
    /// What it means, Markdown.
    pub meaning: &'static str,
}

const fn file(key: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting { key, default, flag: "", environment: "", meaning }
}

const fn served(
    key: &'static str,
    default: &'static str,
    flag: &'static str,
    environment: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting { key, default, flag, environment, meaning }
}

const fn variable(environment: &'static str, meaning: &'static str) -> Setting {
    Setting { key: "", default: "", flag: "", environment, meaning }
}

/// All of them.
pub const SETTINGS: &[Setting] = &[
    file("name", "the folder's", "the project's name"),
    file("timezone", "UTC", "the zone of times without one"),
    file("integrations", "integrations", "the folder of the project's own integration files"),
    served("server.listen", "127.0.0.1:7070", "listen", "HENCE_LISTEN", "the address to listen on"),
    served("server.store", ".hence/hence.db", "store", "HENCE_STORE", "the SQLite file"),
    served(
        "server.secrets",
        ".hence/secrets",
        "",
        "HENCE_SECRETS",
        "a folder with a file for each secret that the environment does not give",
    ),
    file("server.log", "human", "how the log is written: `human` or `json`"),
    file(
        "server.watch",
        "true",
        "whether rules, integrations and settings are [loaded anew](#what-runs-and-changing-it) when their files change",
    ),
    served(
        "server.keep_days",
        "30",
        "keep-days",
        "HENCE_KEEP_DAYS",
        "for how many days what has ended is [kept](#what-is-kept-and-how-long), `0` for ever",
    ),
    served(
        "server.hosts",
        "",
        "host",
        "HENCE_HOSTS",
        "the names that the daemon [answers to](#browsers) beside those of this machine, such as that of a proxy before it; a \
         list, in the environment separated by commas",
    ),
    served(
        "server.session_hours",
        "12",
        "session-hours",
        "HENCE_SESSION_HOURS",
        "for how many hours a browser is signed in",
    ),
    served(
        "tls.certificate",
        "",
        "tls-certificate",
        "HENCE_TLS_CERTIFICATE",
        "the [certificate](#tls) to show, a PEM file with those that lead to a known one; with it the daemon speaks TLS alone",
    ),
    served("tls.key", "", "tls-key", "HENCE_TLS_KEY", "the key of the certificate, a PEM file"),
    served(
        "limits.token_rate",
        "10000",
        "token-rate",
        "HENCE_TOKEN_RATE",
        "how many [requests a second](#limits) one token may send; `0` for any number",
    ),
    served(
        "limits.hook_rate",
        "10000",
        "hook-rate",
        "HENCE_HOOK_RATE",
        "how many webhooks a second of one integration are taken; `0` for any number",
    ),
    served("limits.body_kib", "1024", "body-kib", "HENCE_BODY_KIB", "the largest body of a request, in KiB"),
    served(
        "limits.request_seconds",
        "30",
        "request-seconds",
        "HENCE_REQUEST_SECONDS",
        "how long a request may take to arrive and to be answered",
    ),
    served(
        "limits.head_seconds",
        "30",
        "head-seconds",
        "HENCE_HEAD_SECONDS",
        "how long the head of a request may take to arrive, and a connection may be kept without one",
    ),
    served(
        "limits.connections",
        "10000",
        "connections",
        "HENCE_CONNECTIONS",
        "how many connections there may be; the one that has been idle longest makes room for the next",
    ),
    served(
        "traces.endpoint",
        "",
        "traces",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "the collector that [spans](#traces) are sent to by OTLP over HTTP, such as `http://127.0.0.1:4318`",
    ),
    file("traces.percent", "100", "of how many events in a hundred that come without a trace one is begun"),
    file(
        "traces.headers.NAME",
        "",
        "what the collector is sent along; what is secret is given as `secret:NAME`",
    ),
    file(
        "connections.ID.NAME",
        "",
        "the settings of an integration, such as `base_url`; what is secret is given as `secret:NAME`",
    ),
    file("connections.ID.concurrency", "64", "how many calls of the integration are under way at a time"),
    file(
        "connections.ID.unsigned",
        "false",
        "`\"true\"` takes [webhooks](#webhooks) of the integration from anybody, where whoever sends them cannot sign",
    ),
    file(
        "network.allow",
        "",
        "hosts and ranges of [private networks](#where-calls-may-go) that calls may go to; a list",
    ),
    file(
        "renamed.NAME",
        "",
        "the first name of a rule that has another now, `vip_customer = \"big_spender\"`; see below",
    ),
    file("lints.NAME", "", "`allow`, `warn` or `deny`, by the lint's name"),
    variable("HENCE_LOG", "what is logged, such as `info`, which is the default, or `hence=debug,warn`"),
    variable("HENCE_SERVER", "the daemon that commands ask; `http://127.0.0.1:7070` by default"),
    variable("HENCE_TOKEN", "the token that commands ask it with"),
];
