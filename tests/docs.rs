//! The manual: its links lead somewhere, its reference is complete, and its console blocks show what the program prints.
//!
//! A fenced `console` or `toml` block has a marker in the line above it:
//!
//! - `<!-- run: SESSION -->`: its commands run, in order, and print what is shown. A line `…` stands for any lines, `…` in
//!   a line for any text, such as a digest.
//! - `<!-- run: SESSION at 2025-07-09T21:45:00Z -->`: the same, with the clock stopped at that instant.
//! - `<!-- file: SESSION PATH -->`: its text is written to that path, and loads if it is a policy.
//! - `<!-- skip: REASON -->`: it is not run.
//!
//! A session is `FIXTURE` or `FIXTURE/NAME`. It begins in a fresh folder and goes on to the end of its page.
//! `FREEZEGATE_DOCS_UPDATE=1 cargo test --test program docs` writes what is printed into the pages.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a page that can't be read, or a sandbox that does not come up, is a failed test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::support::clean::command;
use crate::support::clock::FAKETIME;
use serde_json::Value;
use tempfile::TempDir;

/// What stands in the output for the path of the program.
const PROGRAM_SHOWN: &str = "/usr/local/bin/freezegate";

/// What stands in the output for the folder of a session.
const HOME_SHOWN: &str = "/home/ada";

/// What the script of a block prints before each command.
const MARK: &str = "\u{1e}\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| format!("{path}: {error}"))
}

/// The pages of the manual below `docs/src`, by their path from the root, sorted.
fn pages() -> Vec<String> {
    fn add(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if root().join(&path).is_dir() {
                add(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    add(Path::new("docs/src"), &mut found);
    found.sort();
    found
}

/// All that is checked: the manual and what stands beside it.
fn documents() -> Vec<String> {
    let beside = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".github/SECURITY.md"];
    beside.into_iter().map(str::to_owned).chain(pages()).collect()
}

/// A line of a document.
struct Line<'a> {
    text: &'a str,
    /// True if it is part of a fenced block, its fences among them.
    is_fenced: bool,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut fence = false;
    let mut found = Vec::new();
    for text in text.lines() {
        let is_edge = text.trim_start().starts_with("```");
        found.push(Line { text, is_fenced: fence || is_edge });
        fence ^= is_edge;
    }
    found
}

/// The text without its code spans.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

/// The anchor of a heading, as forges and mdBook make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in lines(text).iter().filter(|line| !line.is_fenced && line.text.starts_with('#')) {
        let plain = anchor(line.text.trim_start_matches('#'));
        let numbered = (1..).map(|number| format!("{plain}-{number}"));
        let free = std::iter::once(plain.clone()).chain(numbered).find(|name| !found.contains(name));
        found.extend(free);
    }
    found
}

/// The targets of the links of a text.
fn links(text: &str) -> Vec<String> {
    let prose: Vec<&str> = lines(text).iter().filter(|line| !line.is_fenced).map(|line| line.text).collect();
    let prose = without_code(&prose.join("\n"));
    prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.to_owned()).collect()
}

/// `path` without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(found.pop()),
            Component::Normal(name) => found.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    found
}

#[test]
fn every_link_and_anchor_resolves() {
    let mut wrong = Vec::new();
    for document in documents() {
        let text = read(&document);
        for link in links(&text).into_iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (file, at) = link.split_once('#').map_or((link.as_str(), None), |(file, at)| (file, Some(at)));
            let path = if file.is_empty() {
                PathBuf::from(&document)
            } else {
                normal(&Path::new(&document).parent().unwrap().join(file))
            };
            if !root().join(&path).exists() {
                wrong.push(format!("{document}: {link}: there is no {}", path.display()));
            } else if let Some(at) = at
                && !anchors(&read(path.to_str().unwrap())).contains(at)
            {
                wrong.push(format!("{document}: {link}: there is no heading `{at}`"));
            } else if document.starts_with("docs/src") && !path.starts_with("docs/src") {
                wrong.push(format!("{document}: {link} leaves the book, where it leads nowhere"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lines_are_short() {
    let mut wrong = Vec::new();
    for document in documents().into_iter().filter(|document| !document.ends_with("SECURITY.md")) {
        let text = read(&document);
        for (number, line) in (1..).zip(lines(&text)) {
            // an address can't be broken
            if !line.is_fenced && line.text.chars().count() > 100 && !line.text.contains("://") {
                wrong.push(format!("{document}:{number}: more than 100 characters"));
            }
        }
    }
    let length = read("README.md").lines().count();
    if length > 200 {
        wrong.push(format!("README.md: {length} lines, more than 200"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns what `freezegate` prints for `arguments`.
fn printed(arguments: &[&str]) -> String {
    let folder = TempDir::new().unwrap();
    let mut program = command(env!("CARGO_BIN_EXE_freezegate"), folder.path(), folder.path());
    let output = program.env("COLUMNS", "80").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The entries of a page, `- ` and code, by the heading above them; of an entry only the first word.
fn entries(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = read(page);
    let mut heading = String::new();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in lines(&text).iter().filter(|line| !line.is_fenced) {
        if let Some(title) = line.text.strip_prefix("## ") {
            title.clone_into(&mut heading);
        } else if let Some((code, _)) = line.text.strip_prefix("- `").and_then(|rest| rest.split_once('`')) {
            let word = code.split([' ', '=']).next().unwrap().to_owned();
            let is_new = found.entry(heading.clone()).or_default().insert(word.clone());
            assert!(is_new, "{page}, {heading}: `{word}` has two entries");
        }
    }
    found
}

/// Fails if `listed` is not `known`, with what a page lacks and what it has too many.
fn assert_same(page: &str, listed: &BTreeSet<String>, known: &BTreeSet<String>) {
    let missing: Vec<_> = known.difference(listed).collect();
    let unknown: Vec<_> = listed.difference(known).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "{page} lacks {missing:?}, and has what is not there: {unknown:?}"
    );
}

/// Entries with their headings, as one set.
fn flat(entries: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    entries.iter().flat_map(|(heading, names)| names.iter().map(move |name| format!("{heading}: {name}"))).collect()
}

/// All entries of a page.
fn all_entries(page: &str) -> BTreeSet<String> {
    entries(page).into_values().flatten().collect()
}

/// Adds the keys of a table of the schema, by the heading that the table has in the reference.
fn add_keys(schema: &Value, table: &Value, path: &str, found: &mut BTreeMap<String, BTreeSet<String>>) {
    let resolve = |value: &Value| -> Value {
        let name = value.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
        name.map_or_else(|| value.clone(), |name| schema.pointer(name).unwrap().clone())
    };
    let heading = if path.is_empty() { "Top level".to_owned() } else { format!("`{path}`") };
    let inner = path.trim_matches(['[', ']']);
    for (key, value) in table.get("properties").and_then(Value::as_object).unwrap() {
        found.entry(heading.clone()).or_default().insert(key.clone());
        let value = resolve(value);
        let below = if inner.is_empty() { key.clone() } else { format!("{inner}.{key}") };
        if value.get("properties").is_some() {
            add_keys(schema, &value, &format!("[{below}]"), found);
        }
        for named in value.get("patternProperties").and_then(Value::as_object).into_iter().flat_map(|map| map.values())
        {
            let named = resolve(named);
            if named.get("properties").is_some() {
                add_keys(schema, &named, &format!("[{below}.NAME]"), found);
            }
        }
        let item = value.get("items").map(resolve).filter(|item| item.get("properties").is_some());
        if let Some(item) = item {
            add_keys(schema, &item, &format!("[[{below}]]"), found);
        }
    }
}

#[test]
fn the_reference_has_every_key() {
    let schema: Value = serde_json::from_str(&printed(&["schema"])).unwrap();
    let mut keys = BTreeMap::new();
    add_keys(&schema, &schema, "", &mut keys);
    assert_same("policy.md", &flat(&entries("docs/src/reference/policy.md")), &flat(&keys));
}

#[test]
fn the_reference_has_every_code() {
    let shown = printed(&["explain"]);
    let codes = shown.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let codes: BTreeSet<String> = codes.map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_same("codes.md", &all_entries("docs/src/reference/codes.md"), &codes);
}

/// A command and its subcommands, with their help.
fn helps(path: &[&str], found: &mut Vec<(String, String)>) {
    let help = printed(&[path, &["--help"]].concat());
    let commands = help.split_once("Commands:\n").map_or("", |(_, rest)| rest);
    let commands = commands.split("\n\n").next().unwrap().lines().filter_map(|line| line.strip_prefix("  "));
    for name in commands.filter(|line| !line.starts_with(' ')).map(|line| line.split(' ').next().unwrap()) {
        helps(&[path, &[name]].concat(), found);
    }
    found.push((format!("`{}`", [&["freezegate"], path].concat().join(" ")), help));
}

fn all_helps() -> Vec<(String, String)> {
    let mut found = Vec::new();
    helps(&[], &mut found);
    found
}

/// The name of the option with which a line of a help begins.
fn option(line: &str) -> Option<String> {
    let line = line.trim_start();
    let line = line.split_once(", ").filter(|(short, _)| short.len() == 2).map_or(line, |(_, long)| long);
    line.starts_with("--").then(|| line.split([' ', '=']).next().unwrap().to_owned())
}

#[test]
fn the_reference_has_every_option_and_nothing_else() {
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, help) in all_helps() {
        let options = help.split_once("\nOptions:\n").map_or("", |(_, rest)| rest);
        let options = options.split("\nexit status").next().unwrap().split("\nexamples:").next().unwrap();
        let mut known: BTreeSet<String> = options.lines().filter_map(option).collect();
        if name != "`freezegate`" {
            known.remove("--help");
        }
        if !known.is_empty() {
            expected.insert(name, known);
        }
    }
    let mut listed = BTreeMap::new();
    for (heading, options) in entries("docs/src/reference/commands.md") {
        // two commands with the same options have one list
        for command in heading.split(", ") {
            listed.insert(command.to_owned(), options.clone());
        }
    }
    assert_same("commands.md", &flat(&listed), &flat(&expected));
}

#[test]
fn the_reference_has_every_command() {
    let text = read("docs/src/reference/commands.md");
    let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
    let listed: BTreeSet<String> = headings.flat_map(|heading| heading.split(", ")).map(str::to_owned).collect();
    let is_group = |help: &str| help.contains("\nCommands:\n");
    let known = all_helps().into_iter().filter(|(name, help)| name == "`freezegate`" || !is_group(help));
    assert_same("commands.md", &listed, &known.map(|(name, _)| name).collect());
}

#[test]
fn the_reference_has_every_exit_status() {
    let mut known = BTreeSet::new();
    for (_, help) in all_helps() {
        for part in help.split("exit status: ").skip(1) {
            let part = part.split("\n\n").next().unwrap();
            let numbers = part.split(|letter: char| !letter.is_ascii_alphanumeric());
            known.extend(numbers.filter(|word| word.parse::<u8>().is_ok()).map(str::to_owned));
        }
    }
    assert!(!known.is_empty());
    assert_same("exit-status.md", &all_entries("docs/src/reference/exit-status.md"), &known);
}

#[test]
fn the_reference_has_every_format() {
    let help = printed(&["check", "--help"]);
    let (_, formats) = help.split_once("--format <FORMAT>").unwrap();
    let formats = formats.split("[default").next().unwrap();
    let formats = formats.lines().filter_map(|line| line.trim_start().strip_prefix("- ")?.split_once(':'));
    let known: BTreeSet<String> = formats.map(|(name, _)| name.to_owned()).collect();
    assert!(known.len() > 3);
    let listed = entries("docs/src/reference/formats.md").remove("Formats of `check` and `next`").unwrap();
    assert_same("formats.md", &listed, &known);
}

#[test]
fn the_reference_has_every_variable_of_its_own() {
    fn add(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, found);
                continue;
            }
            for rest in fs::read_to_string(&path).unwrap_or_default().split("FREEZEGATE_").skip(1) {
                let name: String =
                    rest.chars().take_while(|letter| letter.is_ascii_uppercase() || *letter == '_').collect();
                found.extend((!name.is_empty()).then(|| format!("FREEZEGATE_{name}")));
            }
        }
    }
    let mut known = BTreeSet::new();
    add(&root().join("src"), &mut known);
    let mut listed = entries("docs/src/reference/environment.md").remove("Variables of freezegate").unwrap();
    listed.retain(|name| name.starts_with("FREEZEGATE_"));
    assert_same("environment.md", &listed, &known);
}

/// What the marker above a block wants.
enum Marker {
    Run { session: String, at: Option<String> },
    File { session: String, path: String },
    Skip,
}

fn marker(line: &str) -> Option<Marker> {
    let inner = line.trim().strip_prefix("<!--")?.strip_suffix("-->")?.trim();
    let (word, rest) = inner.split_once(": ")?;
    match word {
        "run" => Some(match rest.split_once(" at ") {
            Some((session, at)) => Marker::Run { session: session.to_owned(), at: Some(at.to_owned()) },
            None => Marker::Run { session: rest.to_owned(), at: None },
        }),
        "file" => rest
            .split_once(' ')
            .map(|(session, path)| Marker::File { session: session.to_owned(), path: path.to_owned() }),
        "skip" => (rest.split(' ').count() > 1).then_some(Marker::Skip),
        _ => None,
    }
}

/// A folder that goes from block to block.
struct Session {
    folder: TempDir,
}

impl Session {
    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn begin(fixture: &str) -> Self {
        let session = Self { folder: TempDir::new().unwrap() };
        let home = session.home();
        fs::create_dir(&home).unwrap();
        let bin = session.folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_freezegate"), bin.join("freezegate")).unwrap();
        let policies = root().join("policies");
        let start = match fixture {
            "empty" => home,
            // this repository, as far as its first command needs it
            "clone" => {
                fs::create_dir(home.join("policies")).unwrap();
                for entry in fs::read_dir(&policies).unwrap() {
                    let entry = entry.unwrap();
                    // calendars to include lie in a folder, and no policy here includes one
                    if entry.file_type().unwrap().is_file() {
                        fs::copy(entry.path(), home.join("policies").join(entry.file_name())).unwrap();
                    }
                }
                home
            }
            // two commits, of which the second changes production/us
            "talkdesk" => {
                let shop = home.join("shop");
                session.git(&home, &["init", "-q", "--bare", "-b", "main", "server.git"]);
                session.git(&home, &["init", "-q", "-b", "main", "shop"]);
                session.git(&shop, &["config", "user.email", "ada@example.com"]);
                session.git(&shop, &["config", "freezegate.repository", "example.com/shop"]);
                session.git(&shop, &["remote", "add", "origin", "../server.git"]);
                fs::copy(policies.join("talkdesk.toml"), shop.join("freezegate.toml")).unwrap();
                fs::copy(policies.join("approvers.allowed_signers"), shop.join("approvers.allowed_signers")).unwrap();
                for environment in ["pre-production", "production"] {
                    let folder = shop.join("deploy").join(environment).join("us");
                    fs::create_dir_all(&folder).unwrap();
                    fs::write(folder.join("routes.yaml"), "route: old\n").unwrap();
                }
                session.commit(&shop, "the state before");
                session.git(&shop, &["push", "-q", "-u", "origin", "main"]);
                session.git(&shop, &["remote", "set-head", "origin", "main"]);
                fs::write(shop.join("deploy/production/us/routes.yaml"), "route: new\n").unwrap();
                session.commit(&shop, "route calls to the new host");
                shop
            }
            // a bare repository that judges, with a record, and a clone of it
            "dixa" => {
                let shop = home.join("shop");
                session.git(&home, &["init", "-q", "--bare", "-b", "main", "server.git"]);
                session.git(&home.join("server.git"), &["config", "freezegate.repository", "example.com/shop"]);
                session.git(&home, &["init", "-q", "-b", "main", "shop"]);
                session.git(&shop, &["remote", "add", "origin", "../server.git"]);
                fs::create_dir(shop.join("terraform")).unwrap();
                fs::copy(policies.join("dixa.toml"), shop.join("freezegate.toml")).unwrap();
                fs::write(shop.join("terraform/tables.tf"), "mode = \"provisioned\"\n").unwrap();
                session.commit(&shop, "the state before");
                session.git(&shop, &["push", "-q", "-u", "origin", "main"]);
                session.git(&shop, &["remote", "set-head", "origin", "main"]);
                shop
            }
            other => panic_for(other),
        };
        fs::write(session.folder.path().join("pwd"), start.to_str().unwrap()).unwrap();
        session
    }

    fn git(&self, folder: &Path, arguments: &[&str]) {
        let output = command("git", folder, &self.home()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn commit(&self, folder: &Path, message: &str) {
        self.git(folder, &["add", "-A"]);
        self.git(folder, &["commit", "-qm", message]);
    }

    fn folder_now(&self) -> PathBuf {
        PathBuf::from(fs::read_to_string(self.folder.path().join("pwd")).unwrap().trim_end())
    }

    /// Returns what each of the commands prints, run one after another by one shell.
    fn run(&self, commands: &[String], at: Option<&str>) -> Vec<String> {
        let folder = self.folder.path();
        let mut script = String::from("exec 2>&1\nmark() { local status=$?; printf '\\036\\n'; return $status; }\n");
        // the first command of the README builds the program; here it is built
        script.push_str("cargo() { shift 3; freezegate \"$@\"; }\n");
        for command in commands {
            write!(script, "mark\n{command}\n").unwrap();
        }
        write!(script, "mark\npwd > '{}/pwd'\n", folder.display()).unwrap();
        fs::write(folder.join("script"), script).unwrap();
        let now = self.folder_now();
        let mut shell = match at {
            None => command("bash", &now, &self.home()),
            Some(at) => {
                let mut shell = command(FAKETIME, &now, &self.home());
                let stopped = at.replace('T', " ");
                shell.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("FAKETIME_DONT_RESET", "1");
                shell.args(["-f", stopped.trim_end_matches('Z'), "bash"]);
                shell
            }
        };
        let path = shell.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
        let path = std::env::join_paths([folder.join("bin")].into_iter().chain(std::env::split_paths(&path))).unwrap();
        shell.env("PATH", path).env("COLUMNS", "80").env("NO_COLOR", "1");
        let output = shell.arg(folder.join("script")).output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        let program = fs::canonicalize(env!("CARGO_BIN_EXE_freezegate")).unwrap();
        let shown = shown
            .replace(program.to_str().unwrap(), PROGRAM_SHOWN)
            .replace(folder.join("bin/freezegate").to_str().unwrap(), PROGRAM_SHOWN)
            .replace(self.home().to_str().unwrap(), HOME_SHOWN);
        let shown = without_digests(&shown);
        let mut outputs: Vec<String> = shown.split(MARK).skip(1).map(str::to_owned).collect();
        outputs.truncate(commands.len());
        outputs.resize(commands.len(), "the shell ended before this\n".to_owned());
        outputs
    }
}

#[expect(clippy::panic, reason = "a marker that nobody knows is a failed test")]
fn panic_for(fixture: &str) -> ! {
    panic!("`{fixture}` is no fixture of tests/docs.rs")
}

/// A command of a console block with what is shown below it.
struct Step {
    /// As in the page, `$ ` in front.
    shown: Vec<String>,
    command: String,
    output: Vec<String>,
}

/// Returns whether the next line belongs to the command.
fn goes_on(line: &str) -> bool {
    line.ends_with('\\') || line.ends_with("; do")
}

/// Returns whether a command is a loop over several lines.
fn is_loop(command: &str) -> bool {
    command.starts_with("for ")
}

fn steps(block: &[&str]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    // the line that ends a here-document, or an empty one after a backslash
    let mut open: Option<String> = None;
    for line in block {
        let fresh = line.strip_prefix("$ ").filter(|_| open.is_none());
        let part = match fresh {
            Some(text) => {
                steps.push(Step { shown: Vec::new(), command: String::new(), output: Vec::new() });
                text
            }
            None => line,
        };
        let step = steps.last_mut().unwrap();
        if fresh.is_none() && open.is_none() {
            step.output.push((*line).to_owned());
            continue;
        }
        step.shown.push((*line).to_owned());
        // bash's prompt for what goes on
        let part = if fresh.is_none() { part.strip_prefix("> ").unwrap_or(part) } else { part };
        step.command.push_str(part);
        step.command.push('\n');
        let here = part.split_once("<<'").and_then(|(_, rest)| rest.split_once('\'')).map(|(end, _)| end.to_owned());
        open = match open {
            None => here.or_else(|| goes_on(part).then(String::new)),
            Some(end) if end.is_empty() => {
                (goes_on(part) || !part.starts_with("done") && is_loop(&step.command)).then_some(end)
            }
            Some(end) => (part != end).then_some(end),
        };
    }
    steps
}

/// The text with `…` for what differs from run to run: digests, and the ids of grants.
fn without_digests(text: &str) -> String {
    let is_hex = |letter: char| matches!(letter, '0'..='9' | 'a'..='f');
    let mut found = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_hex) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|letter: char| !is_hex(letter)).unwrap_or(from.len()));
        found.push_str(before);
        found.push_str(if matches!(word.len(), 16 | 64) { "…" } else { word });
        rest = after;
    }
    found + rest
}

/// Returns whether `shown` is the line that was printed, where `…` stands for any text.
fn line_fits(shown: &str, printed: &str) -> bool {
    match shown.split_once('…') {
        None => shown == printed,
        Some((before, after)) => printed.strip_prefix(before).is_some_and(|rest| {
            let mut starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            starts.any(|at| rest.get(at..).is_some_and(|rest| line_fits(after, rest)))
        }),
    }
}

/// Returns whether `shown` is what was printed, where a line `…` stands for any lines.
fn fits(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=printed.len()).any(|skipped| fits(rest, printed.get(skipped..).unwrap_or_default()))
        }
        Some((first, rest)) => {
            printed.split_first().is_some_and(|(line, others)| line_fits(first, line) && fits(rest, others))
        }
    }
}

/// Runs the blocks of a page. Returns the page as it would be with what was printed, and what is wrong with it.
fn run_page(page: &str) -> (String, Vec<String>) {
    let text = read(page);
    let all: Vec<&str> = text.lines().collect();
    let mut sessions: BTreeMap<String, Session> = BTreeMap::new();
    let mut policies: Vec<(String, PathBuf)> = Vec::new();
    let mut written: Vec<String> = Vec::new();
    let mut wrong = Vec::new();
    let mut rest = all.as_slice();
    let mut above = "";
    while let Some((line, after)) = rest.split_first() {
        rest = after;
        written.push((*line).to_owned());
        let number = written.len();
        let Some(language) = line.strip_prefix("```") else {
            above = line;
            continue;
        };
        let length = rest.iter().position(|line| line.starts_with("```")).unwrap_or(rest.len());
        let (block, after) = rest.split_at(length);
        let marked = marker(above);
        if matches!(language, "console" | "toml") && marked.is_none() {
            wrong.push(format!("{page}:{number}: a `{language}` block without `<!-- run: … -->`, `file` or `skip`"));
        }
        match marked {
            Some(Marker::File { session, path }) => {
                let fixture = session.split('/').next().unwrap().to_owned();
                let name = session.clone();
                let session = sessions.entry(session).or_insert_with(|| Session::begin(&fixture));
                let path = session.folder_now().join(path);
                if block.iter().any(|line| line.contains("[environments.")) {
                    policies.push((name, path.clone()));
                }
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, block.join("\n") + "\n").unwrap();
                written.extend(block.iter().map(|line| (*line).to_owned()));
            }
            Some(Marker::Run { session, at }) if language == "console" => {
                let fixture = session.split('/').next().unwrap().to_owned();
                let session = sessions.entry(session).or_insert_with(|| Session::begin(&fixture));
                let steps = steps(block);
                let commands: Vec<String> = steps.iter().map(|step| step.command.clone()).collect();
                for (step, output) in steps.into_iter().zip(session.run(&commands, at.as_deref())) {
                    let printed: Vec<String> = output.lines().map(|line| line.trim_end().to_owned()).collect();
                    written.extend(step.shown);
                    if fits(&step.output, &printed) {
                        written.extend(step.output);
                    } else {
                        wrong.push(format!(
                            "{page}:{number}: `{}` prints\n{}",
                            step.command.trim_end(),
                            printed.join("\n")
                        ));
                        written.extend(printed);
                    }
                }
            }
            Some(Marker::Run { .. }) => wrong.push(format!("{page}:{number}: only `console` blocks run")),
            Some(Marker::Skip) | None => written.extend(block.iter().map(|line| (*line).to_owned())),
        }
        rest = after;
        if let Some((end, after)) = rest.split_first() {
            written.push((*end).to_owned());
            rest = after;
        }
        above = "";
    }
    for (session, policy) in policies {
        let home = sessions.get(&session).unwrap().home();
        let mut lint = command(env!("CARGO_BIN_EXE_freezegate"), policy.parent().unwrap(), &home);
        let output = lint.args(["lint", "--policy"]).arg(&policy).output().unwrap();
        if output.status.code() == Some(2) {
            wrong.push(format!("{page}: {}:\n{}", policy.display(), String::from_utf8_lossy(&output.stderr)));
        }
    }
    (written.join("\n") + "\n", wrong)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "who writes a page asks for it by a variable")]
fn console_blocks_show_what_the_program_prints() {
    let is_update = std::env::var_os("FREEZEGATE_DOCS_UPDATE").is_some();
    let mut wrong = Vec::new();
    for document in documents().into_iter().filter(|document| !document.ends_with("SECURITY.md")) {
        let (written, faults) = run_page(&document);
        if is_update && !faults.is_empty() {
            fs::write(root().join(&document), written).unwrap();
        }
        wrong.extend(faults);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
