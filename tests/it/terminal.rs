//! The real program in a real terminal: a pty with a terminal emulator behind it.

use std::{
    io::{Read as _, Write as _},
    sync::mpsc,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long to wait for anything before the test fails and shows the screen.
const LIMIT: Duration = Duration::from_secs(30);

/// A program in a terminal.
pub(crate) struct Terminal {
    screen: vt100::Parser,
    output: mpsc::Receiver<Vec<u8>>,
    keyboard: Box<dyn std::io::Write + Send>,
    master: Box<dyn MasterPty + Send>,
    pub(crate) child: Box<dyn Child + Send + Sync>,
    /// Echo, line mode and the like as the program found them.
    found: String,
    /// Everything that was written, for tests of what is restored.
    pub(crate) raw: Vec<u8>,
    /// Whether it tells who asks that it is well.
    pub(crate) answers: bool,
    /// The empty home that the program has; gone when the test ends.
    home: tempfile::TempDir,
}

impl Terminal {
    /// Starts the console with these arguments and variables on a screen of this size, in an empty home.
    pub(crate) fn start(size: (u16, u16), arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::spawn(size, env!("CARGO_BIN_EXE_foretop"), arguments, variables)
    }

    /// Starts any program.
    pub(crate) fn spawn(
        size: (u16, u16),
        program: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (cols, rows) = size;
        let pair =
            native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        for (name, value) in
            [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PATH", "/usr/local/bin:/usr/bin:/bin")]
        {
            command.env(name, value);
        }
        command.env("HOME", home.path());
        command.cwd(home.path());
        for (name, value) in variables {
            command.env(name, value);
        }
        let found = modes(&*pair.master);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        // Little room: a test that does not look lets the terminal fill up, as a dead line does.
        let (sender, output) = mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let mut buffer = [0; 16384];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(size_of(rows), size_of(cols), 0);
        Self {
            screen,
            output,
            keyboard,
            master: pair.master,
            child,
            found,
            raw: Vec::new(),
            answers: true,
            home,
        }
    }

    /// Types keys; `<enter>`, `<esc>`, `<tab>`, `<c-x>` by name.
    pub(crate) fn press(&mut self, keys: &str) {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let named = rest
                .strip_prefix('<')
                .and_then(|tail| tail.split_once('>'))
                .filter(|(name, _)| name.len() > 1);
            let length = named.map_or(first.len_utf8(), |(name, _)| name.len() + 2);
            let bytes = match named.map(|(name, _)| name) {
                None => first.to_string().into_bytes(),
                Some("enter") => b"\r".to_vec(),
                Some("esc") => b"\x1b".to_vec(),
                Some("tab") => b"\t".to_vec(),
                Some("down") => b"\x1b[B".to_vec(),
                Some(other) => vec![other.strip_prefix("c-").expect("a key name").as_bytes()[0] & 31],
            };
            self.keyboard.write_all(&bytes).unwrap();
            self.keyboard.flush().unwrap();
            if first == '<' {
                // A lone Esc is told from the beginning of a sequence by what follows: let it be read by itself.
                self.pump(Duration::from_millis(60));
            }
            rest = &rest[length..];
        }
    }

    /// Takes what the program writes for so long.
    pub(crate) fn pump(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Ok(bytes) = self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.take(&bytes);
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        // As terminals do: that it is well, for whoever asks.
        let asked = bytes.windows(4).filter(|piece| piece == b"\x1b[5n").count();
        if asked > 0 && self.answers {
            self.keyboard.write_all(&b"\x1b[0n".repeat(asked)).ok();
        }
        self.screen.process(bytes);
    }

    /// How often it was asked whether it is well: once for each frame.
    pub(crate) fn asked(&self) -> usize {
        self.raw.windows(4).filter(|piece| piece == b"\x1b[5n").count()
    }

    /// The screen as text.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until a frame is there as a whole: each ends with the question whether the terminal is well.
    pub(crate) fn settle(&mut self) {
        let end = Instant::now() + LIMIT;
        while !self.raw.ends_with(b"\x1b[5n") {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(mpsc::RecvTimeoutError::Timeout | mpsc::RecvTimeoutError::Disconnected) => {
                    panic!("a frame without an end. The screen:\n{}", self.text());
                }
            }
        }
    }

    /// The home that the program has.
    pub(crate) fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// The screen with its colours.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// The number that the sheet on the screen asks for.
    pub(crate) fn asked_number(&self) -> Option<String> {
        let screen = self.text();
        let rest = screen.split("Type ").nth(1)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    }

    /// Waits until the screen satisfies a condition; shows it when it never does.
    pub(crate) fn wait(&mut self, what: &str, condition: impl Fn(&str) -> bool) {
        let end = Instant::now() + LIMIT;
        loop {
            if condition(&self.text()) {
                return;
            }
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                // A clock that ticks must not keep the wait alive for ever.
                Ok(_) if Instant::now() >= end => panic!("never seen: {what}. The screen:\n{}", self.text()),
                Ok(bytes) => self.take(&bytes),
                Err(mpsc::RecvTimeoutError::Timeout | mpsc::RecvTimeoutError::Disconnected) => {
                    panic!("never seen: {what}. The screen:\n{}", self.text());
                }
            }
        }
    }

    /// Waits until a text is on the screen.
    pub(crate) fn see(&mut self, text: &str) {
        self.wait(text, |screen| screen.contains(text));
    }

    /// Waits for a question whose answer is not shown: the echo goes a moment after the question has come.
    pub(crate) fn see_secret(&mut self, question: &str) {
        self.see(question);
        let end = Instant::now() + LIMIT;
        while modes(&*self.master) == self.found {
            assert!(Instant::now() < end, "what is typed after {question:?} would be shown");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the program ends; its exit code.
    pub(crate) fn end(&mut self) -> u32 {
        let end = Instant::now() + LIMIT;
        while let Ok(bytes) = self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.take(&bytes);
        }
        self.child.wait().unwrap().exit_code()
    }

    /// Waits until the program ends without reading what it writes. Says whether it did.
    pub(crate) fn ends_unread(&mut self) -> bool {
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            if self.child.try_wait().unwrap().is_some() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Sends a signal to the program.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(
            std::process::Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success()
        );
    }

    /// Changes the size of the screen.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        self.screen.screen_mut().set_size(size_of(rows), size_of(columns));
    }

    /// Whether the terminal is as the program found it: the main screen, a visible cursor, no mouse, no bracketed
    /// paste, echo and line mode as before.
    pub(crate) fn is_restored(&self) -> bool {
        self.is_free() && modes(&*self.master) == self.found
    }

    /// The same but for echo and line mode, which a shell sets as it likes.
    pub(crate) fn is_free(&self) -> bool {
        let screen = self.screen.screen();
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    }
}

/// Echo, line mode and the like, as text that can be compared.
fn modes(master: &dyn MasterPty) -> String {
    let modes = master.get_termios().expect("a pty has modes");
    format!("{:?} {:?} {:?}", modes.local_flags, modes.input_flags, modes.output_flags)
}

fn size_of(cells: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(cells).expect("a size")
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.child.kill());
    }
}
