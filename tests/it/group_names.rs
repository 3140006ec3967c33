//! Groups of users by their names, on the wire and without a screen.

use crate::cli::Sim;

fn small(fault: &str) -> Sim {
    Sim::start(&["--world", "small", "--seed", "7", "--fault", fault])
}

#[test]
fn sessions_are_chosen_and_broken_down_by_the_names_of_groups() {
    let sim = Sim::small();
    let desk = sim.admin();
    let buckets = desk.foretop(&["sessions", "list", "--by", "group", "-o", "json"]).ends(0).json();
    let buckets: Vec<_> =
        buckets.as_array().unwrap().iter().filter(|bucket| bucket["name"].is_string()).collect();
    assert!(buckets.len() >= 3, "{buckets:?}");
    for bucket in &buckets {
        let (sid, name) = (bucket["value"].as_str().unwrap(), bucket["name"].as_str().unwrap());
        assert!(sid.starts_with("S-1-5-") && name.starts_with("CORP\\"), "{bucket}");
        let bare = name.trim_start_matches("CORP\\").to_lowercase();
        for filter in [format!("group:\"{name}\""), format!("group:\"{bare}\""), format!("group:{sid}")] {
            let list = desk.foretop(&["sessions", "list", "--where", &filter, "-o", "json"]).ends(0);
            let chosen = list.json();
            let chosen = chosen.as_array().unwrap();
            assert_eq!(chosen.len() as u64, bucket["sessions"].as_u64().unwrap(), "{filter}");
            assert!(chosen.iter().all(|row| row["groups"].as_array().unwrap().contains(&bucket["value"])));
        }
    }
    let (first, last) = (buckets[0], buckets.last().unwrap());
    let bare =
        |bucket: &serde_json::Value| bucket["name"].as_str().unwrap().trim_start_matches("CORP\\").to_owned();
    let table = desk.foretop(&["sessions", "list", "--by", "group"]).ends(0);
    assert!(table.out.contains(&bare(first)) && !table.out.contains("S-1-5-"), "{}", table.out);
    let line = ["sessions", "list", "--columns", "user,groups", "-o", "csv"];
    let listed = desk.foretop(&line).ends(0);
    assert!(listed.out.contains(&bare(last)) && !listed.out.contains("S-1-5-"), "{}", listed.out);
    let filter = format!("group:\"{}\"", bare(first));
    let would = desk.foretop(&["sessions", "logoff", "--where", &filter, "--dry-run", "-o", "json"]).json();
    let count = would["targets"].as_array().unwrap().len() as u64;
    assert_eq!(Some(count), first["sessions"].as_u64());
    // A SID is also asked of each session again before anything is sent, and holds.
    let (sid, count) = (last["value"].as_str().unwrap(), last["sessions"].to_string());
    let line =
        ["sessions", "logoff", "--where", &format!("group:{sid} can:logoff"), "--dry-run", "-o", "json"];
    let ready = desk.foretop(&line).targets("unsent").len().to_string();
    assert_ne!(ready, "0", "of {count}");
    let line = ["sessions", "logoff", "--where", &format!("group:{sid}"), "--yes", &ready, "-o", "json"];
    let sent = desk.foretop(&line);
    assert_eq!(sent.targets("unsent").len(), 0, "{sent:#?}");
    assert!(!sent.out.contains("guard"), "{sent:#?}");
}

#[test]
fn what_rests_on_names_that_cannot_be_had_is_refused_and_sids_always_work() {
    let sim = small("status=500@ad-users-or-groups");
    let desk = sim.admin();
    for line in [
        &["sessions", "list", "--where", "state:disc | group:nobody"][..],
        &["sessions", "logoff", "--where", "group:nobody", "--yes", "1"],
        &["plan", "disconnect", "--where", "!group:nobody"],
    ] {
        let refused = desk.foretop(line);
        assert_ne!(refused.code, 0, "{refused:#?}");
        let refused = refused.says("--where names a group").says("write the SID of the group");
        assert_eq!(refused.out, "");
    }
    let shown = desk.foretop(&["sessions", "list", "--by", "group", "-o", "json"]).ends(0);
    let buckets = shown.json();
    let sid = buckets[0]["value"].as_str().unwrap().to_owned();
    assert!(sid.starts_with("S-1-5-") && buckets[0]["name"].is_null(), "{buckets}");
    shown.says("names of groups could not be looked up");
    let chosen =
        desk.foretop(&["sessions", "list", "--where", &format!("group:{sid}"), "-o", "json"]).ends(0);
    assert_eq!(chosen.json().as_array().unwrap().len() as u64, buckets[0]["sessions"].as_u64().unwrap());
    assert_eq!(chosen.err, "");
}
