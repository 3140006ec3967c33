//! `foretop images`: streams, versions, tags and assets, with the same tree, rules and plans as the console.

mod find;
mod list;
mod order;
mod show;

use super::{
    args::{
        AssetsCommand, ConnectionArgs, ImagesArgs, ImagesCommand, LooksArgs, TagsCommand, VersionsCommand,
    },
    carry::plan_id,
    changes::{ChangeOrder, carry_out},
    interrupt::Interrupts,
    progress::Progress,
    reach::{Reached, Wanted, with_estate},
    run::{Stop, Streams, note, warn},
};
use crate::{
    api::RequestClass,
    config::{Environment, Paths},
    core::images::{LiveSessions, Shelf},
    domain::{Fault, FaultKind, ImageBook, StreamQuery},
    engine,
    error::Error,
};

use self::{find::What, list::ListWish, order::Order};

/// What a command wants, understood before anything is asked for.
enum Wish {
    List(ListWish),
    Show(What, super::args::ImageShowArgs),
    Change(Box<Order>),
}

/// Runs one of the commands. What is wrong with the arguments is said before anything is asked for or sent.
pub(super) fn run(
    args: ImagesArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let ImagesArgs { command, connection } = args;
    let connection = connection.over(outer);
    let progress = Progress::new(environment.stderr_is_terminal);
    let wish = understand(command)?;
    let wanted = Wanted::resolve(&connection, &LooksArgs::default(), environment, paths, streams)?;
    if let Wish::Change(order) = &wish
        && !order.change.dry_run
    {
        wanted.must_act()?;
    }
    let prepared = wanted.prepare(environment)?;
    with_estate(prepared, streams, async |reached, interrupts, streams| match &wish {
        Wish::List(list) => list.print(reached, interrupts, environment, streams).await,
        Wish::Show(what, args) => show::print(*what, args, reached, interrupts, streams).await,
        Wish::Change(order) => {
            let drafted = order.draft(reached, interrupts, streams).await?;
            let plan = drafted.plan(plan_id(), jiff::Timestamp::now());
            let told = ChangeOrder { plan, verb: order.verb(), kind: order.kind() };
            carry_out(told, &order.change, reached, interrupts, progress, environment, streams).await
        }
    })
}

fn understand(command: ImagesCommand) -> Result<Wish, Error> {
    let list = |what, args: super::args::PartListArgs| ListWish::of_parts(what, &args).map(Wish::List);
    let order = |order: Result<Order, Error>| order.map(|order| Wish::Change(Box::new(order)));
    match command {
        ImagesCommand::List(args) => ListWish::of_streams(&args).map(Wish::List),
        ImagesCommand::Show(args) => Ok(Wish::Show(What::Stream, args)),
        ImagesCommand::Create(args) => order(Order::create_streams(args)),
        ImagesCommand::Update(args) => order(Order::update_stream(args)),
        ImagesCommand::Delete(args) => Ok(Wish::Change(Box::new(Order::delete(What::Stream, args)))),
        ImagesCommand::Versions { command } => match command {
            VersionsCommand::List(args) => list(What::Version, args),
            VersionsCommand::Show(args) => Ok(Wish::Show(What::Version, args)),
            VersionsCommand::Create(args) => order(Order::create_version(args)),
            VersionsCommand::Update(args) => order(Order::update_version(args)),
            VersionsCommand::Delete(args) => Ok(Wish::Change(Box::new(Order::delete(What::Version, args)))),
        },
        ImagesCommand::Tags { command } => match command {
            TagsCommand::List(args) => list(What::Tag, args),
            TagsCommand::Show(args) => Ok(Wish::Show(What::Tag, args)),
            TagsCommand::Create(args) => order(Order::create_tag(args)),
            TagsCommand::Update(args) => order(Order::update_tag(args)),
            TagsCommand::Move(args) => Ok(Wish::Change(Box::new(Order::move_tag(args)))),
            TagsCommand::Delete(args) => Ok(Wish::Change(Box::new(Order::delete(What::Tag, args)))),
        },
        ImagesCommand::Assets { command } => match command {
            AssetsCommand::List(args) => list(What::Asset, args),
            AssetsCommand::Show(args) => Ok(Wish::Show(What::Asset, args)),
            AssetsCommand::Create(args) => order(Order::create_asset(args)),
            AssetsCommand::Update(args) => order(Order::update_asset(args)),
            AssetsCommand::Delete(args) => Ok(Wish::Change(Box::new(Order::delete(What::Asset, args)))),
        },
    }
}

/// Reads the images, and says when that is not all there is.
async fn read_book(
    reached: &Reached,
    interrupts: &Interrupts,
    query: &StreamQuery,
    streams: &mut Streams<'_>,
) -> Result<ImageBook, Stop> {
    // Boxed: it holds the state of many requests.
    let reading = Box::pin(reached.estate.image_book(RequestClass::Poll, query));
    let book = interrupts.or(reading).await?.map_err(|fault| of(reached, fault))?;
    for gap in &book.gaps {
        warn(streams, &format!("not all was read: {gap}"));
    }
    if book.unreadable > 0 {
        warn(streams, &format!("{} rows could not be read and were left out", book.unreadable));
    }
    for (kind, fault) in &book.uses_unknown {
        warn(streams, &format!("who uses what cannot be told: not all {kind}s could be read: {fault}"));
    }
    Ok(book)
}

/// Counts the sessions of pools and farms. Without a list of them the counts are unknown, which is no reason to fail.
async fn read_live(
    reached: &Reached,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<LiveSessions, Stop> {
    let reading = engine::poll_sessions(
        &reached.estate,
        RequestClass::Poll,
        None,
        None,
        jiff::Timestamp::now,
        |_progress| {},
    );
    match interrupts.or(reading).await? {
        Ok(polled) => {
            let live = LiveSessions::of(&polled.table);
            if !live.is_known() {
                note(streams, "the list of sessions changed while it was read: their numbers are unknown");
            }
            Ok(live)
        }
        Err(fault) => {
            warn(streams, &format!("how many sessions there are is unknown: {fault}"));
            Ok(LiveSessions::default())
        }
    }
}

/// What an account needs to read images (`horizon-rest.md section 13`).
const NEEDED_TO_LOOK: &str = "it needs GLOBAL_CONFIG_VIEW or VC_CONFIG_VIEW";

/// A fault of this estate, for a person.
fn of(reached: &Reached, fault: Fault) -> Error {
    let denied = fault.kind == FaultKind::InsufficientPermission;
    let error = Error::from(fault).on(&reached.name);
    if denied { error.hint(NEEDED_TO_LOOK) } else { error }
}

/// Whether any pool or farm is there whose sessions could be counted.
fn has_uses(shelf: &Shelf<'_>) -> bool {
    !shelf.book.uses.is_empty()
}
