//! The table of sessions: the snapshot of a poll, its columns and flags, and the view of it that keeps cursor and marks
//! by id.
//!
//! It must not know keys, colours or the terminal; it formats what is visible and nothing else.

mod carry;
mod cell;
mod chosen;
mod column;
mod contents;
mod farms;
mod flag;
mod group_names;
pub(in crate::core) mod haystack;
mod names;
mod order;
mod pods;
mod ranks;
mod ready;
mod renew;
mod store;
#[cfg(test)]
pub(in crate::core) mod testing;
pub(in crate::core) mod value;
pub(in crate::core) mod version;
mod view;

pub use chosen::{ChosenColumn, NotAColumn, WIDTHS};
pub use column::{
    Alignment, Column, RowContext, TimeStyle, columns_for_width, pan_columns, workspace_columns,
};
pub use contents::{Contents, GroupContents};
pub(in crate::core) use farms::FarmNames;
pub(in crate::core) use flag::sessions_of_user;
pub use flag::{Flag, Flags, PENDING_LIMIT_SECONDS};
pub use group_names::GroupNames;
pub(in crate::core) use haystack::append as append_haystack;
pub use names::Names;
pub use pods::{Merged, PodRead, PodRows, Reach, Sessions};
pub use store::{Counts, SessionTable};
pub(in crate::core) use value::user_key_text;
pub use view::{Cursor, FilterLine, Line, Lost, Sort, Surroundings, TableView, ViewCounts, Why};
