//! Plans as files: made by one person, applied by another perhaps (`design.md section 8`).
//!
//! A plan names its estate and refuses another one, and expires. The check sum is against edits by accident; it keeps
//! nobody out who means to change it. Before each chunk leaves, targets and guard are checked again as for every plan.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Plan;
use crate::domain::{Capabilities, Text};

/// The version of the format. A file of another one is not read: what it means is not known.
pub const PLAN_FORMAT: u32 = 1;
/// How long a plan may be applied unless somebody says otherwise.
pub const PLAN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// Which estate a plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanEstate {
    /// The profile's name where it was made; another machine may call it otherwise.
    pub profile: Text,
    /// The pod, where there is a federation.
    pub pod: Option<Text>,
    /// The cluster of connection servers, as far as known.
    pub cluster: Option<Text>,
    /// The connection server that answered.
    pub server: Text,
}

impl PlanEstate {
    /// The estate that one is logged in to.
    pub fn of(profile: &Text, capabilities: &Capabilities) -> Self {
        Self {
            profile: profile.clone(),
            pod: capabilities.pod.clone(),
            cluster: capabilities.cluster.clone(),
            server: capabilities.server.clone(),
        }
    }

    /// Whether both are the same: by cluster and pod, and by the server where no pod is told. Clusters of several estates may
    /// have the same name. What only one of them tells is no proof of being the same. `servers` are further names of servers
    /// by which the other one is reached.
    fn is_same(&self, other: &Self, servers: &[Text]) -> bool {
        let same_server = || self.server == other.server || servers.contains(&self.server);
        self.cluster == other.cluster && self.pod == other.pod && (self.pod.is_some() || same_server())
    }
}

impl fmt::Display for PlanEstate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.profile)?;
        for (name, value) in [("pod", self.pod.as_ref()), ("cluster", self.cluster.as_ref())] {
            if let Some(value) = value {
                write!(formatter, ", {name} {value}")?;
            }
        }
        write!(formatter, ", server {}", self.server)
    }
}

/// A plan in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// See [`PLAN_FORMAT`].
    pub version: u32,
    /// Where it may be applied.
    pub estate: PlanEstate,
    /// The account that made it, as `DOMAIN\name`.
    pub made_by: Text,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// From then on it may not be applied any more.
    pub expires_at: Timestamp,
    /// The plan.
    pub plan: Plan,
}

/// Why a file is not a plan that may be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanRefusal {
    /// It is no saved plan, in these words.
    NotAPlan(String),
    /// It was changed since it was saved.
    Changed,
    /// It is of another version of the format.
    Version(u32),
    /// Its time is over.
    Expired(Timestamp),
    /// It is for another estate.
    OtherEstate {
        /// The one that it is for.
        planned: Box<PlanEstate>,
        /// The one that answers.
        here: Box<PlanEstate>,
    },
}

impl fmt::Display for PlanRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPlan(words) => write!(formatter, "is no saved plan: {words}"),
            Self::Changed => formatter.pad("was changed since it was saved"),
            Self::Version(version) => {
                write!(formatter, "has format {version}; this program reads {PLAN_FORMAT}")
            }
            Self::Expired(at) => write!(formatter, "expired at {}", at.strftime("%Y-%m-%d %H:%M:%SZ")),
            Self::OtherEstate { planned, here } => {
                write!(formatter, "is for another estate ({planned}); this is {here}")
            }
        }
    }
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Sealed {
    sha256: String,
    foretop_plan: Value,
}

impl SavedPlan {
    /// A plan, to be saved now.
    pub fn new(
        plan: Plan,
        profile: &Text,
        capabilities: &Capabilities,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> Self {
        Self {
            version: PLAN_FORMAT,
            estate: PlanEstate::of(profile, capabilities),
            made_by: capabilities.account.name.clone(),
            saved_at: now,
            expires_at: now.saturating_add(lifetime).unwrap_or(Timestamp::MAX),
            plan,
        }
    }

    /// The text of the file.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let foretop_plan = serde_json::to_value(self)?;
        let sealed = Sealed { sha256: sum(&foretop_plan), foretop_plan };
        Ok(serde_json::to_string_pretty(&sealed)? + "\n")
    }

    /// Reads the text of a file.
    pub fn from_text(text: &str) -> Result<Self, PlanRefusal> {
        let not_a_plan = |error: serde_json::Error| PlanRefusal::NotAPlan(error.to_string());
        let sealed: Sealed = serde_json::from_str(text).map_err(not_a_plan)?;
        if sum(&sealed.foretop_plan) != sealed.sha256 {
            return Err(PlanRefusal::Changed);
        }
        let version = sealed.foretop_plan.get("version").and_then(Value::as_u64).unwrap_or_default();
        if version != u64::from(PLAN_FORMAT) {
            return Err(PlanRefusal::Version(u32::try_from(version).unwrap_or(u32::MAX)));
        }
        serde_json::from_value(sealed.foretop_plan).map_err(not_a_plan)
    }

    /// Why it may not be applied now, if it may not. For what is known before anybody is asked.
    pub fn expiry(&self, now: Timestamp) -> Option<PlanRefusal> {
        (self.expires_at <= now).then_some(PlanRefusal::Expired(self.expires_at))
    }

    /// Why it may not be applied here, if it may not. `servers` are the servers by which this estate is reached, as
    /// [`PlanEstate::server`] names them: any of them may answer.
    pub fn elsewhere(&self, here: PlanEstate, servers: &[Text]) -> Option<PlanRefusal> {
        (!self.estate.is_same(&here, servers)).then(|| PlanRefusal::OtherEstate {
            planned: Box::new(self.estate.clone()),
            here: Box::new(here),
        })
    }
}

/// SHA-256 of a value as its shortest text, whose keys are in a fixed order.
fn sum(value: &Value) -> String {
    let digest = Sha256::digest(value.to_string().as_bytes());
    let digits: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::{
            bulk::{Guard, Protected, Target, Terms},
            fixtures::{capabilities, session, start},
        },
        domain::{Account, SessionState, Verb},
    };

    fn saved() -> SavedPlan {
        let terms = Terms { guard: Guard::parse("state:disc idle>4h").unwrap(), ..Terms::default() };
        let plan = Plan {
            id: "7f3a".into(),
            verb: Verb::Logoff,
            message: None,
            to_send: vec![Target {
                session: session("s1", "abel", SessionState::Disconnected, 300),
                hidden: true,
                pod: None,
            }],
            held_back: Vec::new(),
            made_at: start(),
            data_at: start(),
            retry_of: None,
            terms,
        };
        SavedPlan::new(plan, &"emea".into(), &capabilities(), start(), PLAN_LIFETIME)
    }

    #[test]
    fn a_saved_plan_comes_back_as_it_was() {
        let saved = saved();
        assert_eq!(SavedPlan::from_text(&saved.to_text().unwrap()), Ok(saved));
    }

    #[test]
    fn who_was_named_on_purpose_is_sent_by_whoever_named_them_only() {
        let mut saved = saved();
        saved.plan.terms.named.insert("s1".into());
        let saved = SavedPlan::from_text(&saved.to_text().unwrap()).unwrap();
        let rule = Protected { users: vec!["abel".to_owned()], ..Protected::default() };
        let maker = Account { name: "CORP\\admin".into(), ..Account::default() };
        let abel = Account { name: "CORP\\abel".into(), ..Account::default() };
        for (protected, account, made_it, expected) in [
            (&rule, &maker, true, None),
            (&rule, &maker, false, Some("protected: user abel")),
            (&Protected::default(), &maker, false, None),
            (&Protected::default(), &abel, false, Some("your own session")),
            // Somebody who names their own session means it.
            (&Protected::default(), &abel, true, None),
        ] {
            let mut plan = saved.plan.clone();
            plan.protect(protected, account, made_it);
            assert_eq!(plan.len(), 1);
            assert_eq!(plan.held_back.first().map(|held| held.reason.to_string()).as_deref(), expected);
        }
    }

    #[test]
    fn an_edit_is_noticed() {
        let text = saved().to_text().unwrap();
        assert_eq!(SavedPlan::from_text(&text.replace("idle>4h", "idle>0h")), Err(PlanRefusal::Changed));
        assert!(matches!(SavedPlan::from_text("{}"), Err(PlanRefusal::NotAPlan(_))));
        let newer = SavedPlan { version: 2, ..saved() };
        assert_eq!(SavedPlan::from_text(&newer.to_text().unwrap()), Err(PlanRefusal::Version(2)));
    }

    #[test]
    fn it_expires() {
        let saved = saved();
        assert_eq!(saved.expiry(start() + SignedDuration::from_mins(59)), None);
        assert!(matches!(saved.expiry(start() + PLAN_LIFETIME), Some(PlanRefusal::Expired(_))));
    }

    #[test]
    fn it_knows_its_estate_by_cluster_and_pod_and_by_the_server_where_no_pod_is_told() {
        let saved = saved();
        let here = saved.estate.clone();
        let renamed = PlanEstate { profile: "west".into(), server: "cs2".into(), ..here.clone() };
        assert_eq!(saved.elsewhere(renamed, &[]), None, "another name for it, another server of it");
        let other = PlanEstate { pod: Some("fra1".into()), ..here.clone() };
        assert!(matches!(saved.elsewhere(other, &[]), Some(PlanRefusal::OtherEstate { .. })));
        assert!(saved.elsewhere(PlanEstate { pod: None, ..here.clone() }, &[]).is_some(), "told by one only");
        for cluster in [None, Some("Cluster-AMS1".into())] {
            let podless = |server: &str| PlanEstate {
                pod: None,
                cluster: cluster.clone(),
                server: server.into(),
                ..here.clone()
            };
            let saved = SavedPlan { estate: podless("cs1"), ..saved.clone() };
            assert_eq!(saved.elsewhere(podless("cs1"), &[]), None);
            assert!(saved.elsewhere(podless("cs2"), &[]).is_some());
            assert_eq!(
                saved.elsewhere(podless("cs2"), &["cs1".into(), "cs2".into()]),
                None,
                "both of one profile"
            );
        }
    }
}
