//! `freezegate export`, as people and jobs run it. What it writes is tested in the library.

#![expect(clippy::unwrap_used, reason = "a test that can't do its work should fail")]

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::clean::command;

const POLICY: &str = "version = 1
[regions.us]
timezones  = [\"America/New_York\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
[regions.eu]
timezones  = [\"Europe/Berlin\"]
core_hours = [\"Mon-Fri 08:00-18:00\"]
[environments.production]
aliases = [\"prod\"]
[environments.staging]
regions = [\"eu\"]
exempt = []
";

fn run(folder: &Path, arguments: &str) -> (Option<i32>, String, String) {
    fs::write(folder.join("freezegate.toml"), POLICY).unwrap();
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder, folder);
    let ended = program.args(arguments.split_whitespace()).env("COLUMNS", "120").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

#[test]
fn it_writes_windows_for_the_applications_that_are_asked_for() {
    let folder = TempDir::new().unwrap();
    let (status, printed, errors) =
        run(folder.path(), "export argocd --applications {environment}-{region}-* --stricter");
    assert_eq!(status, Some(0), "{errors}");
    for pattern in ["production-us-*", "production-eu-*", "staging-eu-*"] {
        assert_eq!(printed.matches(&format!("applications: [\"{pattern}\"]")).count(), 1, "{printed}");
    }
    assert!(errors.starts_with("warning[inexact]: changes of the kinds `rollback` pass"), "{errors}");
    let (status, printed, errors) = run(folder.path(), "export argocd staging --clusters eu-1 --output windows.yaml");
    assert_eq!((status, printed.as_str(), errors.as_str()), (Some(0), "", ""));
    let written = fs::read_to_string(folder.path().join("windows.yaml")).unwrap();
    assert!(written.contains("timeZone: Europe/Berlin\n      clusters: [\"eu-1\"]\n"), "{written}");
    let (status, printed, errors) = run(folder.path(), "export gitlab prod --region us --stricter");
    assert_eq!(status, Some(0), "{errors}");
    assert_eq!(
        printed,
        "[\n  {\"freeze_start\":\"0 8 * * 1-5\",\"freeze_end\":\"0 18 * * 1-5\",\"cron_timezone\":\"America/New_York\"}\n]\n"
    );
}

#[test]
fn what_it_cannot_write_is_an_error_with_a_way_out() {
    let folder = TempDir::new().unwrap();
    for (arguments, cause, help) in [
        ("export gitlab", "2 environments, and a freeze period is for the whole project", "name one environment"),
        ("export gitlab staging --clusters one", "`--clusters` is for Argo CD only", "leave it out"),
        ("export argocd --stricter", "nothing says which applications are whose", "--applications '{environment}-*'"),
        ("export argocd staging --region us", "`staging` serves none of the regions", "leave out `--region`"),
        ("export argocd prodution", "there is no environment `prodution`", "did you mean `production`?"),
        ("export argocd production", "changes of the kinds `rollback` pass", "`--stricter` exports"),
        ("export argocd staging --clusters a --applications b", "cannot be used with", ""),
    ] {
        let (status, printed, errors) = run(folder.path(), arguments);
        assert_eq!((status, printed.as_str()), (Some(2), ""), "{arguments}: {errors}");
        assert!(errors.contains(cause) && errors.contains(help), "{arguments}: {errors}");
    }
}
