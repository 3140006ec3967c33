//! The language as a whole: what matches, what is unknown, and what is said about mistakes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::{
    core::table::{Flag, testing},
    domain::{Account, EventFeed, Session, SessionId, Text},
};

const NOW: &str = "2026-03-11T14:02:14Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// `alvarez.m` of the drawing: disconnected for 4h31m, logged on for 54h50m.
fn sample() -> Session {
    let mut session = Session::new("1f6d-7".into());
    session.user_id = Some("S-1-5-21-7".into());
    session.user_name = Some("CORP\\alvarez.m".into());
    session.groups = Some(vec!["S-1-5-21-500".into()]);
    session.kind = Some("DESKTOP".into());
    session.state = Some("DISCONNECTED".into());
    session.disconnected_at = Some("2026-03-11T09:31:00Z".parse().unwrap());
    session.started_at = Some("2026-03-09T07:12:00Z".parse().unwrap());
    session.pool_name = Some("fin-vdi".into());
    session.pool_id = Some("pool-9".into());
    session.machine_name = Some("FINVDI-007".into());
    session.machine_dns = Some("finvdi-007.corp.example".into());
    session.gateway.name = Some("uag-e1".into());
    session.gateway.location = Some("EXTERNAL".into());
    session.agent_version = Some("8.12.1".into());
    session.client.kind = Some("MAC".into());
    session.client.version = Some("8.11.0".into());
    session.client.name = Some("MBP-MALVAREZ".into());
    session.pod_name = Some("ams1".into());
    session
}

fn truth(text: &str, session: &Session) -> Truth {
    Filter::parse(text).unwrap().matches(session, &Context::at(now()))
}

#[rstest]
// Nothing, words.
#[case("", Truth::Yes)]
#[case("   ", Truth::Yes)]
#[case("ALVA", Truth::Yes)]
#[case("corp\\alva", Truth::Yes)]
#[case("finvdi-007", Truth::Yes)]
#[case("\"mac 8.11\"", Truth::Yes)]
#[case("malvarez", Truth::Yes)]
#[case("corp*vdi", Truth::No)]
#[case("fin*007", Truth::Yes)]
#[case("disconnected", Truth::No)]
#[case("chen", Truth::No)]
// AND, OR, negation, parentheses.
#[case("alva fin", Truth::Yes)]
#[case("alva chen", Truth::No)]
#[case("chen | alva", Truth::Yes)]
#[case("chen alva | fin", Truth::Yes)]
#[case("chen (alva | fin)", Truth::No)]
#[case("!chen", Truth::Yes)]
#[case("!!alva", Truth::Yes)]
#[case("!(alva | chen)", Truth::No)]
#[case("!state:conn pool:fin-*", Truth::Yes)]
#[case("! state:disc pool:hr-*", Truth::Yes)]
#[case("!state:disc pool:hr-*", Truth::No)]
#[case("(alva)(fin)", Truth::Yes)]
// Texts.
#[case("user:alvarez.m", Truth::Yes)]
#[case("user=alvarez.m", Truth::Yes)]
#[case("user:alvarez", Truth::No)]
#[case("user:alva*", Truth::Yes)]
#[case("user:*rez*", Truth::Yes)]
#[case("user:a*z*m", Truth::Yes)]
#[case("user:a*x*m", Truth::No)]
#[case("user:corp\\alvarez.m", Truth::Yes)]
#[case("user:S-1-5-21-7", Truth::Yes)]
#[case("user~^alva.*m$", Truth::Yes)]
#[case("user~(alva|chen)", Truth::Yes)]
#[case("user~[|)]", Truth::No)]
#[case("(user~alva) fin", Truth::Yes)]
#[case("user~x|alva", Truth::Yes)]
#[case("user~\"alva rez\"", Truth::No)]
#[case("login:alvarez.m", Truth::Yes)]
#[case("pool:FIN-VDI", Truth::Yes)]
#[case("pool:pool-9", Truth::Yes)]
#[case("pool:\"fin vdi\"", Truth::No)]
#[case("app:desktop", Truth::Yes)]
#[case("app:winword*", Truth::No)]
#[case("farm:fin-*", Truth::No)]
#[case("!farm:fin-*", Truth::Yes)]
#[case("host:finvdi-007.corp.example", Truth::Yes)]
#[case("machine:finvdi-007", Truth::Yes)]
#[case("gw:uag-e1", Truth::Yes)]
#[case("pod:ams1", Truth::Yes)]
#[case("id:1f6d*", Truth::Yes)]
#[case("group:S-1-5-21-500", Truth::Yes)]
#[case("group:S-1-5-21-501", Truth::No)]
// Words of the server.
#[case("state:disc", Truth::Yes)]
#[case("state:D", Truth::Yes)]
#[case("state:C", Truth::No)]
#[case("state:dis*", Truth::Yes)]
#[case("state~^disc", Truth::Yes)]
#[case("state:\"HIBERNATING\"", Truth::No)]
#[case("type:desk", Truth::Yes)]
#[case("client:mac", Truth::Yes)]
#[case("client:web", Truth::No)]
#[case("gwloc:ext", Truth::Yes)]
// Durations.
#[case("idle>4h", Truth::Yes)]
#[case("idle>4h31m", Truth::No)]
#[case("idle>=4h31m", Truth::Yes)]
#[case("idle:4h", Truth::Yes)]
#[case("idle=5h", Truth::No)]
#[case("idle<1d", Truth::Yes)]
#[case("disc<=4h31m14s", Truth::Yes)]
#[case("disc>2d", Truth::No)]
#[case("age>2d", Truth::Yes)]
#[case("age<10m", Truth::No)]
// Versions.
#[case("agent<8.13", Truth::Yes)]
#[case("agent<8.9", Truth::No)]
#[case("agent:8.12", Truth::No)]
#[case("agent:8.12.1", Truth::Yes)]
#[case("agent:8.12*", Truth::Yes)]
#[case("agent:8.12.1-77", Truth::No)]
#[case("agent<8.12.1-77", Truth::No)]
#[case("agent>=8.12.1.0", Truth::Yes)]
#[case("clientver<8.12", Truth::Yes)]
#[case("clientver:8.11", Truth::Yes)]
// What is not known.
#[case("proto:blast", Truth::Unknown)]
#[case("!proto:blast", Truth::Unknown)]
#[case("proto:?", Truth::Yes)]
#[case("!proto:?", Truth::No)]
#[case("user:?", Truth::No)]
#[case("idle:?", Truth::No)]
#[case("name:Alva*", Truth::Unknown)]
#[case("group:finance", Truth::Unknown)]
#[case("proto:blast alva", Truth::Unknown)]
#[case("proto:blast chen", Truth::No)]
#[case("proto:blast | alva", Truth::Yes)]
#[case("! proto:blast", Truth::Unknown)]
#[case("can:logoff", Truth::Unknown)]
#[case("can:?", Truth::Yes)]
#[case("flag:2x", Truth::Unknown)]
#[case("flag:pe", Truth::No)]
#[case("flag:gh", Truth::Unknown)]
// Fuzzy.
#[case("-f alvz", Truth::Yes)]
#[case("-f fnvdi7 mrez", Truth::No)]
#[case("-f fnvdi7 alm", Truth::Yes)]
#[case("! -f alvz", Truth::No)]
#[case("-foo", Truth::No)]
fn a_session_is_judged(#[case] text: &str, #[case] expected: Truth) {
    assert_eq!(truth(text, &sample()), expected, "{text}");
}

#[rstest]
#[case("state:disc")]
#[case("!state:disc")]
#[case("!state:conn")]
#[case("user:alva*")]
#[case("!user:svc-*")]
#[case("!svc")]
#[case("pool:fin-*")]
#[case("farm:x")]
#[case("host:x")]
#[case("gw:x")]
#[case("agent<8.13")]
#[case("idle>4h")]
#[case("!idle>4h")]
#[case("disc<2d")]
#[case("age>1m")]
#[case("flag:pe")]
fn of_a_session_of_which_nothing_is_known_nothing_is_true(#[case] text: &str) {
    assert_eq!(truth(text, &Session::new("x".into())), Truth::Unknown, "{text}");
}

#[test]
fn a_word_that_is_not_understood_is_unknown_and_can_be_asked_for_as_text() {
    let mut session = sample();
    session.state = Some("HIBERNATING".into());
    assert_eq!(truth("state:disc", &session), Truth::Unknown);
    assert_eq!(truth("!state:disc", &session), Truth::Unknown);
    assert_eq!(truth("state:?", &session), Truth::Yes);
    assert_eq!(truth("state:\"hibernating\"", &session), Truth::Yes);
    assert_eq!(truth("state:hib*", &session), Truth::Yes);
    assert_eq!(truth("disc>1h", &session), Truth::Unknown);
}

#[test]
fn only_a_sid_says_nothing_about_the_name() {
    let mut session = sample();
    session.user_name = None;
    assert_eq!(truth("!user:svc-*", &session), Truth::Unknown);
    assert_eq!(truth("!user:S-1-5-21-8", &session), Truth::Yes);
    assert_eq!(truth("user:S-1-5-21-7", &session), Truth::Yes);
}

#[test]
fn who_came_back_is_not_disconnected_any_more() {
    let mut session = sample();
    session.state = Some("CONNECTED".into());
    assert_eq!(truth("disc>4h", &session), Truth::No);
    assert_eq!(truth("idle>4h", &session), Truth::Unknown);
    session.idle_minutes = Some(-5);
    assert_eq!(truth("idle<4h", &session), Truth::Unknown);
    session.idle_minutes = Some(3);
    assert_eq!(truth("idle<4h", &session), Truth::Yes);
}

#[test]
fn a_farm_is_called_by_its_name_only_when_the_name_is_its_own() {
    let mut session = sample();
    session.farm_id = Some("farm-1".into());
    assert_eq!(truth("farm:farm-1", &session), Truth::Yes);
    assert_eq!(truth("farm:fin-vdi", &session), Truth::Unknown);
    session.pool_id = None;
    assert_eq!(truth("farm:fin-vdi", &session), Truth::Yes);
    assert_eq!(truth("farm:other", &session), Truth::No);
}

#[test]
fn durations_are_measured_by_the_clock_of_the_server() {
    let mut session = sample();
    session.state = Some("DISCONNECTED".into());
    session.idle_minutes = None;
    session.disconnected_at = Some(now() - jiff::SignedDuration::from_hours(3));
    let hour = jiff::SignedDuration::from_hours(1);
    let of = |server_time| {
        let table =
            SessionTable::new(vec![session.clone()], now() + hour, true).with_server_time(server_time);
        let filter = Filter::parse("disc>3h30m").unwrap();
        let with = crate::core::table::Surroundings::default();
        filter.matches(&session, &with.context(&table))
    };
    assert_eq!(of(None), Truth::Yes, "this machine is an hour fast, and nobody says so");
    assert_eq!(of(Some(now())), Truth::No);
    assert_eq!(of(Some(now() + hour)), Truth::Yes);
}

#[test]
fn names_flags_duplicates_and_rights_come_from_the_context() {
    let mut other = sample();
    other.id = "2".into();
    let mut pending = sample();
    pending.id = "3".into();
    pending.user_id = Some("S-1-5-21-8".into());
    pending.state = Some("PENDING".into());
    let table = SessionTable::new(vec![sample(), other, pending.clone()], now(), true);
    let mut names = Names::default();
    names.accounts.insert("S-1-5-21-7".into(), "Alvarez, Marta".into());
    names.groups = crate::core::table::testing::group_names("S-1-5-21-500", "CORP\\finance");
    let mut flags = Flags::new();
    flags.insert(SessionId::from("1f6d-7"), BTreeSet::from([Flag::Ghost]));
    let capabilities = Capabilities {
        wire: crate::domain::WireKind::Horizon,
        release: None,
        product_version: None,
        pod: None,
        cluster: None,
        sessions_version: 7,
        server: "cs1".into(),
        events: EventFeed::Available,
        account: Account {
            name: "CORP\\x".into(),
            privileges: Some([("root".into(), vec![Text::clean("MACHINE_REBOOT")])].into()),
            root_group: Some("root".into()),
            ..Account::default()
        },
    };
    let context = Context {
        now: now(),
        capabilities: Some(&capabilities),
        table: Some(&table),
        flags: Some(&flags),
        names: Some(&names),
    };
    let truth = |text: &str, session: &Session| Filter::parse(text).unwrap().matches(session, &context);
    for text in [
        "name:\"Alvarez, *\"",
        "marta",
        "group:fin*",
        "group:corp\\FINANCE",
        "!group:hr",
        // What a word finds does not hang on what was looked up by chance.
        "!finance",
        "flag:2x",
        "flag:dup",
        "!flag:3x",
        "flag:ghost",
        "flag:*",
        "!flag:pr",
        "can:reset",
        "!can:log",
        "!can:logoff-forced",
        "-f marta",
    ] {
        assert_eq!(truth(text, &sample()), Truth::Yes, "{text}");
    }
    assert_eq!(truth("flag:pe !flag:2x", &pending), Truth::Yes);
}

#[rstest]
#[case("stat:disc", 0..4, "there is no field `stat`", "did you mean state?")]
#[case("usr:x", 0..3, "there is no field `usr`", "did you mean user?")]
#[case("a idel>4h", 2..6, "there is no field `idel`", "did you mean idle?")]
#[case("xyzzy:1", 0..5, "there is no field `xyzzy`", "fields: user, name,")]
#[case("state:dicsonnected", 6..18, "`dicsonnected` is none of the values", "did you mean disconnected?")]
#[case("can:res", 4..7, "`res` could mean more than one", "restart or reset")]
#[case("user:", 0..5, "user needs a value", "for example user:alva*")]
#[case("user>3", 4..6, "user has no order", "operators: : ~")]
#[case("idle>4", 5..6, "`4` is no duration", "add a unit: 4m, 4h or 4d")]
#[case("idle>soon", 5..9, "`soon` is no duration", "use numbers with s, m, h, d or w")]
#[case("idle~4", 5..6, "idle is a duration, not a text", "for example idle>4h")]
#[case("agent<new", 6..9, "`new` is no version", "for example agent<8.13")]
#[case("user~(", 5..6, "`(` is no usable regular expression: unclosed group", "for example")]
#[case("user~\\w{1000}{1000}", 5..19, "is too big", "for example")]
#[case("flag:?", 5..6, "a flag is set or not", "flag:* for any")]
#[case("flag:1x", 5..7, "`1x` is none of the values", "valid: 2x")]
#[case("(alva", 0..1, "this parenthesis is never closed", "add )")]
#[case("alva)", 4..5, "this parenthesis closes nothing", "remove it")]
#[case("alva |", 6..6, "a term is missing here", "for example")]
#[case("()", 1..2, "a term is missing here", "for example")]
#[case("| alva", 0..1, "a term is missing here", "for example")]
#[case("user:\"al", 5..8, "this quote is never closed", "add \" at the end")]
#[case("\"a\"b", 3..4, "after a closing quote comes a blank", "doubled")]
#[case("fin(1)", 3..4, "( cannot stand inside a word", "in quotes")]
#[case("alva ! chen", 5..6, "! stands directly before what it negates", "for example")]
#[case("!", 0..1, "the inverse of what?", "for example")]
#[case("  ! ", 2..3, "the inverse of what?", "for example")]
#[case("! stat:x", 2..6, "there is no field `stat`", "state")]
#[case("-f", 2..2, "-f needs a word", "for example")]
#[case("é stat:x", 3..7, "there is no field `stat`", "state")]
fn a_mistake_has_a_place_a_reason_and_a_way_out(
    #[case] text: &str,
    #[case] span: std::ops::Range<usize>,
    #[case] message: &str,
    #[case] suggestion: &str,
) {
    let error = Filter::parse(text).unwrap_err();
    assert_eq!(error.span, span, "{error}");
    assert!(error.message.contains(message), "{error}");
    assert!(error.suggestion.as_deref().unwrap_or_default().contains(suggestion), "{error}");
}

#[test]
fn what_would_cost_too_much_is_refused() {
    assert!(Filter::parse(&"(".repeat(3000)).unwrap_err().message.contains("nested"));
    assert!(Filter::parse(&"a".repeat(5000)).unwrap_err().message.contains("at most"));
    assert!(Filter::parse(&"user~a ".repeat(17)).unwrap_err().message.contains("regular expressions"));
    assert!(Filter::parse(&"!".repeat(4000)).is_err());
    Filter::parse(&format!("{}a", "!".repeat(4000))).unwrap();
}

#[test]
fn a_filter_is_written_as_its_text() {
    let filter = Filter::parse("state:disc  idle>4h").unwrap();
    assert_eq!(filter.to_string(), "state:disc  idle>4h");
    let json = serde_json::to_string(&filter).unwrap();
    assert_eq!(json, "\"state:disc  idle>4h\"");
    assert_eq!(serde_json::from_str::<Filter>(&json).unwrap(), filter);
    assert!(serde_json::from_str::<Filter>("\"stat:disc\"").is_err());
    assert!(Filter::default().is_empty());
}

/// A piece of the language, valid or nearly.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "user:",
            "state:d",
            "idle>",
            "4h",
            "|",
            "(",
            ")",
            "!",
            "\"",
            "~",
            "*",
            "?",
            " ",
            "-f ",
            "agent<8.13",
            "flag:2x",
            "can:",
            "proto:?",
            "[",
            "\\",
            "é",
        ])
        .prop_map(str::to_owned),
        "[a-z]{1,5}",
    ]
}

/// A valid term over fields with different gaps.
fn valid_term() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "user:alva*",
        "chen",
        "state:disc",
        "pool:fin-*",
        "idle>2h",
        "disc<4d",
        "age>1w",
        "agent<8.10",
        "client:mac",
        "flag:2x",
        "flag:pe",
        "proto:?",
        "host:finw11-001",
        "user~z.m$",
        "fin-w11",
        "agent:8.13",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn any_text_is_understood_or_refused_with_a_place(text in any::<String>()) {
        if let Err(error) = Filter::parse(&text) {
            prop_assert!(text.get(error.span).is_some());
        }
        if let Err(error) = EventFilter::parse(&text) {
            prop_assert!(text.get(error.span).is_some());
        }
    }

    #[test]
    fn any_mixture_of_pieces_is_understood_or_refused_with_a_place(
        pieces in prop::collection::vec(piece(), 0..12),
        session in testing::session("s".to_owned()),
    ) {
        let text = pieces.concat();
        match Filter::parse(&text) {
            Ok(filter) => {
                filter.matches(&session, &Context::at(now()));
            }
            Err(error) => {
                prop_assert!(text.get(error.span.clone()).is_some(), "{text:?} {error:?}");
                prop_assert!(!error.message.is_empty());
            }
        }
    }

    #[test]
    fn the_laws_of_logic_hold(
        a in valid_term(),
        b in valid_term(),
        session in testing::session("s".to_owned()),
    ) {
        let table = SessionTable::new(vec![session.clone()], Timestamp::from_second(3_000_000).unwrap(), true);
        let context = Context { table: Some(&table), ..Context::at(table.fetched_at()) };
        let truth = |text: String| Filter::parse(&text).unwrap().matches(&session, &context);
        let (one, two) = (truth(a.clone()), truth(b.clone()));
        prop_assert_eq!(truth(format!("{a} {b}")), one.and(two));
        prop_assert_eq!(truth(format!("{a} | {b}")), one.or(two));
        prop_assert_eq!(truth(format!("!{a}")), !one);
        prop_assert_eq!(truth(format!("! {a} {b}")), truth(format!("!{a} | !{b}")));
        prop_assert_eq!(truth(format!("!({a} | {b})")), truth(format!("!{a} !{b}")));
    }

    #[test]
    fn a_row_is_judged_as_its_session(
        text in valid_term(),
        sessions in testing::sessions(4),
    ) {
        let table = SessionTable::new(sessions, Timestamp::from_second(3_000_000).unwrap(), true);
        let context = Context { table: Some(&table), ..Context::at(table.fetched_at()) };
        let filter = Filter::parse(&text).unwrap();
        let mut evaluator = filter.evaluator(context);
        for (row, session) in (0_u32..).zip(table.iter()) {
            prop_assert_eq!(evaluator.row(&table, row), filter.matches(session, &context));
        }
    }

    #[test]
    fn a_value_finds_itself(value in "[a-zA-Z0-9 ()|.é\"-]{1,12}") {
        let mut session = sample();
        session.pool_name = Some(value.as_str().into());
        let text = format!("pool:{}", complete::quoted_if_needed(&value));
        prop_assert_eq!(truth(&text, &session), Truth::Yes);
    }
}

#[test]
fn a_filter_lasts_when_one_session_alone_can_answer_it() {
    for lasting in ["", "rossi", "state:disc idle>4h", "! pool:fin* | can:logoff", "agent<8.13 !user:?"] {
        assert!(Filter::parse(lasting).unwrap().is_lasting(), "{lasting}");
    }
    for fleeting in ["-f ross", "! -f ross", "state:disc flag:2x", "flag:*", "name:rossi", "group:? | rossi"]
    {
        assert!(!Filter::parse(fleeting).unwrap().is_lasting(), "{fleeting}");
    }
}

#[test]
fn two_filters_are_asked_as_one() {
    let both = |one: &str, other: &str| {
        let (one, other) = (Filter::parse(one).unwrap(), Filter::parse(other).unwrap());
        one.and(&other).map(|both| both.text().to_owned())
    };
    assert_eq!(both("state:disc", "idle>4h").as_deref(), Some("state:disc idle>4h"));
    assert_eq!(both("a|b", "! c d").as_deref(), Some("(a|b) !(c d)"));
    assert_eq!(both("", "a").as_deref(), Some("a"));
    assert_eq!(both("a", "").as_deref(), Some("a"));
    assert_eq!(both("a", "a").as_deref(), Some("a"));
    assert_eq!(both("-f ab", "a"), None);
}

#[test]
fn a_group_is_asked_for_by_name_or_by_sid() {
    for (text, by_name) in [
        ("group:finance", true),
        ("! state:d | (group:fin* idle>4h)", true),
        ("!group~^hr", true),
        ("group:S-1-5-21-500", false),
        ("group:s-1-5-21-*", false),
        ("group:*", false),
        ("group:? | group:-", false),
        ("finance", false),
        ("-f group:finance", false),
    ] {
        assert_eq!(Filter::parse(text).unwrap().asks_group_names(), by_name, "{text}");
    }
    // One session tells its SIDs; what they are called it does not.
    assert!(Filter::parse("group:S-1-5-21-500").unwrap().is_lasting());
    assert!(!Filter::parse("group:finance").unwrap().is_lasting());
}
