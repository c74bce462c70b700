//! What is to be done with a new grant.

use crate::cli::args::GrantNewArgs;
use crate::cli::edge::Edge;
use crate::cli::grant::new::NewGrant;
use crate::cli::hook::judges_pushes;
use crate::diagnostic::Faults;
use crate::gate::source;
use crate::policy::duration::spoken;
use crate::proof::grant::{Grant, Terms};
use crate::report::rows::{ALLOWED, Rows, WARNING, glued};
use crate::shell::{command as shell_command, word_of_bytes};

/// The labels of what is to be done, numbered.
#[derive(Default)]
pub(super) struct StepLabels(u8);

impl StepLabels {
    /// The label of the next one.
    pub(super) fn next(&mut self, verb: &str) -> String {
        self.0 = self.0.saturating_add(1);
        format!("{}. {verb}", self.0)
    }
}

/// Returns what is to be done with a new grant, as it lifts nothing by itself.
pub(super) fn next_steps(args: &GrantNewArgs, grant: &NewGrant, edge: &Edge) -> Result<String, Faults> {
    let mut rows = Rows::default();
    for warning in grant.warnings() {
        rows.heading(WARNING, "warning: ", warning);
    }
    let terms = Grant::read("new grant", grant.text.as_bytes())?.terms;
    let expires = terms.expires;
    if expires <= edge.now {
        let ago = spoken(edge.now.since(expires));
        rows.heading(
            WARNING,
            "warning: ",
            &format!("the grant is over already, since {ago}: see `--at` and `--lasts`"),
        );
    }
    if let Some(path) = &args.file {
        rows.heading(ALLOWED, "wrote: ", &word_of_bytes(path.as_os_str().as_encoded_bytes()));
    }
    rows.heading(WARNING, "note: ", grant.note());
    if args.file.is_none() {
        let sign = if grant.needs_signatures() { "; then: `freezegate grant sign fix.grant --key KEY`" } else { "" };
        rows.row("next", &format!("save it to a file, such as with `--output fix.grant`{sign}"), None);
    }
    if let Some(path) = &args.file {
        let file = word_of_bytes(path.as_os_str().as_encoded_bytes());
        let mut steps = StepLabels::default();
        if grant.needs_signatures() {
            rows.row(&steps.next("sign"), &format!("each signer: `freezegate grant sign {file} --key KEY`"), None);
        }
        let mut further: Vec<String> = source::repeated(&args.policy.place());
        further.extend(args.repository.iter().flat_map(|name| ["--repository".to_owned(), name.clone()]));
        let further = if further.is_empty() {
            String::new()
        } else {
            format!(" {}", shell_command(further.iter().map(String::as_str)))
        };
        rows.row(
            &steps.next("see it"),
            &format!("`{}`", glued(&format!("freezegate grant verify {file}{further}"))),
            None,
        );
        if terms.command.is_some() && terms.change.is_none() {
            let options = glued(&format!("--record FILE --grant {file}"));
            rows.row(
                &steps.next("start it"),
                &format!("by the refused command, with `{options}` before its `--`"),
                None,
            );
            return Ok(rows.into_text(edge.width()));
        }
        // the hook of a clone sees no push option, so it would refuse
        let is_judged = judges_pushes(edge);
        let skip = if is_judged { "--no-verify " } else { "" };
        let push = glued(&format!("git push {skip}-o \"$(freezegate grant push-option {file})\""));
        rows.row(&steps.next("give it"), &format!("to a server: `{push}`"), None);
        if is_judged {
            rows.row("", "(the hook of this clone sees no push option; the server judges the push)", None);
        }
        rows.row("", "to a CI job: its text or its path as FREEZEGATE_GRANT, or `--grant`", None);
        let uses = if terms.is_for_one_use() { "which uses it up" } else { "as often as needed until it expires" };
        rows.row("", &format!("to a check by hand, {uses}: `{}`", glued(&by_hand(args, &terms))), None);
    }
    Ok(rows.into_text(edge.width()))
}

/// Returns the command that asks again what is refused, with the grant. One that is for one use needs a record.
fn by_hand(args: &GrantNewArgs, terms: &Terms) -> String {
    let mut words: Vec<String> = ["freezegate", "check"].map(str::to_owned).to_vec();
    let is_named = args.from.is_none() && !(args.environments.is_empty() && args.range.is_none());
    words.extend(if is_named { args.environments.clone() } else { terms.environments.clone() });
    let bound = terms.change.as_ref();
    let range = args.range.as_ref().or_else(|| bound.map(|bound| &bound.range));
    let reference = args.reference.as_ref().or_else(|| bound.map(|bound| &bound.reference));
    let record = terms.is_for_one_use().then(|| "record.jsonl".to_owned());
    let file = args.file.as_ref().map(|path| path.display().to_string());
    let repository = args.repository.as_ref();
    for (option, values) in [
        ("--region", args.regions.as_slice()),
        ("--service", &args.services),
        ("--kind", &args.kinds),
        ("--range", range.map_or(&[], std::slice::from_ref)),
        ("--ref", reference.map_or(&[], std::slice::from_ref)),
        ("--for", args.duration.as_slice()),
        ("--repository", repository.map_or(&[], std::slice::from_ref)),
        ("--grant", file.as_slice()),
        ("--record", record.as_slice()),
    ] {
        words.extend(values.iter().flat_map(|value| [option.to_owned(), value.clone()]));
    }
    words.extend(source::repeated(&args.policy.place()));
    shell_command(words.iter().map(String::as_str))
}
