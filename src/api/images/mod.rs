//! Image streams, versions, tags and assets (`horizon-rest.md section 13`).

mod change;

pub(crate) use self::change::is_asset;

use std::collections::{BTreeMap, HashSet};

use futures_util::{StreamExt, future, stream};

use super::{
    Estate, Operation, RequestClass,
    horizon::{
        images::{self, Image, Kind, Lists, uses},
        wire::Horizon,
    },
    page::{self, PAGE_SIZE, Page, Reading, Whole},
    request::Request,
};
use crate::domain::{
    Asset, Fault, FaultKind, ImageBook, ImageHole, ImagePart, ImageUse, Stream, StreamId, StreamQuery,
    SubscriberKind, Tag, Text, VcenterId, Version, VersionId,
};

/// How many lists below the streams are asked for at a time; the gate decides when each leaves.
const LISTS_IN_FLIGHT: usize = 4;

impl Estate {
    /// The streams that a query picks, with everything below them and who uses them.
    /// `ImageManagementStream_ListBySpec`.
    ///
    /// Releases before 2309 take no conditions: they are applied here then, as far as the assets could be read.
    ///
    /// # Errors
    ///
    /// When the streams could not be read, or the line broke meanwhile. A part that the server refuses is a gap of the
    /// book instead.
    pub async fn image_book(&self, class: RequestClass, query: &StreamQuery) -> Result<ImageBook, Fault> {
        let inner = self.horizon(Operation::ListStreams)?;
        let reader = Reader { inner, class, lists: Lists(self.capabilities().release) };
        let tree = reader.tree(query);
        let (tree, uses, vcenters) = future::join3(tree, reader.uses(), reader.vcenters()).await;
        let mut book = tree?;
        (book.uses, book.uses_unknown) = uses;
        book.vcenters = vcenters;
        Ok(book)
    }

    /// One stream as it is now; `EntityNotFound` when it is gone. `ImageManagementStream_Get`.
    pub async fn stream(&self, id: &StreamId) -> Result<Stream, Fault> {
        let request = images::one_request(Kind::Stream, id.raw());
        let versioned = self.horizon(request.operation)?.put(RequestClass::Job, None, &request).await?;
        images::read_one(request.operation, &versioned.answer.body)
    }
}

/// Reads the lists of images in the way of a release.
struct Reader<'a> {
    inner: &'a Horizon,
    class: RequestClass,
    lists: Lists,
}

/// What was asked for below a stream or version.
struct Question {
    request: Request,
    stream: Option<StreamId>,
    version: Option<VersionId>,
}

/// The rows of several lists, and what is missing of them.
struct Lines<T> {
    rows: Vec<T>,
    gaps: Vec<Fault>,
    unreadable: usize,
    /// The streams of which something is missing; `None` inside for all of them.
    missing: Vec<Option<StreamId>>,
}

impl<T> Lines<T> {
    fn new() -> Self {
        Self { rows: Vec::new(), gaps: Vec::new(), unreadable: 0, missing: Vec::new() }
    }

    /// Notes that not everything of a stream is there. What is the same for several streams is said once.
    fn misses(&mut self, stream: Option<StreamId>, why: Option<Fault>) {
        self.missing.push(stream);
        if let Some(fault) = why.filter(|fault| !self.gaps.contains(fault)) {
            self.gaps.push(fault);
        }
    }

    /// Takes a list in that was read to its end.
    fn take(&mut self, stream: Option<StreamId>, whole: Whole<T>, operation: Operation) {
        let why = not_whole(&whole, operation);
        if why.is_some() || whole.unreadable > 0 {
            self.misses(stream, why);
        }
        self.rows.extend(whole.rows);
        self.unreadable += whole.unreadable;
    }

    fn holes(&self, part: ImagePart) -> impl Iterator<Item = ImageHole> + '_ {
        self.missing.iter().map(move |stream| ImageHole { part, stream: stream.clone() })
    }
}

/// Why a list that was read may lack rows, apart from those that could not be read, which are counted.
fn not_whole<T>(whole: &Whole<T>, operation: Operation) -> Option<Fault> {
    let words = if whole.cut {
        "the list did not end where its reading had to"
    } else if !whole.steady {
        "the list changed while it was read; rows may be missing"
    } else {
        return None;
    };
    Some(Fault::new(FaultKind::BadAnswer, operation.label(), words))
}

impl Reader<'_> {
    /// A whole list.
    async fn list<T: Image>(&self, request: &Request) -> Result<Whole<T>, Fault> {
        let fetch = |number| {
            let request = request.clone();
            // Without paging the second page would be the first once more, and ends the reading.
            let request = if self.lists.are_paged() { request.page(number, PAGE_SIZE) } else { request };
            async move {
                let versioned = self.inner.put(self.class, None, &request).await?;
                images::read_page::<T>(request.operation, &versioned.answer)
            }
        };
        page::read_all(Reading { size: PAGE_SIZE, in_flight: 1, limit: usize::MAX }, fetch, |_| {}).await
    }

    /// The answer to one question, and the stream that it was about.
    async fn ask<T: Image>(
        &self,
        question: Question,
    ) -> (Option<StreamId>, Operation, Result<Whole<T>, Fault>) {
        let Question { request, stream, version } = question;
        let mut whole = self.list::<T>(&request).await;
        for row in whole.iter_mut().flat_map(|whole| &mut whole.rows) {
            row.belongs_to(stream.as_ref(), version.as_ref());
        }
        (stream, request.operation, whole)
    }

    /// Several lists. One that is refused is a gap; a line that breaks is the end of the whole reading.
    async fn lists<T: Image>(&self, questions: Vec<Question>) -> Result<Lines<T>, Fault> {
        let mut all = Lines::new();
        let asked = questions.into_iter().map(|question| self.ask::<T>(question));
        let mut asked = stream::iter(asked).buffered(LISTS_IN_FLIGHT);
        while let Some((stream, operation, whole)) = asked.next().await {
            match whole {
                Ok(whole) => all.take(stream, whole, operation),
                Err(fault) if is_lost(&fault) => return Err(fault),
                Err(fault) => all.misses(stream, Some(fault)),
            }
        }
        Ok(all)
    }

    /// The streams and what is below them.
    async fn tree(&self, query: &StreamQuery) -> Result<ImageBook, Fault> {
        let request = self.lists.streams(query);
        let mut streams = Lines::new();
        streams.take(None, self.list::<Stream>(&request).await?, request.operation);
        if let Some(status) = query.status.as_deref().filter(|_| !self.lists.narrow()) {
            streams.rows.retain(|stream| stream.status.as_ref().is_some_and(|known| *known == status));
        }
        let ids: Vec<StreamId> = streams.rows.iter().map(|stream| stream.id.clone()).collect();
        let below = |kind| -> Vec<Question> {
            let question = |stream: &StreamId| Question {
                request: Lists::below(kind, stream),
                stream: Some(stream.clone()),
                version: None,
            };
            ids.iter().map(question).collect()
        };
        let versions = self.lists::<Version>(below(Kind::Version)).await?;
        let tags = self.lists::<Tag>(below(Kind::Tag)).await?;
        let mut orphaned = versions.missing.clone();
        let assets = if ids.is_empty() {
            self.lists::<Asset>(Vec::new()).await?
        } else if self.lists.have_all_assets() {
            let request = Lists::assets(None);
            self.lists::<Asset>(vec![Question { request, stream: None, version: None }]).await?
        } else {
            let question = |version: &Version| Question {
                request: Lists::assets(Some(&version.id)),
                stream: version.stream.clone(),
                version: Some(version.id.clone()),
            };
            let mut assets = self.lists::<Asset>(versions.rows.iter().map(question).collect()).await?;
            // Nobody could ask for the assets of versions that are not known.
            assets.missing.append(&mut orphaned);
            assets
        };
        Ok(self.book(query, streams, versions, tags, assets))
    }

    /// Puts the lists together, without what belongs to no stream that was picked.
    fn book(
        &self,
        query: &StreamQuery,
        streams: Lines<Stream>,
        versions: Lines<Version>,
        tags: Lines<Tag>,
        assets: Lines<Asset>,
    ) -> ImageBook {
        let missing: Vec<&Option<StreamId>> = versions.missing.iter().chain(&assets.missing).collect();
        let kept: HashSet<StreamId> = (streams.rows.iter())
            .filter(|stream| {
                self.lists.narrow()
                    || !wants_assets(query)
                    // What could not be read may be just what was asked for.
                    || missing.iter().any(|gap| gap.as_ref().is_none_or(|id| *id == stream.id))
                    || assets.rows.iter().any(|asset| {
                        asset.stream.as_ref() == Some(&stream.id) && fits(query, asset)
                    })
            })
            .map(|stream| stream.id.clone())
            .collect();
        let here = |stream: Option<&StreamId>| stream.is_some_and(|stream| kept.contains(stream));
        let holes = (streams.holes(ImagePart::Stream))
            .chain(versions.holes(ImagePart::Version))
            .chain(tags.holes(ImagePart::Tag))
            .chain(assets.holes(ImagePart::Asset))
            .collect();
        let mut book = ImageBook {
            holes,
            unreadable: streams.unreadable + versions.unreadable + tags.unreadable + assets.unreadable,
            streams: streams.rows,
            versions: versions.rows,
            tags: tags.rows,
            assets: assets.rows,
            uses: Vec::new(),
            uses_unknown: BTreeMap::new(),
            vcenters: BTreeMap::new(),
            gaps: [streams.gaps, versions.gaps, tags.gaps, assets.gaps].concat(),
        };
        book.streams.retain(|stream| kept.contains(&stream.id));
        book.versions.retain(|version| here(version.stream.as_ref()));
        book.tags.retain(|tag| here(tag.stream.as_ref()));
        let known: HashSet<&VersionId> = book.versions.iter().map(|version| &version.id).collect();
        book.assets.retain(|asset| {
            here(asset.stream.as_ref())
                || (asset.stream.is_none() && asset.version.as_ref().is_some_and(|id| known.contains(id)))
        });
        book
    }

    /// The pools and farms that use images, as far as they are known, and of which kind not all are.
    async fn uses(&self) -> (Vec<ImageUse>, BTreeMap<SubscriberKind, Fault>) {
        let kinds = [SubscriberKind::Pool, SubscriberKind::Farm];
        let mut known = Vec::new();
        let mut unknown = BTreeMap::new();
        for (kind, read) in
            kinds.into_iter().zip(future::join_all(kinds.map(|kind| self.subscribers(kind))).await)
        {
            let (uses, why) = read.unwrap_or_else(|fault| (Vec::new(), Some(fault)));
            known.extend(uses);
            unknown.extend(why.map(|why| (kind, why)));
        }
        (known, unknown)
    }

    /// The subscriptions of one kind, and why these may not be all.
    async fn subscribers(&self, kind: SubscriberKind) -> Result<(Vec<ImageUse>, Option<Fault>), Fault> {
        let fetch = |number| async move {
            let (resource, request) = uses::request(kind, number);
            let versioned = self.inner.put(self.class, Some(resource), &request).await?;
            let page: Page<_> = uses::read_page(kind, &versioned.answer)?;
            Ok(page)
        };
        let reading = Reading { size: PAGE_SIZE, in_flight: 1, limit: usize::MAX };
        let whole = page::read_all(reading, fetch, |_| {}).await?;
        let operation = uses::operation(kind);
        let unreadable = (whole.unreadable > 0).then(|| {
            let words = format!("{} of the {kind}s could not be understood", whole.unreadable);
            Fault::new(FaultKind::BadAnswer, operation.label(), words)
        });
        let holes = not_whole(&whole, operation).or(unreadable);
        let (uses, silent) = uses::uses(kind, whole.rows);
        Ok((uses, silent.or(holes)))
    }

    /// The names of the vCenters, as far as the account may see them: their ids stand for the others.
    async fn vcenters(&self) -> BTreeMap<VcenterId, Text> {
        let request = uses::vcenters_request();
        let answer =
            self.inner.put(self.class, Some(super::horizon::versions::Resource::Vcenters), &request).await;
        let names = answer.and_then(|versioned| uses::read_vcenters(&versioned.answer.body));
        names.unwrap_or_else(|fault| {
            tracing::debug!(%fault, "vCenters stay without names");
            BTreeMap::new()
        })
    }
}

/// Whether a fault is about the connection and not about what was asked for.
fn is_lost(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Unreachable | FaultKind::Unauthenticated | FaultKind::Cancelled)
}

fn wants_assets(query: &StreamQuery) -> bool {
    query.clone_type.is_some() || query.image_type.is_some() || query.vcenter.is_some()
}

/// Whether an asset is what a query asks for.
fn fits(query: &StreamQuery, asset: &Asset) -> bool {
    let same = |wanted: &Option<String>, known: &Option<Text>| {
        wanted.as_ref().is_none_or(|wanted| known.as_ref().is_some_and(|known| *known == wanted.as_str()))
    };
    same(&query.clone_type, &asset.clone_type)
        && same(&query.image_type, &asset.image_type)
        && (query.vcenter.is_none() || query.vcenter == asset.vcenter)
}
