//! What a helm command acts on, by Helm 3 and 4: context, server, namespace of the release.

use std::sync::OnceLock;

use crate::change::command::cobra::{CobraLine, Grammar};
use crate::change::command::facts::{CommandEffect, CommandFacts};
use crate::change::command::kubeconfig::{KubeChoice, KubeTarget};
use crate::change::command::kubectl::value;
use crate::change::command::surroundings::{Scene, Unknown};
use crate::change::fact_value::FactValue;
use crate::fact::FactKey;

/// The options that choose where helm goes, and those of the subcommands that write.
static GRAMMAR: OnceLock<Grammar> = OnceLock::new();

/// Subcommands that change nothing where they go.
const READING: [&str; 20] = [
    "list",
    "get",
    "status",
    "history",
    "show",
    "search",
    "lint",
    "template",
    "env",
    "version",
    "dependency",
    "pull",
    "push",
    "package",
    "repo",
    "create",
    "verify",
    "completion",
    "registry",
    "help",
];

/// Returns what `helm` with these arguments acts on.
pub(super) fn facts(words: &[Vec<u8>], scene: &Scene<'_>) -> CommandFacts {
    let grammar = GRAMMAR.get_or_init(|| Grammar::of(include_str!("helm.tsv")));
    let path = grammar.subcommand(words);
    let is_renderer = |word: &Vec<u8>| word == b"--post-renderer" || word.starts_with(b"--post-renderer=");
    if path.as_deref() == Ok(&["template"]) && words.iter().any(is_renderer) {
        return unknown("`--post-renderer` runs a program, and what that does is not known");
    }
    match path {
        Ok(path) if path.first().is_none_or(|first| READING.contains(first)) => {
            return CommandFacts::new("helm", CommandEffect::Reads);
        }
        Ok(_) => {}
        Err(fault) => return unknown(&format!("{fault}; what a plugin does is not known")),
    }
    match grammar.read(words) {
        Ok(line) => of_line(&line, scene),
        Err(fault) => unknown(&fault.to_string()),
    }
}

fn unknown(why: &str) -> CommandFacts {
    let mut facts = CommandFacts::new("helm", CommandEffect::Writes);
    for key in [FactKey::Contexts, FactKey::Servers, FactKey::Namespaces] {
        facts.add(key, FactValue::NotUnderstood(why.to_owned()));
    }
    facts
}

fn of_line(line: &CobraLine, scene: &Scene<'_>) -> CommandFacts {
    let is_dry = line.is_set("dry-run") && line.last("dry-run") != Some(b"none");
    if line.is_set("help") || is_dry {
        return CommandFacts::new("helm", CommandEffect::Reads);
    }
    // an option comes before its variable
    let chosen = |option: &str, variable: &str| -> Result<Option<Vec<u8>>, Unknown> {
        match line.last(option) {
            Some(value) => Ok(Some(value.to_vec())),
            None => scene.variable(variable),
        }
    };
    let chosen = [
        ("kube-context", "HELM_KUBECONTEXT"),
        ("kube-apiserver", "HELM_KUBEAPISERVER"),
        ("namespace", "HELM_NAMESPACE"),
    ]
    .map(|(option, variable)| chosen(option, variable));
    let [context, server, namespace] = &chosen;
    let given = |known: &'_ Result<Option<Vec<u8>>, Unknown>| known.clone().ok().flatten();
    let (of_context, of_server, of_namespace) = (given(context), given(server), given(namespace));
    let choice = KubeChoice {
        kubeconfig: line.last("kubeconfig"),
        context: of_context.as_deref(),
        cluster: None,
        server: of_server.as_deref(),
        namespace: of_namespace.as_deref(),
    };
    let target = KubeTarget::of(scene, &choice);
    let mut facts = CommandFacts::new("helm", CommandEffect::Writes);
    for (key, known, found) in [
        (FactKey::Contexts, context, target.contexts),
        (FactKey::Servers, server, target.servers),
        (FactKey::Namespaces, namespace, target.namespaces),
    ] {
        facts.add(key, value(known.clone().and(found)));
    }
    facts
}
