//! What only Workspace has: image servers and the builds of images from them, app groups and who may use them, app servers
//! (`workspace.md sections 5, 6 and 8`).
//!
//! It knows neither the screen nor the wire. Image servers stand on the tab of images, app groups on that of permissions,
//! app servers on one of their own.

mod access;
mod app_servers;
mod authorize;
mod build_form;
mod builds;
mod filter;
mod list;
pub(crate) mod record;
mod servers;
#[cfg(test)]
pub(crate) mod testing;

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    core::{
        effect::RequestId,
        remote::Remote,
        state::{Poll, State},
    },
    domain::{
        AppServer, AppServerId, CloudJobId, Fault, ImageJob, ImageServer, ImageServerId, ImageServerStatus,
        WireKind,
    },
};

pub use access::{AccessBook, AccessLine, AccessRow, account_kind};
pub(crate) use app_servers::changed_meanwhile;
use app_servers::is_moving;
pub use app_servers::{Chosen, app_server_fields, drain_words, machine_words, order_plan, os_words};
pub use authorize::{
    access_errors, authorize_form, authorize_plan, plan_of_authorizations, plan_of_removals, remove_plan,
};
pub use build_form::{Drafted, build_errors, build_form, build_plan, build_preview, plan_of_build};
pub use builds::{Asked, Build, BuildList, Builds, OrderRecord, Orders, took};
pub use filter::CloudFilter;
pub use list::ListView;
pub use servers::{columns_of, server_filter_fields};

/// Rows of a list as they were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudList<T> {
    /// The rows, in the order of the server.
    pub rows: Vec<T>,
    /// Whether every row is there. Otherwise absence proves nothing.
    pub complete: bool,
    /// Rows that could not be read and were left out.
    pub unreadable: usize,
}

/// What is known of Workspace; nothing over another wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloudState {
    /// From when on sessions are listed: one that began earlier is in no list, however alive.
    pub sessions_since: Option<Timestamp>,
    /// The image servers.
    pub servers: Remote<Arc<CloudList<ImageServer>>>,
    /// Reading them.
    pub servers_poll: Poll,
    /// Cursor and filter of the image servers.
    pub servers_view: ListView<ImageServerId>,
    /// App groups and who may use them.
    pub access: Remote<Arc<AccessBook>>,
    /// Reading them.
    pub access_poll: Poll,
    /// Cursor, marks and filter of the app groups.
    pub access_view: ListView<AccessRow>,
    /// The app servers.
    pub app_servers: Remote<Arc<CloudList<AppServer>>>,
    /// Reading them.
    pub app_servers_poll: Poll,
    /// Cursor, marks and filter of the app servers.
    pub app_servers_view: ListView<AppServerId>,
    /// The builds of images.
    pub builds: Builds,
}

impl Default for CloudState {
    fn default() -> Self {
        Self {
            sessions_since: None,
            servers: Remote::NotAsked,
            servers_poll: Poll::default(),
            servers_view: ListView::default(),
            access: Remote::NotAsked,
            access_poll: Poll::default(),
            access_view: ListView::default(),
            app_servers: Remote::NotAsked,
            app_servers_poll: Poll::default(),
            app_servers_view: ListView::default(),
            builds: Builds::default(),
        }
    }
}

/// What is wanted of Workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CloudEffect {
    /// Read the image servers. Answered by `ServersRead`.
    FetchServers {
        /// Comes back with the answer.
        request: RequestId,
    },
    /// Read app groups and authorizations. Answered by `AccessRead`.
    FetchAccess {
        /// Comes back with the answer.
        request: RequestId,
    },
    /// Read the app servers. Answered by `AppServersRead`.
    FetchAppServers {
        /// Comes back with the answer.
        request: RequestId,
    },
    /// Read all builds, and what is on record of those that were ordered here. Answered by `BuildsRead`.
    FetchBuilds {
        /// Comes back with the answer.
        request: RequestId,
    },
    /// Look how far a build is. Answered by `BuildRead`.
    FollowBuild {
        /// The cloud's job.
        job: CloudJobId,
    },
}

/// What is told of Workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CloudMsg {
    /// From when on sessions are listed.
    SessionsSince(Timestamp),
    /// The image servers.
    ServersRead {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Result<Arc<CloudList<ImageServer>>, Fault>,
    },
    /// App groups and authorizations.
    AccessRead {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Result<Arc<AccessBook>, Fault>,
    },
    /// The app servers.
    AppServersRead {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Result<Arc<CloudList<AppServer>>, Fault>,
    },
    /// All builds.
    BuildsRead {
        /// The question.
        request: RequestId,
        /// What is on record of those that were ordered here.
        #[serde(default)]
        record: Box<OrderRecord>,
        /// The answer.
        answer: Result<Box<BuildList>, Fault>,
    },
    /// How far a build is.
    BuildRead {
        /// The cloud's job.
        job: CloudJobId,
        /// The answer.
        answer: Result<Box<ImageJob>, Fault>,
    },
}

/// A sheet about something that only Workspace has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CloudSheet {
    /// Everything about an image server.
    Server {
        /// Which.
        server: ImageServerId,
        /// First line shown.
        scroll: usize,
    },
    /// Everything about an app server.
    AppServer {
        /// Which.
        server: AppServerId,
        /// First line shown.
        scroll: usize,
    },
    /// Everything about an app group or an authorization.
    Access {
        /// Which.
        row: AccessRow,
        /// First line shown.
        scroll: usize,
    },
    /// The builds.
    Builds {
        /// The build under the cursor; the first one before a key chose.
        chosen: Option<CloudJobId>,
    },
    /// Everything about a build.
    Build {
        /// Which.
        job: CloudJobId,
        /// First line shown.
        scroll: usize,
    },
}

/// Whether the estate is reached over Workspace: as the profile says until somebody answered.
pub fn is_cloud(state: &State) -> bool {
    state.wire() == WireKind::Workspace
}

impl CloudList<AppServer> {
    /// The app servers that a filter shows, in their order.
    pub fn app_servers(&self, filter: &CloudFilter) -> Vec<&AppServer> {
        self.rows.iter().filter(|server| filter.matches(&app_servers::facts(server))).collect()
    }

    /// What no app server says of what a filter asks for, in words with the nearest value.
    pub fn unheard(&self, filter: &CloudFilter) -> Option<String> {
        filter::unheard(filter, &self.rows.iter().map(app_servers::facts).collect::<Vec<_>>())
    }
}

/// Seconds between two readings of a list while its tab is shown.
const SECONDS: u32 = 60;
/// The same while something in it moves.
const MOVING_SECONDS: u32 = 30;

/// Whether one of the filters here has a field with this name.
pub(super) fn is_field(name: &str) -> bool {
    let lists = [access::FIELDS, servers::server_filter_fields(), app_server_fields()];
    lists.into_iter().flatten().any(|known| known.eq_ignore_ascii_case(name))
}

impl CloudState {
    /// Seconds between two readings of the image servers.
    pub fn servers_interval(&self) -> u32 {
        let passing =
            |server: &ImageServer| server.status.as_ref().is_some_and(ImageServerStatus::is_passing);
        let moves = self.servers.value().is_some_and(|list| list.rows.iter().any(passing));
        if moves { MOVING_SECONDS } else { SECONDS }
    }

    /// Seconds between two readings of the app servers.
    pub fn app_servers_interval(&self) -> u32 {
        let moves = self.app_servers.value().is_some_and(|list| list.rows.iter().any(is_moving));
        if moves { MOVING_SECONDS } else { SECONDS }
    }

    /// Seconds between two readings of the app groups.
    pub fn access_interval(&self) -> u32 {
        SECONDS
    }

    /// The image servers that are shown, in their order; those with a part of the name that is filtered for and so on.
    pub fn shown_servers(&self) -> Vec<&ImageServer> {
        let filter = self.servers_view.filter_in_force(servers::server_filter_fields());
        let rows = self.servers.value().map(|list| list.rows.as_slice()).unwrap_or_default();
        rows.iter().filter(|server| filter.matches(&servers::facts(server))).collect()
    }

    /// The image server with this id.
    pub fn server(&self, id: &ImageServerId) -> Option<&ImageServer> {
        self.servers.value()?.rows.iter().find(|server| server.id == *id)
    }

    /// The app groups and authorizations that are shown, in their order.
    pub fn shown_access(&self) -> Vec<AccessLine<'_>> {
        let filter = self.access_view.filter_in_force(access::FIELDS);
        self.access.value().map_or_else(Vec::new, |book| book.lines(&filter))
    }

    /// The app servers that are shown, in their order.
    pub fn shown_app_servers(&self) -> Vec<&AppServer> {
        let filter = self.app_servers_view.filter_in_force(app_server_fields());
        self.app_servers.value().map_or_else(Vec::new, |list| list.app_servers(&filter))
    }

    /// The app server with this id.
    pub fn app_server(&self, id: &AppServerId) -> Option<&AppServer> {
        self.app_servers.value()?.rows.iter().find(|server| server.id == *id)
    }

    /// What the line of that filter could become at its end.
    pub fn complete_servers(&self, text: &str) -> Vec<String> {
        let rows = self.servers.value().map(|list| list.rows.as_slice()).unwrap_or_default();
        filter::complete(text, servers::server_filter_fields(), rows.iter().map(servers::facts))
    }

    /// What the line of the filter of app groups could become at its end.
    pub fn complete_access(&self, text: &str) -> Vec<String> {
        let rows = self.access.value().map(|book| book.facts()).unwrap_or_default();
        filter::complete(text, access::FIELDS, rows.into_iter())
    }

    /// The fields of the filter of app groups.
    pub fn access_fields() -> &'static [&'static str] {
        access::FIELDS
    }
}
