//! One session as the estate describes it (`horizon-rest.md section 7.3`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AccessGroupId, FarmId, MachineId, PodId, PoolId, RdsServerId, SessionId, Text, UserId};

/// Declares an enum of the server's words: known ones as variants, any other kept as it came.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "Text", into = "Text")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word that this version of Foretop does not know, kept as it came.
            Unknown(Text),
        }

        impl $name {
            /// Every known value, in the order of the vendor's documentation.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The server's word.
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(word) => word.as_str(),
                }
            }
        }

        impl From<Text> for $name {
            fn from(word: Text) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Unknown(word),
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    _ => Self::Unknown(Text::clean(word)),
                }
            }
        }

        impl From<$name> for Text {
            fn from(value: $name) -> Self {
                match value {
                    $name::Unknown(word) => word,
                    known => Self::clean(known.word()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.word())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// The state of a session. "Idle" is not one: idle is connected with minutes of no input.
    SessionState {
        /// A client is attached.
        Connected = "CONNECTED",
        /// No client is attached; the session runs on.
        Disconnected = "DISCONNECTED",
        /// The agent accepted the session, the log-in is not finished.
        Pending = "PENDING",
    }
}

words! {
    /// What kind of session it is. RDS desktops are `DESKTOP`.
    SessionKind {
        /// A whole desktop.
        Desktop = "DESKTOP",
        /// One or more published applications.
        Application = "APPLICATION",
    }
}

words! {
    /// The display protocol; unset while disconnected.
    Protocol {
        /// `PCoIP`.
        Pcoip = "PCOIP",
        /// RDP.
        Rdp = "RDP",
        /// Blast Extreme.
        Blast = "BLAST",
        /// At the console of the machine.
        Console = "CONSOLE",
        /// Ultra; seen from 2406 on.
        Ultra = "ULTRA",
    }
}

words! {
    /// The client program of the user.
    ClientKind {
        /// Windows.
        Windows = "WINDOWS",
        /// macOS.
        Mac = "MAC",
        /// The web client.
        Web = "HTMLACCESS",
        /// Linux.
        Linux = "LINUX",
        /// iOS and iPadOS.
        Ios = "IOS",
        /// Android.
        Android = "ANDROID",
        /// The server's own "other".
        Other = "OTHER",
    }
}

words! {
    /// Where the gateway of a session stands.
    GatewayLocation {
        /// Outside.
        External = "EXTERNAL",
        /// Inside.
        Internal = "INTERNAL",
    }
}

/// The client of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its program.
    pub kind: Option<ClientKind>,
    /// Its host name.
    pub name: Option<Text>,
    /// Its IP address.
    pub address: Option<Text>,
    /// Its version.
    pub version: Option<Text>,
    /// Its location id.
    pub location_id: Option<Text>,
}

/// The gateway through which a session came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gateway {
    /// Its machine or DNS name.
    pub name: Option<Text>,
    /// Its IP address.
    pub address: Option<Text>,
    /// Where it stands.
    pub location: Option<GatewayLocation>,
}

/// A session, as complete as the server's release makes it; what was not said is `None`.
///
/// Names that the session list of an old release lacks (user before v4, pool and machine before v6 and v7) are filled
/// in by the wire from the inventory, when the account may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The id that actions take.
    pub id: SessionId,
    /// SID of the user.
    pub user_id: Option<UserId>,
    /// SID that was used at the broker; absent for console sessions.
    pub broker_user_id: Option<UserId>,
    /// Name of the user, usually `DOMAIN\login`.
    pub user_name: Option<Text>,
    /// SIDs of the user's groups (v4).
    pub groups: Option<Vec<Text>>,
    /// Desktop or application.
    pub kind: Option<SessionKind>,
    /// State.
    pub state: Option<SessionState>,
    /// Display protocol; unset while disconnected.
    pub protocol: Option<Protocol>,
    /// When the user logged on.
    pub started_at: Option<Timestamp>,
    /// When it was last disconnected; unset if never or on error.
    pub disconnected_at: Option<Timestamp>,
    /// Minutes without input.
    pub idle_minutes: Option<i64>,
    /// Duration of the current connection when connected, of the previous one when not; milliseconds.
    pub last_connection_ms: Option<i64>,
    /// Access group of the pool or farm: where privileges must hold.
    pub access_group_id: Option<AccessGroupId>,
    /// Desktop pool; absent when not brokered through a pool.
    pub pool_id: Option<PoolId>,
    /// Farm, for RDS and application sessions.
    pub farm_id: Option<FarmId>,
    /// Name of the pool (its display name) or farm.
    pub pool_name: Option<Text>,
    /// `AUTOMATED`, `MANUAL` or `RDS`.
    pub pool_type: Option<Text>,
    /// `INSTANT_CLONE`, `RDS`, `UNMANAGED`, …
    pub pool_source: Option<Text>,
    /// Machine; absent for RDS and application sessions.
    pub machine_id: Option<MachineId>,
    /// RDS server, for RDS and application sessions.
    pub rds_server_id: Option<RdsServerId>,
    /// Name of the machine or RDS server.
    pub machine_name: Option<Text>,
    /// DNS name of the machine or RDS server.
    pub machine_dns: Option<Text>,
    /// Domain of the machine.
    pub domain_name: Option<Text>,
    /// Version of the agent.
    pub agent_version: Option<Text>,
    /// Published applications; only for application sessions.
    pub applications: Option<Vec<Text>>,
    /// The client.
    pub client: Client,
    /// The gateway.
    pub gateway: Gateway,
    /// Hosting pod, when the estate has several.
    pub pod_id: Option<PodId>,
    /// Name of the hosting pod.
    pub pod_name: Option<Text>,
    /// Pod through which the user came (`horizon-rest.md section 8`; only the federation's list tells it).
    pub brokering_pod_id: Option<PodId>,
    /// Name of that pod.
    pub brokering_pod_name: Option<Text>,
    /// Runs on another pod than the one that was asked.
    pub resourced_remotely: Option<bool>,
    /// Brokered by another pod.
    pub brokered_remotely: Option<bool>,
    /// Unauthenticated access.
    pub unauthenticated: Option<bool>,
    /// Managed from the vendor's cloud (v5).
    pub cloud_managed: Option<bool>,
    /// Application session exempt from idle and maximum-time limits (v7 from 2512).
    pub forever: Option<bool>,
    /// Stable over disconnect and reconnect (v2).
    pub guid: Option<Text>,
    /// Id for the help desk calls of 2406 and later (v3).
    pub internal_id: Option<Text>,
}

impl Session {
    /// A session of which nothing but the id is known.
    pub fn new(id: SessionId) -> Self {
        Self {
            id,
            user_id: None,
            broker_user_id: None,
            user_name: None,
            groups: None,
            kind: None,
            state: None,
            protocol: None,
            started_at: None,
            disconnected_at: None,
            idle_minutes: None,
            last_connection_ms: None,
            access_group_id: None,
            pool_id: None,
            farm_id: None,
            pool_name: None,
            pool_type: None,
            pool_source: None,
            machine_id: None,
            rds_server_id: None,
            machine_name: None,
            machine_dns: None,
            domain_name: None,
            agent_version: None,
            applications: None,
            client: Client::default(),
            gateway: Gateway::default(),
            pod_id: None,
            pod_name: None,
            brokering_pod_id: None,
            brokering_pod_name: None,
            resourced_remotely: None,
            brokered_remotely: None,
            unauthenticated: None,
            cloud_managed: None,
            forever: None,
            guid: None,
            internal_id: None,
        }
    }

    /// What to call the user: the name, or else the SID.
    pub fn user_label(&self) -> Option<Text> {
        self.user_name.clone().or_else(|| self.user_id.as_ref().map(|id| Text::clean(id.raw())))
    }

    /// The short account name: what follows `DOMAIN\`, or the whole label.
    pub fn login(&self) -> Option<Text> {
        let label = self.user_label()?;
        Some(match label.as_str().rsplit_once('\\') {
            Some((_, login)) if !login.is_empty() => Text::clean(login),
            _ => label,
        })
    }

    /// What to call the pool or farm: its name, or else its id.
    pub fn pool_label(&self) -> Option<Text> {
        self.pool_name
            .clone()
            .or_else(|| self.pool_id.as_ref().map(|id| Text::clean(id.raw())))
            .or_else(|| self.farm_id.as_ref().map(|id| Text::clean(id.raw())))
    }

    /// What to call the machine or RDS server: its name, DNS name, or id.
    pub fn machine_label(&self) -> Option<Text> {
        self.machine_name
            .clone()
            .or_else(|| self.machine_dns.clone())
            .or_else(|| self.machine_id.as_ref().map(|id| Text::clean(id.raw())))
            .or_else(|| self.rds_server_id.as_ref().map(|id| Text::clean(id.raw())))
    }

    /// What to call the pod that hosts it: its name, or else its id.
    pub fn pod_label(&self) -> Option<Text> {
        self.pod_name.clone().or_else(|| self.pod_id.as_ref().map(|id| Text::clean(id.raw())))
    }

    /// What to call the gateway: its name or address.
    pub fn gateway_label(&self) -> Option<Text> {
        self.gateway.name.clone().or_else(|| self.gateway.address.clone())
    }

    /// Whether it runs on an RDS server rather than on a machine of its own.
    ///
    /// Reset and restart act on the machine and are never legal for these (`horizon-rest.md section 7.4`). The ids of
    /// server and farm are told by the pod that hosts the session alone; to the other pods its source tells it.
    pub fn is_on_rds_server(&self) -> bool {
        let is_rds = |word: &Option<Text>| word.as_ref().is_some_and(|word| word == "RDS");
        self.rds_server_id.is_some()
            || self.farm_id.is_some()
            || is_rds(&self.pool_source)
            || is_rds(&self.pool_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_state_keeps_its_word_through_serde() {
        let state: SessionState = serde_json::from_str("\"HIBERNATING\"").unwrap();
        assert_eq!(state, SessionState::Unknown(Text::clean("HIBERNATING")));
        assert_eq!(serde_json::to_string(&state).unwrap(), "\"HIBERNATING\"");
        assert_eq!(SessionState::from("PENDING"), SessionState::Pending);
    }

    #[test]
    fn labels_fall_back_to_ids_and_the_login_loses_its_domain() {
        let mut session = Session::new("s1".into());
        session.user_id = Some("S-1-5-21-7".into());
        assert_eq!(session.login().unwrap(), "S-1-5-21-7");
        session.user_name = Some("CORP\\alvarez.m".into());
        assert_eq!(session.login().unwrap(), "alvarez.m");
        assert_eq!(session.pool_label(), None);
        session.farm_id = Some("farm-1".into());
        assert_eq!(session.pool_label().unwrap(), "farm-1");
    }
}
