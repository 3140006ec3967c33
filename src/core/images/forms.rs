//! The forms of the images tab: their fields, what is wrong with what is typed, and the changes that come of it.

use std::collections::BTreeMap;

use super::{
    ASSET_STATUSES, CLONE_TYPES, Draft, IMAGE_TYPES, ImageDrafts, ImageNode, OPERATING_SYSTEMS,
    STREAM_SOURCES, STREAM_STATUSES, Shelf, VERSION_STATUSES, details_line,
    draft::details_edit,
    name_or_id, parse_details,
    rules::{description, stream_name, tag_name, version_name},
};
use crate::{
    core::form::{Field, FieldKind, FieldOption, Form, FormPurpose},
    domain::{
        Asset, AssetEdit, AssetSource, NewAsset, NewStream, NewTag, NewVersion, Stream, StreamEdit, StreamId,
        Tag, TagEdit, Text, VcenterId, Version, VersionEdit, VersionId,
    },
};

/// What is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormError {
    /// The field; none when it is about the form as a whole.
    pub key: Option<&'static str>,
    /// What is wrong.
    pub message: String,
}

type Errors = Vec<FormError>;

const NAME_HELP: &str = "letters, digits, _ and -, at most 64";
const VERSION_HELP: &str = "letters, digits, _ . and -, at most 64";
const DETAILS_HELP: &str = "key=value; key=value  (a ; within a value is doubled)";
const DESCRIPTION_HELP: &str = "at most 1024 characters";

/// A form for something new; the purpose says what and where.
pub fn new_form(purpose: FormPurpose, shelf: &Shelf<'_>) -> Option<Form> {
    let at_stream = |id: &StreamId| shelf.path(&ImageNode::Stream(id.clone()));
    let (title, fields) = match &purpose {
        FormPurpose::NewStream => ("NEW STREAMS".to_owned(), stream_fields(None)),
        FormPurpose::NewVersion(stream) => {
            (format!("NEW VERSION of {}", at_stream(stream)), version_fields(None))
        }
        FormPurpose::NewTag(stream, version) => {
            let fields = vec![
                Field::line("name", "Name", "", "unique within the stream"),
                version_choice(shelf, stream, version.as_ref(), None),
                details_field(&BTreeMap::new()),
            ];
            (format!("NEW TAG of {}", at_stream(stream)), fields)
        }
        FormPurpose::NewAsset(_, version) => {
            let path = shelf.path(&ImageNode::Version(version.clone()));
            (format!("NEW ASSET of {path}"), new_asset_fields(shelf))
        }
        _ => return None,
    };
    Some(Form::new(purpose, title, fields))
}

/// A form that changes what a node stands for; pools and farms are not changed here.
pub fn edit_form(node: &ImageNode, shelf: &Shelf<'_>) -> Option<Form> {
    let title = format!("EDIT {} {}", node.kind().to_uppercase(), shelf.path(node));
    let (purpose, fields) = match node {
        ImageNode::Stream(id) => {
            let stream = shelf.stream(id)?;
            (FormPurpose::EditStream(Box::new(stream.clone())), stream_fields(Some(stream)))
        }
        ImageNode::Version(id) => {
            let version = shelf.version(id)?;
            (FormPurpose::EditVersion(Box::new(version.clone())), version_fields(Some(version)))
        }
        ImageNode::Tag(id) => {
            let tag = shelf.tag(id)?;
            let name = tag.name.as_ref().map_or("", Text::as_str);
            let stream = tag.stream.as_ref()?;
            let fields = vec![
                Field::line("name", "Name", name, "unique within the stream"),
                version_choice(shelf, stream, tag.version.as_ref(), Some(tag)),
                details_field(&tag.additional_details),
            ];
            (FormPurpose::EditTag(Box::new(tag.clone())), fields)
        }
        ImageNode::Asset(id) => {
            let asset = shelf.asset(id)?;
            let fields = vec![
                word_choice("clone_type", "Clone type", CLONE_TYPES, asset.clone_type.as_ref(), None),
                word_choice("image_type", "Image type", IMAGE_TYPES, asset.image_type.as_ref(), None),
                word_choice("status", "Status", ASSET_STATUSES, asset.status.as_ref(), None),
                details_field(&asset.additional_details),
            ];
            (FormPurpose::EditAsset(Box::new(asset.clone())), fields)
        }
        ImageNode::Use(..) => return None,
    };
    Some(Form::new(purpose, title, fields))
}

/// A form that points a tag at another version of its stream.
pub fn move_form(tag: &Tag, shelf: &Shelf<'_>) -> Option<Form> {
    let stream = tag.stream.as_ref()?;
    let title = format!("MOVE TAG {}", shelf.path(&ImageNode::Tag(tag.id.clone())));
    let fields = vec![version_choice(shelf, stream, tag.version.as_ref(), Some(tag))];
    Some(Form::new(FormPurpose::MoveTag(Box::new(tag.clone())), title, fields))
}

// Fields

fn stream_fields(seen: Option<&Stream>) -> Vec<Field> {
    let text =
        |text: Option<&Option<Text>>| text.and_then(Option::as_ref).map_or("", Text::as_str).to_owned();
    let word = |word: Option<&Option<Text>>| word.and_then(Option::as_ref).cloned();
    let name = match seen {
        Some(stream) => Field::line("name", "Name", &text(Some(&stream.name)), NAME_HELP),
        None => Field::line(
            "names",
            "Names",
            "",
            "one or many, with blanks or commas between; letters, digits, _ and -",
        ),
    };
    let default = |value: &'static str| if seen.is_none() { Some(value) } else { None };
    let system = word(seen.map(|one| &one.operating_system));
    let source = word(seen.map(|one| &one.source));
    let status = word(seen.map(|one| &one.status));
    vec![
        name,
        word_choice(
            "operating_system",
            "Operating system",
            OPERATING_SYSTEMS,
            system.as_ref(),
            default("WINDOWS_11"),
        ),
        word_choice("source", "Source", STREAM_SOURCES, source.as_ref(), default("UPLOADED")),
        word_choice("status", "Status", STREAM_STATUSES, status.as_ref(), default("AVAILABLE")),
        Field::line("description", "Description", &text(seen.map(|one| &one.description)), DESCRIPTION_HELP),
        Field::line("publisher", "Publisher", &text(seen.map(|one| &one.publisher)), "who made it"),
        details_field(seen.map_or(&BTreeMap::new(), |one| &one.additional_details)),
    ]
}

fn version_fields(seen: Option<&Version>) -> Vec<Field> {
    let text =
        |text: Option<&Option<Text>>| text.and_then(Option::as_ref).map_or("", Text::as_str).to_owned();
    let status = seen.and_then(|one| one.status.as_ref());
    let default = if seen.is_none() { Some("AVAILABLE") } else { None };
    vec![
        Field::line("name", "Name", &text(seen.map(|one| &one.name)), VERSION_HELP),
        word_choice("status", "Status", VERSION_STATUSES, status, default),
        Field::line("description", "Description", &text(seen.map(|one| &one.description)), DESCRIPTION_HELP),
        details_field(seen.map_or(&BTreeMap::new(), |one| &one.additional_details)),
    ]
}

fn new_asset_fields(shelf: &Shelf<'_>) -> Vec<Field> {
    let mut vcenters: BTreeMap<&VcenterId, Text> =
        shelf.book.vcenters.iter().map(|(id, name)| (id, name.clone())).collect();
    for id in shelf.book.assets.iter().filter_map(|asset| asset.vcenter.as_ref()) {
        vcenters.entry(id).or_insert_with(|| Text::clean(id.raw()));
    }
    // Without a list of them the id can still be typed.
    let vcenter = if vcenters.is_empty() {
        Field::line("vcenter", "vCenter", "", "its id; the list of vCenters could not be read")
    } else {
        let options: Vec<FieldOption> =
            vcenters.into_iter().map(|(id, name)| FieldOption::new(id.raw(), name)).collect();
        let only = (options.len() == 1).then(|| options.first().map(|option| option.id.clone())).flatten();
        Field::choice("vcenter", "vCenter", options, only.as_deref(), "where its machines are made")
    };
    vec![
        vcenter,
        word_choice("clone_type", "Clone type", CLONE_TYPES, None, Some("INSTANT_CLONE")),
        word_choice("image_type", "Image type", IMAGE_TYPES, None, Some("VDI_DESKTOP")),
        word_choice("status", "Status", ASSET_STATUSES, None, Some("AVAILABLE")),
        Field::line("vm", "Machine", "", "id of the base machine, such as vm-17; with a snapshot"),
        Field::line("snapshot", "Snapshot", "", "id of its snapshot, such as snapshot-3"),
        Field::line("template", "Template", "", "id of a template, in place of machine and snapshot"),
        details_field(&BTreeMap::new()),
    ]
}

/// A choice of words of the API. One that this version does not know is among them when it is the present one.
fn word_choice(
    key: &'static str,
    label: &str,
    words: &'static [&'static str],
    now: Option<&Text>,
    default: Option<&str>,
) -> Field {
    let mut options: Vec<FieldOption> = words.iter().map(|word| FieldOption::new(*word, *word)).collect();
    if let Some(now) = now {
        match options.iter_mut().find(|option| option.id == now.as_str()) {
            Some(option) => option.note = Some("as it is".into()),
            None => options.push(FieldOption::new(now.as_str(), now.clone()).with_note("as it is")),
        }
    }
    Field::choice(key, label, options, now.map(Text::as_str).or(default), "")
}

/// A choice of the versions of a stream, with their states.
fn version_choice(
    shelf: &Shelf<'_>,
    stream: &StreamId,
    chosen: Option<&VersionId>,
    tag: Option<&Tag>,
) -> Field {
    let now = tag.and_then(|tag| tag.version.as_ref());
    let mut options: Vec<FieldOption> = shelf
        .versions_of(stream)
        .iter()
        .map(|version| {
            let status = version.status.as_ref().map_or("?", Text::as_str);
            let here = if now == Some(&version.id) { ", as it is" } else { "" };
            let about = version.description.as_ref().map_or_else(String::new, |text| format!(", {text}"));
            let name = name_or_id(version.name.as_ref(), version.id.raw());
            FieldOption::new(version.id.raw(), name).with_note(format!("{status}{here}{about}"))
        })
        .collect();
    // A version that is not listed is what it is, until another one is chosen.
    if let Some(now) = now.filter(|now| options.iter().all(|option| option.id != now.raw())) {
        options.push(FieldOption::new(now.raw(), now.to_string()).with_note("as it is; not in the list"));
    }
    Field::choice(
        "version",
        "Version",
        options,
        chosen.map(VersionId::raw),
        "subscribers of the tag get its image",
    )
}

fn details_field(details: &BTreeMap<Text, Text>) -> Field {
    Field::line("additional_details", "Details", &details_line(details), DETAILS_HELP)
}

// What was filled in

/// Understands a form: the changes that come of it.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn filled(form: &Form, shelf: &Shelf<'_>) -> Result<Draft, Vec<FormError>> {
    let drafts = ImageDrafts::new(shelf);
    let mut read = Reader { form, errors: Vec::new() };
    let draft = match &form.purpose {
        FormPurpose::NewStream => Some(drafts.create_streams(read.new_streams())),
        FormPurpose::NewVersion(stream) => Some(drafts.create_version(read.new_version(stream))),
        FormPurpose::NewTag(stream, _) => Some(drafts.create_tag(read.new_tag(stream))),
        FormPurpose::NewAsset(stream, version) => Some(drafts.create_asset(read.new_asset(stream, version))),
        FormPurpose::EditStream(seen) => read.stream_edit(seen).map(|edit| drafts.update_stream(seen, edit)),
        FormPurpose::EditVersion(seen) => {
            read.version_edit(seen).map(|edit| drafts.update_version(seen, edit))
        }
        FormPurpose::EditTag(seen) | FormPurpose::MoveTag(seen) => {
            read.tag_edit(seen).map(|edit| drafts.update_tag(seen, edit))
        }
        FormPurpose::EditAsset(seen) => read.asset_edit(seen).map(|edit| drafts.update_asset(seen, edit)),
        FormPurpose::NewPermission
        | FormPurpose::ReplacePermission(_)
        | FormPurpose::BuildImage(_)
        | FormPurpose::Authorize(_) => None,
    };
    match draft {
        Some(draft) if read.errors.is_empty() => Ok(draft),
        _ => Err(read.errors),
    }
}

/// What the input so far would lead to, or what is missing for it.
pub fn preview(form: &Form, shelf: &Shelf<'_>) -> Vec<Text> {
    match filled(form, shelf) {
        Ok(draft) => draft.lines(),
        Err(errors) => errors.into_iter().map(|error| Text::clean(&error.message)).collect(),
    }
}

/// Reads fields and notes what is wrong with them.
struct Reader<'a> {
    form: &'a Form,
    errors: Errors,
}

impl Reader<'_> {
    fn wrong(&mut self, key: &'static str, message: impl Into<String>) {
        self.errors.push(FormError { key: Some(key), message: message.into() });
    }

    /// The text of a line, checked.
    fn text(&mut self, key: &'static str, check: fn(&str) -> Result<(), String>) -> String {
        let text = self.form.text(key).to_owned();
        if let Err(message) = check(&text) {
            self.wrong(key, message);
        }
        text
    }

    /// The text of a line that may be empty.
    fn optional(&mut self, key: &'static str, check: fn(&str) -> Result<(), String>) -> Option<String> {
        Some(self.text(key, check)).filter(|text| !text.is_empty())
    }

    /// The word that is chosen, byte for byte.
    fn word(&mut self, key: &'static str, label: &str) -> String {
        let chosen = self.form.chosen(key).map(|option| option.id.clone());
        chosen.unwrap_or_else(|| {
            self.wrong(key, format!("{label} must be chosen"));
            String::new()
        })
    }

    fn details(&mut self) -> BTreeMap<String, String> {
        parse_details(self.form.text("additional_details")).unwrap_or_else(|message| {
            self.wrong("additional_details", message);
            BTreeMap::new()
        })
    }

    fn new_streams(&mut self) -> Vec<NewStream> {
        let given = self.form.text("names").to_owned();
        let mut names: Vec<&str> = Vec::new();
        for name in
            given.split(|sign: char| sign == ',' || sign.is_whitespace()).filter(|name| !name.is_empty())
        {
            if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                self.wrong("names", format!("{name} is there twice"));
            } else if let Err(message) = stream_name(name) {
                self.wrong("names", format!("{name}: {message}"));
            }
            names.push(name);
        }
        if names.is_empty() {
            self.wrong("names", "a name is missing");
        }
        let pattern = NewStream {
            name: String::new(),
            operating_system: self.word("operating_system", "the operating system"),
            source: self.word("source", "the source"),
            status: self.word("status", "the status"),
            description: self.optional("description", description),
            publisher: self.optional("publisher", anything),
            additional_details: self.details(),
        };
        names.into_iter().map(|name| NewStream { name: name.to_owned(), ..pattern.clone() }).collect()
    }

    fn new_version(&mut self, stream: &StreamId) -> NewVersion {
        NewVersion {
            stream: stream.clone(),
            name: self.text("name", version_name),
            status: self.word("status", "the status"),
            description: self.optional("description", description),
            additional_details: self.details(),
        }
    }

    fn new_tag(&mut self, stream: &StreamId) -> NewTag {
        NewTag {
            stream: stream.clone(),
            name: self.text("name", tag_name),
            version: VersionId::from(self.word("version", "the version")),
            additional_details: self.details(),
        }
    }

    fn new_asset(&mut self, stream: &StreamId, version: &VersionId) -> NewAsset {
        let typed = matches!(self.form.field("vcenter").map(|field| &field.kind), Some(FieldKind::Line(_)));
        let vcenter =
            if typed { self.text("vcenter", tag_name) } else { self.word("vcenter", "the vCenter") };
        let [template, vm, snapshot] = ["template", "vm", "snapshot"]
            .map(|key| Some(self.form.text(key).to_owned()).filter(|text| !text.is_empty()));
        let source = match (template, vm, snapshot) {
            (Some(template), None, None) => Some(AssetSource::Template(template)),
            (None, Some(vm), Some(snapshot)) => Some(AssetSource::Snapshot { vm, snapshot }),
            (Some(_), ..) => {
                self.wrong("template", "a template or a machine with its snapshot, not both");
                None
            }
            (None, Some(_), None) => {
                self.wrong("snapshot", "the snapshot of the machine is missing");
                None
            }
            (None, None, _) => {
                self.wrong("vm", "a machine with its snapshot is missing, or a template");
                None
            }
        };
        NewAsset {
            stream: stream.clone(),
            version: version.clone(),
            vcenter: VcenterId::from(vcenter),
            clone_type: self.word("clone_type", "the clone type"),
            image_type: self.word("image_type", "the image type"),
            status: self.word("status", "the status"),
            source: source.unwrap_or_else(|| AssetSource::Template(String::new())),
            additional_details: self.details(),
        }
    }

    /// The text of a line if it is another than before, checked then.
    fn changed_text(
        &mut self,
        key: &'static str,
        before: Option<&Text>,
        check: fn(&str) -> Result<(), String>,
    ) -> Option<String> {
        let text = self.form.text(key).to_owned();
        if text == before.map_or("", Text::as_str).trim() {
            return None;
        }
        if let Err(message) = check(&text) {
            self.wrong(key, message);
        }
        Some(text)
    }

    /// The word that is chosen, if it is another than before.
    fn changed_word(&self, key: &str, before: Option<&Text>) -> Option<String> {
        let chosen = &self.form.chosen(key)?.id;
        (before.map(Text::as_str) != Some(chosen)).then(|| chosen.clone())
    }

    fn changed_details(&mut self, before: &BTreeMap<Text, Text>) -> BTreeMap<String, Option<String>> {
        match parse_details(self.form.text("additional_details")) {
            Ok(after) => details_edit(before, &after),
            Err(message) => {
                self.wrong("additional_details", message);
                BTreeMap::new()
            }
        }
    }

    /// The edit, unless it changes nothing.
    fn edit<T: Default + PartialEq>(&mut self, edit: T) -> Option<T> {
        if edit == T::default() && self.errors.is_empty() {
            self.errors.push(FormError { key: None, message: "nothing is changed so far".to_owned() });
            return None;
        }
        Some(edit)
    }

    fn stream_edit(&mut self, seen: &Stream) -> Option<StreamEdit> {
        let edit = StreamEdit {
            name: self.changed_text("name", seen.name.as_ref(), stream_name),
            description: self.changed_text("description", seen.description.as_ref(), description),
            operating_system: self.changed_word("operating_system", seen.operating_system.as_ref()),
            publisher: self.changed_text("publisher", seen.publisher.as_ref(), anything),
            source: self.changed_word("source", seen.source.as_ref()),
            status: self.changed_word("status", seen.status.as_ref()),
            additional_details: self.changed_details(&seen.additional_details),
        };
        self.edit(edit)
    }

    fn version_edit(&mut self, seen: &Version) -> Option<VersionEdit> {
        let edit = VersionEdit {
            name: self.changed_text("name", seen.name.as_ref(), version_name),
            description: self.changed_text("description", seen.description.as_ref(), description),
            status: self.changed_word("status", seen.status.as_ref()),
            additional_details: self.changed_details(&seen.additional_details),
        };
        self.edit(edit)
    }

    fn tag_edit(&mut self, seen: &Tag) -> Option<TagEdit> {
        let all = matches!(self.form.purpose, FormPurpose::EditTag(_));
        let name = if all { self.changed_text("name", seen.name.as_ref(), tag_name) } else { None };
        let details = if all { self.changed_details(&seen.additional_details) } else { BTreeMap::new() };
        let chosen = self.form.chosen("version").map(|option| VersionId::from(option.id.as_str()));
        let edit = TagEdit {
            name,
            version: chosen.filter(|chosen| seen.version.as_ref() != Some(chosen)),
            additional_details: details,
        };
        self.edit(edit)
    }

    fn asset_edit(&mut self, seen: &Asset) -> Option<AssetEdit> {
        let edit = AssetEdit {
            clone_type: self.changed_word("clone_type", seen.clone_type.as_ref()),
            image_type: self.changed_word("image_type", seen.image_type.as_ref()),
            status: self.changed_word("status", seen.status.as_ref()),
            additional_details: self.changed_details(&seen.additional_details),
        };
        self.edit(edit)
    }
}

/// The server takes any text.
#[expect(clippy::unnecessary_wraps, reason = "one of several checks")]
fn anything(_text: &str) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{book, live};
    use super::*;
    use crate::domain::{Change, ImageBook};

    fn choose(form: &mut Form, key: &str, id: &str) {
        let Some(FieldKind::Choice { options, chosen }) = form.field_mut(key).map(|field| &mut field.kind)
        else {
            panic!("no choice {key}");
        };
        *chosen = options.iter().position(|option| option.id == id);
    }

    fn with<R>(book: &ImageBook, test: impl FnOnce(&Shelf<'_>) -> R) -> R {
        let live = live();
        test(&Shelf::new(book, &live))
    }

    fn messages(errors: Vec<FormError>) -> Vec<String> {
        errors.into_iter().map(|error| format!("{}: {}", error.key.unwrap_or("-"), error.message)).collect()
    }

    #[test]
    fn several_streams_are_created_at_once_and_names_are_checked() {
        with(&book(), |shelf| {
            let mut form = new_form(FormPurpose::NewStream, shelf).unwrap();
            assert_eq!(messages(filled(&form, shelf).unwrap_err()), ["names: a name is missing"]);
            form.set_text("names", "one, two  three");
            let draft = filled(&form, shelf).unwrap();
            assert_eq!(draft.items.len(), 3);
            form.set_text("names", "one ONE b@d");
            assert_eq!(
                messages(filled(&form, shelf).unwrap_err()),
                [
                    "names: ONE is there twice",
                    "names: b@d: '@' cannot be in a name: letters, digits and _ - can"
                ]
            );
            form.set_text("names", "one");
            form.set_text("description", &"x".repeat(1025));
            form.set_text("additional_details", "owner");
            assert_eq!(filled(&form, shelf).unwrap_err().len(), 2);
        });
    }

    #[test]
    fn only_what_was_changed_is_sent_and_unknown_words_stay() {
        let mut book = book();
        book.streams[0].status = Some("BRAND_NEW".into());
        book.streams[0].description = Some("August".into());
        with(&book, |shelf| {
            let node = ImageNode::Stream("s1".into());
            let mut form = edit_form(&node, shelf).unwrap();
            assert_eq!(form.chosen("status").unwrap().id, "BRAND_NEW");
            assert_eq!(messages(filled(&form, shelf).unwrap_err()), ["-: nothing is changed so far"]);
            form.set_text("description", "September");
            let draft = filled(&form, shelf).unwrap();
            let Change::UpdateStream { edit, .. } = &draft.items[0].change else { panic!() };
            assert_eq!(
                *edit,
                StreamEdit { description: Some("September".to_owned()), ..StreamEdit::default() }
            );
            assert_eq!(draft.items[0].details, [Text::from("description: August -> September")]);
        });
    }

    #[test]
    fn what_is_unknown_stays_so_until_it_is_chosen() {
        let mut book = book();
        book.versions[0].status = None;
        with(&book, |shelf| {
            let mut form = edit_form(&ImageNode::Version("v3".into()), shelf).unwrap();
            assert!(form.chosen("status").is_none());
            form.set_text("description", "new");
            let Change::UpdateVersion { edit, .. } = &filled(&form, shelf).unwrap().items[0].change.clone()
            else {
                panic!()
            };
            assert_eq!(edit.status, None, "nothing is made up");
        });
    }

    #[test]
    fn moving_a_tag_previews_its_consequences() {
        with(&book(), |shelf| {
            let tag = shelf.tag(&"t1".into()).unwrap();
            let mut form = move_form(tag, shelf).unwrap();
            assert_eq!(preview(&form, shelf), [Text::from("nothing is changed so far")]);
            choose(&mut form, "version", "v4");
            let lines: Vec<String> = preview(&form, shelf).iter().map(ToString::to_string).collect();
            assert_eq!(lines[0], "tag win11-office/prod");
            assert!(
                lines.contains(&"2 pools, 4 sessions (3 connected) get v24.4 in place of v24.3".to_owned())
            );
            let draft = filled(&form, shelf).unwrap();
            assert_eq!(draft.title, "MOVE TAG");
            assert_eq!(draft.command.unwrap(), "foretop images tags move win11-office/prod --to v24.4");
        });
    }

    #[test]
    fn an_asset_is_made_of_a_template_or_of_a_machine_with_its_snapshot() {
        with(&book(), |shelf| {
            let mut form = new_form(FormPurpose::NewAsset("s1".into(), "v3".into()), shelf).unwrap();
            let errors = messages(filled(&form, shelf).unwrap_err());
            assert_eq!(
                errors,
                [
                    "vm: a machine with its snapshot is missing, or a template",
                    "vcenter: the vCenter must be chosen"
                ]
                .iter()
                .rev()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
            );
            choose(&mut form, "vcenter", "vc-2");
            form.set_text("vm", "vm-17");
            assert_eq!(
                messages(filled(&form, shelf).unwrap_err()),
                ["snapshot: the snapshot of the machine is missing"]
            );
            form.set_text("snapshot", "snapshot-3");
            assert!(filled(&form, shelf).is_ok());
            form.set_text("template", "t-1");
            assert!(filled(&form, shelf).is_err());
        });
    }

    #[test]
    fn every_form_has_its_fields() {
        with(&book(), |shelf| {
            for purpose in [
                FormPurpose::NewStream,
                FormPurpose::NewVersion("s1".into()),
                FormPurpose::NewTag("s1".into(), Some("v3".into())),
                FormPurpose::NewAsset("s1".into(), "v3".into()),
            ] {
                assert!(new_form(purpose, shelf).is_some());
            }
            for node in [
                ImageNode::Stream("s1".into()),
                ImageNode::Version("v3".into()),
                ImageNode::Tag("t1".into()),
                ImageNode::Asset("x1".into()),
            ] {
                let form = edit_form(&node, shelf).unwrap();
                assert!(filled(&form, shelf).is_err(), "nothing is changed by opening a form");
            }
        });
    }
}
