//! `action.yml` as GitHub's runner runs it: each step's script with bash, its variables from the contexts, its outputs from a file.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::ci_step::runner::{commands, outputs};
use crate::ci_step::world::{Answer, CLOSED, Job, OPEN, World};
use crate::support::clock::FAKETIME;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One step of the action.
struct Step {
    id: String,
    variables: Vec<(String, String)>,
    script: String,
}

/// The steps of `action.yml`, read by their indentation.
fn steps() -> Vec<Step> {
    let text = fs::read_to_string(root().join("action.yml")).unwrap();
    let (_, text) = text.split_once("\n  steps:\n").unwrap();
    let mut steps: Vec<Step> = Vec::new();
    let mut part = "";
    for line in text.lines().filter(|line| !line.starts_with("    #")) {
        let indent = line.len() - line.trim_start().len();
        let (key, value) = line.trim().trim_start_matches("- ").split_once(':').unwrap_or_default();
        if line.starts_with("    - ") {
            steps.push(Step { id: String::new(), variables: Vec::new(), script: String::new() });
        }
        let Some(step) = steps.last_mut() else {
            continue;
        };
        match (indent, part) {
            (4 | 6, _) => {
                part = match key {
                    "env" => "env",
                    "run" => "run",
                    _ => "",
                };
                if key == "id" {
                    step.id = value.trim().to_owned();
                }
            }
            (_, "env") => step.variables.push((key.to_owned(), value.trim().trim_matches('"').to_owned())),
            (_, "run") => {
                step.script.push_str(line.strip_prefix("        ").unwrap_or(line));
                step.script.push('\n');
            }
            _ => {}
        }
    }
    steps
}

/// The value of `TEXT ${{ a.b || c }} TEXT`: the first that is there and not empty.
fn evaluate(text: &str, contexts: &Value) -> String {
    let Some((before, rest)) = text.split_once("${{") else {
        return text.to_owned();
    };
    let (expression, after) = rest.split_once("}}").unwrap();
    let look_up =
        |path: &str| path.trim().split('.').try_fold(contexts, |value, name| value.get(name)).and_then(Value::as_str);
    let value = expression.split("||").filter_map(look_up).find(|value| !value.is_empty()).unwrap_or_default();
    format!("{before}{value}{}", evaluate(after, contexts))
}

/// A runner with a checkout.
struct Runner<'w> {
    world: &'w World,
    checkout: PathBuf,
    clock: &'static str,
    job: Job,
    inputs: BTreeMap<&'static str, String>,
    /// What a release fills in; before the first, all of it is empty.
    release: BTreeMap<&'static str, String>,
}

/// The values of `action.yml` that a release fills in.
const FILLED_IN: [&str; 6] = ["ARCHIVES", "LINUX_X64", "LINUX_ARM64", "MACOS_ARM64", "MACOS_X64", "WINDOWS_X64"];

impl<'w> Runner<'w> {
    /// For a push that [`World::pushed`] made, checked out as actions/checkout does it.
    fn new(world: &'w World, clock: &'static str) -> Self {
        let checkout = world.path("checkout");
        let server = format!("file://{}", world.path("server.git").display());
        world.git_in(&world.path(""), &["init", "--quiet", checkout.to_str().unwrap()]);
        world.git_in(&checkout, &["remote", "add", "origin", &server]);
        let head = world.id("HEAD");
        world.git_in(&checkout, &["fetch", "--quiet", "--no-tags", "--depth=1", "origin", &head]);
        world.git_in(&checkout, &["checkout", "--quiet", "--detach", &head]);
        // cargo is not what is tried here: it gives the program that is
        let cargo = format!(
            "#!/bin/sh\ntest \"$*\" = \"build --locked --target-dir $FOLDER/target\" && test \"$PWD\" = '{}' || exit 3\nmkdir -p \"$FOLDER/target/debug\" && ln -sf '{}' \"$FOLDER/target/debug/freezegate\"\n",
            root().display(),
            env!("CARGO_BIN_EXE_freezegate")
        );
        program(&world.path("home/bin/cargo"), &cargo);
        Self {
            world,
            checkout,
            clock,
            job: Job::of_push("github/push", world),
            inputs: BTreeMap::new(),
            release: FILLED_IN.into_iter().map(|name| (name, String::new())).collect(),
        }
    }

    fn input(mut self, name: &'static str, value: &str) -> Self {
        self.inputs.insert(name, value.to_owned());
        self
    }

    /// Runs step after step until one fails; the outputs of all, and what the last one said.
    fn run(&self) -> (BTreeMap<String, BTreeMap<String, String>>, Answer) {
        let mut told: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let mut answer = None;
        let event = self
            .job
            .variables()
            .iter()
            .find(|(name, _)| *name == "GITHUB_EVENT_PATH")
            .map(|(_, path)| fs::read_to_string(path).unwrap());
        let event: Value = event.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
        for (number, step) in (0..).zip(steps()) {
            let contexts = json!({
                "github": {
                    "event": event,
                    "action_path": root(),
                    "server_url": "https://git.example.com",
                    "workspace": self.world.path(""),
                },
                "runner": { "temp": self.world.path("temp") },
                "inputs": self.inputs,
                "steps": told.iter().map(|(id, outputs)| (id.clone(), json!({ "outputs": outputs }))).collect::<BTreeMap<_, _>>(),
            });
            let file = self.world.path(&format!("output-{number}"));
            fs::write(&file, "").unwrap();
            let mut command: Command = self.world.clean(FAKETIME);
            // `shell: bash` of a step: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
            command.args(["-f", self.clock, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", &step.script]);
            command.current_dir(&self.checkout).envs(self.job.variables());
            command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.world.path("home/bin").display()));
            command.env("GITHUB_OUTPUT", &file).env("GITHUB_STEP_SUMMARY", self.world.path("summary"));
            command.env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64");
            for (name, value) in &step.variables {
                let filled = self.release.get(name.as_str());
                command.env(name, filled.cloned().unwrap_or_else(|| evaluate(value, &contexts)));
            }
            let ran: Answer = command.output().unwrap().into();
            let failed = ran.status != 0;
            let text = fs::read_to_string(&file).unwrap();
            let entries = if text.contains("<<") { outputs(&text) } else { lines(&text) };
            told.insert(step.id.clone(), entries);
            answer = Some(ran);
            if failed {
                break;
            }
        }
        (told, answer.unwrap())
    }
}

fn lines(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Writes a program.
pub(crate) fn program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // written by another process: a file that a child of another test still has open could not be run (execve(2))
    let draft = path.with_extension("draft");
    fs::write(&draft, text).unwrap();
    assert!(Command::new("cp").arg(&draft).arg(path).status().unwrap().success());
    fs::remove_file(&draft).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// An archive of the program as a release makes it, made once, and its SHA-256.
pub(crate) fn archive() -> (&'static Path, &'static str) {
    static ARCHIVE: OnceLock<(World, PathBuf, String)> = OnceLock::new();
    let (_, path, sum) = ARCHIVE.get_or_init(|| {
        let world = World::empty();
        let built = Path::new(env!("CARGO_BIN_EXE_freezegate"));
        let small = world.path("freezegate");
        let stripped = world.clean("strip").arg("-o").arg(&small).arg(built).status();
        // where there is no `strip`, a large archive does
        if !stripped.is_ok_and(|status| status.success()) {
            fs::copy(built, &small).unwrap();
        }
        let path = world.path("freezegate-x86_64-unknown-linux-musl.tar.gz");
        let made = world.clean("tar").arg("-czf").arg(&path).arg("-C").arg(world.path("")).arg("freezegate").status();
        assert!(made.unwrap().success());
        let sum = world.clean("sha256sum").arg(&path).output().unwrap();
        let sum = String::from_utf8(sum.stdout).unwrap().split(' ').next().unwrap().to_owned();
        (world, path, sum)
    });
    (path, sum)
}

#[test]
fn no_script_holds_an_expression_and_every_variable_of_it_is_given() {
    let steps = steps();
    assert_eq!(steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(), ["program", "check"]);
    for step in &steps {
        assert!(step.script.len() > 200 && !step.script.contains("${{"), "{}", step.script);
        for (name, _) in &step.variables {
            assert!(step.script.contains(&format!("${name}")) || step.script.contains(&format!("${{{name}")), "{name}");
        }
    }
}

#[test]
fn what_others_wrote_is_used_by_its_commit_only() {
    let mut seen = 0;
    let mut paths = vec![root().join("action.yml"), root().join("README.md")];
    for folder in [".github/workflows", ".github/ci", "docs"] {
        files(&root().join(folder), &mut paths);
    }
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let is_workflow = path.parent().is_some_and(|folder| folder.ends_with(".github/workflows"));
        assert!(text.contains("permissions: {}") || !is_workflow, "{}", path.display());
        for used in text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: ")) {
            let name = used.split(" #").next().unwrap();
            let pinned = name
                .split_once('@')
                .is_some_and(|(_, id)| id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
            // people put in the commit of the release that they copy
            let is_own = name == "OWNER/freezegate@COMMIT" && path.extension().is_some_and(|kind| kind == "md");
            assert!(pinned || name.starts_with("./") || is_own, "{}: {used}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} `uses` were found");
}

/// Adds the files in a folder and in those within.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn a_shallow_checkout_is_enough_and_stays_as_it_is_and_the_step_gets_its_outputs() {
    let world = World::pushed();
    for (clock, status, decision) in [(CLOSED, 1, "refused"), (OPEN, 0, "allowed")] {
        let runner = Runner::new(&world, clock).input("environment", "production");
        let missing =
            world.clean("git").current_dir(&runner.checkout).args(["cat-file", "-e", &world.id("base")]).status();
        assert!(!missing.unwrap().success(), "the base was there from the start");
        let (told, answer) = runner.run();
        assert_eq!(answer.status, status, "{answer}");
        assert_eq!(told["check"]["decision"], decision);
        assert_eq!(world.git_in(&runner.checkout, &["rev-parse", "--is-shallow-repository"]), "true");
        assert!(answer.out.contains("(base: github: before)"), "{answer}");
        // what was fetched went with the step
        let here = world.git_in(&runner.checkout, &["cat-file", "--batch-check=%(objecttype)", "--batch-all-objects"]);
        assert_eq!(here.lines().filter(|kind| *kind == "commit").count(), 1);
        fs::remove_dir_all(&runner.checkout).unwrap();
    }
    assert!(fs::read_to_string(world.path("summary")).unwrap().contains("refused"));
}

#[test]
fn with_a_record_the_commit_that_was_allowed_last_comes_whichever_it_is_and_no_history() {
    let world = World::pushed();
    let record = "origin:refs/freezegate/record";
    let run = |clock, job: Option<Job>| {
        let mut runner = Runner::new(&world, clock).input("environment", "production").input("record", record);
        if let Some(job) = job {
            runner.job = job;
        }
        let ran = runner.run();
        assert_eq!(world.git_in(&runner.checkout, &["rev-parse", "--is-shallow-repository"]), "true");
        fs::remove_dir_all(&runner.checkout).unwrap();
        ran
    };
    let (told, answer) = run(CLOSED, None);
    assert_eq!((answer.status, told["check"]["decision"].as_str()), (1, "refused"), "{answer}");
    assert!(answer.out.contains("(base: github: before)"), "{answer}");

    // the event names the refused commit as what was there before
    let refused = world.id("HEAD");
    world.commit(&[("README.md", "two")]);
    world.commit(&[("README.md", "three")]);
    world.push("main");
    let head = world.id("HEAD");
    let job = || Some(Job::of("github/push", &world, &[("head", &head), ("base", &refused)]));
    let said = format!("(base: the record's first base ({}))", world.id("base").get(..7).unwrap());
    for (clock, status) in [(CLOSED, 1), (OPEN, 0)] {
        let (_, answer) = run(clock, job());
        assert_eq!(answer.status, status, "{answer}");
        let words = answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&said), "{answer}");
    }
    let kept = world.git_in(&world.path("server.git"), &["log", "--format=%s", "refs/freezegate/record"]);
    assert_eq!(kept, "3 allowed production\n2 refused production\n1 refused production");
}

/// Rulesets protect branches alone.
#[test]
fn a_protected_branch_holds_the_record_and_no_job_of_that_branch_is_judged() {
    let world = World::pushed();
    let server = world.path("server.git");
    for key in ["receive.denyNonFastForwards", "receive.denyDeletes"] {
        world.git_in(&server, &["config", key, "true"]);
    }
    let run = |clock, reference: &str, head: &str| {
        let record = "origin:refs/heads/freezegate-record";
        let mut runner = Runner::new(&world, clock).input("environment", "production").input("record", record);
        runner.job = Job::of("github/push", &world, &[("head", head), ("base", &world.id("base"))]);
        let event = fs::read_to_string(world.path("github-push.json")).unwrap();
        fs::write(world.path("github-push.json"), event.replace("refs/heads/main", reference)).unwrap();
        runner.job = runner.job.with("GITHUB_REF", reference);
        let ran = runner.run();
        fs::remove_dir_all(&runner.checkout).unwrap();
        ran
    };
    let head = world.id("HEAD");
    for (clock, status) in [(CLOSED, 1), (OPEN, 0)] {
        let (_, answer) = run(clock, "refs/heads/main", &head);
        assert_eq!(answer.status, status, "{answer}");
    }
    let kept = || world.git_in(&server, &["log", "--format=%s", "refs/heads/freezegate-record"]);
    assert_eq!(kept(), "2 allowed production\n1 refused production");
    let tip = world.git_in(&server, &["rev-parse", "refs/heads/freezegate-record"]);
    let (told, answer) = run(OPEN, "refs/heads/freezegate-record", &tip);
    assert_eq!((answer.status, told["check"]["decision"].as_str()), (2, "undecided"), "{answer}");
    let words = format!("{}{}", answer.out, answer.err).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the branch that holds the record"), "{words}");
    assert_eq!(kept().lines().count(), 2);
}

/// The organisation's policy is checked out beside the repository, and named from the workspace that holds both.
#[test]
fn the_policy_of_an_organisation_comes_along() {
    let world = World::pushed();
    let text = "version = 1\n[organisation]\nname = \"example\"\nserial = 3\n[[freezes]]\nname = \"sale\"\nfrom = 2025-07-01T00:00:00\nuntil = 2025-08-01T00:00:00\ntimezone = \"UTC\"\n";
    fs::create_dir(world.path("organisation")).unwrap();
    fs::write(world.path("organisation/freezegate.toml"), text).unwrap();
    for path in ["organisation/freezegate.toml", world.path("organisation/freezegate.toml").to_str().unwrap()] {
        let runner = Runner::new(&world, OPEN).input("environment", "production").input("organisation-policy", path);
        let (told, answer) = runner.run();
        assert_eq!((answer.status, told["check"]["findings"].as_str()), (1, r#"["freeze/sale"]"#), "{answer}");
        fs::remove_dir_all(&runner.checkout).unwrap();
    }
}

#[test]
fn grants_and_incidents_come_along() {
    let world = World::pushed();
    let run = |name: &'static str, value: &str| {
        let runner = Runner::new(&world, CLOSED).input("environment", "production").input(name, value);
        let (_, answer) = runner.run();
        fs::remove_dir_all(&runner.checkout).unwrap();
        (answer.status, format!("{}{}", answer.out, answer.err).split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let (status, told) = run("incident", "INC-7");
    assert!(status == 1 && told.contains("the incident `INC-7` alone overrides nothing"), "{told}");
    let (status, told) = run("grant", "no = \"grant\"\nat = \"all\"\n");
    assert!(status == 2 && told.contains("FREEZEGATE_GRANT:1"), "{told}");
}

#[test]
fn a_tag_gets_the_default_branch_whose_policy_judges_it() {
    let world = World::pushed();
    let mut runner = Runner::new(&world, CLOSED).input("environment", "production");
    runner.job = Job::of_push("github/push_of_new_tag", &world);
    let (told, answer) = runner.run();
    assert_eq!(answer.status, 1, "{answer}");
    assert_eq!(told["check"]["decision"], "refused");
    assert!(answer.out.contains("origin/main at "), "{answer}");
}

#[test]
fn a_pull_request_is_reported_and_allowed() {
    let world = World::requested();
    world.git(&["push", "--quiet", "origin", "HEAD:refs/pull/7/merge"]);
    let mut runner = Runner::new(&world, CLOSED).input("dry-run", "true");
    // the base of the event is older than what the pull request is merged into
    let (head, merge, old) = (world.id("feature"), world.id("HEAD"), world.id("base~1"));
    runner.job = Job::of("github/pull_request", &world, &[("head", &head), ("merge", &merge), ("base", &old)]);
    let (told, answer) = runner.run();
    assert_eq!((answer.status, told["check"]["decision"].as_str()), (0, "refused"), "{answer}");
    assert!(answer.out.contains("would be refused: production/us is closed"), "{answer}");
    let words = answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("1 path (base: pull request (the commit that it is merged into))"), "{answer}");
}

#[test]
fn a_job_that_names_no_environment_is_told_to() {
    let world = World::pushed();
    let (told, answer) = Runner::new(&world, OPEN).run();
    assert_eq!((answer.status, told["check"]["decision"].as_str()), (2, "undecided"), "{answer}");
    assert!(answer.err.contains("does not name the environment"), "{answer}");
    let said = format!("{}{}", answer.out, answer.err).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("for a job that deploys nothing, add `--range OLD..NEW`"), "{answer}");
}

#[test]
fn inputs_are_words_and_no_commands() {
    let world = World::pushed();
    let trace = world.path("trace");
    for value in [
        "$(touch TRACE)",
        "`touch TRACE`",
        "production; touch TRACE",
        "x\" ; touch TRACE #",
        "--dry-run",
        "--no-ci",
        "production\n--dry-run",
        "*",
    ] {
        let value = value.replace("TRACE", trace.to_str().unwrap());
        let words: &[&str] = &["region", "service", "kind", "duration", "range", "ref", "policy", "record", "incident"];
        for names in [&["environment"], &["policy-from"], &["declared-only"], &["dry-run"], words] {
            let runner = Runner::new(&world, CLOSED).input("environment", "production");
            let runner = names.iter().fold(runner, |runner, name| runner.input(name, &value));
            let (told, answer) = runner.run();
            assert_ne!(answer.status, 0, "{names:?}: {value}: {answer}");
            assert_ne!(told["check"].get("decision").map(String::as_str), Some("allowed"), "{names:?}: {answer}");
            assert!(!trace.exists(), "{names:?}: {value} was run");
            fs::remove_dir_all(&runner.checkout).unwrap();
        }
    }
}

#[test]
fn several_words_are_several_flags() {
    let world = World::pushed();
    let runner =
        Runner::new(&world, CLOSED).input("environment", "staging\n  production").input("kind", "deploy config");
    let (told, answer) = runner.input("region", "us").run();
    assert_eq!((answer.status, told["check"]["findings"].as_str()), (1, "[\"core-hours/us\"]"), "{answer}");
}

#[test]
fn a_release_is_used_by_its_checksum_only() {
    let world = World::pushed();
    let (path, sum) = archive();
    let archives = format!("file://{}", path.parent().unwrap().display());
    let run = |archives: &str, sum: &str| {
        let mut runner = Runner::new(&world, CLOSED).input("environment", "production");
        fs::remove_file(world.path("home/bin/cargo")).unwrap();
        runner.release.extend([("ARCHIVES", archives.to_owned()), ("LINUX_X64", sum.to_owned())]);
        let ran = runner.run();
        fs::remove_dir_all(&runner.checkout).unwrap();
        ran
    };
    let (told, answer) = run(&archives, sum);
    assert_eq!((answer.status, told["check"]["decision"].as_str()), (1, "refused"), "{answer}");

    let other = "0".repeat(64);
    let address = format!("{archives}/freezegate-x86_64-unknown-linux-musl.tar.gz");
    for (archives, sum, said) in [
        (archives.as_str(), other.as_str(), format!("{address} has SHA-256 {sum}, expected {other}; do not use it: run the job again, and report it if it happens again")),
        (&archives, "", "the release has no program for Linux-X64; use a runner of Linux, macOS or Windows on X64, or of Linux or macOS on ARM64".to_owned()),
        ("file:///nowhere", sum, "can't download file:///nowhere/freezegate-x86_64-unknown-linux-musl.tar.gz; run the job again, or let the runner reach that address".to_owned()),
        ("", "", "this commit of the action is not a release; pin a released one, or install Rust in a step before it".to_owned()),
    ] {
        let (told, answer) = run(archives, sum);
        assert_eq!((answer.status, told.contains_key("check")), (2, false), "{answer}");
        let annotations: Vec<String> = commands(&answer.out).into_iter().map(|command| command.message).collect();
        assert_eq!(annotations, [said], "{answer}");
    }
}

#[test]
fn where_checkout_kept_no_credentials_the_token_fetches_and_no_command_line_shows_it() {
    let world = World::pushed();
    let runner = Runner::new(&world, OPEN).input("environment", "production").input("token", "s3cret");
    // a server that answers to who has the token
    let git = "#!/bin/sh\ncase \" $* \" in *' fetch '*)\n  echo \"$*\" >> \"$HOME/lines\"\n  test \"$GIT_CONFIG_KEY_0 $GIT_CONFIG_VALUE_0\" = 'http.https://git.example.com/.extraheader AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46czNjcmV0' || exit 128\nesac\nPATH=/usr/local/bin:/usr/bin:/bin exec git \"$@\"\n";
    program(&world.path("home/bin/git"), git);
    let (told, answer) = runner.run();
    assert_eq!((answer.status, told["check"]["decision"].as_str()), (0, "allowed"), "{answer}");
    let lines = fs::read_to_string(world.path("home/lines")).unwrap();
    assert_eq!(lines.lines().count(), 1);
    assert!(!lines.contains("s3cret") && !answer.out.contains("s3cret"), "{lines}");
}
