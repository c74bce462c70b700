//! Whatever a policy is made of: it is read, or what is wrong is told. It never ends the program.

use std::fmt::Write;

use freezegate::diagnostic::{Code, Faults};
use freezegate::policy::load::{Fragment, MAX_BYTES, MAX_FILES, load};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::policies::files::{Case, Folder, Memory, of_repository, report};

/// A right policy, without its include.
const RIGHT: &str = "version = 1\n[regions.eu]\ntimezones = [\"Europe/Berlin\"]\n[environments.production]\n";

fn faults(files: &Memory) -> Faults {
    match files.load() {
        Ok(_) => panic!("accepted"),
        Err(faults) => faults,
    }
}

/// The codes of what is wrong, each report seen to be printable and short.
fn codes(files: &Memory) -> Vec<Code> {
    let faults = faults(files);
    let text = report(&faults);
    assert!(!text.is_empty());
    assert!(text.len() <= 2000 * faults.diagnostics.len(), "{} bytes", text.len());
    faults.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn bytes_that_are_no_text_are_named_for_what_they_are() {
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(RIGHT.bytes().flat_map(|byte| [byte, 0])).collect();
    let big_endian: Vec<u8> = [0xFE, 0xFF].into_iter().chain(RIGHT.bytes().flat_map(|byte| [0, byte])).collect();
    let cases: [(Vec<u8>, &str); 8] = [
        (utf16, "is UTF-16"),
        (big_endian, "is UTF-16"),
        (format!("\u{feff}{RIGHT}").into_bytes(), "begins with a byte order mark"),
        (RIGHT.replace('\n', "\r\n").into_bytes(), "has carriage returns"),
        (RIGHT.replace('\n', "\r").into_bytes(), "has carriage returns"),
        ([RIGHT.as_bytes(), b"# caf\xe9\n"].concat(), "is not UTF-8 on line 5"),
        ([RIGHT.as_bytes(), b"\0"].concat(), "is binary"),
        (b"\x7fELF\x02\x01\x01\0\0\0".to_vec(), "is binary"),
    ];
    for (bytes, cause) in cases {
        let faults = faults(&Memory::one(bytes));
        let text = report(&faults);
        assert_eq!(faults.diagnostics.len(), 1, "{text}");
        assert_eq!(faults.diagnostics[0].code, Code::UnreadableFile);
        assert!(text.contains(cause), "{cause}: {text}");
    }
}

#[test]
fn a_file_may_have_eight_mebibytes_and_no_more() {
    let padded = |bytes: usize| format!("{RIGHT}#{}\n", "x".repeat(bytes - RIGHT.len() - 2));
    let largest = padded(MAX_BYTES);
    assert_eq!(largest.len(), MAX_BYTES);
    assert!(Memory::one(largest).load().is_ok());
    assert_eq!(codes(&Memory::one(padded(MAX_BYTES + 1))), [Code::UnreadableFile]);
}

#[test]
fn what_is_nested_deeply_is_refused() {
    let deep = 100_000;
    let cases = [
        format!("include = {}{}\n", "[".repeat(deep), "]".repeat(deep)),
        format!("include = {}\n", "[".repeat(deep)),
        format!("help = {}1{}\n", "{ a = ".repeat(deep), " }".repeat(deep)),
        format!("help = {}\n", "{ a = ".repeat(deep)),
        format!("help = {}\n", "[{ a = ".repeat(deep)),
        format!("{}a = 1\n", "a.".repeat(deep)),
        format!("[{}a]\n", "a.".repeat(deep)),
        format!("[[{}a]]\n", "a.".repeat(deep)),
        format!("help = {{ {}a = 1 }}\n", "a.".repeat(deep)),
    ];
    for case in cases {
        assert!(!codes(&Memory::one(format!("version = 1\n{case}"))).is_empty());
    }
}

#[test]
fn a_policy_may_be_large() {
    let parts = (0..20_000).map(|number| {
        format!(
            "[environments.e{number}]\naliases = [\"a{number}\"]\n[services.s{number}]\n\
             [[freezes]]\nname = \"f{number}\"\nhours = [\"Sat 01:00-02:00\"]\ntimezone = \"UTC\"\n\
             environments = [\"a{number}\"]\n\
             [[targets]]\npaths = [\"p{number}/**\"]\nenvironment = \"e{number}\"\n"
        )
    });
    let text = RIGHT.to_owned() + &parts.collect::<String>();
    let policy = Memory::one(text).load().unwrap_or_else(|faults| panic!("{}", report(&faults)));
    assert_eq!(policy.environments.len(), 20_001);
    assert_eq!(policy.freezes.len(), 20_000);
}

#[test]
fn a_hundred_thousand_faults_are_a_hundred_thousand_reports() {
    let keys: String =
        (0..100_000).fold(RIGHT.to_owned(), |text, number| format_into(text, format_args!("k{number} = 1\n")));
    let names = (0..100_000)
        .fold(format!("{RIGHT}regions = ["), |text, number| format_into(text, format_args!("\"r{number}\",")));
    assert_eq!(faults(&Memory::one(keys)).diagnostics.len(), 100_000);
    assert_eq!(faults(&Memory::one(format!("{names}]\n"))).diagnostics.len(), 100_000);
}

fn format_into(mut text: String, more: std::fmt::Arguments<'_>) -> String {
    text.write_fmt(more).unwrap();
    text
}

#[test]
fn what_is_long_is_cut_where_it_is_told() {
    let name = "x".repeat(1 << 20);
    let cases = [
        format!("{RIGHT}regions = [\"{name}\"]\n"),
        format!("{RIGHT}{name} = 1\n"),
        format!("{RIGHT}[environments.\"{name} \"]\n"),
        format!("{RIGHT}duration = \"{name}\"\n"),
        format!("{RIGHT}[regions.us]\ntimezones = [\"{name}\"]\n"),
        format!("{RIGHT}[regions.us]\ntimezones = [\"UTC\"]\ncore_hours = [\"{name} 08:00-18:00\"]\n"),
        format!(
            "{RIGHT}[[freezes]]\nname = \"f\"\nfrom = \"{name} 01:00\"\nuntil = \"Sat 02:00\"\ntimezone = \"UTC\"\n"
        ),
        format!("{RIGHT}[[targets]]\npaths = [\"{name}{{\"]\nenvironment = \"production\"\n"),
        format!("{RIGHT}{name}\n"),
        format!("{RIGHT}duration = \"{name}\n"),
    ];
    for case in cases {
        assert_eq!(codes(&Memory::one(case)).len(), 1);
    }
}

#[test]
fn what_a_policy_says_reaches_the_terminal_as_text_only() {
    // a command to the terminal, the same in one character, a mark that turns the line round, and one of no width
    let odd = "\u{1b}[2J \u{9b}2J \u{202e} \u{200b} \u{2028}";
    let escaped: String =
        odd.chars().fold(String::new(), |text, c| format_into(text, format_args!("\\U{:08x}", u32::from(c))));
    for written in [odd, escaped.as_str()] {
        for quoted in [format!("\"{written}\""), format!("'{written}'")] {
            let cases = [
                format!("{RIGHT}regions = [{quoted}]\n"),
                format!("{RIGHT}[services.{quoted}]\n"),
                format!("{RIGHT}duration = {quoted}\n"),
                format!(
                    "{RIGHT}[calendars.{quoted}]\ndates = [2026-01-01]\n[regions.us]\ntimezones = [\"UTC\"]\nholidays = [\"x\"]\n"
                ),
                format!(
                    "{RIGHT}[[freezes]]\nname = {quoted}\nfrom = {quoted}\nuntil = \"5th {written} 01:00\"\ntimezone = {quoted}\n"
                ),
            ];
            for case in cases {
                let text = report(&faults(&Memory::one(case)));
                let acts = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{200b}\u{2028}".contains(c));
                assert!(!text.contains(acts), "{text:?}");
            }
        }
    }
}

fn including(paths: impl IntoIterator<Item = String>) -> String {
    let list: Vec<String> = paths.into_iter().map(|path| format!("\"{path}\"")).collect();
    format!("version = 1\ninclude = [{}]\n", list.join(", "))
}

#[test]
fn what_is_included_twice_is_read_once() {
    let diamond = Memory::one(format!("{}[environments.production]\n", including(["a.toml".into(), "b.toml".into()])))
        .with("a.toml", including(["c.toml".into()]))
        .with("b.toml", including(["c.toml".into()]))
        .with("c.toml", "version = 1\n[regions.eu]\ntimezones = [\"Europe/Berlin\"]\n");
    let policy = diamond.load().unwrap_or_else(|faults| panic!("{}", report(&faults)));
    assert_eq!(policy.sources.files().len(), 4);
    assert_eq!(policy.regions.len(), 1);
}

#[test]
fn circles_of_includes_are_told_whatever_their_length() {
    for length in [1, 2, 3, 255] {
        let path = |number: usize| if number == 0 { "freezegate.toml".to_owned() } else { format!("{number}.toml") };
        let circle = (0..length).fold(Memory::default(), |files, number| {
            let rest = if number == 0 { "[environments.production]\n" } else { "" };
            files.with(path(number), format!("{}{rest}", including([path((number + 1) % length)])))
        });
        assert_eq!(codes(&circle), [Code::BadInclude], "{length}");
    }
}

#[test]
fn a_policy_may_have_256_files_and_no_more() {
    let files = |count: usize| {
        let names = (1..count).map(|number| format!("folder/{number}.toml"));
        let first = format!("{}[environments.production]\n", including(names.clone()));
        names.fold(Memory::one(first), |files, name| files.with(name, "version = 1\n"))
    };
    assert_eq!(
        files(MAX_FILES).load().unwrap_or_else(|faults| panic!("{}", report(&faults))).sources.files().len(),
        256
    );
    assert_eq!(codes(&files(MAX_FILES + 1)), [Code::BadInclude]);
    assert_eq!(codes(&files(10 * MAX_FILES)), [Code::BadInclude]);
}

/// Each answer reads all of them.
#[test]
fn the_files_of_a_policy_have_8_mib_together_and_no_more() {
    let files = |bytes: usize| {
        let padding = format!("version = 1\n#{}\n", "x".repeat(bytes / 4));
        let first = format!("{}[environments.production]\n", including((0..4).map(|number| number.to_string())));
        (0..4).fold(Memory::one(first), |files, number| files.with(number.to_string(), padding.clone()))
    };
    files(MAX_BYTES - 200).load().unwrap_or_else(|faults| panic!("{}", report(&faults)));
    assert_eq!(codes(&files(MAX_BYTES)), [Code::TooLarge]);
}

#[test]
fn what_can_not_be_read_is_told_of_each_file() {
    let files = Memory::one(format!(
        "{}[environments.production]\nregions = [\"eu\"]\n",
        including(["a".into(), "b".into(), "c".into()])
    ))
    .with("a", "version = 1\n\r\n")
    .with("b", "version = 1\n[regions.eu\n");
    // `eu` may be defined in what could not be read
    assert_eq!(codes(&files), [Code::BadInclude, Code::BadInclude, Code::Syntax]);
    let folder = Folder(of_repository("tests/invalid-policies/include-a-folder"));
    let faults = load(&folder, &["org".to_owned(), "nothing.toml".to_owned()], &[]).unwrap_err();
    assert_eq!(faults.diagnostics.len(), 2, "{}", report(&faults));
}

#[test]
fn a_fragment_is_read_with_the_same_care() {
    for bytes in [&b"\xff"[..], b"freezes = [[[[", b"[[freezes]]\r\n", b"", b"freezes = 1"] {
        let fragment = Fragment { name: "stop".to_owned(), bytes: bytes.to_vec() };
        let faults = load(&Memory::one(RIGHT), &["freezegate.toml".to_owned()], &[fragment]).unwrap_err();
        assert!(!faults.diagnostics.is_empty());
    }
}

/// Right policies of one file that need no other.
fn right_texts() -> Vec<(String, String)> {
    let needs_others = |text: &str| text.contains("\ninclude") || text.contains("allowed_signers");
    let of = |folder: &str| -> Vec<(String, String)> {
        let read = |case: Case| (case.name.clone(), std::fs::read_to_string(case.folder.join(&case.entry)).unwrap());
        Case::all(folder).into_iter().map(read).filter(|(_, text)| !needs_others(text)).collect()
    };
    let texts = [of("tests/valid-policies"), of("policies")].concat();
    assert!(texts.len() >= 15, "{}", texts.len());
    texts
}

#[test]
fn one_missing_character_makes_one_report() {
    let (mut single, mut several) = (0, Vec::new());
    for (name, text) in right_texts() {
        for (at, c) in text.char_indices().filter(|(_, c)| "[]{}\"'=,#\n".contains(*c)) {
            let mut broken = text.clone();
            broken.remove(at);
            // what is left may be right too: many a line end could be missing
            match Memory::one(broken).load() {
                Err(faults) if faults.diagnostics.len() > 1 => several.push(format!("{name} without {c:?} at {at}")),
                Err(_) => single += 1,
                Ok(_) => {}
            }
        }
    }
    assert!(single > 2000, "{single}");
    assert!(several.len() * 200 < single, "{} of {single}: {several:?}", several.len());
}

/// A fault lies within a file, and can be printed.
fn check_faults(faults: &Faults) -> Result<(), TestCaseError> {
    proptest::prop_assert!(!faults.diagnostics.is_empty(), "refused without a reason");
    for diagnostic in &faults.diagnostics {
        for place in diagnostic.place.iter().chain(diagnostic.related.iter().map(|(place, _)| place)) {
            proptest::prop_assert!(faults.sources.text(*place).is_some(), "{place:?} of `{}`", diagnostic.cause);
        }
    }
    proptest::prop_assert!(!report(faults).is_empty());
    Ok(())
}

#[test]
fn no_change_of_bytes_ends_the_program() {
    let texts = right_texts();
    let config = Config { cases: 6000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let piece = proptest::prop_oneof![
        proptest::collection::vec(proptest::num::u8::ANY, 0..4),
        proptest::sample::select(vec![
            "[[", "]]", "\"\"\"", "'", "\n[", "= ", ".", "{", "}", "é", "-", "0", "T", "\\u0000", "24:00", "region"
        ])
        .prop_map(|text: &str| text.as_bytes().to_vec()),
    ];
    let edit = (proptest::num::usize::ANY, 0..6_usize, piece);
    let edits = proptest::collection::vec(edit, 1..4);
    runner
        .run(&(0..texts.len(), edits), |(which, edits)| {
            let mut bytes = texts[which].1.clone().into_bytes();
            for (at, cut, piece) in edits {
                let at = at % (bytes.len() + 1);
                let end = (at + cut).min(bytes.len());
                bytes.splice(at..end, piece);
            }
            match Memory::one(bytes).load() {
                Ok(_) => Ok(()),
                Err(faults) => check_faults(&faults),
            }
        })
        .unwrap();
}
