//! What the core wants done; the runtime does it, and answers come back as messages.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    bulk::{Finding, JobControl, Plan, SavedPlan},
    change::ChangePlan,
    cloud::CloudEffect,
    export::{ExportForm, ListExport},
    filter::Filter,
    planning::PlanBrief,
    remembered::Memory,
    state::{PlanSheet, Scope},
    table::{GroupNames, SessionTable},
};
use crate::domain::{EventId, Fault, JobId, Outcome, PodId, SessionId, StreamQuery, Text, UserId};

/// Tells answers to older questions from answers to the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestId(pub u64);

/// A thing to do. No secret travels in one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Log in. Answered by `Connected` or `ConnectFailed`.
    Connect,
    /// Read the whole list of sessions. Answered by `SessionsProgressed` and, before the first list is there,
    /// `SessionsGlimpsed`, then `SessionsLoaded` or `SessionsFailed`.
    FetchSessions {
        /// Comes back with the answer.
        request: RequestId,
        /// Whose.
        scope: Scope,
    },
    /// Find out which rows of the list a filter lets through; the next such question stops this one. Answered by `RowsJudged`.
    JudgeRows {
        /// Comes back with the answer.
        request: RequestId,
        /// The list.
        table: Arc<SessionTable>,
        /// The filter.
        filter: Filter,
        /// What groups are called.
        groups: Arc<GroupNames>,
    },
    /// Make a plan of many targets. Answered by `PlanMade`.
    MakePlan {
        /// Comes back with the answer.
        request: RequestId,
        /// What it is made from.
        brief: Box<PlanBrief>,
    },
    /// Let go of the sheet of a plan of many targets that was not started: that takes its time too.
    DropPlan(Box<PlanSheet>),
    /// Look at some sessions of the list again. Answered by `SessionsRenewed`.
    RenewSessions {
        /// Comes back with the answer.
        request: RequestId,
        /// The list.
        table: Arc<SessionTable>,
        /// Who is looked at.
        sessions: Vec<SessionId>,
    },
    /// Read the events since the last ones. Answered by `EventsLoaded` or `EventsFailed`.
    FetchEvents {
        /// Comes back with the answer.
        request: RequestId,
    },
    /// Carry out a plan. Answered by `JobProgressed`, the last of which says that it is finished.
    RunJob {
        /// The job's number.
        job: JobId,
        /// What to carry out.
        plan: Arc<Plan>,
    },
    /// Tell a job what the operator wants of it.
    ControlJob {
        /// The job's number.
        job: JobId,
        /// What.
        control: JobControl,
    },
    /// Read targets of a job again, with nothing sent. Answered by `JobReadAgain`.
    ReadAgain {
        /// The job's number.
        job: JobId,
        /// Each with the pod that hosts it, when that is not the one that is asked.
        targets: Vec<(Option<PodId>, SessionId)>,
    },
    /// Go on with a job on record. Answered by `JobProgressed`, as a new one is.
    ResumeJob {
        /// The number that it has in this run.
        job: JobId,
        /// The id of its journal.
        journal: String,
        /// What it carries out.
        plan: Arc<Plan>,
        /// What the operator saw of each target, by place: nothing more than that is sent.
        seen: Vec<Outcome>,
    },
    /// Something about the jobs on record.
    Records(RecordsEffect),
    /// Remember this for the next run. Answered by `FileWritten` only when it cannot be written.
    Remember(Box<Memory>),
    /// Write the shown list to a file. Answered by `FileWritten`.
    ExportList {
        /// The list.
        list: Box<ListExport>,
        /// The form.
        form: ExportForm,
        /// The file's name, without its ending.
        name: String,
    },
    /// Write a short list to a file. Answered by `FileWritten`.
    ExportText {
        /// The list in its form.
        text: String,
        /// The form.
        form: ExportForm,
        /// The file's name, without its ending.
        name: String,
    },
    /// Write the screen to a file, as text. Answered by `FileWritten`.
    DumpScreen {
        /// The file's name, without its ending.
        name: String,
    },
    /// Write the report of a job to files. Answered by `ReportWritten`.
    WriteReport {
        /// The job's number, when it is one of this run.
        job: Option<JobId>,
        /// The name of the files, without the ending: letters, digits and dashes only.
        name: String,
        /// Ending and contents of each.
        files: Vec<(String, String)>,
    },
    /// Give a text to the clipboard of the operator's terminal.
    Copy(String),
    /// Send nothing more for this job; what is out is waited for.
    StopJob {
        /// The job's number.
        job: JobId,
    },
    /// Read again what the account may do. Answered by `RightsRead`.
    FetchRights {
        /// Comes back with the answer.
        request: RequestId,
    },
    /// Read the pods of the federation. Answered by `FederationRead`.
    FetchFederation {
        /// Comes back with the answer.
        request: RequestId,
    },
    /// Read everything about permissions. Answered by `PermissionsRead`.
    FetchPermissions {
        /// Comes back with the answer.
        request: RequestId,
    },
    /// Read everything about images. Answered by `ImagesRead`.
    FetchImages {
        /// Comes back with the answer.
        request: RequestId,
        /// What to list.
        query: StreamQuery,
    },
    /// Look for users and groups. Answered by `PrincipalsFound`.
    SearchPrincipals {
        /// Comes back with the answer.
        request: RequestId,
        /// What is typed.
        text: String,
    },
    /// Try whether jobs can be recorded. Answered by `CannotRecord` when they cannot.
    CheckRecord,
    /// Look for the groups that protected rules name. Answered by `ProtectedGroupsFound`.
    FindProtectedGroups {
        /// The names.
        names: Vec<String>,
    },
    /// Read users or groups, each with the groups it belongs to. Answered by `PrincipalsRead`.
    ReadPrincipals {
        /// Comes back with the answer.
        request: RequestId,
        /// Their SIDs.
        ids: Vec<UserId>,
    },
    /// Ask the directory what groups are called, in one call. Answered by `PrincipalsRead`.
    NameGroups {
        /// Comes back with the answer.
        request: RequestId,
        /// Their SIDs: no more than one call takes.
        ids: Vec<UserId>,
    },
    /// Read the attributes of an event. Answered by `EventAttributesRead`.
    FetchEventAttributes {
        /// Comes back with the answer.
        request: RequestId,
        /// The event.
        event: EventId,
    },
    /// Read the sessions that a user has on any pod. Answered by `UserSessionsRead`.
    FetchUserSessions {
        /// Comes back with the answer.
        request: RequestId,
        /// The user's SID.
        user: UserId,
    },
    /// Carry out a plan of changes. Answered by `JobProgressed`, the last of which says that it is finished.
    RunChanges {
        /// The job's number.
        job: JobId,
        /// What to carry out.
        plan: Arc<ChangePlan>,
    },
    /// Something about what only Workspace has.
    Cloud(CloudEffect),
    /// Save a plan in a file. Answered by `PlanSaved`.
    SavePlan {
        /// The plan with what it may be applied to.
        saved: Box<SavedPlan>,
    },
    /// Draw everything afresh, as after a garbled screen.
    Redraw,
    /// Put the program into the background.
    Suspend,
    /// End the program.
    Exit(ExitReason),
}

/// What is wanted of the jobs on record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum RecordsEffect {
    /// List them. Answered by `Listed`.
    List {
        /// Comes back with the answer.
        request: RequestId,
    },
    /// Read one. Answered by `Read`.
    Read {
        /// Comes back with the answer.
        request: RequestId,
        /// The id of its journal.
        journal: String,
    },
    /// Write down what was found out about a job after its end. Answered by `Amended`.
    Amend {
        /// The job's number.
        job: JobId,
        /// The id of its journal.
        journal: String,
        /// What became of its targets, and what that rests on.
        found: Vec<Finding>,
        /// How it was found out.
        words: Text,
    },
}

/// Why the program ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ExitReason {
    /// The operator left.
    Left,
    /// The first connection failed: there is nothing to show.
    NotConnected(Fault),
    /// A signal asked for it.
    Signal,
}
