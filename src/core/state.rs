//! The state of the console: plain data, changed only by [`super::update`].

mod overlay;
mod settings;

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    bulk::Job,
    change::ChangeJob,
    cloud::CloudState,
    command::{Command, Context},
    effect::RequestId,
    events::EventPane,
    facets::Facets,
    group_look_up::GroupLookUp,
    images::ImagesTab,
    key::Key,
    line_input::LineInput,
    own_events::OwnEvents,
    past::Past,
    permissions::PermissionsTab,
    pressure::Pressure,
    records::Records,
    remembered::Memory,
    remote::Remote,
    rows::Rows,
    table::{self, ChosenColumn, Column, Flags, SessionTable, TableView},
    trail::Trail,
};
use crate::domain::{
    Capabilities, Fault, Federation, JobId, MessageSeverity, PlanId, SessionId, Text, WireKind,
};

pub use overlay::{
    ActionMenu, Afterwards, ChangeChoice, ChangeMenu, ChangeSheet, ColumnEntry, ColumnSheet, Composer,
    ComposerField, Elsewhere, EventAttributes, JobSheet, JobsSheet, Overlay, PlanPage, PlanSheet,
    RecordSheet, ResumeSheet, Then, VerbChoice,
};
pub use settings::Settings;

/// What was written to the terminal so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameMeasure {
    /// Frames.
    pub frames: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Bytes of the last one.
    pub last: u64,
    /// Milliseconds until the terminal had shown the last one; `None` where it does not tell.
    pub shown_after_ms: Option<u64>,
}

/// Columns and rows of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenSize {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// The connection to the estate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Link {
    /// Logging in.
    Connecting,
    /// Logged in.
    Up(Box<Capabilities>),
}

/// Polling of one kind of data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Poll {
    /// The question that is out, if one is: polls are never stacked.
    pub in_flight: Option<RequestId>,
    /// When the next one is due; none before the first.
    pub next_at: Option<Timestamp>,
    /// Whether another one was asked for while one was out.
    pub again: bool,
    /// Sessions read so far and in all, while one is out.
    pub progress: Option<(usize, Option<usize>)>,
    /// When the question that is out was asked.
    #[serde(default)]
    pub asked_at: Option<Timestamp>,
}

/// Reading again what the account may do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RightsState {
    /// The reading.
    pub poll: Poll,
    /// When they were last asked with success; none before the log-in.
    pub read_at: Option<Timestamp>,
    /// Why the last attempt to read them again failed: what was read before stays in force.
    pub why_old: Option<Fault>,
    /// When a refused question last made them be read again.
    pub doubted_at: Option<Timestamp>,
}

/// The picture while it is frozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frozen {
    /// When it was frozen.
    pub since: Timestamp,
    /// The newest list, not shown.
    pub newest: Option<Arc<SessionTable>>,
    /// Sessions that are new, gone or in another state in the newest list.
    pub changes: usize,
}

/// The panel beside the table while the cursor is on its way. It goes on showing the session that it showed, and says so:
/// what is left behind in the same moment is not worth the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelRest {
    /// The session that it shows.
    pub session: SessionId,
    /// The first line of the table on the screen when it was drawn: the panel moves with its rows.
    pub offset: usize,
    /// When it takes the session under the cursor, if the cursor does not move again.
    pub until: Timestamp,
}

/// The sessions tab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionsTab {
    /// The list that is shown.
    pub table: Remote<Arc<SessionTable>>,
    /// Whether that is only the part of the first list that has arrived so far.
    #[serde(default)]
    pub growing: bool,
    /// Filter, sort, cursor, marks.
    pub view: TableView,
    /// Polling of the list.
    pub poll: Poll,
    /// Seconds from the end of one reading of the list to the next, as long as the last reading asks for; as much as the
    /// settings say or more.
    #[serde(default)]
    pub pause: u32,
    /// The filter that is judged beside the keys, if one is.
    #[serde(default)]
    pub judging: Option<RequestId>,
    /// Looking at what is on the screen between two readings of the list.
    #[serde(default)]
    pub renewal: Poll,
    /// How many of the marked sessions were looked at in their turn.
    #[serde(default)]
    pub renewed_up_to: usize,
    /// Set while the picture is frozen.
    pub frozen: Option<Frozen>,
    /// Flags that come from what the console knows beside the list.
    pub flags: Flags,
    /// Rows of the last answer that could not be read.
    pub unreadable: usize,
    /// How far the server's clock is ahead, as last said in the event pane; zero before anything was said.
    pub clock_offset: SignedDuration,
    /// Whether Esc was pressed once and would clear the filter the second time.
    pub escape_armed: bool,
    /// The breakdown of what is shown.
    #[serde(default)]
    pub facets: Facets,
    /// What groups of users are called.
    #[serde(default)]
    pub group_names: GroupLookUp,
    /// What became of the sessions while this console looked.
    #[serde(default)]
    pub past: Past,
    /// Set while the panel does not follow the cursor.
    #[serde(default)]
    pub panel: Option<PanelRest>,
}

impl SessionsTab {
    /// The newest list, shown or not.
    pub fn newest(&self) -> Option<&Arc<SessionTable>> {
        let frozen = self.frozen.as_ref().and_then(|frozen| frozen.newest.as_ref());
        frozen.or_else(|| self.table.value())
    }
}

/// What fills the main part of the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tab {
    /// Sessions.
    #[default]
    Sessions,
    /// Permissions.
    Permissions,
    /// Image streams.
    Images,
    /// App servers: over Workspace only.
    AppServers,
}

impl Tab {
    /// Those of a wire, in their order.
    pub fn of(wire: WireKind) -> &'static [Self] {
        match wire {
            WireKind::Horizon => &[Self::Sessions, Self::Permissions, Self::Images],
            WireKind::Workspace => &[Self::Sessions, Self::Permissions, Self::Images, Self::AppServers],
        }
    }

    /// Its name on the tabs line. Over Workspace there are machines on which images are prepared in place of streams.
    pub fn title(self, wire: WireKind) -> &'static str {
        match (self, wire) {
            (Self::Sessions, _) => "Sessions",
            (Self::Permissions, _) => "Permissions",
            (Self::Images, WireKind::Horizon) => "Images",
            (Self::Images, WireKind::Workspace) => "Image servers",
            (Self::AppServers, _) => "App servers",
        }
    }
}

/// Whose sessions are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Those of the pod that answers.
    #[default]
    Local,
    /// Those of every pod of the federation.
    Global,
}

/// The federation, if there is one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FederationState {
    /// The pods; `None` inside where there is no federation.
    pub pods: Remote<Option<Arc<Federation>>>,
    /// Reading them.
    pub poll: Poll,
    /// Whose sessions are asked for.
    pub scope: Scope,
}

/// Which pane has the keys when no sheet is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Focus {
    /// The table.
    Table,
    /// The event pane.
    Events,
    /// The breakdown beside the table.
    Facets,
}

/// What a line is being typed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PromptKind {
    /// A filter of the sessions, in force while it is typed.
    Filter,
    /// A filter of the events, in force while it is typed.
    EventFilter,
    /// A command.
    Command,
    /// An expression that marks.
    Mark,
    /// An expression that unmarks.
    Unmark,
    /// A filter of the permissions, in force while it is typed.
    PermissionFilter,
    /// A filter of the images, in force while it is typed.
    ImageFilter,
    /// A filter of the app servers, in force while it is typed.
    AppServerFilter,
    /// The guard of the plan on the sheet.
    Guard,
    /// Its pace.
    Pace,
    /// The ticket that it is for.
    Ticket,
    /// The login of somebody protected who is meant all the same.
    Include,
}

/// A line being typed at the bottom of the screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// What for.
    pub kind: PromptKind,
    /// The text and its cursor.
    pub input: LineInput,
    /// What stood there before; comes back at Esc.
    pub before: String,
    /// Place in the history while walking through it.
    pub recalled: Option<usize>,
    /// While Tab walks through what is offered: what was typed, and the place of the offer that stands in the line.
    #[serde(default)]
    pub taken: Option<(String, usize)>,
    /// Whether anything was typed: an untouched line changes nothing.
    pub touched: bool,
    /// Whether the whole line is chosen: what is typed takes its place.
    #[serde(default)]
    pub whole: bool,
    /// Why the text cannot be used as it is.
    pub error: Option<PromptError>,
}

impl Prompt {
    /// What somebody typed: not what an offer made of it.
    pub fn typed(&self) -> &str {
        self.taken.as_ref().map_or_else(|| self.input.text(), |(typed, _)| typed)
    }
}

/// Why a typed line cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptError {
    /// Where, in characters from the beginning.
    pub column: usize,
    /// What is wrong, and the nearest valid name.
    pub message: Text,
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeKind {
    /// For information.
    Info,
    /// Something did not work.
    Warning,
}

/// A line for the operator in the prompt line; it goes away with the next key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How much it matters.
    pub kind: NoticeKind,
    /// The line.
    pub text: Text,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The present, as the last message told.
    pub now: Timestamp,
    /// Size of the screen.
    pub screen: ScreenSize,
    /// What the console was started with.
    pub settings: Settings,
    /// The connection.
    pub link: Link,
    /// How fresh it is what the account may do; what that is stands in `link`.
    pub rights: RightsState,
    /// The tab that is shown.
    pub tab: Tab,
    /// The sessions tab.
    pub sessions: SessionsTab,
    /// The permissions tab.
    pub permissions: PermissionsTab,
    /// The images tab.
    pub images: ImagesTab,
    /// What only Workspace has.
    pub cloud: CloudState,
    /// The federation.
    pub federation: FederationState,
    /// The event pane.
    pub events: EventPane,
    /// Polling of the events.
    pub event_poll: Poll,
    /// Jobs of this run, oldest first.
    pub jobs: Vec<Job>,
    /// Jobs of changes of this run, oldest first.
    pub change_jobs: Vec<ChangeJob>,
    /// The jobs on record.
    pub records: Records,
    /// The events that jobs of this run are expected to cause.
    pub own_events: Vec<OwnEvents>,
    /// Whether groups of protected rules are looked for again with the next list: the server did not answer.
    pub look_for_groups: bool,
    /// What was said of protected groups that were not found.
    pub unfound_groups: Vec<Text>,
    /// Sheets and menus, the last one on top.
    pub overlays: Vec<Overlay>,
    /// The line being typed.
    pub prompt: Option<Prompt>,
    /// What is remembered from one run to the next.
    #[serde(default)]
    pub memory: Memory,
    /// The way that was taken through tabs and filters.
    #[serde(default)]
    pub trail: Trail,
    /// Earlier lines, newest last, by what they were for.
    pub history: BTreeMap<PromptKind, Vec<String>>,
    /// Which pane has the keys.
    pub focus: Focus,
    /// The beginning of a key sequence.
    pub pending: Vec<Key>,
    /// The command before this one.
    pub last_command: Option<Command>,
    /// A line for the operator.
    pub notice: Option<Notice>,
    /// The message that was written last, sent or not.
    pub last_message: Option<(MessageSeverity, String)>,
    /// What the governor says.
    pub pressure: Pressure,
    /// What was written to the terminal, when it is to be shown.
    pub measure: Option<FrameMeasure>,
    /// Whether the program ends as soon as no job runs.
    pub leaving: bool,
    /// The jobs that leaving stopped, or that a signal cut off.
    pub left: Vec<LeftJob>,
    /// Next number for a question.
    pub next_request: u64,
    /// Next number for a job.
    pub next_job: u64,
    /// Where the ids of plans come from; seeded at the start.
    pub plan_seed: u64,
}

/// A job that runs no longer because the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftJob {
    /// The job.
    pub job: JobId,
    /// Whether a process without a terminal is to go on with it.
    pub hand_on: bool,
}

impl State {
    /// The first key of a command in the keymap in force; the name by which `:` runs it where it has no key.
    pub fn key(&self, context: Context, command: Command) -> String {
        self.settings.keymap.key(context, command)
    }

    /// The state before anything happened.
    pub fn new(settings: Settings, screen: ScreenSize, now: Timestamp, seed: u64) -> Self {
        let scope = if settings.all_pods { Scope::Global } else { Scope::Local };
        Self {
            now,
            screen,
            settings,
            link: Link::Connecting,
            rights: RightsState::default(),
            tab: Tab::default(),
            permissions: PermissionsTab::default(),
            images: ImagesTab::default(),
            cloud: CloudState::default(),
            federation: FederationState { pods: Remote::NotAsked, poll: Poll::default(), scope },
            sessions: SessionsTab {
                table: Remote::NotAsked,
                view: TableView::new(),
                poll: Poll::default(),
                growing: false,
                judging: None,
                pause: 0,
                renewal: Poll::default(),
                renewed_up_to: 0,
                frozen: None,
                flags: Flags::new(),
                unreadable: 0,
                clock_offset: SignedDuration::ZERO,
                escape_armed: false,
                facets: Facets::default(),
                group_names: GroupLookUp::default(),
                past: Past::default(),
                panel: None,
            },
            events: EventPane::default(),
            event_poll: Poll::default(),
            jobs: Vec::new(),
            change_jobs: Vec::new(),
            records: Records::default(),
            own_events: Vec::new(),
            look_for_groups: false,
            unfound_groups: Vec::new(),
            overlays: Vec::new(),
            prompt: None,
            memory: Memory::default(),
            trail: Trail::default(),
            history: BTreeMap::new(),
            focus: Focus::Table,
            pending: Vec::new(),
            last_command: None,
            notice: None,
            last_message: None,
            pressure: Pressure::default(),
            measure: None,
            leaving: false,
            left: Vec::new(),
            next_request: 1,
            next_job: 1,
            plan_seed: seed,
        }
    }

    /// What server and account can do, once logged in.
    pub fn capabilities(&self) -> Option<&Capabilities> {
        match &self.link {
            Link::Up(capabilities) => Some(capabilities),
            Link::Connecting => None,
        }
    }

    /// By which API the estate is reached; what the profile says as long as nobody answered.
    pub fn wire(&self) -> WireKind {
        self.capabilities().map_or(self.settings.wire, |capabilities| capabilities.wire)
    }

    /// Whether there are pods that the list does not tell of: it is that of this pod, and there are others.
    pub fn has_unlisted_pods(&self) -> bool {
        let federation = self.federation.pods.value().and_then(Option::as_ref);
        !self.sessions.view.table().is_global()
            && federation.is_some_and(|found| found.remote().next().is_some())
    }

    /// The theme to draw with: the one under the cursor of the list of themes while that is open, else the one in force. So
    /// nothing has to be brought back when the list is left.
    pub fn theme(&self) -> &Text {
        let looks = &self.settings.looks;
        let cursor = self.overlays.iter().rev().find_map(|overlay| match overlay {
            Overlay::Themes { cursor } => Some(*cursor),
            _ => None,
        });
        let shown = cursor.and_then(|cursor| looks.choices.get(cursor));
        shown.filter(|choice| choice.objection.is_none()).map_or(&looks.theme, |choice| &choice.name)
    }

    /// Why nothing is sent any more with these credentials, if so.
    pub fn refusal(&self) -> Option<&Fault> {
        let cloud = &self.cloud;
        let lists = [cloud.servers.fault(), cloud.access.fault(), cloud.app_servers.fault()];
        let all = [self.sessions.table.fault(), cloud.builds.list.fault()].into_iter().chain(lists);
        all.flatten().find(|fault| fault.ends_credentials())
    }

    /// The columns that were chosen; none when the width of the screen decides.
    fn chosen_columns(&self) -> Option<Vec<ChosenColumn>> {
        match (&self.settings.columns, self.wire()) {
            (Some(chosen), _) => Some(chosen.clone()),
            (None, WireKind::Workspace) => {
                let columns = table::workspace_columns(Rows::of(self).columns);
                Some(columns.iter().copied().map(ChosenColumn::from).collect())
            }
            (None, WireKind::Horizon) => None,
        }
    }

    /// The columns of the table that are on the screen, with their widths: those that fit, from the first on, or as far to
    /// the right that the chosen one is among them.
    pub fn columns(&self) -> Vec<(Column, u16)> {
        let pods = self.sessions.view.table().is_global();
        let width = Rows::of(self).columns;
        let Some(chosen) = self.chosen_columns() else {
            return table::columns_for_width(width, None, pods);
        };
        let cursor = self.sessions.view.column();
        let is_chosen = chosen.iter().any(|one| one.column == cursor);
        let pans = (0..chosen.len().max(1)).map(|pan| table::pan_columns(width, &chosen, pan));
        let mut shown = pans.filter(|shown| !is_chosen || shown.iter().any(|(column, _)| *column == cursor));
        // Where the first one leaves no room for any other, it gives way.
        let without_first = || {
            let from = chosen.iter().position(|one| one.column == cursor).unwrap_or(0);
            table::columns_for_width(width, chosen.get(from..), pods)
        };
        shown.next().unwrap_or_else(without_first)
    }

    /// All columns that the column cursor can reach: the chosen ones, also those beyond the edge, or those that fit.
    pub fn reachable_columns(&self) -> Vec<ChosenColumn> {
        let visible = || self.columns().into_iter().map(|(column, _)| ChosenColumn::from(column)).collect();
        self.chosen_columns().unwrap_or_else(visible)
    }

    /// The job with this number.
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }

    /// The job of changes with this number.
    pub fn change_job(&self, id: JobId) -> Option<&ChangeJob> {
        self.change_jobs.iter().find(|job| job.id == id)
    }

    /// The numbers of all jobs of this run, newest first.
    pub fn job_ids(&self) -> Vec<JobId> {
        let changes = self.change_jobs.iter().map(|job| job.id);
        let mut ids: Vec<JobId> = self.jobs.iter().map(|job| job.id).chain(changes).collect();
        ids.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
        ids
    }

    /// Whether a job still runs.
    pub fn has_running_job(&self) -> bool {
        self.jobs.iter().any(Job::is_running) || self.change_jobs.iter().any(ChangeJob::is_running)
    }

    /// A new number for a question.
    pub(super) fn request_id(&mut self) -> RequestId {
        let id = RequestId(self.next_request);
        self.next_request += 1;
        id
    }

    /// A new id for a plan: four hexadecimal digits that have not been used in this run.
    pub(super) fn plan_id(&mut self) -> PlanId {
        // A step of a full-period generator over 16 bits, so that ids look unlike each other and never repeat soon.
        self.plan_seed = self.plan_seed.wrapping_mul(25_173).wrapping_add(13_849) & 0xffff;
        PlanId::from(format!("{:04x}", self.plan_seed))
    }

    /// Tells the operator something.
    pub(super) fn notify(&mut self, kind: NoticeKind, text: &str) {
        self.notice = Some(Notice { kind, text: Text::clean(text) });
    }
}
