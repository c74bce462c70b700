//! A command line, and what its tool finds around it: words, one a line; behind each line of `%`, a file. `first` chooses the tool, so that
//! few inputs are wasted. What is found is found again, behind a wrapper too, and a grant that is read back says the same.
#![no_main]

use std::collections::BTreeMap;

use freezegate::change::CommandLine;
use freezegate::change::command::{CommandEffect, FactValue, FileFault, FolderEntry, Surroundings, shell_commands};
use freezegate::proof::grant::BoundCommand;
use freezegate::proof::record::CommandDigest;
use libfuzzer_sys::fuzz_target;

/// Where tools look for files, in the order in which the input has them.
const PATHS: [&str; 8] = [
    "/home/me/.kube/config",
    "/home/me/.kube/kuberc",
    "/app/objects/a.yaml",
    "/app/.terraform/terraform.tfstate",
    "/app/.terraform/environment",
    "/home/me/.aws/config",
    "/home/me/.aws/cli/alias",
    "/app/saved.tfplan",
];

struct Machine<'b>(BTreeMap<&'static str, &'b [u8]>);

impl Surroundings for Machine<'_> {
    fn set_variable(&self, name: &str) -> Option<Vec<u8>> {
        (name == "HOME").then(|| b"/home/me".to_vec())
    }

    fn folder(&self) -> Vec<u8> {
        b"/app".to_vec()
    }

    fn read_file(&self, path: &[u8], _limit: u64) -> Result<Vec<u8>, FileFault> {
        let path = String::from_utf8_lossy(path);
        self.0.get(path.as_ref()).map(|bytes| bytes.to_vec()).ok_or(FileFault::Missing)
    }

    fn read_folder(&self, path: &[u8]) -> Result<Option<Vec<FolderEntry>>, FileFault> {
        let is_there = path == b"/app/objects" && self.0.contains_key("/app/objects/a.yaml");
        Ok(is_there.then(|| vec![FolderEntry { name: b"a.yaml".to_vec(), is_folder: false }]))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.split(|byte| *byte == b'%');
    let words = parts.next().unwrap_or_default();
    let machine = Machine(PATHS.into_iter().zip(parts).collect());
    let words: Vec<Vec<u8>> = words.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let line = |words: &[Vec<u8>]| {
        let program = words.first().cloned().unwrap_or_default();
        CommandLine { program, words: words.to_vec(), facts: None }.acting_in(&machine)
    };
    let own = line(&words);
    assert_eq!(own, line(&words), "found otherwise the second time");
    let readings = own.readings();
    assert_eq!(readings.readings.first(), Some(&words), "a command can be read as it stands");
    let wrapped = line(&[&[b"nice".to_vec()], words.as_slice()].concat());
    if words.first().is_some_and(|word| !word.starts_with(b"-")) {
        assert_eq!(wrapped.facts, own.facts, "`nice` changes what a command acts on");
    }
    if let Some(facts) = &own.facts {
        assert!(own.tool().is_some());
        for (key, value) in facts.values() {
            assert_eq!(facts.effect, CommandEffect::Writes, "what reads has {key}");
            assert!(!matches!(value, FactValue::NotUnderstood(why) if why.is_empty()), "{key} is not understood, and nothing says why");
        }
    }
    if let Ok(bound) = BoundCommand::of(&own) {
        assert_eq!(BoundCommand::of(&bound.line()).as_ref(), Ok(&bound));
        assert_eq!(CommandDigest::of(&bound.line()), CommandDigest::of(&own));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        for command in shell_commands(text).into_iter().flatten() {
            assert!(!(command.words.is_empty() && command.variables.is_empty()), "a command of nothing");
        }
    }
});
