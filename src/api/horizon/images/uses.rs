//! Who uses images, from the lists of pools and farms, and the names of vCenters.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};

use super::wire::id;
use crate::{
    api::{
        Operation, decode,
        horizon::versions::Resource,
        http::Answer,
        page::{Keyed, PAGE_SIZE, Page},
        request::Request,
    },
    domain::{Fault, FaultKind, ImageUse, SubscriberKind, Text, VcenterId},
};

/// The parts of `provisioning_settings` and `provisioning_status_data` that speak of images; the latter of a farm's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireSettings {
    im_stream_id: Option<String>,
    im_tag_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireStatus {
    #[serde(rename = "instant_clone_pending_im_stream_id")]
    stream: Option<String>,
    #[serde(rename = "instant_clone_pending_im_tag_id")]
    tag: Option<String>,
    #[serde(rename = "instant_clone_pending_image_state")]
    state: Option<String>,
}

/// What a pool has at its top, and an automated farm in `automated_farm_settings`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireProvisioning {
    provisioning_settings: Option<WireSettings>,
    provisioning_status_data: Option<WireStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WirePool {
    id: Option<String>,
    name: Option<String>,
    display_name: Option<String>,
    source: Option<String>,
    provisioning_settings: Option<WireSettings>,
    provisioning_status_data: Option<WireStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireFarm {
    id: Option<String>,
    name: Option<String>,
    source: Option<String>,
    automated_farm_settings: Option<WireProvisioning>,
}

/// A pool or farm with its subscriptions: none, one, or two while it goes from one tag to another.
#[derive(Debug)]
pub(crate) struct Subscriber {
    id: String,
    uses: Vec<ImageUse>,
    /// Whether it is of a kind that is made from images, and the server says nothing at all of how it is made.
    silent: bool,
}

impl Keyed for Subscriber {
    type Key = String;

    fn key(&self) -> String {
        self.id.clone()
    }
}

/// One page of the pools or farms.
pub(crate) fn request(kind: SubscriberKind, number: usize) -> (Resource, Request) {
    match kind {
        SubscriberKind::Pool => {
            // Costs the server time, and says nothing of images; versions that do not know it ignore it.
            let request = Request::get(Operation::ListPools, "/inventory/{v}/desktop-pools")
                .with("populate_additional_aws_fields", "false");
            (Resource::PoolImages, request.page(number, PAGE_SIZE))
        }
        SubscriberKind::Farm => {
            let request = Request::get(Operation::ListFarms, "/inventory/{v}/farms");
            (Resource::FarmImages, request.page(number, PAGE_SIZE))
        }
    }
}

/// Reads such a page.
pub(crate) fn read_page(kind: SubscriberKind, answer: &Answer) -> Result<Page<Subscriber>, Fault> {
    match kind {
        SubscriberKind::Pool => read(Operation::ListPools, answer, |wire: WirePool| {
            // As the lists of sessions name it, and as Foretop names pools everywhere.
            let name = wire.display_name.filter(|name| !name.is_empty()).or(wire.name);
            let provisioning = WireProvisioning {
                provisioning_settings: wire.provisioning_settings,
                provisioning_status_data: wire.provisioning_status_data,
            };
            subscriber(kind, wire.id, name.as_deref(), wire.source.as_deref(), Some(provisioning))
        }),
        SubscriberKind::Farm => read(Operation::ListFarms, answer, |wire: WireFarm| {
            subscriber(
                kind,
                wire.id,
                wire.name.as_deref(),
                wire.source.as_deref(),
                wire.automated_farm_settings,
            )
        }),
    }
}

fn read<W: DeserializeOwned>(
    operation: Operation,
    answer: &Answer,
    of_wire: impl Fn(W) -> Option<Subscriber>,
) -> Result<Page<Subscriber>, Fault> {
    let read = decode::rows::<W>(operation, &answer.body)?;
    let mut page = Page {
        rows: Vec::with_capacity(read.rows.len()),
        sent: read.sent,
        unreadable: read.unreadable,
        unreadable_fields: read.unreadable_fields,
        more: answer.more,
        total: answer.total,
    };
    for wire in read.rows {
        match of_wire(wire) {
            Some(row) => page.rows.push(row),
            None => page.unreadable += 1,
        }
    }
    Ok(page)
}

fn subscriber(
    kind: SubscriberKind,
    raw: Option<String>,
    name: Option<&str>,
    source: Option<&str>,
    provisioning: Option<WireProvisioning>,
) -> Option<Subscriber> {
    let raw = raw.filter(|raw| !raw.is_empty())?;
    let provisioning = provisioning.unwrap_or_default();
    let silent = provisioning.provisioning_settings.is_none() && source == Some("INSTANT_CLONE");
    let settings = provisioning.provisioning_settings.unwrap_or_default();
    let status = provisioning.provisioning_status_data;
    let subscription = |stream, tag, pending, push| ImageUse {
        kind,
        id: raw.clone(),
        name: name.filter(|name| !name.is_empty()).map(Text::from),
        stream: id(stream),
        tag: id(tag),
        pending,
        push,
    };
    let present =
        subscription(settings.im_stream_id, settings.im_tag_id, status.as_ref().map(|_| false), None);
    let mut uses = Vec::new();
    let next = status.map(|status| {
        let push = status.state.map(Text::from);
        let (stream, tag) = (status.stream, status.tag);
        subscription(stream, tag, Some(true), push)
    });
    let next = next.filter(is_one);
    // The same tag has moved: that is one subscription, and its image is not there yet.
    let replaces =
        next.as_ref().is_some_and(|next| (&next.stream, &next.tag) == (&present.stream, &present.tag));
    if is_one(&present) && !replaces {
        uses.push(present);
    }
    uses.extend(next);
    Some(Subscriber { id: raw, uses, silent })
}

fn is_one(subscription: &ImageUse) -> bool {
    subscription.stream.is_some() || subscription.tag.is_some()
}

/// What reads pools or farms.
pub(crate) fn operation(kind: SubscriberKind) -> Operation {
    match kind {
        SubscriberKind::Pool => Operation::ListPools,
        SubscriberKind::Farm => Operation::ListFarms,
    }
}

/// The subscriptions of all pools or farms; and a fault when their list, in the version that the server has, does not
/// tell of all of them.
pub(crate) fn uses(kind: SubscriberKind, rows: Vec<Subscriber>) -> (Vec<ImageUse>, Option<Fault>) {
    let silent = rows.iter().filter(|row| row.silent).count();
    let uses: Vec<ImageUse> = rows.into_iter().flat_map(|row| row.uses).collect();
    let fault = (silent > 0).then(|| {
        let (fault, words) = if uses.is_empty() {
            (
                FaultKind::NotConfigured,
                format!("this release does not tell which image a {kind} is made from"),
            )
        } else {
            (FaultKind::BadAnswer, format!("of {silent} of the {kind}s the server does not tell the image"))
        };
        Fault::new(fault, operation(kind).label(), words)
    });
    (uses, fault)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireVcenter {
    id: Option<String>,
    name: Option<String>,
}

/// The vCenters; their list takes no paging.
pub(crate) fn vcenters_request() -> Request {
    Request::get(Operation::ListVcenters, "/monitor/{v}/virtual-centers")
}

/// Their names.
pub(crate) fn read_vcenters(body: &[u8]) -> Result<BTreeMap<VcenterId, Text>, Fault> {
    let read = decode::rows::<WireVcenter>(Operation::ListVcenters, body)?;
    let named = |wire: WireVcenter| {
        let name = wire.name.filter(|name| !name.is_empty())?;
        Some((id::<VcenterId>(wire.id)?, Text::from(name)))
    };
    Ok(read.rows.into_iter().filter_map(named).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pool(body: &Value) -> Subscriber {
        let wire: WirePool = serde_json::from_value(body.clone()).unwrap();
        let provisioning = WireProvisioning {
            provisioning_settings: wire.provisioning_settings,
            provisioning_status_data: wire.provisioning_status_data,
        };
        subscriber(
            SubscriberKind::Pool,
            wire.id,
            wire.name.as_deref(),
            wire.source.as_deref(),
            Some(provisioning),
        )
        .unwrap()
    }

    fn shown(row: &Subscriber) -> Vec<(Option<&str>, Option<bool>, Option<&str>)> {
        (row.uses.iter())
            .map(|used| {
                (
                    used.tag.as_ref().map(crate::domain::TagId::raw),
                    used.pending,
                    used.push.as_ref().map(Text::as_str),
                )
            })
            .collect()
    }

    #[test]
    fn a_push_is_told_from_the_image_at_hand() {
        let settings = json!({"im_stream_id": "s", "im_tag_id": "t"});
        let with = |status: Value| {
            pool(&json!({"id": "p", "provisioning_settings": settings, "provisioning_status_data": status}))
        };
        assert_eq!(shown(&with(json!({}))), [(Some("t"), Some(false), None)]);
        assert_eq!(
            shown(&with(Value::Null)),
            [(Some("t"), None, None)],
            "whether one is pending is not told"
        );
        let same = json!({"instant_clone_pending_im_stream_id": "s", "instant_clone_pending_im_tag_id": "t",
            "instant_clone_pending_image_state": "PUBLISHING"});
        assert_eq!(shown(&with(same)), [(Some("t"), Some(true), Some("PUBLISHING"))]);
        let other = json!({"instant_clone_pending_im_stream_id": "s", "instant_clone_pending_im_tag_id": "u",
            "instant_clone_pending_image_state": "READY_HELD"});
        assert_eq!(
            shown(&with(other)),
            [(Some("t"), Some(false), None), (Some("u"), Some(true), Some("READY_HELD"))],
            "it uses the one and will use the other"
        );
    }

    #[test]
    fn a_list_that_says_nothing_is_not_taken_for_one_of_pools_without_images() {
        let silent = || pool(&json!({"id": "p", "source": "INSTANT_CLONE"}));
        let made = pool(
            &json!({"id": "q", "source": "INSTANT_CLONE", "provisioning_settings": {"parent_vm_id": "v"}}),
        );
        assert!(uses(SubscriberKind::Pool, vec![silent(), silent()]).1.is_some());
        assert_eq!(uses(SubscriberKind::Pool, vec![made]), (Vec::new(), None));
        let manual = pool(&json!({"id": "r", "source": "RDS"}));
        assert_eq!(uses(SubscriberKind::Pool, vec![manual]), (Vec::new(), None));
        let with = pool(&json!({"id": "p", "provisioning_settings": {"im_tag_id": "t"}}));
        let (some, fault) = uses(SubscriberKind::Pool, vec![with, silent()]);
        assert_eq!(some.len(), 1);
        assert!(
            fault.unwrap().message.as_str().contains("of 1 of the pools"),
            "one silent pool may use anything"
        );
    }
}
