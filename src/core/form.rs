//! Forms: fields that are typed into or chosen from, for what is created or changed.

use serde::{Deserialize, Serialize};

use super::{effect::RequestId, line_input::LineInput};
use crate::domain::{Asset, Fault, Permission, Stream, StreamId, Tag, Text, Version, VersionId};

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
    Search {
        /// What is typed.
        input: LineInput,
        /// What was found for it.
        found: Vec<FieldOption>,
        /// The line of what was found under the cursor.
        cursor: usize,
        /// What was taken so far.
        taken: Vec<FieldOption>,
        /// Whether more than one may be taken.
        many: bool,
        /// The question that is out.
        asking: Option<RequestId>,
        /// Why the last one was not answered.
        fault: Option<Fault>,
    },
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
}
