//! How to reach the cloud, and as whom.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use url::Url;

use super::endpoints;
use crate::{
    api::{Password, TlsTrust, connection::checked},
    domain::{Fault, FaultKind, WireKind},
};

/// Who asks; one of the two ways that the cloud knows (`workspace.md section 3`).
#[derive(Clone)]
pub enum Identity {
    /// An access key and its secret, which signs every request.
    Keys {
        /// The access key.
        access_key: String,
        /// The secret key.
        secret_key: Password,
        /// The token that belongs to temporary keys.
        security_token: Option<Password>,
    },
    /// An IAM user, who gets a token.
    User {
        /// The name of the account that the user belongs to.
        domain: String,
        /// The user's name.
        username: String,
        /// The password.
        password: Password,
    },
}

impl Identity {
    /// Who it is, for people and for the record of jobs: `domain\user`, or the access key.
    pub fn name(&self) -> String {
        match self {
            Self::Keys { access_key, .. } => access_key.clone(),
            Self::User { domain, username, .. } => format!("{domain}\\{username}"),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Identity({})", self.name())
    }
}

/// How to reach an estate in the cloud.
#[derive(Debug, Clone)]
pub struct WorkspaceConnection {
    /// The base address of Application Streaming: `https`, or `http` to this machine only.
    pub endpoint: Url,
    /// The base address of IAM.
    pub iam: Url,
    /// The region; needed to look the project up.
    pub region: Option<String>,
    /// The project; looked up by the region when `None`.
    pub project: Option<String>,
    /// Who asks.
    pub identity: Identity,
    /// From when on sessions are listed: fixed for a run, or what slides out of the window would seem to have ended.
    pub sessions_since: Timestamp,
    /// Whose certificates to trust.
    pub tls: TlsTrust,
    /// How long one request may take; the gateway gives its backends 30 s.
    pub timeout: Duration,
    /// How many pages of one list are asked for at a time.
    pub pages_in_flight: usize,
}

impl WorkspaceConnection {
    /// The longest request unless told otherwise.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(45);

    /// A connection with the usual limits. The addresses follow from the region where they are not given.
    ///
    /// # Errors
    ///
    /// When the region is not known to have Application Streaming and no address is given, or an address cannot be used.
    pub fn new(
        region: Option<String>,
        endpoint: Option<Url>,
        iam: Option<Url>,
        identity: Identity,
        sessions_since: Timestamp,
    ) -> Result<Self, Fault> {
        let derived = |address: String| {
            Url::parse(&address).map_err(|error| refused(&format!("{address} is no address: {error}")))
        };
        let endpoint = match (endpoint, region.as_deref()) {
            (Some(endpoint), _) => endpoint,
            (None, Some(region)) => derived(endpoints::streaming(region).ok_or_else(|| {
                let known: Vec<&str> = endpoints::regions().collect();
                let known = known.join(", ");
                refused(&format!(
                    "the region {region} is not known to have Application Streaming; known: {known}; for others set an endpoint"
                ))
            })?)?,
            (None, None) => return Err(refused("neither a region nor an endpoint is given")),
        };
        let iam = match iam {
            Some(iam) => iam,
            None => derived(endpoints::iam(region.as_deref()))?,
        };
        Ok(Self {
            endpoint,
            iam,
            region,
            project: None,
            identity,
            sessions_since,
            tls: TlsTrust::System,
            timeout: Self::DEFAULT_TIMEOUT,
            pages_in_flight: 2,
        })
    }

    /// Both addresses, checked: of the service, and of IAM.
    pub(in crate::api) fn bases(&self) -> Result<(Url, Url), Fault> {
        let of_cloud = |fault: Fault| Fault { wire: WireKind::Workspace, ..fault };
        Ok((checked(&self.endpoint).map_err(of_cloud)?, checked(&self.iam).map_err(of_cloud)?))
    }
}

fn refused(message: &str) -> Fault {
    Fault { wire: WireKind::Workspace, ..Fault::new(FaultKind::InvalidArgument, "connect", message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Identity {
        Identity::Keys { access_key: "AK1".into(), secret_key: "hunter2".into(), security_token: None }
    }

    #[test]
    fn addresses_follow_from_the_region_unless_given() {
        let connection = |region: Option<&str>, endpoint: Option<&str>| {
            WorkspaceConnection::new(
                region.map(str::to_owned),
                endpoint.map(|url| url.parse().unwrap()),
                None,
                keys(),
                Timestamp::UNIX_EPOCH,
            )
        };
        let known = connection(Some("ap-southeast-1"), None).unwrap();
        assert_eq!(known.endpoint.as_str(), "https://workspace.ap-southeast-1.myhuaweicloud.com/");
        let own = connection(None, Some("http://127.0.0.1:8080")).unwrap();
        assert_eq!(own.iam.as_str(), "https://iam.myhuaweicloud.com/");
        assert!(own.bases().is_ok());
        assert!(connection(Some("x"), Some("http://cloud.example")).unwrap().bases().is_err());
        let fault = connection(Some("mars-1"), None).unwrap_err();
        assert!(fault.message.as_str().contains("cn-north-4"), "{fault}");
        assert!(connection(None, None).is_err());
    }

    #[test]
    fn nothing_secret_shows() {
        assert_eq!(format!("{:?}", keys()), "Identity(AK1)");
    }
}
