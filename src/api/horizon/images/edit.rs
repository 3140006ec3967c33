//! Changing something: compare it with what the operator saw, apply the edit to what the server sent, put it back.
//!
//! There is no version or tag of an object to guard a change with: the last writer wins (`method-map.md` I5). So the
//! object is read immediately before, and nothing is sent when it is another by then. What the operator did not touch
//! goes back byte for byte as it came, which is why an edit works on the server's own object and not on the cleaned one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Image, Kind, put_request, wire};
use crate::{
    api::{Operation, fault, request::Request},
    domain::{
        Asset, AssetEdit, Change, ChangeKind, Fault, FaultKind, Stream, StreamEdit, StreamId, Tag, TagEdit,
        Text, VcenterId, Version, VersionEdit, VersionId,
    },
};

/// The free keys of an object.
const DETAILS: &str = "additional_details";

/// How many differences a refusal names.
const NAMED_DIFFERENCES: usize = 3;

/// The fields of the update specifications: all of them are put back, and nothing else.
fn fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Stream => {
            &["name", "operating_system", "source", "status", "description", "publisher", DETAILS]
        }
        Kind::Version => &["name", "status", "description", DETAILS],
        Kind::Tag => &["name", "im_version_id", DETAILS],
        Kind::Asset => &["clone_type", "image_type", "status", DETAILS],
    }
}

/// The id of what an update changes.
pub(crate) fn target(change: &Change) -> Option<&str> {
    match change {
        Change::UpdateStream { seen, .. } => Some(seen.id.raw()),
        Change::UpdateVersion { seen, .. } => Some(seen.id.raw()),
        Change::UpdateTag { seen, .. } => Some(seen.id.raw()),
        Change::UpdateAsset { seen, .. } => Some(seen.id.raw()),
        _ => None,
    }
}

/// The request that carries an update out, given the object as the server has it now.
///
/// # Errors
///
/// In our own words, when the object is not what the operator saw any more, or when nothing would change: then nothing may
/// be sent. `BadAnswer` when the object cannot be read.
pub(crate) fn request(change: &Change, body: &[u8]) -> Result<Request, Fault> {
    match change {
        Change::UpdateStream { seen, edit } => {
            update(change.kind(), &**seen, body, |object| edit_stream(edit, object))
        }
        Change::UpdateVersion { seen, edit } => {
            update(change.kind(), &**seen, body, |object| edit_version(edit, object))
        }
        Change::UpdateTag { seen, edit } => {
            update(change.kind(), &**seen, body, |object| edit_tag(edit, object))
        }
        Change::UpdateAsset { seen, edit } => {
            update(change.kind(), &**seen, body, |object| edit_asset(edit, object))
        }
        _ => Err(refusal(change.kind(), FaultKind::InvalidArgument, "this is no update of an image")),
    }
}

fn refusal(change: ChangeKind, kind: FaultKind, what: impl Into<Text>) -> Fault {
    Fault::new(kind, Operation::of_change(change).label(), what)
}

fn update<T: Image + Shown>(
    change: ChangeKind,
    seen: &T,
    body: &[u8],
    edit: impl FnOnce(&mut Object) -> Result<(), String>,
) -> Result<Request, Fault> {
    let operation = Operation::of_change(change);
    let mut now: T = wire::read_one(operation, body)?;
    // What the question said is not repeated by every server.
    now.belongs_to(seen.stream(), seen.version());
    if let Some(difference) = difference(seen, &now) {
        let what = format!("changed on the server since it was read: {difference}");
        return Err(refusal(change, FaultKind::InvalidState, what));
    }
    let Ok(Value::Object(mut object)) = serde_json::from_slice::<Value>(body) else {
        return Err(fault::bad_answer(operation, "the answer is no object in JSON"));
    };
    object.retain(|name, value| fields(T::KIND).contains(&name.as_str()) && !value.is_null());
    let mut edited = Object(object.clone());
    edit(&mut edited).map_err(|what| refusal(change, FaultKind::InvalidArgument, what))?;
    if edited.0 == object {
        return Err(refusal(change, FaultKind::InvalidArgument, "nothing would change"));
    }
    Ok(put_request(change, T::KIND, seen.raw_id(), edited.0))
}

/// The fields of an update as the server sent them, or as they are to be.
struct Object(Map<String, Value>);

impl Object {
    /// Sets a field whose words the operator saw. A field whose cleaned form is what is wanted already is not touched: it
    /// may hold characters that were not shown.
    fn set(&mut self, name: &str, wanted: Option<&String>) {
        let Some(wanted) = wanted else { return };
        if !self.shows(name, wanted) {
            self.0.insert(name.to_owned(), Value::String(wanted.clone()));
        }
    }

    /// The same for an optional field, which an empty text clears. Leaving it out of a replacing call is what clears it
    /// (`method-map.md` I5).
    fn set_or_clear(&mut self, name: &str, wanted: Option<&String>) {
        if wanted.is_some_and(String::is_empty) {
            self.0.remove(name);
        } else {
            self.set(name, wanted);
        }
    }

    fn shows(&self, name: &str, wanted: &str) -> bool {
        self.0.get(name).and_then(Value::as_str).is_some_and(|raw| Text::clean(raw) == *wanted)
    }

    /// Sets and removes free keys, given by their cleaned names.
    fn set_details(&mut self, wanted: &BTreeMap<String, Option<String>>) -> Result<(), String> {
        if wanted.is_empty() {
            return Ok(());
        }
        let mut details = match self.0.get(DETAILS) {
            Some(Value::Object(details)) => details.clone(),
            _ => Map::new(),
        };
        for (key, value) in wanted {
            let raw = raw_key(&details, key)?;
            match value {
                None => {
                    details.remove(&raw);
                }
                Some(value) => {
                    let current = details.get(&raw).and_then(Value::as_str);
                    if current.is_none_or(|current| Text::clean(current) != value.as_str()) {
                        details.insert(raw, Value::String(value.clone()));
                    }
                }
            }
        }
        // An empty map is sent as such: whether leaving it out clears it is not documented.
        if !details.is_empty() || self.0.contains_key(DETAILS) {
            self.0.insert(DETAILS.to_owned(), Value::Object(details));
        }
        Ok(())
    }
}

/// The server's own form of a key that was shown cleaned; the key itself when there is none yet.
fn raw_key(details: &Map<String, Value>, key: &str) -> Result<String, String> {
    if details.contains_key(key) {
        return Ok(key.to_owned());
    }
    let mut alike = details.keys().filter(|raw| Text::clean(raw) == *key);
    match (alike.next(), alike.next()) {
        (Some(raw), None) => Ok(raw.clone()),
        (None, _) => Ok(key.to_owned()),
        (Some(_), Some(_)) => Err(format!("two keys on the server look like `{}`", Text::clean(key))),
    }
}

fn edit_stream(edit: &StreamEdit, object: &mut Object) -> Result<(), String> {
    object.set("name", edit.name.as_ref());
    object.set("operating_system", edit.operating_system.as_ref());
    object.set("source", edit.source.as_ref());
    object.set("status", edit.status.as_ref());
    object.set_or_clear("description", edit.description.as_ref());
    object.set_or_clear("publisher", edit.publisher.as_ref());
    object.set_details(&edit.additional_details)
}

fn edit_version(edit: &VersionEdit, object: &mut Object) -> Result<(), String> {
    object.set("name", edit.name.as_ref());
    object.set("status", edit.status.as_ref());
    object.set_or_clear("description", edit.description.as_ref());
    object.set_details(&edit.additional_details)
}

fn edit_tag(edit: &TagEdit, object: &mut Object) -> Result<(), String> {
    object.set("name", edit.name.as_ref());
    if let Some(version) = &edit.version {
        // An id is compared as it is, never as it looks.
        object.0.insert("im_version_id".to_owned(), Value::String(version.raw().to_owned()));
    }
    object.set_details(&edit.additional_details)
}

fn edit_asset(edit: &AssetEdit, object: &mut Object) -> Result<(), String> {
    object.set("clone_type", edit.clone_type.as_ref());
    object.set("image_type", edit.image_type.as_ref());
    object.set("status", edit.status.as_ref());
    object.set_details(&edit.additional_details)
}

/// What an operator saw of an object, to be compared with what is there now. Not `usable` of a stream: the server
/// computes it from other objects, and no update writes it.
trait Shown {
    /// The stream and version that it belongs to, where its kind has them.
    fn stream(&self) -> Option<&StreamId> {
        None
    }

    fn version(&self) -> Option<&VersionId> {
        None
    }

    /// Names of fields with what they show.
    fn shown(&self) -> Vec<(&'static str, Option<&Text>)>;

    fn details(&self) -> &BTreeMap<Text, Text>;

    /// Names of fields with ids.
    fn ids(&self) -> Vec<(&'static str, Option<&str>)> {
        Vec::new()
    }
}

impl Shown for Stream {
    fn shown(&self) -> Vec<(&'static str, Option<&Text>)> {
        vec![
            ("status", self.status.as_ref()),
            ("name", self.name.as_ref()),
            ("description", self.description.as_ref()),
            ("operating system", self.operating_system.as_ref()),
            ("publisher", self.publisher.as_ref()),
            ("source", self.source.as_ref()),
        ]
    }

    fn details(&self) -> &BTreeMap<Text, Text> {
        &self.additional_details
    }
}

impl Shown for Version {
    fn stream(&self) -> Option<&StreamId> {
        self.stream.as_ref()
    }

    fn shown(&self) -> Vec<(&'static str, Option<&Text>)> {
        vec![
            ("status", self.status.as_ref()),
            ("name", self.name.as_ref()),
            ("description", self.description.as_ref()),
        ]
    }

    fn details(&self) -> &BTreeMap<Text, Text> {
        &self.additional_details
    }

    fn ids(&self) -> Vec<(&'static str, Option<&str>)> {
        vec![("stream", self.stream.as_ref().map(StreamId::raw))]
    }
}

impl Shown for Tag {
    fn stream(&self) -> Option<&StreamId> {
        self.stream.as_ref()
    }

    fn shown(&self) -> Vec<(&'static str, Option<&Text>)> {
        vec![("name", self.name.as_ref()), ("description", self.description.as_ref())]
    }

    fn details(&self) -> &BTreeMap<Text, Text> {
        &self.additional_details
    }

    fn ids(&self) -> Vec<(&'static str, Option<&str>)> {
        vec![
            ("version", self.version.as_ref().map(VersionId::raw)),
            ("stream", self.stream.as_ref().map(StreamId::raw)),
        ]
    }
}

impl Shown for Asset {
    fn stream(&self) -> Option<&StreamId> {
        self.stream.as_ref()
    }

    fn version(&self) -> Option<&VersionId> {
        self.version.as_ref()
    }

    fn shown(&self) -> Vec<(&'static str, Option<&Text>)> {
        vec![
            ("status", self.status.as_ref()),
            ("clone type", self.clone_type.as_ref()),
            ("image type", self.image_type.as_ref()),
            ("base VM", self.base_vm.as_ref()),
            ("base snapshot", self.base_snapshot.as_ref()),
            ("template", self.template.as_ref()),
        ]
    }

    fn details(&self) -> &BTreeMap<Text, Text> {
        &self.additional_details
    }

    fn ids(&self) -> Vec<(&'static str, Option<&str>)> {
        vec![
            ("vCenter", self.vcenter.as_ref().map(VcenterId::raw)),
            ("version", self.version.as_ref().map(VersionId::raw)),
            ("stream", self.stream.as_ref().map(StreamId::raw)),
        ]
    }
}

/// What is different now from what was seen, in words; `None` when it is the same.
fn difference<T: Shown>(seen: &T, now: &T) -> Option<String> {
    let say = |name: &str, is: Option<&str>, was: Option<&str>| {
        format!("{name} {}, was {}", is.unwrap_or("(none)"), was.unwrap_or("(none)"))
    };
    let mut found: Vec<String> = (now.shown().into_iter().zip(seen.shown()))
        .filter(|((_, is), (_, was))| is != was)
        .map(|((name, is), (_, was))| say(name, is.map(Text::as_str), was.map(Text::as_str)))
        .collect();
    let ids = now.ids().into_iter().zip(seen.ids());
    found.extend(
        ids.filter(|((_, is), (_, was))| is != was).map(|((name, _), _)| format!("{name} is another one")),
    );
    let keys: BTreeSet<&Text> = now.details().keys().chain(seen.details().keys()).collect();
    for key in keys {
        let (is, was) = (now.details().get(key), seen.details().get(key));
        if is != was {
            found.push(say(key.as_str(), is.map(Text::as_str), was.map(Text::as_str)));
        }
    }
    let more = found.len().saturating_sub(NAMED_DIFFERENCES);
    found.truncate(NAMED_DIFFERENCES);
    if more > 0 {
        found.push(format!("{more} more"));
    }
    (!found.is_empty()).then(|| found.join("; "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::request::Body;

    fn server_object() -> Value {
        json!({
            "id": "s-1", "name": "win11", "description": "Desk\u{1b}[2Jtop\u{202e}", "operating_system": "WINDOWS_11",
            "publisher": "IT", "source": "UPLOADED", "status": "AVAILABLE", "usable": true, "future": [1],
            "additional_details": {"built\u{7} by": "ops\tteam", "owner": "kaya"},
        })
    }

    fn seen() -> Stream {
        wire::read_one(Operation::ReadStream, server_object().to_string().as_bytes()).unwrap()
    }

    fn sent(edit: StreamEdit, now: &Value) -> Result<Value, Fault> {
        let change = Change::UpdateStream { seen: Box::new(seen()), edit };
        let request = request(&change, now.to_string().as_bytes())?;
        assert_eq!(request.path, "/config/v1/im-streams/s-1");
        let Body::Json(body) = &request.body else { panic!("a body") };
        Ok(serde_json::from_str(body).unwrap())
    }

    #[test]
    fn only_what_was_edited_differs_from_what_the_server_had() {
        let edit = StreamEdit { status: Some("DISABLED".into()), ..StreamEdit::default() };
        let mut expected = server_object();
        expected["status"] = "DISABLED".into();
        for unwritten in ["id", "usable", "future"] {
            expected.as_object_mut().unwrap().remove(unwritten);
        }
        assert_eq!(sent(edit, &server_object()).unwrap(), expected);
    }

    #[test]
    fn a_text_that_was_typed_as_it_was_shown_is_not_touched() {
        let shown = seen().description.unwrap().as_str().to_owned();
        let edit = StreamEdit {
            description: Some(shown),
            status: Some("DISABLED".into()),
            additional_details: [("built\u{fffd} by".to_owned(), Some("ops team".to_owned()))].into(),
            ..StreamEdit::default()
        };
        let body = sent(edit, &server_object()).unwrap();
        assert_eq!(body["description"], server_object()["description"]);
        assert_eq!(body["additional_details"], server_object()["additional_details"]);
    }

    #[test]
    fn free_keys_are_set_and_removed_by_the_names_that_are_shown() {
        let details = [("built\u{fffd} by".to_owned(), Some("x".to_owned())), ("owner".to_owned(), None)];
        let edit = StreamEdit { additional_details: details.into(), ..StreamEdit::default() };
        let body = sent(edit, &server_object()).unwrap();
        assert_eq!(body["additional_details"], json!({"built\u{7} by": "x"}));
        let two = json!({"a\u{7}": "1", "a\u{8}": "2"});
        let details: BTreeMap<_, _> = [("a\u{fffd}".to_owned(), None)].into();
        let mut object = Object(json!({"additional_details": two}).as_object().unwrap().clone());
        assert!(
            object.set_details(&details).unwrap_err().contains("two keys"),
            "nobody knows which is meant"
        );
    }

    #[test]
    fn the_last_free_key_leaves_an_empty_map_and_an_empty_text_clears() {
        let details = [
            ("built\u{fffd} by".to_owned(), None),
            ("owner".to_owned(), None),
            ("never was".to_owned(), None),
        ];
        let edit = StreamEdit {
            publisher: Some(String::new()),
            additional_details: details.into(),
            ..StreamEdit::default()
        };
        let body = sent(edit, &server_object()).unwrap();
        assert_eq!(body["additional_details"], json!({}));
        assert_eq!(body.get("publisher"), None);
    }

    #[test]
    fn what_changed_meanwhile_is_named_and_nothing_is_sent() {
        let mut now = server_object();
        now["status"] = "DISABLED".into();
        now["usable"] = false.into();
        now["additional_details"]["owner"] = Value::Null;
        let edit = StreamEdit { name: Some("win11-new".into()), ..StreamEdit::default() };
        let fault = sent(edit, &now).unwrap_err();
        assert_eq!(fault.kind, FaultKind::InvalidState);
        assert_eq!(
            fault.message,
            "changed on the server since it was read: status DISABLED, was AVAILABLE; owner (none), was kaya"
        );
        assert!(!fault.maybe_done);
    }

    #[test]
    fn an_edit_that_changes_nothing_is_not_sent() {
        let edit = StreamEdit { name: Some("win11".into()), ..StreamEdit::default() };
        assert_eq!(sent(edit, &server_object()).unwrap_err().message, "nothing would change");
    }

    #[test]
    fn a_moved_tag_names_another_version_by_its_raw_id() {
        let body = json!({"id": "t", "im_stream_id": "s", "im_version_id": "v1", "name": "prod"});
        let seen: Tag = wire::read_one(Operation::ReadTag, body.to_string().as_bytes()).unwrap();
        let edit = TagEdit { version: Some("v\u{7}2".into()), ..TagEdit::default() };
        let change = Change::UpdateTag { seen: Box::new(seen), edit };
        let request = request(&change, body.to_string().as_bytes()).unwrap();
        let Body::Json(sent) = &request.body else { panic!("a body") };
        assert_eq!(
            serde_json::from_str::<Value>(sent).unwrap(),
            json!({"im_version_id": "v\u{7}2", "name": "prod"})
        );
        let mut moved = body;
        moved["im_version_id"] = "v3".into();
        let fault = super::request(&change, moved.to_string().as_bytes()).unwrap_err();
        assert_eq!(fault.message, "changed on the server since it was read: version is another one");
    }
}
