//! Grants for one command: its program and all of its arguments, once.

use std::fs;
use std::path::Path;

use freezegate::change::CommandLine;
use freezegate::change::command::{CommandEffect, CommandFacts, FactValue};
use freezegate::fact::FactKey;
use freezegate::proof::grant::{BoundChange, BoundCommand, Grant, Terms};
use freezegate::proof::record::CommandDigest;

use crate::grants::bench::{Hand, bound_to, key, policy, roster, signed, terms};
use crate::grants::program::{expect, nested, run, with, write_anew};

const PROGRAM: &str = "/srv/bin/reboot.sh";

fn command(words: &[&str]) -> BoundCommand {
    BoundCommand::of(&line(PROGRAM, words)).unwrap()
}

fn line(program: &str, words: &[&str]) -> CommandLine {
    let words = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    CommandLine { program: program.as_bytes().to_vec(), words, facts: None }
}

/// `kubectl delete pod x`, by what it acts on: values with commas between them, or `?`.
fn kubectl(values: &[(FactKey, &str)]) -> CommandLine {
    let mut facts = CommandFacts::new("kubectl", CommandEffect::Writes);
    for (key, text) in values {
        let value = match *text {
            "?" => FactValue::NotUnderstood("`/config` can't be read".to_owned()),
            "" => FactValue::AnyOf(Vec::new()),
            text => FactValue::AnyOf(text.split(',').map(|one| one.as_bytes().to_vec()).collect()),
        };
        facts.add(*key, value);
    }
    CommandLine { facts: Some(facts), ..line("/usr/bin/kubectl", &["kubectl", "delete", "pod", "x"]) }
}

/// A signed grant for a change, a command or both, and what is at hand when it is used.
fn check(
    change: Option<BoundChange>,
    granted: &[&str],
    has_parts: bool,
    started: Option<CommandLine>,
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

fn change() -> Option<BoundChange> {
    terms(&policy(&roster())).change
}

#[test]
fn it_counts_for_its_command_and_no_other() {
    let granted = ["./reboot.sh", "--pod", "a b"];
    assert_eq!(check(None, &granted, false, Some(line(PROGRAM, &granted))), Ok(()));
    for other in [
        &["./reboot.sh", "--pod", "a", "b"][..],
        &["./reboot.sh", "--pod"],
        &["./reboot.sh", "--pod", "a b", ""],
        &["reboot.sh", "--pod", "a b"],
        &["./reboot.sh", "a b", "--pod"],
    ] {
        let fault = check(None, &granted, false, Some(line(PROGRAM, other))).unwrap_err();
        assert!(fault.starts_with("signed for other arguments of the same program (digest "), "{other:?}: {fault}");
    }
    let fault = check(None, &granted, false, Some(line("/tmp/reboot.sh", &granted))).unwrap_err();
    assert_eq!(fault, "signed for the program `/srv/bin/reboot.sh`, this is `/tmp/reboot.sh`");
    let fault = check(None, &granted, false, None).unwrap_err();
    assert_eq!(fault, "it is for one command: start that with `freezegate run … -- COMMAND`");
}

#[test]
fn what_it_does_not_name_it_does_not_cover() {
    let words = ["./deploy.sh"];
    let started = || Some(line(PROGRAM, &words));
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
fn it_counts_only_for_what_the_command_acted_on() {
    use FactKey::{Contexts, Namespaces, Servers};
    let policy = policy(&roster());
    let check = |granted: &CommandLine, started: CommandLine| {
        let command = Some(BoundCommand::of(granted).unwrap());
        let terms = bound_to(&policy, Terms { change: None, command, ..terms(&policy) });
        let mut hand = Hand::new(&policy);
        hand.parts = Vec::new();
        hand.command = Some(started);
        hand.check(&signed(&terms, &["a", "c"])).map(drop).map_err(|faults| faults.join("\n"))
    };
    let fault = |noun: &str, signed: &str, here: &str| {
        Err(format!(
            "signed for a command that acts on the {noun} {signed}, this acts on {here}: write a new grant, or start it as it was signed"
        ))
    };
    let granted = [(Contexts, "prod"), (Servers, "https://a:1,https://b:1"), (Namespaces, "?")];
    let here = |key: FactKey, value: &'static str| {
        let values = granted.map(|(known, signed)| (known, if known == key { value } else { signed }));
        kubectl(&values.into_iter().filter(|(_, value)| *value != "-").collect::<Vec<_>>())
    };
    let signed = kubectl(&granted);
    for (started, expected) in [
        (kubectl(&granted), Ok(())),
        // the order in which the values were found is not what is signed
        (here(Servers, "https://b:1,https://a:1"), Ok(())),
        (here(Contexts, "dev"), fault("context", "`prod`", "`dev`")),
        (here(Contexts, "prod,dev"), fault("context", "`prod`", "`dev`, `prod`")),
        (here(Contexts, ""), fault("context", "`prod`", "none")),
        (here(Contexts, "?"), fault("context", "`prod`", "an unknown one")),
        (here(Contexts, "-"), fault("context", "`prod`", "nothing")),
        (here(Servers, "https://a:1"), fault("server", "`https://a:1`, `https://b:1`", "`https://a:1`")),
        (here(Namespaces, "shop"), fault("namespace", "an unknown one", "`shop`")),
        (line("/usr/bin/kubectl", &["kubectl", "delete", "pod", "x"]), {
            let lost =
                [("context", "`prod`"), ("server", "`https://a:1`, `https://b:1`"), ("namespace", "an unknown one")];
            Err(lost.map(|(noun, signed)| fault(noun, signed, "nothing").unwrap_err()).join("\n"))
        }),
    ] {
        let digests = [&signed, &started].map(|one| CommandDigest::of(one).sha256);
        assert_eq!(digests[0] == digests[1], expected.is_ok(), "{started:?}");
        assert_eq!(check(&signed, started.clone()), expected, "{started:?}");
    }
    // one that was written without them
    let old = line("/usr/bin/kubectl", &["kubectl", "delete", "pod", "x"]);
    assert_eq!(check(&old, here(Servers, "-")), {
        let found = [("context", "`prod`"), ("namespace", "an unknown one")];
        Err(found.map(|(noun, here)| fault(noun, "nothing", here).unwrap_err()).join("\n"))
    });
    // what `grant verify` takes to be started is what was signed
    let bound = BoundCommand::of(&signed).unwrap();
    assert_eq!(check(&signed, bound.line()), Ok(()));
    assert_eq!(BoundCommand::of(&bound.line()).unwrap(), bound);
}

#[test]
fn whoever_signs_sees_what_it_acts_on() {
    use FactKey::{Contexts, Namespaces, Servers};
    let granted = kubectl(&[(Namespaces, "?"), (Contexts, "pr\"od"), (Servers, "")]);
    let command = Some(BoundCommand::of(&granted).unwrap());
    let terms = Terms { change: None, command, ..terms(&policy(&roster())) };
    let text = terms.to_text().unwrap();
    let end = "command = [\"kubectl\", \"delete\", \"pod\", \"x\"]\n\n[acts_on]\ncontexts = [\"pr\\\"od\"]\nservers = []\nunknown = [\"namespaces\"]\n";
    assert!(text.ends_with(end), "{text}");
    let read = |text: &str| Grant::read("grant", text.as_bytes()).map(|grant| grant.terms);
    assert_eq!(read(&text).unwrap(), terms);
    let cause = |from: &str, to: &str| {
        let faults = read(&text.replace(from, to)).unwrap_err();
        faults.diagnostics.iter().map(|one| one.cause.clone()).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(cause("servers = []", "servers = [\"a\\u202Eb\"]"), "a name of `servers` has an invisible character");
    assert_eq!(cause("[\"namespaces\"]", "[\"contexts\"]"), "`unknown` of the grant names `contexts`");
    assert_eq!(cause("[\"namespaces\"]", "[\"paths\"]"), "`unknown` of the grant names `paths`");
    assert!(cause("servers = []", "server = []").contains("`server`"));
    assert!(cause("servers = []", "servers = \"x\"").contains("`servers`"));
    let (head, _) = text.split_once("program = ").unwrap();
    let alone = format!("{head}\n[acts_on]\ncontexts = [\"prod\"]\n");
    let faults = read(&alone).unwrap_err();
    assert!(faults.diagnostics.iter().any(|one| one.cause.contains("`program`")), "{:?}", faults.diagnostics);
}

#[test]
fn it_is_good_for_one_use() {
    let policy = policy(&roster());
    let words = ["./reboot.sh"];
    let terms = bound_to(&policy, Terms { change: None, command: Some(command(&words)), ..terms(&policy) });
    let text = signed(&terms, &["a", "c"]);
    let mut hand = Hand::new(&policy);
    hand.parts = Vec::new();
    hand.command = Some(line(PROGRAM, &words));
    hand.spent = Some(std::iter::once(terms.id.clone()).collect());
    assert_eq!(hand.refusal(&text), "it is single use, and was used: write a new grant");
    hand.spent = None;
    assert!(hand.refusal(&text).starts_with("it is single use, and this gate keeps no record"));
}

#[test]
fn whoever_signs_sees_the_command() {
    let words = ["./reboot.sh", "", "-x", "-x", "it's \"1\" \\ $HOME"];
    let terms = Terms { change: None, command: Some(command(&words)), ..terms(&policy(&roster())) };
    let text = terms.to_text().unwrap();
    assert!(text.contains("program = \"/srv/bin/reboot.sh\"\ncommand = [\"./reboot.sh\", \"\", \"-x\", "), "{text}");
    assert_eq!(Grant::read("grant", text.as_bytes()).unwrap().terms, terms);
    let cause = |text: &str| {
        let faults = Grant::read("grant", text.as_bytes()).unwrap_err();
        faults.diagnostics.iter().map(|one| one.cause.clone()).collect::<Vec<_>>().join("\n")
    };
    let line = |from: &str, to: &str| cause(&text.replace(from, to));
    assert_eq!(line("\"-x\", \"-x\"", "\"a\\u202Eb\""), "an argument of `command` has an invisible character");
    assert_eq!(line("\"-x\", \"-x\"", "\"a\\nb\""), "an argument of `command` has an invisible character");
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
    let (_, text) = run(
        &root,
        &with(&with(&new, &["--requester", "r@example.com", "--repository", "there", "--output", "../other"]), &start),
    );
    let steps = "2. see it `freezegate grant verify ../other --repository there` 3. start it by the refused command, with `--record FILE --grant ../other` before its `--`";
    assert!(text.contains(steps) && !text.contains("git push"), "{text}");
    for signer in ["a", "b"] {
        expect(&root, &["grant", "sign", "../grant.toml", "--key", key(signer).to_str().unwrap()], 0, "");
    }
    let show = "permits in example.com/team/shop, once, the command ./reboot.sh 'pod 13'";
    expect(&root, &["grant", "show", "../grant.toml"], 0, show);
    expect(&root, &["grant", "verify", "../grant.toml"], 0, "valid: ");

    let others = with(&with(&ask, &grant), &["--", "./reboot.sh", "pod", "13"]);
    expect(&root, &others, 125, "signed for other arguments of the same program (digest ");
    let check = ["check", "production", "--region", "us", "--record", "../record.jsonl", "--grant", "../grant.toml"];
    expect(&root, &check, 1, "it is for one command: start that with `freezegate run");
    assert!(!root.join("../started").exists());

    fs::write(root.join("../nothing"), "\n").unwrap();
    let empty = with(&with(&ask, &["--grant", "../nothing"]), &start);
    expect(&root, &empty, 125, "error[bad-grant]: the grant `../nothing` is empty");
    let granted = with(&with(&ask, &grant), &start);
    let dry = with(&with(&ask, &["--grant", "../grant.toml", "--dry-run"]), &start);
    expect(&root, &dry, 0, "overridden: production/us is closed");
    assert!(!root.join("../started").exists());
    let (status, text) = run(&root, &granted);
    assert_eq!(status, 0, "{text}");
    expect(&root, &granted, 125, "it is single use, and was used: write a new grant");
    assert_eq!(fs::read_to_string(root.join("../started")).unwrap(), "pod 13\n");
}

#[cfg(unix)]
#[test]
fn a_grant_for_a_command_that_is_not_there_is_not_written() {
    let (_outer, root) = nested();
    let new = ["grant", "new", "production", "--reason", "disks are full", "--", "./reboot.sh"];
    expect(&root, &new, 2, "can't find the program `./reboot.sh`");
    let any = ["grant", "new", "production", "--any-change", "--incident", "INC-7", "--reason", "x", "--", "true"];
    expect(&root, &any, 2, "can't be used with");
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

/// A kubectl that only leaves a file behind, and the kubeconfig of whoever starts it.
#[cfg(unix)]
#[test]
fn the_same_command_with_another_current_context_is_not_granted() {
    let (_outer, root) = nested();
    write_program(&root.join("kubectl"));
    let config = |current: &str| {
        let clusters = "clusters: [{name: c1, cluster: {server: 'https://10.0.0.1:6443'}}, {name: c2, cluster: {server: 'https://10.0.0.2:6443'}}]";
        let contexts = "contexts: [{name: prod, context: {cluster: c1}}, {name: other, context: {cluster: c2}}]";
        fs::write(root.join("../config"), format!("{clusters}\n{contexts}\ncurrent-context: {current}\n")).unwrap();
    };
    config("prod");
    let command = ["--", "env", "KUBECONFIG=../config", "./kubectl", "drain", "node-1"];
    let ask = ["run", "production", "--region", "us", "--record", "../record.jsonl", "--grant", "../grant.toml"];
    let new = ["grant", "new", "production", "--region", "us", "--incident", "INC-7", "--reason", "disks are full"];
    let asked = ["--requester", "r@example.com", "--output", "../grant.toml"];
    let new = with(&with(&new, &asked), &command);
    expect(&root, &new, 0, "warning: the grant does not name the namespace of the command, which could not be read");
    for signer in ["a", "b"] {
        expect(&root, &["grant", "sign", "../grant.toml", "--key", key(signer).to_str().unwrap()], 0, "");
    }
    let shown = "acts on context `prod`, server `https://10.0.0.1:6443`, namespace an unknown one";
    expect(&root, &["grant", "show", "../grant.toml"], 0, shown);
    expect(&root, &["grant", "verify", "../grant.toml"], 0, "valid: ");
    config("other");
    let granted = with(&ask, &command);
    expect(&root, &granted, 125, "signed for a command that acts on the context `prod`, this acts on `other`: ");
    expect(&root, &granted, 125, "server `https://10.0.0.1:6443`, this acts on `https://10.0.0.2:6443`: ");
    assert!(!root.join("../started").exists());
    config("prod");
    let (status, text) = run(&root, &granted);
    assert_eq!(status, 0, "{text}");
    assert_eq!(fs::read_to_string(root.join("../started")).unwrap(), "drain node-1\n");
}
