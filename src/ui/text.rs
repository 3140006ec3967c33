//! Text measured as a terminal shows it: widths, cutting, wrapping. Never by bytes or characters.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr;

/// The columns that a text takes: the sum over what people see as one character, which is how cells are filled. (The
/// width of a whole text may be less: terminals that join Arabic letters do so within the same cells.)
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// The longest beginning that fits into so many columns.
pub(super) fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (offset, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > columns {
            return text.get(..offset).unwrap_or_default();
        }
    }
    text
}

/// The longest end that fits into so many columns.
fn tail(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (offset, grapheme) in text.grapheme_indices(true).rev() {
        used += grapheme.width();
        if used > columns {
            return text.get(offset + grapheme.len()..).unwrap_or_default();
        }
    }
    text
}

/// A text that fits, cut at its end.
pub(super) fn cut<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(width(ellipsis)) else {
        return Cow::Borrowed(head(text, columns));
    };
    Cow::Owned(format!("{}{ellipsis}", head(text, room)))
}

/// A text that fits, cut in its middle: the ends of names tell them apart.
pub(super) fn cut_middle<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(width(ellipsis)).filter(|room| *room >= 3) else {
        return Cow::Borrowed(head(text, columns));
    };
    let front = head(text, room.div_ceil(2));
    Cow::Owned(format!("{front}{ellipsis}{}", tail(text, room - width(front))))
}

/// A sentence that fits, cut before its end: parentheses at its end stay whole where there is room for them, else half
/// of it stays.
pub(super) fn cut_before_end<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    const FRONT: usize = 8;
    let Some(room) = columns.checked_sub(width(ellipsis) + FRONT).filter(|_| width(text) > columns) else {
        return cut_middle(text, columns, ellipsis);
    };
    let end = text.ends_with(')').then(|| text.rfind('(')).flatten().and_then(|at| text.get(at..));
    match end.filter(|end| width(end) <= room && width(end) > columns / 2) {
        Some(end) => Cow::Owned(format!("{}{ellipsis}{end}", head(text, room + FRONT - width(end)))),
        None => cut_middle(text, columns, ellipsis),
    }
}

/// So many words still are a name, such as that of a pool; more are a sentence.
const NAME_WORDS: usize = 4;

/// Words of so few columns are no name: a client and its version begin with what matters.
const SHORT: usize = 10;

/// A text that fits: names are cut in their middle, sentences and short words at their end.
fn fit<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    let words = text.split(' ').count();
    if words > NAME_WORDS || (words > 1 && width(text) <= SHORT) {
        cut(text, columns, ellipsis)
    } else {
        cut_middle(text, columns, ellipsis)
    }
}

/// A text in exactly so many columns, filled up with blanks at its right.
pub(super) fn left(text: &str, columns: usize, ellipsis: &str) -> String {
    let cut = fit(text, columns, ellipsis);
    let blanks = columns.saturating_sub(width(&cut));
    format!("{cut}{:blanks$}", "")
}

/// An account in exactly so many columns, filled up with blanks at its right: of `name@domain` the domain is cut first, and
/// the name only when nothing is left of the domain.
pub(super) fn account(text: &str, columns: usize, ellipsis: &str) -> String {
    let Some((name, domain)) = text.rsplit_once('@').filter(|_| width(text) > columns) else {
        return left(text, columns, ellipsis);
    };
    // At least one letter of the domain, or the sign alone would say nothing.
    match columns.checked_sub(width(name) + 1 + width(ellipsis)) {
        Some(room @ 1..) => left(&format!("{name}@{}{ellipsis}", head(domain, room)), columns, ellipsis),
        _ => left(name, columns, ellipsis),
    }
}

/// A text in exactly so many columns, filled up with blanks at its left.
pub(super) fn right(text: &str, columns: usize, ellipsis: &str) -> String {
    let cut = fit(text, columns, ellipsis);
    let blanks = columns.saturating_sub(width(&cut));
    format!("{:blanks$}{cut}", "")
}

/// A line broken into lines of at most so many columns: at blanks where possible, within words where not. The blanks
/// at a break stay at the end of their line, so that joining the lines gives the text again.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<&str> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    let mut start = 0;
    let mut used = 0;
    // Where the line could be broken, and the columns up to there.
    let mut chance: Option<(usize, usize)> = None;
    for (offset, grapheme) in text.grapheme_indices(true) {
        let wide = grapheme.width();
        // A blank may hang over the edge: it is not seen.
        if used + wide > columns && grapheme != " " && offset > start {
            let (at, before) = chance.take().unwrap_or((offset, used));
            lines.push(text.get(start..at).unwrap_or_default());
            start = at;
            used -= before;
        }
        used += wide;
        if grapheme == " " {
            chance = Some((offset + 1, used));
        }
    }
    lines.push(text.get(start..).unwrap_or_default());
    lines
}

/// The sign by which a shell goes on with the next line, behind a blank.
const GOES_ON: &str = " \\";

/// A command line over as many lines as it needs, each but the last with the sign at its end by which a shell goes on
/// with the next one: what is copied from several lines is one command. It is broken between words, never within quotes;
/// a word that is longer than a line hangs over, to be broken by whoever draws it.
pub(super) fn wrap_command(command: &str, columns: usize) -> Vec<String> {
    if width(command) <= columns {
        return vec![command.to_owned()];
    }
    let room = columns.saturating_sub(GOES_ON.len());
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in shell_words(command) {
        if !line.is_empty() && width(&line) + 1 + width(word) > room {
            lines.push(std::mem::take(&mut line) + GOES_ON);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// The words of a command line as they are written, quotes and all.
fn shell_words(command: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    let is_gap = move |character: char| {
        let plain = !std::mem::take(&mut escaped);
        match character {
            '\'' if plain => quoted = !quoted,
            '\\' if plain && !quoted => escaped = true,
            _ => {}
        }
        character == ' ' && plain && !quoted
    };
    command.split(is_gap).filter(|word| !word.is_empty())
}

/// Where the character at a place (in grapheme clusters) stands after wrapping: line and column of the screen.
pub(super) fn place_in_wrapped(lines: &[&str], place: usize, columns: usize) -> (usize, usize) {
    let mut left = place;
    let last = lines.len().saturating_sub(1);
    for (number, line) in lines.iter().enumerate() {
        let count = line.graphemes(true).count();
        if left < count || number == last {
            let before: usize = line.graphemes(true).take(left).map(UnicodeWidthStr::width).sum();
            return (number, before.min(columns.saturating_sub(1)));
        }
        left -= count;
    }
    (0, 0)
}

/// The columns of cells side by side: those as usual where everything fits into them; otherwise each cell gets what it
/// needs, and where there is not that much room those that need the most share what the others leave. What is left over
/// goes to the last one.
pub(super) fn fitted<const N: usize>(usual: [usize; N], needed: [usize; N]) -> [usize; N] {
    if needed.iter().zip(&usual).all(|(needed, usual)| needed <= usual) {
        return usual;
    }
    let mut left: usize = usual.iter().sum();
    let mut widths = needed;
    let mut open: Vec<usize> = (0..N).collect();
    while !open.is_empty() {
        let share = left / open.len();
        let (small, large): (Vec<usize>, Vec<usize>) =
            open.iter().partition(|place| needed[**place] <= share);
        if small.is_empty() {
            let odd = left % open.len();
            for (number, place) in open.iter().enumerate() {
                widths[*place] = share + usize::from(number < odd);
            }
            return widths;
        }
        left -= small.iter().map(|place| needed[*place]).sum::<usize>();
        open = large;
    }
    if let Some(last) = widths.last_mut() {
        *last += left;
    }
    widths
}

/// A count with its noun: `1 session`, `2000 sessions`. Numbers are digits alone everywhere, as they have to be typed.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The same where there may be more, because some are not known: `3+? users`.
pub(super) fn counted_with(count: usize, unknown: usize, one: &str, many: &str) -> String {
    if unknown == 0 { counted(count, one, many) } else { format!("{count}+? {many}") }
}

/// A number that may be higher by those of which it is not known: `12 to 14`.
pub(super) fn up_to(count: usize, unknown: usize) -> String {
    if unknown == 0 { count.to_string() } else { format!("{count} to {}", count + unknown) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_several_words_are_told_apart_and_sentences_keep_their_beginning() {
        assert_eq!(left("Frankfurt Windows 11", 10, "…"), "Frank…s 11");
        assert_eq!(left("Frankfurt Desktop", 10, "…"), "Frank…ktop");
        assert_eq!(left("nothing was seen before that", 10, "…"), "nothing w…");
        assert_eq!(left("win 8.12", 6, "…"), "win 8…", "a platform and its version");
    }

    #[test]
    fn names_are_cut_in_the_middle_and_their_ends_stay() {
        assert_eq!(cut_middle("FINW11-014.corp.example", 12, "…"), "FINW11…ample");
        assert_eq!(cut_middle("short", 12, "…"), "short");
        assert_eq!(account("alvarez.ana@corp.example", 16, "…"), "alvarez.ana@cor…");
        assert_eq!(account("alvarez.ana@corp.example", 14, "…"), "alvarez.ana@c…");
        assert_eq!(account("alvarez.ana@corp.example", 13, "…"), "alvarez.ana  ");
        assert_eq!(account("alvarez.ana@corp.example", 11, "…"), "alvarez.ana");
        assert_eq!(account("alvarez.ana@corp.example", 9, "…"), "alva….ana");
        assert_eq!(account("kaya@corp.example", 18, "…"), "kaya@corp.example ");
        assert_eq!(account("@corp.example", 5, "…"), "@cor…");
        assert_eq!(account("a-very-long-name", 9, "…"), "a-ve…name");
        assert_eq!(cut_middle("anything", 2, "…"), "an");
        assert_eq!(cut_middle("王伟王伟王伟", 7, "…"), "王…王伟", "wide characters are never halved");
        assert_eq!(cut("a sentence", 6, "~"), "a sen~");
        let told = "a.kaya sent a message to (User CORP\\x, Desktop M)";
        assert_eq!(cut_before_end(told, 34, "~"), "a.kaya se~(User CORP\\x, Desktop M)");
        assert_eq!(cut_before_end(told, 60, "~"), told);
        assert_eq!(cut_before_end("no parentheses at all", 11, "~"), "no pa~t all");
    }

    #[test]
    fn columns_line_up_whatever_is_in_them() {
        for name in ["abel.n", "王伟", "مريم", "لا", "e\u{301}va", "👩‍💻", "ｆｕｌｌ", ""]
        {
            assert_eq!(width(&left(name, 6, "…")), 6, "{name}");
            assert_eq!(width(&right(name, 6, "…")), 6, "{name}");
        }
    }

    #[test]
    fn lines_are_broken_at_blanks_and_the_cursor_finds_its_place() {
        let lines = wrap("please save your work", 11);
        assert_eq!(lines, ["please save ", "your work"]);
        assert_eq!(place_in_wrapped(&lines, 0, 11), (0, 0));
        assert_eq!(place_in_wrapped(&lines, 12, 11), (1, 0));
        assert_eq!(place_in_wrapped(&lines, 21, 11), (1, 9));
        assert_eq!(wrap("abcdef", 4), ["abcd", "ef"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("🫎\u{11347}x", 2), ["🫎\u{11347}", "x"], "what is wider than the line stands alone");
    }

    #[test]
    fn a_command_line_is_broken_between_words_and_goes_on_for_a_shell() {
        let command = r"foretop sessions logoff --guard 'state:disc idle>4h' --text 'it'\''s a b' --yes 2";
        assert_eq!(
            wrap_command(command, 30),
            [
                r"foretop sessions logoff \",
                r"--guard 'state:disc idle>4h' \",
                r"--text 'it'\''s a b' --yes 2"
            ]
        );
        assert_eq!(wrap_command("foretop jobs", 12), ["foretop jobs"]);
        assert_eq!(wrap_command("foretop 'a b c d e f'", 12), ["foretop \\", "'a b c d e f'"]);
    }

    #[test]
    fn columns_go_to_what_is_there() {
        assert_eq!(fitted([10, 10, 10], [4, 10, 3]), [10, 10, 10], "as usual where it fits");
        assert_eq!(fitted([10, 10, 10], [14, 5, 3]), [14, 5, 11]);
        assert_eq!(fitted([10, 10, 10], [40, 5, 30]), [13, 5, 12]);
        assert_eq!(fitted([2, 2], [9, 9]), [2, 2]);
    }

    #[test]
    fn counts_are_digits_alone() {
        assert_eq!(counted(1, "user", "users"), "1 user");
        assert_eq!(counted(250_000, "user", "users"), "250000 users");
        assert_eq!(counted_with(1, 0, "user", "users"), "1 user");
        assert_eq!(counted_with(3, 2, "user", "users"), "3+? users");
        assert_eq!((up_to(12, 0).as_str(), up_to(12, 2).as_str()), ("12", "12 to 14"));
    }

    proptest! {
        #[test]
        fn what_is_cut_fits(text in "\\PC{0,40}", columns in 0..30_usize) {
            prop_assert!(width(&cut(&text, columns, "…")) <= columns);
            prop_assert!(width(&cut_middle(&text, columns, "…")) <= columns);
            prop_assert_eq!(width(&account(&text, columns, "…")), columns);
            let told = format!("{text} ({text})");
            prop_assert!(width(&cut_before_end(&told, columns, "…")) <= columns);
        }

        #[test]
        fn wrapping_loses_nothing(text in "\\PC{0,60}", columns in 2..20_usize) {
            let lines = wrap(&text, columns);
            prop_assert_eq!(lines.concat(), text.as_str());
            for line in lines {
                // One character may be wider than the line: it cannot be broken.
                let one = line.trim_end_matches(' ').graphemes(true).count() == 1;
                prop_assert!(one || width(line.trim_end_matches(' ')) <= columns);
            }
        }
    }
}
