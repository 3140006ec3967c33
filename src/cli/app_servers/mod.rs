//! `foretop app-servers`: the machines of Workspace that run sessions, emptied and started again (`docs/workspace.md`).

mod list;
mod order;
mod report;
mod wait;

use super::{
    args::{AppServersArgs, AppServersCommand, ConnectionArgs, LooksArgs},
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
    List(list::Wish),
    Order(order::Order),
}

/// Runs one of the commands. What is wrong with the arguments is said before anything is asked for or sent.
pub(super) fn run(
    args: AppServersArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let AppServersArgs { command, connection } = args;
    let connection = connection.over(outer);
    let wish = understand(command)?;
    let wanted = Wanted::resolve(&connection, &LooksArgs::default(), environment, paths, streams)?;
    must_be_cloud(&wanted, "app servers")?;
    if let Wish::Order(order) = &wish
        && !order.change().dry_run
    {
        wanted.must_act()?;
    }
    let progress = Progress::new(environment.stderr_is_terminal);
    let prepared = wanted.prepare(environment)?;
    with_estate(prepared, streams, async |reached, interrupts, streams| match &wish {
        Wish::List(wish) => wish.print(reached, interrupts, streams).await,
        // Large, and there is one of it.
        Wish::Order(order) => {
            Box::pin(order.carry_out(reached, interrupts, progress, environment, streams)).await
        }
    })
}

fn understand(command: AppServersCommand) -> Result<Wish, Error> {
    Ok(match command {
        AppServersCommand::List(args) => Wish::List(list::Wish::new(&args)?),
        AppServersCommand::Drain(args) => Wish::Order(order::Order::drain(args)?),
        AppServersCommand::Undrain(args) => Wish::Order(order::Order::undrain(args)?),
        AppServersCommand::Reboot(args) => Wish::Order(order::Order::reboot(args)?),
    })
}
