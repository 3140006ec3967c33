//! Image servers.

use serde::Serialize;

use super::{Listed, shown, time};
use crate::domain::{
    AppGroupId, AppServerGroupId, AppServerId, ImageServer, ImageServerStatus, ImageType, Text,
};

/// The fields in CSV, in order.
const FIELDS: &[&str] = &[
    "id",
    "name",
    "description",
    "status",
    "image_id",
    "image_ref.id",
    "image_ref.image_type",
    "server_id",
    "instance_id",
    "server_group_id",
    "app_group_id",
    "accounts",
    "create_time",
    "update_time",
    "enterprise_project_id",
];

/// An image server with the field names of the vendor's API. What is not known is absent.
#[derive(Debug, Serialize)]
pub(crate) struct ImageServerRecord<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_id: Option<&'a Text>,
    image_ref: Source<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_group_id: Option<&'a str>,
    /// The accounts that may work on it, by name.
    accounts: Vec<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enterprise_project_id: Option<&'a Text>,
}

#[derive(Debug, Serialize)]
struct Source<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spec_code: Option<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<&'a Text>,
}

impl<'a> ImageServerRecord<'a> {
    fn new(server: &'a ImageServer) -> Self {
        let source = &server.source;
        Self {
            id: server.id.raw(),
            name: server.name.as_ref(),
            description: server.description.as_ref(),
            status: server.status.as_ref().map(ImageServerStatus::word),
            image_id: server.image_id.as_ref(),
            image_ref: Source {
                id: source.id.as_ref(),
                image_type: source.image_type.as_ref().map(ImageType::word),
                spec_code: source.spec_code.as_ref(),
                product_id: source.product_id.as_ref(),
            },
            server_id: server.app_server_id.as_ref().map(AppServerId::raw),
            instance_id: server.instance_id.as_ref(),
            server_group_id: server.server_group_id.as_ref().map(AppServerGroupId::raw),
            app_group_id: server.app_group_id.as_ref().map(AppGroupId::raw),
            accounts: server.accounts.iter().filter_map(|account| account.account.as_ref()).collect(),
            create_time: time(server.created_at.as_ref()),
            update_time: time(server.updated_at.as_ref()),
            enterprise_project_id: server.enterprise_project_id.as_ref(),
        }
    }
}

impl Listed for ImageServer {
    type Row<'a> = ImageServerRecord<'a>;

    const FIELDS: &'static [&'static str] = FIELDS;
    const TITLES: &'static [&'static str] = &["NAME", "STATUS", "BUILT IMAGE", "FROM", "CREATED", "ID"];

    fn row(&self) -> ImageServerRecord<'_> {
        ImageServerRecord::new(self)
    }

    fn cells(&self) -> Vec<String> {
        vec![
            shown(self.name.as_ref()),
            shown(self.status.as_ref()),
            // None before the first: that is known.
            self.image_id.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            shown(self.source.image_type.as_ref()),
            shown(time(self.created_at.as_ref())),
            Text::clean(self.id.raw()).to_string(),
        ]
    }
}
