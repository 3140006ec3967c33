//! What is done from the tree: its menu, forms and plans, and the way to its sessions.

use crate::{
    core::{
        command::{Command, Context},
        effect::Effect,
        form::{Form, FormPurpose},
        images::{
            Draft, ImageDrafts, ImageNode, Shelf, edit_form, filled, move_form, name_or_id, new_form, preview,
        },
        remote::Remote,
        state::{ChangeChoice, NoticeKind, Overlay, PromptKind, State, Tab},
    },
    domain::{ChangeKind, StreamId, SubscriberKind, Support, Text},
};

use super::super::{changes, commands, form, prompt};

/// Runs a command that changes something or leads elsewhere.
pub(super) fn run(state: &mut State, command: Command, context: Context) {
    match command {
        Command::ChangeMenu => open_menu(state, context),
        Command::NodeSessions => go_to_sessions(state),
        Command::ChangeNew
        | Command::ChangeNewVersion
        | Command::ChangeNewTag
        | Command::ChangeNewAsset
        | Command::ChangeEdit
        | Command::ChangeMove
        | Command::ChangeDelete => change(state, command, context),
        _ => {}
    }
}

/// The commands of the menu, in its order.
const CHOICES: [Command; 7] = [
    Command::ChangeNew,
    Command::ChangeNewVersion,
    Command::ChangeNewTag,
    Command::ChangeNewAsset,
    Command::ChangeEdit,
    Command::ChangeMove,
    Command::ChangeDelete,
];

/// What a change would be about.
struct Scene<'a> {
    shelf: &'a Shelf<'a>,
    node: Option<&'a ImageNode>,
    /// The marked nodes, where marks count.
    marks: Vec<ImageNode>,
}

fn open_menu(state: &mut State, context: Context) {
    let node = super::target(state, context);
    let marks = marks(state, context);
    let Some(book) = state.images.book.value().cloned() else {
        return state.notify(NoticeKind::Info, "there are no images to change: they were not read yet");
    };
    let live = state.images.live.clone();
    let shelf = Shelf::new(&book, &live);
    let scene = Scene { shelf: &shelf, node: node.as_ref(), marks };
    let title = scene
        .node
        .map_or_else(|| "images".to_owned(), |node| format!("{} {}", node.kind(), shelf.path(node)));
    let choices = CHOICES
        .into_iter()
        .map(|command| ChangeChoice {
            command,
            label: Text::clean(&scene.label(command)),
            objection: objection(state, &scene, command),
        })
        .collect();
    changes::open_menu(state, Text::clean(&title), choices);
}

fn marks(state: &State, context: Context) -> Vec<ImageNode> {
    if context == Context::ImageDetail { Vec::new() } else { state.images.marks.iter().cloned().collect() }
}

impl Scene<'_> {
    fn label(&self, command: Command) -> String {
        let stream = || {
            let stream = self.node.and_then(|node| self.shelf.stream_of(node));
            stream.map_or_else(
                || "a stream".to_owned(),
                |one| name_or_id(one.name.as_ref(), one.id.raw()).to_string(),
            )
        };
        let version = || {
            let version = self.node.and_then(|node| self.shelf.version_of(node));
            version.map_or_else(
                || "a version".to_owned(),
                |one| name_or_id(one.name.as_ref(), one.id.raw()).to_string(),
            )
        };
        let this = || {
            self.node.map_or_else(
                || "this".to_owned(),
                |node| format!("{} {}", node.kind(), self.shelf.label(node)),
            )
        };
        match command {
            Command::ChangeNew => "create streams".to_owned(),
            Command::ChangeNewVersion => format!("create a version of {}", stream()),
            Command::ChangeNewTag => format!("create a tag of {}", stream()),
            Command::ChangeNewAsset => format!("create an asset of {}", version()),
            Command::ChangeEdit => format!("edit {}", this()),
            Command::ChangeMove => match self.tag() {
                Some(tag) => format!("move tag {} to another version", self.shelf.label(&tag)),
                None => "move a tag to another version".to_owned(),
            },
            _ if self.marks.len() == 1 => "delete the marked one".to_owned(),
            _ if !self.marks.is_empty() => format!("delete {} marked", self.marks.len()),
            _ => format!("delete {}", this()),
        }
    }

    /// The tag under the cursor: itself, or that of a pool or farm.
    fn tag(&self) -> Option<ImageNode> {
        match self.node? {
            ImageNode::Tag(id) | ImageNode::Use(id, ..) => Some(ImageNode::Tag(id.clone())),
            ImageNode::Stream(_) | ImageNode::Version(_) | ImageNode::Asset(_) => None,
        }
    }

    /// The kinds of changes that a command makes here; the reason when it makes none.
    fn kinds(&self, command: Command) -> Result<Vec<ChangeKind>, &'static str> {
        let has_stream = self.node.and_then(|node| self.shelf.stream_of(node)).is_some();
        let one = |kind, possible: bool, objection| if possible { Ok(vec![kind]) } else { Err(objection) };
        match command {
            Command::ChangeNew => Ok(vec![ChangeKind::CreateStream]),
            Command::ChangeNewVersion => {
                one(ChangeKind::CreateVersion, has_stream, "not for this node: no stream")
            }
            Command::ChangeNewTag => {
                let stream = self.node.and_then(|node| self.shelf.stream_of(node));
                let versions = stream.is_some_and(|stream| !self.shelf.versions_of(&stream.id).is_empty());
                one(ChangeKind::CreateTag, versions, "there is no version that it could point at")
            }
            Command::ChangeNewAsset => {
                let version = self.node.and_then(|node| self.shelf.version_of(node)).is_some();
                one(ChangeKind::CreateAsset, version && has_stream, "not for this node: choose a version")
            }
            Command::ChangeEdit => match self.node.ok_or("nothing is under the cursor")? {
                ImageNode::Stream(_) => Ok(vec![ChangeKind::UpdateStream]),
                ImageNode::Version(_) => Ok(vec![ChangeKind::UpdateVersion]),
                ImageNode::Tag(_) => one(ChangeKind::UpdateTag, has_stream, "its stream is not known"),
                ImageNode::Asset(_) => Ok(vec![ChangeKind::UpdateAsset]),
                ImageNode::Use(..) => Err("not for this node: pools and farms are not changed here"),
            },
            Command::ChangeMove => one(
                ChangeKind::UpdateTag,
                self.tag().is_some() && has_stream,
                "not for this node: choose a tag",
            ),
            _ => {
                let targets = self.to_delete();
                if targets.is_empty() {
                    Err("not for this node: pools and farms are not deleted here")
                } else {
                    Ok(targets.iter().filter_map(delete_kind).collect())
                }
            }
        }
    }

    /// What a delete is about: what is marked, else the node under the cursor.
    fn to_delete(&self) -> Vec<ImageNode> {
        if self.marks.is_empty() {
            self.node.filter(|node| node.is_own()).cloned().into_iter().collect()
        } else {
            self.marks.clone()
        }
    }
}

fn delete_kind(node: &ImageNode) -> Option<ChangeKind> {
    Some(match node {
        ImageNode::Stream(_) => ChangeKind::DeleteStream,
        ImageNode::Version(_) => ChangeKind::DeleteVersion,
        ImageNode::Tag(_) => ChangeKind::DeleteTag,
        ImageNode::Asset(_) => ChangeKind::DeleteAsset,
        ImageNode::Use(..) => return None,
    })
}

/// Why a command cannot be used here, if it cannot.
fn objection(state: &State, scene: &Scene<'_>, command: Command) -> Option<Text> {
    if state.settings.read_only {
        return Some("read-only".into());
    }
    let kinds = match scene.kinds(command) {
        Ok(kinds) => kinds,
        Err(objection) => return Some(objection.into()),
    };
    let capabilities = state.capabilities()?;
    kinds.into_iter().find_map(|kind| match capabilities.may(kind) {
        Support::No(reason) => Some(reason),
        Support::Yes | Support::Unknown => None,
    })
}

/// Opens the form or the sheet of a change.
fn change(state: &mut State, command: Command, context: Context) {
    let node = super::target(state, context);
    let marks = marks(state, context);
    let Some(book) = state.images.book.value().cloned() else {
        return;
    };
    let live = state.images.live.clone();
    let shelf = Shelf::new(&book, &live);
    let scene = Scene { shelf: &shelf, node: node.as_ref(), marks };
    if let Some(objection) = objection(state, &scene, command) {
        return state.notify(NoticeKind::Warning, objection.as_str());
    }
    if command == Command::ChangeDelete {
        // What is deleted from the details or under the cursor is seen.
        let shown = (!scene.marks.is_empty()).then(|| state.images.shown().into_iter().collect());
        let draft = ImageDrafts::new(&shelf).delete(scene.to_delete(), shown.as_ref());
        return open_sheet(state, draft);
    }
    if let Some(opened) = opened(&scene, command) {
        form::open(state, opened);
    }
}

/// The form of a command.
fn opened(scene: &Scene<'_>, command: Command) -> Option<Form> {
    let (shelf, node) = (scene.shelf, scene.node);
    let stream = || -> Option<StreamId> { Some(shelf.stream_of(node?)?.id.clone()) };
    let version = || Some(shelf.version_of(node?)?.id.clone());
    match command {
        Command::ChangeNew => new_form(FormPurpose::NewStream, shelf),
        Command::ChangeNewVersion => new_form(FormPurpose::NewVersion(stream()?), shelf),
        Command::ChangeNewTag => new_form(FormPurpose::NewTag(stream()?, version()), shelf),
        Command::ChangeNewAsset => new_form(FormPurpose::NewAsset(stream()?, version()?), shelf),
        Command::ChangeEdit => edit_form(node?, shelf),
        Command::ChangeMove => match scene.tag()? {
            ImageNode::Tag(id) => move_form(shelf.tag(&id)?, shelf),
            _ => None,
        },
        _ => None,
    }
}

/// Freezes a draft and shows its sheet.
fn open_sheet(state: &mut State, mut draft: Draft) {
    if let Remote::Stale { why, .. } = &state.images.book {
        let words = format!("made from old data: the last reading failed ({})", why.message);
        draft.warnings.push(Text::clean(&words));
    }
    let plan = draft.plan(state.plan_id(), state.now);
    changes::open_sheet(state, plan);
}

/// A field of a form of images was changed: brings its preview up to date, and says at once what is wrong with what was
/// filled in; what is only missing is said when it is to be reviewed.
pub(in crate::core::update) fn form_changed(state: &State, form: &mut Form) {
    let Some(book) = state.images.book.value() else {
        return;
    };
    let shelf = Shelf::new(book, &state.images.live);
    form.preview = preview(form, &shelf);
    let errors = filled(form, &shelf).err().unwrap_or_default();
    for error in errors {
        let Some(key) = error.key else { continue };
        if !form.text(key).is_empty() {
            form.set_error(key, error.message);
        }
    }
}

/// A form of images is complete: the sheet of its plan, or complaints in the form.
pub(in crate::core::update) fn form_reviewed(state: &mut State) -> Vec<Effect> {
    let Some(book) = state.images.book.value().cloned() else {
        return Vec::new();
    };
    let live = state.images.live.clone();
    let Some(Overlay::Form(form)) = state.overlays.last_mut() else {
        return Vec::new();
    };
    match filled(form, &Shelf::new(&book, &live)) {
        Ok(draft) => open_sheet(state, draft),
        Err(errors) => {
            for error in errors {
                match error.key {
                    Some(key) => form.set_error(key, error.message),
                    None => form.complaint = Some(Text::clean(&error.message)),
                }
            }
        }
    }
    Vec::new()
}

/// Shows the sessions of the pools and farms that use the node under the cursor.
fn go_to_sessions(state: &mut State) {
    let Some(book) = state.images.book.value().cloned() else {
        return;
    };
    let live = state.images.live.clone();
    let shelf = Shelf::new(&book, &live);
    let Some(node) = state.images.cursor.clone() else {
        return;
    };
    let mut terms: Vec<String> = Vec::new();
    for one in shelf.uses_of_node(&node) {
        // A session in a pool of a farm does not tell the farm's name, only its id; and a star would stand for more.
        let readable = one.name.as_ref().map(Text::as_str).filter(|name| !name.contains('*'));
        let (field, value) = match one.kind {
            SubscriberKind::Pool => ("pool", readable.unwrap_or(&one.id)),
            SubscriberKind::Farm => ("farm", one.id.as_str()),
        };
        let term = format!("{field}:\"{}\"", value.replace('"', "\"\""));
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    if terms.is_empty() {
        let words = if shelf.knows_uses(&node) {
            format!("no pool or farm uses {}", shelf.path(&node))
        } else {
            format!("who uses {} is unknown", shelf.path(&node))
        };
        return state.notify(NoticeKind::Info, &words);
    }
    let filter = terms.join(" | ");
    let before = state.sessions.view.filter_line().text().to_owned();
    prompt::remember(state, PromptKind::Filter, &before);
    prompt::remember(state, PromptKind::Filter, &filter);
    state.with_view(|view, with| view.set_filter(&filter, with));
    commands::show_tab(state, Tab::Sessions);
    if !shelf.knows_uses(&node) {
        state.notify(
            NoticeKind::Warning,
            "not all who use it may be known: parts of the tree could not be read",
        );
    }
}
