//! What images and their parts are called on the screen, and free keys and values in one line.

use std::collections::BTreeMap;

use super::Shelf;
use crate::domain::{Asset, ImageUse, Text};

/// A name, else the id that stands for it.
pub fn name_or_id(name: Option<&Text>, id: &str) -> Text {
    name.filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| Text::clean(id))
}

/// An operating system in few characters: `WIN 11`, `SRV 2016+`, `UBUNTU`. Words that are not known stay as they are.
pub fn os_label(os: &str) -> String {
    if let Some(server) = os.strip_prefix("WINDOWS_SERVER_") {
        return format!("SRV {}", server.replace("_OR_ABOVE", "+").replace('_', " "));
    }
    for (prefix, label) in [("WINDOWS_", "WIN "), ("MACOS_", "MAC "), ("LINUX_", "")] {
        if let Some(rest) = os.strip_prefix(prefix) {
            return format!("{label}{}", rest.replace('_', " "));
        }
    }
    os.replace('_', " ")
}

/// An asset: `vc01 instant clone VDI desktop`.
pub fn asset_label(asset: &Asset, shelf: &Shelf<'_>) -> Text {
    let vcenter =
        asset.vcenter.as_ref().map_or_else(|| "vCenter ?".to_owned(), |id| shelf.vcenter(id).to_string());
    let words = |word: Option<&Text>| word.map_or_else(|| "?".to_owned(), |word| plain(word.as_str()));
    Text::clean(&format!(
        "{vcenter} {}, {}",
        words(asset.clone_type.as_ref()),
        words(asset.image_type.as_ref())
    ))
}

/// A word of the API in plain words: `instant clone`, `VDI desktop`. Others stay as they are.
fn plain(word: &str) -> String {
    match word {
        "INSTANT_CLONE" => "instant clone".to_owned(),
        "FULL_CLONE" => "full clone".to_owned(),
        "VDI_DESKTOP" => "VDI desktop".to_owned(),
        "RDSH_DESKTOP" => "RDSH desktop".to_owned(),
        "RDSH_APPS" => "RDSH apps".to_owned(),
        other => other.to_owned(),
    }
}

/// A pool or farm: `fin-w11`, or its id.
pub fn use_label(subscriber: &ImageUse) -> Text {
    name_or_id(subscriber.name.as_ref(), &subscriber.id)
}

/// How long something lasts, in few characters: `40s`, `3m`, `6h12m`, `3d4h`.
pub(super) fn age(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m"),
        3600..172_800 => format!("{hours}h{:02}m", minutes % 60),
        172_800.. => format!("{days}d{}h", hours % 24),
    }
}

/// Whether a status needs somebody to look: it failed, or is tried again and again.
pub fn is_trouble(status: &str) -> bool {
    matches!(status, "FAILED" | "RETRY_PENDING")
}

/// Free keys and values as they are typed: `owner=it; build=7`. A `;` within a value is doubled. Keys that cannot be
/// written this way are left out, and so stay as they are.
pub fn details_line(details: &BTreeMap<Text, Text>) -> String {
    let pairs = details.iter().filter(|(key, _)| can_be_typed(key.as_str()));
    let pairs: Vec<String> =
        pairs.map(|(key, value)| format!("{key}={}", value.as_str().replace(';', ";;"))).collect();
    pairs.join("; ")
}

/// Whether a key can be typed in a line of keys and values.
pub(super) fn can_be_typed(key: &str) -> bool {
    !key.is_empty() && key.trim() == key && !key.contains(['=', ';'])
}

/// Understands a line of free keys and values.
///
/// # Errors
///
/// A sentence for the operator.
pub fn parse_details(line: &str) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    for pair in split_pairs(line) {
        let pair = pair.trim();
        if pair.is_empty() {
            continue;
        }
        let Some((key, value)) = pair.split_once('=') else {
            return Err(format!("{pair:?} has no =; write key=value; key=value"));
        };
        let key = key.trim();
        if key.is_empty() {
            return Err(format!("{pair:?} has no key before the ="));
        }
        if found.insert(key.to_owned(), value.trim().to_owned()).is_some() {
            return Err(format!("the key {key:?} is there twice"));
        }
    }
    Ok(found)
}

/// The parts between single semicolons; doubled ones become one.
fn split_pairs(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let doubled = character == ';' && characters.next_if_eq(&';').is_some();
        if character == ';' && !doubled {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operating_systems_are_short_and_unknown_ones_stay() {
        let cases = [
            ("WINDOWS_11", "WIN 11"),
            ("WINDOWS_SERVER_2016_OR_ABOVE", "SRV 2016+"),
            ("WINDOWS_SERVER_2008_R2", "SRV 2008 R2"),
            ("LINUX_UBUNTU", "UBUNTU"),
            ("MACOS_15", "MAC 15"),
            ("UNKNOWN", "UNKNOWN"),
            ("PLAN_9", "PLAN 9"),
        ];
        for (word, label) in cases {
            assert_eq!(os_label(word), label);
        }
    }

    #[test]
    fn keys_and_values_survive_being_typed() {
        let details: BTreeMap<Text, Text> =
            [("owner".into(), "it; desk".into()), ("a=b".into(), "x".into()), ("build".into(), "k=7".into())]
                .into();
        let line = details_line(&details);
        assert_eq!(line, "build=k=7; owner=it;; desk");
        let parsed = parse_details(&line).unwrap();
        assert_eq!(parsed["owner"], "it; desk");
        assert_eq!(parsed["build"], "k=7");
        assert_eq!(parsed.len(), 2, "a key that cannot be typed is not in the line");
        assert!(parse_details("").unwrap().is_empty());
        for wrong in ["owner", "=x", "a=1; a=2"] {
            assert!(parse_details(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn words_for_a_shell_are_quoted_where_they_must() {}
}
