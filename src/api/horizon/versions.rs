//! Which version of a resource to ask a server for (`horizon-rest.md sections 19 and 21`).

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crate::domain::Release;

/// A list that exists in several versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    /// The list of sessions.
    Sessions,
    /// One session by its id: as the list, but v2 never had it, and a 404 means that the session has ended.
    Session,
    /// Audit events.
    Events,
    /// Desktop pools, for their names: the low versions do.
    Pools,
    /// Farms, for their names.
    Farms,
    /// Sessions of the federation.
    GlobalSessions,
    /// Permissions.
    Permissions,
    /// Roles.
    Roles,
    /// Privileges that roles may hold.
    Privileges,
    /// Local access groups.
    LocalGroups,
    /// Federation access groups.
    FederationGroups,
    /// What an account may do.
    Rights,
    /// Pods.
    Pods,
    /// Sites.
    Sites,
    /// The state of the federation.
    Cpa,
    /// Health of the pods.
    PodHealth,
    /// Desktop pools with the images they are made from.
    PoolImages,
    /// Farms with the images they are made from.
    FarmImages,
    /// vCenters, for their names.
    Vcenters,
}

/// How many resources have a version of their own.
const RESOURCES: usize = Resource::Vcenters as usize + 1;

impl Resource {
    /// All of them.
    const ALL: [Self; RESOURCES] = [
        Self::Sessions,
        Self::Session,
        Self::Events,
        Self::Pools,
        Self::Farms,
        Self::GlobalSessions,
        Self::Permissions,
        Self::Roles,
        Self::Privileges,
        Self::LocalGroups,
        Self::FederationGroups,
        Self::Rights,
        Self::Pods,
        Self::Sites,
        Self::Cpa,
        Self::PodHealth,
        Self::PoolImages,
        Self::FarmImages,
        Self::Vcenters,
    ];

    /// The releases that brought a version, oldest first; 0 for a release that has none. What came before the first
    /// release of the table has version 1. The last version is the newest that is modelled here.
    const fn since(self) -> &'static [(u16, u8)] {
        match self {
            Self::Sessions | Self::Session => &[(2312, 2), (2406, 3), (2412, 4), (2503, 6), (2506, 7)],
            Self::Events => &[(0, 0), (2106, 1), (2306, 2)],
            Self::Pools | Self::PodHealth => &[(2006, 2)],
            Self::Farms => &[(2103, 2)],
            Self::GlobalSessions => &[(0, 0), (2111, 1), (2406, 2), (2512, 3)],
            Self::Permissions => &[(0, 0), (2206, 1), (2309, 2)],
            Self::Roles | Self::Privileges => &[(0, 0), (2206, 1)],
            Self::LocalGroups => &[(0, 0), (2103, 1), (2206, 2)],
            Self::FederationGroups => &[(0, 0), (2106, 1), (2206, 2)],
            Self::Rights => &[(0, 0), (2209, 1)],
            Self::Pods => &[(0, 0), (2012, 1)],
            Self::Sites => &[(0, 0), (2012, 1), (2406, 2), (2512, 3)],
            Self::Cpa => &[(0, 0), (2012, 1), (2512, 2)],
            Self::PoolImages => &[
                (2006, 2),
                (2012, 3),
                (2103, 4),
                (2111, 5),
                (2206, 6),
                (2306, 7),
                (2312, 8),
                (2406, 9),
                (2412, 10),
                (2503, 11),
                (2512, 12),
            ],
            Self::FarmImages => &[
                (0, 1),
                (2103, 2),
                (2111, 3),
                (2206, 4),
                (2212, 5),
                (2306, 6),
                (2312, 7),
                (2506, 8),
                (2512, 9),
            ],
            Self::Vcenters => &[(2006, 2), (2306, 3), (2412, 4)],
        }
    }

    /// The release that brought it; `None` for what every release has.
    pub(crate) fn first(self) -> Option<Release> {
        match self.since() {
            [(0, 0), (first, _), ..] => Some(Release(*first)),
            _ => None,
        }
    }

    /// The newest version that is modelled here.
    const fn newest(self) -> u8 {
        let since = self.since();
        since[since.len() - 1].1
    }

    /// The newest version of a release; 0 when it has none.
    fn of_release(self, release: Release) -> u8 {
        let since = self.since().iter().rev().find(|(since, _)| release.0 >= *since);
        since.map_or(1, |(_, version)| *version)
    }

    /// The resource whose version this one shares.
    const fn place(self) -> usize {
        match self {
            Self::Session => Self::Sessions as usize,
            other => other as usize,
        }
    }
}

/// The versions that one server is asked for. They only ever step down: climbing would need a new connection.
#[derive(Debug)]
pub(crate) struct Versions {
    cells: [AtomicU8; RESOURCES],
    /// A list of sessions has been answered: its version is there.
    sessions_proven: AtomicBool,
    /// So has one of the federation's.
    global_sessions_proven: AtomicBool,
}

impl Default for Versions {
    fn default() -> Self {
        Self {
            cells: Resource::ALL.map(|resource| AtomicU8::new(resource.newest())),
            sessions_proven: AtomicBool::new(false),
            global_sessions_proven: AtomicBool::new(false),
        }
    }
}

impl Versions {
    fn cell(&self, resource: Resource) -> &AtomicU8 {
        &self.cells[resource.place()]
    }

    /// Takes over what the table says of a release.
    pub(crate) fn adopt(&self, release: Release) {
        for resource in Resource::ALL {
            self.cell(resource).store(resource.of_release(release), Ordering::Relaxed);
        }
    }

    /// The version to ask for; `None` when the server has none.
    pub(crate) fn of(&self, resource: Resource) -> Option<u8> {
        match (resource, self.cell(resource).load(Ordering::Relaxed)) {
            (_, 0) => None,
            (Resource::Session, 2) => Some(1),
            (_, version) => Some(version),
        }
    }

    /// The server answered 404 to a list of this version: goes one lower, once however many found it out together.
    /// Returns whether there is a lower one to try.
    pub(crate) fn step_down(&self, resource: Resource, from: u8) -> bool {
        let cell = self.cell(resource);
        // When it fails somebody else was faster, which comes to the same.
        let stepped =
            cell.compare_exchange(from, from.saturating_sub(1), Ordering::Relaxed, Ordering::Relaxed);
        if stepped.is_ok() {
            tracing::debug!(?resource, from, "version not there, stepping down");
        }
        cell.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn sessions_proven(&self) -> bool {
        self.sessions_proven.load(Ordering::Relaxed)
    }

    pub(crate) fn prove_sessions(&self) {
        self.sessions_proven.store(true, Ordering::Relaxed);
    }

    pub(crate) fn global_sessions_proven(&self) -> bool {
        self.global_sessions_proven.load(Ordering::Relaxed)
    }

    pub(crate) fn prove_global_sessions(&self) {
        self.global_sessions_proven.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(2006, 1, None, 1)]
    #[case(2103, 1, None, 2)]
    #[case(2106, 1, Some(1), 2)]
    #[case(2303, 1, Some(1), 2)]
    #[case(2306, 1, Some(2), 2)]
    #[case(2312, 2, Some(2), 2)]
    #[case(2406, 3, Some(2), 2)]
    #[case(2412, 4, Some(2), 2)]
    #[case(2503, 6, Some(2), 2)]
    #[case(2506, 7, Some(2), 2)]
    #[case(2612, 7, Some(2), 2)]
    fn the_matrix_is_followed(
        #[case] release: u16,
        #[case] sessions: u8,
        #[case] events: Option<u8>,
        #[case] farms: u8,
    ) {
        let versions = Versions::default();
        versions.adopt(Release(release));
        assert_eq!(versions.of(Resource::Sessions), Some(sessions));
        assert_eq!(versions.of(Resource::Events), events);
        assert_eq!(versions.of(Resource::Farms), Some(farms));
        assert_eq!(versions.of(Resource::Pools), Some(2));
    }

    #[rstest]
    #[case(Resource::Permissions, Some(2206))]
    #[case(Resource::GlobalSessions, Some(2111))]
    #[case(Resource::FarmImages, None)]
    #[case(Resource::Sessions, None)]
    fn the_first_release_of_a_call_is_known(#[case] resource: Resource, #[case] first: Option<u16>) {
        assert_eq!(resource.first(), first.map(Release));
    }

    #[test]
    fn there_is_no_session_by_id_in_v2() {
        let versions = Versions::default();
        versions.adopt(Release(2312));
        assert_eq!(versions.of(Resource::Sessions), Some(2));
        assert_eq!(versions.of(Resource::Session), Some(1));
    }

    #[test]
    fn stepping_down_happens_once_per_version_and_ends() {
        let versions = Versions::default();
        assert!(versions.step_down(Resource::Events, 2));
        assert!(versions.step_down(Resource::Events, 2), "found out by another task too: v1 is still there");
        assert_eq!(versions.of(Resource::Events), Some(1));
        assert!(!versions.step_down(Resource::Events, 1));
        assert_eq!(versions.of(Resource::Events), None);
    }
}
