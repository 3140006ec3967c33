//! Every command line of the documents is one that the program understands: those of the blocks, those of the help, and those
//! that stand in the midst of a sentence. Those of the blocks are run, too: see `runs`.

use std::{collections::BTreeSet, fs, process::Command};

use clap::{CommandFactory, Parser as _, error::ErrorKind};
use foretop::{
    cli::args::Cli,
    core::filter::{EventFilter, Filter, ImageFilter},
};

use super::{
    markdown::{Block, blocks, documents, prose, spans},
    scripts::{SHELLS, cron_command, mentioned, pipeline_steps, powershell_as_sh, script},
};

/// Between the words of a line that was written down, and between such lines.
const WORD: char = '\u{1f}';
const LINE: char = '\u{1e}';

/// All blocks of all documents.
pub(super) fn all() -> Vec<Block> {
    documents().iter().flat_map(|file| blocks(file)).collect()
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

/// What stands between backticks in the midst of sentences and tables, and begins with the program.
fn spoken_of(file: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for (_, line) in prose(file) {
        if line.trim().is_empty() || line.starts_with(['|', '*', '#']) {
            paragraphs.push(String::new());
        }
        let paragraph = paragraphs.last_mut().unwrap();
        paragraph.push_str(line.trim());
        paragraph.push(' ');
    }
    let spans = paragraphs.iter().flat_map(|text| spans(text));
    spans.filter(|span| span == "foretop" || span.starts_with("foretop ")).collect()
}

/// In a sentence a command may be named without all that it needs; what is said of it has to exist. Words in capitals stand
/// for something: `VERB` for a verb, `N` for a number.
#[test]
fn commands_in_the_midst_of_sentences_are_understood() {
    let (mut seen, mut wrong) = (0, Vec::new());
    let number = regex::Regex::new(r" N\b").unwrap();
    for file in documents() {
        let spoken = spoken_of(&file).join("\n").replace("\\|", "|").replace(" VERB", " logoff");
        if spoken.is_empty() {
            continue;
        }
        let spoken = number.replace_all(&spoken, " 1").into_owned();
        for words in words_by_shell(&format!("{spoken}\n")) {
            seen += 1;
            let unfinished = [
                ErrorKind::MissingRequiredArgument,
                ErrorKind::MissingSubcommand,
                ErrorKind::DisplayHelp,
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            ];
            let error = Cli::try_parse_from(&words).err();
            let mistake = match error.filter(|error| !unfinished.contains(&error.kind())) {
                Some(error) => Some(error.to_string()),
                None => mistake_in_filter(&words),
            };
            wrong.extend(mistake.map(|mistake| format!("{file}: {words:?}: {mistake}")));
        }
    }
    assert!(seen > 100, "{seen} commands");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
        ["foretop a", "foretop b\nc"]
    );
    assert_eq!(
        powershell_as_sh(
            "$x = foretop a 'b c' | ConvertFrom-Json\n$x | Sort-Object\nforetop d --yes $x.Count > e\n"
        ),
        ["x=$(foretop a 'b c')", "foretop d --yes $(printf %s \"$x\" | jq length) > e"]
    );
}
