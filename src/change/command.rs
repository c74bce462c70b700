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
pub use surroundings::{FileFault, FolderEntry, MOST_TOOL_BYTES, MOST_TOOL_ENTRIES, Surroundings};

use crate::fact::FactKey;
use surroundings::Scene;

use wrapper::{Started, name_of, plain_name_of};

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
    /// The facts that its tool acts on; `None` for programs that are not known here.
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
        self.facts = Tool::of(words).map(|tool| match tool {
            Tool::Kubectl => kubectl::facts(arguments, &scene),
            Tool::Helm => helm::facts(arguments, &scene),
            Tool::Terraform | Tool::Tofu => terraform::facts(tool.name(), arguments, &scene),
            Tool::Aws => aws::facts(arguments, &scene),
        });
        self
    }

    /// The name of the tool that it starts in the end, if what that acts on is known here.
    ///
    /// ```
    /// use freezegate::change::CommandLine;
    ///
    /// let words = ["sudo", "-n", "/opt/bin/kubectl", "delete"].map(|word| word.as_bytes().to_vec());
    /// let command = CommandLine { program: b"/usr/bin/sudo".to_vec(), words: words.to_vec(), facts: None };
    /// assert_eq!(command.tool(), Some("kubectl"));
    /// ```
    #[must_use]
    pub fn tool(&self) -> Option<&'static str> {
        let mut words = self.words.as_slice();
        while let Started::Command(inner) = wrapper::started(words) {
            words = inner;
        }
        Tool::of(words).map(Tool::name)
    }

    /// Returns how the command can be read, and what the commands can be that it starts: with its program as it is called, by its name alone, and
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

/// What `freezegate credential` is called in answers.
pub const CREDENTIAL: &str = "credential";

/// The facts of a tool that asks for a credential and does not say for which server.
#[must_use]
pub fn unknown_server_facts() -> CommandFacts {
    let mut facts = CommandFacts::new(CREDENTIAL, CommandEffect::Writes);
    facts.add(FactKey::Servers, FactValue::NotUnderstood("kubectl did not pass it".to_owned()));
    facts
}

/// A tool whose command lines are known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Kubectl,
    Helm,
    Terraform,
    Tofu,
    Aws,
}

impl Tool {
    const ALL: [Self; 5] = [Self::Kubectl, Self::Helm, Self::Terraform, Self::Tofu, Self::Aws];

    const fn name(self) -> &'static str {
        match self {
            Self::Kubectl => "kubectl",
            Self::Helm => "helm",
            Self::Terraform => "terraform",
            Self::Tofu => "tofu",
            Self::Aws => "aws",
        }
    }

    /// The tool of a command, by the name of its program, without the ending of programs on Windows.
    fn of(words: &[Vec<u8>]) -> Option<Self> {
        let name = plain_name_of(words);
        Self::ALL.into_iter().find(|tool| tool.name().as_bytes() == name)
    }
}

/// The way in which a command can be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readings {
    /// The words of each reading, the program first.
    pub readings: Vec<Vec<Vec<u8>>>,
    /// The name of the program that is started in the end, as far as that is known.
    pub name: Vec<u8>,
    /// The program, and its option, which keeps from being known what it starts.
    pub not_understood: Option<(Vec<u8>, Vec<u8>)>,
    /// The program that starts other commands, which are not looked for.
    pub hidden_by: Option<Vec<u8>>,
}

impl Readings {
    fn add(&mut self, words: &[Vec<u8>], path: Option<&Vec<u8>>) {
        let called = words.first().cloned().unwrap_or_default();
        // on Windows, what is called `reboot` may be `reboot.exe`
        let found = path.map(|path| name_of(std::slice::from_ref(path)).to_vec());
        let names = [called, name_of(words).to_vec(), plain_name_of(words)];
        for program in names.into_iter().chain(path.cloned()).chain(found) {
            let reading: Vec<Vec<u8>> = [program].into_iter().chain(words.iter().skip(1).cloned()).collect();
            if !self.readings.contains(&reading) {
                self.readings.push(reading);
            }
        }
    }
}
