//! The images tab: streams with what is below them and who uses them.
//!
//! It owns the tree, what may be filtered in it, the rules of what is typed into forms, and what follows from a change.
//! It knows neither the screen nor the wire.

mod consequences;
mod detail;
mod draft;
mod filter;
mod forms;
mod live;
mod query;
pub(crate) mod record;
mod rules;
mod shelf;
mod tab;
#[cfg(test)]
pub(crate) mod testing;
mod tree;
mod usage;
mod words;

pub use consequences::{Consequences, deleting, moving};
pub use detail::{Detail, detail, push_words, running_age, status_words};
pub use draft::{Draft, ImageDrafts, delete_order};
pub use filter::facts;
pub use forms::{FormError, edit_form, filled, move_form, new_form, preview};
pub use live::{Live, LiveSessions};
pub use query::{describe_query, parse_query};
pub use rules::{
    ASSET_STATUSES, CLONE_TYPES, DESCRIPTION_LENGTH, IMAGE_TYPES, OPERATING_SYSTEMS, STREAM_SOURCES,
    STREAM_STATUSES, VERSION_STATUSES, known_word, nearest, stream_name, version_name,
};
pub use shelf::Shelf;
pub use tab::{ImageNode, ImagesTab, RunningNode};
pub use tree::{Entry, Fold, Outline, TreeRow, outline};
pub use usage::Usage;
pub use words::{asset_label, details_line, is_trouble, name_or_id, os_label, parse_details, use_label};
