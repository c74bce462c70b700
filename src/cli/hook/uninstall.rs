//! `hook uninstall`: takes away what `hook install` put there, and names what others did.

use std::fs;

use crate::cli::args::StatusArgs;
use crate::cli::edge::Edge;
use crate::cli::hook::git_program::GitProgram;
use crate::cli::hook::install::{meant, name_in_config, path_word, row, same_place, script, unwritable};
use crate::cli::hook::shim::Shim;
use crate::cli::hook::status::{Stand, stands};
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::diagnostic::Faults;

/// `freezegate hook uninstall`: 0 git runs no hook of freezegate's any more, 1 it still does, 2 that can't be told or done.
pub(crate) fn uninstall(args: &StatusArgs, edge: &Edge, output: &mut Output) -> Status {
    output.tell(take_away(args, edge), edge)
}

fn take_away(args: &StatusArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let git = GitProgram::find()?;
    let hook = meant(&git, args.hook)?;
    let name = hook.as_str();
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    let section = name_in_config(hook);
    if git.is_configured_here(section)? {
        git.forget(section)?;
        taken.push(format!("`hook.{section}` in this repository's configuration"));
    }
    let own = git.own_hook_file(hook)?;
    if let Some(text) = script(&own)?.filter(|text| Shim::is_ours(text)) {
        if Shim::read(hook, &text).is_some() {
            fs::remove_file(&own).map_err(|error| unwritable(&own, &error))?;
            taken.push(format!("`{}`", own.display()));
        } else {
            let why = format!("`{}` was changed since freezegate wrote it", own.display());
            left.push((why, Some(format!("`rm {}`", path_word(&own)))));
        }
    }
    let file = git.hook_file(hook)?;
    if !same_place(&file, &own) && script(&file)?.is_some_and(|text| Shim::is_ours(&text)) {
        let why = format!("`{}`, where `core.hooksPath` leads: that is not this repository's alone", file.display());
        left.push((why, Some(format!("`rm {}`", path_word(&file)))));
    } else {
        let active = stands(&git, hook, edge)?.into_iter().filter_map(|stand| match stand {
            Stand::Active(runs) => Some((runs.place, None)),
            // git does not run it
            Stand::Not(..) => None,
        });
        left.extend(active);
    }
    let mut text = match (taken.is_empty(), left.is_empty()) {
        (false, true) => format!("removed: the {name} hook\n"),
        (true, true) => format!("not installed: the {name} hook\n"),
        (false | true, false) => format!("still run: the {name} hook\n"),
    };
    text.push_str(&taken.iter().map(|place| row("removed", place)).collect::<String>());
    for (place, fix) in &left {
        text.push_str(&row("remains", place));
        let fix = fix.as_deref().unwrap_or("take freezegate's lines out of it");
        text.push_str(&row("fix", fix));
    }
    if !taken.is_empty() {
        text.push_str(&row("undo", &format!("`freezegate hook install {name}`")));
    }
    Ok((text, if left.is_empty() { Status::Allowed } else { Status::Refused }))
}
