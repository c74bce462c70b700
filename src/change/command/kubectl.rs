//! What a kubectl command acts on, by kubectl 1.32 to 1.37: context, server, namespaces.

mod grammar;
mod objects;
mod preferences;

use crate::change::command::cobra::{CobraFault, CobraLine};
use crate::change::command::facts::{CommandEffect, CommandFacts};
use crate::change::command::kubeconfig::{KubeChoice, KubeTarget};
use crate::change::command::kubectl::grammar::grammar;
use crate::change::command::surroundings::{Scene, Unknown};
use crate::change::fact_value::FactValue;
use crate::fact::FactKey;

/// Subcommands that change nothing where they go: alone, or all below them.
const READING: [&str; 24] = [
    "",
    "get",
    "describe",
    "logs",
    "events",
    "explain",
    "diff",
    "top",
    "version",
    "api-resources",
    "api-versions",
    "cluster-info",
    "wait",
    "auth can-i",
    "auth whoami",
    "rollout history",
    "rollout status",
    "apply view-last-applied",
    "config",
    "kuberc",
    "kustomize",
    "completion",
    "plugin",
    "help",
];

/// Subcommands of nodes, which belong to no namespace.
const OF_NODES: [&str; 4] = ["cordon", "uncordon", "drain", "taint"];

/// Returns what `kubectl` with these arguments acts on.
pub(super) fn facts(words: &[Vec<u8>], scene: &Scene<'_>) -> CommandFacts {
    let preferences = preferences::Preferences::find(words, scene);
    match grammar().read(words) {
        // below `create` alone, plugins add subcommands
        Ok(CobraLine { path, words, .. }) if path == ["create"] && !words.is_empty() => {
            let words: Vec<_> = words.iter().map(|word| String::from_utf8_lossy(word)).collect();
            unknown(&format!("`create {}` may be a plugin; what a plugin does is not known", words.join(" ")))
        }
        Ok(line) => {
            let own = of_line(&line, scene);
            match preferences.and_then(|preferences| preferences.with_defaults(&line)) {
                Ok(Some(other)) => own.or(of_line(&other, scene)),
                Ok(None) => own,
                // what reads stays so, whatever its options are
                Err(_) if own.effect == CommandEffect::Reads => own,
                Err(why) => doubted(own, &line, &why),
            }
        }
        Err(fault) => match preferences {
            Ok(preferences) => match preferences.expanded(words, &fault) {
                Some(Ok(words)) => match grammar().read(&words) {
                    Ok(line) => of_line(&line, scene),
                    Err(fault) => unknown(&fault.to_string()),
                },
                Some(Err(why)) => unknown(&why),
                None => of_fault(&fault),
            },
            Err(why) => unknown(&why),
        },
    }
}

fn of_fault(fault: &CobraFault) -> CommandFacts {
    match fault {
        CobraFault::Command(word) if matches!(word.as_slice(), b"help" | b"options") => {
            CommandFacts::new("kubectl", CommandEffect::Reads)
        }
        CobraFault::Command(word) => {
            let word = String::from_utf8_lossy(word);
            unknown(&format!("`{word}` is not a subcommand of kubectl; what a plugin does is not known"))
        }
        CobraFault::Option(_) | CobraFault::NoValue(_) => unknown(&fault.to_string()),
    }
}

/// The facts of a line to which options may be added, for a reason that is not known: only what the line says itself stays.
fn doubted(mut facts: CommandFacts, line: &CobraLine, why: &str) -> CommandFacts {
    let says = [(FactKey::Contexts, "context"), (FactKey::Servers, "server"), (FactKey::Namespaces, "namespace")];
    for (key, _) in says.into_iter().filter(|(_, option)| line.last(option).is_none()) {
        facts.add(key, FactValue::NotUnderstood(why.to_owned()));
    }
    facts
}

/// Facts of which none can be told.
fn unknown(why: &str) -> CommandFacts {
    let mut facts = CommandFacts::new("kubectl", CommandEffect::Writes);
    for key in [FactKey::Contexts, FactKey::Servers, FactKey::Namespaces] {
        facts.add(key, FactValue::NotUnderstood(why.to_owned()));
    }
    facts
}

fn of_line(line: &CobraLine, scene: &Scene<'_>) -> CommandFacts {
    let mut facts = CommandFacts::new("kubectl", effect(line));
    if facts.effect == CommandEffect::Reads {
        return facts;
    }
    let choice = KubeChoice {
        kubeconfig: line.last("kubeconfig"),
        context: line.last("context"),
        cluster: line.last("cluster"),
        server: line.last("server"),
        namespace: line.last("namespace"),
    };
    let target = KubeTarget::of(scene, &choice);
    let namespaces = namespaces(line, scene, choice.namespace.is_some(), target.namespaces);
    facts.add(FactKey::Contexts, value(target.contexts));
    facts.add(FactKey::Servers, value(target.servers));
    facts.add(FactKey::Namespaces, value(namespaces));
    facts
}

/// Returns what is known, or why it is not.
pub(super) fn value(known: Result<Vec<Vec<u8>>, Unknown>) -> FactValue {
    match known {
        Ok(values) => FactValue::AnyOf(values),
        Err(why) => FactValue::NotUnderstood(why),
    }
}

fn effect(line: &CobraLine) -> CommandEffect {
    let path = line.path.join(" ");
    let is_below = |known: &str| path == known || (!known.is_empty() && path.starts_with(&format!("{known} ")));
    // kubectl 1.32.4 was seen to send what `--raw` says, and what was edited, whatever `--dry-run` says
    let is_sent = line.last("raw").is_some() || line.is_set("edit");
    let is_dry = !is_sent && line.last("dry-run").is_some_and(|value| matches!(value, b"client" | b"server"));
    if line.is_set("help") || is_dry || READING.iter().any(|known| is_below(known)) {
        CommandEffect::Reads
    } else {
        CommandEffect::Writes
    }
}

/// The namespaces of a line: the one of the command, and those that its objects have themselves.
fn namespaces(
    line: &CobraLine,
    scene: &Scene<'_>,
    is_given: bool,
    of_command: Result<Vec<Vec<u8>>, Unknown>,
) -> Result<Vec<Vec<u8>>, Unknown> {
    if line.is_set("all-namespaces") {
        return Err("`--all-namespaces` acts on all of them".to_owned());
    }
    // by default, namespaces are among them
    if line.is_set("prune") {
        return Err("`--prune` deletes what no file names, such as namespaces".to_owned());
    }
    if line.is_set("edit") {
        return Err("`--edit` lets an editor change the objects".to_owned());
    }
    if let Some(verb) = line.path.first().filter(|verb| OF_NODES.contains(verb)) {
        return Err(format!("`{verb}` acts on nodes, which belong to no namespace"));
    }
    if line.last("raw").is_some() {
        return Err("`--raw` says it in an address".to_owned());
    }
    let mut namespaces = objects::named_namespaces(line)?;
    namespaces.extend(objects::of_files(line, scene, is_given)?);
    namespaces.extend(of_command?);
    namespaces.sort_unstable();
    namespaces.dedup();
    Ok(namespaces)
}
