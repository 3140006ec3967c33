//! The messages of a course: who gets one, in which words, and what became of it.

use std::collections::HashMap;

use super::{
    recheck::Unread,
    runner::Runner,
    send::{Chunk, outcome_of_call},
};
use crate::{
    api::{Action, Errand},
    core::bulk::{JobEvent, Step, journal::CourseLine, template},
    domain::{MessageText, Outcome, SessionId, Verb},
    engine::pacing::Break,
};

impl Runner {
    /// Tells these targets something, with so many seconds left. They are read again first, as for the logoff itself: who
    /// left or came back is held back then, and told nothing.
    pub(super) async fn message(
        &mut self,
        step: Step,
        message: &MessageText,
        left_seconds: u32,
        mut places: Vec<usize>,
    ) -> Result<(), Break> {
        let minutes = Some(left_seconds.div_ceil(60));
        let mut first = true;
        while self.leaves_some(&mut places) {
            if !std::mem::take(&mut first) && step == Step::Warn {
                self.pause_between().await?;
            }
            self.wait_while_paused().await?;
            let size = self.pace().chunk.clamp(1, self.estate.most_targets());
            let mut chunk = self.next_chunk(&mut places, size);
            // A reminder is not worth the job.
            let unread = if step == Step::Warn { Unread::Wait } else { Unread::Skip };
            chunk.places = self.recheck(self.plan.verb, &chunk, unread).await?;
            for (message, places) in self.by_text(message, &chunk.places, minutes) {
                if self.standings.get(&chunk.pod).is_some_and(|standing| standing.given_up.is_some()) {
                    break;
                }
                let chunk = Chunk { pod: chunk.pod.clone(), places };
                self.tell_them(step, message, left_seconds, chunk).await?;
            }
        }
        Ok(())
    }

    /// The targets by the text that they get.
    pub(super) fn by_text(
        &self,
        message: &MessageText,
        places: &[usize],
        minutes: Option<u32>,
    ) -> Vec<(MessageText, Vec<usize>)> {
        let mut groups: Vec<(MessageText, Vec<usize>)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for &place in places {
            let Some(target) = self.plan.to_send.get(place) else { continue };
            let text = template::fill_for(&message.text, &target.session, minutes);
            let group = *known.entry(text).or_insert_with_key(|text| {
                groups.push((MessageText { text: text.as_str().into(), ..message.clone() }, Vec::new()));
                groups.len() - 1
            });
            if let Some((_, places)) = groups.get_mut(group) {
                places.push(place);
            }
        }
        groups
    }

    /// One request with one text. That it leaves is on disk before it does, as of a message: after a crash its targets may
    /// have been warned, and are unsent, for nobody was logged off.
    async fn tell_them(
        &mut self,
        step: Step,
        message: MessageText,
        left_seconds: u32,
        chunk: Chunk,
    ) -> Result<(), Break> {
        let action = Action { verb: Verb::Message, message: Some(message) };
        self.pacing.cool_down(chunk.operation(Verb::Message)).await?;
        let says = CourseLine::Messaging { step, places: chunk.places.clone(), left_seconds };
        self.record.course(&says).await.map_err(Break::GaveUp)?;
        // The request counts; that it left says nothing of the logoff.
        self.tell(JobEvent::Sent { targets: Vec::new() }).await?;
        let targets = chunk.places.iter().filter_map(|place| self.plan.to_send.get(*place));
        let ids: Vec<SessionId> = targets.map(|target| target.session.id.clone()).collect();
        let (outcomes, fault) = match self.ask(&action, chunk.pod.as_ref(), ids, &[], Errand::default()).await
        {
            Ok(answers) => (answers.into_iter().map(Outcome::from).collect(), None),
            Err(fault) => (vec![outcome_of_call(&fault); chunk.places.len()], Some(fault)),
        };
        let outcomes: Vec<(usize, Outcome)> = chunk.places.iter().copied().zip(outcomes).collect();
        let verdict = self.verdict(&chunk, &outcomes, fault);
        let says = CourseLine::Messaged { step, outcomes: outcomes.clone() };
        let written = self.record.course(&says).await;
        self.tell(JobEvent::Messaged { step, outcomes }).await?;
        written.map_err(Break::GaveUp)?;
        verdict
    }
}
