//! Who one is and what one may do, as far as the server tells.

use ratatui::layout::Rect;

use crate::{
    core::{
        rights::{Right, RightArea, WriteMode, rights},
        rows::Rows,
        state::State,
    },
    domain::{Capabilities, Support, Text, WireKind},
    ui::{
        pen::{Pen, piece},
        theme::Role,
        time::Clock,
    },
};

use super::{
    fields::{self, Field, UNKNOWN},
    sheet::{Sheet, first_line, part_of},
};

/// Columns of the labels.
const LABEL: usize = 15;

/// Draws the sheet.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, scroll: usize, clock: &Clock) {
    let Some(capabilities) = state.capabilities() else {
        let sheet = Sheet::open(pen, state, &[piece("WHO AM I", Role::Accent)], None);
        sheet.close(pen, state, None, "not logged in yet", "");
        return;
    };
    let name = capabilities.account.name.to_string();
    let title = [piece("WHO AM I  ", Role::Accent), piece(name, Role::Heading)];
    let sheet = Sheet::open(pen, state, &title, None);
    let body = sheet.body;
    let (words, role) = told(capabilities);
    pen.line(body, 0, &[piece(words, role)], &[]);
    pen.rule(body, 1, Role::Border);
    let fields = fields::wrapped(lines(state, capabilities, clock), LABEL, body.width);
    let height = usize::from(Rows::of(state).sheet);
    let first = first_line(scroll, fields.len(), height);
    let list = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    fields::draw(pen, list, LABEL, fields.iter().skip(first).take(height));
    sheet.close(pen, state, None, "", &part_of(first, height, fields.len()));
}

/// Whether the server tells at all.
fn told(capabilities: &Capabilities) -> (&'static str, Role) {
    if capabilities.account.privileges.is_some() {
        ("What the server says that this account may do.", Role::Muted)
    } else {
        ("The server does not say what this account may do: everything may be tried.", Role::Warning)
    }
}

fn lines(state: &State, capabilities: &Capabilities, clock: &Clock) -> Vec<Field> {
    let account = &capabilities.account;
    let rights = rights(capabilities);
    let release = capabilities.release.map_or_else(|| UNKNOWN.to_owned(), |release| release.to_string());
    let version = capabilities.product_version.as_ref().map_or(UNKNOWN, Text::as_str);
    let mut fields = Vec::new();
    for area in RightArea::ALL {
        let lines = area_lines(area, &rights);
        if !lines.is_empty() {
            fields.extend(lines);
            fields.push(Field::blank());
        }
    }
    fields.extend(as_of(state, capabilities, clock));
    fields.push(Field::new("account", account.name.to_string(), Role::Text));
    fields.push(Field::shown("SID", account.id.as_ref()));
    fields.push(Field::new("server", capabilities.server.to_string(), Role::Text));
    // A cloud has no release.
    if capabilities.wire != WireKind::Workspace || capabilities.release.is_some() {
        fields.push(Field::new("release", format!("{release} ({version})"), Role::Text));
    }
    fields.push(mode(state, capabilities));
    fields.push(Field::blank());
    fields.extend(privileges(capabilities));
    fields
}

/// When the server said it, and why it could not be asked again since.
fn as_of(state: &State, capabilities: &Capabilities, clock: &Clock) -> Option<Field> {
    let at = state.rights.read_at.filter(|_| !account_is_unknown(capabilities))?;
    let time = clock.short(at);
    Some(match &state.rights.why_old {
        Some(fault) => {
            Field::new("as of", format!("{time}; could not be read again: {fault}"), Role::Warning)
        }
        None => Field::new("as of", time, Role::Text),
    })
}

/// What the letters in the status bar mean.
fn mode(state: &State, capabilities: &Capabilities) -> Field {
    let mode = WriteMode::of(state.settings.read_only, Some(capabilities));
    let (words, role) = match &mode {
        WriteMode::Acts if account_is_unknown(capabilities) => {
            ("RW: acting is switched on; what the account may do is unknown".to_owned(), Role::ReadWrite)
        }
        WriteMode::Acts => ("RW: acting is switched on".to_owned(), Role::ReadWrite),
        WriteMode::ReadOnly => ("RO: acting is switched off in this console".to_owned(), Role::ReadOnly),
        WriteMode::LooksOnly(reason) => (format!("LOOK: {reason}"), Role::ReadOnly),
    };
    Field::new("mode", words, role)
}

fn account_is_unknown(capabilities: &Capabilities) -> bool {
    capabilities.account.privileges.is_none()
}

/// The rights of an area: for each group what one may do, what one may not and why.
fn area_lines(area: RightArea, all: &[Right]) -> Vec<Field> {
    let mut groups: Vec<Option<&Text>> = Vec::new();
    let of_area: Vec<&Right> = all.iter().filter(|right| right.area == area).collect();
    for right in &of_area {
        if !groups.contains(&right.group.as_ref()) {
            groups.push(right.group.as_ref());
        }
    }
    let mut heading = area.title().to_uppercase();
    let mut fields = Vec::new();
    for group in groups {
        let rights: Vec<&Right> =
            of_area.iter().filter(|right| right.group.as_ref() == group).copied().collect();
        if let Some(group) = group {
            fields.push(Field::new(std::mem::take(&mut heading), format!("{group}:"), Role::Heading));
        }
        for (label, role, words) in sentences(&rights) {
            fields.push(Field::new(std::mem::take(&mut heading), format!("{label}{words}"), role));
        }
    }
    fields
}

/// `may see, message`, then each reason with what it keeps one from, then what is not known.
fn sentences(rights: &[&Right]) -> Vec<(&'static str, Role, String)> {
    let joined = |wanted: &dyn Fn(&Support) -> bool| {
        let actions: Vec<&str> =
            rights.iter().filter(|right| wanted(&right.may)).map(|right| right.action).collect();
        actions.join(", ")
    };
    let mut sentences = Vec::new();
    let may = joined(&|may| *may == Support::Yes);
    if !may.is_empty() {
        sentences.push(("may      ", Role::Success, may));
    }
    let mut reasons: Vec<&Text> = Vec::new();
    for right in rights {
        if let Support::No(reason) = &right.may
            && !reasons.contains(&reason)
        {
            reasons.push(reason);
        }
    }
    for reason in reasons {
        let kept = joined(&|may| matches!(may, Support::No(other) if other == reason));
        sentences.push(("may not  ", Role::Disabled, format!("{kept}: {reason}")));
    }
    let open = joined(&|may| *may == Support::Unknown);
    if !open.is_empty() {
        sentences.push(("unknown  ", Role::Warning, format!("{open}: the server decides")));
    }
    sentences
}

/// The vendor's names, by access group.
fn privileges(capabilities: &Capabilities) -> Vec<Field> {
    let account = &capabilities.account;
    let mut fields = Vec::new();
    let mut label = "PRIVILEGES";
    let mut add = |group: String, names: &[Text]| {
        let names: Vec<&str> = names.iter().map(Text::as_str).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        fields.push(Field::new(std::mem::take(&mut label), format!("on {group}: {names}"), Role::Muted));
    };
    for (group, names) in account.privileges.iter().flatten() {
        let name = account.group_name(group).map_or_else(|| group.to_string(), Text::to_string);
        add(name, names);
    }
    for (group, names) in account.federated.iter().flatten() {
        let name = account.federated_names.get(group).map_or_else(|| group.to_string(), Text::to_string);
        add(format!("{name} of the federation"), names);
    }
    fields
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use insta::assert_snapshot;

    use crate::{
        core::state::{Link, Overlay, State},
        domain::{Account, Fault, FaultKind},
        ui::fixtures::{at, main_screen, picture, pictures},
    };

    fn whoami(width: u16, height: u16, account: Account) -> State {
        let mut state = main_screen(width, height);
        if let Link::Up(capabilities) = &mut state.link {
            capabilities.account = account;
        }
        state.rights.read_at = Some(at("14:01:03"));
        state.overlays.push(Overlay::WhoAmI { scroll: 0 });
        state
    }

    fn helpdesk() -> Account {
        Account {
            name: "CORP\\a.kaya".into(),
            id: Some("S-1-5-21-7-1".into()),
            privileges: Some(BTreeMap::from([
                ("root".into(), vec!["MACHINE_VIEW".into(), "GLOBAL_CONFIG_VIEW".into()]),
                ("fin".into(), vec!["MACHINE_MANAGE_VDI_SESSION".into()]),
            ])),
            root_group: Some("root".into()),
            group_names: BTreeMap::from([("root".into(), "Root".into()), ("fin".into(), "Finance".into())]),
            federated: Some(BTreeMap::from([("eu".into(), vec!["FEDERATED_SESSIONS_MANAGE".into()])])),
            federated_root: None,
            federated_names: BTreeMap::from([("eu".into(), "Europe".into())]),
        }
    }

    #[test]
    fn what_i_may_do() {
        pictures!("whoami", |width, height| whoami(width, height, helpdesk()));
    }

    #[test]
    fn rights_that_could_not_be_read_again_say_of_when_they_are() {
        let mut state = whoami(120, 40, helpdesk());
        assert!(picture(&state).contains("as of          14:01:03Z "), "{}", picture(&state));
        let fault = Fault::new(FaultKind::Unreachable, "read the account's rights", "no route to host");
        state.rights.why_old = Some(fault);
        let seen = picture(&state);
        assert!(seen.contains("14:01:03Z; could not be read again: "), "{seen}");
        let unknown = picture(&whoami(120, 40, Account { name: "CORP\\x".into(), ..Account::default() }));
        assert!(!unknown.contains("as of"), "nothing was told: {unknown}");
    }

    #[test]
    fn an_account_of_which_nothing_is_known() {
        let account = Account { name: "CORP\\x".into(), ..Account::default() };
        assert_snapshot!("whoami_unknown", picture(&whoami(80, 24, account)));
    }

    #[test]
    fn an_account_that_may_only_look_says_so_in_the_status_bar() {
        let viewer = Account {
            privileges: Some(BTreeMap::from([("root".into(), vec!["MACHINE_VIEW".into()])])),
            federated: None,
            ..helpdesk()
        };
        let mut state = whoami(80, 24, viewer);
        assert!(picture(&state).contains("LOOK"), "{}", picture(&state));
        state.overlays.clear();
        let bar = picture(&state).lines().next().map(str::to_owned);
        assert!(bar.is_some_and(|bar| bar.contains("  LOOK  ")));
    }
}
