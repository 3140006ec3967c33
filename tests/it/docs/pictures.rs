//! The pictures of the documents are taken from the program as it runs, on a simulated estate with a fixed seed whose clock
//! only moves when told to. `docs/pictures/make` takes them anew; without it they are compared with what the program shows.

use std::{collections::BTreeSet, fs, time::Duration};

use foretop::sim::{ClockMode, SimOptions, Simulator, WorldSource};

use super::{
    markdown::repository,
    svg::{DARK, LIGHT, Paper, described, draw, is_well_formed, text},
};
use crate::{support::simulate, terminal::Terminal};

/// No picture is larger: they are loaded with the page.
const MOST_BYTES: usize = 100_000;

/// A step on the way to a picture.
enum Step {
    /// Keys are pressed.
    Press(&'static str),
    /// The number that the sheet asks for is typed, and Enter pressed.
    Confirm,
    /// Something has to be on the screen.
    See(&'static str),
    /// So many seconds pass on the estate.
    Pass(u64),
    /// This is a picture: its name, and what it shows.
    Take(&'static str, &'static str),
}

use Step::{Confirm, Pass, Press, See, Take};

/// A run of the console and what it looks like.
struct Run {
    size: (u16, u16),
    theme: &'static str,
    paper: Paper,
    steps: &'static [Step],
}

const RUNS: &[Run] = &[
    Run {
        size: (112, 32),
        theme: "foretop-dark",
        paper: DARK,
        steps: &[
            See("complete"),
            Pass(45),
            Press("<c-r>"),
            See("has logged off"),
            Press("/state:disc idle>4h<enter>"),
            See("state:disc idle>4h"),
            Press("  jj   k"),
            See("marked 5"),
            Take(
                "sessions",
                "Sessions that are disconnected and idle for more than four hours, five of them marked, and the newest events",
            ),
        ],
    },
    Run {
        size: (100, 31),
        theme: "foretop-dark",
        paper: DARK,
        steps: &[
            See("complete"),
            Press("/state:disc idle>4h<enter>*al"),
            See("nothing sent so far"),
            Take(
                "plan",
                "The sheet of a plan: who is logged off, who is held back and why, and the number to type",
            ),
            Confirm,
            See("InvalidState"),
            See("answered 500/500"),
            Pass(20),
            See("confirmed 464"),
            See("500 seen of 500 expected"),
            Take(
                "report",
                "The sheet of the job: locked sessions refused, and the key that plans them again, forced",
            ),
        ],
    },
    Run {
        size: (100, 30),
        theme: "foretop-light",
        paper: LIGHT,
        steps: &[
            See("complete"),
            Press("2"),
            See("custom role"),
            Take("permissions", "Who may do what: permissions with what each role allows, in a light theme"),
        ],
    },
];

/// An estate that is the same each time, from this moment on.
async fn estate() -> Simulator {
    simulate(SimOptions {
        world: WorldSource::Builtin("helpdesk".to_owned()),
        seed: 7,
        clock: ClockMode::Manual { start: jiff::Timestamp::now() },
        ..SimOptions::default()
    })
    .await
}

/// Plays a run, and hands each picture to whoever wants it.
fn play(run: &Run, mut taken: impl FnMut(&str, &str, &vt100::Screen)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let simulator = runtime.block_on(estate());
    let account = simulator.credentials();
    let settings = tempfile::tempdir().unwrap();
    let file = settings.path().join("config.toml");
    let written = format!(
        "theme = \"{}\"\nrefresh_seconds = 2\n[profiles.emea]\nserver = \"{}\"\ndomain = \"{}\"\nusername = \"{}\"\npassword_env = \"SECRET\"\n",
        run.theme,
        simulator.url(),
        account.domain,
        account.username,
    );
    fs::write(&file, written).unwrap();
    let mut terminal = Terminal::start(
        run.size,
        &[],
        &[
            ("FORETOP_CONFIG", file.to_str().unwrap()),
            ("SECRET", &account.password),
            ("COLORTERM", "truecolor"),
            ("TZ", "UTC"),
        ],
    );
    for step in run.steps {
        match step {
            Press(keys) => terminal.press(keys),
            Confirm => {
                let number = terminal.asked_number().expect("a number to type");
                terminal.press(&format!("{number}<enter>"));
            }
            See(words) => terminal.see(words),
            Pass(seconds) => {
                for _ in 0..*seconds {
                    simulator.control().advance(Duration::from_secs(1));
                    simulator.control().step();
                }
            }
            Take(name, title) => {
                terminal.settle();
                taken(name, title, terminal.screen());
            }
        }
    }
}

/// The words of a screen that are the same each time: without times, durations, events by the minute, ids of
/// plans and addresses.
fn stable(text: &str) -> Vec<String> {
    let pattern = regex::Regex::new(
        r"^(?:\d\d:\d\d(?::\d\d)?Z?|Mon|Tue|Wed|Thu|Fri|Sat|Sun|127\.0\.0\.1\S*|\d+:\d\d|lag|~?\d+s|\(\d+[ms]\)|\?|(?:\d+d)?(?:\d+h)?(?:\d+m)?|[_▁▂▃▄▅▆▇█!]{8,})$",
    )
    .unwrap();
    let plan = regex::Regex::new(r"\b(PLAN|plan) [0-9a-f]{4}\b").unwrap();
    let text = plan.replace_all(text, "$1");
    text.lines()
        .map(|line| {
            line.split_whitespace().filter(|word| !pattern.is_match(word)).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// The colours of a picture.
fn colours(svg: &str) -> BTreeSet<&str> {
    svg.split("fill=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_pictures_show_what_the_program_shows() {
    let update = std::env::var_os("FORETOP_UPDATE_DOCS").is_some();
    let folder = repository().join("docs/pictures");
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = RUNS
            .iter()
            .map(|run| {
                let folder = &folder;
                scope.spawn(move || {
                    let mut wrong = Vec::new();
                    play(run, |name, title, screen| {
                        let path = folder.join(format!("{name}.svg"));
                        let picture = draw(screen, title, run.paper);
                        assert!(is_well_formed(&picture), "{picture}");
                        assert!(picture.len() < MOST_BYTES, "{name}: {} bytes", picture.len());
                        let before = fs::read_to_string(&path).unwrap_or_default();
                        let (shown, now) = (described(&before), text(screen));
                        let is_same = stable(&shown) == stable(&now) && colours(&before) == colours(&picture);
                        // One that shows other times only is left as it is.
                        if update && !is_same {
                            fs::write(&path, picture).unwrap();
                        } else if !is_same {
                            wrong.push(format!("{name}.svg shows\n{shown}\n\nbut the program\n{now}\n"));
                        }
                    });
                    wrong
                })
            })
            .collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "docs/pictures/make takes them anew:\n{}", wrong.join("\n"));
}

#[test]
fn every_picture_is_one_that_is_taken_and_is_small_and_well_formed() {
    let taken: BTreeSet<String> = RUNS
        .iter()
        .flat_map(|run| run.steps)
        .filter_map(|step| if let Take(name, _) = step { Some(format!("{name}.svg")) } else { None })
        .collect();
    let found: BTreeSet<String> = fs::read_dir(repository().join("docs/pictures"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "make")
        .collect();
    assert_eq!(found, taken);
    for name in found {
        let picture = fs::read_to_string(repository().join("docs/pictures").join(&name)).unwrap();
        assert!(picture.len() < MOST_BYTES && is_well_formed(&picture), "{name}");
        // What a reader's browser would fetch or run has no place in a picture.
        assert!(!picture.contains("<script") && !picture.contains("href"), "{name}");
    }
}
