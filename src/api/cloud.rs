//! What only the cloud has: image servers and jobs on images, app servers, app groups (`workspace.md sections 5 to 9`).
//!
//! Over any other wire every call ends with a fault of kind `NotOffered`, and nothing is sent.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{Estate, ListProgress, Operation, RequestClass, workspace::wire::Workspace};
use crate::domain::{
    AppAccount, AppGroup, AppGroupId, AppServer, AppServerCounts, AppServerGroup, AppServerGroupId,
    AppServerId, AppServerQuery, AppServerVerb, Authorization, AuthorizationQuery, CloudJobId, CloudJobKind,
    CloudJobStatus, Fault, ImageJob, ImageServer, ImageServerEdit, ImageServerId, ImageServerQuery, NewImage,
    Session, SubJob, WireKind,
};

/// A list as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// The rows, each once, in the order of the server.
    pub rows: Vec<T>,
    /// Whether every row is there: the list stood still while it was read, has as many rows as the server counts, and
    /// every row could be read. Otherwise absence from it proves nothing.
    pub complete: bool,
    /// Rows that could not be read and were left out.
    pub unreadable: usize,
    /// Fields that could not be read and count as unknown.
    pub unreadable_fields: usize,
}

impl Estate {
    /// Most image servers in one [`Estate::delete_image_servers`], and most app servers in one
    /// [`Estate::act_on_app_servers`].
    pub const MAX_SERVERS: usize = 20;
    /// Most app groups in one change of authorizations.
    pub const MAX_APP_GROUPS: usize = 10;
    /// Most accounts in one change of authorizations.
    pub const MAX_ACCOUNTS: usize = 50;

    /// From when on sessions are listed: one that began earlier is in no list, however alive. Fixed for a run; `None`
    /// where lists have no such window.
    pub fn sessions_since(&self) -> Option<Timestamp> {
        self.workspace().map(Workspace::since)
    }

    /// Begins the window of the session lists earlier, never later: a job of an earlier run had another one, and what
    /// slid out of the window would seem to have ended.
    pub fn list_sessions_since(&self, since: Timestamp) {
        if let Some(workspace) = self.workspace() {
            workspace.widen(since);
        }
    }

    /// Says which sessions a job of an earlier run or a saved plan knows: when a list does not have them, they are looked
    /// for in every state before they count as ended. Elsewhere lists have sessions of all states.
    pub fn remember_sessions<'a>(&self, sessions: impl IntoIterator<Item = &'a Session>) {
        if let Some(workspace) = self.workspace() {
            workspace.remember(sessions);
        }
    }

    /// All sessions of one user, also those that have ended, without names of server groups. `user` goes without its
    /// domain.
    pub async fn sessions_of(&self, class: RequestClass, user: &str) -> Result<Vec<Session>, Fault> {
        let workspace = self.cloud(Operation::ListUserSessions)?;
        workspace.sessions_of(class, user).await.map_err(of_cloud)
    }

    /// The image servers that a query picks.
    pub async fn image_servers(
        &self,
        class: RequestClass,
        query: &ImageServerQuery,
        progress: impl Fn(ListProgress<'_>) + Send + Sync,
    ) -> Result<Listing<ImageServer>, Fault> {
        let workspace = self.cloud(Operation::ListImageServers)?;
        workspace.image_servers(class, query, progress).await.map_err(of_cloud)
    }

    /// One image server as it is now; `EntityNotFound` when it is gone.
    pub async fn image_server(&self, class: RequestClass, id: &ImageServerId) -> Result<ImageServer, Fault> {
        let workspace = self.cloud(Operation::ReadImageServer)?;
        workspace.image_server(class, id).await.map_err(of_cloud)
    }

    /// Changes name or description.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when a rule for these texts is broken: nothing is sent then.
    pub async fn update_image_server(
        &self,
        id: &ImageServerId,
        edit: &ImageServerEdit,
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        let workspace = self.cloud(Operation::UpdateImageServer)?;
        workspace.update_image_server(id, edit, stop).await.map_err(of_cloud)
    }

    /// Deletes up to [`Estate::MAX_SERVERS`] image servers; with `everything` also the app server, its group and the app
    /// group that were made along with each: applications on them stop working. Built images stay. Gives the job of the
    /// cloud that does it; unknown ids are passed over.
    pub async fn delete_image_servers(
        &self,
        ids: &[ImageServerId],
        everything: bool,
        stop: &CancellationToken,
    ) -> Result<CloudJobId, Fault> {
        let workspace = self.cloud(Operation::DeleteImageServers)?;
        workspace.delete_image_servers(ids, everything, stop).await.map_err(of_cloud)
    }

    /// Builds an image from an image server that is `ACTIVE` or `BUILT`. Gives the job of the cloud that does it: it does
    /// not say which image server it works on, remember it.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when a rule for name or description is broken: nothing is sent then.
    pub async fn recreate_image(
        &self,
        id: &ImageServerId,
        image: &NewImage,
        stop: &CancellationToken,
    ) -> Result<CloudJobId, Fault> {
        let workspace = self.cloud(Operation::RecreateImage)?;
        workspace.recreate_image(id, image, stop).await.map_err(of_cloud)
    }

    /// The cloud's jobs of one kind; without a kind all of the three kinds that can be listed, in turn. Rows have no
    /// parts.
    pub async fn image_jobs(
        &self,
        class: RequestClass,
        kind: Option<CloudJobKind>,
        status: Option<CloudJobStatus>,
    ) -> Result<Listing<ImageJob>, Fault> {
        let workspace = self.cloud(Operation::ListImageJobs)?;
        workspace.image_jobs(class, kind, status).await.map_err(of_cloud)
    }

    /// One job on images with its parts; `EntityNotFound` is final.
    pub async fn image_job(&self, class: RequestClass, id: &CloudJobId) -> Result<ImageJob, Fault> {
        let workspace = self.cloud(Operation::ReadImageJob)?;
        workspace.image_job(class, id).await.map_err(of_cloud)
    }

    /// The parts of the jobs of one kind, or of one of them.
    pub async fn image_sub_jobs(
        &self,
        class: RequestClass,
        kind: CloudJobKind,
        job: Option<&CloudJobId>,
    ) -> Result<Listing<SubJob>, Fault> {
        let workspace = self.cloud(Operation::ListImageSubJobs)?;
        workspace.image_sub_jobs(class, &kind, job).await.map_err(of_cloud)
    }

    /// All app server groups.
    pub async fn app_server_groups(&self, class: RequestClass) -> Result<Listing<AppServerGroup>, Fault> {
        let workspace = self.cloud(Operation::ListAppServerGroups)?;
        workspace.app_server_groups(class).await.map_err(of_cloud)
    }

    /// How many servers of a group are in which state.
    pub async fn app_server_counts(
        &self,
        class: RequestClass,
        id: &AppServerGroupId,
    ) -> Result<AppServerCounts, Fault> {
        let workspace = self.cloud(Operation::ReadAppServerGroupState)?;
        workspace.app_server_counts(class, id).await.map_err(of_cloud)
    }

    /// The app servers that a query picks.
    pub async fn app_servers(
        &self,
        class: RequestClass,
        query: &AppServerQuery,
    ) -> Result<Listing<AppServer>, Fault> {
        let workspace = self.cloud(Operation::ListAppServers)?;
        workspace.app_servers(class, query).await.map_err(of_cloud)
    }

    /// One app server as it is now; `EntityNotFound` when it is gone.
    pub async fn app_server(&self, class: RequestClass, id: &AppServerId) -> Result<AppServer, Fault> {
        let workspace = self.cloud(Operation::ReadAppServer)?;
        workspace.app_server(class, id).await.map_err(of_cloud)
    }

    /// Asks something of up to [`Estate::MAX_SERVERS`] app servers. That it was taken says nothing about the single ones;
    /// a fault means that nothing is known of any of them. There is no job: watch their states.
    pub async fn act_on_app_servers(
        &self,
        verb: AppServerVerb,
        ids: &[AppServerId],
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        let workspace = self.cloud(Operation::of_app_servers(verb))?;
        workspace.act_on_app_servers(verb, ids, stop).await.map_err(of_cloud)
    }

    /// One of the cloud's jobs on app servers, with its parts.
    pub async fn app_server_job(&self, class: RequestClass, id: &CloudJobId) -> Result<ImageJob, Fault> {
        let workspace = self.cloud(Operation::ReadAppServerJob)?;
        workspace.app_server_job(class, id).await.map_err(of_cloud)
    }

    /// All app groups.
    pub async fn app_groups(&self, class: RequestClass) -> Result<Listing<AppGroup>, Fault> {
        let workspace = self.cloud(Operation::ListAppGroups)?;
        workspace.app_groups(class).await.map_err(of_cloud)
    }

    /// Who may use which app groups.
    pub async fn authorizations(
        &self,
        class: RequestClass,
        query: &AuthorizationQuery,
    ) -> Result<Listing<Authorization>, Fault> {
        let workspace = self.cloud(Operation::ListAuthorizations)?;
        workspace.authorizations(class, query).await.map_err(of_cloud)
    }

    /// Lets every account use every group, [`Estate::MAX_ACCOUNTS`] and [`Estate::MAX_APP_GROUPS`] at most; users may get
    /// a mail. There is no answer for the single ones: read the authorizations again.
    pub async fn authorize(
        &self,
        groups: &[AppGroupId],
        accounts: &[AppAccount],
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        let workspace = self.cloud(Operation::AddAuthorizations)?;
        workspace
            .change_authorizations(Operation::AddAuthorizations, groups, accounts, stop)
            .await
            .map_err(of_cloud)
    }

    /// Lets no account of these use any of these groups any more; as [`Estate::authorize`].
    pub async fn unauthorize(
        &self,
        groups: &[AppGroupId],
        accounts: &[AppAccount],
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        let workspace = self.cloud(Operation::RemoveAuthorizations)?;
        workspace
            .change_authorizations(Operation::RemoveAuthorizations, groups, accounts, stop)
            .await
            .map_err(of_cloud)
    }

    /// The cloud behind it; a fault of kind `NotOffered` when it is reached by another wire.
    fn cloud(&self, operation: Operation) -> Result<&Workspace, Fault> {
        self.workspace().ok_or_else(|| Fault::not_offered(self.wire(), operation.label()))
    }
}

/// Says over which wire a fault came.
pub(super) fn of_cloud(fault: Fault) -> Fault {
    Fault { wire: WireKind::Workspace, ..fault }
}
