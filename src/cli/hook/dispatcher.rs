//! A hook of somebody else's that runs all hooks of a folder beside it.

use std::path::{Path, PathBuf};

use crate::cli::args::HookName;
use crate::cli::hook::hook_file::script;
use crate::cli::hook::shim::Shim;
use crate::diagnostic::Faults;

/// A script that runs the hooks of a folder, freezegate among them.
pub(super) struct Dispatcher {
    /// The hook in the folder.
    pub(super) hook: PathBuf,
    /// True if freezegate may find nothing on standard input, as another hook has read it.
    pub(super) hands_on_too_little: bool,
}

impl Dispatcher {
    /// Returns the dispatcher that the hook `file` with this text is, if it is one and a hook of its folder runs freezegate.
    ///
    /// Gitea, Forgejo and many scripts keep their hooks in `hooks/pre-receive.d`. Standard input can be read once.
    pub(super) fn of(hook: HookName, file: &Path, text: &str) -> Result<Option<Self>, Faults> {
        let folder_name = format!("{}.d", hook.as_str());
        let lines = || text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let names_folder = lines().any(|line| line.contains(&folder_name) || line.contains(".d/"));
        if !names_folder {
            return Ok(None);
        }
        // a folder that cannot be listed shows no hook of ours
        let listed = std::fs::read_dir(file.with_file_name(&folder_name)).and_then(|entries| {
            let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
            paths
        });
        let Ok(paths) = listed else {
            return Ok(None);
        };
        let mut hooks: Vec<PathBuf> = paths.into_iter().filter(|path| path.is_file()).collect();
        hooks.sort();
        let call = format!("hook {}", hook.as_str());
        let mut own = None;
        for path in &hooks {
            let text = script(path)?.unwrap_or_default();
            let runs = |line: &str| line.contains("freezegate") && line.contains(&call);
            let calls = |line: &str| !line.trim_start().starts_with('#') && runs(line);
            if Shim::is_ours(&text) || text.lines().any(calls) {
                own = Some(path.clone());
            }
        }
        // what keeps the input: a variable, a file, or a program that copies it
        let keeps = ["$(cat", "`cat", "tee ", "pee ", "mktemp", "<<<", "read -d"];
        let hands_on_too_little = hooks.len() > 1 && !lines().any(|line| keeps.iter().any(|word| line.contains(word)));
        Ok(own.map(|hook| Self { hook, hands_on_too_little }))
    }
}
