//! What the bodies of creates and updates may hold: required fields, names, words of enumerations.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::sim::estate::{
    AssetSpec, AssetUpdate, Details, ImageRefusal, Origin, StreamSpec, TagSpec, TagUpdate, VersionSpec,
};
use crate::sim::world::{
    ASSET_STATUSES, CLONE_TYPES, IMAGE_TYPES, OPERATING_SYSTEMS, SOURCES, STREAM_STATUSES, VERSION_STATUSES,
};

/// The longest description of a stream, in characters.
const LONGEST_DESCRIPTION: usize = 1024;
/// The longest name of anything.
const LONGEST_NAME: usize = 64;

/// Every field of any of the bodies. What a body must not have is refused by the checks of its kind.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    additional_details: Option<Details>,
    base_snapshot_id: Option<String>,
    base_vm_id: Option<String>,
    clone_type: Option<String>,
    description: Option<String>,
    im_stream_id: Option<String>,
    im_version_id: Option<String>,
    image_type: Option<String>,
    name: Option<String>,
    operating_system: Option<String>,
    publisher: Option<String>,
    source: Option<String>,
    status: Option<String>,
    vcenter_id: Option<String>,
    vm_template_id: Option<String>,
}

type Read<T> = Result<T, ImageRefusal>;

fn invalid<T>(why: String) -> Read<T> {
    Err(ImageRefusal::Invalid(why))
}

fn parse<T: DeserializeOwned>(body: &Value) -> Read<T> {
    T::deserialize(body).or_else(|error| invalid(format!("The body cannot be mapped: {error}")))
}

/// Reads a body that may hold these fields only.
fn body(value: &Value, fields: &[&str]) -> Read<Body> {
    let stranger =
        value.as_object().and_then(|object| object.keys().find(|key| !fields.contains(&key.as_str())));
    match stranger {
        Some(stranger) => invalid(format!("The body cannot be mapped: unknown field `{stranger}`")),
        None => parse(value),
    }
}

fn required(name: &str, value: Option<String>) -> Read<String> {
    value.map_or_else(|| invalid(format!("{name} must not be null")), Ok)
}

fn word(name: &str, value: Option<String>, known: &[&str]) -> Read<String> {
    let value = required(name, value)?;
    if known.contains(&value.as_str()) {
        return Ok(value);
    }
    invalid(format!("{name} must be one of {}, not {value}", known.join(", ")))
}

/// A name of letters, digits, `-`, `_` and, in versions, dots.
fn name(value: Option<String>, dots: bool) -> Read<String> {
    let name = required("name", value)?;
    let fits = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_') || (dots && letter == '.')
    };
    if (1..=LONGEST_NAME).contains(&name.chars().count()) && name.chars().all(fits) {
        return Ok(name);
    }
    let pattern = if dots { "[a-zA-Z0-9_.-]{1,64}" } else { "[a-zA-Z0-9_-]{1,64}" };
    invalid(format!("name must match {pattern}"))
}

fn description(value: Option<String>) -> Read<Option<String>> {
    if value.as_ref().is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION) {
        return invalid(format!("description must not be longer than {LONGEST_DESCRIPTION} characters"));
    }
    Ok(value)
}

/// A stream: new and changed ones take the same fields.
pub(super) fn stream(value: &Value) -> Read<StreamSpec> {
    let fields =
        ["additional_details", "description", "name", "operating_system", "publisher", "source", "status"];
    let body = body(value, &fields)?;
    Ok(StreamSpec {
        name: name(body.name, false)?,
        description: description(body.description)?,
        operating_system: word("operating_system", body.operating_system, &OPERATING_SYSTEMS)?,
        publisher: body.publisher,
        source: word("source", body.source, &SOURCES)?,
        status: word("status", body.status, &STREAM_STATUSES)?,
        details: body.additional_details.unwrap_or_default(),
    })
}

pub(super) fn new_version(value: &Value) -> Read<VersionSpec> {
    let fields = ["additional_details", "description", "im_stream_id", "name", "status"];
    let mut body = body(value, &fields)?;
    let stream = required("im_stream_id", body.im_stream_id.take())?;
    version_of(body, stream)
}

pub(super) fn changed_version(value: &Value) -> Read<VersionSpec> {
    let body = body(value, &["additional_details", "description", "name", "status"])?;
    version_of(body, String::new())
}

fn version_of(body: Body, stream: String) -> Read<VersionSpec> {
    Ok(VersionSpec {
        stream,
        name: name(body.name, true)?,
        description: description(body.description)?,
        status: word("status", body.status, &VERSION_STATUSES)?,
        details: body.additional_details.unwrap_or_default(),
    })
}

pub(super) fn new_tag(value: &Value) -> Read<TagSpec> {
    let fields = ["additional_details", "im_stream_id", "im_version_id", "name"];
    let mut body = body(value, &fields)?;
    let stream = required("im_stream_id", body.im_stream_id.take())?;
    Ok(TagSpec { stream, of: tag_of(body)? })
}

pub(super) fn changed_tag(value: &Value) -> Read<TagUpdate> {
    tag_of(body(value, &["additional_details", "im_version_id", "name"])?)
}

fn tag_of(body: Body) -> Read<TagUpdate> {
    Ok(TagUpdate {
        version: required("im_version_id", body.im_version_id)?,
        name: name(body.name, false)?,
        details: body.additional_details.unwrap_or_default(),
    })
}

pub(super) fn new_asset(value: &Value) -> Read<AssetSpec> {
    let fields = [
        "additional_details",
        "base_snapshot_id",
        "base_vm_id",
        "clone_type",
        "im_stream_id",
        "im_version_id",
        "image_type",
        "status",
        "vcenter_id",
        "vm_template_id",
    ];
    let mut body = body(value, &fields)?;
    let origin = match (body.vm_template_id.take(), body.base_vm_id.take(), body.base_snapshot_id.take()) {
        (Some(template), None, None) => Origin::Template(template),
        (None, Some(vm), Some(snapshot)) => Origin::Snapshot { vm, snapshot },
        _ => {
            return invalid(
                "either vm_template_id, or base_vm_id and base_snapshot_id must be given".to_owned(),
            );
        }
    };
    Ok(AssetSpec {
        stream: required("im_stream_id", body.im_stream_id.take())?,
        version: required("im_version_id", body.im_version_id.take())?,
        vcenter: required("vcenter_id", body.vcenter_id.take())?,
        origin,
        of: asset_of(body)?,
    })
}

pub(super) fn changed_asset(value: &Value) -> Read<AssetUpdate> {
    asset_of(body(value, &["additional_details", "clone_type", "image_type", "status"])?)
}

fn asset_of(body: Body) -> Read<AssetUpdate> {
    Ok(AssetUpdate {
        clone_type: word("clone_type", body.clone_type, &CLONE_TYPES)?,
        image_type: word("image_type", body.image_type, &IMAGE_TYPES)?,
        status: word("status", body.status, &ASSET_STATUSES)?,
        details: body.additional_details.unwrap_or_default(),
    })
}
