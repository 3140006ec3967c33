//! Who hosts and who brokered what in a federation, and requests to other pods.

use super::actions::{Operator, Refusal, Verb};
use super::events::{About, Extra};
use super::{Estate, PlaceKind, Seat, Session};
use crate::sim::ids::{Kind, spread};

impl Estate {
    /// Whether the pods know each other.
    pub(crate) fn is_federated(&self) -> bool {
        self.defined.world.cloud_pod_architecture
    }

    /// The pod a session runs on.
    pub(crate) fn hosting_pod(&self, session: &Session) -> u16 {
        self.place(session).pod
    }

    /// The pod whose broker gave the session to its user. It follows from the serial, so that it needs neither memory
    /// nor luck.
    pub(crate) fn brokering_pod(&self, session: &Session) -> u16 {
        let hosting = self.hosting_pod(session);
        let pods = self.defined.world.pods.len() as u64;
        let console = matches!(session.seat, Seat::Console { .. });
        if pods < 2 || console || !self.is_federated() {
            return hosting;
        }
        let draw = spread(u64::from(session.serial) ^ 0x0062_726f_6b65_7200);
        if (draw % 10_000) as f64 >= self.defined.world.brokered_elsewhere * 100.0 {
            return hosting;
        }
        // Any of the others.
        let others = (draw >> 32) % (pods - 1);
        ((u64::from(hosting) + 1 + others) % pods) as u16
    }

    /// Gives some sessions to people who have one on another pod as well: those who travel, or were left behind at a
    /// move. Drawn from the serials, so that other worlds stay as they are.
    pub(super) fn seat_on_two_pods(&mut self) {
        let share = self.defined.world.on_two_pods * 100.0;
        if !self.several_pods || share <= 0.0 {
            return;
        }
        let count = self.sessions.len();
        for position in 0..count {
            let draw = spread(u64::from(self.sessions[position].serial) ^ 0x0074_776f_706f_6473);
            if (draw % 10_000) as f64 >= share {
                continue;
            }
            let first = (draw >> 32) as usize % count;
            let other = (first..count).chain(0..first).find(|other| self.may_own_both(position, *other));
            if let Some(other) = other {
                self.hand_over(position, self.sessions[other].user);
            }
        }
    }

    /// Whether the owner of a session on another pod may have this one too.
    fn may_own_both(&self, position: usize, other: usize) -> bool {
        let (session, other) = (&self.sessions[position], &self.sessions[other]);
        let console = |session: &Session| matches!(session.seat, Seat::Console { .. });
        self.hosting_pod(session) != self.hosting_pod(other)
            && !console(session)
            && !console(other)
            && self.users[session.user as usize].sessions == 1
            && self.users[other.user as usize].sessions == 1
    }

    /// Makes somebody else the owner of a session, who works at its place from now on.
    fn hand_over(&mut self, position: usize, user: u32) {
        let place = self.place_index(&self.sessions[position]);
        let session = &mut self.sessions[position];
        let before = std::mem::replace(&mut session.user, user);
        if session.broker_user == before {
            session.broker_user = user;
        }
        if let Seat::Machine { machine } = session.seat
            && let Some(machine) = self.machines.get_mut(machine as usize)
            && machine.assigned == before
        {
            machine.assigned = user;
        }
        self.users[before as usize].sessions -= 1;
        self.users[user as usize].sessions += 1;
        self.places[usize::from(place)].users.push(user);
    }

    /// The root federation access group, which counts for all.
    pub(crate) fn root_federation_group(&self) -> u16 {
        let groups = &self.defined.world.federation_groups;
        groups.iter().position(|group| group.root).unwrap_or(0) as u16
    }

    /// The federation access group of the entitlement that a session came through.
    pub(crate) fn federation_group(&self, session: &Session) -> u16 {
        let name = match self.place(session).kind {
            PlaceKind::Pool(pool) => self.pool(pool).federation_group.as_ref(),
            PlaceKind::Farm(farm) => self.farm(farm).federation_group.as_ref(),
            PlaceKind::Console(_) => None,
        };
        let groups = &self.defined.world.federation_groups;
        let named = name.and_then(|name| groups.iter().position(|group| group.name == *name.get_ref()));
        named.map_or_else(|| self.root_federation_group(), |group| group as u16)
    }

    /// Whether another pod hosts the session.
    pub(crate) fn is_elsewhere(&self, session: &Session) -> bool {
        self.several_pods && self.hosting_pod(session) != self.local_pod
    }

    /// Whether another pod would write an event: the one that hosts what it is about, or where its user works.
    pub(super) fn is_of_another_pod(&self, about: &About) -> bool {
        if !self.several_pods {
            return false;
        }
        let place = match (&about.session, about.place, about.machine) {
            (Some(session), _, _) => Some(self.place_index(session)),
            (None, Some(place), _) => Some(place),
            (None, None, Some(machine)) => self.machines.get(machine as usize).map(|machine| machine.place),
            (None, None, None) => {
                about.user.and_then(|user| self.users.get(user as usize)).and_then(|user| user.home)
            }
        };
        let pod = place.and_then(|place| self.places.get(usize::from(place))).map(|place| place.pod);
        pod.is_some_and(|pod| pod != self.local_pod)
    }

    /// The number of the global desktop entitlement that a session came through; none for applications and consoles.
    pub(crate) fn desktop_entitlement(&self, session: &Session) -> Option<u32> {
        match (self.place(session).kind, session.seat) {
            (PlaceKind::Pool(pool), _) => Some(u32::from(pool)),
            (PlaceKind::Farm(farm), Seat::RdsDesktop { .. }) => Some(self.farm_pool_number(farm)),
            _ => None,
        }
    }

    /// The name of a global desktop entitlement: that of the pool it entitles to.
    pub(crate) fn desktop_entitlement_name(&self, number: u32) -> Option<&str> {
        let world = &self.defined.world;
        let number = number as usize;
        match world.pools.get(number) {
            Some(pool) => Some(&pool.display_name),
            None => world.farms.get(number - world.pools.len()).map(|farm| &*farm.desktop_pool_display_name),
        }
    }

    /// The id of the global entitlement to an application of a farm.
    pub(crate) fn application_entitlement(&self, farm: u16, application: usize) -> String {
        self.ids.id(Kind::ApplicationEntitlement, u32::from(farm) * 100 + application as u32)
    }

    /// The pod with this name.
    pub(crate) fn pod_named(&self, name: &str) -> Option<u16> {
        let pods = &self.defined.world.pods;
        pods.iter().position(|pod| pod.name.eq_ignore_ascii_case(name)).map(|pod| pod as u16)
    }

    /// Asks a pod for an action on one session that it hosts. `allowed` says whether the operator may act there. What
    /// happens on the other pod is written there; this one writes only whether the request was sent.
    pub(crate) fn act_on_pod(
        &mut self,
        pod: u16,
        verb: Verb,
        id: &str,
        operator: Operator,
        message: Option<(&str, &str)>,
        allowed: impl FnOnce(&Self, &Session) -> bool,
    ) -> Result<(), Refusal> {
        let found = self.position(id).filter(|position| self.hosting_pod(&self.sessions[*position]) == pod);
        if pod == self.local_pod {
            let Some(_) = found else { return Err(Refusal::NotFound) };
            return self.act(verb, id, operator, message, allowed);
        }
        let Some(position) = found else {
            self.log_request(pod, verb, id, operator, message, true);
            return Err(Refusal::NotFound);
        };
        let session = self.sessions[position].clone();
        if !allowed(self, &session) {
            self.log_request(pod, verb, id, operator, message, false);
            return Err(Refusal::Forbidden);
        }
        self.log_request(pod, verb, id, operator, message, true);
        self.check(verb, &session)?;
        self.begin(verb, position, message);
        Ok(())
    }

    /// Writes that a request to another pod was sent, or could not be (events.md section 3.2).
    pub(crate) fn log_request(
        &mut self,
        pod: u16,
        verb: Verb,
        id: &str,
        operator: Operator,
        message: Option<(&str, &str)>,
        sent: bool,
    ) {
        let what = match verb {
            Verb::Disconnect => "DISCONNECT",
            Verb::Logoff { .. } => "LOGOFF",
            Verb::Reset => "RESET",
            Verb::Restart => "RESTART",
            Verb::Message => "SEND_MESSAGE",
        };
        let how = if sent { "SENT" } else { "SEND_FAILED" };
        let extra = Extra {
            message: message.map(|(text, _)| text.to_owned()),
            pod: self.defined.world.pods.get(usize::from(pod)).map(|pod| pod.name.clone()),
            remote_session: Some(id.to_owned()),
            ..Extra::default()
        };
        let about = About { user: Some(operator.user), extra: Some(extra), ..About::default() };
        self.log(&format!("VLSI_FEDERATED_DESKTOP_SESSION_{what}_REQUEST_{how}"), self.now, about);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::build;
    use crate::sim::world::{WorldSource, load};

    #[test]
    fn a_few_percent_have_a_session_on_two_pods() {
        let world = Arc::new(load(&WorldSource::Builtin("federation".into())).unwrap());
        let estate = build(&world, None, 7, 1_772_460_000_000);
        let mut pods = std::collections::BTreeMap::<u32, std::collections::BTreeSet<u16>>::new();
        for session in &estate.sessions {
            pods.entry(session.user).or_default().insert(estate.hosting_pod(session));
        }
        let both = pods.values().filter(|pods| pods.len() > 1).count();
        assert!((80..200).contains(&both), "{both} of {}", estate.sessions.len());
        let mut counted = vec![0_u8; estate.users.len()];
        estate.sessions.iter().for_each(|session| counted[session.user as usize] += 1);
        let known: Vec<u8> = estate.users.iter().map(|user| user.sessions).collect();
        assert_eq!(counted, known);
    }

    #[test]
    fn a_few_percent_are_brokered_elsewhere_and_none_without_a_federation() {
        let world = Arc::new(load(&WorldSource::Builtin("federation".into())).unwrap());
        let estate = build(&world, None, 7, 1_772_460_000_000);
        let elsewhere =
            |session: &&super::Session| estate.brokering_pod(session) != estate.hosting_pod(session);
        let count = estate.sessions.iter().filter(elsewhere).count();
        assert!((100..240).contains(&count), "{count} of {}", estate.sessions.len());
        let brokered_here = |session: &&super::Session| {
            estate.is_elsewhere(session) && estate.brokering_pod(session) == estate.local_pod
        };
        assert!(estate.sessions.iter().filter(brokered_here).count() > 15);
        let mut alone = (*world).clone();
        alone.world.cloud_pod_architecture = false;
        let estate = build(&Arc::new(alone), Some(500), 7, 1_772_460_000_000);
        assert!(
            estate
                .sessions
                .iter()
                .all(|session| { estate.brokering_pod(session) == estate.hosting_pod(session) })
        );
    }
}
