//! What the server is asked for (`ImageManagementStream_ListBySpec`), as it is typed and as it is shown.

use super::rules::{CLONE_TYPES, IMAGE_TYPES, STREAM_STATUSES, known_word, nearest};
use crate::domain::{StreamQuery, VcenterId};

/// The words before `=`.
const NAMES: [&str; 4] = ["status", "kind", "clone", "vcenter"];

/// Understands `status=AVAILABLE kind=VDI_DESKTOP clone=INSTANT_CLONE vcenter=ID`; nothing asks for everything.
///
/// # Errors
///
/// What is wrong, with the nearest valid word.
pub fn parse_query(text: &str) -> Result<StreamQuery, String> {
    let mut query = StreamQuery::default();
    for part in text.split_whitespace() {
        let Some((name, value)) = part.split_once(['=', ':']) else {
            return Err(format!("`{part}` has no =; for example status=AVAILABLE kind=VDI_DESKTOP"));
        };
        let word = |words| known_word(value, words).map(str::to_owned);
        match name.to_ascii_lowercase().as_str() {
            "status" => query.status = Some(word(STREAM_STATUSES)?),
            "kind" | "image-type" | "image_type" => query.image_type = Some(word(IMAGE_TYPES)?),
            "clone" | "clone-type" | "clone_type" => query.clone_type = Some(word(CLONE_TYPES)?),
            "vcenter" if value.is_empty() => return Err("vcenter= needs an id".to_owned()),
            "vcenter" => query.vcenter = Some(VcenterId::from(value)),
            unknown => {
                let near = nearest(unknown, NAMES);
                return Err(match near {
                    Some(near) => format!("there is no `{unknown}`; did you mean {near}?"),
                    None => format!("there is no `{unknown}`; there are {}", NAMES.join(", ")),
                });
            }
        }
    }
    Ok(query)
}

/// What the server is asked for, as it would be typed; empty for everything.
pub fn describe_query(query: &StreamQuery) -> String {
    let vcenter = query.vcenter.as_ref().map(ToString::to_string);
    let parts = [
        ("status", query.status.clone()),
        ("kind", query.image_type.clone()),
        ("clone", query.clone_type.clone()),
        ("vcenter", vcenter),
    ];
    let parts = parts.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_and_shown_the_same() {
        let query = parse_query("kind=vdi status=avail clone=instant vcenter=vc-1").unwrap();
        let shown = describe_query(&query);
        assert_eq!(shown, "status=AVAILABLE kind=VDI_DESKTOP clone=INSTANT_CLONE vcenter=vc-1");
        assert_eq!(parse_query(&shown).unwrap(), query);
        assert_eq!(parse_query(" ").unwrap(), StreamQuery::default());
        assert_eq!(describe_query(&StreamQuery::default()), "");
    }

    #[test]
    fn mistakes_have_a_nearest_word() {
        assert!(parse_query("stats=AVAILABLE").unwrap_err().contains("did you mean status?"));
        assert!(parse_query("status=AVAILABEL").unwrap_err().contains("did you mean AVAILABLE?"));
        assert!(parse_query("available").is_err());
        assert!(parse_query("vcenter=").is_err());
    }
}
