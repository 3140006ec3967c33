//! The texts of `[templates.NAME]`.

use super::{File, FileTemplate, Names, TEMPLATE_KEYS};
use crate::{
    config::{
        Gravity,
        reader::{Entry, Reader, entries},
    },
    domain::MessageSeverity,
};

/// Reads all of them.
pub(super) fn read_templates(reader: &mut Reader<'_>, entry: &Entry<'_, '_>, names: &Names, file: &mut File) {
    for template in reader.table(entry).map(entries).unwrap_or_default() {
        if let Some(read) = read_template(reader, &template, names) {
            file.templates.insert(template.name().to_owned(), read);
        }
    }
}

fn read_template(reader: &mut Reader<'_>, template: &Entry<'_, '_>, names: &Names) -> Option<FileTemplate> {
    let table = reader.table(template)?;
    let (mut severity, mut text) = (MessageSeverity::default(), None);
    for entry in entries(table) {
        match entry.name() {
            "severity" => severity = read_severity(reader, &entry).unwrap_or_default(),
            "text" => {
                text = reader.text(&entry);
                check_fields(reader, &entry, text.as_deref().unwrap_or_default(), names);
            }
            _ => reader.unknown(&entry, TEMPLATE_KEYS),
        }
    }
    if text.is_none() && !entries(table).iter().any(|entry| entry.name() == "text") {
        let problem = format!("the template `{}` has no `text`", template.name());
        reader.mistake(Gravity::Error, template.key.span(), problem, None);
    }
    Some(FileTemplate { severity, text: text? })
}

fn read_severity(reader: &mut Reader<'_>, entry: &Entry<'_, '_>) -> Option<MessageSeverity> {
    let given = reader.text(entry)?;
    let named = |severity: &MessageSeverity| severity.label().eq_ignore_ascii_case(&given);
    let found = MessageSeverity::ALL.into_iter().find(named);
    if found.is_none() {
        reader.unknown_value(
            entry.gravity,
            entry.value.span(),
            "severity",
            &given,
            &["info", "warning", "error"],
        );
    }
    found
}

/// What looks like a field and is none is a mistake: it would stand in the pop-up as it is.
fn check_fields(reader: &mut Reader<'_>, entry: &Entry<'_, '_>, text: &str, names: &Names) {
    let known: Vec<&str> = names.template_fields.iter().map(String::as_str).collect();
    let begins = text.match_indices('{').filter_map(|(at, _)| text.get(at + 1..));
    for name in begins.filter_map(|rest| Some(rest.split_once('}')?.0)) {
        let is_field = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if is_field && !known.is_empty() && !known.contains(&name) {
            reader.unknown_value(Gravity::Error, entry.value.span(), "field", name, &known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Diagnostic, SourceFile};

    fn parse(text: &str) -> (File, Vec<Diagnostic>) {
        let fields = ["user", "minutes"].map(str::to_owned).to_vec();
        let names = Names { template_fields: fields, ..Names::default() };
        let source = SourceFile { path: "config.toml".into(), text: text.to_owned(), mode: Some(0o600) };
        File::parse(&source, &names)
    }

    #[test]
    fn a_template_has_a_severity_and_a_text_with_fields() {
        let (file, mistakes) =
            parse("[templates.repair]\nseverity = \"warning\"\ntext = \"Dear {user}: {minutes} min\"\n");
        assert!(mistakes.is_empty(), "{mistakes:?}");
        let template = &file.templates["repair"];
        assert_eq!(template.severity, MessageSeverity::Warning);
        assert_eq!(template.text, "Dear {user}: {minutes} min");
    }

    #[test]
    fn an_unknown_field_is_an_error_with_its_line_and_the_nearest() {
        let (_, mistakes) = parse("[templates.repair]\ntext = \"Dear {usr} {No}\"\n");
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        let told = mistakes[0].to_string();
        assert!(told.contains("config.toml:2"), "{told}");
        assert!(told.contains("there is no field `usr`") && told.contains("did you mean `user`?"), "{told}");
        assert_eq!(mistakes[0].gravity, Gravity::Error);
    }

    #[test]
    fn a_template_without_text_or_with_another_severity_is_an_error() {
        let (file, mistakes) = parse("[templates.a]\nseverity = \"loud\"\n");
        assert!(file.templates.is_empty());
        assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    }
}
