//! What a text must look like to be kept as it is, although somebody else wrote it: a server, or whoever renamed a file.

use super::{
    prose,
    scramble::{Scrambler, words},
};
use crate::{
    core::{key_name, looks, table::ChosenColumn},
    domain::{Moment, Verb},
};

/// So many characters of a version or time are kept at most.
const LONGEST: usize = 64;
/// Words that stand in versions of products and systems.
const OF_VERSIONS: &str = "
    alpha bit build centos client core datacenter debian desktop edition education enterprise esb euleros evaluation ga
    hat home horizon hotfix iot kylin linux long lts ltsb ltsc mac macos multi none openeuler patch preview pro
    professional r2 rc red release rhel rocky server service session standard suse ubuntu unknown uos update version
    web windows workstation x64 x86
";
/// Words of the servers that are not written in capitals, beside the words of sentences.
const OF_SERVERS: &str = "
    aborting accelerated activating active admin android attaching authorization broker building built common cpa desktops
    detaching endpoint entities exist forwarded framework full gold hard hibernated html instant ios linux mac macos
    migrating object other paused private public query reboot rebooting rebuild rebuilding resize resized resizing
    resource saving shelved shutoff soft spawning starting stopping suspended suspending tunnel verify vlsi windows
    address attr body count current entitlement folder global id ids ip length method name policy sid transfer
";
/// How long the codes may be that come before the number of an error: `WKS.00211902`.
const PREFIX: usize = 5;

fn is_one_of(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether it is a number of at most so many digits.
pub(super) fn is_number(word: &str, most: usize) -> bool {
    !word.is_empty() && word.len() <= most && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it looks like the version of a program or system: `8.12.0-23149323`, `Windows Server 2019 Datacenter 64bit`.
pub(super) fn is_version(text: &str) -> bool {
    // A number alone may be that of a person.
    let is_alone = text.bytes().all(|byte| byte.is_ascii_digit());
    let between = |character: char| " .,-_+:()/".contains(character);
    text.len() <= LONGEST
        && !(is_alone && text.len() > 5)
        && text.split(between).all(|part| part.is_empty() || is_part_of_version(part))
}

/// `23149323`, `20H2`, `64bit`, `v8`, `rc1` or a word.
fn is_part_of_version(part: &str) -> bool {
    let small = part.to_ascii_lowercase();
    let number = ["v", "rc", "sp", "kb"].iter().find_map(|before| small.strip_prefix(before));
    let number = number.unwrap_or(&small);
    let is_half = number.split_once('h').is_some_and(|(year, half)| is_number(year, 2) && is_number(half, 1));
    is_number(&small, 10)
        || is_number(number, if small.starts_with("kb") { 7 } else { 3 })
        || is_number(number.strip_suffix("bit").unwrap_or_default(), 2)
        || is_half
        || is_one_of(OF_VERSIONS, &small)
}

/// Whether it is a time: written as one, and one that can be read.
pub(super) fn is_time(text: &str) -> bool {
    let is_of_it = |byte: u8| byte.is_ascii_digit() || b"-:.+ TZtz".contains(&byte);
    text.len() <= LONGEST
        && text.bytes().all(is_of_it)
        && text.as_bytes().get(4) == Some(&b'-')
        && Moment::read(text).is_some_and(|moment| moment.at.is_some())
}

/// Whether it is the id of a plan as this program makes them: four or eight hexadecimal digits. Letters alone may be
/// a name.
pub(super) fn is_plan(id: &str) -> bool {
    is_of_plan(id) && id.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_of_plan(id: &str) -> bool {
    matches!(id.len(), 4 | 8) && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether it is the id of a journal as this program makes them, `20260302T140220Z-7f3a` or `...-7f3a-2`, or of a plan.
/// Somebody may have copied the file under another name.
pub(super) fn is_journal(id: &str) -> bool {
    let is_stamp = |stamp: &str| {
        stamp.len() == 16
            && stamp.bytes().zip(b"00000000T000000Z".iter()).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                other => byte == *other,
            })
    };
    let Some((stamp, plan)) = id.split_once('-') else { return is_plan(id) };
    let plan = match plan.split_once('-') {
        Some((plan, again)) if is_number(again, 4) => plan,
        Some(_) => return false,
        None => plan,
    };
    is_stamp(stamp) && is_of_plan(plan)
}

/// Whether it looks like a word of a list of the server, such as `DISCONNECTED`, `WINDOWS_SERVER_2022` or
/// `AGENT_CONNECTED`, or is one of the known ones that are written otherwise, such as `Broker`.
pub(super) fn is_word(word: &str) -> bool {
    let is_large = |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase()) || is_number(part, 4);
    let is_constant = word.len() <= LONGEST
        && word.starts_with(|first: char| first.is_ascii_uppercase())
        && word.split('_').all(|part| !part.is_empty() && is_large(part));
    is_constant || is_known(word)
}

/// Whether all parts of a word are known: `rebooting_hard`, `UserDisplayName`.
pub(super) fn is_known(word: &str) -> bool {
    let is_part = |part: &str| prose::is_known(part) || is_one_of(OF_SERVERS, part);
    !word.is_empty()
        && word.len() <= LONGEST
        && word.split('_').all(|part| is_part(part) || is_camel(part, is_part))
}

/// Whether it is made of such words, each with a capital: `ViewApiMethodName`.
fn is_camel(word: &str, is_part: impl Fn(&str) -> bool) -> bool {
    let mut rest = word;
    while !rest.is_empty() {
        let ends =
            rest.char_indices().skip(1).filter(|(_, next)| next.is_ascii_uppercase()).map(|(at, _)| at);
        // The longest one that is known: `REST` is four capitals.
        let ends: Vec<usize> = ends.chain([rest.len()]).collect();
        let known = ends.iter().rev().find_map(|end| {
            let (part, after) = rest.split_at_checked(*end)?;
            is_part(part).then_some(after)
        });
        match known {
            Some(after) => rest = after,
            None => return false,
        }
    }
    !word.is_empty()
}

/// Whether it is the code or key of an error: `WKS.00211902`, `common.entity.does.not.exist`.
pub(super) fn is_code(code: &str) -> bool {
    let is_prefix = |part: &str| part.len() <= PREFIX && part.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_part = |part: &str| !part.is_empty() && (is_known(part) || is_number(part, 8) || is_prefix(part));
    // A prefix alone may be a name.
    code.len() <= LONGEST
        && (is_known(code) || is_word(code) || code.contains('.') && code.split(['.', '-']).all(is_part))
}

/// Whether it is the name of a theme that comes with the program.
pub(super) fn is_theme(name: &str) -> bool {
    looks::SHIPPED.contains(&name)
}

/// Whether it is a word that only this program writes: a column with its width, or keys. Nothing else can be read in
/// their place.
pub(super) fn is_own(word: &str) -> bool {
    word.parse::<ChosenColumn>().is_ok() || key_name::parse(word).is_ok()
}

/// Whether it is the name of a verb.
pub(super) fn is_verb(name: &str) -> bool {
    Verb::ALL.iter().any(|verb| verb.name() == name)
}

/// A pace, whole or half typed: its words, their beginnings and numbers that a pace may have stay.
pub(super) fn pace(scrambler: &Scrambler, text: &str) -> String {
    const WORDS: [&str; 12] =
        ["canary", "none", "per", "call", "chunk", "s", "m", "between", "pause", "stop", "above", "failed"];
    words(text, |word| {
        let number = word.trim_end_matches(['s', 'm']);
        let is_of_it = WORDS.iter().any(|known| known.starts_with(word))
            || is_number(number, 4) && word.len() - number.len() <= 1;
        if is_of_it { word.to_owned() } else { scrambler.word(word) }
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("8.12.0-23149323")]
    #[case("8.14.0 build-21964677")]
    #[case("2309")]
    #[case("Windows Server 2019 Datacenter 64bit")]
    #[case("20H2")]
    #[case("v8.4-rc1")]
    fn versions_stay(#[case] text: &str) {
        assert!(is_version(text), "{text}");
    }

    #[rstest]
    #[case("alvarez")]
    #[case("8.12.0-alvarez")]
    #[case("00123456")]
    #[case("b1234567")]
    #[case("alvarez.m")]
    #[case("10.11.12.13 alvarez")]
    fn what_is_no_version_does_not(#[case] text: &str) {
        assert!(!is_version(text), "{text}");
    }

    #[test]
    fn a_time_is_one_that_can_be_read() {
        for time in [
            "2024-05-07T07:54:21.009Z",
            "2022-08-13 07:00:20",
            "2016-08-20T21:11Z",
            "2024-05-07T15:54:21+08:00",
        ] {
            assert!(is_time(time), "{time}");
        }
        for other in ["soon", "19840612", "+49 170 1234567", "2024-05-07 alvarez", "2024-99-07 00:00:00", ""]
        {
            assert!(!is_time(other), "{other}");
        }
    }

    #[test]
    fn ids_are_kept_in_the_form_of_this_program_only() {
        for id in ["20260302T140220Z-7f3a", "20260302T140220Z-7f3a-2", "20260302T140220Z-0f3a99bc", "7f3a"] {
            assert!(is_journal(id), "{id}");
        }
        for id in [
            "jdoe-backup",
            "20260302T140220Z-jdoe",
            "20260302T140220Z-7f3a-jdoe",
            "20260302T140220Z",
            "dead",
            "",
        ] {
            assert!(!is_journal(id), "{id}");
        }
        assert!(is_plan("0bc4") && !is_plan("beda") && !is_plan("7F3A") && !is_plan("12345"));
    }

    #[rstest]
    #[case("DISCONNECTED", true)]
    #[case("WINDOWS_SERVER_2022", true)]
    #[case("Broker", true)]
    #[case("Vlsi", true)]
    #[case("rebooting_hard", true)]
    #[case("UserDisplayName", true)]
    #[case("RESTHttpMethodName", true)]
    #[case("private", true)]
    #[case("alvarez", false)]
    #[case("Alvarez", false)]
    #[case("PC0042", false)]
    #[case("UserAlvarez", false)]
    #[case("1984", false)]
    #[case("", false)]
    fn words_are_constants_or_known(#[case] word: &str, #[case] kept: bool) {
        assert_eq!(is_word(word), kept, "{word}");
    }

    #[test]
    fn codes_of_errors_stay_and_names_in_them_do_not() {
        for code in ["WKS.00211902", "common.entity.does.not.exist", "A.3", "ENTITY_NOT_FOUND"] {
            assert!(is_code(code), "{code}");
        }
        for code in ["alvarez", "WKS.alvarez", "alvarez.m", "0012345"] {
            assert!(!is_code(code), "{code}");
        }
    }

    #[test]
    fn a_pace_stays_while_it_is_typed_and_a_name_does_not() {
        let scrambler = Scrambler::new(&[7; 32]);
        let text = "canary 1%, 25 per call, 5 s between, pause 2m, stop above 10% failed";
        for (end, _) in text.char_indices() {
            let begun = text.get(..end).unwrap();
            assert_eq!(pace(&scrambler, begun), begun);
        }
        for name in ["alvarez", "1234567", "canary alvarez", "25sam"] {
            let masked = pace(&scrambler, name);
            assert!(!masked.contains("alvarez") && masked != name && masked.len() == name.len(), "{masked}");
        }
    }
}
