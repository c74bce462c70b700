#![expect(clippy::string_slice, reason = "the reference matcher works on ASCII alone")]

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::{Strategy, proptest};
use proptest::sample::select;

use super::{Captures, Match, Pattern, PatternSet, PatternSubject, TooManyWays, fold, is_invisible};

fn pattern(text: &str) -> Pattern {
    let subject = if text.starts_with("refs/") { PatternSubject::Ref } else { PatternSubject::Path };
    Pattern::parse(text, subject).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

fn matches<'p>(patterns: &[&str], path: &'p [u8]) -> Result<Vec<Match<'p>>, TooManyWays> {
    let patterns: Vec<Pattern> = patterns.iter().map(|text| pattern(text)).collect();
    let mut found = Vec::new();
    PatternSet::new(&patterns).matches(path, &mut found)?;
    Ok(found)
}

/// `environment=prod region=us`, and `~` in front if the match is a folded one.
fn show(found: &Match<'_>) -> String {
    let Captures { environment, region, service } = &found.captures;
    let mut words = Vec::new();
    for (name, captured) in [("environment", environment), ("region", region), ("service", service)] {
        if let Some(captured) = captured {
            words.push(format!("{name}={}", captured.folded.escape_ascii()));
        }
    }
    format!("{}{}", if found.exact { "" } else { "~" }, words.join(" "))
}

macro_rules! hits {
    ($($name:ident: $pattern:expr, $path:expr => $($way:literal),+;)+) => { $(
        #[test]
        fn $name() {
            let path: &[u8] = $path.as_ref();
            let found = matches(&[$pattern], path).unwrap();
            assert_eq!(found.iter().map(show).collect::<BTreeSet<_>>(), BTreeSet::from([$($way.to_owned()),+]));
        }
    )+ };
}

macro_rules! misses {
    ($($name:ident: $pattern:expr, $path:expr;)+) => { $(
        #[test]
        fn $name() {
            let path: &[u8] = $path.as_ref();
            assert_eq!(matches(&[$pattern], path), Ok(Vec::new()));
        }
    )+ };
}

hits! {
    literal: "deploy/a.yaml", "deploy/a.yaml" => "";
    star_is_a_segment: "deploy/*", "deploy/a.yaml" => "";
    star_in_a_segment: "*.tf", "main.tf" => "";
    star_takes_nothing_beside_text: "*.tf", ".tf" => "";
    several_stars: "a*b*c", "a-b-c" => "";
    stars_overlap_no_text: "*ab*ba*", "abba" => "";
    star_takes_the_shortest_way: "*a*ab", "aaab" => "";
    deep_is_one_segment: "deploy/**", "deploy/a" => "";
    deep_is_many_segments: "deploy/**", "deploy/a/b/c" => "";
    deep_first: "**/main.tf", "a/b/main.tf" => "";
    deep_alone: "**", "a" => "";
    deep_between: "a/**/z", "a/b/z/z" => "";
    deep_first_is_nothing: "**/main.tf", "main.tf" => "";
    deep_between_is_nothing: "a/**/z", "a/z" => "";
    deep_deep_is_one: "a/**/**", "a/b" => "";
    fixed_text_is_a_folder_too: "deploy/prod", "deploy/prod/a/b" => "";
    fixed_text_behind_a_star: "*/prod", "deploy/prod/a" => "";
    fixed_text_behind_deep: "**/prod", "prod/a" => "";
    capture_above_a_folder: "{environment}/config", "prod/config/a/b" => "environment=prod";
    escaped: r"\[a\]\{b\}\*\?\!\#\ /\\x", r"[a]{b}*?!# /\x" => "";
    escaped_beside_a_star: r"\[*\]", "[ab]" => "";
    escaped_beside_a_capture: r"\[{environment}\]", "[prod]" => "environment=prod";
    escaped_star_is_no_star: r"\*\*/a", "**/a" => "";
    deep_twice: "a/**/m/**", "a/b/m/c" => "";
    deep_deep_is_two: "a/**/**", "a/b/c" => "";
    bytes_that_are_no_text: "deploy/*", b"deploy/\xff\xfe" => "";
    no_path_is_too_strange: "deploy/**", "deploy//x" => "";
    capture: "deploy/{environment}/**", "deploy/prod/a" => "environment=prod";
    capture_in_fixed_text: "env-{environment}.yaml", "env-prod.yaml" => "environment=prod";
    capture_takes_all_between: "a{region}a", "aaaa" => "region=aa";
    three_captures: "{environment}/{region}/{service}", "prod/us/api" => "environment=prod region=us service=api";
    capture_of_bytes_that_are_no_text: "{environment}/x", b"pr\xffd/x" => "environment=pr\\xffd";
    every_way_counts: "**/{environment}/x/**", "a/prod/x/staging/x/y" => "environment=prod", "environment=staging";
    every_pair_counts: "**/{environment}/**/{region}", "a/b/c/d/e" => "environment=a region=e", "environment=b region=e", "environment=c region=e", "environment=d region=e";
    two_captures_side_by_side_after_deep: "**/{environment}/{region}/**", "a/b/c/d/e" => "environment=a region=b", "environment=b region=c", "environment=c region=d";
    a_way_is_told_once: "**/{environment}/**", "a/b/b/b/c" => "environment=a", "environment=b";
    branch: "refs/heads/main", "refs/heads/main" => "";
    tag: "refs/tags/v*", "refs/tags/v1.2" => "";
    branch_of_environment: "refs/heads/release/{environment}", "refs/heads/release/prod" => "environment=prod";
    case_of_fixed_text: "deploy/{environment}/**", "Deploy/prod/a" => "~environment=prod";
    case_of_the_pattern: "Deploy/**", "deploy/a" => "~";
    case_of_a_capture_only: "deploy/{environment}/**", "deploy/Prod/a" => "environment=prod";
    case_of_a_star: "*.TF", "main.tf" => "~";
    case_around_a_capture: "Env-{environment}", "env-prod" => "~environment=prod";
    fullwidth: "deploy/*", "ｄｅｐｌｏｙ/a" => "~";
    ligature: "final/*", "ﬁnal/a" => "~";
    zero_width: "deploy/*", "dep\u{200b}loy/a" => "~";
    bidi_mark: "deploy/*", "\u{202e}deploy/a" => "~";
    byte_order_mark: "deploy/*", "\u{feff}deploy/a" => "~";
    cyrillic: "deploy/*", "dерlоу/a" => "~";
    cyrillic_capitals: "production/*", "РRОDUСТIОN/a" => "~";
    greek: "prod/*", "prοd/a" => "~";
    composed: "café/*", "cafe\u{301}/a" => "~";
    decomposed: "cafe\u{301}/*", "café/a" => "~";
    kelvin: "k8s/*", "\u{212a}8s/a" => "~";
    turkish_dotless: "infra/*", "ınfra/a" => "~";
    sharp_s: "strasse/*", "straße/a" => "~";
    look_alike_of_the_slash: "deploy/{environment}/x", "deploy\u{2215}prod/x" => "~environment=prod";
    folded_beside_bytes_that_are_no_text: "deploy-*", b"D\xd0\xb5ploy-\xff" => "~";
    exact_and_folded_ways: "**/x-{environment}/**", "a/x-prod/X-stage/b" => "environment=prod", "~environment=stage";
}

misses! {
    not_the_start_of_a_name: "deploy/prod", "deploy/prod-a/b";
    star_is_no_folder: "deploy/*", "deploy/prod/a";
    star_in_the_last_segment_is_no_folder: "deploy/*.d", "deploy/a.d/b";
    capture_is_no_folder: "deploy/{environment}", "deploy/prod/a";
    branch_is_no_folder: "refs/heads/main", "refs/heads/main/a";
    escaped_star_takes_itself_alone: r"\*", "a";
    escaped_deep_takes_itself_alone: r"\*\*/a", "b/a";
    deep_between_is_not_less_than_nothing: "a/**/a", "a";
    not_a_substring: "prod/*", "preprod/a";
    not_a_suffix: "main.tf", "a/main.tf";
    star_stays_in_its_segment: "deploy/*", "deploy/a/b";
    star_is_not_nothing: "deploy/*", "deploy/";
    star_needs_all_its_text: "a*b*c", "a-c-b";
    prefix_and_suffix_do_not_overlap: "ab*ba", "aba";
    deep_is_not_nothing: "deploy/**", "deploy";
    capture_is_not_nothing: "env-{environment}", "env-";
    capture_stays_in_its_segment: "deploy/{environment}", "deploy/a/b";
    capture_needs_its_text: "env-{environment}.yaml", "env-prod.yml";
    dot_is_no_wildcard: "a.b", "axb";
    digits_and_letters_stay_apart: "us-1/*", "us-l/a";
    zero_and_o_stay_apart: "v0/*", "vO/a";
    other_branch: "refs/heads/main", "refs/heads/maintenance";
    tag_is_no_branch: "refs/heads/main", "refs/tags/main";
    accents_are_letters: "production/*", "prodúction/a";
}

/// The text, what its subject is, and for each error the text that it underlines, then a word of the cause and one of the help.
macro_rules! refused {
    ($($name:ident: $subject:ident $text:literal => $([$under:literal, $cause:literal, $help:literal]),+;)+) => { $(
        #[test]
        fn $name() {
            let errors = Pattern::parse($text, PatternSubject::$subject).expect_err("a pattern that must be refused");
            let wanted = [$(($under, $cause, $help)),+];
            assert_eq!(errors.len(), wanted.len(), "{errors:#?}");
            for (error, (under, cause, help)) in errors.iter().zip(wanted) {
                assert_eq!($text.get(error.range.clone()), Some(under), "{error:?}");
                assert!(error.cause.contains(cause), "{error:?}");
                assert!(error.help.contains(help), "{error:?}");
            }
        }
    )+ };
}

refused! {
    empty: Path "" => ["", "the pattern is empty", "`**`"];
    empty_for_refs: Ref "" => ["", "the pattern is empty", "`refs/**`"];
    slash_alone: Path "/" => ["/", "alone", "`**`"];
    leading_slash: Path "/deploy/**" => ["/", "starts with", "`deploy/**`"];
    trailing_slash: Path "deploy/" => ["/", "ends in", "`deploy/**`"];
    double_slash: Path "a//b" => ["//", "empty segment", "one `/`"];
    dot: Path "./a" => [".", "`.`", "root"];
    dot_dot: Path "a/../b" => ["..", "`..`", "root"];
    backslash: Path "a\\b" => ["\\", "escapes nothing", "`/`"];
    backslash_at_the_end: Path "a\\" => ["\\", "escapes nothing", "`/`"];
    backslash_before_a_slash: Path "a\\/b" => ["\\", "escapes nothing", "`/`"];
    escaped_bracket_in_a_ref: Ref "refs/heads/\\[" => ["\\[", "no ref has `[`", "git-check-ref-format"];
    deep_with_text: Path "a/**.md" => ["**", "whole segment", "`**/*.md`"];
    three_stars: Path "a/***" => ["***", "whole segment", "`**`"];
    unknown_capture: Path "{env}/x" => ["{env}", "`{env}`", "mean `{environment}`"];
    unknown_capture_in_capitals: Path "{Region}/x" => ["{Region}", "`{Region}`", "mean `{region}`"];
    capture_like_nothing: Path "{team}/x" => ["{team}", "`{team}`", "`{environment}`, `{region}`, `{service}`"];
    capture_without_name: Path "{}/x" => ["{}", "`{}`", "captures are"];
    alternatives: Path "{a,b}/x" => ["{a,b}", "alternatives", "items of the list"];
    capture_twice: Path "{region}/{region}" => ["{region}", "twice", "`*`"];
    two_captures: Path "x/{region}-{environment}" => ["{region}-{environment}", "2 captures", "one capture a segment"];
    capture_and_star: Path "{region}-*/x" => ["{region}-*", "`*`", "drop"];
    open_brace: Path "a/{region" => ["{", "not closed", "captures are"];
    brace_over_two_segments: Path "{reg/ion}" => ["{", "not closed", "captures are"], ["}", "without", "captures are"];
    brace_in_brace: Path "{{region}}" => ["{", "not closed", "captures are"], ["}", "without", "captures are"];
    close_brace: Path "a}" => ["}", "without", "captures are"];
    question_mark: Path "a?" => ["?", "one character", "`\\?`"];
    bracket: Path "[ab]/c" => ["[", "set of characters", "`\\[`"];
    negation: Path "!a/b" => ["!", "opposite", "`except`"];
    nul: Path "a\0" => ["\0", "u{0}", "remove"];
    newline: Path "a\n" => ["\n", "u{a}", "remove"];
    bidi: Path "a\u{202e}b" => ["\u{202e}", "u{202e}", "remove"];
    all_at_once: Path "/a?/{env}//b/" => ["/", "starts with", ""], ["?", "one character", ""], ["{env}", "`{env}`", ""], ["//", "empty", ""], ["/", "ends in", ""];
    short_branch: Ref "main" => ["main", "not a full ref name", "`refs/heads/main`"];
    short_tag: Ref "tags/v*" => ["tags/v*", "not a full ref name", "`refs/tags/v*`"];
    star_for_every_ref: Ref "**" => ["**", "not a full ref name", "`refs/**`"];
    head: Ref "HEAD" => ["HEAD", "not a full ref name", "refs/heads/NAME"];
    ref_with_blank: Ref "refs/heads/a b" => [" ", "` `", "git-check-ref-format"];
    ref_with_colon: Ref "refs/heads/a:b" => [":", "`:`", "git-check-ref-format"];
    ref_with_dots: Ref "refs/heads/a..b" => ["a..b", "`..`", "git-check-ref-format"];
    ref_with_lock: Ref "refs/heads/a.lock" => ["a.lock", "`.lock`", "git-check-ref-format"];
    ref_with_leading_dot: Ref "refs/heads/.a" => [".a", "starts with `.`", "git-check-ref-format"];
}

#[test]
fn what_stands_above_a_match() {
    for (text, path, above) in [
        ("deploy/{environment}/{region}/**", "deploy", true),
        ("deploy/{environment}/{region}/**", "deploy/prod", true),
        ("deploy/{environment}/{region}/**", "deploy/prod/us", true),
        // a match itself
        ("deploy/{environment}/{region}/**", "deploy/prod/us/a", false),
        ("deploy/{environment}/{region}/**", "docs", false),
        ("deploy/{environment}/{region}/**", "Deploy/Prod", true),
        ("deploy/{environment}/{region}/**", "dеploy", true),
        ("deploy/a.yaml", "deploy", true),
        ("deploy/a.yaml", "deploy/a.yaml", false),
        ("env-{environment}/a", "env-prod", true),
        ("env-{environment}/a", "prod", false),
        ("modules/**/main.tf", "modules", true),
        ("modules/**/main.tf", "modules/a/b", true),
        // any folder would do, and what lies behind a link to it matches where it is
        ("**/main.tf", "a", false),
        ("**/prod/main.tf", "a/b", false),
        ("**/prod/main.tf", "a/prod", true),
        ("**/prod/**", "a/prod", true),
        ("**", "a", false),
    ] {
        let set = PatternSet::new([&pattern(text)]);
        assert_eq!(!set.above(path.as_bytes()).is_empty(), above, "{text} {path}");
    }
    let patterns = ["a/b/c", "a/b/**", "a/b", "A/B/{service}/x", "*/b/d", "b/c", "a/**"].map(pattern);
    let set = PatternSet::new(&patterns);
    assert_eq!(set.above(b"a/b").into_iter().collect::<Vec<usize>>(), [0, 1, 3, 4], "each of them");
}

#[test]
fn matches_are_numbered_and_told_in_order() {
    let found = matches(&["b/**", "a/**", "**", "a/*", "A/*"], b"a/x").unwrap();
    assert_eq!(
        found.iter().map(|found| (found.pattern, found.exact)).collect::<Vec<_>>(),
        [(1, true), (2, true), (3, true), (4, false)]
    );
}

#[test]
fn equal_patterns_all_match() {
    let found = matches(&["a/{region}", "a/{environment}", "a/{region}"], b"a/x").unwrap();
    assert_eq!(found.iter().map(show).collect::<Vec<_>>(), ["region=x", "environment=x", "region=x"]);
}

#[test]
fn raw_text_of_a_folded_match_is_the_segment_of_the_path() {
    let found = matches(&["Env-{environment}/x"], "env-Pｒod/x".as_bytes()).unwrap();
    let [
        Match {
            captures: Captures { environment: Some(environment), region: None, service: None }, exact: false, ..
        },
    ] = found.as_slice()
    else {
        panic!("{found:?}")
    };
    assert_eq!((environment.raw, &*environment.folded), ("env-Pｒod".as_bytes(), &b"prod"[..]));
}

#[test]
fn except_takes_exact_matches_alone() {
    let patterns = [pattern("**/*.md"), pattern("docs/**")];
    let set = PatternSet::new(&patterns);
    for (path, exactly) in [("docs/a", true), ("a/b.md", true), ("Docs/a", false), ("a/b.MD", false), ("a/b.mԁ", false)]
    {
        assert_eq!(set.any_exactly(path.as_bytes()), exactly, "{path}");
        let mut found = Vec::new();
        set.matches_exactly(path.as_bytes(), &mut found).unwrap();
        assert_eq!(!found.is_empty(), exactly, "{path}");
        set.matches(path.as_bytes(), &mut found).unwrap();
        assert!(!found.is_empty(), "{path}");
    }
}

#[test]
fn a_pattern_is_no_longer_than_a_path() {
    let text = "a/".repeat(2047) + "ab";
    assert!(PatternSet::new([&pattern(&text)]).any_exactly(text.as_bytes()));
    let errors = Pattern::parse(&(text + "c"), PatternSubject::Path).expect_err("4,097 bytes");
    assert_eq!(errors.len(), 1, "{errors:?}");
}

#[test]
fn a_set_without_patterns_matches_nothing() {
    assert_eq!(matches(&[], b"a/b"), Ok(Vec::new()));
}

/// Each takes exponential time, or a billion ways, if it is done step by step.
#[test]
fn hostile_paths_end_in_bounded_time() {
    let deep = "a/".repeat(2047) + "a";
    let long = "a".repeat(4096);
    assert_eq!(matches(&["**/**/**/**/**/**/**/**/**/**/**/**/x"], deep.as_bytes()), Ok(Vec::new()));
    assert_eq!(matches(&["**/a/**/a/**/a/**/a/**/a/**/a/**/x"], deep.as_bytes()), Ok(Vec::new()));
    assert_eq!(matches(&["*a*a*a*a*a*a*a*a*a*a*a*b"], long.as_bytes()), Ok(Vec::new()));
    assert_eq!(matches(&["**/{environment}/**/{region}/**/{service}/x"], deep.as_bytes()), Ok(Vec::new()));
    let found = matches(&["**/{environment}/**"], deep.as_bytes()).unwrap();
    assert_eq!(found.iter().map(show).collect::<Vec<_>>(), ["environment=a"]);
    assert_eq!(
        matches(&["x", "**/{environment}/**/{region}/**/{service}/**"], deep.as_bytes()),
        Err(TooManyWays { pattern: 1 })
    );
}

#[test]
fn folding_is_settled_and_blind_to_case_for_every_character() {
    for character in (char::MIN..=char::MAX).filter(|character| !character.is_control()) {
        let folded = fold(character.encode_utf8(&mut [0; 4]).as_bytes()).into_owned();
        assert_eq!(*fold(&folded), *folded, "{character:?}");
        for other in [character.to_lowercase().collect::<String>(), character.to_uppercase().collect()] {
            assert_eq!(*fold(other.as_bytes()), *folded, "{character:?} {other:?}");
        }
    }
}

#[test]
fn ascii_folds_by_case_alone() {
    for byte in 0..=0x7f_u8 {
        assert_eq!(*fold(&[byte]), [byte.to_ascii_lowercase()]);
    }
}

/// `Default_Ignorable_Code_Point` of Unicode's `DerivedCoreProperties.txt`.
#[test]
fn invisible_characters_are_those_that_unicode_says_to_ignore() {
    let ignorable = [
        0xad..=0xad,
        0x34f..=0x34f,
        0x61c..=0x61c,
        0x115f..=0x1160,
        0x17b4..=0x17b5,
        0x180b..=0x180f,
        0x200b..=0x200f,
        0x202a..=0x202e,
        0x2060..=0x206f,
        0x3164..=0x3164,
        0xfe00..=0xfe0f,
        0xfeff..=0xfeff,
        0xffa0..=0xffa0,
        0xfff0..=0xfff8,
        0x1bca0..=0x1bca3,
        0x1d173..=0x1d17a,
        0xe0000..=0xe0fff,
    ];
    for character in char::MIN..=char::MAX {
        let expected = ignorable.iter().any(|range| range.contains(&u32::from(character)));
        assert_eq!(is_invisible(character), expected, "{character:?}");
    }
}

/// The outcomes of a pattern, by trying every way: as plain as can be, from the text of the pattern, and shared with nothing of the module.
fn by_trying(pattern: &[&str], path: &[&str]) -> BTreeSet<BTreeSet<(String, String)>> {
    let (Some((first, later)), Some((segment, rest))) = (pattern.split_first(), path.split_first()) else {
        return if pattern.is_empty() && path.is_empty() { BTreeSet::from([BTreeSet::new()]) } else { BTreeSet::new() };
    };
    if *first == "**" {
        let none = if later.is_empty() { BTreeSet::from([BTreeSet::new()]) } else { by_trying(later, path) };
        return &none | &by_trying(pattern, rest);
    }
    if later.is_empty() && !first.contains(['*', '{']) {
        return if first == segment { BTreeSet::from([BTreeSet::new()]) } else { BTreeSet::new() };
    }
    let mut outcomes = BTreeSet::new();
    if let Some((prefix, name, suffix)) =
        first.split_once('{').and_then(|(a, b)| b.split_once('}').map(|(b, c)| (a, b, c)))
    {
        for from in 0..segment.len() {
            for to in from + 1..=segment.len() {
                if &segment[..from] == prefix && &segment[to..] == suffix {
                    for mut outcome in by_trying(later, rest) {
                        outcome.insert((name.to_owned(), segment[from..to].to_owned()));
                        outcomes.insert(outcome);
                    }
                }
            }
        }
    } else if star_by_trying(first, segment) && !segment.is_empty() {
        outcomes = by_trying(later, rest);
    }
    outcomes
}

fn star_by_trying(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => (0..=text.len()).any(|taken| star_by_trying(&pattern[1..], &text[taken..])),
        Some(fixed) => text.starts_with(fixed) && star_by_trying(&pattern[1..], &text[1..]),
    }
}

fn outcome(found: &Match<'_>) -> BTreeSet<(String, String)> {
    let Captures { environment, region, service } = &found.captures;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    [("environment", environment), ("region", region), ("service", service)]
        .into_iter()
        .filter_map(|(name, captured)| {
            let captured = captured.as_ref()?;
            Some((name.to_owned(), if found.exact { text(captured.raw) } else { text(&captured.folded) }))
        })
        .collect()
}

fn pattern_text() -> impl Strategy<Value = String> {
    let segments = [
        "a",
        "b",
        "A",
        "ab",
        "*",
        "a*",
        "*b",
        "a*b*",
        "*a*",
        "**",
        "**",
        "{environment}",
        "{region}",
        "x{region}",
        "{service}y",
        "a{environment}b",
    ];
    vec(select(segments.to_vec()), 1..6)
        .prop_map(|segments| segments.join("/"))
        .prop_filter("a capture stands once", |text| {
            ["{environment}", "{region}", "{service}"].iter().all(|capture| text.matches(capture).count() <= 1)
        })
}

fn path_text() -> impl Strategy<Value = String> {
    let segments = ["a", "b", "A", "B", "ab", "ba", "aab", "abb", "xa", "Xa", "ay", "aY", "xy", ""];
    vec(select(segments.to_vec()), 1..7).prop_map(|segments| segments.join("/"))
}

/// What the patterns take from a folder, by what they take from paths below it, whatever those are called.
#[test]
fn what_patterns_take_from_a_folder() {
    for (text, folder, taken) in [
        ("deploy/{environment}/{region}/**", "", &[""][..]),
        ("deploy/{environment}/{region}/**", "deploy", &[""]),
        ("deploy/{environment}/{region}/**", "deploy/prod", &["environment=prod"]),
        ("deploy/{environment}/{region}/**", "deploy/prod/us/a/b", &["environment=prod region=us"]),
        ("deploy/{environment}/{region}/**", "docs", &[]),
        ("deploy/{environment}/{region}/**", "Deploy/prod", &["~environment=prod"]),
        ("deploy/{environment}", "deploy", &[""]),
        ("deploy/{environment}", "deploy/prod", &[]),
        ("deploy/prod", "deploy/prod/a", &[""]),
        ("**", "a/b", &[""]),
        ("**/*.tf", "a/b", &[""]),
        ("a/**/{environment}.tf", "a/b/c", &[""]),
        ("**/{environment}/x/{region}", "prod/x", &["", "environment=prod", "environment=x"]),
    ] {
        let pattern = pattern(text);
        let set = PatternSet::new([&pattern]);
        let found: BTreeSet<String> = set.below(folder.as_bytes()).unwrap().iter().map(show).collect();
        assert_eq!(found, taken.iter().map(|one| (*one).to_owned()).collect(), "{text} {folder}");
    }
}

proptest! {
    #[test]
    fn what_matches_below_a_folder_takes_that_from_it(text in pattern_text(), folder in path_text(), rest in path_text()) {
        let pattern = pattern(&text);
        let set = PatternSet::new([&pattern]);
        let path = format!("{folder}/{rest}");
        let below = set.below(folder.as_bytes()).unwrap();
        let mut found = Vec::new();
        set.matches_exactly(path.as_bytes(), &mut found).unwrap();
        for outcome in found.iter().map(outcome) {
            let narrower = |one: &Match<'_>| one.exact && self::outcome(one).is_subset(&outcome);
            assert!(below.iter().any(narrower), "{text} {folder} {rest}");
        }
    }

    #[test]
    fn a_set_agrees_with_trying_every_way(patterns in vec(pattern_text(), 0..12), path in path_text()) {
        let texts: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let found = matches(&texts, path.as_bytes()).unwrap();
        let small_path = path.to_lowercase();
        for (number, text) in texts.iter().enumerate() {
            let segments = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
            let tried = |pattern: &str, path: &str| {
                let (pattern, path) = (segments(pattern), segments(path));
                by_trying(&pattern.iter().map(String::as_str).collect::<Vec<_>>(), &path.iter().map(String::as_str).collect::<Vec<_>>())
            };
            let exact = tried(text, &path);
            let small = |outcome: &BTreeSet<(String, String)>| outcome.iter().map(|(name, text)| (name.clone(), text.to_lowercase())).collect();
            let said: BTreeSet<_> = exact.iter().map(small).collect();
            let folded = &tried(&text.to_lowercase(), &small_path) - &said;
            let of = |exact: bool| -> BTreeSet<_> {
                found.iter().filter(|found| found.pattern == number && found.exact == exact).map(outcome).collect()
            };
            assert_eq!(of(true), exact, "{text}");
            assert_eq!(of(false), folded, "{text}");
        }
    }

    #[test]
    fn no_text_and_no_path_make_it_panic(text in ".*", path in vec(proptest::num::u8::ANY, 0..64)) {
        for subject in [PatternSubject::Path, PatternSubject::Ref] {
            match Pattern::parse(&text, subject) {
                Ok(pattern) => PatternSet::new([&pattern]).matches(&path, &mut Vec::new()).unwrap(),
                Err(errors) => {
                    assert!(!errors.is_empty());
                    assert!(errors.iter().all(|error| text.get(error.range.clone()).is_some()), "{errors:?}");
                }
            }
        }
    }

    #[test]
    fn a_good_pattern_matches_what_it_spells(text in pattern_text()) {
        let path = text.replace("**", "p/q").replace('*', "r").replace(['{', '}'], "");
        assert!(PatternSet::new([&pattern(&text)]).any_exactly(path.as_bytes()));
    }
}
