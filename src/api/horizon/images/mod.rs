//! Image streams, versions, tags and assets: what to ask and what to send (`horizon-rest.md section 13`).
//!
//! All of it is v1 since before the first release of the table. A list that answers 404 speaks of the stream or tag it
//! was asked about, not of a version that is missing, so no version is negotiated here.

pub(crate) mod edit;
pub(crate) mod uses;
mod wire;

use serde_json::{Map, Value, json};

pub(crate) use wire::{Image, read_one, read_page};

use crate::{
    api::{
        Operation,
        filter::Filter,
        request::{Body, Request, encode},
    },
    domain::{
        AssetSource, Change, ChangeKind, NewAsset, NewStream, NewTag, NewVersion, Release, StreamId,
        StreamQuery, VersionId,
    },
};

/// The four kinds of things, each with its own paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Stream,
    Version,
    Tag,
    Asset,
}

impl Kind {
    /// The kind that a change is about; `None` for other changes.
    pub(crate) fn of(change: ChangeKind) -> Option<Self> {
        match change {
            ChangeKind::CreateStream | ChangeKind::UpdateStream | ChangeKind::DeleteStream => {
                Some(Self::Stream)
            }
            ChangeKind::CreateVersion | ChangeKind::UpdateVersion | ChangeKind::DeleteVersion => {
                Some(Self::Version)
            }
            ChangeKind::CreateTag | ChangeKind::UpdateTag | ChangeKind::DeleteTag => Some(Self::Tag),
            ChangeKind::CreateAsset | ChangeKind::UpdateAsset | ChangeKind::DeleteAsset => Some(Self::Asset),
            ChangeKind::CreatePermission
            | ChangeKind::DeletePermission
            | ChangeKind::BuildImage
            | ChangeKind::AddAuthorization
            | ChangeKind::RemoveAuthorization
            | ChangeKind::DrainServer
            | ChangeKind::UndrainServer
            | ChangeKind::RebootServer
            | ChangeKind::RebootServerHard => None,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Stream => "/config/v1/im-streams",
            Self::Version => "/config/v1/im-versions",
            Self::Tag => "/config/v1/im-tags",
            Self::Asset => "/config/v1/im-assets",
        }
    }

    /// What an operator calls it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Version => "version",
            Self::Tag => "tag",
            Self::Asset => "asset",
        }
    }

    fn list_operation(self) -> Operation {
        match self {
            Self::Stream => Operation::ListStreams,
            Self::Version => Operation::ListVersions,
            Self::Tag => Operation::ListTags,
            Self::Asset => Operation::ListAssets,
        }
    }

    fn read_operation(self) -> Operation {
        match self {
            Self::Stream => Operation::ReadStream,
            Self::Version => Operation::ReadVersion,
            Self::Tag => Operation::ReadTag,
            Self::Asset => Operation::ReadAsset,
        }
    }

    fn list(self) -> Request {
        Request::get(self.list_operation(), self.path())
    }
}

/// What the lists of a release take. Where the release is unknown they are asked as those of a new one: what an old one
/// does not know it ignores.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lists(pub(crate) Option<Release>);

impl Lists {
    fn since(self, release: u16) -> bool {
        self.0.is_none_or(|known| known >= Release(release))
    }

    /// Whether the lists take paging, filters and the parameters of streams.
    pub(crate) fn are_paged(self) -> bool {
        self.since(2309)
    }

    /// Whether the assets of all versions come in one list.
    pub(crate) fn have_all_assets(self) -> bool {
        self.since(2312)
    }

    /// Whether the server certainly applies the conditions of a query itself.
    pub(crate) fn narrow(self) -> bool {
        self.0.is_some_and(|known| known >= Release(2309))
    }

    /// The streams that fit, as far as the server can tell them apart.
    pub(crate) fn streams(self, query: &StreamQuery) -> Request {
        let mut request = Kind::Stream.list();
        if !self.are_paged() {
            return request;
        }
        let vcenter = query.vcenter.as_ref().map(crate::domain::VcenterId::raw);
        let parameters = [
            ("vcenter_id", vcenter),
            ("clone_type", query.clone_type.as_deref()),
            ("image_type", query.image_type.as_deref()),
        ];
        for (name, value) in parameters {
            if let Some(value) = value {
                request = request.with(name, value);
            }
        }
        match &query.status {
            Some(status) => request.with("filter", &Filter::equals("status", status.as_str()).json()),
            None => request,
        }
    }

    /// The versions or tags of a stream.
    pub(crate) fn below(kind: Kind, stream: &StreamId) -> Request {
        kind.list().with("im_stream_id", stream.raw())
    }

    /// The assets of a version, or of all of them.
    pub(crate) fn assets(version: Option<&VersionId>) -> Request {
        let request = Kind::Asset.list();
        match version {
            Some(version) => request.with("im_version_id", version.raw()),
            None => request,
        }
    }

    /// The list in which something new is found by its name; the name narrows it where it can.
    pub(crate) fn named(self, request: Request, name: &str) -> Request {
        if !self.are_paged() {
            return request;
        }
        request.with("filter", &Filter::equals("name", name).json())
    }
}

/// One of them by its id.
pub(crate) fn one_request(kind: Kind, id: &str) -> Request {
    Request::get(kind.read_operation(), format!("{}/{}", kind.path(), encode(id)))
}

/// Removes one.
pub(crate) fn delete_request(change: ChangeKind, kind: Kind, id: &str) -> Request {
    let path = format!("{}/{}", kind.path(), encode(id));
    Request::delete(Operation::of_change(change), path, Body::None)
}

/// Replaces one.
fn put_request(change: ChangeKind, kind: Kind, id: &str, body: Map<String, Value>) -> Request {
    let path = format!("{}/{}", kind.path(), encode(id));
    Request::put(Operation::of_change(change), path, Body::Json(Value::Object(body).to_string()))
}

/// Creates one by itself, which does not tell its id, or several at a time (`method-map.md` I1). `None` when one of them
/// is no creation of an image.
pub(crate) fn create_request(change: ChangeKind, kind: Kind, changes: &[&Change]) -> Option<Request> {
    let operation = Operation::of_change(change);
    let bodies: Option<Vec<Value>> = changes.iter().map(|change| new_body(change)).collect();
    let mut bodies = bodies?;
    let (path, body) = if bodies.len() == 1 {
        (kind.path().to_owned(), bodies.pop()?)
    } else {
        (format!("{}/action/bulk-create", kind.path()), Value::Array(bodies))
    };
    Some(Request::post(operation, path, Body::Json(body.to_string())))
}

fn new_body(change: &Change) -> Option<Value> {
    let (mut body, details) = match change {
        Change::CreateStream(new) => (new_stream(new), &new.additional_details),
        Change::CreateVersion(new) => (new_version(new), &new.additional_details),
        Change::CreateTag(new) => (new_tag(new), &new.additional_details),
        Change::CreateAsset(new) => (new_asset(new), &new.additional_details),
        _ => return None,
    };
    if let Some(body) = body.as_object_mut() {
        body.retain(|_, value| !value.is_null());
        if !details.is_empty() {
            body.insert("additional_details".to_owned(), json!(details));
        }
    }
    Some(body)
}

fn given(text: Option<&String>) -> Option<&String> {
    text.filter(|text| !text.is_empty())
}

fn new_stream(new: &NewStream) -> Value {
    json!({
        "name": new.name,
        "operating_system": new.operating_system,
        "source": new.source,
        "status": new.status,
        "description": given(new.description.as_ref()),
        "publisher": given(new.publisher.as_ref()),
    })
}

fn new_version(new: &NewVersion) -> Value {
    json!({
        "im_stream_id": new.stream.raw(),
        "name": new.name,
        "status": new.status,
        "description": given(new.description.as_ref()),
    })
}

fn new_tag(new: &NewTag) -> Value {
    json!({ "im_stream_id": new.stream.raw(), "im_version_id": new.version.raw(), "name": new.name })
}

fn new_asset(new: &NewAsset) -> Value {
    let (template, vm, snapshot) = match &new.source {
        AssetSource::Template(template) => (Some(template), None, None),
        AssetSource::Snapshot { vm, snapshot } => (None, Some(vm), Some(snapshot)),
    };
    json!({
        "im_stream_id": new.stream.raw(),
        "im_version_id": new.version.raw(),
        "vcenter_id": new.vcenter.raw(),
        "clone_type": new.clone_type,
        "image_type": new.image_type,
        "status": new.status,
        "vm_template_id": template,
        "base_vm_id": vm,
        "base_snapshot_id": snapshot,
    })
}
