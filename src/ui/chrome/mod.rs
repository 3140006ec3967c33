//! The lines around table and events: status bar, tabs, filter, hints, prompt.

mod continuations;
mod hints;
mod lines;
mod offers;
mod prompt;
mod status;

pub(super) use hints::{
    draw as draw_hints, draw_list as draw_hint_list, essential as essential_keys, for_context as hints_for,
};
pub(super) use lines::{draw_band, draw_filter, draw_old_data, draw_tabs};
pub(super) use prompt::draw as draw_prompt;
pub(super) use status::{draw as draw_status, place_name, write_mode};
