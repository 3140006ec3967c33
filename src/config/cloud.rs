//! A profile of Huawei Cloud Workspace: what the file says of it, completed by the environment.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::{
    Account, ConfigError, Environment, FileProfile, PasswordSource, Prompt, SecretError, Trust, obtain,
};

/// From how long ago on sessions are listed, unless told otherwise.
pub const DEFAULT_SESSION_WINDOW: Duration = Duration::from_hours(30 * 24);

/// The variable that names the project where a profile does not.
pub const PROJECT_VARIABLE: &str = "HUAWEICLOUD_SDK_PROJECT_ID";

/// Keys of a profile that only this wire has; without those for the secret key.
pub(super) const CLOUD_KEYS: [&str; 6] =
    ["region", "endpoint", "iam_endpoint", "project_id", "access_key", "session_window"];

/// What only profiles of this wire have, as the file has it.
#[derive(Debug, Clone, Default)]
pub struct FileCloud {
    /// The region.
    pub region: Option<String>,
    /// The address of Application Streaming, where it does not follow from the region.
    pub endpoint: Option<Url>,
    /// The address of IAM, where it does not follow from the region.
    pub iam_endpoint: Option<Url>,
    /// The project; looked up when nothing is said.
    pub project_id: Option<String>,
    /// The access key.
    pub access_key: Option<String>,
    /// Where the secret key comes from.
    pub secret_key: Option<PasswordSource>,
    /// From how long ago on sessions are listed.
    pub session_window: Option<Duration>,
}

/// A connection to the cloud that can be tried: complete but for the secret.
#[derive(Debug, Clone)]
pub struct CloudProfile {
    /// Its name.
    pub name: String,
    /// The region.
    pub region: Option<String>,
    /// The address of Application Streaming, where it does not follow from the region.
    pub endpoint: Option<Url>,
    /// The address of IAM, where it does not follow from the region.
    pub iam_endpoint: Option<Url>,
    /// The project; looked up when nothing is said.
    pub project_id: Option<String>,
    /// Who asks.
    pub identity: CloudIdentity,
    /// From how long ago on sessions are listed.
    pub session_window: Duration,
    /// Which certificates are trusted.
    pub trust: Trust,
}

/// Who asks the cloud, and where the secret comes from.
#[derive(Debug, Clone)]
pub enum CloudIdentity {
    /// A pair of keys.
    Keys {
        /// The access key.
        access_key: String,
        /// Where the secret key comes from.
        secret_key: PasswordSource,
        /// The token that belongs to temporary keys: from the environment, with them.
        security_token: Option<PasswordSource>,
    },
    /// A user of IAM.
    User {
        /// The name of the account that the user belongs to.
        domain: String,
        /// The user's name.
        username: String,
        /// Where the password comes from.
        password: PasswordSource,
    },
}

impl CloudProfile {
    /// Whose secret it is. A key has no domain.
    pub fn account(&self) -> Account<'_> {
        let (domain, username) = match &self.identity {
            CloudIdentity::Keys { access_key, .. } => ("", access_key.as_str()),
            CloudIdentity::User { domain, username, .. } => (domain.as_str(), username.as_str()),
        };
        Account { profile: &self.name, domain, username }
    }

    /// Gets the secret key or the password. Waits: see [`obtain`].
    ///
    /// # Errors
    ///
    /// When it cannot be had.
    pub fn secret(
        &self,
        environment: &Environment,
        prompt: Option<&mut dyn Prompt>,
    ) -> Result<SecretString, SecretError> {
        let source = match &self.identity {
            CloudIdentity::Keys { secret_key, .. } => secret_key,
            CloudIdentity::User { password, .. } => password,
        };
        obtain(source, self.account(), environment, prompt)
    }

    /// Gets the token of temporary keys, if there is one.
    ///
    /// # Errors
    ///
    /// When it is no text.
    pub fn security_token(&self, environment: &Environment) -> Result<Option<SecretString>, SecretError> {
        match &self.identity {
            CloudIdentity::Keys { security_token: Some(source), .. } => {
                obtain(source, self.account(), environment, None).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// A profile of the file, completed by the vendor's variables. They never replace what it says, and the secret of
    /// another key is not used for its own.
    pub(super) fn from_file(
        name: &str,
        profile: &FileProfile,
        cloud: &FileCloud,
        trust: Trust,
        environment: &Environment,
        prompt: Option<&mut dyn Prompt>,
    ) -> Result<Self, ConfigError> {
        let variable = |name| environment.get(name).map(str::to_owned);
        let names_user = profile.username.is_some() || profile.domain.is_some() || profile.password.is_some();
        let own_key = cloud.access_key.clone();
        let their_key = variable("HUAWEICLOUD_SDK_AK").filter(|_| !names_user || own_key.is_some());
        let same = own_key.is_none() || their_key.is_none() || own_key == their_key;
        let from = |name: &str| {
            environment.raw(name).filter(|_| same).map(|_| PasswordSource::Variable(name.to_owned()))
        };
        let identity = match own_key.or(their_key) {
            Some(access_key) => {
                let theirs = from("HUAWEICLOUD_SDK_SK").filter(|_| cloud.secret_key.is_none());
                let security_token = theirs.as_ref().and_then(|_| from("HUAWEICLOUD_SDK_SECURITY_TOKEN"));
                let secret_key = cloud.secret_key.clone().or(theirs).unwrap_or(PasswordSource::Prompt);
                CloudIdentity::Keys { access_key, secret_key, security_token }
            }
            None if names_user => user(name, profile, prompt)?,
            None => {
                return Err(ConfigError::MissingAccount {
                    estate: format!("the profile `{name}`"),
                    part: "access key",
                    set: format!(
                        "`access_key` in [profiles.{name}], HUAWEICLOUD_SDK_AK, or `domain` and `username` there"
                    ),
                });
            }
        };
        Ok(Self {
            name: name.to_owned(),
            region: cloud.region.clone(),
            endpoint: cloud.endpoint.clone(),
            iam_endpoint: cloud.iam_endpoint.clone(),
            project_id: cloud.project_id.clone().or_else(|| variable(PROJECT_VARIABLE)),
            identity,
            session_window: cloud.session_window.unwrap_or(DEFAULT_SESSION_WINDOW),
            trust,
        })
    }
}

/// The user of a profile; asks for what is missing when there is somebody.
fn user(
    name: &str,
    profile: &FileProfile,
    mut prompt: Option<&mut dyn Prompt>,
) -> Result<CloudIdentity, ConfigError> {
    let mut ask = |part: &'static str, key: &str| match prompt.as_deref_mut() {
        Some(prompt) => prompt
            .line(&format!("IAM {part} for {name}: "))
            .map_err(|source| ConfigError::Ask { part, source }),
        None => Err(ConfigError::MissingAccount {
            estate: format!("the profile `{name}`"),
            part,
            set: format!("`{key}` in [profiles.{name}]"),
        }),
    };
    let typed = match &profile.username {
        Some(username) => username.clone(),
        None => ask("user name", "username")?,
    };
    let (own, username) = match typed.split_once('\\') {
        Some((domain, username)) => (Some(domain.to_owned()), username.to_owned()),
        None => (None, typed),
    };
    let domain = match profile.domain.clone().or(own) {
        Some(domain) => domain,
        None => ask("account", "domain")?,
    };
    for (part, value) in [("user name", &username), ("domain", &domain)] {
        if value.trim().is_empty() {
            return Err(ConfigError::Value { name: part.to_owned(), problem: "is empty".to_owned() });
        }
    }
    let password = profile.password.clone().unwrap_or(PasswordSource::Prompt);
    Ok(CloudIdentity::User { domain, username, password })
}
