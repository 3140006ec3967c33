//! The lists of Workspace at the sizes of `screens.md section 5`, and everything that can stand in them.

use std::sync::Arc;

use insta::assert_snapshot;

use crate::{
    core::{
        cloud::{
            AccessRow, Asked, Builds, CloudList, CloudSheet, OrderRecord, authorize_form, authorize_plan,
            build_form, build_plan, remove_plan, testing,
        },
        events::{OwnRecord, RecordLevel},
        fixtures::workspace_capabilities,
        line_input::LineInput,
        remote::Remote,
        state::{ChangeSheet, Link, Overlay, State, Tab},
    },
    domain::{EventFeed, Fault, FaultKind, JobId, Text, WireKind},
    ui::fixtures::{at, connected, connecting, picture, pictures, sessions, with_sessions},
};

/// The screens of the layout rules; the smallest is the least on which anything is drawn.
pub(super) const SIZES: [(u16, u16); 4] = [(60, 15), (80, 24), (120, 40), (200, 60)];

fn in_the_cloud(mut state: State) -> State {
    state.link = Link::Up(Box::new(workspace_capabilities()));
    state.events.feed = Some(EventFeed::NotOffered);
    state.events.read_at = Some(at("14:02:12"));
    state.cloud.sessions_since = Some("2026-10-22T14:00:00Z".parse().unwrap());
    state
}

pub(super) fn bare(width: u16, height: u16, tab: Tab) -> State {
    let mut state = in_the_cloud(connected(width, height));
    state.tab = tab;
    state
}

fn asked(server: &str, image: &str) -> Asked {
    Asked { server: "is-1".into(), server_name: Some(server.into()), image: image.into(), at: at("13:50:00") }
}

/// What is on record of the builds.
fn record() -> OrderRecord {
    let mut record = OrderRecord::default();
    record.known.insert("697354472828968960".into(), asked("win11-office", "office-2026-11"));
    record.known.insert("697354472828968958".into(), asked("win2022-apps", "apps"));
    record
}

/// The tab of image servers with a build that runs.
fn servers(width: u16, height: u16) -> State {
    let mut state = bare(width, height, Tab::Images);
    state.cloud.servers.load(Arc::new(testing::servers()), at("14:02:11"));
    state.cloud.servers_view.cursor = Some("is-1".into());
    drop(state.cloud.builds.listed(testing::builds(), at("14:02:11")));
    state.cloud.builds.recall(&record());
    state.cloud.builds.list.load(true, at("14:02:11"));
    state
}

fn access(width: u16, height: u16) -> State {
    let mut state = bare(width, height, Tab::Permissions);
    state.cloud.access.load(Arc::new(testing::access()), at("14:02:11"));
    let row = |id: &str| AccessRow::Authorization(id.into());
    state.cloud.access_view.cursor = Some(row("a2"));
    state.cloud.access_view.marks = [row("a1"), row("a3")].into();
    state
}

fn refused() -> Fault {
    Fault {
        status: Some(403),
        wire: WireKind::Workspace,
        needs: Some("workspace:imageServer:list".into()),
        ..Fault::new(FaultKind::InsufficientPermission, "list image servers", "Policy doesn't allow it.")
    }
}

#[test]
fn image_servers_at_every_size() {
    pictures!("servers", servers);
}

#[test]
fn loading_failed_refused_empty_partial_and_old() {
    let mut state = bare(80, 24, Tab::Images);
    state.cloud.servers.ask();
    assert_snapshot!("servers_loading", picture(&state));
    let unreachable = || Fault::new(FaultKind::Unreachable, "list image servers", "no route");
    state.cloud.servers.fail(unreachable(), at("14:02:14"));
    assert_snapshot!("servers_failed", picture(&state));
    let mut state = bare(80, 24, Tab::Images);
    state.cloud.servers.fail(refused(), at("14:02:14"));
    assert_snapshot!("servers_not_permitted", picture(&state));
    let empty = CloudList { rows: Vec::new(), complete: true, unreadable: 0 };
    state.cloud.servers.load(Arc::new(empty), at("14:02:11"));
    assert_snapshot!("servers_empty", picture(&state));
    let mut state = servers(80, 24);
    state.cloud.servers = Remote::Loaded {
        value: Arc::new(CloudList { complete: false, unreadable: 2, ..testing::servers() }),
        at: at("14:02:11"),
    };
    state.cloud.servers.fail(unreachable(), at("14:02:14"));
    assert_snapshot!("servers_old", picture(&state));
}

#[test]
fn a_filter_and_a_mistake_in_one() {
    let mut state = servers(80, 24);
    state.cloud.servers_view.filter = "nothing-like-this".to_owned();
    assert_snapshot!("servers_nothing_matches", picture(&state));
    let mut state = servers(80, 24);
    let error = crate::core::cloud::CloudFilter::parse("staus:active", &["name", "status"]).err();
    state.cloud.servers_view.filter = "staus:active".to_owned();
    state.cloud.servers_view.filter_error = error;
    assert_snapshot!("servers_filter_error", picture(&state));
}

#[test]
fn the_details_of_an_image_server_and_of_one_of_which_little_is_known() {
    for (name, id) in [("known", "is-2"), ("unknown", "is-6"), ("gone", "is-99")] {
        pictures!(format!("server_detail_{name}"), |width, height| {
            let mut state = servers(width, height);
            state.overlays.push(Overlay::Cloud(CloudSheet::Server { server: id.into(), scroll: 0 }));
            state
        });
    }
}

#[test]
fn builds_at_every_size_and_every_standing() {
    pictures!("builds", |width, height| {
        let mut state = servers(width, height);
        state.overlays.push(Overlay::Cloud(CloudSheet::Builds { chosen: None }));
        state
    });
    let mut state = servers(80, 24);
    let chosen = Some("697354472828968958".into());
    state.overlays.push(Overlay::Cloud(CloudSheet::Builds { chosen }));
    assert_snapshot!("builds_failed_one", picture(&state));
    let mut state = servers(80, 24);
    let busy = Fault::new(FaultKind::Throttled, "read a job on images", "slow down");
    state.cloud.builds.looked(&"697354472828968960".into(), Err(busy), at("14:02:12"));
    state.overlays.push(Overlay::Cloud(CloudSheet::Builds { chosen: None }));
    assert_snapshot!("builds_look_failed", picture(&state));
    pictures!("build_detail", |width, height| {
        let mut state = servers(width, height);
        let job = "697354472828968958".into();
        state.overlays.push(Overlay::Cloud(CloudSheet::Build { job, scroll: 0 }));
        state
    });
    let mut state = bare(80, 24, Tab::Images);
    let refused = Fault { needs: Some("workspace:images:listImageJobs".into()), ..refused() };
    state.cloud.builds.list.fail(refused, at("14:02:14"));
    state.overlays.push(Overlay::Cloud(CloudSheet::Builds { chosen: None }));
    assert_snapshot!("builds_not_permitted", picture(&state));
    let mut state = servers(80, 24);
    let busy = || Fault::new(FaultKind::Unreachable, "list jobs on images", "the server is busy");
    state.overlays.push(Overlay::Cloud(CloudSheet::Builds { chosen: None }));
    let known = state.cloud.builds.running();
    state.cloud.builds.list.fail(busy(), at("14:02:14"));
    assert!(picture(&state).contains(&format!("IMAGE BUILDS  {known}+? running")), "{}", picture(&state));
    state.cloud.builds = Builds::default();
    state.cloud.builds.list.fail(busy(), at("14:02:14"));
    assert!(picture(&state).contains("IMAGE BUILDS  ? running"), "none that is known is not none");
    state.overlays.clear();
    assert!(picture(&state).contains("? builds"), "{}", picture(&state));
}

#[test]
fn a_build_of_an_order_without_an_answer_is_said_to_be_perhaps_from_here() {
    let mut state = servers(80, 24);
    let record = OrderRecord { unanswered: vec![asked("win11-cad", "office-2026-11")], ..Default::default() };
    state.cloud.builds = Builds::default();
    drop(state.cloud.builds.listed(testing::builds(), at("14:02:11")));
    state.cloud.builds.recall(&record);
    state.cloud.builds.list.load(true, at("14:02:11"));
    state.overlays.push(Overlay::Cloud(CloudSheet::Builds { chosen: None }));
    assert_snapshot!("builds_perhaps_from_here", picture(&state));
}

#[test]
fn the_number_of_builds_is_on_every_tab_at_every_size() {
    for (width, height) in SIZES {
        for tab in Tab::of(WireKind::Workspace) {
            let mut state = servers(width, height);
            state.sessions = with_sessions(width, height, sessions()).sessions;
            state.tab = *tab;
            assert!(picture(&state).contains("  1 build"), "{tab:?} {width}\n{}", picture(&state));
        }
    }
}

#[test]
fn an_empty_list_of_sessions_names_the_window() {
    let text = picture(&in_the_cloud(with_sessions(80, 24, Vec::new())));
    assert!(text.contains("None that began since 2026-10-22 14:00"), "{text}");
    assert!(text.contains("session_window"), "{text}");
}

#[test]
fn every_command_names_the_profile_that_it_is_for() {
    let server = testing::server("is-1", "win11-office", "ACTIVE");
    let mut form = build_form(&server);
    form.set_text("name", "office 2026 12");
    form.set_text("description", "the one with the new office programs, for the whole of finance");
    let plan = build_plan(&form, &server, Some(&server), "7f3a".into(), at("14:02:20")).unwrap();
    let sheet = ChangeSheet { plan, typed: LineInput::default(), scroll: 99, complaint: None };
    let mut state = servers(80, 24);
    state.settings.named_profile = Some("other cloud".into());
    state.overlays.push(Overlay::Change(Box::new(sheet)));
    assert_snapshot!("build_sheet_of_a_profile", picture(&state));
}

#[test]
fn the_profile_says_which_wire_it_is_before_anybody_answers() {
    let mut state = connecting(80, 24);
    state.settings.wire = WireKind::Workspace;
    assert_snapshot!("connecting_80x24", picture(&state));
    state.screen.width = 200;
    let wide = picture(&state);
    assert!(!wide.contains("GATEWAY") && !wide.contains("m msg"), "{wide}");
    state.tab = Tab::Images;
    assert!(picture(&state).contains("[3 Image servers]"), "{}", picture(&state));
}

fn refused_signature() -> Fault {
    Fault {
        status: Some(401),
        wire: WireKind::Workspace,
        ..Fault::new(
            FaultKind::Unauthenticated,
            "list sessions",
            "signature refused: nothing more is sent; check the secret key, then start again (access key AK1: no)",
        )
    }
}

#[test]
fn a_refused_signature_says_that_nothing_more_is_sent_and_what_to_do() {
    let refused = refused_signature();
    let mut state = in_the_cloud(with_sessions(80, 24, sessions()));
    state.sessions.table.fail(refused.clone(), at("14:02:14"));
    assert_snapshot!("signature_refused_80x24", picture(&state));
    let mut state = bare(80, 24, Tab::Images);
    state.cloud.servers.fail(refused, at("14:02:14"));
    let text = picture(&state);
    assert!(text.contains("signature refused") && !text.contains("tries again"), "{text}");
    let mut state = servers(80, 24);
    state.sessions.table.fail(refused_signature(), at("14:02:14"));
    state.overlays.push(Overlay::Cloud(CloudSheet::Builds { chosen: None }));
    assert_snapshot!("builds_nothing_sent_any_more", picture(&state));
}

#[test]
fn own_records_have_the_letters_of_the_wire() {
    let mut state = bare(80, 24, Tab::Images);
    state.events.record(OwnRecord {
        time: at("14:02:14"),
        level: RecordLevel::Warning,
        text: "JOB 1 waiting: the gateway asked to slow down".into(),
        job: Some(JobId(1)),
        session: None,
    });
    assert!(picture(&state).contains("WS W JOB 1  waiting: the gateway"), "{}", picture(&state));
}

#[test]
fn the_form_of_a_build_and_its_sheet() {
    let server = testing::server("is-1", "win11-office", "ACTIVE");
    let mut form = build_form(&server);
    form.set_text("name", " office<");
    for (key, words) in crate::core::cloud::build_errors(&form) {
        form.set_error(key, words);
    }
    form.preview = crate::core::cloud::build_preview(&form, &server);
    let mut state = servers(80, 24);
    state.overlays.push(Overlay::Form(Box::new(form.clone())));
    assert_snapshot!("build_form", picture(&state));
    form.set_text("name", "office-2026-12");
    let plan = build_plan(&form, &server, Some(&server), "7f3a".into(), at("14:02:20")).unwrap();
    let sheet = ChangeSheet { plan, typed: LineInput::default(), scroll: 0, complaint: None };
    pictures!("build_sheet", |width, height| {
        let mut state = servers(width, height);
        state.overlays.push(Overlay::Change(Box::new(sheet.clone())));
        state
    });
}

#[test]
fn the_form_of_an_authorization_and_the_sheets_of_both_changes() {
    let book = testing::access();
    let mut form = authorize_form(&book, &"g1".into());
    form.set_text("account", "KAYA, weber o'neill");
    form.set_text("domain", "corp.example");
    let mut state = access(80, 24);
    state.overlays.push(Overlay::Form(Box::new(form.clone())));
    assert_snapshot!("authorize_form", picture(&state));
    let added = authorize_plan(&book, &form, &"g1".into(), "7f3a".into(), at("14:02:20")).unwrap();
    let row = |id: &str| AccessRow::Authorization(id.into());
    let taken = remove_plan(&book, &[row("a1"), row("a2"), row("a9")], 0, "7f3b".into(), at("14:02:20"));
    for (name, plan) in [("authorize", added), ("take", taken)] {
        let sheet = ChangeSheet { plan, typed: LineInput::default(), scroll: 0, complaint: None };
        let mut state = access(80, 24);
        state.overlays.push(Overlay::Change(Box::new(sheet)));
        assert_snapshot!(format!("{name}_sheet_80x24"), picture(&state));
    }
}

#[test]
fn app_groups_at_every_size_and_their_details() {
    pictures!("access", access);
    for (name, row) in
        [("group", AccessRow::Group("g1".into())), ("account", AccessRow::Authorization("a4".into()))]
    {
        pictures!(format!("access_detail_{name}"), |width, height| {
            let mut state = access(width, height);
            state.overlays.push(Overlay::Cloud(CloudSheet::Access { row: row.clone(), scroll: 0 }));
            state
        });
    }
}

#[test]
fn the_name_of_a_user_is_whole_before_anything_of_the_domain_is_shown() {
    let at_domain = |domains: [&str; 2]| {
        let mut list = sessions();
        for (session, domain) in list.iter_mut().zip(domains.iter().cycle()) {
            session.user_name = session.login().map(|login| Text::clean(&format!("{login}@{domain}")));
        }
        picture(&in_the_cloud(with_sessions(80, 24, list)))
    };
    assert_snapshot!("users_of_one_domain", at_domain(["corp.example"; 2]));
    assert_snapshot!("users_of_two_domains", at_domain(["corp.example", "partner.example"]));
}

#[test]
fn sessions_say_from_when_on_they_are_listed() {
    pictures!("sessions", |width, height| in_the_cloud(with_sessions(width, height, sessions())));
}
