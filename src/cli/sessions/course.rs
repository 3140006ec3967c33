//! Warn, wait, log off, force, as the arguments of a logoff ask for it.

use jiff::SignedDuration;

use crate::{
    cli::args::{CourseArgs, LogoffArgs, SessionsCommand},
    core::bulk::{
        Course, Reminder,
        template::{self, Field},
    },
    domain::{Capabilities, MessageText},
    error::Error,
};

/// The course that a command asks for.
pub(super) fn of(command: &SessionsCommand) -> Result<Option<Course>, Error> {
    match command {
        SessionsCommand::Logoff(LogoffArgs { course, .. }) => understood(course),
        _ => Ok(None),
    }
}

/// The same from its arguments; none without a warning.
pub(super) fn understood(args: &CourseArgs) -> Result<Option<Course>, Error> {
    let (Some(text), Some(after)) = (&args.warn, args.after) else {
        return Ok(None);
    };
    checked(text, true)?;
    let warning = MessageText { severity: args.severity, text: text.trim_end().into() };
    let mut reminders = Vec::new();
    for before in &args.remind {
        if *before >= after {
            return Err(Error::usage("--remind is not within the wait")
                .hint("each is a time before the logoff, shorter than --after"));
        }
        reminders.push(Reminder { before_seconds: seconds(*before), text: Reminder::text_of(&warning) });
    }
    reminders.sort_by_key(|reminder| std::cmp::Reverse(reminder.before_seconds));
    reminders.dedup_by_key(|reminder| reminder.before_seconds);
    Ok(Some(Course {
        warning,
        wait_seconds: seconds(after),
        reminders,
        force_after_seconds: args.force_after.map(seconds),
        even_unwarned: args.even_unwarned,
    }))
}

fn seconds(span: SignedDuration) -> u32 {
    u32::try_from(span.as_secs()).unwrap_or(u32::MAX)
}

/// Fails when the fields of a text cannot be filled in.
pub(super) fn checked(text: &str, waits: bool) -> Result<(), Error> {
    template::check(text, waits).map_err(Error::usage)
}

/// Fails when a text names a ticket and there is none: nobody is told of ticket "?".
pub(super) fn has_its_ticket<'a>(
    message: Option<&'a MessageText>,
    course: Option<&'a Course>,
    ticket: Option<&str>,
) -> Result<(), Error> {
    let warning = course.map(|course| &course.warning);
    let asks = message.into_iter().chain(warning).any(|message| template::has(&message.text, Field::Ticket));
    if asks && ticket.is_none_or(|ticket| ticket.trim().is_empty()) {
        return Err(Error::usage("the text names {ticket}, and there is none").hint("--ticket T sets it"));
    }
    Ok(())
}

/// Fills in what is the same for all.
pub(super) fn settled(message: &MessageText, ticket: Option<&str>, known: &Capabilities) -> MessageText {
    let text = template::fill(&message.text, |field| match field {
        Field::Ticket => Some(ticket.unwrap_or("?").to_owned()),
        Field::Who => Some(known.account.name.to_string()),
        _ => None,
    });
    MessageText { text: text.into(), ..message.clone() }
}

/// The same for all messages of a course.
pub(super) fn settle(course: &Course, ticket: Option<&str>, known: &Capabilities) -> Course {
    let settled = |message| settled(message, ticket, known);
    let reminders = course.reminders.iter();
    let reminders =
        reminders.map(|reminder| Reminder { text: settled(&reminder.text), ..reminder.clone() }).collect();
    Course { warning: settled(&course.warning), reminders, ..course.clone() }
}
