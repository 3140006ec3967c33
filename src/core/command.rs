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
}

impl Context {
    /// All contexts, in the order of the key reference.
    pub const ALL: [Self; 10] = [
        Self::Sessions,
        Self::Events,
        Self::ActionMenu,
        Self::PlanSheet,
        Self::Composer,
        Self::JobSheet,
        Self::JobList,
        Self::Detail,
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
];
