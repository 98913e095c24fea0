//! Where a PostgreSQL is: `postgres://user@host:port/database?sslmode=verify-full&sslrootcert=ca.pem`.
//!
//! Connections are encrypted and the server's certificate is verified, unless the URL says `sslmode=disable` or the
//! database is on this machine. There is no mode in between: what does not verify the certificate encrypts for whoever
//! answers. A host that begins with `/`, spelt `%2F`, is the folder of a socket.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use reqwest::Url;

/// The port where nothing else is said.
const PORT: u16 = 5432;

/// A database of a PostgreSQL and who asks it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Address {
    /// A name, an address, or the folder of a socket.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(super) user: String,
    pub(super) password: Option<String>,
    pub(super) database: String,
    pub(super) tls: Tls,
}

/// How a connection is secured.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Tls {
    /// Not at all.
    None,
    /// The server's certificate is verified, by the certificates in a file or those of the system.
    Verified(Option<PathBuf>),
}

impl Address {
    /// Returns whether the setting `database` is meant to be the URL of a PostgreSQL.
    pub(crate) fn is_meant(given: &str) -> bool {
        given.starts_with("postgres://") || given.starts_with("postgresql://")
    }

    /// Returns whether the URL of a PostgreSQL has a password.
    pub(crate) fn password_in(given: &str) -> Option<String> {
        let url = Url::parse(given.trim()).ok()?;
        url.password().filter(|_| Self::is_meant(given)).map(decoded)
    }

    /// Reads a URL; a password beside it counts before one that stands in it.
    ///
    /// # Errors
    /// It is none, or lacks something; says what, without the password.
    pub(crate) fn read(given: &str, password: Option<&str>) -> Result<Self, String> {
        let wrong = |problem: &str| {
            Err(format!("the URL of the database {problem}: it is given as `postgres://user@host/database`"))
        };
        let url = match Url::parse(given) {
            Ok(url) => url,
            Err(error) => return wrong(&format!("is none ({error})")),
        };
        let host = decoded(url.host_str().unwrap_or_default().trim_matches(['[', ']']));
        let (user, database) = (decoded(url.username()), decoded(url.path().trim_start_matches('/')));
        if host.is_empty() {
            return wrong("names no host");
        }
        if user.is_empty() {
            return wrong("names no user");
        }
        if database.is_empty() {
            return wrong("names no database");
        }
        let (mut mode, mut certificates) = (None, None);
        for (name, value) in url.query_pairs() {
            match &*name {
                "sslmode" => mode = Some(value.into_owned()),
                "sslrootcert" => certificates = Some(PathBuf::from(value.into_owned())),
                _ => {
                    return Err(format!(
                        "the URL of the database has `{name}`; there are `sslmode` and `sslrootcert`"
                    ));
                }
            }
        }
        let is_here = is_here(&host);
        let tls = match mode.as_deref() {
            Some("disable") => Tls::None,
            None if is_here && certificates.is_none() => Tls::None,
            None | Some("verify-full") => Tls::Verified(certificates),
            Some(mode) => {
                return Err(format!(
                    "the URL of the database has `sslmode={mode}`, which does not verify who answers: there are \
                     `verify-full`, with `sslrootcert` for certificates of one's own, and `disable`"
                ));
            }
        };
        let password = password.map(str::to_owned).or_else(|| url.password().map(decoded));
        let port = url.port().unwrap_or(PORT);
        Ok(Self { host, port, user, password, database, tls })
    }

    /// Returns the file of the socket, where it is one.
    pub(super) fn socket(&self) -> Option<PathBuf> {
        self.host.starts_with('/').then(|| Path::new(&self.host).join(format!(".s.PGSQL.{}", self.port)))
    }
}

/// Without the password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, user, database, .. } = self;
        if host.contains(':') {
            return write!(f, "postgres://{user}@[{host}]:{port}/{database}");
        }
        write!(f, "postgres://{user}@{host}:{port}/{database}")
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &str) -> Address {
        Address::read(given, None).unwrap()
    }

    #[test]
    fn a_url_says_where_the_database_is_and_who_asks() {
        let address = read("postgres://u%40x:p%2Fw@db.example.com:6432/my%20db");
        assert_eq!((&*address.host, address.port), ("db.example.com", 6432));
        assert_eq!(
            (&*address.user, address.password.as_deref(), &*address.database),
            ("u@x", Some("p/w"), "my db")
        );
        assert_eq!(address.to_string(), "postgres://u@x@db.example.com:6432/my db");
        assert_eq!(Address::password_in("postgres://u:p%2Fw@h/d").as_deref(), Some("p/w"));
        assert_eq!(Address::password_in("postgres://u@h/d"), None);
        let beside = Address::read("postgresql://u:in@[::1]/d", Some("beside")).unwrap();
        assert_eq!((beside.password.as_deref(), beside.port), (Some("beside"), 5432));
        assert_eq!(beside.to_string(), "postgres://u@[::1]:5432/d");
    }

    #[test]
    fn connections_are_verified_unless_the_database_is_here_or_it_is_said_otherwise() {
        let tls = |given: &str| read(given).tls;
        assert_eq!(tls("postgres://u@db.example.com/d"), Tls::Verified(None));
        assert_eq!(tls("postgres://u@db.example.com/d?sslmode=disable"), Tls::None);
        assert_eq!(tls("postgres://u@127.0.0.1/d"), Tls::None);
        assert_eq!(tls("postgres://u@localhost/d?sslmode=verify-full"), Tls::Verified(None));
        assert_eq!(tls("postgres://u@localhost/d?sslrootcert=ca.pem"), Tls::Verified(Some("ca.pem".into())));
    }

    #[test]
    fn a_folder_is_that_of_a_socket() {
        let address = read("postgres://u@%2Fvar%2Frun%2Fpostgresql/d");
        assert_eq!(address.socket().unwrap(), Path::new("/var/run/postgresql/.s.PGSQL.5432"));
        assert_eq!((address.tls, read("postgres://u@h/d").socket()), (Tls::None, None));
    }

    #[test]
    fn what_is_missing_or_unknown_is_told() {
        for (given, told) in [
            (
                "postgres://h/d",
                "the URL of the database names no user: it is given as `postgres://user@host/database`",
            ),
            (
                "postgres:///d",
                "the URL of the database names no host: it is given as `postgres://user@host/database`",
            ),
            (
                "postgres://u@h",
                "the URL of the database names no database: it is given as `postgres://user@host/database`",
            ),
            (
                "postgres://u@h:x/d",
                "the URL of the database is none (invalid port number): it is given as `postgres://user@host/database`",
            ),
            (
                "postgres://u@h/d?options=x",
                "the URL of the database has `options`; there are `sslmode` and `sslrootcert`",
            ),
            (
                "postgres://u@h/d?sslmode=require",
                "the URL of the database has `sslmode=require`, which does not verify who answers: there are \
                 `verify-full`, with `sslrootcert` for certificates of one's own, and `disable`",
            ),
        ] {
            assert_eq!(Address::read(given, None).map(drop).unwrap_err(), told);
        }
    }
}
