//! Patterns, one a line, and below an empty line paths. A set of patterns finds for each path what its patterns find alone;
//! what is refused says which part of the text is wrong, and what to write.
#![no_main]

use freezegate::pattern::{Pattern, PatternSet, PatternSubject};
use libfuzzer_sys::fuzz_target;

/// As many of each are enough for what a set may confuse.
const MOST: usize = 12;

/// Which patterns match the path, or that there are too many ways.
fn found(set: &PatternSet, path: &[u8]) -> Option<Vec<usize>> {
    let mut matches = Vec::new();
    set.matches(path, &mut matches).ok()?;
    let mut found: Vec<usize> = matches.iter().map(|one| one.pattern).collect();
    found.sort_unstable();
    found.dedup();
    Some(found)
}

fuzz_target!(|bytes: &[u8]| {
    let split = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(bytes.len());
    let (texts, paths) = bytes.split_at(split);
    let Ok(texts) = std::str::from_utf8(texts) else {
        return;
    };
    let mut patterns = Vec::new();
    for text in texts.lines().take(MOST) {
        match Pattern::parse(text, PatternSubject::Path) {
            Ok(pattern) => {
                assert_eq!(pattern.as_str(), text);
                patterns.push(pattern);
            }
            Err(errors) => {
                assert!(!errors.is_empty(), "refused without a reason");
                for error in errors {
                    assert!(text.get(error.range.clone()).is_some(), "{error:?} is not a part of {text:?}");
                    assert!(!error.cause.is_empty() && !error.help.is_empty(), "{error:?}");
                }
            }
        }
    }
    let set = PatternSet::new(&patterns);
    let alone: Vec<PatternSet> = patterns.iter().map(|pattern| PatternSet::new([pattern])).collect();
    for path in paths.split(|byte| *byte == b'\n').filter(|path| !path.is_empty()).take(MOST) {
        let Some(together) = found(&set, path) else {
            continue;
        };
        for (number, one) in alone.iter().enumerate() {
            if let Some(one) = found(one, path) {
                assert_eq!(together.contains(&number), !one.is_empty(), "pattern {number} of {texts:?}, {path:?}");
            }
        }
    }
});
