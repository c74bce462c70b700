//! `hook status`: whether git runs the hook, which program that runs, and if not, why not.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cli::args::{HookName, StatusArgs};
use crate::cli::edge::Edge;
use crate::cli::hook::dispatcher::Dispatcher;
use crate::cli::hook::git_program::{ConfiguredHook, GitProgram, meant};
use crate::cli::hook::grants;
use crate::cli::hook::hook_file::{path_word, same_place, script};
use crate::cli::hook::other_tools::{OtherTool, lines_to_add};
use crate::cli::hook::shim::Shim;
use crate::cli::hook::status_rows::{NO_RECORD, row};
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::diagnostic::Faults;
use crate::gate::world::World;

/// `freezegate hook status`: 0 git runs the hook, 1 it does not, 2 that can't be determined.
pub(crate) fn status(args: &StatusArgs, edge: &Edge, output: &mut Output) -> Status {
    output.tell(look(args, edge), edge)
}

/// Returns whether git runs the pre-push hook in the repository at hand, as far as that can be told.
pub(in crate::cli) fn judges_pushes(edge: &Edge) -> bool {
    let hook = HookName::PrePush;
    let is_active = |stand: &Stand| matches!(stand, Stand::Active(_));
    let look = || -> Result<bool, Faults> {
        let git = GitProgram::find()?;
        let configured = git.configured_hooks(hook)?;
        let mut ours = configured.iter().filter(|one| one.command.contains("freezegate"));
        Ok(ours.any(|one| is_active(&of_configuration(&git, hook, one)))
            || of_file(&git, hook, edge)?.is_some_and(|stand| is_active(&stand)))
    };
    look().unwrap_or(false)
}

/// One place from which the hook may be run.
pub(super) enum Stand {
    /// It is.
    Active(Runs),
    /// It is not: why, and what fixes that.
    Not(String, Fix),
}

/// A hook that git runs.
pub(super) struct Runs {
    /// The place where it is written, for people.
    pub(super) place: String,
    /// Further facts: labels and texts.
    facts: Vec<(&'static str, String)>,
}

impl Runs {
    /// All that is known of it, in rows of `width` columns.
    pub(super) fn rows(&self, width: usize) -> String {
        row("where", &self.place, width)
            + &self.facts.iter().map(|(label, fact)| row(label, fact, width)).collect::<String>()
    }
}

/// The way to make git run the hook.
pub(super) enum Fix {
    /// A command in backticks, or in words what to change.
    Command(String),
    /// Lines in a file that is not freezegate's.
    Lines,
}

fn look(args: &StatusArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let (git, width) = (GitProgram::find()?, edge.width());
    let hook = meant(&git, args.hook)?;
    let mut stands = Vec::new();
    for configured in git.configured_hooks(hook)?.iter().filter(|one| one.command.contains("freezegate")) {
        stands.push(of_configuration(&git, hook, configured));
    }
    stands.extend(of_file(&git, hook, edge)?);
    let name = hook.as_str();
    let mut text = String::new();
    let active = stands.iter().any(|stand| matches!(stand, Stand::Active(_)));
    text.push_str(&if active {
        format!("active: the {name} hook\n")
    } else {
        format!("not active: the {name} hook\n")
    });
    if stands.is_empty() {
        let install = Fix::Command(format!("`freezegate hook install {name}`"));
        stands.push(Stand::Not("no hook is installed".to_owned(), install));
    }
    let mut has_lines = false;
    for stand in stands {
        match stand {
            Stand::Active(runs) => text.push_str(&runs.rows(width)),
            Stand::Not(why, fix) => {
                text.push_str(&row(if active { "beside it" } else { "because" }, &why, width));
                match fix {
                    Fix::Command(command) => text.push_str(&row("fix", &command, width)),
                    Fix::Lines => has_lines = true,
                }
            }
        }
    }
    text.push_str(&row("git", &git.version, width));
    if active {
        match hook {
            HookName::PrePush => text.push_str(&row("advice", "`git push --no-verify` skips it", width)),
            HookName::PreReceive => {
                text.push_str(&grants::rows(&git, width)?);
                let configured = git.configured_hooks(hook)?.into_iter().map(|one| one.command);
                let mut ours =
                    configured.chain(script(&git.hook_file(hook)?)?).filter(|text| text.contains("freezegate"));
                if !ours.any(|text| text.contains("--record")) {
                    text.push_str(&row("record", NO_RECORD, width));
                }
            }
        }
    }
    if has_lines && !active {
        text.push_str(&lines_to_add(&git, hook, width)?);
    }
    Ok((text, if active { Status::Allowed } else { Status::Refused }))
}

fn of_configuration(git: &GitProgram, hook: HookName, configured: &ConfiguredHook) -> Stand {
    let key = format!("hook.{}", configured.name);
    let again = Fix::Command(format!("`freezegate hook install {}`", hook.as_str()));
    if !git.runs_configured_hooks() {
        let why = format!("`{key}` is in git's configuration, where git {} does not look for hooks", git.version);
        return Stand::Not(why, again);
    }
    if !configured.enabled {
        return Stand::Not(format!("`{key}` is switched off in git's configuration"), again);
    }
    let program = match Shim::program_of(&configured.command) {
        None => format!("`{}`, which freezegate did not write", configured.command),
        Some(program) => match version(&program) {
            Ok(version) => format!("{} ({version})", program.display()),
            Err(why) => return Stand::Not(format!("`{key}` runs {}, {why}", program.display()), again),
        },
    };
    Stand::Active(Runs { place: format!("`{key}` in git's configuration"), facts: vec![("runs", program)] })
}

/// Returns how the file of the hook stands; `None` if there is none in the repository's own directory of hooks.
pub(super) fn of_file(git: &GitProgram, hook: HookName, edge: &Edge) -> Result<Option<Stand>, Faults> {
    let (file, own) = (git.hook_file(hook)?, git.own_hook_file(hook)?);
    let stand = match script(&file)? {
        Some(text) => Some(of_script(git, hook, &file, &text, edge)?),
        None => None,
    };
    if same_place(&file, &own) || matches!(stand, Some(Stand::Active(_))) {
        return Ok(stand);
    }
    let hooks_path = git.hooks_path()?.unwrap_or_else(|| file.display().to_string());
    if script(&own)?.is_some_and(|script| Shim::is_ours(&script)) {
        let why = format!("`core.hooksPath` is `{hooks_path}`, so git does not look at `{}`", own.display());
        let fix = match stand {
            Some(Stand::Not(_, fix)) => fix,
            Some(Stand::Active(_)) | None => missing_script(git, hook)?,
        };
        return Ok(Some(Stand::Not(why, fix)));
    }
    match stand {
        Some(stand) => Ok(Some(stand)),
        None => {
            let why = format!("`core.hooksPath` is `{hooks_path}`, and no {} hook is there", hook.as_str());
            Ok(Some(Stand::Not(why, missing_script(git, hook)?)))
        }
    }
}

/// Returns what to do if `core.hooksPath` leads to a place without the hook: a tool may have been told of it and not installed.
fn missing_script(git: &GitProgram, hook: HookName) -> Result<Fix, Faults> {
    if hook == HookName::PrePush && !git.is_bare()? {
        let work_tree = git.work_tree()?;
        let told = OtherTool::in_use(&work_tree).into_iter().find_map(|tool| Some((tool, tool.told_in(&work_tree)?)));
        // where husky's own scripts are not kept apart, its file is the hook
        if let Some((tool, file)) = told {
            return Ok(Fix::Command(format!("{}, as `{}` says to run the hook", tool.installs(), file.display())));
        }
    }
    Ok(Fix::Lines)
}

fn of_script(git: &GitProgram, hook: HookName, file: &Path, text: &str, edge: &Edge) -> Result<Stand, Faults> {
    let again = Fix::Command(format!("`freezegate hook install {}`", hook.as_str()));
    let place = format!("`{}`", file.display());
    if !is_executable(file) {
        let why = format!("{place} is not executable, so git ignores it");
        return Ok(Stand::Not(why, Fix::Command(format!("`chmod +x {}`", path_word(file)))));
    }
    if let Some(shim) = Shim::read(hook, text) {
        return Ok(of_shim(&shim, place, again, edge));
    }
    let call = format!("freezegate hook {}", hook.as_str());
    let calls = |line: &str| !line.trim_start().starts_with('#') && line.contains(&call);
    if Shim::is_ours(text) {
        return Ok(Stand::Not(format!("{place} was changed since freezegate wrote it"), again));
    }
    if text.lines().any(calls) {
        return Ok(Stand::Active(Runs {
            place: format!("{place}, which freezegate did not write"),
            facts: Vec::new(),
        }));
    }
    if hook == HookName::PrePush
        && let Some(tool) = OtherTool::of_script(text)
        && let Some(told) = tool.told_in(&git.work_tree()?)
    {
        let place = format!("{place} of {}, which `{}` configures", tool.as_str(), told.display());
        let gap = ("gap", "it judges only the first ref of a push".to_owned());
        let facts = if tool == OtherTool::PreCommit { vec![gap] } else { Vec::new() };
        return Ok(Stand::Active(Runs { place, facts }));
    }
    if let Some(dispatcher) = Dispatcher::of(hook, file, text)? {
        return Ok(of_dispatcher(&dispatcher, &place));
    }
    let why = format!("{place} is not freezegate's, and may not run the hook");
    Ok(Stand::Not(why, Fix::Lines))
}

fn of_dispatcher(dispatcher: &Dispatcher, place: &str) -> Stand {
    let hook = dispatcher.hook.display();
    if dispatcher.hands_on_too_little {
        let why = format!("{place} runs `{hook}` and other hooks without a copy of standard input for each");
        let fix = "keep it with `input=$(cat)`, and run each hook with `printf '%s\\n' \"$input\" | \"$hook\"`";
        return Stand::Not(why, Fix::Command(fix.to_owned()));
    }
    if !is_executable(&dispatcher.hook) {
        return Stand::Not(
            format!("`{hook}` may not be executed"),
            Fix::Command(format!("`chmod +x {}`", path_word(&dispatcher.hook))),
        );
    }
    Stand::Active(Runs { place: format!("`{hook}`, run by {place}"), facts: Vec::new() })
}

fn of_shim(shim: &Shim, place: String, again: Fix, edge: &Edge) -> Stand {
    let written = PathBuf::from(&shim.program);
    let path = edge.variable("PATH");
    let listed = path.iter().flat_map(|path| std::env::split_paths(path)).map(|folder| folder.join("freezegate"));
    let Some(program) = [written].into_iter().chain(listed).find(|program| is_executable(program)) else {
        return Stand::Not(format!("{place} runs {}, which is not there: every push is refused", shim.program), again);
    };
    match version(&program) {
        Ok(version) => {
            let mut facts = vec![("runs", format!("{} ({version})", program.display()))];
            facts.extend(shim.policy.clone().map(|policy| ("policy", policy)));
            facts.extend(shim.extra_freezes.clone().map(|path| ("freezes", path)));
            facts.extend(shim.organisation.clone().map(|path| ("follows", path)));
            facts.extend(shim.stops.clone().map(|place| ("stops", place)));
            facts.extend(shim.record.clone().map(|record| ("record", record)));
            Stand::Active(Runs { place, facts })
        }
        Err(why) => Stand::Not(format!("{place} runs {}, {why}", program.display()), again),
    }
}

/// Returns what a program says that it is; or what is wrong with it.
fn version(program: &Path) -> Result<String, String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => {
            let told = String::from_utf8_lossy(&output.stdout);
            let told = told.trim();
            if told.starts_with("freezegate ") {
                // the commit and what else stands in brackets behind it say nothing here
                Ok(told.split_once(" (").map_or(told, |(name, _)| name).to_owned())
            } else {
                Err("which is another program".to_owned())
            }
        }
        Ok(output) => Err(format!("which fails: {}", output.status)),
        Err(error) => Err(format!("which can't be run: {error}")),
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}
