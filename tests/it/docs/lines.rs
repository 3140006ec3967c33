//! Every command line of the documents is one that the program understands, and those that can be tried are tried.
//!
//! A comment above a block, which readers do not see, says what is done with it beside that:
//!
//! * `<!-- runs -->`: its lines are run against a simulated estate, and each ends with 0;
//! * `<!-- runs: 0 3 4 -->`: each ends with one of these codes, because numbers of an estate that lives are others each time;
//! * `<!-- runs on cloud: 0 4 -->`, `<!-- runs on federation -->`: the same with the profile of Workspace as the default one, or on
//!   an estate of several pods;
//! * `<!-- synopsis -->`: no lines to type, but what can be typed: each word and each option of it exists.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, process::Command, thread};

use clap::{CommandFactory, Parser as _};
use foretop::{
    cli::args::Cli,
    core::filter::{EventFilter, Filter, ImageFilter},
};

use super::markdown::{Block, blocks, documents};
use crate::cli::{Desk, PROGRAM, Ran, Sim};

/// Languages of which every line is looked at.
const SHELLS: [&str; 6] = ["sh", "bash", "console", "cron", "yaml", "powershell"];

/// Between the words of a line that was written down, and between such lines.
const WORD: char = '\u{1f}';
const LINE: char = '\u{1e}';

/// All blocks of all documents.
fn all() -> Vec<Block> {
    documents().iter().flat_map(|file| blocks(file)).collect()
}

/// What a shell would be given: without prompts, without the fields of cron, the steps of a pipeline only.
fn script(block: &Block) -> String {
    let text = block.text.replace("\\\n", " ");
    let lines = text.lines();
    let lines: Vec<String> = match block.language.as_str() {
        "console" => lines.filter_map(|line| line.strip_prefix("$ ").map(str::to_owned)).collect(),
        "cron" => lines.map(cron_command).collect(),
        "yaml" => pipeline_steps(&text),
        _ => lines.map(str::to_owned).collect(),
    };
    lines.join("\n") + "\n"
}

/// The command of a line of a crontab. There `%` ends the command, but for `\%`.
fn cron_command(line: &str) -> String {
    let is_setting = line.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
    });
    if line.trim().is_empty() || line.starts_with('#') {
        return String::new();
    }
    if is_setting {
        return line.to_owned();
    }
    let fields = if line.starts_with('@') { 1 } else { 5 };
    let mut rest = line;
    for _ in 0..fields {
        rest = rest.trim_start().split_once(' ').unwrap_or_else(|| panic!("no command: {line}")).1;
    }
    assert!(!rest.replace("\\%", "").contains('%'), "cron ends the command at %: {line}");
    rest.trim_start().replace("\\%", "%")
}

/// What the `run` steps of a pipeline give to the shell.
fn pipeline_steps(text: &str) -> Vec<String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (mut steps, mut inside) = (Vec::new(), None);
    for line in text.lines() {
        if let Some(depth) = inside {
            if line.trim().is_empty() || indent(line) > depth {
                steps.push(line.trim().to_owned());
                continue;
            }
            inside = None;
        }
        let Some(run) = line.trim_start().trim_start_matches("- ").strip_prefix("run: ") else { continue };
        if run.trim() == "|" { inside = Some(indent(line)) } else { steps.push(run.to_owned()) }
    }
    steps
}

/// Where a shell begins a command, `foretop` comes: so many different lines are to be looked at.
fn mentioned(script: &str) -> usize {
    let pattern = r"(?m)(?:^|[;&|({`]|\b(?:then|do|else|if|while|until|time|exec|env)\s|!)\s*(?:[A-Za-z_]+=(?:'[^'\n]*'|[^\s;|&()]+)\s+)*(foretop(?:\s[^\n|;&)#]*|$))";
    let script: String = script.lines().filter(|line| !line.trim_start().starts_with('#')).fold(
        String::new(),
        |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        },
    );
    let pattern = regex::Regex::new(pattern).unwrap();
    let found: BTreeSet<&str> = pattern
        .captures_iter(&script)
        .filter_map(|found| found.get(1))
        .map(|found| found.as_str().trim())
        .collect();
    found.len()
}

/// The words of every `foretop` in a script. The shell takes it apart; nothing is run. A branch that depends on how a command
/// ended is gone both ways.
fn words_by_shell(script: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for code in [0, 4] {
        let folder = tempfile::tempdir().unwrap();
        for usual in [".local/share/bash-completion/completions", ".config/fish/completions"] {
            fs::create_dir_all(folder.path().join(usual)).unwrap();
        }
        let prelude = format!(
            "PATH=/nonexistent\n\
             foretop() {{ printf 'foretop\\037' >> \"$HOME/lines\"; test $# -eq 0 || printf '%s\\037' \"$@\" >> \"$HOME/lines\"; \
             printf '\\036' >> \"$HOME/lines\"; echo 1; return {code}; }}\n\
             command_not_found_handle() {{ echo 1; }}\nID=1 JOB=1 GROUP_ID=1\nmkdir() {{ /bin/mkdir \"$@\"; }}\n\
             exit() {{ :; }}\nset() {{ :; }}\nwait() {{ :; }}\nkill() {{ :; }}\nread() {{ return 1; }}\n"
        );
        fs::write(folder.path().join("prelude"), prelude).unwrap();
        fs::write(folder.path().join("script"), script).unwrap();
        let mut shell = Command::new("/bin/bash");
        shell.arg("script").current_dir(folder.path()).stdin(std::process::Stdio::null());
        shell.env("BASH_ENV", folder.path().join("prelude")).env("HOME", folder.path());
        let ran = shell.output().unwrap();
        let complaints = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(!complaints.contains("syntax error"), "{complaints}\n{script}");
        let lines = fs::read_to_string(folder.path().join("lines")).unwrap_or_default();
        for line in lines.split_terminator(LINE) {
            found.insert(line.split_terminator(WORD).map(str::to_owned).collect());
        }
    }
    found
}

/// The words of every `foretop` in lines for PowerShell: single quotes hold all but themselves, `|` and `;` end a command, a
/// backtick at the end of the line goes on.
fn words_by_powershell(text: &str) -> BTreeSet<Vec<String>> {
    let text = text.replace("`\n", " ");
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let mut commands = vec![vec![String::new()]];
        let mut quote = None;
        for letter in line.chars() {
            let words = commands.last_mut().unwrap();
            match (quote, letter) {
                (None, '\'' | '"') => quote = Some(letter),
                (Some(open), _) if open == letter => quote = None,
                (None, ' ' | '(' | '{') => words.push(String::new()),
                (None, '|' | ';' | ')' | '}' | '>') => commands.push(vec![String::new()]),
                _ => words.last_mut().unwrap().push(letter),
            }
        }
        assert!(quote.is_none(), "a quote without an end: {line}");
        for words in commands {
            // What a variable holds is a number where it stands alone.
            let plain = |word: String| if word.starts_with('$') { "1".to_owned() } else { word };
            let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).map(plain).collect();
            if let Some(first) = words.iter().position(|word| word == "foretop") {
                found.insert(words[first..].to_vec());
            }
        }
    }
    found
}

/// What is wrong with the filter of a line, if something is: only the command itself would look at it.
fn mistake_in_filter(words: &[String]) -> Option<String> {
    let value = |option: &str| words.iter().skip_while(|word| *word != option).nth(1);
    let given = [value("--where"), value("--guard")].into_iter().flatten().filter(|text| !text.is_empty());
    let texts: Vec<&String> = given.collect();
    let areas = ["sessions", "plan", "events", "images"];
    let area = words.iter().find(|word| areas.contains(&word.as_str()))?;
    let error_of = |text: &&String| match area.as_str() {
        "events" => EventFilter::parse(text).err(),
        "images" => ImageFilter::parse(text).err(),
        _ => Filter::parse(text).err(),
    };
    texts.iter().find_map(|text| error_of(text).map(|error| format!("{text}: {error}")))
}

#[test]
fn every_command_line_of_the_documents_is_understood() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for block in all() {
        if !SHELLS.contains(&block.language.as_str()) {
            continue;
        }
        let (found, expected) = if block.language == "powershell" {
            (words_by_powershell(&block.text), block.text.matches("foretop ").count())
        } else {
            let script = script(&block);
            (words_by_shell(&script), mentioned(&script))
        };
        if found.len() < expected {
            wrong.push(format!("{}: {expected} commands, but seen were {found:?}", block.place()));
        }
        seen += found.len();
        for words in found {
            match Cli::try_parse_from(&words) {
                Ok(_) => {
                    wrong
                        .extend(mistake_in_filter(&words).map(|words| format!("{}: {words}", block.place())));
                }
                Err(error) if error.use_stderr() => wrong.push(format!("{}: {error}", block.place())),
                Err(_help) => {}
            }
        }
    }
    assert!(seen > 100, "{seen} lines");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the help of the command line shows to be typed, down to the last command.
fn examples(command: &clap::Command, found: &mut Vec<String>) {
    let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let joined = help.replace("\\\n", " ");
    for line in joined.lines().map(str::trim).filter(|line| line.starts_with("foretop")) {
        // What it does stands behind it; blanks in front of that set it off.
        let is_joined = !help.contains(line);
        let end = if is_joined { line.len() } else { line.find("   ").unwrap_or(line.len()) };
        found.push(line[..end].to_owned());
    }
    for below in command.get_subcommands() {
        examples(below, found);
    }
}

#[test]
fn every_example_of_the_help_is_understood() {
    let mut lines = Vec::new();
    examples(&Cli::command(), &mut lines);
    assert!(lines.len() > 30, "{lines:#?}");
    for line in lines {
        let found = words_by_shell(&format!("{line}\n"));
        assert!(!found.is_empty(), "{line}");
        for words in found {
            let mistake = Cli::try_parse_from(&words).err().filter(clap::Error::use_stderr);
            assert!(
                mistake.is_none(),
                "{line}: {}",
                mistake.map_or_else(String::new, |error| error.to_string())
            );
        }
    }
}

/// A command line in a block that nobody looks at would grow old unseen.
#[test]
fn no_command_line_stands_where_it_is_not_checked() {
    for block in all() {
        let is_checked =
            SHELLS.contains(&block.language.as_str()) || block.mark.as_deref() == Some("synopsis");
        let line = block.text.lines().find(|line| line.trim_start_matches("$ ").starts_with("foretop "));
        assert!(is_checked || line.is_none(), "{}: {line:?} is not in a block of {SHELLS:?}", block.place());
        if let Some(mark) = &block.mark {
            let is_known = ["runs", "runs on cloud", "runs on federation", "synopsis"]
                .contains(&mark.split(':').next().unwrap_or(mark));
            assert!(is_known || mark.starts_with("generated"), "{}: what is {mark:?}?", block.place());
        }
    }
}

/// Words and options of a synopsis are those of the program.
#[test]
fn what_a_synopsis_names_exists() {
    let mut seen = 0;
    for block in all().into_iter().filter(|block| block.mark.as_deref() == Some("synopsis")) {
        for line in block.text.replace("\\\n", " ").lines().filter(|line| line.starts_with("foretop ")) {
            seen += 1;
            let clean = line.replace(['[', ']', '(', ')'], " ");
            let mut words = clean.split_whitespace().skip(1).peekable();
            let mut commands = vec![Cli::command()];
            // Down as far as names go; `a|b|c` stands for each of them.
            while let Some(word) = words.peek() {
                let below: Option<Vec<clap::Command>> =
                    word.split('|').map(|name| commands[0].find_subcommand(name).cloned()).collect();
                let Some(below) = below else { break };
                commands = below;
                words.next();
            }
            assert!(commands[0].get_name() != "foretop", "{}: {line}", block.place());
            let words: Vec<&str> = words.collect();
            for option in words.iter().filter_map(|word| word.strip_prefix("--")) {
                let option = option.split('=').next().unwrap();
                let knows = |command: &clap::Command| {
                    command.get_arguments().any(|argument| argument.get_long() == Some(option))
                };
                assert!(commands.iter().any(knows), "{}: no option --{option}: {line}", block.place());
            }
            let is_command = |word: &&&str| {
                word.chars().all(|letter| letter.is_ascii_lowercase() || "|-".contains(letter))
            };
            let extra = words.iter().find(|word| is_command(word) && word.trim_matches('|').contains('|'));
            assert!(extra.is_none(), "{}: {extra:?} are no commands: {line}", block.place());
        }
    }
    assert!(seen > 5, "{seen} lines");
}

/// The estate that a block is for: its own words behind `runs on`, or nothing.
fn estate_of(block: &Block) -> Option<&str> {
    let rest = block.mark.as_deref()?.strip_prefix("runs")?;
    let estate = rest.trim_start().strip_prefix("on ")?;
    Some(estate.split([':', ' ']).next().unwrap_or_default())
}

/// The codes with which the lines of a block may end, if it is to be run.
fn codes_of(block: &Block) -> Option<BTreeSet<String>> {
    let rest = block.mark.as_deref()?.strip_prefix("runs")?;
    let rest = estate_of(block).map_or(rest, |estate| rest.split_once(estate).map_or("", |(_, rest)| rest));
    let codes = rest.trim_start_matches(':').split_whitespace().map(str::to_owned);
    let codes: BTreeSet<String> = codes.collect();
    Some(if codes.is_empty() { BTreeSet::from(["0".to_owned()]) } else { codes })
}

/// A desk with what the documents speak of: the profile emea and, in the cloud, the profile cloud.
fn desk(sim: &Sim, is_cloud: bool) -> Desk {
    let default = if is_cloud { "cloud" } else { "emea" };
    let url = sim.text("url");
    let emea = format!(
        "default_profile = \"{default}\"\n\
         [profiles.emea]\nserver = \"{url}\"\ndomain = \"CORP\"\nusername = \"admin\"\npassword_env = \"EMEA_PASSWORD\"\n"
    );
    // Not every world has something of Workspace.
    let cloud = sim.workspace();
    let text = |key: &str| cloud[key].as_str().unwrap_or_default();
    let profile = format!(
        "[profiles.cloud]\nwire = \"workspace\"\nendpoint = \"{0}\"\niam_endpoint = \"{0}\"\nproject_id = \"{1}\"\n\
         access_key = \"{2}\"\nsecret_key_env = \"CLOUD_SK\"\n",
        text("url"),
        text("project_id"),
        text("ak"),
    );
    let more = if cloud.is_null() { "" } else { profile.as_str() };
    Desk::bare()
        .configured(&format!("{emea}{more}"))
        .with("EMEA_PASSWORD", sim.text("password"))
        .with("CLOUD_SK", text("sk"))
}

/// Runs a block as a person would, and says what was wrong.
fn run(block: &Block, codes: &BTreeSet<String>, desk: &Desk, sim: &Sim, id: &str) -> Result<usize, String> {
    // Under its own name on the path, and writing down how each run ended.
    let programs = desk.home().join("bin");
    fs::create_dir_all(&programs).unwrap();
    let wrapper = format!(
        "#!/bin/sh\n'{PROGRAM}' \"$@\" &\nchild=$!\ntrap 'kill $child' TERM\nwait $child\ncode=$?\n\
         if test $code -gt 128; then wait $child; code=$?; fi\n\
         echo \"$code $*\" >> \"$HOME/codes\"\nexit $code\n"
    );
    fs::write(programs.join("foretop"), wrapper).unwrap();
    fs::set_permissions(programs.join("foretop"), fs::Permissions::from_mode(0o755)).unwrap();
    let codes_file = desk.home().join("codes");
    drop(fs::remove_file(&codes_file));
    // Whatever hangs is ended, and its code is none of those that are right.
    let mut shell = desk.command("/usr/bin/timeout");
    shell.args(["-k", "5", "60", "/bin/bash", "-c", &script(block)]);
    shell.env("PATH", format!("{}:/usr/bin:/bin", programs.display())).env("ID", id);
    if block.text.contains("FORETOP_SERVER") {
        shell.env("FORETOP_SERVER", sim.text("url")).env("FORETOP_PASSWORD", sim.text("password"));
    }
    let ran: Ran = shell.output().unwrap().into();
    if ran.code == 124 || ran.code == 137 {
        return Err(format!("{}: does not end: {ran:#?}", block.place()));
    }
    let lines = fs::read_to_string(&codes_file).unwrap_or_default();
    let wrong = lines.lines().find(|line| !codes.contains(line.split(' ').next().unwrap_or_default()));
    if let Some(line) = wrong {
        return Err(format!("{}: ended with {line:?}, not {codes:?}: {ran:#?}", block.place()));
    }
    let complains =
        ["jq: error", "command not found", "syntax error"].iter().any(|words| ran.err.contains(words));
    if complains || lines.is_empty() {
        return Err(format!("{}: {ran:#?}", block.place()));
    }
    Ok(lines.lines().count())
}

#[test]
fn the_command_lines_that_can_be_tried_work() {
    let sim = Sim::small();
    let row =
        sim.admin().foretop(&["sessions", "list", "--where", "state:conn !type:app", "-o", "jsonl"]).ends(0);
    let row: serde_json::Value = serde_json::from_str(row.out.lines().next().unwrap()).unwrap();
    let id = row["id"].as_str().unwrap();
    let has_jq = Command::new("jq").arg("--version").output().is_ok();
    if !has_jq {
        println!("SKIPPED: the lines with jq, which is not here");
    }
    let all = all();
    let is_tried = |block: &&Block| codes_of(block).is_some() && (has_jq || !block.text.contains("jq "));
    let tried: Vec<&Block> = all.iter().filter(is_tried).collect();
    // Side by side, each at a desk of its own: some wait until they have seen what became of something.
    let federation = Sim::start(&["--world", "federation"]);
    let server = desk(&sim, true).foretop(&["image-servers", "list", "-o", "jsonl"]).ends(0);
    let server: serde_json::Value = serde_json::from_str(server.out.lines().next().unwrap()).unwrap();
    let results: Vec<Result<usize, String>> = thread::scope(|scope| {
        let (sim, federation, id, server) = (&sim, &federation, &id, &server);
        let one = |block| {
            let (sim, id) = match estate_of(block) {
                Some("federation") => (federation, *id),
                Some("cloud") => (sim, server["id"].as_str().unwrap()),
                None => (sim, *id),
                Some(other) => panic!("{}: there is no estate {other}", block.place()),
            };
            let is_cloud = estate_of(block) == Some("cloud");
            scope.spawn(move || run(block, &codes_of(block).unwrap(), &desk(sim, is_cloud), sim, id))
        };
        let running: Vec<_> = tried.iter().map(|block| one(*block)).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let wrong: Vec<&String> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let lines: usize = results.into_iter().map(Result::unwrap).sum();
    assert!(lines > 30, "{lines} lines were run");
}

#[test]
fn filters_of_lines_are_looked_at() {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(mistake_in_filter(&words("foretop sessions list --where idle>4h")).is_none());
    assert!(mistake_in_filter(&words("foretop sessions list --where idel>4h")).is_some());
    assert!(mistake_in_filter(&words("foretop events --where level>=warning")).is_none());
    assert!(mistake_in_filter(&words("foretop plan logoff --where id:* --guard idel>4h")).is_some());
}

#[test]
fn shells_are_taken_apart_as_they_do_it_themselves() {
    let found = words_by_shell(
        "n=$(foretop a 'b c' | jq -r .x); if foretop d \"$n\"; then :; else foretop e > f; fi\n",
    );
    let words: Vec<String> = found.iter().map(|words| words.join(",")).collect();
    assert_eq!(words, ["foretop,a,b c", "foretop,d,1", "foretop,e"]);
    assert_eq!(
        mentioned("n=$(foretop a | jq)\n# foretop b\nX=1 foretop c\necho foretop d\nif foretop e; then\n"),
        3
    );
    let found =
        words_by_powershell("$x = foretop a --where 'b c' -o json | ConvertFrom-Json\n(foretop d).e\n");
    let words: Vec<String> = found.iter().map(|words| words.join(",")).collect();
    assert_eq!(words, ["foretop,a,--where,b c,-o,json", "foretop,d"]);
    assert_eq!(cron_command("30 2 * * 1-5 foretop a \"$(date +\\%F)\""), "foretop a \"$(date +%F)\"");
    assert_eq!(cron_command("@daily foretop a"), "foretop a");
    assert_eq!(
        pipeline_steps("- run: foretop a\n- run: |\n    foretop b\n    c\nd: e\n"),
        ["foretop a", "foretop b", "c"]
    );
}
