//! What a command of Terraform or OpenTofu acts on: the workspace, and where its state is kept.

use std::sync::Arc;

use serde_json::Value;

use crate::change::command::facts::{AppliedPlan, CommandEffect, CommandFacts};
use crate::change::command::surroundings::{Scene, Unknown, join};
use crate::change::fact_value::FactValue;
use crate::change::plan::{MAX_SAVED_PLAN_BYTES, SavedPlan, SavedPlanError, StateBackend};
use crate::fact::FactKey;

/// Subcommands that change neither infrastructure nor state.
const READING: [&str; 20] = [
    "plan",
    "show",
    "output",
    "validate",
    "fmt",
    "graph",
    "providers",
    "version",
    "get",
    "login",
    "logout",
    "metadata",
    "modules",
    "state list",
    "state show",
    "state pull",
    "workspace list",
    "workspace show",
    "workspace select",
    "help",
];

/// Options with a value that may stand in the next word.
const VALUES: [&[u8]; 14] = [
    b"var",
    b"var-file",
    b"target",
    b"target-file",
    b"exclude",
    b"exclude-file",
    b"replace",
    b"state",
    b"state-out",
    b"backup",
    b"backup-out",
    b"lock-timeout",
    b"parallelism",
    b"config",
];

/// A command line of Terraform.
struct TerraformLine<'w> {
    folder: Option<&'w [u8]>,
    /// The subcommand, of two words for `state` and `workspace`.
    subcommand: String,
    /// The words that are no options.
    words: Vec<&'w [u8]>,
    /// The names of the options, without dashes.
    options: Vec<Vec<u8>>,
    asks_for_help: bool,
}

/// Returns what `terraform` or `tofu` with these arguments acts on.
pub(super) fn facts(tool: &'static str, words: &[Vec<u8>], scene: &Scene<'_>) -> CommandFacts {
    let Some(line) = line(words) else {
        // it only prints something, if no variable makes it more
        return match added("", scene) {
            Ok(added) if added.iter().all(|word| is_option(word)) => CommandFacts::new(tool, CommandEffect::Reads),
            Ok(_) => unknown(tool, &MORE_THAN_OPTIONS.to_owned()),
            Err(why) => unknown(tool, &why),
        };
    };
    let added = added(&line.subcommand, scene);
    if is_reading(&line, &added) {
        return CommandFacts::new(tool, CommandEffect::Reads);
    }
    let mut facts = CommandFacts::new(tool, CommandEffect::Writes);
    facts.applied = applied(&line, scene);
    let applied = facts.applied.clone();
    let place = match line.subcommand.as_str() {
        // its configuration says where
        "init" => Err("`init` moves the state, and where to is known only after it".to_owned()),
        _ => added.and_then(|added| TerraformFolder::of(&line, &added, scene)),
    };
    let found =
        place.and_then(|place| place.workspaces(&line, applied.as_ref(), scene).map(|workspaces| (place, workspaces)));
    match found {
        Ok((place, workspaces)) => {
            if let Some(AppliedPlan::Saved(plan)) = applied {
                facts.contradiction = contradiction(&plan, &place, &workspaces.selected);
                for (key, value) in plan.facts() {
                    facts.add(key, value);
                }
            }
            facts.add(FactKey::Workspaces, FactValue::AnyOf(place.named(&workspaces)));
            match place.states(&workspaces) {
                Ok(states) => facts.add(FactKey::States, FactValue::AnyOf(states)),
                Err(why) => facts.add(FactKey::States, FactValue::NotUnderstood(why)),
            }
        }
        Err(why) => add_unknown(&mut facts, &why),
    }
    facts
}

fn unknown(tool: &'static str, why: &Unknown) -> CommandFacts {
    let mut facts = CommandFacts::new(tool, CommandEffect::Writes);
    add_unknown(&mut facts, why);
    facts
}

fn add_unknown(facts: &mut CommandFacts, why: &Unknown) {
    for key in [FactKey::Workspaces, FactKey::States] {
        facts.add(key, FactValue::NotUnderstood(why.clone()));
    }
}

/// Terraform puts `TF_CLI_ARGS` behind the first word of the subcommand, where another word makes another subcommand.
const MORE_THAN_OPTIONS: &str = "`TF_CLI_ARGS` adds more than options";

fn is_option(word: &[u8]) -> bool {
    word.starts_with(b"-")
}

/// Asks for help, wherever it stands before `--` (`processArgs` of hashicorp/cli).
const HELP: [&[u8]; 3] = [b"-h", b"-help", b"--help"];

/// The parts of a line; `None` if it has no subcommand, and only prints something.
fn line(words: &[Vec<u8>]) -> Option<TerraformLine<'_>> {
    let mut folder = None;
    let mut rest = words.iter().map(Vec::as_slice);
    let first = loop {
        let word = rest.next()?;
        match word.strip_prefix(b"-") {
            Some(option) => {
                let option = option.strip_prefix(b"-").unwrap_or(option);
                // only with `=`, and only here
                folder = option.strip_prefix(b"chdir=").or(folder);
                if HELP.contains(&word) || matches!(word, b"-v" | b"-version" | b"--version") {
                    return None;
                }
            }
            None => break String::from_utf8_lossy(word).into_owned(),
        }
    };
    let mut subcommand = first;
    let mut line_words = Vec::new();
    let mut options = Vec::new();
    let mut takes_next = false;
    let (mut asks_for_help, mut are_operands) = (false, false);
    for word in rest {
        if are_operands {
            line_words.push(word);
            continue;
        }
        // that of the value of an option does too
        asks_for_help |= HELP.contains(&word);
        if std::mem::take(&mut takes_next) {
            continue;
        }
        if word == b"--" {
            are_operands = true;
            continue;
        }
        let option = word.strip_prefix(b"--").or_else(|| word.strip_prefix(b"-"));
        match option.filter(|option| !option.is_empty()) {
            Some(option) => {
                let (name, has_value) = match option.iter().position(|byte| *byte == b'=') {
                    Some(at) => (option.get(..at).unwrap_or(option), true),
                    None => (option, false),
                };
                takes_next = !has_value && VALUES.contains(&name);
                options.push(name.to_vec());
            }
            None if line_words.is_empty() && matches!(subcommand.as_str(), "state" | "workspace") => {
                subcommand = format!("{subcommand} {}", String::from_utf8_lossy(word));
            }
            None => line_words.push(word),
        }
    }
    Some(TerraformLine { folder, subcommand, words: line_words, options, asks_for_help })
}

/// The words that variables add to a subcommand.
fn added(subcommand: &str, scene: &Scene<'_>) -> Result<Vec<Vec<u8>>, Unknown> {
    let own = format!("TF_CLI_ARGS_{}", subcommand.replace([' ', '-'], "_"));
    let mut words = Vec::new();
    for name in ["TF_CLI_ARGS", own.as_str()] {
        let value = scene.variable(name)?.unwrap_or_default();
        words.extend(value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).map(<[u8]>::to_vec));
    }
    Ok(words)
}

fn is_reading(line: &TerraformLine<'_>, added: &Result<Vec<Vec<u8>>, Unknown>) -> bool {
    let has = |names: &[&[u8]]| line.options.iter().any(|option| names.contains(&option.as_slice()));
    if line.asks_for_help {
        return true;
    }
    let is_added = |names: &[&[u8]]| {
        let is_named = |word: &Vec<u8>| {
            let name = word.split(|byte| *byte == b'=').next().unwrap_or_default();
            names
                .iter()
                .any(|one| name.strip_prefix(b"-").is_some_and(|name| name.strip_prefix(b"-").unwrap_or(name) == *one))
        };
        added.as_ref().map_or(true, |added| added.iter().any(is_named))
    };
    let of_two_words = line.subcommand.contains(' ');
    if of_two_words && !added.as_ref().is_ok_and(|added| added.iter().all(|word| is_option(word))) {
        return false;
    }
    if line.subcommand == "workspace select" && (has(&[b"or-create"]) || is_added(&[b"or-create"])) {
        return false;
    }
    if READING.contains(&line.subcommand.as_str()) {
        return true;
    }
    let moves: [&[u8]; 3] = [b"migrate-state", b"force-copy", b"from-module"];
    line.subcommand == "init" && !has(&moves) && !is_added(&moves)
}

/// The plan that a command applies, if it applies one.
fn applied(line: &TerraformLine<'_>, scene: &Scene<'_>) -> Option<AppliedPlan> {
    if !matches!(line.subcommand.as_str(), "apply" | "destroy") {
        return None;
    }
    let Some(path) = line.words.first() else {
        return Some(AppliedPlan::OfItsOwn);
    };
    let path = join(&scene.absolute(line.folder.unwrap_or_default()), path);
    let told = String::from_utf8_lossy(&path);
    Some(match scene.file_up_to(&path, MAX_SAVED_PLAN_BYTES) {
        Ok(Some(bytes)) => match SavedPlan::read(&bytes) {
            Ok(plan) => AppliedPlan::Saved(Arc::new(plan)),
            Err(error) => AppliedPlan::Unreadable(unreadable(&told, &error)),
        },
        Ok(None) => AppliedPlan::Unreadable(format!("there is no plan `{told}`")),
        Err(why) => AppliedPlan::Unreadable(why),
    })
}

/// Returns how a saved plan contradicts the folder and the workspace in which it is applied.
fn contradiction(plan: &SavedPlan, place: &TerraformFolder, selected: &str) -> Option<String> {
    let made = &plan.workspace;
    if made != selected {
        return Some(format!("the plan was made for the workspace `{made}`, and `{selected}` is selected"));
    }
    let (of_plan, here) = (plan.state().ok()?, place.backend.state(selected).ok()?);
    (of_plan != here).then(|| format!("the plan was made for the state `{of_plan}`, and this folder has `{here}`"))
}

fn unreadable(path: &str, error: &SavedPlanError) -> String {
    format!("the saved plan `{path}`: {error}")
}

/// The workspaces in which a command acts.
struct Workspaces {
    /// The one that is selected.
    selected: String,
    /// Others that the command names, or its saved plan.
    others: Vec<String>,
}

impl Workspaces {
    fn all(&self) -> Vec<&str> {
        std::iter::once(&self.selected).chain(&self.others).map(String::as_str).collect()
    }
}

/// The folder in which a command acts, and its backend.
struct TerraformFolder {
    data: Vec<u8>,
    backend: StateBackend,
    /// The reason why the place of the state is not known.
    doubt: Option<Unknown>,
}

impl TerraformFolder {
    fn of(line: &TerraformLine<'_>, added: &[Vec<u8>], scene: &Scene<'_>) -> Result<Self, Unknown> {
        let folder = scene.absolute(line.folder.unwrap_or_default());
        let data = scene.variable("TF_DATA_DIR")?.unwrap_or_else(|| b".terraform".to_vec());
        let data = if data.starts_with(b"/") { data } else { join(&folder, &data) };
        let backend = match scene.file(&join(&data, b"terraform.tfstate"))? {
            Some(text) => {
                let read: Value = serde_json::from_slice(&text)
                    .map_err(|error| format!("`terraform.tfstate` in its data folder is not JSON: {error}"))?;
                let backend = read.get("backend").filter(|backend| !backend.is_null()).map(|backend| {
                    let kind = backend.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
                    StateBackend::new(kind, backend.get("config").cloned().unwrap_or_default())
                });
                backend.unwrap_or_else(StateBackend::local)
            }
            None => StateBackend::local(),
        };
        let names_state = |name: &[u8]| matches!(name, b"state" | b"state-out" | b"backup");
        let is_named = line.options.iter().any(|option| names_state(option))
            || added.iter().any(|word| word.starts_with(b"-state") || word.starts_with(b"--state"));
        let doubt = is_named.then(|| "`-state` names a file of its own".to_owned());
        if added.iter().any(|word| !word.starts_with(b"-")) {
            return Err(MORE_THAN_OPTIONS.to_owned());
        }
        Ok(Self { data, backend, doubt })
    }

    fn workspaces(
        &self,
        line: &TerraformLine<'_>,
        applied: Option<&AppliedPlan>,
        scene: &Scene<'_>,
    ) -> Result<Workspaces, Unknown> {
        let selected = match scene.variable("TF_WORKSPACE")? {
            Some(name) => name,
            None => scene.file(&join(&self.data, b"environment"))?.unwrap_or_default().trim_ascii().to_vec(),
        };
        let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        let selected = if selected.is_empty() { "default".to_owned() } else { text(&selected) };
        let mut others = Vec::new();
        if let ("workspace new" | "workspace delete" | "workspace select", Some(name)) =
            (line.subcommand.as_str(), line.words.first())
        {
            others.push(text(name));
        }
        match applied {
            // a saved plan was made for a workspace, which need not be the selected one
            Some(AppliedPlan::Saved(plan)) => others.push(plan.workspace.clone()),
            Some(AppliedPlan::Unreadable(why)) => return Err(why.clone()),
            Some(AppliedPlan::OfItsOwn) | None => {}
        }
        others.retain(|other| *other != selected);
        Ok(Workspaces { selected, others })
    }

    /// The workspaces as they are called.
    fn named(&self, workspaces: &Workspaces) -> Vec<Vec<u8>> {
        self.backend.named(&workspaces.all()).into_iter().map(String::into_bytes).collect()
    }

    fn states(&self, workspaces: &Workspaces) -> Result<Vec<Vec<u8>>, Unknown> {
        if let Some(why) = &self.doubt {
            return Err(why.clone());
        }
        workspaces.all().into_iter().map(|name| self.backend.state(name).map(String::into_bytes)).collect()
    }
}
