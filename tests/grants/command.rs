//! Grants for one command: its program and all of its arguments, once.

use std::fs;
use std::path::Path;

use freezegate::proof::grant::{Bound, BoundCommand, Grant, Terms};
use freezegate::proof::record::CommandDigest;

use crate::grants::bench::{Hand, bound_to, key, policy, roster, signed, terms};
use crate::grants::program::{expect, nested, run, with, write_anew};

const PROGRAM: &str = "/srv/bin/reboot.sh";

fn command(words: &[&str]) -> BoundCommand {
    BoundCommand { program: PROGRAM.to_owned(), words: words.iter().map(|word| (*word).to_owned()).collect() }
}

fn digest(program: &str, words: &[&str]) -> CommandDigest {
    CommandDigest::of(program.as_bytes(), words.iter().map(|word| word.as_bytes()))
}

/// A signed grant for a change, a command or both, and what is at hand when it is used.
fn check(
    change: Option<Bound>,
    granted: &[&str],
    has_parts: bool,
    started: Option<CommandDigest>,
) -> Result<(), String> {
    let policy = policy(&roster());
    let command = (!granted.is_empty()).then(|| command(granted));
    let terms = bound_to(&policy, Terms { change, command, ..terms(&policy) });
    let mut hand = Hand::new(&policy);
    hand.command = started;
    if !has_parts {
        hand.parts = Vec::new();
    }
    hand.check(&signed(&terms, &["a", "c"])).map(drop).map_err(|faults| faults.join("\n"))
}

fn change() -> Option<Bound> {
    terms(&policy(&roster())).change
}

#[test]
fn it_counts_for_its_command_and_no_other() {
    let granted = ["./reboot.sh", "--pod", "a b"];
    assert_eq!(check(None, &granted, false, Some(digest(PROGRAM, &granted))), Ok(()));
    for other in [
        &["./reboot.sh", "--pod", "a", "b"][..],
        &["./reboot.sh", "--pod"],
        &["./reboot.sh", "--pod", "a b", ""],
        &["reboot.sh", "--pod", "a b"],
        &["./reboot.sh", "a b", "--pod"],
    ] {
        let fault = check(None, &granted, false, Some(digest(PROGRAM, other))).unwrap_err();
        assert!(fault.starts_with("signed for other arguments of the same program (digest "), "{other:?}: {fault}");
    }
    let fault = check(None, &granted, false, Some(digest("/tmp/reboot.sh", &granted))).unwrap_err();
    assert_eq!(fault, "signed for the program `/srv/bin/reboot.sh`, this is `/tmp/reboot.sh`");
    let fault = check(None, &granted, false, None).unwrap_err();
    assert_eq!(fault, "it is for one command: start that with `freezegate run … -- COMMAND`");
}

#[test]
fn what_it_does_not_name_it_does_not_cover() {
    let words = ["./deploy.sh"];
    let started = || Some(digest(PROGRAM, &words));
    // the change, and a command that nobody signed
    let fault = check(change(), &[], true, started()).unwrap_err();
    assert!(fault.starts_with("it is for a change of a ref, and a command is started: "), "{fault}");
    // the command, and a change that nobody signed
    let fault = check(None, &words, true, started()).unwrap_err();
    assert!(fault.starts_with("it is for a command, and a change of a ref is judged too: "), "{fault}");
    assert_eq!(check(change(), &words, true, started()), Ok(()));
    assert!(check(change(), &words, false, started()).is_err());
    assert!(check(change(), &words, true, None).is_err());
}

#[test]
fn it_is_good_for_one_use() {
    let policy = policy(&roster());
    let words = ["./reboot.sh"];
    let terms = bound_to(&policy, Terms { change: None, command: Some(command(&words)), ..terms(&policy) });
    let text = signed(&terms, &["a", "c"]);
    let mut hand = Hand::new(&policy);
    hand.parts = Vec::new();
    hand.command = Some(digest(PROGRAM, &words));
    hand.spent = Some(std::iter::once(terms.id.clone()).collect());
    assert_eq!(hand.refusal(&text), "it is for one use, and was used: write a new grant");
    hand.spent = None;
    assert!(hand.refusal(&text).starts_with("it is single use, which needs a record"));
}

#[test]
fn whoever_signs_sees_the_command() {
    let words = ["./reboot.sh", "", "-x", "-x", "it's \"1\" \\ $HOME"];
    let terms = Terms { change: None, command: Some(command(&words)), ..terms(&policy(&roster())) };
    let text = terms.to_text();
    assert!(text.contains("program = \"/srv/bin/reboot.sh\"\ncommand = [\"./reboot.sh\", \"\", \"-x\", "), "{text}");
    assert_eq!(Grant::read("grant", text.as_bytes()).unwrap().terms, terms);
    let cause = |text: &str| {
        let faults = Grant::read("grant", text.as_bytes()).unwrap_err();
        faults.diagnostics.iter().map(|one| one.cause.clone()).collect::<Vec<_>>().join("\n")
    };
    let line = |from: &str, to: &str| cause(&text.replace(from, to));
    assert_eq!(
        line("\"-x\", \"-x\"", "\"a\\u202Eb\""),
        "an argument of `command` holds a character that can't be seen"
    );
    assert_eq!(line("\"-x\", \"-x\"", "\"a\\nb\""), "an argument of `command` holds a character that can't be seen");
    assert!(line("program = \"/srv/bin/reboot.sh\"\n", "").contains("`program`"));
    assert!(line("program = \"/srv/bin/reboot.sh\"", "program = \"\"").contains("`program`"));
    let last = text.lines().last().unwrap();
    assert!(line(last, "").contains("`command`"));
    assert_eq!(line(last, "command = []"), "`command` of the grant has no program");
}

/// Writes a program that leaves a file behind.
#[cfg(unix)]
fn write_program(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, "#!/bin/sh\necho \"$@\" >> ../started\n").unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
#[test]
fn a_command_is_granted_signed_and_started_once() {
    let (_outer, root) = nested();
    write_program(&root.join("reboot.sh"));
    let ask = ["run", "production", "--region", "us", "--record", "../record.jsonl"];
    let start = ["--", "./reboot.sh", "pod 13"];
    let grant = ["--grant", "../grant.toml"];
    let (status, text) = run(&root, &with(&ask, &start));
    assert_eq!(status, 125, "{text}");
    // what is printed leaves out the arguments
    let command = "freezegate grant new production --region us --incident INC-… --output fix.grant --reason \"…\" -- COMMAND` needs 2";
    assert!(text.contains(command) && !text.contains("pod 13"), "{text}");

    let new = ["grant", "new", "production", "--region", "us", "--incident", "INC-7", "--reason", "disks are full"];
    let asked = ["--requester", "r@example.com", "--output", "../grant.toml"];
    write_anew(&root, &with(&with(&new, &asked), &start));
    for signer in ["a", "b"] {
        expect(&root, &["grant", "sign", "../grant.toml", "--key", key(signer).to_str().unwrap()], 0, "");
    }
    let show = "permits once, in example.com/team/shop, the command: ./reboot.sh 'pod 13'";
    expect(&root, &["grant", "show", "../grant.toml"], 0, show);
    expect(&root, &["grant", "verify", "../grant.toml"], 0, "counts: ");

    let others = with(&with(&ask, &grant), &["--", "./reboot.sh", "pod", "13"]);
    expect(&root, &others, 125, "signed for other arguments of the same program (digest ");
    let check = ["check", "production", "--region", "us", "--record", "../record.jsonl", "--grant", "../grant.toml"];
    expect(&root, &check, 1, "it is for one command: start that with `freezegate run");
    assert!(!root.join("../started").exists());

    let granted = with(&with(&ask, &grant), &start);
    let dry = with(&with(&ask, &["--grant", "../grant.toml", "--dry-run"]), &start);
    expect(&root, &dry, 0, "overridden: production/us is closed");
    assert!(!root.join("../started").exists());
    let (status, text) = run(&root, &granted);
    assert_eq!(status, 0, "{text}");
    expect(&root, &granted, 125, "it is for one use, and was used: write a new grant");
    assert_eq!(fs::read_to_string(root.join("../started")).unwrap(), "pod 13\n");
}

#[cfg(unix)]
#[test]
fn a_grant_for_a_command_that_is_not_there_is_not_written() {
    let (_outer, root) = nested();
    let new = ["grant", "new", "production", "--reason", "disks are full", "--", "./reboot.sh"];
    expect(&root, &new, 2, "cannot find the program `./reboot.sh`");
    let any = ["grant", "new", "production", "--any-change", "--incident", "INC-7", "--reason", "x", "--", "true"];
    expect(&root, &any, 2, "cannot be used with");
}

#[cfg(unix)]
#[test]
fn a_grant_says_how_it_is_given_where_a_hook_would_refuse_it_and_is_not_for_a_plan() {
    let (_outer, root) = nested();
    let new = ["grant", "new", "production", "--any-change", "--incident", "INC-7", "--reason", "logins fail"];
    let asked = ["--requester", "r@example.com", "--output", "../grant.toml"];
    let give = |skip: &str| {
        format!("3. give it to a server: `git push {skip}-o \"$(freezegate grant push-option ../grant.toml)\"` ")
    };
    expect(&root, &with(&new, &asked), 0, &format!("{}to a CI job: ", give("")));
    fs::remove_file(root.join("../grant.toml")).unwrap();
    expect(&root, &["hook", "install"], 0, "installed: the pre-push hook");
    let why = "(the hook of this clone sees no push option; the server judges the push)";
    expect(&root, &with(&new, &asked), 0, &format!("{}{why}", give("--no-verify ")));

    let plan = ["grant", "new", "production", "--reason", "capacity", "--plan", "plan.json"];
    expect(&root, &plan, 2, "a grant is not bound to a plan");
    expect(&root, &plan, 2, "`--any-change --incident ID`");
}
