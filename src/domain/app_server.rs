//! App servers and their groups: the machines that run app sessions (`workspace.md section 9`).

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{AppServerGroupId, AppServerId, CloudJobId, Moment, Text, session::words};

words! {
    /// Whether users can get in.
    AppServerStatus {
        /// Not ready.
        Unregistered = "UNREGISTER",
        /// Ready.
        Registered = "REGISTERED",
        /// Kept from new sessions.
        Maintaining = "MAINTAINING",
        /// Frozen by the cloud.
        Frozen = "FREEZE",
        /// Switched off.
        Stopped = "STOPPED",
        /// Abnormal.
        Abnormal = "NONE",
    }
}

/// A machine that runs sessions. What was not said is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppServer {
    /// Its id.
    pub id: AppServerId,
    /// Its name.
    pub name: Option<Text>,
    /// The name of the machine in its domain.
    pub machine_name: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// The group it belongs to.
    pub server_group_id: Option<AppServerGroupId>,
    /// The name of that.
    pub server_group_name: Option<Text>,
    /// Whether users can get in.
    pub status: Option<AppServerStatus>,
    /// The state of the machine: `ACTIVE`, `SHUTOFF`, `REBOOT` and many more, as the server spells it.
    pub vm_status: Option<Text>,
    /// What it is doing, as the server spells it; `None` when it is idle or the server does not say.
    pub task_status: Option<Text>,
    /// Whether it is doing nothing; `None` when the server does not say.
    pub idle: Option<bool>,
    /// Whether it is kept from new sessions.
    pub maintenance: Option<bool>,
    /// How many sessions run on it.
    pub sessions: Option<i64>,
    /// The image it was made from, in the image service.
    pub image_id: Option<Text>,
    /// The machine in the compute service.
    pub instance_id: Option<Text>,
    /// Its domain.
    pub domain: Option<Text>,
    /// Its operating system.
    pub os_type: Option<Text>,
    /// The version of that.
    pub os_version: Option<Text>,
    /// Its addresses.
    pub addresses: Vec<Text>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// When it last changed.
    pub updated_at: Option<Moment>,
    /// The last job of the cloud on it.
    pub job_id: Option<CloudJobId>,
    /// What that did, as the server spells it.
    pub job_kind: Option<Text>,
    /// How far that came, as the server spells it.
    pub job_status: Option<Text>,
}

impl AppServer {
    /// An app server of which nothing but the id is known.
    pub fn new(id: AppServerId) -> Self {
        Self {
            id,
            name: None,
            machine_name: None,
            description: None,
            server_group_id: None,
            server_group_name: None,
            status: None,
            vm_status: None,
            task_status: None,
            idle: None,
            maintenance: None,
            sessions: None,
            image_id: None,
            instance_id: None,
            domain: None,
            os_type: None,
            os_version: None,
            addresses: Vec::new(),
            created_at: None,
            updated_at: None,
            job_id: None,
            job_kind: None,
            job_status: None,
        }
    }

    /// What to call it: its name, the machine's name, or its id.
    pub fn label(&self) -> Text {
        let name = self.name.clone().or_else(|| self.machine_name.clone());
        name.unwrap_or_else(|| Text::clean(self.id.raw()))
    }

    /// Whether it is seen to be starting again (`workspace.md section 9.2`: `rebooting`, `reboot_pending`, `REBOOT` ...).
    pub fn is_rebooting(&self) -> bool {
        self.task_status.as_ref().is_some_and(|task| task.as_str().starts_with("reboot"))
            || matches!(self.vm_status.as_ref().map(Text::as_str), Some("REBOOT" | "HARD_REBOOT"))
    }

    /// Whether it is seen to run and to do nothing else.
    pub fn is_up(&self) -> bool {
        self.idle == Some(true) && self.vm_status.as_ref().is_some_and(|word| word.as_str() == "ACTIVE")
    }

    /// Whether it is seen to be switched off.
    pub fn is_off(&self) -> bool {
        self.vm_status.as_ref().is_some_and(|word| word.as_str() == "SHUTOFF")
    }
}

/// Which app servers are asked for; all of them without a condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppServerQuery {
    /// Of this group.
    pub group: Option<AppServerGroupId>,
    /// A part of the name.
    pub name: Option<String>,
    /// A part of the machine's name.
    pub machine_name: Option<String>,
    /// Kept from new sessions, or not.
    pub maintenance: Option<bool>,
}

/// What is asked of app servers. None of it gives a job: their states have to be watched (`workspace.md section 9.3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppServerVerb {
    /// Restart the guest; ends the sessions on it.
    Reboot,
    /// The same by the power button.
    RebootHard,
    /// Switch it on.
    Start,
    /// Shut the guest down; ends the sessions on it.
    Stop,
    /// Take the power away; ends the sessions on it.
    StopHard,
    /// Keep new sessions away.
    MaintenanceOn,
    /// Let new sessions in again.
    MaintenanceOff,
}

impl AppServerVerb {
    /// All, in the order of a menu.
    pub const ALL: [Self; 7] = [
        Self::MaintenanceOn,
        Self::MaintenanceOff,
        Self::Start,
        Self::Reboot,
        Self::Stop,
        Self::RebootHard,
        Self::StopHard,
    ];

    /// The name in commands and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reboot => "reboot",
            Self::RebootHard => "reboot-hard",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::StopHard => "stop-hard",
            Self::MaintenanceOn => "maintenance-on",
            Self::MaintenanceOff => "maintenance-off",
        }
    }

    /// Whether it ends the sessions on the machine: their number belongs into the question.
    pub fn ends_sessions(self) -> bool {
        matches!(self, Self::Reboot | Self::RebootHard | Self::Stop | Self::StopHard)
    }

    /// The verb with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }
}

impl fmt::Display for AppServerVerb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What a plan can ask of an app server: to be emptied and to start again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerOrder {
    /// Keep new sessions away until nobody is left: those that run go on.
    Drain,
    /// Let new sessions in again.
    Undrain,
    /// Restart the guest; ends the sessions on it.
    Reboot,
    /// The same by the power button.
    RebootHard,
}

impl ServerOrder {
    /// All, in the order of a menu.
    pub const ALL: [Self; 4] = [Self::Drain, Self::Undrain, Self::Reboot, Self::RebootHard];

    /// What is sent for it.
    pub fn verb(self) -> AppServerVerb {
        match self {
            Self::Drain => AppServerVerb::MaintenanceOn,
            Self::Undrain => AppServerVerb::MaintenanceOff,
            Self::Reboot => AppServerVerb::Reboot,
            Self::RebootHard => AppServerVerb::RebootHard,
        }
    }

    /// Whether it ends the sessions on the machine.
    pub fn ends_sessions(self) -> bool {
        self.verb().ends_sessions()
    }

    /// What it makes of maintenance; `None` when it leaves it alone.
    pub fn maintenance(self) -> Option<bool> {
        match self {
            Self::Drain => Some(true),
            Self::Undrain => Some(false),
            Self::Reboot | Self::RebootHard => None,
        }
    }
}

/// A group of app servers. What was not said is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppServerGroup {
    /// Its id.
    pub id: AppServerGroupId,
    /// Its name.
    pub name: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// The image new servers are made from, in the image service.
    pub image_id: Option<Text>,
    /// The name of that.
    pub image_name: Option<Text>,
    /// `Windows`, `Linux` or `Other`.
    pub os_type: Option<Text>,
    /// What it serves: `SESSION_DESKTOP_APP` or `COMMON_APP`.
    pub app_type: Option<Text>,
    /// Whether it is switched on.
    pub enabled: Option<bool>,
    /// Whether each server has one session only.
    pub single_session: Option<bool>,
    /// How many servers are in it.
    pub servers: Option<i64>,
    /// How many app groups are bound to it.
    pub app_groups: Option<i64>,
    /// When it was made.
    pub created_at: Option<Moment>,
    /// When it last changed.
    pub updated_at: Option<Moment>,
}

/// How many servers of a group are in which state.
pub type AppServerCounts = BTreeMap<AppServerStatus, i64>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_is_doing_is_only_what_it_says() {
        let mut server = AppServer::new("s".into());
        assert!(!server.is_up() && !server.is_rebooting() && !server.is_off());
        server.vm_status = Some("ACTIVE".into());
        assert!(!server.is_up(), "whether it does something is not known");
        server.idle = Some(true);
        assert!(server.is_up());
        for task in ["rebooting", "rebooting_hard", "reboot_pending"] {
            (server.idle, server.task_status) = (Some(false), Some(task.into()));
            assert!(server.is_rebooting() && !server.is_up(), "{task}");
        }
        server.task_status = Some("rebuilding".into());
        assert!(!server.is_rebooting());
    }

    #[test]
    fn names_of_verbs_lead_back_to_them() {
        for verb in AppServerVerb::ALL {
            assert_eq!(AppServerVerb::from_name(verb.name()), Some(verb));
        }
        assert!(!AppServerVerb::MaintenanceOn.ends_sessions() && AppServerVerb::StopHard.ends_sessions());
    }
}
