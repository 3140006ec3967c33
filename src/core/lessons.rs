//! What a newcomer is told in the last line of the screen while nothing else stands there: one thing at a time, and never
//! again once it was done.

use serde::{Deserialize, Serialize};

use super::{
    command::{Command, Context},
    state::{Focus, State, Tab},
};

/// Something to be learned, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lesson {
    /// There is a help, and a line that finds commands.
    Help,
    /// The list is filtered.
    Filter,
    /// Sessions are marked.
    Mark,
    /// What is marked is acted on.
    Act,
}

impl Lesson {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Help, Self::Filter, Self::Mark, Self::Act];

    /// Whoever gives this command has learned it.
    fn is_learned_by(self, command: Command) -> bool {
        match self {
            Self::Help => matches!(command, Command::Help | Command::PromptCommand),
            Self::Filter => command == Command::PromptFilter,
            Self::Mark => {
                matches!(
                    command,
                    Command::MarkToggle
                        | Command::MarkAllShown
                        | Command::MarkRange
                        | Command::MarkSame
                        | Command::MarkWhere
                )
            }
            Self::Act => command == Command::ActionMenu || command.is_destructive(),
        }
    }

    /// What is told, with the keys in force.
    fn words(self, state: &State) -> String {
        let key = |command| state.key(Context::Sessions, command);
        match self {
            Self::Help => {
                format!(
                    "new here? press {} for every key, {} to find a command",
                    key(Command::Help),
                    key(Command::PromptCommand)
                )
            }
            Self::Filter => format!("{} filters; try state:disc idle>4h", key(Command::PromptFilter)),
            Self::Mark => format!(
                "{} marks a session, {} all that are shown",
                key(Command::MarkToggle),
                key(Command::MarkAllShown)
            ),
            Self::Act => format!(
                "{} shows what can be done with them; nothing is sent before you confirm a plan",
                key(Command::ActionMenu)
            ),
        }
    }
}

/// What to tell now: only on the list of sessions once there is one, and only where lessons are wanted.
pub fn lesson(state: &State) -> Option<String> {
    let on_list = state.tab == Tab::Sessions && state.focus == Focus::Table && state.overlays.is_empty();
    if !state.settings.lessons || !on_list || state.sessions.view.rows().is_empty() {
        return None;
    }
    let next = Lesson::ALL.into_iter().find(|lesson| !state.memory.learned.contains(lesson))?;
    Some(next.words(state))
}

/// Notes what somebody who gives this command has learned.
pub(super) fn note(state: &mut State, command: Command) {
    if state.settings.lessons {
        let learned = Lesson::ALL.into_iter().filter(|lesson| lesson.is_learned_by(command));
        state.memory.learned.extend(learned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        fixtures::{Bench, session},
        key::{Key, KeyCode},
        msg::Msg,
        remembered::Memory,
    };
    use crate::domain::SessionState;

    fn bench() -> Bench {
        let mut bench = Bench::with(vec![session("1", "abel", SessionState::Connected, 5)]);
        bench.state.settings.lessons = true;
        bench
    }

    fn told(bench: &Bench) -> String {
        lesson(&bench.state).unwrap_or_default()
    }

    #[test]
    fn each_lesson_goes_away_once_it_was_done_and_stays_away() {
        let mut bench = bench();
        assert_eq!(told(&bench), "new here? press ? for every key, : to find a command");
        bench.press("?");
        assert_eq!(told(&bench), "", "sheets have their own words");
        bench.send(Msg::Key(Key::plain(KeyCode::Esc)));
        assert!(told(&bench).starts_with("/ filters"));
        bench.press("/");
        bench.send(Msg::Key(Key::plain(KeyCode::Esc)));
        assert!(told(&bench).starts_with("Space marks a session, * all"));
        bench.press("*");
        assert!(told(&bench).starts_with("a shows what can be done"));
        bench.press("a");
        bench.send(Msg::Key(Key::plain(KeyCode::Esc)));
        assert_eq!(lesson(&bench.state), None);
        let kept = serde_json::to_string(&Memory::of(&bench.state)).unwrap();
        let mut next = self::bench();
        next.state.remember(serde_json::from_str(&kept).unwrap());
        assert_eq!(lesson(&next.state), None);
    }

    #[test]
    fn what_was_learned_out_of_turn_is_not_told() {
        let mut bench = bench();
        bench.press(" ?");
        bench.send(Msg::Key(Key::plain(KeyCode::Esc)));
        bench.press("/");
        bench.send(Msg::Key(Key::plain(KeyCode::Esc)));
        assert!(told(&bench).starts_with("a shows"), "{}", told(&bench));
    }

    #[test]
    fn nothing_is_told_where_it_is_not_wanted_or_there_is_no_list() {
        let mut bench = bench();
        bench.state.settings.lessons = false;
        assert_eq!(lesson(&bench.state), None);
        let mut empty = Bench::with(Vec::new());
        empty.state.settings.lessons = true;
        assert_eq!(lesson(&empty.state), None);
    }
}
