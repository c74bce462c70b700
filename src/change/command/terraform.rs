//! What a command of Terraform or OpenTofu acts on: the workspace, and where its state is kept.

mod saved_plan;

use serde_json::Value;

use crate::change::command::facts::{CommandEffect, CommandFacts, FactValue};
use crate::change::command::surroundings::{Scene, Unknown, join};
use crate::policy::FactKey;

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
}

/// What `terraform` or `tofu` with these words behind it acts on.
pub(super) fn facts(tool: &'static str, words: &[Vec<u8>], scene: &Scene<'_>) -> CommandFacts {
    let line = line(words);
    let Some(line) = line else {
        return CommandFacts::new(tool, CommandEffect::Reads);
    };
    let added = added(&line.subcommand, scene);
    if is_reading(&line, &added) {
        return CommandFacts::new(tool, CommandEffect::Reads);
    }
    let mut facts = CommandFacts::new(tool, CommandEffect::Writes);
    let place = added.and_then(|added| Place::of(&line, &added, scene));
    let found = place.and_then(|place| place.workspaces(&line, scene).map(|workspaces| (place, workspaces)));
    match found {
        Ok((place, workspaces)) => {
            facts.add(FactKey::Workspaces, FactValue::AnyOf(place.named(&workspaces)));
            match place.states(&workspaces) {
                Ok(states) => facts.add(FactKey::States, FactValue::AnyOf(states)),
                Err(why) => facts.add(FactKey::States, FactValue::NotUnderstood(why)),
            }
        }
        Err(why) => {
            facts.add(FactKey::Workspaces, FactValue::NotUnderstood(why.clone()));
            facts.add(FactKey::States, FactValue::NotUnderstood(why));
        }
    }
    facts
}

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
                if matches!(option, b"help" | b"h" | b"version" | b"v") {
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
    for word in rest {
        if std::mem::take(&mut takes_next) {
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
    Some(TerraformLine { folder, subcommand, words: line_words, options })
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
    if has(&[b"help", b"h"]) || READING.contains(&line.subcommand.as_str()) {
        return true;
    }
    let moves: [&[u8]; 3] = [b"migrate-state", b"force-copy", b"from-module"];
    let is_added = |word: &Vec<u8>| {
        let name = word.split(|byte| *byte == b'=').next().unwrap_or_default();
        moves
            .iter()
            .any(|one| name.strip_prefix(b"-").is_some_and(|name| name.strip_prefix(b"-").unwrap_or(name) == *one))
    };
    line.subcommand == "init" && !has(&moves) && added.as_ref().is_ok_and(|added| !added.iter().any(is_added))
}

/// The workspaces in which a command acts.
struct Workspaces {
    /// The one that is selected.
    selected: String,
    /// Others that the command names, or its saved plan.
    others: Vec<String>,
}

/// The folder in which a command acts, and its backend.
struct Place {
    folder: Vec<u8>,
    data: Vec<u8>,
    backend: Option<(String, Value)>,
    /// Why the place of the state is not known.
    doubt: Option<Unknown>,
}

impl Place {
    fn of(line: &TerraformLine<'_>, added: &[Vec<u8>], scene: &Scene<'_>) -> Result<Self, Unknown> {
        let folder = scene.absolute(line.folder.unwrap_or_default());
        let data = scene.variable("TF_DATA_DIR")?.unwrap_or_else(|| b".terraform".to_vec());
        let data = if data.starts_with(b"/") { data } else { join(&folder, &data) };
        let backend = match scene.file(&join(&data, b"terraform.tfstate"))? {
            Some(text) => {
                let read: Value = serde_json::from_slice(&text)
                    .map_err(|error| format!("`terraform.tfstate` in its data folder is not JSON: {error}"))?;
                read.get("backend").filter(|backend| !backend.is_null()).map(|backend| {
                    let kind = backend.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
                    (kind, backend.get("config").cloned().unwrap_or_default())
                })
            }
            None => None,
        };
        let names_state = |name: &[u8]| matches!(name, b"state" | b"state-out" | b"backup");
        let is_named = line.options.iter().any(|option| names_state(option))
            || added.iter().any(|word| word.starts_with(b"-state") || word.starts_with(b"--state"));
        let doubt = is_named.then(|| "`-state` names a file of its own".to_owned());
        if added.iter().any(|word| !word.starts_with(b"-")) {
            return Err("`TF_CLI_ARGS` adds more than options".to_owned());
        }
        Ok(Self { folder, data, backend, doubt })
    }

    fn workspaces(&self, line: &TerraformLine<'_>, scene: &Scene<'_>) -> Result<Workspaces, Unknown> {
        let selected = match scene.variable("TF_WORKSPACE")? {
            Some(name) => name,
            None => scene.file(&join(&self.data, b"environment"))?.unwrap_or_default().trim_ascii().to_vec(),
        };
        let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        let selected = if selected.is_empty() { "default".to_owned() } else { text(&selected) };
        let mut others = Vec::new();
        match (line.subcommand.as_str(), line.words.first()) {
            ("workspace new" | "workspace delete", Some(name)) => others.push(text(name)),
            // a saved plan was made for a workspace, which need not be the selected one
            ("apply" | "destroy", Some(path)) => {
                let path = join(&self.folder, path);
                let plan = scene.file(&path)?.ok_or_else(|| format!("there is no plan `{}`", text(&path)))?;
                others.push(saved_plan::workspace(&plan)?);
            }
            _ => {}
        }
        others.retain(|other| *other != selected);
        Ok(Workspaces { selected, others })
    }

    /// The workspaces as they are called: those of HCP Terraform may have a name in the configuration.
    fn named(&self, workspaces: &Workspaces) -> Vec<Vec<u8>> {
        let mut names: Vec<String> = std::iter::once(&workspaces.selected).chain(&workspaces.others).cloned().collect();
        if let Some((kind, config)) = self.backend.as_ref().filter(|(kind, _)| kind == "cloud" || kind == "remote") {
            let of = |key: &str| remote_workspace(config, key).filter(|text| !text.is_empty());
            if let Some(name) = of("name") {
                names = vec![name];
            } else if let Some(prefix) = of("prefix").filter(|_| kind == "remote") {
                let prefixed: Vec<String> = names.iter().map(|name| format!("{prefix}{name}")).collect();
                names.extend(prefixed);
            }
        }
        names.into_iter().map(String::into_bytes).collect()
    }

    fn states(&self, workspaces: &Workspaces) -> Result<Vec<Vec<u8>>, Unknown> {
        if let Some(why) = &self.doubt {
            return Err(why.clone());
        }
        let names = std::iter::once(&workspaces.selected).chain(&workspaces.others);
        names.map(|name| self.state(name).map(String::into_bytes)).collect()
    }

    /// Where the state of a workspace is kept.
    fn state(&self, workspace: &str) -> Result<String, Unknown> {
        let is_default = workspace == "default";
        let local = (String::from("local"), Value::Null);
        let (kind, config) = self.backend.as_ref().unwrap_or(&local);
        let of = |key: &str| config.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let need = |key: &str| of(key).ok_or_else(|| format!("the backend `{kind}` has no `{key}` in its data folder"));
        match kind.as_str() {
            "local" if is_default => {
                Ok(format!("local:{}", of("path").unwrap_or_else(|| "terraform.tfstate".to_owned())))
            }
            "local" => {
                let folder = of("workspace_dir").unwrap_or_else(|| "terraform.tfstate.d".to_owned());
                Ok(format!("local:{folder}/{workspace}/terraform.tfstate"))
            }
            "s3" if is_default => Ok(format!("s3:{}/{}", need("bucket")?, need("key")?)),
            "s3" => {
                let prefix = of("workspace_key_prefix").unwrap_or_else(|| "env:".to_owned());
                Ok(format!("s3:{}/{prefix}/{workspace}/{}", need("bucket")?, need("key")?))
            }
            "gcs" => {
                let prefix =
                    of("prefix").map_or_else(String::new, |prefix| format!("{}/", prefix.trim_end_matches('/')));
                Ok(format!("gcs:{}/{prefix}{workspace}.tfstate", need("bucket")?))
            }
            "azurerm" => {
                let place =
                    format!("azurerm:{}/{}/{}", need("storage_account_name")?, need("container_name")?, need("key")?);
                Ok(if is_default { place } else { format!("{place}env:{workspace}") })
            }
            "cloud" | "remote" => {
                let host = of("hostname").unwrap_or_else(|| "app.terraform.io".to_owned());
                let prefix = remote_workspace(config, "prefix").unwrap_or_default();
                let name = remote_workspace(config, "name").filter(|name| !name.is_empty());
                let name = name.unwrap_or_else(|| format!("{prefix}{workspace}"));
                Ok(format!("{kind}:{host}/{}/{name}", need("organization")?))
            }
            other => Err(format!("where the backend `{other}` keeps its state is not known here")),
        }
    }
}

/// A key of the block `workspaces`, which is an object or a list of one.
fn remote_workspace(config: &Value, key: &str) -> Option<String> {
    let block = config.get("workspaces")?;
    let block = block.as_array().and_then(|list| list.first()).unwrap_or(block);
    block.get(key).and_then(Value::as_str).map(str::to_owned)
}
