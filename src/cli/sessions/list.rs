//! `foretop sessions list`.

use super::{
    breakdown::By,
    filter,
    groups::{self, Need},
    pods, read_list,
};
use crate::{
    api::RequestClass,
    cli::{
        args::{Format, ListArgs, PodArgs},
        interrupt::Interrupts,
        looks,
        output::{self, Heading},
        progress::Progress,
        reach::Reached,
        run::{Stop, Streams, note},
    },
    config::{Environment, nearest},
    core::{
        filter::{Context, Filter, Truth},
        session_record::{FIELDS, SessionRecord},
        table::{
            Alignment, ChosenColumn, Column, Flag, Flags, Names, RowContext, SessionTable, TimeStyle,
            columns_for_width, workspace_columns,
        },
    },
    domain::{Session, SessionRow as Row, WireKind},
    error::Error,
};

/// The width that columns are chosen for when nobody says which and there is no terminal.
const PLAIN_WIDTH: u16 = 117;

/// What is to be printed, understood.
#[derive(Debug)]
pub(super) struct Wish {
    filter: Filter,
    sort: (Column, bool),
    columns: Option<Vec<Column>>,
    format: Format,
    by: Option<By>,
    pods: PodArgs,
}

impl Wish {
    /// Understands the arguments.
    pub(super) fn new(args: &ListArgs) -> Result<Self, Error> {
        let filter = filter::sessions(args.filter.as_deref())?;
        let by = args.by.as_deref().map(|by| By::new(by, args.sort.as_deref())).transpose()?;
        let sort = match args.sort.as_deref().filter(|_| by.is_none()) {
            Some(given) => match given.strip_prefix('-') {
                Some(name) => (column(name)?, true),
                None => (column(given)?, false),
            },
            None => (Column::User, false),
        };
        let columns: Vec<Column> = args.columns.iter().map(|name| column(name)).collect::<Result<_, _>>()?;
        let columns = Some(columns).filter(|columns| !columns.is_empty());
        let format = args.output.format;
        if columns.is_some() && matches!(format, Format::Json | Format::Jsonl) {
            return Err(Error::usage("--columns is for -o table and -o csv; JSON always has every field")
                .hint("take what you need, as in: -o json | jq '.[].user_name'"));
        }
        Ok(Self { filter, sort, columns, format, by, pods: args.pods })
    }

    /// Reads the list and prints what the filter lets through.
    pub(super) async fn print(
        &self,
        reached: &Reached,
        interrupts: &Interrupts,
        progress: Progress,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> Result<u8, Stop> {
        let polled = read_list(reached, interrupts, progress, RequestClass::Poll, self.pods, streams).await?;
        let table = &*polled.table;
        let need = Need::of(&self.filter, self.shows_groups(table, reached, environment));
        let names = groups::names(need, table, reached, interrupts, streams).await?;
        let (context, chosen) = choose(&self.filter, table, &names, reached, streams);
        let mut sessions = chosen;
        if let Some(by) = self.by {
            let rows: Vec<u32> = sessions.iter().map(|session| session.number()).collect();
            let left_out = by.print(&rows, table, &names, self.format, reached.settings.ascii, streams)?;
            output::flush(streams.out)?;
            if left_out > 0 {
                note(streams, &format!("{left_out} more values with fewer sessions are left out"));
            }
            return Ok(pods::code(table));
        }
        let (column, descending) = self.sort;
        sessions.sort_by(|left, right| column.compare(*left, *right, descending, &context));
        self.print_sessions(&sessions, table, &names, reached, environment, streams)?;
        output::flush(streams.out)?;
        if environment.stderr_is_terminal && self.format == Format::Table {
            note(streams, &format!("{} of {} sessions", sessions.len(), table.len()));
        }
        Ok(pods::code(table))
    }

    /// Whether anything that is printed or sorted by tells of groups.
    fn shows_groups(&self, table: &SessionTable, reached: &Reached, environment: &Environment) -> bool {
        if let Some(by) = self.by {
            return by.is_of_groups();
        }
        let is_shown = || {
            let columns = self.headings(table.is_global(), reached, environment);
            columns.iter().any(|(column, _)| *column == Column::Groups)
        };
        let is_chosen = self.columns.as_ref().is_some_and(|columns| columns.contains(&Column::Groups));
        self.sort.0 == Column::Groups || is_chosen || self.format == Format::Table && is_shown()
    }

    fn print_sessions(
        &self,
        sessions: &[Row<'_>],
        table: &SessionTable,
        names: &Names,
        reached: &Reached,
        environment: &Environment,
        streams: &mut Streams<'_>,
    ) -> Result<(), Stop> {
        let no_flags = Flags::new();
        let whole = match self.format {
            Format::Json | Format::Jsonl => true,
            Format::Csv => self.columns.is_none(),
            Format::Table => false,
        };
        let whole: Vec<Session> =
            sessions.iter().filter(|_| whole).map(|session| session.to_session()).collect();
        let rows = || {
            whole.iter().map(|session| {
                let flags = Flag::of(session, table.as_of(), table, &no_flags);
                SessionRecord::new(session, &reached.capabilities, &flags)
            })
        };
        match (self.format, &self.columns) {
            (Format::Json, _) => output::json_list(streams.out, rows()),
            (Format::Jsonl, _) => output::json_lines(streams.out, rows()),
            (Format::Csv, None) => output::csv_rows(streams.out, FIELDS, true, rows()),
            (Format::Csv, Some(columns)) => {
                let titles: Vec<&str> = columns.iter().map(|column| column.id()).collect();
                output::csv_line(streams.out, &titles)?;
                let cells = cells(sessions, columns, table, names);
                cells.iter().try_for_each(|cells| output::csv_line(streams.out, cells))
            }
            (Format::Table, _) => {
                let headings = self.headings(table.is_global(), reached, environment);
                let columns: Vec<Column> = headings.iter().map(|(column, _)| *column).collect();
                let headings: Vec<Heading> = headings.into_iter().map(|(_, heading)| heading).collect();
                let text = output::columns(
                    &headings,
                    &cells(sessions, &columns, table, names),
                    reached.settings.ascii,
                );
                output::write(streams.out, &text)
            }
        }
    }

    /// The columns for reading: those that were asked for, whole; or else those that fit the terminal.
    fn headings(&self, pods: bool, reached: &Reached, environment: &Environment) -> Vec<(Column, Heading)> {
        let heading = |column: Column, limit: Option<usize>| {
            let right = column.alignment() == Alignment::Right;
            (column, Heading { title: column.title().to_owned(), right, limit })
        };
        if let Some(columns) = &self.columns {
            return columns.iter().map(|column| heading(*column, None)).collect();
        }
        let wanted = |width| match reached.capabilities.wire {
            WireKind::Horizon => looks::columns(&reached.settings),
            WireKind::Workspace => {
                Some(workspace_columns(width).iter().copied().map(ChosenColumn::from).collect())
            }
        };
        let terminal = environment
            .stdout_is_terminal
            .then(crossterm::terminal::size)
            // A terminal that does not know its size says 0.
            .and_then(|size| size.ok().map(|(width, _)| width).filter(|width| *width > 0));
        let Some(width) = terminal else {
            let columns: Vec<Column> = match wanted(PLAIN_WIDTH) {
                Some(chosen) => chosen.into_iter().map(|chosen| chosen.column).collect(),
                None => {
                    columns_for_width(PLAIN_WIDTH, None, pods).into_iter().map(|(column, _)| column).collect()
                }
            };
            return columns.into_iter().map(|column| heading(column, None)).collect();
        };
        // Two blanks between columns instead of the one that the width is reckoned with.
        let chosen = columns_for_width(width, wanted(width).as_deref(), pods);
        let room = width.saturating_sub(chosen.len().saturating_sub(1) as u16);
        columns_for_width(room, wanted(width).as_deref(), pods)
            .into_iter()
            .map(|(column, width)| heading(column, Some(usize::from(width))))
            .collect()
    }
}

/// The sessions for which a filter holds, and how it looked at them. Those of which it cannot be told are left out, and
/// counted on standard error.
pub(super) fn choose<'a>(
    filter: &'a Filter,
    table: &'a SessionTable,
    names: &'a Names,
    reached: &'a Reached,
    streams: &mut Streams<'_>,
) -> (Context<'a>, Vec<Row<'a>>) {
    let context = Context {
        capabilities: Some(&reached.capabilities),
        table: Some(table),
        names: Some(names),
        ..Context::at(table.as_of())
    };
    let mut evaluator = filter.evaluator(context);
    let mut unknown = 0;
    let mut chosen = Vec::new();
    for (row, session) in (0_u32..).zip(table.iter()) {
        match evaluator.row(table, row) {
            Truth::Yes => chosen.push(session),
            Truth::No => {}
            Truth::Unknown => unknown += 1,
        }
    }
    if unknown > 0 {
        let sessions = if unknown == 1 { "1 session is" } else { &format!("{unknown} sessions are") };
        // Most flags come from what a console did and saw.
        let why = if filter.text().contains("flag:") {
            "some flags, such as ghost, only a console that runs can tell"
        } else if filter.asks_group_names() && table.rows().group_sids().is_empty() {
            "no session of this list tells the groups of its user"
        } else {
            "--where rests on values that are not known there"
        };
        note(streams, &format!("{sessions} left out: {why}"));
    }
    (context, chosen)
}

fn cells(sessions: &[Row<'_>], columns: &[Column], table: &SessionTable, names: &Names) -> Vec<Vec<String>> {
    let flags = Flags::new();
    let context = RowContext { table, flags: &flags, names, time: TimeStyle::Relative };
    sessions
        .iter()
        .map(|session| columns.iter().map(|column| column.cell(*session, &context)).collect())
        .collect()
}

/// The column of this name.
fn column(name: &str) -> Result<Column, Error> {
    Column::from_id(name.trim()).ok_or_else(|| {
        let error = Error::usage(format!("there is no column `{name}`"));
        let known = || Column::ALL.iter().map(|column| column.id());
        match nearest(name, known()) {
            Some(nearest) => error.hint(format!("did you mean `{nearest}`?")),
            None => error.hint(format!("columns: {}", known().collect::<Vec<_>>().join(", "))),
        }
    })
}
