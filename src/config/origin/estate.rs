//! What is known of the estate: addresses, account, where the secret comes from, whom to trust.

use serde_json::json;
use url::Url;

use super::{Explained, Layers, Origin, Selected};
use crate::config::{CloudIdentity, CloudProfile, FileProfile, PasswordSource, Profile, Target, Trust};

impl Layers<'_> {
    /// Every key of the estate.
    pub(super) fn target(&self, target: &Target) -> Vec<Explained> {
        match target {
            Target::Simulated { .. } => Vec::new(),
            Target::Profile(profile) => self.horizon(profile),
            Target::Cloud(profile) => self.cloud(profile),
        }
    }

    fn horizon(&self, profile: &Profile) -> Vec<Explained> {
        let servers: Vec<&str> = profile.servers.iter().map(Url::as_str).collect();
        let account = |key: &'static str, is_given: fn(&FileProfile) -> bool, variable| match self.selected {
            Selected::FromFile(_, profile) if is_given(profile) => self.of_profile(key),
            _ => Origin::Variable(variable),
        };
        let servers_origin = match self.selected {
            Selected::FromEnvironment(_) => Origin::Variable("FORETOP_SERVER"),
            _ => self.first_of(&["servers", "server"]),
        };
        let username = account("username", |profile| profile.username.is_some(), "FORETOP_USERNAME");
        // `DOMAIN\name` says both.
        let names_domain = |name: Option<&str>| name.is_some_and(|name| name.contains('\\'));
        let domain_origin = match self.selected {
            Selected::FromFile(_, profile) if profile.domain.is_some() => self.of_profile("domain"),
            Selected::FromFile(_, profile) if names_domain(profile.username.as_deref()) => {
                self.of_profile("username")
            }
            _ if self.environment.get("FORETOP_DOMAIN").is_none() => username.clone(),
            _ => Origin::Variable("FORETOP_DOMAIN"),
        };
        let shown = servers.join(", ");
        vec![
            Explained { key: "servers", shown, value: json!(servers), origin: servers_origin },
            Explained::text("domain", &profile.domain, domain_origin),
            Explained::text("username", &profile.username, username),
            self.secret("password", &profile.password, "FORETOP_PASSWORD"),
            self.trust(&profile.trust),
        ]
    }

    fn cloud(&self, profile: &CloudProfile) -> Vec<Explained> {
        let region = profile.region.as_ref().map_or_else(
            || Explained { value: json!(null), ..Explained::text("region", "not given", Origin::Default) },
            |region| Explained::text("region", region, self.of_profile("region")),
        );
        let mut values = vec![
            Explained::text("wire", "workspace", self.of_profile("wire")),
            region,
            self.address("endpoint", profile.endpoint.as_ref()),
            self.address("iam_endpoint", profile.iam_endpoint.as_ref()),
            self.project(profile),
        ];
        match &profile.identity {
            CloudIdentity::Keys { access_key, secret_key, .. } => {
                let origin = self.given("access_key").unwrap_or(Origin::Variable("HUAWEICLOUD_SDK_AK"));
                values.push(Explained::text("access_key", access_key, origin));
                values.push(self.secret("secret_key", secret_key, "HUAWEICLOUD_SDK_SK"));
            }
            CloudIdentity::User { domain, username, password } => {
                values.push(Explained::text("domain", domain, self.first_of(&["domain", "username"])));
                values.push(Explained::text("username", username, self.of_profile("username")));
                values.push(self.secret("password", password, "FORETOP_PASSWORD"));
            }
        }
        let hours = profile.session_window.as_secs() / 3600;
        let window = if hours.is_multiple_of(24) { format!("{}d", hours / 24) } else { format!("{hours}h") };
        let origin = self.given("session_window").unwrap_or(Origin::Default);
        values.extend([Explained::text("session_window", window, origin), self.trust(&profile.trust)]);
        values
    }

    fn address(&self, key: &'static str, address: Option<&Url>) -> Explained {
        match address {
            Some(address) => Explained::text(key, address.as_str(), self.of_profile(key)),
            None => Explained {
                value: json!(null),
                ..Explained::text(key, "by the region", Origin::Derived("region"))
            },
        }
    }

    fn project(&self, profile: &CloudProfile) -> Explained {
        let variable = Origin::Variable("HUAWEICLOUD_SDK_PROJECT_ID");
        match &profile.project_id {
            Some(project) => {
                let origin = self.given("project_id").unwrap_or(variable);
                Explained::text("project_id", project, origin)
            }
            None => Explained {
                value: json!(null),
                ..Explained::text("project_id", "looked up", Origin::Derived("region"))
            },
        }
    }

    /// Where a secret comes from; never the secret.
    fn secret(&self, key: &'static str, source: &PasswordSource, variable: &'static str) -> Explained {
        let how = match source {
            PasswordSource::Prompt => "prompt",
            PasswordSource::Variable(_) => "env",
            PasswordSource::Command(_) => "command",
            PasswordSource::Keyring => "keyring",
            PasswordSource::Plaintext(_) => "plaintext",
        };
        let origin = match (source, self.given(&format!("{key}_{how}"))) {
            (_, Some(origin)) => origin,
            (PasswordSource::Variable(_), None) => Origin::Variable(variable),
            _ => Origin::Default,
        };
        Explained::text(key, source.describe(), origin)
    }

    fn trust(&self, trust: &Trust) -> Explained {
        let variable = || Origin::Variable("FORETOP_PIN_SHA256");
        match trust {
            Trust::System => Explained::text("certificates", "what the system trusts", Origin::Default),
            Trust::CaFile(path) => {
                let path = path.display().to_string();
                let origin = self.of_profile("ca_file");
                Explained {
                    shown: format!("authorities in {path}"),
                    ..Explained::text("ca_file", path, origin)
                }
            }
            Trust::Pinned(pin) => {
                let origin = self.given("pin_sha256").unwrap_or_else(variable);
                let shown = format!("the certificate with SHA-256 {pin}");
                Explained { shown, ..Explained::text("pin_sha256", pin, origin) }
            }
        }
    }

    /// The key of the profile, if it has it.
    fn given(&self, key: &str) -> Option<Origin> {
        let line = self.lines.of_key(&["profiles", self.profile_name()?, key])?;
        Some(Origin::Profile { name: self.profile_name()?.to_owned(), line: Some(line) })
    }

    /// The first of these keys that the profile has.
    fn first_of(&self, keys: &[&'static str]) -> Origin {
        keys.iter().find_map(|key| self.given(key)).unwrap_or_else(|| self.of_profile(keys[0]))
    }
}
