//! The tab, its sheets and its states at the sizes that matter.

use std::sync::Arc;

use insta::assert_snapshot;

use crate::{
    core::{
        permissions::{PermissionsTab, Regroup, fixtures::book},
        state::{Link, Overlay, State, Tab},
    },
    domain::{Fault, FaultKind, Permission, PermissionBook, PrincipalKind, Release},
    ui::fixtures::{at, connected, main_screen, picture, pictures},
};

/// The book of the core's tests with names that are hard to draw.
fn long_book() -> PermissionBook {
    let mut book = book();
    let mut more = |id: &str, name: Option<&str>, kind: PrincipalKind, role: &str, group: &str| {
        book.permissions.push(Permission {
            id: id.into(),
            principal: Some(format!("S-1-5-21-3623811015-3361044348-30300820-{id}").as_str().into()),
            principal_name: name.map(Into::into),
            principal_kind: kind,
            role: Some(role.into()),
            local_group: Some(group.into()),
            federation_group: None,
        });
    };
    more("p7", Some("CORP\\王伟的团队"), PrincipalKind::Group, "config", "root");
    more(
        "p8",
        Some("CORP\\a-very-long-group-name-of-somebody-s-team"),
        PrincipalKind::Group,
        "sessions",
        "apac",
    );
    more("p9", None, PrincipalKind::Unknown, "role-that-is-not-listed", "finance");
    more("p10", Some("CORP\\e\u{301}va"), PrincipalKind::User, "global", "root");
    book.permissions.push(Permission {
        id: "p11".into(),
        role: Some("readonly".into()),
        ..book.permissions[2].clone()
    });
    for permission in &mut book.permissions {
        if permission.role.as_ref().is_some_and(|role| role.raw() == "global") {
            permission.federation_group = Some("fed-root".into());
        }
    }
    book
}

fn tab(width: u16, height: u16) -> State {
    let mut state = main_screen(width, height);
    state.tab = Tab::Permissions;
    let tab = &mut state.permissions;
    tab.book.load(Arc::new(long_book()), at("14:02:00"));
    tab.cursor = Some("p2".into());
    tab.marks.insert("p5".into());
    state
}

fn with(width: u16, height: u16, change: impl FnOnce(&mut PermissionsTab)) -> State {
    let mut state = tab(width, height);
    change(&mut state.permissions);
    state
}

fn fault(kind: FaultKind, status: u16, words: &str) -> Fault {
    Fault { status: Some(status), ..Fault::new(kind, "list permissions", words) }
}

#[test]
fn the_list() {
    pictures!("list", tab);
}

#[test]
fn grouped_by_role_and_by_access_group() {
    assert_snapshot!("by_role", picture(&with(80, 24, |tab| tab.group = Regroup::Role)));
    assert_snapshot!("by_group", picture(&with(120, 40, |tab| tab.group = Regroup::AccessGroup)));
}

#[test]
fn what_is_not_there_is_said() {
    let loading = || {
        let mut state = connected(80, 24);
        state.tab = Tab::Permissions;
        state.permissions.book.ask();
        state
    };
    assert_snapshot!("loading", picture(&loading()));
    let mut state = loading();
    state.permissions.book.fail(
        fault(FaultKind::InsufficientPermission, 403, "GLOBAL_PERMISSION_VIEW privilege is required"),
        at("14:02:00"),
    );
    assert_snapshot!("not_permitted", picture(&state));
    let mut state = loading();
    state.permissions.book.fail(fault(FaultKind::Unexpected, 500, "out of order"), at("14:02:00"));
    assert_snapshot!("failed", picture(&state));
    let mut state = loading();
    if let Link::Up(capabilities) = &mut state.link {
        capabilities.release = Some(Release(2111));
    }
    assert_snapshot!("not_in_release", picture(&state));
    let mut state = tab(80, 24);
    crate::core::update(&mut state, crate::core::msg::Msg::Key(crate::core::key::Key::char('/')));
    for letter in "nobody".chars() {
        crate::core::update(&mut state, crate::core::msg::Msg::Key(crate::core::key::Key::char(letter)));
    }
    assert_snapshot!("nothing_matches", picture(&state));
}

#[test]
fn old_and_partial_data_is_told() {
    let stale = with(80, 24, |tab| {
        tab.book.fail(fault(FaultKind::Unreachable, 503, "no answer within 30 s"), at("14:02:10"));
    });
    assert_snapshot!("stale", picture(&stale));
    let mut partial = long_book();
    partial.roles = Err(fault(FaultKind::InsufficientPermission, 403, "needs GLOBAL_ROLE_VIEW"));
    partial.unreadable = 2;
    let partial = with(80, 24, |tab| tab.book.load(Arc::new(partial), at("14:02:00")));
    assert_snapshot!("partial", picture(&partial));
}

#[test]
fn the_details() {
    let open = |width, height, id: &str| {
        let mut state = tab(width, height);
        state.overlays.push(Overlay::Permission { permission: id.into(), scroll: 0 });
        state
    };
    pictures!("detail", |width, height| open(width, height, "p4"));
    assert_snapshot!("detail_of_the_dead", picture(&open(120, 40, "p5")));
    assert_snapshot!("detail_gone", picture(&open(80, 24, "p99")));
}

#[test]
fn the_answer() {
    let lines = [
        "no",
        "granted on APAC, fin-w11 is in Finance: CORP\\apac-it as Inventory Administrators on APAC (a group of theirs)",
        "fin-w11 is a pool with 431 sessions",
        "needs MACHINE_REBOOT",
    ];
    let answer = Overlay::Answer {
        title: "can CORP\\t.lee reset fin-w11".into(),
        lines: lines.map(Into::into).into(),
        scroll: 0,
    };
    pictures!("answer", |width, height| {
        let mut state = tab(width, height);
        state.overlays.push(answer.clone());
        state
    });
}

#[test]
fn no_size_makes_it_fail() {
    for width in [1, 20, 59, 60, 61, 79, 100, 199, 250] {
        for height in [1, 14, 15, 16, 17, 18, 23, 24, 25, 60] {
            for overlay in [None, Some("p4")] {
                let mut state = tab(width, height);
                state
                    .overlays
                    .extend(overlay.map(|id| Overlay::Permission { permission: id.into(), scroll: 30 }));
                picture(&state);
            }
        }
    }
}
