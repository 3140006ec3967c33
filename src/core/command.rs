//! The catalogue of commands: what the console can do, in which context, by which keys, explained once.
//!
//! The hints at the bottom, the help overlay, the `:` line and the key reference in `docs/` are all made from it.

use serde::{Deserialize, Serialize};

/// Where a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Context {
    /// The table of sessions.
    Sessions,
    /// The event pane.
    Events,
    /// The menu of verbs, after `a`.
    ActionMenu,
    /// The sheet of a plan.
    PlanSheet,
    /// The message composer.
    Composer,
    /// The sheet of a job.
    JobSheet,
    /// The list of jobs.
    JobList,
    /// The details of one session.
    Detail,
    /// The help.
    Help,
    /// The question before leaving while a job runs.
    Leave,
    /// The list of permissions.
    Permissions,
    /// The details of a permission, and the answer to `:can`.
    PermissionDetail,
    /// The tree of images.
    Images,
    /// The details of a node of the image tree.
    ImageDetail,
    /// The menu of changes, after `a` on the permissions and images tabs.
    ChangeMenu,
    /// A form.
    Form,
    /// The sheet of a plan of changes.
    ChangeSheet,
    /// The sheet of a job of changes.
    ChangeJobSheet,
    /// What an event means.
    EventDetail,
    /// The pods of the federation.
    Pods,
    /// What the own account may do.
    WhoAmI,
}

impl Context {
    /// All contexts, in the order of the key reference.
    pub const ALL: [Self; 21] = [
        Self::Sessions,
        Self::Events,
        Self::ActionMenu,
        Self::PlanSheet,
        Self::Composer,
        Self::JobSheet,
        Self::JobList,
        Self::Detail,
        Self::Permissions,
        Self::PermissionDetail,
        Self::Images,
        Self::ImageDetail,
        Self::ChangeMenu,
        Self::Form,
        Self::ChangeSheet,
        Self::ChangeJobSheet,
        Self::EventDetail,
        Self::Pods,
        Self::WhoAmI,
        Self::Help,
        Self::Leave,
    ];

    /// The heading in help and docs.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sessions => "Sessions table",
            Self::Events => "Event pane",
            Self::ActionMenu => "Action menu",
            Self::PlanSheet => "Plan sheet",
            Self::Composer => "Message composer",
            Self::JobSheet => "Job sheet",
            Self::JobList => "List of jobs",
            Self::Detail => "Session details",
            Self::Help => "Help",
            Self::Leave => "Leaving while a job runs",
            Self::Permissions => "Permissions list",
            Self::PermissionDetail => "Permission details",
            Self::Images => "Image tree",
            Self::ImageDetail => "Image details",
            Self::ChangeMenu => "Change menu",
            Self::Form => "Form",
            Self::ChangeSheet => "Sheet of changes",
            Self::ChangeJobSheet => "Job of changes",
            Self::EventDetail => "Event details",
            Self::Pods => "Pods",
            Self::WhoAmI => "What I may do",
        }
    }
}

/// Declares commands with their id and sentence.
macro_rules! commands {
    ($($variant:ident = $id:literal, $doc:literal;)+) => {
        /// What a key or a `:` command does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Command {
            $(#[doc = $doc] $variant,)+
        }

        impl Command {
            /// Every command.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name: `area.verb`.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// What it does, in one sentence.
            pub fn describe(self) -> &'static str {
                match self { $(Self::$variant => $doc,)+ }
            }
        }
    };
}

commands! {
    MoveDown = "move.down", "Move down one row";
    MoveUp = "move.up", "Move up one row";
    MoveFirst = "move.first", "Go to the first row";
    MoveLast = "move.last", "Go to the last row";
    MoveHalfDown = "move.half-down", "Move down half a page";
    MoveHalfUp = "move.half-up", "Move up half a page";
    MovePageDown = "move.page-down", "Move down a page";
    MovePageUp = "move.page-up", "Move up a page";
    ColumnLeft = "column.left", "Choose the column to the left";
    ColumnRight = "column.right", "Choose the column to the right";
    PaneNext = "pane.next", "Go to the next pane";
    PromptCommand = "prompt.command", "Type a command";
    PromptFilter = "prompt.filter", "Filter the list";
    Back = "view.back", "Go back one layer; twice clears the filter; marks stay";
    OpenDetail = "session.open", "Show everything about this session";
    MarkToggle = "mark.toggle", "Mark or unmark this session and step down";
    MarkRange = "mark.range", "Begin or end a range of marks";
    MarkAllShown = "mark.all-shown", "Mark all shown; again unmarks them";
    MarkSame = "mark.same", "Mark all shown with the same value in this column";
    MarkInvert = "mark.invert", "Invert the marks of the shown";
    MarkClear = "mark.clear", "Clear all marks";
    MarkRestore = "mark.restore", "Bring the last set of marks back";
    MarkWhere = "mark.where", "Mark by an expression";
    UnmarkWhere = "mark.unmark-where", "Unmark by an expression";
    MarkNext = "mark.next", "Go to the next marked session";
    MarkPrevious = "mark.previous", "Go to the previous marked session";
    MarkedOnly = "mark.only", "Show only the marked sessions, or all again";
    FlaggedOnly = "flag.only", "Show only flagged sessions, or all again";
    SortUser = "sort.user", "Sort by user; again reverses";
    SortState = "sort.state", "Sort by state; again reverses";
    SortAge = "sort.age", "Sort by age; again reverses";
    SortColumn = "sort.column", "Sort by the chosen column; again reverses";
    ActionMenu = "action.menu", "Choose what to do with the marked sessions, or this one";
    Message = "session.message", "Write a message to the marked sessions, or this one";
    Disconnect = "session.disconnect", "Plan a disconnect";
    Logoff = "session.logoff", "Plan a polite logoff";
    LogoffForced = "session.logoff-forced", "Plan a forced logoff";
    Restart = "session.restart", "Plan a restart of the guest";
    Reset = "session.reset", "Plan a hard reset of the machine";
    EventSize = "events.size", "Change the size of the event pane";
    EventFollow = "events.follow", "Follow the newest events, or stay";
    EventLevel = "events.level", "Show all, warnings and errors, or errors only";
    EventNextError = "events.next-error", "Go to the next error";
    EventPreviousError = "events.previous-error", "Go to the previous error";
    EventNextWarning = "events.next-warning", "Go to the next warning or error";
    EventPreviousWarning = "events.previous-warning", "Go to the previous warning or error";
    EventGoto = "events.goto-session", "Go to the session of this event";
    Freeze = "view.freeze", "Freeze the picture; polls go on and changes are counted";
    Refresh = "view.refresh", "Read the list again now";
    Redraw = "view.redraw", "Draw the screen afresh";
    ToggleAscii = "view.ascii", "Draw with ASCII characters only, or not";
    ToggleUtc = "view.utc", "Show times in UTC or local time";
    Help = "view.help", "Show the keys that work here";
    Jobs = "job.list", "List the jobs of this run";
    Quit = "app.quit", "Leave";
    Suspend = "app.suspend", "Put Foretop into the background";
    Accept = "sheet.accept", "Open the chosen line, or start once the number is typed";
    Confirm = "plan.confirm", "Start, where no number is asked for";
    PlanTargets = "plan.targets", "Show the targets, who is held back, or the summary";
    PlanHidden = "plan.hidden", "Show the targets that the filter hides";
    ComposerNext = "composer.next-field", "Go to the next field";
    ComposerReview = "composer.review", "Review and send";
    ComposerPreview = "composer.next-preview", "Preview for the next user";
    JobForce = "job.plan-forced", "Plan those refused as locked again, forced";
    JobRetry = "job.retry-failed", "Plan all failed targets again";
    JobStop = "job.stop", "Stop after the calls that are out";
    JobTargets = "job.targets", "Show the targets of this cause, or the causes";
    JobDetach = "job.wait", "Wait for the job, then leave";
    TabSessions = "tab.sessions", "Show the sessions";
    TabPermissions = "tab.permissions", "Show the permissions";
    TabImages = "tab.images", "Show the image streams";
    TabNext = "tab.next", "Show the next tab";
    TabPrevious = "tab.previous", "Show the tab before";
    ScopeToggle = "federation.scope", "List the sessions of all pods, or of this pod only";
    Pods = "federation.pods", "Show the pods and their health";
    Regroup = "permission.regroup", "Group by principal, role or access group";
    OpenPermission = "permission.open", "Show what this permission allows, and why";
    OpenNode = "image.open", "Open or close this node";
    NodeDetail = "image.detail", "Show everything about this node";
    FoldAll = "image.fold-all", "Close all nodes";
    UnfoldAll = "image.unfold-all", "Open all nodes";
    NodeSessions = "image.sessions", "Show the sessions that run on this node";
    ChangeMenu = "change.menu", "Choose what to change";
    ChangeNew = "change.new", "Create one or many";
    ChangeNewVersion = "change.new-version", "Create a version of this stream";
    ChangeNewTag = "change.new-tag", "Create a tag of this stream";
    ChangeNewAsset = "change.new-asset", "Create an asset of this version";
    ChangeEdit = "change.edit", "Change this one";
    ChangeReplace = "change.replace", "Create a new one, then delete this one";
    ChangeMove = "change.move-tag", "Point this tag at another version";
    ChangeDelete = "change.delete", "Delete the marked ones, or this one";
    FormNext = "form.next", "Go to the next field";
    FormPrevious = "form.previous", "Go to the field before";
    FormReview = "form.review", "Review what would be sent";
    EventDetail = "events.explain", "Explain this event";
    WhoAmI = "account.show", "Show the account and what it may do";
}

/// A binding: a sequence of keys in a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Where it holds.
    pub context: Context,
    /// The keys, separated by blanks, as [`super::key::Key`] displays them.
    pub keys: &'static str,
    /// What it does.
    pub command: Command,
    /// Short words for the hint line, for those that are worth a place there.
    pub hint: Option<&'static str>,
}

const fn bind(context: Context, keys: &'static str, command: Command) -> Binding {
    Binding { context, keys, command, hint: None }
}

const fn hint(context: Context, keys: &'static str, command: Command, hint: &'static str) -> Binding {
    Binding { context, keys, command, hint: Some(hint) }
}

use Command as C;
use Context as X;

/// The default keymap (`screens.md section 1`). Enter opens, it never fires; a destructive verb takes a chord and a
/// sheet. Within a context the hints stand in the order in which they are worth knowing.
pub const BINDINGS: &[Binding] = &[
    // Sessions
    hint(X::Sessions, "Space", C::MarkToggle, "mark"),
    hint(X::Sessions, "*", C::MarkAllShown, "all shown"),
    hint(X::Sessions, "/", C::PromptFilter, "filter"),
    hint(X::Sessions, "a", C::ActionMenu, "act"),
    hint(X::Sessions, "m", C::Message, "msg"),
    hint(X::Sessions, "Enter", C::OpenDetail, "detail"),
    hint(X::Sessions, "?", C::Help, "help"),
    hint(X::Sessions, "v", C::MarkRange, "range"),
    hint(X::Sessions, "u", C::MarkClear, "clear"),
    hint(X::Sessions, "M", C::MarkedOnly, "marked only"),
    hint(X::Sessions, "e", C::EventSize, "events"),
    hint(X::Sessions, "p", C::Freeze, "freeze"),
    hint(X::Sessions, ",", C::MarkSame, "same as cell"),
    hint(X::Sessions, "Tab", C::PaneNext, "pane"),
    hint(X::Sessions, "q", C::Quit, "leave"),
    bind(X::Sessions, "j", C::MoveDown),
    bind(X::Sessions, "Down", C::MoveDown),
    bind(X::Sessions, "k", C::MoveUp),
    bind(X::Sessions, "Up", C::MoveUp),
    bind(X::Sessions, "g g", C::MoveFirst),
    bind(X::Sessions, "Home", C::MoveFirst),
    bind(X::Sessions, "G", C::MoveLast),
    bind(X::Sessions, "End", C::MoveLast),
    bind(X::Sessions, "Ctrl-d", C::MoveHalfDown),
    bind(X::Sessions, "Ctrl-u", C::MoveHalfUp),
    bind(X::Sessions, "PgDn", C::MovePageDown),
    bind(X::Sessions, "PgUp", C::MovePageUp),
    bind(X::Sessions, "h", C::ColumnLeft),
    bind(X::Sessions, "Left", C::ColumnLeft),
    bind(X::Sessions, "l", C::ColumnRight),
    bind(X::Sessions, "Right", C::ColumnRight),
    bind(X::Sessions, "Shift-Tab", C::PaneNext),
    bind(X::Sessions, ":", C::PromptCommand),
    bind(X::Sessions, "Esc", C::Back),
    bind(X::Sessions, "d", C::OpenDetail),
    bind(X::Sessions, "Ctrl-Space", C::MarkRange),
    bind(X::Sessions, "~", C::MarkInvert),
    bind(X::Sessions, "g v", C::MarkRestore),
    bind(X::Sessions, "g j", C::Jobs),
    bind(X::Sessions, "g p", C::Pods),
    bind(X::Sessions, "g w", C::WhoAmI),
    bind(X::Sessions, "P", C::ScopeToggle),
    bind(X::Sessions, "1", C::TabSessions),
    bind(X::Sessions, "2", C::TabPermissions),
    bind(X::Sessions, "3", C::TabImages),
    bind(X::Sessions, "g t", C::TabNext),
    bind(X::Sessions, "g T", C::TabPrevious),
    bind(X::Sessions, "+", C::MarkWhere),
    bind(X::Sessions, "_", C::UnmarkWhere),
    bind(X::Sessions, "}", C::MarkNext),
    bind(X::Sessions, "{", C::MarkPrevious),
    bind(X::Sessions, "!", C::FlaggedOnly),
    bind(X::Sessions, "U", C::SortUser),
    bind(X::Sessions, "S", C::SortState),
    bind(X::Sessions, "A", C::SortAge),
    bind(X::Sessions, "O", C::SortColumn),
    bind(X::Sessions, "Ctrl-r", C::Refresh),
    bind(X::Sessions, "Ctrl-l", C::Redraw),
    bind(X::Sessions, "z a", C::ToggleAscii),
    bind(X::Sessions, "z u", C::ToggleUtc),
    bind(X::Sessions, "Ctrl-c", C::Quit),
    bind(X::Sessions, "Ctrl-z", C::Suspend),
    // Events
    hint(X::Events, "f", C::EventFollow, "follow"),
    hint(X::Events, "e", C::EventNextError, "next error"),
    hint(X::Events, "w", C::EventNextWarning, "next warning"),
    hint(X::Events, "L", C::EventLevel, "level"),
    hint(X::Events, "/", C::PromptFilter, "filter"),
    hint(X::Events, "z", C::EventSize, "zoom"),
    hint(X::Events, "Enter", C::EventGoto, "to session"),
    hint(X::Events, "Tab", C::PaneNext, "table"),
    hint(X::Events, "?", C::Help, "help"),
    hint(X::Events, "d", C::EventDetail, "explain"),
    bind(X::Events, "1", C::TabSessions),
    bind(X::Events, "2", C::TabPermissions),
    bind(X::Events, "3", C::TabImages),
    bind(X::Events, "E", C::EventPreviousError),
    bind(X::Events, "W", C::EventPreviousWarning),
    bind(X::Events, "j", C::MoveDown),
    bind(X::Events, "Down", C::MoveDown),
    bind(X::Events, "k", C::MoveUp),
    bind(X::Events, "Up", C::MoveUp),
    bind(X::Events, "g g", C::MoveFirst),
    bind(X::Events, "Home", C::MoveFirst),
    bind(X::Events, "G", C::MoveLast),
    bind(X::Events, "End", C::MoveLast),
    bind(X::Events, "Ctrl-d", C::MoveHalfDown),
    bind(X::Events, "Ctrl-u", C::MoveHalfUp),
    bind(X::Events, "PgDn", C::MovePageDown),
    bind(X::Events, "PgUp", C::MovePageUp),
    bind(X::Events, "Shift-Tab", C::PaneNext),
    bind(X::Events, ":", C::PromptCommand),
    bind(X::Events, "Esc", C::Back),
    bind(X::Events, "Ctrl-r", C::Refresh),
    bind(X::Events, "Ctrl-l", C::Redraw),
    bind(X::Events, "q", C::Back),
    bind(X::Events, "Ctrl-c", C::Quit),
    bind(X::Events, "Ctrl-z", C::Suspend),
    // Action menu: the chord's second key
    hint(X::ActionMenu, "l", C::Logoff, "log off"),
    hint(X::ActionMenu, "f", C::LogoffForced, "forced"),
    hint(X::ActionMenu, "d", C::Disconnect, "disconnect"),
    hint(X::ActionMenu, "r", C::Restart, "restart"),
    hint(X::ActionMenu, "x", C::Reset, "reset"),
    hint(X::ActionMenu, "m", C::Message, "message"),
    hint(X::ActionMenu, "Esc", C::Back, "cancel"),
    bind(X::ActionMenu, "j", C::MoveDown),
    bind(X::ActionMenu, "Down", C::MoveDown),
    bind(X::ActionMenu, "k", C::MoveUp),
    bind(X::ActionMenu, "Up", C::MoveUp),
    bind(X::ActionMenu, "Enter", C::Accept),
    bind(X::ActionMenu, "q", C::Back),
    bind(X::ActionMenu, "?", C::Help),
    bind(X::ActionMenu, "Ctrl-c", C::Back),
    // Plan sheet; digits are typed into the number
    hint(X::PlanSheet, "Enter", C::Accept, "start once the number is typed"),
    hint(X::PlanSheet, "y", C::Confirm, "start, if no number is asked"),
    hint(X::PlanSheet, "Tab", C::PlanTargets, "list"),
    hint(X::PlanSheet, "h", C::PlanHidden, "hidden ones"),
    hint(X::PlanSheet, "Esc", C::Back, "cancel"),
    bind(X::PlanSheet, "j", C::MoveDown),
    bind(X::PlanSheet, "Down", C::MoveDown),
    bind(X::PlanSheet, "k", C::MoveUp),
    bind(X::PlanSheet, "Up", C::MoveUp),
    bind(X::PlanSheet, "PgDn", C::MovePageDown),
    bind(X::PlanSheet, "PgUp", C::MovePageUp),
    bind(X::PlanSheet, "Ctrl-d", C::MoveHalfDown),
    bind(X::PlanSheet, "Ctrl-u", C::MoveHalfUp),
    bind(X::PlanSheet, "?", C::Help),
    bind(X::PlanSheet, "q", C::Back),
    bind(X::PlanSheet, "Ctrl-c", C::Back),
    bind(X::PlanSheet, "Ctrl-l", C::Redraw),
    bind(X::PlanSheet, "Ctrl-z", C::Suspend),
    // Composer; letters are typed into the text, or choose when another field has the focus
    hint(X::Composer, "Ctrl-o", C::ComposerReview, "review and send"),
    hint(X::Composer, "Tab", C::ComposerNext, "next field"),
    hint(X::Composer, "Ctrl-n", C::ComposerPreview, "next preview"),
    hint(X::Composer, "Esc", C::Back, "cancel"),
    bind(X::Composer, "Ctrl-c", C::Back),
    bind(X::Composer, "Ctrl-l", C::Redraw),
    bind(X::Composer, "Ctrl-z", C::Suspend),
    // Job sheet
    hint(X::JobSheet, "f", C::JobForce, "plan locked as forced"),
    hint(X::JobSheet, "R", C::JobRetry, "retry failed"),
    hint(X::JobSheet, "Enter", C::JobTargets, "names"),
    hint(X::JobSheet, "s", C::JobStop, "stop"),
    hint(X::JobSheet, "q", C::Back, "close"),
    bind(X::JobSheet, "Esc", C::Back),
    bind(X::JobSheet, "j", C::MoveDown),
    bind(X::JobSheet, "Down", C::MoveDown),
    bind(X::JobSheet, "k", C::MoveUp),
    bind(X::JobSheet, "Up", C::MoveUp),
    bind(X::JobSheet, "PgDn", C::MovePageDown),
    bind(X::JobSheet, "PgUp", C::MovePageUp),
    bind(X::JobSheet, "Ctrl-d", C::MoveHalfDown),
    bind(X::JobSheet, "Ctrl-u", C::MoveHalfUp),
    bind(X::JobSheet, "Ctrl-r", C::Refresh),
    bind(X::JobSheet, "?", C::Help),
    bind(X::JobSheet, "Ctrl-c", C::Quit),
    bind(X::JobSheet, "Ctrl-l", C::Redraw),
    bind(X::JobSheet, "Ctrl-z", C::Suspend),
    // Job list
    hint(X::JobList, "Enter", C::Accept, "open"),
    hint(X::JobList, "q", C::Back, "close"),
    bind(X::JobList, "Esc", C::Back),
    bind(X::JobList, "j", C::MoveDown),
    bind(X::JobList, "Down", C::MoveDown),
    bind(X::JobList, "k", C::MoveUp),
    bind(X::JobList, "Up", C::MoveUp),
    bind(X::JobList, "?", C::Help),
    bind(X::JobList, "Ctrl-c", C::Quit),
    // Detail
    hint(X::Detail, "a", C::ActionMenu, "act"),
    hint(X::Detail, "m", C::Message, "msg"),
    hint(X::Detail, "q", C::Back, "close"),
    bind(X::Detail, "Esc", C::Back),
    bind(X::Detail, "d", C::Back),
    bind(X::Detail, "Enter", C::Back),
    bind(X::Detail, "j", C::MoveDown),
    bind(X::Detail, "Down", C::MoveDown),
    bind(X::Detail, "k", C::MoveUp),
    bind(X::Detail, "Up", C::MoveUp),
    bind(X::Detail, "PgDn", C::MovePageDown),
    bind(X::Detail, "PgUp", C::MovePageUp),
    bind(X::Detail, "Ctrl-d", C::MoveHalfDown),
    bind(X::Detail, "Ctrl-u", C::MoveHalfUp),
    bind(X::Detail, "Ctrl-r", C::Refresh),
    bind(X::Detail, "?", C::Help),
    bind(X::Detail, "Ctrl-c", C::Back),
    bind(X::Detail, "Ctrl-l", C::Redraw),
    bind(X::Detail, "Ctrl-z", C::Suspend),
    // Help; letters are typed into the search
    hint(X::Help, "Esc", C::Back, "close"),
    bind(X::Help, "Enter", C::Back),
    bind(X::Help, "Down", C::MoveDown),
    bind(X::Help, "Up", C::MoveUp),
    bind(X::Help, "PgDn", C::MovePageDown),
    bind(X::Help, "PgUp", C::MovePageUp),
    bind(X::Help, "Ctrl-d", C::MoveHalfDown),
    bind(X::Help, "Ctrl-u", C::MoveHalfUp),
    bind(X::Help, "Ctrl-c", C::Back),
    // Leave
    hint(X::Leave, "w", C::JobDetach, "wait for it, then leave"),
    hint(X::Leave, "s", C::JobStop, "stop after the calls that are out, then leave"),
    hint(X::Leave, "Esc", C::Back, "stay"),
    bind(X::Leave, "q", C::Back),
    bind(X::Leave, "Ctrl-c", C::Back),
    // Permissions
    hint(X::Permissions, "Space", C::MarkToggle, "mark"),
    hint(X::Permissions, "a", C::ChangeMenu, "change"),
    hint(X::Permissions, "Enter", C::OpenPermission, "detail"),
    hint(X::Permissions, "/", C::PromptFilter, "filter"),
    hint(X::Permissions, "r", C::Regroup, "regroup"),
    hint(X::Permissions, "?", C::Help, "help"),
    hint(X::Permissions, "*", C::MarkAllShown, "all shown"),
    hint(X::Permissions, "u", C::MarkClear, "clear"),
    hint(X::Permissions, "e", C::EventSize, "events"),
    hint(X::Permissions, "Tab", C::PaneNext, "pane"),
    hint(X::Permissions, "q", C::Quit, "leave"),
    bind(X::Permissions, "d", C::OpenPermission),
    bind(X::Permissions, "j", C::MoveDown),
    bind(X::Permissions, "Down", C::MoveDown),
    bind(X::Permissions, "k", C::MoveUp),
    bind(X::Permissions, "Up", C::MoveUp),
    bind(X::Permissions, "PgDn", C::MovePageDown),
    bind(X::Permissions, "PgUp", C::MovePageUp),
    bind(X::Permissions, "Ctrl-d", C::MoveHalfDown),
    bind(X::Permissions, "Ctrl-u", C::MoveHalfUp),
    bind(X::Permissions, "g g", C::MoveFirst),
    bind(X::Permissions, "Home", C::MoveFirst),
    bind(X::Permissions, "G", C::MoveLast),
    bind(X::Permissions, "End", C::MoveLast),
    bind(X::Permissions, "Shift-Tab", C::PaneNext),
    bind(X::Permissions, ":", C::PromptCommand),
    bind(X::Permissions, "Esc", C::Back),
    bind(X::Permissions, "g j", C::Jobs),
    bind(X::Permissions, "g t", C::TabNext),
    bind(X::Permissions, "g T", C::TabPrevious),
    bind(X::Permissions, "1", C::TabSessions),
    bind(X::Permissions, "2", C::TabPermissions),
    bind(X::Permissions, "3", C::TabImages),
    bind(X::Permissions, "g p", C::Pods),
    bind(X::Permissions, "g w", C::WhoAmI),
    bind(X::Permissions, "Ctrl-r", C::Refresh),
    bind(X::Permissions, "Ctrl-l", C::Redraw),
    bind(X::Permissions, "z a", C::ToggleAscii),
    bind(X::Permissions, "z u", C::ToggleUtc),
    bind(X::Permissions, "Ctrl-c", C::Quit),
    bind(X::Permissions, "Ctrl-z", C::Suspend),
    // Permission details
    hint(X::PermissionDetail, "a", C::ChangeMenu, "change"),
    hint(X::PermissionDetail, "q", C::Back, "close"),
    bind(X::PermissionDetail, "d", C::Back),
    bind(X::PermissionDetail, "Enter", C::Back),
    bind(X::PermissionDetail, "j", C::MoveDown),
    bind(X::PermissionDetail, "Down", C::MoveDown),
    bind(X::PermissionDetail, "k", C::MoveUp),
    bind(X::PermissionDetail, "Up", C::MoveUp),
    bind(X::PermissionDetail, "PgDn", C::MovePageDown),
    bind(X::PermissionDetail, "PgUp", C::MovePageUp),
    bind(X::PermissionDetail, "Ctrl-d", C::MoveHalfDown),
    bind(X::PermissionDetail, "Ctrl-u", C::MoveHalfUp),
    bind(X::PermissionDetail, "Esc", C::Back),
    bind(X::PermissionDetail, "?", C::Help),
    bind(X::PermissionDetail, "Ctrl-c", C::Back),
    bind(X::PermissionDetail, "Ctrl-l", C::Redraw),
    bind(X::PermissionDetail, "Ctrl-z", C::Suspend),
    // Images
    hint(X::Images, "Enter", C::OpenNode, "open/close"),
    hint(X::Images, "a", C::ChangeMenu, "change"),
    hint(X::Images, "d", C::NodeDetail, "detail"),
    hint(X::Images, "s", C::NodeSessions, "its sessions"),
    hint(X::Images, "/", C::PromptFilter, "filter"),
    hint(X::Images, "?", C::Help, "help"),
    hint(X::Images, "Space", C::MarkToggle, "mark"),
    hint(X::Images, "u", C::MarkClear, "clear"),
    hint(X::Images, "e", C::EventSize, "events"),
    hint(X::Images, "Tab", C::PaneNext, "pane"),
    hint(X::Images, "q", C::Quit, "leave"),
    bind(X::Images, "h", C::ColumnLeft),
    bind(X::Images, "Left", C::ColumnLeft),
    bind(X::Images, "l", C::ColumnRight),
    bind(X::Images, "Right", C::ColumnRight),
    bind(X::Images, "z R", C::UnfoldAll),
    bind(X::Images, "z M", C::FoldAll),
    bind(X::Images, "j", C::MoveDown),
    bind(X::Images, "Down", C::MoveDown),
    bind(X::Images, "k", C::MoveUp),
    bind(X::Images, "Up", C::MoveUp),
    bind(X::Images, "PgDn", C::MovePageDown),
    bind(X::Images, "PgUp", C::MovePageUp),
    bind(X::Images, "Ctrl-d", C::MoveHalfDown),
    bind(X::Images, "Ctrl-u", C::MoveHalfUp),
    bind(X::Images, "g g", C::MoveFirst),
    bind(X::Images, "Home", C::MoveFirst),
    bind(X::Images, "G", C::MoveLast),
    bind(X::Images, "End", C::MoveLast),
    bind(X::Images, "Shift-Tab", C::PaneNext),
    bind(X::Images, ":", C::PromptCommand),
    bind(X::Images, "Esc", C::Back),
    bind(X::Images, "g j", C::Jobs),
    bind(X::Images, "g t", C::TabNext),
    bind(X::Images, "g T", C::TabPrevious),
    bind(X::Images, "1", C::TabSessions),
    bind(X::Images, "2", C::TabPermissions),
    bind(X::Images, "3", C::TabImages),
    bind(X::Images, "g p", C::Pods),
    bind(X::Images, "g w", C::WhoAmI),
    bind(X::Images, "Ctrl-r", C::Refresh),
    bind(X::Images, "Ctrl-l", C::Redraw),
    bind(X::Images, "z a", C::ToggleAscii),
    bind(X::Images, "z u", C::ToggleUtc),
    bind(X::Images, "Ctrl-c", C::Quit),
    bind(X::Images, "Ctrl-z", C::Suspend),
    // Image details
    hint(X::ImageDetail, "a", C::ChangeMenu, "change"),
    hint(X::ImageDetail, "q", C::Back, "close"),
    bind(X::ImageDetail, "d", C::Back),
    bind(X::ImageDetail, "Enter", C::Back),
    bind(X::ImageDetail, "j", C::MoveDown),
    bind(X::ImageDetail, "Down", C::MoveDown),
    bind(X::ImageDetail, "k", C::MoveUp),
    bind(X::ImageDetail, "Up", C::MoveUp),
    bind(X::ImageDetail, "PgDn", C::MovePageDown),
    bind(X::ImageDetail, "PgUp", C::MovePageUp),
    bind(X::ImageDetail, "Ctrl-d", C::MoveHalfDown),
    bind(X::ImageDetail, "Ctrl-u", C::MoveHalfUp),
    bind(X::ImageDetail, "Esc", C::Back),
    bind(X::ImageDetail, "?", C::Help),
    bind(X::ImageDetail, "Ctrl-c", C::Back),
    bind(X::ImageDetail, "Ctrl-l", C::Redraw),
    bind(X::ImageDetail, "Ctrl-z", C::Suspend),
    // Change menu: the chord's second key
    hint(X::ChangeMenu, "n", C::ChangeNew, "new"),
    hint(X::ChangeMenu, "v", C::ChangeNewVersion, "new version"),
    hint(X::ChangeMenu, "g", C::ChangeNewTag, "new tag"),
    hint(X::ChangeMenu, "s", C::ChangeNewAsset, "new asset"),
    hint(X::ChangeMenu, "e", C::ChangeEdit, "edit"),
    hint(X::ChangeMenu, "r", C::ChangeReplace, "replace"),
    hint(X::ChangeMenu, "t", C::ChangeMove, "move tag"),
    hint(X::ChangeMenu, "x", C::ChangeDelete, "delete"),
    hint(X::ChangeMenu, "Esc", C::Back, "cancel"),
    bind(X::ChangeMenu, "j", C::MoveDown),
    bind(X::ChangeMenu, "Down", C::MoveDown),
    bind(X::ChangeMenu, "k", C::MoveUp),
    bind(X::ChangeMenu, "Up", C::MoveUp),
    bind(X::ChangeMenu, "Enter", C::Accept),
    bind(X::ChangeMenu, "q", C::Back),
    bind(X::ChangeMenu, "?", C::Help),
    bind(X::ChangeMenu, "Ctrl-c", C::Back),
    // Form; letters are typed into the field, or choose from a list
    hint(X::Form, "Ctrl-o", C::FormReview, "review"),
    hint(X::Form, "Tab", C::FormNext, "next field"),
    hint(X::Form, "Esc", C::Back, "cancel"),
    bind(X::Form, "Shift-Tab", C::FormPrevious),
    bind(X::Form, "PgDn", C::MovePageDown),
    bind(X::Form, "PgUp", C::MovePageUp),
    bind(X::Form, "Ctrl-c", C::Back),
    bind(X::Form, "Ctrl-l", C::Redraw),
    bind(X::Form, "Ctrl-z", C::Suspend),
    // Sheet of changes; digits and words are typed
    hint(X::ChangeSheet, "Enter", C::Accept, "start once the number or the words are typed"),
    hint(X::ChangeSheet, "y", C::Confirm, "start, if nothing is asked"),
    hint(X::ChangeSheet, "Esc", C::Back, "cancel"),
    bind(X::ChangeSheet, "Down", C::MoveDown),
    bind(X::ChangeSheet, "Up", C::MoveUp),
    bind(X::ChangeSheet, "PgDn", C::MovePageDown),
    bind(X::ChangeSheet, "PgUp", C::MovePageUp),
    bind(X::ChangeSheet, "Ctrl-c", C::Back),
    bind(X::ChangeSheet, "Ctrl-l", C::Redraw),
    bind(X::ChangeSheet, "Ctrl-z", C::Suspend),
    // Job of changes
    hint(X::ChangeJobSheet, "R", C::JobRetry, "retry failed"),
    hint(X::ChangeJobSheet, "s", C::JobStop, "stop"),
    hint(X::ChangeJobSheet, "q", C::Back, "close"),
    bind(X::ChangeJobSheet, "j", C::MoveDown),
    bind(X::ChangeJobSheet, "Down", C::MoveDown),
    bind(X::ChangeJobSheet, "k", C::MoveUp),
    bind(X::ChangeJobSheet, "Up", C::MoveUp),
    bind(X::ChangeJobSheet, "PgDn", C::MovePageDown),
    bind(X::ChangeJobSheet, "PgUp", C::MovePageUp),
    bind(X::ChangeJobSheet, "Ctrl-d", C::MoveHalfDown),
    bind(X::ChangeJobSheet, "Ctrl-u", C::MoveHalfUp),
    bind(X::ChangeJobSheet, "Esc", C::Back),
    bind(X::ChangeJobSheet, "?", C::Help),
    bind(X::ChangeJobSheet, "Ctrl-c", C::Back),
    bind(X::ChangeJobSheet, "Ctrl-l", C::Redraw),
    bind(X::ChangeJobSheet, "Ctrl-z", C::Suspend),
    // Event details
    hint(X::EventDetail, "Enter", C::EventGoto, "to session"),
    hint(X::EventDetail, "q", C::Back, "close"),
    bind(X::EventDetail, "d", C::Back),
    bind(X::EventDetail, "j", C::MoveDown),
    bind(X::EventDetail, "Down", C::MoveDown),
    bind(X::EventDetail, "k", C::MoveUp),
    bind(X::EventDetail, "Up", C::MoveUp),
    bind(X::EventDetail, "PgDn", C::MovePageDown),
    bind(X::EventDetail, "PgUp", C::MovePageUp),
    bind(X::EventDetail, "Ctrl-d", C::MoveHalfDown),
    bind(X::EventDetail, "Ctrl-u", C::MoveHalfUp),
    bind(X::EventDetail, "Esc", C::Back),
    bind(X::EventDetail, "?", C::Help),
    bind(X::EventDetail, "Ctrl-c", C::Back),
    bind(X::EventDetail, "Ctrl-l", C::Redraw),
    bind(X::EventDetail, "Ctrl-z", C::Suspend),
    // Pods
    hint(X::Pods, "P", C::ScopeToggle, "this pod or all"),
    hint(X::Pods, "q", C::Back, "close"),
    bind(X::Pods, "Ctrl-r", C::Refresh),
    bind(X::Pods, "j", C::MoveDown),
    bind(X::Pods, "Down", C::MoveDown),
    bind(X::Pods, "k", C::MoveUp),
    bind(X::Pods, "Up", C::MoveUp),
    bind(X::Pods, "PgDn", C::MovePageDown),
    bind(X::Pods, "PgUp", C::MovePageUp),
    bind(X::Pods, "Ctrl-d", C::MoveHalfDown),
    bind(X::Pods, "Ctrl-u", C::MoveHalfUp),
    bind(X::Pods, "Esc", C::Back),
    bind(X::Pods, "?", C::Help),
    bind(X::Pods, "Ctrl-c", C::Back),
    bind(X::Pods, "Ctrl-l", C::Redraw),
    bind(X::Pods, "Ctrl-z", C::Suspend),
    // What I may do
    hint(X::WhoAmI, "q", C::Back, "close"),
    bind(X::WhoAmI, "Enter", C::Back),
    bind(X::WhoAmI, "j", C::MoveDown),
    bind(X::WhoAmI, "Down", C::MoveDown),
    bind(X::WhoAmI, "k", C::MoveUp),
    bind(X::WhoAmI, "Up", C::MoveUp),
    bind(X::WhoAmI, "PgDn", C::MovePageDown),
    bind(X::WhoAmI, "PgUp", C::MovePageUp),
    bind(X::WhoAmI, "Ctrl-d", C::MoveHalfDown),
    bind(X::WhoAmI, "Ctrl-u", C::MoveHalfUp),
    bind(X::WhoAmI, "Esc", C::Back),
    bind(X::WhoAmI, "?", C::Help),
    bind(X::WhoAmI, "Ctrl-c", C::Back),
    bind(X::WhoAmI, "Ctrl-l", C::Redraw),
    bind(X::WhoAmI, "Ctrl-z", C::Suspend),
];
