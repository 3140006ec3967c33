//! What the API takes for names, words and texts of images (`horizon-rest.md section 13`).

/// Most characters of a description.
pub const DESCRIPTION_LENGTH: usize = 1024;

/// Most characters of a name.
const NAME_LENGTH: usize = 64;

/// The operating systems of streams.
pub const OPERATING_SYSTEMS: &[&str] = &[
    "WINDOWS_11",
    "WINDOWS_10",
    "WINDOWS_8",
    "WINDOWS_7",
    "WINDOWS_VISTA",
    "WINDOWS_XP",
    "WINDOWS_SERVER_2016_OR_ABOVE",
    "WINDOWS_SERVER_2012_R2",
    "WINDOWS_SERVER_2012",
    "WINDOWS_SERVER_2008_R2",
    "WINDOWS_SERVER_2008",
    "WINDOWS_SERVER_2003",
    "LINUX_UBUNTU",
    "LINUX_RHEL",
    "LINUX_SUSE",
    "LINUX_CENTOS",
    "LINUX_SERVER_OTHER",
    "LINUX_OTHER",
    "MACOS_15",
    "UNKNOWN",
];

/// Where streams come from.
pub const STREAM_SOURCES: &[&str] =
    &["UPLOADED", "MARKET_PLACE", "COPIED_FROM_STREAM", "COPIED_FROM_VERSION"];

/// The states of streams.
pub const STREAM_STATUSES: &[&str] =
    &["AVAILABLE", "DISABLED", "PARTIALLY_AVAILABLE", "PENDING", "IN_PROGRESS", "FAILED", "DELETED"];

/// The states of versions.
pub const VERSION_STATUSES: &[&str] = &[
    "AVAILABLE",
    "DISABLED",
    "PARTIALLY_AVAILABLE",
    "PUBLISHING",
    "REPLICATING",
    "DEPLOYING_VM",
    "DEPLOYMENT_DONE",
    "FAILED",
    "DELETED",
];

/// The states of assets.
pub const ASSET_STATUSES: &[&str] = &[
    "AVAILABLE",
    "DISABLED",
    "DEPLOYING_VM",
    "DEPLOYMENT_DONE",
    "SPECIALIZING_VM",
    "REPLICATING",
    "RETRY_PENDING",
    "FAILED",
    "DELETED",
];

/// How machines are made from an asset.
pub const CLONE_TYPES: &[&str] = &["INSTANT_CLONE", "FULL_CLONE"];

/// What an asset is for.
pub const IMAGE_TYPES: &[&str] = &["VDI_DESKTOP", "RDSH_DESKTOP", "RDSH_APPS"];

/// Whether the server takes a name for a stream: letters, digits, `_` and `-`, 1 to 64 of them.
///
/// # Errors
///
/// What is wrong with it.
pub fn stream_name(name: &str) -> Result<(), String> {
    checked_name(name, "_-")
}

/// Whether the server takes a name for a version: as for a stream, and dots.
///
/// # Errors
///
/// What is wrong with it.
pub fn version_name(name: &str) -> Result<(), String> {
    checked_name(name, "_.-")
}

fn checked_name(name: &str, also: &str) -> Result<(), String> {
    let signs: Vec<String> = also.chars().map(String::from).collect();
    if name.is_empty() {
        return Err("a name is missing".to_owned());
    }
    if let Some(wrong) = name.chars().find(|sign| !sign.is_ascii_alphanumeric() && !also.contains(*sign)) {
        return Err(format!("{wrong:?} cannot be in a name: letters, digits and {} can", signs.join(" ")));
    }
    let length = name.chars().count();
    if length > NAME_LENGTH {
        return Err(format!("a name may have {NAME_LENGTH} characters, this has {length}"));
    }
    Ok(())
}

/// Whether a tag may have a name. The vendor documents no more than that it is unique within its stream.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn tag_name(name: &str) -> Result<(), String> {
    if name.trim().is_empty() { Err("a name is missing".to_owned()) } else { Ok(()) }
}

/// Whether a description is short enough.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn description(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if length > DESCRIPTION_LENGTH {
        return Err(format!("a description may have {DESCRIPTION_LENGTH} characters, this has {length}"));
    }
    Ok(())
}

/// The word of the API that was meant: in any case, with `-` for `_`, and any beginning of only one.
///
/// # Errors
///
/// A sentence with the nearest word, or all of them.
pub fn known_word(given: &str, words: &'static [&'static str]) -> Result<&'static str, String> {
    let typed = given.trim().to_ascii_uppercase().replace('-', "_");
    if let Some(word) = words.iter().find(|word| **word == typed) {
        return Ok(word);
    }
    let begins: Vec<&'static str> =
        words.iter().copied().filter(|word| !typed.is_empty() && word.starts_with(&typed)).collect();
    match begins.as_slice() {
        [only] => Ok(only),
        [] => Err(match nearest(&typed, words.iter().copied()) {
            Some(near) => format!("there is no `{given}`; did you mean {near}?"),
            None => format!("there is no `{given}`; there are {}", words.join(", ")),
        }),
        many => Err(format!("`{given}` could be {}", many.join(" or "))),
    }
}

/// The word that is nearest to a mistyped one, if one is near at all.
pub fn nearest<'a>(given: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    words
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&given, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= word.len() / 3)
        .min()
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("win11-office", true, true)]
    #[case("v24.4", false, true)]
    #[case("", false, false)]
    #[case("with blank", false, false)]
    #[case("über", false, false)]
    fn names_have_rules(#[case] name: &str, #[case] stream: bool, #[case] version: bool) {
        assert_eq!(stream_name(name).is_ok(), stream);
        assert_eq!(version_name(name).is_ok(), version);
    }

    #[test]
    fn lengths_are_limited() {
        assert!(stream_name(&"x".repeat(64)).is_ok());
        assert!(stream_name(&"x".repeat(65)).is_err());
        assert!(description(&"ä".repeat(1024)).is_ok());
        assert!(description(&"ä".repeat(1025)).is_err());
    }

    #[test]
    fn words_may_be_short_and_mistakes_have_a_nearest_one() {
        assert_eq!(known_word("available", STREAM_STATUSES), Ok("AVAILABLE"));
        assert_eq!(known_word("instant", CLONE_TYPES), Ok("INSTANT_CLONE"));
        assert_eq!(known_word("rdsh-apps", IMAGE_TYPES), Ok("RDSH_APPS"));
        assert!(known_word("rdsh", IMAGE_TYPES).unwrap_err().contains("RDSH_DESKTOP or RDSH_APPS"));
        assert!(known_word("availabel", STREAM_STATUSES).unwrap_err().contains("did you mean AVAILABLE?"));
        assert!(known_word("", CLONE_TYPES).is_err());
    }
}
