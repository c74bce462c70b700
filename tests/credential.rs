//! `credential` as kubectl and aws start it, and `hook agent` as coding assistants do.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't run the program should fail")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::clean;
use crate::support::clock::FAKETIME;

/// Production is closed from 2030 on, the vault always; servers say where a credential is for.
const POLICY: &str = r#"version = 1

[environments.production]

[environments.vault]

[[targets]]
servers     = ["https://10.0.0.9:6443"]
environment = "vault"

[[targets]]
contexts = ["{environment}-eu"]

[[targets]]
command     = ["reboot-fleet", "**"]
environment = "vault"

[[targets]]
refs        = ["refs/heads/main"]
environment = "vault"

[[freezes]]
name         = "later"
from         = 2030-01-01T00:00:00
until        = 8000-01-01T00:00:00
timezone     = "UTC"
environments = ["production"]

[[freezes]]
name         = "sealed"
from         = 2000-01-01T00:00:00
until        = 8000-01-01T00:00:00
timezone     = "UTC"
environments = ["vault"]
"#;

/// The variable by which kubectl tells its plugin what it asks for.
const PASSED: &str = "KUBERNETES_EXEC_INFO";

/// What kubectl passes, with the cluster that it asks for.
fn asks_for(cluster: &Value) -> String {
    json!({ "kind": "ExecCredential", "spec": { "cluster": cluster } }).to_string()
}

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("freezegate.toml"), POLICY).unwrap();
        let config = "clusters: [{name: c, cluster: {server: 'https://10.0.0.1:6443'}}]\ncontexts:\n".to_owned();
        let names = ["production-eu", "vault-eu", "kind-local"];
        let contexts = names.map(|name| format!("- {{name: {name}, context: {{cluster: c}}}}\n"));
        fs::create_dir(folder.path().join(".kube")).unwrap();
        fs::write(folder.path().join(".kube/config"), config + &contexts.concat()).unwrap();
        let desk = Self { folder };
        let kube =
            r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"secret"}}"#;
        desk.program("kube", &format!("#!/bin/sh\ntouch asked\necho '{kube}'\n"));
        let aws = r#"{"Version":1,"AccessKeyId":"key","SecretAccessKey":"secret","Expiration":"2099-01-01T00:00:00Z"}"#;
        desk.program("aws", &format!("#!/bin/sh\ntouch asked\necho '{aws}'\n"));
        desk.program("broken", "#!/bin/sh\necho no credential >&2\nexit 3\n");
        desk
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The gate at the end of 2029, an hour before production closes; kubectl passes its server.
    fn gate(&self, arguments: &str) -> Command {
        let mut command = clean::command(FAKETIME, self.path(), self.path());
        command.env("COLUMNS", "100").args(["-f", "2029-12-31 23:00:00"]).env("TZ", "UTC");
        command.arg(env!("CARGO_BIN_EXE_freezegate")).args(arguments.split(' '));
        command.env(PASSED, asks_for(&json!({ "server": "https://10.0.0.1:6443" })));
        command
    }

    fn run(&self, arguments: &str) -> Output {
        self.gate(arguments).output().unwrap()
    }

    fn was_asked(&self) -> bool {
        fs::remove_file(self.path().join("asked")).is_ok()
    }

    /// Returns what the hook of an assistant says of a line of a shell.
    fn agent(&self, call: &Value) -> Output {
        let mut command = self.gate("hook agent");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(call.to_string().as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_credential_is_passed_on_and_ends_with_the_answer() {
    let desk = Desk::new();
    let given = desk.run("credential kube production -- ./kube");
    assert_eq!((given.status.code(), text(&given.stderr)), (Some(0), String::new()));
    let given: Value = serde_json::from_slice(&given.stdout).unwrap();
    assert_eq!(given["status"], json!({ "token": "secret", "expirationTimestamp": "2030-01-01T00:00:00Z" }));
    let given = desk.run("credential aws production -- ./aws");
    let given: Value = serde_json::from_slice(&given.stdout).unwrap();
    assert_eq!((&given["AccessKeyId"], &given["Expiration"]), (&json!("key"), &json!("2030-01-01T00:00:00Z")));
}

#[test]
fn a_refusal_gives_no_credential_and_asks_no_provider() {
    let desk = Desk::new();
    for kind in ["kube", "aws"] {
        let refused = desk.run(&format!("credential {kind} vault -- ./{kind}"));
        assert_eq!((refused.status.code(), text(&refused.stdout)), (Some(1), String::new()));
        assert!(text(&refused.stderr).contains("refused: vault is frozen"), "{}", text(&refused.stderr));
        assert!(!desk.was_asked());
    }
}

#[test]
fn the_server_of_a_credential_is_judged_too() {
    let desk = Desk::new();
    let ask = |server: &str| {
        let info = asks_for(&json!({ "server": server }));
        desk.gate("credential kube production -- ./kube").env(PASSED, info).output().unwrap()
    };
    assert_eq!(ask("https://10.0.0.1:6443").status.code(), Some(0));
    assert!(desk.was_asked());
    let refused = ask("https://10.0.0.9:6443/");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("you said `production`, this reaches `vault`"), "{}", text(&refused.stderr));
    assert!(!desk.was_asked());
    let broken = desk.gate("credential kube production -- ./kube").env(PASSED, "{").output().unwrap();
    assert_eq!(broken.status.code(), Some(2));
    assert!(!desk.was_asked());
}

/// A target that asks for the server could be the vault's.
#[test]
fn a_server_that_kubectl_does_not_pass_gives_no_decision_where_targets_ask_for_it() {
    let desk = Desk::new();
    let ask = || {
        let gate = || desk.gate("credential kube production -- ./kube");
        let (mut without, mut passed_none, mut passed_empty) = (gate(), gate(), gate());
        without.env_remove(PASSED);
        passed_none.env(PASSED, asks_for(&Value::Null));
        passed_empty.env(PASSED, asks_for(&json!({ "server": "" })));
        [without, passed_none, passed_empty]
    };
    for mut command in ask() {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains("provideClusterInfo: true"), "{said}");
        assert!(!desk.was_asked());
    }
    let policy = POLICY.replace("servers     = [\"https://10.0.0.9:6443\"]", "contexts    = [\"vault-*\"]");
    fs::write(desk.path().join("freezegate.toml"), policy).unwrap();
    for mut command in ask() {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(desk.was_asked());
    }
}

#[test]
fn without_a_decision_or_a_credential_there_is_none() {
    let desk = Desk::new();
    for (arguments, cause) in [
        ("credential kube -- ./kube", "needs an environment"),
        ("credential kube nowhere -- ./kube", "nowhere"),
        ("credential kube production -- ./missing", "can't find the program"),
        ("credential kube production --at 2029-01-01T00:00:00Z -- ./kube", "`--at`"),
        ("credential kube production -- ./broken", "ended with"),
        ("credential kube production -- ./aws", "ExecCredential"),
        ("credential aws production -- ./kube", "AccessKeyId"),
    ] {
        let output = desk.run(arguments);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{arguments}");
        assert!(text(&output.stderr).contains(cause), "{arguments}: {}", text(&output.stderr));
    }
}

#[test]
fn an_assistant_may_run_what_reaches_nothing_closed() {
    let desk = Desk::new();
    for (line, blocked) in [
        ("ls -la && echo $HOME", None),
        ("kubectl get pods --context vault-eu", None),
        ("kubectl delete pod x --context production-eu", None),
        ("kubectl delete pod x --context kind-local", None),
        ("kubectl delete pod x --context vault-eu", Some("refused: vault is frozen")),
        ("cd sub; A=1 timeout 5 kubectl delete pod x --context vault-eu | cat", Some("refused: vault is frozen")),
        ("bash -c 'kubectl delete pod x --context vault-eu'", Some("refused: vault is frozen")),
        ("kubectl delete pod x --context $CONTEXT", Some("not understood: an expansion")),
        ("for i in 1 2; do kubectl delete pod $i; done", Some("not understood")),
        ("kubectl delete pod x --conte vault-eu", Some("is not known")),
        ("xargs kubectl delete pod", Some("not understood")),
        ("reboot-fleet --now", Some("refused: vault is frozen")),
        ("reboot-fleet $(hosts)", Some("what this does with `reboot-fleet` is not understood")),
        ("echo $(hosts)", None),
        ("git status", None),
        ("git stash push", None),
        ("git commit -m push", None),
        ("find . -name x", None),
        ("git push --no-verify", Some("--no-verify")),
        ("git -C other push", Some("is not understood")),
        ("cd other && git push", Some("is not understood")),
    ] {
        let output = desk
            .agent(&json!({ "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": { "command": line } }));
        let told = text(&output.stderr);
        assert_eq!(text(&output.stdout), "", "{line}");
        match blocked {
            None => assert_eq!((output.status.code(), told.as_str()), (Some(0), ""), "{line}"),
            Some(cause) => {
                assert_eq!(output.status.code(), Some(2), "{line}: {told}");
                assert!(told.contains(cause), "{line}: {told}");
            }
        }
    }
    // other assistants, other tools, and what is not a call
    assert_eq!(desk.agent(&json!({ "command": "kubectl delete pod x --context vault-eu" })).status.code(), Some(2));
    assert_eq!(desk.agent(&json!({ "tool_name": "Read", "tool_input": { "file_path": "a" } })).status.code(), Some(0));
    assert_eq!(desk.agent(&json!("text")).status.code(), Some(2));
}

#[test]
fn an_assistants_push_is_judged_by_the_refs_that_it_names() {
    let desk = Desk::new();
    let git = |arguments: &str| {
        let mut command = clean::command("git", desk.path(), desk.path());
        let identity = ["-c", "user.name=ada", "-c", "user.email=ada@example.com"];
        assert!(command.args(identity).args(arguments.split(' ')).output().unwrap().status.success(), "{arguments}");
    };
    git("init -q -b work");
    git("add freezegate.toml");
    git("commit -qm first");
    git("remote add origin .");
    let ask = |line: &str| desk.agent(&json!({ "tool_input": { "command": line }, "cwd": desk.path() }));
    for (line, status) in [
        ("git push origin work", 0),
        ("git push", 0),
        ("git push origin work:main", 2),
        ("git push origin HEAD:refs/heads/main", 2),
    ] {
        let output = ask(line);
        assert_eq!(output.status.code(), Some(status), "{line}: {}", text(&output.stderr));
    }
    assert_eq!(ask("git push --all").status.code(), Some(2));
    assert_eq!(ask("git push origin missing").status.code(), Some(2));
}
