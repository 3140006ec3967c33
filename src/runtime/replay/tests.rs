//! A run against the simulated estate, recorded and played again: with the names as they are the screens are the same to
//! the letter; with stand-ins no name is left, and everything else is as it was.

use std::{collections::BTreeSet, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{
    api::{Connection, Login},
    core::{
        self,
        bulk::journal::Author,
        effect::Effect,
        key::{Key, KeyCode},
        msg::Msg,
        recording::{Note, Player, Recorder, Scrambler},
        state::{Overlay, ScreenSize, Settings, State},
    },
    domain::{Session, SessionFacts as _, SessionRow, Text},
    engine::{
        governor::Limits,
        journal::{JournalStore, Scribe},
    },
    runtime::{perform::Performer, wait_until},
    sim::{self, SimOptions, Simulator, WorldSource},
    ui::{self, Theme},
};

/// How long the estate may take for anything.
const LIMIT: Duration = Duration::from_mins(1);

/// The name of the profile.
const PROFILE: &str = "emea-production";

/// A ticket that is typed.
const TICKET: &str = "incident77";

/// A recording in memory.
struct Lines {
    recorder: Recorder,
    lines: Vec<String>,
}

impl Lines {
    fn begin(state: &State, scrambler: Option<Scrambler>) -> Self {
        let (recorder, first) = Recorder::begin(scrambler, state, "test").unwrap();
        Self { recorder, lines: vec![first] }
    }

    fn note(&mut self, note: Note) {
        let Self { recorder, lines } = self;
        recorder.note(note, &mut |line| lines.push(line)).unwrap();
    }

    fn end(mut self) -> Vec<String> {
        let Self { recorder, lines } = &mut self;
        recorder.end(false, &mut |line| lines.push(line)).unwrap();
        self.lines
    }
}

/// A console without a terminal, recorded twice: as it is, and with stand-ins.
struct Rig {
    state: State,
    performer: Performer,
    answers: mpsc::Receiver<Msg>,
    plain: Lines,
    scrambled: Lines,
    /// The screens after each message.
    screens: Vec<String>,
    /// What is seen of each screen that no name changes.
    shapes: Vec<Shape>,
    simulator: Simulator,
    _home: tempfile::TempDir,
}

/// What a screen is, whatever the names on it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    rows: usize,
    marked: usize,
    counts: core::table::Counts,
    filter: usize,
    overlays: Vec<std::mem::Discriminant<Overlay>>,
    prompt: Option<usize>,
    events: usize,
    jobs: String,
    tab: core::state::Tab,
}

impl Shape {
    fn of(state: &State) -> Self {
        let jobs = core::job_summaries(state).len();
        let outcomes: Vec<_> = state.jobs.iter().map(|job| format!("{:?}", job.counts())).collect();
        Self {
            // A few letters are found in the midst of names, where stand-ins have others.
            rows: if state.prompt.is_some() { 0 } else { state.sessions.view.rows().len() },
            marked: state.sessions.view.counts().marked,
            counts: state.sessions.view.table().counts(),
            filter: state.sessions.view.filter_line().text().chars().count(),
            overlays: state.overlays.iter().map(std::mem::discriminant).collect(),
            prompt: state.prompt.as_ref().map(|prompt| prompt.input.text().chars().count()),
            events: state.events.entries().count(),
            jobs: format!("{jobs} {outcomes:?}"),
            tab: state.tab,
        }
    }
}

fn screen(state: &State) -> String {
    ui::text_of(state, &Theme::default())
}

impl Rig {
    async fn start(world: &str) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let world = WorldSource::Builtin(world.to_owned());
        let simulator = sim::start(SimOptions { world, ..SimOptions::default() }).await.unwrap();
        let account = simulator.credentials();
        let server = simulator.url().parse().unwrap();
        let connection = Connection::new(vec![server], account.username, account.domain);
        let login = Login::Horizon { connection, password: account.password.into() };
        let home = tempfile::tempdir().unwrap();
        let author = Author { operator: "tester".into(), user: "me".into(), host: "here".into(), pid: 1 };
        let scribe = Scribe::new(JournalStore::new(home.path()), author, Text::clean("estate"));
        let settings =
            Settings { profile: PROFILE.into(), refresh_seconds: 2, event_seconds: 1, ..Settings::default() };
        let state = State::new(settings, ScreenSize { width: 120, height: 40 }, Timestamp::now(), 7);
        let (sender, answers) = mpsc::channel(256);
        let home_path = home.path().to_owned();
        let performer =
            Performer::new(login, Limits::default(), scribe, home_path, SignedDuration::ZERO, sender);
        let plain = Lines::begin(&state, None);
        let scrambled = Lines::begin(&state, Some(Scrambler::new(&[5; 32])));
        let (screens, shapes) = (Vec::new(), Vec::new());
        let mut rig =
            Self { state, performer, answers, plain, scrambled, screens, shapes, simulator, _home: home };
        let effects = core::init(&mut rig.state);
        rig.perform(effects);
        rig
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.performer.perform(effect);
        }
    }

    fn tell(&mut self, message: Msg) {
        for message in [Msg::Tick(Timestamp::now()), message] {
            let is_time = matches!(message, Msg::Tick(_));
            let note = Note::before(&self.state, &message);
            let effects = core::update(&mut self.state, message);
            if let Some(note) = note {
                let note = note.after(&self.state);
                self.plain.note(note.clone());
                self.scrambled.note(note);
            }
            if !is_time {
                self.screens.push(screen(&self.state));
                self.shapes.push(Shape::of(&self.state));
            }
            self.perform(effects);
        }
    }

    /// Takes what comes until something is so.
    async fn until(&mut self, what: &str, is_so: impl Fn(&State) -> bool) {
        let end = tokio::time::Instant::now() + LIMIT;
        while !is_so(&self.state) {
            tokio::select! {
                Some(answer) = self.answers.recv() => self.tell(answer),
                () = wait_until(core::next_wake(&self.state)) => self.tell(Msg::Tick(Timestamp::now())),
                () = tokio::time::sleep_until(end) => panic!("{what} did not come:\n{}", screen(&self.state)),
            }
        }
    }

    fn press(&mut self, keys: &str) {
        for key in keys_of(keys) {
            self.tell(Msg::Key(key));
        }
    }
}

/// Keys: characters as they stand, others by name.
fn keys_of(text: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|tail| tail.split_once('>'));
        let (key, after) = match named {
            Some(("enter", after)) => (Key::plain(KeyCode::Enter), after),
            Some(("esc", after)) => (Key::plain(KeyCode::Esc), after),
            Some(("tab", after)) => (Key::plain(KeyCode::Tab), after),
            Some(("up", after)) => (Key::plain(KeyCode::Up), after),
            Some(("left", after)) => (Key::plain(KeyCode::Left), after),
            Some(("bs", after)) => (Key::plain(KeyCode::Backspace), after),
            Some(("c-o", after)) => (Key::ctrl('o'), after),
            Some(("c-w", after)) => (Key::ctrl('w'), after),
            Some(("c-u", after)) => (Key::ctrl('u'), after),
            _ => (Key::char(first), rest.split_at(first.len_utf8()).1),
        };
        keys.push(key);
        rest = after;
    }
    keys
}

/// Plays lines, and looks after each message.
fn play<T>(lines: &[String], look: impl Fn(&State) -> T) -> Vec<T> {
    let mut player = Player::begin(&lines[0], "test").unwrap();
    let mut seen = Vec::new();
    for line in &lines[1..] {
        let Some(told) = player.read(line).unwrap() else { continue };
        let is_time = told.is_time();
        player.tell(told);
        if !is_time {
            seen.push(look(player.state()));
        }
    }
    assert!(player.has_ended());
    seen
}

/// The login of the user in the first row, without the domain.
fn first_login(state: &State) -> String {
    let view = &state.sessions.view;
    let names =
        view.rows().iter().filter_map(|row| view.table().get(*row)?.user_name().map(ToString::to_string));
    let name = names.into_iter().next().unwrap();
    name.rsplit('\\').next().unwrap().split('@').next().unwrap().to_owned()
}

/// Goes through much of what the console can do.
async fn tour(rig: &mut Rig) {
    rig.until("the list", |state| state.has_list() && state.sessions.poll.in_flight.is_none()).await;
    rig.until("events", |state| state.events.entries().count() > 0).await;
    let login = first_login(&rig.state);
    // Typed, corrected, completed, recalled.
    rig.press(&format!("/{login}<enter>"));
    rig.press(&format!("/user:{}<tab><enter>", login.split_at(3).0));
    rig.press(&format!("/x{login}<left><left><bs><c-w>state:d {login}<c-u><esc>"));
    rig.press("/<up><enter>/state:disc<enter>");
    // The details of a session, the list of keys, marks.
    rig.press("<enter><esc>?user<esc><esc>jj  k");
    // Messages: a plan of its own, carried out.
    rig.press(&format!("mDear {login}, please save.<bs><bs>d. {{user}}<c-o>"));
    rig.press("<esc><esc><esc>");
    rig.press("/state:disc<enter>*al");
    rig.until("the plan", |state| matches!(state.overlays.last(), Some(Overlay::Plan(_)))).await;
    rig.press(&format!("t{TICKET}<enter>guser:*<enter>"));
    let count = match rig.state.overlays.last() {
        Some(Overlay::Plan(sheet)) => sheet.plan.to_send.len(),
        _ => 0,
    };
    rig.press(&format!("{count}<enter>"));
    if rig.state.jobs.is_empty() {
        rig.press("y");
    }
    rig.until("the job", |state| state.jobs.last().is_some_and(|job| !job.is_running())).await;
    rig.press("<esc>");
    // The other tabs, with filters and sheets.
    rig.press("2");
    rig.until("permissions", |state| state.permissions.book.value().is_some()).await;
    rig.press("jj<enter><esc>/role:help<enter>/<esc>");
    rig.press("3");
    rig.until("images", |state| state.images.book.value().is_some()).await;
    rig.press("jj<enter><esc>1");
    rig.tell(Msg::Resized(ScreenSize { width: 80, height: 24 }));
    rig.press(&format!(":filter user:{login}<enter>:save {login} 7<enter>"));
    rig.press(":events agent<enter>J<enter><esc><esc>!<esc>");
    rig.until("another list", |state| state.sessions.poll.in_flight.is_some()).await;
    rig.until("its answer", |state| state.sessions.poll.in_flight.is_none()).await;
    rig.press("/<c-u>a<bs><enter>");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_played_to_the_letter_and_without_a_name_of_it() {
    let mut rig = Rig::start("small").await;
    tour(&mut rig).await;
    let Rig { state, plain, scrambled, screens, shapes, simulator, .. } = rig;
    let (plain, scrambled) = (plain.end(), scrambled.end());
    let again = play(&plain, screen);
    assert_eq!(again.len(), screens.len());
    for (place, (again, screen)) in again.iter().zip(&screens).enumerate() {
        assert_eq!(again, screen, "screen {place}");
    }
    let others = play(&scrambled, |state| (Shape::of(state), screen(state)));
    assert_eq!(others.len(), shapes.len());
    for (place, ((again, text), shape)) in others.iter().zip(&shapes).enumerate() {
        assert_eq!(again, shape, "screen {place}:\n{}\n{text}", screens[place]);
    }
    let (names, told) = (names_of(&state), words_of(&scrambled));
    assert!(names.len() > 100, "{names:?}");
    let left: Vec<_> = names.intersection(&told).collect();
    assert!(left.is_empty(), "{left:?}");
    // The search itself finds what is there.
    assert!(names.intersection(&words_of(&plain)).count() > 100);
    simulator.shutdown().await;
}

/// Words that are long enough not to be hit by chance.
fn long_words(text: &str) -> impl Iterator<Item = String> {
    // `HELPDESK_ADMINISTRATOR` is a word of the vendor's.
    let is_between = |character: char| !character.is_alphanumeric() && character != '_';
    let words = text.split(is_between).map(str::to_lowercase);
    words.filter(|word| word.chars().count() > 5)
}

/// The words of all names that the console was told or that were typed.
fn names_of(state: &State) -> BTreeSet<String> {
    let mut names: Vec<String> = vec![PROFILE.to_owned(), TICKET.to_owned()];
    for session in state.sessions.view.table().iter().map(SessionRow::to_session) {
        let Session { user_name, machine_name, machine_dns, pool_name, client, gateway, guid, .. } = &session;
        let texts = [user_name, machine_name, machine_dns, pool_name, guid, &client.name, &gateway.name];
        names.extend(texts.into_iter().flatten().map(ToString::to_string));
        names.extend(session.pool_id.iter().map(ToString::to_string));
        names.push(session.id.to_string());
    }
    let book = state.permissions.book.value().unwrap();
    names.extend(
        book.permissions.iter().filter_map(|one| one.principal_name.as_ref()).map(ToString::to_string),
    );
    names.extend(state.capabilities().map(|capabilities| capabilities.account.name.to_string()));
    let words = names.iter().flat_map(|name| long_words(name));
    // Numbers alone are no names, and these are words of the trade.
    let is_name = |word: &String| {
        word.contains(char::is_alphabetic) && !["desktop", "desktops"].contains(&word.as_str())
    };
    words.filter(is_name).collect()
}

/// All words of all texts in a recording.
fn words_of(lines: &[String]) -> BTreeSet<String> {
    fn collect(value: &Value, words: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => words.extend(long_words(text)),
            Value::Array(values) => values.iter().for_each(|value| collect(value, words)),
            Value::Object(fields) => fields.iter().for_each(|(key, value)| {
                words.extend(long_words(key));
                collect(value, words);
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut words = BTreeSet::new();
    for line in lines {
        collect(&serde_json::from_str(line).unwrap(), &mut words);
    }
    words
}
