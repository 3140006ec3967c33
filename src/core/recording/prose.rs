//! Sentences with names in them: words of the trade stay, everything else is replaced.

use super::scramble::{Scrambler, words};

/// Words that name nobody. What is not among them is taken for a name.
const KNOWN: &str = "
    accounts ahead allocated also assistance authenticate behind changes connections contact else
    encountered everything every marking newer offline older outside patches path perform performing processing publish
    queries ready responded resolve settings unable username vcenters
    a about above accept accepted access account action active actions add added address administrator after again agent all
    allowed already an and answer answered any application applications are as asked asset assigned at attempt audit auth
    authenticated authentication available
    bad because been before begin being below between body broker brokered bulk but by bytes
    call calls cancelled cannot capacity certificate change changed clears client closed cloud cluster code command complete
    completed composer configured confirmed connect connected connecting connection console could count created creation
    credentials database data date day days deleted denied desktop desktops directory disconnect disconnected display
    dns does doing domain down due duration during
    empty enabled end ended entered entitled entity entry error esc event events exceeded exists expected expired external
    failed failure farm farms federation field file files filter filters first folder follow following for forbidden forced found from
    full gateway given gone granted group groups guest
    had has have health held here horizon host hour hours however http id idle if ignored image images in incomplete
    inside instance internal into invalid is it item items its job jobs journal just key
    last later launch less level license limit line list listed local locked log logged login logoff logon logout longer
    lost machine machines made maintenance management many maximum may message messages minute minutes missing mode more
    most must name named needed network new next no none not nothing now number
    of off offered ok old on once one only open opened operation operator or order other out over own
    page pages parameter part partly password pending performed permission permissions permitted pod pods policy pool
    pools port power powered present privilege privileges problem process protected protocol provisioned provisioning
    push query quota rate rds reached read reason received reconnected record refresh refused rejected release released
    remote removed replicated report request requested requests required reset response restart restarted result retry
    right rights role roles root row rows running same saved second seconds sent server servers service session sessions
    set shared shown shut shutdown since single size so some source started state status step still stopped storage
    stream streams succeeded successfully support system table tag target targets task than that the their then there
    these they this time timed timeout to token too total try two type unauthenticated unauthorized unavailable
    unexpected unknown unreachable until up update updated use used user users using valid value vcenter verified
    version versions view virtual wait waited waiting was way were what when where which while who whole whose why will
    with within without word words works wrong yet you your zone

    admin blast pcoip rdp tls ssl tcp ip url uri json rest api sso saml radius os pc pcs vm vms utc
    agent_connected agent_disconnected

    entitynotfound insufficientpermission invalidargument invalidstate invalidtype entityinuse partialfailure
    throttled
";

/// Punctuation around a word.
const AROUND: &[char] =
    &['(', ')', '[', ']', '\'', '"', '`', ',', '.', ';', ':', '!', '?', '…', '<', '>', '«', '»'];

/// A sentence with stand-ins for everything in it that may be a name.
pub(super) fn sentence(scrambler: &mut Scrambler, text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end_matches(char::is_whitespace);
        let core = word.trim_matches(AROUND);
        let (Some(at), false) = (word.find(core), core.is_empty()) else {
            replaced.push_str(piece);
            continue;
        };
        let (before, rest) = piece.split_at(at);
        let (_, after) = rest.split_at(core.len());
        replaced.push_str(before);
        if says_nothing(core) {
            replaced.push_str(core);
        } else {
            replaced.push_str(&scrambler.name(core));
        }
        replaced.push_str(after);
    }
    replaced
}

/// The text of a message to users: only placeholders such as `{user}` stay.
pub(super) fn message(scrambler: &mut Scrambler, text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        replaced.push_str(&scramble_words(scrambler, before));
        let end = from.find('}').map_or(from.len(), |close| close + 1);
        let (placeholder, after) = from.split_at(end);
        let is_known = placeholder.len() < 20
            && placeholder.ends_with('}')
            && crate::core::bulk::template::Field::named(placeholder.trim_matches(['{', '}'])).is_some();
        if is_known {
            replaced.push_str(placeholder);
            rest = after;
        } else {
            replaced.push('{');
            rest = from.strip_prefix('{').unwrap_or_default();
        }
    }
    replaced.push_str(&scramble_words(scrambler, rest));
    replaced
}

fn scramble_words(scrambler: &Scrambler, text: &str) -> String {
    words(text, |word| scrambler.word(word))
}

/// Whether a word between blanks is part of the language, or a small number with its unit.
fn says_nothing(word: &str) -> bool {
    let digits = word.trim_end_matches(['s', 'm', 'h', 'd', '%']);
    let is_small =
        digits.len() <= 3 && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_unit = matches!(word, "s" | "m" | "h" | "d" | "ms");
    is_small || is_unit || word.split('_').all(is_known)
}

/// Whether a word is one of the language, however it is written.
pub(super) fn is_known(word: &str) -> bool {
    KNOWN.split_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_keep_their_words_and_lose_their_names() {
        let mut scrambler = Scrambler::new(&[7; 32]);
        let told = "User CORP\\alvarez.m has logged in to machine FIN-W11-042 (pool finance), within 15 s.";
        let scrambled = sentence(&mut scrambler, told);
        let name = scrambler.name("CORP\\alvarez.m");
        assert!(scrambled.starts_with(&format!("User {name} has logged in to machine ")), "{scrambled}");
        assert!(scrambled.ends_with("), within 15 s."), "{scrambled}");
        for part in ["CORP", "alvarez", "FIN", "W11", "042", "finance"] {
            assert!(!scrambled.contains(part), "{scrambled}");
        }
        assert_eq!(scrambled.chars().count(), told.chars().count());
    }

    #[test]
    fn messages_keep_their_placeholders_only() {
        let mut scrambler = Scrambler::new(&[7; 32]);
        let scrambled = message(&mut scrambler, "Dear {user}, save {your} work");
        assert!(scrambled.contains("{user}"), "{scrambled}");
        assert!(!scrambled.contains("Dear") && !scrambled.contains("your"), "{scrambled}");
    }
}
