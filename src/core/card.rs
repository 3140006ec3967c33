//! The raw record of a session: all that the server said, under the vendor's names.

use super::{interchange::harmless_json, session_record::SessionRecord, state::State, table::Flag};
use crate::domain::SessionId;

/// The record as text, a field a line; empty for a session that the newest list does not have.
pub fn raw(state: &State, id: &SessionId) -> String {
    let (Some(session), Some(table), Some(capabilities)) =
        (state.session(id), state.sessions.newest(), state.capabilities())
    else {
        return String::new();
    };
    let flags = Flag::of(&session, table.as_of(), table, &state.sessions.flags);
    let record = SessionRecord::new(&session, capabilities, &flags);
    let json = serde_json::to_string_pretty(&record).unwrap_or_default();
    harmless_json(json)
}
