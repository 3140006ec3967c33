//! How to reach an estate. No secret is in here: the password travels beside it.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{Fingerprint, WorkspaceConnection, http::host_of};
use crate::domain::{Fault, FaultKind, Text};

/// A password: redacted in `Debug`, wiped when dropped.
pub type Password = secrecy::SecretString;

/// How to reach an estate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The connection servers of one pod, tried in this order; the next one when one is down. Each is
    /// `https://host[:port]`, with or without `/rest`. Plain `http` is taken for loopback addresses only.
    pub servers: Vec<Url>,
    /// Short account name, without the domain: the server takes no `user@domain` (`horizon-rest.md section 2.1`).
    pub username: String,
    /// NetBIOS or DNS name of the account's domain.
    pub domain: String,
    /// Whose certificates to trust.
    pub tls: TlsTrust,
    /// How long one request may take, from leaving to the end of its answer.
    pub timeout: Duration,
    /// How many pages of one list are asked for at a time.
    pub pages_in_flight: usize,
    /// Language of the server's messages: `de`, `en`, `es`, `fr`, `ja`, `ko`, `zh-CN` or `zh-TW`
    /// (`horizon-rest.md section 2.1`); the server's own choice when `None`.
    pub language: Option<String>,
}

/// Where to log in, and as whom.
#[derive(Debug, Clone)]
pub enum Login {
    /// To connection servers of Horizon.
    Horizon {
        /// How to reach them.
        connection: Connection,
        /// The password.
        password: Password,
    },
    /// To the cloud.
    Workspace(Box<WorkspaceConnection>),
}

impl Login {
    /// The address that stands for the estate in records.
    pub fn server(&self) -> Option<&Url> {
        match self {
            Self::Horizon { connection, .. } => connection.servers.first(),
            Self::Workspace(connection) => Some(&connection.endpoint),
        }
    }

    /// Who logs in, for people and records.
    pub fn operator(&self) -> String {
        match self {
            Self::Horizon { connection, .. } => format!("{}\\{}", connection.domain, connection.username),
            Self::Workspace(connection) => connection.identity.name(),
        }
    }
}

/// Whose certificates to trust. There is no "accept all" on purpose (`design.md section 4`, rule 10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TlsTrust {
    /// The trust store of the operating system.
    System,
    /// Only what these authorities signed: certificates in PEM.
    CaFile(Vec<u8>),
    /// Only certificates with one of these fingerprints, whoever signed them; several, because each connection server
    /// of a pod usually has its own.
    Pinned(Vec<Fingerprint>),
}

impl Connection {
    /// The longest request and the pages in flight unless told otherwise.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
    /// See [`Connection::pages_in_flight`].
    pub const DEFAULT_PAGES_IN_FLIGHT: usize = 4;

    /// A connection with the usual limits, trusting what the operating system trusts.
    pub fn new(servers: Vec<Url>, username: impl Into<String>, domain: impl Into<String>) -> Self {
        Self {
            servers,
            username: username.into(),
            domain: domain.into(),
            tls: TlsTrust::System,
            timeout: Self::DEFAULT_TIMEOUT,
            pages_in_flight: Self::DEFAULT_PAGES_IN_FLIGHT,
            language: None,
        }
    }

    /// The servers by name, with the port where it is not the usual one: as `Capabilities::server` names the one that
    /// answered.
    pub fn server_names(&self) -> Vec<Text> {
        self.servers.iter().map(host_of).collect()
    }

    /// `DOMAIN\name`, or the bare name without a domain.
    pub(super) fn account_name(&self) -> String {
        if self.domain.is_empty() {
            self.username.clone()
        } else {
            format!("{}\\{}", self.domain, self.username)
        }
    }

    /// The base addresses of the REST API, checked: `https`, or `http` to this machine only; no user info in them.
    pub(super) fn bases(&self) -> Result<Vec<Url>, Fault> {
        if self.servers.is_empty() {
            return Err(refused("no connection server is given"));
        }
        self.servers.iter().map(base).collect()
    }
}

/// `https://host/rest` of one server.
fn base(server: &Url) -> Result<Url, Fault> {
    let mut base = checked(server)?;
    let path = server.path().trim_end_matches('/');
    let path = if path.ends_with("/rest") { path.to_owned() } else { format!("{path}/rest") };
    base.set_path(&path);
    Ok(base)
}

/// An address without query and fragment that may be asked: `https`, or `http` to this machine only.
pub(super) fn checked(server: &Url) -> Result<Url, Fault> {
    if !server.username().is_empty() || server.password().is_some() {
        return Err(refused("an address must not contain a user name or password"));
    }
    match server.scheme() {
        "https" => {}
        "http" if is_loopback(server) => {}
        "http" => {
            let host = server.host_str().unwrap_or_default();
            return Err(refused(&format!(
                "http:// would send the password in clear to {host}: use https:// (plain http is for this machine only)"
            )));
        }
        other => return Err(refused(&format!("{other}:// is not an address of a connection server"))),
    }
    let mut base = server.clone();
    base.set_query(None);
    base.set_fragment(None);
    Ok(base)
}

/// Whether an address means this very machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

fn refused(message: &str) -> Fault {
    Fault::new(FaultKind::InvalidArgument, "connect", message)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn bases(server: &str) -> Result<Vec<Url>, Fault> {
        Connection::new(vec![Url::parse(server).unwrap()], "kaya", "CORP").bases()
    }

    #[rstest]
    #[case("https://cs1.example.com", "https://cs1.example.com/rest")]
    #[case("https://cs1.example.com/", "https://cs1.example.com/rest")]
    #[case("https://cs1.example.com:8443/rest/", "https://cs1.example.com:8443/rest")]
    #[case("https://lb.example.com/pod1?x=1#y", "https://lb.example.com/pod1/rest")]
    #[case("http://127.0.0.1:8080", "http://127.0.0.1:8080/rest")]
    #[case("http://[::1]:8080", "http://[::1]:8080/rest")]
    #[case("http://localhost", "http://localhost/rest")]
    fn the_rest_base_is_found(#[case] server: &str, #[case] expected: &str) {
        assert_eq!(bases(server).unwrap()[0].as_str(), expected);
    }

    #[rstest]
    #[case("http://cs1.example.com", "http:// would send the password in clear")]
    #[case("http://localhost.example.com", "http:// would send the password in clear")]
    #[case("https://kaya:secret@cs1.example.com", "must not contain a user name or password")]
    #[case("ftp://cs1.example.com", "ftp:// is not an address")]
    fn dangerous_addresses_are_refused(#[case] server: &str, #[case] words: &str) {
        let fault = bases(server).unwrap_err();
        assert_eq!(fault.kind, FaultKind::InvalidArgument);
        assert!(fault.message.as_str().contains(words), "{fault}");
        assert!(!fault.to_string().contains("secret"));
    }

    #[test]
    fn at_least_one_server_is_needed() {
        assert!(Connection::new(vec![], "kaya", "CORP").bases().is_err());
    }
}
