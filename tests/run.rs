//! `run` as people and runbooks use it: the command is started as it would be without the gate, or not at all.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't run the program should fail")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::clean;
use crate::support::clock::FAKETIME;

/// The outage of Zendesk: 09:40 in Los Angeles, 12:40 in New York.
const PEAK: &str = "2023-04-26 16:40:00 UTC";

/// A Saturday.
const QUIET: &str = "2023-04-29 12:00:00 UTC";

/// An environment that is always open, and one that is always closed.
const POLICY: &str = r#"version = 1

[environments.lab]
during_core_hours = "off"

[environments.vault]
during_core_hours = "off"

[[freezes]]
name         = "sealed"
from         = 2000-01-01T00:00:00
until        = 8000-01-01T00:00:00
timezone     = "UTC"
environments = ["vault"]
"#;

struct Bench {
    folder: TempDir,
}

impl Bench {
    /// A folder with a policy.
    fn new(policy: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("freezegate.toml"), policy).unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a program.
    fn program(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn exists(&self, name: &str) -> bool {
        self.path().join(name).exists()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The gate, to be given arguments.
    fn gate(&self) -> Command {
        let mut command = clean::command(env!("CARGO_BIN_EXE_freezegate"), self.path(), self.path());
        command.env("COLUMNS", "100");
        command
    }

    fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Output {
        self.gate().args(arguments).output().unwrap()
    }

    /// The same at `clock`, which stands still.
    fn run_at(&self, clock: &str, arguments: &[&str]) -> Output {
        let mut command = clean::command(FAKETIME, self.path(), self.path());
        command.env("COLUMNS", "100").args(["-f", clock]).arg(env!("CARGO_BIN_EXE_freezegate")).args(arguments);
        command.output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The status, and what was written to standard output.
fn told(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), text(&output.stdout))
}

/// Zendesk's policy, and its reboot.
fn zendesk() -> Bench {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let bench = Bench::new(&fs::read_to_string(policies.join("zendesk.toml")).unwrap());
    let roster = "approvers.allowed_signers";
    fs::copy(policies.join(roster), bench.path().join(roster)).unwrap();
    bench.program("reboot.sh", "#!/bin/sh\necho rebooting $1\ntouch rebooted\nexit 7\n");
    bench
}

const REBOOT: [&str; 9] =
    ["run", "production", "--service", "agent-workspace", "--kind", "maintenance", "--", "./reboot.sh", "pod-13"];

#[test]
fn zendesks_reboot_is_not_started_at_peak_hours() {
    let bench = zendesk();
    let output = bench.run_at(PEAK, &REBOOT);
    assert_eq!(told(&output), (Some(125), String::new()));
    assert!(!bench.exists("rebooted"));
    let errors = text(&output.stderr);
    for part in
        ["refused: production/americas is closed", "peak hours", "#zbot-maintenance", "not started: ./reboot.sh"]
    {
        assert!(errors.contains(part), "{part}: {errors}");
    }
}

#[test]
fn zendesks_reboot_is_started_in_the_quiet_hour() {
    let bench = zendesk();
    let output = bench.run_at(QUIET, &REBOOT);
    assert_eq!(told(&output), (Some(7), "rebooting pod-13\n".to_owned()));
    assert_eq!(text(&output.stderr), "");
    assert!(bench.exists("rebooted"));
}

#[test]
fn without_a_decision_nothing_is_started() {
    let bench = Bench::new(POLICY);
    let empty = TempDir::new().unwrap();
    let wrong = bench.path().join("wrong.toml");
    fs::write(&wrong, "version = 1\nfreezes = 3\n").unwrap();
    let touch = ["--", "touch", "started"];
    for question in [
        &["run", "elsewhere"][..],
        &["run"],
        &["run", "lab", "--no-such-option"],
        &["run", "lab", "--for", "soon"],
        &["run", "lab", "--range", "HEAD~1..HEAD"],
        &["run", "lab", "--policy", "wrong.toml"],
        &["run", "lab", "--policy", "missing.toml"],
        &["run", "lab", "--record", "no/such/folder/record.jsonl"],
        &["run", "lab", "--at", "2023-04-29T12:00:00Z"],
    ] {
        let output = bench.run(&[question, &touch].concat());
        assert_eq!(told(&output), (Some(125), String::new()), "{question:?}");
        assert!(!output.stderr.is_empty(), "{question:?}");
    }
    let output = bench.gate().current_dir(empty.path()).args(["run", "lab"]).args(touch).output().unwrap();
    assert_eq!(told(&output), (Some(125), String::new()));
    // nothing to start
    for question in [&["run", "lab"][..], &["run", "lab", "--"], &["run", "lab", "touch", "started"]] {
        assert_eq!(told(&bench.run(question)), (Some(125), String::new()), "{question:?}");
    }
    assert!(!bench.exists("started"));
    assert!(!empty.path().join("started").exists());
}

#[test]
fn a_program_that_cannot_be_started_is_told_as_env_does() {
    let bench = Bench::new(POLICY);
    fs::write(bench.path().join("plain"), "#!/bin/sh\n").unwrap();
    fs::create_dir(bench.path().join("folder")).unwrap();
    fs::write(bench.path().join("broken"), "").unwrap();
    bench.program("broken", "#!/no/such/interpreter\n");
    for (program, status) in
        [("./missing", 127), ("no-such-program", 127), ("", 127), ("./plain", 126), ("./folder", 126), ("plain/x", 126)]
    {
        let env = clean::command("env", bench.path(), bench.path()).arg(program).output().unwrap();
        // env(1) of an empty name reports that there is none, too
        assert_eq!(env.status.code(), Some(status), "env {program:?}");
        for (environment, more) in
            [("lab", &[][..]), ("vault", &[]), ("lab", &["--dry-run"]), ("vault", &["--dry-run"])]
        {
            let options = [&["run", environment, "--record", "record.jsonl"], more, &["--", program]].concat();
            let output = bench.run(&options);
            assert_eq!(told(&output), (Some(status), String::new()), "{program:?}");
            assert!(text(&output.stderr).starts_with("freezegate: "), "{program:?}: {}", text(&output.stderr));
        }
    }
    assert!(!bench.exists("record.jsonl"));
    // that an interpreter is missing shows only when the program is started
    let output = bench.run(&["run", "lab", "--record", "record.jsonl", "--", "./broken"]);
    assert_eq!(told(&output), (Some(127), String::new()));
    assert!(text(&output.stderr).contains("the interpreter that `./broken` names"), "{}", text(&output.stderr));
    assert!(bench.read("record.jsonl").contains("\"decision\":\"allowed\""));
}

#[test]
fn the_program_is_looked_for_in_path_as_the_shell_does() {
    let bench = Bench::new(POLICY);
    fs::create_dir_all(bench.path().join("a/tool")).unwrap();
    fs::create_dir(bench.path().join("b")).unwrap();
    fs::create_dir(bench.path().join("c")).unwrap();
    fs::write(bench.path().join("b/tool"), "no program").unwrap();
    bench.program("c/tool", "#!/bin/sh\necho \"c $0\"\n");
    bench.program("tool", "echo \"here $0\"\n");
    let start = |path: &str| {
        let output = bench.gate().env("PATH", path).args(["run", "lab", "--", "tool"]).output().unwrap();
        (output.status.code(), text(&output.stdout))
    };
    assert_eq!(start("a:b:freezegate.toml:c"), (Some(0), "c c/tool\n".to_owned()));
    // an empty folder is the working directory; a script without an interpreter is the shell's
    assert_eq!(start("a::c"), (Some(0), "here ./tool\n".to_owned()));
    assert_eq!(start("a:b"), (Some(126), String::new()));
    assert_eq!(start("freezegate.toml"), (Some(127), String::new()));
    let output = bench.gate().env_remove("PATH").args(["run", "lab", "--", "echo", "found"]).output().unwrap();
    assert_eq!(told(&output), (Some(0), "found\n".to_owned()));
}

#[test]
fn it_becomes_the_command() {
    let bench = Bench::new(POLICY);
    let child = bench.gate().args(["run", "lab", "--", "sh", "-c", "echo $$"]).stdout(Stdio::piped()).spawn().unwrap();
    let process = child.id();
    assert_eq!(text(&child.wait_with_output().unwrap().stdout), format!("{process}\n"));
    for (signal, number) in [("TERM", 15), ("PIPE", 13), ("INT", 2)] {
        // whoever starts the tests may have them ignore signals, which programs inherit
        let mut command = clean::command("env", bench.path(), bench.path());
        command.arg("--default-signal").arg(env!("CARGO_BIN_EXE_freezegate"));
        command.args(["run", "lab", "--", "sh", "-c", &format!("kill -{signal} $$; sleep 60")]);
        let output = command.output().unwrap();
        assert_eq!(output.status.signal(), Some(number), "{signal}");
    }
    let mut child =
        bench.gate().args(["run", "lab", "--", "cat"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"all of\n\xff\0 it").unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"all of\n\xff\0 it");
}

#[test]
fn arguments_are_handed_on_as_they_are() {
    let bench = Bench::new(POLICY);
    let odd: Vec<OsString> = [&b""[..], b"--dry-run", b"--", b"a b", b"\xff\xfe", b"$HOME", b"*", b"-x"]
        .iter()
        .map(|one| OsString::from_vec(one.to_vec()))
        .collect();
    let mut arguments: Vec<OsString> = ["run", "lab", "--", "printf", "%s\\n"].map(OsString::from).to_vec();
    arguments.extend(odd.iter().cloned());
    let output = bench.run(&arguments);
    let mut expected = Vec::new();
    for one in &odd {
        expected.extend_from_slice(one.as_bytes());
        expected.push(b'\n');
    }
    assert_eq!((output.status.code(), output.stdout), (Some(0), expected));
}

#[test]
fn machines_read_the_answer_from_standard_error() {
    let bench = Bench::new(POLICY);
    for (environment, status, decision) in
        [("lab", 0, "allowed"), ("vault", 125, "refused"), ("elsewhere", 125, "undecided")]
    {
        let output = bench.run(&["run", environment, "--format", "json", "--", "echo", "started"]);
        let printed = if status == 0 { "started\n" } else { "" };
        assert_eq!(told(&output), (Some(status), printed.to_owned()), "{environment}");
        let answer: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(answer.get("decision").unwrap(), decision);
        assert_eq!(answer.get("mode").unwrap(), "run");
    }
    let output = bench.run(&["run", "vault", "--format", "json", "--output", "answer.json", "--", "echo", "started"]);
    assert_eq!(told(&output), (Some(125), String::new()));
    let answer: Value = serde_json::from_str(&bench.read("answer.json")).unwrap();
    assert_eq!(answer.get("decision").unwrap(), "refused");
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_that_cannot_be_written_starts_nothing() {
    let bench = Bench::new(POLICY);
    for arguments in [&["--format", "json"][..], &["--format", "json", "--output", "/dev/full"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut gate = bench.gate();
        let output = gate.args(["run", "lab"]).args(arguments).args(["--", "touch", "started"]).stderr(full);
        assert_eq!(told(&output.output().unwrap()), (Some(125), String::new()));
        assert!(!bench.exists("started"));
    }
}

#[test]
fn a_dry_run_starts_nothing_and_records_nothing() {
    let bench = Bench::new(POLICY);
    for (environment, word) in [("lab", "allowed"), ("vault", "refused")] {
        let options = ["run", environment, "--dry-run", "--record", "record.jsonl", "--", "touch", "started"];
        let output = bench.run(&options);
        assert_eq!(told(&output), (Some(0), String::new()));
        assert!(text(&output.stderr).contains(&format!("{word}: ")), "{}", text(&output.stderr));
        assert!(!bench.exists("started"));
    }
    let output = bench.run(&["run", "vault", "--dry-run", "--at", "1999-12-31T12:00:00Z", "--", "touch", "started"]);
    assert!(text(&output.stderr).contains("allowed: "), "{}", text(&output.stderr));
    assert!(!bench.exists("started"));
    assert!(!bench.exists("record.jsonl"));
}

#[test]
fn what_is_recorded_is_the_program_and_a_digest_of_the_arguments() {
    let bench = Bench::new(POLICY);
    bench.program("login", "#!/bin/sh\ngrep -c permitted record.jsonl >/dev/null; wc -l <record.jsonl\n");
    let record = |environment: &str, argument: &str| {
        bench.run(&["run", environment, "--record", "record.jsonl", "--", "./login", argument])
    };
    // it is recorded before it is started
    assert_eq!(told(&record("lab", "--password=open-sesame")), (Some(0), "1\n".to_owned()));
    assert_eq!(told(&record("vault", "--password=open-sesame")), (Some(125), String::new()));
    assert_eq!(told(&record("lab", "--password=other")), (Some(0), "3\n".to_owned()));
    let lines = bench.read("record.jsonl");
    assert!(!lines.contains("sesame"), "{lines}");
    let entries: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |number: usize, pointer: &str| entries.get(number).unwrap().pointer(pointer).unwrap().clone();
    assert_eq!([0, 1, 2].map(|number| of(number, "/decided/mode")), ["run", "run", "run"]);
    assert_eq!([0, 1, 2].map(|number| of(number, "/decided/decision")), ["allowed", "refused", "allowed"]);
    let program = of(0, "/decided/command/program");
    assert!(program.as_str().unwrap().ends_with("/./login"), "{program}");
    let digest = "/decided/command/sha256";
    assert_eq!(of(0, digest), of(1, digest));
    assert_ne!(of(0, digest), of(2, digest));
    assert_eq!(told(&bench.run(&["record", "verify", "record.jsonl"])).0, Some(0));
    let shown = text(&bench.run(&["record", "show", "record.jsonl"]).stdout);
    assert!(shown.contains("/login (arguments: "), "{shown}");
}

/// A policy whose targets know commands; production is closed.
const TARGETS: &str = r#"version = 1

[regions.eu]
timezones = ["Europe/Berlin"]

[regions.us]
timezones = ["America/New_York"]

[environments.production]
regions = ["eu", "us"]

[environments.lab]

[services.fleet]

[[targets]]
command = ["reboot-fleet", "--env={environment}", "--pod={region}", "**"]
service = "fleet"
kind    = "maintenance"

[[targets]]
command     = ["failover", "**", "--primary=*/db"]
environment = "production"

[[freezes]]
name         = "sealed"
from         = 2000-01-01T00:00:00
until        = 8000-01-01T00:00:00
timezone     = "UTC"
environments = ["production"]
"#;

/// A folder with that policy and the programs that it knows.
fn fleet() -> Bench {
    let bench = Bench::new(TARGETS);
    bench.program("reboot-fleet", "#!/bin/sh\necho rebooting\n");
    bench.program("failover", "#!/bin/sh\necho failing over\n");
    bench
}

/// The code of each finding, where nothing was started; no finding where there was no decision.
fn findings(bench: &Bench, arguments: &[&str]) -> Vec<String> {
    let output = bench.run(&[&["run", "--format", "json"], arguments].concat());
    assert_eq!(told(&output), (Some(125), String::new()), "{arguments:?}");
    let answer: Value = serde_json::from_slice(&output.stderr).unwrap();
    let findings = answer.get("findings").and_then(Value::as_array).cloned().unwrap_or_default();
    findings.iter().map(|one| one.get("code").unwrap().as_str().unwrap().to_owned()).collect()
}

#[test]
fn targets_know_where_a_command_goes() {
    let bench = fleet();
    for prefix in [&[][..], &["env", "A=1"], &["nice", "-n", "5", "env", "-u", "HOME"], &["timeout", "--", "60"]] {
        let question = |environment: &str, pod: &str| -> Vec<String> {
            let words = ["./reboot-fleet", &format!("--env={environment}"), &format!("--pod={pod}"), "--now"];
            [&["--"], prefix, &words[..]].concat().into_iter().map(str::to_owned).collect()
        };
        let lab: Vec<String> = ["run".to_owned()].into_iter().chain(question("lab", "us")).collect();
        assert_eq!(told(&bench.run(&lab)), (Some(0), "rebooting\n".to_owned()), "{prefix:?}");
        let production = question("production", "us");
        let production: Vec<&str> = production.iter().map(String::as_str).collect();
        assert_eq!(findings(&bench, &production), ["freeze"], "{prefix:?}");
        // what is said does not narrow what is shown
        let said = [&["lab"], &production[..]].concat();
        assert_eq!(findings(&bench, &said), ["target-mismatch", "freeze"], "{prefix:?}");
        let said = [&["production", "--region", "eu"], &production[..]].concat();
        assert!(findings(&bench, &said).contains(&"target-mismatch".to_owned()), "{prefix:?}");
        let elsewhere = question("elsewhere", "us");
        let elsewhere: Vec<&str> = elsewhere.iter().map(String::as_str).collect();
        assert_eq!(findings(&bench, &elsewhere), ["unknown-target"], "{prefix:?}");
    }
    assert_eq!(findings(&bench, &["--", "./failover", "a", "b", "--primary=eu/1/db"]), ["freeze"]);
}

#[test]
fn a_command_of_which_nothing_says_where_it_goes_is_not_started() {
    let bench = fleet();
    for (command, said) in [
        (&["./reboot-fleet", "--pod=us", "--env=production"][..], "nothing says where `reboot-fleet` goes"),
        (&["./reboot-fleet --env=lab --pod=us"], "can't find the program"),
        (&["./failover", "--primary=eu"], "nothing says where `failover` goes"),
        (&["sh", "-c", "./reboot-fleet --env=production --pod=us"], "put `freezegate run` inside"),
        (&["nice", "xargs", "./reboot-fleet"], "put `freezegate run` inside"),
        (&["env", "-S", "./reboot-fleet"], "`-S` of `env` is not known here"),
    ] {
        let output = bench.run(&[&["run", "--"], command].concat());
        let errors = text(&output.stderr);
        assert!(errors.contains(said), "{command:?}: {errors}");
        assert!(!output.status.success() && output.stdout.is_empty(), "{command:?}");
    }
    // judged as it is said to be, where nothing is hidden from a target that asks
    for command in [&["sh", "-c", "echo done"][..], &["echo", "done"]] {
        let output = bench.run(&[&["run", "lab", "--"], command].concat());
        assert_eq!(told(&output), (Some(0), "done\n".to_owned()), "{command:?}");
        assert_eq!(findings(&bench, &[&["production", "--"], command].concat()), ["freeze"], "{command:?}");
    }
    let output = bench.run(&["run", "lab", "--", "env", "-S", "echo done"]);
    assert_eq!(told(&output), (Some(125), String::new()));
}

#[test]
fn help_is_printed_to_standard_output() {
    let bench = Bench::new(POLICY);
    let (status, help) = told(&bench.run(&["run", "--help"]));
    assert_eq!(status, Some(0));
    assert!(help.contains("125 not started"), "{help}");
}

#[test]
fn what_only_reads_is_started_without_any_target() {
    let bench = Bench::new(POLICY);
    bench.program("kubectl", "#!/bin/sh\necho started \"$@\"\n");
    let run = |arguments: &str| bench.run(&arguments.split(' ').collect::<Vec<_>>());
    let reading = run("run -- ./kubectl get pods");
    assert_eq!((told(&reading), text(&reading.stderr)), ((Some(0), "started get pods\n".to_owned()), String::new()));
    assert_eq!(told(&run("run vault -- ./kubectl get pods")), (Some(125), String::new()));
    // what is to be typed runs as it is printed
    let writing = run("run -- ./kubectl delete pod x --context a");
    assert_eq!(told(&writing), (Some(125), String::new()));
    let errors = text(&writing.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        errors.contains("nothing says where `kubectl` goes: no `[[targets]]` entry matches context `a`"),
        "{errors}"
    );
    assert!(errors.contains("name an environment, such as `freezegate run lab -- …`, or add a target"), "{errors}");
}

/// A policy whose targets know contexts; production is closed.
const CONTEXTS: &str = r#"version = 1

[environments.production]

[environments.staging]

[[targets]]
contexts = ["{environment}-eu"]

[[freezes]]
name         = "sealed"
from         = 2000-01-01T00:00:00
until        = 8000-01-01T00:00:00
timezone     = "UTC"
environments = ["production"]
"#;

#[test]
fn a_tool_is_started_by_what_it_acts_on() {
    let bench = Bench::new(CONTEXTS);
    bench.program("kubectl", "#!/bin/sh\necho started \"$@\"\n");
    let config = "current-context: production-eu\ncontexts: [{name: production-eu, context: {cluster: c}}, {name: staging-eu}]\n\
                  clusters: [{name: c, cluster: {server: 'https://10.0.0.1'}}]\n";
    fs::write(bench.path().join("config"), config).unwrap();
    let run = |arguments: &str| {
        let mut gate = bench.gate();
        gate.env("KUBECONFIG", bench.path().join("config")).args(arguments.split(' '));
        gate.output().unwrap()
    };
    // what is said, in one line
    let said = |output: &Output| text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    let refused = run("run -- ./kubectl delete pod x");
    assert_eq!(told(&refused), (Some(125), String::new()));
    assert!(said(&refused).contains("refused: production is frozen"), "{}", text(&refused.stderr));
    assert!(
        said(&refused).contains("reached by the command kubectl (context production-eu)"),
        "{}",
        text(&refused.stderr)
    );
    let mismatch = run("run staging -- ./kubectl delete pod x");
    assert!(said(&mismatch).contains("you said `staging`, this reaches `production`"), "{}", text(&mismatch.stderr));
    let allowed = run("run -- ./kubectl delete pod x --context staging-eu");
    assert_eq!(told(&allowed), (Some(0), "started delete pod x --context staging-eu\n".to_owned()));
    // what only reads is started, wherever it goes
    let reading = run("run -- ./kubectl get pods");
    assert_eq!((told(&reading), text(&reading.stderr)), ((Some(0), "started get pods\n".to_owned()), String::new()));
    // what is not understood, and what no target has
    let doubt = run("run -- ./kubectl delete pod x --conte prod");
    assert_eq!(told(&doubt), (Some(125), String::new()));
    assert!(said(&doubt).contains("the context that `kubectl` acts on is not known"), "{}", text(&doubt.stderr));
    let nowhere = run("run -- ./kubectl delete pod x --context other --cluster c");
    assert_eq!(told(&nowhere), (Some(125), String::new()));
    assert!(said(&nowhere).contains("no `[[targets]]` entry matches context `other`"), "{}", text(&nowhere.stderr));
    fs::write(bench.path().join("config"), vec![b'#'; (1 << 20) + 1]).unwrap();
    let large = run("run -- ./kubectl delete pod x");
    assert_eq!(told(&large), (Some(125), String::new()));
    assert!(said(&large).contains("has more than 1 MiB"), "{}", text(&large.stderr));
}

#[test]
fn a_person_at_a_terminal_sees_what_was_understood_before_it_starts() {
    let bench = Bench::new(CONTEXTS);
    bench.program("kubectl", "#!/bin/sh\necho started\n");
    let program = env!("CARGO_BIN_EXE_freezegate");
    let line = format!("{program} run -- ./kubectl delete pod x --context staging-eu");
    let mut command = clean::command("script", bench.path(), bench.path());
    let output = command.env("TERM", "xterm").env("NO_COLOR", "1").args(["-qec", &line, "/dev/null"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let printed = text(&output.stdout);
    let place = |part: &str| printed.find(part).unwrap_or_else(|| panic!("{part}: {printed}"));
    assert!(place("allowed: `staging` may change now") < place("started"), "{printed}");
    assert!(place("the command kubectl") < place("started"), "{printed}");
}

/// Who starts `kubectl delete pod x` with a kubeconfig that can't be read, or that leads in circles, gets one message, and nothing is run:
/// neither kubectl nor the plugin for credentials that the kubeconfig names.
#[test]
fn what_a_tool_would_read_and_the_gate_cannot_starts_nothing() {
    let bench = Bench::new(CONTEXTS);
    bench.program("kubectl", "#!/bin/sh\ntouch started\n");
    bench.program("plugin", "#!/bin/sh\ntouch asked\n");
    let plugin = bench.path().join("plugin");
    let user = format!("users: [{{name: u, user: {{exec: {{command: '{}'}}}}}}]\n", plugin.display());
    let contexts = "contexts: [{name: staging-eu, context: {cluster: c, user: u}}]\n";
    let config = format!("current-context: staging-eu\n{user}");
    let write = |name: &str, bytes: &[u8]| fs::write(bench.path().join(name), bytes).unwrap();
    write("good", format!("{config}{contexts}").as_bytes());
    write("large", format!("{config}{contexts}#{}\n", "x".repeat(1 << 20)).as_bytes());
    write(
        "anchors",
        format!("{config}contexts: &a [{{name: staging-eu, context: {{cluster: c}}}}]\nx: *a\n").as_bytes(),
    );
    write("circle", format!("{config}contexts: &a [*a]\n").as_bytes());
    // each line stands for nine of the line before
    let bomb = ('b'..='i')
        .zip('a'..='h')
        .map(|(this, last)| format!("{this}: &{this} [{}]\n", vec![format!("*{last}"); 9].join(",")));
    write("bomb", format!("a: &a [x]\n{}", bomb.collect::<String>()).as_bytes());
    write("deep", "[".repeat(100_000).as_bytes());
    write("twice", format!("{config}contexts: [{{name: staging-eu}}, {{name: staging-eu}}]\n").as_bytes());
    write("keys", format!("{config}{contexts}{contexts}").as_bytes());
    write("bytes", b"current-context: \xff\xfe\n");
    fs::create_dir(bench.path().join("folder")).unwrap();
    let made = Command::new("mkfifo").arg(bench.path().join("pipe")).status().unwrap();
    assert!(made.success());
    std::os::unix::fs::symlink("loop", bench.path().join("loop")).unwrap();
    let run = |config: &str, arguments: &[&[u8]]| {
        let arguments = arguments.iter().map(|one| OsStr::from_bytes(one));
        let mut gate = bench.gate();
        gate.env("KUBECONFIG", config).args(["run", "--", "./kubectl"]).args(arguments).output().unwrap()
    };
    for (config, cause) in [
        ("large", "has more than 1 MiB"),
        ("anchors", "is not a readable kubeconfig"),
        ("circle", "is not a readable kubeconfig"),
        ("bomb", "is not a readable kubeconfig"),
        ("deep", "is not a readable kubeconfig"),
        ("twice", "has the context `staging-eu` twice"),
        ("keys", "is not a readable kubeconfig"),
        ("bytes", "is not a readable kubeconfig"),
        ("folder", "it is not a file"),
        ("pipe", "it is not a file"),
        ("loop", "can't be read"),
        ("good/below:large", "has more than 1 MiB"),
    ] {
        let output = run(config, &[b"delete", b"pod", b"x"]);
        let errors = text(&output.stderr);
        assert_eq!(told(&output), (Some(125), String::new()), "{config}: {errors}");
        assert_eq!(errors.matches("error[").count(), 1, "{config}: {errors}");
        let line = errors.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            line.contains("the context that `kubectl` acts on is not known: ") && line.contains(cause),
            "{config}: {errors}"
        );
        assert!(line.contains("help: name ") && line.ends_with("not started: ./kubectl"), "{config}: {errors}");
    }
    // words that are not text, that are empty, and that look like options: each is judged, and refused where it hides an option
    for (arguments, status) in [
        (&[&b"delete"[..], b"pod", b"\xff\xfe"][..], 0),
        (&[b"delete", b"pod", b""], 0),
        (&[b"delete", b"pod", b"--", b"-x", b"--context", b"production-eu"], 0),
        (&[b"delete", b"pod", b"x", b"--context=\xff"], 125),
        (&[b"delete", b"pod", b"x", b"--\xff"], 125),
        (&[b"delete", b"pod", b"x", b"--context", b""], 0),
        (&[b"delete", b"pod", b"x", b"-"], 0),
        (&[b"", b"delete", b"pod", b"x"], 0),
    ] {
        let output = run("good", arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(bench.exists("started"), status == 0, "{arguments:?}");
        if status == 0 {
            fs::remove_file(bench.path().join("started")).unwrap();
        }
    }
    assert!(!bench.exists("asked"));
}

/// A folder of manifests is read as kubectl reads it, from the disk.
#[test]
fn the_objects_of_a_folder_say_where_a_command_goes() {
    let target = |name: &str| format!("namespaces = [\"{name}\"]\nenvironment = \"{name}\"");
    let targets = format!("{}\n\n[[targets]]\n{}", target("production"), target("staging"));
    let policy = CONTEXTS.replace("contexts = [\"{environment}-eu\"]", &targets);
    let bench = Bench::new(&policy);
    bench.program("kubectl", "#!/bin/sh\ntouch started\n");
    fs::create_dir_all(bench.path().join("objects/sub")).unwrap();
    let write = |name: &str, namespace: &str| {
        fs::write(bench.path().join(name), format!("metadata: {{namespace: {namespace}}}\n")).unwrap();
    };
    write("objects/a.yaml", "staging");
    write("objects/note.txt", "production");
    write("objects/sub/b.json", "production");
    std::os::unix::fs::symlink("sub", bench.path().join("objects/link")).unwrap();
    let run = |arguments: &str| {
        let output = bench.run(&format!("run -- ./kubectl apply -f {arguments}").split(' ').collect::<Vec<_>>());
        (output.status.code(), text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" "))
    };
    assert_eq!(run("objects"), (Some(0), String::new()));
    let (status, errors) = run("objects -R");
    assert!(status == Some(125) && errors.contains("namespace default or production or staging"), "{errors}");
    // links in the folder to files are read, and links to folders are not
    std::os::unix::fs::symlink("sub/b.json", bench.path().join("objects/c.json")).unwrap();
    let (status, errors) = run("objects");
    assert!(status == Some(125) && errors.contains("refused: production is frozen"), "{errors}");
}
