//! The kuberc file: options that kubectl adds by itself, and names of one's own for subcommands.
//!
//! kubectl 1.34 and later read it, 1.33 if it is asked to, and older ones never. So what it adds is one more reading of the command.

use serde::Deserialize;

use crate::change::command::cobra::{CobraFault, CobraLine};
use crate::change::command::kubectl::grammar::grammar;
use crate::change::command::surroundings::{Scene, Unknown};

#[derive(Debug, Default, Deserialize)]
struct KubercFile {
    /// `overrides` in v1alpha1.
    #[serde(default, alias = "overrides")]
    defaults: Option<Vec<KubercDefaults>>,
    #[serde(default)]
    aliases: Option<Vec<KubercAlias>>,
}

#[derive(Debug, Clone, Deserialize)]
struct KubercDefaults {
    command: String,
    /// `flags` in v1alpha1.
    #[serde(default, alias = "flags")]
    options: Option<Vec<KubercOption>>,
}

#[derive(Debug, Clone, Deserialize)]
struct KubercOption {
    name: String,
    default: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KubercAlias {
    name: String,
    command: String,
    #[serde(default, alias = "flags")]
    options: Option<Vec<KubercOption>>,
    #[serde(default)]
    prepend_args: Option<Vec<String>>,
    #[serde(default)]
    append_args: Option<Vec<String>>,
}

/// The additions of a kuberc file to commands.
#[derive(Debug, Default)]
pub(super) struct Preferences {
    defaults: Vec<KubercDefaults>,
    aliases: Vec<KubercAlias>,
}

impl Preferences {
    /// Reads the file that kubectl may read.
    pub(super) fn find(words: &[Vec<u8>], scene: &Scene<'_>) -> Result<Self, Unknown> {
        if scene.variable("KUBECTL_KUBERC")?.as_deref() == Some(b"false") {
            return Ok(Self::default());
        }
        let path = match (given(words), scene.variable("KUBERC")?) {
            (Some(path), _) => path,
            (None, Some(path)) if path == b"off" => return Ok(Self::default()),
            (None, Some(path)) => path,
            (None, None) if cfg!(windows) => return Ok(Self::default()),
            (None, None) => scene.at_home(".kube/kuberc")?,
        };
        match scene.file(&path)? {
            Some(text) => Self::read(&text, &String::from_utf8_lossy(&path)),
            None => Ok(Self::default()),
        }
    }

    fn read(text: &[u8], told: &str) -> Result<Self, Unknown> {
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! { max_documents: 16, max_anchors: 0, max_aliases: 0, max_nodes: 50_000, max_events: 200_000 },
        };
        let files = serde_saphyr::from_slice_multiple_with_options::<KubercFile>(text, options)
            .map_err(|_| format!("`{told}`, which may add options to kubectl, can't be read here"))?;
        let mut preferences = Self::default();
        for file in files {
            preferences.defaults.extend(file.defaults.unwrap_or_default());
            preferences.aliases.extend(file.aliases.unwrap_or_default());
        }
        Ok(preferences)
    }

    /// A line with the options that are added to it; `None` if there are none.
    ///
    /// # Errors
    ///
    /// Why the effect of one of them is unknown.
    pub(super) fn with_defaults(&self, line: &CobraLine) -> Result<Option<CobraLine>, Unknown> {
        let path = line.path.join(" ");
        let entries = self.defaults.iter().filter(|entry| entry.command.split_whitespace().eq(path.split(' ')));
        let options = entries.flat_map(|entry| entry.options.iter().flatten());
        let mut added = Vec::new();
        for option in options {
            added.extend(as_option(option, line)?.filter(|(name, _)| !line.options.iter().any(|own| own.0 == *name)));
        }
        let changed = CobraLine {
            path: line.path.clone(),
            options: added.iter().cloned().chain(line.options.iter().cloned()).collect(),
            words: line.words.clone(),
            behind: line.behind.clone(),
        };
        Ok((!added.is_empty()).then_some(changed))
    }

    /// The words that stand for those of a line whose subcommand is not kubectl's own; `None` if it is not one of the file's either.
    pub(super) fn expanded(&self, words: &[Vec<u8>], fault: &CobraFault) -> Option<Result<Vec<Vec<u8>>, Unknown>> {
        let CobraFault::Command(name) = fault else {
            return None;
        };
        let mut named = self.aliases.iter().filter(|alias| alias.name.as_bytes() == name.as_slice());
        let alias = named.next()?;
        let told = &alias.name;
        let (Some(place), None) = (words.iter().position(|word| word == name), named.next()) else {
            return Some(Err(format!("what `{told}` stands for is not understood")));
        };
        let text = |one: &String| one.clone().into_bytes();
        let options = alias.options.iter().flatten();
        let options =
            options.map(|one| format!("--{}={}", one.name, one.default.clone().unwrap_or_default()).into_bytes());
        let mut expanded: Vec<Vec<u8>> =
            alias.command.split_whitespace().map(|word| word.as_bytes().to_vec()).collect();
        expanded.extend(alias.prepend_args.iter().flatten().map(text));
        // before those of the line, the last of which count
        expanded.extend(options);
        expanded.extend(words.iter().take(place).chain(words.iter().skip(place + 1)).cloned());
        expanded.extend(alias.append_args.iter().flatten().map(text));
        Some(Ok(expanded))
    }
}

/// The option of a line's subcommand as the grammar names it.
fn as_option(option: &KubercOption, line: &CobraLine) -> Result<Option<(&'static str, Vec<u8>)>, Unknown> {
    let text = format!("--{}={}", option.name, option.default.clone().unwrap_or_default());
    let words: Vec<Vec<u8>> =
        line.path.iter().map(|word| word.as_bytes().to_vec()).chain([text.into_bytes()]).collect();
    let read =
        grammar().read(&words).map_err(|_| format!("kuberc adds `--{}`, which is not a known option", option.name))?;
    Ok(read.options.into_iter().next())
}

/// The value of `--kuberc`, wherever it stands.
fn given(words: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut given = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == b"--" {
            break;
        }
        if word == b"--kuberc" {
            given = words.next().cloned().or(given);
        } else if let Some(path) = word.strip_prefix(b"--kuberc=") {
            given = Some(path.to_vec());
        }
    }
    given.filter(|path| !path.is_empty())
}
