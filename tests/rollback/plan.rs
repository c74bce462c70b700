//! Dixa's change and its reversal as Terraform's plans: in CI, by hand, and in front of a command.

use std::fs;
use std::path::Path;

use freezegate::proof::record::RecordEntry;
use serde_json::{Value, json};

use crate::record::project::Project;
use crate::record::workshop::Ended;
use crate::rollback::scenario::words;
use crate::support::clock::FAKETIME;

const POLICY: &str = include_str!("../../policies/dixa.toml");

/// 04:00 in Copenhagen.
const NIGHT: &str = "2025-07-01 02:00:00";
/// 12:49 in Copenhagen.
const MIDDAY: &str = "2025-07-01 10:49:00";
/// 12:56 in Copenhagen.
const DECIDED: &str = "2025-07-01 10:56:00";

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/plans").join(name);
    path.to_str().unwrap().to_owned()
}

fn edited(project: &Project, name: &str, edit: impl FnOnce(&mut Value)) -> String {
    edited_of(project, "dixa-back.json", name, edit)
}

fn edited_of(project: &Project, plan: &str, name: &str, edit: impl FnOnce(&mut Value)) -> String {
    let mut plan: Value = serde_json::from_str(&fs::read_to_string(shipped(plan)).unwrap()).unwrap();
    edit(&mut plan);
    let path = Path::new(&project.record()).with_file_name(name);
    fs::write(&path, plan.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A project whose record knows a state: plans are none.
fn begun() -> Project {
    let project = Project::with_policy(POLICY);
    let begin = project.git(&["rev-parse", "HEAD"]);
    project.commit("terraform/table.tf", "provisioned");
    let ended = project.job("2025-06-20 02:00:00", &begin, &[], &["--record", &project.record()]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    project
}

/// A job of another commit, which applies a plan.
fn job(project: &Project, clock: &str, plan: &str) -> Ended {
    let before = project.git(&["rev-parse", "HEAD"]);
    project.commit("terraform/table.tf", &format!("{clock} {plan}"));
    project.job(clock, &before, &[], &["--record", &project.record(), "--plan", plan])
}

#[track_caller]
fn is_refused(ended: &Ended) {
    assert_eq!(ended.status, Some(1), "{ended:?}");
}

#[test]
fn in_ci() {
    let project = begun();
    let (change, back) = (shipped("dixa-change.json"), shipped("dixa-back.json"));
    let refused = job(&project, MIDDAY, &change);
    is_refused(&refused);
    let told = words(&refused.printed);
    assert!(told.contains("aws_dynamodb_table.conversations: update of billing_mode"), "{refused:?}");
    // nothing was allowed yet that could be taken back
    is_refused(&job(&project, MIDDAY, &back));
    let allowed = job(&project, "2025-07-02 02:00:00", &change);
    assert_eq!(allowed.status, Some(0), "{allowed:?}");
    let ended = job(&project, "2025-07-02 10:56:00", &back);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let told = words(&ended.printed);
    for part in ["(rollback)", "it takes back what the plan of entry 4 changed"] {
        assert!(told.contains(part), "{part}: {ended:?}");
    }
    // the same again passes, forward again does not
    assert_eq!(job(&project, "2025-07-02 10:57:00", &back).status, Some(0));
    is_refused(&job(&project, "2025-07-02 10:58:00", &change));
    // no plan is a state of the ref, and no value is in the record
    let is_of_plan = |entry: &RecordEntry| entry.decided.changes.is_empty() && entry.decided.plan.is_some();
    assert!(project.entries().iter().skip(1).all(is_of_plan));
    let record = fs::read_to_string(project.record()).unwrap();
    assert!(!record.contains("PAY_PER_REQUEST") && record.contains("billing_mode"));
    // after a day it is a change like any other
    is_refused(&job(&project, "2025-07-03 10:00:00", &back));
}

/// The record knows of which state a plan was, if it was given in binary form too: once, twice or never.
#[test]
fn of_the_same_state() {
    for (first, then) in [(true, true), (true, false), (false, true)] {
        let project = begun();
        let of = |name: &str, has_file: bool| {
            let (json, file) = (shipped(&format!("{name}.json")), shipped(&format!("{name}.tfplan")));
            if has_file { vec![json, "--plan-file".to_owned(), file] } else { vec![json] }
        };
        let job = |clock: &str, plan: Vec<String>| {
            let before = project.git(&["rev-parse", "HEAD"]);
            project.commit("terraform/table.tf", clock);
            let record = project.record();
            let given = ["--record", &record, "--plan"].into_iter().chain(plan.iter().map(String::as_str));
            project.job(clock, &before, &[], &given.collect::<Vec<_>>())
        };
        let ended = job(NIGHT, of("dixa-change", first));
        assert_eq!(ended.status, Some(0), "{ended:?}");
        let kept = project.entries().last().unwrap().decided.plan.clone().unwrap().state;
        assert_eq!(kept.is_some(), first, "{kept:?}");
        let ended = job(DECIDED, of("dixa-back", then));
        assert_eq!(ended.status, Some(0), "{first} {then}: {ended:?}");
        assert!(words(&ended.printed).contains("it takes back what the plan of entry 2 changed"), "{ended:?}");
    }
}

#[test]
fn an_altered_reversal_is_a_change_like_any_other() {
    let project = begun();
    assert_eq!(job(&project, NIGHT, &shipped("dixa-change.json")).status, Some(0));
    let altered = [
        edited(&project, "value.json", |plan| {
            plan["resource_changes"][0]["change"]["after"]["billing_mode"] = json!("X")
        }),
        edited(&project, "more.json", |plan| {
            plan["resource_changes"][0]["change"]["after"]["write_capacity"] = json!(1)
        }),
        edited(&project, "other.json", |plan| {
            plan["resource_changes"][0]["address"] = json!("aws_dynamodb_table.other")
        }),
        edited(&project, "replaced.json", |plan| {
            plan["resource_changes"][0]["change"]["actions"] = json!(["delete", "create"]);
        }),
        edited(&project, "unknown.json", |plan| {
            plan["resource_changes"][0]["change"]["after_unknown"] = json!({ "billing_mode": true });
        }),
        edited(&project, "sensitive.json", |plan| {
            plan["resource_changes"][0]["change"]["after_sensitive"] = json!({ "billing_mode": true });
        }),
        edited(&project, "second.json", |plan| {
            let created =
                json!({ "address": "t.x", "type": "t", "change": { "actions": ["create"], "after": { "a": 1 } } });
            plan["resource_changes"].as_array_mut().unwrap().push(created);
        }),
        edited(&project, "invoked.json", |plan| {
            plan["action_invocations"] = json!([{ "address": "action.a.b", "type": "a" }]);
        }),
        edited(&project, "moved.json", |plan| {
            plan["resource_changes"][0]["previous_address"] = json!("aws_dynamodb_table.old");
        }),
    ];
    for plan in &altered {
        let ended = job(&project, DECIDED, plan);
        assert_eq!(ended.status, Some(1), "{plan}: {ended:?}");
    }
    // a part of it is one
    let part = edited(&project, "part.json", |plan| {
        let before = plan["resource_changes"][0]["change"]["before"]["global_secondary_index"].clone();
        plan["resource_changes"][0]["change"]["after"]["global_secondary_index"] = before;
    });
    assert_eq!(job(&project, DECIDED, &part).status, Some(0));
}

#[test]
fn a_plan_of_another_stack_takes_nothing_back() {
    let project = begun();
    assert_eq!(job(&project, NIGHT, &shipped("dixa-change.json")).status, Some(0));
    let other = edited(&project, "account.json", |plan| {
        for side in ["before", "after"] {
            plan["resource_changes"][0]["change"][side]["arn"] =
                json!("arn:aws:dynamodb:eu-west-1:444455556666:table/conversations");
        }
    });
    is_refused(&job(&project, DECIDED, &other));
    assert_eq!(job(&project, DECIDED, &shipped("dixa-back.json")).status, Some(0));
}

/// Brings the attribute `x` from good to bad, beside what `with` adds, and takes it back alone; what a plan says that brings it again.
#[track_caller]
fn is_not_brought_again(with: impl FnOnce(&mut Value)) {
    let project = begun();
    let plan = |name: &str, [before, after]: [&str; 2], with: Option<&dyn Fn(&mut Value)>| {
        let mut change =
            json!({ "actions": ["update"], "before": { "id": 1, "x": before }, "after": { "id": 1, "x": after } });
        if let Some(with) = with {
            with(&mut change);
        }
        let path = Path::new(&project.record()).with_file_name(name);
        let address = "aws_dynamodb_table.chats";
        let resource = json!({ "address": address, "type": "aws_dynamodb_table", "change": change });
        fs::write(&path, json!({ "format_version": "1.2", "resource_changes": [resource] }).to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mut first =
        json!({ "actions": ["update"], "before": { "id": 1, "x": "good" }, "after": { "id": 1, "x": "bad" } });
    with(&mut first);
    let bring = plan("bring.json", ["good", "bad"], Some(&|change| *change = first.clone()));
    assert_eq!(job(&project, NIGHT, &bring).status, Some(0));
    assert_eq!(job(&project, "2025-07-01 03:00:00", &plan("undo.json", ["bad", "good"], None)).status, Some(0));
    is_refused(&job(&project, DECIDED, &plan("again.json", ["good", "bad"], None)));
}

#[test]
fn what_was_taken_back_is_not_brought_again() {
    is_not_brought_again(|_| {});
    // by a plan of which no value can be taken back
    is_not_brought_again(|change| {
        for number in 0..200 {
            change["after"][format!("y{number}")] = json!(number);
        }
    });
    // whose values were known only after it
    is_not_brought_again(|change| {
        change["after"] = json!({ "id": 1 });
        change["after_unknown"] = json!({ "x": true });
    });
    is_not_brought_again(|change| change["actions"] = json!(["delete", "create"]));
    // that replaced more than the record keeps
    is_not_brought_again(|change| {
        for number in 0..20_000 {
            change["after"][format!("y{number}")] = json!(number);
        }
    });
}

#[test]
fn what_else_the_commits_bring_is_judged_as_ever() {
    let project = begun();
    assert_eq!(job(&project, NIGHT, &shipped("dixa-change.json")).status, Some(0));
    let before = project.git(&["rev-parse", "HEAD"]);
    project.commit("services/inbox/main.go", "new");
    let arguments = ["--record", &project.record(), "--plan", &shipped("dixa-back.json")];
    let ended = project.job(DECIDED, &before, &[], &arguments);
    is_refused(&ended);
    assert!(words(&ended.printed).contains("core hours, hard"), "{ended:?}");
}

#[test]
fn a_proposal_allows_nothing_to_be_taken_back() {
    let project = begun();
    let before = project.git(&["rev-parse", "HEAD"]);
    project.commit("terraform/table.tf", "on demand");
    let arguments = ["--record", &project.record(), "--plan", &shipped("dixa-change.json")];
    let proposal = [
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_COMMIT_BRANCH", ""),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", before.as_str()),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", before.as_str()),
    ];
    let ended = project.job(NIGHT, &before, &proposal, &arguments);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(project.entries()[1].decided.plan.as_ref().unwrap().values.is_empty());
    is_refused(&job(&project, DECIDED, &shipped("dixa-back.json")));
}

#[test]
fn by_hand_and_in_front_of_a_command() {
    let project = begun();
    assert_eq!(job(&project, NIGHT, &shipped("dixa-change.json")).status, Some(0));
    let record = project.record();
    let started = |arguments: &[&str]| {
        let mut command = project.workshop.program(FAKETIME, &project.workshop.join("work"));
        command.args(["-f", DECIDED, env!("CARGO_BIN_EXE_freezegate")]).args(arguments);
        Ended::of(command.output().unwrap())
    };
    let (change, back) = (shipped("dixa-change.json"), shipped("dixa-back.json"));
    let check = |plan: &str| started(&["check", "production", "--record", &record, "--plan", plan]);
    assert_eq!(check(&back).status, Some(0), "{:?}", check(&back));
    is_refused(&check(&change));
    let run =
        |plan: &str| started(&["run", "production", "--record", &record, "--plan", plan, "--", "sh", "-c", "exit 7"]);
    assert_eq!(run(&back).status, Some(7), "{:?}", run(&back));
    assert_eq!(run(&change).status, Some(125));
    // what only advice allowed is nothing to take back
    let nowhere = started(&["check", "--plan", &back]);
    assert_eq!(nowhere.status, Some(2), "{nowhere:?}");
    let broken = edited(&project, "errored.json", |plan| plan["errored"] = json!(true));
    let undecided = check(&broken);
    assert_eq!(undecided.status, Some(2), "{undecided:?}");
    assert!(undecided.errors.contains("planning failed"), "{undecided:?}");
}

/// The `output` of Terraform's own `terraform_data` is known only after apply, and is what `input` is. What was applied by hand is gone back
/// from if it was enforced: whoever asks for advice may have chosen the policy.
#[test]
fn from_what_was_applied_by_hand() {
    let project = begun();
    let policy = project.workshop.join("policy.toml");
    fs::write(&policy, POLICY).unwrap();
    let policy = policy.to_str().unwrap();
    let started = |clock: &str, record: &str, arguments: &[&str]| {
        let mut command = project.workshop.program("faketime", &project.workshop.join("work"));
        command.args(["-f", clock, env!("CARGO_BIN_EXE_freezegate")]).args(arguments);
        Ended::of(command.args(["--record", record, "--policy", policy, "--no-ci"]).output().unwrap())
    };
    let (change, back) = (shipped("builtin-change.json"), shipped("builtin-back.json"));
    let run = |clock: &str, record: &str, plan: &str, how: &[&str]| {
        let mut command = project.workshop.program("faketime", &project.workshop.join("work"));
        command.args(["-f", clock, env!("CARGO_BIN_EXE_freezegate"), "run", "production", "--plan", plan]);
        command.args(["--record", record, "--policy", policy, "--no-ci"]).args(how);
        Ended::of(command.args(["--", "sh", "-c", "exit 7"]).output().unwrap())
    };
    let check = |record: &str, plan: &str| started(DECIDED, record, &["check", "production", "--plan", plan]);
    for (name, how, status) in [("enforced", &["--enforce"][..], 0), ("advised", &[], 1)] {
        let record = project.workshop.join(name);
        let record = record.to_str().unwrap();
        let ended = run(NIGHT, record, &change, how);
        assert_eq!(ended.status, Some(7), "{name}: {ended:?}");
        let ended = check(record, &back);
        assert_eq!(ended.status, Some(status), "{name}: {ended:?}");
        let is_told = words(&ended.printed).contains("core hours, hard) (rollback)");
        assert_eq!(is_told, status == 0, "{name}: {ended:?}");
        let other = edited_of(&project, "builtin-back.json", "other.json", |plan| {
            plan["resource_changes"][0]["change"]["after"]["input"] = json!("other");
        });
        is_refused(&check(record, &other));
        // `input` that is known only later says nothing of `output`
        let unknown = edited_of(&project, "builtin-back.json", "unknown.json", |plan| {
            plan["resource_changes"][0]["change"]["after_unknown"]["input"] = json!(true);
        });
        is_refused(&check(record, &unknown));
        let other_type = edited_of(&project, "builtin-back.json", "type.json", |plan| {
            plan["resource_changes"][0]["provider_name"] = json!("example.com/acme/terraform");
        });
        is_refused(&check(record, &other_type));
        let went_back = run(DECIDED, record, &back, how);
        assert_eq!(went_back.status, Some(if status == 0 { 7 } else { 125 }), "{name}: {went_back:?}");
        assert_eq!(run(DECIDED, record, &change, how).status, Some(125), "{name}");
    }
}
