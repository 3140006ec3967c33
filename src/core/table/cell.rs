//! What stands in a cell. Called for visible rows only.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    Column, Flag, RowContext, TimeStyle,
    flag::sessions_of_user,
    value::{self, Disconnected},
    version,
};
use crate::domain::{GatewayLocation, Protocol, SessionFacts, SessionKind, SessionState, Text};

/// What is shown for a value that is not known.
pub(super) const UNKNOWN: &str = "?";
/// What is shown where there can be no value.
const NONE: &str = "-";

impl Column {
    /// The text of a cell: clean, `?` for what is not known and `-` for what does not apply. It may be wider than the
    /// column.
    pub fn cell<'a>(self, session: impl SessionFacts<'a>, row: &RowContext<'_>) -> String {
        let now = row.table.as_of();
        match self {
            Self::User => known(value::login(session).as_deref()),
            Self::Name => known(session.user_id().and_then(|id| row.names.account(&id))),
            Self::State => state(session),
            Self::Idle => value::idle_minutes(session, now).map_or_else(|| UNKNOWN.to_owned(), minutes_text),
            Self::Since => value::since(session, now)
                .map_or_else(|| UNKNOWN.to_owned(), |at| time_text(at, now, row.time)),
            Self::Disc => match value::disconnected(session, now) {
                Disconnected::For(seconds) => minutes_text(seconds / 60),
                Disconnected::No => NONE.to_owned(),
                Disconnected::Unknown => UNKNOWN.to_owned(),
            },
            Self::Age => value::age_seconds(session, now)
                .map_or_else(|| UNKNOWN.to_owned(), |seconds| minutes_text(seconds / 60)),
            Self::Pool => known(value::pool(session)),
            Self::Farm if session.farm_id().is_none() && session.pool_id().is_some() => NONE.to_owned(),
            Self::Farm => known(value::farm(session).map(|farm| row.table.farm_name(farm).unwrap_or(farm))),
            Self::Machine => known(value::machine(session).as_deref()),
            Self::Host => known(value::host(session)),
            Self::Dns => known(session.machine_dns()),
            Self::Gateway => known(value::gateway(session)),
            Self::Location => location(session),
            Self::Agent => known(session.agent_version()),
            Self::Client => client(session),
            Self::ClientName => known(session.client_name()),
            Self::ClientAddress => known(session.client_address()),
            Self::Flags => flags(session, row),
            Self::Pod => known(value::pod(session)),
            Self::Groups => groups(session, row),
            Self::Protocol => protocol(session),
            Self::Type => kind(session),
            Self::App => app(session),
            Self::Id => known(Some(&session.id())),
        }
    }
}

fn known(text: Option<&str>) -> String {
    text.map_or_else(|| UNKNOWN.to_owned(), |text| Text::clean(text).to_string())
}

/// `C`, `D` or `P`; for an unknown word `?` with its first letter, so that two unknown words look different.
fn state<'a>(session: impl SessionFacts<'a>) -> String {
    match session.state() {
        Some(SessionState::Connected) => "C".to_owned(),
        Some(SessionState::Disconnected) => "D".to_owned(),
        Some(SessionState::Pending) => "P".to_owned(),
        Some(SessionState::Unknown(word)) => {
            let letter = word.as_str().chars().next().filter(char::is_ascii_alphanumeric);
            letter.map_or_else(|| UNKNOWN.to_owned(), |letter| format!("{UNKNOWN}{letter}"))
        }
        None => UNKNOWN.to_owned(),
    }
}

fn location<'a>(session: impl SessionFacts<'a>) -> String {
    match session.gateway_location() {
        Some(GatewayLocation::External) => "ext".to_owned(),
        Some(GatewayLocation::Internal) => "int".to_owned(),
        Some(GatewayLocation::Unknown(word)) => format!("{UNKNOWN}{word}"),
        None => UNKNOWN.to_owned(),
    }
}

fn kind<'a>(session: impl SessionFacts<'a>) -> String {
    match session.kind() {
        Some(SessionKind::Desktop) => "desktop".to_owned(),
        Some(SessionKind::Application) => "app".to_owned(),
        Some(SessionKind::Unknown(word)) => format!("{UNKNOWN}{word}"),
        None => UNKNOWN.to_owned(),
    }
}

/// What is used of it: the applications, or a whole desktop.
fn app<'a>(session: impl SessionFacts<'a>) -> String {
    value::app(session).unwrap_or_else(|| kind(session))
}

/// The protocol is unset while disconnected: then there is none, it is not unknown.
fn protocol<'a>(session: impl SessionFacts<'a>) -> String {
    match session.protocol() {
        Some(Protocol::Unknown(word)) => format!("{UNKNOWN}{word}"),
        Some(protocol) => protocol.word().to_lowercase(),
        None if session.state() == Some(&SessionState::Disconnected) => NONE.to_owned(),
        None => UNKNOWN.to_owned(),
    }
}

/// `win 8.12`: the program and the first two numbers of the version.
fn client<'a>(session: impl SessionFacts<'a>) -> String {
    let word = session.client_kind().map(value::client_word);
    let version = session.client_version().map(version::short);
    match (word, version) {
        (Some(word), Some(version)) => format!("{word} {version}"),
        (Some(word), None) => word.to_owned(),
        (None, Some(version)) => format!("{UNKNOWN} {version}"),
        (None, None) => UNKNOWN.to_owned(),
    }
}

/// The most urgent flag, and a plus when there are more.
fn flags<'a>(session: impl SessionFacts<'a>, row: &RowContext<'_>) -> String {
    let set = Flag::of(session, row.table.as_of(), row.table, row.flags);
    let Some(first) = set.first() else {
        return String::new();
    };
    let more = if set.len() > 1 { "+" } else { "" };
    match (first, sessions_of_user(session, Some(row.table))) {
        (Flag::Duplicate, Some(count @ ..=9)) => format!("{count}x{more}"),
        (Flag::Duplicate, Some(_)) => format!("9+{more}"),
        (flag, _) => format!("{}{more}", flag.code()),
    }
}

fn groups<'a>(session: impl SessionFacts<'a>, row: &RowContext<'_>) -> String {
    let Some(groups) = session.groups() else {
        return UNKNOWN.to_owned();
    };
    if groups.is_empty() {
        return NONE.to_owned();
    }
    let labels: Vec<&str> = groups.iter().map(|sid| row.names.group(sid.as_str())).collect();
    labels.join(", ")
}

/// Whole minutes as `3m`, `4h31m`, `26h44m`; from 48 hours on as `4d4h`, as everywhere; from 1000 days on as `1000d`.
pub(super) fn minutes_text(minutes: i64) -> String {
    let (hours, days) = (minutes / 60, minutes / 1440);
    match (minutes, hours, days) {
        (..60, ..) => format!("{minutes}m"),
        (_, ..48, _) => format!("{hours}h{:02}m", minutes % 60),
        (_, _, ..1000) => format!("{days}d{}h", hours % 24),
        _ => format!("{days}d"),
    }
}

/// A point in time: today `07:50Z`, within the last six days `Mon 11:18Z`, otherwise the date.
fn time_text(at: Timestamp, now: Timestamp, style: TimeStyle<'_>) -> String {
    let (zone, mark) = match style {
        TimeStyle::Relative => return minutes_text(value::seconds_between(at, now) / 60),
        TimeStyle::Utc => (TimeZone::UTC, "Z"),
        TimeStyle::Zone(zone) => (zone.clone(), ""),
    };
    let (at, today) = (at.to_zoned(zone.clone()), now.to_zoned(zone).date());
    let days = at.date().until(today).map_or(i32::MAX, |span| span.get_days());
    match days {
        0 => at.strftime("%H:%M").to_string() + mark,
        1..=6 => at.strftime("%a %H:%M").to_string() + mark,
        _ => at.strftime("%Y-%m-%d").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{
        core::table::{Flags, Names, SessionTable},
        domain::Session,
    };

    const NOW: &str = "2026-03-11T14:02:14Z";

    fn sample() -> Session {
        let mut session = Session::new("s1".into());
        session.user_id = Some("S-1-5-21-7".into());
        session.user_name = Some("CORP\\alvarez.m".into());
        session.state = Some(SessionState::Disconnected);
        session.disconnected_at = Some("2026-03-11T09:31:00Z".parse().unwrap());
        session.started_at = Some("2026-03-09T07:12:00Z".parse().unwrap());
        session.pool_name = Some("fin-vdi".into());
        session.pool_id = Some("p1".into());
        session.machine_name = Some("FINVDI-007".into());
        session.machine_dns = Some("finvdi-007.corp.example".into());
        session.gateway.name = Some("uag-e1".into());
        session.agent_version = Some("8.12.1".into());
        session.client.kind = Some("MAC".into());
        session.client.version = Some("8.11.0".into());
        session
    }

    fn cell(column: Column, session: &Session, time: TimeStyle<'_>) -> String {
        let table = SessionTable::new(vec![session.clone()], NOW.parse().unwrap(), true);
        let mut names = Names::default();
        names.accounts.insert("S-1-5-21-7".into(), "Alvarez, Marta".into());
        column.cell(session, &RowContext { table: &table, flags: &Flags::new(), names: &names, time })
    }

    #[rstest]
    #[case(Column::User, "alvarez.m")]
    #[case(Column::Name, "Alvarez, Marta")]
    #[case(Column::State, "D")]
    #[case(Column::Idle, "4h31m")]
    #[case(Column::Disc, "4h31m")]
    #[case(Column::Since, "09:31Z")]
    #[case(Column::Age, "2d6h")]
    #[case(Column::Pool, "fin-vdi")]
    #[case(Column::Farm, "-")]
    #[case(Column::Machine, "FINVDI-007")]
    #[case(Column::Host, "finvdi-007")]
    #[case(Column::Gateway, "uag-e1")]
    #[case(Column::Location, "?")]
    #[case(Column::Agent, "8.12.1")]
    #[case(Column::Client, "mac 8.11")]
    #[case(Column::Protocol, "-")]
    #[case(Column::Groups, "?")]
    #[case(Column::Flags, "")]
    fn the_cells_of_the_drawing(#[case] column: Column, #[case] expected: &str) {
        assert_eq!(cell(column, &sample(), TimeStyle::Utc), expected);
    }

    #[test]
    fn of_a_session_of_which_nothing_is_known_every_cell_says_so() {
        let session = Session::new("s\u{1b}1".into());
        for column in Column::ALL {
            let text = cell(*column, &session, TimeStyle::Relative);
            match column {
                Column::Flags => assert_eq!(text, ""),
                Column::Id => assert_eq!(text, "s\u{fffd}1"),
                _ => assert_eq!(text, "?", "{column}"),
            }
        }
    }

    #[test]
    fn unknown_words_are_marked() {
        let mut session = sample();
        session.state = Some("HIBERNATING".into());
        session.protocol = Some("WARP".into());
        assert_eq!(cell(Column::State, &session, TimeStyle::Utc), "?H");
        assert_eq!(cell(Column::Protocol, &session, TimeStyle::Utc), "?WARP");
        assert_eq!(cell(Column::Disc, &session, TimeStyle::Utc), "?");
    }

    #[rstest]
    #[case("2026-03-09T11:18:00Z", "Mon 11:18Z")]
    #[case("2026-02-09T11:18:00Z", "2026-02-09")]
    #[case("2026-03-12T11:18:00Z", "2026-03-12")]
    fn other_days_are_named(#[case] at: &str, #[case] expected: &str) {
        let now = NOW.parse().unwrap();
        assert_eq!(time_text(at.parse().unwrap(), now, TimeStyle::Utc), expected);
    }

    #[rstest]
    #[case(0, "0m")]
    #[case(59, "59m")]
    #[case(60, "1h00m")]
    #[case(26 * 60 + 44, "26h44m")]
    #[case(48 * 60 - 1, "47h59m")]
    #[case(48 * 60, "2d0h")]
    #[case(100 * 60, "4d4h")]
    #[case(5000 * 1440, "5000d")]
    fn durations(#[case] minutes: i64, #[case] expected: &str) {
        assert_eq!(minutes_text(minutes), expected);
    }

    #[rstest]
    #[case(None, "4h31m")]
    #[case(Some(3), "4h31m")]
    #[case(Some(600), "10h00m")]
    #[case(Some(-1), "4h31m")]
    fn a_disconnected_session_is_idle_at_least_since_the_disconnect(
        #[case] said: Option<i64>,
        #[case] expected: &str,
    ) {
        let mut session = sample();
        session.idle_minutes = said;
        assert_eq!(cell(Column::Idle, &session, TimeStyle::Utc), expected);
        session.state = Some(SessionState::Connected);
        let connected = if said == Some(3) { "3m" } else { "?" };
        if said != Some(600) {
            assert_eq!(cell(Column::Idle, &session, TimeStyle::Utc), connected);
        }
    }
}
