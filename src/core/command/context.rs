//! The contexts: where a key is pressed.

use serde::{Deserialize, Serialize};

/// Declares contexts with their name in the configuration file, their heading and what they are.
macro_rules! contexts {
    ($($variant:ident = $id:literal, $title:literal, $doc:literal;)+) => {
        /// Where a key is pressed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Context {
            $(#[doc = $doc] $variant,)+
        }

        impl Context {
            /// All contexts, in the order of the key reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in the configuration file.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// The heading in help and docs.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

contexts! {
    Sessions = "sessions", "Sessions table", "The table of sessions.";
    Events = "events", "Event pane", "The event pane.";
    ActionMenu = "action-menu", "Action menu", "The menu of verbs, after `a`.";
    Planning = "planning", "While a plan is made", "While a plan of many targets is made.";
    PlanSheet = "plan-sheet", "Plan sheet", "The sheet of a plan.";
    Composer = "composer", "Message composer", "The message composer.";
    JobSheet = "job-sheet", "Job sheet", "The sheet of a job.";
    JobList = "job-list", "List of jobs", "The list of jobs.";
    RecordSheet = "record-sheet", "Job on record", "A job on record.";
    ResumeSheet = "resume-sheet", "Going on with a job", "What is left of a job on record, before it is gone on with.";
    Detail = "session-details", "Session details", "The details of one session.";
    Permissions = "permissions", "Permissions list", "The list of permissions.";
    PermissionDetail = "permission-detail", "Permission details", "The details of a permission, and the answer to `:can`.";
    Images = "images", "Image tree", "The tree of images.";
    ImageDetail = "image-detail", "Image details", "The details of a node of the image tree.";
    ImageServers = "image-servers", "Image servers (Workspace)", "The list of image servers, over Workspace.";
    AppGroups = "app-groups", "App groups (Workspace)", "The list of app groups and of who may use them, over Workspace.";
    AppServers = "app-servers", "App servers (Workspace)", "The list of app servers, over Workspace.";
    CloudDetail = "cloud-detail", "Details of an image server, app group or app server (Workspace)", "The details of an image server, app group, authorization or app server.";
    Builds = "builds", "Image builds (Workspace)", "The list of image builds.";
    ChangeMenu = "change-menu", "Change menu", "The menu of changes, after `a` on the permissions and images tabs.";
    Form = "form", "Form", "A form.";
    ChangeSheet = "change-sheet", "Sheet of changes", "The sheet of a plan of changes.";
    ChangeJobSheet = "change-job-sheet", "Job of changes", "The sheet of a job of changes.";
    EventDetail = "event-detail", "Event details", "What an event means.";
    Pods = "pods", "Pods", "The pods of the federation.";
    WhoAmI = "whoami", "What I may do", "What the own account may do.";
    Governor = "governor", "Governor", "What the governor does.";
    Columns = "columns", "List of columns", "The list of columns.";
    Facets = "breakdown", "Breakdown", "The breakdown of the shown sessions.";
    Diff = "changed", "What changed", "What changed since some time ago.";
    Timeline = "timeline", "Timeline of a session", "What was seen of a session.";
    Raw = "raw", "Raw record of a session", "All that a server said of a session.";
    Themes = "themes", "List of themes", "The list of themes.";
    Help = "help", "Help", "The help.";
    Leave = "leave", "Leaving while a job runs", "The question before leaving while a job runs.";
}

impl Context {
    /// The context with this name.
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|context| context.id() == id)
    }

    /// Whether letters and blanks are typed into a text there, so that none of them can be a key.
    pub fn types_text(self) -> bool {
        matches!(self, Self::Composer | Self::Form | Self::ChangeSheet | Self::Help)
    }

    /// Whether digits are typed into a number there.
    pub fn types_digits(self) -> bool {
        self.types_text() || matches!(self, Self::PlanSheet | Self::ResumeSheet)
    }
}
