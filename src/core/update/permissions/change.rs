//! Creating, replacing and deleting permissions: the menu, the form, and the plans they lead to.

use std::collections::BTreeSet;

use crate::{
    core::{
        command::{Command, Context},
        effect::Effect,
        filter::Truth,
        form::{Field, FieldOption, Form, FormPurpose},
        permissions::{
            PermissionRow,
            plans::{self, PlanBasis, Terms},
        },
        remote::Remote,
        state::{ChangeChoice, NoticeKind, Overlay, State},
    },
    domain::{
        AccessGroupId, ChangeKind, FaultKind, FederationGroupId, Permission, PermissionBook, PermissionId,
        Privilege, RoleId, Support, Text, UserId,
    },
};

use super::{
    super::{changes, form},
    danger::guard,
};

/// Keys of the fields.
const WHO: &str = "principal";
const ROLE: &str = "role";
const GROUP: &str = "access-group";
const FEDERATION: &str = "federation-access-group";

/// The permission that a sheet or the cursor points at.
fn under_cursor(state: &State) -> Option<PermissionId> {
    match state.overlays.last() {
        Some(Overlay::Permission { permission, .. }) => Some(permission.clone()),
        _ => state.permissions.cursor.clone(),
    }
}

/// What is deleted: the permission of the sheet, else the marked ones, else the one under the cursor.
fn targets(state: &State) -> Vec<PermissionId> {
    let sheet = matches!(state.overlays.last(), Some(Overlay::Permission { .. }));
    if sheet || state.permissions.marks.is_empty() {
        return under_cursor(state).into_iter().collect();
    }
    state.permissions.marks.iter().cloned().collect()
}

/// What is replaced: as what is deleted, but one.
fn replaced(state: &State) -> Result<PermissionId, Text> {
    match targets(state).as_slice() {
        [] => Err("there is no permission under the cursor".into()),
        [one] => Ok(one.clone()),
        many => Err(Text::clean(&format!("one at a time: {} are marked", many.len()))),
    }
}

fn label(state: &State, id: &PermissionId) -> Option<Text> {
    let book = state.permissions.book.value()?;
    book.permission(id).map(|permission| PermissionRow::new(book, permission).label())
}

/// Why permissions cannot be changed at all, if they cannot. What is not known may be tried: the server decides.
fn objection(state: &State, kind: ChangeKind) -> Option<Text> {
    if state.settings.read_only {
        return Some("read-only".into());
    }
    // What is missing for good comes before what is only missing now.
    let capabilities = state.capabilities()?;
    if let Support::No(reason) = capabilities.may(kind) {
        return Some(reason);
    }
    match (&state.permissions.book, capabilities.may_view_permissions()) {
        (book, _) if book.value().is_some() => None,
        (_, Support::No(reason)) => Some(Text::clean(&format!("looking at permissions {reason}"))),
        (Remote::Failed { why, .. }, _) if why.kind == FaultKind::InsufficientPermission => {
            Some(Text::clean(&format!("looking at permissions {}", Privilege::ViewPermissions.needs())))
        }
        (Remote::Failed { why, .. }, _) => {
            Some(Text::clean(&format!("the permissions could not be read: {}", why.message)))
        }
        _ => Some("the permissions are not there yet".into()),
    }
}

/// Opens the menu of changes.
pub(super) fn open_menu(state: &mut State) {
    if matches!(state.overlays.last(), Some(Overlay::Answer { .. })) {
        let close = state.key(Context::PermissionDetail, Command::Back);
        let text = format!("there is nothing to change here; {close} closes the answer");
        return state.notify(NoticeKind::Info, &text);
    }
    let targets = targets(state);
    // Both are about the same: what is marked, else what the cursor is on.
    let named = |verb: &str| {
        let name = targets.first().filter(|_| targets.len() == 1).and_then(|id| label(state, id));
        match (name, targets.len()) {
            (Some(name), _) => Text::clean(&format!("{verb} {name}")),
            (None, 0 | 1) => Text::clean(&format!("{verb} a permission")),
            (None, many) => Text::clean(&format!("{verb} {many} marked permissions")),
        }
    };
    let nothing = || Some(Text::clean("there is no permission under the cursor"));
    let (replace, delete) = (named("replace"), named("delete"));
    let create = objection(state, ChangeKind::CreatePermission);
    let roles_missing = state
        .permissions
        .book
        .value()
        .and_then(|book| book.roles.as_ref().err())
        .map(|fault| Text::clean(&format!("the roles could not be read: {}", fault.message)));
    let choices = vec![
        ChangeChoice {
            command: Command::ChangeNew,
            label: "create permissions".into(),
            objection: create.clone().or_else(|| roles_missing.clone()),
        },
        ChangeChoice {
            command: Command::ChangeReplace,
            label: replace,
            objection: create.or(roles_missing).or_else(|| replaced(state).err()),
        },
        ChangeChoice {
            command: Command::ChangeDelete,
            label: delete,
            objection: objection(state, ChangeKind::DeletePermission)
                .or_else(|| if targets.is_empty() { nothing() } else { None }),
        },
    ];
    changes::open_menu(state, "PERMISSIONS".into(), choices);
}

/// Opens the form for new permissions.
pub(super) fn open_new(state: &mut State) {
    let Some(book) = state.permissions.book.value().cloned() else {
        return state.notify(NoticeKind::Warning, "the permissions are not there yet");
    };
    let who = Field::search(
        WHO,
        "Who",
        true,
        Vec::new(),
        "type the beginning of a login or name, or a SID; Enter takes one, and as many as you like",
    );
    let mut fields = vec![who];
    fields.extend(term_fields(&book, None));
    form::open(state, Form::new(FormPurpose::NewPermission, "NEW PERMISSIONS", fields));
}

/// Opens the form for a permission in place of the marked one, or the one under the cursor.
pub(super) fn open_replace(state: &mut State) {
    let Some(book) = state.permissions.book.value().cloned() else {
        return state.notify(NoticeKind::Warning, "the permissions are not there yet");
    };
    let id = match replaced(state) {
        Ok(id) => id,
        Err(why) => return state.notify(NoticeKind::Warning, why.as_str()),
    };
    let Some(old) = book.permission(&id).cloned() else {
        return state.notify(NoticeKind::Warning, "this permission is not there any more");
    };
    let title = format!("REPLACE {}", PermissionRow::new(&book, &old).label());
    let fields = term_fields(&book, Some(&old));
    form::open(state, Form::new(FormPurpose::ReplacePermission(Box::new(old)), title, fields));
}

/// The fields for role and access groups, filled in as in another permission.
fn term_fields(book: &PermissionBook, like: Option<&Permission>) -> Vec<Field> {
    let role = like.and_then(|permission| permission.role.as_ref()).map(RoleId::raw);
    let local = like.and_then(|permission| permission.local_group.as_ref()).map(AccessGroupId::raw);
    let federation =
        like.and_then(|permission| permission.federation_group.as_ref()).map(FederationGroupId::raw);
    let root = plans::root_group(book).map(AccessGroupId::raw);
    let mut fields = vec![
        Field::choice(ROLE, "Role", role_options(book), role, ""),
        Field::choice(
            GROUP,
            "Access group",
            local_options(book, None),
            local.or(root),
            "where it holds: on the root group it holds everywhere",
        ),
    ];
    let options = federation_options(book);
    if !options.is_empty() {
        fields.push(Field::choice(
            FEDERATION,
            "Federation group",
            options,
            federation,
            "for roles with privileges for the sessions of a federation only",
        ));
    }
    fields
}

fn role_options(book: &PermissionBook) -> Vec<FieldOption> {
    let mut roles: Vec<_> = book.roles.as_deref().unwrap_or_default().iter().collect();
    roles.sort_by_key(|role| role.label().as_str().to_lowercase());
    let note = |role: &crate::domain::Role| {
        let kind = if role.built_in.is_some() { "built in" } else { "custom" };
        let about = role.description.as_ref().filter(|words| !words.is_empty());
        about.map_or_else(|| kind.to_owned(), |words| format!("{kind}: {words}"))
    };
    roles
        .into_iter()
        .map(|role| FieldOption::new(role.id.raw(), role.label()).with_note(note(role)))
        .collect()
}

/// The access groups that a role may be given on: the root group only, where it does not apply to others.
fn local_options(book: &PermissionBook, role: Option<&RoleId>) -> Vec<FieldOption> {
    let role = role.and_then(|id| book.role(id));
    let only_root = role.is_some_and(|role| plans::takes_local_group(role) == Truth::No);
    let groups = book.local_groups.as_deref().unwrap_or_default().iter();
    groups
        .filter(|group| group.root || !only_root)
        .map(|group| {
            let name = group.name.clone().unwrap_or_else(|| Text::clean(group.id.raw()));
            let option = FieldOption::new(group.id.raw(), name);
            match (group.root, &group.description) {
                (true, _) if only_root => option.with_note("this role takes the root group only"),
                (true, _) => option.with_note("the root group: holds everywhere"),
                (false, Some(words)) => option.with_note(words.clone()),
                (false, None) => option,
            }
        })
        .collect()
}

fn federation_options(book: &PermissionBook) -> Vec<FieldOption> {
    let groups = book.federation_groups.as_deref().unwrap_or_default().iter();
    groups
        .map(|group| {
            let name = group.name.clone().unwrap_or_else(|| Text::clean(group.id.raw()));
            let option = FieldOption::new(group.id.raw(), name);
            if group.root { option.with_note("the root group: holds everywhere") } else { option }
        })
        .collect()
}

/// What the form says so far.
fn terms(book: &PermissionBook, form: &Form) -> Option<Terms> {
    let role = RoleId::from(form.chosen(ROLE)?.id.as_str());
    let takes_federation =
        book.role(&role).is_none_or(|role| plans::takes_federation_group(role) != Truth::No);
    Some(Terms {
        role,
        local_group: form.chosen(GROUP).map(|option| AccessGroupId::from(option.id.as_str())),
        federation_group: form
            .chosen(FEDERATION)
            .filter(|_| takes_federation)
            .map(|option| FederationGroupId::from(option.id.as_str())),
    })
}

fn people(form: &Form) -> Vec<(UserId, Text)> {
    if let FormPurpose::ReplacePermission(old) = &form.purpose {
        return old.principal.iter().map(|id| (id.clone(), old.principal_label())).collect();
    }
    let taken = form.taken(WHO).iter();
    taken.map(|option| (UserId::from(option.id.as_str()), option.label.clone())).collect()
}

/// A field of a form of permissions was changed: the access groups follow the role, and the preview everything.
pub(in crate::core::update) fn form_changed(state: &State, form: &mut Form) {
    let Some(book) = state.permissions.book.value() else {
        return;
    };
    let role = form.chosen(ROLE).map(|option| RoleId::from(option.id.as_str()));
    form.set_options(GROUP, local_options(book, role.as_ref()));
    if form.chosen(GROUP).is_none()
        && let Some(root) = plans::root_group(book)
    {
        choose(form, GROUP, root.raw());
    }
    let found = role.as_ref().and_then(|id| book.role(id));
    if found.is_some_and(|role| plans::takes_federation_group(role) == Truth::No) {
        form.set_options(FEDERATION, vec![FieldOption::new("", "none: this role takes none")]);
        choose(form, FEDERATION, "");
    } else {
        form.set_options(FEDERATION, federation_options(book));
    }
    form.preview = preview(book, form);
}

fn choose(form: &mut Form, key: &str, id: &str) {
    if let Some(field) = form.field_mut(key)
        && let crate::core::form::FieldKind::Choice { options, chosen } = &mut field.kind
    {
        *chosen = options.iter().position(|option| option.id == id);
    }
}

fn preview(book: &PermissionBook, form: &Form) -> Vec<Text> {
    let Some(terms) = terms(book, form) else {
        return vec!["choose a role to see what it allows".into()];
    };
    let people = people(form);
    let who = match people.as_slice() {
        [] => "Whoever gets it will be able to:".to_owned(),
        [(_, only)] => format!("{only} will be able to:"),
        many => format!("{} users and groups will be able to:", many.len()),
    };
    let mut lines = vec![Text::clean(&who)];
    lines.extend(plans::allowed_lines(book, &terms));
    if let Some(objection) = terms.objection(book) {
        lines.push(Text::clean(&format!("! {objection}")));
    }
    lines.extend(plans::already_lines(book, &people));
    lines
}

/// A form of permissions is complete: the sheet of its plan, or complaints in the form.
pub(in crate::core::update) fn form_reviewed(state: &mut State) -> Vec<Effect> {
    let Some(book) = state.permissions.book.value().cloned() else {
        return Vec::new();
    };
    let Some(Overlay::Form(form)) = state.overlays.last_mut() else {
        return Vec::new();
    };
    let people = people(form);
    if people.is_empty() {
        form.set_error(WHO, "nobody is chosen yet: type a name, then Enter");
    }
    let Some(terms) = terms(&book, form) else {
        form.set_error(ROLE, "no role is chosen yet");
        return Vec::new();
    };
    if terms.local_group.is_none() && !book.local_groups.as_ref().is_ok_and(Vec::is_empty) {
        form.set_error(GROUP, "no access group is chosen yet");
    }
    if let Some(objection) = terms.objection(&book) {
        let federation = objection.as_str().contains("federation") && form.field(FEDERATION).is_some();
        form.set_error(if federation { FEDERATION } else { ROLE }, objection);
    }
    if form.has_errors() {
        return Vec::new();
    }
    let purpose = form.purpose.clone();
    let id = state.plan_id();
    let Some(account) = state.capabilities().map(|capabilities| capabilities.account.clone()) else {
        return Vec::new();
    };
    let basis = PlanBasis { book: &book, me: state.permissions.me(&account), now: state.now };
    let mut plan = match &purpose {
        FormPurpose::ReplacePermission(old) => plans::replace(&basis, id, &old.id, &terms),
        _ => plans::create(&basis, id, &people, &terms),
    };
    guard(state, &mut plan);
    changes::open_sheet(state, plan);
    Vec::new()
}

/// Plans to delete what is marked, or what is under the cursor.
pub(super) fn plan_delete(state: &mut State) {
    let ids = targets(state);
    let Some(book) = state.permissions.book.value().cloned() else {
        return state.notify(NoticeKind::Warning, "the permissions are not there yet");
    };
    if ids.is_empty() {
        return state.notify(NoticeKind::Warning, "there is no permission under the cursor");
    }
    let Some(account) = state.capabilities().map(|capabilities| capabilities.account.clone()) else {
        return;
    };
    let marked = ids.iter().any(|id| state.permissions.marks.contains(id));
    let hidden = if marked { state.permissions.hidden_marks() } else { BTreeSet::new() };
    let id = state.plan_id();
    let basis = PlanBasis { book: &book, me: state.permissions.me(&account), now: state.now };
    let mut plan = plans::delete(&basis, id, &ids, &hidden);
    guard(state, &mut plan);
    changes::open_sheet(state, plan);
}
