//! The columns of the sessions table: what they are called, how wide they are, and which of them fit
//! (`screens.md section 3`). What stands in a cell is in `cell`, the order of rows in `order`.

use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{ChosenColumn, Flags, Names, SessionTable};

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alignment {
    /// At the left edge.
    Left,
    /// At the right edge.
    Right,
}

/// How points in time are shown (keys `z t` and `z u`).
#[derive(Debug, Clone, Copy)]
pub enum TimeStyle<'a> {
    /// As the time that has passed since.
    Relative,
    /// As a time of day in UTC, with a Z behind it.
    Utc,
    /// As a time of day in this zone.
    Zone(&'a TimeZone),
}

/// What a cell may need beside the session.
#[derive(Debug, Clone, Copy)]
pub struct RowContext<'a> {
    /// The table that the session is in.
    pub table: &'a SessionTable,
    /// The flags that the table does not know.
    pub flags: &'a Flags,
    /// Names of users and groups.
    pub names: &'a Names,
    /// How points in time are shown.
    pub time: TimeStyle<'a>,
}

/// What is fixed about a column.
struct Specification {
    id: &'static str,
    title: &'static str,
    about: &'static str,
    alignment: Alignment,
    min_width: u16,
    preferred_width: u16,
    /// Rank on narrow screens; `None` is shown only when chosen.
    priority: Option<u8>,
    /// Share of the width that is left over.
    stretch: u16,
}

/// Declares the columns with what is fixed about them.
macro_rules! columns {
    ($($(#[$doc:meta])* $variant:ident = $id:literal, $title:literal, $about:literal, $alignment:ident,
       $min:literal, $preferred:literal, $priority:expr, $stretch:literal;)+) => {
        /// A column of the sessions table, in the order in which they stand.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Column { $(#[doc = $about] $variant,)+ }

        impl Column {
            /// Every column.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            const fn specification(self) -> Specification {
                match self {
                    $(Self::$variant => Specification {
                        id: $id,
                        title: $title,
                        about: $about,
                        alignment: Alignment::$alignment,
                        min_width: $min,
                        preferred_width: $preferred,
                        priority: $priority,
                        stretch: $stretch,
                    },)+
                }
            }
        }
    };
}

columns! {
    User = "user", "USER", "login name, or the SID while the name is unknown",
        Left, 8, 14, Some(0), 3;
    Name = "name", "DISPLAY NAME", "display name of the user, where it was looked up",
        Left, 10, 16, None, 3;
    State = "state", "ST", "C connected, D disconnected, P pending, ? and a letter for a word that is not known",
        Left, 2, 2, Some(1), 0;
    Idle = "idle", "IDLE", "time without input; for disconnected sessions at least the time since the disconnect",
        Right, 6, 7, Some(3), 0;
    Since = "since", "SINCE", "since when it is connected or disconnected",
        Left, 6, 10, Some(9), 0;
    Disc = "disc", "DISC", "how long it has been disconnected",
        Right, 6, 7, None, 0;
    Age = "age", "AGE", "how long ago the user logged on",
        Right, 6, 7, Some(11), 0;
    Type = "type", "TYPE", "desktop, or app for published applications",
        Left, 4, 7, None, 0;
    App = "app", "APP", "published applications, or desktop for a whole one",
        Left, 7, 14, None, 2;
    Protocol = "protocol", "PROTO", "display protocol; - while disconnected",
        Left, 5, 7, Some(12), 0;
    Pool = "pool", "POOL/FARM", "desktop pool or farm",
        Left, 6, 10, Some(2), 2;
    Farm = "farm", "FARM", "farm, for sessions on RDS servers",
        Left, 6, 10, None, 2;
    Machine = "machine", "MACHINE", "machine or RDS server",
        Left, 8, 11, Some(4), 2;
    Host = "host", "HOST", "short network name of the machine or RDS server",
        Left, 8, 11, Some(10), 1;
    Dns = "dns", "DNS", "DNS name of the machine or RDS server",
        Left, 12, 22, Some(14), 2;
    Gateway = "gateway", "GATEWAY", "gateway through which it came",
        Left, 6, 8, Some(6), 1;
    Location = "location", "LOC", "where the gateway stands: ext or int",
        Left, 3, 3, None, 0;
    Agent = "agent", "AGENT", "version of the agent",
        Left, 6, 6, Some(8), 0;
    Client = "client", "CLIENT", "client program and version",
        Left, 7, 8, Some(7), 0;
    ClientName = "clientname", "CLIENT HOST", "host name of the client",
        Left, 8, 12, Some(13), 1;
    ClientAddress = "clientaddress", "CLIENT IP", "address of the client",
        Left, 7, 15, None, 0;
    Pod = "pod", "POD", "pod that hosts the session",
        Left, 4, 6, None, 1;
    Groups = "groups", "GROUPS", "groups of the user, by name where they were looked up",
        Left, 8, 14, None, 2;
    Id = "id", "ID", "id of the session",
        Left, 8, 36, None, 1;
    Flags = "flags", "!", "the most urgent flag, + when there are more",
        Left, 3, 3, Some(5), 0;
}

impl Column {
    /// The id in `--columns` and in the configuration.
    pub fn id(self) -> &'static str {
        self.specification().id
    }

    /// The column with this id, in any case.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|column| column.id().eq_ignore_ascii_case(id))
    }

    /// The title above it.
    pub fn title(self) -> &'static str {
        self.specification().title
    }

    /// What it shows, for help.
    pub fn describe(self) -> &'static str {
        self.specification().about
    }

    /// How its cells stand.
    pub fn alignment(self) -> Alignment {
        self.specification().alignment
    }

    /// The least width in which it says something.
    pub fn min_width(self) -> u16 {
        self.specification().min_width
    }

    /// The width in which it is rarely cut.
    pub fn preferred_width(self) -> u16 {
        self.specification().preferred_width
    }

    /// Its share of the room that is left over.
    pub(super) fn stretch(self) -> u16 {
        self.specification().stretch
    }

    /// Its rank when the screen is narrow: the lower, the longer it stays. `None` is shown only when chosen.
    pub fn priority(self) -> Option<u8> {
        self.specification().priority
    }
}

impl fmt::Display for Column {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.id())
    }
}

/// Below this width (60 columns of screen, less the cursor and the mark) only user, state and pool are shown.
const NARROW: u16 = 57;
/// Columns up to this rank belong to the 80-column screen and may be squeezed; the others come only when all fit well.
const LAST_BASIC_PRIORITY: u8 = 8;
/// Behind the machine: with several pods, where a session runs matters more than how its user came there.
const POD_PRIORITY: u8 = 4;
/// On narrow screens, the columns up to this rank.
const LAST_NARROW_PRIORITY: u8 = 2;

/// The columns over Workspace, for a table of so many columns: those that its sessions have something to say in.
pub fn workspace_columns(width: u16) -> &'static [Column] {
    use Column as C;
    match width {
        0..70 => &[C::User, C::State, C::Age, C::Pool],
        70..110 => &[C::User, C::State, C::Age, C::App, C::Pool, C::Machine, C::Client, C::Flags],
        _ => &[
            C::User,
            C::State,
            C::Age,
            C::App,
            C::Since,
            C::Pool,
            C::Machine,
            C::Agent,
            C::Client,
            C::ClientName,
            C::ClientAddress,
            C::Flags,
        ],
    }
}

/// The columns that fit into `width` and how wide each is, from left to right, with one blank between two of them.
///
/// `width` is what the table has for its columns: without the cursor, the mark and the blank behind them (80 columns of
/// screen leave 77). The widths and blanks never exceed it, and fill it when a column can be stretched. Columns that the
/// operator chose are shown in that order as far as they fit; [`pan_columns`] shows the others. `pods` says whether there
/// are sessions of several pods: the column that tells them apart is then chosen by itself.
pub fn columns_for_width(width: u16, chosen: Option<&[ChosenColumn]>, pods: bool) -> Vec<(Column, u16)> {
    let columns = match chosen {
        Some(chosen) => fitting(width, chosen),
        None => by_priority(width, pods).into_iter().map(ChosenColumn::from).collect(),
    };
    widths(width, &columns)
}

/// The chosen columns that fit when the operator has gone `pan` columns to the right: the first one stays where it is,
/// the next `pan` are skipped.
pub fn pan_columns(width: u16, chosen: &[ChosenColumn], pan: usize) -> Vec<(Column, u16)> {
    let Some((first, others)) = chosen.split_first() else {
        return Vec::new();
    };
    let pan = pan.min(others.len().saturating_sub(1));
    let columns: Vec<ChosenColumn> = std::iter::once(first).chain(others.iter().skip(pan)).copied().collect();
    widths(width, &fitting(width, &columns))
}

/// As many as fit at their least widths, in their order. The first is kept even when it is cut.
fn fitting(width: u16, columns: &[ChosenColumn]) -> Vec<ChosenColumn> {
    let mut used = 0_u16;
    let mut fitting: Vec<ChosenColumn> = Vec::new();
    for column in columns {
        let blank = u16::from(!fitting.is_empty());
        used = used.saturating_add(blank).saturating_add(column.least());
        if used > width && !fitting.is_empty() {
            break;
        }
        // Chosen twice is shown once.
        if fitting.iter().any(|other| other.column == column.column) {
            used -= blank + column.least();
        } else {
            fitting.push(*column);
        }
    }
    fitting
}

/// The most important ones that fit, in the order in which columns stand.
fn by_priority(width: u16, pods: bool) -> Vec<Column> {
    let rank = |column: Column| match column {
        Column::Pod if pods => Some(POD_PRIORITY),
        _ => column.priority(),
    };
    let mut ranked: Vec<(u8, Column)> =
        Column::ALL.iter().filter_map(|column| Some((rank(*column)?, *column))).collect();
    ranked.sort_unstable();
    let mut shown: Vec<Column> = Vec::new();
    for (priority, column) in ranked {
        let basic = priority <= LAST_BASIC_PRIORITY;
        let needed = |other: Column| if basic { other.min_width() } else { other.preferred_width() };
        let total: u16 =
            shown.iter().map(|other| needed(*other) + 1).sum::<u16>().saturating_add(needed(column));
        let too_narrow = width < NARROW && priority > LAST_NARROW_PRIORITY;
        if (total > width || too_narrow) && !shown.is_empty() {
            break;
        }
        shown.push(column);
    }
    shown.sort_unstable();
    shown
}

/// Spreads the width: first the least widths, then up to the preferred ones in order of importance, then what is left to
/// the columns that can use it.
fn widths(width: u16, columns: &[ChosenColumn]) -> Vec<(Column, u16)> {
    let blanks = columns.len().saturating_sub(1) as u16;
    let mut sized: Vec<(Column, u16)> =
        columns.iter().map(|chosen| (chosen.column, chosen.least())).collect();
    if let [(_, only)] = sized.as_mut_slice() {
        *only = (*only).min(width);
    }
    let used: u16 = sized.iter().map(|(_, size)| size).sum();
    let mut left = width.saturating_sub(used.saturating_add(blanks));
    let mut order: Vec<usize> = (0..sized.len()).collect();
    order.sort_by_key(|index| sized.get(*index).map(|(column, _)| column.priority().unwrap_or(u8::MAX)));
    for index in order {
        if let (Some((_, size)), Some(chosen)) = (sized.get_mut(index), columns.get(index)) {
            let more = chosen.preferred().saturating_sub(*size).min(left);
            *size += more;
            left -= more;
        }
    }
    let shares: u16 = columns.iter().map(|chosen| chosen.stretch()).sum();
    if shares == 0 {
        return sized;
    }
    let (share, mut rest) = (left / shares, left % shares);
    for ((_, size), chosen) in sized.iter_mut().zip(columns) {
        let stretch = chosen.stretch();
        let extra = rest.min(stretch);
        rest -= extra;
        *size += share * stretch + extra;
    }
    sized
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn ids(width: u16) -> String {
        let ids: Vec<&str> =
            columns_for_width(width, None, false).iter().map(|(column, _)| column.id()).collect();
        ids.join(" ")
    }

    #[rstest]
    #[case(56, "user state pool")]
    #[case(77, "user state idle pool machine gateway agent client flags")]
    #[case(117, "user state idle since age protocol pool machine host gateway agent client flags")]
    #[case(
        197,
        "user state idle since age protocol pool machine host dns gateway agent client clientname flags"
    )]
    fn the_columns_of_each_screen(#[case] width: u16, #[case] expected: &str) {
        assert_eq!(ids(width), expected);
    }

    #[rstest]
    #[case(56, "user state pool")]
    #[case(77, "user state idle pool machine gateway agent client pod flags")]
    #[case(117, "user state idle since age pool machine host gateway agent client pod flags")]
    fn with_several_pods_their_column_is_there(#[case] width: u16, #[case] expected: &str) {
        let columns = columns_for_width(width, None, true);
        let ids: Vec<&str> = columns.iter().map(|(column, _)| column.id()).collect();
        assert_eq!(ids.join(" "), expected);
    }

    #[test]
    fn at_80_columns_the_widths_are_those_of_the_drawing() {
        let widths: Vec<u16> =
            columns_for_width(77, None, false).into_iter().map(|(_, width)| width).collect();
        assert_eq!(widths, [14, 2, 7, 10, 11, 8, 6, 8, 3]);
    }

    #[test]
    fn ids_and_titles_are_unique_and_ids_lead_back() {
        let mut titles = std::collections::BTreeSet::new();
        for column in Column::ALL {
            assert_eq!(Column::from_id(column.id()), Some(*column));
            assert_eq!(serde_json::to_string(column).unwrap(), format!("\"{}\"", column.id()));
            assert!(titles.insert(column.title()));
            assert!(column.min_width() <= column.preferred_width());
            assert!(column.title().len() <= usize::from(column.preferred_width()), "{column}");
        }
    }

    #[test]
    fn panning_keeps_the_first_column() {
        let chosen = [Column::User, Column::Pool, Column::Machine, Column::Gateway, Column::Agent];
        let chosen = chosen.map(ChosenColumn::from);
        let ids =
            |pan| -> Vec<Column> { pan_columns(23, &chosen, pan).into_iter().map(|(c, _)| c).collect() };
        assert_eq!(ids(0), [Column::User, Column::Pool]);
        assert_eq!(ids(2), [Column::User, Column::Gateway, Column::Agent]);
        assert_eq!(ids(99), [Column::User, Column::Agent]);
        assert!(pan_columns(23, &[], 1).is_empty());
    }

    proptest! {
        #[test]
        fn columns_never_overflow_and_fill_the_width(
            width in 0_u16..400,
            chosen in prop::option::of(prop::collection::vec(
                (prop::sample::select(Column::ALL), prop::option::of(2_u16..=80)),
                0..12,
            )),
            pods in any::<bool>(),
        ) {
            let chosen: Option<Vec<ChosenColumn>> = chosen.map(|chosen| {
                chosen.into_iter().map(|(column, width)| ChosenColumn { column, width }).collect()
            });
            let columns = columns_for_width(width, chosen.as_deref(), pods);
            let used: u16 = columns.iter().map(|(_, size)| size).sum::<u16>()
                + columns.len().saturating_sub(1) as u16;
            prop_assert!(used <= width);
            if chosen.is_none() && width >= 8 {
                prop_assert_eq!(used, width);
            }
        }
    }
}
