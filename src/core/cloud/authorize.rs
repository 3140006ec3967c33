//! Who may use app groups: the form for it, and the plans that add authorizations and take them away
//! (`workspace.md section 8`). The console and the command line make their plans here.

use jiff::Timestamp;

use super::{AccessBook, AccessRow, Drafted, access::account_of, account_kind};
use crate::{
    core::{
        change::{ChangeItem, ChangePlan, HeldChange},
        form::{Field, FieldOption, Form, FormPurpose},
        shell::quoted,
    },
    domain::{AccountKind, AccountPlatform, AppAccount, AppGroupId, Authorization, Change, PlanId, Text},
};

/// Keys of the fields.
const ACCOUNT: &str = "account";
const KIND: &str = "kind";
const ID: &str = "id";
const DOMAIN: &str = "domain";
const PLATFORM: &str = "platform";

/// The form that lets accounts use an app group.
pub fn authorize_form(book: &AccessBook, group: &AppGroupId) -> Form {
    let kinds = vec![
        FieldOption::new("user", "users").with_note("one or many"),
        FieldOption::new("group", "group").with_note("one group of users; its id is needed"),
    ];
    let platforms = vec![
        FieldOption::new("", "not said").with_note("the server finds out"),
        FieldOption::new("AD", "AD").with_note("Active Directory"),
        FieldOption::new("LOCAL", "LOCAL").with_note("kept in the service itself"),
    ];
    let fields = vec![
        Field::line(
            ACCOUNT,
            "Accounts",
            "",
            "login names without the domain, with blanks or commas between; or one group",
        ),
        Field::choice(KIND, "Kind", kinds, Some("user"), ""),
        Field::line(ID, "Group id", "", "of a group only: the server refuses a group without it"),
        Field::line(DOMAIN, "Domain", "", "may stay empty"),
        Field::choice(PLATFORM, "Kept in", platforms, Some(""), ""),
    ];
    let title = format!("AUTHORIZE for {}", book.group_label(group));
    Form::new(FormPurpose::Authorize(group.clone()), title, fields)
}

fn accounts(form: &Form) -> Vec<AppAccount> {
    let optional = |key: &str| Some(form.text(key).to_owned()).filter(|text| !text.is_empty());
    let platform = form.chosen(PLATFORM).filter(|option| !option.id.is_empty());
    let platform = platform.map(|option| AccountPlatform::from(option.id.as_str()));
    let is_group = form.chosen(KIND).is_some_and(|option| option.id == "group");
    let account = |name: &str, kind: AccountKind, id: Option<String>| AppAccount {
        account: name.to_owned(),
        kind,
        id,
        domain: optional(DOMAIN),
        platform: platform.clone(),
    };
    if is_group {
        let name = form.text(ACCOUNT);
        return if name.is_empty() {
            Vec::new()
        } else {
            vec![account(name, AccountKind::Group, optional(ID))]
        };
    }
    let separates = |sign: char| sign == ',' || sign == ';' || sign.is_whitespace();
    let names = form.text(ACCOUNT).split(separates).filter(|name| !name.is_empty());
    names.map(|name| account(name, AccountKind::User, None)).collect()
}

/// What is wrong with that form, by field.
pub fn access_errors(form: &Form) -> Vec<(&'static str, String)> {
    let wanted = accounts(form);
    let mut errors = Vec::new();
    if wanted.is_empty() {
        errors.push((ACCOUNT, "an account is missing".to_owned()));
    }
    let long = wanted.iter().find(|account| account.account.chars().count() > 128);
    if let Some(long) = long {
        errors.push((ACCOUNT, format!("{} has more than 128 characters", Text::clean(&long.account))));
    }
    let is_group = form.chosen(KIND).is_some_and(|option| option.id == "group");
    if is_group && form.text(ID).is_empty() {
        errors.push((ID, "the id of the group is missing".to_owned()));
    }
    if !is_group && !form.text(ID).is_empty() {
        errors.push((ID, "users are named, not given by an id".to_owned()));
    }
    errors
}

fn label(book: &AccessBook, group: &AppGroupId, account: &AppAccount) -> Text {
    let kind = account_kind(Some(&account.kind)).unwrap_or_default();
    Text::clean(&format!("{kind} {} for {}", account.account, book.group_label(group)))
}

/// The plan of that form, or what is wrong with it.
pub fn authorize_plan(
    book: &AccessBook,
    form: &Form,
    group: &AppGroupId,
    id: PlanId,
    at: Timestamp,
) -> Drafted {
    let errors = access_errors(form);
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(plan_of_authorizations(book, std::slice::from_ref(group), &accounts(form), id, at))
}

/// The plan that lets each account use each group. Who may already, and who is named twice, is held back.
pub fn plan_of_authorizations(
    book: &AccessBook,
    groups: &[AppGroupId],
    accounts: &[AppAccount],
    id: PlanId,
    at: Timestamp,
) -> ChangePlan {
    let mut plan = ChangePlan::new(id, "AUTHORIZE", at);
    for group in groups {
        for (place, account) in accounts.iter().enumerate() {
            let twice = accounts.iter().take(place).any(|other| is_same(other, account));
            let there = book.of_group(group).any(|known| is_account(known, account));
            let change =
                Change::AddAuthorization { group: group.clone(), account: Box::new(account.clone()) };
            let item = ChangeItem::new(change, label(book, group, account));
            if twice {
                plan.held_back.push(HeldChange::of(&item, "named twice"));
            } else if there {
                plan.held_back.push(HeldChange::of(&item, "may use it already"));
            } else {
                plan.items.push(item);
            }
        }
    }
    if plan.items.is_empty() {
        return plan;
    }
    let names: Vec<String> = groups.iter().map(|group| book.group_label(group).to_string()).collect();
    plan.consequences = vec![
        Text::clean(&format!("they may use the applications of {}", names.join(", "))),
        "they may get a mail about it from the cloud".into(),
    ];
    let command = authorize_command(groups, accounts, plan.items.len());
    plan.command = Some(Text::clean(&command));
    plan
}

/// The command line that asks for the same.
fn authorize_command(groups: &[AppGroupId], accounts: &[AppAccount], sent: usize) -> String {
    let mut command = "foretop permissions create".to_owned();
    let mut add = |name: &str, value: &str| command.extend([" --", name, " ", &quoted(value)]);
    for group in groups {
        add("app-group", group.raw());
    }
    for account in accounts {
        match &account.id {
            Some(id) => add("user-group", &format!("{}={id}", account.account)),
            None => add("user", &account.account),
        }
    }
    let first = accounts.first();
    if let Some(domain) = first.and_then(|account| account.domain.as_deref()) {
        add("user-domain", domain);
    }
    if let Some(platform) = first.and_then(|account| account.platform.as_ref()) {
        add("platform", platform.word());
    }
    add("yes", &sent.to_string());
    command
}

/// Whether two accounts that are asked for are one.
fn is_same(one: &AppAccount, other: &AppAccount) -> bool {
    one.kind == other.kind && one.id == other.id && one.account.eq_ignore_ascii_case(&other.account)
}

/// Whether somebody has that account, as far as both sides tell.
fn is_account(known: &Authorization, account: &AppAccount) -> bool {
    let same = |known: Option<&Text>, wanted: Option<&str>| match (known, wanted) {
        (Some(known), Some(wanted)) => known.as_str().eq_ignore_ascii_case(wanted),
        _ => true,
    };
    known.account_kind.as_ref() == Some(&account.kind)
        && known.account.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case(&account.account))
        && same(known.domain.as_ref(), account.domain.as_deref())
        && same(known.account_id.as_ref(), account.id.as_deref())
}

/// The plan that takes from each account what lets it use each group. Where there is nothing to take that is said.
pub fn plan_of_removals(
    book: &AccessBook,
    groups: &[AppGroupId],
    accounts: &[AppAccount],
    id: PlanId,
    at: Timestamp,
) -> ChangePlan {
    let mut rows: Vec<AccessRow> = Vec::new();
    let mut missing = Vec::new();
    for group in groups {
        for account in accounts {
            let known = book.of_group(group).filter(|known| is_account(known, account));
            let known: Vec<AccessRow> =
                known.map(|known| AccessRow::Authorization(known.id.clone())).collect();
            if known.is_empty() {
                missing.push(HeldChange {
                    label: label(book, group, account),
                    target: None,
                    principal: None,
                    reason: absent(book).into(),
                });
            }
            rows.extend(known.into_iter().filter(|row| !rows.contains(row)).collect::<Vec<_>>());
        }
    }
    let mut plan = remove_plan(book, &rows, 0, id, at);
    plan.held_back.extend(missing);
    plan
}

/// What an authorization that is not in the list is.
fn absent(book: &AccessBook) -> &'static str {
    if book.complete && book.unreadable == 0 {
        "it is not in the newest list"
    } else {
        "it is not in the newest list, which is not complete"
    }
}

/// The plan that takes authorizations away. `hidden` are those among them that the filter hides.
pub fn remove_plan(
    book: &AccessBook,
    rows: &[AccessRow],
    hidden: usize,
    id: PlanId,
    at: Timestamp,
) -> ChangePlan {
    let mut plan = ChangePlan::new(id, "TAKE AUTHORIZATIONS", at);
    plan.hidden = hidden;
    let mut taken = Vec::new();
    for row in rows {
        let AccessRow::Authorization(id) = row else { continue };
        let hold = |label: Text, reason: &str| HeldChange {
            label,
            target: Some(id.raw().to_owned()),
            principal: None,
            reason: Text::clean(reason),
        };
        let Some(known) = book.authorization(id) else {
            plan.held_back.push(hold(Text::clean(id.raw()), absent(book)));
            continue;
        };
        let Some((account, group)) = account_of(known).zip(known.app_group_id.clone()) else {
            let name = known.account.clone().unwrap_or_else(|| Text::clean(id.raw()));
            let reason =
                "the server does not tell enough of it: account, kind, app group and, of groups, the id";
            plan.held_back.push(hold(name, reason));
            continue;
        };
        let label = label(book, &group, &account);
        let change = Change::RemoveAuthorization { seen: id.clone(), group, account: Box::new(account) };
        plan.items.push(ChangeItem::new(change, label));
        taken.push(quoted(id.raw()));
    }
    if taken.is_empty() {
        return plan;
    }
    let command = format!("foretop permissions delete {} --yes {}", taken.join(" "), taken.len());
    plan.command = Some(Text::clean(&command));
    plan.consequences = vec![
        "they cannot open the applications of these groups any more, unless another authorization lets them"
            .into(),
        "what becomes of sessions that run is documented nowhere".into(),
    ];
    plan
}
