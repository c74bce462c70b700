//! The command: where it writes, where it does not, and what it tells.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use freezegate::decision::schedule::DecisionQuestion;
use freezegate::decision::{Schedule, Verdict};
use freezegate::policy::SCHEMA_FILE;
use freezegate::reach::{Declared, reach};
use freezegate::time::instant::Instant;

use crate::init::judged::{assert_right_by_the_schema, names, reached, read};
use crate::init::repository::{Repository, text};
use crate::support::clean;

#[test]
fn a_policy_that_is_there_stays() {
    for present in ["freezegate.toml", "policies/freezegate.toml"] {
        let repository = Repository::with(&["src/x"]);
        repository.write(present, "mine\n");
        let output = repository.run(&["init"]);
        let complaint = text(&output.stderr);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
        assert!(complaint.contains(present) && complaint.contains("help: "), "{complaint}");
        assert!(complaint.contains("`freezegate init --force`"), "{complaint}");
        assert_eq!(std::fs::read_to_string(repository.root().join(present)).unwrap(), "mine\n");
        assert!(present == "freezegate.toml" || !repository.root().join("freezegate.toml").exists());
        repository.init(&["--force"]);
        read(&repository.policy_text());
    }
    let repository = Repository::bare();
    std::os::unix::fs::symlink("nowhere", repository.root().join("freezegate.toml")).unwrap();
    assert_eq!(repository.run(&["init"]).status.code(), Some(2));
    assert!(!repository.root().join("nowhere").exists());
}

#[test]
fn a_named_file_is_written_and_not_over_another() {
    let repository = Repository::with(&["deploy/prod/x"]);
    repository.write("freezegate.toml", "mine\n");
    repository.init(&["--output", "other.toml"]);
    let text = std::fs::read_to_string(repository.root().join("other.toml")).unwrap();
    read(&text);
    assert_eq!(repository.policy_text(), "mine\n");
    assert_eq!(repository.run(&["init", "--output", "other.toml"]).status.code(), Some(2));
    repository.init(&["--output", "other.toml", "--force"]);
    assert_eq!(std::fs::read_to_string(repository.root().join("other.toml")).unwrap(), text);
    assert_eq!(repository.run(&["init", "--output", "no/such/folder.toml"]).status.code(), Some(2));
}

#[test]
fn it_is_written_at_the_root_of_the_repository() {
    let repository = Repository::with(&["deploy/prod/x", "src/deep/x"]);
    let mut command = repository.command();
    let output = command.arg("init").current_dir(repository.root().join("src/deep")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(repository.policy_text().contains("deploy/{environment}/**"), "{}", repository.policy_text());
}

#[test]
fn without_a_repository_there_is_still_a_policy() {
    let folder = Repository::bare();
    let report = folder.init(&[]);
    assert!(report.contains("production") && report.contains("freezegate check production"), "{report}");
    assert_eq!(folder.check(&["production", "--at", "2026-06-03T12:00:00+02:00"]), Some(1));
    assert_eq!(folder.check(&["production", "--at", "2026-06-06T12:00:00+02:00"]), Some(0));
}

/// A git directory is not a place for a policy: nothing is written, and no command sends anybody there.
#[test]
fn a_bare_repository_is_refused_and_gets_no_file() {
    let server = Repository::bare();
    server.git(&["init", "-q", "--bare"]);
    let path = server.root().canonicalize().unwrap();
    let cause = format!("`{}` is a bare repository: it has no files", path.display());
    let cases: [(&[&str], &str); 4] = [
        (&["init"], "run `freezegate init` in a clone"),
        (&["init", "--hazards"], "run `freezegate init` in a clone"),
        (&["check", "production"], "run the command in a clone, or name a policy: `--policy FILE`"),
        (&["stop", "production", "--for", "1h", "--reason", "x"], "run the command in a clone, or name a policy"),
    ];
    for (arguments, help) in cases {
        let output = server.run(arguments);
        let said = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(&cause) && said.contains(help), "{arguments:?}: {said}");
    }
    for file in ["freezegate.toml", "freezegate.test.toml", "hazards.toml"] {
        assert!(!server.root().join(file).exists(), "{file}");
    }
}

#[test]
fn a_repository_that_cannot_be_read_is_told_and_drafted_for_all_the_same() {
    let folder = Repository::bare();
    folder.write(".git/HEAD", "no repository\n");
    folder.write("deploy/prod/x", "");
    let output = folder.run(&["init"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("branches are left out"), "{}", text(&output.stderr));
    assert_eq!(
        names(&reached(&read(&folder.policy_text()), "refs/heads/main", "deploy/prod/x")),
        ["production"].into()
    );
}

#[test]
fn the_zone_is_that_of_the_asker_under_its_name_of_today() {
    for (variable, option, zone) in [
        ("Europe/Berlin", None, "Europe/Berlin"),
        ("US/Eastern", None, "America/New_York"),
        (":Asia/Tokyo", None, "Asia/Tokyo"),
        ("UTC", None, "UTC"),
        ("UTC", Some("America/Los_Angeles"), "America/Los_Angeles"),
        ("Europe/Berlin", Some("UTC"), "UTC"),
    ] {
        let folder = Repository::bare();
        let mut command = folder.command();
        command.env("TZ", variable).arg("init").args(option.iter().flat_map(|zone| ["--timezone", zone]));
        assert_eq!(command.output().unwrap().status.code(), Some(0));
        let policy = read(&folder.policy_text());
        assert_eq!(policy.regions[0].zones[0].name(), zone, "{variable} {option:?}");
    }
    let folder = Repository::bare();
    folder.init(&["--timezone", "US/Eastern", "--timezone", "Europe/London", "--timezone", "America/New_York"]);
    assert!(folder.policy_text().contains("\ntimezones  = [\"America/New_York\", \"Europe/London\"]\n"));
    assert_eq!(folder.run(&["test"]).status.code(), Some(0));
    let folder = Repository::bare();
    assert_eq!(folder.run(&["init", "--timezone", "CEST"]).status.code(), Some(2));
    assert!(!folder.root().join("freezegate.toml").exists());
}

#[test]
fn the_hours_that_it_tells_are_those_of_the_decision() {
    let folder = Repository::with(&["deploy/prod/x", "deploy/dev/x"]);
    let report = folder.init(&["--timezone", "UTC"]);
    assert!(report.contains("production: open 114.6 of 168 hours a week"), "{report}");
    assert!(report.contains("development: always open"), "{report}");
    let policy = read(&folder.policy_text());
    let declared =
        Declared { environments: vec![Arc::clone(policy.environment("production").unwrap())], ..Declared::default() };
    let reach = reach(&policy, &declared, None, false);
    let question =
        DecisionQuestion { policy: &policy, reach: &reach, declared: &declared, duration: None, granted: &[] };
    // a week from a Monday on, in steps whose middle is asked about
    let monday = "2026-06-01T00:05:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    let step = 600;
    let open = (0..7 * 24 * 3600 / step)
        .filter(|index| {
            let decision = Schedule::decide_at(&question, &[], Instant::from_second(monday + index * step)).unwrap();
            decision.verdict == Verdict::Allowed
        })
        .count();
    // a change and its settling take 40 minutes, so 13 h 20 min of each working day are open, and the weekend
    assert_eq!(open * 100 / 60, 1146);
    let table = text(&folder.run(&["lint"]).stdout);
    assert!(table.lines().any(|line| line.starts_with("production") && line.contains(" 114.6 ")), "{table}");
}

#[test]
fn editors_find_its_schema_and_no_fault_by_it() {
    let repository = Repository::with(&["deploy/prod/x", "deploy/base/x", "charts/a/values-dev.yaml"]);
    repository.git(&["branch", "production"]);
    let report = repository.init(&[]);
    let text = repository.policy_text();
    assert_eq!(text.lines().next(), Some(format!("#:schema ./{SCHEMA_FILE}").as_str()));
    assert_eq!(text.lines().nth(1), Some(""));
    assert!(report.contains(&format!("freezegate schema --output {SCHEMA_FILE}")), "{report}");
    assert_right_by_the_schema(&text);
}

#[test]
fn what_it_leaves_commented_out_can_be_taken_in() {
    let repository = Repository::with(&["deploy/prod/x"]);
    repository.init(&[]);
    let mut uncommented = String::new();
    let mut example = false;
    for line in repository.policy_text().lines() {
        example = line.starts_with("# [") || (example && line.starts_with('#'));
        uncommented.push_str(if example { line.trim_start_matches(['#', ' ']) } else { line });
        uncommented.push('\n');
    }
    repository.write("freezegate.toml", &uncommented);
    let roster = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/approvers.allowed_signers");
    std::fs::copy(roster, repository.root().join("approvers.allowed_signers")).unwrap();
    for key in ["\n[[freezes]]", "\n[approvers]", "\n[[lifts]]"] {
        assert!(uncommented.contains(key), "{uncommented}");
    }
    assert_eq!(repository.check(&["production", "--at", "2026-12-26T12:00:00Z"]), Some(1), "{uncommented}");
}

/// Starts a program on a terminal, types a text, and gives back what the terminal shows.
const TERMINAL: &str = "\
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
os.write(terminal, sys.argv[1].encode())
shown = b''
try:
    while part := os.read(terminal, 4096):
        shown += part
except OSError:
    pass
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

#[test]
fn on_a_terminal_it_asks_for_the_zone() {
    for (typed, zone, comment) in [
        ("Asia/Tokyo\n", "Asia/Tokyo", "# add every other time zone"),
        ("\n", "Europe/Berlin", "# add every other time zone"),
        ("Tokyo time\nAsia/Tokyo\n", "Asia/Tokyo", "# add every other time zone"),
        // the end of the input, as Ctrl-D says it
        ("\u{4}", "Europe/Berlin", "# TODO: this is the time zone of your machine"),
    ] {
        let folder = Repository::bare();
        let mut command = clean::command("python3", folder.root(), folder.root());
        command.env("TZ", "Europe/Berlin");
        let output = command.args(["-c", TERMINAL, typed, env!("CARGO_BIN_EXE_freezegate"), "init"]).output().unwrap();
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{typed:?}: {shown}");
        assert!(shown.contains("time zones of your customers (comma-separated; Enter for Europe/Berlin): "), "{shown}");
        assert_eq!(shown.contains("`Tokyo time`"), typed.starts_with("Tokyo"), "{shown}");
        let policy = folder.policy_text();
        assert!(policy.contains(comment), "{typed:?}: {policy}");
        assert_eq!(read(&policy).regions[0].zones[0].name(), zone, "{typed:?}");
    }
    // nobody is there to answer
    let folder = Repository::bare();
    folder.init(&[]);
    assert!(folder.policy_text().contains("# TODO: this is the time zone of your machine"));
    let folder = Repository::bare();
    folder.init(&["--timezone", "Europe/Berlin"]);
    assert!(!folder.policy_text().contains("of your machine"), "{}", folder.policy_text());
}

/// More files than are looked at: the outer ones make the draft, all are counted, and the warning says what to do.
#[test]
fn a_repository_that_is_too_large_is_told_what_to_do() {
    let repository = Repository::with(&["deploy/prod/x", "deploy/dev/x"]);
    let mut import =
        String::from("commit refs/heads/main\ncommitter a <a@example.com> 0 +0000\ndata 0\nfrom refs/heads/main^0\n");
    for number in 0..110_000 {
        import.push_str(&format!("M 644 inline a/b/c/{}/{number}\ndata 0\n", number % 100));
    }
    let mut child = clean::command("git", repository.root(), repository.root())
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(import.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let output = repository.run(&["init"]);
    let (told, report) = (text(&output.stderr), text(&output.stdout));
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("10002 files are left out: the repository is too large"), "{told}");
    assert!(told.contains("help: run `freezegate lint --coverage`"), "{told}");
    assert!(report.contains("110,000 of 110,002 tracked files reach no environment"), "{report}");
    assert!(repository.policy_text().contains("deploy/{environment}/**"), "{}", repository.policy_text());
}

/// Trees that name one another make a million files of a thousand and one entries.
#[test]
fn of_a_million_files_a_part_is_drafted_for_and_all_are_counted() {
    let repository = Repository::new::<&str>(&[]);
    let store = git2::Repository::open(repository.root()).unwrap();
    let blob = store.blob(b"x\n").unwrap();
    let tree = |names: &[String], id: git2::Oid, mode: i32| {
        let mut tree = store.treebuilder(None).unwrap();
        for name in names {
            tree.insert(name, id, mode).unwrap();
        }
        tree.write().unwrap()
    };
    let numbered = |name: &str, count: usize| (0..count).map(|number| format!("{name}{number}")).collect::<Vec<_>>();
    let files = tree(&numbered("file", 1_000), blob, 0o100_644);
    let service = tree(&["production", "staging"].map(str::to_owned), files, 0o040_000);
    let root = store.find_tree(tree(&numbered("service", 500), service, 0o040_000)).unwrap();
    let author = git2::Signature::new("Ada", "ada@example.com", &git2::Time::new(1_760_000_000, 0)).unwrap();
    store.commit(Some("HEAD"), &author, &author, "x", &root, &[]).unwrap();

    let output = repository.run(&["init", "--timezone", "Europe/Berlin"]);
    let told = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        told.contains("900000 files are left out: the repository is too large to draft a policy from all"),
        "{told}"
    );
    assert!(told.contains("help: run `freezegate lint --coverage`, which counts all files"), "{told}");
    let output = repository.run(&["lint", "--coverage"]);
    let told = text(&output.stdout);
    assert!(told.contains("each of 1,000,000 tracked files reaches an environment"), "{told}");
}
