//! App groups, their apps, and who may use them (`workspace.md section 8`).

use serde_json::{Value, json};

use super::call::{Answer, Call, Fields, Reply, contains, is, refused, time, workspace, workspace_mut};
use super::error::CloudError;
use super::route::Api;
use super::sessions::app_id;
use crate::sim::estate::{AccountWanted, AppGroup, Authorization, Workspace};

const APP_TYPES: [&str; 2] = ["SESSION_DESKTOP_APP", "COMMON_APP"];
const ACCOUNT_TYPES: [&str; 2] = ["USER", "USER_GROUP"];
/// The most characters of a group's name and description.
const NAME: usize = 64;
const DESCRIPTION: usize = 255;

pub(crate) fn answer(call: &Call<'_>, api: Api) -> Answer {
    match api {
        Api::ListAppGroups => list(call),
        Api::ShowAppGroup => show(call),
        Api::CreateAppGroup => create(call),
        Api::UpdateAppGroup => update(call),
        Api::DeleteAppGroup => delete(call, &[call.id().to_owned()]),
        Api::DeleteAppGroups => delete(call, &call.fields()?.ids("ids", 20)?),
        Api::ValidateAppGroup => validate(call),
        Api::Disassociate => disassociate(call),
        Api::ListApps => apps(call),
        Api::ListAuthorizations => authorizations(call),
        Api::Authorize => authorize(call, true),
        Api::Unauthorize => authorize(call, false),
        _ => Err(CloudError::no_such_api()),
    }
}

fn app_type(group: &AppGroup) -> &'static str {
    if group.desktops { APP_TYPES[0] } else { APP_TYPES[1] }
}

fn row(workspace: &Workspace, group: &AppGroup) -> Value {
    let server_group = group.server_group.and_then(|at| workspace.server_groups.get(at));
    json!({
        "id": group.id,
        "name": group.name,
        "app_server_group_id": server_group.map_or("", |group| group.id.as_str()),
        "app_server_group_name": server_group.map_or("", |group| group.name.as_str()),
        "description": group.description,
        "authorization_type": "APP_GROUP",
        "tenant_id": workspace.tenant_id,
        "app_type": app_type(group),
        "create_at": time(group.created),
        "app_count": server_group.map_or(0, |group| group.applications.len()),
    })
}

fn list(call: &Call<'_>) -> Answer {
    let kind = call.one_of("app_type", &APP_TYPES)?;
    let authorization = call.one_of("authorization_type", &["APP_GROUP", "APP"])?;
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let fits = |group: &&AppGroup| {
        let server_group = group.server_group.map_or("", |at| workspace.server_groups[at].id.as_str());
        contains(&group.name, call.parameter("name"))
            && is(&group.id, call.parameter("app_group_id"))
            && is(server_group, call.parameter("app_server_group_id"))
            && is(app_type(group), kind)
            && is("APP_GROUP", authorization)
    };
    let rows: Vec<&AppGroup> = workspace.app_groups.iter().filter(fits).collect();
    call.page("items", &rows, |group| row(workspace, group))
}

fn show(call: &Call<'_>) -> Answer {
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let group = workspace.app_group(call.id()).ok_or_else(|| CloudError::not_found("application group"))?;
    let mut body = row(workspace, group);
    let server_group = group.server_group.and_then(|at| workspace.server_groups.get(at));
    let description = server_group.map_or("", |group| group.description.as_str());
    body["app_server_group_description"] = Value::from(description);
    Ok(Reply::json(body))
}

fn create(call: &Call<'_>) -> Answer {
    let fields = call.fields()?;
    let name = fields.needed_text("name", 1, NAME)?;
    let description = fields.text("description", 0, DESCRIPTION)?.unwrap_or_default();
    let server_group = fields.text("app_server_group_id", 0, 128)?.filter(|id| !id.is_empty());
    fields.word("authorization_type", &["APP_GROUP"])?;
    let desktops = fields.word("app_type", &APP_TYPES)? == Some(APP_TYPES[0]);
    let mut estate = call.shared.estate();
    let workspace = workspace_mut(&mut estate)?;
    let group = workspace.add_app_group(name, description, server_group, desktops);
    let group = group.map_err(|refusal| refused(refusal, "application group"))?;
    Ok(Reply::json(row(workspace, &group)))
}

fn update(call: &Call<'_>) -> Answer {
    let fields = call.fields()?;
    let name = fields.owned("name", 1, NAME)?;
    let description = fields.owned("description", 0, DESCRIPTION)?;
    let server_group = fields.text("app_server_group_id", 1, 128)?;
    let mut estate = call.shared.estate();
    let workspace = workspace_mut(&mut estate)?;
    let group = workspace.change_app_group(call.id(), name, description, server_group);
    let group = group.map_err(|refusal| refused(refusal, "application group"))?;
    Ok(Reply::json(row(workspace, &group)))
}

fn delete(call: &Call<'_>, ids: &[String]) -> Answer {
    let mut estate = call.shared.estate();
    workspace_mut(&mut estate)?.delete_app_groups(ids);
    Ok(Reply::empty())
}

fn disassociate(call: &Call<'_>) -> Answer {
    let id = call.required("server_group_id")?;
    let mut estate = call.shared.estate();
    let done = workspace_mut(&mut estate)?.disassociate(id);
    done.map(|()| Reply::empty()).map_err(|refusal| refused(refusal, "server group"))
}

fn validate(call: &Call<'_>) -> Answer {
    let fields = call.fields()?;
    let name = fields.needed_text("name", 0, 1024)?;
    let estate = call.shared.estate();
    let taken = workspace(&estate)?.app_groups.iter().any(|group| group.name == name);
    let rule = match name.chars().count() {
        1..=NAME if taken => Some("duplicate"),
        1..=NAME => None,
        _ => Some("naming"),
    };
    let mut body = json!({"result": rule.is_none()});
    super::call::put(&mut body, "validate_rule", rule.map(str::to_owned));
    Ok(Reply::json(body))
}

fn apps(call: &Call<'_>) -> Answer {
    let state = call.one_of("state", &["NORMAL", "FORBIDDEN"])?;
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let group = workspace.app_group(call.id()).ok_or_else(|| CloudError::not_found("application group"))?;
    let at = group.server_group;
    let names = at.map_or(&[][..], |at| &workspace.server_groups[at].applications);
    let mut rows = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let id = app_id(workspace, at.unwrap_or(0), number);
        if !contains(name, call.parameter("name"))
            || !is(&id, call.parameter("app_id"))
            || !is("NORMAL", state)
        {
            continue;
        }
        rows.push(json!({
            "id": id, "name": name.trim_end_matches(".exe"), "version": "", "command_param": "",
            "execute_path": format!("C:\\Program Files\\{name}"), "work_path": "C:\\Program Files",
            "icon_path": "", "icon_index": 0, "icon_url": "", "description": "", "app_group_id": group.id,
            "state": "NORMAL", "tenant_id": workspace.tenant_id, "publish_at": time(group.created),
            "publisher": "", "publishable": true, "source_type": 2, "sandbox_enable": false, "is_pre_boot": false,
        }));
    }
    call.page("items", &rows, Value::clone)
}

fn authorizations(call: &Call<'_>) -> Answer {
    let kind = call.one_of("account_type", &ACCOUNT_TYPES)?;
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let fits = |known: &&Authorization| {
        is(&known.app_group, call.parameter("app_group_id"))
            && is(&known.account_id, call.parameter("account_id"))
            && is(&known.account, call.parameter("account"))
            && is(&known.account_type, kind)
    };
    let rows: Vec<&Authorization> = workspace.authorizations.iter().filter(fits).collect();
    call.page("authorizations", &rows, |known| {
        let group = workspace.app_group(&known.app_group);
        json!({
            "id": known.id, "account_id": known.account_id, "account": known.account,
            // Both are empty for whole groups.
            "app_id": "", "app_name": "",
            "app_group_id": known.app_group, "app_group_name": group.map_or("", |group| group.name.as_str()),
            "authorization_type": "APP_GROUP", "account_type": known.account_type,
            "platform_type": known.platform_type, "domain": known.domain, "create_at": time(known.created),
        })
    })
}

fn account(fields: &Fields) -> Result<AccountWanted, CloudError> {
    let account_type = fields.word("account_type", &ACCOUNT_TYPES)?;
    let account_type =
        account_type.ok_or_else(|| CloudError::bad_request("The field account_type is required."))?;
    let id = fields.owned("id", 1, 128)?;
    if account_type == "USER_GROUP" && id.is_none() {
        return Err(CloudError::bad_request("A USER_GROUP must carry its id."));
    }
    fields.text("email", 0, 255)?;
    fields.text("telephone_number", 0, 64)?;
    Ok(AccountWanted {
        account: fields.needed_text("account", 1, 128)?.to_owned(),
        account_type: account_type.to_owned(),
        id,
        domain: fields.owned("domain", 0, 128)?,
        platform_type: fields.word("platform_type", &["AD", "LOCAL", "SYSTEM"])?.map(str::to_owned),
    })
}

/// Adds or removes: every account for every group, with no result for each.
fn authorize(call: &Call<'_>, add: bool) -> Answer {
    let fields = call.fields()?;
    let groups = fields.ids("app_group_ids", 10)?;
    let accounts = fields.objects("accounts", 50)?;
    let accounts: Vec<AccountWanted> = accounts.iter().map(account).collect::<Result<_, _>>()?;
    let mut estate = call.shared.estate();
    let workspace = workspace_mut(&mut estate)?;
    if add {
        workspace.authorize(&groups, &accounts).map_err(|refusal| refused(refusal, "application group"))?;
    } else {
        workspace.unauthorize(&groups, &accounts);
    }
    Ok(Reply::empty())
}
