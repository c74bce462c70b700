//! Programs that start the command that follows their own options, and how those are distinguished from it.
//!
//! Nothing is run to find out. Each option is one that the program's manual lists; what is not here is not understood.

/// The way in which the options of a program end, and its command begins.
struct Wrapper {
    name: &'static str,
    /// Short options without a value.
    flags: &'static str,
    /// Short options with a value, in the same word or in the next one.
    values: &'static str,
    /// Long options without a value, or with one behind `=` alone.
    long_flags: &'static [&'static str],
    /// Long options with a value, behind `=` or in the next word.
    long_values: &'static [&'static str],
    /// The number of its own words before the command.
    operands: usize,
    /// True if `NAME=VALUE` may stand before the command.
    takes_variables: bool,
    /// True if options may follow such variables.
    mixes_variables: bool,
}

/// The usual wrapper, which has no options.
const PLAIN: Wrapper = Wrapper {
    name: "",
    flags: "",
    values: "",
    long_flags: &[],
    long_values: &[],
    operands: 0,
    takes_variables: false,
    mixes_variables: false,
};

/// env, nice, nohup, stdbuf, timeout: coreutils 9; ionice, setsid: util-linux 2; sudo(8); doas(1); time(1) of GNU.
const WRAPPERS: [Wrapper; 10] = [
    Wrapper {
        name: "env",
        flags: "iv",
        values: "uCa",
        long_flags: &["ignore-environment", "debug", "block-signal", "default-signal", "ignore-signal"],
        long_values: &["unset", "chdir", "argv0"],
        takes_variables: true,
        ..PLAIN
    },
    Wrapper {
        name: "sudo",
        flags: "AbEHknPSNB",
        values: "CDgpRrTtUu",
        long_flags: &[
            "askpass",
            "background",
            "bell",
            "preserve-env",
            "set-home",
            "reset-timestamp",
            "non-interactive",
            "no-update",
            "preserve-groups",
            "stdin",
        ],
        long_values: &[
            "close-from",
            "chdir",
            "group",
            "host",
            "prompt",
            "chroot",
            "role",
            "command-timeout",
            "type",
            "other-user",
            "user",
        ],
        takes_variables: true,
        mixes_variables: true,
        ..PLAIN
    },
    Wrapper { name: "doas", flags: "n", values: "au", ..PLAIN },
    Wrapper { name: "nice", values: "n", long_values: &["adjustment"], ..PLAIN },
    Wrapper { name: "nohup", ..PLAIN },
    Wrapper {
        name: "time",
        flags: "apqv",
        values: "fo",
        long_flags: &["append", "portability", "quiet", "verbose"],
        long_values: &["format", "output"],
        ..PLAIN
    },
    Wrapper {
        name: "timeout",
        flags: "fpv",
        values: "ks",
        long_flags: &["foreground", "preserve-status", "verbose"],
        long_values: &["kill-after", "signal"],
        operands: 1,
        ..PLAIN
    },
    Wrapper { name: "stdbuf", values: "ioe", long_values: &["input", "output", "error"], ..PLAIN },
    Wrapper {
        name: "ionice",
        flags: "t",
        values: "cn",
        long_flags: &["ignore"],
        long_values: &["class", "classdata"],
        ..PLAIN
    },
    Wrapper { name: "setsid", flags: "cfw", long_flags: &["ctty", "fork", "wait"], ..PLAIN },
];

/// The program that a command starts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Started<'w> {
    /// Nothing but itself, as far as is known here.
    Itself,
    /// The command of these words.
    Command(&'w [Vec<u8>]),
    /// Another one, which this option keeps from being known.
    NotUnderstood(&'w [u8]),
}

/// The name of the program of a command, without its folder.
pub(super) fn name_of(words: &[Vec<u8>]) -> &[u8] {
    let program = words.first().map_or(&[][..], Vec::as_slice);
    program.rsplit(|byte| std::path::is_separator(char::from(*byte))).next().unwrap_or(program)
}

/// The endings of programs with which they need not be called.
const ENDINGS: &[&str] = if cfg!(windows) { &[".exe", ".com", ".bat", ".cmd"] } else { &[".exe"] };

/// The same, without the ending of programs on Windows, and as names are compared there.
pub(super) fn plain_name_of(words: &[Vec<u8>]) -> Vec<u8> {
    let mut name = name_of(words).to_vec();
    if cfg!(windows) {
        name.make_ascii_lowercase();
    }
    let is_ending = |ending: &&&str| {
        let at = name.len().checked_sub(ending.len());
        at.and_then(|at| name.get(at..)).is_some_and(|last| last.eq_ignore_ascii_case(ending.as_bytes()))
    };
    let length = ENDINGS.iter().find(is_ending).map_or(0, |ending| ending.len());
    name.truncate(name.len().saturating_sub(length));
    name
}

/// Returns what a command starts, by its name.
pub(super) fn started(words: &[Vec<u8>]) -> Started<'_> {
    let name = name_of(words);
    match WRAPPERS.iter().find(|wrapper| wrapper.name.as_bytes() == name) {
        Some(wrapper) => wrapper.started(words.get(1..).unwrap_or_default()),
        None => Started::Itself,
    }
}

/// The way in which a word of options goes on.
enum OptionStep {
    /// With the next word.
    Next,
    /// With the word after the next one, which is a value.
    AfterValue,
    /// It is not understood.
    Unknown,
}

impl Wrapper {
    fn started<'w>(&self, words: &'w [Vec<u8>]) -> Started<'w> {
        let mut rest = words;
        while let Some((word, after)) = rest.split_first() {
            if word == b"--" {
                rest = after;
                break;
            }
            // sudo(8) takes a path for the command, whatever is in it
            if self.mixes_variables && !word.starts_with(b"-") && !word.starts_with(b"/") && word.contains(&b'=') {
                rest = after;
                continue;
            }
            // env(1) knows `-` for `-i`
            if !word.starts_with(b"-") || (word == b"-" && self.name != "env") {
                break;
            }
            rest = match self.option(word) {
                OptionStep::Next => after,
                OptionStep::AfterValue => after.get(1..).unwrap_or_default(),
                OptionStep::Unknown => return Started::NotUnderstood(word),
            };
        }
        if self.takes_variables && !self.mixes_variables {
            while let Some((_, after)) = rest.split_first().filter(|(word, _)| word.contains(&b'=')) {
                rest = after;
            }
        }
        let rest = rest.get(self.operands..).unwrap_or_default();
        if rest.is_empty() { Started::Itself } else { Started::Command(rest) }
    }

    fn option(&self, word: &[u8]) -> OptionStep {
        let text = str::from_utf8(word).unwrap_or("");
        if let Some(long) = text.strip_prefix("--") {
            let (name, has_value) = long.split_once('=').map_or((long, false), |(name, _)| (name, true));
            return match (self.long_flags.contains(&name), self.long_values.contains(&name)) {
                (true, _) => OptionStep::Next,
                (false, true) if has_value => OptionStep::Next,
                (false, true) => OptionStep::AfterValue,
                (false, false) => OptionStep::Unknown,
            };
        }
        let letters = text.strip_prefix('-').unwrap_or("");
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // the old form of nice(1): `-10`
        if self.name == "nice" && is_number(letters) {
            return OptionStep::Next;
        }
        if letters.is_empty() {
            return if word == b"-" { OptionStep::Next } else { OptionStep::Unknown };
        }
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            if self.values.contains(letter) {
                return if letters.as_str().is_empty() { OptionStep::AfterValue } else { OptionStep::Next };
            }
            if !self.flags.contains(letter) {
                return OptionStep::Unknown;
            }
        }
        OptionStep::Next
    }
}

#[cfg(test)]
mod tests {
    use super::{Started, started};

    fn words(line: &str) -> Vec<Vec<u8>> {
        line.split(' ').map(|word| word.as_bytes().to_vec()).collect()
    }

    /// Each line of `tests/data/wrappers.tsv`: a command, and what it starts; `?` and an option if that is not understood.
    #[test]
    fn what_is_started_is_what_follows_the_options() {
        let mut lines = 0;
        for line in include_str!("../../../tests/data/wrappers.tsv").lines().filter(|line| !line.starts_with('#')) {
            let (command, expected) = line.split_once('\t').unwrap_or_else(|| panic!("no tab: {line}"));
            let command = words(command);
            let found = match started(&command) {
                Started::Itself => "itself".to_owned(),
                Started::Command(inner) => String::from_utf8_lossy(&inner.join(&b' ')).into_owned(),
                Started::NotUnderstood(option) => format!("? {}", String::from_utf8_lossy(option)),
            };
            assert_eq!(found, expected, "{line}");
            lines += 1;
        }
        assert!(lines > 50, "{lines}");
    }
}
