//! Connections to a PostgreSQL: where they may go, and TLS.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_postgres::{CancelToken, Client, Config};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::super::Problem;
use super::address::{Address, Tls};
use super::errors;
use crate::guard::Guard;

/// The longest time until a connection is made.
const TIMEOUT: Duration = Duration::from_secs(10);
/// By what name connections are known in the database.
const NAME: &str = "hence";

/// A stream of bytes to a database.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Bytes for T {}
/// Any of them.
pub(super) struct Stream(Box<dyn Bytes>);
/// What a client talks through.
pub(super) type Connection = tokio_postgres::Connection<Stream, Secured>;

/// Makes connections.
pub(super) struct Connector {
    /// What paths are seen from.
    root: PathBuf,
    guard: Guard,
}

impl Connector {
    pub(super) fn new(root: PathBuf, guard: Guard) -> Self {
        Self { root, guard }
    }

    /// Returns a client whose connection is looked after until it ends.
    pub(super) async fn client(&self, address: &Address) -> Result<Client, Problem> {
        let (client, connection) = self.connect(address).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to a database ended");
            }
        });
        Ok(client)
    }

    /// Returns a client and its connection, which somebody has to look after.
    pub(super) async fn connect(&self, address: &Address) -> Result<(Client, Connection), Problem> {
        let connected = tokio::time::timeout(TIMEOUT, self.try_connect(address)).await;
        connected.unwrap_or_else(|_| Err(unopened(address, &format!("no answer within {TIMEOUT:?}"))))
    }

    /// Asks the database to break off what goes on in a connection.
    pub(super) async fn cancel(&self, address: &Address, token: &CancelToken) -> Result<(), Problem> {
        let secure = self.secure(address)?;
        let cancelling = async {
            let stream = self.stream(address).await?;
            let asked = token.cancel_query_raw(stream, secure).await;
            asked.map_err(|error| errors::of_connecting(address, &error))
        };
        let cancelled = tokio::time::timeout(TIMEOUT, cancelling).await;
        cancelled.unwrap_or_else(|_| Err(unopened(address, &format!("no answer within {TIMEOUT:?}"))))
    }

    async fn try_connect(&self, address: &Address) -> Result<(Client, Connection), Problem> {
        let mut config = Config::new();
        config.user(&address.user).dbname(&address.database).application_name(NAME);
        config.ssl_mode(if address.tls == Tls::None { SslMode::Disable } else { SslMode::Require });
        if let Some(password) = &address.password {
            config.password(password);
        }
        let secure = self.secure(address)?;
        let stream = self.stream(address).await?;
        let connected = config.connect_raw(stream, secure).await;
        connected.map_err(|error| errors::of_connecting(address, &error))
    }

    /// Returns how a connection is secured.
    fn secure(&self, address: &Address) -> Result<Secure, Problem> {
        let Tls::Verified(certificates) = &address.tls else { return Ok(Secure(None)) };
        let client = self.tls(certificates.as_deref()).map_err(|problem| unopened(address, &problem))?;
        let name = ServerName::try_from(address.host.clone());
        let name = name.map_err(|error| unopened(address, &error.to_string()))?;
        Ok(Secure(Some((TlsConnector::from(Arc::new(client)), name))))
    }

    async fn stream(&self, address: &Address) -> Result<Stream, Problem> {
        let failed = |error: io::Error| unopened(address, &error.to_string());
        if let Some(socket) = address.socket() {
            if !self.guard.names_host(&address.host, Some(address.port)) {
                let problem = format!("`{}` is not in `[network] allow` of hence.toml", address.host);
                return Err(Problem::mistake(problem));
            }
            return local(&socket).await.map_err(failed);
        }
        let addresses = self.guard.addresses(&address.host, address.port).await;
        let addresses = addresses.map_err(|error| unopened(address, &error.to_string()))?;
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    stream.set_nodelay(true).map_err(failed)?;
                    return Ok(Stream(Box::new(stream)));
                }
                Err(error) => last = error,
            }
        }
        Err(failed(last))
    }

    /// Returns how certificates are verified.
    fn tls(&self, certificates: Option<&Path>) -> Result<ClientConfig, String> {
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
        let Some(path) = certificates else {
            let builder = builder.with_platform_verifier().map_err(|error| error.to_string())?;
            return Ok(builder.with_no_client_auth());
        };
        let path = self.root.join(path);
        let unreadable = |error: &dyn std::fmt::Display| {
            format!("the certificates in `{}` cannot be read: {error}", path.display())
        };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(&path).map_err(|error| unreadable(&error))? {
            let certificate = certificate.map_err(|error| unreadable(&error))?;
            roots.add(certificate).map_err(|error| unreadable(&error))?;
        }
        if roots.is_empty() {
            return Err(unreadable(&"there are none"));
        }
        Ok(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

#[cfg(unix)]
async fn local(socket: &Path) -> io::Result<Stream> {
    Ok(Stream(Box::new(tokio::net::UnixStream::connect(socket).await?)))
}

#[cfg(not(unix))]
async fn local(_: &Path) -> io::Result<Stream> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no such sockets"))
}

fn unopened(address: &Address, problem: &str) -> Problem {
    Problem::for_now(format!("the database `{address}` cannot be opened: {problem}"))
}

/// Secures a stream by TLS, where there is something to secure it with.
struct Secure(Option<(TlsConnector, ServerName<'static>)>);

/// A stream that is secured.
pub(super) struct Secured(tokio_rustls::client::TlsStream<Stream>);

impl TlsConnect<Stream> for Secure {
    type Stream = Secured;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Secured>> + Send>>;

    fn connect(self, stream: Stream) -> Self::Future {
        Box::pin(async move {
            match self.0 {
                Some((connector, name)) => Ok(Secured(connector.connect(name, stream).await?)),
                None => Err(io::Error::other("TLS was not asked for")),
            }
        })
    }
}

impl TlsStream for Secured {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

/// Has a stream within another do what is asked of it.
macro_rules! pass_on {
    ($outer:ty) => {
        impl AsyncRead for $outer {
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                Pin::new(&mut self.0).poll_read(cx, buf)
            }
        }

        impl AsyncWrite for $outer {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.0).poll_write(cx, buf)
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.0).poll_flush(cx)
            }

            fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.0).poll_shutdown(cx)
            }
        }
    };
}

pass_on!(Stream);
pass_on!(Secured);
