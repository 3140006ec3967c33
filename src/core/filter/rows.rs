//! Which rows of a whole table a filter lets through: what rows have in common is judged once, not for each of them.

use std::{panic::resume_unwind, thread};

use super::{
    Body, Context, Filter, Truth,
    fields::{Field, FieldKind},
    fuzzy::{Fuzzy, Scratch},
    grammar::Expression,
    pattern::Word,
    term::Term,
    value_of,
};
use crate::{
    core::table::{SessionTable, haystack},
    domain::{Common, Searched, SessionFacts, SessionRow},
};

/// What is known of a term before any row is looked at.
enum Prepared<'t> {
    /// What it says of each of the things that rows have in common.
    Common(Common, Vec<Truth>),
    /// What it says of each row.
    Rows(Vec<Truth>),
    /// Every row must be asked.
    Ask(&'t Term),
}

impl Filter {
    /// For each row of the context's table whether the filter certainly lets it through.
    pub(in crate::core) fn passing(&self, context: &Context<'_>) -> Vec<bool> {
        self.passing_unless(context, &|| false).unwrap_or_default()
    }

    /// The same, unless it is stopped: then nothing. Whether to stop is asked every few milliseconds.
    pub(in crate::core) fn passing_unless(
        &self,
        context: &Context<'_>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Vec<bool>> {
        let Some(table) = context.table else {
            return Some(Vec::new());
        };
        let line = self.0.line();
        let judged = match &line.body {
            None => return Some(vec![true; table.len()]),
            Some(Body::Fuzzy(fuzzy)) => {
                Hits::of_fuzzy(fuzzy, table, context, stop)?.truths(table, line.inverse)
            }
            Some(Body::Terms(expression)) => {
                // Where nothing is negated, what is unknown lets through as little as what is false.
                let unsure = line.inverse || expression.negates();
                let mut all = Some(());
                let prepared = expression.map(&mut |term| {
                    let prepared = all.and_then(|()| prepare(term, table, context, unsure, stop));
                    all = all.and(prepared.is_some().then_some(()));
                    prepared.unwrap_or(Prepared::Rows(Vec::new()))
                });
                all?;
                truths(prepared, table, context)
            }
        };
        (!stop()).then(|| judged.into_iter().map(|truth| line.apply(truth).is_yes()).collect())
    }

    /// Whether it says the same of the same rows at any time, whatever is known beside the list.
    pub(in crate::core) fn is_timeless(&self) -> bool {
        let of_rows = |term: &Term| matches!(term, Term::Word(_)) || common(term).is_some();
        match &self.0.line().body {
            None => true,
            Some(Body::Terms(expression)) => self.is_lasting() && expression.all(&of_rows),
            Some(Body::Fuzzy(_)) => false,
        }
    }

    /// Whether the table and its time say which of its rows pass: neither flags, nor what the account may do, nor names that
    /// were looked up beside it.
    pub(in crate::core) fn is_of_table_alone(&self, context: &Context<'_>) -> bool {
        let is_beside = |term: &Term| {
            matches!(
                term,
                Term::Flag(_) | Term::AnyFlag | Term::Can(_) | Term::IsUnknown(Field::Can | Field::Flag)
            )
        };
        let named = context.names.is_some_and(|names| !names.accounts.is_empty());
        match &self.0.line().body {
            None => true,
            Some(Body::Terms(expression)) => !named && expression.all(&|term| !is_beside(term)),
            Some(Body::Fuzzy(_)) => !named,
        }
    }

    /// Whether it certainly lets nothing through that `before` does not: it is what was typed before with more letters
    /// or words behind it.
    pub(in crate::core) fn narrows(&self, before: &Self) -> bool {
        let is_plain = |filter: &Self| {
            !filter.is_empty() && !filter.text().contains(['|', '(', ')', '!', '"', '*', '?'])
        };
        if !is_plain(self) || !is_plain(before) {
            return false;
        }
        let mut now = self.text().split_whitespace();
        let mut then = before.text().split_whitespace().peekable();
        while let Some(old) = then.next() {
            let Some(new) = now.next() else { return false };
            // A word that has grown holds what it was; the value of a field means another one.
            let grown = then.peek().is_none()
                && !new.contains([':', '=', '<', '>', '~'])
                && !old.starts_with('-')
                && new.is_ascii()
                && new.starts_with(old);
            if old != new && !grown {
                return false;
            }
        }
        self.text().trim_start().starts_with("-f") == before.text().trim_start().starts_with("-f")
    }
}

/// What decides a term, when it is something that rows have in common.
fn common(term: &Term) -> Option<Common> {
    let field = match term {
        Term::IsUnknown(field) if matches!(field.help().kind, FieldKind::Duration) => return None,
        Term::IsUnknown(field)
        | Term::IsNone(field)
        | Term::Text(field, _)
        | Term::Choice(field, _)
        | Term::ChoiceText(field, _)
        | Term::Version(field, ..) => *field,
        Term::Word(_)
        | Term::Duration(..)
        | Term::Flag(_)
        | Term::AnyFlag
        | Term::SessionsOfUser(_)
        | Term::Can(_) => return None,
    };
    match field {
        Field::User | Field::Name | Field::Group => Some(Common::User),
        Field::Pool | Field::App | Field::Farm | Field::Pod => Some(Common::Place),
        Field::Host => Some(Common::Machine),
        Field::Gw | Field::Gwloc | Field::Client | Field::Clientver => Some(Common::Way),
        Field::State | Field::Type | Field::Proto | Field::Agent => Some(Common::Mode),
        Field::Id | Field::Idle | Field::Age | Field::Disc | Field::Flag | Field::Can => None,
    }
}

/// Finds out about a term what can be found out at once; nothing when it is stopped.
fn prepare<'t>(
    term: &'t Term,
    table: &SessionTable,
    context: &Context<'_>,
    unsure: bool,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Prepared<'t>> {
    if let Term::Word(word) = term {
        return Some(Prepared::Rows(Hits::of_word(word, table, context, stop)?.truths(table, unsure)));
    }
    let Some(common) = common(term) else {
        return Some(Prepared::Ask(term));
    };
    let rows = table.rows();
    let judged = if let Term::Text(Field::Group, pattern) = term {
        // There are few groups, and each is in the list of many users.
        let groups = rows.group_sids();
        let truths: Vec<Truth> =
            groups.iter().map(|sid| value_of::judge_group(pattern, sid.as_str(), context)).collect();
        let of_group = |number: &u32| truths.get(*number as usize).copied().unwrap_or(Truth::Unknown);
        until(stop, rows.representatives(common), |row| {
            let numbers = row.group_numbers();
            numbers.map_or(Truth::Unknown, |all| all.iter().map(of_group).fold(Truth::No, Truth::or))
        })?
    } else {
        until(stop, rows.representatives(common), |row| term.judge(row, context, || ""))?
    };
    Some(Prepared::Common(common, judged))
}

/// So many are judged before it is asked again whether to stop.
const BETWEEN_STOPS: usize = 1 << 14;

/// Judges each, unless it is stopped.
fn until<'a, T>(
    stop: &(dyn Fn() -> bool + Sync),
    mut rows: impl Iterator<Item = SessionRow<'a>>,
    mut judge: impl FnMut(SessionRow<'a>) -> T,
) -> Option<Vec<T>> {
    let mut judged = Vec::with_capacity(rows.size_hint().0);
    loop {
        let before = judged.len();
        judged.extend(rows.by_ref().take(BETWEEN_STOPS).map(&mut judge));
        if judged.len() < before + BETWEEN_STOPS {
            return Some(judged);
        }
        if stop() {
            return None;
        }
    }
}

/// The truth of an expression for each row, term by term: each goes once through memory. A term that must be asked for every
/// row comes last, where others may have decided.
fn truths(prepared: Expression<Prepared<'_>>, table: &SessionTable, context: &Context<'_>) -> Vec<Truth> {
    let ask = |term: &Term, row: u32| table.get(row).map_or(Truth::No, |row| term.judge(row, context, || ""));
    let of_row = (0..table.len() as u32).map(|row| (row, Truth::No));
    match prepared {
        Expression::Term(Prepared::Rows(truths)) => truths,
        Expression::Term(Prepared::Common(common, truths)) => {
            let numbers = table.rows().numbers(common).unwrap_or_default();
            numbers.iter().map(|number| truths.get(*number as usize).copied().unwrap_or(Truth::No)).collect()
        }
        Expression::Term(Prepared::Ask(term)) => of_row.map(|(row, _)| ask(term, row)).collect(),
        Expression::Not(inner) => truths(*inner, table, context).into_iter().map(|truth| !truth).collect(),
        Expression::And(parts) => joined(parts, table, context, Truth::No, &ask),
        Expression::Or(parts) => joined(parts, table, context, Truth::Yes, &ask),
    }
}

/// The truth of several parts together; `decided` is what ends the matter: false among those that must all hold, true among
/// those of which one is enough.
fn joined(
    parts: Vec<Expression<Prepared<'_>>>,
    table: &SessionTable,
    context: &Context<'_>,
    decided: Truth,
    ask: &dyn Fn(&Term, u32) -> Truth,
) -> Vec<Truth> {
    let join = |one: Truth, other: Truth| if decided == Truth::No { one.and(other) } else { one.or(other) };
    let (asked, known): (Vec<_>, Vec<_>) =
        parts.into_iter().partition(|part| matches!(part, Expression::Term(Prepared::Ask(_))));
    let mut joined = vec![!decided; table.len()];
    for part in known {
        let part = truths(part, table, context);
        joined.iter_mut().zip(part).for_each(|(truth, other)| *truth = join(*truth, other));
    }
    for part in asked {
        let Expression::Term(Prepared::Ask(term)) = part else { continue };
        for (row, truth) in (0..).zip(&mut joined).filter(|(_, truth)| **truth != decided) {
            *truth = join(*truth, ask(term, row));
        }
    }
    joined
}

/// Where something was found.
struct Hits {
    found: Vec<(Common, Vec<bool>)>,
}

/// All that a word is searched in.
const SEARCHED: [Common; 6] =
    [Common::User, Common::Row, Common::Place, Common::Machine, Common::Way, Common::Mode];

/// Of so many sessions the texts are megabytes: two halves are searched beside one another.
const WORTH_TWO: usize = 50_000;

impl Hits {
    fn of_word(
        word: &Word,
        table: &SessionTable,
        context: &Context<'_>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Self> {
        let search = |commons: &[Common]| -> Option<Vec<(Common, Vec<bool>)>> {
            let each =
                commons.iter().map(|common| (!stop()).then(|| (*common, word_in(word, *common, table))));
            each.collect()
        };
        let mut found = if table.len() < WORTH_TWO {
            search(&SEARCHED)?
        } else {
            let (one, two) = SEARCHED.split_at(SEARCHED.len() / 2);
            let (one, two) = thread::scope(|scope| {
                let two = scope.spawn(|| search(two));
                (search(one), two.join())
            });
            let mut found = one?;
            found.extend(two.unwrap_or_else(|panic| resume_unwind(panic))?);
            found
        };
        let named = context.names.is_some_and(|names| !names.accounts.is_empty());
        if let Some((Common::User, users)) = found.first_mut().filter(|_| named) {
            for (user, hit) in table.rows().representatives(Common::User).zip(users) {
                let name = value_of::display_name(user, context);
                *hit |= name.is_some_and(|name| word.is_in(&name.to_lowercase()));
            }
        }
        Some(Self { found })
    }

    /// Every word of a fuzzy search must be found; which of them are is kept in bits, so that there is one pass.
    fn of_fuzzy(
        fuzzy: &Fuzzy,
        table: &SessionTable,
        context: &Context<'_>,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Self> {
        let mut scratch = Scratch::default();
        let mut parts: Vec<(Common, Vec<u64>)> = Vec::with_capacity(3);
        for common in [Common::User, Common::Place, Common::Machine] {
            let rows = table.rows().representatives(common);
            let found = until(stop, rows, |row| fuzzy.found(common, row, context, &mut scratch))?;
            parts.push((common, found));
        }
        let rows = table.rows();
        let whole = |row: SessionRow<'_>| {
            let bits = parts.iter().map(|(common, found)| {
                let number = rows.numbers(*common).and_then(|all| all.get(row.number() as usize));
                number.and_then(|number| found.get(*number as usize)).copied().unwrap_or_default()
            });
            fuzzy.is_all(bits.fold(0, |all, bits| all | bits))
        };
        Some(Self { found: vec![(Common::Row, rows.iter().map(whole).collect())] })
    }

    /// What follows for each row. What is not found may still be the name that a row does not tell; with `unsure` that is
    /// said.
    fn truths(&self, table: &SessionTable, unsure: bool) -> Vec<Truth> {
        let rows = table.rows();
        let mut hits = vec![false; table.len()];
        for (common, found) in &self.found {
            if !found.contains(&true) {
                continue;
            }
            match rows.numbers(*common) {
                None => hits.iter_mut().zip(found).for_each(|(hit, found)| *hit |= found),
                Some(numbers) => {
                    for (hit, number) in hits.iter_mut().zip(numbers) {
                        *hit |= found.get(*number as usize).copied().unwrap_or_default();
                    }
                }
            }
        }
        let truth = |(row, hit): (SessionRow<'_>, bool)| match hit {
            true => Truth::Yes,
            false if unsure && !value_of::is_named(row) => Truth::Unknown,
            false => Truth::No,
        };
        rows.iter().zip(hits).map(truth).collect()
    }
}

/// For each of the things that rows have in common whether a word stands in what it adds to the searched text.
fn word_in(word: &Word, common: Common, table: &SessionTable) -> Vec<bool> {
    let rows = table.rows();
    let mut text = String::new();
    let mut judge = |row: SessionRow<'_>| {
        text.clear();
        haystack::append_of(common, row, &mut text);
        word.is_in(&text)
    };
    let columns: &[Searched] = match common {
        Common::User => &[Searched::UserName],
        Common::Machine => &[Searched::MachineName, Searched::MachineDns],
        Common::Row => &[Searched::ClientName, Searched::ClientAddress],
        Common::Place | Common::Mode | Common::Way => &[],
    };
    let Some(letters) = word.only_part().filter(|_| !columns.is_empty()) else {
        return rows.representatives(common).map(judge).collect();
    };
    // An id stands in for a name that is not told.
    let is_nameless = |row: SessionRow<'_>| match common {
        Common::User => row.user_name().is_none(),
        Common::Machine => row.machine_name().is_none() && row.machine_dns().is_none(),
        _ => false,
    };
    let rest = |row| is_nameless(row) && judge(row);
    let mut hits: Vec<bool> = match common {
        Common::Row => vec![false; rows.len()],
        _ => rows.representatives(common).map(rest).collect(),
    };
    for column in columns {
        rows.holding(*column, letters, |number| {
            if let Some(hit) = hits.get_mut(number as usize) {
                *hit = true;
            }
        });
    }
    hits
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::core::table::{Flag, Flags, Names, testing};

    fn line() -> impl Strategy<Value = String> {
        let term = prop::sample::select(
            &[
                "a",
                "al",
                "alv",
                "chen",
                "8.1",
                "vdi",
                "fin*1",
                "j\u{f6}rg",
                "web",
                "s-1-5",
                "state:d",
                "!state:c",
                "type:?",
                "pool:fin*",
                "user:*chen*",
                "user:?",
                "host~w11",
                "agent<8.10",
                "agent:?",
                "idle>4h",
                "age<10d",
                "disc:?",
                "flag:*",
                "flag:gh",
                "flag:2x",
                "2x",
                "client:win",
                "client:?",
                "group:*2",
                "name:ab*",
                "id:s1",
                "can:reset",
                "mac 8",
                "(fin|hr)",
                "!(al|hr)",
                "a|b",
            ][..],
        );
        let terms = prop::collection::vec(term, 1..4).prop_map(|terms| terms.join(" "));
        (terms, 0..4).prop_map(|(terms, kind)| match kind {
            0 => format!("! {terms}"),
            1 => "-f al fi".to_owned(),
            _ => terms,
        })
    }

    const TYPED: [&str; 12] = [
        "-f a",
        "-f al",
        "-f al f",
        "a",
        "al",
        "alv",
        "al f",
        "al fi",
        "fin",
        "fin al",
        "state:d",
        "state:d a",
    ];

    fn typed() -> impl Strategy<Value = String> {
        prop_oneof![line(), prop::sample::select(&TYPED[..]).prop_map(str::to_owned)]
    }

    proptest! {
        #[test]
        fn rows_pass_as_if_they_were_asked_one_by_one(
            sessions in testing::sessions(12),
            text in line(),
            flagged in prop::option::of(0..12_usize),
            named: bool,
        ) {
            let table = SessionTable::new(sessions, Timestamp::from_second(3_000_000).unwrap(), true);
            let flagged = flagged.map(|number| (format!("s{number}").as_str().into(), BTreeSet::from([Flag::Ghost])));
            let flags: Flags = flagged.into_iter().collect();
            let mut names = Names::default();
            names.accounts.insert("S-1-5-21-2".into(), "Abel".into());
            names.groups = testing::group_names("S-1-5-21-2", "CORP\\zoo");
            let context = Context {
                table: Some(&table),
                flags: Some(&flags),
                names: named.then_some(&names),
                ..Context::at(table.as_of())
            };
            let Ok(filter) = Filter::parse(&text) else { return Ok(()) };
            let expected: Vec<bool> =
                table.iter().map(|row| filter.matches(&row.to_session(), &context).is_yes()).collect();
            prop_assert_eq!(filter.passing(&context), expected, "{}", text);
        }

        #[test]
        fn what_narrows_lets_nothing_else_through(
            sessions in testing::sessions(12),
            before in typed(),
            now in typed(),
        ) {
            let (Ok(before), Ok(now)) = (Filter::parse(&before), Filter::parse(&now)) else { return Ok(()) };
            let table = SessionTable::new(sessions, Timestamp::from_second(3_000_000).unwrap(), true);
            let context = Context { table: Some(&table), ..Context::at(table.as_of()) };
            if now.narrows(&before) {
                let rows = now.passing(&context).into_iter().zip(before.passing(&context));
                prop_assert!(rows.into_iter().all(|(now, before)| before || !now));
            }
        }
    }

    #[test]
    fn letters_and_words_behind_the_line_narrow_it_and_nothing_else() {
        let narrows =
            |before: &str, now: &str| Filter::parse(now).unwrap().narrows(&Filter::parse(before).unwrap());
        for (before, now) in
            [("al", "alv"), ("al", "al fin"), ("state:d al", "state:d alv x"), ("-f al", "-f alv")]
        {
            assert!(narrows(before, now) && !narrows(now, before), "{before} -> {now}");
        }
        for (before, now) in [
            ("", "a"),
            ("al", "fin al"),
            ("idle", "idle>4h"),
            ("al", "!alv"),
            ("al|b", "al|bc"),
            ("a", "-f a"),
        ] {
            assert!(!narrows(before, now), "{before} -> {now}");
        }
    }
}
