//! How large an entry may be.

use std::collections::BTreeSet;
use std::fs;

use freezegate::policy::{Level, MAX_NAME_BYTES, MOST_PLACES};
use freezegate::proof::record::{
    Chain, Decided, Extent, MAX_COMPLETE_BYTES, MAX_ENTRY_BYTES, MAX_LISTED_BYTES, MOST_LISTED, RecordError,
    RecordedBase, RecordedChange, RecordedMode, RecordedOutcome, RecordedPlace, Unlisted,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::record::decisions::{MORNING, append, change, decided, finding, read, read_all, try_append};

fn tag(number: usize) -> RecordedChange {
    change(&format!("refs/tags/v{number}"), &["production"], "-", "A")
}

/// A push of so many tags.
fn push(decision: RecordedOutcome, tags: usize) -> Decided {
    let changes = (0..tags).map(tag).collect();
    Decided { mode: RecordedMode::PreReceive, changes, ..decided(MORNING, decision) }
}

/// Appends to a new record, and gives back the one line of it.
#[track_caller]
fn line_of(decided: Decided) -> (Decided, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    append(&path, decided);
    // read by the program that wrote it, with its hash
    let entry = read_all(&path)[0].clone();
    (entry.decided, fs::read_to_string(&path).unwrap())
}

#[test]
fn a_refused_push_lists_as_many_changes_as_the_limit_and_counts_the_rest() {
    for (tags, rest) in [(1, 0), (MOST_LISTED, 0), (MOST_LISTED + 1, 1), (10 * MOST_LISTED, 900)] {
        let (kept, _) = line_of(push(RecordedOutcome::Refused, tags));
        assert_eq!(kept.unlisted(), Unlisted { changes: rest, ..Unlisted::default() }, "{tags}");
        assert_eq!(kept.changes.len(), tags.min(MOST_LISTED) + usize::from(rest > 0));
        let whole: Vec<RecordedChange> = (0..tags.min(MOST_LISTED)).map(tag).collect();
        assert_eq!(kept.changes[..whole.len()], whole);
    }
}

/// 1, 10 and 100 times the limit, of refs, of findings, and of names that are long.
#[test]
fn the_entry_of_a_refused_push_does_not_grow_beyond_its_limits() {
    for times in [1, 10, 100] {
        let count = times * MOST_LISTED;
        let findings = (0..count).map(|number| finding(&format!("unknown/{number}"), Level::Hard, None)).collect();
        let (kept, line) = line_of(Decided { findings, ..push(RecordedOutcome::Refused, count) });
        let rest = count - MOST_LISTED;
        assert_eq!(kept.unlisted(), Unlisted { changes: rest, findings: rest, reached: 0 });
        assert!(line.len() < 2 * MAX_LISTED_BYTES + 2000, "{times}: {}", line.len());

        let long = (0..50).map(|number| change(&"x".repeat(100 * times + number), &["production"], "-", "A"));
        let refused = Decided { changes: long.collect(), ..push(RecordedOutcome::Refused, 0) };
        let (kept, line) = line_of(refused);
        assert!(line.len() < MAX_LISTED_BYTES + 2000, "{times}: {}", line.len());
        let Unlisted { changes, .. } = kept.unlisted();
        assert_eq!(kept.changes.len() - usize::from(changes > 0) + changes, 50);
        assert_eq!(changes > 0, times > 10, "{times}");
    }
}

#[test]
fn of_the_findings_those_that_refuse_are_listed_first_and_the_rest_is_as_bad_as_the_worst_of_it() {
    let mut findings: Vec<_> = (0..200).map(|number| finding(&format!("warned/{number}"), Level::Warn, None)).collect();
    findings.push(finding("lifted", Level::Hard, Some("grant 7")));
    findings.push(finding("refuses", Level::Soft, None));
    let (kept, _) = line_of(Decided { findings, ..push(RecordedOutcome::Refused, 1) });
    assert_eq!([&kept.findings[0].id, &kept.findings[1].id], ["refuses", "lifted"]);
    let rest = kept.findings.last().unwrap();
    assert_eq!((rest.unlisted(), rest.level), (Some(102), Level::Warn));
    let findings =
        (0..200).map(|number| finding(&number.to_string(), if number < 150 { Level::Soft } else { Level::Hard }, None));
    let (kept, _) = line_of(Decided { findings: findings.collect(), ..push(RecordedOutcome::Refused, 1) });
    let rest = kept.findings.last().unwrap();
    assert_eq!((rest.unlisted(), rest.level), (Some(100), Level::Hard));
}

/// `freezegate/record/v1` has these keys and no others, so that programs that know no limits read the entry too.
#[test]
fn what_counts_the_rest_has_the_form_of_what_it_stands_for() {
    let findings = (0..200).map(|number| finding(&number.to_string(), Level::Hard, None)).collect();
    let (_, line) = line_of(Decided { findings, ..push(RecordedOutcome::Refused, 200) });
    let entry: Value = serde_json::from_str(&line).unwrap();
    let keys = |value: &Value| -> BTreeSet<String> { value.as_object().unwrap().keys().cloned().collect() };
    let decided = &entry["decided"];
    for list in ["changes", "findings"] {
        let items = decided[list].as_array().unwrap();
        assert!(keys(&items[MOST_LISTED]).is_subset(&keys(&items[0])), "{list}");
    }
    let (_, plain) = line_of(push(RecordedOutcome::Refused, 1));
    let plain: Value = serde_json::from_str(&plain).unwrap();
    assert_eq!(keys(decided), keys(&plain["decided"]));
}

#[test]
fn what_counts_the_rest_tells_nothing_of_any_state() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.jsonl");
    append(&path, push(RecordedOutcome::Refused, 200));
    let folded = read(&path);
    assert!(matches!(
        folded.base("production", Chain::of_hook(Some("refs/tags/v99")), Extent::Paths),
        RecordedBase::Known { commit: None, .. }
    ));
    assert_eq!(folded.base("production", Chain::of_hook(Some("refs/tags/v100")), Extent::Paths), RecordedBase::Untold);
    assert_eq!(folded.base("", Chain::of_hook(None), Extent::Paths), RecordedBase::Untold);
    assert!(folded.states_by_any_ref("production", &|_| true).is_empty());
}

/// What looks like the item that counts, and is not: a ref whose base was named so.
#[test]
fn a_base_that_is_called_like_the_rest_is_a_change() {
    let named = RecordedChange { base: "not listed: 7".to_owned(), ..tag(1) };
    assert_eq!(named.unlisted(), None);
    let odd = RecordedChange {
        reference: None,
        environments: Vec::new(),
        commit: None,
        base: "not listed: -7".to_owned(),
        ..named
    };
    for base in ["not listed: -7", "not listed: +7", "not listed: ", "not listed: 99999999999999999999", "listed: 7"] {
        assert_eq!(RecordedChange { base: base.to_owned(), ..odd.clone() }.unlisted(), None, "{base}");
    }
    assert_eq!(RecordedChange { base: "not listed: 7".to_owned(), ..odd }.unlisted(), Some(7));
    assert_eq!(finding("not listed: 7", Level::Hard, None).unlisted(), None);
}

/// Of a decision that has to be complete: at the limit it is kept, one byte above it is not.
#[test]
fn a_complete_entry_is_kept_up_to_the_limit_and_refused_above_it() {
    for (mode, decision, way_on) in [
        (RecordedMode::PreReceive, RecordedOutcome::Allowed, "split the push"),
        (RecordedMode::Check, RecordedOutcome::Allowed, "split the check"),
        (RecordedMode::Check, RecordedOutcome::Refused, "split the check"),
    ] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("record.jsonl");
        let with = |bytes: usize| {
            let reasons = vec!["x".repeat(bytes)];
            Decided { mode, reasons, ..push(decision, 1000) }
        };
        let (kept, line) = line_of(Decided { mode, ..with(0) });
        assert_eq!((kept.unlisted(), kept.changes.len()), (Unlisted::default(), 1000));
        // without its line end
        let room = MAX_ENTRY_BYTES - (line.len() - 1);
        let error = try_append(&path, with(room + 1)).unwrap_err();
        assert_eq!(error, RecordError::TooLarge { bytes: MAX_ENTRY_BYTES + 1, mode });
        assert!(error.to_string().contains("1048577 bytes; at most 1048576 are kept"), "{error}");
        assert!(error.help().starts_with(way_on), "{}", error.help());
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
        append(&path, with(room));
        assert_eq!(fs::metadata(&path).unwrap().len(), MAX_ENTRY_BYTES as u64 + 1);
    }
}

/// What a change of one ref reaches and meets at most, by the largest policy: every environment as a whole, in every region, with
/// a finding for each. Its entry is kept, so no such policy keeps an edit of it from being recorded.
#[test]
fn the_entry_of_one_ref_that_reaches_everything_is_kept() {
    let letters = 61;
    let name = |number: usize| format!("e{number:0>width$}", width = letters - 1);
    let names: Vec<String> = (0..MAX_NAME_BYTES / (letters + 3)).map(name).collect();
    let reached = (0..MOST_PLACES).map(|number| RecordedPlace {
        environment: names[number % names.len()].clone(),
        region: Some(format!("{}{number}", "r".repeat(200))),
        service: Some("s".repeat(200)),
    });
    let reached: Vec<RecordedPlace> = reached.collect();
    let findings: Vec<_> = (0..MOST_PLACES)
        .map(|number| {
            let level = [Level::Warn, Level::Hard][number % 2];
            finding(&format!("freeze/{number}"), level, (number == 49_999).then_some("grant 7"))
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (mode, decision) in [
        (RecordedMode::PreReceive, RecordedOutcome::Allowed),
        (RecordedMode::Check, RecordedOutcome::Allowed),
        (RecordedMode::Check, RecordedOutcome::Refused),
    ] {
        let changes = vec![change("refs/heads/main", &names, "A", "B")];
        let (reached, findings) = (reached.clone(), findings.clone());
        let (kept, line) = line_of(Decided { mode, changes, reached, findings, ..decided(MORNING, decision) });
        assert!(line.len() < MAX_ENTRY_BYTES - (200 << 10), "{}", line.len());
        // all that states rest on is listed, and the places that are not are counted
        assert_eq!((kept.changes.len(), kept.changes[0].environments.len()), (1, names.len()));
        assert_eq!(kept.changes[0].whole, kept.changes[0].environments);
        let rest = kept.unlisted();
        assert_eq!(rest.changes, 0);
        assert_eq!(rest.reached + kept.reached.len() - 1, MOST_PLACES);
        assert_eq!(rest.findings + kept.findings.len() - 1, MOST_PLACES);
        assert_eq!(kept.findings.last().unwrap().level, Level::Hard);
        let bytes = |json: String| json.len();
        assert!(bytes(serde_json::to_string(&kept.reached).unwrap()) < MAX_COMPLETE_BYTES + (8 << 10));
        assert!(kept.environments().all(|name| names.contains(&name)));
    }
}

/// As many places as nearly every policy has are all listed.
#[test]
fn a_thousand_reached_places_are_listed() {
    let place = |number: usize| RecordedPlace {
        environment: format!("service-{number}"),
        region: Some("us-east-1".to_owned()),
        service: None,
    };
    let reached: Vec<RecordedPlace> = (0..1000).map(place).collect();
    let (kept, _) = line_of(Decided { reached: reached.clone(), ..push(RecordedOutcome::Allowed, 1) });
    assert_eq!((kept.unlisted(), kept.reached), (Unlisted::default(), reached.clone()));
    let (kept, _) = line_of(Decided { reached, ..push(RecordedOutcome::Refused, 1) });
    assert_eq!(kept.unlisted(), Unlisted { reached: 900, ..Unlisted::default() });
}
