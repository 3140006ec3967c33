//! `foretop image-servers`: what Workspace prepares images on, the builds, and the cloud's jobs (`docs/workspace.md`).

mod build;
mod follow;
mod jobs;
mod list;

use super::{
    args::{ConnectionArgs, ImageJobsCommand, ImageServersArgs, ImageServersCommand, LooksArgs},
    progress::Progress,
    reach::{Reached, Wanted, with_estate},
    run::{Stop, Streams, warn},
};
use crate::{
    api::Listing,
    config::{Environment, Paths},
    domain::{Fault, FaultKind, WireKind},
    error::{Class, Error},
};

/// What a command wants, understood before anything is asked for.
enum Wish {
    List(super::args::ImageServerListArgs),
    Show(super::args::ImageServerShowArgs),
    Build(build::Order),
    Jobs(jobs::Wish),
    Job(super::args::ImageJobShowArgs),
}

/// Runs one of the commands. What is wrong with the arguments is said before anything is asked for or sent.
pub(super) fn run(
    args: ImageServersArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let ImageServersArgs { command, connection } = args;
    let connection = connection.over(outer);
    let wish = understand(command)?;
    let wanted = Wanted::resolve(&connection, &LooksArgs::default(), environment, paths, streams)?;
    if !wanted.is_cloud() {
        let error = Error::refused(format!("image servers are {}", WireKind::Horizon.not_offered()));
        let hint =
            "they are of Huawei Cloud Workspace: name a profile with wire = \"workspace\"; nothing was asked";
        return Err(error.on(wanted.name()).hint(hint).into());
    }
    if let Wish::Build(order) = &wish
        && !order.change().dry_run
    {
        wanted.must_act()?;
    }
    let progress = Progress::new(environment.stderr_is_terminal);
    let prepared = wanted.prepare(environment)?;
    with_estate(prepared, streams, async |reached, interrupts, streams| match &wish {
        Wish::List(args) => list::print(args, reached, interrupts, streams).await,
        Wish::Show(args) => list::print_one(args, reached, interrupts, streams).await,
        // Large, and there is one of it.
        Wish::Build(order) => {
            Box::pin(order.carry_out(reached, interrupts, progress, environment, streams)).await
        }
        Wish::Jobs(wish) => wish.print(reached, interrupts, streams).await,
        Wish::Job(args) => jobs::print_one(args, reached, interrupts, streams).await,
    })
}

fn understand(command: ImageServersCommand) -> Result<Wish, Error> {
    Ok(match command {
        ImageServersCommand::List(args) => Wish::List(args),
        ImageServersCommand::Show(args) => Wish::Show(args),
        ImageServersCommand::RecreateImage(args) => Wish::Build(build::Order::new(args)?),
        ImageServersCommand::Jobs(args) => match args.command {
            Some(ImageJobsCommand::Show(args)) => Wish::Job(args),
            None => Wish::Jobs(jobs::Wish::new(&args)?),
        },
    })
}

/// A fault of this estate, for a person.
fn of(reached: &Reached, fault: Fault) -> Error {
    Error::from(fault).on(&reached.name)
}

/// The same for something that was named by its id.
fn of_one(reached: &Reached, what: &str, list: &str, fault: Fault) -> Error {
    let is_gone = fault.kind == FaultKind::EntityNotFound;
    let error = of(reached, fault);
    if is_gone { error.hint(format!("take the {what}'s id from `foretop {list}`")) } else { error }
}

/// Says what a list lacks; fails when it is not whole.
fn is_whole<T>(listing: &Listing<T>, what: &str, streams: &mut Streams<'_>) -> Result<(), Error> {
    if listing.unreadable > 0 {
        warn(streams, &format!("{} {what} could not be read and were left out", listing.unreadable));
    }
    if listing.complete && listing.unreadable == 0 {
        return Ok(());
    }
    let words = "the list changed while it was read, or rows could not be understood";
    Err(Error::new(Class::Partial, format!("not all {what} are here")).words(words))
}
