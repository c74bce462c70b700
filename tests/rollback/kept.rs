//! What comes after a decision is kept: nothing that can fail.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::record::project::Project;
use crate::rollback::base::{MONDAY, POLICY, SUNDAY};

const RECORD: &str = "refs/freezegate/record";

const FORMATS: [&str; 6] = ["text", "json", "github", "gitlab", "junit", "markdown"];

/// A project with two states of production in a record in a ref of its own repository, at the newer one.
fn deployed_twice() -> (Project, String, String) {
    let project = Project::with_policy(POLICY);
    let begin = project.git(&["rev-parse", "HEAD"]);
    let first = project.commit("deploy/production/a", "one");
    let ended = project.job(SUNDAY, &begin, &[], &["--record", RECORD]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let second = project.commit("deploy/production/a", "two");
    let ended = project.job("2025-07-13 13:00:00", &first, &[], &["--record", RECORD]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    (project, first, second)
}

/// A folder with a git that takes the whole repository away as soon as an entry is kept in it.
fn git_that_takes_all_away(project: &Project) -> PathBuf {
    let folder = project.workshop.join("programs");
    fs::create_dir(&folder).unwrap();
    let script = "#!/bin/sh\nPATH=${PATH#*:} git \"$@\" || exit\n\
        case \" $* \" in *\" update-ref \"*\" refs/freezegate/record \"*) mv \"${GIT_DIR%/}\" \"${GIT_DIR%/}.away\" ;; esac\n";
    // another process writes it: one just forked by another test could hold it open (execve(2), ETXTBSY)
    let draft = folder.join("draft");
    fs::write(&draft, script).unwrap();
    let copied = std::process::Command::new("cp").arg(&draft).arg(folder.join("git")).status().unwrap();
    assert!(copied.success());
    fs::set_permissions(folder.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[expect(clippy::disallowed_methods, reason = "the programs of this machine have to be found")]
fn path_of_this_machine() -> String {
    std::env::var("PATH").unwrap()
}

#[test]
fn an_answer_is_given_whatever_fails_once_it_is_kept() {
    let (project, first, second) = deployed_twice();
    let tip = project.git(&["rev-parse", RECORD]);
    let programs = git_that_takes_all_away(&project);
    let path = format!("{}:{}", programs.display(), path_of_this_machine());
    let work = project.workshop.join("work");
    let (outputs, summary) = (project.workshop.join("outputs"), project.workshop.join("summary"));
    let variables = [
        ("PATH", path.as_str()),
        ("GITHUB_OUTPUT", outputs.to_str().unwrap()),
        ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
    ];
    for (text, status, told) in [("one", 0, "it returns to"), ("three", 1, "the state before; allowed now")] {
        project.commit("deploy/production/a", text);
        for format in FORMATS {
            let ended = project.job(MONDAY, &second, &variables, &["--record", RECORD, "--format", format]);
            let story = format!("{text} as {format}: {ended:?}");
            assert!(!work.join(".git").exists(), "the entry was kept by the git that takes all away: {story}");
            assert_eq!(ended.status, Some(status), "{story}");
            assert!(!ended.errors.contains("error["), "{story}");
            let said = ended.printed.split_whitespace().collect::<Vec<_>>().join(" ");
            if format == "text" {
                assert!(said.contains(told) && said.contains(&first[..7]) && said.contains("entry 3"), "{story}");
            } else {
                assert!(!said.is_empty(), "{story}");
            }
            fs::rename(work.join(".git.away"), work.join(".git")).unwrap();
            project.git(&["update-ref", RECORD, &tip]);
        }
        project.git(&["reset", "--quiet", "--hard", &second]);
    }
    assert!(fs::read_to_string(&outputs).unwrap().contains("allowed"));
    assert!(fs::read_to_string(&summary).unwrap().contains("rollback"));
}

/// Whoever could not be told is not allowed, so that nothing is kept of it either.
#[test]
fn where_the_answer_cannot_be_written_nothing_is_kept() {
    let project = Project::with_policy(POLICY);
    let begin = project.git(&["rev-parse", "HEAD"]);
    project.commit("deploy/production/a", "one");
    let folder = project.workshop.path();
    let (folder, missing) = (folder.to_str().unwrap(), format!("{}/missing/file", folder.display()));
    let record = project.record();
    for place in [folder, &missing] {
        for (variables, further) in [
            (vec![], vec!["--output", place]),
            (vec![], vec!["--output", place, "--format", "json"]),
            (vec![("GITHUB_OUTPUT", place)], vec!["--format", "github"]),
            (vec![("GITHUB_STEP_SUMMARY", place)], vec!["--format", "github"]),
        ] {
            let arguments = [vec!["--record", &record], further].concat();
            let ended = project.job(SUNDAY, &begin, &variables, &arguments);
            assert_eq!(ended.status, Some(2), "{arguments:?}: {ended:?}");
            assert!(ended.errors.contains("can't be written"), "{arguments:?}: {ended:?}");
            assert_eq!(project.entries().len(), 0, "{arguments:?}");
        }
    }
    let output = project.workshop.join("answer");
    let arguments = ["--record", &record, "--output", output.to_str().unwrap(), "--format", "json"];
    assert_eq!(project.job(SUNDAY, &begin, &[], &arguments).status, Some(0));
    assert!(fs::read_to_string(&output).unwrap().contains("\"allowed\""));
    assert_eq!(project.entries().len(), 1);
}
