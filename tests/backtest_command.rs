//! `freezegate backtest`, as people and jobs run it. What it counts is tested in the library.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::clean::command;
use crate::support::validator::Validator;

const POLICY: &str = "version = 1
[regions.us]
timezones  = [\"America/New_York\", \"America/Los_Angeles\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
[regions.eu]
timezones  = [\"Europe/Berlin\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
[environments.production]
aliases  = [\"prod\"]
duration = \"10m\"
[environments.staging]
during_core_hours = \"off\"
[[targets]]
refs  = [\"refs/heads/main\"]
paths = [\"deploy/{environment}/{region}/**\"]
[[targets]]
refs        = [\"refs/tags/v*\"]
environment = \"production\"
kind        = \"deploy\"
";

fn freezegate(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    fs::write(folder.join("freezegate.toml"), POLICY).unwrap();
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
    let ended = program.args(arguments).env("COLUMNS", "80").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

fn answer(folder: &Path, arguments: &str) -> Value {
    let arguments: Vec<&str> =
        ["backtest", "--format", "json"].into_iter().chain(arguments.split_whitespace()).collect();
    let (status, printed, errors) = freezegate(folder, &arguments);
    assert!(matches!(status, Some(0 | 1)), "{arguments:?}: {errors}");
    serde_json::from_str(&printed).unwrap()
}

fn git(folder: &Path, date: &str, arguments: &[&str]) {
    let mut git = command("git", folder, folder);
    let status = git.args(arguments).env("GIT_COMMITTER_DATE", date).status().unwrap();
    assert!(status.success(), "git {arguments:?}");
}

/// A file that changes, in a commit of that date.
fn commit(folder: &Path, date: &str, path: &str, message: &str) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, format!("{date} {message}")).unwrap();
    git(folder, date, &["add", "--all", "--", path]);
    git(folder, date, &["commit", "--quiet", "-m", message]);
}

#[test]
fn commits_and_tags_are_judged_by_what_they_changed() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    git(here, "2025-07-01T00:00:00Z", &["init", "--quiet", "--initial-branch=main"]);
    commit(here, "2025-07-01T04:00:00Z", "README.md", "first");
    // at work in Berlin, and in Los Angeles
    commit(here, "2025-07-01T10:49:00Z", "deploy/production/eu/a.yaml", "eu at work");
    commit(here, "2025-07-01T10:50:00Z", "deploy/production/us/a.yaml", "us asleep");
    commit(here, "2025-07-09T21:45:00Z", "deploy/production/us/a.yaml", "us at work\n\nEnvironment: staging");
    git(here, "2025-07-09T22:00:00Z", &["switch", "--quiet", "-c", "side"]);
    commit(here, "2025-07-09T22:00:00Z", "deploy/production/eu/b.yaml", "beside");
    git(here, "2025-07-09T22:00:00Z", &["switch", "--quiet", "main"]);
    git(here, "2025-07-10T09:00:00Z", &["merge", "--quiet", "--no-ff", "-m", "merge", "side"]);
    git(here, "2025-07-10T09:30:00Z", &["tag", "v1"]);
    git(here, "2025-07-12T09:30:00Z", &["tag", "-a", "-m", "on a Saturday", "v2"]);
    git(here, "2025-07-12T09:30:00Z", &["tag", "other"]);

    let all = answer(here, "--branch main");
    assert_eq!(all["totals"]["changes"], 5);
    assert_eq!(
        (&all["totals"]["reach_nothing"], &all["totals"]["refused"], &all["totals"]["never_open"]),
        (&json!(1), &json!(3), &json!(1))
    );
    assert_eq!(
        (&all["history"]["name"], &all["history"]["dates_are_claims"]),
        (&json!("refs/heads/main"), &json!(true))
    );
    let ids: Vec<&str> =
        all["windows"].as_array().unwrap().iter().map(|window| window["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["core-hours/eu", "core-hours/us", "target-mismatch"]);
    // 12:49 to 18:00 in Berlin; the merge at 11:00 to 18:00
    let waits: Vec<&Value> =
        all["longest_waits"].as_array().unwrap().iter().map(|held| &held["wait_seconds"]).collect();
    assert_eq!(waits, [&Value::Null, &json!(7 * 3600), &json!(5 * 3600 + 11 * 60)]);
    assert_eq!(answer(here, "")["totals"], all["totals"]);
    let later = answer(here, "--since 2025-07-05 --until 2025-07-10T08:00:00Z");
    assert_eq!((&later["totals"]["changes"], &later["history"]["left_out"]), (&json!(1), &json!(4)));

    let tags = answer(here, "--tags v*");
    // the tag of a commit has its date, an annotated one its own
    assert_eq!((&tags["totals"]["changes"], &tags["totals"]["refused"]), (&json!(2), &json!(1)));
    assert_eq!(tags["longest_waits"][0]["name"], "v1");
    assert_eq!(tags["kinds"][0]["name"], "deploy");

    let clone = TempDir::new().unwrap();
    let address = format!("file://{}", here.display());
    git(clone.path(), "2025-07-12T09:30:00Z", &["clone", "--quiet", "--depth", "2", &address, "."]);
    let (status, printed, _) = freezegate(clone.path(), &["backtest"]);
    assert_eq!(status, Some(1), "{printed}");
    assert!(printed.contains("not judged: 1 change\n") && printed.contains("git fetch --unshallow"), "{printed}");
}

/// A trailer counts for the change that brings its commit, and for no later one, however many commits a merge brings.
#[test]
fn a_trailer_of_a_side_branch_counts_once() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    git(here, "2025-07-05T00:00:00Z", &["init", "--quiet", "--initial-branch=main"]);
    commit(here, "2025-07-05T04:00:00Z", "README.md", "first");
    git(here, "2025-07-05T04:00:00Z", &["switch", "--quiet", "-c", "side"]);
    for hour in 5..9 {
        let message = if hour == 6 { "beside\n\nEnvironment: staging" } else { "beside" };
        commit(here, &format!("2025-07-05T0{hour}:00:00Z"), "deploy/production/eu/b.yaml", message);
    }
    git(here, "2025-07-05T04:00:00Z", &["switch", "--quiet", "main"]);
    for day in 10..16 {
        commit(here, &format!("2025-07-{day}T22:00:00Z"), "deploy/production/eu/a.yaml", "eu asleep");
    }
    git(here, "2025-07-19T09:00:00Z", &["merge", "--quiet", "--no-ff", "-m", "merge", "side"]);
    commit(here, "2025-07-19T10:00:00Z", "deploy/production/eu/a.yaml", "on a Saturday");
    let all = answer(here, "--branch main");
    assert_eq!((&all["totals"]["changes"], &all["totals"]["refused"]), (&json!(9), &json!(1)), "{all}");
    assert_eq!(all["longest_waits"][0]["windows"], json!(["target-mismatch"]));
    let merge = command("git", here, here).args(["rev-parse", "--short=7", "HEAD^"]).output().unwrap();
    assert_eq!(all["longest_waits"][0]["name"], String::from_utf8(merge.stdout).unwrap().trim());
}

#[test]
fn a_table_says_what_check_says() {
    let folder = TempDir::new().unwrap();
    let mut table = "time,environment,region,duration\n".to_owned();
    let mut refused = 0;
    for (at, region, duration) in [
        ("2025-07-09T21:45:00Z", "us", ""),
        ("2025-07-10T00:45:00Z", "us", "20m"),
        ("2025-07-10T01:00:00Z", "us", ""),
        ("2025-10-26T00:30:00Z", "eu", ""),
        ("2025-10-27T06:51:00Z", "eu", ""),
    ] {
        table.push_str(&format!("{at},prod,{region},{duration}\n"));
        let mut arguments = vec!["check", "prod", "--region", region, "--at", at];
        if !duration.is_empty() {
            arguments.extend(["--for", duration]);
        }
        refused += u64::from(freezegate(folder.path(), &arguments).0 == Some(1));
    }
    fs::write(folder.path().join("changes.csv"), &table).unwrap();
    let all = answer(folder.path(), "--changes changes.csv");
    assert_eq!((&all["totals"]["changes"], all["totals"]["refused"].as_u64()), (&json!(5), Some(refused)));
    assert_eq!(refused, 3);
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path());
    let mut child =
        program.args(["backtest", "--changes", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(table.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    let printed = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success() && printed.starts_with("backtest: 5 changes of standard input"), "{printed}");
}

#[test]
fn a_record_is_judged_again() {
    let folder = TempDir::new().unwrap();
    for (environment, region) in [("staging", "eu"), ("staging", "us")] {
        let arguments = ["check", environment, "--region", region, "--record", "record.jsonl"];
        assert_eq!(freezegate(folder.path(), &arguments).0, Some(0));
    }
    let all = answer(folder.path(), "--record record.jsonl");
    assert_eq!((&all["totals"]["changes"], &all["totals"]["refused"]), (&json!(2), &json!(0)));
    assert_eq!(all["history"]["dates_are_claims"], false);
    fs::write(folder.path().join("other.toml"), "version = 1\n[environments.production]\n[[freezes]]\nname = \"x\"\nfrom = \"Sat 01:00\"\nuntil = \"Sun 01:00\"\ntimezone = \"UTC\"\n").unwrap();
    let gone = answer(folder.path(), "--record record.jsonl --policy other.toml");
    assert_eq!((&gone["totals"]["changes"], &gone["not_judged"]["changes"]), (&json!(0), &json!(2)));
    assert_eq!(gone["not_judged"]["first"][0]["cause"], "the policy has no environment `staging` any more");
    let text = fs::read_to_string(folder.path().join("record.jsonl")).unwrap();
    fs::write(folder.path().join("record.jsonl"), text.replace("\"us\"", "\"eu\"")).unwrap();
    assert_eq!(freezegate(folder.path(), &["backtest", "--record", "record.jsonl"]).0, Some(2));
}

#[test]
fn what_it_cannot_judge_is_told_with_a_way_out() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("none.csv", "time,environment\n");
    write("one.csv", "time,environment\n2025-07-09T21:45:00Z,staging\n");
    write("i.json", "{}");
    write("wrong.csv", "time,enviroment\n");
    write(
        "some.csv",
        "time,environment\n2025-07-09T21:45:00Z,prodution\n2025-07-09T21:45:00Z,staging\n\u{1b}[31m,staging\n",
    );
    for (arguments, cause, help) in [
        ("--changes none.csv", "`none.csv` holds no change: there is nothing to judge", "add a line for each change"),
        ("--changes wrong.csv", "`wrong.csv`: the table has a column `enviroment`", "did you mean `environment`?"),
        ("--changes nowhere.csv", "`nowhere.csv` can't be read", "name a file of changes"),
        (
            "--changes one.csv --since 2025-08-01",
            "`one.csv` has no change in this time, and 1 before",
            "give an earlier `--since`",
        ),
        ("--changes some.csv --since never", "`--since never` is neither a time nor a duration", ""),
        ("--changes some.csv --since 2025-08-01 --until 2025-07-01", "`--until` is not later than `--since`", ""),
        ("--changes one.csv --incidents i.json", "`i.json` does not hold incidents", "write an array of objects"),
        ("--changes one.csv --incidents none.json", "`none.json` can't be read", "a file of incidents"),
        ("--changes some.csv --record x", "can't be used with", ""),
        ("--branch main", "no git repository at or above", ""),
        ("--record nowhere.jsonl", "nowhere.jsonl", ""),
    ] {
        let arguments: Vec<&str> = ["backtest"].into_iter().chain(arguments.split_whitespace()).collect();
        let (status, printed, errors) = freezegate(folder.path(), &arguments);
        assert_eq!((status, printed.as_str()), (Some(2), ""), "{arguments:?}: {errors}");
        let errors = errors.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(errors.contains(cause) && errors.contains(help), "{arguments:?}: {errors}");
    }
    let (status, printed, _) = freezegate(folder.path(), &["backtest", "--changes", "some.csv"]);
    assert_eq!(status, Some(1), "{printed}");
    for line in
        ["refused: none of 1 change\n", "not judged: 2 changes\n", "line 2", "did you mean `production`?", "line 4"]
    {
        assert!(printed.contains(line), "{printed}");
    }
    assert!(!printed.contains('\u{1b}'), "{printed}");
}

/// What a page shows is drawn, needs nothing from elsewhere, and is no markup of others.
#[test]
fn the_page_is_whole_and_shows_the_numbers() {
    let folder = TempDir::new().unwrap();
    let mut table = "time,environment,region,id\n".to_owned();
    for day in 1..29 {
        table.push_str(&format!("2026-07-{day:02}T14:00:00Z,production,us,<b>{day}</b>\n"));
    }
    table.push_str("1970-01-01T00:00:00Z,staging,us,first\n<i>x</i>,staging,us,wrong\n");
    fs::write(folder.path().join("changes.csv"), table).unwrap();
    let arguments =
        ["backtest", "--changes", "changes.csv", "--timezone", "UTC", "--format", "html", "--output", "out.html"];
    assert_eq!(freezegate(folder.path(), &arguments).0, Some(1));
    let page = fs::read_to_string(folder.path().join("out.html")).unwrap();
    let parsed = roxmltree::Document::parse_with_options(
        &page,
        roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() },
    );
    let parsed = parsed.unwrap();
    for word in ["<script", "http://", "https://", "url(", "<b>1", "<i>x"] {
        assert!(!page.contains(word), "{word}");
    }
    let strong: Vec<&str> =
        parsed.descendants().filter(|one| one.has_tag_name("strong")).filter_map(|one| one.text()).collect();
    // 20 weekdays of 29 changes; 14:00 UTC is 10:00 in New York and 07:00 in Los Angeles, which closes at 01:00 UTC
    assert_eq!(strong, ["69 %", "11 h", "1"]);
    assert!(page.contains("1 Jan 1970") && page.contains("Not judged: 1 change"), "{page}");
    let bars = parsed.descendants().filter(|one| one.has_tag_name("g")).count();
    assert_eq!(bars, 57, "years, from 1970 to 2026");
}

#[test]
fn the_schema_takes_every_backtest_and_no_other() {
    let folder = TempDir::new().unwrap();
    let (_, schema, _) = freezegate(folder.path(), &["schema", "backtest"]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = Validator::new(&schema);
    let table = "time,environment,region,kind,id\n2025-07-09T21:45:00Z,prod,us,config,a\n2025-07-12T21:45:00Z,prod,,,b\nx,prod,,,c\n";
    fs::write(folder.path().join("changes.csv"), table).unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/incidents.json"), folder.path().join("i.json"))
        .unwrap();
    let mut last = Value::Null;
    for arguments in ["changes.csv", "nowhere.csv"] {
        let (status, printed, _) = freezegate(
            folder.path(),
            &["backtest", "--format", "json", "--incidents", "i.json", "--changes", arguments],
        );
        let answer: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(validator.faults(&answer), Vec::<String>::new(), "{answer}");
        for key in answer.as_object().unwrap().keys() {
            let mut without = answer.clone();
            without.as_object_mut().unwrap().remove(key);
            assert!(!validator.is_valid(&without), "without {key}");
        }
        if status == Some(1) {
            last = answer;
        } else {
            assert_eq!((status, &answer["result"]), (Some(2), &json!("undecided")));
        }
    }
    assert_eq!((&last["result"], &last["windows"][0]["policy"]), (&json!("answered"), &json!("freezegate.toml:4")));
    for (pointer, value) in [
        ("/schema", json!("freezegate/backtest/v2")),
        ("/history/sort", json!("dreams")),
        ("/totals/refused", json!(-1)),
        ("/windows/0/level", json!("firm")),
        ("/longest_waits/0/at", json!(5)),
        ("/incidents/0/outcome", json!("lost")),
    ] {
        let mut wrong = last.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&wrong), "{pointer}");
    }
}

/// A history whose dates are made up is judged or told, and one without a commit is told.
#[test]
fn dates_that_no_clock_showed_and_empty_histories() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    git(here, "2025-07-01T00:00:00Z", &["init", "--quiet", "--initial-branch=main"]);
    let (status, _, errors) = freezegate(here, &["backtest", "--branch", "main"]);
    assert_eq!(status, Some(2), "{errors}");
    assert!(errors.contains("there is no branch `main` here") && errors.contains("--branch main"), "{errors}");
    assert_eq!(freezegate(here, &["backtest"]).0, Some(2));
    for date in ["@0 +0000", "2025-07-05T12:00:00Z", "@4070908800 +0000", "@1 +0000", "2025-07-06T12:00:00Z"] {
        commit(here, date, "deploy/production/eu/a.yaml", date);
    }
    let all = answer(here, "--branch main");
    assert_eq!((&all["totals"]["changes"], &all["not_judged"]["changes"]), (&json!(5), &json!(0)), "{all}");
    assert_eq!(
        (&all["history"]["first"], &all["history"]["last"]),
        (&json!("1970-01-01T00:00:00Z"), &json!("2099-01-01T00:00:00Z"))
    );
    let some = answer(here, "--branch main --since 2025-01-01 --until 2026-01-01");
    assert_eq!((&some["totals"]["changes"], &some["history"]["left_out"]), (&json!(2), &json!(3)));
    // no calendar has these dates
    let tree = command("git", here, here).args(["rev-parse", "HEAD^{tree}"]).output().unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    for second in ["9223372036854775807", "99999999999999"] {
        let text = format!(
            "tree {tree}author A <a@example.com> {second} +0000\ncommitter A <a@example.com> {second} +0000\n\nfar\n"
        );
        fs::write(here.join("commit"), text).unwrap();
        let object = command("git", here, here)
            .args(["hash-object", "-t", "commit", "-w", "--literally", "commit"])
            .output()
            .unwrap();
        let object = String::from_utf8(object.stdout).unwrap();
        git(here, "2025-07-01T00:00:00Z", &["update-ref", "refs/heads/far", object.trim()]);
        let far = answer(here, "--branch far");
        assert_eq!((&far["totals"]["changes"], &far["not_judged"]["changes"]), (&json!(0), &json!(1)), "{far}");
    }
}

/// How far it is, a terminal shows and nothing else; at the end the line is blank again.
#[test]
fn progress_is_for_terminals_only_and_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    git(here, "2025-07-01T00:00:00Z", &["init", "--quiet", "--initial-branch=main"]);
    for hour in 10..14 {
        commit(here, &format!("2025-07-05T{hour}:00:00Z"), "deploy/production/eu/a.yaml", "on a Saturday");
    }
    let (status, printed, errors) = freezegate(here, &["backtest", "--branch", "main"]);
    assert_eq!((status, errors.as_str()), (Some(0), ""), "{printed}");
    // `script` gives the program a terminal
    let line = format!("{} backtest --branch main > answer", env!("CARGO_BIN_EXE_freezegate"));
    let mut script = command("script", here, here);
    let seen = script.env("TERM", "xterm").env("COLUMNS", "80").args(["-qec", &line, "/dev/null"]).output().unwrap();
    let seen = String::from_utf8(seen.stdout).unwrap();
    let shown: Vec<&str> = seen.split('\r').collect();
    for step in ["[....................] 0 of 4", "[####################] 4 of 4"] {
        assert!(shown.iter().any(|one| one.trim_end() == step), "{seen:?}");
    }
    // each line is as wide as the one before, and the last one blank
    assert!(shown.iter().all(|one| one.is_empty() || one.len() == 50), "{seen:?}");
    assert!(seen.ends_with(&format!("\r{}\r", " ".repeat(50))) && !seen.contains('\n'), "{seen:?}");
    assert_eq!(fs::read_to_string(here.join("answer")).unwrap(), printed);
}
