//! Image servers, and images built from them (`workspace.md section 5`).

use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    read::{self, Row},
    sessions::lacks,
    wire::{Workspace, segment, within},
};
use crate::{
    api::{
        Estate, ListProgress, Listing, Operation, RequestClass, decode,
        gate::Turn,
        http::never_sent,
        request::{Body, Request},
    },
    domain::{
        CloudJobId, Fault, ImageRef, ImageServer, ImageServerAccount, ImageServerEdit, ImageServerId,
        ImageServerQuery, NewImage, TextRule,
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireImageServer {
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    image_ref: Option<WireImageRef>,
    server_id: Option<String>,
    instance_id: Option<String>,
    server_group_id: Option<String>,
    app_group_id: Option<String>,
    image_id: Option<String>,
    status: Option<String>,
    authorize_accounts: Option<Vec<WireAccount>>,
    create_time: Option<String>,
    update_time: Option<String>,
    enterprise_project_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireImageRef {
    id: Option<String>,
    image_type: Option<String>,
    /// Spelt like that in the contract.
    spce_code: Option<String>,
    product_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireAccount {
    account: Option<String>,
    account_type: Option<String>,
    domain: Option<String>,
}

/// What an order answers that makes a job of the cloud.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireJob {
    job_id: Option<String>,
}

impl WireImageServer {
    fn image_server(self) -> Option<ImageServer> {
        let image = self.image_ref.unwrap_or_default();
        let account = |wire: WireAccount| ImageServerAccount {
            account: read::text(wire.account),
            account_type: read::text(wire.account_type),
            domain: read::text(wire.domain),
        };
        Some(ImageServer {
            name: read::text(self.name),
            description: read::text(self.description),
            source: ImageRef {
                id: read::text(image.id),
                image_type: read::word(image.image_type),
                spec_code: read::text(image.spce_code),
                product_id: read::text(image.product_id),
            },
            app_server_id: read::id(self.server_id),
            instance_id: read::text(self.instance_id),
            server_group_id: read::id(self.server_group_id),
            app_group_id: read::id(self.app_group_id),
            image_id: read::text(self.image_id),
            status: read::word(self.status),
            accounts: self.authorize_accounts.unwrap_or_default().into_iter().map(account).collect(),
            created_at: read::moment(self.create_time),
            updated_at: read::moment(self.update_time),
            enterprise_project_id: read::text(self.enterprise_project_id),
            ..ImageServer::new(read::id(self.id)?)
        })
    }

    fn row(self) -> Option<Row<ImageServer>> {
        let server = self.image_server()?;
        Some(Row(server.id.raw().to_owned(), server))
    }
}

/// Refuses what the server would refuse anyway, with all the reasons.
fn obeyed(operation: Operation, broken: &[TextRule]) -> Result<(), Fault> {
    if broken.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = broken.iter().map(ToString::to_string).collect();
    Err(never_sent(operation, &words.join("; ")))
}

/// The job that an order has made. Without it nobody knows what was begun.
fn job_of(operation: Operation, body: &[u8]) -> Result<CloudJobId, Fault> {
    let wire = serde_json::from_slice::<WireJob>(body).unwrap_or_default();
    read::id(wire.job_id).ok_or_else(|| lacks(operation, "job_id", true))
}

impl Workspace {
    pub(in crate::api) async fn image_servers(
        &self,
        class: RequestClass,
        query: &ImageServerQuery,
        progress: impl Fn(ListProgress<'_>),
    ) -> Result<Listing<ImageServer>, Fault> {
        let mut request = Request::get(Operation::ListImageServers, self.path(1, "image-servers"));
        if let Some(name) = &query.name {
            request = request.with("server_name", name);
        }
        if let Some(id) = &query.id {
            request = request.with("server_id", id.raw());
        }
        self.list(class, &request, "items", WireImageServer::row, progress).await
    }

    pub(in crate::api) async fn image_server(
        &self,
        class: RequestClass,
        id: &ImageServerId,
    ) -> Result<ImageServer, Fault> {
        let operation = Operation::ReadImageServer;
        let path = self.path(1, &format!("image-servers/{}", segment(operation, id.raw())?));
        let answer = self.ask(class, &Request::get(operation, path)).await?;
        let (wire, _) = decode::object::<WireImageServer>(operation, &answer.body)?;
        wire.image_server().ok_or_else(|| lacks(operation, "id", false))
    }

    pub(in crate::api) async fn update_image_server(
        &self,
        id: &ImageServerId,
        edit: &ImageServerEdit,
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        let operation = Operation::UpdateImageServer;
        if edit.is_empty() {
            return Err(never_sent(operation, "there is nothing to change"));
        }
        obeyed(operation, &edit.broken_rules())?;
        let mut body = json!({});
        if let Some(name) = &edit.name {
            body["name"] = json!(name);
        }
        if let Some(description) = &edit.description {
            body["description"] = json!(description);
        }
        let path = self.path(1, &format!("image-servers/{}", segment(operation, id.raw())?));
        let request = Request::patch(operation, path, Body::Json(body.to_string()));
        self.ask(Turn::stoppable(RequestClass::Job, stop), &request).await.map(drop)
    }

    pub(in crate::api) async fn delete_image_servers(
        &self,
        ids: &[ImageServerId],
        everything: bool,
        stop: &CancellationToken,
    ) -> Result<CloudJobId, Fault> {
        let operation = Operation::DeleteImageServers;
        let mut items: Vec<&str> = ids.iter().map(ImageServerId::raw).collect();
        items.sort_unstable();
        items.dedup();
        within(operation, "image servers", items.len(), Estate::MAX_SERVERS)?;
        let body = json!({ "items": items, "recursive": everything });
        let path = self.path(1, "image-servers/actions/batch-delete");
        let request = Request::patch(operation, path, Body::Json(body.to_string()));
        let answer = self.ask(Turn::stoppable(RequestClass::Job, stop), &request).await?;
        job_of(operation, &answer.body)
    }

    pub(in crate::api) async fn recreate_image(
        &self,
        id: &ImageServerId,
        image: &NewImage,
        stop: &CancellationToken,
    ) -> Result<CloudJobId, Fault> {
        let operation = Operation::RecreateImage;
        obeyed(operation, &image.broken_rules())?;
        let mut body = json!({ "name": image.name });
        if let Some(description) = image.description.as_ref().filter(|text| !text.is_empty()) {
            body["description"] = json!(description);
        }
        if let Some(sysprep) = image.sysprep {
            body["execute_sysprep"] = json!(sysprep);
        }
        let id = segment(operation, id.raw())?;
        let path = self.path(1, &format!("image-servers/{id}/actions/recreate-image"));
        let request = Request::post(operation, path, Body::Json(body.to_string()));
        let answer = self.ask(Turn::stoppable(RequestClass::Job, stop), &request).await?;
        job_of(operation, &answer.body)
    }
}
