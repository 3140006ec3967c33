use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{
    core::{
        filter::{Context, Filter},
        table::{Names, SessionTable, Surroundings, TableView, testing},
    },
    domain::Session,
};

fn table(sessions: Vec<Session>) -> SessionTable {
    SessionTable::new(sessions, Timestamp::from_second(3_000_000).unwrap(), true)
}

fn all(table: &SessionTable) -> Vec<u32> {
    (0..table.len() as u32).collect()
}

fn passing(text: &str, table: &SessionTable) -> Vec<u32> {
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let context = Context { table: Some(table), ..Context::at(table.as_of()) };
    let passes = filter.passing(&context);
    all(table).into_iter().filter(|row| passes[*row as usize]).collect()
}

fn session(id: usize) -> Session {
    Session::new(format!("s{id}").as_str().into())
}

/// The labels of a facet with how many sessions are shown and in all.
fn told(breakdown: &Breakdown) -> Vec<(String, u32, u32)> {
    let told =
        |bucket: &Bucket| (breakdown.value(*bucket).label(&Names::default()), bucket.shown, bucket.overall);
    breakdown.buckets.iter().map(told).collect()
}

proptest! {
    #[test]
    fn the_terms_of_a_bucket_choose_its_sessions_and_no_others(mut sessions in testing::sessions(14)) {
        // A user without a name is called by the SID, by which the filter finds those with a name too.
        for session in sessions.iter_mut().filter(|session| session.user_name.is_none()) {
            session.user_id = None;
        }
        let table = table(sessions);
        let shown = all(&table);
        for facet in Facet::ALL {
            let breakdown = Breakdown::of(facet, table.rows(), &shown, false);
            for bucket in &breakdown.buckets {
                let value = breakdown.value(*bucket);
                let rows = breakdown.rows_of(*bucket, &shown);
                prop_assert_eq!(rows.len(), bucket.shown as usize);
                let found = passing(&value.terms(), &table);
                // A word that no release had is unknown to the filter too.
                let is_strange = facet.common() == Common::Mode || facet == Facet::Client;
                if value.is_unknown() && is_strange {
                    let found: BTreeSet<u32> = found.into_iter().collect();
                    prop_assert!(rows.iter().all(|row| found.contains(row)), "{}", value.terms());
                    continue;
                }
                prop_assert_eq!(&found, &rows, "{}", value.terms());
                let others: Vec<u32> = shown.iter().copied().filter(|row| !rows.contains(row)).collect();
                let excluding = value.excluding(breakdown.has_unknown);
                let kept = passing(&excluding, &table);
                if is_strange && excluding.contains('"') {
                    prop_assert!(kept.iter().all(|row| others.contains(row)), "{}", excluding);
                } else {
                    prop_assert_eq!(kept, others, "{}", excluding);
                }
            }
        }
    }

    #[test]
    fn every_shown_session_is_in_one_bucket(sessions in testing::sessions(14), shown in prop::collection::vec(any::<bool>(), 14)) {
        let table = table(sessions);
        let rows: Vec<u32> = all(&table).into_iter().filter(|row| shown[*row as usize]).collect();
        for facet in Facet::ALL.into_iter().filter(|facet| *facet != Facet::Group) {
            let breakdown = Breakdown::of(facet, table.rows(), &rows, true);
            let mut found: Vec<u32> =
                breakdown.buckets.iter().flat_map(|bucket| breakdown.rows_of(*bucket, &rows)).collect();
            found.sort_unstable();
            prop_assert_eq!(&found, &rows);
        }
    }
}

#[test]
fn values_of_any_kind_are_said_so_that_the_filter_understands_them() {
    let names = [
        "fin-w11",
        "a b",
        "a:b",
        "say \"hi\"",
        "fin*",
        "*",
        "",
        "-",
        "?",
        "!x",
        "(x)",
        "a|b",
        "日本 語",
        "^$.[",
        "x*\"y",
        "pool:fin",
        "-f x",
        "\\",
    ];
    let sessions: Vec<Session> = (0..)
        .zip(names)
        .map(|(number, name)| {
            let mut session = session(number);
            session.pool_name = Some(name.into());
            session
        })
        .collect();
    let table = table(sessions);
    let shown = all(&table);
    let breakdown = Breakdown::of(Facet::Pool, table.rows(), &shown, false);
    assert_eq!(breakdown.buckets.len(), names.len());
    for bucket in &breakdown.buckets {
        let value = breakdown.value(*bucket);
        let rows = breakdown.rows_of(*bucket, &shown);
        assert_eq!(passing(&value.terms(), &table), rows, "{}", value.terms());
        let others: Vec<u32> = shown.iter().copied().filter(|row| !rows.contains(row)).collect();
        assert_eq!(passing(&value.excluding(false), &table), others, "{}", value.excluding(false));
    }
}

#[test]
fn what_cannot_be_there_is_another_bucket_than_what_is_not_known() {
    let mut sessions: Vec<Session> = (0..4).map(session).collect();
    for session in &mut sessions[..2] {
        session.state = Some("DISCONNECTED".into());
        session.pool_id = Some("p1".into());
        session.groups = Some(Vec::new());
    }
    sessions[2].state = Some("CONNECTED".into());
    let table = table(sessions);
    let shown = all(&table);
    for facet in [Facet::Protocol, Facet::Farm, Facet::Group] {
        let breakdown = Breakdown::of(facet, table.rows(), &shown, false);
        let expected = [("-".to_owned(), 2, 2), ("?".to_owned(), 2, 2)];
        assert_eq!(told(&breakdown), expected, "{facet:?}");
        for (bucket, rows) in breakdown.buckets.iter().zip([[0, 1], [2, 3]]) {
            let terms = breakdown.value(*bucket).terms();
            assert_eq!(passing(&terms, &table), rows, "{terms}");
        }
    }
}

#[test]
fn a_lift_is_the_share_here_by_the_share_overall_and_can_order_the_buckets() {
    let pool = |number: usize| match number {
        0..60 => "office",
        60..90 => "lab",
        _ => "rds",
    };
    let sessions = (0..100).map(|number| {
        let mut session = session(number);
        session.pool_name = Some(pool(number).into());
        session
    });
    let table = table(sessions.collect());
    // 12 of the office, 6 of the lab, 2 of the ten RDS sessions.
    let shown: Vec<u32> = (0..12).chain(60..66).chain(90..92).collect();
    let breakdown = Breakdown::of(Facet::Pool, table.rows(), &shown, false);
    let expected = [("office".to_owned(), 12, 60), ("lab".to_owned(), 6, 30), ("rds".to_owned(), 2, 10)];
    assert_eq!(told(&breakdown), expected);
    assert!(breakdown.buckets.iter().all(|bucket| (breakdown.lift(*bucket).unwrap() - 1.0).abs() < 1e-9));
    let shown: Vec<u32> = (0..12).chain(60..66).chain(90..98).collect();
    let breakdown = Breakdown::of(Facet::Pool, table.rows(), &shown, true);
    assert_eq!(told(&breakdown)[0].0, "rds");
    assert!((breakdown.lift(breakdown.buckets[0]).unwrap() - (8.0 / 26.0) / (10.0 / 100.0)).abs() < 1e-9);
}

#[test]
fn of_very_many_buckets_the_largest_are_kept_and_the_others_counted() {
    let sessions = (0..3_000).map(|number| {
        let mut session = session(number);
        session.user_name = Some(format!("user{:04}", number % 2_500).into());
        session
    });
    let table = table(sessions.collect());
    let breakdown = Breakdown::of(Facet::User, table.rows(), &all(&table), false);
    assert_eq!((breakdown.buckets.len(), breakdown.more), (KEPT, 1_500));
    assert!(breakdown.buckets[..500].iter().all(|bucket| bucket.shown == 2));
    assert_eq!(told(&breakdown)[0].0, "user0000");
}

#[test]
fn rows_are_counted_again_when_they_have_changed_and_only_then() {
    let mut view = TableView::new();
    let with = Surroundings::default();
    let sessions = (0..4).map(|number| {
        let mut session = session(number);
        session.pool_name = Some(if number == 0 { "one" } else { "many" }.into());
        session
    });
    view.replace_table(std::sync::Arc::new(table(sessions.collect())), with);
    let mut counted = Counted::default();
    counted.sync(&view, &[Facet::Pool], false);
    let before = view.generation();
    view.move_by(1);
    view.mark_all_shown();
    assert_eq!(view.generation(), before, "neither cursor nor marks change the rows");
    view.set_filter("pool:one", with);
    assert_ne!(view.generation(), before);
    counted.sync(&view, &[Facet::Pool, Facet::State], false);
    assert_eq!(told(counted.get(Facet::Pool).unwrap()), [("one".to_owned(), 1, 1)]);
    assert!(counted.get(Facet::State).is_some());
    counted.sync(&view, &[], false);
    assert!(counted.get(Facet::Pool).is_none(), "what nobody sees is not kept");
}

#[test]
fn a_farm_is_one_bucket_whatever_its_sessions_call_it() {
    let farmed = |number: usize| {
        let mut session = session(number);
        session.farm_id = Some("f-1".into());
        // Of applications the name is the farm's, of desktops the pool's.
        if number < 2 {
            session.pool_name = Some("office-rds".into());
        } else {
            session.pool_id = Some("p-1".into());
            session.pool_name = Some("Office".into());
        }
        session
    };
    let mut sessions: Vec<Session> = (0..5).map(farmed).collect();
    sessions.push(Session { farm_id: Some("f-2".into()), pool_id: Some("p-2".into()), ..session(5) });
    let table = table(sessions);
    let breakdown = Breakdown::of(Facet::Farm, table.rows(), &all(&table), false);
    let expected = [("office-rds".to_owned(), 5, 5), ("f-2".to_owned(), 1, 1)];
    assert_eq!(told(&breakdown), expected);
    let value = breakdown.value(breakdown.buckets[0]);
    assert_eq!((value.said().as_deref(), value.farm_name()), (Some("f-1"), Some("office-rds")));
    assert_eq!(passing(&value.terms(), &table), [0, 1, 2, 3, 4], "{}", value.terms());
}

#[test]
fn excluding_a_bucket_keeps_all_others() {
    const FARMS: [&str; 2] = ["f7c7d15a-0f5e-4f1e-9c6c-1f0f4a0c0a01", "0a1b2c3d-0f5e-4f1e-9c6c-1f0f4a0c0a02"];
    let mut sessions: Vec<Session> = (0..6).map(session).collect();
    for (number, session) in sessions.iter_mut().enumerate() {
        // The last ones are disconnected, so that they have no protocol; of one nothing is known.
        let is_connected = number < 3;
        session.state = Some(if is_connected { "CONNECTED" } else { "DISCONNECTED" }.into());
        session.protocol = is_connected.then(|| ["BLAST", "PCOIP"][number % 2].into());
        session.farm_id = (number < 5).then(|| FARMS[number % 2].into());
        session.pool_id = Some("p".into());
        session.pool_name = Some("Office".into());
    }
    let table = table(sessions);
    let shown = all(&table);
    for facet in [Facet::Protocol, Facet::Farm] {
        let breakdown = Breakdown::of(facet, table.rows(), &shown, false);
        for bucket in &breakdown.buckets {
            let terms = breakdown.value(*bucket).excluding(breakdown.has_unknown);
            let left = table.len() - bucket.shown as usize;
            assert_eq!(passing(&terms, &table).len(), left, "{terms}");
        }
    }
}
