//! App sessions (`workspace.md sections 7.1 to 7.3`).

use serde_json::{Value, json};

use super::call::{Answer, Call, Reply, contains, is, plain_time, put, time, workspace, workspace_mut};
use super::error::CloudError;
use crate::sim::estate::{AppSession, AppState, Estate, Made, Workspace};

/// The most sessions of one logoff, and the longest delay in seconds.
const MOST_SESSIONS: usize = 999;
const LONGEST_DELAY: i64 = 999_999;

/// Everything that is written of a session.
pub(crate) struct Facts<'a> {
    pub(crate) estate: &'a Estate,
    pub(crate) workspace: &'a Workspace,
    pub(crate) session: &'a AppSession,
}

impl Facts<'_> {
    /// `name@domain`.
    pub(crate) fn login_user(&self) -> String {
        format!("{}@{}", self.session.login, self.estate.defined.world.domain.dns)
    }

    pub(crate) fn machine(&self) -> &str {
        &self.workspace.servers[self.session.server].name
    }

    pub(crate) fn machine_sid(&self) -> String {
        let number = self.workspace.servers[self.session.server].number;
        format!("{}-{}", self.estate.defined.world.domain.sid, 9000 + number)
    }

    pub(crate) fn group(&self) -> &crate::sim::estate::ServerGroup {
        &self.workspace.server_groups[self.workspace.servers[self.session.server].group]
    }

    pub(crate) fn vm_ip(&self) -> String {
        vm_ip(self.workspace.servers[self.session.server].number)
    }

    pub(crate) fn public_ip(&self) -> String {
        format!("198.51.100.{}", self.session.client % 250 + 1)
    }

    pub(crate) fn client_ip(&self) -> String {
        format!(
            "10.{}.{}.{}",
            40 + self.session.client % 8,
            self.session.client / 250 % 250,
            self.session.client % 250
        )
    }

    pub(crate) fn client_name(&self) -> String {
        format!("PC-{:05}", self.session.client)
    }

    pub(crate) fn client_mac(&self) -> String {
        let number = self.session.client;
        format!("02:57:4b:{:02x}:{:02x}:{:02x}", number >> 16, number >> 8 & 255, number & 255)
    }

    pub(crate) fn client_type(&self) -> &'static str {
        ["Windows", "Windows", "Windows", "Mac"][self.session.client as usize % 4]
    }

    /// `1` for a shared desktop, `2` for applications.
    pub(crate) fn session_type(&self) -> &'static str {
        if self.group().desktops { "1" } else { "2" }
    }

    /// The processes that run, which are none before the session is ready.
    pub(crate) fn applications(&self) -> &[String] {
        let count = if self.session.state == AppState::AppcInit { 0 } else { self.session.applications };
        let all = &self.group().applications;
        all.get(..count.min(all.len())).unwrap_or_default()
    }

    pub(crate) fn failure(&self) -> (&'static str, &'static str) {
        if self.session.state == AppState::InitFail {
            ("WKS.00161007", "The user profile could not be loaded.")
        } else {
            ("", "")
        }
    }

    pub(crate) fn user_sid(&self) -> String {
        self.estate.sid(self.session.user)
    }

    /// The fields that both lists have, without times.
    fn common(&self) -> Value {
        let (session, group) = (self.session, self.group());
        let (failed_code, failed_reason) = self.failure();
        let held = (self.workspace.now - session.since) / 1000;
        let state = if session.state.is_over() { 0 } else { held.max(0) };
        json!({
            "id": session.id,
            "session_stamp": format!("{}-{}-HDP-{}", self.machine_sid(), self.user_sid(), session.number),
            "os_session_id": (session.number % 60 + 2).to_string(),
            "protocol_type": "HDP",
            "login_user": self.login_user(),
            "session_type": self.session_type(),
            "app_server_group_id": group.id,
            "status_continue_time": state.to_string(),
            "machine_sid": self.machine_sid(),
            "machine_name": self.machine(),
            "session_state": session.state.word(),
            "app_name": self.applications().join(","),
            "client_mac": self.client_mac(),
            "client_name": self.client_name(),
            "client_ip": self.client_ip(),
            "public_ip": self.public_ip(),
            "client_version": "23.12.1",
            "client_type": self.client_type(),
            "agent_version": "24.2.0",
            "vm_ip": self.vm_ip(),
            "failed_reason": failed_reason,
            "failed_code": failed_code,
            "tenant_id": self.workspace.tenant_id,
        })
    }

    fn row(&self) -> Value {
        let session = self.session;
        let mut row = self.common();
        row["app_server_group_name"] = Value::from(self.group().name.as_str());
        row["pre_conn_time"] = Value::from(time(session.start - 2000));
        row["start_time"] = Value::from(time(session.start));
        row["last_update_status_time"] = Value::from(time(session.since));
        // Absent while it lasts: an empty text would not be a time for the vendor's SDK.
        put(&mut row, "end_time", session.end.map(time));
        row["primary_server_group_id"] = Value::from("");
        row["secondary_server_group_id"] = Value::from("");
        row
    }

    /// Of one user: times in the plain style (section 7.2).
    fn row_of_user(&self) -> Value {
        let session = self.session;
        let at = self.workspace.servers[session.server].group;
        let app_group = self.workspace.app_groups.iter().find(|group| group.server_group == Some(at));
        let mut row = self.common();
        row["app_group_id"] = Value::from(app_group.map_or("", |group| group.id.as_str()));
        row["pre_conn_time"] = Value::from(plain_time(Some(session.start - 2000)));
        row["start_time"] = Value::from(plain_time(Some(session.start)));
        row["end_time"] = Value::from(plain_time(session.end));
        row["last_update_status_time"] = Value::from(plain_time(Some(session.since)));
        row
    }
}

/// The address of an app server.
pub(crate) fn vm_ip(number: u32) -> String {
    format!("192.168.{}.{}", number / 250, number % 250 + 2)
}

/// `GET …/session/list-sessions`, newest first.
pub(crate) fn list(call: &Call<'_>) -> Answer {
    let missing = |name| CloudError::bad_request(format!("The parameter {name} is required."));
    let from = call.time("query_begin_time")?.ok_or_else(|| missing("query_begin_time"))?;
    let to = call.time("query_end_time")?.ok_or_else(|| missing("query_end_time"))?;
    if from > to {
        return Err(CloudError::bad_request("query_begin_time is after query_end_time."));
    }
    let states: Option<Vec<&str>> = call.parameter("session_state").map(|list| list.split(',').collect());
    let known = |word: &&str| AppState::ALL.iter().any(|state| state.word() == *word);
    if states.as_ref().is_some_and(|states| !states.iter().all(known)) {
        return Err(CloudError::bad_request("The parameter session_state is not valid."));
    }
    let success = call.flag("is_success")?;
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let facts = |session| Facts { estate: &estate, workspace, session };
    let fits = |facts: &Facts<'_>| {
        let session = facts.session;
        (from..=to).contains(&session.start)
            && states.as_ref().is_none_or(|states| states.contains(&session.state.word()))
            && success.is_none_or(|success| success == (session.state != AppState::InitFail))
            && contains(&facts.login_user(), call.parameter("user_name"))
            && is(&facts.group().id, call.parameter("app_server_group_id"))
            && contains(facts.machine(), call.parameter("machine_name"))
            && contains(&facts.vm_ip(), call.parameter("vm_ip"))
            && contains(&facts.public_ip(), call.parameter("public_ip"))
    };
    let mut rows: Vec<Facts<'_>> = workspace.sessions.iter().map(facts).filter(fits).collect();
    rows.sort_by_key(|facts| std::cmp::Reverse((facts.session.start, facts.session.number)));
    call.page("items", &rows, Facts::row)
}

/// `GET …/session/user-session-info`: all that the list still has, with or without the domain behind the name.
pub(crate) fn of_user(call: &Call<'_>) -> Answer {
    let name = call.required("user_name")?.to_lowercase();
    if name.chars().count() > 64 {
        return Err(CloudError::bad_request("The parameter user_name must have 1 to 64 characters."));
    }
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let facts = |session| Facts { estate: &estate, workspace, session };
    let fits = |facts: &Facts<'_>| {
        facts.session.login.to_lowercase() == name || facts.login_user().to_lowercase() == name
    };
    let rows: Vec<Facts<'_>> = workspace.sessions.iter().rev().map(facts).filter(fits).collect();
    Ok(Reply::json(json!({"session_info_list": call.rows(rows.iter(), Facts::row_of_user)})))
}

/// `POST …/session/logoff`: accepted, and done later.
pub(crate) fn log_off(call: &Call<'_>) -> Answer {
    let fields = call.fields()?;
    let ids = fields.ids("session_ids", MOST_SESSIONS)?;
    if ids.iter().any(|id| id.len() > 64) {
        return Err(CloudError::bad_request("An id of session_ids is longer than 64 characters."));
    }
    fields.needed_number("message_type", 0, 4)?;
    let delay = fields.needed_number("delay_time", 0, LONGEST_DELAY)?;
    let message = fields.text("message", 1, 255)?;
    fields.text("title", 1, 255)?;
    fields.text("transaction_id", 0, 31)?;
    let mut estate = call.shared.estate();
    workspace_mut(&mut estate)?.log_off(&ids, delay as u32, message);
    Ok(Reply::empty())
}

/// The id of an application, the same for all groups.
pub(crate) fn app_id(workspace: &Workspace, group: usize, number: usize) -> String {
    workspace.ids.digits(Made::App, (group * 100 + number) as u64)
}
