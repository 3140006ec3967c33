//! The catalogue of commands: what the console can do, in which context, by which keys, explained once.
//!
//! The hints at the bottom, the help overlay, the `:` line and the key reference in `docs/` are all made from it.

mod bindings;
mod context;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use context::Context;

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
    MarkToggle = "mark.toggle", "Mark or unmark this row and step down";
    MarkRange = "mark.range", "Begin or end a range of marks";
    MarkAllShown = "mark.all-shown", "Mark all shown; again unmarks them";
    MarkSame = "mark.same", "Mark all shown with the same value in this column";
    MarkInvert = "mark.invert", "Invert the marks of the shown";
    MarkClear = "mark.clear", "Clear all marks";
    MarkRestore = "mark.restore", "Bring the last set of marks back";
    MarkWhere = "mark.where", "Mark by an expression";
    UnmarkWhere = "mark.unmark-where", "Unmark by an expression";
    MarkNext = "mark.next", "Go to the next marked row";
    MarkPrevious = "mark.previous", "Go to the previous marked row";
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
    WarnLogoff = "session.warn-logoff", "Warn, wait, then plan a polite logoff, forced for those that need it";
    LogoffForced = "session.logoff-forced", "Plan a forced logoff";
    Restart = "session.restart", "Plan a restart of the guest";
    Reset = "session.reset", "Plan a hard reset of the machine";
    GoLast = "go.last", "Go back to what was shown before; again returns";
    GoBack = "go.back", "Go back one step through tabs and filters";
    GoForward = "go.forward", "Go forward again";
    View5 = "view.5", "Show the view on key 5";
    View6 = "view.6", "Show the view on key 6";
    View7 = "view.7", "Show the view on key 7";
    View8 = "view.8", "Show the view on key 8";
    View9 = "view.9", "Show the view on key 9";
    CopyCell = "row.copy-cell", "Copy the chosen column of this row to the clipboard of your terminal";
    CopyRows = "row.copy", "Copy the marked rows, or this one, to the clipboard of your terminal";
    ScreenDump = "view.dump", "Write the screen to a file, as text";
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
    ToggleMeasure = "view.measure", "Show frames, bytes to the terminal, and how long a frame takes to it, or not";
    Facets = "facet.open", "Break the shown sessions down by pool, gateway, agent and so on";
    FacetNext = "facet.next", "Break down by the next facet";
    FacetPrevious = "facet.previous", "Break down by the facet before";
    FacetOnly = "facet.only", "Show only the sessions of this bucket: adds it to the filter";
    FacetExclude = "facet.exclude", "Leave the sessions of this bucket out: adds that to the filter";
    FacetMark = "facet.mark", "Mark all shown sessions of this bucket; again unmarks them";
    FacetSort = "facet.sort", "Put first what is most, or what stands out most";
    FacetClose = "facet.close", "Close the breakdown";
    Diff = "diff.open", "Show what changed in the last 15 minutes";
    DiffAgain = "diff.again", "Tell once more what changed, until now";
    DiffGoto = "diff.goto-session", "Go to this session, if it is still there";
    EventFold = "events.fold", "Open what is folded into this line, or fold it again";
    Timeline = "session.timeline", "Show what this console saw of this session";
    RawRecord = "session.raw", "Show all that the server said of this session, as it came";
    CopyShown = "session.copy", "Copy what is shown of this session to the clipboard of your terminal";
    Columns = "column.list", "Choose the columns, their order and widths; each change is shown at once";
    ColumnToggle = "column.toggle", "Show this column, or not";
    ColumnEarlier = "column.earlier", "Move this column to the left";
    ColumnLater = "column.later", "Move this column to the right";
    ColumnWider = "column.wider", "Make this column wider";
    ColumnNarrower = "column.narrower", "Make this column narrower";
    ColumnAuto = "column.automatic", "Let the width of the screen choose the columns again";
    ColumnKeep = "column.keep", "Keep these columns";
    Themes = "theme.list", "Choose a theme; each is shown at once";
    ThemeKeep = "theme.keep", "Keep this theme for this run";
    ThemePair = "theme.pair", "Go to the same theme for the other background, light or dark";
    Help = "view.help", "Show the keys that work here";
    Jobs = "job.list", "List the jobs of this run and those on record";
    Quit = "app.quit", "Leave";
    Suspend = "app.suspend", "Put Foretop into the background";
    Accept = "sheet.accept", "Open the chosen line, or start once the number is typed";
    Confirm = "plan.confirm", "Start, where no number is asked for";
    PlanTargets = "plan.targets", "Show the targets, who is held back, or the summary";
    PlanHidden = "plan.hidden", "Show the targets that the filter hides";
    PlanGuard = "plan.guard", "Change what must still hold for a target when its request leaves";
    PlanPace = "plan.pace", "Change how fast it goes and when it stops by itself";
    PlanTicket = "plan.ticket", "Write down the ticket that it is for";
    PlanInclude = "plan.include", "Include one protected target, by typing the user's login";
    PlanSave = "plan.save", "Save the plan for foretop apply";
    ComposerNext = "composer.next-field", "Go to the next field";
    ComposerReview = "composer.review", "Review and send";
    ComposerTemplate = "composer.template", "Take the next template; after the last one your own text";
    ComposerPreview = "composer.next-preview", "Preview for the next user";
    JobForce = "job.plan-forced", "Plan those refused as locked again, forced";
    JobRetry = "job.retry-failed", "Plan all failed targets again";
    JobCorrect = "job.correct", "Write to those who were warned of a logoff that does not come";
    JobHold = "job.hold-countdown", "Hold the countdown, or let it go on";
    JobShorten = "job.shorten-countdown", "Take a minute off the countdown";
    JobLengthen = "job.lengthen-countdown", "Add a minute to the countdown";
    JobCancel = "job.cancel-countdown", "Cancel the countdown: nobody is logged off";
    JobResume = "job.resume", "Go on with a job that was left, after a look at what is left of it";
    JobStop = "job.stop", "Stop after the calls that are out";
    JobVerify = "job.verify", "Read again what became of those without an answer; nothing is sent";
    JobReset = "job.plan-listed", "Plan those still listed: a reset, or forced where a reset is not possible";
    JobExport = "job.export", "Write the report to files: a table, JSON, and a note for the ticket";
    JobCopy = "job.copy", "Copy the note for the ticket to the clipboard of your terminal";
    JobPause = "job.pause", "Pause the job, or let it go on";
    JobSlower = "job.slower", "Go slower: half as many in a call, twice the pause between calls";
    JobFaster = "job.faster", "Go faster: takes back what slower did; twice as many in a call, half the pause";
    JobTargets = "job.targets", "Show the targets of this cause, or the causes";
    JobWait = "job.wait", "Wait for the job, then leave";
    JobDetach = "job.detach", "Leave, and let a process without a terminal finish the job";
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
    OpenCloudDetail = "cloud.open", "Show everything about this one";
    Builds = "build.list", "List the builds of images";
    AppServers = "tab.app-servers", "Show the app servers";
    ServerDrain = "app-server.drain", "Plan a drain: no new session begins there, those that run go on until they end";
    ServerUndrain = "app-server.undrain", "Plan the end of maintenance: new sessions begin there again";
    ServerReboot = "app-server.reboot", "Plan a restart of the guest: the sessions there end";
    ServerRebootHard = "app-server.reboot-hard", "Plan a restart by the power button: the sessions there end";
    ImageBuild = "image-server.build", "Build an image from this image server";
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
    Governor = "governor.show", "Show how the servers are being asked, and what holds requests up";
    WhoAmI = "account.show", "Show the account and what it may do";
}

/// A binding: a sequence of keys in a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where it holds.
    pub context: Context,
    /// The keys, separated by blanks, as [`super::key::Key`] displays them.
    pub keys: Cow<'static, str>,
    /// What it does.
    pub command: Command,
    /// Short words for the hint line, for those that are worth a place there.
    pub hint: Option<&'static str>,
}

impl Command {
    /// The command with this name.
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.id() == id)
    }

    /// Whether it ends or interrupts what people are at, or takes something away, after no more than a sheet. Such a
    /// command is never one key away from a list (`design.md`, rule on verbs).
    pub fn is_destructive(self) -> bool {
        matches!(
            self,
            Self::Disconnect
                | Self::Logoff
                | Self::WarnLogoff
                | Self::LogoffForced
                | Self::Restart
                | Self::Reset
                | Self::ServerDrain
                | Self::ServerReboot
                | Self::ServerRebootHard
                | Self::ChangeReplace
                | Self::ChangeDelete
        )
    }
}

/// The commands that do something in a context, each once, whatever keys they have.
pub fn offered(context: Context) -> Vec<Command> {
    let mut offered: Vec<Command> = Vec::new();
    for binding in default_bindings(context) {
        if !offered.contains(&binding.command) {
            offered.push(binding.command);
        }
    }
    offered
}

/// The default bindings of a context, in their order.
pub(super) fn default_bindings(context: Context) -> impl Iterator<Item = Binding> {
    let sheet = bindings::SHEETS.iter().filter(move |sheet| sheet.context == context);
    let entries = sheet.flat_map(|sheet| sheet.own.iter().chain(sheet.shared.iter().copied().flatten()));
    entries.map(move |entry| Binding {
        context,
        keys: Cow::Borrowed(entry.keys),
        command: entry.command,
        hint: entry.hint,
    })
}
