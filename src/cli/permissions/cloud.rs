//! `foretop permissions` over Workspace: app groups, and who may use them (`workspace.md section 8`).

mod change;

use serde::Serialize;

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
    core::cloud::{AccessBook, AccessLine, CloudFilter, CloudState, account_kind},
    domain::{
        AccountKind, AccountPlatform, AppGroup, AppGroupId, AppGroupKind, AppServerGroupId, Authorization,
        AuthorizationQuery, Moment, Text, WireKind,
    },
    error::{Class, Error},
};

/// The fields in CSV, in order.
const FIELDS: &[&str] = &[
    "kind",
    "id",
    "account",
    "account_id",
    "account_type",
    "platform_type",
    "domain",
    "app_group_id",
    "app_group_name",
    "app_type",
    "app_server_group_id",
    "app_server_group_name",
    "app_count",
    "authorizations",
    "create_at",
];

/// An app group or an authorization, with the field names of the vendor's API. What is not known is absent.
#[derive(Debug, Default, Serialize)]
struct Row<'a> {
    /// `app_group` or `authorization`.
    kind: &'static str,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_group_name: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_server_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_server_group_name: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_count: Option<i64>,
    /// How many may use the app group.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizations: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_at: Option<String>,
}

fn time(moment: Option<&Moment>) -> Option<String> {
    moment.map(|moment| moment.at.map_or_else(|| moment.raw.to_string(), |at| at.to_string()))
}

impl<'a> Row<'a> {
    fn new(line: &AccessLine<'a>, complete: bool) -> Self {
        match *line {
            AccessLine::Group(group, count) => Self::of_group(group, complete.then_some(count)),
            AccessLine::Authorization(one) => Self::of_authorization(one),
        }
    }

    fn of_group(group: &'a AppGroup, count: Option<usize>) -> Self {
        Self {
            kind: "app_group",
            id: group.id.raw(),
            app_group_id: Some(group.id.raw()),
            app_group_name: group.name.as_ref(),
            app_type: group.kind.as_ref().map(AppGroupKind::word),
            app_server_group_id: group.server_group_id.as_ref().map(AppServerGroupId::raw),
            app_server_group_name: group.server_group_name.as_ref(),
            app_count: group.apps,
            authorizations: count,
            create_at: time(group.created_at.as_ref()),
            ..Self::default()
        }
    }

    fn of_authorization(one: &'a Authorization) -> Self {
        Self {
            kind: "authorization",
            id: one.id.raw(),
            account: one.account.as_ref(),
            account_id: one.account_id.as_ref(),
            account_type: one.account_kind.as_ref().map(AccountKind::word),
            platform_type: one.platform.as_ref().map(AccountPlatform::word),
            domain: one.domain.as_ref(),
            app_group_id: one.app_group_id.as_ref().map(AppGroupId::raw),
            app_group_name: one.app_group_name.as_ref(),
            create_at: time(one.created_at.as_ref()),
            ..Self::default()
        }
    }
}

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
        let rows = || lines.iter().map(|line| Row::new(line, whole));
        let format = self.args.output.format;
        match format {
            Format::Json => output::json_list(streams.out, rows())?,
            Format::Jsonl => output::json_lines(streams.out, rows())?,
            Format::Csv => output::csv_rows(streams.out, FIELDS, true, rows())?,
            Format::Table => {
                let titles = ["APP GROUP", "ACCOUNT", "KIND", "DOMAIN", "KEPT IN", "ID"].map(Heading::left);
                let cells: Vec<Vec<String>> = lines.iter().map(|line| cells(line, book)).collect();
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

fn cells(line: &AccessLine<'_>, book: &AccessBook) -> Vec<String> {
    let shown = |value: Option<String>| value.unwrap_or_else(|| "?".to_owned());
    let id = |raw: &str| Text::clean(raw).to_string();
    match *line {
        AccessLine::Group(group, count) => {
            let accounts = format!("{count}{} accounts", if book.complete { "" } else { "+" });
            let kind = group.kind.as_ref().map(|kind| kind.word().to_owned());
            let name = shown(group.name.as_ref().map(ToString::to_string));
            vec![name, accounts, shown(kind), String::new(), String::new(), id(group.id.raw())]
        }
        AccessLine::Authorization(one) => vec![
            shown(one.app_group_id.as_ref().map(|id| book.group_label(id).to_string())),
            shown(one.account.as_ref().map(ToString::to_string)),
            shown(account_kind(one.account_kind.as_ref())),
            one.domain.as_ref().map_or_else(String::new, ToString::to_string),
            shown(one.platform.as_ref().map(ToString::to_string)),
            id(one.id.raw()),
        ],
    }
}
