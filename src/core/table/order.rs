//! The order of rows: by a column, what is unknown last in both directions, ties by id, so that it is always total.

use std::{borrow::Cow, cmp::Ordering};

use super::{
    Column, Flag,
    value::{self, Disconnected},
    version,
};
use crate::{
    core::filter::{Context, Truth},
    domain::{GatewayLocation, Protocol, SessionFacts, SessionKind, SessionState},
};

/// What a row is sorted by, read once for each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key<'a> {
    /// A number or a point in time.
    Number(i64),
    /// A text, compared in small letters.
    Text(Folded<'a>),
    /// A version.
    Version(&'a str),
    /// A word and then a version.
    WordVersion(Folded<'a>, &'a str),
    /// Not known.
    Unknown,
}

/// A text with its first letters as a number, which decides most comparisons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folded<'a> {
    /// The first 16 bytes of the text in small letters.
    beginning: u128,
    /// There is nothing behind them.
    whole: bool,
    text: Cow<'a, str>,
}

impl<'a> Folded<'a> {
    fn new(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        let (beginning, whole) = if text.is_ascii() {
            Self::beginning(text.as_bytes())
        } else {
            // Sixteen characters are at least sixteen bytes; one more shows whether that is all.
            Self::beginning(lower(&text).take(17).collect::<String>().as_bytes())
        };
        Self { beginning, whole, text }
    }

    fn beginning(folded: &[u8]) -> (u128, bool) {
        let mut bytes = [0_u8; 16];
        let length = folded.len().min(bytes.len());
        if let (Some(to), Some(from)) = (bytes.get_mut(..length), folded.get(..length)) {
            to.copy_from_slice(from);
        }
        bytes.make_ascii_lowercase();
        // A zero in the text could not be told from the filling.
        let whole = folded.len() <= bytes.len() && !folded.contains(&0);
        (u128::from_be_bytes(bytes), whole)
    }

    /// The bytes of UTF-8 are in the order of the characters, so both ways of comparing agree.
    fn compare(&self, other: &Self) -> Ordering {
        match self.beginning.cmp(&other.beginning) {
            Ordering::Equal if !(self.whole && other.whole) => lower(&self.text).cmp(lower(&other.text)),
            ordering => ordering,
        }
    }
}

fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

impl Key<'_> {
    /// The order of two keys; unknown ones are last whatever the direction.
    pub(super) fn compare(&self, other: &Self, descending: bool) -> Ordering {
        match (self, other) {
            (Self::Unknown, Self::Unknown) => Ordering::Equal,
            (Self::Unknown, _) => Ordering::Greater,
            (_, Self::Unknown) => Ordering::Less,
            (left, right) if descending => right.compare_known(left),
            (left, right) => left.compare_known(right),
        }
    }

    /// Whether two rows have the same value in a column, for marking by value: `?` is the same as `?`.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.compare(other, false) == Ordering::Equal
    }

    /// What decides most comparisons: keys of one column are in the order of these numbers, as far as these differ.
    pub(super) fn beginning(&self) -> u128 {
        match self {
            Self::Text(text) => text.beginning,
            _ => 0,
        }
    }

    fn compare_known(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => left.cmp(right),
            (Self::Text(left), Self::Text(right)) => left.compare(right),
            (Self::Version(left), Self::Version(right)) => version::compare(left, right),
            (Self::WordVersion(left, left_version), Self::WordVersion(right, right_version)) => {
                left.compare(right).then_with(|| version::compare(left_version, right_version))
            }
            // A column makes keys of one kind only.
            _ => Ordering::Equal,
        }
    }
}

impl Column {
    /// The order of two sessions by this column: unknown values last in both directions, ties by id.
    pub fn compare<'a>(
        self,
        left: impl SessionFacts<'a>,
        right: impl SessionFacts<'a>,
        descending: bool,
        context: &Context<'a>,
    ) -> Ordering {
        self.key(left, context)
            .compare(&self.key(right, context), descending)
            .then_with(|| left.id().cmp(&right.id()))
    }

    /// What a session is sorted by in this column.
    pub(super) fn key<'a>(self, session: impl SessionFacts<'a>, context: &Context<'a>) -> Key<'a> {
        let now = context.now;
        match self {
            Self::User => text(value::login(session)),
            Self::Name => {
                text(session.user_id().and_then(|id| context.names.and_then(|names| names.account(&id))))
            }
            Self::State => text(session.state().map(SessionState::word)),
            Self::Idle => number(value::idle_minutes(session, now)),
            Self::Since => number(value::since(session, now).map(jiff::Timestamp::as_second)),
            Self::Disc => match value::disconnected(session, now) {
                Disconnected::For(seconds) => Key::Number(seconds),
                Disconnected::No | Disconnected::Unknown => Key::Unknown,
            },
            Self::Age => number(value::age_seconds(session, now)),
            Self::Pool => text(value::pool(session)),
            Self::Farm => text(value::farm(session)),
            Self::Machine => text(value::machine(session)),
            Self::Host => text(value::host(session)),
            Self::Dns => text(session.machine_dns()),
            Self::Gateway => text(value::gateway(session)),
            Self::Location => text(session.gateway_location().map(GatewayLocation::word)),
            Self::Agent => session.agent_version().map_or(Key::Unknown, Key::Version),
            Self::Client => session.client_kind().map_or(Key::Unknown, |kind| {
                let version = session.client_version().unwrap_or_default();
                Key::WordVersion(Folded::new(value::client_word(kind)), version)
            }),
            Self::ClientName => text(session.client_name()),
            Self::ClientAddress => text(session.client_address()),
            Self::Flags => Key::Number(-urgency(session, context)),
            Self::Pod => text(value::pod(session)),
            Self::Groups => groups(session, context),
            Self::Protocol => text(session.protocol().map(Protocol::word)),
            Self::Type => text(session.kind().map(SessionKind::word)),
            Self::App => {
                let names = value::app(session).map(Cow::Owned);
                text(names.or_else(|| Some(Cow::Borrowed(session.kind()?.word()))))
            }
            Self::Id => text(Some(session.id())),
        }
    }
}

fn text<'a>(text: Option<impl Into<Cow<'a, str>>>) -> Key<'a> {
    text.map_or(Key::Unknown, |text| Key::Text(Folded::new(text)))
}

fn number<'a>(number: Option<i64>) -> Key<'a> {
    number.map_or(Key::Unknown, Key::Number)
}

/// The more urgent the flags, the larger; 0 without flags.
pub(super) fn urgency<'a>(session: impl SessionFacts<'a>, context: &Context<'_>) -> i64 {
    Flag::ALL.iter().fold(0, |urgency, flag| {
        let set = flag.holds(session, context.now, context.table, context.flags) == Truth::Yes;
        urgency * 2 + i64::from(set)
    })
}

fn groups<'a>(session: impl SessionFacts<'a>, context: &Context<'a>) -> Key<'a> {
    session.groups().map_or(Key::Unknown, |groups| {
        let label = |sid: &'a str| context.names.map_or(sid, |names| names.group(sid));
        let labels: Vec<&str> = groups.iter().map(|sid| label(sid.as_str())).collect();
        text(Some(labels.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::{core::table::testing::sessions, domain::Session};

    #[test]
    fn versions_are_numbers_and_unknown_is_last_in_both_directions() {
        let mut sessions: Vec<Session> =
            ["a", "b", "c"].into_iter().map(|id| Session::new(id.into())).collect();
        sessions[0].agent_version = Some("8.10.0".into());
        sessions[1].agent_version = Some("8.9.0".into());
        let context = Context::at(Timestamp::UNIX_EPOCH);
        let order = |descending| {
            let mut sorted = sessions.clone();
            sorted.sort_by(|left, right| Column::Agent.compare(left, right, descending, &context));
            sorted.iter().map(|session| session.id.raw().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(order(false), ["b", "a", "c"]);
        assert_eq!(order(true), ["a", "b", "c"]);
    }

    proptest! {
        #[test]
        fn every_column_orders_totally(
            sessions in sessions(3),
            column in prop::sample::select(Column::ALL),
            descending: bool,
        ) {
            let context = Context::at(Timestamp::from_second(2_000_000).unwrap());
            let compare = |a: &Session, b: &Session| column.compare(a, b, descending, &context);
            for a in &sessions {
                for b in &sessions {
                    prop_assert_eq!(compare(a, b), compare(b, a).reverse());
                    prop_assert_eq!(compare(a, b).is_eq(), a.id == b.id);
                    for c in &sessions {
                        if compare(a, b).is_le() && compare(b, c).is_le() {
                            prop_assert!(compare(a, c).is_le());
                        }
                    }
                }
            }
        }

        #[test]
        fn the_first_letters_decide_as_the_whole_text_does(a: String, b: String) {
            let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
            prop_assert_eq!(Folded::new(&*a).compare(&Folded::new(&*b)), lower(&a).cmp(&lower(&b)));
        }
    }
}
