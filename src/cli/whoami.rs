//! `foretop whoami`: the account, and what it may do as far as the server tells.

use serde::Serialize;

use super::{
    args::{ConnectionArgs, Format, LooksArgs, WhoAmIArgs},
    output::{self, Heading},
    reach::{Reached, Wanted, with_estate},
    run::{Stop, Streams},
};
use crate::{
    config::{Environment, Paths},
    core::rights::{Right, WriteMode, rights},
    domain::{Release, Text, UserId, WireKind},
};

/// The fields in CSV, in order.
const FIELDS: &[&str] = &["area", "access_group", "action", "answer", "reason"];

/// What `-o json` prints. A field that is not known is absent.
#[derive(Debug, Serialize)]
struct WhoAmI<'a> {
    account: &'a Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    server: &'a Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<Release>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_version: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pod: Option<&'a Text>,
    /// `RW`, `RO` or `LOOK`, as the status bar has it.
    mode: &'static str,
    /// Whether the server tells what the account may do.
    rights_known: bool,
    rights: &'a [Right],
}

/// Runs it.
pub(super) fn run(
    args: WhoAmIArgs,
    outer: ConnectionArgs,
    environment: &Environment,
    paths: &Paths,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let connection = args.connection.over(outer);
    let wanted = Wanted::resolve(&connection, &LooksArgs::default(), environment, paths, streams)?;
    let prepared = wanted.prepare(environment)?;
    with_estate(prepared, streams, async |reached, _, streams| {
        print(args.output.format, reached, streams)?;
        Ok(0)
    })
}

fn print(format: Format, reached: &Reached, streams: &mut Streams<'_>) -> Result<(), Stop> {
    let capabilities = &reached.capabilities;
    let account = &capabilities.account;
    let rights = rights(capabilities);
    let mode = WriteMode::of(reached.settings.read_only, Some(capabilities));
    match format {
        Format::Json => {
            let whole = WhoAmI {
                account: &account.name,
                id: account.id.as_ref().map(UserId::raw),
                server: &capabilities.server,
                release: capabilities.release,
                product_version: capabilities.product_version.as_ref(),
                pod: capabilities.pod.as_ref(),
                mode: mode.letters(),
                rights_known: account.privileges.is_some(),
                rights: &rights,
            };
            output::json_object(streams.out, &whole)?;
        }
        Format::Jsonl => output::json_lines(streams.out, rights.iter())?,
        Format::Csv => output::csv_rows(streams.out, FIELDS, true, rights.iter())?,
        Format::Table => {
            // A cloud has no release.
            let release = match capabilities.release {
                Some(release) => format!(", release {release}"),
                None if capabilities.wire == WireKind::Workspace => String::new(),
                None => ", release ?".to_owned(),
            };
            let head =
                format!("{} on {}{release}, {}\n\n", account.name, capabilities.server, mode.letters());
            output::write(streams.out, &head)?;
            let headings = ["AREA", "ACCESS GROUP", "ACTION", "ANSWER", "WHY"].map(Heading::left);
            let rows: Vec<Vec<String>> = rights.iter().map(row).collect();
            output::write(streams.out, &output::columns(&headings, &rows, false))?;
        }
    }
    output::flush(streams.out)
}

fn row(right: &Right) -> Vec<String> {
    let group = right.group.as_ref().map_or("", Text::as_str);
    let cells = [right.area.title(), group, right.action, right.answer(), right.reason().unwrap_or("")];
    cells.map(str::to_owned).to_vec()
}
