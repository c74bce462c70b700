//! Nothing that someone else wrote is obeyed by whatever prints it.

#![expect(clippy::unwrap_used, reason = "a test ends where its data is not as it should be")]

use std::collections::BTreeMap;

use freezegate::escape::{
    OutputError, bytes_for_terminal, for_line, for_terminal, github_message, github_output, github_property, markdown,
    markdown_code, markup,
};
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::Value;

/// Facts about GitHub's runner and toolkit; the file names its sources.
fn facts() -> Value {
    serde_json::from_str(include_str!("data/workflow_commands.json")).unwrap()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    let list = value.get(key).and_then(Value::as_array).unwrap();
    assert!(!list.is_empty(), "{key}");
    list
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap()
}

fn names() -> Vec<String> {
    list(&facts(), "registered_names").iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[derive(Debug, PartialEq, Eq)]
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    data: String,
}

/// The runner's newer form: `::name key=value,key=value::data`, after space.
fn newer(line: &str) -> Option<Command> {
    let (head, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let plain = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let property = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":");
        text.replace("%2C", ",").replace("%25", "%")
    };
    let pairs = properties.split(',').filter_map(|pair| pair.split_once('='));
    let properties = pairs
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.trim().to_owned(), property(value)))
        .collect();
    Some(Command { name: name.to_owned(), properties, data: plain(data) })
}

/// The runner's older form: `##[name key=value;key=value]data`, anywhere.
fn older(line: &str) -> Option<String> {
    let (head, _) = line.split_once("##[")?.1.split_once(']')?;
    Some(head.split(' ').next().unwrap_or(head).to_owned())
}

fn is_command(line: &str, names: &[String]) -> bool {
    newer(line).is_some_and(|command| names.contains(&command.name))
        || older(line).is_some_and(|name| names.contains(&name))
}

/// Stricter than any one provider, and all of them at once.
fn is_inert(line: &str) -> bool {
    let start = line.trim_start();
    // `::: file:1:2` points to a place: a command has a second `::` behind the first
    let is_pointer = start.strip_prefix("::").is_some_and(|rest| rest.starts_with(':') && !rest.contains("::"));
    let anywhere = ["##[", "##vso[", "##teamcity[", "section_start:", "section_end:", "\u{1b}", "\u{9b}", "\r", "\n"];
    let at_start = ["::", "--- ", "+++ ", "~~~ ", "^^^ +++"];
    (is_pointer || !at_start.iter().any(|marker| start.starts_with(marker)))
        && !anywhere.iter().any(|marker| line.contains(marker))
}

#[test]
fn every_line_of_the_facts_is_told_and_made_harmless() {
    let (facts, names) = (facts(), names());
    for case in list(&facts, "line_cases") {
        let line = text(case, "line");
        assert_eq!(case.get("is_command"), Some(&Value::Bool(is_command(line, &names))), "{line}");
        let printed = for_line(line);
        assert!(!is_command(&printed, &names) && is_inert(&printed), "{printed}");
        if is_inert(line) && for_terminal(line) == line {
            assert_eq!(printed, line, "harmless text stays as it is");
        }
    }
}

#[test]
fn every_name_of_the_facts_is_made_harmless_in_both_forms() {
    let names = names();
    for name in &names {
        for line in
            [format!("::{name}::x"), format!(" \t::{name} a=b::x"), format!("x ##[{name}]y"), format!("###[{name}]y")]
        {
            assert!(is_command(&line, &names), "{line}");
            let printed = for_line(&line);
            assert!(!is_command(&printed, &names) && is_inert(&printed), "{printed}");
        }
    }
}

#[test]
fn markers_of_other_providers_are_broken() {
    for ci in list(&facts(), "other_ci") {
        for marker in list(ci, "markers") {
            // Written in the facts with `\r` and `\e`, and with `...` and `<unix>` for what varies.
            let marker = marker.as_str().unwrap().replace("\\r", "\r").replace("\\e", "\u{1b}").replace("<unix>", "1");
            for line in [marker.clone(), format!("  {marker}x")] {
                assert!(!is_inert(&line), "{line:?}");
                assert!(is_inert(&for_line(&line)), "{line:?}");
            }
        }
    }
}

#[test]
fn values_are_encoded_as_the_toolkit_does() {
    for case in list(&facts(), "escape_cases") {
        let input = text(case, "input");
        let encoded = match text(case, "kind") {
            "message" => github_message(input),
            "property" => github_property(input),
            kind => panic!("an unknown kind: {kind}"),
        };
        assert_eq!(encoded, text(case, "expected"), "{input:?}");
    }
}

/// Not of the product, but of the parser that the properties below trust.
#[test]
fn the_runner_as_modelled_here_reads_as_the_facts_say() {
    for case in list(&facts(), "unescape_cases") {
        let properties = case.get("properties").and_then(Value::as_object).unwrap();
        let expected = Command {
            name: text(case, "command").to_owned(),
            properties: properties
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
            data: text(case, "data").to_owned(),
        };
        assert_eq!(newer(text(case, "line")), Some(expected), "{case}");
    }
}

macro_rules! prints {
    ($($name:ident: $function:ident $input:expr => $output:expr;)+) => { $(
        #[test]
        fn $name() {
            assert_eq!($function($input), $output);
        }
    )+ };
}

prints! {
    words_stay: for_terminal "deploy/größe/資料/данные.yaml" => "deploy/größe/資料/данные.yaml";
    vowel_signs_stay: for_terminal "ปิดปรับปรุง हिन्दी" => "ปิดปรับปรุง हिन्दी";
    combining_mark_stays_on_its_letter: for_terminal "e\u{301}" => "e\u{301}";
    combining_mark_at_the_start: for_terminal "\u{301}e" => r"\u{301}e";
    line_breaks: for_terminal "a\r\nb\rc\n" => r"a\r\nb\rc\n";
    tab: for_terminal "a\tb" => r"a\tb";
    escape_sequence: for_terminal "\x1b[31mred" => r"\u{1b}[31mred";
    eight_bit_escape_sequence: for_terminal "\u{9b}31m" => r"\u{9b}31m";
    hyperlink: for_terminal "\x1b]8;;http://example.com\x07" => r"\u{1b}]8;;http://example.com\u{7}";
    backspace_and_delete: for_terminal "a\x08\x7f" => r"a\u{8}\u{7f}";
    nul: for_terminal "\0" => r"\u{0}";
    bidi: for_terminal "\u{202e}\u{2066}\u{200f}\u{61c}" => r"\u{202e}\u{2066}\u{200f}\u{61c}";
    zero_width: for_terminal "a\u{200b}\u{200d}\u{feff}\u{2060}\u{ad}b" => r"a\u{200b}\u{200d}\u{feff}\u{2060}\u{ad}b";
    tags: for_terminal "\u{e0041}" => r"\u{e0041}";
    variation_selector: for_terminal "a\u{fe0f}" => r"a\u{fe0f}";
    other_space: for_terminal "a\u{a0}\u{3000}\u{2003}b" => r"a\u{a0}\u{3000}\u{2003}b";
    blank_that_is_a_symbol: for_terminal "\u{2800}" => r"\u{2800}";
    hangul_filler: for_terminal "\u{3164}" => r"\u{3164}";
    separators: for_terminal "\u{2028}\u{2029}\u{85}" => r"\u{2028}\u{2029}\u{85}";
    annotation: for_terminal "\u{fff9}" => r"\u{fff9}";
    private: for_terminal "\u{e000}" => r"\u{e000}";
    no_character: for_terminal "\u{ffff}" => r"\u{ffff}";
    bytes_that_are_no_text: bytes_for_terminal b"a\xff\xc3(\x1b" => r"a\xff\xc3(\u{1b}";
    surrogate_in_bytes: bytes_for_terminal b"\xed\xa0\x80" => r"\xed\xa0\x80";
    bytes_that_are_text: bytes_for_terminal "größe".as_bytes() => "größe";
    pointer: for_line ":::" => ":::";
    pointer_to_a_place: for_line " ::: a.toml:1:2" => " ::: a.toml:1:2";
    pointer_that_is_a_command: for_line "::::x" => r"\::::x";
    pointer_before_a_command: for_line "::: a::error::x" => r"\::: a::error::x";
    command_after_other_space: for_line "\u{a0}::error::x" => r"\u{a0}::error::x";
    hashes_in_a_row: for_line "####[error]" => r"#\#\#\#[error]";
    invisible_between_hashes: for_line "#\u{200b}#[error]" => r"#\u{200b}#[error]";
    issue_number: for_line "see #12" => "see #12";
    message_keeps_line_breaks: github_message "a\nb\x1b" => r"a%0Ab\u{1b}";
    message_without_older_commands: github_message "##[error]" => r"#\#[error]";
    property_without_next_property: github_property "a.yaml,line=1::x" => "a.yaml%2Cline=1%3A%3Ax";
    markdown_of_a_link: markdown "[a](b)" => "&#91;a&#93;&#40;b&#41;";
    markdown_of_a_mention: markdown "@a #1" => "&#64;<!-- -->a &#35;<!-- -->1";
    markdown_of_space: markdown " a  b " => "&nbsp;a &nbsp;b&nbsp;";
    markdown_of_lines: markdown "a\n# b" => "a&#92;n&#35;<!-- --> b";
    code: markdown_code "a`|b" => "<code>a&#96;&#124;b</code>";
    markup_of_a_tag: markup "<b a=\"'&\">" => "&lt;b a=&quot;&#39;&amp;&quot;&gt;";
    markup_of_lines: markup "a\n\tb\r" => r"a&#10;\tb\r";
    markup_of_a_section: markup "]]>" => "]]&gt;";
}

#[test]
fn plain_text_is_not_copied() {
    use std::borrow::Cow;
    for cow in [for_terminal("a b"), for_line("a b"), github_message("a b"), github_property("a b"), markup("a b")] {
        assert!(matches!(cow, Cow::Borrowed("a b")));
    }
}

#[test]
fn output_that_could_end_early_is_refused() {
    const DELIMITER: &str = "ghadelimiter_0123";
    for (name, value, delimiter, expected) in [
        ("a", "b", DELIMITER, Ok("a<<ghadelimiter_0123\nb\nghadelimiter_0123\n".to_owned())),
        ("a", "", DELIMITER, Ok("a<<ghadelimiter_0123\n\nghadelimiter_0123\n".to_owned())),
        ("a", "ghadelimiter_0123", DELIMITER, Err(OutputError::Collision)),
        ("a", "b\nghadelimiter_0123\nx=y", DELIMITER, Err(OutputError::Collision)),
        ("xghadelimiter_0123", "b", DELIMITER, Err(OutputError::Collision)),
        ("", "b", DELIMITER, Err(OutputError::Name)),
        ("a\nb", "b", DELIMITER, Err(OutputError::Name)),
        ("a<<EOF", "b", DELIMITER, Err(OutputError::Name)),
        ("a", "b", "EOF", Err(OutputError::Delimiter)),
        ("a", "b", "ghadelimiter_01\n3", Err(OutputError::Delimiter)),
    ] {
        assert_eq!(github_output(name, value, delimiter), expected, "{name:?} {value:?} {delimiter:?}");
    }
}

/// Anything, and more often than by chance the parts of which commands are made.
fn hostile() -> impl Strategy<Value = String> {
    let parts = vec![
        "::",
        ":",
        "#",
        "##",
        "##[",
        "[",
        "]",
        "error",
        "warning",
        "set-env",
        "stop-commands",
        " ",
        "\t",
        "\n",
        "\r",
        "%0A",
        "%25",
        "%",
        ",",
        "=",
        "file=",
        "--- ",
        "+++ ",
        "^^^ ",
        "~~~ ",
        "section_start:",
        "##vso[",
        "##teamcity[",
        "\u{1b}",
        "\u{200b}",
        "\u{a0}",
        "\u{301}",
        "\u{9b}",
    ];
    proptest::collection::vec(prop_oneof![4 => select(parts).prop_map(str::to_owned), 1 => any::<String>()], 0..12)
        .prop_map(|parts| parts.concat())
}

/// Returns what XML 1.0 calls a `Char`, without the line breaks and the tab.
fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(u32::from(character), 0xfffe | 0xffff | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff)
}

proptest! {
    #[test]
    fn no_line_is_a_command(input in hostile()) {
        let names = names();
        let printed = for_line(&input);
        assert!(!is_command(&printed, &names) && is_inert(&printed), "{printed:?}");
        // As a provider sees it that trims more, or ends lines elsewhere.
        assert!(printed.split(|c: char| c.is_control()).all(is_inert), "{printed:?}");
    }

    #[test]
    fn a_text_within_a_line_is_no_command(before in hostile(), after in hostile()) {
        let line = format!("refused: {} reached by {}", for_terminal(&before), bytes_for_terminal(after.as_bytes()));
        assert!(is_inert(&for_line(&line)), "{line:?}");
    }

    #[test]
    fn what_is_printed_is_printable_and_settled(bytes in proptest::collection::vec(any::<u8>(), 0..64), input in hostile()) {
        for printed in [bytes_for_terminal(&bytes), for_terminal(&input), for_line(&input)] {
            assert!(printed.chars().all(is_printable), "{printed:?}");
            assert_eq!(for_terminal(&printed), printed);
        }
        let line = for_line(&input);
        assert_eq!(for_line(&line), line);
    }

    #[test]
    fn a_command_of_ours_says_what_we_said(file in hostile(), message in hostile()) {
        let line = format!("::error file={}::{}", github_property(&file), github_message(&message));
        assert_eq!(line.lines().count(), 1);
        let command = newer(&line).unwrap();
        assert_eq!(command.name, "error");
        assert!(command.properties.keys().all(|key| key == "file"), "{command:?}");
        assert_eq!(older(&line), None, "{line}");
        if for_line(&message) == message {
            assert_eq!(command.data, message);
        }
    }

    #[test]
    fn markdown_and_markup_hold_no_mark_of_their_own(input in hostile()) {
        let bare = |text: &str| text.replace("<!-- -->", "").replace("&nbsp;", "");
        let markdown = bare(&markdown(&input));
        let is_reference = |text: &str| text.split_once(';').is_some_and(|(digits, _)| digits.starts_with('#'));
        assert!(markdown.split('&').skip(1).all(is_reference), "{markdown:?}");
        assert!(!markdown.contains(|c: char| c.is_ascii_punctuation() && !matches!(c, '&' | '#' | ';')), "{markdown:?}");
        let markup = markup(&input);
        assert!(!markup.contains(['<', '>', '"', '\'']) && markup.chars().all(is_printable), "{markup:?}");
    }

    #[test]
    fn an_output_is_read_back_as_it_was(value in hostile()) {
        let entry = github_output("decision", &value, "ghadelimiter_0123456789").unwrap();
        let (head, rest) = entry.split_once('\n').unwrap();
        assert_eq!(head, "decision<<ghadelimiter_0123456789");
        assert_eq!(rest.strip_suffix("\nghadelimiter_0123456789\n"), Some(value.as_str()));
    }
}
