use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn name(text: &str) -> Vec<String> {
    let image = NewImage { name: text.into(), ..NewImage::default() };
    image.broken_rules().iter().map(ToString::to_string).collect()
}

fn description(text: &str) -> Vec<String> {
    let image = NewImage { name: "x".into(), description: Some(text.into()), sysprep: None };
    image.broken_rules().iter().map(ToString::to_string).collect()
}

fn server_name(text: &str) -> Vec<String> {
    let edit = ImageServerEdit { name: Some(text.into()), description: None };
    edit.broken_rules().iter().map(ToString::to_string).collect()
}

#[rstest]
#[case("image_name_0508")]
#[case("Win 2019 v1.2-final")]
#[case("a")]
#[case(".")]
#[case("-")]
#[case("图像 2024")]
#[case("一龥")]
fn good_image_names(#[case] text: &str) {
    assert_eq!(name(text), Vec::<String>::new());
}

const NAME_MAY: &str = "(only letters a-z, digits, Chinese characters, blanks, `.`, `_` and `-`)";

#[rstest]
#[case("", "the image name is missing")]
#[case(" a", "the image name must not begin with a blank")]
#[case(" ", "the image name must not begin with a blank")]
#[case("a ", "the image name must not end with a blank")]
fn each_broken_rule_of_a_name_has_its_words(#[case] text: &str, #[case] words: &str) {
    assert_eq!(name(text), [words]);
}

#[rstest]
#[case("a/b", '/')]
#[case("a\tb", ' ')]
#[case("ü", 'ü')]
#[case("名。", '。')]
#[case("a+b", '+')]
#[case("a\u{9fa6}", '\u{9fa6}')]
#[case("a\u{4dff}", '\u{4dff}')]
fn characters_that_a_name_may_not_have(#[case] text: &str, #[case] shown: char) {
    assert_eq!(name(text), [format!("the image name must not have `{shown}` {NAME_MAY}")]);
}

#[test]
fn every_character_that_a_name_may_not_have_is_named_once() {
    assert_eq!(
        name("<b>/a\n<"),
        [format!("the image name must not have `<`, `>`, `/`, line breaks {NAME_MAY}")]
    );
    assert_eq!(
        name("!\"$%&/()=?"),
        [format!("the image name must not have `!`, `\"`, `$`, `%`, `&`, `/`, `(`, `)` {NAME_MAY}")]
    );
}

#[test]
fn a_line_break_in_a_name_is_told_as_one() {
    assert_eq!(name("a\nb"), [format!("the image name must not have line breaks {NAME_MAY}")]);
}

#[test]
fn a_name_has_its_length_in_characters_and_not_in_bytes() {
    assert!(name(&"名".repeat(128)).is_empty());
    assert_eq!(name(&"名".repeat(129)), ["the image name has 129 characters, 128 at most"]);
}

#[test]
fn several_broken_rules_are_told_at_once() {
    let text = format!(" {}/ ", "a".repeat(130));
    assert_eq!(
        name(&text),
        [
            "the image name has 133 characters, 128 at most".to_owned(),
            "the image name must not begin with a blank".to_owned(),
            "the image name must not end with a blank".to_owned(),
            format!("the image name must not have `/` {NAME_MAY}"),
        ]
    );
}

#[rstest]
#[case("")]
#[case("This is an image recreate desc.")]
#[case("ends with a blank ")]
#[case("ünïcode & \"quotes\", 说明\t")]
fn good_descriptions(#[case] text: &str) {
    assert_eq!(description(text), Vec::<String>::new());
}

#[rstest]
#[case(" x", "the description must not begin with a blank")]
#[case("a\nb", "the description must not have line breaks (no line breaks, `<` or `>`)")]
#[case("a\rb", "the description must not have line breaks (no line breaks, `<` or `>`)")]
#[case("a<b", "the description must not have `<` (no line breaks, `<` or `>`)")]
#[case("a>b", "the description must not have `>` (no line breaks, `<` or `>`)")]
fn each_broken_rule_of_a_description_has_its_words(#[case] text: &str, #[case] words: &str) {
    assert_eq!(description(text), [words]);
}

#[test]
fn a_description_has_a_limit_too() {
    assert!(description(&"é".repeat(1024)).is_empty());
    assert_eq!(description(&"é".repeat(1025)), ["the description has 1025 characters, 1024 at most"]);
}

#[rstest]
#[case("img-server_1", 0)]
#[case("图像", 0)]
#[case("", 1)]
#[case("a b", 1)]
#[case(" a", 1)]
#[case("a.b", 1)]
fn names_of_image_servers_are_stricter(#[case] text: &str, #[case] broken: usize) {
    assert_eq!(server_name(text).len(), broken, "{:?}", server_name(text));
}

#[test]
fn an_image_server_has_shorter_texts() {
    assert!(server_name(&"a".repeat(64)).is_empty());
    assert_eq!(server_name(&"a".repeat(65)), ["the image server's name has 65 characters, 64 at most"]);
    let edit = ImageServerEdit { name: None, description: Some("x".repeat(256)) };
    assert_eq!(edit.broken_rules().len(), 1);
    assert!(!edit.is_empty() && ImageServerEdit::default().is_empty());
}

#[test]
fn states_say_what_may_be_done() {
    let may = |word: &str| {
        let status = ImageServerStatus::from(word);
        (status.may_build(), status.may_delete(), status.is_passing())
    };
    assert_eq!(may("ACTIVE"), (Some(true), Some(true), false));
    assert_eq!(may("BUILT"), (Some(true), Some(true), false));
    assert_eq!(may("ERROR"), (Some(false), Some(true), false));
    for word in ["CREATING", "BUILDING", "DELETING"] {
        assert_eq!(may(word), (Some(false), Some(false), true), "{word}");
    }
    assert_eq!(may("PAUSED"), (None, None, false));
}

/// The specification's pattern, written as a regular expression without its look-ahead.
fn pattern(text: &str) -> bool {
    let body =
        regex::Regex::new(r"^[ .\-0-9A-Za-z_\x{4e00}-\x{9fa5}]{0,127}[.\-0-9A-Za-z_\x{4e00}-\x{9fa5}]$");
    !text.starts_with(' ') && body.unwrap().is_match(text)
}

proptest! {
    #[test]
    fn a_name_is_good_exactly_when_the_pattern_says_so(text in "[ a-c.é名/_\\-]{0,6}|[a ]{126,130}") {
        prop_assert_eq!(name(&text).is_empty(), pattern(&text));
    }

    #[test]
    fn a_description_is_good_exactly_when_the_pattern_says_so(text in "[ a<>é\n\r]{0,5}|[a]{1022,1026}") {
        let good = !text.starts_with(' ') && !text.contains(['\r', '\n', '<', '>']) && text.chars().count() <= 1024;
        prop_assert_eq!(description(&text).is_empty(), good);
    }
}
