//! What kubectl and other tools act on, by their arguments, the environment and files.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends where its data is not as it should be")]

use std::collections::BTreeMap;
use std::path::Path;

use freezegate::change::CommandLine;
use freezegate::change::command::{
    CommandEffect, CommandFacts, FactValue, FileFault, FolderEntry, MOST_TOOL_ENTRIES, Surroundings,
};
use freezegate::fact::FactKey;
use serde_json::Value;

use crate::support::clean;

/// Files and folders, most below `/srv/app`, which is the working directory, and variables.
#[derive(Debug, Default, Clone)]
struct Machine {
    files: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
}

impl Surroundings for Machine {
    fn set_variable(&self, name: &str) -> Option<Vec<u8>> {
        self.variables.get(name).map(|value| value.clone().into_bytes())
    }

    fn folder(&self) -> Vec<u8> {
        b"/srv/app".to_vec()
    }

    fn read_file(&self, path: &[u8], _limit: u64) -> Result<Vec<u8>, FileFault> {
        let path = String::from_utf8_lossy(path).replace("/./", "/");
        match self.files.get(&path).map(String::as_str) {
            None => Err(FileFault::Missing),
            Some("<denied>") => Err(FileFault::Unreadable("Permission denied".to_owned())),
            Some("<large>") => Ok(vec![b'#'; (1 << 20) + 1]),
            Some(text) => Ok(text.replace("\\t", "  ").into_bytes()),
        }
    }

    fn read_folder(&self, path: &[u8]) -> Result<Option<Vec<FolderEntry>>, FileFault> {
        let folder = format!("{}/", String::from_utf8_lossy(path).replace("/./", "/").trim_end_matches('/'));
        let below = self.files.keys().filter_map(|file| file.strip_prefix(&folder));
        let mut entries: Vec<FolderEntry> = below
            .map(|below| match below.split_once('/') {
                Some((name, _)) => FolderEntry { name: name.as_bytes().to_vec(), is_folder: true },
                None => FolderEntry { name: below.as_bytes().to_vec(), is_folder: false },
            })
            .collect();
        entries.dedup();
        Ok((!entries.is_empty()).then_some(entries))
    }
}

fn facts(machine: &Machine, words: &[String]) -> Option<CommandFacts> {
    let words: Vec<Vec<u8>> = words.iter().map(|word| word.clone().into_bytes()).collect();
    let program = words.first().unwrap().clone();
    CommandLine { program, words, facts: None }.acting_in(machine).facts
}

fn texts(facts: &CommandFacts, key: FactKey) -> Result<Vec<String>, String> {
    match facts.get(key).unwrap() {
        FactValue::AnyOf(values) => Ok(values.iter().map(|one| String::from_utf8_lossy(one).into_owned()).collect()),
        FactValue::NotUnderstood(why) => Err(why.clone()),
    }
}

/// `tests/data/kubectl.json`: where the real kubectl sent its requests.
#[test]
fn kubectl_goes_where_its_facts_say() {
    let reached = goes_where_its_facts_say(include_str!("data/kubectl.json"));
    assert!(reached >= 300, "{reached}");
}

/// `tests/data/kubectl-folders.json`: the same for folders of files.
#[test]
fn kubectl_reads_the_folders_that_its_facts_read() {
    let reached = goes_where_its_facts_say(include_str!("data/kubectl-folders.json"));
    assert!(reached >= 60, "{reached}");
}

/// The same with other lines and the kubectl of this machine, if there is one, and a Python to stand for its servers.
#[test]
fn the_kubectl_of_this_machine_goes_where_its_facts_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let home = tempfile::TempDir::new().unwrap();
    let has = |program: &str| clean::command(program, root, home.path()).arg("--help").output().is_ok();
    if !has("kubectl") || !has("python3") {
        return;
    }
    let mut python = clean::command("python3", root, home.path());
    let output =
        python.args(["tests/commands/kubectl.py", "--lines", "12", "--seed", "7", "kubectl"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(goes_where_its_facts_say(&String::from_utf8(output.stdout).unwrap()), 12);
}

/// Compares lines with their facts; returns how many reached a server.
fn goes_where_its_facts_say(data: &str) -> usize {
    let data: Value = serde_json::from_str(data).unwrap();
    let mut machine = Machine::default();
    for (path, text) in data["files"].as_object().unwrap() {
        machine.files.insert(format!("/srv/app/{path}"), text.as_str().unwrap().to_owned());
    }
    let (mut reached, mut not_understood) = (0, Vec::new());
    for line in data["lines"].as_array().unwrap() {
        let words =
            ["kubectl"].into_iter().chain(line["words"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()));
        let words: Vec<String> = words.map(str::to_owned).collect();
        let mut machine = machine.clone();
        machine.variables.insert("HOME".to_owned(), "/srv/app/home".to_owned());
        for (name, value) in line["environment"].as_object().unwrap() {
            machine.variables.insert(name.clone(), value.as_str().unwrap().to_owned());
        }
        let told = format!("{words:?} {:?}", line["environment"]);
        let facts = facts(&machine, &words).unwrap();
        assert_eq!(facts.effect, CommandEffect::Writes, "{told}");
        let went: Vec<(String, String)> = line["went"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|of_version| of_version.as_array().unwrap())
            .map(|one| (one[0].as_str().unwrap().to_owned(), one[1].as_str().unwrap().to_owned()))
            .collect();
        if went.is_empty() {
            continue;
        }
        reached += 1;
        match (texts(&facts, FactKey::Servers), texts(&facts, FactKey::Namespaces)) {
            (Ok(servers), Ok(namespaces)) => {
                for (server, namespace) in &went {
                    assert!(servers.contains(server), "{told}: {server} is not one of {servers:?}");
                    assert!(namespaces.contains(namespace), "{told}: {namespace} is not one of {namespaces:?}");
                }
                for server in &servers {
                    assert!(went.iter().any(|(one, _)| one == server), "{told}: went {went:?}, not to {server}");
                }
                // those of folders are named after what they are for, and all of them are sent
                for namespace in namespaces.iter().filter(|one| one.starts_with("in-")) {
                    assert!(went.iter().any(|(_, one)| one == namespace), "{told}: went {went:?}, not to {namespace}");
                }
                let is_file = |word: &String| [".yaml", "objects", "other"].iter().any(|name| word.contains(name));
                let has_file = words.iter().any(is_file);
                for namespace in namespaces.iter().filter(|_| !has_file) {
                    assert!(went.iter().any(|(_, one)| one == namespace), "{told}: went {went:?}, not to {namespace}");
                }
            }
            (servers, namespaces) => not_understood.push(format!("{told}: {servers:?} {namespaces:?}")),
        }
    }
    assert_eq!(not_understood, Vec::<String>::new());
    reached
}

/// `tests/data/tools`: each line of `cases` a command, and what it acts on.
#[test]
fn every_tool_acts_on_what_its_rules_say() {
    let text = include_str!("data/tools.txt");
    let mut machine = Machine::default();
    let mut file: Option<String> = None;
    let mut seen = 0;
    for (number, line) in text.lines().enumerate() {
        if let Some(path) = line.strip_prefix("file ") {
            file = Some(path.to_owned());
            machine.files.insert(path.to_owned(), String::new());
        } else if let (Some(path), Some(text)) = (&file, line.strip_prefix("  ")) {
            machine.files.entry(path.clone()).or_default().push_str(&format!("{text}\n"));
        } else if let Some(command) = line.strip_prefix("$ ") {
            file = None;
            let (command, expected) =
                command.split_once(" => ").unwrap_or_else(|| panic!("line {}: {line}", number + 1));
            let mut machine = machine.clone();
            machine.variables.insert("HOME".to_owned(), "/home/me".to_owned());
            let mut words: Vec<String> =
                command.split(' ').map(|word| word.replace("''", "").replace("\\s", " ")).collect();
            while let Some((name, value)) = words.first().and_then(|word| word.split_once('=')) {
                machine.variables.insert(name.to_owned(), value.to_owned());
                words.remove(0);
            }
            let facts = facts(&machine, &words);
            let found = told(facts.as_ref());
            match expected.strip_suffix('…') {
                Some(start) => assert!(found.starts_with(start), "line {}: {command}: {found}", number + 1),
                None => assert_eq!(found, expected, "line {}: {command}", number + 1),
            }
            seen += 1;
        } else {
            file = None;
            assert!(line.is_empty() || line.starts_with('#'), "line {}: {line}", number + 1);
        }
    }
    assert!(seen > 60, "{seen}");
    too_many_files_are_not_read(&machine);
    for (path, denied) in [("/large", "has more than 1 MiB"), ("/denied", "Permission denied")] {
        let mut machine = Machine::default();
        machine.files.insert("/large".to_owned(), "<large>".to_owned());
        machine.files.insert("/denied".to_owned(), "<denied>".to_owned());
        let words = ["kubectl", "delete", "pod", "x", "--kubeconfig", path].map(str::to_owned);
        let facts = facts(&machine, &words).unwrap();
        assert!(texts(&facts, FactKey::Contexts).unwrap_err().contains(denied), "{facts:?}");
    }
}

fn too_many_files_are_not_read(machine: &Machine) {
    let words = ["kubectl", "apply", "-f", "many"].map(str::to_owned);
    let with = |count: usize, text: &str| {
        let mut machine = machine.clone();
        machine.files.extend((0..count).map(|number| (format!("/srv/app/many/{number:05}.yaml"), text.to_owned())));
        texts(&facts(&machine, &words).unwrap(), FactKey::Namespaces)
    };
    assert_eq!(with(1_000, "metadata: {namespace: a}").unwrap(), ["a", "default"]);
    let error = "there are more than 1000 files and folders, or 16 MiB, up to `many/01000.yaml`";
    assert_eq!(with(1_001, "metadata: {namespace: a}").unwrap_err(), error);
    let large = format!("#{}\n", "x".repeat((1 << 20) - 2));
    assert_eq!(with(16, &large).unwrap(), ["default"]);
    assert_eq!(with(17, &large).unwrap_err(), error.replace("01000", "00016"));
    let error = "the folder `many` has more than 10000 entries";
    assert_eq!(with(MOST_TOOL_ENTRIES + 1, "").unwrap_err(), error);
}

fn told(facts: Option<&CommandFacts>) -> String {
    let Some(facts) = facts else {
        return "nothing".to_owned();
    };
    if facts.effect == CommandEffect::Reads {
        return "reads".to_owned();
    }
    let told = facts.values().iter().map(|(key, _)| match texts(facts, *key) {
        Ok(values) => format!("{key}={}", values.join(",")),
        Err(why) => format!("{key}? {why}"),
    });
    told.collect::<Vec<_>>().join("; ")
}
