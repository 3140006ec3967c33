//! `foretop permissions`: who may do what, with the same filters, questions and plans as the console.

mod can;
mod change;
mod cloud;
mod names;

use super::{
    args::{
        ConnectionArgs, Format, LooksArgs, PermissionListArgs, PermissionShowArgs, PermissionsArgs,
        PermissionsCommand,
    },
    filter,
    interrupt::Interrupts,
    output::{self, Heading},
    progress::{Counter, Progress},
    reach::{Reached, Wanted, with_estate},
    run::{Stop, Streams, note, warn},
};
use crate::{
    api::RequestClass,
    config::{Environment, Paths},
    core::{
        filter::PermissionFilter,
        permissions::{
            Deed, Grant, PermissionRow, Regroup,
            can::Question,
            matrix,
            record::{self, FIELDS, PermissionRecord},
            rows,
        },
    },
    domain::{FaultKind, PermissionBook, PermissionId, Privilege},
    error::{Class, Error},
};

/// Runs one of the commands. What is wrong with the arguments is said before anything is asked for or sent.
pub(super) fn run(
    args: PermissionsArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let PermissionsArgs { command, connection } = args;
    let connection = connection.over(outer);
    let wanted = Wanted::resolve(&connection, &LooksArgs::default(), environment, paths, streams)?;
    let progress = Progress::new(environment.stderr_is_terminal);
    if wanted.is_cloud() {
        let wish = cloud::Wish::new(&command)?;
        if command.change().is_some_and(|change| !change.dry_run) {
            wanted.must_act()?;
        }
        let prepared = wanted.prepare(environment)?;
        return with_estate(prepared, streams, async |reached, interrupts, streams| {
            // Large, and there is one of it.
            Box::pin(wish.carry_out(reached, interrupts, progress, environment, streams)).await
        });
    }
    if command.access().is_some_and(|access| !access.app_groups.is_empty()) {
        return Err(change::no_app_groups().into());
    }
    let order = Order::new(&command)?;
    if command.change().is_some_and(|change| !change.dry_run) {
        wanted.must_act()?;
    }
    let prepared = wanted.prepare(environment)?;
    with_estate(prepared, streams, async |reached, interrupts, streams| {
        // Large, and there is one of it.
        Box::pin(carry_out(&command, &order, reached, interrupts, progress, environment, streams)).await
    })
}

/// What the arguments of a command mean.
#[derive(Debug)]
struct Order {
    filter: PermissionFilter,
    question: Option<Question>,
}

impl Order {
    fn new(command: &PermissionsCommand) -> Result<Self, Error> {
        let filter = match command {
            PermissionsCommand::List(args) => args.filter.as_deref(),
            // What a script gets when a variable of its own is not set.
            PermissionsCommand::Delete(args)
                if args.filter.as_deref().is_some_and(|text| text.trim().is_empty()) =>
            {
                return Err(Error::usage("--where is empty, which would mean every permission")
                    .hint("write --where 'id:*' when you mean every permission"));
            }
            PermissionsCommand::Delete(args) => args.filter.as_deref(),
            _ => None,
        };
        let question = match command {
            PermissionsCommand::Can(args) => {
                let question = Question::new(&args.principal, &args.verb, &args.target);
                Some(question.map_err(|wrong| Error::usage(wrong.as_str()))?)
            }
            _ => None,
        };
        Ok(Self { filter: filter::permissions(filter)?, question })
    }
}

async fn carry_out(
    command: &PermissionsCommand,
    order: &Order,
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let book = read(reached, interrupts, progress, streams).await?;
    match command {
        PermissionsCommand::List(args) => list(args, &order.filter, &book, reached, environment, streams),
        PermissionsCommand::Show(args) => show(args, &book, reached, streams),
        PermissionsCommand::Can(args) => {
            let Some(question) = &order.question else {
                return Ok(0);
            };
            can::answer(question, args.output.format, &book, reached, interrupts, progress, streams).await
        }
        PermissionsCommand::Create(_) | PermissionsCommand::Delete(_) | PermissionsCommand::Replace(_) => {
            let surroundings =
                change::Surroundings { book: &book, reached, interrupts, progress, environment };
            change::run(command, &order.filter, &surroundings, streams).await
        }
    }
}

/// Reads everything about permissions, and says what of it is missing.
async fn read(
    reached: &Reached,
    interrupts: &Interrupts,
    progress: Progress,
    streams: &mut Streams<'_>,
) -> Result<PermissionBook, Stop> {
    let counter = Counter::default();
    // Large, and there is one of it.
    let reading = Box::pin(reached.estate.permission_book(RequestClass::Job));
    let reading = progress.during(streams, "reading permissions", &counter, reading);
    let book = interrupts.or(reading).await?.map_err(|fault| {
        let denied = fault.kind == FaultKind::InsufficientPermission;
        let error = Error::from(fault).on(&reached.name);
        if denied { error.hint(Privilege::ViewPermissions.needs()) } else { error }
    })?;
    if book.unreadable > 0 {
        warn(streams, &format!("{} permissions could not be read and were left out", book.unreadable));
    }
    for (what, fault) in [
        ("roles", book.roles.as_ref().err()),
        ("access groups", book.local_groups.as_ref().err()),
        ("names of users and groups", book.names.as_ref().err()),
    ] {
        if let Some(fault) = fault {
            note(streams, &format!("{what} could not be read, what depends on them is unknown: {fault}"));
        }
    }
    Ok(book)
}

fn list(
    args: &PermissionListArgs,
    filter: &PermissionFilter,
    book: &PermissionBook,
    reached: &Reached,
    environment: &Environment,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let shown = rows(book, Regroup::Principal, filter);
    let lines = || shown.iter().map(PermissionRecord::new);
    match args.output.format {
        Format::Json => output::json_list(streams.out, lines())?,
        Format::Jsonl => output::json_lines(streams.out, lines())?,
        Format::Csv => output::csv_rows(streams.out, FIELDS, true, lines())?,
        Format::Table => {
            output::write(streams.out, &table(&shown, reached.settings.ascii))?;
        }
    }
    output::flush(streams.out)?;
    if environment.stderr_is_terminal && args.output.format == Format::Table {
        note(streams, &format!("{} of {} permissions", shown.len(), book.permissions.len()));
    }
    Ok(0)
}

fn table(rows: &[PermissionRow<'_>], ascii: bool) -> String {
    let mut headings = ["PRINCIPAL", "KIND", "ROLE", "ACCESS GROUP"].map(Heading::left).to_vec();
    let federated = rows.iter().any(|row| row.federation_group.is_some());
    if federated {
        headings.push(Heading::left("FEDERATION GROUP"));
    }
    headings.extend(Deed::ALL.map(|deed| Heading::left(deed.title())));
    headings.extend(["!", "ID"].map(Heading::left));
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let mut cells = vec![
                row.principal.to_string(),
                row.permission.principal_kind.letter().to_string(),
                row.role.to_string(),
                row.local_group.to_string(),
            ];
            if federated {
                cells.push(row.federation_group.as_ref().map_or_else(String::new, ToString::to_string));
            }
            cells.extend(row.grants.iter().map(|grant| grant.letter().to_string()));
            cells.push(row.flags.iter().map(|flag| flag.letter()).collect());
            cells.push(row.permission.id.to_string());
            cells
        })
        .collect();
    output::columns(&headings, &cells, ascii)
}

fn show(
    args: &PermissionShowArgs,
    book: &PermissionBook,
    reached: &Reached,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let Some(permission) = book.permission(&PermissionId::from(args.id.as_str())) else {
        let words = format!("no permission has the id {}", args.id);
        let error = Error::new(Class::Unexpected, words).on(&reached.name);
        return Err(error
            .hint("take the id from `foretop permissions list`; one that was deleted is gone")
            .into());
    };
    let row = PermissionRow::new(book, permission);
    let line = PermissionRecord::whole(book, &row);
    match args.output.format {
        Format::Json => output::json_object(streams.out, &line)?,
        Format::Jsonl => output::json_lines(streams.out, [line])?,
        Format::Csv => output::csv_rows(streams.out, &record::fields_of_one(), true, [line])?,
        Format::Table => {
            let headings = ["FIELD", "VALUE"].map(Heading::left);
            let text = output::columns(&headings, &facts(book, &row), reached.settings.ascii);
            output::write(streams.out, &text)?;
        }
    }
    output::flush(streams.out)?;
    Ok(0)
}

/// Everything about one permission, for reading.
fn facts(book: &PermissionBook, row: &PermissionRow<'_>) -> Vec<Vec<String>> {
    let permission = row.permission;
    let mut facts: Vec<(&str, String)> = vec![
        ("id", permission.id.to_string()),
        ("principal", row.principal.to_string()),
        ("kind", record::kind(permission.principal_kind).to_owned()),
        ("SID", permission.principal.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string)),
        ("role", row.role.to_string()),
        ("access group", row.local_group.to_string()),
    ];
    facts.extend(row.federation_group.as_ref().map(|group| ("federation group", group.to_string())));
    facts.extend(row.flags.iter().map(|flag| ("flag", format!("{}: {}", flag.name(), flag.explain()))));
    for (deed, grant) in Deed::ALL.iter().zip(&row.grants) {
        let word = match grant {
            Grant::Yes(_) | Grant::Federated(_) => "yes",
            Grant::No(_) => "no",
            Grant::Unknown(_) => "?",
        };
        facts.push((deed.describe(), format!("{word}, {}", grant.words())));
    }
    let others = book.permissions.iter().filter(|other| {
        other.id != permission.id && other.role == permission.role && permission.role.is_some()
    });
    facts.extend(others.map(|other| {
        let other = PermissionRow::new(book, other);
        ("same role", format!("{} on {}", other.principal, other.groups()))
    }));
    let role = permission.role.as_ref().and_then(|id| book.role(id));
    let privileges = role.and_then(|role| matrix::held(book, role));
    match privileges {
        Some(held) => facts.extend(held.iter().map(|privilege| {
            let through = privilege.through.as_ref().map(|through| format!(" (comes with {through})"));
            ("privilege", format!("{}{}", privilege.name, through.unwrap_or_default()))
        })),
        None => facts.push(("privilege", "?".to_owned())),
    }
    facts.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect()
}
