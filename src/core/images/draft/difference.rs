//! What a change gives or changes, line by line, and the same as options of a command.

use std::collections::BTreeMap;

use super::super::words::can_be_typed;
use crate::{core::shell::quoted, domain::Text};

/// What is given for something new, line by line.
pub(super) fn given<const N: usize>(
    fields: [(&str, Option<String>); N],
    details: &BTreeMap<String, String>,
) -> Vec<Text> {
    let fields = fields.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value?)));
    let details = details.iter().map(|(key, value)| format!("{key} = {value}"));
    fields.chain(details).map(|line| Text::clean(&line)).collect()
}

pub(super) fn push_option(command: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        command.extend([" --", name, " ", &quoted(value)]);
    }
}

pub(super) fn push_details(command: &mut String, details: &BTreeMap<String, String>) {
    for (key, value) in details {
        push_option(command, "detail", Some(&format!("{key}={value}")));
    }
}

/// What an update changes: in words, and as options of a command.
#[derive(Default)]
pub(super) struct Changed {
    pub(super) lines: Vec<Text>,
    options: String,
}

impl Changed {
    pub(super) fn field(&mut self, name: &str, option: &str, before: Option<&Text>, after: Option<&str>) {
        // An empty wish clears what may not be there.
        let Some(after) = after.filter(|after| before.map_or("", Text::as_str) != *after) else {
            return;
        };
        let shown = |text: Option<&str>| match text {
            None => "?".to_owned(),
            Some("") => "(empty)".to_owned(),
            Some(text) => text.to_owned(),
        };
        let line = format!("{name}: {} -> {}", shown(before.map(Text::as_str)), shown(Some(after)));
        self.lines.push(Text::clean(&line));
        push_option(&mut self.options, option, Some(after));
    }

    pub(super) fn details(
        &mut self,
        before: &BTreeMap<Text, Text>,
        after: &BTreeMap<String, Option<String>>,
    ) {
        for (key, value) in after {
            let old = before.iter().find(|(known, _)| known.as_str() == key).map(|(_, value)| value.as_str());
            if old == value.as_deref() {
                continue;
            }
            let line = match (old, value) {
                (None, Some(value)) => format!("{key} = {value} (new)"),
                (Some(old), Some(value)) => format!("{key}: {old} -> {value}"),
                (_, None) => format!("{key}: {} -> (removed)", old.unwrap_or("?")),
            };
            self.lines.push(Text::clean(&line));
            match value {
                Some(value) => push_option(&mut self.options, "detail", Some(&format!("{key}={value}"))),
                None => push_option(&mut self.options, "remove-detail", Some(key)),
            }
        }
    }

    pub(super) fn command(&self, words: &str, target: &str) -> String {
        format!("foretop {words} {}{}", quoted(target), self.options)
    }
}

/// The free keys that change: those given now against those that were there. Keys that cannot be typed stay.
pub(in crate::core::images) fn details_edit(
    before: &BTreeMap<Text, Text>,
    after: &BTreeMap<String, String>,
) -> BTreeMap<String, Option<String>> {
    let mut edit = BTreeMap::new();
    for (key, value) in after {
        let old = before.iter().find(|(known, _)| known.as_str() == key).map(|(_, old)| old.as_str().trim());
        if old != Some(value.as_str()) {
            edit.insert(key.clone(), Some(value.clone()));
        }
    }
    for key in before.keys().filter(|key| can_be_typed(key.as_str())) {
        if !after.contains_key(key.as_str()) {
            edit.insert(key.as_str().to_owned(), None);
        }
    }
    edit
}
