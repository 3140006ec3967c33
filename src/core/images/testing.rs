//! A book of images for tests, with everything that the tree can show.

use std::collections::BTreeMap;

use super::LiveSessions;
use crate::{
    core::{fixtures::session, table::SessionTable},
    domain::{
        Asset, ImageBook, ImageUse, Session, SessionState, Stream, SubscriberKind, Tag, Text, VcenterId,
        Version,
    },
};

pub(crate) fn stream(id: &str, name: &str, os: &str) -> Stream {
    Stream {
        id: id.into(),
        name: Some(name.into()),
        description: None,
        operating_system: Some(os.into()),
        publisher: Some("IT".into()),
        source: Some("UPLOADED".into()),
        status: Some("AVAILABLE".into()),
        usable: Some(true),
        additional_details: BTreeMap::new(),
    }
}

pub(crate) fn version(id: &str, stream: &str, name: &str, description: &str, status: &str) -> Version {
    Version {
        id: id.into(),
        stream: Some(stream.into()),
        name: Some(name.into()),
        description: Some(Text::clean(description)).filter(|text| !text.is_empty()),
        status: Some(status.into()),
        additional_details: BTreeMap::new(),
    }
}

pub(crate) fn tag(id: &str, stream: &str, version: &str, name: &str) -> Tag {
    Tag {
        id: id.into(),
        stream: Some(stream.into()),
        version: Some(version.into()),
        name: Some(name.into()),
        description: None,
        additional_details: BTreeMap::new(),
    }
}

pub(crate) fn asset(id: &str, version: (&str, &str), vcenter: &str, words: [&str; 3]) -> Asset {
    Asset {
        id: id.into(),
        stream: Some(version.0.into()),
        version: Some(version.1.into()),
        vcenter: Some(vcenter.into()),
        clone_type: Some(words[0].into()),
        image_type: Some(words[1].into()),
        status: Some(words[2].into()),
        base_vm: Some("vm-17".into()),
        base_snapshot: Some("snapshot-3".into()),
        template: None,
        additional_details: BTreeMap::new(),
    }
}

pub(crate) fn subscriber(
    kind: SubscriberKind,
    id: &str,
    name: &str,
    tag: (&str, &str),
    pending: bool,
) -> ImageUse {
    ImageUse {
        kind,
        id: id.to_owned(),
        name: Some(name.into()),
        stream: Some(tag.0.into()),
        tag: Some(tag.1.into()),
        pending: Some(pending),
        push: pending.then(|| "READY_HELD".into()),
    }
}

/// Three streams: one with all that there is, one small one, and one for farms.
pub(crate) fn book() -> ImageBook {
    let (instant, vdi) = ("INSTANT_CLONE", "VDI_DESKTOP");
    let pool = SubscriberKind::Pool;
    ImageBook {
        streams: vec![
            stream("s1", "win11-office", "WINDOWS_11"),
            stream("s2", "win11-dev", "WINDOWS_11"),
            stream("s3", "apps", "WINDOWS_SERVER_2016_OR_ABOVE"),
        ],
        versions: vec![
            version("v3", "s1", "v24.3", "August patches", "AVAILABLE"),
            version("v4", "s1", "v24.4", "September patches", "REPLICATING"),
            version("v1", "s1", "v24.1", "June patches", "DISABLED"),
            version("d1", "s2", "d1", "", "AVAILABLE"),
            version("a1", "s3", "a1", "", "AVAILABLE"),
        ],
        tags: vec![
            tag("t1", "s1", "v3", "prod"),
            tag("t2", "s1", "v3", "rollback"),
            tag("t3", "s1", "v4", "canary"),
            tag("t4", "s2", "d1", "dev"),
            tag("t5", "s3", "a1", "stable"),
        ],
        assets: vec![
            asset("x1", ("s1", "v3"), "vc-1", [instant, vdi, "AVAILABLE"]),
            asset("x2", ("s1", "v4"), "vc-1", [instant, vdi, "AVAILABLE"]),
            asset("x3", ("s1", "v4"), "vc-2", ["FULL_CLONE", vdi, "RETRY_PENDING"]),
            asset("x4", ("s2", "d1"), "vc-1", [instant, vdi, "AVAILABLE"]),
            asset("x5", ("s3", "a1"), "vc-1", [instant, "RDSH_APPS", "AVAILABLE"]),
        ],
        uses: vec![
            subscriber(pool, "pool-1", "fin-w11", ("s1", "t1"), false),
            subscriber(pool, "pool-2", "hr-w11", ("s1", "t1"), false),
            subscriber(pool, "pool-3", "it-w11", ("s1", "t3"), true),
            subscriber(pool, "pool-4", "dev-w11", ("s2", "t4"), false),
            subscriber(SubscriberKind::Farm, "farm-1", "fin-rds", ("s3", "t5"), false),
        ],
        uses_unknown: BTreeMap::new(),
        vcenters: [(VcenterId::from("vc-1"), "vc01".into()), (VcenterId::from("vc-2"), "vc02".into())].into(),
        gaps: Vec::new(),
        holes: Vec::new(),
        unreadable: 0,
    }
}

/// Sessions of the pools and the farm of the book: 3 on fin-w11, 1 on hr-w11, 1 on the farm.
pub(crate) fn sessions() -> Vec<Session> {
    let on = |id: &str, state, pool: Option<&str>, farm: Option<&str>| {
        let mut session = session(id, id, state, 5);
        session.pool_id = pool.map(Into::into);
        session.farm_id = farm.map(Into::into);
        session
    };
    vec![
        on("1", SessionState::Connected, Some("pool-1"), None),
        on("2", SessionState::Connected, Some("pool-1"), None),
        on("3", SessionState::Disconnected, Some("pool-1"), None),
        on("4", SessionState::Connected, Some("pool-2"), None),
        on("5", SessionState::Disconnected, None, Some("farm-1")),
    ]
}

/// Those sessions, counted.
pub(crate) fn live() -> LiveSessions {
    LiveSessions::of(&SessionTable::new(sessions(), crate::core::fixtures::start(), true))
}
