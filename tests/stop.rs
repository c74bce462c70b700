//! What `freezegate stop` prints closes exactly what it says, for as long as it says, however it is handed on.

#![expect(clippy::unwrap_used, reason = "a test ends where its data is not as it should be")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use freezegate::policy::load::{Fragment, PolicyFiles, ReadFault, load};
use freezegate::policy::{KindSet, Level, Policy, keys};
use freezegate::stop::Stop;
use freezegate::time::instant::Instant;
use proptest::prelude::{any, proptest};
use tempfile::TempDir;

/// Nothing in it is ever closed, so whatever refuses is the stop.
const POLICY: &str = r#"
version = 1

[regions.us]
timezones = ["America/New_York"]

[regions.eu]
timezones = ["Europe/Berlin"]

[environments.production]
aliases = ["prod"]

[environments.staging]

[environments.lab]
regions = ["eu"]

[services.billing]
regions = ["us"]

[services.mail]
"#;

/// A folder with a policy in it, and an environment that is the test's alone.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("freezegate.toml"), POLICY).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &OsStr)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freezegate"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path());
        command.env("TZ", "UTC").envs(variables.iter().copied());
        command.output().unwrap()
    }

    /// The fragment that the stop prints.
    fn stop(&self, arguments: &[&str]) -> String {
        let all = [&["stop"], arguments].concat();
        let output = self.run(&all, &[]);
        assert_eq!(output.status.code(), Some(0), "{all:?}");
        let said = text(&output.stderr);
        assert!(said.starts_with("note: nothing is closed yet: "), "{all:?}");
        assert!(said.lines().nth(1).unwrap().starts_with("  publish     "), "{all:?}: {said}");
        assert!(said.contains(" --stops origin`"), "{all:?}: {said}");
        text(&output.stdout)
    }

    /// The complaint of a stop that prints nothing.
    fn no_stop(&self, arguments: &[&str]) -> String {
        let all = [&["stop"], arguments].concat();
        let output = self.run(&all, &[]);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{all:?}");
        text(&output.stderr)
    }

    fn check(&self, arguments: &[&str], variables: &[(&str, &OsStr)]) -> Option<i32> {
        self.run(&[&["check"], arguments].concat(), variables).status.code()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

struct InMemory;

impl PolicyFiles for InMemory {
    fn read(&self, _: &str) -> Result<Vec<u8>, ReadFault> {
        Ok(POLICY.as_bytes().to_vec())
    }
}

fn with(fragments: &[&str]) -> Policy {
    let fragments: Vec<Fragment> = fragments
        .iter()
        .map(|text| Fragment { name: "stop.toml".to_owned(), bytes: text.as_bytes().to_vec() })
        .collect();
    load(&InMemory, &["freezegate.toml".to_owned()], &fragments).unwrap()
}

/// The moment that the fragment gives as `key`.
fn moment(fragment: &str, key: &str) -> jiff::Timestamp {
    let line = fragment.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = ")).unwrap();
    assert!(line.ends_with('Z'), "{line}");
    line.parse().unwrap()
}

fn now() -> jiff::Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the program reads the same clock, and takes no other")]
    jiff::Timestamp::now()
}

#[test]
fn every_scope_closes_what_it_says_and_nothing_else() {
    let world = World::new();
    let places = [("production", "us"), ("production", "eu"), ("staging", "us"), ("staging", "eu"), ("lab", "eu")];
    for (environment, region) in places {
        assert_eq!(world.check(&[environment, "--region", region], &[]), Some(0), "{environment}/{region}");
    }
    let scopes: [(&[&str], &[usize]); 7] = [
        (&[], &[0, 1, 2, 3, 4]),
        (&["production"], &[0, 1]),
        (&["prod", "production"], &[0, 1]),
        (&["prod", "lab"], &[0, 1, 4]),
        (&["--region", "us"], &[0, 2]),
        (&["production", "--region", "us"], &[0]),
        (&["production", "staging", "--region", "us", "--region", "eu"], &[0, 1, 2, 3]),
    ];
    for (scope, closed) in scopes {
        let fragment = world.stop(&[scope, &["--for", "2h", "--reason", "login down"]].concat());
        std::fs::write(world.path("stop.toml"), fragment).unwrap();
        for (index, (environment, region)) in places.iter().enumerate() {
            let status = world.check(&[environment, "--region", region, "--extra-freezes", "stop.toml"], &[]);
            let refused = closed.contains(&index);
            assert_eq!(status, Some(i32::from(refused)), "stop {scope:?}, check {environment}/{region}");
        }
    }
}

#[test]
fn a_stop_of_a_service_lets_the_others_pass() {
    let world = World::new();
    let fragment = world.stop(&["production", "--service", "billing", "--for", "2h", "--incident", "INC-7"]);
    std::fs::write(world.path("stop.toml"), fragment).unwrap();
    let check = |more: &[&str]| world.check(&[&["production", "--extra-freezes", "stop.toml"], more].concat(), &[]);
    assert_eq!(check(&["--service", "billing"]), Some(1));
    assert_eq!(check(&["--service", "mail"]), Some(0));
    // a change of no known service may be one of any
    assert_eq!(check(&[]), Some(1));
}

#[test]
fn it_counts_as_a_file_as_a_path_in_the_environment_and_as_text_there() {
    let world = World::new();
    let fragment = world.stop(&["production", "--for", "2h", "--reason", "login down"]);
    std::fs::write(world.path("stop.toml"), &fragment).unwrap();
    let also = |value: &str| world.check(&["production"], &[("FREEZEGATE_EXTRA_FREEZES", OsStr::new(value))]);
    assert_eq!(world.check(&["production"], &[]), Some(0));
    assert_eq!(world.check(&["production", "--extra-freezes", "stop.toml"], &[]), Some(1));
    assert_eq!(also("stop.toml"), Some(1));
    assert_eq!(also(world.path("stop.toml").to_str().unwrap()), Some(1));
    assert_eq!(also(&fragment), Some(1));
    // a stop that is named and not there may be one that closes
    std::fs::remove_file(world.path("stop.toml")).unwrap();
    assert_eq!(world.check(&["production", "--extra-freezes", "stop.toml"], &[]), Some(2));
    assert_eq!(also("stop.toml"), Some(2));
}

#[test]
fn it_begins_now_and_is_over_on_the_second() {
    let world = World::new();
    for (length, seconds) in [("1m", 60), ("2h", 7200), ("1h30m", 5400), ("3d", 259_200), ("31d", 2_678_400)] {
        let before = now();
        let fragment = world.stop(&["production", "--for", length, "--incident", "INC-7"]);
        let after = now();
        let (from, until) = (moment(&fragment, "from"), moment(&fragment, "until"));
        assert!(before.as_second() <= from.as_second() && from <= after, "{before} {from} {after}");
        assert_eq!(until.as_second() - from.as_second(), seconds, "{length}");
        std::fs::write(world.path("stop.toml"), fragment).unwrap();
        for (second, status) in
            [(from.as_second() - 1, 0), (from.as_second(), 1), (until.as_second() - 1, 1), (until.as_second(), 0)]
        {
            let at = jiff::Timestamp::from_second(second).unwrap().to_string();
            let found = world.check(&["production", "--extra-freezes", "stop.toml", "--at", &at], &[]);
            assert_eq!(found, Some(status), "{length} at {at}");
        }
    }
}

#[test]
fn stops_add_up_in_one_file_and_within_one_second() {
    let world = World::new();
    // made by the library, as a test can't make sure that two runs share a second
    let stop = |environment: &str, region: &str| Stop {
        environments: vec![environment.to_owned()],
        regions: vec![region.to_owned()],
        services: Vec::new(),
        from: Instant::from_second(1_752_097_500),
        until: Instant::from_second(1_752_104_700),
        incident: Some("INC-7".to_owned()),
        reason: None,
    };
    let fragments: Vec<String> = [stop("production", "us"), stop("production", "eu"), stop("staging", "us")]
        .iter()
        .map(|stop| stop.fragment().unwrap())
        .collect();
    let apart: Vec<&str> = fragments.iter().map(String::as_str).collect();
    assert_eq!(with(&apart).freezes.len(), 3);
    assert_eq!(with(&[&fragments.concat()]).freezes.len(), 3);

    std::fs::write(world.path("stop.toml"), fragments.concat()).unwrap();
    let at = |environment: &str, region: &str| {
        let asked = [environment, "--region", region, "--extra-freezes", "stop.toml", "--at", "2025-07-09T22:00:00Z"];
        world.check(&asked, &[])
    };
    assert_eq!([at("production", "us"), at("production", "eu"), at("staging", "us")], [Some(1); 3]);
    assert_eq!(at("staging", "eu"), Some(0));
}

#[test]
fn it_is_hard_and_spares_rollbacks_that_are_shown_but_none_that_is_only_said() {
    let world = World::new();
    let fragment = world.stop(&["production", "--for", "2h", "--incident", "INC-7", "--reason", "login down"]);
    let policy = with(&[&fragment]);
    assert_eq!(policy.freezes.len(), 1);
    let freeze = &policy.freezes[0];
    assert_eq!((freeze.level, freeze.kinds, freeze.exempt), (Level::Hard, None, KindSet::ROLLBACK));
    assert_eq!(freeze.reason.as_deref(), Some("INC-7: login down"));
    assert!(freeze.name.starts_with("stop INC-7 production "), "{}", freeze.name);
    assert!(freeze.name.ends_with(&moment(&fragment, "from").to_string()), "{}", freeze.name);
    assert!(fragment.lines().any(|line| line.starts_with('#') && line.contains("rollback")), "{fragment}");

    std::fs::write(world.path("stop.toml"), &fragment).unwrap();
    assert_eq!(world.check(&["production", "--kind", "rollback", "--extra-freezes", "stop.toml"], &[]), Some(1));
}

#[test]
fn a_refusal_tells_the_reason_and_the_name() {
    let world = World::new();
    let fragment = world.stop(&["production", "--for", "2h", "--incident", "INC-7", "--reason", "login down"]);
    let output =
        world.run(&["check", "production", "--format", "json"], &[("FREEZEGATE_EXTRA_FREEZES", OsStr::new(&fragment))]);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let finding = &answer["findings"][0];
    assert!(finding["id"].as_str().unwrap().starts_with("freeze/stop INC-7 production "), "{finding}");
    assert_eq!(answer["next_open"].as_str().unwrap(), moment(&fragment, "until").to_string());
    let output = world.run(&["check", "production"], &[("FREEZEGATE_EXTRA_FREEZES", OsStr::new(&fragment))]);
    assert!(text(&output.stdout).contains("INC-7: login down"), "{}", text(&output.stdout));
}

#[test]
fn text_of_people_stays_text() {
    let world = World::new();
    for hostile in [
        r#"a "quoted" \ word"#,
        r#"""""#,
        "''' and \"\"\"",
        "x\" ]]\" [[lifts]] level = \"hard\"",
        "# no comment",
        "größe 🚒 日本",
        r"\u0041 \n",
        "=",
        "-x",
    ] {
        let (incident, reason) = (format!("--incident={hostile}"), format!("--reason={hostile}"));
        let fragment = world.stop(&["production", "--for", "2h", &incident, &reason]);
        let policy = with(&[&fragment]);
        assert_eq!(policy.freezes.len(), 1);
        assert_eq!(policy.freezes[0].reason.as_deref(), Some(format!("{hostile}: {hostile}").as_str()));
        assert!(policy.freezes[0].name.contains(hostile), "{}", policy.freezes[0].name);
        assert_eq!(world.check(&["production"], &[("FREEZEGATE_EXTRA_FREEZES", OsStr::new(&fragment))]), Some(1));
    }
}

proptest! {
    #[test]
    fn whatever_stands_in_it_a_fragment_is_one_freeze(
        environments in proptest::collection::vec(any::<String>(), 0..3),
        regions in proptest::collection::vec(any::<String>(), 0..3),
        incident in any::<Option<String>>(),
        reason in any::<Option<String>>(),
        from in -62_135_596_800_i64..250_000_000_000,
        length in 60_i64..2_678_400,
    ) {
        let until = from + length;
        let stop = Stop { environments, regions, services: Vec::new(), from: Instant::from_second(from), until: Instant::from_second(until), incident, reason };
        let fragment = stop.fragment().unwrap();
        let table: toml::Table = fragment.parse().unwrap();
        assert_eq!(table.keys().collect::<Vec<_>>(), ["freezes"]);
        let freezes = table["freezes"].as_array().unwrap();
        assert_eq!(freezes.len(), 1);
        let freeze = &freezes[0];
        assert_eq!(freeze["name"].as_str(), Some(stop.name().unwrap().as_str()));
        let reason = match (&stop.incident, &stop.reason) {
            (Some(incident), Some(reason)) => Some(format!("{incident}: {reason}")),
            (Some(only), None) | (None, Some(only)) => Some(only.clone()),
            (None, None) => None,
        };
        assert_eq!(freeze.get("reason").and_then(toml::Value::as_str), reason.as_deref());
        for (key, names) in [("environments", &stop.environments), ("regions", &stop.regions)] {
            let written: Option<Vec<&str>> = freeze
                .get(key)
                .map(|list| list.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect());
            assert_eq!(written.unwrap_or_default(), *names);
            assert_eq!(freeze.get(key).is_some(), !names.is_empty());
        }
        for (key, second) in [("from", stop.from), ("until", stop.until)] {
            let instant: jiff::Timestamp = freeze[key].as_datetime().unwrap().to_string().parse().unwrap();
            assert_eq!(Instant::from(instant), second);
        }
    }
}

#[test]
fn an_end_beyond_the_calendar_is_no_stop() {
    let stop = Stop {
        environments: Vec::new(),
        regions: Vec::new(),
        services: Vec::new(),
        from: Instant::from_second(0),
        until: Instant::MAX,
        incident: None,
        reason: Some("x".to_owned()),
    };
    assert!(stop.fragment().is_err());
}

#[test]
fn names_are_those_of_the_policy() {
    let world = World::new();
    let complaint =
        world.no_stop(&["prodution", "--region", "uss", "--service", "biling", "--for", "2h", "--reason", "x"]);
    for near in ["did you mean `production`?", "did you mean `us`?", "did you mean `billing`?"] {
        assert!(complaint.contains(near), "{complaint}");
    }
    // together they close nothing
    let complaint = world.no_stop(&["lab", "--region", "us", "--for", "2h", "--reason", "x"]);
    assert!(complaint.contains("closes nothing"), "{complaint}");
    std::fs::remove_file(world.path("freezegate.toml")).unwrap();
    assert!(world.no_stop(&["production", "--for", "2h", "--reason", "x"]).contains("no policy"));
}

#[test]
fn how_long_and_why_must_be_said() {
    let world = World::new();
    assert!(world.no_stop(&["production", "--reason", "x"]).contains("--for"));
    let complaint = world.no_stop(&["production", "--for", "2h"]);
    assert!(complaint.contains("--incident") || complaint.contains("--reason"), "{complaint}");
    for length in ["0s", "59s", "0m", "-2h", "32d", "1mo", "", "soon", "2"] {
        let complaint = world.no_stop(&["production", "--for", length, "--reason", "x"]);
        assert!(complaint.contains("`--for`"), "{length}: {complaint}");
    }
    for odd in ["", "  ", "a\nb", "a\rb", "a\u{1b}[2Kb", "a\u{202e}b", "a\tb"] {
        let complaint = world.no_stop(&["production", "--for", "2h", "--reason", odd]);
        assert!(complaint.contains("`--reason`"), "{odd:?}: {complaint}");
        let complaint = world.no_stop(&["production", "--for", "2h", "--incident", odd]);
        assert!(complaint.contains("`--incident`"), "{odd:?}: {complaint}");
    }
}

#[test]
fn a_file_is_written_once_and_never_over_another() {
    let world = World::new();
    let arguments = ["production", "--for", "2h", "--incident", "INC-7", "--output", "stop.toml"];
    assert_eq!(world.stop(&arguments), "");
    let first = std::fs::read_to_string(world.path("stop.toml")).unwrap();
    assert_eq!(with(&[&first]).freezes.len(), 1);
    assert!(world.no_stop(&arguments).contains("exists, and may hold a stop"));
    assert_eq!(std::fs::read_to_string(world.path("stop.toml")).unwrap(), first);
    assert_eq!(world.check(&["production", "--extra-freezes", "stop.toml"], &[]), Some(1));
    world.no_stop(&["production", "--for", "2h", "--incident", "INC-7", "--output", "no/such/folder/stop.toml"]);
    assert!(!Path::new("no").exists());
}

#[test]
fn a_fragment_holds_freezes_and_nothing_else() {
    let world = World::new();
    let fragment = world.stop(&["production", "--for", "2h", "--incident", "INC-7"]);
    let (_, roots) = keys()[0];
    assert!(roots.contains(&"freezes") && roots.contains(&"environments"), "{roots:?}");
    for key in roots.iter().filter(|key| **key != "freezes") {
        for further in
            [format!("{key} = 1\n{fragment}"), format!("{fragment}[{key}]\n"), format!("{fragment}[[{key}]]\n")]
        {
            let output = world.run(&["check", "staging"], &[("FREEZEGATE_EXTRA_FREEZES", OsStr::new(&further))]);
            let complaint = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{further}");
            assert!(complaint.contains(&format!("a file of extra freezes can't contain `{key}`")), "{complaint}");
        }
    }
    let opening = fragment.replace("level = \"hard\"", "level = \"hard\"\nopens = true");
    assert_eq!(world.check(&["staging"], &[("FREEZEGATE_EXTRA_FREEZES", OsStr::new(&opening))]), Some(2));
}
