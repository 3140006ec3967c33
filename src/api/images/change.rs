//! Images created, changed and deleted.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::{Image, Kind, Lists, Reader, images};
use crate::{
    api::{
        ChangeAnswer, Estate, ItemAnswer, Operation, RequestClass, changes::CreatedId, gate::Turn,
        horizon::bulk, http::never_sent, request::Request,
    },
    domain::{
        Asset, AssetSource, Change, ChangeKind, Fault, FaultKind, NewAsset, Stream, StreamId, StreamQuery,
        Tag, Text, Version,
    },
};

/// Words by which a server says that something cannot go because it is used. Which ones a real server has is not
/// documented (`method-map.md` I2).
const IN_USE: [&str; 6] = ["in use", "in_use", "in.use", "in-use", "used by", "entityinuse"];

impl Estate {
    /// Creates, changes or deletes images: see [`Estate::change`].
    ///
    /// A refusal that is about the thing itself (400, 404, 409) is its answer; a missing privilege is about all of them and
    /// is the fault of the call.
    pub(in crate::api) async fn change_images(
        &self,
        changes: &[&Change],
        stop: &CancellationToken,
    ) -> Result<Vec<ChangeAnswer>, Fault> {
        let Some(first) = changes.first() else { return Ok(Vec::new()) };
        let change = first.kind();
        let operation = Operation::of_change(change);
        let Some(kind) = Kind::of(change) else {
            return Err(never_sent(operation, "this is no change of an image"));
        };
        if changes.iter().any(|other| other.kind() != change) || changes.len() > Self::most_changes(change) {
            return Err(never_sent(operation, "changes of several kinds, or too many, in one call"));
        }
        let call = Call { estate: self, change, kind, stop };
        match changes {
            [one] if is_creation(change) => call.create_one(one).await.map(|answer| vec![answer]),
            many if is_creation(change) => call.create_many(many).await,
            [one] => {
                let answer = match images::edit::target(one) {
                    Some(id) => call.update(one, id).await,
                    None => call.delete(one).await,
                };
                answer.map(|answer| vec![ChangeAnswer { answer, created: None }])
            }
            _ => Err(never_sent(operation, "one change at a time")),
        }
    }
}

impl Estate {
    /// The ids of everything that is in the lists in which new things of these changes, all of one kind, will be: what is
    /// there before they are created. `None` when not all of it could be read.
    ///
    /// # Errors
    ///
    /// When one of the lists could not be read.
    pub async fn image_ids_beside(&self, changes: &[&Change]) -> Result<Option<BTreeSet<String>>, Fault> {
        let lists = Lists(self.capabilities().release);
        let inner = self.horizon(Operation::ListStreams)?;
        let reader = Reader { inner, class: RequestClass::Job, lists };
        let mut ids = BTreeSet::new();
        let mut asked = BTreeSet::new();
        for change in changes {
            let whole = match change {
                Change::CreateStream(_) if asked.insert(String::new()) => {
                    reader.ids::<Stream>(&lists.streams(&StreamQuery::default()), &mut ids).await?
                }
                Change::CreateVersion(new) if asked.insert(new.stream.raw().to_owned()) => {
                    reader.ids::<Version>(&Lists::below(Kind::Version, &new.stream), &mut ids).await?
                }
                Change::CreateTag(new) if asked.insert(new.stream.raw().to_owned()) => {
                    reader.ids::<Tag>(&Lists::below(Kind::Tag, &new.stream), &mut ids).await?
                }
                Change::CreateAsset(new) if asked.insert(new.version.raw().to_owned()) => {
                    reader.ids::<Asset>(&Lists::assets(Some(&new.version)), &mut ids).await?
                }
                _ => true,
            };
            if !whole {
                return Ok(None);
            }
        }
        Ok(Some(ids))
    }
}

impl Reader<'_> {
    /// Adds the ids of a list; whether that is all there are.
    async fn ids<T: Image>(&self, request: &Request, ids: &mut BTreeSet<String>) -> Result<bool, Fault> {
        let whole = self.list::<T>(request).await?;
        ids.extend(whole.rows.iter().map(|row| row.raw_id().to_owned()));
        Ok(whole.is_complete())
    }
}

/// One call of changes.
struct Call<'a> {
    estate: &'a Estate,
    change: ChangeKind,
    kind: Kind,
    stop: &'a CancellationToken,
}

impl Call<'_> {
    async fn send(&self, request: &Request) -> Result<Vec<u8>, Fault> {
        let turn = Turn::stoppable(RequestClass::Job, self.stop);
        self.estate
            .horizon(request.operation)?
            .put(turn, None, request)
            .await
            .map(|versioned| versioned.answer.body)
    }

    /// What the answer to an order about one thing means for it.
    fn judge(&self, answer: Result<Vec<u8>, Fault>) -> Result<ItemAnswer, Fault> {
        let Err(fault) = answer else { return Ok(ItemAnswer::Accepted) };
        // A refused log-in has a status too.
        let own = fault.operation == Operation::of_change(self.change).label();
        match fault.status.filter(|_| own) {
            Some(404) if !is_creation(self.change) => Ok(ItemAnswer::NotFound(fault)),
            Some(400 | 404 | 409) => Ok(ItemAnswer::Refused(refused(self.change, fault))),
            _ => Err(fault),
        }
    }

    /// Creates one. The answer has no id: it is looked for by the name.
    async fn create_one(&self, change: &Change) -> Result<ChangeAnswer, Fault> {
        let request = self.creation(&[change])?;
        let answer = self.judge(self.send(&request).await)?;
        let created = match answer {
            ItemAnswer::Accepted => self.find(change).await,
            _ => None,
        };
        Ok(ChangeAnswer { answer, created })
    }

    async fn create_many(&self, changes: &[&Change]) -> Result<Vec<ChangeAnswer>, Fault> {
        let request = self.creation(changes)?;
        let body = self.send(&request).await?;
        let answers = bulk::in_order(request.operation, self.kind.word(), changes.len(), &body)?;
        let answer_of = |(answer, created)| {
            let answer = match answer {
                ItemAnswer::Refused(fault) => ItemAnswer::Refused(refused(self.change, fault)),
                // What is not there is not what was to be created, but what it refers to.
                ItemAnswer::NotFound(fault) => ItemAnswer::Refused(fault),
                other => other,
            };
            ChangeAnswer { answer, created }
        };
        Ok(answers.into_iter().map(answer_of).collect())
    }

    fn creation(&self, changes: &[&Change]) -> Result<Request, Fault> {
        images::create_request(self.change, self.kind, changes)
            .ok_or_else(|| never_sent(Operation::of_change(self.change), "this creates no image"))
    }

    /// Reads it, compares it with what was seen, and puts it back changed.
    async fn update(&self, change: &Change, id: &str) -> Result<ItemAnswer, Fault> {
        let question = images::one_request(self.kind, id);
        let body = match self.send(&question).await {
            Ok(body) => body,
            Err(fault) if fault.status == Some(404) && fault.operation == question.operation.label() => {
                return Ok(ItemAnswer::NotFound(fault));
            }
            Err(fault) => return Err(fault),
        };
        match images::edit::request(change, &body) {
            Ok(request) => self.judge(self.send(&request).await),
            Err(fault) => Ok(ItemAnswer::Refused(fault)),
        }
    }

    async fn delete(&self, change: &Change) -> Result<ItemAnswer, Fault> {
        let id = match change {
            Change::DeleteStream(id) => id.raw(),
            Change::DeleteVersion(id) => id.raw(),
            Change::DeleteTag(id) => id.raw(),
            Change::DeleteAsset(id) => id.raw(),
            _ => return Err(never_sent(Operation::of_change(self.change), "this deletes no image")),
        };
        self.judge(self.send(&images::delete_request(self.change, self.kind, id)).await)
    }

    /// The id of what was created a moment ago; `None` when it cannot be told for certain, which spoils nothing.
    async fn find(&self, change: &Change) -> Option<CreatedId> {
        let lists = Lists(self.estate.capabilities().release);
        let inner = self.estate.horizon(Operation::ListStreams).ok()?;
        let reader = Reader { inner, class: RequestClass::Job, lists };
        let named = |kind: Kind, stream: &StreamId, name: &str| lists.named(Lists::below(kind, stream), name);
        let found = async {
            match change {
                Change::CreateStream(new) => {
                    let request = lists.named(lists.streams(&StreamQuery::default()), &new.name);
                    only::<Stream>(&reader, &request, |row| is(row.name.as_ref(), &new.name)).await
                }
                Change::CreateVersion(new) => {
                    let request = named(Kind::Version, &new.stream, &new.name);
                    only::<Version>(&reader, &request, |row| is(row.name.as_ref(), &new.name)).await
                }
                Change::CreateTag(new) => {
                    let request = named(Kind::Tag, &new.stream, &new.name);
                    only::<Tag>(&reader, &request, |row| is(row.name.as_ref(), &new.name)).await
                }
                Change::CreateAsset(new) => {
                    let request = Lists::assets(Some(&new.version));
                    only::<Asset>(&reader, &request, |row| is_asset(row, new)).await
                }
                _ => None,
            }
        };
        self.stop.run_until_cancelled(found).await.flatten()
    }
}

/// The id of the one row that fits; `None` when there are several, or none.
async fn only<T: Image>(
    reader: &Reader<'_>,
    request: &Request,
    fits: impl Fn(&T) -> bool,
) -> Option<CreatedId> {
    let rows = reader.list::<T>(request).await.ok()?.rows;
    let mut fitting = rows.iter().filter(|row| fits(row));
    match (fitting.next(), fitting.next()) {
        (Some(row), None) => Some(CreatedId(row.raw_id().to_owned())),
        _ => None,
    }
}

fn is(shown: Option<&Text>, wanted: &str) -> bool {
    shown.is_some_and(|shown| *shown == *wanted)
}

/// Whether an asset is made from what a new one was to be made from, in the same place and for the same use.
pub(crate) fn is_asset(row: &Asset, new: &NewAsset) -> bool {
    let source = match &new.source {
        AssetSource::Template(template) => is(row.template.as_ref(), template),
        AssetSource::Snapshot { vm, snapshot } => {
            is(row.base_vm.as_ref(), vm) && is(row.base_snapshot.as_ref(), snapshot)
        }
    };
    source
        && row.vcenter.as_ref() == Some(&new.vcenter)
        && is(row.clone_type.as_ref(), &new.clone_type)
        && is(row.image_type.as_ref(), &new.image_type)
}

fn is_creation(change: ChangeKind) -> bool {
    matches!(
        change,
        ChangeKind::CreateStream
            | ChangeKind::CreateVersion
            | ChangeKind::CreateTag
            | ChangeKind::CreateAsset
    )
}

/// The kind of a refusal. REST has one status for most of them (`method-map.md section 0.1`): a deletion that is refused
/// because of use is told by its words, and a name that is taken is a bad argument, not a matter of configuration.
fn refused(change: ChangeKind, mut fault: Fault) -> Fault {
    let speaks_of_use = [fault.key.as_ref(), Some(&fault.message)].into_iter().flatten().any(|text| {
        let text = text.as_str().to_ascii_lowercase();
        IN_USE.iter().any(|words| text.contains(words))
    });
    let deletes = change.is_destructive();
    fault.kind = match fault.status {
        Some(400 | 409) if deletes && speaks_of_use => FaultKind::EntityInUse,
        Some(409) if deletes => FaultKind::InvalidState,
        Some(400 | 409) => FaultKind::InvalidArgument,
        _ => fault.kind,
    };
    fault
}
