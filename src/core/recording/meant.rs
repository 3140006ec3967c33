//! Whom a key meant: in the order of the stand-ins another row would be under the cursor, between the ends of a range, or
//! the first of a plan. So what a message led to is told beside it, and is put in place when it is played.

use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    core::{
        bulk::{BlastRadius, Guard, HeldBack, HoldReason, Plan, Target},
        cloud::AccessRow,
        form::FieldKind,
        images::ImageNode,
        state::{Overlay, PlanSheet, State},
        table::SessionTable,
        update::refresh_form,
    },
    domain::{AppServerId, ImageServerId, PermissionId, PlanId, Session, SessionId, SessionRow},
};

use jiff::Timestamp;

/// What a message led to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Meant {
    /// Where the cursors are, if one of them went elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursors: Option<Cursors>,
    /// The marked rows of the list, if others are: the first one of each run, and how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    marks: Option<Vec<(u32, u32)>>,
    /// Whether a line that was typed was taken: its stand-in may be none that can be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    taken: bool,
    /// The targets of the plan on top, if it is another one, or they are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    targets: Option<Targets>,
}

/// What is under the cursors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Cursors {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<SessionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    permission: Option<PermissionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image: Option<ImageNode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    facet: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image_server: Option<ImageServerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access: Option<AccessRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app_server: Option<AppServerId>,
    /// What is chosen in the field of the form that has the keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    option: Option<String>,
}

/// The targets of a plan, in their order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Targets {
    /// Those that are sent, and whether a filter hid them.
    send: Vec<(SessionId, bool)>,
    /// Those that are not, and why.
    held: Vec<(SessionId, bool, HoldReason)>,
}

/// What is there before a message.
#[derive(Debug, Clone)]
pub(super) struct Before {
    cursors: Cursors,
    table: Arc<SessionTable>,
    is_prompted: bool,
    marks: Option<Vec<(u32, u32)>>,
    plan: Option<Known>,
}

/// By what it is seen whether a plan is another one.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    id: PlanId,
    made_at: Timestamp,
    sends: usize,
    holds: usize,
    guard: Option<Guard>,
}

impl Known {
    fn of(plan: &Plan) -> Self {
        let Plan { id, made_at, to_send, held_back, terms, .. } = plan;
        let (sends, holds) = (to_send.len(), held_back.len());
        Self { id: id.clone(), made_at: *made_at, sends, holds, guard: terms.guard.clone() }
    }
}

impl Cursors {
    fn of(state: &State) -> Self {
        Self {
            session: state.sessions.view.cursor_id().cloned(),
            permission: state.permissions.cursor.clone(),
            image: state.images.cursor.clone(),
            facet: state.sessions.facets.cursor.clone(),
            image_server: state.cloud.servers_view.cursor.clone(),
            access: state.cloud.access_view.cursor.clone(),
            app_server: state.cloud.app_servers_view.cursor.clone(),
            option: option_of(state),
        }
    }

    fn put(self, state: &mut State) {
        let Self { session, permission, image, facet, image_server, access, app_server, option } = self;
        if let Some(session) = session {
            state.sessions.view.move_to(&session);
        }
        let cloud = &mut state.cloud;
        put(&mut state.permissions.cursor, permission);
        put(&mut state.images.cursor, image);
        put(&mut state.sessions.facets.cursor, facet);
        put(&mut cloud.servers_view.cursor, image_server);
        put(&mut cloud.access_view.cursor, access);
        put(&mut cloud.app_servers_view.cursor, app_server);
        if let Some(option) = option {
            choose(state, &option);
        }
    }
}

/// Puts a cursor where it was; nobody knows better where it was nowhere.
fn put<T>(cursor: &mut Option<T>, there: Option<T>) {
    if there.is_some() {
        *cursor = there;
    }
}

fn option_of(state: &State) -> Option<String> {
    let Some(Overlay::Form(form)) = state.overlays.last() else { return None };
    match &form.fields.get(form.at)?.kind {
        FieldKind::Choice { options, chosen } => options.get((*chosen)?).map(|option| option.id.clone()),
        FieldKind::Line(_) | FieldKind::Search(_) => None,
    }
}

/// Chooses in the field that has the keys, if it has that option: words of the program are no names, and stand where they
/// stood.
fn choose(state: &mut State, id: &str) {
    let Some(Overlay::Form(form)) = state.overlays.last_mut() else { return };
    let at = form.at;
    let Some(FieldKind::Choice { options, chosen }) = form.fields.get_mut(at).map(|field| &mut field.kind)
    else {
        return;
    };
    let place = options.iter().position(|option| option.id == id).or(*chosen);
    if place != *chosen {
        *chosen = place;
        refresh_form(state);
    }
}

fn plan_of(state: &State) -> Option<&PlanSheet> {
    match state.overlays.last() {
        Some(Overlay::Plan(sheet)) => Some(sheet),
        _ => None,
    }
}

impl Before {
    /// What is there. Only keys mark.
    pub(super) fn of(state: &State, is_key: bool) -> Self {
        let view = &state.sessions.view;
        Self {
            cursors: Cursors::of(state),
            table: Arc::clone(view.table()),
            is_prompted: state.prompt.is_some(),
            marks: is_key.then(|| view.marked_runs()),
            plan: plan_of(state).map(|sheet| Known::of(&sheet.plan)),
        }
    }

    /// What is different when the message was told.
    pub(super) fn after(self, state: &State) -> Meant {
        let view = &state.sessions.view;
        let cursors = Cursors::of(state);
        let is_key = self.marks.is_some();
        let marks = self.marks.filter(|_| Arc::ptr_eq(&self.table, view.table())).and_then(|before| {
            let now = view.marked_runs();
            (now != before).then_some(now)
        });
        let sheet = plan_of(state).filter(|sheet| Some(Known::of(&sheet.plan)) != self.plan);
        Meant {
            // A key may lead astray although it leads nowhere here.
            cursors: (is_key || cursors != self.cursors).then_some(cursors),
            marks,
            taken: self.is_prompted && state.prompt.is_none(),
            targets: sheet.map(|sheet| Targets::of(&sheet.plan)),
        }
    }
}

impl Targets {
    fn of(plan: &Plan) -> Self {
        let of = |target: &Target| (target.session.id.clone(), target.hidden);
        let held =
            |held: &HeldBack| (held.target.session.id.clone(), held.target.hidden, held.reason.clone());
        Self { send: plan.to_send.iter().map(of).collect(), held: plan.held_back.iter().map(held).collect() }
    }

    fn put(self, sheet: &mut PlanSheet) {
        let PlanSheet { plan, table, .. } = sheet;
        let held = std::mem::take(&mut plan.held_back).into_iter().map(|held| held.target);
        let all = std::mem::take(&mut plan.to_send).into_iter().chain(held);
        let mut known: HashMap<SessionId, Target> =
            all.map(|target| (target.session.id.clone(), target)).collect();
        let mut target = |id: SessionId, hidden: bool| {
            let listed = |id: &SessionId| table.row_of(id).map(SessionRow::to_session);
            let target = known.remove(&id).unwrap_or_else(|| {
                let session = listed(&id).unwrap_or_else(|| Session::new(id));
                Target { session, hidden, pod: None }
            });
            Target { hidden, ..target }
        };
        plan.to_send = self.send.into_iter().map(|(id, hidden)| target(id, hidden)).collect();
        let held = self.held.into_iter();
        plan.held_back =
            held.map(|(id, hidden, reason)| HeldBack { target: target(id, hidden), reason }).collect();
        sheet.blast = BlastRadius::of(&sheet.plan, &sheet.table);
    }
}

impl Meant {
    /// How many targets it names.
    pub(super) fn targets(&self) -> usize {
        self.targets.as_ref().map_or(0, |targets| targets.send.len() + targets.held.len())
    }

    /// Whether nothing went elsewhere.
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Puts it in place.
    pub(super) fn put(self, state: &mut State) {
        if self.taken {
            state.prompt = None;
        }
        if let Some(marks) = self.marks {
            state.sessions.view.put_marks(&marks);
        }
        if let Some(cursors) = self.cursors {
            cursors.put(state);
        }
        if let (Some(targets), Some(Overlay::Plan(sheet))) = (self.targets, state.overlays.last_mut()) {
            targets.put(sheet);
        }
    }
}
