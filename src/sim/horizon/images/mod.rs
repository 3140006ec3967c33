//! Image streams, versions, tags and assets (`horizon-rest.md section 13`).
//!
//! Before 2309 the lists take no paging, filter, sort or type parameters and ignore them. A call that the caller may not
//! make at all writes no event of its own (`method-map.md` says nothing of one); whatever else goes wrong with an item
//! does.

mod body;
mod rows;

use axum::http::StatusCode;
use serde_json::Value;

use super::call::{Answer, Call, Reply};
use super::error::ApiError;
use super::fields::Row;
use super::json::Json;
use crate::sim::estate::{About, Estate, Extra, ImageAsset, ImageKind, ImageRefusal};
use crate::sim::ids::Kind;
use crate::sim::release::Release;
use crate::sim::world::{CLONE_TYPES, IMAGE_TYPES};
use rows::ImageRow;

/// What a caller needs to change anything here.
const MANAGE: [&str; 1] = ["GLOBAL_CONFIG_MANAGEMENT"];

/// What a call wants of one kind of image; ids are borrowed from the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted<'a> {
    List,
    One(&'a str),
    Add,
    AddMany,
    Put(&'a str),
    Delete(&'a str),
}

/// The kind behind the last part of `/config/v1/…`.
pub(crate) fn kind(resource: &str) -> Option<ImageKind> {
    match resource {
        "im-streams" => Some(ImageKind::Stream),
        "im-versions" => Some(ImageKind::Version),
        "im-tags" => Some(ImageKind::Tag),
        "im-assets" => Some(ImageKind::Asset),
        _ => None,
    }
}

/// Any call to `/config/v1/im-…`.
pub(crate) fn images(call: &Call<'_>, kind: ImageKind, wanted: Wanted<'_>) -> Answer {
    match wanted {
        Wanted::List | Wanted::One(_) => {
            let view: &[&str] = match kind {
                ImageKind::Stream | ImageKind::Tag => &["GLOBAL_CONFIG_VIEW", "VC_CONFIG_VIEW"],
                ImageKind::Version | ImageKind::Asset => &["GLOBAL_CONFIG_VIEW"],
            };
            call.need(view)?;
            match wanted {
                Wanted::One(id) => one(call, kind, id),
                _ => list(call, kind),
            }
        }
        Wanted::Add => {
            call.need(&MANAGE)?;
            let body = parsed(call.body);
            let mut estate = call.shared.estate();
            let added = body.and_then(|body| add(&mut estate, kind, &body));
            let id = added.as_ref().ok().map(|number| estate.ids.id(kind.ids(), *number));
            log(&mut estate, call, kind, "ADD", id, added.is_ok());
            added.map_err(|refusal| error(&refusal))?;
            Ok(Reply::empty(StatusCode::CREATED))
        }
        Wanted::AddMany => {
            call.need(&MANAGE)?;
            add_many(call, kind)
        }
        Wanted::Put(id) => {
            call.need(&MANAGE)?;
            let body = parsed(call.body);
            change(call, kind, id, "UPDATE", |estate, number| put(estate, kind, number, &body?))
        }
        Wanted::Delete(id) => {
            call.need(&MANAGE)?;
            change(call, kind, id, "DELETE", |estate, number| match kind {
                ImageKind::Stream => estate.delete_stream(number),
                ImageKind::Version => estate.delete_version(number),
                ImageKind::Tag => estate.delete_tag(number),
                ImageKind::Asset => estate.delete_asset(number),
            })
        }
    }
}

fn error(refusal: &ImageRefusal) -> ApiError {
    let (status, key, message) = refusal.answer();
    ApiError::new(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), key, message)
}

fn parsed(body: &[u8]) -> Result<Value, ImageRefusal> {
    serde_json::from_slice(body)
        .map_err(|error| ImageRefusal::Invalid(format!("The body cannot be mapped: {error}")))
}

/// A row by its id: 404 when there is none.
fn one(call: &Call<'_>, kind: ImageKind, id: &str) -> Answer {
    let estate = call.shared.estate();
    let missing = || ApiError::not_found("Entity does not exist.");
    let number = estate.ids.number(kind.ids(), id).ok_or_else(missing)?;
    let (estate, images) = (&*estate, &estate.images);
    let reply = match kind {
        ImageKind::Stream => images.stream(number).map(|of| call.one(&ImageRow { estate, of }, 1)),
        ImageKind::Version => images.version(number).map(|of| call.one(&ImageRow { estate, of }, 1)),
        ImageKind::Tag => images.tag(number).map(|of| call.one(&ImageRow { estate, of }, 1)),
        ImageKind::Asset => {
            let asset = images.assets.iter().find(|asset| asset.number == number);
            asset.map(|of| call.one(&ImageRow { estate, of }, 1))
        }
    };
    reply.ok_or_else(missing)
}

fn list(call: &Call<'_>, kind: ImageKind) -> Answer {
    let estate = call.shared.estate();
    let (estate, images) = (&*estate, &estate.images);
    match kind {
        ImageKind::Stream => {
            let fits = assets_wanted(call, estate, Release::R2309)?;
            let here = images.streams.iter().filter(|stream| {
                fits.as_ref().is_none_or(|fits| {
                    images.assets.iter().any(|asset| asset.stream == stream.number && fits(asset))
                })
            });
            rows(call, here.map(|of| ImageRow { estate, of }).collect())
        }
        ImageKind::Version => {
            let stream = estate.ids.number(Kind::ImageStream, stream_wanted(call)?);
            let here = images.versions.iter().filter(|version| Some(version.stream) == stream);
            rows(call, here.map(|of| ImageRow { estate, of }).collect())
        }
        ImageKind::Tag => {
            let stream = estate.ids.number(Kind::ImageStream, stream_wanted(call)?);
            let stream = stream.filter(|number| images.stream(*number).is_some());
            let stream = stream.ok_or_else(|| ApiError::not_found("Entity does not exist."))?;
            let fits = assets_wanted(call, estate, Release::R2312)?;
            let here = images.tags.iter().filter(|tag| tag.stream == stream).filter(|tag| {
                fits.as_ref().is_none_or(|fits| {
                    images.assets.iter().any(|asset| asset.version == tag.version && fits(asset))
                })
            });
            rows(call, here.map(|of| ImageRow { estate, of }).collect())
        }
        ImageKind::Asset => {
            let version = version_wanted(call, estate)?;
            let here =
                images.assets.iter().filter(|asset| version.is_none_or(|wanted| asset.version == wanted));
            rows(call, here.map(|of| ImageRow { estate, of }).collect())
        }
    }
}

fn rows<R: Row>(call: &Call<'_>, rows: Vec<R>) -> Answer {
    if call.release() < Release::R2309 { Ok(call.plain_list(&rows, 1)) } else { call.list(rows, 1, None) }
}

fn missing_parameter(name: &str) -> ApiError {
    ApiError::bad_request("common.query.invalid", format!("{name} parameter is missing"))
}

fn stream_wanted<'a>(call: &'a Call<'_>) -> Result<&'a str, ApiError> {
    call.query.get("im_stream_id").ok_or_else(|| missing_parameter("im_stream_id"))
}

/// The version whose assets are wanted; all of them from 2312 on, where it may be left out or given by a tag.
fn version_wanted(call: &Call<'_>, estate: &Estate) -> Result<Option<u32>, ApiError> {
    let missing = || ApiError::not_found("Entity does not exist.");
    let images = &estate.images;
    if let Some(id) = call.query.get("im_version_id") {
        let number = estate.ids.number(Kind::ImageVersion, id);
        return number.filter(|number| images.version(*number).is_some()).map(Some).ok_or_else(missing);
    }
    if call.release() < Release::R2312 {
        return Err(missing_parameter("im_version_id"));
    }
    let Some(id) = call.query.get("im_tag_id") else { return Ok(None) };
    let tag = estate.ids.number(Kind::ImageTag, id).and_then(|number| images.tag(number));
    tag.map(|tag| Some(tag.version)).ok_or_else(missing)
}

/// Which assets a stream or tag must have, by the parameters that came with `since`; `None` when it does not matter.
fn assets_wanted<'a>(
    call: &'a Call<'_>,
    estate: &Estate,
    since: Release,
) -> Result<Option<impl Fn(&ImageAsset) -> bool + 'a>, ApiError> {
    if call.release() < since {
        return Ok(None);
    }
    let word = |name: &str, known: &[&str]| match call.query.get(name) {
        Some(word) if !known.contains(&word) => {
            let text = format!("`{name}` must be one of {}, not `{word}`.", known.join(", "));
            Err(ApiError::bad_request("common.query.invalid", text))
        }
        word => Ok(word),
    };
    let clone_type = word("clone_type", &CLONE_TYPES)?;
    let image_type = word("image_type", &IMAGE_TYPES)?;
    let available = call.query.boolean("fetch_available_assets_only")?.unwrap_or(false);
    let vcenter = call.query.get("vcenter_id");
    let number = vcenter.and_then(|id| estate.ids.number(Kind::VirtualCenter, id));
    if clone_type.is_none() && image_type.is_none() && vcenter.is_none() && !available {
        return Ok(None);
    }
    Ok(Some(move |asset: &ImageAsset| {
        clone_type.is_none_or(|word| asset.clone_type == word)
            && image_type.is_none_or(|word| asset.image_type == word)
            && (vcenter.is_none() || number == Some(u32::from(asset.vcenter)))
            && (!available || asset.status.word == "AVAILABLE")
    }))
}

fn add(estate: &mut Estate, kind: ImageKind, value: &Value) -> Result<u32, ImageRefusal> {
    match kind {
        ImageKind::Stream => estate.add_stream(body::stream(value)?),
        ImageKind::Version => estate.add_version(body::new_version(value)?),
        ImageKind::Tag => estate.add_tag(body::new_tag(value)?),
        ImageKind::Asset => estate.add_asset(body::new_asset(value)?),
    }
}

fn put(estate: &mut Estate, kind: ImageKind, number: u32, value: &Value) -> Result<(), ImageRefusal> {
    match kind {
        ImageKind::Stream => estate.put_stream(number, body::stream(value)?),
        ImageKind::Version => estate.put_version(number, body::changed_version(value)?),
        ImageKind::Tag => estate.put_tag(number, body::changed_tag(value)?),
        ImageKind::Asset => estate.put_asset(number, body::changed_asset(value)?),
    }
}

/// POST `…/action/bulk-create`: one result for each item, in the order of the input.
fn add_many(call: &Call<'_>, kind: ImageKind) -> Answer {
    let items = parsed(call.body).map_err(|refusal| error(&refusal))?;
    let Some(items) = items.as_array().filter(|items| !items.is_empty()) else {
        let text = "The body must be a list that is not empty.";
        return Err(ApiError::bad_request("common.request.body.invalid", text));
    };
    let mut estate = call.shared.estate();
    let mut json = Json::with_capacity(items.len() * 100);
    json.begin_array();
    for item in items {
        let added = add(&mut estate, kind, item);
        let id = added.as_ref().ok().map(|number| estate.ids.id(kind.ids(), *number));
        log(&mut estate, call, kind, "ADD", id, added.is_ok());
        write_item(&mut json, call, &estate, kind, &added);
    }
    json.end_array();
    Ok(Reply::json(json))
}

/// One `BulkItemResponseInfo`.
fn write_item(
    json: &mut Json,
    call: &Call<'_>,
    estate: &Estate,
    kind: ImageKind,
    added: &Result<u32, ImageRefusal>,
) {
    json.object(|json| match added {
        Ok(number) => {
            json.text_field("id", &estate.ids.id(kind.ids(), *number));
            json.integer_field("status_code", 201);
        }
        Err(refusal) => {
            let (status, key, message) = refusal.answer();
            json.integer_field("status_code", i64::from(status));
            json.integer_field("timestamp", estate.now);
            if call.release() >= Release::R2206 {
                json.key("errors");
                json.begin_array();
                json.object(|json| {
                    json.text_field("error_key", key);
                    json.text_field("error_message", &message);
                });
                json.end_array();
            }
            json.key("error_messages");
            json.texts([&message]);
        }
    });
}

/// A change of one thing that has an id.
fn change(
    call: &Call<'_>,
    kind: ImageKind,
    id: &str,
    what: &'static str,
    change: impl FnOnce(&mut Estate, u32) -> Result<(), ImageRefusal>,
) -> Answer {
    let mut estate = call.shared.estate();
    let number = estate.ids.number(kind.ids(), id);
    let done = number.ok_or(ImageRefusal::NotFound).and_then(|number| change(&mut estate, number));
    log(&mut estate, call, kind, what, Some(id.to_owned()), done.is_ok());
    done.map_err(|refusal| error(&refusal))?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Writes the event of a change that was made or failed (events.md section 3.4).
fn log(
    estate: &mut Estate,
    call: &Call<'_>,
    kind: ImageKind,
    what: &'static str,
    id: Option<String>,
    done: bool,
) {
    let (name, variable) = match kind {
        ImageKind::Stream => ("STREAM", "ImageManagementStreamId"),
        ImageKind::Version => ("VERSION", "ImageManagementVersionId"),
        ImageKind::Tag => ("TAG", "ImageManagementTagId"),
        ImageKind::Asset => ("ASSET", "ImageManagementAssetId"),
    };
    let past = match (what, done) {
        (what, false) => format!("{what}_FAILED"),
        ("ADD", true) => "ADDED".to_owned(),
        (what, true) => format!("{what}D"),
    };
    let more = id.map(|id| (variable, id)).into_iter().collect();
    let about = About {
        user: Some(call.caller.user),
        extra: Some(Extra { more, ..Extra::default() }),
        ..About::default()
    };
    let now = estate.now;
    estate.log(&format!("VLSI_IM_{name}_{past}"), now, about);
}
