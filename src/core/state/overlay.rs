//! Sheets and menus above the screen.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    core::{
        bulk::{BlastRadius, Confirmation, Course, Guard, HoldReason, Plan, TYPED_ABOVE, journal::Record},
        change::ChangePlan,
        cloud::CloudSheet,
        command::{Command, Context},
        effect::RequestId,
        filter::Filter,
        form::Form,
        images::ImageNode,
        line_input::LineInput,
        past::DiffSheet,
        records::JobKey,
        remote::Remote,
        shell::quoted,
        table::{ChosenColumn, SessionTable},
        text_area::TextArea,
    },
    domain::{Fault, JobId, MessageSeverity, PermissionId, PlanId, Session, SessionId, Text, Verb},
};

/// The menu of verbs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionMenu {
    /// The sessions it is about.
    pub targets: Vec<SessionId>,
    /// Each verb: how many of the targets may be sent, and why the others may not.
    pub choices: Vec<VerbChoice>,
    /// The line under the cursor.
    pub cursor: usize,
}

/// A line of the action menu.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerbChoice {
    /// The verb.
    pub verb: Verb,
    /// Whether a warning and a countdown come before it.
    #[serde(default)]
    pub warns: bool,
    /// Targets for which it is legal.
    pub eligible: usize,
    /// The reasons of the others, most frequent first.
    pub reasons: Vec<(HoldReason, usize)>,
    /// Targets among the legal ones of which it is not known whether the account may: the server decides.
    #[serde(default)]
    pub unknown: usize,
}

impl VerbChoice {
    /// Whether there is anything to send.
    pub fn is_enabled(&self) -> bool {
        self.eligible > 0
    }

    /// The letter after `a` that chooses it.
    pub fn letter(&self) -> char {
        if self.warns { 'w' } else { self.verb.letter() }
    }

    /// Its name, in capitals.
    pub fn title(&self) -> &'static str {
        if self.warns { "WARN, LOG OFF" } else { self.verb.title() }
    }

    /// What it does.
    pub fn describe(&self) -> &'static str {
        if self.warns { "warn, wait, then log off" } else { self.verb.describe() }
    }
}

/// What the plan sheet shows below its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlanPage {
    /// Counts.
    Summary,
    /// Targets to be sent.
    Targets,
    /// Targets held back, with reasons.
    HeldBack,
    /// Targets to be sent that the filter hides.
    Hidden,
}

/// The sheet of a plan that has not been started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanSheet {
    /// The plan; frozen.
    pub plan: Plan,
    /// Its blast radius.
    pub blast: BlastRadius,
    /// Digits typed so far.
    pub typed: String,
    /// What is shown.
    pub page: PlanPage,
    /// First line shown of a list.
    pub scroll: usize,
    /// Why the last attempt to start did not work, or what must be known of it.
    pub complaint: Option<Text>,
    /// The targets in the order in which they would be sent, were none held back.
    pub order: Vec<SessionId>,
    /// The file that holds it as it is now, when it was saved.
    pub saved: Option<Text>,
    /// The filter whose matches are exactly these targets, if there is one: it says the same on a command line.
    pub chosen_by: Option<Filter>,
    /// The list that it was made from: what is changed on the sheet is judged by it.
    pub table: Arc<SessionTable>,
}

impl PlanSheet {
    /// The command line that does the same: the saved plan, or the filter that chose exactly these targets, or their ids.
    pub fn command_line(&self) -> String {
        let plan = &self.plan;
        let count = plan.to_send.len();
        if let Some(saved) = &self.saved {
            return format!("foretop apply {saved} --yes {count}");
        }
        let (verb, extra) = match plan.verb {
            Verb::LogoffForced => ("logoff", " --forced".to_owned()),
            Verb::Message => {
                let told = plan.message.as_ref().map(|message| {
                    let severity = message.severity.label().to_lowercase();
                    format!(" --severity {severity} --text {}", quoted(&message.text))
                });
                ("message", told.unwrap_or_default())
            }
            verb => (verb.name(), String::new()),
        };
        if self.chosen_by.is_none() && count > TYPED_ABOVE {
            // Nobody reads so many ids, and no shell takes all of them.
            return format!("foretop apply {} --yes {count}   (w saves it first)", plan.id);
        }
        let mut words = vec![format!("foretop sessions {verb}{extra}")];
        let mut add = |name: &str, value: &str| words.push(format!("--{name} {}", quoted(value)));
        let guard = plan.terms.guard.as_ref().map(Guard::text);
        if let Some(filter) = &self.chosen_by {
            add("where", filter.text());
            if guard != Some(filter.text()) {
                add("guard", guard.unwrap_or_default());
            }
        } else {
            for target in &plan.to_send {
                add("id", target.session.id.raw());
            }
            if let Some(guard) = guard {
                add("guard", guard);
            }
        }
        for (name, value) in plan.terms.pace.arguments() {
            add(name, &value);
        }
        for (name, value) in plan.terms.course.iter().flat_map(Course::arguments) {
            add(name, &value);
        }
        if let Some(ticket) = &plan.terms.ticket {
            add("ticket", ticket.as_str());
        }
        words.push(format!("--yes {count}"));
        words.join(" ")
    }
}

/// The field of the composer that has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ComposerField {
    /// The severity picker.
    Severity,
    /// The text.
    Text,
    /// What to do about disconnected targets.
    Disconnected,
    /// What follows the message.
    Then,
    /// Minutes of the wait.
    Wait,
    /// Minutes before its end at which it is said again.
    Remind,
    /// Minutes after the logoff until force.
    ForceAfter,
}

/// What follows a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Then {
    /// Nothing more.
    #[default]
    Nothing,
    /// After a wait, the polite logoff.
    Logoff,
    /// After a wait, the polite logoff, and later force for those that need it.
    Force,
}

impl Then {
    /// All, in the order of the picker.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Logoff, Self::Force];
}

/// What follows a message, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Afterwards {
    /// What.
    pub then: Then,
    /// Minutes of the wait.
    pub wait: String,
    /// Minutes before its end, separated by blanks.
    pub remind: String,
    /// Minutes after the logoff until force.
    pub force_after: String,
}

impl Default for Afterwards {
    fn default() -> Self {
        let typed = |text: &str| text.to_owned();
        Self { then: Then::Nothing, wait: typed("15"), remind: typed("5 1"), force_after: typed("2") }
    }
}

/// A message being written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Composer {
    /// The sessions it goes to.
    pub targets: Vec<SessionId>,
    /// The label.
    pub severity: MessageSeverity,
    /// The text.
    pub text: TextArea,
    /// The field that has the keys.
    pub field: ComposerField,
    /// Whether targets without a client are left out.
    pub leave_out_disconnected: bool,
    /// Which target the preview is for.
    pub preview: usize,
    /// The message before this one; comes back at a key, never by itself.
    pub last: Option<(MessageSeverity, String)>,
    /// What follows it.
    #[serde(default)]
    pub then: Afterwards,
    /// The template that was taken, by its place.
    #[serde(default)]
    pub template: Option<usize>,
    /// What was typed before a template was taken.
    #[serde(default)]
    pub own: (MessageSeverity, String),
    /// Whether the number in the field that has the keys is still as it was found: the first digit takes its place.
    #[serde(default)]
    pub fresh: bool,
    /// The plan that the message corrects: its targets were told of a logoff that does not come.
    #[serde(default)]
    pub corrects: Option<PlanId>,
    /// Why it cannot be reviewed yet.
    pub complaint: Option<Text>,
}

impl Composer {
    /// Gives the keys to a field.
    pub fn focus(&mut self, field: ComposerField) {
        self.field = field;
        self.fresh = matches!(field, ComposerField::Wait | ComposerField::Remind | ComposerField::ForceAfter);
    }
}

/// The sheet of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobSheet {
    /// The job.
    pub job: JobId,
    /// The cause under the cursor.
    pub cursor: usize,
    /// Whether the names of that cause have the keys.
    pub names: bool,
    /// First name shown.
    pub scroll: usize,
    /// What a key could not do.
    pub complaint: Option<Text>,
}

/// The list of jobs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JobsSheet {
    /// The job under the cursor; the first one before a key chose.
    pub chosen: Option<JobKey>,
    /// Where it was last, in case that it is not there any more.
    pub place: usize,
    /// What a key could not do.
    pub complaint: Option<Text>,
}

/// The sheet of a job on record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordSheet {
    /// The id of its journal.
    pub journal: String,
    /// What it tells.
    pub record: Remote<Arc<Record>>,
    /// The question that is out.
    pub request: Option<RequestId>,
    /// The cause under the cursor.
    pub cursor: usize,
    /// Whether the names of that cause have the keys.
    pub names: bool,
    /// First name shown.
    pub scroll: usize,
    /// Whether to ask about going on with it as soon as it is read.
    pub resume: bool,
    /// What a key could not do.
    pub complaint: Option<Text>,
}

/// What is left of a job on record, before it is gone on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResumeSheet {
    /// The job as its journal tells it.
    pub record: Record,
    /// The part of its plan that is left: so many are sent at most.
    pub left: Plan,
    /// Digits typed so far.
    pub typed: String,
    /// First line shown.
    pub scroll: usize,
    /// Why the last attempt to start did not work.
    pub complaint: Option<Text>,
}

impl ResumeSheet {
    /// What it takes to go on: a key where sessions are only read.
    pub fn confirmation(&self) -> Confirmation {
        match self.left.confirmation() {
            Confirmation::Nothing if !self.record.recovered.to_confirm().is_empty() => Confirmation::Key,
            other => other,
        }
    }
}

/// The menu of what can be changed, after `a` on the permissions and images tabs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeMenu {
    /// What it is about.
    pub title: Text,
    /// The lines.
    pub choices: Vec<ChangeChoice>,
    /// The line under the cursor.
    pub cursor: usize,
}

/// A line of that menu.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeChoice {
    /// What it does; its key is the one bound in [`Context::ChangeMenu`].
    pub command: Command,
    /// What it does, in words that fit what is under the cursor: `delete 3 marked permissions`.
    pub label: Text,
    /// Why it cannot be done, if it cannot: `needs GLOBAL_CONFIG_MANAGEMENT`.
    pub objection: Option<Text>,
}

/// The sheet of a plan of changes that has not been started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeSheet {
    /// The plan; frozen.
    pub plan: ChangePlan,
    /// What was typed so far: the number or the words.
    pub typed: LineInput,
    /// First line shown.
    pub scroll: usize,
    /// Why the last attempt to start did not work.
    pub complaint: Option<Text>,
}

/// Attributes of an event, asked for on demand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EventAttributes {
    /// The question is out.
    Asking(RequestId),
    /// The answer.
    Read(Result<BTreeMap<Text, Text>, Fault>),
    /// There are none: a record of the console's own.
    None,
}

/// The sessions that the user of a session has on other pods, asked for where the list does not have them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Elsewhere {
    /// There is nobody to ask, or nothing to ask for: the list has all that can be known.
    NotAsked,
    /// The question is out.
    Asking(RequestId),
    /// What was found, those of this pod included, and when.
    Read(Result<Vec<Session>, Fault>, Timestamp),
}

/// A sheet or menu above the screen; the last one has the keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Overlay {
    /// The menu of verbs.
    Actions(ActionMenu),
    /// A plan of many targets that is being made.
    Planning {
        /// The question whose answer is its sheet.
        request: RequestId,
        /// The verb.
        verb: Verb,
        /// How many targets there are.
        count: usize,
    },
    /// A plan.
    Plan(Box<PlanSheet>),
    /// A message being written.
    Composer(Box<Composer>),
    /// A job.
    Job(JobSheet),
    /// The list of jobs: those of this run, and those on record.
    Jobs(JobsSheet),
    /// A job on record.
    Record(Box<RecordSheet>),
    /// What is left of a job on record, before it is gone on with.
    Resume(Box<ResumeSheet>),
    /// The details of a session.
    Detail {
        /// The session.
        session: SessionId,
        /// What else its user has.
        elsewhere: Elsewhere,
        /// First line shown.
        scroll: usize,
    },
    /// The help.
    Help {
        /// The context it was asked for in.
        context: Context,
        /// Search text.
        search: LineInput,
        /// First line shown.
        scroll: usize,
    },
    /// The question before leaving while a job runs.
    Leave,
    /// The menu of changes.
    ChangeMenu(ChangeMenu),
    /// A form.
    Form(Box<Form>),
    /// A plan of changes.
    Change(Box<ChangeSheet>),
    /// A job of changes.
    ChangeJob {
        /// The job.
        job: JobId,
        /// First line shown.
        scroll: usize,
    },
    /// The details of a permission.
    Permission {
        /// The permission.
        permission: PermissionId,
        /// First line shown.
        scroll: usize,
    },
    /// The answer to `:can`.
    Answer {
        /// The question.
        title: Text,
        /// The answer and its reasons.
        lines: Vec<Text>,
        /// First line shown.
        scroll: usize,
    },
    /// The details of a node of the image tree.
    Image {
        /// The node.
        node: ImageNode,
        /// First line shown.
        scroll: usize,
    },
    /// What an event means, and its attributes.
    Event {
        /// The row of the event pane, by its number.
        entry: u64,
        /// Its attributes.
        attributes: EventAttributes,
        /// First line shown.
        scroll: usize,
    },
    /// What the own account may do.
    WhoAmI {
        /// First line shown.
        scroll: usize,
    },
    /// What the governor does.
    Governor {
        /// First line shown.
        scroll: usize,
    },
    /// The pods of the federation.
    Pods {
        /// The line under the cursor.
        cursor: usize,
    },
    /// The list of themes; the one under the cursor is shown.
    Themes {
        /// The line under the cursor.
        cursor: usize,
    },
    /// The list of columns; each change is shown at once.
    Columns(Box<ColumnSheet>),
    /// The breakdown of the shown sessions, where it has no room beside the table.
    Facets,
    /// What changed since some time ago.
    Diff(Box<DiffSheet>),
    /// What was seen of a session.
    Timeline {
        /// The session.
        session: SessionId,
        /// First line shown.
        scroll: usize,
    },
    /// All that a server said of a session.
    Raw {
        /// The session.
        session: SessionId,
        /// First line shown.
        scroll: usize,
    },
    /// Something that only Workspace has.
    Cloud(CloudSheet),
}

/// The list of columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSheet {
    /// The line under the cursor.
    pub cursor: usize,
    /// Every column, in the order in which those that are shown stand.
    pub entries: Vec<ColumnEntry>,
    /// What was chosen when the list was opened: what Esc brings back.
    pub before: Option<Vec<ChosenColumn>>,
}

/// A line of the list of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnEntry {
    /// The column, with its width where one was chosen.
    pub chosen: ChosenColumn,
    /// Whether it is shown.
    pub shown: bool,
}
