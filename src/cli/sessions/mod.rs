//! `foretop sessions`: listing, showing, and acting, with the same filters, plans and engine as the console.

mod act;
mod breakdown;
mod chosen;
mod confirm;
mod course;
mod groups;
mod list;
mod plans;
mod pods;
mod report;
mod resume;
mod show;
mod terms;
mod verdict;

pub(super) use plans::{apply, plan};

use jiff::Timestamp;

pub(super) use self::resume::{go_on, print_recovered, settling};

use super::{
    args::{ConnectionArgs, LooksArgs, PodArgs, SessionsArgs, SessionsCommand},
    filter,
    interrupt::Interrupts,
    progress::{Counter, Progress},
    reach::{Reached, Wanted, with_estate},
    run::{Stop, Streams, note, warn},
};
use crate::{
    api::{ListProgress, RequestClass},
    config::{Environment, Paths},
    domain::{Fault, MessageText, Verb},
    engine::{self, PodMemory, PolledSessions},
    error::Error,
};

/// Runs one of the commands. What is wrong with the arguments is said before anything is asked for or sent.
pub(super) fn run(
    args: SessionsArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let SessionsArgs { command, connection } = args;
    let connection = connection.over(outer);
    let looks = LooksArgs::default();
    let progress = Progress::new(environment.stderr_is_terminal);
    let message = message_of(&command);
    let course = course::of(&command)?;
    let resolve =
        |streams: &mut Streams<'_>| Wanted::resolve(&connection, &looks, environment, paths, streams);
    if let Some((verb, action)) = command.action() {
        let order = act::Order::new(verb, message, course, &action.wish)?;
        let go = act::Go::from(action);
        let wanted = resolve(streams)?;
        if !action.dry_run {
            wanted.must_act()?;
        }
        if go.detach {
            wanted.must_outlive()?;
        }
        let prepared = wanted.prepare(environment)?;
        return with_estate(prepared, streams, async |reached, interrupts, streams| {
            let planned = order.plan(reached, interrupts, progress, streams).await?;
            let means = (reached, interrupts, progress);
            act::carry_out(planned, go, async |_| Ok(None), means, environment, streams).await
        });
    }
    match command {
        SessionsCommand::List(args) => {
            let wish = list::Wish::new(&args)?;
            let prepared = resolve(streams)?.prepare(environment)?;
            with_estate(prepared, streams, async |reached, interrupts, streams| {
                wish.print(reached, interrupts, progress, environment, streams).await
            })
        }
        SessionsCommand::Show(args) => {
            let prepared = resolve(streams)?.prepare(environment)?;
            with_estate(prepared, streams, async |reached, interrupts, streams| {
                show::print(&args, reached, interrupts, progress, streams).await
            })
        }
        // All of these are verbs.
        SessionsCommand::Disconnect(_)
        | SessionsCommand::Logoff(_)
        | SessionsCommand::Restart(_)
        | SessionsCommand::Reset(_)
        | SessionsCommand::Message(_) => Ok(0),
    }
}

fn message_of(command: &SessionsCommand) -> Option<MessageText> {
    match command {
        SessionsCommand::Message(args) => {
            Some(MessageText { severity: args.severity, text: args.text.as_str().into() })
        }
        _ => None,
    }
}

/// Reads the whole list, of this pod or of all pods, and says when it is not all there is.
pub(super) async fn read_list(
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    class: RequestClass,
    pods: PodArgs,
    streams: &mut Streams<'_>,
) -> Result<PolledSessions, Stop> {
    let federation =
        if pods.all_pods { pods::federation(reached, interrupts, class, streams).await? } else { None };
    let counter = Counter::default();
    let estate = &reached.estate;
    let note = |progress: ListProgress<'_>| counter.note(progress);
    let reading = async {
        match &federation {
            Some(federation) => {
                let memory = &mut PodMemory::default();
                engine::poll_all_pods(estate, class, federation, memory, Timestamp::now, note).await
            }
            None => engine::poll_sessions(estate, class, None, None, Timestamp::now, note).await,
        }
    };
    let reading = progress.during(streams, "reading sessions", &counter, reading);
    let polled = interrupts.or(Box::pin(reading)).await?.map_err(|fault| of(reached, fault))?;
    pods::warn_of_silence(&polled.table, streams);
    say_window(reached, streams);
    if let Some(reservation) = reservation(&polled) {
        warn(streams, &reservation);
    }
    Ok(polled)
}

/// Says from when on sessions are listed, where lists have a window.
pub(super) fn say_window(reached: &Reached, streams: &mut Streams<'_>) {
    if let Some(since) = reached.estate.sessions_since() {
        let since = since.strftime("%Y-%m-%d %H:%M");
        note(streams, &format!("sessions that began before {since}Z are not listed (session_window)"));
    }
}

/// What has to be said of a list that is not all there is. Rows that could not be read are reason enough: whether it
/// changed as well makes no difference.
fn reservation(polled: &PolledSessions) -> Option<String> {
    let left_out = match polled.unreadable {
        0 if pods::answers_are_whole(&polled.table) => return None,
        0 => {
            let changed = "the list changed while it was read: a session that is not in it may still exist";
            return Some(changed.to_owned());
        }
        1 => "1 row could not be read and was left out".to_owned(),
        many => format!("{many} rows could not be read and were left out"),
    };
    Some(format!("{left_out}: a session that is not in the list may still exist"))
}

/// A fault of this estate, for a person.
fn of(reached: &Reached, fault: Fault) -> Error {
    Error::from(fault).on(&reached.name)
}

/// What a verb does, as the beginning of a sentence.
fn deed(verb: Verb) -> &'static str {
    match verb {
        Verb::Disconnect => "disconnect",
        Verb::Logoff => "log off",
        Verb::LogoffForced => "log off by force",
        Verb::Restart => "restart the machines of",
        Verb::Reset => "reset the machines of",
        Verb::Message => "send the message to",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::core::table::SessionTable;

    #[test]
    fn a_list_that_is_not_whole_is_told_with_its_reason() {
        let told = |complete, unreadable| {
            let table = Arc::new(SessionTable::new(Vec::new(), Timestamp::UNIX_EPOCH, complete));
            reservation(&PolledSessions { table, unreadable })
        };
        assert_eq!(told(true, 0), None);
        let changed = "the list changed while it was read: a session that is not in it may still exist";
        assert_eq!(told(false, 0).as_deref(), Some(changed));
        for complete in [true, false] {
            let left_out = "2 rows could not be read and were left out: a session that is not in the list may still exist";
            assert_eq!(told(complete, 2).as_deref(), Some(left_out));
        }
        let one = told(true, 1).unwrap();
        assert!(one.starts_with("1 row could not be read and was left out: "), "{one}");
    }
}
