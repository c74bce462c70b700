//! `hook agent`: judges what a coding assistant is about to run, as the hooks of its tools ask before they start.

use serde::Deserialize;

use crate::change::CommandLine;
use crate::change::command::{CommandEffect, ShellCommand, shell_commands};
use crate::cli::args::AgentArgs;
use crate::cli::edge::Edge;
use crate::cli::output::{self, Output};
use crate::cli::render;
use crate::cli::status::Status;
use crate::diagnostic::parser;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::case::JudgedCase;
use crate::gate::command::undetermined_command;
use crate::gate::request::CheckRequest;
use crate::gate::world::World;
use crate::gate::{check, source};
use crate::policy::Policy;
use crate::reach::{Shown, TargetMatcher};
use crate::report::{Answer, AnswerMode};

mod git_push;

/// The most bytes of a call that are read.
const MOST_BYTES: u64 = 4 << 20;

/// Programs whose commands go somewhere, whatever the policy says.
const TOOLS: [&str; 5] = ["kubectl", "helm", "terraform", "tofu", "aws"];

/// A command that is about to run. Each assistant has its own form; these fields are those of all.
#[derive(Debug, Default, Deserialize)]
struct ToolCall {
    #[serde(default)]
    tool_input: Option<serde_json::Value>,
    /// The command, if there is no `tool_input`.
    #[serde(default)]
    command: Option<String>,
    #[serde(default)]
    cwd: Option<String>,
}

/// `freezegate hook agent`: 0 it may run, 2 it may not, with the reason on standard error. 1 would let it run.
pub(in crate::cli) fn agent(args: &AgentArgs, edge: &Edge, output: &mut Output) -> Status {
    match judged(args, edge) {
        Ok(None) => Status::Allowed,
        Ok(Some(text)) => {
            output.complaint(&text);
            Status::Undecided
        }
        Err(faults) => {
            let text = output::rendered(&faults.diagnostics, &faults.sources, edge.width());
            output.complaint(&text);
            Status::Undecided
        }
    }
}

/// Returns why it may not run; `None` if it may.
fn judged(args: &AgentArgs, edge: &Edge) -> Result<Option<String>, Faults> {
    let read = World::read_input(edge, MOST_BYTES + 1);
    let text = read.map_err(|error| not_a_call(format!("standard input can't be read: {error}")))?;
    let call: ToolCall = serde_json::from_slice(&text)
        .map_err(|error| not_a_call(format!("standard input is not a tool call: {}", parser::json(&error))))?;
    let of_input = call.tool_input.as_ref().and_then(|input| input.get("command")).and_then(serde_json::Value::as_str);
    let Some(line) = of_input.map(str::to_owned).or(call.command) else {
        return Ok(None);
    };
    if let Some(folder) = &call.cwd {
        edge.enter(folder).map_err(|error| not_a_call(format!("the folder `{folder}` can't be entered: {error}")))?;
    }
    Agent { args, edge, policy: source::read(&args.policy.place(), edge) }.shell(&line, 0)
}

fn not_a_call(cause: String) -> Faults {
    let help = "the hook of a coding assistant starts this command; see `freezegate hook agent --help`";
    Faults::one(Diagnostic::error(Code::InvalidUsage, cause).help(help))
}

/// Shells within shells deeper than this are not read.
const DEPTH: usize = 4;

struct Agent<'a> {
    args: &'a AgentArgs,
    edge: &'a Edge,
    policy: Result<Policy, Faults>,
}

impl Agent<'_> {
    /// Returns why a line of a shell may not run.
    fn shell(&self, line: &str, depth: usize) -> Result<Option<String>, Faults> {
        let commands = match shell_commands(line) {
            Ok(commands) if depth < DEPTH => commands,
            Ok(_) => return self.doubt(line, "shells within shells"),
            Err(why) => return self.doubt(line, &why),
        };
        // what `cd` and assignments do to the commands behind them
        let mut before: Vec<String> = Vec::new();
        let mut is_moved = false;
        for command in &commands {
            match command.words.first().map(String::as_str) {
                None => before.extend(command.variables.iter().cloned()),
                Some("export") => {
                    before.extend(command.words.iter().skip(1).filter(|word| word.contains('=')).cloned())
                }
                Some("cd" | "pushd") => match command.words.get(1) {
                    Some(folder) if command.words.len() == 2 && !folder.starts_with('-') => {
                        is_moved = true;
                        before.splice(0..0, ["-C".to_owned(), folder.clone()]);
                    }
                    Some(_) | None => return self.doubt(line, "where it changes to"),
                },
                Some("source" | "." | "eval" | "exec") => {
                    if let Some(why) = self.doubt(line, "what it reads")? {
                        return Ok(Some(why));
                    }
                }
                Some(_) => {
                    if let Some(why) = self.command(command, &before, is_moved, depth)? {
                        return Ok(Some(why));
                    }
                }
            }
        }
        Ok(None)
    }

    fn command(
        &self,
        command: &ShellCommand,
        before: &[String],
        is_moved: bool,
        depth: usize,
    ) -> Result<Option<String>, Faults> {
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        let set: Vec<String> = before.iter().chain(&command.variables).cloned().collect();
        let all: Vec<String> = if set.is_empty() {
            command.words.clone()
        } else {
            std::iter::once("env".to_owned()).chain(set.clone()).chain(command.words.iter().cloned()).collect()
        };
        let bytes: Vec<Vec<u8>> = all.iter().map(|word| word.clone().into_bytes()).collect();
        let line = CommandLine { program: bytes.first().cloned().unwrap_or_default(), words: bytes, facts: None };
        let line = line.acting_in(self.edge);
        let readings = line.readings();
        let told = || words.join(" ");
        if let Some(shell) = &readings.hidden_by {
            let text = script(&words);
            return match text {
                Some(text) if shell.ends_with(b"sh") => self.shell(text, depth + 1),
                Some(_) | None => self.doubt(&told(), "a command that starts others"),
            };
        }
        if readings.name == b"git" {
            let own: Vec<&str> = words.iter().copied().skip_while(|word| !is_git(word)).collect();
            return if git_push::is_asked_for(&own) { self.push(&own, !set.is_empty() || is_moved) } else { Ok(None) };
        }
        let writes = line.facts.as_ref().is_some_and(|facts| facts.effect == CommandEffect::Writes);
        let policy = match &self.policy {
            Ok(policy) => policy,
            // without a policy only what goes somewhere in any case needs a decision
            Err(_) if !writes => return Ok(None),
            Err(faults) => return Err(Faults::one(no_policy(&told(), faults))),
        };
        let mut shown = Shown::default();
        match TargetMatcher::new(policy).command_line(&line, &mut shown) {
            Err(error) => return Err(undetermined_command(&error)),
            Ok(false) => return Ok(None),
            Ok(true) => {}
        }
        let request = CheckRequest { command: Some(line), policy: self.args.policy.place(), ..CheckRequest::default() };
        let render = |answer: &Answer<'_>, is_kept: bool| render::answer(answer, is_kept, (None, true), self.edge);
        check::decide(AnswerMode::Run, (&request, None), self.edge, &render).map(refused)
    }

    fn push(&self, words: &[&str], is_changed: bool) -> Result<Option<String>, Faults> {
        if is_changed {
            return self.doubt(&words.join(" "), "a push from another folder or with other variables");
        }
        let render = |answer: &Answer<'_>, is_kept: bool| render::answer(answer, is_kept, (None, true), self.edge);
        match git_push::judge(words, self.args, self.edge, &render) {
            Ok(judged) => Ok(judged.and_then(refused)),
            Err(faults) => Err(faults),
        }
    }

    /// Returns what becomes of a text that only a shell can read: it may run if nothing in it goes anywhere.
    fn doubt(&self, text: &str, why: &str) -> Result<Option<String>, Faults> {
        let has = |name: &str| {
            text.split(|one: char| !(one.is_alphanumeric() || "-_.".contains(one))).any(|word| word == name)
        };
        let mut names: Vec<String> = TOOLS.map(str::to_owned).to_vec();
        if let Ok(policy) = &self.policy {
            names.extend(policy.targets.iter().filter_map(|target| target.command.as_ref()?.fixed_program()));
        }
        let named = names
            .into_iter()
            .find(|name| has(name))
            .or_else(|| (has("git") && has("push")).then(|| "git push".to_owned()));
        let Some(name) = named else {
            return Ok(None);
        };
        let cause = format!("what this does with `{name}` is not understood: {why}");
        Err(Faults::one(Diagnostic::error(Code::NoEvidence, cause).help(format!("run `{name}` in a separate command"))))
    }
}

/// Returns whether a word is the program of git.
fn is_git(word: &str) -> bool {
    word.rsplit(['/', '\\']).next() == Some("git")
}

/// The text that a shell runs: `sh -c TEXT`.
fn script<'w>(words: &[&'w str]) -> Option<&'w str> {
    let place =
        words.iter().position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'))?;
    words.get(place + 1).copied()
}

fn refused(judged: JudgedCase) -> Option<String> {
    judged.is_refused.then_some(judged.answer.people)
}

fn no_policy(command: &str, faults: &Faults) -> Diagnostic {
    let cause = faults.diagnostics.first().map_or_else(String::new, |fault| fault.cause.clone());
    Diagnostic::error(Code::NoPolicy, format!("`{command}` can't be judged: {cause}"))
        .help("add a policy to the repository, or name one with `--policy FILE` in the settings of the hook")
}
