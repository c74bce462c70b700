//! What `git push` with some words is about to move, as far as its words say it alone.

use std::path::Path;

use crate::change::git::{RefName, Repository};
use crate::cli::args::AgentArgs;
use crate::cli::edge::Edge;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::case::{JudgedCase, Render};
use crate::gate::fault::fault;
use crate::gate::push::judge_lines;
use crate::gate::request::PushRequest;

/// Options that move no other refs.
const PLAIN: [&str; 14] = [
    "-f",
    "--force",
    "--force-with-lease",
    "--force-if-includes",
    "-u",
    "--set-upstream",
    "-q",
    "--quiet",
    "-v",
    "--verbose",
    "--progress",
    "--no-progress",
    "--porcelain",
    "--atomic",
];

/// Returns whether the subcommand of git is `push`: the first word that is no option and no value of one.
pub(super) fn is_asked_for(words: &[&str]) -> bool {
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        match *word {
            "-C" | "-c" | "--git-dir" | "--work-tree" | "--namespace" | "--exec-path" | "--config-env" => {
                words.next();
            }
            word if word.starts_with('-') => {}
            word => return word == "push",
        }
    }
    false
}

/// Returns what the gate says of it; `None` if nothing moves.
pub(super) fn judge(
    words: &[&str],
    args: &AgentArgs,
    edge: &Edge,
    render: Render<'_>,
) -> Result<Option<JudgedCase>, Faults> {
    let place = words.iter().position(|word| *word == "push").unwrap_or(0);
    if words.iter().take(place).skip(1).any(|word| *word != "--no-pager") {
        return Err(unclear("`git` with options before `push`"));
    }
    let mut plain = Vec::new();
    for word in words.iter().skip(place + 1) {
        if matches!(*word, "--dry-run" | "-n" | "--help" | "-h") {
            return Ok(None);
        }
        if *word == "--no-verify" {
            let cause = "`--no-verify` skips the hooks that judge a push";
            return Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help("leave it out")));
        }
        let name = word.split('=').next().unwrap_or(word);
        if word.starts_with('-') {
            if !PLAIN.contains(&name) {
                return Err(unclear(&format!("`{word}`")));
            }
        } else {
            plain.push(*word);
        }
    }
    let repository = Repository::discover(Path::new(".")).map_err(fault)?;
    let remote = plain.first().copied().unwrap_or("origin");
    let head = repository.head().map_err(fault)?;
    let current = head.branch.as_ref().map(ToString::to_string);
    let own = current.as_deref().and_then(|branch| branch.strip_prefix("refs/heads/"));
    let refspecs: Vec<&str> = match plain.get(1..) {
        Some([]) | None => own.into_iter().collect(),
        Some(refspecs) => refspecs.to_vec(),
    };
    if refspecs.is_empty() {
        return Err(unclear("a push without a branch"));
    }
    let mut lines = String::new();
    for refspec in refspecs {
        lines.push_str(&line(refspec, remote, own, &repository)?);
    }
    let request =
        PushRequest { remote: Some(remote.to_owned()), policy: args.policy.place(), ..PushRequest::default() };
    judge_lines(&request, lines.into_bytes(), edge, render)
}

/// A refspec as git hands it to a pre-push hook.
fn line(refspec: &str, remote: &str, own: Option<&str>, repository: &Repository) -> Result<String, Faults> {
    const NONE: &str = "0000000000000000000000000000000000000000";
    let refspec = refspec.strip_prefix('+').unwrap_or(refspec);
    let (source, target) = refspec.split_once(':').unwrap_or((refspec, refspec));
    let named = |name: &str| if name == "HEAD" { own.unwrap_or(name).to_owned() } else { name.to_owned() };
    let id = |name: &str| -> Result<Option<String>, Faults> {
        let name = RefName::new(name.as_bytes()).map_err(fault)?;
        Ok(repository.resolve_ref(&name).map_err(fault)?.map(|id| id.to_string()))
    };
    let found = |name: &str| -> Result<Option<(String, String)>, Faults> {
        for full in [name.to_owned(), format!("refs/heads/{name}"), format!("refs/tags/{name}")] {
            if full.starts_with("refs/")
                && let Some(id) = id(&full)?
            {
                return Ok(Some((full, id)));
            }
        }
        Ok(None)
    };
    let (local, new) = match named(source).as_str() {
        "" => ("(delete)".to_owned(), NONE.to_owned()),
        name => found(name)?.ok_or_else(|| unclear(&format!("`{refspec}`")))?,
    };
    let target = named(target);
    let full = if target.starts_with("refs/") {
        target
    } else if local.starts_with("refs/tags/") {
        format!("refs/tags/{target}")
    } else {
        format!("refs/heads/{target}")
    };
    let old = match full.strip_prefix("refs/heads/") {
        Some(branch) => id(&format!("refs/remotes/{remote}/{branch}"))?,
        None => None,
    };
    Ok(format!("{local} {new} {full} {}\n", old.unwrap_or_else(|| NONE.to_owned())))
}

fn unclear(what: &str) -> Faults {
    let cause = format!("what this push moves is not understood: {what}");
    Faults::one(Diagnostic::error(Code::NoEvidence, cause).help("name remote and branch: `git push origin BRANCH`"))
}
