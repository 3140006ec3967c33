//! The text of a session that plain words are searched in.

use std::borrow::Cow;

use super::value;
use crate::domain::{Common, SessionFacts};

/// Stands between the parts, so that no word matches across two of them. Cleaned text never holds it.
const SEPARATOR: char = '\n';

/// Appends what words are searched in: user with domain, pool or farm, published applications, machine, its DNS name, gateway, agent version,
/// client as the column shows it with its host name and address, and pod; lower-cased.
///
/// States, types and protocols are left out: `con` shall find conrad, not everybody who is connected.
pub(in crate::core) fn append<'a>(session: impl SessionFacts<'a>, into: &mut String) {
    for common in [Common::User, Common::Place, Common::Machine, Common::Way, Common::Mode, Common::Row] {
        append_of(common, session, into);
    }
}

/// Appends what comes from that which sessions have in common.
pub(in crate::core) fn append_of<'a>(common: Common, session: impl SessionFacts<'a>, into: &mut String) {
    match common {
        Common::User => {
            let user = session.user_name().map(Cow::Borrowed).or_else(|| session.user_id());
            push([user.as_deref()], into);
        }
        Common::Place => {
            push([value::pool(session), value::pod(session)], into);
            push([value::app(session).as_deref()], into);
        }
        Common::Machine => push([value::machine(session).as_deref(), session.machine_dns()], into),
        Common::Way => {
            push([value::gateway(session)], into);
            if let Some(client) = session.client_kind().map(value::client_word) {
                push_lower(client, into);
            }
            if let Some(version) = session.client_version() {
                into.push(' ');
                push_lower(version, into);
            }
            into.push(SEPARATOR);
        }
        Common::Mode => push([session.agent_version()], into),
        Common::Row => push([session.client_name(), session.client_address()], into),
    }
}

fn push<'t>(parts: impl IntoIterator<Item = Option<&'t str>>, into: &mut String) {
    for part in parts.into_iter().flatten() {
        push_lower(part, into);
        into.push(SEPARATOR);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Session;

    #[test]
    fn a_word_does_not_match_across_two_values() {
        let mut session = Session::new("1".into());
        session.user_name = Some("alvarez".into());
        session.pool_name = Some("FIN".into());
        let mut text = String::new();
        append(&session, &mut text);
        assert!(text.contains("fin") && !text.contains("zfin"));
    }
}
