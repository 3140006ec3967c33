//! The keys that are worth knowing here, from the catalogue; or how a begun sequence may go on.

use ratatui::layout::Rect;

use super::continuations;
use crate::{
    core::{
        bulk::{Confirmation, Job, NextStep, Report},
        change::{ChangeConfirmation, ChangeJob},
        cloud::{CloudSheet, is_cloud},
        command::{Command, Context},
        key_context, keymap, palette,
        records::job_rows,
        state::{Overlay, State},
    },
    domain::{OutcomeKind, Verb},
    ui::{
        pen::{Pen, Piece, piece, pieces_width},
        text,
        theme::Role,
    },
};

/// Draws the hints of the context that has the keys.
pub(crate) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let context = key_context(state);
    let lead = vec![piece(" ", Role::Text)];
    if state.pending.is_empty() {
        return draw_list(pen, area, 0, lead, for_context(state, context), &essential(state, context));
    }
    let pressed: Vec<String> = state.pending.iter().map(ToString::to_string).collect();
    let pressed = keymap::display(&pressed.join(" "));
    let typed = piece(format!("{pressed}-  "), Role::Input);
    // A begun sequence shows every way to go on: here where all have room, above otherwise.
    let ways = ways(state, context);
    let taken: usize = ways.iter().map(|(key, words)| text::width(key) + 3 + text::width(words)).sum();
    let mut pieces: Vec<Piece<'_>> = lead.into_iter().chain([typed]).collect();
    if taken <= usize::from(area.width).saturating_sub(pieces_width(&pieces)) {
        return draw_list(pen, area, 0, pieces, ways, &[]);
    }
    continuations::draw(pen, area, &pressed, &ways);
    pieces.push(piece("press one of the keys above; any other key leaves it", Role::Muted));
    pen.line(area, 0, &pieces, &[]);
}

/// Draws keys and words in one row, as many whole ones as fit: half a word teaches nothing.
pub(crate) fn draw_list(
    pen: &mut Pen<'_>,
    area: Rect,
    row: u16,
    mut pieces: Vec<Piece<'_>>,
    hints: Vec<(String, String)>,
    essential: &[String],
) {
    let hints: Vec<(bool, [Piece<'_>; 2])> = hints
        .into_iter()
        .map(|(key, words)| {
            (essential.contains(&key), [piece(key, Role::Key), piece(format!(" {words}"), Role::Muted)])
        })
        .collect();
    // The way out and the help are never what is left out; among the others the first ones stay.
    let mut room = usize::from(area.width).saturating_sub(pieces_width(&pieces));
    let mut fits = vec![false; hints.len()];
    for wanted in [true, false] {
        for (fits, (_, hint)) in
            fits.iter_mut().zip(&hints).filter(|(_, (essential, _))| *essential == wanted)
        {
            let wide = pieces_width(hint);
            if wide <= room {
                *fits = true;
                room = room.saturating_sub(wide + 2);
            }
        }
    }
    for (_, (_, hint)) in fits.into_iter().zip(hints).filter(|(fits, _)| *fits) {
        pieces.extend(hint);
        pieces.push(piece("  ", Role::Text));
    }
    pen.line(area, row, &pieces, &[]);
}

/// The keys that lead out of a context or to its help.
pub(crate) fn essential(state: &State, context: Context) -> Vec<String> {
    let commands = [Command::Help, Command::Back, Command::Quit];
    commands.into_iter().flat_map(|command| state.settings.keymap.keys_of(context, command)).collect()
}

/// The hints of a context: key and words, those left out that would do nothing now.
pub(crate) fn for_context(state: &State, context: Context) -> Vec<(String, String)> {
    if context == Context::Leave && !state.has_running_job() {
        // It ended while the question was open: there is nothing left to wait for or to stop.
        let choices = [(Command::JobWait, "leave"), (Command::Back, "stay")];
        return choices.map(|(command, words)| (state.key(context, command), words.to_owned())).into();
    }
    state
        .settings
        .keymap
        .bindings(context)
        .filter(|binding| is_useful(state, binding.command))
        .filter_map(|binding| {
            let key = if binding.keys == "Space" { "Spc".to_owned() } else { keymap::display(&binding.keys) };
            binding.hint.map(|hint| worded(state, binding.command, key, hint))
        })
        .collect()
}

/// A hint in words that know the state.
fn worded(state: &State, command: Command, key: String, hint: &str) -> (String, String) {
    match (state.overlays.last(), command) {
        (Some(Overlay::Plan(sheet)), Command::Accept | Command::Confirm) => match sheet.plan.confirmation() {
            Confirmation::Number(count) => (format!("type {count}, {key}"), "start".to_owned()),
            Confirmation::Key | Confirmation::Nothing => (key, "start".to_owned()),
        },
        (Some(Overlay::Resume(sheet)), Command::Accept | Command::Confirm) => match sheet.confirmation() {
            Confirmation::Number(count) => (format!("type {count}, {key}"), "go on".to_owned()),
            Confirmation::Key | Confirmation::Nothing => (key, "go on".to_owned()),
        },
        (Some(Overlay::Change(sheet)), Command::Accept | Command::Confirm) => {
            match sheet.plan.confirmation() {
                ChangeConfirmation::Number(count) => (format!("type {count}, {key}"), "start".to_owned()),
                ChangeConfirmation::Words(_) => (format!("type the words, {key}"), "start".to_owned()),
                ChangeConfirmation::Key | ChangeConfirmation::Nothing => (key, "start".to_owned()),
            }
        }
        (Some(Overlay::ChangeMenu(_)), Command::ChangeNew) if is_cloud(state) => {
            (key, "let somebody in".to_owned())
        }
        (Some(Overlay::ChangeMenu(_)), Command::ChangeDelete) if is_cloud(state) => {
            (key, "take away".to_owned())
        }
        (Some(Overlay::Job(_)), Command::JobSlower) => {
            (key + &state.key(Context::JobSheet, Command::JobFaster), hint.to_owned())
        }
        _ if command == Command::FacetPrevious => {
            (format!("{key} {}", state.key(Context::Facets, Command::FacetNext)), hint.to_owned())
        }
        _ => (key, hint.to_owned()),
    }
}

/// The verb that a command is about, if it is about one.
fn verb_of(command: Command) -> Option<Verb> {
    Some(match command {
        Command::Message | Command::WarnLogoff => Verb::Message,
        Command::Disconnect => Verb::Disconnect,
        Command::Logoff => Verb::Logoff,
        Command::LogoffForced => Verb::LogoffForced,
        Command::Restart => Verb::Restart,
        Command::Reset => Verb::Reset,
        _ => return None,
    })
}

fn is_useful(state: &State, command: Command) -> bool {
    // What the wire does not have at all is not hinted at.
    if verb_of(command).is_some_and(|verb| !state.wire().offers(verb).may_try()) {
        return false;
    }
    match (state.overlays.last(), command) {
        // There is nothing that could be done to a build.
        (Some(Overlay::Cloud(CloudSheet::Build { .. })), Command::ChangeMenu) => false,
        (Some(Overlay::ChangeJob { .. }), Command::Builds) => is_cloud(state),
        (Some(Overlay::Cloud(CloudSheet::Builds { .. })), Command::OpenCloudDetail) => {
            !state.cloud.builds.rows.is_empty()
        }
        (Some(Overlay::Plan(_) | Overlay::Change(_)), Command::Accept | Command::Confirm)
            if state.settings.read_only =>
        {
            false
        }
        (Some(Overlay::Jobs(_) | Overlay::Record(_) | Overlay::Resume(_)), command) => {
            on_record(state, command)
        }
        (Some(Overlay::Plan(sheet)), Command::Accept) => {
            matches!(sheet.plan.confirmation(), Confirmation::Number(_))
        }
        (Some(Overlay::Plan(sheet)), Command::Confirm) => sheet.plan.confirmation() == Confirmation::Key,
        (Some(Overlay::Plan(sheet)), Command::PlanHidden) => sheet.blast.hidden > 0,
        (Some(Overlay::Job(sheet)), Command::JobPause | Command::JobSlower | Command::JobFaster) => {
            state.job(sheet.job).is_some_and(Job::can_be_paced)
        }
        (Some(Overlay::Job(sheet)), Command::JobCorrect) => {
            state.job(sheet.job).is_some_and(|job| !job.told_in_vain().is_empty())
        }
        (Some(Overlay::Job(sheet)), Command::JobStop) => state.job(sheet.job).is_some_and(Job::is_running),
        (
            Some(Overlay::Job(sheet)),
            Command::JobForce | Command::JobRetry | Command::JobReset | Command::JobVerify,
        ) => state.job(sheet.job).is_some_and(|job| helps(state, job, command)),
        (Some(Overlay::ChangeMenu(menu)), command) if command != Command::Back => {
            menu.choices.iter().any(|choice| choice.command == command && choice.objection.is_none())
        }
        (Some(Overlay::Change(sheet)), Command::Accept) => {
            matches!(sheet.plan.confirmation(), ChangeConfirmation::Number(_) | ChangeConfirmation::Words(_))
        }
        (Some(Overlay::Change(sheet)), Command::Confirm) => {
            sheet.plan.confirmation() == ChangeConfirmation::Key
        }
        (Some(Overlay::ChangeJob { job, .. }), Command::JobStop) => {
            state.change_job(*job).is_some_and(ChangeJob::is_running)
        }
        (Some(Overlay::ChangeJob { job, .. }), Command::JobRetry) => {
            state.change_job(*job).is_some_and(ChangeJob::can_retry)
        }
        _ => true,
    }
}

/// Whether a key helps on the sheets of jobs on record.
fn on_record(state: &State, command: Command) -> bool {
    match (state.overlays.last(), command) {
        (Some(Overlay::Jobs(sheet)), Command::JobResume) => {
            let rows = job_rows(state);
            let cursor = sheet.cursor(rows.iter().map(|row| &row.key));
            rows.get(cursor).is_some_and(|row| row.may_go_on(state))
        }
        (Some(Overlay::Record(sheet)), Command::JobResume) => {
            let record = sheet.record.value();
            record.is_some_and(|record| !record.running && record.recovered.is_open())
        }
        (Some(Overlay::Record(sheet)), Command::JobTargets | Command::JobExport | Command::JobCopy) => {
            sheet.record.value().is_some()
        }
        (Some(Overlay::Resume(sheet)), Command::Accept) => {
            matches!(sheet.confirmation(), Confirmation::Number(_))
        }
        (Some(Overlay::Resume(sheet)), Command::Confirm) => sheet.confirmation() == Confirmation::Key,
        _ => true,
    }
}

/// Whether a key of the job sheet helps any target of a job.
fn helps(state: &State, job: &Job, command: Command) -> bool {
    if job.may_send() {
        return false;
    }
    let capabilities = state.capabilities();
    Report::of(job).groups.iter().any(|group| {
        let listed = group.cause.outcome == OutcomeKind::StillListed;
        match (command, group.next_step(job, capabilities)) {
            (Command::JobForce, Some(NextStep::Plan(_))) => !listed,
            (Command::JobReset, Some(NextStep::Plan(_))) => listed,
            (Command::JobVerify, Some(NextStep::Verify)) => !job.is_running(),
            (Command::JobRetry, Some(NextStep::Again)) => true,
            (Command::JobRetry, _) => {
                matches!(group.cause.outcome, OutcomeKind::Refused | OutcomeKind::NoAnswer) || listed
            }
            _ => false,
        }
    })
}

/// How the sequence that was begun may go on.
fn ways(state: &State, context: Context) -> Vec<(String, String)> {
    let rest = state.settings.keymap.continuations(context, &state.pending);
    rest.into_iter()
        .filter(|(_, command)| palette::is_of_wire(state, *command))
        .map(|(keys, command)| (keymap::display(&keys), palette::small_first(command.describe())))
        .collect()
}
