//! The `foretop` program: everything it does is in the library.

use std::{
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
};

use foretop::{
    cli::{Streams, give_memory_back, run},
    config::Environment,
    domain::Text,
};

fn main() -> ExitCode {
    give_memory_back();
    panic::set_hook(Box::new(report_bug));
    let ended = panic::catch_unwind(AssertUnwindSafe(|| {
        let environment = Environment::read();
        let mut out = io::BufWriter::new(io::stdout());
        let mut err = io::stderr();
        run(std::env::args_os(), &environment, &mut Streams { out: &mut out, err: &mut err })
    }));
    // The hook has said what there is to say.
    ExitCode::from(ended.unwrap_or(1))
}

/// Says that Foretop has a bug, and where. Never a stack trace; server text in the words is made harmless.
fn report_bug(info: &panic::PanicHookInfo<'_>) {
    let place = info.location().map_or_else(String::new, |location| format!(" at {location}"));
    let words = Text::clean(info.payload_as_str().unwrap_or("no words"));
    // There is nobody else to tell.
    writeln!(
        io::stderr(),
        "foretop: internal error{place}: {words}\nforetop: hint: this is a bug in Foretop"
    )
    .ok();
}
