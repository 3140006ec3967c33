//! Image servers: the list, and everything about one.

use crate::{
    api::RequestClass,
    cli::{
        args::{ImageServerListArgs, ImageServerShowArgs},
        cloud::{self, Shown, is_whole, of, of_one},
        interrupt::Interrupts,
        reach::Reached,
        run::{Stop, Streams},
    },
    core::cloud::record::{shown, time},
    domain::{AppGroupId, AppServerGroupId, AppServerId, ImageServer, ImageServerId, ImageServerQuery, Text},
};

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
