//! Writing answers: whatever can't be written turns the run into one without a decision.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use anstream::AutoStream;

use crate::cli::edge::Edge;
use crate::diagnostic::{Code, Diagnostic, Faults, Sources, render};
use crate::report::json;

/// Standard output and standard error; remembers the first failure.
#[derive(Debug)]
pub(super) struct Output {
    failed: Option<io::Error>,
}

impl Output {
    pub(super) const fn new() -> Self {
        Self { failed: None }
    }

    /// Writes an answer to standard output; styles stay only on a terminal.
    pub(super) fn answer(&mut self, text: &str) {
        let mut stream = AutoStream::auto(io::stdout());
        let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        self.remember(written);
    }

    /// Writes to standard output what is not for reading: every byte as it is.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let mut stream = io::stdout().lock();
        let written = stream.write_all(bytes).and_then(|()| stream.flush());
        self.remember(written);
    }

    /// Writes a complaint to standard error.
    pub(super) fn complaint(&mut self, text: &str) {
        let mut stream = AutoStream::auto(io::stderr());
        let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        self.remember(written);
    }

    /// Writes an answer to `file`, or to standard output where there is none.
    pub(super) fn answer_to(&mut self, file: Option<&Path>, text: &str) {
        let Some(path) = file else {
            self.answer(text);
            return;
        };
        let plain = anstream::adapter::strip_str(text).to_string();
        if let Err(error) = write_file(path, &plain, true) {
            self.complaint(&render::render(&[unwritable(path, &error)], &Sources::default(), 80, false));
            self.remember(Err(error));
        }
    }

    /// Writes an answer to standard error, each line behind `mark`.
    pub(super) fn marked(&mut self, mark: &str, text: &str) {
        if mark.is_empty() {
            self.complaint(text);
            return;
        }
        let plain = anstream::adapter::strip_str(text).to_string();
        self.complaint(&plain.lines().map(|line| format!("{mark}{line}\n")).collect::<String>());
    }

    /// Writes diagnostics to standard error.
    pub(super) fn diagnostics(&mut self, diagnostics: &[Diagnostic], sources: &Sources, edge: &Edge) {
        self.complaint(&render::render(diagnostics, sources, edge.width(), true));
    }

    /// Says that there is no decision and why: to people on standard error, to machines as JSON too.
    pub(super) fn undecided(&mut self, mode: &'static str, faults: &Faults, json: bool, edge: &Edge) {
        self.diagnostics(&faults.diagnostics, &faults.sources, edge);
        if json {
            self.undecided_json(mode, &faults.diagnostics, &faults.sources);
        }
    }

    /// Says as JSON that there is no decision and why.
    pub(super) fn undecided_json(&mut self, mode: &'static str, diagnostics: &[Diagnostic], sources: &Sources) {
        match json::undecided(mode, diagnostics, sources) {
            Ok(text) => self.answer(&text),
            Err(error) => self.remember(Err(io::Error::other(error))),
        }
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
    pub(super) fn finish(self) -> io::Result<()> {
        self.failed.map_or(Ok(()), Err)
    }
}

/// Writes a file whole; unless it may `replace` one, only where there is none yet.
pub(super) fn write_file(path: &Path, text: &str, replace: bool) -> io::Result<()> {
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

/// What is said of a file that can't be written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::Unwritable, format!("`{}` can't be written: {error}", path.display()))
        .help("name a file that can be written")
}

/// Whether a command line that can't be read asks for JSON.
pub(super) fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let arguments: Vec<OsString> = arguments.collect();
    arguments.iter().any(|argument| argument == "--format=json")
        || arguments.windows(2).any(|pair| matches!(pair, [flag, value] if flag == "--format" && value == "json"))
}
