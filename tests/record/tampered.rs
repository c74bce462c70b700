//! Chains that somebody has laid hands on.

use std::fs;

use freezegate::proof::record::RecordedOutcome;
use freezegate::time::seconds::Seconds;

use crate::record::decisions::{MORNING, append, decided};
use crate::record::workshop::Workshop;

/// Five decisions by Alice, as lines; and a fifth of Mallory's that follows the fourth as well.
fn lines(workshop: &Workshop) -> (Vec<String>, String) {
    let path = workshop.join("made.jsonl");
    let by = |number: i64, name: &str| {
        let mut one = decided(MORNING + Seconds::new(number), RecordedOutcome::Refused);
        one.actor = Some(name.to_owned());
        append(&path, one);
    };
    for number in 0..4 {
        by(number, "alice");
    }
    let before = fs::read(&path).unwrap();
    by(5, "mallory");
    let other = fs::read_to_string(&path).unwrap().lines().last().unwrap().to_owned();
    fs::write(&path, before).unwrap();
    by(4, "alice");
    let lines = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    (lines, other)
}

/// The line with another hash: that of what it says now.
fn sealed_anew(workshop: &Workshop, line: &str) -> String {
    let (body, _) = line.rsplit_once(",\"hash\":").unwrap();
    let script = format!("printf '%s' '{body}}}' | sha256sum | cut -c 1-64");
    let output = workshop.program("sh", &workshop.path()).args(["-c", &script]).output().unwrap();
    format!("{body},\"hash\":\"{}\"}}", String::from_utf8(output.stdout).unwrap().trim())
}

#[test]
fn each_way_of_tampering_is_found_and_told_and_refuses() {
    let workshop = Workshop::new();
    let (good, other) = lines(&workshop);
    let edited = |line: &str| line.replace("alice", "nobody");
    let with = |number: usize, line: String| {
        let mut lines = good.clone();
        lines[number - 1] = line;
        lines
    };
    let without = |gone: &[usize]| -> Vec<String> {
        (1..).zip(&good).filter(|(number, _)| !gone.contains(number)).map(|(_, line)| line.clone()).collect()
    };
    let order = |numbers: &[usize]| -> Vec<String> { numbers.iter().map(|number| good[number - 1].clone()).collect() };
    let rows: Vec<(&str, Vec<String>, &str)> = vec![
        ("a word", with(3, edited(&good[2])), "line 3: entry 3"),
        ("the verdict", with(2, good[1].replace("refused", "allowed")), "line 2: entry 2"),
        ("the instant of the last", with(5, good[4].replace("10:00:04", "09:00:04")), "line 5: entry 5"),
        ("the number", with(2, good[1].replace("\"sequence\":2", "\"sequence\":7")), "line 2: entry 7"),
        ("a word, with a hash to match", with(3, sealed_anew(&workshop, &edited(&good[2]))), "line 3: entry 3"),
        ("a blank", with(3, good[2].replace(":3,", ": 3,")), "line 3: entry 3"),
        ("two swapped", order(&[1, 3, 2, 4, 5]), "line 2: entry 3"),
        ("the last first", order(&[5, 1, 2, 3, 4]), "line 1: entry 5"),
        ("the first last", order(&[2, 3, 4, 5, 1]), "line 1: entry 2"),
        ("one gone", without(&[3]), "line 3: entry 3 is missing before it"),
        ("two gone", without(&[2, 3]), "line 2: entries 2 to 3 are missing before it"),
        ("the first gone", without(&[1]), "line 1: entry 1 is missing before it"),
        (
            "a second fifth",
            [good.clone(), vec![other.clone()]].concat(),
            "line 6: entry 5 follows the same entry as line 5 does",
        ),
        ("the same twice", order(&[1, 2, 2, 3]), "line 3: entry 2 is already at line 2"),
        ("all twice", [good.clone(), good.clone()].concat(), "line 6: entry 1 is already at line 1"),
        (
            "counted wrongly",
            [without(&[5]), vec![sealed_anew(&workshop, &good[4].replace("\"sequence\":5", "\"sequence\":6"))]]
                .concat(),
            "line 5: the entry has the number 6, and should have 5",
        ),
        ("no line", with(3, String::new()), "line 3: this is not an entry of a record"),
        ("other text", with(3, "hello".to_owned()), "line 3: this is not an entry of a record"),
        (
            "one member more",
            with(3, sealed_anew(&workshop, &good[2].replace("\"run\"", "\"x\":1,\"run\""))),
            "line 3: this is not an entry of a record",
        ),
        (
            "a form to come",
            with(3, sealed_anew(&workshop, &good[2].replace("record/v1", "record/v2"))),
            "line 3: this is not an entry of a record",
        ),
    ];
    for (what, lines, told) in rows {
        fs::write(workshop.join("record.jsonl"), lines.join("\n") + "\n").unwrap();
        let verified = workshop.run(&["record", "verify", "record.jsonl", "--format", "json"]);
        assert_eq!(verified.status, Some(1), "{what}: {verified:?}");
        let answer = verified.json();
        assert_eq!(answer["intact"], false, "{what}");
        let faults: Vec<String> = answer["faults"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| format!("{}: {}", fault["place"].as_str().unwrap(), fault["message"].as_str().unwrap()))
            .collect();
        assert!(faults[0].starts_with(told), "{what}: {faults:?}");
        let text = workshop.run(&["record", "verify", "record.jsonl"]);
        assert!(text.printed.starts_with("not intact: record.jsonl, "), "{what}: {text:?}");

        for command in [&["check", "staging", "--record", "record.jsonl"][..], &["record", "show", "record.jsonl"]] {
            let ended = workshop.run(command);
            assert_eq!(ended.status, Some(2), "{what}: {ended:?}");
            assert!(
                ended.errors.contains("error[broken-record]: the record `record.jsonl` is damaged: line"),
                "{what}: {ended:?}"
            );
            // what is before the first fault can be shown, and nothing is counted
            let is_of_show = command.contains(&"show");
            let place = |fault: &str| fault.split(':').next().unwrap().strip_prefix("line ").unwrap().parse::<usize>();
            let sound = if is_of_show { place(&faults[0]).unwrap() - 1 } else { 0 };
            let shown: Vec<&str> = ended.printed.lines().filter(|line| !line.starts_with(' ')).collect();
            let wanted: Vec<String> = (1..=sound)
                .map(|line| (line, if line == 1 { String::new() } else { format!(":0{}", line - 1) }))
                .map(|(line, second)| format!("{line} refused: production/eu, Wed 7 Jan 2026 10:00{second} UTC"))
                .collect();
            assert_eq!(shown, wanted, "{what}: {ended:?}");
        }
        let kept = fs::read_to_string(workshop.join("record.jsonl")).unwrap();
        assert_eq!(kept, lines.join("\n") + "\n", "{what}: a broken record is left as it is found");
    }
}

#[test]
fn a_cut_tail_is_found_by_a_hash_kept_elsewhere() {
    let workshop = Workshop::new();
    let (good, other) = lines(&workshop);
    let hash =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["hash"].as_str().unwrap().to_owned();
    let (third, last) = (hash(&good[2]), hash(&good[4]));
    let verify = |lines: &[String], expected: &str| {
        fs::write(workshop.join("record.jsonl"), lines.join("\n") + "\n").unwrap();
        workshop.run(&["record", "verify", "record.jsonl", "--expect", expected])
    };
    for expected in [&third, &last, &last.to_uppercase()] {
        let whole = verify(&good, expected);
        assert_eq!(whole.status, Some(0), "{whole:?}");
        let number = if *expected == third { 3 } else { 5 };
        let rows: Vec<(&str, &str)> =
            whole.printed.lines().skip(1).filter_map(|row| row.trim().split_once(' ')).collect();
        let rows: Vec<(&str, &str)> = rows.into_iter().map(|(label, text)| (label, text.trim())).collect();
        let instant = |number: usize| format!("entry {number}, 2026-01-07T10:00:0{}Z", number - 1);
        assert_eq!(
            rows,
            [
                ("newest", instant(5).as_str()),
                ("hash", &last),
                ("expected", &instant(number)),
                ("hash", &expected.to_lowercase())
            ]
        );
    }
    let cut = verify(&good[..4], &last);
    assert_eq!(cut.status, Some(1), "{cut:?}");
    assert!(cut.printed.contains("which was seen before, is missing"), "{cut:?}");
    assert_eq!(verify(&good[..4], &third).status, Some(0));
    // the last one written anew, by one who knows how
    let anew = verify(&[&good[..4], &[other]].concat(), &last);
    assert_eq!(anew.status, Some(1), "{anew:?}");
    for wrong in ["", "12ab", &last[..63], "HEAD"] {
        let ended = verify(&good, wrong);
        assert_eq!(ended.status, Some(2), "{wrong}: {ended:?}");
        assert!(ended.errors.contains("is not the hash of an entry"), "{wrong}: {ended:?}");
    }
}

/// As the documentation of the record says.
#[test]
fn a_hash_can_be_checked_by_hand() {
    let workshop = Workshop::new();
    let (good, _) = lines(&workshop);
    let script = r#"sed -n 3p made.jsonl | sed 's/,"hash":"[0-9a-f]*"}$/}/' | tr -d '\n' | sha256sum"#;
    let output = workshop.program("sh", &workshop.path()).args(["-c", script]).output().unwrap();
    let hash = String::from_utf8(output.stdout).unwrap()[..64].to_owned();
    assert!(good[2].ends_with(&format!(",\"hash\":\"{hash}\"}}")), "{hash}");
    assert!(good[3].contains(&format!("\"previous\":\"{hash}\"")), "{hash}");
}

#[test]
fn there_must_be_something_to_verify() {
    let workshop = Workshop::with_repository();
    for location in ["none.jsonl", "refs/freezegate/record"] {
        for command in ["verify", "show"] {
            let ended = workshop.run(&["record", command, location]);
            assert_eq!(ended.status, Some(2), "{ended:?}");
            assert!(ended.errors.contains(&format!("there is no record `{location}`")), "{ended:?}");
        }
    }
}
