//! What the core is told: keys, time, answers.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    bulk::{
        JobEvent, Look,
        journal::{ListedJob, Record},
    },
    cloud::CloudMsg,
    effect::RequestId,
    key::Key,
    pressure::Pressure,
    state::{FrameMeasure, PlanSheet, ScreenSize},
    table::SessionTable,
};
use crate::domain::{
    AuditEvent, Capabilities, EventFeed, Fault, Federation, ImageBook, JobId, PermissionBook, PlanId,
    Principal, Session, SessionId, Text,
};

/// A thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Msg {
    /// The time. The runtime sends it before every other message, so that `now` is always right.
    Tick(Timestamp),
    /// A key.
    Key(Key),
    /// What was drawn so far; comes before a frame.
    Measured(FrameMeasure),
    /// Text pasted into the terminal, already free of control characters but line breaks.
    Paste(String),
    /// The screen has this size now.
    Resized(ScreenSize),
    /// Logged in.
    Connected(Box<Capabilities>),
    /// Could not log in.
    ConnectFailed(Fault),
    /// What server and account can do was found to be different, after a failover for instance.
    CapabilitiesChanged(Box<Capabilities>),
    /// What the account may do was read again, with what server and account can do by that.
    RightsRead {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Result<Box<Capabilities>, Fault>,
    },
    /// Part of the list is there.
    SessionsProgressed {
        /// The question.
        request: RequestId,
        /// Sessions read so far.
        received: usize,
        /// Sessions in all, when the server says.
        total: Option<usize>,
    },
    /// The part of the first list that has arrived, as it can be shown.
    SessionsGlimpsed {
        /// The question.
        request: RequestId,
        /// The part.
        table: Arc<SessionTable>,
    },
    /// The whole list is there.
    SessionsLoaded {
        /// The question.
        request: RequestId,
        /// The list.
        table: Arc<SessionTable>,
        /// Rows that could not be read, and are not in it.
        unreadable: usize,
    },
    /// The list could not be read.
    SessionsFailed {
        /// The question.
        request: RequestId,
        /// Why.
        fault: Fault,
    },
    /// What the rows of a list are to a filter is known, and kept with the list.
    RowsJudged {
        /// The question.
        request: RequestId,
    },
    /// A plan of many targets is made.
    PlanMade {
        /// The question.
        request: RequestId,
        /// Its sheet.
        sheet: Box<PlanSheet>,
    },
    /// Some of the sessions of a list were looked at again.
    SessionsRenewed {
        /// The question.
        request: RequestId,
        /// The list that they are of.
        of: Arc<SessionTable>,
        /// The list with what is new about them, if anything is.
        answer: Result<Option<Arc<SessionTable>>, Fault>,
    },
    /// Events are there, oldest first.
    EventsLoaded {
        /// The question.
        request: RequestId,
        /// New rows.
        events: Vec<AuditEvent>,
        /// Whether the server has any for us.
        feed: EventFeed,
        /// Whether older ones were left out because there were too many.
        truncated: bool,
        /// Rows and fields that could not be read and were left out.
        unreadable: usize,
    },
    /// Events could not be read.
    EventsFailed {
        /// The question.
        request: RequestId,
        /// Why.
        fault: Fault,
    },
    /// Targets of a job were read again.
    JobReadAgain {
        /// The job.
        job: JobId,
        /// What was seen of each.
        answer: Result<Vec<(SessionId, Look)>, Fault>,
    },
    /// A file that was asked for is there, or could not be written.
    FileWritten {
        /// Where it is, or why there is none.
        answer: Result<Text, Text>,
    },
    /// The run is recorded no more, and why.
    RecordingEnded(Text),
    /// The report of a job was written to files.
    ReportWritten {
        /// The job, when it is one of this run.
        job: Option<JobId>,
        /// The name of the files with `*` for their endings; or why it could not be done.
        answer: Result<Text, Text>,
    },
    /// The pods of the federation; `None` inside where there is none.
    FederationRead {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Result<Option<Arc<Federation>>, Fault>,
    },
    /// Everything about permissions.
    PermissionsRead {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Result<Arc<PermissionBook>, Fault>,
    },
    /// Everything about images.
    ImagesRead {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Result<Arc<ImageBook>, Fault>,
    },
    /// Users and groups that were looked for.
    PrincipalsFound {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Result<Vec<Principal>, Fault>,
    },
    /// Users or groups by their SIDs; those that do not resolve are missing.
    PrincipalsRead {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Result<Vec<Principal>, Fault>,
    },
    /// The attributes of an event.
    EventAttributesRead {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Result<BTreeMap<Text, Text>, Fault>,
    },
    /// The sessions that a user has on any pod that answers.
    UserSessionsRead {
        /// The question.
        request: RequestId,
        /// The answer.
        answer: Result<Vec<Session>, Fault>,
    },
    /// A job went on.
    JobProgressed {
        /// The job.
        job: JobId,
        /// What happened.
        event: JobEvent,
    },
    /// Jobs of this estate that an earlier run left, the newest first.
    JobsInterrupted(Vec<Interrupted>),
    /// Something about what only Workspace has.
    Cloud(CloudMsg),
    /// Something about the jobs on record.
    Records(RecordsMsg),
    /// A plan was saved under this name, or could not be.
    PlanSaved {
        /// The plan.
        plan: PlanId,
        /// Its name for `foretop apply`, or why there is none.
        answer: Result<Text, Text>,
    },
    /// Jobs cannot be recorded, for this reason: none can start.
    CannotRecord(Text),
    /// The groups that protected rules name were looked for.
    ProtectedGroupsFound {
        /// Their SIDs, by name, as far as they were found.
        found: BTreeMap<String, Vec<String>>,
        /// What is to be said of those that were not.
        unfound: Vec<Text>,
        /// Whether looking again may help: the server did not answer.
        again: bool,
    },
    /// The governor's state changed.
    PressureChanged(Pressure),
    /// The program was asked to end (SIGTERM, SIGHUP).
    Terminated,
}

/// What is told of the jobs on record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum RecordsMsg {
    /// The list, the newest first.
    Listed {
        /// The question.
        request: RequestId,
        /// This estate as journals name it.
        estate: Text,
        /// The answer.
        answer: Result<Vec<ListedJob>, Fault>,
    },
    /// One job.
    Read {
        /// The question.
        request: RequestId,
        /// This estate as journals name it.
        estate: Text,
        /// The answer.
        answer: Result<Arc<Record>, Fault>,
    },
    /// The journal of a job of this run was begun.
    Opened {
        /// The job.
        job: JobId,
        /// The id of its journal.
        journal: String,
    },
    /// What was found out about a job after its end was written down, or could not be.
    Amended {
        /// The job.
        job: JobId,
        /// Why not.
        answer: Result<(), Text>,
    },
}

/// A job that was cut off, as its journal tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interrupted {
    /// The id of its journal.
    pub journal: Text,
    /// The id of its plan.
    pub plan: Text,
    /// The verb.
    pub verb: Text,
    /// Targets of which nothing has left.
    pub unsent: usize,
    /// Targets that were sent, or may have been, and have no answer.
    pub unanswered: usize,
    /// Targets that the server took, and that were not seen to have happened.
    pub to_confirm: usize,
}
