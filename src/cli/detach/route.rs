//! A log-in in two parts: what is no secret, and what is.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, zeroize::Zeroizing};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::api::{Connection, Identity, Login, Password, TlsTrust, WorkspaceConnection};

/// Between a secret key and the token that belongs to it: in neither of them.
const BETWEEN: char = '\0';

/// A log-in without its secrets: exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Route {
    /// To connection servers of Horizon.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<Connection>,
    /// To the cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud: Option<Cloud>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Cloud {
    endpoint: Url,
    iam: Url,
    region: Option<String>,
    project: Option<String>,
    who: Who,
    /// The window of the session lists stays where it is.
    sessions_since: Timestamp,
    tls: TlsTrust,
    timeout: Duration,
    pages_in_flight: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Who {
    Keys { access_key: String },
    User { domain: String, username: String },
}

impl Route {
    /// Takes a log-in apart.
    pub(super) fn of(login: &Login) -> (Self, Zeroizing<String>) {
        match login {
            Login::Horizon { connection, password } => {
                let route = Self { connection: Some(connection.clone()), cloud: None };
                (route, Zeroizing::new(password.expose_secret().to_owned()))
            }
            Login::Workspace(connection) => {
                let (who, secret) = apart(&connection.identity);
                let cloud = Cloud {
                    endpoint: connection.endpoint.clone(),
                    iam: connection.iam.clone(),
                    region: connection.region.clone(),
                    project: connection.project.clone(),
                    who,
                    sessions_since: connection.sessions_since,
                    tls: connection.tls.clone(),
                    timeout: connection.timeout,
                    pages_in_flight: connection.pages_in_flight,
                };
                (Self { connection: None, cloud: Some(cloud) }, secret)
            }
        }
    }

    /// Puts it together again; `None` when it leads nowhere.
    pub(super) fn with(self, secret: &str) -> Option<Login> {
        if let Some(connection) = self.connection {
            return Some(Login::Horizon { connection, password: Password::from(secret) });
        }
        let cloud = self.cloud?;
        let identity = match cloud.who {
            Who::User { domain, username } => {
                Identity::User { domain, username, password: Password::from(secret) }
            }
            Who::Keys { access_key } => {
                let (key, token) = match secret.split_once(BETWEEN) {
                    Some((key, token)) => (key, Some(Password::from(token))),
                    None => (secret, None),
                };
                Identity::Keys { access_key, secret_key: Password::from(key), security_token: token }
            }
        };
        Some(Login::Workspace(Box::new(WorkspaceConnection {
            endpoint: cloud.endpoint,
            iam: cloud.iam,
            region: cloud.region,
            project: cloud.project,
            identity,
            sessions_since: cloud.sessions_since,
            tls: cloud.tls,
            timeout: cloud.timeout,
            pages_in_flight: cloud.pages_in_flight,
        })))
    }
}

fn apart(identity: &Identity) -> (Who, Zeroizing<String>) {
    match identity {
        Identity::Keys { access_key, secret_key, security_token } => {
            let mut secret = Zeroizing::new(secret_key.expose_secret().to_owned());
            if let Some(token) = security_token {
                // A text that grows leaves its beginning behind: room for both is made first.
                let token = token.expose_secret();
                let mut both = Zeroizing::new(String::with_capacity(secret.len() + token.len() + 1));
                both.push_str(&secret);
                both.push(BETWEEN);
                both.push_str(token);
                secret = both;
            }
            (Who::Keys { access_key: access_key.clone() }, secret)
        }
        Identity::User { domain, username, password } => {
            let who = Who::User { domain: domain.clone(), username: username.clone() };
            (who, Zeroizing::new(password.expose_secret().to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(identity: Identity) -> Login {
        let endpoint: Url = "https://workspace.example.com".parse().unwrap();
        let region = Some("cn-north-4".to_owned());
        let connection =
            WorkspaceConnection::new(region, Some(endpoint), None, identity, Timestamp::UNIX_EPOCH).unwrap();
        Login::Workspace(Box::new(WorkspaceConnection { project: Some("p1".to_owned()), ..connection }))
    }

    #[test]
    fn a_log_in_to_the_cloud_comes_back_whole_and_its_route_has_no_secret() {
        for token in [None, Some("a token")] {
            let login = cloud(Identity::Keys {
                access_key: "AK1".into(),
                secret_key: "hunter2".into(),
                security_token: token.map(Password::from),
            });
            let (route, secret) = Route::of(&login);
            let json = serde_json::to_string(&route).unwrap();
            assert!(!json.contains("hunter2") && !json.contains("a token"), "{json}");
            let route: Route = serde_json::from_str(&json).unwrap();
            let Some(Login::Workspace(there)) = route.with(&secret) else { panic!("a log-in") };
            assert_eq!((there.project.as_deref(), there.sessions_since), (Some("p1"), Timestamp::UNIX_EPOCH));
            let Identity::Keys { secret_key, security_token, .. } = &there.identity else { panic!("keys") };
            assert_eq!(secret_key.expose_secret(), "hunter2");
            assert_eq!(security_token.as_ref().map(ExposeSecret::expose_secret), token);
        }
        let login = cloud(Identity::User {
            domain: "acme".into(),
            username: "op1".into(),
            password: "hunter2".into(),
        });
        let (route, secret) = Route::of(&login);
        assert_eq!(route.with(&secret).map(|login| login.operator()).as_deref(), Some("acme\\op1"));
        assert!(Route::default().with("x").is_none());
    }
}
