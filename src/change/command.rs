//! A command that is about to be started, as it would be.

mod aws;
mod cobra;
mod facts;
mod helm;
mod kubeconfig;
mod kubectl;
mod shell_line;
mod surroundings;
mod terraform;
mod wrapper;

pub use crate::change::fact_value::FactValue;
pub use facts::{AppliedPlan, CommandEffect, CommandFacts};
pub use shell_line::{ShellCommand, shell_commands};
pub use surroundings::{FileFault, MOST_TOOL_BYTES, Surroundings};

use crate::policy::FactKey;
use surroundings::Scene;

use wrapper::{Started, name_of};

/// Programs that start what their arguments say in a language of their own, or elsewhere.
const HIDING: [&str; 27] = [
    "sh",
    "bash",
    "dash",
    "zsh",
    "ksh",
    "fish",
    "csh",
    "tcsh",
    "busybox",
    "xargs",
    "parallel",
    "find",
    "make",
    "ssh",
    "docker",
    "podman",
    "su",
    "runuser",
    "watch",
    "flock",
    "systemd-run",
    "chroot",
    "nsenter",
    "unshare",
    "script",
    "tmux",
    "screen",
];

/// A command line whose program was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// The path of the program, from the root of the file system.
    pub program: Vec<u8>,
    /// The program as it is called, and its arguments.
    pub words: Vec<Vec<u8>>,
    /// What its tool acts on; `None` for programs that are not known here.
    pub facts: Option<CommandFacts>,
}

impl CommandLine {
    /// The name of the program, without its folder.
    ///
    /// ```
    /// use freezegate::change::CommandLine;
    ///
    /// let words = vec![b"./bin/reboot.sh".to_vec(), b"--now".to_vec()];
    /// let command = CommandLine { program: b"/srv/bin/reboot.sh".to_vec(), words, facts: None };
    /// assert_eq!(command.name(), b"reboot.sh");
    /// ```
    #[must_use]
    pub fn name(&self) -> &[u8] {
        name_of(&self.words)
    }

    /// The same, with what its tool acts on in these surroundings.
    #[must_use]
    pub fn acting_in(mut self, surroundings: &dyn Surroundings) -> Self {
        let (scene, words) = Scene::of(surroundings, &self.words);
        let arguments = words.get(1..).unwrap_or_default();
        self.facts = match tool(words) {
            Some(b"kubectl") => Some(kubectl::facts(arguments, &scene)),
            Some(b"helm") => Some(helm::facts(arguments, &scene)),
            Some(b"terraform") => Some(terraform::facts("terraform", arguments, &scene)),
            Some(b"tofu") => Some(terraform::facts("tofu", arguments, &scene)),
            Some(b"aws") => Some(aws::facts(arguments, &scene)),
            Some(_) | None => None,
        };
        self
    }

    /// How the command can be read, and what the commands can be that it starts: with its program as it is called, by its name alone, and
    /// by its path.
    ///
    /// ```
    /// use freezegate::change::CommandLine;
    ///
    /// let words = ["sudo", "-u", "ops", "/srv/reboot.sh"].map(|word| word.as_bytes().to_vec());
    /// let command = CommandLine { program: b"/usr/bin/sudo".to_vec(), words: words.to_vec(), facts: None };
    /// let readings = command.readings().readings;
    /// assert!(readings.contains(&vec![b"reboot.sh".to_vec()]));
    /// ```
    #[must_use]
    pub fn readings(&self) -> Readings {
        let mut readings = Readings::default();
        readings.add(&self.words, Some(&self.program));
        let mut words = self.words.as_slice();
        loop {
            match wrapper::started(words) {
                Started::Itself => break,
                Started::Command(inner) => {
                    readings.add(inner, None);
                    words = inner;
                }
                Started::NotUnderstood(option) => {
                    readings.not_understood = Some((name_of(words).to_vec(), option.to_vec()));
                    break;
                }
            }
        }
        let name = name_of(words);
        readings.hidden_by = HIDING.iter().any(|one| one.as_bytes() == name).then(|| name.to_vec());
        readings.name = name.to_vec();
        readings
    }
}

/// The facts of a tool that asks for the credential of a server, by its address.
#[must_use]
pub fn server_facts(tool: &'static str, server: &[u8]) -> CommandFacts {
    let mut facts = CommandFacts::new(tool, CommandEffect::Writes);
    facts.add(FactKey::Servers, FactValue::AnyOf(kubeconfig::addresses(server)));
    facts
}

/// The name of the program, without the ending of programs on Windows.
fn tool(words: &[Vec<u8>]) -> Option<&[u8]> {
    let name = name_of(words);
    words.first().map(|_| name.strip_suffix(b".exe").unwrap_or(name))
}

/// How a command can be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readings {
    /// The words of each reading, the program first.
    pub readings: Vec<Vec<Vec<u8>>>,
    /// The name of the program that is started in the end, as far as that is known.
    pub name: Vec<u8>,
    /// The program, and its option, which keeps from being told what it starts.
    pub not_understood: Option<(Vec<u8>, Vec<u8>)>,
    /// The program that starts other commands, which are not looked for.
    pub hidden_by: Option<Vec<u8>>,
}

impl Readings {
    fn add(&mut self, words: &[Vec<u8>], path: Option<&Vec<u8>>) {
        let called = words.first().cloned().unwrap_or_default();
        for program in [called, name_of(words).to_vec()].into_iter().chain(path.cloned()) {
            let reading: Vec<Vec<u8>> = [program].into_iter().chain(words.iter().skip(1).cloned()).collect();
            if !self.readings.contains(&reading) {
                self.readings.push(reading);
            }
        }
    }
}
