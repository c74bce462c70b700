//! `hook uninstall`: takes away what `hook install` put there, and names what others did.

use std::fs;

use crate::cli::args::StatusArgs;
use crate::cli::edge::Edge;
use crate::cli::hook::git_program::GitProgram;
use crate::cli::hook::install::{name_in_config, path_word, row, script, unwritable, usual};
use crate::cli::hook::shim::Shim;
use crate::cli::hook::status::{Stand, of_configuration, of_file};
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::diagnostic::Faults;

/// `freezegate hook uninstall`: 0 git runs no hook of freezegate's any more, 1 it still does, 2 that can't be told or done.
pub(crate) fn uninstall(args: &StatusArgs, edge: &Edge, output: &mut Output) -> Status {
    output.tell(take_away(args, edge), edge)
}

fn take_away(args: &StatusArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let git = GitProgram::find()?;
    let hook = match args.hook {
        Some(hook) => hook,
        None => usual(&git)?,
    };
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
    let configured = git.configured_hooks(hook)?;
    let others = configured.iter().filter(|one| one.command.contains("freezegate"));
    let stands: Vec<Stand> =
        others.map(|one| of_configuration(&git, hook, one)).chain(of_file(&git, hook, edge)?).collect();
    for stand in stands {
        match stand {
            Stand::Active(facts) => {
                let place = facts.into_iter().find_map(|(label, fact)| (label == "where").then_some(fact));
                left.push((place.unwrap_or_default(), None));
            }
            // git does not run it
            Stand::Not(..) => {}
        }
    }
    let head = match (taken.is_empty(), left.is_empty()) {
        (false, true) => format!("removed: the {name} hook\n"),
        (true, true) => format!("not installed: the {name} hook\n"),
        (false | true, false) => format!("left alone: the {name} hook is run by what `hook install` did not write\n"),
    };
    let mut text = head;
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
