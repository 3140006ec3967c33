//! What the allocator of the system must know before the program begins.

/// The variable by which glibc is told from which size on memory goes back to the system when it is freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const THRESHOLD: &str = "MALLOC_MMAP_THRESHOLD_";

/// Starts the program over, once, so that a long list that gives way to another is not kept: by itself glibc moves that
/// threshold up to 32 MB with the first such list, and the memory of the next ones stays scattered over the arenas of all threads.
/// The allocator reads its settings before anything of ours runs, and telling it later takes unsafe code.
///
/// Only for people at a terminal: a console stays for hours, a command ends. Whoever has set the variable has chosen. Where the
/// program cannot be started over it goes on as it is.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_memory_back() {
    use std::{
        env,
        io::{IsTerminal as _, stdin, stdout},
        os::unix::process::CommandExt as _,
        process::Command,
    };

    let chosen = env::var_os(THRESHOLD).is_some() || env::var_os("GLIBC_TUNABLES").is_some();
    if chosen || !stdin().is_terminal() || !stdout().is_terminal() {
        return;
    }
    let mut arguments = env::args_os();
    if let (Ok(program), Some(name)) = (env::current_exe(), arguments.next()) {
        // It comes back only when that failed.
        drop(Command::new(program).arg0(name).args(arguments).env(THRESHOLD, "131072").exec());
    }
}

/// Other allocators give back what is freed.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_memory_back() {}
