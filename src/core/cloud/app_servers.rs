//! App servers: what they say in words, and the plans that empty them or let them start again
//! (`workspace.md sections 9.2 and 9.3`).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{CloudList, filter::Facts};
use crate::{
    core::{
        change::{ChangeItem, ChangePlan, HeldChange},
        shell::quoted,
    },
    domain::{AppServer, AppServerId, Change, PlanId, ServerOrder, Text},
};

/// The fields of the filter of app servers.
pub fn app_server_fields() -> &'static [&'static str] {
    &[
        "name",
        "machine",
        "group",
        "status",
        "vm",
        "task",
        "maintenance",
        "sessions",
        "os",
        "id",
        "description",
    ]
}

fn said(text: Option<&Text>) -> Option<String> {
    text.map(ToString::to_string)
}

/// What the filter looks at.
pub(super) fn facts(server: &AppServer) -> Facts<'_> {
    vec![
        ("name", said(server.name.as_ref())),
        ("machine", said(server.machine_name.as_ref())),
        ("group", said(server.server_group_name.as_ref())),
        ("status", server.status.as_ref().map(ToString::to_string)),
        ("vm", said(server.vm_status.as_ref())),
        ("task", task_words(server)),
        ("maintenance", drain_words(server)),
        ("sessions", server.sessions.map(|count| count.to_string())),
        ("os", os_words(server)),
        ("id", Some(server.id.to_string())),
        ("description", said(server.description.as_ref())),
    ]
}

/// What it is doing: `idle`, or the task as the server spells it; not known when it says nothing.
fn task_words(server: &AppServer) -> Option<String> {
    said(server.task_status.as_ref()).or_else(|| (server.idle == Some(true)).then(|| "idle".to_owned()))
}

/// The state of the machine, and what it is doing when it does something: `ACTIVE`, `REBOOT rebooting`.
pub fn machine_words(server: &AppServer) -> Option<String> {
    match (&server.vm_status, &server.task_status) {
        (Some(state), Some(task)) => Some(format!("{state} {task}")),
        (None, Some(task)) => Some(format!("? {task}")),
        (state, None) => said(state.as_ref()),
    }
}

/// The operating system with its version.
pub fn os_words(server: &AppServer) -> Option<String> {
    match (&server.os_type, &server.os_version) {
        // The version names the system already, where it is told in words.
        (Some(os), Some(version)) if !version.as_str().starts_with(os.as_str()) => {
            Some(format!("{os} {version}"))
        }
        (_, Some(version)) => Some(version.to_string()),
        (os, None) => said(os.as_ref()),
    }
}

/// Whether it is kept from new sessions, and how many are left on it: `off`, `draining: 3 left`, `drained`.
pub fn drain_words(server: &AppServer) -> Option<String> {
    Some(match (server.maintenance?, server.sessions) {
        (false, _) => "off".to_owned(),
        (true, Some(0)) => "drained".to_owned(),
        (true, Some(left)) => format!("draining: {left} left"),
        (true, None) => "draining: ? left".to_owned(),
    })
}

/// Whether it is on its way to another state: it is worth looking at again soon.
pub(in crate::core) fn is_moving(server: &AppServer) -> bool {
    let draining = server.maintenance == Some(true) && server.sessions.is_some_and(|left| left > 0);
    draining || server.task_status.is_some() || server.is_rebooting()
}

/// How many sessions run on servers, as far as told, and on how many of them that is not known.
fn sessions_on<'a>(counts: impl Iterator<Item = &'a Change>) -> (i64, usize) {
    let of = |change: &Change| match change {
        Change::OrderServer { sessions, .. } => *sessions,
        _ => None,
    };
    counts.map(of).fold((0, 0), |(known, unknown), count| match count {
        Some(count) => (known + count.max(0), unknown),
        None => (known, unknown + 1),
    })
}

fn counted(count: i64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `3 sessions`, or that it is not known.
fn session_words(sessions: Option<i64>) -> String {
    sessions.map_or_else(|| "sessions: ?".to_owned(), |count| counted(count, "session"))
}

/// Why an order makes no sense for a server as it is seen. What is not known may be tried: the server decides.
fn objection(order: ServerOrder, server: &AppServer) -> Option<Text> {
    let words = match order {
        ServerOrder::Drain if server.maintenance == Some(true) => "it is in maintenance already".to_owned(),
        ServerOrder::Undrain if server.maintenance == Some(false) => "it is not in maintenance".to_owned(),
        ServerOrder::Drain | ServerOrder::Undrain => return None,
        ServerOrder::Reboot | ServerOrder::RebootHard if server.is_off() => {
            "it is switched off (SHUTOFF)".to_owned()
        }
        ServerOrder::Reboot | ServerOrder::RebootHard => {
            format!("it is busy: {}", server.task_status.as_ref()?)
        }
    };
    Some(Text::clean(&words))
}

/// Why an order must not leave although it was planned, for a server as it is read just before: the plan must not hit
/// more than was shown to whoever confirmed it (`design.md section 4`, rule 3).
pub(crate) fn changed_meanwhile(
    order: ServerOrder,
    planned: Option<i64>,
    now: Option<&AppServer>,
) -> Option<Text> {
    let Some(server) = now else {
        return Some("it is not in the list any more".into());
    };
    if !order.ends_sessions() {
        // Told twice it changes nothing.
        return None;
    }
    if let Some(words) = objection(order, server) {
        return Some(words);
    }
    match (planned, server.sessions) {
        (Some(planned), Some(now)) if now > planned => {
            let words = format!("{} would end, {planned} when it was planned", counted(now, "session"));
            Some(Text::clean(&words))
        }
        (Some(_), None) => Some("how many sessions would end is not known any more".into()),
        _ => None,
    }
}

/// The title of a plan, in capitals.
fn title(order: ServerOrder) -> &'static str {
    match order {
        ServerOrder::Drain => "DRAIN APP SERVERS",
        ServerOrder::Undrain => "UNDRAIN APP SERVERS",
        ServerOrder::Reboot => "REBOOT APP SERVERS",
        ServerOrder::RebootHard => "REBOOT APP SERVERS HARD",
    }
}

/// The app servers that a plan is for.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// Which; each counts once.
    pub ids: &'a [AppServerId],
    /// How many of them the filter hides.
    pub hidden: usize,
    /// Whether those that are as wanted already are told once more, instead of being held back.
    pub repeat: bool,
}

/// The plan of an order for these servers.
pub fn order_plan(
    order: ServerOrder,
    list: &CloudList<AppServer>,
    chosen: &Chosen<'_>,
    id: PlanId,
    at: Timestamp,
) -> ChangePlan {
    let mut plan = ChangePlan::new(id, title(order), at);
    plan.hidden = chosen.hidden;
    let mut seen = BTreeSet::new();
    for id in chosen.ids {
        if !seen.insert(id) {
            continue;
        }
        let Some(server) = list.rows.iter().find(|server| server.id == *id) else {
            plan.held_back.push(HeldChange {
                label: Text::clean(id.raw()),
                target: Some(id.raw().to_owned()),
                principal: None,
                reason: "it is not in the newest list".into(),
            });
            continue;
        };
        let item = item(order, server);
        let repeats = chosen.repeat && order.maintenance().is_some();
        match objection(order, server).filter(|_| !repeats) {
            Some(reason) => plan.held_back.push(HeldChange::of(&item, reason)),
            None => plan.items.push(item),
        }
    }
    tell(&mut plan, order, list);
    plan
}

fn item(order: ServerOrder, server: &AppServer) -> ChangeItem {
    let sessions = server.sessions;
    let what = match order {
        ServerOrder::Reboot | ServerOrder::RebootHard => match sessions {
            Some(0) => "no session".to_owned(),
            Some(count) => format!("{} END{}", counted(count, "session"), if count == 1 { "S" } else { "" }),
            None => "how many sessions END is not known".to_owned(),
        },
        ServerOrder::Drain | ServerOrder::Undrain => session_words(sessions),
    };
    let known = |words: Option<String>| words.unwrap_or_else(|| "?".to_owned());
    let details = [
        format!(
            "machine {}, group {}, {}",
            known(said(server.machine_name.as_ref())),
            known(said(server.server_group_name.as_ref())),
            server.id
        ),
        format!(
            "status {}, machine {}, maintenance {}",
            known(server.status.as_ref().map(ToString::to_string)),
            known(machine_words(server)),
            known(drain_words(server))
        ),
    ];
    let change =
        Change::OrderServer { order, server: server.id.clone(), server_name: server.name.clone(), sessions };
    let label = Text::clean(&format!("{}  {what}", server.label()));
    ChangeItem::new(change, label).with_details(details.iter().map(|line| Text::clean(line)).collect())
}

/// What follows, what must not be overlooked, and the equal command line.
fn tell(plan: &mut ChangePlan, order: ServerOrder, list: &CloudList<AppServer>) {
    if plan.items.is_empty() {
        return;
    }
    let (known, unknown) = sessions_on(plan.items.iter().map(|item| &item.change));
    let unknown_words = (unknown > 0).then(|| {
        format!(
            "how many run on {} is not known",
            counted(i64::try_from(unknown).unwrap_or(i64::MAX), "server")
        )
    });
    let mut lines: Vec<String> = Vec::new();
    match order {
        ServerOrder::Drain => {
            lines.push("no new session begins on them; those that run go on".to_owned());
            if known > 0 || unknown == 0 {
                lines.push(format!("{} left to end by themselves", counted(known, "session")));
            }
            lines.extend(unknown_words);
            lines
                .push("they stay in maintenance until they are undrained, after a reboot as well".to_owned());
        }
        ServerOrder::Undrain => lines.push("new sessions begin on them again".to_owned()),
        ServerOrder::Reboot | ServerOrder::RebootHard => {
            plan.touches_connected = known > 0 || unknown > 0;
            if known > 0 {
                let verb = if known == 1 { "ENDS" } else { "END" };
                let words = format!(
                    "{} {verb}: whoever works there is thrown out, and what is not saved is lost",
                    counted(known, "session")
                );
                plan.warnings.push(Text::clean(&words));
            }
            let words = unknown_words.map(|words| format!("{words}: all sessions on them END"));
            plan.warnings.extend(words.map(|words| Text::clean(&words)));
            lines.push(
                if order == ServerOrder::Reboot {
                    "the guests are restarted, which they may refuse or delay; nobody can get in meanwhile"
                } else {
                    "the machines are switched off and on without asking the guests; nobody can get in meanwhile"
                }
                .to_owned(),
            );
            lines.extend(open_words(plan, list));
        }
    }
    plan.consequences = lines.iter().map(|line| Text::clean(line)).collect();
    plan.command = Some(command(plan, order));
}

/// How many of those that start again are not in maintenance.
fn open_words(plan: &ChangePlan, list: &CloudList<AppServer>) -> Option<String> {
    let is_open = |item: &&ChangeItem| {
        let id = item.change.target_id();
        list.rows.iter().any(|row| Some(row.id.raw()) == id.as_deref() && row.maintenance == Some(false))
    };
    let open = plan.items.iter().filter(is_open).count();
    (open > 0).then(|| {
        format!(
            "{open} of {} not in maintenance: new sessions begin on them when they are back",
            plan.items.len()
        )
    })
}

/// The equal command line.
fn command(plan: &ChangePlan, order: ServerOrder) -> Text {
    let words = match order {
        ServerOrder::Drain => "drain",
        ServerOrder::Undrain => "undrain",
        ServerOrder::Reboot => "reboot",
        ServerOrder::RebootHard => "reboot --hard",
    };
    let ids = plan.items.iter().filter_map(|item| item.change.target_id());
    let ids: Vec<String> = ids.map(|id| format!("--id {}", quoted(&id))).collect();
    Text::clean(&format!("foretop app-servers {words} {} --yes {}", ids.join(" "), ids.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::change::ChangeConfirmation;

    fn server(id: &str, maintenance: Option<bool>, sessions: Option<i64>) -> AppServer {
        AppServer {
            name: Some(format!("aps-{id}").as_str().into()),
            vm_status: Some("ACTIVE".into()),
            idle: Some(true),
            maintenance,
            sessions,
            ..AppServer::new(id.into())
        }
    }

    fn planned(order: ServerOrder, rows: Vec<AppServer>, repeat: bool) -> ChangePlan {
        let mut ids: Vec<AppServerId> = rows.iter().map(|row| row.id.clone()).collect();
        ids.extend([ids[0].clone(), "gone".into()]);
        let list = CloudList { rows, complete: true, unreadable: 0 };
        let chosen = Chosen { ids: &ids, hidden: 0, repeat };
        order_plan(order, &list, &chosen, "3f2a".into(), Timestamp::UNIX_EPOCH)
    }

    fn labels(plan: &ChangePlan) -> Vec<&str> {
        plan.items.iter().map(|item| item.label.as_str()).collect()
    }

    #[test]
    fn a_reboot_says_in_so_many_words_whose_sessions_end() {
        let rows = vec![
            server("1", Some(true), Some(0)),
            server("2", Some(false), Some(1)),
            server("3", Some(false), Some(4)),
        ];
        let plan = planned(ServerOrder::Reboot, rows, false);
        assert_eq!(labels(&plan), ["aps-1  no session", "aps-2  1 session ENDS", "aps-3  4 sessions END"]);
        assert!(plan.warnings[0].as_str().starts_with("5 sessions END: "));
        assert_eq!(plan.confirmation(), ChangeConfirmation::Number(3));
        assert!(plan.is_destructive());
        assert_eq!(plan.held_back[0].reason, "it is not in the newest list");
        assert!(plan.consequences.iter().any(|line| line.as_str().starts_with("2 of 3 not in maintenance")));
        let command = plan.command.unwrap();
        assert_eq!(command.as_str(), "foretop app-servers reboot --id 1 --id 2 --id 3 --yes 3");
    }

    #[test]
    fn what_is_not_known_counts_as_somebody() {
        let plan = planned(ServerOrder::RebootHard, vec![server("1", None, None)], false);
        assert_eq!(labels(&plan), ["aps-1  how many sessions END is not known"]);
        assert_eq!(plan.warnings.len(), 1);
        assert_eq!(plan.confirmation(), ChangeConfirmation::Number(1));
        let empty = planned(ServerOrder::Reboot, vec![server("1", Some(true), Some(0))], false);
        assert_eq!((empty.confirmation(), empty.warnings.len()), (ChangeConfirmation::Key, 0));
    }

    #[test]
    fn what_makes_no_sense_is_held_back_and_a_drain_may_be_said_twice() {
        let rows = || {
            vec![server("1", Some(true), Some(2)), server("2", None, Some(1)), server("3", Some(false), None)]
        };
        assert_eq!(labels(&planned(ServerOrder::Drain, rows(), false)).len(), 2);
        assert_eq!(labels(&planned(ServerOrder::Drain, rows(), true)).len(), 3);
        assert_eq!(labels(&planned(ServerOrder::Undrain, rows(), false)).len(), 2);
        let mut busy = server("1", Some(true), Some(0));
        (busy.idle, busy.task_status) = (Some(false), Some("rebuilding".into()));
        let mut off = server("2", Some(true), Some(0));
        off.vm_status = Some("SHUTOFF".into());
        let plan = planned(ServerOrder::Reboot, vec![busy, off], true);
        let reasons: Vec<&str> = plan.held_back.iter().map(|held| held.reason.as_str()).collect();
        assert_eq!(reasons[..2], ["it is busy: rebuilding", "it is switched off (SHUTOFF)"]);
        assert_eq!((plan.consequences.len(), plan.command), (0, None), "nothing is sent: nothing follows");
    }

    #[test]
    fn a_reboot_does_not_leave_when_more_sessions_would_end_than_were_shown() {
        let reboot = |planned, now: Option<&AppServer>| changed_meanwhile(ServerOrder::Reboot, planned, now);
        let three = server("1", Some(false), Some(3));
        assert_eq!(reboot(Some(3), Some(&three)), None);
        assert_eq!(reboot(None, Some(&three)), None, "it was said that it is not known");
        assert!(reboot(Some(2), Some(&three)).is_some());
        assert!(reboot(Some(2), Some(&server("1", None, None))).is_some());
        assert!(reboot(Some(2), None).is_some());
        assert_eq!(changed_meanwhile(ServerOrder::Drain, Some(0), Some(&three)), None);
    }

    #[test]
    fn a_server_says_how_far_its_drain_is() {
        let words = |maintenance, sessions| drain_words(&server("1", maintenance, sessions));
        assert_eq!(words(Some(true), Some(3)).as_deref(), Some("draining: 3 left"));
        assert_eq!(words(Some(true), Some(0)).as_deref(), Some("drained"));
        assert_eq!(words(Some(true), None).as_deref(), Some("draining: ? left"));
        assert_eq!(words(Some(false), None).as_deref(), Some("off"));
        assert_eq!(words(None, Some(3)), None);
        assert!(
            is_moving(&server("1", Some(true), Some(1))) && !is_moving(&server("1", Some(true), Some(0)))
        );
    }
}
