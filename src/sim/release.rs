//! Releases of the server and what each of them has (`horizon-rest.md sections 5.6, 19 and 21`).

use std::fmt;
use std::str::FromStr;

use super::nearest::nearest;

/// A release of the simulated server, from 2006 to 2512.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release(u16);

/// Release, product version.
const KNOWN: [(u16, &str); 17] = [
    (2006, "8.0.0"),
    (2012, "8.1.0"),
    (2103, "8.2.0"),
    (2106, "8.3.0"),
    (2111, "8.4.0"),
    (2206, "8.6.0"),
    (2209, "8.7.0"),
    (2212, "8.8.0"),
    (2303, "8.9.0"),
    (2306, "8.10.0"),
    (2309, "8.11.0"),
    (2312, "8.12.0"),
    (2406, "8.13.0"),
    (2412, "8.14.0"),
    (2503, "8.15.0"),
    (2506, "8.16.0"),
    (2512, "8.17.0"),
];

/// A release that the simulator does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a release; the nearest is `{nearest}`")]
pub struct ReleaseError {
    given: String,
    nearest: String,
}

impl Release {
    /// The first one with the REST API on all connection servers.
    pub const R2006: Self = Self(2006);
    /// Only Administrators on the root access group can log in, until 2106.
    pub const R2012: Self = Self(2012);
    /// Filters on sessions.
    pub const R2103: Self = Self(2103);
    /// Audit events; each operation checks its own privilege.
    pub const R2106: Self = Self(2106);
    /// `errors` in error bodies and bulk results.
    pub const R2206: Self = Self(2206);
    /// Pre-logon settings, domains, own permissions.
    pub const R2209: Self = Self(2209);
    /// Sorting.
    pub const R2303: Self = Self(2303);
    /// Session metrics.
    pub const R2306: Self = Self(2306);
    /// Image lists take paging, filters, sorting and types; rights of others, permissions v2.
    pub const R2309: Self = Self(2309);
    /// All image assets in one list.
    pub const R2312: Self = Self(2312);
    /// Throttling.
    pub const R2406: Self = Self(2406);
    /// User names in sessions.
    pub const R2412: Self = Self(2412);
    /// `Between` on session start times, sessions v7.
    pub const R2506: Self = Self(2506);
    /// The newest one with a published definition.
    pub const R2512: Self = Self(2512);

    /// All releases, oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|(number, _)| Self(*number))
    }

    /// The product version that this release reports, such as `8.14.0` for 2412.
    pub fn product_version(self) -> &'static str {
        KNOWN.iter().find(|(number, _)| *number == self.0).map_or("8.17.0", |(_, version)| version)
    }

    /// The number of the release, such as 2412.
    pub fn number(self) -> u16 {
        self.0
    }

    #[cfg(test)]
    /// The newest version of `resource` that this release has; `None` when it does not have the resource.
    pub(crate) fn newest(self, resource: Resource) -> Option<u8> {
        resource.versions().iter().rev().find(|(_, since)| *since <= self.0).map(|(version, _)| *version)
    }

    /// True when this release has version `version` of `resource`.
    pub(crate) fn has(self, resource: Resource, version: u8) -> bool {
        resource.versions().iter().any(|(known, since)| *known == version && *since <= self.0)
    }
}

impl Default for Release {
    fn default() -> Self {
        Self::R2512
    }
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl FromStr for Release {
    type Err = ReleaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = KNOWN.iter().find(|(number, _)| number.to_string() == text);
        found.map(|(number, _)| Self(*number)).ok_or_else(|| {
            let names: Vec<String> = KNOWN.iter().map(|(number, _)| number.to_string()).collect();
            let nearest = nearest(text, names.iter().map(String::as_str)).unwrap_or("2512").to_owned();
            ReleaseError { given: text.to_owned(), nearest }
        })
    }
}

/// A resource whose versions came with different releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Resource {
    Sessions,
    AuditEvents,
    DesktopPools,
    Farms,
    Machines,
    RdsServers,
    ApplicationPools,
    AdUsers,
    LocalAccessGroups,
    FederationGroups,
    Permissions,
    /// Roles and the privileges that they may hold.
    Roles,
    Pods,
    Sites,
    Cpa,
    GlobalSessions,
    PodHealth,
    PodMetrics,
    Environment,
    AdminPermissions,
    EventDatabase,
    Domains,
    PreLogon,
    SessionMetrics,
    SystemMetrics,
    VirtualCenters,
}

impl Resource {
    /// Version and the release that brought it (`horizon-rest.md section 19.2`); versions of 7.x count as 2006.
    fn versions(self) -> &'static [(u8, u16)] {
        match self {
            Self::Sessions => &[(1, 2006), (2, 2312), (3, 2406), (4, 2412), (5, 2503), (6, 2503), (7, 2506)],
            Self::AuditEvents => &[(1, 2106), (2, 2306)],
            Self::DesktopPools => &[
                (1, 2006),
                (2, 2006),
                (3, 2012),
                (4, 2103),
                (5, 2111),
                (6, 2206),
                (7, 2306),
                (8, 2312),
                (9, 2406),
                (10, 2412),
                (11, 2503),
                (12, 2512),
            ],
            Self::Farms => &[
                (1, 2006),
                (2, 2103),
                (3, 2111),
                (4, 2206),
                (5, 2212),
                (6, 2306),
                (7, 2312),
                (8, 2506),
                (9, 2512),
            ],
            Self::Machines => &[
                (1, 2006),
                (2, 2012),
                (3, 2206),
                (4, 2212),
                (5, 2306),
                (6, 2412),
                (7, 2503),
                (8, 2506),
                (9, 2512),
                (10, 2512),
            ],
            Self::RdsServers => &[(1, 2012), (2, 2309), (3, 2503), (4, 2506), (5, 2512), (6, 2512)],
            Self::ApplicationPools => &[
                (1, 2006),
                (2, 2012),
                (3, 2103),
                (4, 2212),
                (5, 2309),
                (6, 2312),
                (7, 2406),
                (8, 2412),
                (9, 2503),
                (10, 2512),
            ],
            // v2 exists only as get-by-id (section 18.2); there is no v3.
            Self::AdUsers => &[(1, 2006), (2, 2312), (4, 2512)],
            Self::LocalAccessGroups => &[(1, 2103), (2, 2206)],
            Self::FederationGroups => &[(1, 2106), (2, 2206)],
            Self::Permissions => &[(1, 2206), (2, 2309)],
            Self::Roles => &[(1, 2206)],
            Self::Pods => &[(1, 2012)],
            Self::Sites => &[(1, 2012), (2, 2406), (3, 2512)],
            Self::GlobalSessions => &[(1, 2111), (2, 2406), (3, 2512)],
            Self::PodHealth => &[(1, 2006), (2, 2006)],
            Self::Cpa => &[(1, 2012), (2, 2512)],
            Self::Environment => &[(1, 2006), (2, 2012), (3, 2503)],
            Self::AdminPermissions | Self::Domains | Self::PreLogon => &[(1, 2209)],
            Self::EventDatabase => &[(1, 2212)],
            Self::VirtualCenters => &[(2, 2006), (3, 2306), (4, 2412)],
            Self::SessionMetrics | Self::PodMetrics => &[(1, 2306)],
            Self::SystemMetrics => &[(1, 2303), (2, 2506)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_versions_follow_the_matrix() {
        let sessions = |release: &str| release.parse::<Release>().unwrap().newest(Resource::Sessions);
        let rows =
            [("2006", 1), ("2312", 2), ("2406", 3), ("2412", 4), ("2503", 6), ("2506", 7), ("2512", 7)];
        for (release, version) in rows {
            assert_eq!(sessions(release), Some(version), "{release}");
        }
        assert_eq!(Release::R2103.newest(Resource::AuditEvents), None);
        assert_eq!(Release::R2106.newest(Resource::AuditEvents), Some(1));
        assert_eq!("2412".parse::<Release>().unwrap().product_version(), "8.14.0");
    }

    #[test]
    fn an_unknown_release_names_the_nearest() {
        let error = "2513".parse::<Release>().unwrap_err().to_string();
        assert!(error.contains("2512"), "{error}");
    }
}
