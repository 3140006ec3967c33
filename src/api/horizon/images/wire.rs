//! Streams, versions, tags and assets as the server sends them, turned into the domain's terms.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::Kind;
use crate::{
    api::{
        Operation, decode, fault,
        http::Answer,
        page::{Keyed, Page},
    },
    domain::{Asset, AssetId, Fault, Stream, StreamId, Tag, TagId, Text, Version, VersionId},
};

/// One of the four kinds, as it is read.
pub(crate) trait Image: Keyed + Sized {
    /// Which kind it is.
    const KIND: Kind;
    /// Its fields on the wire.
    type Wire: DeserializeOwned;

    /// The row in the domain's terms; `None` without an id, because nothing can be done with it.
    fn of_wire(wire: Self::Wire) -> Option<Self>;

    /// Its id, as the server has it.
    fn raw_id(&self) -> &str;

    /// Says what is known from the question but may be missing in the answer: the stream and version asked about.
    fn belongs_to(&mut self, stream: Option<&StreamId>, version: Option<&VersionId>);
}

/// Free keys and values as they come: the values should be text.
type Details = Option<Map<String, Value>>;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireStream {
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    operating_system: Option<String>,
    publisher: Option<String>,
    source: Option<String>,
    status: Option<String>,
    usable: Option<bool>,
    additional_details: Details,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireVersion {
    id: Option<String>,
    im_stream_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    status: Option<String>,
    additional_details: Details,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireTag {
    id: Option<String>,
    im_stream_id: Option<String>,
    im_version_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    additional_details: Details,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireAsset {
    id: Option<String>,
    im_stream_id: Option<String>,
    im_version_id: Option<String>,
    vcenter_id: Option<String>,
    clone_type: Option<String>,
    image_type: Option<String>,
    status: Option<String>,
    base_vm_id: Option<String>,
    base_snapshot_id: Option<String>,
    vm_template_id: Option<String>,
    additional_details: Details,
}

/// Text that says something.
fn text(raw: Option<String>) -> Option<Text> {
    raw.filter(|raw| !raw.is_empty()).map(Text::from)
}

/// An id that names something.
pub(super) fn id<I: From<String>>(raw: Option<String>) -> Option<I> {
    raw.filter(|raw| !raw.is_empty()).map(I::from)
}

fn details(raw: Details) -> BTreeMap<Text, Text> {
    let clean = |(key, value): (String, Value)| {
        let value = match value {
            Value::Null => return None,
            Value::String(value) => Text::from(value),
            other => Text::from(other.to_string()),
        };
        Some((Text::from(key), value))
    };
    raw.into_iter().flatten().filter_map(clean).collect()
}

impl Image for Stream {
    const KIND: Kind = Kind::Stream;
    type Wire = WireStream;

    fn of_wire(wire: WireStream) -> Option<Self> {
        Some(Self {
            id: id(wire.id)?,
            name: text(wire.name),
            description: text(wire.description),
            operating_system: text(wire.operating_system),
            publisher: text(wire.publisher),
            source: text(wire.source),
            status: text(wire.status),
            usable: wire.usable,
            additional_details: details(wire.additional_details),
        })
    }

    fn raw_id(&self) -> &str {
        self.id.raw()
    }

    fn belongs_to(&mut self, _stream: Option<&StreamId>, _version: Option<&VersionId>) {}
}

impl Image for Version {
    const KIND: Kind = Kind::Version;
    type Wire = WireVersion;

    fn of_wire(wire: WireVersion) -> Option<Self> {
        Some(Self {
            id: id(wire.id)?,
            stream: id(wire.im_stream_id),
            name: text(wire.name),
            description: text(wire.description),
            status: text(wire.status),
            additional_details: details(wire.additional_details),
        })
    }

    fn raw_id(&self) -> &str {
        self.id.raw()
    }

    fn belongs_to(&mut self, stream: Option<&StreamId>, _version: Option<&VersionId>) {
        self.stream = self.stream.take().or_else(|| stream.cloned());
    }
}

impl Image for Tag {
    const KIND: Kind = Kind::Tag;
    type Wire = WireTag;

    fn of_wire(wire: WireTag) -> Option<Self> {
        Some(Self {
            id: id(wire.id)?,
            stream: id(wire.im_stream_id),
            version: id(wire.im_version_id),
            name: text(wire.name),
            description: text(wire.description),
            additional_details: details(wire.additional_details),
        })
    }

    fn raw_id(&self) -> &str {
        self.id.raw()
    }

    fn belongs_to(&mut self, stream: Option<&StreamId>, _version: Option<&VersionId>) {
        self.stream = self.stream.take().or_else(|| stream.cloned());
    }
}

impl Image for Asset {
    const KIND: Kind = Kind::Asset;
    type Wire = WireAsset;

    fn of_wire(wire: WireAsset) -> Option<Self> {
        Some(Self {
            id: id(wire.id)?,
            stream: id(wire.im_stream_id),
            version: id(wire.im_version_id),
            vcenter: id(wire.vcenter_id),
            clone_type: text(wire.clone_type),
            image_type: text(wire.image_type),
            status: text(wire.status),
            base_vm: text(wire.base_vm_id),
            base_snapshot: text(wire.base_snapshot_id),
            template: text(wire.vm_template_id),
            additional_details: details(wire.additional_details),
        })
    }

    fn raw_id(&self) -> &str {
        self.id.raw()
    }

    fn belongs_to(&mut self, stream: Option<&StreamId>, version: Option<&VersionId>) {
        self.stream = self.stream.take().or_else(|| stream.cloned());
        self.version = self.version.take().or_else(|| version.cloned());
    }
}

macro_rules! keyed {
    ($($row:ident by $id:ident),+) => {$(
        impl Keyed for $row {
            type Key = $id;

            fn key(&self) -> $id {
                self.id.clone()
            }
        }
    )+};
}

keyed!(Stream by StreamId, Version by VersionId, Tag by TagId, Asset by AssetId);

/// One page of a list.
pub(crate) fn read_page<T: Image>(operation: Operation, answer: &Answer) -> Result<Page<T>, Fault> {
    let read = decode::rows::<T::Wire>(operation, &answer.body)?;
    let mut page = Page {
        rows: Vec::with_capacity(read.rows.len()),
        sent: read.sent,
        unreadable: read.unreadable,
        unreadable_fields: read.unreadable_fields,
        more: answer.more,
        total: answer.total,
    };
    for wire in read.rows {
        match T::of_wire(wire) {
            Some(row) => page.rows.push(row),
            None => page.unreadable += 1,
        }
    }
    Ok(page)
}

/// One by itself.
pub(crate) fn read_one<T: Image>(operation: Operation, body: &[u8]) -> Result<T, Fault> {
    let (wire, _) = decode::object::<T::Wire>(operation, body)?;
    T::of_wire(wire).ok_or_else(|| {
        fault::bad_answer(operation, &format!("the answer is {} without an id", article(T::KIND)))
    })
}

fn article(kind: Kind) -> &'static str {
    match kind {
        Kind::Stream => "a stream",
        Kind::Version => "a version",
        Kind::Tag => "a tag",
        Kind::Asset => "an asset",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_field_of_an_asset_arrives() {
        let body = json!({
            "id": "a", "im_stream_id": "s", "im_version_id": "v", "vcenter_id": "vc", "datacenter_id": "dc",
            "clone_type": "INSTANT_CLONE", "image_type": "VDI_DESKTOP", "status": "REPLICATING",
            "base_vm_id": "vm-1", "base_snapshot_id": "snap-1", "vm_template_id": "vm-2",
            "additional_details": {"k\u{1b}": "a\tb", "n": 5, "none": null},
        });
        let asset: Asset = read_one(Operation::ReadAsset, body.to_string().as_bytes()).unwrap();
        assert_eq!(asset.id, "a".into());
        assert_eq!((asset.stream, asset.version), (Some("s".into()), Some("v".into())));
        assert_eq!(asset.vcenter, Some("vc".into()));
        assert_eq!(asset.clone_type, Some("INSTANT_CLONE".into()));
        assert_eq!(asset.image_type, Some("VDI_DESKTOP".into()));
        assert_eq!(asset.status, Some("REPLICATING".into()));
        assert_eq!(asset.base_vm, Some("vm-1".into()));
        assert_eq!(asset.base_snapshot, Some("snap-1".into()));
        assert_eq!(asset.template, Some("vm-2".into()));
        let details: Vec<_> =
            asset.additional_details.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(details, [("k\u{fffd}", "a b"), ("n", "5")]);
    }

    #[test]
    fn what_is_absent_is_unknown_and_a_row_without_an_id_is_none() {
        let stream: Stream =
            read_one(Operation::ReadStream, br#"{"id":"s","name":"","usable":"yes"}"#).unwrap();
        assert_eq!((stream.name, stream.usable, stream.status), (None, None, None));
        assert!(read_one::<Tag>(Operation::ReadTag, br#"{"name":"prod"}"#).is_err());
        assert!(read_one::<Version>(Operation::ReadVersion, b"[]").is_err());
    }
}
