//! Whether one pattern lies within others, against a brute force over short paths.

use freezegate::pattern::{Inclusion, Match, Pattern, PatternSet, Subject, included_exactly};

const PATTERNS: [&str; 24] = [
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
];

/// All paths of at most three segments.
fn paths() -> Vec<Vec<u8>> {
    let segments = ["a", "b", "ab", "ba", "c"];
    let mut all: Vec<String> = segments.map(str::to_owned).to_vec();
    let mut last = all.clone();
    for _ in 0..2 {
        last = last.iter().flat_map(|path| segments.map(|segment| format!("{path}/{segment}"))).collect();
        all.extend(last.iter().cloned());
    }
    all.into_iter().map(String::into_bytes).collect()
}

/// What each exact match of a path captures.
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
            let [one, two] = [narrow, wide].map(|text| Pattern::parse(text, Subject::Path).unwrap());
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
                }
                Inclusion::Undecided => panic!("{narrow} in {wide}"),
            }
        }
    }
    assert!(included > 60 && excluded > 200, "{included} {excluded}");
}
