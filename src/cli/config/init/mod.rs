//! `foretop config init`: from a few answers to a profile that was tried.

mod ask;
mod questions;
mod trial;

use crate::{
    cli::{
        args::ConfigInitArgs,
        output,
        run::{Stop, Streams, note},
    },
    config::{
        CloudIdentity, Draft, Environment, Names, NewProfile, PROJECT_VARIABLE, PasswordSource, Paths,
        Prompt, Target, Terminal, Written,
    },
    domain::Text,
    error::Error,
};

use ask::Asker;

/// Runs it.
pub(super) fn run(
    args: &ConfigInitArgs,
    environment: &Environment,
    paths: &Paths,
    names: &Names,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let draft = Draft::open(paths, names).map_err(Error::from)?;
    // Only whoever can type into standard input is asked: a script must never wait for answers.
    let mut terminal = environment.stdin_is_terminal.then(|| Terminal::find(environment)).flatten();
    let mut asker = Asker::new(terminal.as_mut().map(|terminal| terminal as &mut dyn Prompt));
    if asker.is_alone() {
        let missing = questions::missing(args, environment.get(PROJECT_VARIABLE).is_some());
        if !missing.is_empty() {
            let error =
                Error::usage(format!("without a terminal nothing is asked: {} missing", missing.join(", ")));
            return Err(error.hint("see `foretop config init --help`").into());
        }
    } else {
        note(
            streams,
            &format!("a profile for {}; Ctrl-C leaves without writing anything", draft.path().display()),
        );
    }
    let new = ask_everything(args, &draft, environment, names, &mut asker)?;
    let new = if args.no_test { new } else { trial::run(new, args, environment, &mut asker, streams)? };
    let name = new.target.name().to_owned();
    let is_default = args.default
        || (!asker.is_alone()
            && !draft.file().profiles.is_empty()
            && asker.yes(&format!("Use `{name}` when no profile is named?"), false)?);
    let source = stored_in_keyring(&new);
    let written = draft.add(&new, is_default, names).map_err(Error::from)?;
    output::write(streams.out, &farewell(&name, &written, source.as_deref()))?;
    output::flush(streams.out)?;
    Ok(0)
}

fn ask_everything(
    args: &ConfigInitArgs,
    draft: &Draft,
    environment: &Environment,
    names: &Names,
    asker: &mut Asker<'_>,
) -> Result<NewProfile, Error> {
    let is_cloud = args.cloud.workspace
        || (args.servers.is_empty()
            && !asker.is_alone()
            && asker.choose("Which estate?", &["Horizon", "Huawei Cloud Workspace"])? == 1);
    let taken: Vec<String> = draft.file().profiles.keys().cloned().collect();
    let name = questions::name(args, &taken, asker)?;
    let target = if is_cloud {
        questions::cloud(name, args, names, environment.get(PROJECT_VARIABLE).is_some(), asker)?
    } else {
        questions::horizon(name, args, asker)?
    };
    let read_only = args.read_only
        || (!asker.is_alone() && asker.yes("Read-only at first, so that nothing can be changed?", true)?);
    Ok(NewProfile { target, read_only })
}

/// The user of the keyring under which the secret has to be stored, when it is there.
fn stored_in_keyring(new: &NewProfile) -> Option<String> {
    let (source, account) = match &new.target {
        Target::Simulated { .. } => return None,
        Target::Profile(profile) => (&profile.password, profile.account()),
        Target::Cloud(profile) => {
            let (CloudIdentity::Keys { secret_key: source, .. }
            | CloudIdentity::User { password: source, .. }) = &profile.identity;
            (source, profile.account())
        }
    };
    matches!(source, PasswordSource::Keyring).then(|| account.keyring_user())
}

/// What was written, and what to run next.
fn farewell(name: &str, written: &Written, keyring_user: Option<&str>) -> String {
    let mut lines = vec![format!("profile {name} is written to {}", written.path.display())];
    let is_default = written.used_by_default.as_deref() == Some(name);
    match &written.used_by_default {
        Some(default) if written.default_was_set => {
            lines.push(format!("default_profile is {default} now: it is used when no profile is named"));
        }
        _ => {}
    }
    if let Some(user) = keyring_user {
        lines.push(format!(
            "the keyring needs an entry with service foretop and user {user}, if it has none yet"
        ));
    }
    let named = if is_default { String::new() } else { format!(" --profile {name}") };
    lines.push("next:".to_owned());
    lines.push(format!("  foretop doctor{named}"));
    lines.push(format!("  foretop{named}"));
    let lines: Vec<String> = lines.iter().map(|line| Text::clean(line).to_string()).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(default: Option<&str>, default_was_set: bool) -> Written {
        Written { path: "/c.toml".into(), used_by_default: default.map(str::to_owned), default_was_set }
    }

    #[test]
    fn the_next_commands_name_the_profile_only_when_they_have_to() {
        assert_eq!(
            farewell("emea", &written(Some("emea"), false), None),
            "profile emea is written to /c.toml\nnext:\n  foretop doctor\n  foretop\n"
        );
        let beside = farewell("emea", &written(Some("apac"), true), Some("emea/CORP\\kaya"));
        assert!(beside.contains("default_profile is apac now"), "{beside}");
        assert!(beside.contains("user emea/CORP\\kaya"), "{beside}");
        assert!(beside.ends_with("  foretop doctor --profile emea\n  foretop --profile emea\n"), "{beside}");
    }
}
