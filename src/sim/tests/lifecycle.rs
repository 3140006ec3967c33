//! The estate lives, and lives the same way for the same seed.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::Bench;
use crate::sim::{SimOptions, start};

async fn estate_after(steps: &[u64], seed: u64) -> (Vec<Value>, Vec<Value>) {
    let options = SimOptions { seed, sessions: Some(300), ..SimOptions::manual("helpdesk") };
    let mut bench = Bench::with(options).await;
    for step in steps {
        bench.seconds(*step);
    }
    bench.log_in("admin").await;
    let sessions = bench.rows("/inventory/v7/sessions").await;
    let events = bench.rows("/external/v2/audit-events?page=1&size=1000").await;
    let quiet =
        |event: &Value| !event["module"].as_str().is_some_and(|module| ["Rest", "Vlsi"].contains(&module));
    (sessions, events.into_iter().filter(quiet).map(|mut event| event.take_field("id")).collect())
}

trait TakeField {
    fn take_field(&mut self, name: &str) -> Value;
}

impl TakeField for Value {
    /// The object without one field.
    fn take_field(&mut self, name: &str) -> Value {
        self.as_object_mut().unwrap().remove(name);
        self.take()
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_estate_however_time_is_cut() {
    let one = estate_after(&[3600], 5).await;
    let two = estate_after(&[1, 599, 1000, 2000], 5).await;
    assert_eq!(one.0, two.0);
    assert_eq!(one.1, two.1);
    let other = estate_after(&[3600], 6).await;
    assert_ne!(one.0, other.0);
}

#[tokio::test]
async fn some_log_ins_are_under_way_at_any_time_and_some_of_them_hang() {
    let bench = Bench::with(SimOptions { seed: 3, ..SimOptions::manual("helpdesk") }).await;
    // Three times: a token lasts half an hour.
    for minute in 0..3 {
        let counts = bench.sim.control().counts();
        assert!((2..=25).contains(&counts.pending), "after {minute} times 10 minutes: {counts:?}");
        let pending = "%7B%22type%22%3A%22Equals%22%2C%22name%22%3A%22session_state%22%2C%22value%22%3A%22PENDING%22%7D";
        let rows = bench.rows(&format!("/inventory/v7/sessions?page=1&size=1000&filter={pending}")).await;
        let now = 1_772_442_000_000_i64 + minute * 600_000;
        let since = |row: &Value| now - row["start_time"].as_i64().unwrap();
        assert!(rows.iter().any(|row| since(row) > 300_000), "after {minute} times 10 minutes: {rows:?}");
        bench.seconds(600);
    }
}

#[tokio::test]
async fn the_last_hour_had_warnings_and_errors_and_the_next_one_has_too() {
    let bench = Bench::with(SimOptions { sessions: Some(5000), ..SimOptions::manual("helpdesk") }).await;
    let severe = async || {
        let rows = bench.rows("/external/v2/audit-events?page=1&size=1000").await;
        let of = |severity: &str| rows.iter().filter(|event| event["severity"] == severity).count();
        (of("WARNING"), of("ERROR"))
    };
    let (warnings, errors) = severe().await;
    assert!(warnings > 0 && errors > 0, "{warnings} {errors}");
    bench.seconds(20 * 60);
    let (warnings, errors) = severe().await;
    assert!(warnings > 3 && errors > 0, "{warnings} {errors}");
}

#[tokio::test]
async fn people_come_and_go_and_the_mixture_stays() {
    let bench = Bench::with(SimOptions { sessions: Some(1000), ..SimOptions::manual("helpdesk") }).await;
    let before = bench.sim.control().ids();
    bench.seconds(4 * 3600);
    let after = bench.sim.control().ids();
    let kept = after.iter().filter(|id| before.contains(id)).count();
    assert!(kept < before.len() && after.len() > kept, "somebody left, somebody came");
    assert!((850..1150).contains(&after.len()), "{}", after.len());
    let counts = bench.sim.control().counts();
    let connected = counts.connected * 100 / after.len();
    assert!((62..=82).contains(&connected), "{counts:?}");
    assert_eq!(counts.connected + counts.disconnected + counts.pending, after.len());
}

#[tokio::test]
async fn events_are_newest_first_and_tell_the_story_of_a_session() {
    let bench = Bench::with(SimOptions { sessions: Some(800), ..SimOptions::manual("helpdesk") }).await;
    let control = bench.sim.control();
    let known = control.ids();
    bench.seconds(1800);
    let newcomer = control
        .ids_where(|session| session.state == "CONNECTED" && !known.contains(&session.id))
        .first()
        .cloned()
        .unwrap();
    let user = control.session(&newcomer).unwrap().user_id;
    bench.seconds(60);
    let mut bench = bench;
    bench.log_in("admin").await;
    let all = bench.rows("/external/v2/audit-events?page=1&size=1000").await;
    let times: Vec<i64> = all.iter().map(|event| event["time"].as_i64().unwrap()).collect();
    assert!(times.is_sorted_by(|one, two| one >= two));
    let ids: Vec<i64> = all.iter().map(|event| event["id"].as_i64().unwrap()).collect();
    assert!(!ids.is_sorted_by(|one, two| one >= two), "numbers of one millisecond are not in order");
    let filter = Bench::filter(&json!({"type": "Equals", "name": "user_id", "value": user}));
    let story = bench.rows(&format!("/external/v2/audit-events?page=1&size=100&{filter}")).await;
    let kinds: Vec<&str> = story.iter().rev().map(|event| event["type"].as_str().unwrap()).collect();
    let at =
        |kind: &str| kinds.iter().rposition(|known| *known == kind).unwrap_or_else(|| panic!("{kinds:?}"));
    assert!(at("BROKER_USERLOGGEDIN") < at("AGENT_PENDING") && at("AGENT_PENDING") < at("AGENT_CONNECTED"));
}

#[tokio::test]
async fn the_first_page_of_events_reaches_back_for_hours() {
    let bench = Bench::with(SimOptions::manual("helpdesk")).await;
    let answer = bench.send("/external/v2/audit-events?page=1&size=1").await.unwrap();
    let total: usize = answer.headers()["x-total-count"].to_str().unwrap().parse().unwrap();
    assert!(total > 5000, "{total}");
    let oldest = bench.rows(&format!("/external/v2/audit-events?page={total}&size=1")).await;
    let age = bench.sim.control().now().as_millisecond() - oldest[0]["time"].as_i64().unwrap();
    assert!(age > 7 * 3_600_000 && age < 9 * 3_600_000, "{age}");
}

#[tokio::test]
async fn a_window_of_time_can_be_polled() {
    let bench = Bench::small().await;
    bench.seconds(3600);
    let mut bench = bench;
    bench.log_in("admin").await;
    let all = bench.rows("/external/v1/audit-events?page=1&size=1000").await;
    let middle = all[all.len() / 2]["time"].as_i64().unwrap();
    let window =
        json!({"type": "Between", "name": "time", "fromValue": middle, "toValue": middle + 86_400_000});
    let newer =
        bench.rows(&format!("/external/v1/audit-events?page=1&size=1000&{}", Bench::filter(&window))).await;
    let expected = all.iter().filter(|event| event["time"].as_i64().unwrap() >= middle).count();
    assert_eq!(newer.len(), expected);
    assert!(newer.len() < all.len());
}

#[tokio::test]
async fn tests_can_move_single_sessions() {
    let bench = Bench::small().await;
    let control = bench.sim.control().clone();
    let id = control.ids_where(|session| session.state == "DISCONNECTED" && !session.ghost)[0].clone();
    assert!(control.reconnect(&id));
    assert_eq!(control.session(&id).unwrap().state, "CONNECTED");
    assert!(!control.reconnect(&id));
    assert!(control.disconnect(&id));
    assert_eq!(control.session(&id).unwrap().disconnected_minutes, Some(0));
    assert!(control.remove(&id) && !control.remove(&id));
    assert!(!control.is_present(&id));
    let listed = bench.rows("/inventory/v7/sessions?sort_by=start_time").await;
    assert!(listed.iter().all(|row| row["id"] != id.as_str()));
}

#[tokio::test]
async fn five_thousand_sessions_start_and_list_quickly() {
    let begun = std::time::Instant::now();
    let sim = start(SimOptions::manual("helpdesk")).await.unwrap();
    // Generous, because test machines are busy; on an idle one it is a fraction of it.
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(sim.control().ids().len(), 5000);
}

#[tokio::test]
async fn the_smallest_estates_live_too() {
    for count in [0, 1, 2] {
        let bench = Bench::with(SimOptions { sessions: Some(count), ..SimOptions::manual("helpdesk") }).await;
        assert_eq!(bench.sim.control().ids().len(), count);
        bench.seconds(24 * 3600);
        let mut bench = bench;
        bench.log_in("admin").await;
        bench.good("/inventory/v7/sessions?page=1&size=1000").await;
        bench.good("/external/v2/audit-events?page=1&size=1000").await;
    }
}

#[test]
fn the_control_can_be_shared() {
    fn shareable<T: Clone + Send + Sync + 'static>() {}
    shareable::<crate::sim::SimControl>();
}

#[tokio::test]
async fn too_many_sessions_are_refused() {
    let options = SimOptions { sessions: Some(3_000_000), ..SimOptions::manual("small") };
    assert!(start(options).await.unwrap_err().to_string().contains("too many"));
}
