//! Which host serves a region (`workspace.md section 2`). It cannot be derived from the region alone.

/// Regions whose Application Streaming has a host of its own name.
const APPSTREAM: [&str; 5] = ["cn-north-4", "cn-north-9", "cn-east-3", "cn-south-1", "cn-southwest-2"];

/// Regions where it shares the host of the desktops.
const WORKSPACE: [&str; 12] = [
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "la-south-2",
    "la-north-2",
    "sa-brazil-1",
    "me-east-1",
    "af-south-1",
    "af-north-1",
    "tr-west-1",
    "cn-east-5",
    "cn-north-11",
];

/// The regions that have Application Streaming, as far as known.
pub fn regions() -> impl Iterator<Item = &'static str> {
    APPSTREAM.into_iter().chain(WORKSPACE)
}

/// The address of Application Streaming in a region; `None` for one that is not known to have it.
pub(crate) fn streaming(region: &str) -> Option<String> {
    let service = if APPSTREAM.contains(&region) {
        "appstream"
    } else if WORKSPACE.contains(&region) {
        "workspace"
    } else {
        return None;
    };
    Some(format!("https://{service}.{region}.myhuaweicloud.com"))
}

/// The address of IAM: of the region, or the global one.
pub(crate) fn iam(region: Option<&str>) -> String {
    region.map_or_else(
        || "https://iam.myhuaweicloud.com".to_owned(),
        |region| format!("https://iam.{region}.myhuaweicloud.com"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_depends_on_the_region() {
        let host = |region| streaming(region);
        assert_eq!(host("cn-north-4").unwrap(), "https://appstream.cn-north-4.myhuaweicloud.com");
        assert_eq!(host("ap-southeast-1").unwrap(), "https://workspace.ap-southeast-1.myhuaweicloud.com");
        assert_eq!(host("eu-west-101"), None, "desktops only");
        assert_eq!(regions().count(), 17);
        assert!(regions().all(|region| streaming(region).is_some()));
        assert_eq!(iam(Some("cn-north-4")), "https://iam.cn-north-4.myhuaweicloud.com");
        assert_eq!(iam(None), "https://iam.myhuaweicloud.com");
    }
}
