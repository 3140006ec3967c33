//! Sessions on app servers (`workspace.md section 7`).

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    read::{self, Row},
    vanished::{Listed, has_ended},
    wire::{PAGE_SIZE, Workspace, within},
};
use crate::{
    api::{
        Action, ItemAnswer, ListProgress, Operation, ReadAgain, RequestClass, SessionList, decode, fault,
        gate::Turn,
        http::never_sent,
        request::{Body, Request},
    },
    domain::{
        Client, ClientKind, Fault, FaultKind, MessageSeverity, Moment, PodId, Protocol, Session, SessionId,
        SessionKind, SessionState, Text, Verb, WireKind,
    },
};

/// States of sessions that have not ended.
const LIVE: &str = "Active,Disconnected,AppcInit";

/// The end of the window lies so far ahead: what began a moment ago must not be missing because clocks differ.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// So many that are listed no more are looked for one by one, in the short list of their user.
const ALONE: usize = 8;

/// The list in which sessions are looked for begins so long before the first of them did: clocks differ.
const BEFORE: SignedDuration = SignedDuration::from_mins(10);

/// What became of sessions that no list of the living has any more.
struct LookedFor {
    /// Those that are there all the same, in whatever state.
    there: Vec<Session>,
    /// Whether all the others have certainly ended.
    certain: bool,
}

/// The longest window that is documented anywhere: for exports (`workspace.md section 7.1`).
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Longest message of a logoff, in characters.
const LONGEST_MESSAGE: usize = 255;

/// A row of the list, and of the sessions of a user.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireSession {
    id: Option<String>,
    login_user: Option<String>,
    session_type: Option<String>,
    session_state: Option<String>,
    protocol_type: Option<String>,
    app_server_group_id: Option<String>,
    app_server_group_name: Option<String>,
    start_time: Option<String>,
    last_update_status_time: Option<String>,
    machine_name: Option<String>,
    app_name: Option<String>,
    client_name: Option<String>,
    client_ip: Option<String>,
    client_version: Option<String>,
    client_type: Option<String>,
    agent_version: Option<String>,
}

/// The state in the words of the domain.
fn state(word: &str) -> SessionState {
    match word {
        "Active" => SessionState::Connected,
        "Disconnected" => SessionState::Disconnected,
        "AppcInit" => SessionState::Pending,
        other => SessionState::Unknown(Text::clean(other)),
    }
}

fn kind(word: &str) -> SessionKind {
    match word {
        "1" => SessionKind::Desktop,
        "2" => SessionKind::Application,
        other => SessionKind::Unknown(Text::clean(other)),
    }
}

impl WireSession {
    fn session(self) -> Option<Session> {
        let said = |raw: Option<String>| raw.filter(|raw| !raw.is_empty() && raw != "null");
        let apps = |names: String| {
            let names = names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Text::clean);
            names.collect::<Vec<_>>()
        };
        let time = |raw: &Option<String>| raw.as_deref().and_then(Moment::read).and_then(|moment| moment.at);
        let state = said(self.session_state).map(|word| state(&word));
        // By its name the last change of the state (`workspace.md section 7.1`, not explained there). Were it a later moment,
        // a session would only seem to be disconnected for less long than it is.
        let disconnected_at =
            time(&self.last_update_status_time).filter(|_| state == Some(SessionState::Disconnected));
        Some(Session {
            user_name: read::text(self.login_user),
            kind: said(self.session_type).map(|word| kind(&word)),
            state,
            disconnected_at,
            protocol: read::word::<Protocol>(self.protocol_type),
            started_at: time(&self.start_time),
            farm_id: read::id(self.app_server_group_id),
            pool_name: read::text(self.app_server_group_name),
            machine_name: read::text(self.machine_name),
            agent_version: read::text(self.agent_version),
            applications: said(self.app_name).map(apps),
            client: Client {
                kind: said(self.client_type).map(|word| client(&word)),
                name: read::text(self.client_name),
                address: read::text(self.client_ip),
                version: read::text(self.client_version),
                location_id: None,
            },
            ..Session::new(read::id(self.id)?)
        })
    }

    fn row(self) -> Option<Row<Session>> {
        let session = self.session()?;
        Some(Row(session.id.raw().to_owned(), session))
    }
}

/// The client's program. The words differ from Horizon's in their case alone, where they are the same at all.
fn client(word: &str) -> ClientKind {
    ClientKind::KNOWN
        .iter()
        .find(|known| known.word().eq_ignore_ascii_case(word))
        .cloned()
        .unwrap_or_else(|| ClientKind::Unknown(Text::clean(word)))
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The list of all sessions in a state that is known as one of the living, without its paging.
pub(super) fn list_request(workspace: &Workspace) -> Request {
    history_request(workspace, workspace.since()).with("session_state", LIVE)
}

/// The list of all sessions that began since a moment, in whatever state, without its paging.
fn history_request(workspace: &Workspace, since: Timestamp) -> Request {
    let end = workspace.now().checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    Request::get(Operation::ListSessions, workspace.path(1, "session/list-sessions"))
        .with("query_begin_time", &stamp(since))
        .with("query_end_time", &stamp(end))
}

impl Workspace {
    /// All sessions that have not ended and began in the window.
    ///
    /// The server is asked for the states that are known as those of the living. Whoever was listed before and is not any
    /// more may be in a state of which nobody told: it is looked for in every state before its absence counts.
    pub(in crate::api) async fn list_sessions(
        &self,
        class: RequestClass,
        progress: impl Fn(ListProgress<'_>),
    ) -> Result<SessionList, Fault> {
        let listing = self.list(class, &list_request(self), "items", WireSession::row, progress).await?;
        let mut list = SessionList {
            sessions: listing.rows,
            complete: listing.complete,
            unreadable: listing.unreadable,
            unreadable_fields: listing.unreadable_fields,
            clock_offset: self.clock_offset(),
        };
        list.sessions.retain(|session| !has_ended(session));
        let whole = list.complete && list.unreadable == 0;
        let vanished = self.listed().vanished(&list.sessions);
        if whole && !vanished.is_empty() {
            let looked = self.look_in_all_states(class, vanished).await?;
            list.sessions.extend(looked.there);
            list.complete = looked.certain;
        }
        self.listed().take(&list.sessions, list.complete && list.unreadable == 0);
        Ok(list)
    }

    /// Looks for sessions that no list of the living has: few of them among the sessions of their users, the others among
    /// all that began since the first of them did.
    async fn look_in_all_states(
        &self,
        class: RequestClass,
        mut vanished: Vec<(SessionId, Listed)>,
    ) -> Result<LookedFor, Fault> {
        let mut looked = LookedFor { there: Vec::new(), certain: true };
        if vanished.len() <= ALONE {
            let mut open = Vec::new();
            for (id, listed) in vanished {
                match self.among_those_of(class, &id, listed.user.as_deref()).await? {
                    Some(session) if has_ended(&session) => {}
                    Some(session) => looked.there.push(session),
                    None => open.push((id, listed)),
                }
            }
            vanished = open;
        }
        if vanished.is_empty() {
            return Ok(looked);
        }
        let begins = vanished.iter().map(|(_, listed)| listed.started_at).min().flatten();
        let begins = begins.and_then(|at| at.checked_sub(BEFORE).ok());
        let since = begins.map_or(self.since(), |at| at.max(self.since()));
        let request = history_request(self, since);
        match self.list(class, &request, "items", WireSession::row, |_| {}).await {
            Ok(listing) => {
                looked.certain = listing.complete && listing.unreadable == 0;
                let wanted: HashSet<&SessionId> = vanished.iter().map(|(id, _)| id).collect();
                let there =
                    listing.rows.into_iter().filter(|row| wanted.contains(&row.id) && !has_ended(row));
                looked.there.extend(there);
            }
            Err(fault) if fault.kind == FaultKind::Unauthenticated => return Err(fault),
            Err(fault) => {
                tracing::warn!(%fault, "sessions that are listed no more could not be looked for in every state");
                looked.certain = false;
            }
        }
        Ok(looked)
    }

    /// A session among those of its user; `None` when it is not there, or they could not be read.
    async fn among_those_of(
        &self,
        class: RequestClass,
        id: &SessionId,
        user: Option<&str>,
    ) -> Result<Option<Session>, Fault> {
        // The example gives the name without the domain that rows show (`workspace.md section 7.2`).
        let Some(name) = user.and_then(|user| user.split('@').next()).filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        match self.sessions_of(class, name).await {
            Ok(sessions) => {
                let known = |session: &Session| session.id == *id && session.state.is_some();
                Ok(sessions.into_iter().find(known))
            }
            Err(fault) if fault.kind == FaultKind::Unauthenticated => Err(fault),
            Err(fault) => {
                tracing::debug!(%fault, "the sessions of a user could not be read");
                Ok(None)
            }
        }
    }

    /// Sessions by their ids. There is no call for it: they are looked for in the list. One that is missing has ended only
    /// when the list was whole, and one of several pages is read twice for it: a row that slides over the seam of two
    /// pages in the moment of reading leaves no other trace.
    pub(in crate::api) async fn look_for(&self, ids: &[SessionId]) -> Result<ReadAgain, Fault> {
        let mut read = ReadAgain { as_of: self.now(), ..ReadAgain::default() };
        let mut missing: HashSet<&SessionId> = ids.iter().collect();
        // Of whom nothing is known, not even when they began: they may have begun before the window.
        let strangers = self.listed().strangers(ids);
        let mut readings = 0;
        while !missing.is_empty() {
            readings += 1;
            let list = self.list_sessions(RequestClass::Job, |_| {}).await?;
            let rows = list.sessions.len();
            for session in list.sessions {
                if missing.remove(&session.id) {
                    read.found.insert(session.id.clone(), session);
                }
            }
            if !list.complete {
                let words = "the list of sessions changed while it was read, or is not whole";
                let fault = Fault {
                    wire: WireKind::Workspace,
                    ..Fault::new(FaultKind::BadAnswer, "read sessions again", words)
                };
                read.unread.extend(missing.into_iter().map(|id| (id.clone(), fault.clone())));
                return Ok(read);
            }
            if readings == 2 || rows <= PAGE_SIZE {
                break;
            }
        }
        missing.retain(|id| !read.found.contains_key(id));
        let lost: Vec<&SessionId> = missing.iter().copied().filter(|id| strangers.contains(*id)).collect();
        if !lost.is_empty() {
            let wide = self.look_further_back(&lost).await?;
            missing.retain(|id| !lost.contains(id));
            read.found.extend(wide.found);
            read.unread.extend(wide.unread);
        }
        read.gone.extend(missing.into_iter().cloned());
        Ok(read)
    }

    /// Looks for sessions that may have begun before the window among all that began in the longest one that anybody
    /// documents. Who is not there either may still be alive: that is said, and not that they have ended.
    async fn look_further_back(&self, lost: &[&SessionId]) -> Result<ReadAgain, Fault> {
        let longest = self.now().checked_sub(LONGEST_WINDOW).unwrap_or(Timestamp::UNIX_EPOCH);
        let since = longest.min(self.since());
        let mut read = ReadAgain { as_of: self.now(), ..ReadAgain::default() };
        let fault = |kind, words: &str| Fault {
            wire: WireKind::Workspace,
            ..Fault::new(kind, Operation::ReadSession.label(), words)
        };
        let request = history_request(self, since).with("session_state", LIVE);
        let unlisted = match self.list(RequestClass::Job, &request, "items", WireSession::row, |_| {}).await {
            Ok(listing) => {
                let wanted: HashSet<&SessionId> = lost.iter().copied().collect();
                let there =
                    listing.rows.into_iter().filter(|row| wanted.contains(&row.id) && !has_ended(row));
                read.found.extend(there.map(|session| (session.id.clone(), session)));
                let began = since.strftime("%Y-%m-%d %H:%M");
                let words = format!("none that began since {began}Z has this id; older ones are not listed");
                fault(FaultKind::EntityNotFound, &words)
            }
            Err(fault) if fault.kind == FaultKind::Unauthenticated => return Err(fault),
            Err(fault) => fault,
        };
        let open = lost.iter().filter(|id| !read.found.contains_key(**id));
        let unread: Vec<_> = open.map(|id| ((*id).clone(), unlisted.clone())).collect();
        read.unread.extend(unread);
        Ok(read)
    }

    /// The same for targets of a job. Nothing is on another pod here.
    pub(in crate::api) async fn read_again(
        &self,
        targets: &[(Option<PodId>, SessionId)],
    ) -> Result<ReadAgain, Fault> {
        let ids: Vec<SessionId> = targets.iter().map(|(_, id)| id.clone()).collect();
        match self.look_for(&ids).await {
            Err(fault) if fault.kind != FaultKind::Unauthenticated => {
                let unread = ids.into_iter().map(|id| (id, fault.clone())).collect();
                Ok(ReadAgain { as_of: self.now(), unread, ..ReadAgain::default() })
            }
            other => other,
        }
    }

    /// One session as it is now.
    pub(in crate::api) async fn session(&self, id: &SessionId) -> Result<Session, Fault> {
        let mut read = self.look_for(std::slice::from_ref(id)).await?;
        if let Some(session) = read.found.remove(id) {
            return Ok(session);
        }
        Err(read.unread.remove(id).unwrap_or_else(|| {
            Fault::new(FaultKind::EntityNotFound, Operation::ReadSession.label(), "no such session is listed")
        }))
    }

    /// All sessions of a user, also those that have ended.
    pub(in crate::api) async fn sessions_of(
        &self,
        class: RequestClass,
        user: &str,
    ) -> Result<Vec<Session>, Fault> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Wire {
            session_info_list: Option<Vec<WireSession>>,
        }
        let operation = Operation::ListUserSessions;
        if user.is_empty() || user.chars().count() > 64 {
            return Err(never_sent(operation, "a user name has 1 to 64 characters"));
        }
        let path = self.path(1, "session/user-session-info");
        let request = Request::get(operation, path).with("user_name", user);
        let answer = self.ask(class, &request).await?;
        let (wire, left_out) = decode::object::<Wire>(operation, &answer.body)?;
        if left_out > 0 {
            tracing::debug!(left_out, "fields of a user's sessions could not be read");
        }
        let rows = wire.session_info_list.unwrap_or_default();
        Ok(rows.into_iter().filter_map(WireSession::session).collect())
    }

    /// Logs sessions off; there is no other verb. The answer is for the call as a whole: what became of each shows in the
    /// list later.
    pub(in crate::api) async fn act(
        &self,
        action: &Action,
        ids: &[SessionId],
        stop: &CancellationToken,
    ) -> Result<Vec<ItemAnswer>, Fault> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let request = logoff_request(self.path(1, "session/logoff"), action, ids)?;
        self.ask(Turn::stoppable(RequestClass::Job, stop), &request).await?;
        Ok(vec![ItemAnswer::Accepted; ids.len()])
    }
}

fn logoff_request(path: String, action: &Action, ids: &[SessionId]) -> Result<Request, Fault> {
    let operation = Operation::of(action.verb);
    if action.verb != Verb::Logoff {
        return Err(Fault::not_offered(WireKind::Workspace, operation.label()));
    }
    // An id that is given twice is asked for once; the answer holds for both.
    let mut seen = HashSet::new();
    let targets: Vec<&str> = ids.iter().map(SessionId::raw).filter(|id| seen.insert(*id)).collect();
    within(operation, "targets", targets.len(), WireKind::Workspace.most_targets())?;
    let mut body = json!({ "session_ids": targets, "message_type": 0, "delay_time": 0 });
    let message = action.message.as_ref().filter(|message| !message.text.trim().is_empty());
    if let Some(message) = message {
        if message.text.chars().count() > LONGEST_MESSAGE {
            let words = format!("the message has more than {LONGEST_MESSAGE} characters");
            return Err(never_sent(operation, &words));
        }
        body["message"] = json!(&*message.text);
        body["message_type"] = json!(match message.severity {
            MessageSeverity::Info => 0,
            MessageSeverity::Warning => 1,
            MessageSeverity::Error => 2,
        });
    }
    Ok(Request::post(operation, path, Body::Json(body.to_string())))
}

/// An answer whose body matters but lacks what it should have.
pub(super) fn lacks(operation: Operation, what: &str, maybe_done: bool) -> Fault {
    Fault { maybe_done, ..fault::bad_answer(operation, &format!("the answer has no {what}")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MessageText;

    #[test]
    fn a_row_becomes_a_session_with_what_it_says() {
        let row = r#"{"id":"0a0666f634a54131826bf688058d0bc6","login_user":"kaya@corp","session_type":"2",
            "session_state":"AppcInit","protocol_type":"HDP","app_server_group_id":"g1","app_server_group_name":"office",
            "start_time":"2024-05-07T07:54:21.009Z","machine_name":"APS-1","app_name":"word.exe, excel.exe,",
            "client_type":"Windows","client_name":"","client_ip":"10.0.0.7","agent_version":"24.1"}"#;
        let session = serde_json::from_str::<WireSession>(row).unwrap().session().unwrap();
        assert_eq!(session.user_name.as_ref().unwrap().as_str(), "kaya@corp");
        assert_eq!(
            (session.kind, session.state),
            (Some(SessionKind::Application), Some(SessionState::Pending))
        );
        assert_eq!(session.protocol, Some(Protocol::Unknown("HDP".into())));
        assert_eq!(session.applications.unwrap().len(), 2);
        assert_eq!(session.started_at, Some("2024-05-07T07:54:21.009Z".parse().unwrap()));
        assert_eq!((session.client.kind, session.client.name), (Some(ClientKind::Windows), None));
        let odd =
            r#"{"id":"x","session_state":"Sleeping","session_type":"9","start_time":"0001-01-01 00:00:00"}"#;
        let odd = serde_json::from_str::<WireSession>(odd).unwrap().session().unwrap();
        assert_eq!(odd.state, Some(SessionState::Unknown("Sleeping".into())));
        assert_eq!((odd.started_at, odd.applications), (None, None));
        assert!(WireSession::default().session().is_none());
    }

    fn logoff(ids: usize, text: Option<&str>) -> Result<serde_json::Value, Fault> {
        let message = text.map(|text| MessageText { severity: MessageSeverity::Warning, text: text.into() });
        let ids: Vec<SessionId> = (0..ids).map(|id| id.to_string().into()).collect();
        let action = Action { verb: Verb::Logoff, message };
        let request = logoff_request("/v1/p/session/logoff".into(), &action, &ids)?;
        let Body::Json(body) = request.body else { panic!("a body") };
        Ok(serde_json::from_str(&body).unwrap())
    }

    #[test]
    fn a_logoff_carries_999_at_most_and_no_empty_message() {
        assert_eq!(
            logoff(2, None).unwrap(),
            json!({"session_ids": ["0", "1"], "message_type": 0, "delay_time": 0})
        );
        assert_eq!(logoff(1, Some(" ")).unwrap().get("message"), None);
        let told = logoff(1, Some("注销")).unwrap();
        assert_eq!((told["message"].as_str(), told["message_type"].as_i64()), (Some("注销"), Some(1)));
        assert!(logoff(999, None).is_ok() && logoff(1000, None).is_err());
        assert!(logoff(1, Some(&"é".repeat(255))).is_ok() && logoff(1, Some(&"é".repeat(256))).is_err());
    }

    #[test]
    fn no_other_verb_is_offered() {
        for verb in Verb::ALL.into_iter().filter(|verb| *verb != Verb::Logoff) {
            let action = Action { verb, message: None };
            let fault = logoff_request(String::new(), &action, &["1".into()]).unwrap_err();
            assert_eq!(
                (fault.kind, fault.message.as_str()),
                (FaultKind::NotOffered, "not offered by Workspace")
            );
        }
    }

    #[test]
    fn times_are_written_with_three_decimals() {
        assert_eq!(stamp("2024-02-27T03:47:51.182Z".parse().unwrap()), "2024-02-27T03:47:51.182Z");
        assert_eq!(stamp("2024-02-27T03:47:51Z".parse().unwrap()), "2024-02-27T03:47:51.000Z");
    }
}
