//! The text of a session that plain words are searched in.

use super::value;
use crate::domain::{Session, UserId};

/// Stands between the parts, so that no word matches across two of them. Cleaned text never holds it.
pub(in crate::core) const SEPARATOR: char = '\n';

/// The lower-cased texts of all rows in one string.
#[derive(Debug, Clone, Default)]
pub(super) struct Haystacks {
    text: String,
    ends: Vec<usize>,
}

impl Haystacks {
    /// Builds the texts of all rows.
    pub(super) fn of(sessions: &[Session]) -> Self {
        let mut built = Self { text: String::with_capacity(sessions.len() * 96), ends: Vec::new() };
        built.ends.reserve(sessions.len());
        for session in sessions {
            append(session, &mut built.text);
            built.ends.push(built.text.len());
        }
        built
    }

    /// The text of a row.
    pub(super) fn get(&self, row: u32) -> &str {
        let row = row as usize;
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        self.ends.get(row).and_then(|end| self.text.get(start..*end)).unwrap_or_default()
    }
}

/// Appends what words are searched in: user with domain, pool or farm, machine, its DNS name, gateway, agent version,
/// client as the column shows it with its host name and address, and pod; lower-cased.
///
/// States, types and protocols are left out: `con` shall find conrad, not everybody who is connected.
pub(in crate::core) fn append(session: &Session, into: &mut String) {
    let client = session.client.kind.as_ref().map(value::client_word);
    let user = value::text(session.user_name.as_ref()).or_else(|| session.user_id.as_ref().map(UserId::raw));
    let parts = [
        user,
        value::pool(session),
        value::machine(session),
        value::text(session.machine_dns.as_ref()),
        value::gateway(session),
        value::text(session.agent_version.as_ref()),
        value::text(session.client.name.as_ref()),
        value::text(session.client.address.as_ref()),
        value::pod(session),
    ];
    for part in parts.into_iter().flatten() {
        push_lower(part, into);
        into.push(SEPARATOR);
    }
    if let Some(client) = client {
        push_lower(client, into);
    }
    if let Some(version) = &session.client.version {
        into.push(' ');
        push_lower(version.as_str(), into);
    }
    into.push(SEPARATOR);
}

/// Appends a text in small letters.
fn push_lower(text: &str, into: &mut String) {
    if text.is_ascii() {
        let start = into.len();
        into.push_str(text);
        if let Some(appended) = into.get_mut(start..) {
            appended.make_ascii_lowercase();
        }
    } else {
        into.push_str(&text.to_lowercase());
    }
}
