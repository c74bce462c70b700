//! `check --plan --plan-file` and `run --plan`, as people and jobs run them. What is read of plans is tested in the library.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::clean::command;

/// By the state of a plan, production is closed at all hours to what changes a table.
const POLICY: &str = "version = 1\n[environments.production]\naliases = [\"default\"]\n[environments.staging]\n\
    [hazards.capacity]\nresources = [\"aws_dynamodb_table\"]\nattributes = [\"billing_mode\"]\n\
    [[freezes]]\nname = \"capacity\"\nalways = true\nlevel = \"soft\"\nenvironments = [\"production\"]\n\
    hazards = [\"capacity\"]\n[[lifts]]\nlevel = \"soft\"\nincident = true\nsigned = []\n";
const BY_WORKSPACE: &str = "[[targets]]\nworkspaces = [\"{environment}\"]\n";
const BY_REGION: &str = "[[targets]]\nregions = [\"eu-west-1\"]\nenvironment = \"production\"\n";

struct Folder(TempDir);

impl Folder {
    fn new(targets: &str) -> Self {
        let folder = Self(TempDir::new().unwrap());
        fs::write(folder.path("freezegate.toml"), format!("{POLICY}{targets}")).unwrap();
        for name in ["dixa-change.json", "dixa-change.tfplan", "dixa-back.json", "dixa-back.tfplan", "prod.tfplan"] {
            fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/plans").join(name), folder.path(name))
                .unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    /// The status, what is printed, and what is reported as an error.
    fn ends(&self, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
        let mut command = command(env!("CARGO_BIN_EXE_freezegate"), self.0.path(), self.0.path());
        let ended = command.args(arguments).envs(variables.iter().copied()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        (ended.status.code(), text(ended.stdout), text(ended.stderr))
    }

    #[track_caller]
    fn check(&self, arguments: &str, status: i32, expected: &str) {
        let words: Vec<&str> = std::iter::once("check").chain(arguments.split(' ')).collect();
        let (code, output, errors) = self.ends(&words, &[]);
        assert_eq!(code, Some(status), "{arguments}\n{output}\n{errors}");
        assert!(format!("{output} {errors}").contains(expected), "{arguments}: {expected}\n{output}\n{errors}");
    }
}

/// Whoever may override the one hazard may not override the other, and the refusal says what each needs.
#[test]
fn an_entry_for_hazards_overrides_what_they_give() {
    let folder = Folder::new("");
    let freeze = |name: &str| {
        format!(
            "[[freezes]]\nname = \"{name}\"\nhours = [\"daily 00:00-12:00\", \"daily 12:00-24:00\"]\ntimezone = \"UTC\"\nhazards = [\"{name}\"]\n"
        )
    };
    let lift = |key: &str, rest: &str| format!("[[lifts]]\n{key}\nsigned = {rest}\n");
    let write = |freezes: &str, lifts: &[String]| {
        let hazards = "[hazards.modes]\nresources = [\"aws_dynamodb_table\"]\nattributes = [\"billing_mode\"]\n\
                       [hazards.tables]\nresources = [\"aws_dynamodb_table\"]\n";
        let approvers = "[approvers]\nallowed_signers = \"roster\"\n";
        let edits = lift("finding = \"policy-change\"", "[\"any\"]");
        let text =
            format!("version = 1\n[environments.production]\n{hazards}{freezes}{approvers}{edits}{}", lifts.concat());
        fs::write(folder.path("freezegate.toml"), text).unwrap();
    };
    fs::write(folder.path("roster"), include_bytes!("valid-policies/lifts-of-every-form/approvers.allowed_signers"))
        .unwrap();
    let modes = lift("level = \"hard\"\nhazards = [\"modes\"]", "[]\nincident = true");
    let ask = "production --plan dixa-change.json";
    write(&freeze("modes"), std::slice::from_ref(&modes));
    folder.check(ask, 1, "override add `--incident INC-… --record record.jsonl`");
    folder.check(
        &format!("{ask} --incident INC-7 --record record.jsonl"),
        0,
        "overridden: production is frozen: modes",
    );
    let both = freeze("modes") + &freeze("tables");
    write(&both, std::slice::from_ref(&modes));
    folder.check(ask, 1, "override none: nobody may override freeze/tables (hard)");
    folder.check(&format!("{ask} --incident INC-7 --record record.jsonl"), 1, "refused: production is frozen: tables");
    write(&both, &[modes, lift("level = \"hard\"\nhazards = [\"tables\"]", "[\"any\"]")]);
    folder.check(
        ask,
        1,
        "the incident is enough; it is recorded (for freeze/modes) and `freezegate grant new production",
    );
    folder.check(ask, 1, "needs 1 signature: any approver (not author, requester, pusher) (for freeze/tables)");
}

/// Dixa's own change, in an environment in which its hazard does not count: by its freeze, and in core hours all the same.
#[test]
fn a_hazard_that_is_exempt_in_an_environment_stops_nothing_there() {
    let folder = Folder::new("");
    let policy = |exempt: &str, rest: &str| {
        let text = POLICY.replace("environments = [\"production\"]\n", "");
        let text = text.replace("[environments.staging]\n", &format!("[environments.staging]\n{exempt}"));
        fs::write(folder.path("freezegate.toml"), text + rest).unwrap();
    };
    let ask = "staging --plan dixa-change.json";
    policy("", "");
    folder.check(ask, 1, "refused: staging is frozen: capacity (freeze, soft)");
    policy("exempt_hazards = [\"capacity\"]\n", "");
    folder.check(ask, 0, "allowed: `staging` may change now");
    folder.check(ask, 0, "exempt: staging is frozen: capacity (freeze, soft) (hazard capacity in staging)");
    folder.check("production --plan dixa-change.json", 1, "refused: production is frozen: capacity (freeze, soft)");
    let hours = "[regions.r]\ntimezones = [\"UTC\"]\ncore_hours = [\"daily 00:00-24:00\"]\n";
    policy("exempt_hazards = [\"capacity\"]\n", hours);
    folder.check(ask, 1, "refused: staging/r is closed (core hours, hard)");
    policy("exempt_hazards = [\"capacities\"]\n", "");
    folder.check(ask, 2, "there is no hazard `capacities`");
}

#[test]
fn a_plan_goes_where_its_binary_form_says() {
    let folder = Folder::new(BY_WORKSPACE);
    let plan = "--plan dixa-change.json";
    folder.check(
        &format!("{plan} --plan-file dixa-change.tfplan"),
        1,
        "reached by aws_dynamodb_table.conversations (workspace default)",
    );
    folder.check(&format!("production {plan} --plan-file dixa-change.tfplan"), 1, "freeze");
    folder.check(
        &format!("staging {plan} --plan-file dixa-change.tfplan"),
        1,
        "you said `staging`, this reaches `production`",
    );
    let unknown =
        "the workspace that `terraform apply` acts on is not known: the JSON of a plan does not name its workspace";
    folder.check(&format!("production {plan}"), 2, unknown);
    folder.check(&format!("production {plan}"), 2, "give the plan in binary form too: `--plan-file TFPLAN`");
    let other = "`--plan` is not the JSON of the saved plan: the JSON is of a plan of 2026-11-27T23:06:54Z, the saved plan of 2026-11-27T";
    folder.check(&format!("production {plan} --plan-file dixa-back.tfplan"), 2, other);
    folder.check(
        &format!("production {plan} --plan-file gone.tfplan"),
        2,
        "the saved plan `gone.tfplan`: it can't be read",
    );
    folder.check(
        &format!("production {plan} --plan-file dixa-change.json"),
        2,
        "it is JSON, not a plan in binary form",
    );
    folder.check("production --plan-file dixa-change.tfplan", 2, "--plan");
}

#[test]
fn a_plan_goes_where_its_resources_are() {
    let folder = Folder::new(BY_REGION);
    folder.check("--plan dixa-change.json", 1, "reached by aws_dynamodb_table.conversations (region eu-west-1)");
    let (_, output, _) = folder.ends(&["check", "--plan", "dixa-change.json", "--format", "json"], &[]);
    let answer: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(answer.pointer("/reached/0/kinds").unwrap(), &serde_json::json!(["infrastructure"]));
    let elsewhere = Folder::new(&BY_REGION.replace("eu-west-1", "us-east-1"));
    elsewhere.check("--plan dixa-change.json", 2, "nothing says where the plan is applied");
    elsewhere.check(
        "staging --plan dixa-change.json",
        0,
        "judged by name only: `staging`; no target maps the plan to it",
    );
}

/// What is larger than any plan is not read, and of what is larger than any manifest no more than that.
#[test]
fn files_of_a_gigabyte_are_refused() {
    let folder = Folder::new(BY_REGION);
    for (name, start) in
        [("huge.tfplan", "PK"), ("huge.yaml", "kind: x\n"), ("huge.json", "{\"format_version\":\"1.2\",")]
    {
        fs::write(folder.path(name), start).unwrap();
        fs::File::options().write(true).open(folder.path(name)).unwrap().set_len(1 << 30).unwrap();
    }
    folder.check("production --plan dixa-change.json --plan-file huge.tfplan", 2, "it has more than 64 MiB");
    folder.check("production --manifests huge.yaml", 2, "larger than 16 MiB");
    folder.check("production --plan huge.json", 2, "it has more than 512 MiB");
}

/// Each option that takes a file says in the same words that a folder is none.
#[test]
#[cfg(unix)]
fn a_folder_in_the_place_of_a_file_is_named_as_one() {
    let folder = Folder::new("");
    fs::create_dir(folder.path("plans")).unwrap();
    fs::write(folder.path("empty"), "").unwrap();
    for (line, status, help) in [
        ("check production --plan plans", 2, "name the file that `terraform show -json TFPLAN > plan.json` wrote"),
        ("run production --plan plans -- true", 125, "name the file that `terraform show -json TFPLAN > plan.json`"),
        ("check production --plan dixa-change.json --plan-file plans", 2, "give the file that `terraform plan -out"),
        ("check production --policy plans", 2, "make sure that it is a file"),
        ("lint --policy plans", 2, "make sure that it is a file"),
        ("check production --organisation-policy plans", 2, "fix `--organisation-policy`"),
        ("check production --extra-freezes plans", 2, "fix the path in `--extra-freezes`"),
        ("check production --grant plans", 2, "fix the path"),
        ("check production --output plans", 2, "name another file"),
        ("grant show plans", 2, "fix the path"),
        ("grant new --reason x --from plans", 2, "give a file, or `-` for standard input"),
        ("test plans", 2, "name a file of cases"),
        ("backtest --changes plans", 2, "name a file of changes"),
        ("report --record empty --repositories plans", 2, "name a file that you may read"),
        ("import ics plans", 2, "check the path"),
        ("import argocd plans", 2, "check the path"),
        ("schema --output plans", 2, "name another file"),
    ] {
        let (code, output, errors) = folder.ends(&line.split(' ').collect::<Vec<_>>(), &[]);
        let said = format!("{output} {errors}");
        assert_eq!(code, Some(status), "{line}\n{said}");
        assert!(said.contains("`plans`") && said.contains(": it is a folder") && said.contains(help), "{line}\n{said}");
        assert!(!said.contains("os error"), "{line}\n{said}");
    }
}

#[test]
#[cfg(unix)]
fn only_the_plan_that_was_judged_is_applied() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new(BY_WORKSPACE);
    let script = folder.path("terraform");
    fs::write(&script, "#!/bin/sh\necho \"applied $*\"\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let run = |environment: &str, plan: &str, words: &str, variables: &[(&str, &str)]| {
        let line = format!("run {environment} --plan {plan} -- ./terraform {words}");
        folder.ends(&line.split_whitespace().collect::<Vec<_>>(), variables)
    };
    let open = folder.path("freezegate.toml");
    fs::write(
        &open,
        fs::read_to_string(&open).unwrap().replace("environments = [\"production\"]", "environments = [\"staging\"]"),
    )
    .unwrap();
    for (plan, words, variables, status, expected) in [
        ("dixa-change.json", "apply dixa-change.tfplan", &[][..], 0, "applied apply dixa-change.tfplan"),
        ("dixa-back.json", "apply -input=false dixa-back.tfplan", &[], 0, "applied"),
        ("dixa-change.json", "apply dixa-back.tfplan", &[], 125, "`--plan` is not the JSON of the saved plan"),
        ("dixa-change.json", "apply", &[], 125, "the command makes a plan of its own and applies that"),
        ("dixa-change.json", "apply -auto-approve", &[], 125, "the command makes a plan of its own"),
        ("dixa-change.json", "apply gone.tfplan", &[], 125, "there is no plan"),
        ("dixa-change.json", "apply dixa-change.json", &[], 125, "it is JSON, not a plan in binary form"),
        (
            "dixa-change.json",
            "apply dixa-change.tfplan",
            &[("TF_WORKSPACE", "staging")],
            125,
            "the plan was made for the workspace `default`, and `staging` is selected",
        ),
    ] {
        let (code, output, errors) = run("production", plan, words, variables);
        assert_eq!(code, Some(status), "{plan} {words}\n{output}\n{errors}");
        assert!(format!("{output} {errors}").contains(expected), "{plan} {words}: {expected}\n{output}\n{errors}");
        assert_eq!(output.contains("applied"), status == 0, "{output}");
    }
    // a folder of another backend
    fs::create_dir(folder.path(".terraform")).unwrap();
    let backend = r#"{"backend":{"type":"local","config":{"path":"other.tfstate"}}}"#;
    fs::write(folder.path(".terraform/terraform.tfstate"), backend).unwrap();
    let (code, output, errors) = run("production", "dixa-change.json", "apply dixa-change.tfplan", &[]);
    assert_eq!((code, output.as_str()), (Some(125), ""), "{errors}");
    let expected =
        "the plan was made for the state `local:terraform.tfstate`, and this folder has `local:other.tfstate`";
    assert!(errors.contains(expected), "{errors}");
    // without a plan that is judged, the workspaces are compared all the same
    let line = ["run", "production", "--", "./terraform", "apply", "dixa-change.tfplan"];
    let (code, output, errors) = folder.ends(&line, &[("TF_WORKSPACE", "staging")]);
    assert_eq!((code, output.as_str()), (Some(125), ""), "{errors}");
    assert!(errors.contains("and `staging` is selected"), "{errors}");
}

/// Values that a provider marks as sensitive stand in clear text in the JSON of a plan.
#[test]
fn no_answer_and_no_record_has_a_sensitive_value() {
    let folder = Folder::new("[[targets]]\nresources = [\"aws_db_instance\"]\nenvironment = \"production\"\n");
    let plan = format!("{}/tests/data/plans/multi-region-replace.json", env!("CARGO_MANIFEST_DIR"));
    let secret = "hunter2";
    assert!(fs::read_to_string(&plan).unwrap().contains(secret));
    for format in ["text", "json", "github", "gitlab", "junit", "markdown"] {
        let (code, output, errors) =
            folder.ends(&["check", "production", "--plan", &plan, "--format", format, "--record", "record"], &[]);
        assert_eq!(code, Some(0), "{output}{errors}");
        assert!(!output.contains(secret) && !errors.contains(secret), "{output}{errors}");
    }
    let record = fs::read_to_string(folder.path("record")).unwrap();
    assert!(record.contains("\"plan\"") && !record.contains(secret), "{record}");
}

#[test]
fn the_hazards_that_come_with_the_program_are_written_once() {
    let folder = Folder::new("");
    let written = folder.ends(&["init", "--hazards", "--output", "hazards.toml"], &[]);
    assert_eq!(written.0, Some(0), "{written:?}");
    let text = fs::read_to_string(folder.path("hazards.toml")).unwrap();
    assert_eq!(text, include_str!("../policies/hazards.toml"));
    let again = folder.ends(&["init", "--hazards", "--output", "hazards.toml"], &[]);
    assert_eq!(again.0, Some(2));
    assert!(again.2.contains("`hazards.toml` exists"), "{again:?}");
    fs::write(folder.path("hazards.toml"), "").unwrap();
    let replaced = folder.ends(&["init", "--hazards", "--force", "--output", "hazards.toml"], &[]);
    assert_eq!(replaced.0, Some(0), "{replaced:?}");
    assert_eq!(fs::read_to_string(folder.path("hazards.toml")).unwrap(), text);
}

/// Where a plan goes is said by targets for all that it changes, or by a name for all of it.
#[test]
fn a_change_that_no_target_matches_is_not_passed_over() {
    let folder = Folder::new("[[targets]]\nmodules = [\"module.{environment}\"]\n");
    let resource = |address: &str, module: &str| {
        format!(
            r#"{{"address":"{address}","type":"aws_sqs_queue","mode":"managed"{module},"change":{{"actions":["update"],"before":{{"a":1}},"after":{{"a":2}}}}}}"#
        )
    };
    let of_module = resource("module.staging.aws_sqs_queue.a", r#","module_address":"module.staging""#);
    let plan = |resources: &[&String]| {
        let resources: Vec<&str> = resources.iter().map(|one| one.as_str()).collect();
        format!(r#"{{"format_version":"1.2","resource_changes":[{}]}}"#, resources.join(","))
    };
    let (one, two) = (resource("aws_sqs_queue.root", ""), resource("aws_sqs_queue.other", ""));
    fs::write(folder.path("all.json"), plan(&[&of_module])).unwrap();
    fs::write(folder.path("some.json"), plan(&[&one, &of_module, &two])).unwrap();
    folder.check("--plan all.json", 0, "allowed: `staging` may change now");
    folder.check("--plan some.json", 2, "no target says where `aws_sqs_queue.root` and 1 more of the plan goes");
    folder.check("staging --plan some.json", 0, "allowed: `staging` may change now");
}
