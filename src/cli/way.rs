//! From a profile to what the clients take: addresses, whom to trust, who asks.

use jiff::Timestamp;

use crate::{
    api::{Connection, Fingerprint, Identity, Password, TlsTrust, WorkspaceConnection},
    config::{CloudIdentity, CloudProfile, PasswordSource, Profile, Target, Trust},
    error::Error,
};

/// The environment variable that a secret comes from.
pub(super) fn variable(source: &PasswordSource) -> Option<String> {
    match source {
        PasswordSource::Variable(name) => Some(name.clone()),
        _ => None,
    }
}

/// Where the secrets of somebody who asks the cloud come from.
pub(super) fn cloud_sources(identity: &CloudIdentity) -> Vec<&PasswordSource> {
    match identity {
        CloudIdentity::Keys { secret_key, security_token, .. } => {
            std::iter::once(secret_key).chain(security_token).collect()
        }
        CloudIdentity::User { password, .. } => vec![password],
    }
}

/// Whether the secret of an estate has to be typed.
pub(super) fn is_typed(target: &Target) -> bool {
    let is_prompt = |source: &PasswordSource| matches!(source, PasswordSource::Prompt);
    match target {
        Target::Simulated { .. } => false,
        Target::Profile(profile) => is_prompt(&profile.password),
        Target::Cloud(profile) => cloud_sources(&profile.identity).into_iter().any(is_prompt),
    }
}

/// How to reach a profile's servers.
pub(super) fn connection(profile: &Profile) -> Result<Connection, Error> {
    let tls = tls_trust(&profile.trust)?;
    let connection = Connection::new(profile.servers.clone(), &profile.username, &profile.domain);
    Ok(Connection { tls, ..connection })
}

/// How to reach the cloud of a profile. The window of the session lists begins now, less its length, for the whole run.
pub(super) fn cloud_connection(
    profile: CloudProfile,
    secret: Password,
    security_token: Option<Password>,
) -> Result<WorkspaceConnection, Error> {
    let tls = tls_trust(&profile.trust)?;
    let identity = match profile.identity {
        CloudIdentity::Keys { access_key, .. } => {
            Identity::Keys { access_key, secret_key: secret, security_token }
        }
        CloudIdentity::User { domain, username, .. } => Identity::User { domain, username, password: secret },
    };
    let since = Timestamp::now().checked_sub(profile.session_window).unwrap_or(Timestamp::UNIX_EPOCH);
    let connection =
        WorkspaceConnection::new(profile.region, profile.endpoint, profile.iam_endpoint, identity, since);
    let connection = connection.map_err(|fault| Error::from(fault).on(&profile.name))?;
    Ok(WorkspaceConnection { project: profile.project_id, tls, ..connection })
}

/// Whose certificates a profile trusts.
pub(super) fn tls_trust(trust: &Trust) -> Result<TlsTrust, Error> {
    Ok(match trust {
        Trust::System => TlsTrust::System,
        Trust::CaFile(path) => {
            let read = std::fs::read(path);
            TlsTrust::CaFile(read.map_err(|error| {
                Error::usage("cannot read the certificate authorities")
                    .on(path.display().to_string())
                    .words(error.to_string())
            })?)
        }
        Trust::Pinned(pin) => {
            let fingerprint: Result<Fingerprint, _> = pin.parse();
            TlsTrust::Pinned(vec![fingerprint.map_err(|error| Error::usage(format!("pin_sha256: {error}")))?])
        }
    })
}
