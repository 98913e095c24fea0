//! Which addresses calls may go to.
//!
//! A rule can name any URL, and a value of an event can be part of it. So that nobody makes the daemon talk to what
//! only it can reach, such as the machine's own services, the neighbours in its network or the credentials that cloud
//! providers serve at 169.254.169.254, calls go to public addresses only. Names are looked at after they are resolved,
//! by the very look-up that the connection uses, so an answer that changes in between helps nobody. Redirects are not
//! followed at all.
//!
//! What the operator opened is exempt: the origin of a `base_url` in `hence.toml`, and what stands in `[network]
//! allow` there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Something calls may go to though it is not public: a host, or a range of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// A host by name or address, with its port unless all are meant.
    Host(String, Option<u16>),
    /// The addresses whose first bits are these.
    Range(IpAddr, u8),
}

/// A text that names neither a host nor a range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a host such as `crm.internal:8080` nor a range such as `10.1.0.0/16`")]
pub struct NotAllowed(String);

impl FromStr for Allowed {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        let wrong = || NotAllowed(text.to_owned());
        if let Some((address, bits)) = text.split_once('/') {
            let address: IpAddr = address.parse().map_err(|_| wrong())?;
            let bits: u8 = bits.parse().map_err(|_| wrong())?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            return if bits <= most { Ok(Allowed::Range(address, bits)) } else { Err(wrong()) };
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Allowed::Host(address.to_string(), None));
        }
        let url = Url::parse(&format!("http://{text}/")).map_err(|_| wrong())?;
        let plain = url.path() == "/" && url.query().is_none() && url.username().is_empty();
        match url.host_str() {
            Some(host) if plain => {
                // 80 is left out by the parser as it is that of the scheme.
                let port = if text.ends_with(":80") { Some(80) } else { url.port() };
                Ok(Allowed::Host(host.trim_matches(['[', ']']).to_owned(), port))
            }
            _ => Err(wrong()),
        }
    }
}

/// Says which addresses calls may go to. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guard {
    allowed: Arc<[Allowed]>,
}

impl Guard {
    /// Returns a guard that lets through what is public and what is allowed.
    pub(crate) fn new(allowed: Vec<Allowed>) -> Self {
        Self { allowed: allowed.into() }
    }

    /// Returns whether the host of a URL is allowed by name, whatever its addresses are.
    pub(crate) fn names(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        self.names_host(host, url.port_or_known_default())
    }

    /// Returns whether a host is allowed by name, whatever its addresses are.
    pub(crate) fn names_host(&self, host: &str, port: Option<u16>) -> bool {
        self.allowed.iter().any(|allowed| match allowed {
            Allowed::Host(name, only) => {
                name.eq_ignore_ascii_case(host) && only.is_none_or(|only| Some(only) == port)
            }
            Allowed::Range(..) => false,
        })
    }

    /// Returns the address that a URL names and that calls must not go to, if it names one.
    pub(crate) fn refuses(&self, url: &Url) -> Option<IpAddr> {
        let host = url.host_str()?.trim_matches(['[', ']']);
        let address: IpAddr = host.parse().ok()?;
        (!self.admits(address)).then_some(address)
    }

    /// Returns the addresses of a host that calls may go to.
    ///
    /// # Errors
    /// There are none, or they could not be found.
    pub(crate) async fn addresses(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        let mut found: Vec<SocketAddr> = tokio::net::lookup_host((host.to_owned(), port)).await?.collect();
        let is_known = !found.is_empty();
        if !self.names_host(host, Some(port)) {
            found.retain(|address| self.admits(address.ip()));
        }
        if found.is_empty() && is_known {
            return Err(std::io::Error::other(Refused { host: host.to_owned() }));
        }
        Ok(found)
    }

    /// Returns whether calls may go to an address.
    fn admits(&self, address: IpAddr) -> bool {
        let address = canonical(address);
        is_public(address)
            || self.allowed.iter().any(|allowed| match allowed {
                Allowed::Range(base, bits) => is_within(address, canonical(*base), *bits),
                Allowed::Host(..) => false,
            })
    }
}

/// The look-up of names that leaves out addresses calls must not go to.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let admitted = guard.addresses(name.as_str(), 0).await?;
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

/// Why a name was not resolved.
#[derive(Debug, thiserror::Error)]
#[error("`{host}` is an address of a private network, and `[network] allow` of hence.toml does not have it")]
struct Refused {
    host: String,
}

/// An IPv4 address in the clothes of IPv6 is the IPv4 address.
fn canonical(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let segments = v6.segments();
    // 64:ff9b::/96 is how networks of IPv6 alone reach IPv4, 2002::/16 is 6to4.
    match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => IpAddr::V4(joined(high, low)),
        [0x2002, high, low, ..] => IpAddr::V4(joined(high, low)),
        _ => v6.to_ipv4().map_or(address, IpAddr::V4),
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}

fn is_within(address: IpAddr, base: IpAddr, bits: u8) -> bool {
    let bits = u32::from(bits);
    match (address, base) {
        (IpAddr::V4(address), IpAddr::V4(base)) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(bits)).unwrap_or(0);
            (u32::from(address) ^ u32::from(base)) & mask == 0
        }
        (IpAddr::V6(address), IpAddr::V6(base)) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(bits)).unwrap_or(0);
            (u128::from(address) ^ u128::from(base)) & mask == 0
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

/// Returns whether an address is one of the internet: none of the registers of special addresses of RFC 6890.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, third, _] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_documentation()
                || first == 0
                || (first == 100 && (64..128).contains(&second))
                || (first == 192 && second == 0 && third == 0)
                || (first == 192 && second == 88 && third == 99)
                || (first == 198 && (18..20).contains(&second))
                || first >= 240)
        }
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [first, second, ..] = v6.segments();
    let global = first & 0xe000 == 0x2000;
    let documentation = (first == 0x2001 && second == 0xdb8) || (first == 0x3fff && second < 0x1000);
    // 2001::/23 holds Teredo and other ways of wrapping addresses into addresses.
    let wrapped = first == 0x2001 && second < 0x200;
    global && !documentation && !wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allowed: &[&str]) -> Guard {
        Guard::new(allowed.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn refused(guard: &Guard, url: &str) -> bool {
        let url = Url::parse(url).unwrap();
        !guard.names(&url) && guard.refuses(&url).is_some()
    }

    #[test]
    fn addresses_that_are_not_public_are_refused_however_they_are_spelt() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0.0.0.0",
            "10.0.0.5",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.192",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:7f00:1::]",
            "[ff02::1]",
            "[2001:db8::1]",
            "[2001::1]",
        ] {
            assert!(refused(&guard(&[]), &format!("http://{host}/")), "{host}");
        }
        for host in
            ["93.184.215.14", "8.8.8.8", "172.32.0.1", "[2606:2800:21f:cb07::1]", "[64:ff9b::808:808]"]
        {
            assert!(!refused(&guard(&[]), &format!("http://{host}/")), "{host}");
        }
    }

    #[test]
    fn what_is_allowed_is_let_through_and_nothing_beside_it() {
        let ranges = guard(&["10.1.0.0/16", "fd12::/32"]);
        assert!(!refused(&ranges, "http://10.1.255.3:9000/"));
        assert!(refused(&ranges, "http://10.2.0.1/"));
        assert!(!refused(&ranges, "http://[fd12:0:5::1]/"));
        assert!(refused(&ranges, "http://[fd13::1]/"));
        let hosts = guard(&["127.0.0.1:8026", "crm.internal", "[::1]:80"]);
        assert!(!refused(&hosts, "http://127.0.0.1:8026/x"));
        assert!(refused(&hosts, "http://127.0.0.1:8027/"));
        assert!(refused(&hosts, "http://127.0.0.1/"));
        assert!(!refused(&hosts, "http://[::1]/"));
        assert!(hosts.names(&Url::parse("https://CRM.internal/a").unwrap()));
        assert!(!hosts.names(&Url::parse("https://crm.internal.example.com/").unwrap()));
        assert!(!refused(&guard(&["0.0.0.0/0"]), "http://192.168.1.1/"));
    }

    #[test]
    fn what_is_no_host_and_no_range_is_refused() {
        for text in ["", "10.0.0.0/33", "10.0.0.0/x", "http://crm", "crm/path", "a b", "user@crm"] {
            assert!(text.parse::<Allowed>().is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn names_are_judged_by_what_they_resolve_to() {
        let name = || Name::from_str("localhost").unwrap();
        let refused = guard(&[]).resolve(name()).await.map(drop).unwrap_err();
        assert!(refused.to_string().contains("private network"), "{refused}");
        let found: Vec<_> = guard(&["127.0.0.0/8"]).resolve(name()).await.unwrap().collect();
        assert!(found.iter().all(|address| address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST)), "{found:?}");
        assert!(!found.is_empty());
    }
}
