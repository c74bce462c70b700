//! Places of stops: files, and what can't be read.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::support::clean;

const POLICY: &str = "version = 1\n[environments.production]\n";

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("freezegate.toml"), POLICY).unwrap();
        Self { folder }
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    fn command(&self) -> Command {
        clean::command(env!("CARGO_BIN_EXE_freezegate"), self.folder.path(), self.folder.path())
    }

    /// The exit status, and all that is printed.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command().args(arguments).output().unwrap();
        let seen = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap(),
            String::from_utf8(seen).unwrap().split_whitespace().collect::<Vec<_>>().join(" "),
        )
    }

    #[track_caller]
    fn says(&self, arguments: &[&str], (status, told): (i32, &str)) {
        let (code, seen) = self.run(arguments);
        assert!(code == status && seen.contains(told), "{arguments:?}: {code}, {seen}\nnot: {told}");
    }
}

const CHECK: [&str; 4] = ["check", "production", "--stops", "./stops.jsonl"];

#[test]
fn a_file_is_a_place() {
    let desk = Desk::new();
    desk.says(&CHECK, (2, "`touch ./stops.jsonl`"));
    // nobody reads a file of which the name is a slip
    let slip = ["stop", "--for", "1h", "--reason", "x", "--by", "ada", "--stops", "./stop.jsonl"];
    let warning = "`./stop.jsonl` is a new file: it closes nothing until a gate reads it with `--stops ./stop.jsonl`";
    desk.says(&slip, (0, warning));
    let resume = ["resume", "0000", "--stops", "./stops.jsonl"];
    desk.write("stops.jsonl", "");
    desk.says(&CHECK, (0, "allowed"));
    desk.says(&resume, (2, "`freezegate status --stops ./stops.jsonl` lists the stops in force"));
    let stop = ["stop", "--for", "1h", "--reason", "login down", "--by", "ada", "--stops", "./stops.jsonl"];
    desk.says(&stop, (0, "stopped: every environment"));
    desk.says(&CHECK, (1, "login down (stopped by ada)"));
    // nobody may resume by this policy, and it says so
    desk.says(&CHECK, (1, "resume not before it ends"));
    // a line without its end is a line
    let whole = desk.read("stops.jsonl");
    desk.write("stops.jsonl", whole.trim_end());
    desk.says(&CHECK, (1, "login down"));
    desk.says(&["stop", "--for", "1h", "--incident", "INC-8", "--by", "ada", "--stops", "./stops.jsonl"], (0, "INC-8"));
    desk.says(&CHECK, (1, "INC-8"));
    assert_eq!(desk.read("stops.jsonl").lines().count(), 2);
}

#[test]
fn what_cannot_be_read_is_no_decision() {
    let desk = Desk::new();
    desk.write("stops.jsonl", "");
    desk.says(&["stop", "--for", "1h", "--reason", "x", "--by", "ada", "--stops", "./stops.jsonl"], (0, "stopped"));
    let line = desk.read("stops.jsonl");
    for (text, told) in [
        (line.replace("\"x\"", "\"y\""), "line 1 was changed: its id is not"),
        (format!("{line}half a li"), "line 2 does not end with an id"),
        (format!("{line}{{}}\n"), "see who wrote it, and delete the line: `sed -i 2d ./stops.jsonl`"),
        ("\n".repeat((4 << 20) + 1), "holds more than 4194304 bytes"),
    ] {
        desk.write("stops.jsonl", &text);
        for command in ["check", "next", "status"] {
            desk.says(&[command, "production", "--stops", "./stops.jsonl"], (2, told));
        }
        desk.says(&["run", "production", "--stops", "./stops.jsonl", "--", "true"], (125, told));
        // a stop is not written where nobody could read it
        desk.says(&["stop", "--for", "1h", "--reason", "x", "--by", "ada", "--stops", "./stops.jsonl"], (2, told));
    }
    // the printed command mends it
    desk.write("stops.jsonl", &format!("{line}{{}}\n"));
    let mended =
        clean::command("sed", desk.folder.path(), desk.folder.path()).args(["-i", "2d", "./stops.jsonl"]).status();
    assert!(mended.unwrap().success());
    desk.says(&CHECK, (1, "stopped by ada"));
    for (place, told) in [
        ("origin", "no git repository at or above `.`"),
        ("origin:refs/heads/main", "`refs/heads/main` is not a ref of stops"),
        (":refs/freezegate/stops", "names no remote before the colon"),
        ("https://127.0.0.1:1/stops.git", "no git repository at or above `.`"),
    ] {
        desk.says(&["check", "production", "--stops", place], (2, told));
    }
}

#[test]
fn a_stop_of_what_a_policy_does_not_have_closes_nothing_there() {
    let desk = Desk::new();
    desk.write("stops.jsonl", "");
    desk.says(
        &["stop", "production", "--for", "1h", "--reason", "x", "--by", "ada", "--stops", "./stops.jsonl"],
        (0, "stopped"),
    );
    desk.write("freezegate.toml", &POLICY.replace("production", "prod"));
    let check = ["check", "prod", "--stops", "./stops.jsonl"];
    desk.says(&check, (0, "closes nothing here: this policy defines none of its names"));
    desk.write("freezegate.toml", &POLICY.replace("production]", "prod]\naliases = [\"production\"]"));
    desk.says(&check, (1, "stopped by ada"));
    // an environment that does not serve the region
    desk.write("stops.jsonl", "");
    let regions = "[regions.eu]\ntimezones = [\"UTC\"]\n[regions.us]\ntimezones = [\"UTC\"]\n";
    desk.write("freezegate.toml", &format!("{POLICY}{regions}"));
    desk.says(
        &[
            "stop",
            "production",
            "--region",
            "us",
            "--for",
            "1h",
            "--reason",
            "x",
            "--by",
            "ada",
            "--stops",
            "./stops.jsonl",
        ],
        (0, "stopped"),
    );
    let narrower = POLICY.replace("[environments.production]", "[environments.production]\nregions = [\"eu\"]");
    desk.write("freezegate.toml", &format!("{narrower}{regions}[environments.other]\nregions = [\"us\"]\n"));
    desk.says(&CHECK, (0, "closes nothing here"));
}

/// Its id is known once it is published, and an edit that adds a freeze of its name opens nothing.
#[test]
fn no_freeze_of_the_policy_takes_the_name_of_a_stop() {
    let desk = Desk::new();
    desk.write("stops.jsonl", "");
    desk.says(&["stop", "--for", "1h", "--reason", "x", "--by", "ada", "--stops", "./stops.jsonl"], (0, "stopped"));
    let (_, seen) = desk.run(&CHECK);
    let name = seen.split("is frozen: ").nth(1).and_then(|rest| rest.split(" (").next()).unwrap().to_owned();
    assert!(name.starts_with("stop "), "{seen}");
    let freeze = format!(
        "[[freezes]]\nname = \"{name}\"\nfrom = \"Feb 1 00:00\"\nuntil = \"Feb 2 00:00\"\ntimezone = \"UTC\"\n"
    );
    desk.write("freezegate.toml", &format!("{POLICY}{freeze}"));
    desk.says(&CHECK, (1, "stopped by ada"));
}

#[test]
fn several_places_are_read() {
    let desk = Desk::new();
    for name in ["one.jsonl", "other.jsonl"] {
        desk.write(name, "");
    }
    desk.says(&["stop", "--for", "1h", "--reason", "x", "--by", "ada", "--stops", "./other.jsonl"], (0, "stopped"));
    desk.says(&["check", "production", "--stops", "./one.jsonl"], (0, "allowed"));
    desk.says(&["check", "production", "--stops", "./one.jsonl", "--stops", "./other.jsonl"], (1, "stopped by ada"));
    let by_variable =
        desk.command().args(["check", "production"]).env("FREEZEGATE_STOPS", "./other.jsonl").output().unwrap();
    assert_eq!(by_variable.status.code(), Some(1));
}
