//! CI jobs of a project on GitLab, at a clock that a test sets.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;

use freezegate::proof::record::{Folded, Record, RecordEntry, RecordFile};

use crate::record::workshop::{Ended, Workshop};
use crate::support::clock::FAKETIME;
use crate::support::entries::entries;

/// A repository whose pushes have jobs, and a record beside it.
pub(crate) struct Project {
    pub(crate) workshop: Workshop,
}

impl Project {
    /// With the policy in its first commit.
    pub(crate) fn with_policy(policy: &str) -> Self {
        let workshop = Workshop::new();
        fs::create_dir(workshop.join("work")).unwrap();
        let project = Self { workshop };
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        project.commit("freezegate.toml", policy);
        project
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.workshop.git_in(&self.workshop.join("work"), arguments)
    }

    /// Commits a file, and gives back the commit.
    pub(crate) fn commit(&self, path: &str, text: &str) -> String {
        let whole = self.workshop.join("work").join(path);
        fs::create_dir_all(whole.parent().unwrap()).unwrap();
        fs::write(whole, text).unwrap();
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message=a change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// The job of the last commit, which followed `before`.
    pub(crate) fn job(&self, clock: &str, before: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
        let head = self.git(&["rev-parse", "HEAD"]);
        self.job_in(&self.workshop.join("work"), clock, (before, &head), variables, arguments)
    }

    /// The job of a commit in a clone.
    pub(crate) fn job_in(
        &self,
        clone: &Path,
        clock: &str,
        (before, head): (&str, &str),
        variables: &[(&str, &str)],
        arguments: &[&str],
    ) -> Ended {
        let mut command = self.command(clone, clock, (before, head));
        for (name, value) in variables {
            // nothing: the job has none
            if value.is_empty() {
                command.env_remove(name)
            } else {
                command.env(name, value)
            };
        }
        Ended::of(command.args(arguments).output().unwrap())
    }

    /// The step of the job of a commit in a clone, of `production`, to be started.
    pub(crate) fn command(&self, clone: &Path, clock: &str, (before, head): (&str, &str)) -> Command {
        let mut command = self.workshop.program(FAKETIME, clone);
        command.args(["-f", clock, env!("CARGO_BIN_EXE_freezegate"), "check"]);
        command.envs([
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "push"),
            ("CI_COMMIT_SHA", head),
            ("CI_COMMIT_BEFORE_SHA", before),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_COMMIT_BRANCH", "main"),
            ("GITLAB_USER_LOGIN", "ada"),
            ("CI_PROJECT_PATH", "group/project"),
            ("CI_ENVIRONMENT_NAME", "production"),
        ]);
        command
    }

    /// As many jobs of one commit at once, each to its end.
    pub(crate) fn at_once(&self, count: usize, clock: &str, ends: (&str, &str), arguments: &[&str]) -> Vec<Ended> {
        let start = |_| self.command(&self.workshop.join("work"), clock, ends).args(arguments).spawn().unwrap();
        let jobs: Vec<Child> = (0..count).map(start).collect();
        jobs.into_iter().map(|job| Ended::of(job.wait_with_output().unwrap())).collect()
    }

    pub(crate) fn record(&self) -> String {
        self.workshop.join("record.jsonl").display().to_string()
    }

    pub(crate) fn folded(&self) -> Arc<Folded> {
        Record::File(RecordFile::new(self.workshop.join("record.jsonl"))).read().unwrap()
    }

    pub(crate) fn entries(&self) -> Vec<RecordEntry> {
        entries(&Record::File(RecordFile::new(self.workshop.join("record.jsonl"))))
    }
}
