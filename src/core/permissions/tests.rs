//! The matrix, the rows, the answers and the plans, over one book of permissions.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use rstest::rstest;

use super::{
    can::{Place, Question, Verdict, answer, in_rights, place, with_server},
    fixtures::{book, permission, role},
    guard::Me,
    matrix::{HeldPrivilege, held, matrix},
    plans::{PlanBasis, Terms, create, delete, replace},
    walk::Membership,
    *,
};
use crate::{
    core::{
        filter::{PermissionFilter, Truth},
        fixtures::session,
        table::SessionTable,
    },
    domain::{
        Account, Change, Fault, FaultKind, PermissionBook, PermissionId, PrincipalKind, PrivilegeInfo,
        SessionState, Text,
    },
};

fn letters(book: &PermissionBook, role: &str) -> String {
    matrix(book, Some(&role.into())).iter().map(Grant::letter).collect()
}

#[rstest]
#[case("admins", "YYYYYY")]
#[case("helpdesk", "YY----")]
#[case("inventory", "YYYY--")]
#[case("sessions", "YY----")]
#[case("readonly", "------")]
#[case("global", "FFF---")]
#[case("config", "----Y-")]
#[case("no-such-role", "??????")]
fn the_matrix_follows_the_privileges(#[case] role: &str, #[case] expected: &str) {
    assert_eq!(letters(&book(), role), expected);
}

#[test]
fn a_cell_names_the_privilege_or_what_is_missing() {
    let book = book();
    let cells = matrix(&book, Some(&"inventory".into()));
    assert_eq!(cells[3], Grant::Yes("POOL_MANAGEMENT".into()));
    assert_eq!(cells[5], Grant::No("GLOBAL_PERMISSION_MANAGEMENT".into()));
    let cells = matrix(&book, Some(&"helpdesk".into()));
    assert_eq!(cells[3], Grant::No("POOL_SVI_IMAGE_MANAGEMENT or POOL_MANAGEMENT".into()));
}

#[test]
fn privileges_bring_others_along_where_the_server_tells() {
    let mut book = book();
    let area = role("area", "Area", None, &["INVENTORY_ADMINISTRATOR"]);
    if let Ok(roles) = &mut book.roles {
        roles.push(area.clone());
        roles.push(role("looks", "Looks", None, &["INVENTORY_ADMINISTRATOR_VIEW"]));
    }
    assert_eq!(letters(&book, "area"), "??????", "nothing is told of what it holds");
    assert_eq!(letters(&book, "looks"), "------", "looking changes nothing");
    let info = |name: &str, below: &[&str]| PrivilegeInfo {
        name: name.into(),
        sub_privileges: below.iter().map(|name| Text::clean(name)).collect(),
    };
    book.privileges = Ok(vec![
        info("INVENTORY_ADMINISTRATOR", &["MACHINE_MANAGEMENT", "INVENTORY_ADMINISTRATOR"]),
        info("MACHINE_MANAGEMENT", &["MACHINE_REBOOT"]),
    ]);
    assert_eq!(letters(&book, "area"), "--Y---");
    let reboot =
        HeldPrivilege { name: "MACHINE_REBOOT".into(), through: Some("INVENTORY_ADMINISTRATOR".into()) };
    assert!(held(&book, &area).unwrap().contains(&reboot));
    assert_eq!(
        matrix(&book, Some(&"area".into()))[2],
        Grant::Yes("MACHINE_REBOOT (comes with INVENTORY_ADMINISTRATOR)".into())
    );
}

#[test]
fn roles_that_could_not_be_read_leave_everything_open() {
    let mut book = book();
    book.roles = Err(Fault::new(FaultKind::InsufficientPermission, "list roles", "needs GLOBAL_ROLE_VIEW"));
    assert_eq!(letters(&book, "admins"), "??????");
    let row = PermissionRow::new(&book, &book.permissions[3]);
    assert_eq!((row.role.as_str(), row.custom, row.flags), ("admins", None, Vec::new()));
}

#[rstest]
#[case(Regroup::Principal, &["p3", "p2", "p4", "p6", "p1", "p5"])]
#[case(Regroup::Role, &["p4", "p1", "p6", "p2", "p5", "p3"])]
#[case(Regroup::AccessGroup, &["p3", "p2", "p5", "p4", "p6", "p1"])]
fn rows_are_grouped(#[case] group: Regroup, #[case] expected: &[&str]) {
    let book = book();
    let rows = rows(&book, group, &PermissionFilter::default());
    let ids: Vec<&str> = rows.iter().map(|row| row.permission.id.raw()).collect();
    assert_eq!(ids, expected);
}

#[test]
fn flags_tell_the_dead_and_the_direct_administrators() {
    let book = book();
    let flags = |id: &str| PermissionFlag::of(&book, book.permission(&id.into()).unwrap());
    assert_eq!(flags("p5"), [PermissionFlag::Dead]);
    assert_eq!(flags("p4"), [PermissionFlag::DirectAdministrator]);
    assert_eq!(flags("p1"), []);
    let mut by_sid = permission("p8", "S-1-5-7", Some("s-1-5-7"), PrincipalKind::Unknown, "readonly", "root");
    assert!(is_dead(&book, &by_sid), "a SID instead of a name");
    by_sid.principal_name = Some("CORP\\x".into());
    assert!(!is_dead(&book, &by_sid));
}

#[test]
fn without_a_look_up_nobody_is_dead() {
    let mut book = book();
    book.names = Err(Fault::new(FaultKind::Unreachable, "look up users and groups", "away"));
    for permission in &mut book.permissions {
        permission.principal_name = None;
        permission.principal_kind = PrincipalKind::Unknown;
    }
    for permission in &book.permissions {
        assert_eq!(PermissionFlag::of(&book, permission), []);
    }
}

// Questions

fn somebody(sids: &[&str], doubt: Option<&str>) -> Membership {
    Membership {
        label: "CORP\\t.lee".into(),
        id: "S-1-5-21-70".into(),
        ids: sids.iter().chain(&["S-1-5-21-70"]).map(|sid| ((*sid).into(), Text::clean(sid))).collect(),
        doubt: doubt.map(Text::clean),
        unresolved: false,
    }
}

fn table() -> SessionTable {
    let mut sessions = vec![
        session("1", "chen.w", SessionState::Connected, 3),
        session("2", "baker.j", SessionState::Connected, 3),
        session("3", "baker.j", SessionState::Connected, 3),
        session("4", "nobody", SessionState::Connected, 3),
        session("5", "rds.user", SessionState::Connected, 3),
    ];
    sessions[2].access_group_id = Some("apac".into());
    sessions[2].pool_name = Some("apac-w11".into());
    sessions[3].access_group_id = None;
    sessions[3].pool_name = Some("hidden-pool".into());
    sessions[4].rds_server_id = Some("rds-1".into());
    sessions[4].farm_id = Some("farm-1".into());
    sessions[4].pool_id = None;
    sessions[4].pool_name = Some("fin-farm".into());
    SessionTable::new(sessions, Timestamp::UNIX_EPOCH, true)
}

fn asked(line: &str, who: &Membership) -> (Truth, String) {
    let (book, table) = (book(), table());
    let question = Question::parse(line).unwrap();
    let place = place(&question, &book, Some(&table));
    let verdict = answer(&question, &book, who, &place);
    (verdict.answer, verdict.reasons.iter().map(Text::as_str).collect::<Vec<_>>().join(" | "))
}

#[rstest]
// Through the inventory administrators of finance.
#[case(&["S-1-5-21-2"], "t.lee reset fin-w11", Truth::Yes, "CORP\\fin-it-leads as Inventory Administrators on Finance (a group of theirs), by MACHINE_REBOOT")]
#[case(&["S-1-5-21-2"], "t.lee reset apac-w11", Truth::No, "granted on Finance, apac-w11 is in APAC")]
#[case(&["S-1-5-21-2"], "t.lee logoff baker.j", Truth::No, "not for all of it")]
#[case(&["S-1-5-21-2"], "t.lee logoff Finance", Truth::Yes, "MACHINE_MANAGE_VDI_SESSION")]
#[case(&["S-1-5-21-2"], "t.lee push fin-w11", Truth::Yes, "POOL_MANAGEMENT")]
#[case(&["S-1-5-21-2"], "t.lee manage permissions", Truth::No, "needs GLOBAL_PERMISSION_MANAGEMENT")]
#[case(&["S-1-5-21-2"], "t.lee reset hidden-pool", Truth::Unknown, "access group is not told")]
#[case(&["S-1-5-21-2"], "t.lee reset no-such-pool", Truth::Unknown, "no session in the list belongs to no-such-pool, and no pool or access group")]
#[case(&["S-1-5-21-2"], "t.lee reset fin-farm", Truth::No, "RDS servers: nobody may reset those")]
#[case(&["S-1-5-21-2"], "t.lee logoff farm:fin-farm", Truth::Yes, "fin-farm is a farm with 1 session")]
// Not even a grant on the root group says yes about something that may be a slip, or on another pod.
#[case(&["S-1-5-21-1"], "t.lee logoff no-such-pool", Truth::Unknown, "no session in the list belongs to no-such-pool, and no pool or access group")]
#[case(&["S-1-5-21-1"], "t.lee reset FINW11-1", Truth::No, "lacks MACHINE_REBOOT")]
#[case(&[], "t.lee message fin-w11", Truth::No, "neither CORP\\t.lee nor a group of theirs has a permission")]
#[case(&["S-1-5-21-4"], "t.lee create images", Truth::Yes, "by ADMINISTRATOR")]
fn questions_are_answered(
    #[case] groups: &[&str],
    #[case] line: &str,
    #[case] expected: Truth,
    #[case] words: &str,
) {
    let (truth, reasons) = asked(line, &somebody(groups, None));
    assert_eq!(truth, expected, "{reasons}");
    assert!(reasons.contains(words), "{reasons}");
}

#[test]
fn unknown_groups_turn_a_no_into_unknown_but_leave_a_yes() {
    let doubt = Some("group membership is not told by this server");
    let (truth, reasons) = asked("t.lee reset fin-w11", &somebody(&[], doubt));
    assert_eq!(truth, Truth::Unknown);
    assert!(reasons.contains("only direct permissions were looked at"), "{reasons}");
    assert_eq!(asked("t.lee reset fin-w11", &somebody(&["S-1-5-21-2"], doubt)).0, Truth::Yes);
}

#[test]
fn federated_privileges_count_for_sessions_of_the_federation_only() {
    let mut book = book();
    book.permissions = vec![permission("p1", "S-1-5-21-70", None, PrincipalKind::User, "global", "root")];
    let question = Question::parse("t.lee reset fin-w11").unwrap();
    let place = place(&question, &book, Some(&table()));
    let verdict = answer(&question, &book, &somebody(&[], None), &place);
    assert_eq!(verdict.answer, Truth::Unknown);
    assert!(verdict.reasons[0].as_str().contains("global entitlement"), "{:?}", verdict.reasons);
}

#[test]
fn a_name_for_several_things_has_to_be_qualified() {
    let book = book();
    let mut other = session("9", "fin-w11", SessionState::Connected, 1);
    other.access_group_id = Some("apac".into());
    other.pool_name = Some("apac-w11".into());
    let table = SessionTable::new(
        vec![session("1", "x", SessionState::Connected, 1), other],
        Timestamp::UNIX_EPOCH,
        true,
    );
    let at = |target: &str| place(&Question::new("x", "reset", target).unwrap(), &book, Some(&table));
    assert!(matches!(at("fin-w11"), Place::Unknown(why) if why.as_str().contains("more than one thing")));
    assert!(matches!(at("pool:fin-w11"), Place::Groups { .. }));
    assert!(matches!(at("user:fin-w11"), Place::Groups { .. }));
    assert!(matches!(at("session:9"), Place::Groups { .. }));
}

#[test]
fn a_pool_is_found_by_either_name_and_a_shared_name_is_told() {
    let mut book = book();
    let asked = |line: &str, book: &PermissionBook, table: &SessionTable| {
        place(&Question::parse(line).unwrap(), book, Some(table))
    };
    // Sessions show the display name only.
    let mut shown = session("1", "x", SessionState::Connected, 1);
    shown.pool_id = Some("pool-fin".into());
    shown.pool_name = Some("Finance".into());
    let table = SessionTable::new(vec![shown], Timestamp::UNIX_EPOCH, true);
    assert!(matches!(asked("x reset fin-w11", &book, &table), Place::Unknown(_)));
    book.pools.as_mut().unwrap().push(crate::domain::PoolNames {
        id: "pool-fin".into(),
        name: Some("fin-w11".into()),
        display_name: Some("Finance".into()),
        access_group: None,
        kind: None,
    });
    assert!(matches!(asked("x reset fin-w11", &book, &table),
        Place::Groups { what, .. } if what == "fin-w11 is a pool with 1 session"));
    // The access group and the pool on it are called the same: both are named.
    let Place::Groups { what, groups, .. } = asked("x reset Finance", &book, &table) else { panic!() };
    assert_eq!(what, "Finance is an access group; Finance is a pool with 1 session; all of it in one place");
    assert_eq!(groups.len(), 1);
    // A pool without a session is where the list of pools says.
    assert!(matches!(asked("x reset Payroll", &book, &table),
        Place::Groups { what, .. } if what == "Payroll is a pool without a session in the list"));
    book.pools = None;
    assert!(matches!(asked("x reset Payroll", &book, &table),
        Place::Unknown(why) if why.as_str().ends_with("the names of the pools could not be read")));
}

#[test]
fn what_stands_on_another_pod_is_not_known() {
    let book = book();
    let mut far = session("1", "far.user", SessionState::Connected, 1);
    far.pod_id = Some("lon1".into());
    far.machine_name = Some("LON-1".into());
    let mut named = session("2", "x", SessionState::Connected, 1);
    named.pod_id = Some("lon1".into());
    named.pool_name = Some("Finance".into());
    let table = SessionTable::new(vec![far, named], Timestamp::UNIX_EPOCH, true);
    for target in ["user:far.user", "machine:LON-1", "Finance"] {
        let place = place(&Question::new("x", "reset", target).unwrap(), &book, Some(&table));
        assert!(matches!(place, Place::Unknown(_)), "{target}: {place:?}");
    }
}

#[rstest]
#[case("t.lee reset", "three words are needed")]
#[case("t.lee resett fin-w11", "nearest is reset")]
#[case("t.lee delete fin-w11", "goes with images or permissions")]
#[case("\"t.lee reset fin-w11", "a quote is never closed")]
fn wrong_questions_say_what_would_be_right(#[case] line: &str, #[case] words: &str) {
    let error = Question::parse(line).unwrap_err();
    assert!(error.as_str().contains(words), "{error}");
    assert_eq!(Question::parse("\"CORP\\svc a\" reset \"Root (all)\"").unwrap().principal, "CORP\\svc a");
}

/// What the server works out for somebody.
fn rights(grants: &[(&str, &[&str])]) -> Account {
    let names = |names: &[&str]| names.iter().map(|name| Text::clean(name)).collect();
    let privileges = grants.iter().map(|(group, given)| ((*group).into(), names(given))).collect();
    Account { privileges: Some(privileges), root_group: Some("root".into()), ..Account::default() }
}

#[rstest]
#[case(&[("root", &["MACHINE_REBOOT"][..])], "x reset apac-w11", Truth::Yes)]
#[case(&[("finance", &["MACHINE_REBOOT"][..])], "x reset fin-w11", Truth::Yes)]
#[case(&[("finance", &["MACHINE_REBOOT"][..])], "x reset apac-w11", Truth::No)]
#[case(&[("finance", &["MACHINE_REBOOT"][..])], "x reset no-such-pool", Truth::Unknown)]
#[case(&[("finance", &["MACHINE_VIEW"][..])], "x reset no-such-pool", Truth::No)]
#[case(&[("root", &["ADMINISTRATOR"][..])], "x manage images", Truth::Yes)]
#[case(&[("root", &["FEDERATED_SESSIONS_MANAGE"][..])], "x reset fin-w11", Truth::Unknown)]
#[case(&[("root", &["ADMINISTRATOR"][..])], "x reset fin-farm", Truth::No)]
fn the_servers_own_view_is_read(
    #[case] grants: &[(&str, &[&str])],
    #[case] line: &str,
    #[case] expected: Truth,
) {
    let question = Question::parse(line).unwrap();
    let place = place(&question, &book(), Some(&table()));
    assert_eq!(in_rights(&question, &rights(grants), &place), Some(expected));
    assert_eq!(in_rights(&question, &Account::default(), &place), None, "it does not always tell");
}

#[rstest]
#[case(Truth::No, None, Truth::No, "mine")]
#[case(Truth::No, Some(Truth::No), Truth::No, "mine")]
#[case(Truth::Unknown, Some(Truth::Yes), Truth::Yes, "yes, as the server itself works it out")]
#[case(Truth::Yes, Some(Truth::Unknown), Truth::Yes, "mine")]
#[case(Truth::Yes, Some(Truth::No), Truth::Unknown, "mine")]
fn two_views_become_one_answer(
    #[case] own: Truth,
    #[case] server: Option<Truth>,
    #[case] expected: Truth,
    #[case] first: &str,
) {
    let verdict = with_server(Verdict { answer: own, reasons: vec!["mine".into()] }, server);
    assert_eq!(verdict.answer, expected);
    assert!(verdict.reasons[0].as_str().starts_with(first), "{:?}", verdict.reasons);
}

// Plans

fn basis<'a>(book: &'a PermissionBook, account: &'a Account) -> PlanBasis<'a> {
    PlanBasis { book, me: Me { account, membership: None }, now: Timestamp::UNIX_EPOCH }
}

fn admin() -> Account {
    Account { name: "CORP\\admin".into(), ..Account::default() }
}

fn terms(role: &str, group: &str) -> Terms {
    Terms { role: role.into(), local_group: Some(group.into()), federation_group: None }
}

#[test]
fn creating_holds_back_what_is_there_already() {
    let (book, account) = (book(), admin());
    let people = [
        ("S-1-5-21-3".into(), "CORP\\a.kaya".into()),
        ("S-1-5-21-71".into(), "CORP\\new".into()),
        ("S-1-5-21-71".into(), "CORP\\new".into()),
    ];
    let plan = create(&basis(&book, &account), "7f3a".into(), &people, &terms("sessions", "finance"));
    let labels: Vec<&str> = plan.items.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(labels, ["CORP\\new as Sessions Only on Finance"]);
    let reasons: Vec<&str> = plan.held_back.iter().map(|held| held.reason.as_str()).collect();
    assert_eq!(reasons, ["there already is one like it: p3", "named twice"]);
    assert!(plan.words.is_none() && plan.warnings.is_empty());
    assert_eq!(
        plan.command.unwrap(),
        "foretop permissions create --principal S-1-5-21-3 --principal S-1-5-21-71 --principal S-1-5-21-71 \
         --role 'Sessions Only' --access-group Finance --yes 3"
    );
}

#[test]
fn deleting_says_what_is_left_and_what_is_gone_already() {
    let (book, account) = (book(), admin());
    let ids: Vec<PermissionId> = ["p3", "p77", "p5"].map(PermissionId::from).into();
    let plan = delete(&basis(&book, &account), "7f3a".into(), &ids, &BTreeSet::from(["p5".into()]));
    assert_eq!(plan.items.len(), 2);
    assert_eq!(plan.held_back[0].reason, "not there (any more)");
    assert_eq!(plan.consequences[0], "CORP\\a.kaya keeps no permission of its own");
    assert_eq!(plan.warnings[0], "1 of them hidden by the filter");
    let last = delete(&basis(&book, &account), "7f3b".into(), &["p4".into()], &BTreeSet::new());
    let command = last.command.unwrap();
    assert!(command.as_str().ends_with("p4 --yes 1 --confirm 'delete the last administrator'"), "{command}");
}

#[test]
fn replacing_deletes_only_after_the_new_one_is_there() {
    let (book, account) = (book(), admin());
    let basis = basis(&book, &account);
    let plan = replace(&basis, "7f3a".into(), &"p3".into(), &terms("inventory", "finance"));
    assert!(matches!(plan.items[0].change, Change::CreatePermission(_)));
    assert_eq!(plan.items[1].change, Change::DeletePermission("p3".into()));
    assert_eq!(plan.items[1].after, Some(0));
    assert_eq!(plan.consequences[0], "CORP\\a.kaya gains restart, reset; push image");
    let same = replace(&basis, "7f3b".into(), &"p3".into(), &terms("sessions", "finance"));
    assert!(same.items.is_empty());
    assert_eq!(same.held_back[0].reason, "nothing would change");
}

#[rstest]
#[case("config", "finance", None, Some("only be given on the root group"))]
#[case("config", "root", None, None)]
#[case("global", "root", None, Some("needs a federation access group"))]
#[case("global", "root", Some("fed-root"), None)]
#[case("sessions", "finance", Some("fed-root"), Some("takes no federation access group"))]
fn roles_take_the_groups_that_they_apply_to(
    #[case] role: &str,
    #[case] group: &str,
    #[case] federation: Option<&str>,
    #[case] expected: Option<&str>,
) {
    let terms = Terms { federation_group: federation.map(Into::into), ..terms(role, group) };
    let objection = terms.objection(&book());
    assert_eq!(objection.is_some(), expected.is_some(), "{objection:?}");
    if let (Some(objection), Some(words)) = (objection, expected) {
        assert!(objection.as_str().contains(words), "{objection}");
    }
}

#[test]
fn a_tab_of_permissions_survives_a_recording() {
    let mut tab = PermissionsTab::default();
    tab.book.load(Arc::new(book()), Timestamp::UNIX_EPOCH);
    tab.filter = "can:reset".to_owned();
    let text = serde_json::to_string(&tab).unwrap();
    assert_eq!(serde_json::from_str::<PermissionsTab>(&text).unwrap(), tab);
}
