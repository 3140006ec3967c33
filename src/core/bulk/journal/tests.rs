use jiff::SignedDuration;
use proptest::prelude::*;
use rstest::rstest;

use std::collections::BTreeSet;

use super::*;
use crate::{
    core::{
        bulk::{Course, Step, Target},
        change::ChangeItem,
        fixtures::start,
    },
    domain::{Change, FaultKind, MessageSeverity, MessageText, Session, Verb},
};

/// A plan of so many targets, one more held back.
pub(super) fn plan(targets: usize) -> Plan {
    let target =
        |number| Target { session: Session::new(format!("s{number}").into()), hidden: false, pod: None };
    Plan {
        id: "7f3a".into(),
        verb: Verb::Logoff,
        message: None,
        to_send: (0..targets).map(target).collect(),
        held_back: vec![super::super::HeldBack {
            target: target(targets),
            reason: super::super::HoldReason::Gone,
        }],
        made_at: start(),
        data_at: start(),
        retry_of: None,
        terms: crate::core::bulk::Terms::default(),
    }
}

fn author() -> Author {
    Author { operator: "CORP\\ada".into(), user: "ada".into(), host: "jump1".into(), pid: 7 }
}

fn opened(work: Work) -> JournalLine {
    JournalLine::Opened(Box::new(Opened {
        version: JOURNAL_FORMAT,
        journal: "20260302T140000Z-7f3a".to_owned(),
        program: "0.1.0".to_owned(),
        by: author(),
        estate: "prod https://cs1".into(),
        ticket: Some("INC-1".into()),
        work,
    }))
}

fn entry(n: usize, line: JournalLine) -> Entry {
    Entry { n, at: start() + SignedDuration::from_secs(n as i64), line }
}

fn intent(step: usize, places: &[usize]) -> JournalLine {
    JournalLine::Intent { step, places: places.to_vec(), request: "logoff".into() }
}

fn outcomes(outcomes: &[(usize, Outcome)]) -> JournalLine {
    JournalLine::Outcomes { outcomes: outcomes.to_vec() }
}

fn no_answer() -> Outcome {
    Outcome::NoAnswer(Fault::new(FaultKind::Unreachable, "log off", "connection reset"))
}

/// Lines of a journal, numbered, as text.
fn lines(of: &[JournalLine]) -> Vec<String> {
    of.iter().enumerate().map(|(place, line)| entry(place + 1, line.clone()).to_text().unwrap()).collect()
}

fn names(recovered: &Recovered) -> Vec<&'static str> {
    recovered.standings.iter().map(Standing::name).collect()
}

/// Two requests, of which the second has no outcome, for five targets.
fn interrupted() -> Vec<String> {
    lines(&[
        opened(Work::Sessions(Arc::new(plan(5)))),
        intent(0, &[0, 1]),
        outcomes(&[(0, Outcome::Accepted), (1, no_answer())]),
        intent(1, &[2]),
    ])
}

#[test]
fn each_target_is_unsent_sent_without_answer_or_answered() {
    let recovered = Recovered::replay(interrupted().concat().as_bytes()).unwrap();
    assert_eq!(names(&recovered), ["answered", "unanswered", "unanswered", "unsent", "unsent"]);
    assert_eq!(recovered.tally(), Tally { unsent: 2, unanswered: 2, answered: 1, held_back: 1 });
    assert_eq!(recovered.tally().total(), recovered.counts().values().sum::<usize>());
    assert_eq!((recovered.next_step, recovered.next_line(), &recovered.ended), (2, 5, &None));
    assert!(recovered.is_open() && recovered.damage.is_empty() && recovered.torn.is_empty());
}

#[test]
fn an_intent_after_an_outcome_makes_it_unknown_again() {
    let mut of = interrupted();
    of.push(entry(5, intent(2, &[0])).to_text().unwrap());
    let recovered = Recovered::replay(of.concat().as_bytes()).unwrap();
    assert_eq!(recovered.standings[0], Standing::Unanswered(Silence::NothingTold));
}

#[test]
fn what_certainly_did_not_leave_is_unsent_again() {
    let mut of = interrupted();
    of.push(entry(5, outcomes(&[(2, Outcome::Unsent)])).to_text().unwrap());
    let recovered = Recovered::replay(of.concat().as_bytes()).unwrap();
    assert_eq!(recovered.standings[2], Standing::Unsent);
}

#[test]
fn changes_are_recovered_with_what_they_created() {
    let mut plan = ChangePlan::new("9c".into(), "DELETE PERMISSIONS", start());
    plan.items = vec![ChangeItem::new(Change::DeletePermission("p1".into()), "CORP\\kaya")];
    let of = lines(&[
        opened(Work::Changes(Arc::new(plan))),
        intent(0, &[0]),
        outcomes(&[(0, Outcome::Confirmed)]),
        JournalLine::Created { ids: vec![(0, "p9\u{1b}".to_owned())] },
        JournalLine::Note { text: "waited".into() },
        JournalLine::Closed { stopped: false, fault: None, ended_at: None },
    ]);
    let recovered = Recovered::replay(of.concat().as_bytes()).unwrap();
    assert_eq!(recovered.created[&0], "p9\u{1b}");
    assert_eq!(recovered.opened.work.verb(), "delete permissions");
    assert_eq!(recovered.notes.len(), 1);
    assert!(recovered.ended.is_some() && !recovered.is_open());
}

#[test]
fn going_on_takes_the_end_back() {
    let of = lines(&[
        opened(Work::Sessions(Arc::new(plan(1)))),
        JournalLine::Closed { stopped: true, fault: None, ended_at: None },
        JournalLine::Resumed { by: author() },
    ]);
    let recovered = Recovered::replay(of.concat().as_bytes()).unwrap();
    assert_eq!((recovered.ended, recovered.resumed.len()), (None, 1));
}

/// A plan that warns, waits a quarter of an hour, logs off, and forces after two minutes.
fn course_plan(targets: usize) -> Plan {
    let text = MessageText { severity: MessageSeverity::Warning, text: "save".into() };
    let course = Course {
        warning: text,
        wait_seconds: 900,
        reminders: Vec::new(),
        force_after_seconds: Some(120),
        even_unwarned: false,
    };
    let mut plan = plan(targets);
    plan.terms.course = Some(course);
    plan
}

fn says(says: CourseLine) -> JournalLine {
    JournalLine::Course { says }
}

fn warning(places: &[usize]) -> JournalLine {
    says(CourseLine::Messaging { step: Step::Warn, places: places.to_vec(), left_seconds: 900 })
}

fn warned(outcomes: &[(usize, Outcome)]) -> JournalLine {
    says(CourseLine::Messaged { step: Step::Warn, outcomes: outcomes.to_vec() })
}

fn countdown(state: CountdownState, left_seconds: u32) -> JournalLine {
    says(CourseLine::Countdown { state, left_seconds })
}

/// What these lines behind the first one tell; a second passes with each.
fn recovered_course(targets: usize, more: &[JournalLine]) -> Recovered {
    let mut all = vec![opened(Work::Sessions(Arc::new(course_plan(targets))))];
    all.extend_from_slice(more);
    Recovered::replay(lines(&all).concat().as_bytes()).unwrap()
}

fn wait_left(recovered: &Recovered, seconds_later: i64) -> u32 {
    let course = course_plan(1).terms.course.unwrap();
    recovered.course.left_seconds(&course, recovered.last_at + SignedDuration::from_secs(seconds_later))
}

#[test]
fn who_was_warned_and_who_may_have_been_is_known() {
    let taken = [(0, Outcome::Accepted), (1, no_answer())];
    let recovered = recovered_course(4, &[warning(&[0, 1]), warned(&taken), warning(&[2])]);
    assert_eq!(names(&recovered), ["unsent"; 4], "nobody was logged off");
    assert_eq!(recovered.course.messages[&2], Outcome::Sent, "it may have been warned");
    let due: Vec<bool> = (0..4).map(|place| recovered.course.is_to_be_warned(place)).collect();
    assert_eq!(due, [false, false, true, true], "what was answered badly is not sent again");
    assert_eq!(wait_left(&recovered, 0), 899, "a line later");
}

#[test]
fn a_countdown_goes_on_from_its_last_word() {
    let begun = [warning(&[0]), warned(&[(0, Outcome::Accepted)]), countdown(CountdownState::Runs, 900)];
    let with = |line: JournalLine| recovered_course(1, &[&begun[..], &[line]].concat());
    assert_eq!(wait_left(&recovered_course(1, &begun), 600), 300);
    assert_eq!(wait_left(&recovered_course(1, &begun), 5000), 0, "its time is over: now");
    assert_eq!(wait_left(&recovered_course(1, &begun), -5000), 900, "a clock that was set back");
    assert_eq!(wait_left(&with(countdown(CountdownState::Held, 500)), 600), 500);
    assert_eq!(wait_left(&with(countdown(CountdownState::Over, 0)), 0), 0);
    // An old journal has notes only, and a cancelled or damaged one is not to be relied on.
    let old = recovered_course(1, &[JournalLine::Note { text: "warning taken for 1 of 1".into() }]);
    for anew in [old, with(countdown(CountdownState::Cancelled, 0))] {
        assert!(anew.course.is_to_be_warned(0));
        assert_eq!(wait_left(&anew, 600), 900);
    }
    let mut all = vec![opened(Work::Sessions(Arc::new(course_plan(1))))];
    all.extend(begun);
    let mut damaged = lines(&all);
    damaged[3] = "garbage\n".to_owned();
    let damaged = Recovered::replay(damaged.concat().as_bytes()).unwrap();
    assert!(damaged.course.is_to_be_warned(0));
}

#[test]
fn a_reminder_that_was_sent_does_not_come_again() {
    let course = course_plan(1).terms.course.unwrap();
    let reminder = |left_seconds| CourseLine::Messaging { step: Step::Wait, places: vec![0], left_seconds };
    let told = CourseLine::Messaged { step: Step::Wait, outcomes: vec![(0, Outcome::Accepted)] };
    let so_far =
        recovered_course(1, &[countdown(CountdownState::Runs, 900), says(reminder(300)), says(told)]);
    assert_eq!(so_far.course.reminded_until(&course), 300);
    assert_eq!(so_far.course.reminders[&0], 1);
    assert_eq!(recovered_course(1, &[]).course.reminded_until(&course), 900);
}

#[test]
fn who_waits_for_force_is_left_to_do() {
    let locked = Outcome::Refused(Fault::new(FaultKind::InvalidState, "log off", "locked"));
    let ended = [(0, Outcome::Confirmed), (1, locked), (2, Outcome::StillListed), (3, Outcome::Accepted)];
    let polite = [intent(0, &[0, 1, 2, 3]), outcomes(&ended)];
    let recovered = recovered_course(4, &polite);
    assert_eq!(recovered.awaiting_force(), BTreeSet::from([1, 2, 3]));
    assert_eq!((recovered.is_open(), recovered.to_go_on_with()), (true, 3));
    assert_eq!(recovered.course.force_at(120), Some(start() + SignedDuration::from_secs(122)));
    let forced = JournalLine::Intent { step: 1, places: vec![1, 2], request: "logoff-forced".into() };
    let forcing = recovered_course(4, &[&polite[..], std::slice::from_ref(&forced)].concat());
    assert_eq!((forcing.awaiting_force(), forcing.tally().unanswered), (BTreeSet::from([3]), 2));
    assert_eq!(forcing.to_go_on_with(), 3);
    // A look shows that it did not work: it may be forced once more. What was answered may not.
    let looked = outcomes(&[(1, Outcome::StillListed), (2, Outcome::Accepted)]);
    let looked = recovered_course(4, &[&polite[..], &[forced, looked]].concat());
    assert_eq!(looked.awaiting_force(), BTreeSet::from([1, 3]));
    let closed = |stopped| JournalLine::Closed { stopped, fault: None, ended_at: None };
    assert!(!recovered_course(4, &[&polite[..], &[closed(false)]].concat()).is_open(), "it came to its end");
    assert!(recovered_course(4, &[&polite[..], &[closed(true)]].concat()).is_open());
}

#[test]
fn a_note_on_record_tells_by_what_it_is_known() {
    let found = vec![(0, Evidence::TwoLists)];
    let of = lines(&[
        opened(Work::Sessions(Arc::new(plan(1)))),
        intent(0, &[0]),
        JournalLine::Evidence { found },
        outcomes(&[(0, Outcome::Confirmed)]),
    ]);
    let recovered = Recovered::replay(of.concat().as_bytes()).unwrap();
    let note = super::super::JobNote::of_record("x", &recovered).markdown();
    assert!(note.contains("confirmed by two polls"), "{note}");
}

#[test]
fn whether_a_job_can_be_gone_on_with_has_one_answer() {
    let of_sessions = Recovered::replay(interrupted().concat().as_bytes()).unwrap();
    let (here, there) = (Text::from("prod https://cs1"), Text::from("test https://cs9"));
    let at = |estate, read_only| Here { estate: Some(estate), read_only };
    assert_eq!(of_sessions.going_on(false, at(&here, false)), Ok(GoOn::Send));
    assert_eq!(of_sessions.going_on(true, at(&here, false)), Err(CannotGoOn::Running));
    assert_eq!(of_sessions.going_on(false, at(&here, true)), Err(CannotGoOn::ReadOnly));
    let elsewhere = CannotGoOn::OtherEstate { there: here.clone(), here: there.clone() };
    assert_eq!(of_sessions.going_on(false, at(&there, false)), Err(elsewhere));
    let mut taken = of_sessions.clone();
    taken.standings = vec![Standing::Answered(Outcome::Accepted); taken.standings.len()];
    assert_eq!(taken.to_confirm().len(), taken.standings.len(), "cut off: nobody saw them done");
    assert_eq!(taken.going_on(false, at(&here, true)), Ok(GoOn::Confirm), "it sends nothing");
    taken.ended = Some(Ended { at: start(), stopped: false, fault: None });
    assert!(!taken.is_open(), "it was not to be waited for");
    taken.evidence.insert(1, Evidence::OneList);
    assert_eq!(taken.to_confirm(), BTreeSet::from([1]), "it was, and its time was over");
    let mut done = of_sessions;
    done.standings = vec![Standing::Answered(Outcome::Confirmed)];
    let left = Tally { answered: 1, held_back: 1, ..Tally::default() };
    assert_eq!(done.going_on(false, at(&there, false)), Err(CannotGoOn::NothingLeft(left)));

    let mut plan = ChangePlan::new("9c".into(), "DELETE PERMISSIONS", start());
    plan.items =
        ["p1", "p2"].map(|id| ChangeItem::new(Change::DeletePermission(id.into()), "CORP\\kaya")).to_vec();
    let mut of = lines(&[opened(Work::Changes(Arc::new(plan)))]);
    let unsent = Recovered::replay(of.concat().as_bytes()).unwrap();
    assert!(matches!(unsent.going_on(false, at(&here, false)), Err(CannotGoOn::NothingToSettle(_))));
    of.push(entry(2, intent(0, &[0])).to_text().unwrap());
    let unanswered = Recovered::replay(of.concat().as_bytes()).unwrap();
    assert_eq!(unanswered.going_on(false, at(&here, true)), Ok(GoOn::Settle), "it sends nothing");
}

#[rstest]
#[case::garbage(b"garbage\n".to_vec())]
#[case::zeros(vec![0; 40].into_iter().chain([b'\n']).collect())]
#[case::nothing(b"\n".to_vec())]
fn a_damaged_line_in_the_middle_leaves_nothing_unsent(#[case] damage: Vec<u8>) {
    // The line of the second request: its targets are named nowhere else.
    let of = interrupted();
    let mut bytes = of[..3].concat().into_bytes();
    bytes.extend(damage);
    bytes.extend(entry(5, outcomes(&[(4, Outcome::Accepted)])).to_text().unwrap().into_bytes());
    let recovered = Recovered::replay(&bytes).unwrap();
    assert_eq!(names(&recovered), ["answered", "unanswered", "unanswered", "unanswered", "answered"]);
    assert_eq!(recovered.standings[2], Standing::Unanswered(Silence::LineLost));
    assert_eq!(recovered.damage, [Damage { line: 4, kind: DamageKind::Unreadable }]);
}

#[test]
fn a_removed_line_in_the_middle_is_told_and_leaves_nothing_unsent() {
    let mut of = interrupted();
    of.remove(1);
    let recovered = Recovered::replay(of.concat().as_bytes()).unwrap();
    assert_eq!(names(&recovered), ["answered", "unanswered", "unanswered", "unanswered", "unanswered"]);
    assert_eq!(recovered.damage[0].to_string(), "a line is missing before line 2");
}

#[test]
fn a_repeated_line_is_not_believed() {
    let mut of = interrupted();
    of.push(of[2].clone());
    let recovered = Recovered::replay(of.concat().as_bytes()).unwrap();
    assert_eq!(recovered.damage, [Damage { line: 5, kind: DamageKind::OutOfOrder }]);
    assert_eq!(recovered.tally().unsent, 0);
}

#[test]
fn targets_that_the_plan_does_not_have_are_damage() {
    let mut of = interrupted();
    of.push(entry(5, outcomes(&[(77, Outcome::Accepted)])).to_text().unwrap());
    let recovered = Recovered::replay(of.concat().as_bytes()).unwrap();
    assert_eq!(recovered.damage, [Damage { line: 5, kind: DamageKind::NoSuchTarget }]);
}

#[test]
fn a_damaged_last_line_that_had_been_written_in_full_is_no_torn_one() {
    let of = interrupted();
    let bytes = [of[..3].concat().as_bytes(), b"{\"n\":4,\n"].concat();
    let recovered = Recovered::replay(&bytes).unwrap();
    assert_eq!((recovered.tally().unsent, recovered.damage.len()), (0, 1));
}

#[test]
fn a_torn_line_that_the_next_writer_closed_costs_nothing() {
    let of = interrupted();
    let mut bytes = [of[..3].concat().as_bytes(), &of[3].as_bytes()[..20], b"#cu#cut off\n"].concat();
    let resumed = entry(5, JournalLine::Resumed { by: author() });
    bytes.extend(resumed.to_text().unwrap().into_bytes());
    let recovered = Recovered::replay(&bytes).unwrap();
    assert_eq!((recovered.torn, recovered.damage.len()), (vec![4], 0));
    assert_eq!(recovered.standings[2], Standing::Unsent);
}

#[test]
fn without_a_beginning_nothing_is_understood() {
    let of = interrupted();
    let begun = of[0].as_bytes();
    for cut in 0..begun.len() - 1 {
        assert_eq!(Recovered::replay(&begun[..cut]), Err(Unreadable::NeverBegun), "cut at {cut}");
    }
    assert_eq!(Recovered::replay(of[1..].concat().as_bytes()), Err(Unreadable::NoBeginning));
    assert_eq!(Recovered::replay(b"x\n"), Err(Unreadable::NoBeginning));
    // Before its sum is looked at: the way of summing may be another one.
    let newer = of[0].replace("\"version\":1", "\"version\":2");
    assert_eq!(Recovered::replay(newer.as_bytes()), Err(Unreadable::Newer(2)));
}

fn any_line() -> impl Strategy<Value = JournalLine> {
    let place = 0_usize..6;
    let outcome = prop_oneof![
        Just(Outcome::Accepted),
        Just(Outcome::Confirmed),
        Just(Outcome::Unsent),
        Just(no_answer()),
        Just(Outcome::HeldBack("came back".into())),
        Just(Outcome::NotFound(Fault::new(FaultKind::EntityNotFound, "log off", "g\u{f6}ne \"x\""))),
    ];
    prop_oneof![
        (0_usize..9, prop::collection::vec(place.clone(), 1..4))
            .prop_map(|(step, places)| intent(step, &places)),
        prop::collection::vec((place.clone(), outcome), 1..4).prop_map(|list| outcomes(&list)),
        (place, ".{0,8}").prop_map(|(place, id)| JournalLine::Created { ids: vec![(place, id)] }),
        ".{0,12}".prop_map(|text| JournalLine::Note { text: Text::clean(&text) }),
        Just(JournalLine::Resumed { by: author() }),
        any::<bool>().prop_map(|stopped| JournalLine::Closed { stopped, fault: None, ended_at: None }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Whatever byte it was cut off at, the lines before are understood and nothing more is claimed.
    #[test]
    fn a_journal_cut_at_any_byte_tells_what_its_whole_lines_say(
        rest in prop::collection::vec(any_line(), 1..5),
    ) {
        let mut all = vec![opened(Work::Sessions(Arc::new(plan(6))))];
        all.extend(rest);
        let texts = lines(&all);
        let bytes = texts.concat().into_bytes();
        let first = texts[0].len();
        for cut in first..=bytes.len() {
            let recovered = Recovered::replay(&bytes[..cut]).unwrap();
            // A line counts with or without its end.
            let mut end = 0;
            let whole = texts.iter().take_while(|text| { end += text.len(); end <= cut + 1 }).count();
            let expected = Recovered::replay(texts[..whole].concat().as_bytes()).unwrap();
            prop_assert_eq!(&recovered.standings, &expected.standings, "cut at {}", cut);
            prop_assert_eq!(&recovered.ended, &expected.ended);
            prop_assert!(recovered.damage.is_empty());
            let is_torn = bytes[cut - 1] != b'\n' && bytes.get(cut) != Some(&b'\n');
            prop_assert_eq!(recovered.torn.len(), usize::from(is_torn));
            prop_assert_eq!(recovered.tally().total(), 7);
        }
    }
}

/// Every byte behind the first line, changed to what would be most misleading.
#[test]
fn damage_anywhere_never_claims_that_a_sent_target_is_unsent() {
    let of = interrupted();
    let bytes = of.concat().into_bytes();
    for at in of[0].len()..bytes.len() {
        for byte in [b'0', b'3', b' ', b'\n', b'}', b'"', 0] {
            let mut bytes = bytes.clone();
            bytes[at] = byte;
            let recovered = Recovered::replay(&bytes).unwrap();
            let is_wrong = |place: &usize| recovered.standings[*place] == Standing::Unsent;
            assert_eq!([0, 1, 2].iter().find(|place| is_wrong(place)), None, "byte {byte} at {at}");
        }
    }
}
