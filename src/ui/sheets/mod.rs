//! Sheets and menus above the screen.

mod actions;
mod afterwards;
mod changes;
mod cloud;
mod columns;
mod composer;
mod course;
mod detail;
mod diff;
mod event;
mod fields;
mod form;
mod governor;
mod help;
mod image;
mod job;
mod jobs;
mod leave;
mod old;
pub(super) mod page;
mod permission;
mod plan;
mod planning;
mod pods;
mod progress;
mod record;
mod resume;
pub(super) mod sheet;
mod stage;
mod themes;
mod timeline;
mod whoami;

use crate::{
    core::state::{Overlay, State},
    ui::{pen::Pen, time::Clock},
};

pub(super) use cloud::draw_panel as draw_cloud_panel;
pub(super) use detail::draw_panel;
pub(super) use image::{draw_below as draw_image_below, draw_panel as draw_image_panel};

/// Draws one sheet or menu.
pub(super) fn draw(pen: &mut Pen<'_>, state: &State, overlay: &Overlay, clock: &Clock) {
    // Only the line being typed on the sheet on top has the terminal's cursor.
    pen.cursor = None;
    match overlay {
        Overlay::Actions(menu) => actions::draw(pen, state, menu, clock),
        Overlay::Planning { verb, count, .. } => planning::draw(pen, state, *verb, *count),
        Overlay::Plan(plan) => plan::draw(pen, state, plan, clock),
        Overlay::Composer(composer) => composer::draw(pen, state, composer),
        Overlay::Job(job) => job::draw(pen, state, job, clock),
        Overlay::Jobs(open) => jobs::draw(pen, state, open, clock),
        Overlay::Record(open) => record::draw(pen, state, open, clock),
        Overlay::Resume(open) => resume::draw(pen, state, open, clock),
        Overlay::Detail { session, elsewhere, scroll } => {
            detail::draw(pen, state, session, elsewhere, *scroll, clock);
        }
        Overlay::Help { context, search, scroll } => help::draw(pen, state, *context, search, *scroll),
        Overlay::Leave => leave::draw(pen, state),
        Overlay::ChangeMenu(menu) => changes::draw_menu(pen, state, menu),
        Overlay::Form(form) => form::draw(pen, state, form),
        Overlay::Change(sheet) => changes::draw_sheet(pen, state, sheet, clock),
        Overlay::ChangeJob { job, scroll } => changes::draw_job(pen, state, *job, *scroll, clock),
        Overlay::Permission { permission, scroll } => {
            permission::draw(pen, state, permission, *scroll, clock);
        }
        Overlay::Answer { title, lines, scroll } => {
            permission::draw_answer(pen, state, title, lines, *scroll);
        }
        Overlay::Image { node, scroll } => image::draw(pen, state, node, *scroll, clock),
        Overlay::Event { entry, attributes, scroll } => {
            event::draw(pen, state, *entry, attributes, *scroll, clock);
        }
        Overlay::Governor { scroll } => governor::draw(pen, state, *scroll, clock),
        Overlay::WhoAmI { scroll } => whoami::draw(pen, state, *scroll, clock),
        Overlay::Cloud(open) => cloud::draw(pen, state, open, clock),
        Overlay::Timeline { session, scroll } => timeline::draw(pen, state, session, *scroll, clock),
        Overlay::Raw { session, scroll } => timeline::draw_raw(pen, state, session, *scroll),
        Overlay::Diff(open) => diff::draw(pen, state, open, clock),
        Overlay::Facets => crate::ui::facets::draw_sheet(pen, state),
        Overlay::Themes { cursor } => themes::draw(pen, state, *cursor),
        Overlay::Columns(sheet) => columns::draw(pen, state, sheet),
        Overlay::Pods { cursor } => pods::draw(pen, state, *cursor, clock),
    }
}
