//! Forms: fields that are typed into or chosen from, for what is created or changed.
//!
//! A form knows nothing of permissions or images: whoever opens it gives it fields, reads them by their keys, and writes
//! the preview and the errors. [`FormPurpose`] says whom to ask.

use serde::{Deserialize, Serialize};

use super::{effect::RequestId, line_input::LineInput};
use crate::domain::{
    AppGroupId, Asset, Fault, ImageServer, Permission, Principal, PrincipalKind, Stream, StreamId, Tag, Text,
    Version, VersionId,
};

/// What a form is filled in for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FormPurpose {
    /// Create permissions.
    NewPermission,
    /// Create a permission in place of another.
    ReplacePermission(Box<Permission>),
    /// Create streams.
    NewStream,
    /// Change a stream.
    EditStream(Box<Stream>),
    /// Create versions of a stream.
    NewVersion(StreamId),
    /// Change a version.
    EditVersion(Box<Version>),
    /// Create a tag on a version, or on one of the stream's.
    NewTag(StreamId, Option<VersionId>),
    /// Change a tag.
    EditTag(Box<Tag>),
    /// Point a tag at another version.
    MoveTag(Box<Tag>),
    /// Create an asset of a version.
    NewAsset(StreamId, VersionId),
    /// Change an asset.
    EditAsset(Box<Asset>),
    /// Build an image from an image server.
    BuildImage(Box<ImageServer>),
    /// Let accounts use an app group.
    Authorize(AppGroupId),
}

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldOption {
    /// What is sent when it is chosen: an id or a word of the API, byte for byte. Not for the screen.
    pub id: String,
    /// What it is called.
    pub label: Text,
    /// What to know about it.
    pub note: Option<Text>,
}

impl FieldOption {
    /// An option without a note.
    pub fn new(id: impl Into<String>, label: impl Into<Text>) -> Self {
        Self { id: id.into(), label: label.into(), note: None }
    }

    /// Whether its name begins with a letter, large or small.
    pub(super) fn begins_with(&self, letter: char) -> bool {
        let first = self.label.as_str().chars().next();
        first.is_some_and(|first| first.to_lowercase().eq(letter.to_lowercase()))
    }

    /// The same with a note.
    #[must_use]
    pub fn with_note(self, note: impl Into<Text>) -> Self {
        Self { note: Some(note.into()), ..self }
    }
}

impl From<&Principal> for FieldOption {
    fn from(principal: &Principal) -> Self {
        let kind = match principal.kind {
            PrincipalKind::User => "user",
            PrincipalKind::Group => "group",
            PrincipalKind::Unknown => "user or group",
        };
        let known = principal.full_name.as_ref().or(principal.description.as_ref());
        let note = known.map_or_else(|| kind.to_owned(), |words| format!("{kind}, {words}"));
        Self::new(principal.id.raw(), principal.label()).with_note(note)
    }
}

/// A field that is filled in by what the server finds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchField {
    /// What is typed.
    pub input: LineInput,
    /// What was found for it.
    pub found: Vec<FieldOption>,
    /// Whether more were found than are listed.
    pub more: bool,
    /// The line of what was found under the cursor.
    pub cursor: usize,
    /// What was taken so far.
    pub taken: Vec<FieldOption>,
    /// Whether more than one may be taken.
    pub many: bool,
    /// The question that is out, and the text that it is about. There is never a second one.
    pub asking: Option<(RequestId, String)>,
    /// The text that the last answer was about.
    pub answered: Option<String>,
    /// Why the last one was not answered.
    pub fault: Option<Fault>,
}

impl SearchField {
    /// Fewer characters are not looked for: they would find everybody.
    pub const LEAST: usize = 2;

    /// No more are listed: whoever wants another one types more.
    pub const MOST: usize = 50;

    /// What would be looked for now, if that is long enough.
    pub fn wanted(&self) -> Option<&str> {
        Some(self.input.text().trim()).filter(|text| text.chars().count() >= Self::LEAST)
    }

    /// Whether an option was taken.
    pub fn has_taken(&self, option: &FieldOption) -> bool {
        self.taken.iter().any(|taken| taken.id == option.id)
    }

    /// Takes what is under the cursor, or gives it back when it was taken already. Says whether there was anything.
    pub(super) fn toggle(&mut self) -> bool {
        let Some(option) = self.found.get(self.cursor).cloned() else {
            return false;
        };
        if self.has_taken(&option) {
            self.taken.retain(|taken| taken.id != option.id);
        } else {
            if !self.many {
                self.taken.clear();
            }
            self.taken.push(option);
        }
        // What is typed next is about somebody else. Where many are wanted, the others that were found stay at hand.
        self.input = LineInput::default();
        if !self.many {
            self.forget();
        }
        true
    }

    /// Lists nothing any more.
    pub(super) fn forget(&mut self) {
        self.found.clear();
        self.more = false;
        self.cursor = 0;
        self.answered = None;
        self.fault = None;
    }
}

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FieldKind {
    /// A line of text.
    Line(LineInput),
    /// One of a list.
    Choice {
        /// What there is to choose from.
        options: Vec<FieldOption>,
        /// Which one is chosen.
        chosen: Option<usize>,
    },
    /// One or many of what the server finds while one types.
    Search(Box<SearchField>),
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// What the code calls it: `name`, `role`.
    pub key: Text,
    /// What the operator calls it.
    pub label: Text,
    /// How it is filled in.
    pub kind: FieldKind,
    /// What is allowed, while it has the keys.
    pub help: Text,
    /// What is wrong with it.
    pub error: Option<Text>,
}

impl Field {
    fn new(key: &str, label: &str, kind: FieldKind, help: &str) -> Self {
        Self { key: Text::clean(key), label: Text::clean(label), kind, help: Text::clean(help), error: None }
    }

    /// A line of text, filled in with `text`.
    pub fn line(key: &str, label: &str, text: &str, help: &str) -> Self {
        Self::new(key, label, FieldKind::Line(LineInput::new(text)), help)
    }

    /// One of a list; `chosen` is the id of what is chosen at the beginning, if it is among them.
    pub fn choice(
        key: &str,
        label: &str,
        options: Vec<FieldOption>,
        chosen: Option<&str>,
        help: &str,
    ) -> Self {
        let chosen = chosen.and_then(|id| options.iter().position(|option| option.id == id));
        Self::new(key, label, FieldKind::Choice { options, chosen }, help)
    }

    /// One (or, with `many`, any number) of what the server finds; `taken` is taken at the beginning.
    pub fn search(key: &str, label: &str, many: bool, taken: Vec<FieldOption>, help: &str) -> Self {
        let search = SearchField { taken, many, ..SearchField::default() };
        Self::new(key, label, FieldKind::Search(Box::new(search)), help)
    }
}

/// A form being filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// What for.
    pub purpose: FormPurpose,
    /// Its title.
    pub title: Text,
    /// Its fields, from top to bottom.
    pub fields: Vec<Field>,
    /// The field that has the keys.
    pub at: usize,
    /// What the input so far would lead to, kept up to date while it is filled in.
    pub preview: Vec<Text>,
    /// First line shown of the preview.
    pub scroll: usize,
    /// Why it cannot be reviewed yet.
    pub complaint: Option<Text>,
    /// Whether anything was filled in by the operator.
    pub touched: bool,
    /// Whether Esc was pressed once and would drop what was filled in the second time.
    pub escape_armed: bool,
}

impl Form {
    /// A form with the keys on its first field.
    pub fn new(purpose: FormPurpose, title: impl Into<Text>, fields: Vec<Field>) -> Self {
        Self {
            purpose,
            title: title.into(),
            fields,
            at: 0,
            preview: Vec::new(),
            scroll: 0,
            complaint: None,
            touched: false,
            escape_armed: false,
        }
    }

    /// The field with this key.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == *key)
    }

    /// The field with this key, to be changed.
    pub fn field_mut(&mut self, key: &str) -> Option<&mut Field> {
        self.fields.iter_mut().find(|field| field.key == *key)
    }

    /// The field that has the keys.
    pub fn focused(&self) -> Option<&Field> {
        self.fields.get(self.at)
    }

    /// What was typed into a line, without blanks around it; empty for other fields.
    pub fn text(&self, key: &str) -> &str {
        match self.field(key).map(|field| &field.kind) {
            Some(FieldKind::Line(input)) => input.text().trim(),
            _ => "",
        }
    }

    /// What was typed into a line, blanks around it included; empty for other fields.
    pub fn typed(&self, key: &str) -> &str {
        match self.field(key).map(|field| &field.kind) {
            Some(FieldKind::Line(input)) => input.text(),
            _ => "",
        }
    }

    /// What is chosen from a list.
    pub fn chosen(&self, key: &str) -> Option<&FieldOption> {
        match self.field(key).map(|field| &field.kind) {
            Some(FieldKind::Choice { options, chosen }) => options.get((*chosen)?),
            _ => None,
        }
    }

    /// What was taken of what the server found.
    pub fn taken(&self, key: &str) -> &[FieldOption] {
        match self.field(key).map(|field| &field.kind) {
            Some(FieldKind::Search(search)) => &search.taken,
            _ => &[],
        }
    }

    /// Fills in a line.
    pub fn set_text(&mut self, key: &str, text: &str) {
        if let Some(FieldKind::Line(input)) = self.field_mut(key).map(|field| &mut field.kind) {
            *input = LineInput::new(text);
        }
    }

    /// Gives a list other options; what is chosen stays chosen if it is among them.
    pub fn set_options(&mut self, key: &str, options: Vec<FieldOption>) {
        let kept = self.chosen(key).map(|option| option.id.clone());
        if let Some(FieldKind::Choice { options: old, chosen }) =
            self.field_mut(key).map(|field| &mut field.kind)
        {
            *chosen = kept.and_then(|id| options.iter().position(|option| option.id == id));
            *old = options;
        }
    }

    /// Says what is wrong with a field.
    pub fn set_error(&mut self, key: &str, words: impl Into<Text>) {
        if let Some(field) = self.field_mut(key) {
            field.error = Some(words.into());
        }
    }

    /// Forgets what was wrong.
    pub fn clear_errors(&mut self) {
        self.complaint = None;
        for field in &mut self.fields {
            field.error = None;
        }
    }

    /// Whether something is wrong with a field.
    pub fn has_errors(&self) -> bool {
        self.fields.iter().any(|field| field.error.is_some())
    }

    /// Whether anything was filled in by the operator.
    pub fn is_dirty(&self) -> bool {
        self.touched
    }
}
