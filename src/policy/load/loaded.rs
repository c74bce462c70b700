//! The files of a policy, and what they include, each read once.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use toml::de::DeTable;

use crate::diagnostic::{Code, Collector, Diagnostic, FileId, Place, SourceLayer};
use crate::policy::check;
use crate::policy::document::PolicyDocument;
use crate::policy::load::syntax::{self, Unread};
use crate::policy::policy_files::{Fragment, MAX_BYTES, OrganisationFiles, PolicyFiles, ReadFault, into_text};

/// What was read of a policy. What could not be is reported to `found`.
pub(super) struct LoadedFiles<'t> {
    /// The path of each file.
    pub(super) paths: Vec<String>,
    /// Each file as TOML.
    pub(super) documents: Vec<PolicyDocument<'t>>,
    /// The places that are not TOML.
    pub(super) unread: Vec<Unread>,
    /// The includes that lead back to a file that led to them.
    pub(super) circles: Vec<Diagnostic>,
    own: &'t dyn PolicyFiles,
    organisation: Option<OrganisationFiles<'t>>,
    texts: &'t [OnceCell<String>],
    /// As many files but fragments may be read, which are read last.
    most_own: usize,
    found: &'t Collector,
    seen: BTreeSet<(String, bool)>,
    includers: Includers,
    own_bytes: usize,
    organisation_bytes: usize,
}

/// A file that was asked for, and what it holds.
struct FoundFile {
    path: String,
    include: Option<Place>,
    layer: SourceLayer,
    bytes: Result<Vec<u8>, ReadFault>,
}

impl<'t> LoadedFiles<'t> {
    /// Nothing yet; each text is going to be held in one of `texts`.
    pub(super) fn new(
        (own, organisation): (&'t dyn PolicyFiles, Option<OrganisationFiles<'t>>),
        (texts, most_own): (&'t [OnceCell<String>], usize),
        found: &'t Collector,
    ) -> Self {
        Self {
            paths: Vec::new(),
            documents: Vec::new(),
            unread: Vec::new(),
            circles: Vec::new(),
            own,
            organisation,
            texts,
            most_own,
            found,
            seen: BTreeSet::new(),
            includers: Includers::default(),
            own_bytes: 0,
            organisation_bytes: 0,
        }
    }

    /// Reads `wanted`, the last one first, and what they include, each after the file that does. `make_room` is told the length of each
    /// text before it is parsed. It ends at the first file too many, or too large with the others.
    pub(super) fn with_all(mut self, mut wanted: Vec<FileToLoad>, make_room: impl Fn(usize)) -> Self {
        while let Some(next) = wanted.pop() {
            let Some(FoundFile { path, include, layer, bytes }) = self.find(next) else {
                continue;
            };
            let text = match bytes.and_then(into_text) {
                Ok(text) => text,
                Err(fault) => {
                    let code = if include.is_some() { Code::BadInclude } else { Code::UnreadableFile };
                    self.report(Diagnostic::error(code, format!("`{path}` {}", fault.cause)).help(fault.help), include);
                    continue;
                }
            };
            let text = match self.keep(text, &path, layer) {
                Ok(text) => text,
                Err(beyond) => {
                    self.report(beyond, include);
                    break;
                }
            };
            let file = FileId::nth(self.paths.len());
            self.paths.push(path.clone());
            self.includers.push(include);
            make_room(text.len());
            let (table, errors) = DeTable::parse_recoverable(text);
            if let Some((faults, rest)) = syntax::faults(text, &table, &errors, file) {
                faults.into_iter().for_each(|fault| self.found.push(fault));
                self.unread.push(rest);
            }
            let document = PolicyDocument { file, path, table, layer };
            if !document.is_fragment() {
                for (path, place) in check::includes(&document, self.found).into_iter().rev() {
                    wanted.push(FileToLoad::File { path, include: Some(place), layer });
                }
            }
            self.documents.push(document);
        }
        self
    }

    /// Reads a file; `None` if it was read before.
    fn find(&mut self, next: FileToLoad) -> Option<FoundFile> {
        let (path, include, layer) = match next {
            FileToLoad::File { path, include, layer } => (path, include, layer),
            FileToLoad::Fragment(Fragment { name, bytes }) => {
                return Some(FoundFile { path: name, include: None, layer: SourceLayer::Fragment, bytes: Ok(bytes) });
            }
        };
        if let Some(place) = include
            && self.includers.is_circle(place.file, &path, &self.paths)
        {
            self.circles.push(circle(&path, place));
        }
        let of_organisation = self.organisation.filter(|_| layer == SourceLayer::Organisation);
        if !self.seen.insert((path.clone(), of_organisation.is_some())) {
            return None;
        }
        let bytes = of_organisation.map_or(self.own, |one| one.files).read(&path);
        Some(FoundFile { path, include, layer, bytes })
    }

    /// Keeps a text where it stays.
    ///
    /// # Errors
    ///
    /// More files than may be read, or more bytes: each answer reads all of them.
    fn keep(&mut self, text: String, path: &str, layer: SourceLayer) -> Result<&'t str, Diagnostic> {
        let (read, most_own) = (self.paths.len(), self.most_own);
        let Some(cell) = self.texts.get(read).filter(|_| layer == SourceLayer::Fragment || read < most_own) else {
            let cause = format!("more than {most_own} policy files");
            return Err(Diagnostic::error(Code::BadInclude, cause).help("include fewer"));
        };
        let total = match layer {
            SourceLayer::Repository => Some(&mut self.own_bytes),
            SourceLayer::Organisation => Some(&mut self.organisation_bytes),
            SourceLayer::Fragment => None,
        };
        if let Some(total) = total {
            *total = total.saturating_add(text.len());
            if *total > MAX_BYTES {
                let cause = format!("with `{path}`, the policy is larger than 8 MiB");
                return Err(Diagnostic::error(Code::TooLarge, cause).help("include less"));
            }
        }
        Ok(cell.get_or_init(|| text))
    }

    /// Reports a fault where the file is included, if it is.
    fn report(&self, fault: Diagnostic, include: Option<Place>) {
        self.found.push(match include {
            Some(place) => fault.at(place),
            None => fault,
        });
    }
}

/// The file that named each file that was read, if one did.
#[derive(Default)]
struct Includers(Vec<Option<Place>>);

impl Includers {
    fn push(&mut self, include: Option<Place>) {
        self.0.push(include);
    }

    /// Returns whether `path`, which `file` includes, is that file itself or one that led to it.
    fn is_circle(&self, file: FileId, path: &str, paths: &[String]) -> bool {
        let mut next = Some(file);
        while let Some(file) = next {
            if paths.get(file.index()).is_some_and(|known| known == path) {
                return true;
            }
            next = self.0.get(file.index()).copied().flatten().map(|place| place.file);
        }
        false
    }
}

fn circle(path: &str, place: Place) -> Diagnostic {
    Diagnostic::error(Code::BadInclude, format!("`{path}` includes itself, here or through others"))
        .at(place)
        .help("remove this include: one include counts for all files")
}

/// A file that a policy is to be read from, and how it is known.
pub(super) enum FileToLoad {
    File { path: String, include: Option<Place>, layer: SourceLayer },
    Fragment(Fragment),
}
