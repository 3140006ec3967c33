//! The clipboard of the operator's terminal, over any line: OSC 52, which terminals read from the output.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// What stands between this program and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Nothing that is known of.
    Nothing,
    /// tmux: it takes the sequence for itself, and passes on what is wrapped, each where it is switched on.
    Tmux,
    /// GNU screen: it passes on what is wrapped, in short pieces.
    Screen,
}

/// GNU screen takes at most 768 bytes in one piece.
const SCREEN_PIECE: usize = 512;

impl Around {
    /// What this program runs in, by its environment.
    pub(super) fn here() -> Self {
        if std::env::var_os("TMUX").is_some() {
            Self::Tmux
        } else if std::env::var_os("STY").is_some() {
            Self::Screen
        } else {
            Self::Nothing
        }
    }
}

/// What gives a text to the clipboard. Only letters, digits and a few signs of it reach the terminal: nothing in the
/// text can end the sequence.
pub(super) fn sequence(text: &str, around: Around) -> Vec<u8> {
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    let bytes = match around {
        Around::Nothing => plain,
        Around::Tmux => format!("{plain}\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")),
        Around::Screen => {
            let mut rest = plain.as_str();
            let mut wrapped = String::new();
            while !rest.is_empty() {
                // All of it is ASCII: every place is the end of a character.
                let (piece, behind) = rest.split_at(rest.len().min(SCREEN_PIECE));
                wrapped.extend(["\x1bP", piece, "\x1b\\"]);
                rest = behind;
            }
            wrapped
        }
    };
    bytes.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_arrives_through_tmux_and_screen() {
        let text = |around| String::from_utf8(sequence("log off", around)).unwrap();
        assert_eq!(text(Around::Nothing), "\x1b]52;c;bG9nIG9mZg==\x07");
        assert_eq!(
            text(Around::Tmux),
            "\x1b]52;c;bG9nIG9mZg==\x07\x1bPtmux;\x1b\x1b]52;c;bG9nIG9mZg==\x07\x1b\\"
        );
        assert_eq!(text(Around::Screen), "\x1bP\x1b]52;c;bG9nIG9mZg==\x07\x1b\\");
    }

    #[test]
    fn screen_gets_short_pieces_that_make_the_whole() {
        let long = "x".repeat(5_000);
        let wrapped = String::from_utf8(sequence(&long, Around::Screen)).unwrap();
        let pieces: Vec<&str> = wrapped.split("\x1bP").skip(1).collect();
        assert!(pieces.len() > 10 && pieces.iter().all(|piece| piece.len() <= SCREEN_PIECE + 2));
        let whole: String = pieces.iter().map(|piece| piece.strip_suffix("\x1b\\").unwrap()).collect();
        assert_eq!(whole.into_bytes(), sequence(&long, Around::Nothing));
    }
}
