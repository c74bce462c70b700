//! Selectors of what a command, a plan or a manifest acts on.

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::fact::{FactKey, FactSource};
use crate::pattern::{Capture, Pattern, PatternSubject, regular_expression};
use crate::policy::check::context::Context;
use crate::policy::read::Section;

/// The patterns of one key.
pub(super) type FactPatterns = (FactKey, Vec<(Pattern, Place)>);

/// The patterns of one key, without it.
pub(super) fn of_key((_, patterns): &FactPatterns) -> Vec<&(Pattern, Place)> {
    patterns.iter().collect()
}

/// The patterns of all keys that can be read, and whether that is all of them.
pub(super) fn facts(context: &Context<'_>, section: &Section<'_, '_>) -> (Vec<FactPatterns>, bool) {
    let mut facts = Vec::new();
    let mut are_right = true;
    for key in FactKey::ALL {
        let Some(list) = section.filled_strings(key.as_str()) else {
            are_right &= section.get(key.as_str()).is_none();
            continue;
        };
        for other in ["refs", "paths"] {
            if section.get(other).is_some() {
                let help = match key.sources() {
                    [FactSource::Aws, ..] if key == FactKey::Regions => {
                        "make two targets, or write `region` for a region of this policy"
                    }
                    [FactSource::Plan, ..] => {
                        "make two targets: what a plan or a manifest shows has no ref and no path"
                    }
                    [FactSource::Manifests, ..] => "make two targets: what a manifest shows has no ref and no path",
                    [FactSource::Kubernetes | FactSource::Terraform | FactSource::Aws, ..] | [] => {
                        "make two targets: what a command acts on shows no ref and no path"
                    }
                };
                section.error(
                    Code::Contradiction,
                    section.place_of(other),
                    format!("`{key}` can't stand beside `{other}`"),
                    help,
                );
            }
        }
        let mut patterns = Vec::with_capacity(list.items.len());
        for text in list.items {
            let parsed = match regular_expression(text.value, PatternSubject::Name, false) {
                Some(error) => Err(vec![error]),
                None => Pattern::of_name(text.value),
            };
            match parsed {
                Ok(pattern) => patterns.push((pattern, text.place)),
                Err(errors) => {
                    are_right = false;
                    for error in errors {
                        let place = context.inside(text, &error.range);
                        context.found.push(Diagnostic::error(Code::BadPattern, error.cause).at(place).help(error.help));
                    }
                }
            }
            if key == FactKey::Servers {
                server(section, text.value, text.place);
            }
        }
        uniform(section, &patterns);
        are_right &= !list.is_empty;
        facts.push((key, patterns));
    }
    (facts, are_right)
}

/// Programs that start the command behind them, which then acts on something.
const WRAPPERS: [&str; 10] = ["env", "sudo", "doas", "nice", "nohup", "time", "timeout", "stdbuf", "ionice", "setsid"];

/// Reports what nothing can show: things that no command, plan or manifest has together, or of another program than the one that the target
/// names.
pub(super) fn impossible(section: &Section<'_, '_>, facts: &[FactPatterns], command: Option<&Pattern>) {
    let Some((first, _)) = facts.first() else {
        return;
    };
    let mut sources = first.sources().to_vec();
    for (key, _) in facts {
        let narrowed: Vec<FactSource> = sources.iter().copied().filter(|one| key.sources().contains(one)).collect();
        if narrowed.is_empty() {
            let names =
                |sources: &[FactSource]| sources.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(" and ");
            section.error(
                Code::EmptySet,
                section.place_of(key.as_str()),
                format!("no command, plan or manifest has both `{first}` and `{key}`"),
                format!("make two targets: `{first}` is for {}, `{key}` for {}", names(&sources), names(key.sources())),
            );
            return;
        }
        sources = narrowed;
    }
    let Some(command) = command else {
        return;
    };
    let tools: Vec<&str> = sources.iter().flat_map(|source| source.tools()).copied().collect();
    if tools.is_empty() {
        section.error(
            Code::EmptySet,
            section.place_of("command"),
            format!("no command shows `{first}`"),
            format!("remove `command`: `{first}` is for {}", sources.first().map_or("plans", |one| one.as_str())),
        );
        return;
    }
    let program = command.fixed_program();
    let program = program.as_deref().map(|program| program.strip_suffix(".exe").unwrap_or(program));
    let is_other = |program: &&str| !tools.contains(program) && !WRAPPERS.contains(program);
    if let Some(program) = program.filter(is_other) {
        let named = tools.iter().map(|tool| format!("`{tool}`")).collect::<Vec<_>>().join(" and ");
        section.error(
            Code::EmptySet,
            section.place_of(first.as_str()),
            format!("what `{program}` acts on is not known, so `{first}` matches none of its commands"),
            format!("`{first}` is for {named}: remove it, or name one of those in `command`"),
        );
    }
}

/// Reports a pattern of servers that no address matches as it is compared: with a scheme, and without `/` at its end.
fn server(section: &Section<'_, '_>, text: &str, place: Place) {
    let trimmed = text.trim_end_matches('/');
    if trimmed.len() < text.len() {
        section.error(
            Code::BadPattern,
            place,
            format!("the pattern of a server ends in `/`: `{text}`"),
            format!("addresses are compared without it: `{trimmed}`"),
        );
    }
    if !text.contains("://") && !text.starts_with('*') {
        section.error(
            Code::BadPattern,
            place,
            format!("the pattern of a server has no scheme: `{text}`"),
            format!("write the address with its scheme: `https://{trimmed}`"),
        );
    }
}

/// Reports what only some of the patterns of a key capture: then it would depend on the name whether it is known.
fn uniform(section: &Section<'_, '_>, patterns: &[(Pattern, Place)]) {
    for capture in [Capture::Region, Capture::Service] {
        let has = |pattern: &Pattern| pattern.captures().any(|one| one == capture);
        let by = patterns.iter().find(|(pattern, _)| has(pattern));
        if let Some((_, place)) = by.filter(|_| !patterns.iter().all(|(pattern, _)| has(pattern))) {
            section.error(
                Code::Contradiction,
                *place,
                format!("only some of the patterns capture `{capture}`"),
                "capture it in each of them, or make two targets",
            );
        }
    }
}
