//! Writing answers: whatever can't be written turns the run into one without a decision.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;

use anstream::adapter::strip_str;
use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;

use crate::cli::args::{Format, OutputArgs};
use crate::cli::edge::Edge;
use crate::cli::spots;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults, Sources, render};
use crate::escape::{github_output, styled_lines, system_words};
use crate::gate::world::World;
use crate::report::github::{self, Outputs};
use crate::report::json_parts::JsonError;
use crate::report::{Rendered, gitlab, json, junit, markdown, note};

/// The variables that name the files of a step of GitHub Actions.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";
const OUTPUTS: &str = "GITHUB_OUTPUT";

/// Tells as one line of JSON that there is no answer, and why.
pub(crate) type UndecidedJson = fn(&[Diagnostic], &Sources) -> Result<String, JsonError>;

/// That an answer can't be put into JSON.
pub(crate) fn unwritten(error: JsonError) -> Faults {
    Faults::one(Diagnostic::error(Code::Internal, error.to_string()).help("report this to freezegate's developers"))
}

/// Standard output and standard error; remembers the first failure.
#[derive(Debug)]
pub(crate) struct Output {
    failed: Option<io::Error>,
    /// The columns of what is said of the output itself.
    width: usize,
    /// True if standard output is somebody else's, so that answers go to standard error.
    only_errors: bool,
}

impl Output {
    pub(crate) const fn new() -> Self {
        Self { failed: None, width: 80, only_errors: false }
    }

    /// Sets the columns of what is said of the output itself.
    pub(crate) const fn set_width(&mut self, width: usize) {
        self.width = width;
    }

    /// Writes answers to standard error from here on: standard output is a command's.
    pub(crate) const fn leave_standard_output(&mut self) {
        self.only_errors = true;
    }

    /// Returns whether anything could not be written.
    pub(crate) const fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Writes an answer to standard output; styles stay only on a terminal.
    pub(crate) fn answer(&mut self, text: &str) {
        let printed = if self.only_errors { print(io::stderr(), text) } else { print(io::stdout(), text) };
        self.remember(printed);
    }

    /// Begins an answer to standard output that is written piece by piece.
    pub(crate) const fn stream(&mut self) -> Stream<'_> {
        Stream { output: self, waiting: String::new() }
    }

    /// Writes to standard output what is not for reading: every byte as it is.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let mut stream = io::stdout().lock();
        let written = stream.write_all(bytes).and_then(|()| stream.flush());
        self.remember(written);
    }

    /// Writes a complaint to standard error.
    pub(crate) fn complaint(&mut self, text: &str) {
        self.remember(print(io::stderr(), text));
    }

    /// Writes an answer to `file`, or to standard output where there is none.
    pub(crate) fn answer_to(&mut self, file: Option<&Path>, text: &str) {
        let Some(path) = file.filter(|path| !is_standard(path)) else {
            self.answer(text);
            return;
        };
        let plain = strip_str(text).to_string();
        if let Err(error) = write_file(path, &plain, true) {
            self.fail(unwritable(path, &error));
        }
    }

    /// Writes an answer to standard error, each line behind `mark`.
    pub(crate) fn marked(&mut self, mark: &str, text: &str) {
        if mark.is_empty() {
            self.complaint(text);
            return;
        }
        let plain = strip_str(text).to_string();
        self.complaint(&plain.lines().map(|line| format!("{mark}{line}\n")).collect::<String>());
    }

    /// Writes an answer where it belongs: that for machines to a file or standard output, and wherever it does not itself inform people, theirs
    /// to standard error.
    pub(crate) fn deliver(&mut self, answer: &Rendered, args: &OutputArgs, edge: &Edge) {
        let file = args.file.as_deref();
        match (&answer.machine, args.format) {
            (None, _) => self.answer_to(file, &answer.people),
            (Some(machine), Format::Github) => self.answer_to(file, &format!("{}{machine}", answer.people)),
            (Some(machine), Format::Text | Format::Json | Format::Gitlab | Format::Junit | Format::Markdown) => {
                if file.is_some() {
                    self.complaint(&answer.people);
                }
                self.answer_to(file, machine);
            }
        }
        if let Some((page, outputs)) = &answer.summary {
            self.step(page, outputs, edge);
        }
    }

    /// Writes diagnostics to standard error.
    pub(crate) fn diagnostics(&mut self, diagnostics: &[Diagnostic], sources: &Sources, edge: &Edge) {
        self.complaint(&rendered(diagnostics, sources, edge.width()));
    }

    /// Writes an answer to standard output, or why there is none to standard error; gives back the status that it means.
    pub(crate) fn tell(&mut self, told: Result<(String, Status), Faults>, edge: &Edge) -> Status {
        let done = told.map(|(text, status)| {
            self.answer(&text);
            status
        });
        self.conclude(done, edge)
    }

    /// The status that something ended with; where it could not be done, writes why to standard error.
    pub(crate) fn conclude(&mut self, done: Result<Status, Faults>, edge: &Edge) -> Status {
        done.unwrap_or_else(|faults| {
            self.diagnostics(&faults.diagnostics, &faults.sources, edge);
            Status::Undecided
        })
    }

    /// Writes what a command answers to `file`, or to standard output where there is none; if there is no answer, says why: to people on
    /// standard error, and where machines asked, as JSON too, which `undecided` makes.
    pub(crate) fn answer_or_why(
        &mut self,
        answer: Result<(String, Status), Faults>,
        (is_json, undecided): (bool, UndecidedJson),
        file: Option<&Path>,
        edge: &Edge,
    ) -> Status {
        let faults = match answer {
            Ok((text, status)) => {
                self.answer_to(file, &text);
                return status;
            }
            Err(faults) => faults,
        };
        self.diagnostics(&faults.diagnostics, &faults.sources, edge);
        if is_json {
            match undecided(&faults.diagnostics, &faults.sources) {
                Ok(text) => self.answer_to(file, &text),
                Err(error) => self.diagnostics(&unwritten(error).diagnostics, &Sources::default(), edge),
            }
        }
        Status::Undecided
    }

    /// Says that there is no decision and why: to people on standard error, to machines in their format too.
    pub(crate) fn undecided(&mut self, mode: &'static str, faults: &Faults, args: &OutputArgs, edge: &Edge) {
        // there a machine reads standard error
        if !self.only_errors || args.format == Format::Text || args.file.is_some() {
            self.diagnostics(&faults.diagnostics, &faults.sources, edge);
        }
        self.undecided_in(args.format, mode, faults, args.file.as_deref(), edge);
    }

    /// Says in a format for machines that there is no decision and why.
    pub(crate) fn undecided_in(
        &mut self,
        format: Format,
        mode: &'static str,
        faults: &Faults,
        file: Option<&Path>,
        edge: &Edge,
    ) {
        let all = || note::of_faults(&faults.diagnostics, &faults.sources);
        let notes = || spots::in_work_tree(all(), edge);
        let document = match format {
            Format::Text => return,
            Format::Json => json::undecided(mode, &faults.diagnostics, &faults.sources),
            Format::Github => {
                match step_outputs(&github::undecided(), edge) {
                    Ok(outputs) => self.step(&markdown::undecided(&notes()), &outputs, edge),
                    Err(diagnostic) => self.fail(diagnostic),
                }
                Ok(github::annotations(&notes()))
            }
            Format::Gitlab => gitlab::report(&spots::everywhere(all(), edge)),
            Format::Junit => Ok(junit::report(&notes(), &[])),
            Format::Markdown => Ok(markdown::undecided(&notes())),
        };
        match document {
            Ok(text) => self.answer_to(file, &text),
            Err(error) => self.remember(Err(io::Error::other(error))),
        }
    }

    /// Adds to the summary and to the outputs of a step of GitHub Actions, where the job has files for them:
    /// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files>.
    fn step(&mut self, page: &str, outputs: &str, edge: &Edge) {
        for (variable, text) in [(SUMMARY, page), (OUTPUTS, outputs)] {
            if let Some(path) = edge.variable(variable) {
                self.append(Path::new(&path), text);
            }
        }
    }

    fn append(&mut self, path: &Path, text: &str) {
        let written = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
        if let Err(error) = written {
            self.fail(unwritable_step(path, &error));
        }
    }

    /// Says what could not be written, and remembers it.
    fn fail(&mut self, diagnostic: Diagnostic) {
        let error = io::Error::other(diagnostic.cause.clone());
        self.complaint(&rendered(&[diagnostic], &Sources::default(), self.width));
        self.remember(Err(error));
    }

    fn remember(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }

    /// Whether everything was written.
    ///
    /// # Errors
    ///
    /// The first failure: a closed pipe, a full disk.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.failed.map_or(Ok(()), Err)
    }
}

/// An answer that goes to standard output piece by piece. Whoever reads it may have enough before its end: that a pipe is closed is
/// no failure.
#[derive(Debug)]
pub(crate) struct Stream<'o> {
    output: &'o mut Output,
    /// Everything that is not written yet.
    waiting: String,
}

impl Stream<'_> {
    /// The number of bytes that are written at once.
    const BYTES: usize = 64 << 10;

    /// Writes a piece, sooner or later; breaks off if there is no use in more. Styles stay only on a terminal.
    pub(crate) fn write(&mut self, text: &str) -> ControlFlow<()> {
        self.waiting.push_str(text);
        if self.waiting.len() >= Self::BYTES && !self.flush() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Writes the last piece and all that was not written yet.
    pub(crate) fn end(mut self, text: &str) {
        self.waiting.push_str(text);
        self.flush();
    }

    /// Writes what was not written yet; returns whether that could be done.
    pub(crate) fn flush(&mut self) -> bool {
        let text = std::mem::take(&mut self.waiting);
        match print(io::stdout(), &text) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => false,
            Err(error) => {
                self.output.remember(Err(error));
                false
            }
        }
    }
}

/// Writes `text`, without its styles where `stream` doesn't show them: in one piece, not in one for each style.
fn print(mut stream: impl RawStream + AsLockedWrite, text: &str) -> io::Result<()> {
    match AutoStream::choice(&stream) {
        ColorChoice::Never => {
            stream.write_all(strip_str(text).to_string().as_bytes())?;
            stream.flush()
        }
        ColorChoice::Auto | ColorChoice::AlwaysAnsi | ColorChoice::Always => {
            let mut stream = AutoStream::auto(stream);
            stream.write_all(text.as_bytes())?;
            stream.flush()
        }
    }
}

/// Returns whether a path is `-`, which means standard output or standard input.
pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// Writes a file whole; unless it may `replace` one, only where there is none yet.
pub(crate) fn write_file(path: &Path, text: &str, replace: bool) -> io::Result<()> {
    let mut options = OpenOptions::new();
    if replace {
        options.write(true).create(true).truncate(true);
    } else {
        options.write(true).create_new(true);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The outputs of a step of GitHub Actions, as its file takes them.
pub(crate) fn step_outputs(outputs: &Outputs, edge: &Edge) -> Result<String, Diagnostic> {
    let mut entries = String::new();
    for (name, value) in outputs {
        let delimiter = format!("freezegate_{}", edge.random()?);
        entries.push_str(&github_output(name, value, &delimiter).map_err(|error| {
            Diagnostic::error(Code::Unwritable, format!("the output `{name}`: {error}"))
                .help("run it once more: the delimiter is random")
        })?);
    }
    Ok(entries)
}

/// Sees that the files can be opened to which an answer goes, and changes nothing in them.
pub(crate) fn can_be_written(args: &OutputArgs, edge: &Edge) -> Result<(), Diagnostic> {
    if let Some(path) = &args.file {
        try_to_open(path).map_err(|error| unwritable(path, &error))?;
    }
    if args.format == Format::Github {
        for path in [SUMMARY, OUTPUTS].into_iter().filter_map(|variable| edge.variable(variable)) {
            let path = Path::new(&path);
            try_to_open(path).map_err(|error| unwritable_step(path, &error))?;
        }
    }
    Ok(())
}

fn try_to_open(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        // opening and closing a pipe is not without effect
        Ok(found) if !found.is_file() && !found.is_dir() => Ok(()),
        Ok(_) => OpenOptions::new().append(true).open(path).map(drop),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            OpenOptions::new().append(true).create(true).open(path).map(drop)
        }
        Err(error) => Err(error),
    }
}

/// Returns the text about a file of a step of GitHub Actions that can't be written.
fn unwritable_step(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::Unwritable, format!("`{}` can't be written: {}", path.display(), system_words(error)))
        .help("fix what GITHUB_OUTPUT and GITHUB_STEP_SUMMARY name, or unset them")
}

/// Returns the text about a file that can't be written.
pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::Unwritable, format!("`{}` can't be written: {}", path.display(), system_words(error)))
        .help("make its folder, or name another file")
}

/// Diagnostics for people, with terminal styles. Whatever others wrote in them, no line of it is a command to a terminal or to a CI job's log.
pub(crate) fn rendered(diagnostics: &[Diagnostic], sources: &Sources, width: usize) -> String {
    styled_lines(&render::render(diagnostics, sources, width, true))
}

/// The format that a command line asks for which can't be read as a whole.
pub(crate) fn format_asked_for(arguments: impl Iterator<Item = OsString>) -> Option<Format> {
    let arguments: Vec<String> = arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
    let joined = arguments.iter().find_map(|argument| argument.strip_prefix("--format="));
    let apart = || arguments.windows(2).find_map(|pair| (pair.first()? == "--format").then(|| pair.last())?);
    let name = joined.or_else(|| apart().map(String::as_str))?;
    Format::value_variants()
        .iter()
        .copied()
        .find(|format| format.to_possible_value().is_some_and(|value| value.matches(name, false)))
}
