//! The list on the screen as a text: for spreadsheets, for programs, for tickets.

mod copied;

use std::{fmt, str::FromStr, sync::Arc};

use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    cloud::{
        CloudState,
        record::{AccessRecord, Listed},
    },
    images::{
        ImageNode, ImagesTab, Shelf,
        record::{ImageRow, TREE_COLUMNS, TREE_FIELDS},
    },
    interchange,
    permissions::PermissionsTab,
    session_record::{FIELDS, SessionRecord},
    state::{State, Tab},
    table::{Column, Flag, Flags, Names, RowContext, SessionTable, TimeStyle},
};
use crate::domain::{Capabilities, SessionRow};

pub(super) use copied::Copied;

/// A form of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportForm {
    /// Comma-separated values: the fields of `foretop sessions list -o csv`.
    Csv,
    /// An array, one object a line: the fields of `foretop sessions list -o json`.
    Json,
    /// A table in Markdown: the columns of the screen, whole.
    Markdown,
}

impl ExportForm {
    /// All forms.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Markdown];

    /// What it is called at `:export`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Markdown => "markdown",
        }
    }

    /// How a file of this form ends.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Markdown => "md",
        }
    }
}

impl fmt::Display for ExportForm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for ExportForm {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|form| form.name() == word || form.ending() == word).ok_or(())
    }
}

/// The list as it is shown at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListExport {
    /// The list.
    pub table: Arc<SessionTable>,
    /// The rows that are meant, in order.
    pub rows: Vec<u32>,
    /// The columns of the screen.
    pub columns: Vec<Column>,
    /// What was known about sessions beside the list.
    pub flags: Flags,
    /// What groups were called.
    #[serde(default)]
    pub names: Names,
    /// What the server can do: it names the pod.
    pub capabilities: Capabilities,
    /// Seconds from UTC of the times in columns; `None` for UTC itself.
    pub offset_seconds: Option<i32>,
}

impl ListExport {
    /// These rows of the shown list; none before there is a connection.
    pub fn of(state: &State, rows: Vec<u32>) -> Option<Self> {
        let settings = &state.settings;
        Some(Self {
            table: Arc::clone(state.sessions.view.table()),
            rows,
            columns: state.reachable_columns().into_iter().map(|chosen| chosen.column).collect(),
            flags: state.sessions.flags.clone(),
            names: state.sessions.group_names.as_names(),
            capabilities: state.capabilities()?.clone(),
            offset_seconds: (!settings.utc).then_some(settings.local_offset_seconds),
        })
    }

    /// The text in a form.
    pub fn text(&self, form: ExportForm) -> String {
        match form {
            ExportForm::Csv => self.csv(),
            ExportForm::Json => self.json(),
            ExportForm::Markdown => self.markdown(),
        }
    }

    /// The columns of the screen with a tab between them, without titles: what is pasted into a spreadsheet or a mail.
    pub fn tabbed(&self) -> String {
        self.cells().map(|cells| cells.join("\t") + "\n").collect()
    }

    fn sessions(&self) -> impl Iterator<Item = SessionRow<'_>> {
        self.rows.iter().filter_map(|row| self.table.get(*row))
    }

    fn records(&self) -> impl Iterator<Item = Value> {
        self.sessions().map(|row| {
            let session = row.to_session();
            let flags = Flag::of(&session, self.table.as_of(), &self.table, &self.flags);
            let record = SessionRecord::new(&session, &self.capabilities, &flags);
            // Nothing in a record can fail to become JSON.
            serde_json::to_value(record).unwrap_or_default()
        })
    }

    fn csv(&self) -> String {
        csv(FIELDS, self.records())
    }

    fn json(&self) -> String {
        json(self.records())
    }

    fn markdown(&self) -> String {
        markdown(self.columns.iter().map(|column| column.title()), self.cells())
    }

    fn cells(&self) -> impl Iterator<Item = Vec<String>> {
        let zone = self.offset_seconds.map(zone);
        self.sessions().map(move |session| {
            let time = zone.as_ref().map_or(TimeStyle::Utc, TimeStyle::Zone);
            let context = RowContext { table: &self.table, flags: &self.flags, names: &self.names, time };
            self.columns.iter().map(|column| column.cell(session, &context)).collect()
        })
    }
}

fn csv(fields: &[&str], records: impl Iterator<Item = Value>) -> String {
    let mut text = interchange::csv_line(fields);
    for record in records {
        text += &interchange::csv_line(interchange::csv_cells(&record, fields));
    }
    text
}

fn json(records: impl Iterator<Item = Value>) -> String {
    let lines: Vec<String> = records.map(|record| interchange::harmless_json(record.to_string())).collect();
    if lines.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", lines.join(",\n")) }
}

fn markdown<'a>(
    titles: impl Iterator<Item = &'a str> + Clone,
    rows: impl Iterator<Item = Vec<String>>,
) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let cell = |text: &str| interchange::markdown(text).replace('|', "\\|");
    let mut text = line(titles.clone().map(cell).collect());
    text += &line(titles.map(|_| "---".to_owned()).collect());
    for cells in rows {
        text += &line(cells.iter().map(|text| cell(text)).collect());
    }
    text
}

/// The shown permissions: in CSV and JSON with the fields of `foretop permissions list`, in Markdown with the columns of the
/// screen.
pub(super) fn permissions(tab: &PermissionsTab, form: ExportForm) -> String {
    use super::permissions::record::{FIELDS, PermissionRecord, TITLES};
    let rows = tab.rows();
    let records =
        || rows.iter().map(|row| serde_json::to_value(PermissionRecord::new(row)).unwrap_or_default());
    match form {
        ExportForm::Csv => csv(FIELDS, records()),
        ExportForm::Json => json(records()),
        ExportForm::Markdown => markdown(TITLES.iter().copied(), rows.iter().map(PermissionRecord::cells)),
    }
}

/// The shown rows of the image tree, with the fields of `foretop images list` and the kind of each.
pub(super) fn images(tab: &ImagesTab, form: ExportForm) -> String {
    let Some(book) = tab.book.value() else { return String::new() };
    let shelf = Shelf::new(book, &tab.live);
    let nodes = tab.shown();
    let records = || nodes.iter().filter_map(|node| tree_record(node, &shelf));
    match form {
        ExportForm::Csv => csv(TREE_FIELDS, records()),
        ExportForm::Json => json(records()),
        ExportForm::Markdown => {
            let cells = nodes.iter().filter_map(|node| tree_cells(node, &shelf));
            markdown(TREE_COLUMNS.iter().map(|(title, _)| *title), cells)
        }
    }
}

/// A row of the image tree, with its kind.
fn tree_record(node: &ImageNode, shelf: &Shelf<'_>) -> Option<Value> {
    let row = ImageRow::of(node, shelf)?;
    let mut record = serde_json::to_value(&row).unwrap_or_default();
    if let Value::Object(fields) = &mut record {
        fields.insert("kind".to_owned(), row.kind().into());
    }
    Some(record)
}

/// The columns for reading of a row of the image tree.
fn tree_cells(node: &ImageNode, shelf: &Shelf<'_>) -> Option<Vec<String>> {
    let fields: Vec<&str> = TREE_COLUMNS.iter().map(|(_, field)| *field).collect();
    tree_record(node, shelf).map(|record| interchange::csv_cells(&record, &fields))
}

/// The shown rows of the present tab over Workspace, with the fields of the command that lists them; `None` on the tab of
/// sessions, and where the list was not read yet.
pub(super) fn cloud(cloud: &CloudState, tab: Tab, form: ExportForm) -> Option<(String, &'static str)> {
    let text = match tab {
        Tab::Sessions => return None,
        Tab::Permissions => return Some((access(cloud, form)?, "app-groups")),
        Tab::Images => {
            cloud.servers.value()?;
            listed(&cloud.shown_servers(), form)
        }
        Tab::AppServers => {
            cloud.app_servers.value()?;
            listed(&cloud.shown_app_servers(), form)
        }
    };
    Some((text, if tab == Tab::Images { "image-servers" } else { "app-servers" }))
}

fn access(cloud: &CloudState, form: ExportForm) -> Option<String> {
    let book = cloud.access.value()?;
    let whole = book.complete && book.unreadable == 0;
    let lines = cloud.shown_access();
    let records =
        || lines.iter().map(|line| serde_json::to_value(AccessRecord::new(line, whole)).unwrap_or_default());
    Some(match form {
        ExportForm::Csv => csv(AccessRecord::FIELDS, records()),
        ExportForm::Json => json(records()),
        ExportForm::Markdown => {
            let titles = AccessRecord::TITLES.map(str::to_lowercase);
            let cells = lines.iter().map(|line| AccessRecord::cells(line, book));
            markdown(titles.iter().map(String::as_str), cells)
        }
    })
}

fn listed<T: Listed>(things: &[&T], form: ExportForm) -> String {
    let records = || things.iter().map(|thing| serde_json::to_value(thing.row()).unwrap_or_default());
    match form {
        ExportForm::Csv => csv(T::FIELDS, records()),
        ExportForm::Json => json(records()),
        ExportForm::Markdown => {
            let titles: Vec<String> = T::TITLES.iter().map(|title| title.to_lowercase()).collect();
            markdown(titles.iter().map(String::as_str), things.iter().map(|thing| thing.cells()))
        }
    }
}

fn zone(offset_seconds: i32) -> TimeZone {
    Offset::from_seconds(offset_seconds).map_or(TimeZone::UTC, TimeZone::fixed)
}
