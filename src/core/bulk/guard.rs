//! Guards: what must still hold for a target at the moment of sending (`design.md section 4`, rule 3).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::HoldReason;
use crate::{
    core::filter::{Context, Filter, FilterError, Truth},
    domain::{Session, SessionFacts, SessionState, Text, Verb},
};

/// A filter that must still hold for each target when its chunk leaves. What it cannot tell holds the target back
/// (rule 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Guard(Filter);

impl Guard {
    /// Understands a text; `None` when there is nothing in it. The error is the filter's.
    pub fn parse(text: &str) -> Result<Option<Self>, FilterError> {
        Ok(Self::of(&Filter::parse(text)?))
    }

    /// The guard that a filter makes; `None` for the empty one.
    pub fn of(filter: &Filter) -> Option<Self> {
        (!filter.is_empty()).then(|| Self(filter.clone()))
    }

    /// The text as it was typed.
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// Why a session must be held back, if it must. Only a certain yes lets it through.
    pub fn objection<'a>(&self, session: impl SessionFacts<'a>, context: &Context<'a>) -> Option<HoldReason> {
        match self.0.matches(session, context) {
            Truth::Yes => None,
            Truth::No => Some(HoldReason::GuardFails),
            Truth::Unknown => Some(HoldReason::GuardUnknown),
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.text())
    }
}

/// Why a target is not the session any more that was planned, if it is not: another user, another log-in, or one that
/// came back to it. A field that was told when it was planned and is not told now proves nothing and holds it back.
///
/// A message harms nobody who came back: for it only the person counts.
pub fn changed_since(verb: Verb, planned: &Session, now: &Session) -> Option<HoldReason> {
    if planned.user_id.is_some() && planned.user_id != now.user_id {
        return Some(match now.user_id {
            Some(_) => HoldReason::Changed(Text::clean("another user has it now")),
            None => HoldReason::NotTold(Text::clean("whose it is")),
        });
    }
    if planned.started_at.is_some() && planned.started_at != now.started_at {
        return Some(match now.started_at {
            Some(_) => HoldReason::Changed(Text::clean("logged on anew since")),
            None => HoldReason::NotTold(Text::clean("when it began")),
        });
    }
    if !verb.is_destructive() {
        return None;
    }
    match (&planned.state, &now.state) {
        (Some(_), None) => Some(HoldReason::NotTold(Text::clean("its state"))),
        (Some(before), Some(SessionState::Connected)) if *before != SessionState::Connected => {
            Some(HoldReason::Reconnected)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::fixtures::{session, start};

    fn planned() -> Session {
        let mut session = session("s1", "abel", SessionState::Disconnected, 300);
        session.started_at = Some(start());
        session
    }

    #[test]
    fn the_same_session_may_be_sent() {
        assert_eq!(changed_since(Verb::Logoff, &planned(), &planned()), None);
    }

    #[test]
    fn whoever_came_back_is_held_back_but_may_be_told() {
        let now = Session { state: Some(SessionState::Connected), ..planned() };
        assert_eq!(changed_since(Verb::Logoff, &planned(), &now), Some(HoldReason::Reconnected));
        assert_eq!(changed_since(Verb::Message, &planned(), &now), None);
    }

    #[test]
    fn another_user_or_another_log_in_is_another_session() {
        for verb in Verb::ALL {
            let other = Session { user_id: Some("S-1-5-21-baker".into()), ..planned() };
            assert!(
                matches!(changed_since(verb, &planned(), &other), Some(HoldReason::Changed(_))),
                "{verb}"
            );
            let later = start() + jiff::SignedDuration::from_secs(60);
            let anew = Session { started_at: Some(later), ..planned() };
            assert!(matches!(changed_since(verb, &planned(), &anew), Some(HoldReason::Changed(_))), "{verb}");
        }
    }

    #[test]
    fn what_is_not_told_any_more_holds_back() {
        for now in [
            Session { user_id: None, ..planned() },
            Session { started_at: None, ..planned() },
            Session { state: None, ..planned() },
        ] {
            assert!(matches!(changed_since(Verb::Logoff, &planned(), &now), Some(HoldReason::NotTold(_))));
        }
    }

    #[test]
    fn a_guard_lets_only_a_certain_yes_through() {
        let guard = Guard::parse("state:disc idle>4h").unwrap().unwrap();
        let context = Context::at(start());
        assert_eq!(guard.objection(&planned(), &context), None);
        let busy = Session { idle_minutes: Some(10), ..planned() };
        assert_eq!(guard.objection(&busy, &context), Some(HoldReason::GuardFails));
        let unknown = Session { idle_minutes: None, ..planned() };
        assert_eq!(guard.objection(&unknown, &context), Some(HoldReason::GuardUnknown));
        assert_eq!(Guard::parse("  ").unwrap(), None);
    }
}
