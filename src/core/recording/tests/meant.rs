//! A replay acts on the sessions on which the run acted, whatever the order of the stand-ins.

use super::*;
use crate::{
    core::{
        bulk::{HoldReason, Plan, Protected},
        state::Overlay,
    },
    domain::SessionId,
};

/// As many people as make sure that their stand-ins stand in another order.
fn crowd() -> Bench {
    let names = "bdfhjlnprtvxzacegikmoqsuwy".chars().enumerate();
    let state = |place: usize| {
        if place.is_multiple_of(3) { SessionState::Connected } else { SessionState::Disconnected }
    };
    let all = names.map(|(place, first)| {
        session(&format!("id{place}"), &format!("{first}adam.{place}"), state(place), 5)
    });
    Bench::with(all.collect())
}

/// What a console is about: the session under the cursor, those that are marked, the plan on top and the jobs.
#[derive(Debug, PartialEq)]
struct About {
    cursor: Option<SessionId>,
    marks: std::collections::BTreeSet<SessionId>,
    detail: Option<SessionId>,
    plan: Option<Ids>,
    jobs: Vec<Ids>,
}

type Ids = (Vec<SessionId>, Vec<SessionId>);

fn ids(plan: &Plan) -> Ids {
    let held = plan.held_back.iter().map(|held| held.target.session.id.clone());
    (plan.to_send.iter().map(|target| target.session.id.clone()).collect(), held.collect())
}

impl About {
    fn of(state: &crate::core::state::State) -> Self {
        Self {
            cursor: state.sessions.view.cursor_id().cloned(),
            marks: state.sessions.view.marks(),
            detail: match state.overlays.last() {
                Some(Overlay::Detail { session, .. }) => Some(session.clone()),
                _ => None,
            },
            plan: match state.overlays.last() {
                Some(Overlay::Plan(sheet)) => Some(ids(&sheet.plan)),
                _ => None,
            },
            jobs: state.jobs.iter().map(|job| ids(&job.plan)).collect(),
        }
    }

    fn scrambled(self) -> Self {
        let mut scrambler = Scrambler::new(&KEY);
        let mut name = |id: SessionId| SessionId::from(scrambler.name(id.raw()).as_str());
        Self {
            cursor: self.cursor.map(&mut name),
            marks: self.marks.into_iter().map(&mut name).collect(),
            detail: self.detail.map(&mut name),
            plan: self.plan.map(|(send, held)| {
                (send.into_iter().map(&mut name).collect(), held.into_iter().map(&mut name).collect())
            }),
            jobs: self
                .jobs
                .into_iter()
                .map(|(send, held)| {
                    (send.into_iter().map(&mut name).collect(), held.into_iter().map(&mut name).collect())
                })
                .collect(),
        }
    }
}

impl Taped {
    /// Presses keys, of which `⏎` is Enter and `⎋` Esc; the replay is about the same after each.
    fn press_alike(&mut self, keys: &str) {
        for key in keys.chars() {
            self.keys([match key {
                '⏎' => Key::plain(KeyCode::Enter),
                '⎋' => Key::plain(KeyCode::Esc),
                '↓' => Key::plain(KeyCode::Down),
                other => Key::char(other),
            }]);
            let run = About::of(&self.bench.state).scrambled();
            assert_eq!(About::of(self.play().state()), run, "after {key} of {keys}");
        }
    }
}

#[test]
fn the_cursor_and_what_it_opens_are_of_the_same_session() {
    let mut taped = Taped::begin(crowd());
    taped.press_alike("jjj⏎⎋G⏎⎋kkggj  j ");
    assert_eq!(taped.bench.state.sessions.view.counts().marked, 3);
}

#[test]
fn ranges_and_all_that_is_shown_mark_the_same_sessions() {
    let mut taped = Taped::begin(crowd());
    taped.press_alike("jjvjjjjv");
    assert!(taped.bench.state.sessions.view.counts().marked > 3);
    // In the replay this finds nobody.
    taped.text("/dam.1");
    taped.keys([Key::plain(KeyCode::Enter)]);
    assert_eq!(taped.bench.state.sessions.view.rows().len(), 11);
    assert_eq!(taped.play().state().sessions.view.rows().len(), 0);
    taped.keys([Key::char('*')]);
    let run = About::of(&taped.bench.state).scrambled();
    assert_eq!(About::of(taped.play().state()).marks, run.marks);
}

#[test]
fn a_plan_sends_the_same_targets_and_starts_with_the_same_number() {
    let mut bench = crowd();
    // In the replay these are others.
    bench.state.settings.protected = Protected { users: vec!["*dam.1*".to_owned()], ..Protected::default() };
    let mut taped = Taped::begin(bench);
    taped.press_alike("*al");
    let (send, held) = About::of(&taped.bench.state).plan.unwrap();
    assert!(send.len() > 5 && held.len() > 5, "{send:?} {held:?}");
    // The guard as well.
    taped.text("guser~[fhn]adam");
    taped.keys([Key::plain(KeyCode::Enter)]);
    let count = About::of(&taped.bench.state).plan.unwrap().0.len();
    assert!((1..10).contains(&count), "{count}");
    taped.press_alike(&format!("{count}⏎"));
    assert_eq!(taped.bench.state.jobs.len(), 1);
    let replay = taped.play();
    let reasons = |plan: &Plan| {
        let protected = plan.held_back.iter().filter(|held| matches!(held.reason, HoldReason::Protected(_)));
        protected.count()
    };
    assert_eq!(reasons(&replay.state().jobs[0].plan), reasons(&taped.bench.state.jobs[0].plan));
}

#[test]
fn a_line_that_was_taken_is_taken() {
    let mut taped = Taped::begin(crowd());
    taped.text("*alguser~a|b");
    taped.keys([Key::plain(KeyCode::Enter)]);
    assert!(taped.bench.state.prompt.is_none() && taped.play().state().prompt.is_none());
    let line = taped.lines.last().unwrap();
    assert!(line.contains("\"taken\":true"), "{line}");
    // Whatever stood there: the keys behind it go where they went.
    let broken = line.replacen("\"message\"", "\"typed\":[\"user~(\",6],\"message\"", 1);
    let last = taped.lines.len() - 1;
    taped.lines[last] = broken;
    let player = taped.play();
    assert!(player.state().prompt.is_none(), "{:?}", player.state().prompt);
    let run = About::of(&taped.bench.state).scrambled();
    assert_eq!(About::of(player.state()).plan, run.plan);
}

#[test]
fn other_lists_have_the_cursor_on_the_same_thing() {
    let mut bench = Bench::with(people());
    bench.press("2");
    let mut taped = Taped::begin(bench);
    let request = RequestId(taped.bench.state.next_request.saturating_sub(1));
    let book = Ok(Arc::new(crate::core::permissions::fixtures::book()));
    taped.tell(Msg::PermissionsRead { request, answer: book });
    let mut scrambler = Scrambler::new(&KEY);
    for key in "jjjkjG".chars() {
        taped.keys([Key::char(key)]);
        let run = taped.bench.state.permissions.cursor.clone().unwrap();
        let player = taped.play();
        assert_eq!(
            player.state().permissions.cursor,
            Some(scrambler.name(run.raw()).as_str().into()),
            "{key}"
        );
    }
}

#[test]
fn whom_nobody_knows_is_nobody() {
    let taped = Taped::begin(crowd());
    let meant = serde_json::json!({
        "cursors": {"session": "x", "permission": "x", "image": {"Tag": "x"}, "facet": "x"},
        "marks": [[0, 2], [4_294_967_295_u32, 4_294_967_295_u32], [7, 4_294_967_295_u32]],
        "targets": {"send": [["x", true]], "held": [["y", false, "Own"]]},
    });
    let mut player = taped.play();
    for key in ["*", "a", "l", "j", "k"] {
        let message = serde_json::to_value(Msg::Key(Key::char(key.chars().next().unwrap()))).unwrap();
        let line = serde_json::json!({"told": {"message": message, "meant": meant}});
        let told = player.read(&line.to_string()).unwrap().unwrap();
        player.tell(told);
    }
    let Some(Overlay::Plan(sheet)) = player.state().overlays.last() else { panic!() };
    assert_eq!(ids(&sheet.plan), (vec!["x".into()], vec!["y".into()]));
    let many: Vec<_> = vec![serde_json::json!(["", true]); 1_000_001];
    let line = serde_json::json!({"told": {"meant": {"targets": {"send": many, "held": []}}}});
    assert!(player.read(&line.to_string()).unwrap_err().words.contains("more than 1000000 targets"));
}
