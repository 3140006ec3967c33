//! What an image server says, in words.

use super::filter::Facts;
use crate::domain::{ImageServer, Text};

/// The fields of the filter of image servers.
pub fn server_filter_fields() -> &'static [&'static str] {
    &["name", "status", "type", "image", "account", "id", "description"]
}

fn said(text: Option<&Text>) -> Option<String> {
    text.map(ToString::to_string)
}

/// What the filter looks at.
pub(super) fn facts(server: &ImageServer) -> Facts<'_> {
    let [name, status, kind, image, account] = columns_of(server);
    vec![
        ("name", name),
        ("status", status),
        ("type", kind),
        ("image", image),
        ("account", account),
        ("id", Some(server.id.to_string())),
        ("description", said(server.description.as_ref())),
    ]
}

/// Name, status, source image type, last image and account; what is not known is `None`.
pub fn columns_of(server: &ImageServer) -> [Option<String>; 5] {
    let accounts: Vec<String> = server
        .accounts
        .iter()
        .map(|account| account.account.as_ref().map_or_else(|| "?".to_owned(), ToString::to_string))
        .collect();
    [
        said(server.name.as_ref()),
        server.status.as_ref().map(ToString::to_string),
        server.source.image_type.as_ref().map(ToString::to_string),
        said(server.image_id.as_ref()),
        (!accounts.is_empty()).then(|| accounts.join(", ")),
    ]
}
