//! `foretop image-servers`: what Workspace prepares images on, the builds, and the cloud's jobs (`docs/workspace.md`).

mod build;
mod follow;
mod jobs;
mod list;

use super::{
    args::{ConnectionArgs, ImageJobsCommand, ImageServersArgs, ImageServersCommand, LooksArgs},
    cloud::must_be_cloud,
    progress::Progress,
    reach::{Wanted, with_estate},
    run::{Stop, Streams},
};
use crate::{
    config::{Environment, Paths},
    error::Error,
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
    must_be_cloud(&wanted, "image servers")?;
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
