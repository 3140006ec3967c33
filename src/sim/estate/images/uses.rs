//! Which pools and farms are made from which image, and what that forbids.

use super::{Estate, Images, PUSH_TAKES, Push, Subscriber};
use crate::sim::estate::PlaceKind;
use crate::sim::estate::images::ImageWork;
use crate::sim::estate::life::Work;
use crate::sim::world::{CheckedWorld, Name, PoolSource, Subscription};

impl Estate {
    /// The index of the vCenter with this name; the first one without a name.
    pub(super) fn vcenter_called(&self, name: Option<&Name>) -> u16 {
        let name = name.map(|name| name.get_ref().as_str());
        let found = name.and_then(|name| self.vcenters().iter().position(|known| *known == name));
        found.unwrap_or(0) as u16
    }

    /// What the world says of the image of a pool or farm.
    pub(crate) fn subscription(&self, place: u16) -> Option<&Subscription> {
        match self.places[usize::from(place)].kind {
            PlaceKind::Pool(pool) => self.pool(pool).image.as_ref(),
            PlaceKind::Farm(farm) => self.farm(farm).image.as_ref(),
            PlaceKind::Console(_) => None,
        }
    }

    /// The index of the vCenter of a pool or farm.
    pub(crate) fn vcenter_of(&self, place: u16) -> u16 {
        self.vcenter_called(self.subscription(place).and_then(|subscription| subscription.vcenter.as_ref()))
    }

    pub(super) fn add_subscribers(&mut self, _defined: &CheckedWorld) {
        for place in 0..self.places.len() as u16 {
            let Some(subscription) = self.subscription(place) else { continue };
            let (stream, tag, held) =
                (subscription.stream.get_ref(), subscription.tag.get_ref(), subscription.held);
            let images = &self.images;
            let Some(stream) = images.streams.iter().find(|row| row.name == *stream) else { continue };
            let mut tags = images.tags.iter().filter(|row| row.stream == stream.number);
            let Some(tag) = tags.find(|row| row.name == *tag) else { continue };
            // What is held back is the tag's version: the machines still run the one before it.
            let before = images.versions.iter().rfind(|row| {
                row.stream == stream.number && row.number < tag.version && row.status.is_usable()
            });
            let version = before.filter(|_| held).map_or(tag.version, |version| version.number);
            let push = held.then_some(Push { since: self.now, held: true });
            let subscriber = Subscriber { place, stream: stream.number, tag: tag.number, version, push };
            self.images.subscribers.push(subscriber);
        }
    }

    /// Lets the subscribers of a tag that has moved get its version.
    pub(super) fn push_to_subscribers(&mut self, tag: u32, version: u32) {
        let now = self.now;
        let mut places = Vec::new();
        for subscriber in self.images.subscribers.iter_mut().filter(|row| row.tag == tag) {
            // Back to what the machines run: there is nothing to push any more.
            subscriber.push = (subscriber.version != version).then_some(Push { since: now, held: false });
            places.extend(subscriber.push.map(|_| subscriber.place));
        }
        for place in places {
            self.schedule_at(now + PUSH_TAKES, Work::Image(ImageWork::Push { place, since: now }));
        }
    }

    /// `desktop pool fin-w11` or `farm office-rds`.
    fn subscriber_name(&self, place: u16) -> String {
        match self.places[usize::from(place)].kind {
            PlaceKind::Pool(pool) => format!("desktop pool {}", self.pool(pool).name),
            PlaceKind::Farm(farm) => format!("farm {}", self.farm(farm).name),
            PlaceKind::Console(_) => "a machine".to_owned(),
        }
    }

    /// `INSTANT_CLONE` or `FULL_CLONE`: which assets a pool or farm takes.
    fn clone_type_of(&self, place: u16) -> &'static str {
        match self.places[usize::from(place)].kind {
            PlaceKind::Pool(pool) if self.pool(pool).source != PoolSource::InstantClone => "FULL_CLONE",
            _ => "INSTANT_CLONE",
        }
    }

    /// The pools and farms for which this holds, in words; `None` when there is none.
    fn users_where(&self, uses: impl Fn(&Images, &Subscriber) -> bool) -> Option<String> {
        let images = &self.images;
        let names: Vec<String> = (images.subscribers.iter())
            .filter(|subscriber| uses(images, subscriber))
            .map(|subscriber| self.subscriber_name(subscriber.place))
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    pub(super) fn users_of_stream(&self, stream: u32) -> Option<String> {
        self.users_where(|_, subscriber| subscriber.stream == stream)
    }

    pub(super) fn users_of_tag(&self, tag: u32) -> Option<String> {
        self.users_where(|_, subscriber| subscriber.tag == tag)
    }

    /// Those that run the version, and those that will.
    pub(super) fn users_of_version(&self, version: u32) -> Option<String> {
        self.users_where(|images, subscriber| runs(images, subscriber, version))
    }

    /// Those that run its version from this vCenter and are cloned as it is.
    pub(super) fn users_of_asset(&self, version: u32, vcenter: u16, clone_type: &str) -> Option<String> {
        self.users_where(|images, subscriber| {
            runs(images, subscriber, version)
                && self.vcenter_of(subscriber.place) == vcenter
                && self.clone_type_of(subscriber.place) == clone_type
        })
    }
}

fn runs(images: &Images, subscriber: &Subscriber, version: u32) -> bool {
    let next = images.tag(subscriber.tag).map(|tag| tag.version);
    subscriber.version == version || next == Some(version)
}
