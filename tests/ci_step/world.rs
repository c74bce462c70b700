//! Repositories as a CI job finds them, and the program as the job runs it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::clean;
use crate::support::clock::FAKETIME;

/// The outage of Talkdesk: 17:45 in New York, 14:45 in Los Angeles.
pub(crate) const CLOSED: &str = "2025-07-09 21:45:00 UTC";

/// A Sunday.
pub(crate) const OPEN: &str = "2025-07-13 12:00:00 UTC";

pub(crate) const POLICY: &str = r##"version = 1

[help]
contact = "#freeze-help"

[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]

[environments.production]
aliases = ["prod"]

[environments.staging]
during_core_hours = "off"

# on the default branch
[[targets]]
paths = ["deploy/{environment}/{region}/**"]

[[targets]]
refs  = ["refs/heads/hotfix", "refs/heads/release/*"]
paths = ["deploy/{environment}/{region}/**"]

[[targets]]
refs        = ["refs/tags/v*"]
environment = "production"
"##;

/// A folder with a work tree, and a bare server that it came from.
pub(crate) struct World {
    folder: TempDir,
}

/// What the program answered.
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}\n{}{}", self.status, self.out, self.err)
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl World {
    /// A repository without commits, and a bare one as its `origin`.
    pub(crate) fn empty() -> Self {
        let world = Self { folder: TempDir::new().unwrap() };
        for name in ["home", "work"] {
            fs::create_dir(world.path(name)).unwrap();
        }
        world.git_in(&world.path(""), &["init", "--quiet", "--bare", "--initial-branch=main", "server.git"]);
        // as the forges allow it
        world.git_in(&world.path("server.git"), &["config", "uploadpack.allowReachableSHA1InWant", "true"]);
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        world.git(&["remote", "add", "origin", &format!("file://{}", world.path("server.git").display())]);
        world
    }

    /// The policy and a file for each environment in a first commit, a remark in the second, which is the base of all that follows.
    pub(crate) fn with_base() -> Self {
        let world = Self::empty();
        world.commit(&[
            ("freezegate.toml", POLICY),
            ("deploy/production/us/routes.yaml", "one"),
            ("deploy/staging/us/routes.yaml", "one"),
        ]);
        world.commit(&[("README.md", "one")]);
        world.git(&["branch", "base"]);
        world
    }

    /// A push to main that reaches production, as the job that follows it finds it.
    pub(crate) fn pushed() -> Self {
        let world = Self::with_base();
        world.commit(&[("deploy/production/us/routes.yaml", "two")]);
        world.push("main");
        world.git(&["remote", "set-head", "origin", "main"]);
        world
    }

    /// A branch that reaches production, and its merge into main, which is checked out but not pushed.
    pub(crate) fn requested() -> Self {
        let world = Self::with_base();
        world.push("main");
        world.git(&["remote", "set-head", "origin", "main"]);
        world.git(&["checkout", "--quiet", "-b", "feature"]);
        world.commit(&[("deploy/production/us/routes.yaml", "two")]);
        world.git(&["checkout", "--quiet", "--detach", "main"]);
        world.git(&["merge", "--quiet", "--no-ff", "--message=merge", "feature"]);
        world
    }

    /// A commit that reaches production, on another ref than main.
    pub(crate) fn beside() -> Self {
        let world = Self::with_base();
        world.push("main");
        world.git(&["remote", "set-head", "origin", "main"]);
        world.git(&["checkout", "--quiet", "-b", "hotfix"]);
        world.commit(&[("deploy/production/us/routes.yaml", "two")]);
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// Writes files into the work tree; no content removes.
    pub(crate) fn write(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            let whole = self.path("work").join(path);
            fs::create_dir_all(whole.parent().unwrap()).unwrap();
            fs::write(whole, text).unwrap();
        }
    }

    /// Commits files, and gives the commit's name.
    pub(crate) fn commit(&self, files: &[(&str, &str)]) -> String {
        self.write(files);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=a change"]);
        self.id("HEAD")
    }

    /// Pushes a branch, and lets its remote-tracking ref follow.
    pub(crate) fn push(&self, name: &str) {
        self.git(&["push", "--quiet", "--force", "origin", &format!("HEAD:refs/heads/{name}")]);
        self.git(&["fetch", "--quiet", "origin"]);
    }

    pub(crate) fn id(&self, name: &str) -> String {
        self.git(&["rev-parse", "--verify", &format!("{name}^{{commit}}")])
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.path("work"), arguments)
    }

    pub(crate) fn git_in(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = self.clean("git").current_dir(folder).args(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// A program in the work tree, without the environment of this machine.
    pub(crate) fn clean(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = clean::command(program, &self.path("work"), &self.path("home"));
        // the steps unpack the program, and leave it to the runner to tidy up
        command.env("TMPDIR", self.path(""));
        command
    }

    /// The program at `clock`, in the work tree, with the variables of a job.
    pub(crate) fn run(&self, clock: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Answer {
        self.run_in(&self.path("work"), clock, variables, arguments)
    }

    pub(crate) fn run_in(&self, folder: &Path, clock: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Answer {
        let mut command = self.clean(FAKETIME);
        // a clock that stands still, however busy the machine is
        command.args(["-f", clock]).arg(env!("CARGO_BIN_EXE_freezegate")).args(arguments);
        command.envs(variables.iter().copied()).current_dir(folder);
        command.output().unwrap().into()
    }
}

/// Variables of a CI job, and GitHub's event: those of a file of `tests/data/ci`, with the commits of a world in place of made up ones.
pub(crate) struct Job {
    variables: BTreeMap<String, String>,
}

/// The commits that the files of `tests/data/ci` name.
const MADE_UP: [(&str, &str); 4] = [
    ("8c1d0e2f6a7b8c9d0e1f2a3b4c5d6e7f8091a2b3", "head"),
    ("3f2c1a90b4d85e6f7a1c2d3e4f5061728394a5b6", "base"),
    ("d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607", "merge"),
    ("1111111111111111111111111111111111111111", "train"),
];

impl Job {
    /// `commits` are what `head`, `base`, `merge` and `train` stand for; what is not named stays as it is.
    pub(crate) fn of(fixture: &str, world: &World, commits: &[(&str, &str)]) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ci").join(format!("{fixture}.env"));
        let real = |text: String| {
            MADE_UP.iter().fold(text, |text, (id, name)| match commits.iter().find(|(known, _)| known == name) {
                Some((_, real)) => text.replace(id, real),
                None => text,
            })
        };
        let text = real(fs::read_to_string(&file).unwrap_or_else(|error| panic!("{fixture}: {error}")));
        let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
        let mut variables: BTreeMap<String, String> =
            lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        variables.remove("GITHUB_EVENT_PATH");
        if let Ok(event) = fs::read_to_string(file.with_extension("json")) {
            let path = world.path(&format!("{}.json", fixture.replace('/', "-")));
            fs::write(&path, real(event)).unwrap();
            variables.insert("GITHUB_EVENT_PATH".to_owned(), path.to_str().unwrap().to_owned());
        }
        Self { variables }
    }

    /// The job of a push to main of the world [`World::pushed`].
    pub(crate) fn of_push(fixture: &str, world: &World) -> Self {
        Self::of(fixture, world, &[("head", &world.id("HEAD")), ("base", &world.id("base"))])
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn variables(&self) -> Vec<(&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}
