//! `test`: whether a policy says of each case what the case expects.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use crate::cases::coverage::untouched;
use crate::cases::judge::{CaseResult, Touched, judge};
use crate::cases::read::ENDING;
use crate::cases::{CaseFile, read};
use crate::change::TerraformPlan;
use crate::cli::args::{TestArgs, TestFormat};
use crate::cli::edge::Edge;
use crate::cli::manifests;
use crate::cli::output::{Output, unwritten};
use crate::cli::plan;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::system_words;
use crate::gate::judgement::no_instant;
use crate::gate::request::PolicyPlace;
use crate::gate::source;
use crate::gate::world::World;
use crate::policy::Policy;
use crate::policy::load::MAX_BYTES;
use crate::report::cases::{self as report, Tested, TestedFile, UntouchedParts};

/// `freezegate test`: 0 all as expected, 1 something is not, or is untouched, 2 no answer.
pub(super) fn test(args: &TestArgs, edge: &Edge, output: &mut Output) -> Status {
    let is_json = args.format == TestFormat::Json;
    output.answer_or_why(tested(args, edge), (is_json, report::undecided), args.file.as_deref(), edge)
}

fn tested(args: &TestArgs, edge: &Edge) -> Result<(String, Status), Faults> {
    let paths = if args.cases.is_empty() { beside_policy(args, edge)? } else { args.cases.clone() };
    let mut files = Vec::with_capacity(paths.len());
    let mut faults: Option<Faults> = None;
    for path in &paths {
        match read_cases(path, edge) {
            Ok(file) => files.push((path.as_path(), file)),
            Err(found) => add(&mut faults, found),
        }
    }
    if let Some(faults) = faults {
        return Err(faults);
    }
    let mut policies: BTreeMap<Vec<PathBuf>, Policy> = BTreeMap::new();
    let mut judged: Vec<(Vec<PathBuf>, CaseFile, Vec<CaseResult>)> = Vec::new();
    let lost = || Err(vec![Diagnostic::error(Code::Internal, "a policy that was read is not there any more")]);
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    for (path, file) in files {
        let outcome = policy_of(path, &file, args, edge).and_then(|place| {
            if !policies.contains_key(&place.files) {
                policies.insert(place.files.clone(), source::read(&place, edge)?);
            }
            Ok(place.files)
        });
        let results = outcome.map(|key| {
            let policy = policies.get(&key);
            (key, policy.map_or_else(lost, |policy| judge(policy, &file.cases, threads)))
        });
        match results {
            Ok((key, Ok(results))) => judged.push((key, file, results)),
            Ok((_, Err(diagnostics))) => add(&mut faults, Faults { sources: file.sources, diagnostics }),
            Err(found) => add(&mut faults, found),
        }
    }
    match faults {
        Some(faults) => Err(faults),
        None => answer(args, edge, &policies, &judged),
    }
}

fn answer(
    args: &TestArgs,
    edge: &Edge,
    policies: &BTreeMap<Vec<PathBuf>, Policy>,
    judged: &[(Vec<PathBuf>, CaseFile, Vec<CaseResult>)],
) -> Result<(String, Status), Faults> {
    let files: Vec<TestedFile<'_>> = judged
        .iter()
        .filter_map(|(key, file, results)| Some(TestedFile { file, policy: policies.get(key)?, results }))
        .collect();
    let parts = |(key, policy): (&Vec<PathBuf>, &'_ Policy)| {
        let mut touched = Touched::default();
        for (_, _, results) in judged.iter().filter(|(of, _, _)| of == key) {
            results.iter().for_each(|result| touched.add(&result.touched));
        }
        untouched(policy, &touched)
    };
    let uncovered: Option<Vec<UntouchedParts<'_>>> = args
        .coverage
        .then(|| policies.iter().map(|(key, policy)| UntouchedParts { policy, parts: parts((key, policy)) }).collect());
    let tested = Tested { files: &files, untouched: uncovered.as_deref() };
    let text = match args.format {
        TestFormat::Text => report::text(&tested, edge.width()).map_err(no_instant)?,
        TestFormat::Json => report::json(&tested).map_err(unwritten)?,
        TestFormat::Junit => report::junit(&tested).map_err(no_instant)?,
    };
    let is_fine = tested.passed() && !tested.has_untouched();
    Ok((text, if is_fine { Status::Allowed } else { Status::Refused }))
}

/// Adds faults to those that were found before.
fn add(faults: &mut Option<Faults>, found: Faults) {
    match faults {
        Some(all) => all.append(found),
        None => *faults = Some(found),
    }
}

fn read_cases(path: &Path, edge: &Edge) -> Result<CaseFile, Faults> {
    let name = path.display().to_string();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let bytes = edge.read(path, limit).map_err(|error| {
        Faults::one(
            Diagnostic::error(Code::UnreadableFile, format!("`{name}` can't be read: {}", system_words(&error)))
                .help("name a file of cases that you may read"),
        )
    })?;
    let mut file = read::read(&name, bytes)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut plan = |named: &str| plan::open(&edge.absolute(&folder.join(named))).and_then(TerraformPlan::read);
    file.read_plans(&mut plan).map_err(|faults| *faults)?;
    let mut manifests = |named: &str| manifests::of_case(&folder.join(named), edge);
    file.read_manifests(&mut manifests).map_err(|faults| *faults)?;
    Ok(file)
}

/// The files of cases in the folder of the policy.
fn beside_policy(args: &TestArgs, edge: &Edge) -> Result<Vec<PathBuf>, Faults> {
    let policy = source::read(&args.policy.place(), edge)?;
    let first = policy.sources.files().first().map_or("", |file| file.path.as_str());
    let folder = Path::new(first).parent().unwrap_or(Path::new(""));
    let fault = |cause: String, help: &str| Faults::one(Diagnostic::error(Code::UnreadableFile, cause).help(help));
    let names = edge.names_in(folder).map_err(|error| {
        fault(
            format!("the folder of `{first}` can't be read: {}", system_words(&error)),
            "make sure that it is a folder that you may read",
        )
    })?;
    let mut paths: Vec<PathBuf> = names
        .into_iter()
        .filter(|name| name.to_string_lossy().ends_with(ENDING))
        .map(|name| folder.join(name))
        .collect();
    paths.sort();
    if paths.is_empty() {
        let stem = first.strip_suffix(".toml").unwrap_or(first);
        let cause = format!("there are no cases: no `*{ENDING}` beside `{first}`");
        return Err(fault(cause, &format!("write some in `{stem}{ENDING}`, or name a file of cases")));
    }
    Ok(paths)
}

/// The policy of a file of cases: the one of the command line, else the one that the file names, else the one with its name beside it.
fn policy_of(path: &Path, file: &CaseFile, args: &TestArgs, edge: &Edge) -> Result<PolicyPlace, Faults> {
    let asked = args.policy.place();
    if !asked.files.is_empty() {
        return Ok(asked);
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let named = match &file.policy {
        Some(named) => named.clone(),
        None => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let Some(stem) = name.strip_suffix(ENDING) else {
                let cause = format!("the policy of the cases in `{}` is not known", path.display());
                let help = format!(
                    "add `policy = \"freezegate.toml\"` to it, name it `NAME{ENDING}`, or give `--policy FILE`"
                );
                return Err(Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help)));
            };
            let named = format!("{stem}.toml");
            if edge.length(&folder.join(&named)).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
                let cause = format!("`{}` has the cases of `{named}`, which does not exist", path.display());
                let help = "name the policy: `--policy FILE`";
                return Err(Faults::one(Diagnostic::error(Code::UnreadableFile, cause).help(help)));
            }
            named
        }
    };
    Ok(PolicyPlace { files: vec![folder.join(named)], ..asked })
}
