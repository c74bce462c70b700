//! The record in a ref of one repository.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Child;

use crate::record::workshop::{Ended, Workshop};

const RECORD: &str = "refs/freezegate/record";

fn check(workshop: &Workshop, environment: &str) -> Ended {
    workshop.run(&["check", environment, "--record", RECORD, "--format", "json"])
}

fn verify(workshop: &Workshop, location: &str) -> Ended {
    workshop.run(&["record", "verify", location, "--format", "json"])
}

#[test]
fn a_decision_is_a_commit_whose_parent_is_the_one_before() {
    let workshop = Workshop::with_repository();
    let head = workshop.git(&["rev-parse", "HEAD"]);
    assert_eq!(check(&workshop, "staging").status, Some(0));
    assert_eq!(check(&workshop, "production").status, Some(1));
    let subjects = workshop.git(&["log", "--format=%s|%an <%ae>", RECORD]);
    let author = "freezegate <record@freezegate.invalid>";
    assert_eq!(subjects, format!("2 refused production|{author}\n1 allowed staging|{author}"));
    assert_eq!(workshop.git(&["ls-tree", "-r", RECORD]), "");
    assert_eq!(workshop.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(workshop.git(&["status", "--porcelain"]), "");
    workshop.git(&["fsck", "--strict"]);
    // the last lines of the messages are a record, as a file has it
    let line = |revision: &str| {
        let message = workshop.git(&["log", "-1", "--format=%B", revision]);
        format!("{}\n", message.trim_end().lines().last().unwrap())
    };
    fs::write(workshop.join("copy.jsonl"), line(&format!("{RECORD}~1")) + &line(RECORD)).unwrap();
    let (copy, own) = (verify(&workshop, "copy.jsonl"), verify(&workshop, RECORD));
    assert_eq!((copy.status, own.status), (Some(0), Some(0)), "{copy:?} {own:?}");
    assert_eq!(copy.json()["newest"], own.json()["newest"]);
}

#[test]
fn concurrent_writers_of_one_repository_lose_nothing() {
    let workshop = Workshop::with_repository();
    let arguments = ["check", "staging", "--record", RECORD, "--format", "json"];
    let jobs: Vec<Child> = (0..12).map(|_| workshop.freezegate(&arguments).spawn().unwrap()).collect();
    let told: BTreeSet<String> = jobs
        .into_iter()
        .map(|job| {
            let ended = Ended::of(job.wait_with_output().unwrap());
            assert_eq!(ended.status, Some(0), "{ended:?}");
            ended.hash()
        })
        .collect();
    assert_eq!(told.len(), 12, "one entry for two decisions");
    let shown = workshop.run(&["record", "show", RECORD, "--format", "json"]).json_lines();
    let kept: BTreeSet<String> = shown.iter().map(|entry| entry["hash"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kept, told);
}

/// Five decisions, as commits and their messages, the oldest first.
fn five(workshop: &Workshop) -> (Vec<String>, Vec<String>) {
    for _ in 0..5 {
        assert_eq!(check(workshop, "staging").status, Some(0));
    }
    let commits: Vec<String> = workshop.git(&["rev-list", "--reverse", RECORD]).lines().map(str::to_owned).collect();
    let messages = commits.iter().map(|commit| workshop.git(&["log", "-1", "--format=%B", commit])).collect();
    (commits, messages)
}

/// Makes a commit of `tree`, and gives back its name.
fn commit(workshop: &Workshop, tree: &str, parents: &[&str], message: &str) -> String {
    let mut arguments = vec!["commit-tree", tree, "-m", message];
    for parent in parents {
        arguments.extend(["-p", parent]);
    }
    workshop.git(&arguments)
}

/// A commit for each message, one upon the other, and the ref set to the last.
fn rebuild(workshop: &Workshop, messages: &[String]) {
    let empty = workshop.git(&["hash-object", "-t", "tree", "/dev/null"]);
    let tip = messages.iter().fold(None, |parent: Option<String>, message| {
        Some(commit(workshop, &empty, parent.as_deref().as_slice(), message))
    });
    workshop.git(&["update-ref", RECORD, &tip.unwrap()]);
}

#[test]
fn each_way_of_tampering_is_found_and_refuses() {
    let workshop = Workshop::with_repository();
    let (commits, good) = five(&workshop);
    let empty = workshop.git(&["hash-object", "-t", "tree", "/dev/null"]);
    let newest = verify(&workshop, RECORD).json()["newest"]["hash"].as_str().unwrap().to_owned();
    let order = |numbers: &[usize]| -> Vec<String> { numbers.iter().map(|number| good[number - 1].clone()).collect() };
    let mut edited = good.clone();
    edited[2] = edited[2].replace("staging", "stagins");
    let mut other = good.clone();
    other[2] = "Merge branch `main`".to_owned();
    let rows: Vec<(&str, Vec<String>, &str)> = vec![
        ("edited", edited, "edited"),
        ("reordered", order(&[1, 3, 2, 4, 5]), "reordered"),
        ("dropped", order(&[1, 2, 4, 5]), "dropped"),
        ("the first dropped", order(&[2, 3, 4, 5]), "dropped"),
        ("repeated", order(&[1, 2, 2, 3]), "repeated"),
        ("other text", other, "unreadable"),
    ];
    for (what, messages, fault) in rows {
        rebuild(&workshop, &messages);
        refused(&workshop, what, fault);
    }
    // a merge of two ends
    let tip = commits[4].as_str();
    let second = commit(&workshop, &empty, &[&commits[3]], &good[4]);
    let merge = commit(&workshop, &empty, &[tip, &second], &good[4]);
    workshop.git(&["update-ref", RECORD, &merge]);
    refused(&workshop, "merged", "forked");
    // files beside the entry
    let tree = workshop.git(&["rev-parse", "HEAD^{tree}"]);
    let loaded = commit(&workshop, &tree, &[&commits[3]], &good[4]);
    workshop.git(&["update-ref", RECORD, &loaded]);
    refused(&workshop, "with files", "unreadable");
    // a cut end shows by a hash kept elsewhere alone
    workshop.git(&["update-ref", RECORD, &commits[3]]);
    assert_eq!(verify(&workshop, RECORD).status, Some(0));
    let cut = workshop.run(&["record", "verify", RECORD, "--expect", &newest]);
    assert_eq!(cut.status, Some(1), "{cut:?}");
    assert!(cut.printed.contains("which was seen before, is missing"), "{cut:?}");
}

#[track_caller]
fn refused(workshop: &Workshop, what: &str, fault: &str) {
    let verified = verify(workshop, RECORD);
    assert_eq!(verified.status, Some(1), "{what}: {verified:?}");
    assert_eq!(verified.json()["faults"][0]["fault"], fault, "{what}: {verified:?}");
    assert!(verified.json()["faults"][0]["place"].as_str().unwrap().starts_with("commit "), "{what}: {verified:?}");
    let ended = check(workshop, "staging");
    assert_eq!(ended.status, Some(2), "{what}: {ended:?}");
}

#[test]
fn an_object_that_was_edited_in_place_is_found() {
    let workshop = Workshop::with_repository();
    let (commits, _) = five(&workshop);
    let (first, rest) = commits[2].split_at(2);
    let object = workshop.join(&format!(".git/objects/{first}/{rest}"));
    let (first, rest) = commits[3].split_at(2);
    let other = fs::read(workshop.join(&format!(".git/objects/{first}/{rest}"))).unwrap();
    fs::set_permissions(&object, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&object, other).unwrap();
    refused(&workshop, "overwritten", "unreadable");
    // gone altogether it can't be read at all
    fs::remove_file(&object).unwrap();
    for ended in [verify(&workshop, RECORD), check(&workshop, "staging")] {
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(ended.errors.contains(&commits[2]), "{ended:?}");
    }
}

#[test]
fn neither_hooks_nor_configuration_nor_replacements_nor_grafts_have_a_say() {
    let workshop = Workshop::with_repository();
    let (commits, _) = five(&workshop);
    for hook in ["reference-transaction", "post-commit", "pre-commit", "commit-msg"] {
        let path = workshop.join(&format!(".git/hooks/{hook}"));
        fs::write(&path, "#!/bin/sh\nexit 1\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    workshop.git(&["config", "commit.gpgSign", "true"]);
    workshop.git(&["config", "i18n.commitEncoding", "UTF-16"]);
    workshop.git(&["config", "core.logAllRefUpdates", "always"]);
    fs::create_dir_all(workshop.join(".git/info")).unwrap();
    fs::write(workshop.join(".git/info/grafts"), format!("{}\n", commits[3])).unwrap();
    fs::create_dir_all(workshop.join(".git/refs/replace")).unwrap();
    fs::write(workshop.join(&format!(".git/refs/replace/{}", commits[4])), format!("{}\n", commits[0])).unwrap();
    let lead_astray = [
        ("GIT_INDEX_FILE", "/nowhere"),
        ("GIT_OBJECT_DIRECTORY", "/nowhere"),
        ("GIT_NAMESPACE", "other"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.bare"),
        ("GIT_CONFIG_VALUE_0", "nonsense"),
        ("GIT_AUTHOR_DATE", "nonsense"),
    ];
    let mut command = workshop.freezegate(&["check", "staging", "--record", RECORD, "--format", "json"]);
    let ended = Ended::of(command.envs(lead_astray).output().unwrap());
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert_eq!(ended.json()["record"]["sequence"], 6);
    assert_eq!(verify(&workshop, RECORD).json()["entries"], 6);
}

#[test]
fn a_repository_that_cannot_be_written_refuses() {
    let workshop = Workshop::with_repository();
    assert_eq!(check(&workshop, "staging").status, Some(0));
    // somebody died with the lock of the ref
    fs::write(workshop.join(".git/refs/freezegate/record.lock"), "").unwrap();
    let ended = check(&workshop, "staging");
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.errors.contains("`git update-ref`") && ended.errors.contains("record.lock"), "{ended:?}");
    assert_eq!(verify(&workshop, RECORD).json()["entries"], 1);
    let mut without_git = workshop.freezegate(&["check", "staging", "--record", RECORD]);
    let ended = Ended::of(without_git.env("PATH", "/nowhere").output().unwrap());
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.errors.contains("the program `git` can't be run"), "{ended:?}");
}
