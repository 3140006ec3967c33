//! The `foretop` program: everything it does is in the library.

use std::{io, process::ExitCode};

use foretop::{
    cli::{Streams, run},
    config::Environment,
};

fn main() -> ExitCode {
    let environment = Environment::read();
    let mut out = io::BufWriter::new(io::stdout());
    let mut err = io::stderr();
    let code = run(std::env::args_os(), &environment, &mut Streams { out: &mut out, err: &mut err });
    ExitCode::from(code)
}
