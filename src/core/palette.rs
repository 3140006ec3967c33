//! What can be typed after `:`: the names, and what is offered while somebody types.
//!
//! Beside the names of this list every command of the catalogue can be typed by its id where it has a key, so that
//! whoever does not know the key finds it by a word of its meaning.

use std::borrow::Cow;

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{Atom, AtomKind, CaseMatching, Normalization},
};

use super::{
    cloud::is_cloud,
    command::{self, Command, Context},
    filter,
    state::State,
    views,
};

/// Names that people try, and the command that they mean. The first of each command is the one that docs show.
pub(super) const NAMES: &[(&str, Command, &str)] = &[
    ("quit", Command::Quit, "leave"),
    ("q", Command::Quit, "leave"),
    ("refresh", Command::Refresh, "read the lists again now"),
    ("sessions", Command::TabSessions, "show the sessions"),
    ("permissions", Command::TabPermissions, "show the permissions"),
    ("builds", Command::Builds, "list the builds of images (Workspace)"),
    ("app-servers", Command::AppServers, "show the app servers (Workspace)"),
    ("jobs", Command::Jobs, "list the jobs of this run and those on record"),
    ("help", Command::Help, "show the keys"),
    ("whoami", Command::WhoAmI, "show the account and what it may do"),
    ("governor", Command::Governor, "show how the servers are being asked"),
    ("freeze", Command::Freeze, "freeze the picture, or let it go on"),
    ("redraw", Command::Redraw, "draw the screen afresh"),
    ("ascii", Command::ToggleAscii, "draw with ASCII characters only, or not"),
    ("utc", Command::ToggleUtc, "show times in UTC or local time"),
    ("screen", Command::ScreenDump, "write the screen to a file, as text"),
    ("measure", Command::ToggleMeasure, "show frames and bytes to the terminal, or not"),
    ("columns", Command::Columns, "choose the columns, their order and widths"),
    ("marked", Command::MarkedOnly, "show only the marked sessions, or all"),
    ("flagged", Command::FlaggedOnly, "show only flagged sessions, or all"),
    ("unmark", Command::MarkClear, "clear all marks"),
    ("logoff", Command::Logoff, "plan a polite logoff"),
    ("warn", Command::WarnLogoff, "write a warning; the logoff follows it"),
    ("logoff-forced", Command::LogoffForced, "plan a forced logoff"),
    ("disconnect", Command::Disconnect, "plan a disconnect"),
    ("restart", Command::Restart, "plan a restart of the guest"),
    ("reset", Command::Reset, "plan a hard reset of the machine"),
    ("message", Command::Message, "write a message"),
    ("pods", Command::Pods, "show the pods and their health"),
];

/// Commands with an argument: name, argument, what it does.
pub(super) const WITH_ARGUMENT: &[(&str, &str, &str)] = &[
    ("interval", "SECONDS", "read the list every so many seconds, 2 to 3600"),
    ("save", "NAME [KEY]", "give the present filter, order and columns a name, and a key from 5 to 9"),
    ("forget", "NAME", "forget a view of your own"),
    ("export", "csv|json|markdown", "write the shown list to a file"),
    ("scope", "local|global", "list the sessions of this pod, or of all pods"),
    ("filter", "EXPRESSION", "set the filter; without an expression, clear it"),
    (
        "images",
        "WORDS",
        "show the image streams; with words such as status=AVAILABLE kind=VDI_DESKTOP clone=INSTANT_CLONE \
         vcenter=ID, ask the server for these only",
    ),
    ("events", "EXPRESSION", "set the filter of the event pane; without an expression, clear it"),
    (
        "theme",
        "NAME",
        "draw with the colours of this theme for this run; without a name, choose one from the list",
    ),
    (
        "diff",
        "TIME",
        "show what changed in the last 15m, 1h or so: dropped, ended, reconnected, appeared; without a time 15m",
    ),
    ("can", "PRINCIPAL VERB TARGET", "say whether somebody may do something, and why"),
];

/// Every `:` command with its argument and meaning, for help and docs.
pub fn reference() -> Vec<(String, &'static str)> {
    let plain = NAMES.iter().map(|(name, _, meaning)| (format!(":{name}"), *meaning));
    let more =
        WITH_ARGUMENT.iter().map(|(name, argument, meaning)| (format!(":{name} {argument}"), *meaning));
    plain.chain(more).collect()
}

/// What is offered for a line that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The line as it becomes when this is taken.
    pub line: String,
    /// What stands behind it on the screen: its argument, if it takes one.
    pub argument: &'static str,
    /// What it does.
    pub meaning: Cow<'static, str>,
    /// The keys that do the same here.
    pub keys: String,
}

/// The commands that can be typed in a context by name: those of [`NAMES`], then by their ids those that have a key.
pub(super) fn command_named(context: Context, name: &str) -> Option<Command> {
    let known = NAMES.iter().find(|(known, ..)| *known == name).map(|(_, command, _)| *command);
    known.or_else(|| ids(context).find(|command| command.id() == name))
}

/// The commands with a key in this context that have no name of their own, each once.
fn ids(context: Context) -> impl Iterator<Item = Command> {
    let mut seen: Vec<Command> = NAMES.iter().map(|(_, command, _)| *command).collect();
    // These are about the line itself, or go one step.
    seen.extend([Command::PromptCommand, Command::Back]);
    command::offered(context).into_iter().filter(move |command| !seen.contains(command))
}

/// Whether there is such a thing over the API by which the estate is reached. What is not is refused with a reason, but it is
/// not offered.
pub fn is_of_wire(state: &State, command: Command) -> bool {
    match command {
        Command::Builds | Command::AppServers => is_cloud(state),
        Command::Pods | Command::ScopeToggle => !is_cloud(state),
        _ => true,
    }
}

/// What can be typed in a context, in the order of the list: views first, which have no other list. What only Workspace
/// has is offered there.
fn all(state: &State, context: Context) -> Vec<Offer> {
    let named = NAMES.iter().filter(|(name, command, _)| name.len() > 1 && is_of_wire(state, *command));
    let named = named.map(|(name, command, meaning)| Offer {
        line: (*name).to_owned(),
        argument: "",
        meaning: Cow::Borrowed(*meaning),
        keys: state.settings.keymap.keys_of(context, *command).join(" "),
    });
    let with_argument = WITH_ARGUMENT.iter().map(|(name, argument, meaning)| Offer {
        line: (*name).to_owned(),
        argument,
        meaning: Cow::Borrowed(*meaning),
        keys: String::new(),
    });
    let by_id = ids(context).map(|command| Offer {
        line: command.id().to_owned(),
        argument: "",
        meaning: Cow::Owned(small_first(command.describe())),
        keys: state.settings.keymap.keys_of(context, command).join(" "),
    });
    let views = views::known(state).into_iter().map(|known| Offer {
        line: known.name,
        argument: "",
        meaning: Cow::Owned(format!("view: {}", known.meaning)),
        keys: known.view.key.map_or_else(String::new, |key| key.to_string()),
    });
    views.chain(named).chain(with_argument).chain(by_id).collect()
}

/// A sentence as it stands behind something else: its first letter small.
pub fn small_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Whether a name means something already, so that no view can have it.
pub(super) fn is_taken(name: &str) -> bool {
    NAMES.iter().any(|(known, ..)| *known == name)
        || WITH_ARGUMENT.iter().any(|(known, ..)| *known == name)
        || Command::ALL.iter().any(|command| command.id() == name)
}

/// Whether a text is the beginning of a name that every console knows.
pub(super) fn begins_name(text: &str) -> bool {
    let names = NAMES.iter().map(|(name, ..)| *name).chain(WITH_ARGUMENT.iter().map(|(name, ..)| *name));
    names.chain(Command::ALL.iter().map(|command| command.id())).any(|name| name.starts_with(text))
}

/// What is offered for a text, best first: the name itself, names that begin with it, names that have its letters in
/// this order, and last what has its words in its meaning. For a command with an argument, its arguments.
pub fn offers(state: &State, context: Context, text: &str) -> Vec<Offer> {
    if let Some((name, argument)) = text.split_once(' ')
        && WITH_ARGUMENT.iter().any(|(known, ..)| *known == name)
    {
        return arguments(state, name, argument);
    }
    let text = text.trim();
    let all = all(state, context);
    if text.is_empty() {
        return all;
    }
    let atom = Atom::new(text, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let mut rank = |offer: &Offer| {
        let mut characters = Vec::new();
        let score = atom.score(Utf32Str::new(&offer.line, &mut characters), &mut matcher);
        let meaning = offer.meaning.to_lowercase();
        match score {
            _ if offer.line == text => Some((0, 0)),
            _ if offer.line.starts_with(text) => Some((1, offer.line.len())),
            Some(score) => Some((2, usize::from(u16::MAX - score))),
            None => words.iter().all(|word| meaning.contains(word.as_str())).then_some((3, 0)),
        }
    };
    let mut ranked: Vec<_> = all.into_iter().filter_map(|offer| Some((rank(&offer)?, offer))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, offer)| offer).collect()
}

/// The arguments that a command offers.
fn arguments(state: &State, name: &str, typed: &str) -> Vec<Offer> {
    let typed = typed.trim_start();
    let offer = |argument: String, meaning: &'static str| Offer {
        line: format!("{name} {argument}"),
        argument: "",
        meaning: Cow::Borrowed(meaning),
        keys: String::new(),
    };
    let words = |known: &[(&str, &'static str)]| {
        let fitting = known.iter().filter(|(word, _)| word.starts_with(typed) && *word != typed);
        fitting.map(|(word, meaning)| offer((*word).to_owned(), meaning)).collect()
    };
    match name {
        "scope" => words(&[("local", "the sessions of this pod"), ("global", "the sessions of all pods")]),
        "export" => words(&[
            ("csv", "all fields, for a spreadsheet"),
            ("json", "all fields, for a program"),
            ("markdown", "the shown columns, for a ticket"),
        ]),
        "theme" => {
            let names = state.settings.looks.choices.iter().map(|choice| choice.name.as_str());
            let fitting = names.filter(|name| name.starts_with(typed) && *name != typed);
            fitting.map(|name| offer(name.to_owned(), "")).collect()
        }
        "forget" => {
            let fitting = state.memory.views.keys().filter(|name| name.starts_with(typed) && *name != typed);
            fitting.map(|name| offer(name.clone(), "")).collect()
        }
        "filter" if state.tab == super::state::Tab::Sessions => {
            let table = state.sessions.table.value();
            let ways = filter::complete(typed, typed.len(), table.map(|table| &**table));
            let whole = |span: std::ops::Range<usize>, text: &str| {
                format!("{}{text}", typed.get(..span.start).unwrap_or_default())
            };
            ways.into_iter()
                .map(|way| offer(whole(way.span.start..way.span.end, &way.text), ""))
                .filter(|offer| offer.line != format!("{name} {typed}"))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The only command whose name begins with a text, when there is just one.
pub(super) fn only_one(state: &State, context: Context, text: &str) -> Option<String> {
    let mut names =
        all(state, context).into_iter().map(|offer| offer.line).filter(|line| line.starts_with(text));
    names.next().filter(|_| names.next().is_none() && !text.is_empty())
}

/// The name that is nearest to a mistyped one.
pub(super) fn nearest(state: &State, context: Context, unknown: &str) -> Option<String> {
    // One-letter names are near to everything.
    all(state, context)
        .into_iter()
        .map(|offer| (strsim::damerau_levenshtein(&offer.line, unknown), offer.line))
        .filter(|(distance, known)| *distance <= known.len() / 2)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::core::fixtures::Bench;

    fn lines(text: &str) -> Vec<String> {
        let bench = Bench::with(Vec::new());
        offers(&bench.state, Context::Sessions, text).into_iter().map(|offer| offer.line).collect()
    }

    #[test]
    fn a_name_comes_before_what_begins_with_it_and_that_before_what_has_its_letters() {
        let found = lines("logoff");
        assert_eq!(found[..2], ["logoff", "logoff-forced"]);
        assert_eq!(lines("res")[..2], ["reset", "restart"]);
        assert!(lines("lgff").contains(&"logoff-forced".to_owned()));
    }

    #[test]
    fn a_command_is_found_by_words_of_its_meaning() {
        assert_eq!(lines("sort age")[0], "sort.age");
        assert!(lines("guest restart").contains(&"restart".to_owned()));
        assert!(lines("qqqq").is_empty());
    }

    #[test]
    fn every_command_with_a_key_on_a_tab_is_offered_there_once() {
        let bench = Bench::with(Vec::new());
        for context in [Context::Sessions, Context::Events, Context::Permissions, Context::Images] {
            let offered = offers(&bench.state, context, "");
            let names: BTreeSet<&str> = offered.iter().map(|offer| &*offer.line).collect();
            assert_eq!(names.len(), offered.len(), "{context:?}");
            for command in command::offered(context) {
                let has_name = NAMES.iter().any(|(_, named, _)| *named == command);
                let is_line = matches!(command, Command::PromptCommand | Command::Back);
                assert!(has_name || is_line || names.contains(command.id()), "{command:?}");
            }
        }
    }

    #[test]
    fn arguments_are_offered_where_they_are_known() {
        assert_eq!(lines("scope "), ["scope local", "scope global"]);
        assert_eq!(lines("scope g"), ["scope global"]);
        assert!(lines("filter stat").contains(&"filter state:".to_owned()), "{:?}", lines("filter stat"));
    }
}
