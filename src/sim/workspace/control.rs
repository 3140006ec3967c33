//! What tests may see and do of Workspace behind the server's back.

use super::gate::WorkspaceAccess;
use crate::sim::control::SimControl;
use crate::sim::estate::{Estate, Workspace};

/// What is true of an app session now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSessionTruth {
    /// The id that a logoff takes.
    pub id: String,
    /// The login name without the domain.
    pub user_name: String,
    /// `Active`, `Disconnected`, `AppcInit`, `SignedOut` or `InitFail`.
    pub state: String,
    /// The app server.
    pub machine_name: String,
    /// The app server group.
    pub server_group: String,
    /// When it began, in epoch milliseconds.
    pub start: i64,
    /// When it ended, in epoch milliseconds.
    pub end: Option<i64>,
    /// Whether a logoff was accepted.
    pub leaving: bool,
    /// Whether it accepts a logoff and stays.
    pub stuck: bool,
    /// The texts of the logoffs sent to it, oldest first.
    pub messages: Vec<String>,
}

/// What is true of an image server now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageServerTruth {
    /// The id that paths take.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `CREATING`, `ACTIVE`, `BUILDING`, `BUILT`, `ERROR` or `DELETING`.
    pub status: String,
    /// The image last built; empty before.
    pub image_id: String,
}

/// What is true of an image job now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageJobTruth {
    /// The id.
    pub id: String,
    /// `CREATE_SERVER`, `CREATE_SERVER_IMAGE` or `DELETE_SERVER`.
    pub job_type: String,
    /// `WAITING`, `RUNNING`, `SUCCESS` or `FAILED`.
    pub status: String,
    /// The statuses of its parts.
    pub parts: Vec<String>,
    /// The names of what its parts make or delete.
    pub resources: Vec<String>,
    /// Why it failed.
    pub error: Option<String>,
}

impl SimControl {
    /// How the identities of Workspace get in; empty where the world has no workspace. The built-in worlds have
    /// `admin`, and `viewer` who may only read.
    pub fn workspace_access(&self) -> Vec<WorkspaceAccess> {
        self.shared.gate().identities.clone()
    }

    fn read<T>(&self, read: impl Fn(&Estate, &Workspace) -> Vec<T>) -> Vec<T> {
        let estate = self.shared.estate();
        estate.workspace.as_ref().map(|workspace| read(&estate, workspace)).unwrap_or_default()
    }

    /// What is true of all app sessions, oldest first, those that are over included.
    pub fn app_sessions(&self) -> Vec<AppSessionTruth> {
        self.read(|_, workspace| {
            let truth = |session: &crate::sim::estate::AppSession| {
                let server = &workspace.servers[session.server];
                AppSessionTruth {
                    id: session.id.clone(),
                    user_name: session.login.to_string(),
                    state: session.state.word().to_owned(),
                    machine_name: server.name.clone(),
                    server_group: workspace.server_groups[server.group].name.clone(),
                    start: session.start,
                    end: session.end,
                    leaving: session.leaving,
                    stuck: session.stuck,
                    messages: session.messages.clone(),
                }
            };
            workspace.sessions.iter().map(truth).collect()
        })
    }

    /// What is true of all image servers, in the order of the world.
    pub fn image_servers(&self) -> Vec<ImageServerTruth> {
        self.read(|_, workspace| {
            let truth = |server: &crate::sim::estate::ImageServer| ImageServerTruth {
                id: server.id.clone(),
                name: server.name.clone(),
                status: server.status.word().to_owned(),
                image_id: server.image_id.clone(),
            };
            workspace.image_servers.iter().map(truth).collect()
        })
    }

    /// What is true of all image jobs, in the order in which they were made.
    pub fn image_jobs(&self) -> Vec<ImageJobTruth> {
        self.read(|_, workspace| {
            let truth = |job: &crate::sim::estate::ImageJob| ImageJobTruth {
                id: job.id.clone(),
                job_type: job.kind.word().to_owned(),
                status: job.status.word().to_owned(),
                parts: job.parts.iter().map(|part| part.status.word().to_owned()).collect(),
                resources: job.parts.iter().map(|part| part.resource_name.clone()).collect(),
                error: job.parts.iter().find_map(|part| part.error.clone()).map(|(_, text)| text),
            };
            workspace.jobs.iter().map(truth).collect()
        })
    }

    /// Makes an app session accept logoffs and stay, or frees it; false when there is none.
    pub fn set_app_session_stuck(&self, id: &str, stuck: bool) -> bool {
        let mut estate = self.shared.estate();
        let Some(workspace) = &mut estate.workspace else { return false };
        let found = workspace.sessions.iter_mut().find(|session| session.id == id);
        found.map(|session| session.stuck = stuck).is_some()
    }

    /// Makes every token of Workspace invalid; the keys still work.
    pub fn expire_workspace_tokens(&self) {
        self.shared.gate().expire_tokens();
    }
}
