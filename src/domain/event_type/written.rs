//! Which types an action writes (`method-map.md sections 1 to 4`).

use crate::domain::{ChangeKind, Verb};

/// The types that one action writes for one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenTypes {
    /// When it worked; for a session of another pod, when the request left. Several spellings mean the same.
    pub success: &'static [&'static str],
    /// When it did not.
    pub failure: &'static [&'static str],
}

impl WrittenTypes {
    /// Whether a type is one of them, whatever the case of its letters.
    pub fn contains(self, kind: &str) -> bool {
        self.success.iter().chain(self.failure).any(|known| known.eq_ignore_ascii_case(kind))
    }
}

macro_rules! written {
    ($($success:literal),+ ; $($failure:literal),+) => {
        WrittenTypes { success: &[$($success),+], failure: &[$($failure),+] }
    };
}

/// What a verb writes for a session of the local pod, or for one of another pod. Forced and polite log-offs write the
/// same. Servers have two spellings for a reset, which are treated as one.
pub fn written_by_verb(verb: Verb, on_other_pod: bool) -> WrittenTypes {
    match (verb, on_other_pod) {
        (Verb::Disconnect, false) => {
            written!("ADMIN_DESKTOP_SESSION_DISCONNECTED"; "ADMIN_DESKTOP_SESSION_DISCONNECT_FAILED")
        }
        (Verb::Logoff | Verb::LogoffForced, false) => {
            written!("ADMIN_DESKTOP_SESSION_LOGOFF"; "ADMIN_DESKTOP_SESSION_LOGOFF_FAILED")
        }
        (Verb::Restart, false) => {
            written!("ADMIN_DESKTOP_SESSION_RESTARTED"; "ADMIN_DESKTOP_SESSION_RESTART_FAILED")
        }
        (Verb::Reset, false) => written!(
            "ADMIN_DESKTOP_SESSION_REBOOTED", "ADMIN_DESKTOP_SESSION_RESET";
            "ADMIN_DESKTOP_SESSION_REBOOT_FAILED", "ADMIN_DESKTOP_SESSION_RESET_FAILED"
        ),
        (Verb::Message, false) => written!("ADMIN_SESSION_SENDMSG"; "ADMIN_SESSION_SENDMSG_FAILED"),
        (Verb::Disconnect, true) => written!(
            "VLSI_FEDERATED_DESKTOP_SESSION_DISCONNECT_REQUEST_SENT";
            "VLSI_FEDERATED_DESKTOP_SESSION_DISCONNECT_REQUEST_SEND_FAILED"
        ),
        (Verb::Logoff | Verb::LogoffForced, true) => written!(
            "VLSI_FEDERATED_DESKTOP_SESSION_LOGOFF_REQUEST_SENT";
            "VLSI_FEDERATED_DESKTOP_SESSION_LOGOFF_REQUEST_SEND_FAILED"
        ),
        (Verb::Restart, true) => written!(
            "VLSI_FEDERATED_DESKTOP_SESSION_RESTART_REQUEST_SENT";
            "VLSI_FEDERATED_DESKTOP_SESSION_RESTART_REQUEST_SEND_FAILED"
        ),
        (Verb::Reset, true) => written!(
            "VLSI_FEDERATED_DESKTOP_SESSION_RESET_REQUEST_SENT";
            "VLSI_FEDERATED_DESKTOP_SESSION_RESET_REQUEST_SEND_FAILED"
        ),
        (Verb::Message, true) => written!(
            "VLSI_FEDERATED_DESKTOP_SESSION_SEND_MESSAGE_REQUEST_SENT";
            "VLSI_FEDERATED_DESKTOP_SESSION_SEND_MESSAGE_REQUEST_SEND_FAILED"
        ),
    }
}

/// What a change of permissions or images writes.
pub fn written_by_change(kind: ChangeKind) -> WrittenTypes {
    match kind {
        ChangeKind::CreatePermission => written!("ADMIN_PERMISSION_ADDED"; "ADMIN_PERMISSION_ADD_FAILED"),
        ChangeKind::DeletePermission => {
            written!("ADMIN_PERMISSION_REMOVED"; "ADMIN_PERMISSION_REMOVE_FAILED")
        }
        ChangeKind::CreateStream => written!("VLSI_IM_STREAM_ADDED"; "VLSI_IM_STREAM_ADD_FAILED"),
        ChangeKind::UpdateStream => written!("VLSI_IM_STREAM_UPDATED"; "VLSI_IM_STREAM_UPDATE_FAILED"),
        ChangeKind::DeleteStream => written!("VLSI_IM_STREAM_DELETED"; "VLSI_IM_STREAM_DELETE_FAILED"),
        ChangeKind::CreateVersion => written!("VLSI_IM_VERSION_ADDED"; "VLSI_IM_VERSION_ADD_FAILED"),
        ChangeKind::UpdateVersion => written!("VLSI_IM_VERSION_UPDATED"; "VLSI_IM_VERSION_UPDATE_FAILED"),
        ChangeKind::DeleteVersion => written!("VLSI_IM_VERSION_DELETED"; "VLSI_IM_VERSION_DELETE_FAILED"),
        ChangeKind::CreateTag => written!("VLSI_IM_TAG_ADDED"; "VLSI_IM_TAG_ADD_FAILED"),
        ChangeKind::UpdateTag => written!("VLSI_IM_TAG_UPDATED"; "VLSI_IM_TAG_UPDATE_FAILED"),
        ChangeKind::DeleteTag => written!("VLSI_IM_TAG_DELETED"; "VLSI_IM_TAG_DELETE_FAILED"),
        ChangeKind::CreateAsset => written!("VLSI_IM_ASSET_ADDED"; "VLSI_IM_ASSET_ADD_FAILED"),
        ChangeKind::UpdateAsset => written!("VLSI_IM_ASSET_UPDATED"; "VLSI_IM_ASSET_UPDATE_FAILED"),
        ChangeKind::DeleteAsset => written!("VLSI_IM_ASSET_DELETED"; "VLSI_IM_ASSET_DELETE_FAILED"),
        // Workspace has no audit feed.
        ChangeKind::BuildImage
        | ChangeKind::AddAuthorization
        | ChangeKind::RemoveAuthorization
        | ChangeKind::DrainServer
        | ChangeKind::UndrainServer
        | ChangeKind::RebootServer
        | ChangeKind::RebootServerHard => WrittenTypes { success: &[], failure: &[] },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EventMeaning, EventResult};

    #[test]
    fn what_is_written_is_known_and_says_how_it_went() {
        let mut all = Vec::new();
        for verb in Verb::ALL {
            for (on_other_pod, success) in [(false, EventResult::Done), (true, EventResult::Sent)] {
                all.push((written_by_verb(verb, on_other_pod), success));
            }
        }
        all.extend(ChangeKind::ALL.map(|kind| (written_by_change(kind), EventResult::Done)));
        for (written, success) in all {
            for (kinds, result) in [(written.success, success), (written.failure, EventResult::Failed)] {
                for kind in kinds {
                    assert_eq!(EventMeaning::of(kind).map(|meaning| meaning.result), Some(result), "{kind}");
                    assert!(written.contains(&kind.to_lowercase()));
                }
            }
        }
    }
}
