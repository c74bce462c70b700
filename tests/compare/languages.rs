//! Whether one pattern lies within others, against a brute force over short paths.

use freezegate::pattern::{Inclusion, Match, Pattern, PatternSet, PatternSubject, included, included_exactly};

const PATTERNS: [&str; 29] = [
    "**",
    "**/*",
    "*",
    "*/*",
    "a",
    "a/b",
    "a/**",
    "a/*",
    "**/a",
    "**/a/**",
    "**/b",
    "a/**/b",
    "a/**/*",
    "*/**",
    "*/b",
    "ab*",
    "*b",
    "a*b",
    "{environment}",
    "{environment}/**",
    "a/{environment}",
    "**/{environment}/b",
    "{environment}b/**",
    "**/*b",
    "A",
    "A/**",
    r"\[a",
    r"\[*/b",
    r"**/\[a/**",
];

/// All paths of at most three segments.
fn paths() -> Vec<Vec<u8>> {
    let segments = ["a", "b", "ab", "ba", "c", "A", "[a"];
    let mut all: Vec<String> = segments.map(str::to_owned).to_vec();
    let mut last = all.clone();
    for _ in 0..2 {
        last = last.iter().flat_map(|path| segments.map(|segment| format!("{path}/{segment}"))).collect();
        all.extend(last.iter().cloned());
    }
    all.into_iter().map(String::into_bytes).collect()
}

/// Returns what each exact match of a path captures.
fn captured(set: &PatternSet, path: &[u8]) -> Vec<Option<Vec<u8>>> {
    let mut found: Vec<Match<'_>> = Vec::new();
    set.matches(path, &mut found).unwrap();
    let exact = found.iter().filter(|one| one.exact);
    exact.map(|one| one.captures.environment.as_ref().map(|taken| taken.raw.to_vec())).collect()
}

#[test]
fn inclusion_is_that_of_the_paths_that_match() {
    let paths = paths();
    let (mut included, mut excluded) = (0, 0);
    for narrow in PATTERNS {
        for wide in PATTERNS {
            let [one, two] = [narrow, wide].map(|text| Pattern::parse(text, PatternSubject::Path).unwrap());
            let [of_one, of_two] = [&one, &two].map(|pattern| PatternSet::new([pattern]));
            let lies_within = |path: &[u8]| {
                let there = captured(&of_two, path);
                captured(&of_one, path).iter().all(|taken| there.contains(taken))
            };
            match included_exactly(&one, &[&two], 100_000, &mut 0) {
                Inclusion::Included => {
                    included += 1;
                    for path in &paths {
                        assert!(lies_within(path), "{narrow} in {wide}: {}", path.escape_ascii());
                    }
                }
                Inclusion::Excluded(path) => {
                    excluded += 1;
                    assert!(!captured(&of_one, &path).is_empty(), "{narrow} in {wide}: {}", path.escape_ascii());
                    // the same text, taken from another segment, counts as another capture: that opens, to be safe
                    let both_capture = [&one, &two].iter().all(|pattern| pattern.captures().next().is_some());
                    assert!(both_capture || !lies_within(&path), "{narrow} in {wide}: {}", path.escape_ascii());
                }
                Inclusion::Undecided => panic!("{narrow} in {wide}"),
            }
        }
    }
    assert!(included > 60 && excluded > 200, "{included} {excluded}");
}

/// Returns what a path captures, exactly or folded.
fn captured_alike(set: &PatternSet, path: &[u8]) -> Vec<Option<Vec<u8>>> {
    let mut found: Vec<Match<'_>> = Vec::new();
    set.matches(path, &mut found).unwrap();
    found.iter().map(|one| one.captures.environment.as_ref().map(|taken| taken.folded.to_vec())).collect()
}

#[test]
fn inclusion_in_two_patterns_is_that_of_the_paths_that_match_folded_too() {
    let paths = paths();
    let parsed = PATTERNS.map(|text| Pattern::parse(text, PatternSubject::Path).unwrap());
    let of_each: Vec<Vec<Vec<Option<Vec<u8>>>>> = parsed
        .iter()
        .map(|pattern| PatternSet::new([pattern]))
        .map(|set| paths.iter().map(|path| captured_alike(&set, path)).collect())
        .collect();
    let mut count = 0;
    for (one, narrow) in parsed.iter().enumerate() {
        for (two, first) in parsed.iter().enumerate() {
            for (three, second) in parsed.iter().enumerate().skip(two) {
                if included(narrow, &[first, second], 100_000, &mut 0) != Inclusion::Included {
                    continue;
                }
                count += 1;
                for (index, path) in paths.iter().enumerate() {
                    let is_there = |taken| of_each[two][index].contains(taken) || of_each[three][index].contains(taken);
                    let is_within = of_each[one][index].iter().all(is_there);
                    assert!(is_within, "{narrow} in {first}, {second}: {}", path.escape_ascii());
                }
            }
        }
    }
    assert!(count > 1_000, "{count}");
}
