//! What can be changed on the sheet of a plan: guard, pace, ticket. Verb and targets stay as they are.

use crate::{
    core::{
        bulk::{
            BlastRadius, Guard, HeldBack, PLAN_LIFETIME, PaceError, SavedPlan, guard_context, is_protection,
        },
        command::Command,
        effect::Effect,
        state::{NoticeKind, Overlay, PlanSheet, PromptKind, State},
    },
    domain::{Capabilities, PlanId, SessionId, Text},
};

use super::{prompt, sheets::no_ticket};

/// Opens a line with what holds now in it. Says whether the command was one of these.
pub(super) fn edit(state: &mut State, command: Command) -> bool {
    let Some(Overlay::Plan(sheet)) = state.overlays.last() else {
        return false;
    };
    let terms = &sheet.plan.terms;
    let (kind, text) = match command {
        Command::PlanGuard => {
            (PromptKind::Guard, terms.guard.as_ref().map(ToString::to_string).unwrap_or_default())
        }
        Command::PlanPace => (PromptKind::Pace, terms.pace.to_string()),
        Command::PlanTicket => {
            (PromptKind::Ticket, terms.ticket.as_ref().map(ToString::to_string).unwrap_or_default())
        }
        Command::PlanInclude => {
            let any = sheet.plan.held_back.iter().any(|held| is_protection(&held.reason));
            if any {
                prompt::open(state, PromptKind::Include);
            } else {
                state.notify(NoticeKind::Info, "none of the targets is protected");
            }
            return true;
        }
        _ => return false,
    };
    prompt::open_chosen(state, kind, &text);
    true
}

/// Takes the line. The error says why it cannot be taken: then the sheet is as before.
pub(super) fn take(state: &mut State, kind: PromptKind, text: &str) -> Result<(), Text> {
    let capabilities = state.capabilities().cloned().ok_or_else(|| Text::clean("not connected yet"));
    let Some(Overlay::Plan(sheet)) = state.overlays.last_mut() else {
        return Err("there is no plan any more".into());
    };
    let terms = &mut sheet.plan.terms;
    let mut complaint = None;
    match kind {
        PromptKind::Pace => {
            terms.pace = text.parse().map_err(|error: PaceError| Text::clean(&error.message))?;
        }
        PromptKind::Ticket => terms.ticket = Some(Text::clean(text)).filter(|ticket| !ticket.is_empty()),
        PromptKind::Include => complaint = include(sheet, &capabilities?, text)?,
        PromptKind::Guard => {
            let guard = Guard::parse(text).map_err(|error| Text::clean(&error.to_string()))?;
            let capabilities = capabilities?;
            let context = guard_context(&capabilities, &sheet.table);
            sheet.plan.set_guard(guard, &context, &sheet.order);
            sheet.blast = BlastRadius::of(&sheet.plan, &sheet.table);
        }
        _ => return Ok(()),
    }
    // What was typed, saved or said was about another plan.
    sheet.typed.clear();
    sheet.saved = None;
    sheet.complaint = complaint;
    Ok(())
}

/// Sends the one protected session of a login all the same; says what keeps it back even so. The error says why nobody
/// was included.
fn include(sheet: &mut PlanSheet, capabilities: &Capabilities, login: &str) -> Result<Option<Text>, Text> {
    let is_meant = |held: &&HeldBack| {
        let named = held.target.session.login();
        is_protection(&held.reason) && named.is_some_and(|named| named.as_str().eq_ignore_ascii_case(login))
    };
    let meant: Vec<SessionId> =
        sheet.plan.held_back.iter().filter(is_meant).map(|held| held.target.session.id.clone()).collect();
    match meant.as_slice() {
        [] => Err(Text::clean(&format!("no protected target has the login {login}"))),
        [one] => {
            let context = guard_context(capabilities, &sheet.table);
            let sent = sheet.plan.include(one, &context, &sheet.order);
            sheet.blast = BlastRadius::of(&sheet.plan, &sheet.table);
            sheet.chosen_by = None;
            let held = format!("{login} is not protected now, but the guard holds the session back");
            Ok((!sent).then(|| Text::clean(&held)))
        }
        many => {
            let count = many.len();
            Err(Text::clean(&format!("{login} has {count} protected sessions here: name one with --id")))
        }
    }
}

/// Saves the plan as it is now.
pub(super) fn save(state: &mut State) -> Vec<Effect> {
    let (Some(Overlay::Plan(sheet)), Some(capabilities)) = (state.overlays.last(), state.capabilities())
    else {
        return Vec::new();
    };
    if let Some(name) = sheet.saved.clone() {
        let count = sheet.plan.to_send.len();
        let command = state.settings.for_this_estate(&format!("foretop apply {name} --yes {count}"));
        tell(state, NoticeKind::Info, &format!("saved already as {name}: {command}"));
        return Vec::new();
    }
    if state.settings.demo.is_some() {
        let words = format!("not saved: {}", super::leave::SIMULATED);
        state.notify(NoticeKind::Warning, &words);
        return Vec::new();
    }
    let mut plan = sheet.plan.clone();
    if !plan.put_ticket_in_texts() {
        let words = no_ticket(state);
        state.notify(NoticeKind::Warning, &words);
        return Vec::new();
    }
    if plan.to_send.is_empty() {
        state.notify(NoticeKind::Warning, "there is nothing to send, so nothing to save");
        return Vec::new();
    }
    let saved = SavedPlan::new(plan, &state.settings.profile, capabilities, state.now, PLAN_LIFETIME);
    vec![Effect::SavePlan { saved: Box::new(saved) }]
}

/// A plan was saved, or could not be.
pub(super) fn saved(state: &mut State, plan: &PlanId, answer: Result<Text, Text>) {
    let name = match answer {
        Ok(name) => name,
        Err(why) => return tell(state, NoticeKind::Warning, &format!("the plan was not saved: {why}")),
    };
    let mut count = None;
    for overlay in &mut state.overlays {
        if let Overlay::Plan(sheet) = overlay
            && sheet.plan.id == *plan
        {
            count = Some(sheet.plan.to_send.len());
            sheet.saved = Some(name.clone());
            // What was said before must not stand where this is said.
            sheet.complaint = None;
        }
    }
    let count = count.map_or_else(|| "N".to_owned(), |count| count.to_string());
    let command = state.settings.for_this_estate(&format!("foretop apply {name} --yes {count}"));
    tell(state, NoticeKind::Info, &format!("saved for an hour: {command}"));
}

/// Says what became of saving a plan. What the sheet said before, such as how it is started, would be shown instead.
fn tell(state: &mut State, kind: NoticeKind, words: &str) {
    if let Some(Overlay::Plan(sheet)) = state.overlays.last_mut() {
        sheet.complaint = None;
    }
    state.notify(kind, words);
}
