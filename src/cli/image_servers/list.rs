//! Image servers: the list, and everything about one.

use serde::Serialize;

use crate::{
    api::RequestClass,
    cli::{
        args::{ImageServerListArgs, ImageServerShowArgs},
        cloud::{self, Listed, Shown, is_whole, of, of_one, shown, time},
        interrupt::Interrupts,
        reach::Reached,
        run::{Stop, Streams},
    },
    domain::{
        AppGroupId, AppServerGroupId, AppServerId, ImageServer, ImageServerId, ImageServerQuery,
        ImageServerStatus, ImageType, Text,
    },
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
pub(in crate::cli) struct Row<'a> {
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

impl<'a> Row<'a> {
    pub(super) fn new(server: &'a ImageServer) -> Self {
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
    type Row<'a> = Row<'a>;

    const FIELDS: &'static [&'static str] = FIELDS;
    const TITLES: &'static [&'static str] = &["NAME", "STATUS", "BUILT IMAGE", "FROM", "CREATED", "ID"];

    fn row(&self) -> Row<'_> {
        Row::new(self)
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

/// Reads and prints the list.
pub(super) async fn print(
    args: &ImageServerListArgs,
    reached: &Reached,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let query = ImageServerQuery { name: args.name.clone(), id: None };
    let reading = reached.estate.image_servers(RequestClass::Poll, &query, |_| {});
    let listing = interrupts.or(reading).await?.map_err(|fault| of(reached, fault))?;
    let servers: Vec<&ImageServer> = listing.rows.iter().collect();
    cloud::print_list(&servers, args.output.format, reached.settings.ascii, streams)?;
    is_whole(&listing, "image servers", streams)?;
    Ok(0)
}

/// Reads and prints one.
pub(super) async fn print_one(
    args: &ImageServerShowArgs,
    reached: &Reached,
    interrupts: &Interrupts,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let server = read_one(&args.id, reached, interrupts).await?;
    cloud::print_one(&server, args.output.format, reached.settings.ascii, streams)?;
    Ok(0)
}

/// One image server as it is now.
pub(super) async fn read_one(
    id: &str,
    reached: &Reached,
    interrupts: &Interrupts,
) -> Result<ImageServer, Stop> {
    let id = ImageServerId::from(id);
    let read = interrupts.or(reached.estate.image_server(RequestClass::Job, &id)).await?;
    Ok(read.map_err(|fault| of_one(reached, "image server", "image-servers list", fault))?)
}

impl Shown for ImageServer {
    fn facts(&self) -> Vec<(&'static str, String)> {
        let id = |raw: Option<&str>| shown(raw.map(Text::clean));
        let accounts: Vec<&str> =
            self.accounts.iter().filter_map(|one| one.account.as_ref()).map(Text::as_str).collect();
        vec![
            ("id", Text::clean(self.id.raw()).to_string()),
            ("name", shown(self.name.as_ref())),
            ("description", self.description.as_ref().map_or_else(String::new, ToString::to_string)),
            ("status", shown(self.status.as_ref())),
            ("image last built", self.image_id.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string)),
            ("started from", shown(self.source.id.as_ref())),
            ("kind of that image", shown(self.source.image_type.as_ref())),
            ("app server", id(self.app_server_id.as_ref().map(AppServerId::raw))),
            ("instance", shown(self.instance_id.as_ref())),
            ("app server group", id(self.server_group_id.as_ref().map(AppServerGroupId::raw))),
            ("app group", id(self.app_group_id.as_ref().map(AppGroupId::raw))),
            ("who may work on it", accounts.join(" ")),
            ("created", shown(time(self.created_at.as_ref()))),
            ("changed", shown(time(self.updated_at.as_ref()))),
        ]
    }
}
