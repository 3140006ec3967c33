//! The forms of Workspace, what is wrong with what is typed into them, and the plans they lead to.

use jiff::Timestamp;

use super::{AccessBook, AccessRow, access::account_of, account_kind};
use crate::{
    core::{
        change::{ChangeItem, ChangePlan, HeldChange},
        form::{Field, FieldOption, Form, FormPurpose},
    },
    domain::{
        AccountKind, AccountPlatform, AppAccount, AppGroupId, Authorization, Change, ImageServer, NewImage,
        PlanId, Text, TextField,
    },
};

/// Keys of the fields.
const NAME: &str = "name";
const DESCRIPTION: &str = "description";
const SYSPREP: &str = "sysprep";
const ACCOUNT: &str = "account";
const KIND: &str = "kind";
const ID: &str = "id";
const DOMAIN: &str = "domain";
const PLATFORM: &str = "platform";

/// What a form comes to: a plan, or what is wrong, by field.
pub type Drafted = Result<ChangePlan, Vec<(&'static str, String)>>;

/// The form for a build.
pub fn build_form(server: &ImageServer) -> Form {
    let options = vec![
        FieldOption::new("preset", "not said").with_note("whatever the server does by itself"),
        FieldOption::new("yes", "yes, generalise").with_note("machines made from it set themselves up anew"),
        FieldOption::new("no", "no, as it is").with_note("an exact copy, identity of the machine included"),
    ];
    let fields = vec![
        Field::line(
            NAME,
            "Image name",
            "",
            "1 to 128: letters a-z, digits, Chinese characters, blanks, . _ and -; no blank first or last",
        ),
        Field::line(
            DESCRIPTION,
            "Description",
            "",
            "may stay empty; at most 1024 characters, no blank first, no < or >",
        ),
        Field::choice(SYSPREP, "Sysprep", options, Some("preset"), "Left and Right, or a letter"),
    ];
    let title = format!("BUILD AN IMAGE from {}", server.label());
    Form::new(FormPurpose::BuildImage(Box::new(server.clone())), title, fields)
}

/// The image that a form asks for.
fn new_image(form: &Form) -> NewImage {
    let sysprep = match form.chosen(SYSPREP).map(|option| option.id.as_str()) {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => None,
    };
    let description = form.typed(DESCRIPTION);
    NewImage {
        name: form.typed(NAME).to_owned(),
        description: (!description.is_empty()).then(|| description.to_owned()),
        sysprep,
    }
}

/// The rules that are broken, by field: all of them, each with its words.
pub fn build_errors(form: &Form) -> Vec<(&'static str, String)> {
    let mut errors: Vec<(&'static str, String)> = Vec::new();
    for rule in new_image(form).broken_rules() {
        let key = if rule.field == TextField::ImageName { NAME } else { DESCRIPTION };
        match errors.iter_mut().find(|(known, _)| *known == key) {
            Some((_, words)) => *words = format!("{words}; {rule}"),
            None => errors.push((key, rule.to_string())),
        }
    }
    errors
}

/// What follows from sysprep, in words.
fn sysprep_words(sysprep: Option<bool>) -> &'static str {
    match sysprep {
        Some(true) => {
            "sysprep: the system is generalised first. Machines made from the image get an identity of their own and set \
             themselves up at their first start"
        }
        Some(false) => {
            "no sysprep: the image is an exact copy. Machines made from it share the identity of this one until something \
             else changes it"
        }
        None => {
            "sysprep is not said: the server does what it does by itself, which its documents do not tell"
        }
    }
}

/// What would happen, line by line.
fn build_consequences(server: &ImageServer, image: &NewImage) -> Vec<Text> {
    let lines = [
        format!(
            "the image server {} is BUILDING until the build is over; no other build can be started on it meanwhile",
            server.label()
        ),
        sysprep_words(image.sysprep).to_owned(),
        "a build cannot be cancelled; it goes on when this program ends, and g b shows it again after a restart"
            .to_owned(),
    ];
    lines.iter().map(|line| Text::clean(line)).collect()
}

/// What the form would lead to so far.
pub fn build_preview(form: &Form, server: &ImageServer) -> Vec<Text> {
    build_consequences(server, &new_image(form))
}

/// The plan of a build, or what is wrong with the form.
pub fn build_plan(
    form: &Form,
    seen: &ImageServer,
    now: Option<&ImageServer>,
    id: PlanId,
    at: Timestamp,
) -> Drafted {
    let errors = build_errors(form);
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(plan_of_build(new_image(form), seen, now, id, at))
}

/// The plan of a build of which no rule is broken. `seen` is the image server when it was chosen, `now` as it is in the newest
/// list.
pub fn plan_of_build(
    image: NewImage,
    seen: &ImageServer,
    now: Option<&ImageServer>,
    id: PlanId,
    at: Timestamp,
) -> ChangePlan {
    let server = now.unwrap_or(seen);
    let mut plan = ChangePlan::new(id, "BUILD IMAGE", at);
    let mut details = vec![
        format!("image server: {} ({})", server.label(), server.id),
        format!("its status: {}", server.status.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string)),
        format!("sysprep: {}", image.sysprep.map_or("not said", |yes| if yes { "yes" } else { "no" })),
    ];
    if let Some(description) = &image.description {
        details.push(format!("description: {description}"));
    }
    let label = format!("image \"{}\" from {}", image.name, server.label());
    plan.consequences = build_consequences(server, &image);
    if now.is_none() {
        plan.warnings.push("the image server is not in the newest list".into());
    }
    let change = Change::BuildImage { server: server.id.clone(), server_name: server.name.clone(), image };
    let details = details.iter().map(|line| Text::clean(line)).collect();
    let item = ChangeItem::new(change, Text::clean(&label)).with_details(details);
    match server.status.as_ref().map(|status| (status.may_build(), status)) {
        Some((Some(false), status)) => {
            let words =
                format!("the image server is {status}: images are built from ACTIVE or BUILT ones only");
            plan.held_back.push(HeldChange::of(&item, Text::clean(&words)));
        }
        Some((Some(true), _)) => plan.items.push(item),
        Some((None, _)) | None => {
            plan.warnings
                .push("whether an image can be built in its status is not known: the server decides".into());
            plan.items.push(item);
        }
    }
    plan
}

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
        Field::choice(KIND, "Kind", kinds, Some("user"), "Left and Right, or a letter"),
        Field::line(ID, "Group id", "", "of a group only: the server refuses a group without it"),
        Field::line(DOMAIN, "Domain", "", "may stay empty"),
        Field::choice(PLATFORM, "Kept in", platforms, Some(""), "Left and Right, or a letter"),
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
    let mut plan = ChangePlan::new(id, "AUTHORIZE", at);
    let mut seen: Vec<String> = Vec::new();
    for account in accounts(form) {
        let label = label(book, group, &account);
        let there = book.of_group(group).any(|known| is_account(known, &account));
        let lower = account.account.to_lowercase();
        let twice = seen.contains(&lower);
        seen.push(lower);
        let item = ChangeItem::new(
            Change::AddAuthorization { group: group.clone(), account: Box::new(account) },
            label,
        );
        if twice {
            plan.held_back.push(HeldChange::of(&item, "named twice"));
        } else if there {
            plan.held_back.push(HeldChange::of(&item, "may use it already"));
        } else {
            plan.items.push(item);
        }
    }
    plan.consequences = vec![
        Text::clean(&format!("they may use the applications of {}", book.group_label(group))),
        "they may get a mail about it from the cloud".into(),
    ];
    Ok(plan)
}

/// Whether somebody has that account, as far as both sides tell.
fn is_account(known: &Authorization, account: &AppAccount) -> bool {
    let same_domain = match (&known.domain, &account.domain) {
        (Some(known), Some(wanted)) => known.as_str().eq_ignore_ascii_case(wanted),
        _ => true,
    };
    known.account_kind.as_ref() == Some(&account.kind)
        && known.account.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case(&account.account))
        && same_domain
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
    for row in rows {
        let AccessRow::Authorization(id) = row else { continue };
        let hold = |label: Text, reason: &str| HeldChange {
            label,
            target: Some(id.raw().to_owned()),
            principal: None,
            reason: Text::clean(reason),
        };
        let Some(known) = book.authorization(id) else {
            plan.held_back.push(hold(Text::clean(id.raw()), "it is not in the newest list"));
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
    }
    plan.consequences = vec![
        "they cannot open the applications of these groups any more, unless another authorization lets them"
            .into(),
        "what becomes of sessions that run is documented nowhere".into(),
    ];
    plan
}
