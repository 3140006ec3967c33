//! Looking whether changes have happened: a few reads, and comparisons with what was wanted.

use std::collections::{BTreeMap, BTreeSet};

use super::Sent;
use crate::{
    api::{CreatedId, Estate, RequestClass, is_asset},
    domain::{
        Asset, AssetEdit, Change, FaultKind, ImageBook, NewAsset, NewPermission, NewStream, NewTag,
        NewVersion, Permission, PermissionBook, PermissionId, Stream, StreamEdit, StreamId, StreamQuery, Tag,
        TagEdit, Text, Version, VersionEdit,
    },
};

/// What a look shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Looked {
    /// It has happened.
    Done,
    /// It has happened without an answer: this came of it, by its name and the time when it began.
    Found(CreatedId),
    /// It may have happened, and these words say what speaks for it, or that nothing does.
    Doubt(Text),
    /// It has not, or not yet.
    NotDone,
    /// It is seen to be happening.
    UnderWay,
    /// Nobody looked, or nothing could be seen.
    Unknown,
}

impl From<bool> for Looked {
    fn from(done: bool) -> Self {
        if done { Self::Done } else { Self::NotDone }
    }
}

/// Whether something new comes of a change.
pub(super) fn is_creation(change: &Change) -> bool {
    matches!(
        change,
        Change::CreatePermission(_)
            | Change::CreateStream(_)
            | Change::CreateVersion(_)
            | Change::CreateTag(_)
            | Change::CreateAsset(_)
            | Change::BuildImage { .. }
    )
}

/// What is there before something new is created; see [`super::Server::before`].
pub(super) async fn before(estate: &Estate, changes: &[&Change]) -> Option<BTreeSet<String>> {
    let ids = if changes.iter().all(|change| is_permission(change)) {
        estate.permission_book(RequestClass::Job).await.map(|book| {
            let ids = book.permissions.iter().map(|permission| permission.id.raw().to_owned());
            (book.unreadable == 0).then(|| ids.collect())
        })
    } else {
        estate.image_ids_beside(changes).await
    };
    ids.unwrap_or_else(|fault| {
        tracing::debug!(%fault, "what is there already could not be read");
        None
    })
}

/// Whether nothing is missing of what could be read.
fn is_whole(book: &ImageBook) -> bool {
    book.gaps.is_empty() && book.unreadable == 0
}

/// Whether something is what was created: told by the id where the server gave it. Otherwise it must be alike, and
/// known not to have been there before; and what one change has `claimed` cannot be what another created.
fn is_new(sent: &Sent<'_>, id: &str, alike: bool, claimed: &mut BTreeSet<String>) -> bool {
    match (sent.created, sent.before) {
        (Some(created), _) => created.0 == id,
        (None, Some(before)) => alike && !before.contains(id) && claimed.insert(id.to_owned()),
        (None, None) => sent.settling && alike && claimed.insert(id.to_owned()),
    }
}

/// Whether it can be told at all what is new.
fn can_tell(sent: &Sent<'_>) -> bool {
    sent.created.is_some() || sent.before.is_some() || sent.settling
}

/// Looks at changes; see [`super::Server::look`].
pub(super) async fn at(
    estate: &Estate,
    sent: &[Sent<'_>],
    taken: &BTreeSet<String>,
    late: bool,
) -> Vec<Looked> {
    let mut claimed = taken.clone();
    let mut looked = at_permissions(estate, sent, &mut claimed, late).await;
    let rest: Vec<usize> = looked
        .iter()
        .zip(sent)
        .enumerate()
        .filter(|(_, (looked, sent))| **looked == Looked::Unknown && !is_permission(sent.change))
        .map(|(place, _)| place)
        .collect();
    if late {
        if rest.is_empty() {
            return looked;
        }
        match estate.image_book(RequestClass::Job, &StreamQuery::default()).await {
            Ok(book) => {
                for place in rest {
                    if let (Some(slot), Some(sent)) = (looked.get_mut(place), sent.get(place)) {
                        *slot = in_book(&book, sent, &mut claimed);
                    }
                }
            }
            Err(fault) => tracing::debug!(%fault, "changes could not be looked at"),
        }
        return looked;
    }
    for place in rest {
        if let (Some(slot), Some(sent)) = (looked.get_mut(place), sent.get(place)) {
            *slot = at_stream(estate, sent).await;
        }
    }
    looked
}

fn is_permission(change: &Change) -> bool {
    matches!(change, Change::CreatePermission(_) | Change::DeletePermission(_))
}

/// Permissions by their ids in one call; new ones of which the server gave no id among all there are.
async fn at_permissions(
    estate: &Estate,
    sent: &[Sent<'_>],
    claimed: &mut BTreeSet<String>,
    late: bool,
) -> Vec<Looked> {
    let mut looked = vec![Looked::Unknown; sent.len()];
    // They were looked at when they were sent.
    if late {
        return looked;
    }
    let ids: Vec<Option<PermissionId>> = sent.iter().map(permission_id).collect();
    let known: Vec<PermissionId> = ids.iter().flatten().cloned().collect();
    if !known.is_empty() {
        match estate.permissions(&known).await {
            Ok(there) => {
                let there: BTreeSet<&str> = there.iter().map(|permission| permission.id.raw()).collect();
                for ((slot, id), sent) in looked.iter_mut().zip(&ids).zip(sent) {
                    if let Some(id) = id {
                        let is_there = there.contains(id.raw());
                        *slot = (is_there != matches!(sent.change, Change::DeletePermission(_))).into();
                    }
                }
            }
            Err(fault) => tracing::debug!(%fault, "permissions could not be looked at"),
        }
    }
    let nameless = |sent: &Sent<'_>| {
        matches!(sent.change, Change::CreatePermission(_)) && sent.created.is_none() && can_tell(sent)
    };
    if sent.iter().any(nameless) {
        match estate.permission_book(RequestClass::Job).await {
            Ok(book) => {
                for (slot, sent) in looked.iter_mut().zip(sent) {
                    if nameless(sent) {
                        *slot = in_permissions(&book, sent, claimed);
                    }
                }
            }
            Err(fault) => tracing::debug!(%fault, "permissions could not be looked at"),
        }
    }
    looked
}

/// Looks a new permission up among all there are.
pub(super) fn in_permissions(
    book: &PermissionBook,
    sent: &Sent<'_>,
    claimed: &mut BTreeSet<String>,
) -> Looked {
    let Change::CreatePermission(new) = sent.change else { return Looked::Unknown };
    let is_new =
        |there: &Permission| is_new(sent, there.id.raw(), is_permission_of(book, there, new), claimed);
    match book.permissions.iter().any(is_new) {
        true => Looked::Done,
        false if book.unreadable == 0 && can_tell(sent) => Looked::NotDone,
        false => Looked::Unknown,
    }
}

/// The id under which a permission is, or was.
fn permission_id(sent: &Sent<'_>) -> Option<PermissionId> {
    match sent.change {
        Change::DeletePermission(id) => Some(id.clone()),
        Change::CreatePermission(_) => sent.created.map(|id| PermissionId::from(id.0.as_str())),
        _ => None,
    }
}

/// Streams by their ids; whatever needs more to be read stays open.
async fn at_stream(estate: &Estate, sent: &Sent<'_>) -> Looked {
    let id = match (sent.change, sent.created) {
        (Change::CreateStream(_), Some(created)) => StreamId::from(created.0.as_str()),
        (Change::UpdateStream { seen, .. }, _) => seen.id.clone(),
        (Change::DeleteStream(id), _) => id.clone(),
        _ => return Looked::Unknown,
    };
    match (estate.stream(&id).await, sent.change) {
        (Ok(stream), Change::UpdateStream { edit, .. }) => is_stream_like(&stream, edit).into(),
        (Ok(_), Change::CreateStream(_)) => Looked::Done,
        (Ok(_), Change::DeleteStream(_)) => Looked::NotDone,
        (Err(fault), Change::DeleteStream(_)) if fault.kind == FaultKind::EntityNotFound => Looked::Done,
        (Err(fault), Change::CreateStream(_)) if fault.kind == FaultKind::EntityNotFound => Looked::NotDone,
        _ => Looked::Unknown,
    }
}

/// Looks a change of images up in all that could be read of them.
pub(super) fn in_book(book: &ImageBook, sent: &Sent<'_>, claimed: &mut BTreeSet<String>) -> Looked {
    // What could not be read may be what is looked for.
    let whole = is_whole(book);
    let there =
        |found: bool| if found || whole && can_tell(sent) { Looked::from(found) } else { Looked::Unknown };
    let gone = |found: bool| if !found && !whole { Looked::Unknown } else { Looked::from(!found) };
    match sent.change {
        Change::CreatePermission(_)
        | Change::DeletePermission(_)
        | Change::BuildImage { .. }
        | Change::AddAuthorization { .. }
        | Change::RemoveAuthorization { .. }
        | Change::OrderServer { .. } => Looked::Unknown,
        Change::CreateStream(new) => {
            let is_new = |stream: &Stream| is_new(sent, stream.id.raw(), is_stream_of(stream, new), claimed);
            there(book.streams.iter().any(is_new))
        }
        Change::UpdateStream { seen, edit } => {
            let found = book.streams.iter().find(|stream| stream.id == seen.id);
            found.map_or(Looked::Unknown, |stream| is_stream_like(stream, edit).into())
        }
        Change::DeleteStream(id) => gone(book.streams.iter().any(|stream| stream.id == *id)),
        Change::CreateVersion(new) => {
            let is_new =
                |version: &Version| is_new(sent, version.id.raw(), is_version_of(version, new), claimed);
            there(book.versions.iter().any(is_new))
        }
        Change::UpdateVersion { seen, edit } => {
            let found = book.versions.iter().find(|version| version.id == seen.id);
            found.map_or(Looked::Unknown, |version| is_version_like(version, edit).into())
        }
        Change::DeleteVersion(id) => gone(book.versions.iter().any(|version| version.id == *id)),
        Change::CreateTag(new) => {
            there(book.tags.iter().any(|tag| is_new(sent, tag.id.raw(), is_tag_of(tag, new), claimed)))
        }
        Change::UpdateTag { seen, edit } => {
            let found = book.tags.iter().find(|tag| tag.id == seen.id);
            found.map_or(Looked::Unknown, |tag| is_tag_like(tag, edit).into())
        }
        Change::DeleteTag(id) => gone(book.tags.iter().any(|tag| tag.id == *id)),
        Change::CreateAsset(new) => {
            let is_new = |asset: &Asset| is_new(sent, asset.id.raw(), is_asset_of(asset, new), claimed);
            there(book.assets.iter().any(is_new))
        }
        Change::UpdateAsset { seen, edit } => {
            let found = book.assets.iter().find(|asset| asset.id == seen.id);
            found.map_or(Looked::Unknown, |asset| is_asset_like(asset, edit).into())
        }
        Change::DeleteAsset(id) => gone(book.assets.iter().any(|asset| asset.id == *id)),
    }
}

/// Whether a field is what it was to be: nothing was wanted, or this is it. An empty wish clears.
fn fits(now: Option<&Text>, wanted: Option<&String>) -> bool {
    wanted.is_none_or(|wanted| now.map_or("", Text::as_str) == Text::clean(wanted).as_str())
}

/// Whether the free keys are what they were to be.
fn details_fit(now: &BTreeMap<Text, Text>, wanted: &BTreeMap<String, Option<String>>) -> bool {
    wanted.iter().all(|(key, value)| {
        let now = now.get(&Text::clean(key));
        match value {
            Some(value) => now == Some(&Text::clean(value)),
            None => now.is_none(),
        }
    })
}

/// Whether a permission is exactly the one that was wanted. Without a local group that is the root group.
fn is_permission_of(book: &PermissionBook, there: &Permission, new: &NewPermission) -> bool {
    let is_root = || {
        let groups = book.local_groups.as_deref().unwrap_or_default();
        there.local_group.as_ref().is_none_or(|id| groups.iter().any(|group| group.root && group.id == *id))
    };
    there.principal.as_ref() == Some(&new.principal)
        && there.role.as_ref() == Some(&new.role)
        && (there.local_group == new.local_group || new.local_group.is_none() && is_root())
        && there.federation_group == new.federation_group
}

fn is_stream_of(stream: &Stream, new: &NewStream) -> bool {
    fits(stream.name.as_ref(), Some(&new.name))
        && fits(stream.operating_system.as_ref(), Some(&new.operating_system))
        && fits(stream.source.as_ref(), Some(&new.source))
        && fits(stream.description.as_ref(), new.description.as_ref())
        && fits(stream.publisher.as_ref(), new.publisher.as_ref())
}

fn is_stream_like(stream: &Stream, edit: &StreamEdit) -> bool {
    fits(stream.name.as_ref(), edit.name.as_ref())
        && fits(stream.description.as_ref(), edit.description.as_ref())
        && fits(stream.operating_system.as_ref(), edit.operating_system.as_ref())
        && fits(stream.publisher.as_ref(), edit.publisher.as_ref())
        && fits(stream.source.as_ref(), edit.source.as_ref())
        && fits(stream.status.as_ref(), edit.status.as_ref())
        && details_fit(&stream.additional_details, &edit.additional_details)
}

fn is_version_of(version: &Version, new: &NewVersion) -> bool {
    version.stream.as_ref() == Some(&new.stream)
        && fits(version.name.as_ref(), Some(&new.name))
        && fits(version.description.as_ref(), new.description.as_ref())
}

fn is_version_like(version: &Version, edit: &VersionEdit) -> bool {
    fits(version.name.as_ref(), edit.name.as_ref())
        && fits(version.description.as_ref(), edit.description.as_ref())
        && fits(version.status.as_ref(), edit.status.as_ref())
        && details_fit(&version.additional_details, &edit.additional_details)
}

fn is_tag_of(tag: &Tag, new: &NewTag) -> bool {
    tag.stream.as_ref() == Some(&new.stream)
        && tag.version.as_ref() == Some(&new.version)
        && fits(tag.name.as_ref(), Some(&new.name))
}

fn is_tag_like(tag: &Tag, edit: &TagEdit) -> bool {
    fits(tag.name.as_ref(), edit.name.as_ref())
        && (edit.version.is_none() || tag.version == edit.version)
        && details_fit(&tag.additional_details, &edit.additional_details)
}

fn is_asset_of(asset: &Asset, new: &NewAsset) -> bool {
    asset.version.as_ref() == Some(&new.version) && is_asset(asset, new)
}

fn is_asset_like(asset: &Asset, edit: &AssetEdit) -> bool {
    fits(asset.clone_type.as_ref(), edit.clone_type.as_ref())
        && fits(asset.image_type.as_ref(), edit.image_type.as_ref())
        && fits(asset.status.as_ref(), edit.status.as_ref())
        && details_fit(&asset.additional_details, &edit.additional_details)
}
