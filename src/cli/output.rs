//! Writing answers: whatever can't be written turns the run into one without a decision.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use anstream::adapter::strip_str;
use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};

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
        self.remember(print(io::stdout(), text));
    }

    /// Writes a complaint to standard error.
    pub(super) fn complaint(&mut self, text: &str) {
        self.remember(print(io::stderr(), text));
    }

    /// Writes an answer to `file`, or to standard output where there is none.
    pub(super) fn answer_to(&mut self, file: Option<&Path>, text: &str) {
        let Some(path) = file else {
            self.answer(text);
            return;
        };
        let plain = strip_str(text).to_string();
        let written = std::fs::File::create(path)
            .and_then(|mut file| file.write_all(plain.as_bytes()).and_then(|()| file.sync_all()));
        if let Err(error) = written {
            let diagnostic =
                Diagnostic::error(Code::Unwritable, format!("`{}` can't be written: {error}", path.display()));
            self.complaint(&render::render(
                &[diagnostic.help("name a file that can be written")],
                &Sources::default(),
                80,
                false,
            ));
            self.remember(Err(error));
        }
    }

    /// Writes an answer to standard error, each line behind `mark`.
    pub(super) fn marked(&mut self, mark: &str, text: &str) {
        if mark.is_empty() {
            self.complaint(text);
            return;
        }
        let plain = strip_str(text).to_string();
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

/// Whether a command line that can't be read asks for JSON.
pub(super) fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let arguments: Vec<OsString> = arguments.collect();
    arguments.iter().any(|argument| argument == "--format=json")
        || arguments.windows(2).any(|pair| matches!(pair, [flag, value] if flag == "--format" && value == "json"))
}
