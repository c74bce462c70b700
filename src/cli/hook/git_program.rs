//! git itself, asked where it looks for hooks and told of one. Evidence never comes from it.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::cli::args::HookName;
use crate::diagnostic::{Code, Diagnostic, Faults};

/// The first release that runs hooks which its configuration names
/// (<https://git-scm.com/docs/git-hook/2.54.0#_description>).
const WITH_CONFIGURED_HOOKS: (u32, u32) = (2, 54);

/// The git that a shell here would run, in the repository at hand.
#[derive(Debug)]
pub(super) struct GitProgram {
    /// As it names it itself, such as `2.47.3`.
    pub(super) version: String,
    release: (u32, u32),
}

/// A hook that git's configuration names: the section `hook "NAME"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConfiguredHook {
    pub(super) name: String,
    pub(super) command: String,
    /// `hook.NAME.enabled`, and since git 2.55 `hook.EVENT.enabled` as well.
    pub(super) enabled: bool,
}

impl GitProgram {
    /// Asks git for its version.
    pub(super) fn find() -> Result<Self, Faults> {
        let told = run(&["version"])?;
        let version = told.strip_prefix("git version ").unwrap_or(&told).trim();
        let release = release(version).ok_or_else(|| failed(format!("can't read the version of git: `{version}`")))?;
        Ok(Self { version: version.to_owned(), release })
    }

    /// Returns whether it runs hooks that its configuration names.
    pub(super) fn runs_configured_hooks(&self) -> bool {
        self.release >= WITH_CONFIGURED_HOOKS
    }

    /// Returns whether the repository at hand has no work tree.
    pub(super) fn is_bare(&self) -> Result<bool, Faults> {
        Ok(run(&["rev-parse", "--is-bare-repository"])?.trim() == "true")
    }

    /// Returns whether pushes may arrive in the repository at hand: it has no work tree, or says what becomes of the branch that is
    /// checked out when one does.
    pub(super) fn receives(&self) -> Result<bool, Faults> {
        Ok(self.is_bare()? || self.config(&["--get", "receive.denyCurrentBranch"])?.is_some())
    }

    /// The root of the work tree.
    pub(super) fn work_tree(&self) -> Result<PathBuf, Faults> {
        Ok(PathBuf::from(run(&["rev-parse", "--show-toplevel"])?.trim_end_matches('\n')))
    }

    /// The file that git runs as this hook, if it is there: in its own directory of hooks, or where `core.hooksPath` says.
    pub(super) fn hook_file(&self, hook: HookName) -> Result<PathBuf, Faults> {
        let path = run(&["rev-parse", "--git-path", &format!("hooks/{}", hook.as_str())])?;
        Ok(PathBuf::from(path.trim_end_matches('\n')))
    }

    /// The file in the repository's own directory of hooks.
    pub(super) fn own_hook_file(&self, hook: HookName) -> Result<PathBuf, Faults> {
        let directory = run(&["rev-parse", "--git-common-dir"])?;
        Ok(PathBuf::from(directory.trim_end_matches('\n')).join("hooks").join(hook.as_str()))
    }

    /// `core.hooksPath`, where it is set.
    pub(super) fn hooks_path(&self) -> Result<Option<String>, Faults> {
        Ok(self.config(&["--get", "core.hooksPath"])?.map(|value| value.trim_end_matches('\n').to_owned()))
    }

    /// Returns whether the configuration says by which name grants know the repository.
    pub(super) fn is_named(&self) -> Result<bool, Faults> {
        Ok(self.config(&["--get", "freezegate.repository"])?.is_some())
    }

    /// Returns whether pushes may carry options, in which grants come.
    pub(super) fn takes_push_options(&self) -> Result<bool, Faults> {
        let advertised = self.config(&["--type=bool", "--get", "receive.advertisePushOptions"])?;
        Ok(advertised.is_some_and(|value| value.trim() == "true"))
    }

    /// The hooks that the configuration names for this event.
    pub(super) fn configured_hooks(&self, hook: HookName) -> Result<Vec<ConfiguredHook>, Faults> {
        let Some(listed) = self.config(&["--null", "--get-regexp", r"^hook\..*\.(event|command)$"])? else {
            return Ok(Vec::new());
        };
        let mut hooks = named_for(&listed, hook);
        let event = self.is_enabled(hook.as_str())?;
        for hook in &mut hooks {
            hook.enabled = event && self.is_enabled(&hook.name)?;
        }
        Ok(hooks)
    }

    fn is_enabled(&self, name: &str) -> Result<bool, Faults> {
        let key = format!("hook.{name}.enabled");
        Ok(self.config(&["--type=bool", "--get", &key])?.is_none_or(|value| value.trim() == "true"))
    }

    /// Names a hook in the repository's own configuration.
    pub(super) fn configure(&self, name: &str, hook: HookName, command: &str) -> Result<(), Faults> {
        for (key, value) in [("command", command), ("event", hook.as_str()), ("enabled", "true")] {
            run(&["config", "--local", "--replace-all", &format!("hook.{name}.{key}"), value])?;
        }
        Ok(())
    }

    /// Returns whether the repository's own configuration names a hook.
    pub(super) fn is_configured_here(&self, name: &str) -> Result<bool, Faults> {
        Ok(self.config(&["--local", "--get", &format!("hook.{name}.command")])?.is_some())
    }

    /// Takes a hook out of the repository's own configuration.
    pub(super) fn forget(&self, name: &str) -> Result<(), Faults> {
        run(&["config", "--local", "--remove-section", &format!("hook.{name}")]).map(drop)
    }

    /// Returns what `git config` prints; none where the key is not set.
    fn config(&self, arguments: &[&str]) -> Result<Option<String>, Faults> {
        let all = [&["config"], arguments].concat();
        let output = start(&all)?;
        // git-config(1): 1 where the key is not there
        if output.status.code() == Some(1) {
            return Ok(None);
        }
        successful_output(&all, output).map(Some)
    }
}

/// The hook that is meant: the one that is named, else the usual one of the repository at hand.
pub(super) fn meant(git: &GitProgram, named: Option<HookName>) -> Result<HookName, Faults> {
    match named {
        Some(hook) => Ok(hook),
        None => Ok(if git.is_bare()? { HookName::PreReceive } else { HookName::PrePush }),
    }
}

/// By which name git's configuration knows the hook.
pub(super) const fn name_in_config(hook: HookName) -> &'static str {
    match hook {
        HookName::PrePush => "freezegate-pre-push",
        HookName::PreReceive => "freezegate-pre-receive",
    }
}

/// The hooks of `git config --null --get-regexp` whose events include this one. A later command takes the place of an
/// earlier one, and an empty event takes back those before it.
fn named_for(listed: &str, hook: HookName) -> Vec<ConfiguredHook> {
    let mut hooks: Vec<(String, Option<String>, bool)> = Vec::new();
    for entry in listed.split('\0').filter(|entry| !entry.is_empty()) {
        let (key, value) = entry.split_once('\n').unwrap_or((entry, ""));
        let Some((name, variable)) = key.strip_prefix("hook.").and_then(|rest| rest.rsplit_once('.')) else {
            continue;
        };
        let known = hooks.iter().position(|(known, ..)| known == name);
        let place = known.unwrap_or_else(|| {
            hooks.push((name.to_owned(), None, false));
            hooks.len() - 1
        });
        if let Some((_, command, is_meant)) = hooks.get_mut(place) {
            match variable {
                "command" => *command = Some(value.to_owned()),
                "event" if value.is_empty() => *is_meant = false,
                "event" => *is_meant |= value == hook.as_str(),
                _ => {}
            }
        }
    }
    let meant = hooks.into_iter().filter(|(.., is_meant)| *is_meant);
    meant.filter_map(|(name, command, _)| Some(ConfiguredHook { name, command: command?, enabled: true })).collect()
}

/// The first two numbers of a version such as `2.54.0-rc1`, `2.39.5 (Apple Git-154)` or `2.54.0.windows.1`.
fn release(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split(['.', ' ', '-']);
    let mut next = || numbers.next()?.parse().ok();
    Some((next()?, next()?))
}

fn run(arguments: &[&str]) -> Result<String, Faults> {
    successful_output(arguments, start(arguments)?)
}

fn start(arguments: &[&str]) -> Result<Output, Faults> {
    let mut git = Command::new("git");
    // what it says is read, so in one language
    git.args(arguments).stdin(Stdio::null()).env("LC_ALL", "C");
    git.output().map_err(|error| failed(format!("git can't be run: {error}")))
}

fn successful_output(arguments: &[&str], output: Output) -> Result<String, Faults> {
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("it says nothing").trim_start_matches("fatal: ");
        if said.starts_with("not a git repository") {
            let cause = "this folder is not in a git repository";
            let help = "change into a clone, or into the bare repository of a server";
            return Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(help)));
        }
        return Err(failed(format!("`git {}` fails: {said}", arguments.join(" "))));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| failed(format!("what `git {}` prints is not UTF-8", arguments.join(" "))))
}

fn failed(cause: String) -> Faults {
    Faults::one(Diagnostic::error(Code::NoEvidence, cause).help("run it in the repository, with git in `PATH`"))
}

#[cfg(test)]
mod tests {
    use super::{named_for, release};
    use crate::cli::args::HookName;

    #[test]
    fn versions_as_they_are_written() {
        for (version, expected) in [
            ("2.47.3", Some((2, 47))),
            ("2.54.0", Some((2, 54))),
            ("2.54.0-rc1", Some((2, 54))),
            ("2.54.0.windows.1", Some((2, 54))),
            ("2.39.5 (Apple Git-154)", Some((2, 39))),
            ("2.55.GIT", Some((2, 55))),
            ("3.0", Some((3, 0))),
            ("2", None),
            ("", None),
            ("next", None),
        ] {
            assert_eq!(release(version), expected, "{version}");
        }
    }

    #[test]
    fn hooks_are_read_as_git_reads_them() {
        let told = |entries: &[&str]| {
            let hooks = named_for(&entries.join("\0"), HookName::PrePush);
            hooks.into_iter().map(|hook| format!("{}: {}", hook.name, hook.command)).collect::<Vec<_>>()
        };
        assert_eq!(told(&["hook.a.command\nx", "hook.a.event\npre-push"]), ["a: x"]);
        assert_eq!(told(&["hook.a.event\npre-push", "hook.a.command\nx", "hook.a.command\ny z"]), ["a: y z"]);
        assert_eq!(told(&["hook.a.command\nx", "hook.a.event\npre-commit", "hook.a.event\npre-push"]), ["a: x"]);
        assert_eq!(told(&["hook.a.b.command\nx", "hook.a.b.event\npre-push"]), ["a.b: x"]);
        assert!(told(&["hook.a.command\nx", "hook.a.event\npre-commit"]).is_empty());
        assert!(told(&["hook.a.command\nx", "hook.a.event\npre-push", "hook.a.event\n"]).is_empty());
        assert!(told(&["hook.a.event\npre-push"]).is_empty(), "no command");
        assert!(told(&[]).is_empty());
    }
}
