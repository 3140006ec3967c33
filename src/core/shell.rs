//! Command lines that do the same as a sheet.

/// A word as a POSIX shell takes it: in single quotes where it must be.
pub fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:=@%+,".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A command line of this program with the profile that it is for, right behind its name: without it the estate of
/// whichever profile is the default one would be meant.
pub fn for_profile(command: &str, profile: Option<&str>) -> String {
    match (command.split_once(' '), profile) {
        (Some((name, rest)), Some(profile)) => format!("{name} --profile {} {rest}", quoted(profile)),
        _ => command.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_the_profile_that_it_is_for() {
        assert_eq!(for_profile("foretop apply 7f3a --yes 3", None), "foretop apply 7f3a --yes 3");
        let named = for_profile("foretop apply 7f3a --yes 3", Some("my cloud"));
        assert_eq!(named, "foretop --profile 'my cloud' apply 7f3a --yes 3");
    }

    #[test]
    fn what_a_shell_would_read_otherwise_stands_in_quotes() {
        assert_eq!(quoted("win11-office/prod"), "win11-office/prod");
        assert_eq!(quoted("it's new"), "'it'\\''s new'");
        assert_eq!(quoted("a;b"), "'a;b'");
        assert_eq!(quoted(""), "''");
    }
}
