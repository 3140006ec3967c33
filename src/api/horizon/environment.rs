//! What a server says about itself (`horizon-rest.md section 21`).

use serde::Deserialize;

use crate::{
    api::{Operation, request::Request},
    domain::{Release, Text},
};

/// The versions of the environment properties, newest first.
pub(crate) const VERSIONS: [u8; 3] = [3, 2, 1];

/// A server's own description; everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    pub(crate) release: Option<Release>,
    pub(crate) product_version: Option<Text>,
    pub(crate) pod: Option<Text>,
    pub(crate) cluster: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireEnvironment {
    cluster_name: Option<Text>,
    local_connection_server_version: Option<Text>,
    local_pod_name: Option<Text>,
}

/// Asks for one version.
pub(crate) fn request(version: u8) -> Request {
    Request::get(Operation::ReadEnvironment, format!("/config/v{version}/environment-properties"))
}

/// Reads the answer; what cannot be read is unknown.
pub(crate) fn read(version: u8, body: &[u8]) -> Environment {
    let wire: WireEnvironment = serde_json::from_slice(body).unwrap_or_default();
    let full = |text: Option<Text>| text.filter(|text| !text.is_empty());
    let product_version = full(wire.local_connection_server_version);
    let release = match &product_version {
        Some(version) => release(version.as_str()),
        // v2 came with 2012: a server that has only v1 is older, and the oldest that is modelled is 2006.
        None => (version == 1).then_some(Release(2006)),
    };
    Environment { release, product_version, pod: full(wire.local_pod_name), cluster: full(wire.cluster_name) }
}

/// The release of a product version such as `8.14.0`; `None` beyond the table. From 8.15 on the table is inferred, and
/// the step down on 404 puts right what it gets wrong.
fn release(version: &str) -> Option<Release> {
    let mut parts = version.split(|character: char| !character.is_ascii_digit());
    let major: u16 = parts.next()?.parse().ok()?;
    if (2006..=9912).contains(&major) {
        return Some(Release(major));
    }
    let minor: u16 = parts.next()?.parse().ok()?;
    let release = match (major, minor) {
        (7, _) | (8, 0) => 2006,
        (8, 1) => 2012,
        (8, 2) => 2103,
        (8, 3) => 2106,
        (8, 4) => 2111,
        (8, 5) => 2203,
        (8, 6) => 2206,
        (8, 7) => 2209,
        (8, 8) => 2212,
        (8, 9) => 2303,
        (8, 10) => 2306,
        (8, 11) => 2309,
        (8, 12) => 2312,
        (8, 13) => 2406,
        (8, 14) => 2412,
        (8, 15) => 2503,
        (8, 16) => 2506,
        (8, 17) => 2512,
        _ => return None,
    };
    Some(Release(release))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("8.0.0", Some(2006))]
    #[case("8.1.0", Some(2012))]
    #[case("8.9", Some(2303))]
    #[case("8.10.0-1234", Some(2306))]
    #[case("8.14.0", Some(2412))]
    #[case("8.16.0", Some(2506))]
    #[case("8.99.1", None)]
    #[case("9.0.0", None)]
    #[case("2412.1", Some(2412))]
    #[case("eight", None)]
    #[case("", None)]
    fn versions_are_compared_as_numbers(#[case] version: &str, #[case] expected: Option<u16>) {
        assert_eq!(release(version).map(|release| release.0), expected);
    }

    #[test]
    fn a_sparse_answer_leaves_things_unknown() {
        let body = br#"{"cluster_name":"Cluster-A","local_pod_name":null,"local_connection_server_version":"8.14.0","new":1}"#;
        let environment = read(3, body);
        assert_eq!(environment.release, Some(Release(2412)));
        assert_eq!(environment.cluster.unwrap(), "Cluster-A");
        assert_eq!(environment.pod, None);
        assert_eq!(read(2, b"<html>"), Environment::default());
        assert_eq!(read(1, b"{}").release, Some(Release(2006)));
    }
}
