//! What is wrong with a policy or a question: code, place, cause and help apart, collected, rendered at the edge.

use std::cell::RefCell;

pub mod code;
pub mod parser;
pub mod render;
pub mod source;

pub use code::Code;
pub use source::FileId;
pub(crate) use source::LineStarts;
pub use source::Place;
pub use source::SourceFile;
pub use source::SourceLayer;
pub use source::Sources;

/// The severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth mending; decides nothing.
    Warning,
    /// No decision can be made.
    Error,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable name.
    pub code: Code,
    /// Its level.
    pub severity: Severity,
    /// The problem, for people: lower case, no full stop, backticks round what somebody wrote.
    pub cause: String,
    /// The place.
    pub place: Option<Place>,
    /// The text that stands at the place, if more than the cause says it.
    pub label: Option<String>,
    /// Other places that matter, each with what stands there.
    pub related: Vec<(Place, String)>,
    /// The fix.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without a place.
    pub fn error(code: Code, cause: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            cause: cause.into(),
            place: None,
            label: None,
            related: Vec::new(),
            help: None,
        }
    }

    /// A warning without a place.
    pub fn warning(code: Code, cause: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, cause) }
    }

    /// The same, at `place`.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same, with what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, with what stands at its place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The same, with another place that matters.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push((place, label.into()));
        self
    }
}

/// So many diagnostics are enough for one run.
const ENOUGH: usize = 1_000;

/// Collects diagnostics, so that one run reports everything.
#[derive(Debug, Default)]
pub struct Collector(RefCell<Vec<Diagnostic>>);

impl Collector {
    /// Takes one more.
    pub fn push(&self, diagnostic: Diagnostic) {
        self.0.borrow_mut().push(diagnostic);
    }

    /// Returns their number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Returns whether there are so many that nobody reads another one: then its help need not say what was meant, which takes long to find out.
    #[must_use]
    pub fn has_enough(&self) -> bool {
        self.len() >= ENOUGH
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// All, in the order of their places: by file, then by line.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Diagnostic> {
        let mut all = self.0.into_inner();
        all.sort_by_key(|diagnostic| diagnostic.place.map(|place| (place.file, place.start)));
        all
    }
}

/// Diagnostics together with the files that they point into.
#[derive(Debug, Clone)]
pub struct Faults {
    /// The files.
    pub sources: Sources,
    /// The problem, in the order of the files.
    pub diagnostics: Vec<Diagnostic>,
}

impl Faults {
    /// A single fault that points into no file.
    #[must_use]
    pub fn one(diagnostic: Diagnostic) -> Self {
        Self { sources: Sources::default(), diagnostics: vec![diagnostic] }
    }

    /// Adds faults that point into other files.
    pub fn append(&mut self, other: Self) {
        let before = self.sources.files().len();
        let moved = |place: Place| Place { file: FileId::nth(before.saturating_add(place.file.index())), ..place };
        for file in other.sources.into_files() {
            self.sources.add(file);
        }
        self.diagnostics.extend(other.diagnostics.into_iter().map(|diagnostic| Diagnostic {
            place: diagnostic.place.map(moved),
            related: diagnostic.related.into_iter().map(|(place, what)| (moved(place), what)).collect(),
            ..diagnostic
        }));
    }

    /// Returns whether the policy needs a newer version of this program, by its key `requires`.
    ///
    /// Then no older policy may be used instead: this one is in force, and only a newer program can read it.
    #[must_use]
    pub fn is_too_old(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.code == Code::TooOld)
    }
}

/// `names` for people: "`a`, `b`".
pub(crate) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
