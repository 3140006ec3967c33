//! Streams, versions, tags and assets as the API shows them.

use std::borrow::Cow;

use crate::sim::estate::{
    Details, Estate, ImageAsset, ImageStream, ImageTag, ImageVersion, Origin, STATUS_SINCE, Status,
};
use crate::sim::horizon::fields::{CO, EQ, Field, Row, SW, Value};
use crate::sim::ids::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    BaseSnapshot,
    BaseVm,
    CloneType,
    Datacenter,
    Description,
    Details,
    Id,
    ImageType,
    Name,
    OperatingSystem,
    Publisher,
    Source,
    Status,
    Stream,
    Template,
    Usable,
    Vcenter,
    Version,
}

/// One of them, with the estate that its ids come from.
pub(crate) struct ImageRow<'a, T> {
    pub(crate) estate: &'a Estate,
    pub(crate) of: &'a T,
}

fn text(value: Option<&String>) -> Value<'_> {
    Value::optional(value.map(|value| Cow::Borrowed(value.as_str())))
}

/// The free keys, with the simulator's own while something runs.
fn details<'a>(details: &'a Details, status: Option<&Status>) -> Value<'a> {
    let mut pairs: Vec<(Cow<'a, str>, Value<'a>)> =
        details.iter().map(|(key, value)| (Cow::Borrowed(key.as_str()), Value::text(value))).collect();
    if let Some(status) = status.filter(|status| status.is_running()) {
        pairs.push((Cow::Borrowed(STATUS_SINCE), Value::owned(status.since.to_string())));
    }
    if pairs.is_empty() { Value::Absent } else { Value::Object(pairs) }
}

impl<T> ImageRow<'_, T> {
    fn id(&self, kind: Kind, number: u32) -> Value<'static> {
        Value::owned(self.estate.ids.id(kind, number))
    }
}

impl Row for ImageRow<'_, ImageStream> {
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::Details, "additional_details", 1, 0, false),
        Field::new(Of::Description, "description", 1, 0, true),
        Field::new(Of::Id, "id", 1, EQ, false),
        Field::new(Of::Name, "name", 1, EQ | SW | CO, true),
        Field::new(Of::OperatingSystem, "operating_system", 1, EQ, true),
        Field::new(Of::Publisher, "publisher", 1, EQ | SW | CO, true),
        Field::new(Of::Source, "source", 1, EQ, true),
        Field::new(Of::Status, "status", 1, EQ, true),
        Field::new(Of::Usable, "usable", 1, 0, true),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        let row = self.of;
        match field {
            Of::Details => details(&row.details, Some(&row.status)),
            Of::Description => text(row.description.as_ref()),
            Of::Id => self.id(Kind::ImageStream, row.number),
            Of::Name => Value::text(&row.name),
            Of::OperatingSystem => Value::text(&row.operating_system),
            Of::Publisher => text(row.publisher.as_ref()),
            Of::Source => Value::text(&row.source),
            Of::Status => Value::text(&row.status.word),
            Of::Usable => Value::Boolean(self.estate.images.is_usable(row)),
            _ => Value::Absent,
        }
    }
}

impl Row for ImageRow<'_, ImageVersion> {
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::Details, "additional_details", 1, 0, false),
        Field::new(Of::Description, "description", 1, EQ | SW | CO, true),
        Field::new(Of::Id, "id", 1, EQ, false),
        Field::new(Of::Stream, "im_stream_id", 1, EQ, false),
        Field::new(Of::Name, "name", 1, EQ | SW | CO, true),
        Field::new(Of::Status, "status", 1, EQ, true),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        let row = self.of;
        match field {
            Of::Details => details(&row.details, Some(&row.status)),
            Of::Description => text(row.description.as_ref()),
            Of::Id => self.id(Kind::ImageVersion, row.number),
            Of::Stream => self.id(Kind::ImageStream, row.stream),
            Of::Name => Value::text(&row.name),
            Of::Status => Value::text(&row.status.word),
            _ => Value::Absent,
        }
    }
}

impl Row for ImageRow<'_, ImageTag> {
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::Details, "additional_details", 1, 0, false),
        Field::new(Of::Description, "description", 1, EQ | SW | CO, true),
        Field::new(Of::Id, "id", 1, EQ, false),
        Field::new(Of::Stream, "im_stream_id", 1, EQ, false),
        Field::new(Of::Version, "im_version_id", 1, EQ, false),
        Field::new(Of::Name, "name", 1, EQ | SW | CO, true),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        let row = self.of;
        match field {
            Of::Details => details(&row.details, None),
            Of::Description => text(row.description.as_ref()),
            Of::Id => self.id(Kind::ImageTag, row.number),
            Of::Stream => self.id(Kind::ImageStream, row.stream),
            Of::Version => self.id(Kind::ImageVersion, row.version),
            Of::Name => Value::text(&row.name),
            _ => Value::Absent,
        }
    }
}

impl Row for ImageRow<'_, ImageAsset> {
    type Field = Of;

    const FIELDS: &'static [Field<Of>] = &[
        Field::new(Of::Details, "additional_details", 1, 0, false),
        Field::new(Of::BaseSnapshot, "base_snapshot_id", 1, EQ, false),
        Field::new(Of::BaseVm, "base_vm_id", 1, EQ, false),
        Field::new(Of::CloneType, "clone_type", 1, EQ, true),
        Field::new(Of::Datacenter, "datacenter_id", 1, EQ, false),
        Field::new(Of::Id, "id", 1, EQ, false),
        Field::new(Of::Stream, "im_stream_id", 1, EQ, false),
        Field::new(Of::Version, "im_version_id", 1, EQ, false),
        Field::new(Of::ImageType, "image_type", 1, EQ, true),
        Field::new(Of::Status, "status", 1, EQ, true),
        Field::new(Of::Vcenter, "vcenter_id", 1, EQ, false),
        Field::new(Of::Template, "vm_template_id", 1, EQ, false),
    ];

    fn value(&self, field: Of) -> Value<'_> {
        let row = self.of;
        match (field, &row.origin) {
            (Of::BaseSnapshot, Origin::Snapshot { snapshot, .. }) => Value::text(snapshot),
            (Of::BaseVm, Origin::Snapshot { vm, .. }) => Value::text(vm),
            (Of::Template, Origin::Template(template)) => Value::text(template),
            (Of::Details, _) => details(&row.details, Some(&row.status)),
            (Of::CloneType, _) => Value::text(&row.clone_type),
            (Of::Datacenter, _) => {
                let vcenter = self.estate.defined.world.vcenters.get(usize::from(row.vcenter));
                Value::optional(vcenter.map(|vcenter| Cow::Borrowed(vcenter.datacenter.as_str())))
            }
            (Of::Id, _) => self.id(Kind::ImageAsset, row.number),
            (Of::Stream, _) => self.id(Kind::ImageStream, row.stream),
            (Of::Version, _) => self.id(Kind::ImageVersion, row.version),
            (Of::ImageType, _) => Value::text(&row.image_type),
            (Of::Status, _) => Value::text(&row.status.word),
            (Of::Vcenter, _) => self.id(Kind::VirtualCenter, u32::from(row.vcenter)),
            _ => Value::Absent,
        }
    }
}
