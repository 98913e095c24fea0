//! How the daemon meets the network: flags, variables of the environment, `hence.toml`, in this order.

use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use hence_connectors::Secrets;
use hence_connectors::otlp::Collector;
use hence_project::Manifest;
use hence_server::{Limits, Surface, Tls, Traces};

#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Network; `hence.toml` says what is not said here")]
pub(crate) struct Network {
    /// A name that the daemon answers to beside those of this machine.
    #[arg(long = "host", env = "HENCE_HOSTS", value_delimiter = ',', value_name = "NAME")]
    hosts: Vec<String>,
    /// For how many hours a browser is signed in.
    #[arg(long, env = "HENCE_SESSION_HOURS", value_name = "HOURS")]
    session_hours: Option<u16>,
    /// The certificate to show, a PEM file; with it the daemon speaks TLS alone.
    #[arg(long, env = "HENCE_TLS_CERTIFICATE", value_name = "FILE")]
    tls_certificate: Option<PathBuf>,
    /// The key of the certificate, a PEM file.
    #[arg(long, env = "HENCE_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// How many requests a second one token may send; 0 for any number.
    #[arg(long, env = "HENCE_TOKEN_RATE", value_name = "RATE")]
    token_rate: Option<u32>,
    /// How many webhooks a second of one integration are taken; 0 for any number.
    #[arg(long, env = "HENCE_HOOK_RATE", value_name = "RATE")]
    hook_rate: Option<u32>,
    /// The largest body of a request, in KiB.
    #[arg(long, env = "HENCE_BODY_KIB", value_name = "KIB")]
    body_kib: Option<NonZeroU16>,
    /// How long a request may take to arrive and to be answered.
    #[arg(long, env = "HENCE_REQUEST_SECONDS", value_name = "SECONDS")]
    request_seconds: Option<NonZeroU16>,
    /// How long the head of a request may take to arrive, and a connection may be kept without one.
    #[arg(long, env = "HENCE_HEAD_SECONDS", value_name = "SECONDS")]
    head_seconds: Option<NonZeroU16>,
    /// How many connections there may be.
    #[arg(long, env = "HENCE_CONNECTIONS", value_name = "COUNT")]
    connections: Option<NonZeroU32>,
    /// The collector that spans of traces are sent to by OTLP over HTTP.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    traces: Option<String>,
}

/// How long spans are gathered before they are sent.
const GATHERED: Duration = Duration::from_secs(5);

impl Network {
    /// Returns how the daemon meets the network. Files of `hence.toml` are seen from `root`, those of flags and variables
    /// from the folder of the process.
    ///
    /// # Errors
    /// A certificate without a key, or a key without a certificate.
    pub(crate) fn surface(&self, root: &Path, manifest: &Manifest) -> anyhow::Result<Surface> {
        let (server, limits) = (&manifest.server, &manifest.limits);
        let file = |given: &Option<PathBuf>, written: &Option<PathBuf>| {
            given.clone().or_else(|| written.as_ref().map(|path| root.join(path)))
        };
        let certificate = file(&self.tls_certificate, &manifest.tls.certificate);
        let tls = match (certificate, file(&self.tls_key, &manifest.tls.key)) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
            (Some(_), None) => bail!("`[tls] certificate` is given without `[tls] key`"),
            (None, Some(_)) => bail!("`[tls] key` is given without `[tls] certificate`"),
        };
        let seconds = |given: Option<NonZeroU16>, written: NonZeroU16| {
            Duration::from_secs(given.unwrap_or(written).get().into())
        };
        let limits = Limits {
            token_rate: self.token_rate.unwrap_or(limits.token_rate),
            hook_rate: self.hook_rate.unwrap_or(limits.hook_rate),
            body: usize::from(self.body_kib.unwrap_or(limits.body_kib).get()) * 1024,
            request: seconds(self.request_seconds, limits.request_seconds),
            head: seconds(self.head_seconds, limits.head_seconds),
            connections: usize::try_from(self.connections.unwrap_or(limits.connections).get())?,
        };
        let hosts = if self.hosts.is_empty() { server.hosts.clone() } else { self.hosts.clone() };
        let session_hours = self.session_hours.unwrap_or(server.session_hours);
        Ok(Surface { hosts, session_hours, tls, limits })
    }
}

impl Network {
    /// Returns where spans of traces are sent, if anywhere.
    ///
    /// # Errors
    /// An address, a header or a secret that is none.
    pub(crate) fn traces(&self, manifest: &Manifest, secrets: &Secrets) -> anyhow::Result<Option<Traces>> {
        let written = &manifest.traces;
        let Some(endpoint) = self.traces.as_ref().or(written.endpoint.as_ref()) else { return Ok(None) };
        let mut headers = Vec::new();
        for (name, value) in &written.headers {
            headers.push((name.as_str(), secrets.resolve(value).context("`[traces] headers`")?));
        }
        let given = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let collector = Collector::new(endpoint, given)?;
        Ok(Some(Traces { collector, percent: written.percent.min(100), every: GATHERED }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_the_same_everywhere() {
        let surface = Network::default().surface(Path::new(""), &Manifest::default()).unwrap();
        assert_eq!(surface, Surface::default());
    }

    #[test]
    fn traces_are_sent_where_the_flag_or_the_file_says_with_headers_out_of_secrets() {
        let secrets = Secrets::new(|name| (name == "KEY").then(|| "k".to_owned()), None);
        let mut manifest = Manifest::default();
        assert!(Network::default().traces(&manifest, &secrets).unwrap().is_none());
        manifest.traces.endpoint = Some("nowhere".to_owned());
        assert!(Network::default().traces(&manifest, &secrets).is_err());
        let network = Network { traces: Some("http://127.0.0.1:4318".to_owned()), ..Network::default() };
        manifest.traces.headers.insert("api-key".to_owned(), "secret:KEY".to_owned());
        assert_eq!(network.traces(&manifest, &secrets).unwrap().unwrap().percent, 100);
        manifest.traces.headers.insert("api-key".to_owned(), "secret:NONE".to_owned());
        assert!(network.traces(&manifest, &secrets).is_err());
    }

    #[test]
    fn a_flag_counts_before_the_file_and_a_key_needs_its_certificate() {
        let mut manifest = Manifest::default();
        manifest.limits.token_rate = 5;
        manifest.tls.certificate = Some("a.pem".into());
        let mut arguments = Network { token_rate: Some(7), ..Network::default() };
        assert!(arguments.surface(Path::new("/x"), &manifest).is_err());
        arguments.tls_key = Some("b.pem".into());
        let surface = arguments.surface(Path::new("/x"), &manifest).unwrap();
        assert_eq!(surface.limits.token_rate, 7);
        assert_eq!(surface.tls, Some(Tls { certificate: "/x/a.pem".into(), key: "b.pem".into() }));
    }
}
