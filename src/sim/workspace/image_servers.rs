//! Image servers (`workspace.md section 5`).

use serde_json::{Value, json};

use super::build_fails;
use super::call::{Answer, Call, Reply, contains, is, put, refused, time, workspace, workspace_mut};
use super::error::CloudError;
use super::route::Api;
use crate::sim::estate::{BuildOrder, ImageServer, Made, Workspace};

/// The most characters of an image's name and description, and of an image server's.
const IMAGE_NAME: usize = 128;
const IMAGE_DESCRIPTION: usize = 1024;
const SERVER_NAME: usize = 64;
const SERVER_DESCRIPTION: usize = 255;

pub(crate) fn answer(call: &Call<'_>, api: Api) -> Answer {
    match api {
        Api::ListImageServers => list(call),
        Api::ShowImageServer => show(call),
        Api::UpdateImageServer => update(call),
        Api::DeleteImageServers => delete(call),
        _ => recreate(call),
    }
}

fn list(call: &Call<'_>) -> Answer {
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let part = call.parameter("server_name");
    if part.is_some_and(|part| part.chars().count() > 1024) {
        return Err(CloudError::bad_request("The parameter server_name is too long."));
    }
    let fits = |server: &&ImageServer| {
        contains(&server.name, part)
            && is(&server.id, call.parameter("server_id"))
            && is("0", call.parameter("enterprise_project_id"))
    };
    let mut rows: Vec<&ImageServer> = workspace.image_servers.iter().filter(fits).collect();
    rows.sort_by_key(|server| std::cmp::Reverse(server.created));
    call.page("items", &rows, |server| row(workspace, server, &estate.defined.world.domain.dns))
}

fn show(call: &Call<'_>) -> Answer {
    let estate = call.shared.estate();
    let workspace = workspace(&estate)?;
    let server = workspace.image_server(call.id()).ok_or_else(|| CloudError::not_found("image server"))?;
    let write = |server: &&ImageServer| row(workspace, server, &estate.defined.world.domain.dns);
    Ok(Reply::json(call.rows([server].iter(), write).remove(0)))
}

fn row(workspace: &Workspace, server: &ImageServer, domain: &str) -> Value {
    let ids = workspace.ids;
    let mut image = json!({"id": ids.uuid(Made::Image, server.number + 7), "image_type": server.image_type});
    if server.image_type == "gold" {
        put(&mut image, "spce_code", Some("workspace.x86.windows".to_owned()));
        put(&mut image, "product_id", Some(format!("OFFI{}", server.number)));
    }
    json!({
        "id": server.id,
        "name": server.name,
        "description": server.description,
        "image_ref": image,
        "server_group_id": ids.uuid(Made::ServerGroup, server.number),
        "app_group_id": ids.digits(Made::AppGroup, server.number),
        "server_id": format!("wksapp-{}", ids.uuid(Made::Server, server.number)),
        "instance_id": ids.uuid(Made::Machine, server.number),
        "image_id": server.image_id,
        "status": server.status.word(),
        "authorize_accounts": [{"account": server.account, "account_type": "USER", "domain": domain}],
        "create_time": time(server.created),
        "update_time": time(server.updated),
        "enterprise_project_id": "0",
    })
}

fn update(call: &Call<'_>) -> Answer {
    let fields = call.fields()?;
    let name = fields.owned("name", 1, SERVER_NAME)?;
    if name.as_ref().is_some_and(|name| !name.chars().all(|letter| is_word(letter) || letter == '-')) {
        return Err(CloudError::bad_request("The name may hold letters, digits, _ and - only."));
    }
    let description = fields.owned("description", 0, SERVER_DESCRIPTION)?;
    let mut estate = call.shared.estate();
    if workspace_mut(&mut estate)?.change_image_server(call.id(), name, description) {
        return Ok(Reply::empty());
    }
    Err(CloudError::not_found("image server"))
}

fn delete(call: &Call<'_>) -> Answer {
    let fields = call.fields()?;
    let ids = fields.ids("items", 20)?;
    fields.needed_flag("recursive")?;
    let mut estate = call.shared.estate();
    let job = workspace_mut(&mut estate)?.delete_image_servers(&ids);
    job.map(|job| Reply::json(json!({"job_id": job}))).map_err(|refusal| refused(refusal, "image server"))
}

fn recreate(call: &Call<'_>) -> Answer {
    let fields = call.fields()?;
    let name = fields.needed_text("name", 1, IMAGE_NAME)?;
    if !is_image_name(name) {
        let text =
            "The image name may hold letters, digits, blanks, ., _ and -, with no blank first or last.";
        return Err(CloudError::bad_request(text));
    }
    let description = fields.text("description", 0, IMAGE_DESCRIPTION)?;
    if description.is_some_and(|text| text.starts_with(' ') || text.contains(['\r', '\n', '<', '>'])) {
        let text = "The description may not begin with a blank, nor hold line breaks, < or >.";
        return Err(CloudError::bad_request(text));
    }
    fields.flag("execute_sysprep")?;
    let fault = build_fails(call);
    let mut estate = call.shared.estate();
    let refuses = estate.defined.world.workspace.as_ref().map(|world| world.refuses_with.clone());
    if refuses.is_some_and(|part| name.contains(&part)) {
        return Err(CloudError::bad_request("The image name is reserved."));
    }
    let order = BuildOrder { server: call.id(), name, fails: fault };
    let job = workspace_mut(&mut estate)?.build_image(order);
    job.map(|job| Reply::json(json!({"job_id": job}))).map_err(|refusal| refused(refusal, "image server"))
}

/// A letter or digit of ASCII, `_`, or a Han character of the documented range.
fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || ('\u{4e00}'..='\u{9fa5}').contains(&letter)
}

/// The rule of section 5.6; lengths were checked before.
fn is_image_name(name: &str) -> bool {
    let inside = |letter: char| is_word(letter) || [' ', '.', '-'].contains(&letter);
    name.chars().all(inside) && !name.starts_with(' ') && !name.ends_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_names_follow_the_rule() {
        for good in ["a", "image_name_0508", "win 10.2-x", "办公镜像 2", "-", "."] {
            assert!(is_image_name(good), "{good}");
        }
        for bad in [" a", "a ", "a/b", "a\tb", "é", "a:b", "a\nb", "«a»"] {
            assert!(!is_image_name(bad), "{bad}");
        }
    }
}
