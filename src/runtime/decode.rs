//! Bytes of the keyboard, taken apart: keys, pastes, and the terminal's answers to what it was asked, which come between
//! them.
//!
//! The parser is a library's. It cannot tell the answer to a status query from nonsense, so that this is taken out
//! before; and whether a lone Esc is a key or the beginning of something, time alone tells ([`Decoder::settle`]).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use termina::{
    Event, Parser,
    escape::csi::{Csi, DecModeSetting, DecPrivateMode, DecPrivateModeCode, Mode},
};

/// What a terminal says when it is asked for its status (`DSR`): that it is well.
const WELL: &[u8] = b"\x1b[0n";

/// One thing that the terminal sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// The operator did something.
    Event(Event),
    /// The terminal has worked through everything up to a status query.
    Well,
    /// Whether it can keep a frame back until all of it is there.
    Synchronizes(bool),
}

/// Takes bytes apart.
#[derive(Debug)]
pub(super) struct Decoder {
    parser: Parser,
    /// So many bytes of [`WELL`] were read last.
    matched: usize,
    /// So many of them were given out as keys already: an Esc that nothing followed for a while.
    spoken: usize,
    /// Whether an answer is on its way: then what follows a lone Esc late may be the rest of it.
    asked: Arc<AtomicBool>,
    heard: Vec<Heard>,
}

impl Decoder {
    /// Begins. `asked` says whether an answer is on its way.
    pub(super) fn new(asked: Arc<AtomicBool>) -> Self {
        Self { parser: Parser::default(), matched: 0, spoken: 0, asked, heard: Vec::new() }
    }

    /// Takes bytes; returns what is whole.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Heard> {
        for byte in bytes {
            self.byte(*byte);
        }
        std::mem::take(&mut self.heard)
    }

    /// Whether what came last may be the beginning of something.
    pub(super) fn is_open(&self) -> bool {
        self.matched > self.spoken
    }

    /// Nothing came for a while: an Esc alone is the key.
    pub(super) fn settle(&mut self) -> Vec<Heard> {
        match (self.matched, self.spoken) {
            (1, 0) => {
                self.parse(b"\x1b", false);
                // The rest of a torn answer must not be taken for keys.
                self.spoken = usize::from(self.asked.load(Ordering::SeqCst));
                self.matched = self.spoken;
            }
            // It was a key after all.
            (2.., 1) => self.give_out(),
            _ => {}
        }
        std::mem::take(&mut self.heard)
    }

    fn byte(&mut self, byte: u8) {
        if WELL.get(self.matched) == Some(&byte) {
            self.matched += 1;
            if self.matched == WELL.len() {
                (self.matched, self.spoken) = (0, 0);
                self.heard.push(Heard::Well);
            }
            return;
        }
        if (self.matched, self.spoken, byte) == (1, 0, 0x1b) {
            // Two of them: the first is a key.
            return self.parse(b"\x1b", false);
        }
        self.give_out();
        if byte == 0x1b {
            self.matched = 1;
        } else {
            self.parse(&[byte], true);
        }
    }

    /// What looked like the answer is something else.
    fn give_out(&mut self) {
        let begun = WELL.get(self.spoken..self.matched).unwrap_or_default();
        (self.matched, self.spoken) = (0, 0);
        self.parse(begun, true);
    }

    fn parse(&mut self, bytes: &[u8], more: bool) {
        if bytes.is_empty() {
            return;
        }
        self.parser.parse(bytes, more);
        while let Some(event) = self.parser.pop() {
            match event {
                Event::Csi(Csi::Mode(Mode::ReportDecPrivateMode { mode, setting })) => {
                    if mode == DecPrivateMode::Code(DecPrivateModeCode::SynchronizedOutput) {
                        let can = matches!(setting, DecModeSetting::Set | DecModeSetting::Reset);
                        self.heard.push(Heard::Synchronizes(can));
                    }
                }
                Event::Csi(_) | Event::Osc(_) | Event::Dcs(_) => {}
                event => self.heard.push(Heard::Event(event)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use termina::event::KeyCode;

    use super::*;

    fn decoder(asked: bool) -> Decoder {
        Decoder::new(Arc::new(AtomicBool::new(asked)))
    }

    fn keys(heard: &[Heard]) -> Vec<KeyCode> {
        let key = |heard: &Heard| match heard {
            Heard::Event(Event::Key(key)) => Some(key.code),
            _ => None,
        };
        heard.iter().filter_map(key).collect()
    }

    #[test]
    fn an_answer_between_keys_is_no_key() {
        let heard = decoder(true).take(b"a\x1b[0nb\x1b[A\x1b[0n");
        assert_eq!(keys(&heard), [KeyCode::Char('a'), KeyCode::Char('b'), KeyCode::Up]);
        assert_eq!(heard.iter().filter(|one| **one == Heard::Well).count(), 2);
    }

    #[test]
    fn a_torn_answer_is_no_key_wherever_it_is_torn_and_however_long_that_lasts() {
        for place in 1..WELL.len() {
            let mut decoder = decoder(true);
            let mut heard = decoder.take(&WELL[..place]);
            heard.extend(decoder.settle());
            heard.extend(decoder.settle());
            heard.extend(decoder.take(&WELL[place..]));
            heard.extend(decoder.take(b"j"));
            // Torn behind its first byte it looks like the key for a while: that one cannot be helped.
            let esc = if place == 1 { &[KeyCode::Escape][..] } else { &[] };
            assert_eq!(keys(&heard), [esc, &[KeyCode::Char('j')]].concat(), "{place}");
            assert!(heard.contains(&Heard::Well), "{place}");
        }
    }

    #[test]
    fn esc_is_a_key_when_nothing_follows_and_so_is_a_bracket_after_it() {
        for asked in [false, true] {
            let mut decoder = decoder(asked);
            assert!(decoder.take(b"\x1b").is_empty() && decoder.is_open());
            assert_eq!(keys(&decoder.settle()), [KeyCode::Escape]);
            assert!(!decoder.is_open());
            let mut heard = decoder.take(b"[");
            heard.extend(decoder.settle());
            heard.extend(decoder.take(b"x\x1b\x1b"));
            heard.extend(decoder.settle());
            let typed = [KeyCode::Char('['), KeyCode::Char('x'), KeyCode::Escape, KeyCode::Escape];
            assert_eq!(keys(&heard), typed, "{asked}");
        }
    }

    #[test]
    fn it_hears_whether_frames_can_be_kept_back() {
        for (answer, can) in [("2", true), ("1", true), ("0", false), ("4", false)] {
            let heard = decoder(false).take(format!("\x1b[?2026;{answer}$y").as_bytes());
            assert_eq!(heard, [Heard::Synchronizes(can)]);
        }
    }

    #[test]
    fn a_paste_is_one_thing() {
        let heard = decoder(false).take(b"\x1b[200~a\nb\x1b[201~");
        assert_eq!(heard, [Heard::Event(Event::Paste("a\nb".to_owned()))]);
    }

    proptest! {
        #[test]
        fn nothing_that_a_terminal_sends_is_fatal(bytes: Vec<u8>, asked: bool) {
            let mut decoder = decoder(asked);
            for byte in bytes {
                decoder.take(&[byte]);
                if byte % 7 == 0 {
                    decoder.settle();
                }
            }
        }

        #[test]
        fn what_is_typed_arrives_with_answers_in_between(text in "[ -~]{0,20}", places in prop::collection::vec(0_usize..20, 0..5)) {
            // From the end on: no answer tears another one apart.
            let mut places = places;
            places.sort_unstable_by(|a, b| b.cmp(a));
            let mut bytes: Vec<u8> = text.clone().into_bytes();
            for place in &places {
                let place = (*place).min(text.len());
                bytes.splice(place..place, WELL.iter().copied());
            }
            let heard = decoder(true).take(&bytes);
            let typed: String = keys(&heard).iter().filter_map(|key| match key {
                KeyCode::Char(character) => Some(*character),
                _ => None,
            }).collect();
            prop_assert_eq!(typed, text);
            prop_assert_eq!(heard.iter().filter(|one| **one == Heard::Well).count(), places.len());
        }
    }
}
