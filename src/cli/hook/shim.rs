//! The script that stands in a directory of hooks: it finds the program, and refuses without it.

use std::path::{Path, PathBuf};

use crate::cli::args::HookName;
use crate::shell::shell_word;

/// The way in which a hook runs the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shim {
    pub(super) hook: HookName,
    /// The program, by its absolute path.
    pub(super) program: String,
    /// The administrator's policy, by its absolute path.
    pub(super) policy: Option<String>,
    /// The file of extra freezes, by its absolute path.
    pub(super) extra_freezes: Option<String>,
    /// The organisation's policy, by its absolute path, or `none`.
    pub(super) organisation: Option<String>,
    /// The place where stops are read: a remote, its address, a ref or a file, as for `--stops`; a file by its absolute path.
    pub(super) stops: Option<String>,
    /// The record: a file or a ref, as for `--record`; a file by its absolute path.
    pub(super) record: Option<String>,
}

/// By this a script is known as ours.
const MARK: &str = "written by `freezegate hook install`";

impl Shim {
    /// The words behind the program.
    fn arguments(&self) -> String {
        let option = |name: &str, value: &Option<String>| {
            value.as_ref().map_or_else(String::new, |value| format!(" --{name} {}", quoted(value)))
        };
        let options = option("policy", &self.policy)
            + &option("extra-freezes", &self.extra_freezes)
            + &option("organisation-policy", &self.organisation)
            + &option("stops", &self.stops)
            + &option("record", &self.record);
        match self.hook {
            // git adds the remote's name and address, which others chose
            HookName::PrePush => format!("hook pre-push{options} --"),
            HookName::PreReceive => format!("hook pre-receive{options}"),
        }
    }

    /// Returns whether it gives the program any option.
    pub(super) const fn has_options(&self) -> bool {
        self.policy.is_some()
            || self.extra_freezes.is_some()
            || self.organisation.is_some()
            || self.stops.is_some()
            || self.record.is_some()
    }

    /// One line of shell, to which git adds its arguments: for git's configuration.
    pub(super) fn command(&self) -> String {
        format!("{} {}", quoted(&self.program), self.arguments())
    }

    /// The script.
    pub(super) fn script(&self) -> String {
        let hook = self.hook.as_str();
        format!(
            r#"#!/bin/sh
# freezegate's {hook} hook, {MARK}; to take it away, delete this file
freezegate={program}
if ! [ -x "$freezegate" ] && ! freezegate=$(command -v freezegate); then
    echo 'freezegate: the program is missing here, so every push is refused' >&2
    echo 'freezegate: whoever looks after this repository installs it and runs `freezegate hook install {hook}`, or deletes this hook' >&2
    exit 2
fi
exec "$freezegate" {arguments} "$@"
"#,
            program = quoted(&self.program),
            arguments = self.arguments(),
        )
    }

    /// Returns whether a script is one of ours, be it changed or not.
    pub(super) fn is_ours(script: &str) -> bool {
        script.lines().nth(1).is_some_and(|line| line.contains(MARK))
    }

    /// Reads a script back; none if it is not just as it was written.
    pub(super) fn read(hook: HookName, script: &str) -> Option<Self> {
        let program = script.lines().find_map(|line| line.strip_prefix("freezegate=")).and_then(unquoted)?;
        let (_, mut rest) = script.lines().last()?.split_once(&format!("hook {}", hook.as_str()))?;
        let mut option = |name: &str| {
            let value = rest.strip_prefix(&format!(" --{name} "))?;
            let (word, behind) = first_word(value)?;
            rest = behind;
            Some(word)
        };
        let (policy, extra_freezes) = (option("policy"), option("extra-freezes"));
        let (organisation, stops, record) = (option("organisation-policy"), option("stops"), option("record"));
        let shim = Self { hook, program, policy, extra_freezes, organisation, stops, record };
        (shim.script() == script).then_some(shim)
    }

    /// Parses a line of git's configuration; `None` unless it is exactly as freezegate wrote it.
    pub(super) fn read_command(hook: HookName, command: &str) -> Option<Self> {
        let program = Self::program_of(command)?.into_os_string().into_string().ok()?;
        let mut shim =
            Self { hook, program, policy: None, extra_freezes: None, organisation: None, stops: None, record: None };
        shim.keep_options(command).ok()?;
        (shim.command() == command).then_some(shim)
    }

    /// The command that installs it anew.
    pub(super) fn installs(&self) -> String {
        let options = [
            ("--policy", &self.policy),
            ("--extra-freezes", &self.extra_freezes),
            ("--organisation-policy", &self.organisation),
            ("--stops", &self.stops),
            ("--record", &self.record),
        ];
        let options = options.into_iter().filter_map(|(name, value)| Some([name, value.as_ref()?.as_str()]));
        let words = ["hook", "install", self.hook.as_str()].into_iter().chain(options.flatten());
        ["freezegate".to_owned()]
            .into_iter()
            .chain(words.map(|word| shell_word(word).into_owned()))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Takes over the options of an older hook that are not given anew, and returns them; `text` is its script, or its line in git's
    /// configuration, be it changed or not.
    ///
    /// # Errors
    ///
    /// The first of its words that is not an option which is known: taken over or dropped, somebody would have to know.
    pub(super) fn keep_options(&mut self, text: &str) -> Result<Vec<&'static str>, String> {
        let call = format!("hook {}", self.hook.as_str());
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#') && !line.contains("echo "));
        let Some((_, rest)) = lines.filter_map(|line| line.split_once(&call)).next_back() else {
            return Ok(Vec::new());
        };
        let mut words = words(rest).ok_or_else(|| rest.trim().to_owned())?.into_iter();
        let mut kept = Vec::new();
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                Some(_) | None => (word.clone(), None),
            };
            let (slot, option) = match name.as_str() {
                "--policy" => (&mut self.policy, "--policy"),
                "--extra-freezes" => (&mut self.extra_freezes, "--extra-freezes"),
                "--organisation-policy" => (&mut self.organisation, "--organisation-policy"),
                "--stops" => (&mut self.stops, "--stops"),
                "--record" => (&mut self.record, "--record"),
                "--" | "$@" => continue,
                _ => return Err(word),
            };
            let Some(value) = value.or_else(|| words.next()) else {
                return Err(word);
            };
            if slot.is_none() {
                *slot = Some(value);
                kept.push(option);
            }
        }
        Ok(kept)
    }

    /// The program of a line in git's configuration, if it is one of ours.
    pub(super) fn program_of(command: &str) -> Option<PathBuf> {
        let end = command.find("' hook pre-")?;
        unquoted(command.get(..=end)?).map(PathBuf::from).filter(|path| path.is_absolute())
    }
}

/// The words of a line of shell, without what quotes hide; none if a quote is not closed.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        end if end == character => break,
                        '\\' if character == '"' => word.push(characters.next()?),
                        other => word.push(other),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(characters.next()?),
            blank if blank.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

/// `text` as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The first word of what [`quoted`] wrote, and what follows it.
fn first_word(text: &str) -> Option<(String, &str)> {
    let mut end = 1;
    loop {
        end += text.get(end..)?.find('\'')?;
        match text.get(end..)?.strip_prefix(r"'\''") {
            Some(_) => end += 4,
            None => {
                let (word, rest) = text.split_at_checked(end + 1)?;
                return Some((unquoted(word)?, rest));
            }
        }
    }
}

fn unquoted(word: &str) -> Option<String> {
    let text = word.strip_prefix('\'')?.strip_suffix('\'')?.replace(r"'\''", "\u{0}");
    (!text.contains('\'')).then(|| text.replace('\u{0}', "'"))
}

/// The program that runs now, by a path that outlives an update: the one in `PATH` where that leads to the same file.
pub(super) fn own_program(path: Option<&std::ffi::OsStr>) -> std::io::Result<PathBuf> {
    let running = std::env::current_exe()?;
    let real = running.canonicalize()?;
    let name = Path::new("freezegate").with_extension(std::env::consts::EXE_EXTENSION);
    let mut listed = path.into_iter().flat_map(std::env::split_paths).filter(|folder| folder.is_absolute());
    let same = |candidate: &PathBuf| candidate.canonicalize().is_ok_and(|candidate| candidate == real);
    Ok(listed.find_map(|folder| Some(folder.join(&name)).filter(same)).unwrap_or(running))
}

#[cfg(test)]
mod tests {
    use super::{Shim, quoted, unquoted};
    use crate::cli::args::HookName;

    #[test]
    fn a_script_is_read_back_as_it_was_written() {
        for hook in [HookName::PrePush, HookName::PreReceive] {
            for program in ["/usr/bin/freezegate", "/home/o'neil/a b/$x/freezegate"] {
                let (plain, odd) = (Some("/etc/freezegate.toml"), Some("/etc/it's -- \"$@\" --record 'a'.toml"));
                for [policy, extra_freezes, organisation, stops, record] in [
                    [None, None, None, None, None],
                    [plain, odd, None, None, None],
                    [odd, None, odd, odd, None],
                    [odd, plain, plain, plain, plain],
                    [None, plain, odd, None, odd],
                    [plain, None, Some("none"), odd, odd],
                    [None, None, None, plain, None],
                ] {
                    let [policy, extra_freezes, organisation, stops, record] =
                        [policy, extra_freezes, organisation, stops, record].map(|value| value.map(str::to_owned));
                    let program = program.to_owned();
                    let shim = Shim { hook, program, policy, extra_freezes, organisation, stops, record };
                    let program = shim.program.as_str();
                    let script = shim.script();
                    assert!(Shim::is_ours(&script));
                    assert_eq!(Shim::read(hook, &script), Some(shim.clone()));
                    assert_eq!(Shim::program_of(&shim.command()), Some(program.into()));
                    assert_eq!(Shim::read_command(hook, &shim.command()), Some(shim.clone()));
                    assert_eq!(Shim::read_command(hook, &format!("{} && echo mine", shim.command())), None);
                    // whatever somebody changed
                    assert_eq!(Shim::read(hook, &script.replace("exit 2", "exit 0")), None);
                    assert_eq!(Shim::read(hook, &format!("{script}\n")), None);
                    assert_eq!(Shim::read(hook, &script.replace("#!/bin/sh", "#!/bin/true")), None);
                }
            }
        }
        assert!(!Shim::is_ours("#!/bin/sh\nexec lefthook run pre-push\n"));
        assert_eq!(Shim::program_of("freezegate hook pre-push"), None);
    }

    #[test]
    fn options_of_an_older_hook_are_kept() {
        let shim = |hook, policy: Option<&str>, record: Option<&str>| Shim {
            hook,
            program: "/usr/bin/freezegate".to_owned(),
            policy: policy.map(str::to_owned),
            extra_freezes: None,
            organisation: None,
            stops: None,
            record: record.map(str::to_owned),
        };
        let values = [None, Some("/etc/freezegate.toml"), Some("/etc/it's -- \"$@\" --record 'a'.toml")];
        for hook in [HookName::PrePush, HookName::PreReceive] {
            for policy in values {
                for record in values {
                    let old = shim(hook, policy, record);
                    for text in [old.script(), old.command(), old.script().replace("exit 2", "exit 3")] {
                        for given in [None, Some("/new")] {
                            let mut new = shim(hook, None, given);
                            let kept = new.keep_options(&text).unwrap();
                            assert_eq!((new.policy.as_deref(), new.record.as_deref()), (policy, given.or(record)));
                            assert_eq!(kept.contains(&"--policy"), policy.is_some());
                            assert_eq!(kept.contains(&"--record"), record.is_some() && given.is_none());
                        }
                    }
                }
            }
        }
        let mut by_hand = shim(HookName::PreReceive, None, None);
        let line = "exec freezegate hook pre-receive --record=/var/a --policy \"/etc/b c\" --extra-freezes /srv/s --organisation-policy /o \"$@\"";
        let kept = vec!["--record", "--policy", "--extra-freezes", "--organisation-policy"];
        assert_eq!(by_hand.keep_options(line), Ok(kept));
        assert_eq!(by_hand.organisation.as_deref(), Some("/o"));
        assert_eq!(by_hand.extra_freezes.as_deref(), Some("/srv/s"));
        assert_eq!((by_hand.policy.as_deref(), by_hand.record.as_deref()), (Some("/etc/b c"), Some("/var/a")));
        for odd in ["--verbose", "--record", "| tee log", "--record 'a"] {
            let line = format!("exec freezegate hook pre-receive {odd}");
            assert!(shim(HookName::PreReceive, None, None).keep_options(&line).is_err(), "{odd}");
        }
        assert_eq!(shim(HookName::PreReceive, None, None).keep_options("exec lefthook run"), Ok(Vec::new()));
    }

    #[test]
    fn words_survive_a_shell() {
        for text in ["a", "", "a b", "it's", "''", "$(id)`id`\\", "\n"] {
            assert_eq!(unquoted(&quoted(text)).as_deref(), Some(text));
        }
        assert_eq!(unquoted("'a'b'"), None);
        assert_eq!(unquoted("a"), None);
    }
}
