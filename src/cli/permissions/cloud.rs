//! `foretop permissions` over Workspace: app groups, and who may use them (`workspace.md section 8`).

mod change;

use self::change::Change;
use crate::{
    api::RequestClass,
    cli::{
        args::{Format, PermissionListArgs, PermissionsCommand},
        interrupt::Interrupts,
        output::{self, Heading},
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams, note, warn},
    },
    config::Environment,
    core::cloud::{AccessBook, CloudFilter, CloudState, record::AccessRecord},
    domain::{AuthorizationQuery, WireKind},
    error::{Class, Error},
};

/// What is wanted of permissions, as far as Workspace has it.
#[derive(Debug)]
pub(super) enum Wish<'a> {
    /// To see them.
    List(List<'a>),
    /// To change them.
    Change(Change<'a>),
}

impl<'a> Wish<'a> {
    /// Understands a command. What Workspace lacks is refused before anything is asked.
    pub(super) fn new(command: &'a PermissionsCommand) -> Result<Self, Error> {
        Ok(match command {
            PermissionsCommand::List(args) => {
                Self::List(List { args, filter: filter(args.filter.as_deref())? })
            }
            PermissionsCommand::Create(args) => Self::Change(Change::create(args)?),
            PermissionsCommand::Delete(args) => Self::Change(Change::delete(args)?),
            PermissionsCommand::Show(_) | PermissionsCommand::Replace(_) | PermissionsCommand::Can(_) => {
                return Err(not_offered());
            }
        })
    }

    /// Reads what there is, and prints or changes it.
    pub(super) async fn carry_out(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        progress: Progress,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        // Large, and there is one of it.
        let book = interrupts.or(Box::pin(read(reached))).await??;
        if book.unreadable > 0 {
            warn(streams, &format!("{} rows could not be read and were left out", book.unreadable));
        }
        match self {
            Self::List(list) => list.print(&book, reached, environment, streams),
            Self::Change(change) => {
                change.carry_out(&book, reached, interrupts, progress, environment, streams).await
            }
        }
    }
}

fn not_offered() -> Error {
    let words =
        format!("this is {}: it has app groups and who may use them", WireKind::Workspace.not_offered());
    Error::refused(words).hint("`foretop permissions list` shows them; nothing was asked")
}

fn filter(text: Option<&str>) -> Result<CloudFilter, Error> {
    CloudFilter::parse(text.unwrap_or_default(), CloudState::access_fields())
        .map_err(|error| Error::usage(format!("--where: {}", error.message)))
}

/// What is shown, and how.
#[derive(Debug)]
pub(super) struct List<'a> {
    args: &'a PermissionListArgs,
    filter: CloudFilter,
}

impl List<'_> {
    fn print(
        &self,
        book: &AccessBook,
        reached: &Reached,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        let whole = book.complete && book.unreadable == 0;
        if let Some(words) = book.unheard(&self.filter) {
            warn(streams, &words);
        }
        let lines = book.lines(&self.filter);
        let rows = || lines.iter().map(|line| AccessRecord::new(line, whole));
        let format = self.args.output.format;
        match format {
            Format::Json => output::json_list(streams.out, rows())?,
            Format::Jsonl => output::json_lines(streams.out, rows())?,
            Format::Csv => output::csv_rows(streams.out, AccessRecord::FIELDS, true, rows())?,
            Format::Table => {
                let titles = AccessRecord::TITLES.map(Heading::left);
                let cells: Vec<Vec<String>> =
                    lines.iter().map(|line| AccessRecord::cells(line, book)).collect();
                output::write(streams.out, &output::columns(&titles, &cells, reached.settings.ascii))?;
            }
        }
        output::flush(streams.out)?;
        if environment.stderr_is_terminal && format == Format::Table {
            note(streams, &format!("{} of {}", lines.len(), book.lines_in_all()));
        }
        if whole {
            return Ok(0);
        }
        let words = "a list changed while it was read, or rows could not be understood";
        Err(Error::new(Class::Partial, "not all app groups and authorizations are here").words(words).into())
    }
}

async fn read(reached: &Reached) -> Result<AccessBook, Error> {
    let of = |fault| Error::from(fault).on(&reached.name);
    let groups = reached.estate.app_groups(RequestClass::Poll).await.map_err(of)?;
    let query = AuthorizationQuery::default();
    let authorizations = reached.estate.authorizations(RequestClass::Poll, &query).await.map_err(of)?;
    Ok(AccessBook {
        complete: groups.complete && authorizations.complete,
        unreadable: groups.unreadable + authorizations.unreadable,
        groups: groups.rows,
        authorizations: authorizations.rows,
    })
}
