//! The image that a pool or farm is made from, as it stands in both.
//!
//! The definition at hand has only the first and the newest version of these lists; that the fields came with v2 of both
//! is inferred from the releases' notes.

use std::borrow::Cow;

use crate::sim::estate::{Estate, Subscriber};
use crate::sim::horizon::fields::Value;
use crate::sim::ids::Kind;

/// What differs between pools and farms: the names of some fields.
pub(super) struct Names {
    pub(super) stream: &'static str,
    pub(super) tag: &'static str,
    pub(super) pending_stream: &'static str,
    pub(super) pending_tag: &'static str,
}

pub(super) const POOL: Names = Names {
    stream: "im_stream_name",
    tag: "im_tag_name",
    pending_stream: "instant_clone_pending_im_stream_name",
    pending_tag: "instant_clone_pending_im_tag_name",
};

pub(super) const FARM: Names = Names {
    stream: "image_management_stream_name",
    tag: "image_management_tag_name",
    pending_stream: "pending_image_management_stream_name",
    pending_tag: "pending_image_management_tag_name",
};

type Members<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

fn add<'a>(members: &mut Members<'a>, name: &'static str, value: Value<'a>) {
    members.push((Cow::Borrowed(name), value));
}

/// The names of the stream and tag of a subscription.
fn names<'a>(estate: &'a Estate, subscriber: &Subscriber) -> (Value<'a>, Value<'a>) {
    let images = &estate.images;
    let text = |name: Option<&'a str>| Value::optional(name.map(Cow::Borrowed));
    (
        text(images.stream(subscriber.stream).map(|stream| stream.name.as_str())),
        text(images.tag(subscriber.tag).map(|tag| tag.name.as_str())),
    )
}

/// `provisioning_settings`: stream and tag, or the machine of vCenter where no stream is used. Names only where `newest`.
pub(super) fn settings<'a>(estate: &'a Estate, place: u16, names_of: &Names, newest: bool) -> Value<'a> {
    let mut members = Members::new();
    let Some(subscriber) = estate.images.subscriber(place) else {
        add(&mut members, "base_snapshot_id", Value::owned(format!("snapshot-{}", 100 + place)));
        add(&mut members, "parent_vm_id", Value::owned(format!("vm-{}", 1000 + place)));
        return Value::Object(members);
    };
    let (stream, tag) = names(estate, subscriber);
    add(&mut members, "im_stream_id", Value::owned(estate.ids.id(Kind::ImageStream, subscriber.stream)));
    add(&mut members, "im_tag_id", Value::owned(estate.ids.id(Kind::ImageTag, subscriber.tag)));
    if newest {
        add(&mut members, names_of.stream, stream);
        add(&mut members, names_of.tag, tag);
    }
    Value::Object(members)
}

/// `provisioning_status_data` of instant clones: the present image is ready, and how far the next one is.
pub(super) fn status<'a>(estate: &'a Estate, place: u16, names_of: &Names, newest: bool) -> Value<'a> {
    let mut members = Members::new();
    add(&mut members, "instant_clone_current_image_state", Value::text("READY"));
    let push = estate.images.subscriber(place).and_then(|subscriber| Some((subscriber, subscriber.push?)));
    let Some((subscriber, push)) = push else {
        add(&mut members, "instant_clone_operation", Value::text("NONE"));
        return Value::Object(members);
    };
    let operation = if names_of.stream == POOL.stream {
        "SCHEDULE_PUSH_IMAGE"
    } else {
        "RECURRING_SCHEDULED_MAINTENANCE"
    };
    let (state, progress) = push.state(estate.now);
    let (stream, tag) = names(estate, subscriber);
    let stream_id = Value::owned(estate.ids.id(Kind::ImageStream, subscriber.stream));
    let tag_id = Value::owned(estate.ids.id(Kind::ImageTag, subscriber.tag));
    add(&mut members, "instant_clone_operation", Value::text(operation));
    add(&mut members, "instant_clone_pending_im_stream_id", stream_id);
    add(&mut members, "instant_clone_pending_im_tag_id", tag_id);
    add(&mut members, "instant_clone_pending_image_progress", Value::Integer(progress));
    add(&mut members, "instant_clone_pending_image_state", Value::text(state));
    if newest {
        add(&mut members, names_of.pending_stream, stream);
        add(&mut members, names_of.pending_tag, tag);
    }
    Value::Object(members)
}

/// `IMAGE_CATALOG` or `VIRTUAL_CENTER`.
pub(super) fn source(estate: &Estate, place: u16) -> Value<'static> {
    Value::text(if estate.images.subscriber(place).is_some() { "IMAGE_CATALOG" } else { "VIRTUAL_CENTER" })
}

/// The id of the vCenter of a pool or farm.
pub(super) fn vcenter(estate: &Estate, place: u16) -> Value<'static> {
    Value::owned(estate.ids.id(Kind::VirtualCenter, u32::from(estate.vcenter_of(place))))
}
