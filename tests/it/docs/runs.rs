//! Every command line in a block of the documents is run as a reader would type it, each block on a simulated estate of its own.
//!
//! A comment above a block, which readers do not see, says how:
//!
//! * `<!-- runs -->`: each line ends with 0;
//! * `<!-- runs: 0 3 4 -->`: the first one ends with 0, the second one with 3, the third one with 4. A single code holds for all.
//!   2, a mistake in the line, is none;
//! * `<!-- runs on cloud -->`: on another estate than the small one, see [`Ground`];
//! * `<!-- runs until told -->`: what would not end by itself gets Ctrl-c as soon as it has said or sent something;
//! * `<!-- runs with a job -->`: in one of the [`SCENES`], that also say what stands for the ids and names of the document;
//! * `<!-- synopsis -->`: no lines to type, but what can be typed: each word and each option of it exists.
//!
//! In that order: `<!-- runs on cloud until told with a job: 3 -->`. Time stands still on these estates, so that the numbers in
//! the documents are those that are met there; it passes, four times as fast as here, while a line waits for the end of what it
//! asked for.

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use foretop::sim::{ClockMode, SimOptions, Simulator, WorldSource};
use tokio::runtime::Runtime;

use super::{
    lines::all,
    markdown::Block,
    scenes::{HELPERS, ID, ID_IN_THE_CLOUD, NOT_RUN, SCENES, Scene},
    scripts::{SHELLS, mentioned, script},
};
use crate::{
    cli::{Desk, PROGRAM},
    support::simulate,
    terminal::Terminal,
};

/// How long the lines of a block may take together.
const LIMIT: Duration = Duration::from_mins(1);

/// The estate and the desk on which a block is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// The world `small`, with the profile `emea`.
    Small,
    /// The world `helpdesk` instead.
    Helpdesk,
    /// The world `federation` instead.
    Federation,
    /// The project of Workspace of `small`, with the profile `cloud`.
    Cloud,
    /// The same, and nobody works there.
    EmptyCloud,
    /// `small` with HTTPS.
    Https,
    /// `small`, and nothing is configured.
    Nothing,
}

impl Ground {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "" => Self::Small,
            "helpdesk" => Self::Helpdesk,
            "federation" => Self::Federation,
            "cloud" => Self::Cloud,
            "an empty cloud" => Self::EmptyCloud,
            "https" => Self::Https,
            "nothing" => Self::Nothing,
            _ => return None,
        })
    }

    fn is_cloud(self) -> bool {
        matches!(self, Self::Cloud | Self::EmptyCloud)
    }

    fn options(self) -> SimOptions {
        let world = match self {
            Self::Helpdesk | Self::Federation => {
                WorldSource::Builtin(format!("{self:?}").to_ascii_lowercase())
            }
            Self::EmptyCloud => {
                let world = include_str!("../../../src/sim/worlds/small.toml");
                // Restarts take so long that the first look sees them, and the next one, 5 seconds later, their end.
                let mut empty = world.to_owned();
                for (known, other) in [
                    ("\nsessions = 26\n", "\nsessions = 0\n"),
                    ("power_seconds = [5.0, 15.0]", "power_seconds = [16.0, 18.0]"),
                ] {
                    assert!(empty.contains(known), "{known} is not in the world");
                    empty = empty.replace(known, other);
                }
                WorldSource::Toml(empty)
            }
            _ => WorldSource::Builtin("small".to_owned()),
        };
        // Signatures of the cloud go by the time of this machine.
        let clock = ClockMode::Manual { start: jiff::Timestamp::now() };
        SimOptions { world, seed: 7, clock, tls: self == Self::Https, ..SimOptions::default() }
    }

    /// A desk with what the documents speak of: the profile emea, and in the cloud the profile cloud.
    fn desk(self, simulator: &Simulator) -> Desk {
        let (url, account) = (simulator.url(), simulator.credentials());
        let default = if self.is_cloud() { "cloud" } else { "emea" };
        let emea = format!(
            "default_profile = \"{default}\"\n\
             [profiles.emea]\nserver = \"{url}\"\ndomain = \"CORP\"\nusername = \"admin\"\npassword_env = \"EMEA_PASSWORD\"\n"
        );
        // Not every world has something of Workspace.
        let access = simulator.workspace();
        let cloud = access.as_ref().map(|access| {
            format!(
                "[profiles.cloud]\nwire = \"workspace\"\nendpoint = \"{url}\"\niam_endpoint = \"{url}\"\n\
                 project_id = \"{}\"\naccess_key = \"{}\"\nsecret_key_env = \"CLOUD_SK\"\n",
                access.project_id, access.access_key,
            )
        });
        let desk = match self {
            Self::Nothing | Self::Https => Desk::bare(),
            _ => Desk::bare().configured(&(emea + &cloud.unwrap_or_default())),
        };
        desk.with("EMEA_PASSWORD", &account.password)
            .with("CLOUD_SK", access.as_ref().map_or("", |access| &access.secret_key))
            .with("SIM_URL", url)
            .with("SIM_PASSWORD", &account.password)
            .with("SIM_SHA256", simulator.fingerprint().unwrap_or_default())
            .with("PROGRAM", PROGRAM)
            // Whoever goes on with a job waits until the last request had its time; here it has had it.
            .with("FORETOP_DEBUG_SETTLING_MS", "0")
    }
}

/// How the lines of a block are run.
#[derive(Debug)]
struct Way {
    ground: Ground,
    is_endless: bool,
    scene: &'static Scene,
    codes: Vec<u8>,
}

impl Way {
    /// What the mark above a block says; `None` when it does not say that it is run.
    fn of(block: &Block) -> Result<Option<Self>, String> {
        let Some(rest) = block.mark.as_deref().and_then(|mark| mark.strip_prefix("runs")) else {
            return Ok(None);
        };
        let what = || format!("{}: what is {:?}?", block.place(), block.mark);
        let (words, codes) = rest.split_once(':').unwrap_or((rest, "0"));
        let (words, scene) = words.split_once(" with ").unwrap_or((words, ""));
        let (words, is_endless) =
            words.strip_suffix(" until told").map_or((words, false), |words| (words, true));
        let ground = if words.is_empty() { Some("") } else { words.strip_prefix(" on ") };
        let codes: Result<Vec<u8>, _> = codes.split_whitespace().map(str::parse).collect();
        let codes = codes.ok().filter(|codes| !codes.is_empty() && !codes.contains(&2)).ok_or_else(what)?;
        Ok(Some(Self {
            ground: ground.and_then(Ground::named).ok_or_else(what)?,
            is_endless,
            scene: SCENES.iter().find(|known| known.name == scene.trim()).ok_or_else(what)?,
            codes,
        }))
    }
}

/// A block that is run, and where.
struct Run<'a> {
    block: &'a Block,
    /// What a shell is given of the block above it.
    above: String,
    way: Way,
    simulator: Simulator,
    desk: Desk,
}

impl<'a> Run<'a> {
    fn new(block: &'a Block, above: Option<&Block>, way: Way, runtime: &Runtime) -> Self {
        let simulator = runtime.block_on(simulate(way.ground.options()));
        let desk = way.ground.desk(&simulator);
        Self { block, above: above.map(script).unwrap_or_default(), way, simulator, desk }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desk.home().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// The program under its own name on the path, where it writes down how each run ended.
    fn put_programs(&self) {
        fs::create_dir_all(self.path("bin")).unwrap();
        let foretop = "#!/bin/sh\n\
             case \" $* \" in *' --wait '*|*' --canary '*|' apply '*) echo $$ > \"$HOME/waits\"; . \"$HOME/bin/seen\" ;; esac\n\
             exec 3<&0\n\"$PROGRAM\" \"$@\" <&3 3<&- &\nchild=$!\necho $child > \"$HOME/pid\"\n\
             trap 'kill $child' TERM\nwait $child\ncode=$?\n\
             if test $code -gt 128; then wait $child; code=$?; fi\n\
             rm -f \"$HOME/waits\"\necho \"$code $*\" >> \"$HOME/codes\"\nexit $code\n";
        // Nothing is sent before whoever watches has counted what was sent until then.
        let seen = "while ! test -e \"$HOME/seen\"; do sleep 0.02; done\nrm \"$HOME/seen\"\n";
        for (name, text) in
            [("foretop", foretop), ("seen", seen), ("above", &format!("#!/bin/bash\n{}", self.above))]
        {
            let path = self.path("bin").join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    /// What the shell is given: what was there before, then the lines.
    fn script(&self) -> Result<String, String> {
        let mut lines = script(self.block);
        for (word, stand_in) in self.way.scene.stand_ins {
            if !lines.contains(word) {
                return Err(format!("{}: no {word} in {lines}", self.block.place()));
            }
            lines = lines.replace(word, stand_in);
        }
        let id = match lines.contains("$ID\"") {
            true if self.way.ground.is_cloud() => ID_IN_THE_CLOUD,
            true => ID,
            false => "",
        };
        let endless = if self.way.is_endless { "endless" } else { "" };
        let before = self.way.scene.before;
        Ok(format!(
            "cd \"$HOME\"\n{HELPERS}\nset -e\n{before}\nset +e\n{id}\nrm -f \"$HOME/codes\"\n{endless}\n{lines}"
        ))
    }

    /// How often something was asked for that is no looking.
    fn orders(&self) -> usize {
        let looks = ["/login", "/logout", "/refresh", "/auth/"];
        let requests = self.simulator.control().requests();
        let is_order = |path: &str| !looks.iter().any(|look| path.contains(look));
        requests.iter().filter(|request| request.method != "GET" && is_order(&request.path)).count()
    }

    /// What was asked for until now; the line that is watched goes on when this is known.
    fn begun(&self) -> usize {
        let orders = self.orders();
        fs::write(self.path("seen"), "").unwrap();
        orders
    }

    /// Runs the lines in a shell without a terminal.
    fn by_itself(&self, script: &str) -> Result<(), String> {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("bin").display());
        let shell = if self.block.language == "cron" { "/bin/sh" } else { "/bin/bash" };
        let mut command = self.desk.command(shell);
        command.args(["-c", script]).env("PATH", path);
        command.stdout(fs::File::create(self.path("out")).unwrap());
        command.stderr(fs::File::create(self.path("err")).unwrap());
        // One group, so that nothing of it stays behind.
        let mut child = command.process_group(0).spawn().unwrap();
        let is_over = self.accompany(&mut child);
        is_over.then_some(()).ok_or_else(|| self.wrong("does not end"))
    }

    /// Lets time pass while a line waits for what it asked for, and interrupts what would not end. Says whether all came to its end.
    fn accompany(&self, child: &mut Child) -> bool {
        let end = Instant::now() + LIMIT;
        let (mut last, mut waits, mut endless) = (Instant::now(), None, None);
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > end {
                drop(Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).status());
                drop(child.wait());
                return false;
            }
            // One line that waits may follow the other in no time.
            let line = Some(self.text("waits")).filter(|line| !line.is_empty());
            waits = line.map(|line| {
                waits.take().filter(|(known, _)| *known == line).unwrap_or_else(|| (line, self.begun()))
            });
            let passed = last.elapsed();
            last += passed;
            if waits.as_ref().is_some_and(|(_, before)| self.orders() > *before) {
                self.simulator.control().advance(passed * 4);
            }
            let said = || self.text("out").len();
            endless =
                self.path("endless").exists().then(|| endless.unwrap_or_else(|| (said(), self.begun())));
            let is_told = endless.is_some_and(|(out, orders)| said() > out || self.orders() > orders);
            if is_told && fs::remove_file(self.path("endless")).is_ok() {
                drop(Command::new("kill").args(["-INT", self.text("pid").trim()]).status());
            }
            thread::sleep(Duration::from_millis(20));
        }
        true
    }

    /// Runs the lines in a terminal, where somebody answers and leaves.
    fn in_a_terminal(&self, script: &str) -> Result<(), String> {
        let path = format!("{}:/usr/bin:/bin", self.path("bin").display());
        let command = self.desk.command(PROGRAM);
        let mut variables = vec![("PATH", path.as_str())];
        variables
            .extend(command.get_envs().filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?))));
        let mut terminal = Terminal::spawn((120, 40), "/bin/bash", &["-c", script], &variables);
        let (url, password) = (self.simulator.url(), self.simulator.credentials().password);
        for (seen, pressed) in self.way.scene.talk {
            if pressed.contains("{password}") {
                terminal.see_secret(seen);
            } else {
                terminal.see(seen);
            }
            terminal.press(&pressed.replace("{url}", url).replace("{password}", &password));
        }
        terminal.end();
        fs::write(self.path("err"), terminal.text()).unwrap();
        let is_free = terminal.is_free();
        is_free.then_some(()).ok_or_else(|| self.wrong("leaves the terminal as it was not"))
    }

    fn wrong(&self, how: &str) -> String {
        let (place, codes) = (self.block.place(), &self.way.codes);
        // The end of what was printed tells enough.
        let [ended, out, err] = ["codes", "out", "err"].map(|file| {
            let text = self.text(file);
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(20)..].join("\n")
        });
        format!("{place}: {how}. Codes wanted: {codes:?}, ended with:\n{ended}\n{out}\n{err}")
    }

    /// Runs the lines and compares how each ended; says how many there were.
    fn check(&self) -> Result<usize, String> {
        self.put_programs();
        let script = self.script()?;
        if self.way.scene.talk.is_empty() {
            self.by_itself(&script)?;
        } else {
            self.in_a_terminal(&script)?;
        }
        self.wait_for_the_detached(&script);
        let ended = self.text("codes");
        let codes: Vec<u8> = ended.lines().filter_map(|line| line.split(' ').next()?.parse().ok()).collect();
        let wanted = &self.way.codes;
        let is_right = match wanted.as_slice() {
            [one] => codes.iter().all(|code| code == one),
            all => codes == all,
        };
        let complaints = ["jq: error", "command not found", "syntax error", "No such file"];
        let complains = complaints.iter().any(|words| self.text("err").contains(words));
        let expected = mentioned(&self::script(self.block));
        if !is_right || complains || codes.is_empty() || codes.len() < expected {
            return Err(self.wrong(&format!("{expected} lines or more should have been run")));
        }
        Ok(codes.len())
    }

    /// Jobs without a terminal end, or are ended, before their estate does.
    fn wait_for_the_detached(&self, script: &str) {
        let end = Instant::now() + LIMIT;
        let is_running = || self.desk.foretop(&["jobs", "-o", "json"]).out.contains("\"running\"");
        while script.contains("--detach") && is_running() {
            assert!(Instant::now() < end, "{}: a job that does not end", self.block.place());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether a program is on this machine.
fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// Whether a shell needs jq for the lines.
fn needs_jq(block: &Block, above: Option<&Block>, way: &Way) -> bool {
    let above = above.filter(|_| way.scene.name == "the script above");
    [Some(block), above].into_iter().flatten().any(|block| script(block).contains("jq "))
}

#[test]
fn every_command_line_of_the_documents_is_run_and_ends_as_is_said() {
    let runtime = Runtime::new().unwrap();
    let (all, has_jq) = (all(), has("jq"));
    let results: Vec<Result<usize, String>> = thread::scope(|scope| {
        // Side by side, each on an estate of its own: some wait until they have seen what became of something.
        let mut running = Vec::new();
        for (index, block) in all.iter().enumerate() {
            let Some(way) = Way::of(block).unwrap() else { continue };
            let above = index.checked_sub(1).and_then(|above| all.get(above));
            if !has_jq && needs_jq(block, above, &way) {
                println!("SKIPPED: {}, for there is no jq here", block.place());
                continue;
            }
            let runtime = &runtime;
            let run = scope.spawn(move || Run::new(block, above, way, runtime).check());
            running.push((block, run));
        }
        let of = |(block, run): (&Block, thread::ScopedJoinHandle<'_, _>)| {
            run.join().unwrap_or_else(|_| Err(format!("{}: see above", block.place())))
        };
        running.into_iter().map(of).collect()
    });
    let wrong: Vec<&String> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n\n"));
    let lines: usize = results.into_iter().map(Result::unwrap).sum();
    assert!(lines > 120 || !has_jq, "{lines} lines were run");
}

/// Those who have PowerShell run its lines as they stand, too.
#[test]
fn lines_for_powershell_are_run_by_it_where_it_is() {
    if !has("pwsh") {
        println!("SKIPPED: PowerShell is not here; its command lines are run by sh, as all others are");
        return;
    }
    let runtime = Runtime::new().unwrap();
    for block in all().iter().filter(|block| block.language == "powershell") {
        let way = Way::of(block).unwrap().unwrap_or_else(|| panic!("{}: no mark", block.place()));
        let run = Run::new(block, None, way, &runtime);
        let mut shell = run.desk.command("pwsh");
        let folder = Path::new(PROGRAM).parent().unwrap().display();
        shell.args(["-NoProfile", "-Command", &format!("{}\nexit $LASTEXITCODE", block.text)]);
        shell.env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"));
        let last = run.way.codes.last().copied().map(i32::from);
        assert_eq!(shell.status().unwrap().code(), last, "{}", block.place());
    }
}

/// Whether a block has a line that begins with the program, in whichever language.
fn has_command(block: &Block) -> bool {
    let begins = |line: &str| {
        let line = line.trim().trim_start_matches("$ ");
        line == "foretop" || line.starts_with("foretop ")
    };
    let is_shell = SHELLS.contains(&block.language.as_str());
    block.text.lines().any(begins) || is_shell && mentioned(&script(block)) > 0
}

/// A command line that nobody runs would grow old unseen.
#[test]
fn no_command_line_stands_where_it_is_not_run() {
    let mut named = Vec::new();
    for block in all() {
        let is_run = Way::of(&block).unwrap().is_some();
        let mark = block.mark.as_deref().unwrap_or("runs");
        let is_known = is_run || ["runs", "synopsis"].contains(&mark) || mark.starts_with("generated");
        assert!(is_known, "{}: what is {mark:?}?", block.place());
        assert!(!is_run || has_command(&block), "{}: nothing to run", block.place());
        if is_run || !has_command(&block) {
            continue;
        }
        let entry =
            NOT_RUN.iter().find(|(file, text, _)| block.file == *file && block.text.starts_with(text));
        let entry = entry.unwrap_or_else(|| panic!("{} is not run: it has no mark", block.place()));
        assert!(mark == "synopsis", "{}: {}", block.place(), entry.2);
        named.push(entry.1);
    }
    assert_eq!(named.len(), NOT_RUN.len(), "what is not run is there: {named:?}");
}

#[test]
fn a_mark_says_how_lines_are_run() {
    let way = |mark: &str| {
        let mark = Some(mark.to_owned());
        let block =
            Block { file: String::new(), line: 1, language: "sh".to_owned(), mark, text: String::new() };
        Way::of(&block)
    };
    let full = way("runs on an empty cloud until told with a job: 0 3").unwrap().unwrap();
    assert_eq!((full.ground, full.is_endless, full.scene.name), (Ground::EmptyCloud, true, "a job"));
    assert_eq!(full.codes, [0, 3]);
    let plain = way("runs").unwrap().unwrap();
    assert_eq!((plain.ground, plain.is_endless, plain.codes.as_slice()), (Ground::Small, false, &[0][..]));
    assert!(way("synopsis").unwrap().is_none());
    for bad in ["runs: 0 2", "runs on mars", "runs with ease", "runs:", "runs here"] {
        assert!(way(bad).is_err(), "{bad}");
    }
}
