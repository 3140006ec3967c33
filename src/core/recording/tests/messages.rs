//! Every kind of message comes back from its line, and its names do not get there.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::{
    bulk::{JobEvent, Look, Stage, Wait},
    cloud::{self, CloudMsg},
    effect::RequestId,
    fixtures, images,
    msg::{Interrupted, RecordsMsg},
    permissions,
    pressure::Pressure,
    state::{FrameMeasure, ScreenSize},
    table::GroupNames,
};
use crate::domain::{
    AuditEvent, EventFeed, EventId, Federation, JobId, Outcome, Pod, Principal, PrincipalKind, Text,
};

use super::*;

const ASKED: RequestId = RequestId(3);
const JOB: JobId = JobId(4);

fn fault() -> Fault {
    Fault::new(FaultKind::Unexpected, "list sessions", "zacharias is not on xanadu.example")
}

fn principal() -> Principal {
    let name = |text: &str| Some(Text::clean(text));
    Principal {
        id: "S-1-5-21-77-88".into(),
        kind: PrincipalKind::User,
        name: name("XANADU\\zacharias"),
        full_name: name("Zacharias, Xenia"),
        description: name("the account of Zacharias"),
        groups: Some(vec!["S-1-5-21-77-99".into()]),
    }
}

fn event() -> AuditEvent {
    AuditEvent {
        id: EventId(8),
        time: Some(fixtures::start()),
        severity: Some("INFO".into()),
        kind: Some("AGENT_CONNECTED".into()),
        module: Some("Agent".into()),
        message: Some("User XANADU\\zacharias has logged in to machine XANADU-1".into()),
        written_by: Some("xanadu-cs1".into()),
        user_id: Some("S-1-5-21-77-88".into()),
        machine_id: Some("vm-xanadu".into()),
        pool_name: Some("xanadu".into()),
        application_pool_name: None,
    }
}

fn federation() -> Federation {
    let pod = Pod {
        id: "xanadu".into(),
        name: Some("xanadu".into()),
        description: Some("in the cellar of Zacharias".into()),
        site: Some("xanadu".into()),
        local: true,
        health: Some("OK".into()),
    };
    Federation { name: Some("xanadu".into()), pods: vec![pod] }
}

fn of_sessions() -> Vec<Msg> {
    let table = Arc::new(SessionTable::new(people(), fixtures::start(), true));
    let capabilities = || Box::new(fixtures::capabilities());
    vec![
        Msg::Tick(fixtures::start()),
        Msg::Key(Key::char('j')),
        Msg::Measured(FrameMeasure { shown_after_ms: Some(3), ..FrameMeasure::default() }),
        Msg::Paste(String::new()),
        Msg::Resized(ScreenSize { width: 100, height: 30 }),
        Msg::Connected(capabilities()),
        Msg::ConnectFailed(fault()),
        Msg::CapabilitiesChanged(capabilities()),
        Msg::RightsRead { request: ASKED, answer: Ok(capabilities()) },
        Msg::RightsRead { request: ASKED, answer: Err(fault()) },
        Msg::SessionsProgressed { request: ASKED, received: 3, total: Some(5) },
        Msg::SessionsGlimpsed { request: ASKED, table: Arc::clone(&table) },
        Msg::SessionsLoaded { request: ASKED, table: Arc::clone(&table), unreadable: 1 },
        Msg::SessionsFailed { request: ASKED, fault: fault() },
        Msg::RowsJudged { request: ASKED },
        Msg::SessionsRenewed { request: ASKED, of: Arc::clone(&table), answer: Ok(Some(Arc::clone(&table))) },
        Msg::SessionsRenewed { request: ASKED, of: table, answer: Err(fault()) },
        Msg::EventsLoaded {
            request: ASKED,
            events: vec![event()],
            feed: EventFeed::Available,
            truncated: true,
            unreadable: 2,
        },
        Msg::EventsFailed { request: ASKED, fault: fault() },
        Msg::FederationRead { request: ASKED, answer: Ok(Some(Arc::new(federation()))) },
        Msg::PressureChanged(Pressure::default()),
        Msg::Terminated,
    ]
}

fn of_jobs() -> Vec<Msg> {
    let name = || Text::clean("zacharias");
    let told = |event| Msg::JobProgressed { job: JOB, event };
    let until = fixtures::start();
    let looks = vec![
        ("1".into(), Look::Gone),
        ("2".into(), Look::There(Box::new(people().remove(0)))),
        ("3".into(), Look::Unread(name())),
    ];
    let left = Interrupted {
        journal: "20260302T140220Z-7f3a".into(),
        plan: "7f3a".into(),
        verb: "logoff".into(),
        unsent: 1,
        unanswered: 2,
        to_confirm: 3,
    };
    vec![
        Msg::JobReadAgain { job: JOB, answer: Ok(looks) },
        told(JobEvent::Sent { targets: vec![0, 1] }),
        told(JobEvent::Settled { outcomes: vec![(0, Outcome::Confirmed), (1, Outcome::HeldBack(name()))] }),
        told(JobEvent::Created { ids: vec![(0, "xanadu".to_owned())] }),
        told(JobEvent::Entered(Stage::Confirming { until, canary: false })),
        told(JobEvent::Entered(Stage::Outage { until, given_up_at: until, why: name() })),
        told(JobEvent::Waiting(Wait { until, why: name() })),
        told(JobEvent::Resumed),
        told(JobEvent::Finished { stopped: true, fault: Some(fault()) }),
        Msg::JobsInterrupted(vec![left]),
        Msg::Records(RecordsMsg::Listed { request: ASKED, estate: name(), answer: Err(fault()) }),
        Msg::Records(RecordsMsg::Opened { job: JOB, journal: "20260302T140220Z-7f3a".to_owned() }),
        Msg::Records(RecordsMsg::Amended { job: JOB, answer: Err(name()) }),
        Msg::FileWritten { answer: Ok(Text::clean("/home/zacharias/x.txt")) },
        Msg::RecordingEnded(Text::clean("the recording /home/zacharias/x.jsonl: no space left")),
        Msg::ReportWritten { job: Some(JOB), answer: Err(name()) },
        Msg::PlanSaved { plan: "7f3a".into(), answer: Ok(Text::clean("7f3a")) },
        Msg::CannotRecord(name()),
    ]
}

fn of_books() -> Vec<Msg> {
    let attributes: BTreeMap<Text, Text> = [("UserDisplayName".into(), "XANADU\\zacharias".into())].into();
    let groups: BTreeMap<String, Vec<String>> =
        [("XANADU\\vip".to_owned(), vec!["S-1-5-21-77-99".to_owned()])].into();
    let cloud = |told| Msg::Cloud(told);
    vec![
        Msg::PermissionsRead { request: ASKED, answer: Ok(Arc::new(permissions::fixtures::book())) },
        Msg::ImagesRead { request: ASKED, answer: Ok(Arc::new(images::testing::book())) },
        Msg::PrincipalsFound { request: ASKED, answer: Ok(vec![principal()]) },
        Msg::PrincipalsRead { request: ASKED, answer: Ok(vec![principal()]) },
        Msg::EventAttributesRead { request: ASKED, answer: Ok(attributes) },
        Msg::UserSessionsRead {
            request: ASKED,
            answer: Ok(vec![fixtures::session("s-elsewhere", "zacharias", SessionState::Connected, 3)]),
        },
        Msg::ProtectedGroupsFound { found: groups, unfound: vec!["no group zacharias".into()], again: true },
        cloud(CloudMsg::SessionsSince(fixtures::start())),
        cloud(CloudMsg::ServersRead { request: ASKED, answer: Ok(Arc::new(cloud::testing::servers())) }),
        cloud(CloudMsg::AccessRead { request: ASKED, answer: Ok(Arc::new(cloud::testing::access())) }),
        cloud(CloudMsg::AppServersRead {
            request: ASKED,
            answer: Ok(Arc::new(cloud::testing::app_servers())),
        }),
        cloud(CloudMsg::BuildsRead {
            request: ASKED,
            record: Box::default(),
            answer: Ok(Box::new(cloud::testing::builds())),
        }),
        cloud(CloudMsg::BuildRead { job: "xanadu".into(), answer: Err(fault()) }),
    ]
}

/// What kind it is. Whoever adds a kind adds an example of it above.
fn kind(message: &Msg) -> &'static str {
    macro_rules! kinds {
        ($($kind:ident),+) => { match message { $(Msg::$kind { .. } => stringify!($kind),)+ } };
    }
    kinds!(
        Tick,
        Key,
        Measured,
        Paste,
        Resized,
        Connected,
        ConnectFailed,
        CapabilitiesChanged,
        RightsRead,
        SessionsProgressed,
        SessionsGlimpsed,
        SessionsLoaded,
        SessionsFailed,
        RowsJudged,
        PlanMade,
        SessionsRenewed,
        EventsLoaded,
        EventsFailed,
        JobReadAgain,
        FileWritten,
        RecordingEnded,
        ReportWritten,
        FederationRead,
        PermissionsRead,
        ImagesRead,
        PrincipalsFound,
        PrincipalsRead,
        EventAttributesRead,
        UserSessionsRead,
        JobProgressed,
        JobsInterrupted,
        Cloud,
        Records,
        PlanSaved,
        CannotRecord,
        ProtectedGroupsFound,
        PressureChanged,
        Terminated
    )
}

#[test]
fn every_kind_comes_back_and_brings_no_name() {
    let messages = [of_sessions(), of_jobs(), of_books()].concat();
    let kinds: BTreeSet<&str> = messages.iter().map(kind).collect();
    // A plan of many targets is made again from the state: it is in no line.
    assert_eq!(kinds.len(), 37, "{kinds:?}");
    for message in messages {
        let plain = mask(&message, &mut None).unwrap();
        assert_eq!(serde_json::from_value::<Msg>(plain).unwrap(), message);
        let masked = mask(&message, &mut Some(Scrambler::new(&KEY))).unwrap();
        let text = masked.to_string().to_lowercase();
        for name in ["zacharias", "xanadu", "xenia", "alvarez", "corp\\", "-77-", "finw11"] {
            assert!(!text.contains(name), "{name} in {masked}");
        }
        let other: Msg = serde_json::from_value(masked).unwrap();
        assert_eq!(kind(&other), kind(&message));
    }
}

#[test]
fn words_of_the_server_come_through() {
    let read = |message: &Msg| -> Msg {
        serde_json::from_value(mask(message, &mut Some(Scrambler::new(&KEY))).unwrap()).unwrap()
    };
    let book = cloud::testing::app_servers();
    let told = Msg::Cloud(CloudMsg::AppServersRead { request: ASKED, answer: Ok(Arc::new(book.clone())) });
    let Msg::Cloud(CloudMsg::AppServersRead { answer: Ok(other), .. }) = read(&told) else { panic!() };
    for (one, other) in book.rows.iter().zip(&other.rows) {
        assert_eq!(
            (&one.status, &one.os_type, one.maintenance),
            (&other.status, &other.os_type, other.maintenance)
        );
        assert!(one.name.is_none() || one.name != other.name);
    }
    let told = Msg::Connected(Box::new(fixtures::capabilities()));
    let Msg::Connected(other) = read(&told) else { panic!() };
    let privileges = other.account.privileges.as_ref().unwrap();
    // The group has another name, and is the root all the same.
    assert_eq!(privileges.keys().next(), other.account.root_group.as_ref());
    assert_eq!(privileges.values().next().unwrap(), &vec![Text::clean("ADMINISTRATOR")]);
}

#[test]
fn a_filter_finds_a_group_by_its_stand_in() {
    let mut scrambler = Some(Scrambler::new(&KEY));
    let mut scrambled =
        |message: &Msg| -> Msg { serde_json::from_value(mask(message, &mut scrambler).unwrap()).unwrap() };
    let group = Principal { name: Some("XANADU\\zacharias-team".into()), ..principal() };
    let told = scrambled(&Msg::PrincipalsRead { request: ASKED, answer: Ok(vec![group]) });
    let Msg::PrincipalsRead { answer: Ok(found), .. } = told else { panic!() };
    let mut names = GroupNames::default();
    names.learn(&[found[0].id.clone()], &found);
    let label = names.label(found[0].id.raw()).unwrap().to_owned();
    assert!(label.contains('-') && !label.contains("zacharias"), "{label}");
    let typed = super::super::expression::filter(&mut Scrambler::new(&KEY), "group:zacharias-team");
    assert_eq!(typed, format!("group:{label}"));
}
