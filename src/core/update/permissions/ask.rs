//! `:can PRINCIPAL VERB TARGET`, and who the account is: looking people up, one question after the other.

use crate::{
    core::{
        effect::{Effect, RequestId},
        permissions::{
            LookUp, Purpose,
            can::{self, Question},
            looking,
            walk::{Next, Walk},
        },
        remote::Remote,
        state::{NoticeKind, Overlay, State},
    },
    domain::{Fault, Principal, Text},
};

/// What is wrong with a question, without asking it.
pub(in crate::core::update) fn mistake(line: &str) -> Option<Text> {
    Question::parse(line).err()
}

/// Asks a question. The permissions are read first when they are not there.
pub(in crate::core::update) fn ask(state: &mut State, line: &str) -> Vec<Effect> {
    let question = match Question::parse(line) {
        Ok(question) => question,
        Err(wrong) => {
            state.notify(NoticeKind::Warning, wrong.as_str());
            return Vec::new();
        }
    };
    if !super::is_in_release(state) {
        state.notify(NoticeKind::Warning, "permissions cannot be read from this release; 2206 was the first");
        return Vec::new();
    }
    let (title, lines) = (question.title(), looking(&question));
    // An older question is given up: there is one answer at a time.
    state.permissions.look_ups.retain(|look_up| look_up.purpose == Purpose::Own);
    state.overlays.retain(|overlay| !matches!(overlay, Overlay::Answer { .. }));
    state.overlays.push(Overlay::Answer { title, lines, scroll: 0 });
    state.permissions.look_ups.push(LookUp { purpose: Purpose::Question(question), walk: None, out: None });
    let tab = &mut state.permissions;
    if tab.book.value().is_none() && tab.poll.in_flight.is_none() {
        tab.poll.next_at = Some(state.now);
    }
    go_on(state)
}

/// The sheet of a question was closed: nobody waits for its answer any more.
pub(super) fn dropped(state: &mut State, title: &Text) {
    state.permissions.look_ups.retain(|look_up| match &look_up.purpose {
        Purpose::Own => true,
        Purpose::Question(question) => question.title() != *title,
    });
}

/// Whether a question needs the permissions although the tab may not be shown.
pub(super) fn waits_for_book(state: &State) -> bool {
    let waits = |look_up: &LookUp| look_up.walk.is_none() && look_up.purpose != Purpose::Own;
    state.permissions.look_ups.iter().any(waits)
}

/// Whether an answer from the directory is for one of these questions.
pub(in crate::core::update) fn is_asking(state: &State, request: RequestId) -> bool {
    state.permissions.look_ups.iter().any(|look_up| look_up.out == Some(request))
}

/// Takes users and groups that were looked for.
pub(in crate::core::update) fn principals_found(
    state: &mut State,
    request: RequestId,
    answer: Result<Vec<Principal>, Fault>,
) -> Vec<Effect> {
    answered(state, request, |walk| walk.searched(answer))
}

/// Takes users and groups that were read.
pub(in crate::core::update) fn principals_read(
    state: &mut State,
    request: RequestId,
    answer: Result<Vec<Principal>, Fault>,
) -> Vec<Effect> {
    answered(state, request, |walk| walk.read(answer))
}

fn answered(state: &mut State, request: RequestId, take: impl FnOnce(&mut Walk)) -> Vec<Effect> {
    let found = state.permissions.look_ups.iter_mut().find(|look_up| look_up.out == Some(request));
    let Some(look_up) = found else {
        return Vec::new();
    };
    look_up.out = None;
    if let Some(walk) = &mut look_up.walk {
        take(walk);
    }
    go_on(state)
}

/// Takes every look-up as far as it goes: begins it when the permissions are there, asks the next question, or ends it.
pub(super) fn go_on(state: &mut State) -> Vec<Effect> {
    begin_own(state);
    let mut effects = Vec::new();
    let mut waiting = Vec::new();
    for mut look_up in std::mem::take(&mut state.permissions.look_ups) {
        begin(state, &mut look_up);
        let next = match &look_up.walk {
            _ if look_up.out.is_some() => None,
            None => match (&state.permissions.book, &look_up.purpose) {
                (Remote::Failed { why, .. }, Purpose::Question(question)) => {
                    let why = Text::clean(&format!("the permissions could not be read: {why}"));
                    finish(state, question, vec!["unknown".into(), why]);
                    continue;
                }
                _ => None,
            },
            Some(walk) => Some(walk.next()),
        };
        match next {
            None => waiting.push(look_up),
            Some(Next::Done) => done(state, look_up),
            Some(Next::Search(text)) => {
                let request = state.request_id();
                effects.push(Effect::SearchPrincipals { request, text });
                waiting.push(LookUp { out: Some(request), ..look_up });
            }
            Some(Next::Read(ids)) => {
                let request = state.request_id();
                effects.push(Effect::ReadPrincipals { request, ids });
                waiting.push(LookUp { out: Some(request), ..look_up });
            }
        }
    }
    state.permissions.look_ups.extend(waiting);
    effects
}

/// Looks the account itself up, once its SID and the permissions are there: a permission of one of its groups must not be
/// deleted by mistake.
fn begin_own(state: &mut State) {
    let tab = &state.permissions;
    let asked = tab.look_ups.iter().any(|look_up| look_up.purpose == Purpose::Own);
    if asked || tab.own.is_some() || tab.book.value().is_none() {
        return;
    }
    let own = state
        .capabilities()
        .and_then(|capabilities| Some((capabilities.account.id.clone()?, capabilities.account.name.clone())));
    if let Some((id, name)) = own {
        let walk = Some(Walk::of(id, name));
        state.permissions.look_ups.push(LookUp { purpose: Purpose::Own, walk, out: None });
    }
}

fn begin(state: &State, look_up: &mut LookUp) {
    let (None, Purpose::Question(question)) = (&look_up.walk, &look_up.purpose) else {
        return;
    };
    if let Some(book) = state.permissions.book.value() {
        let table = state.sessions.newest().map(std::convert::AsRef::as_ref);
        look_up.walk = Some(Walk::new(&question.principal, book, table));
    }
}

/// Everything that can be known is known.
fn done(state: &mut State, look_up: LookUp) {
    let membership = look_up.walk.map(|walk| walk.membership());
    match (look_up.purpose, membership) {
        (Purpose::Own, Some(Ok(membership))) => state.permissions.own = Some(membership),
        (Purpose::Question(question), Some(Ok(membership))) => {
            let Some(book) = state.permissions.book.value().cloned() else {
                return;
            };
            let table = state.sessions.newest().cloned();
            let place = can::place(&question, &book, table.as_deref());
            let verdict = can::answer(&question, &book, &membership, &place);
            let mut lines = vec![Text::clean(verdict.word())];
            lines.extend(verdict.reasons);
            finish(state, &question, lines);
        }
        (Purpose::Question(question), Some(Err(why))) => {
            finish(state, &question, vec!["unknown".into(), why]);
        }
        (Purpose::Own, _) | (Purpose::Question(_), None) => {}
    }
}

/// Puts an answer onto the sheet that waits for it.
fn finish(state: &mut State, question: &Question, answer: Vec<Text>) {
    let wanted = question.title();
    let sheet = state.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Answer { title, lines, .. } if *title == wanted => Some(lines),
        _ => None,
    });
    if let Some(lines) = sheet {
        *lines = answer;
    }
}
