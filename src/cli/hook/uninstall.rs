//! `hook uninstall`: takes away what `hook install` put there, and names what else may run freezegate.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::cli::args::StatusArgs;
use crate::cli::edge::Edge;
use crate::cli::hook::git_program::{GitProgram, meant, name_in_config};
use crate::cli::hook::hook_file::{path_word, same_place, script, unwritable};
use crate::cli::hook::shim::Shim;
use crate::cli::hook::status::{Stand, of_file};
use crate::cli::hook::status_rows::row;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::diagnostic::Faults;

/// `freezegate hook uninstall`: 0 if nothing of freezegate's is left, 1 if something is (it is named), 2 if it cannot be removed.
pub(crate) fn uninstall(args: &StatusArgs, edge: &Edge, output: &mut Output) -> Status {
    output.tell(take_away(args, edge), edge)
}

/// A remaining thing: what it is, and what to do.
type Remains = (String, String);

fn take_away(args: &StatusArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let (git, width) = (GitProgram::find()?, edge.width());
    let hook = meant(&git, args.hook)?;
    let name = hook.as_str();
    let (mut taken, mut left): (Vec<(String, Shim)>, Vec<Remains>) = (Vec::new(), Vec::new());
    let section = name_in_config(hook);
    for configured in git.configured_hooks(hook)?.into_iter().filter(|one| one.command.contains("freezegate")) {
        let place = format!("`hook.{}` in git's configuration", configured.name);
        let own = Some(&configured).filter(|one| one.name == section);
        match own.and_then(|one| Shim::read_command(hook, &one.command)) {
            Some(shim) if git.is_configured_here(section)? => {
                git.forget(section)?;
                taken.push((place, shim));
            }
            Some(_) | None => {
                let fix =
                    format!("`git config --show-origin --get-all hook.{}.command` names its file", configured.name);
                left.push((format!("{place}, which `hook install` did not write so here"), fix));
            }
        }
    }
    let own = git.own_hook_file(hook)?;
    if let Some(shim) = script(&own)?.and_then(|text| Shim::read(hook, &text)) {
        fs::remove_file(&own).map_err(|error| unwritable(&own, &error))?;
        taken.push((format!("`{}`", own.display()), shim));
    }
    let run = git.hook_file(hook)?;
    let elsewhere = (!same_place(&run, &own)).then(|| run.clone());
    let files: Vec<PathBuf> = [own].into_iter().chain(elsewhere).collect();
    let mentioned: Vec<Remains> = files.iter().filter_map(|file| mention(file)).collect();
    if mentioned.is_empty()
        && let Some(Stand::Active(runs)) = of_file(&git, hook, edge)?
    {
        left.push((runs.place, "remove freezegate from it".to_owned()));
    }
    left.extend(mentioned);
    let mut text = match (taken.is_empty(), left.is_empty()) {
        (false, true) => format!("removed: the {name} hook\n"),
        (true, true) => format!("not installed: the {name} hook\n"),
        (false | true, false) => format!("not all removed: the {name} hook\n"),
    };
    for (place, _) in &taken {
        text.push_str(&row("removed", place, width));
    }
    for (place, fix) in &left {
        text.push_str(&row("remains", place, width));
        text.push_str(&row("fix", fix, width));
    }
    for (_, shim) in &taken {
        text.push_str(&row("undo", &format!("`{}`", shim.installs()), width));
    }
    Ok((text, if left.is_empty() { Status::Allowed } else { Status::Refused }))
}

/// Returns what there is to say of a file that git may run as the hook, and that names freezegate, be it by a link to another; `None` if it does not,
/// or nothing is there.
fn mention(file: &Path) -> Option<Remains> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return None,
        Err(error) => {
            let fix = "check whether it runs `freezegate hook`, as a user who may read it";
            return Some((format!("`{}`, which can't be read: {error}", file.display()), fix.to_owned()));
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    if !text.contains("freezegate") {
        return None;
    }
    let place = format!("`{}`", file.display());
    if Shim::is_ours(&text) {
        let why = "which was changed since, or is not this repository's alone";
        return Some((format!("{place}, {why}"), format!("`rm {}`", path_word(file))));
    }
    Some((
        format!("{place}, which names freezegate"),
        "see whether it runs `freezegate hook`, and remove that".to_owned(),
    ))
}
