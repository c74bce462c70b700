//! Every command that a refusal or a note prints runs as printed, in the place and situation in which it was printed.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a sandbox that does not come up is a failed test")]

use std::path::{Path, PathBuf};
use std::process::Output;

use tempfile::TempDir;

/// Closed at every hour; lifted by an incident, by signatures, by both.
const POLICY: &str = r#"version = 1
[regions.us]
timezones = ["America/New_York"]
core_hours = ["daily 00:00-24:00"]
[regions.eu]
timezones = ["Europe/Berlin"]
core_hours = ["daily 00:00-24:00"]
[environments.production]
[environments.staging]
[services.billing]
[[targets]]
paths = ["deploy/{environment}/**"]
refs = ["refs/heads/**", "refs/tags/**"]
[approvers]
allowed_signers = "signers"
[[lifts]]
level = "hard"
signed = ["any"]
[[lifts]]
level = "hard"
signed = ["any"]
incident = true
[[lifts]]
level = "hard"
signed = []
incident = true
"#;

/// A name that a shell would take apart, were it not quoted.
const ODD: &str = "refs/heads/o'neil;$(id)&\"x\"";

struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(world.root()).unwrap();
        world.git(&["init", "-q", "-b", "main"]);
        world.git(&["config", "user.email", "ada@example.com"]);
        std::fs::write(world.root().join("freezegate.toml"), POLICY).unwrap();
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE1BuNnEFpzVHEeX2wVnTQkCbCVz0C5wFUePTqGPAZ7B";
        std::fs::write(world.root().join("signers"), format!("ben@example.com {key}\n")).unwrap();
        world.git(&["add", "-A"]);
        world.git(&["commit", "-qm", "policy"]);
        std::fs::create_dir_all(world.root().join("deploy/production")).unwrap();
        std::fs::write(world.root().join("deploy/production/a"), "a").unwrap();
        world.git(&["add", "-A"]);
        world.git(&["commit", "-qm", "change"]);
        world
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("work tree")
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output =
            crate::support::clean::command("git", &self.root(), self.folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a line of shell in the work tree, where `freezegate` is the program.
    fn shell(&self, line: &str) -> Output {
        let mut shell = crate::support::clean::command("bash", &self.root(), self.folder.path());
        let folder = Path::new(env!("CARGO_BIN_EXE_freezegate")).parent().unwrap().to_owned();
        let path = shell.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
        let path = std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&path))).unwrap();
        shell.env("PATH", path).args(["-c", line]).output().unwrap()
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

/// Returns what stands between backticks, without the breaks of lines.
fn commands(shown: &str) -> Vec<String> {
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    words.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Runs every command that `question` prints, or, of options, the question with them; returns how many there were.
fn run_all(world: &World, question: &str) -> usize {
    let tip = world.git(&["rev-parse", "HEAD"]);
    let shown = text(&world.shell(question));
    let mut ran = 0;
    // the option is for the push that was just made, wherever it went
    for command in commands(&shown).into_iter().filter(|command| !command.starts_with("git push --no-verify")) {
        // what stands in the place of `…` is for whoever types it
        let command = command.replace("INC-…", "INC-7").replace("\"…\"", "\"logins fail\"");
        let (line, expected): (String, &[i32]) = if command.starts_with("freezegate grant new") {
            (command.clone(), &[0])
        } else if command.starts_with("freezegate check") {
            (command.clone(), &[0, 1])
        } else if command.starts_with("--") {
            (format!("{question} {command}"), &[0])
        } else if ["freezegate ", "git ", "export "].iter().any(|start| command.starts_with(start)) {
            (command.clone(), &[0])
        } else {
            continue;
        };
        ran += 1;
        let output = world.shell(&line);
        let code = output.status.code().unwrap();
        assert!(expected.contains(&code), "{question} prints `{line}`, which ends with {code}:\n{}", text(&output));
        if command.starts_with("freezegate grant new") {
            let shown = world.shell("freezegate grant show fix.grant");
            assert!(shown.status.success(), "{line}: {}", text(&shown));
        }
        world.git(&["reset", "-q", "--hard", &tip]);
        world.git(&["clean", "-fdq"]);
    }
    ran
}

#[test]
fn refusals_of_every_question() {
    let world = World::new();
    let (old, new) = (world.git(&["rev-parse", "HEAD~"]), world.git(&["rev-parse", "HEAD"]));
    let zeros = "0".repeat(40);
    std::fs::write(world.folder.path().join("other one.toml"), POLICY).unwrap();
    std::fs::copy(world.root().join("signers"), world.folder.path().join("signers")).unwrap();
    let odd = ODD.replace('\'', r"'\''");
    for (question, least) in [
        ("freezegate check production".to_owned(), 3),
        ("freezegate check production --region eu --service billing --kind config --for 45m".to_owned(), 3),
        ("freezegate check production --at 2026-11-25T12:00:00Z".to_owned(), 3),
        ("freezegate check production --policy '../other one.toml'".to_owned(), 3),
        (format!("freezegate check --range {old}..{new} --ref refs/heads/main"), 3),
        (format!("freezegate check --range {old}..{new}"), 3),
        (format!("freezegate check --range {old}..{new} --ref '{odd}'"), 3),
        (format!("freezegate check --range {zeros}..{new} --ref refs/tags/v1"), 3),
        (format!("freezegate check --range {new}..{old} --ref refs/heads/main"), 3),
        (format!("freezegate check --range {new}..{zeros} --ref refs/heads/gone"), 3),
        (format!("freezegate check staging --range {old}..{new} --ref refs/heads/main"), 5),
    ] {
        let ran = run_all(&world, &question);
        assert!(ran >= least, "{question}: {ran}");
    }
}

/// The refusal of a push, whose commands run where it was pushed from.
#[test]
fn refusals_of_pushes() {
    let world = World::new();
    world.git(&["init", "-q", "-b", "main", "--bare", "../server.git"]);
    world.git(&["remote", "add", "origin", "../server.git"]);
    world.git(&["push", "-q", "origin", "HEAD~:refs/heads/main"]);
    for hook in ["pre-receive", "pre-push"] {
        let folder = if hook == "pre-push" { "." } else { "../server.git" };
        // a server that records nothing has no use for an override of one change, and prints none
        let record = world.folder.path().canonicalize().unwrap().join("record.jsonl");
        let options = if hook == "pre-push" { String::new() } else { format!(" --record '{}'", record.display()) };
        let installed = world.shell(&format!("cd {folder} && freezegate hook install {hook}{options}"));
        assert!(installed.status.success(), "{}", text(&installed));
        for pushed in
            ["main", "main:refs/tags/v1", "main main:refs/heads/other", &format!("main:'{}'", "refs/heads/a;b$(id)")]
        {
            let question = format!("git push origin {pushed} 2>&1 | sed 's/^remote: *//'");
            let ran = run_all(&world, &question);
            assert!(ran >= 1, "{hook}: {pushed}: {}", text(&world.shell(&question)));
        }
    }
}

/// Returns whether a word of a printed command stands for what the reader puts in its place.
fn is_to_fill_in(word: &str) -> bool {
    let letters = word.trim_matches(['<', '>', '"', '\'']);
    letters.contains('…')
        || (letters.len() > 2 && letters.bytes().all(|letter| letter.is_ascii_uppercase() || letter == b'-'))
}

/// What the other commands print, errors and notes among them.
#[test]
fn what_other_commands_print() {
    let world = World::new();
    let (old, new) = (world.git(&["rev-parse", "HEAD~"]), world.git(&["rev-parse", "HEAD"]));
    world.git(&["branch", "-q", "keep"]);
    let without = POLICY.split("[approvers]").next().unwrap();
    std::fs::write(world.folder.path().join("nobody may.toml"), without).unwrap();
    let change = format!("--range {old}..{new} --ref refs/heads/main");
    let nobody = "--policy '../nobody may.toml'";
    let mut ran = 0;
    for (question, least) in [
        (format!("freezegate grant new production --reason x --any-change --incident INC-7 {nobody}"), 1),
        (format!("freezegate grant new {change} --reason x {nobody}"), 1),
        (format!("freezegate grant new {change} --reason x --output a.grant"), 1),
        (format!("freezegate grant new {change} --reason x --at 2026-11-25T12:00:00Z --output b.grant"), 1),
        ("freezegate grant new staging --reason x".to_owned(), 0),
        ("freezegate grant new production --reason x --from freezegate.toml".to_owned(), 0),
        ("freezegate grant show nowhere.grant".to_owned(), 0),
        ("freezegate grant list".to_owned(), 0),
        ("freezegate next production --for 2h".to_owned(), 0),
        ("freezegate wait production --timeout 1s".to_owned(), 0),
        ("freezegate where deploy/nowhere/a".to_owned(), 0),
        ("freezegate where refs/heads/main".to_owned(), 0),
        ("freezegate status".to_owned(), 0),
        ("freezegate calendar production".to_owned(), 0),
        ("freezegate lint".to_owned(), 0),
        (format!("freezegate lint --against {old}"), 0),
        ("freezegate explain no-such-code".to_owned(), 0),
        ("freezegate explain core-hours".to_owned(), 0),
        ("freezegate record show README.md".to_owned(), 0),
        ("freezegate resume 0123456789ab".to_owned(), 0),
        ("freezegate hook status".to_owned(), 1),
        ("freezegate hook install".to_owned(), 1),
        ("freezegate run production -- true".to_owned(), 0),
        ("freezegate init".to_owned(), 0),
        ("freezegate check".to_owned(), 0),
        ("freezegate chekc".to_owned(), 0),
        ("freezegate freeze production".to_owned(), 0),
    ] {
        let shown = text(&world.shell(&question));
        let printed = commands(&shown)
            .into_iter()
            .filter(|command| command.starts_with("freezegate ") && !command.split(' ').any(is_to_fill_in));
        let mut count = 0;
        for line in printed {
            let output = world.shell(&line);
            // a command that is named, such as `freezegate grant new`, says itself what it needs
            if text(&output).contains("required arguments were not provided") {
                continue;
            }
            count += 1;
            let code = output.status.code().unwrap();
            // a question may be refused, and a change may be closed
            assert!([0, 1].contains(&code), "{question} prints `{line}`, which ends with {code}:\n{}", text(&output));
        }
        assert!(count >= least, "{question}: {count}\n{shown}");
        ran += count;
    }
    assert!(ran >= 8, "{ran}");
}

/// A folder that environments share, taken for one by the target: the refusal says what becomes of it.
#[test]
fn a_folder_that_environments_share_is_told_where_it_goes() {
    let world = World::new();
    std::fs::create_dir_all(world.root().join("deploy/base")).unwrap();
    std::fs::write(world.root().join("deploy/base/k.yaml"), "1").unwrap();
    world.git(&["add", "-A"]);
    world.git(&["commit", "-qm", "base"]);
    let shown = text(&world.shell("freezegate check --range HEAD~..HEAD --ref refs/heads/main"));
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = "add the folder to `except` of this target, and a target for it with `environment = \"*\"`";
    assert!(words.contains("there is no environment `base`") && words.contains(expected), "{shown}");
}

#[test]
fn a_stop_in_the_order_of_its_steps() {
    let world = World::new();
    world.shell("git init -q --bare ../origin.git && git remote add origin ../origin.git");
    let stopped = world.shell("freezegate stop production --for 2h --reason \"it's down\"");
    let mut steps = commands(&String::from_utf8(stopped.stderr).unwrap());
    // the rest names the option
    steps.retain(|step| !step.starts_with('-'));
    let codes: Vec<i32> = steps.iter().map(|step| world.shell(step).status.code().unwrap()).collect();
    assert_eq!(codes, [0, 0, 1, 0, 0], "{steps:?}");
}

/// Each place in the answer: a file and a line.
fn places(format: &str, answer: &str) -> Vec<(String, usize)> {
    let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap();
    match format {
        "github" => answer
            .lines()
            .filter_map(|line| line.split_once(" file=")?.1.split_once(",line="))
            .map(|(file, rest)| (file.to_owned(), number(rest)))
            .collect(),
        _ => answer
            .split("\"path\":\"")
            .skip(1)
            .map(|rest| {
                let (file, rest) = rest.split_once('"').unwrap();
                (file.to_owned(), number(rest.split_once("\"begin\":").unwrap().1))
            })
            .collect(),
    }
}

#[test]
fn annotations_name_files_that_are_there() {
    let world = World::new();
    std::fs::write(world.folder.path().join("other.toml"), POLICY).unwrap();
    std::fs::copy(world.root().join("signers"), world.folder.path().join("signers")).unwrap();
    std::fs::write(world.root().join("broken.toml"), "version = 1\n\n[environments.production]\nalias = 1\n").unwrap();
    let other = world.folder.path().join("other.toml").to_str().unwrap().to_owned();
    let (old, new) = (world.git(&["rev-parse", "HEAD~"]), world.git(&["rev-parse", "HEAD"]));
    // the policy of an older commit has its lines elsewhere
    std::fs::write(world.root().join("freezegate.toml"), format!("# one\n# two\n{POLICY}")).unwrap();
    for (question, github) in [
        ("freezegate check production".to_owned(), 2),
        (format!("freezegate check production --policy '{other}'"), 0),
        (format!("freezegate check production --policy-from {old}"), 0),
        ("cd deploy && freezegate check production".to_owned(), 2),
        (format!("freezegate check --range {old}..{new} --ref refs/heads/main"), 1),
        // what is deleted is not there
        (format!("rm deploy/production/a; freezegate check --range {new}..{old} --ref refs/heads/main"), 0),
        ("freezegate check production --policy broken.toml".to_owned(), 1),
        ("freezegate check nowhere".to_owned(), 0),
    ] {
        for format in ["github", "gitlab"] {
            let output = world.shell(&format!("{question} --format {format}"));
            let answer = String::from_utf8(output.stdout).unwrap();
            let found = places(format, &answer);
            for (file, line) in &found {
                let there = std::fs::read_to_string(world.root().join(file));
                let lines =
                    there.unwrap_or_else(|error| panic!("{question}: `{file}`: {error}\n{answer}")).lines().count();
                assert!(!file.starts_with('/') && (1..=lines).contains(line), "{question}: {file}:{line}\n{answer}");
            }
            if format == "github" {
                assert!(found.len() >= github && (github > 0 || found.is_empty()), "{question}: {found:?}\n{answer}");
            } else {
                assert!(!found.is_empty(), "{question}: {answer}");
            }
        }
    }
}
