//! From files to a checked policy: reading, includes, fragments, and every fault in one run.

use std::cell::OnceCell;

use toml::Spanned;
use toml::de::DeTable;

use crate::diagnostic::{Code, Collector, Diagnostic, Faults, FileId, SourceFile, SourceLayer, Sources};
use crate::policy::Policy;
use crate::policy::check;
use crate::policy::document::PolicyDocument;
use crate::policy::load::loaded::{FileToLoad, LoadedFiles};
use crate::policy::load::syntax::Unread;
use crate::policy::organisation::DefinitionsOf;
use crate::policy::requires::{self, ProgramVersion};

mod layers;
mod loaded;
mod syntax;

pub(crate) use crate::policy::policy_files::into_text;
pub use crate::policy::policy_files::{Fragment, MAX_BYTES, MAX_FILES, OrganisationFiles, PolicyFiles, ReadFault};

/// The texts that a policy is read from.
#[derive(Clone, Copy)]
pub struct PolicyTexts<'f> {
    /// The place where the files of the policy itself are read from.
    pub files: &'f dyn PolicyFiles,
    /// The files that it begins with.
    pub entries: &'f [String],
    /// The freezes that are added to it.
    pub fragments: &'f [Fragment],
    /// The policy of an organisation that it follows, if it does.
    pub organisation: Option<OrganisationFiles<'f>>,
}

impl PolicyTexts<'_> {
    /// Reads the policy, as [`load`] does. If it follows an organisation's, each name that both define means what `definitions` says; of
    /// overrides and rollbacks only the organisation's are read. [`Organisation::passed_over`](crate::policy::Organisation::passed_over)
    /// lists what of the repository's does not count.
    ///
    /// # Errors
    ///
    /// As [`load`], and an organisation's file without `[organisation]`.
    pub fn load(&self) -> Result<Policy, Faults> {
        load_then(self, |_| {}, |documents| drop(documents))
    }

    /// Reads it as [`load_for_good`] does.
    ///
    /// # Errors
    ///
    /// As [`PolicyTexts::load`].
    pub fn load_for_good(&self) -> Result<Policy, Faults> {
        load_then(self, keep_freed, |documents| {
            documents.leak();
        })
    }
}

/// Reads the policy that begins with the files `entries`, with what they include, and `fragments` added.
///
/// Order means nothing; a file that is reached twice is read once.
///
/// # Errors
///
/// Everything that is wrong, at once, in the order of files and lines.
pub fn load(files: &dyn PolicyFiles, entries: &[String], fragments: &[Fragment]) -> Result<Policy, Faults> {
    PolicyTexts { files, entries, fragments, organisation: None }.load()
}

/// As [`load`], for a program that ends soon: what the files were parsed into is never taken apart, and what the parser gives
/// back is kept. Each would take a twentieth of the time.
///
/// # Errors
///
/// As [`load`].
pub fn load_for_good(files: &dyn PolicyFiles, entries: &[String], fragments: &[Fragment]) -> Result<Policy, Faults> {
    PolicyTexts { files, entries, fragments, organisation: None }.load_for_good()
}

/// Has the GNU C library keep the memory that the parser of a long text gives back, for what is made of that text. Else it
/// returns it to the system, to ask for it again page by page.
///
/// A block that is freed and was larger than `M_MMAP_THRESHOLD` raises that to its own size, up to 32 MiB (mallopt(3)). No
/// byte of this one is touched. Other allocators take no notice.
fn keep_freed(text_length: usize) {
    const LARGEST: usize = 31 << 20;
    // the parser's largest block has seven times the length of the text
    let size = text_length.saturating_mul(8).min(LARGEST);
    let mut block: Vec<u8> = Vec::new();
    if text_length > 64 << 10 && block.try_reserve_exact(size).is_ok() {
        std::hint::black_box(&block);
    }
}

fn load_then(
    &PolicyTexts { files, entries, fragments, organisation }: &PolicyTexts<'_>,
    make_room: impl Fn(usize),
    put_away: impl FnOnce(Vec<PolicyDocument<'_>>),
) -> Result<Policy, Faults> {
    let found = Collector::default();
    // an organisation's policy has room beside the largest one of a repository, and an emergency stop beside both
    let most_own = if organisation.is_some() { 2 * MAX_FILES } else { MAX_FILES };
    let most_files = most_own.saturating_add(fragments.len());
    let texts: Vec<OnceCell<String>> = std::iter::repeat_with(OnceCell::new).take(most_files).collect();
    let first = |path: &str, layer| FileToLoad::File { path: path.to_owned(), include: None, layer };
    let mut wanted: Vec<FileToLoad> = fragments.iter().rev().cloned().map(FileToLoad::Fragment).collect();
    wanted.extend(organisation.map(|one| first(one.entry, SourceLayer::Organisation)));
    wanted.extend(entries.iter().rev().map(|path| first(path, SourceLayer::Repository)));
    let loaded = LoadedFiles::new((files, organisation), (&texts, most_own), &found);
    let LoadedFiles { paths, mut documents, unread, circles, .. } = loaded.with_all(wanted, make_room);
    // so far only what could not be read was looked for
    let is_whole = found.is_empty();
    // what is wrong for this version may be right for the one that the policy needs
    let is_toml = |document: &&PolicyDocument<'_>| !unread.iter().any(|unread| unread.file == document.file);
    let requirements = documents.iter().filter(|document| !document.is_fragment()).filter(is_toml);
    let too_old = requires::strictest_unmet(requirements.filter_map(check::requirement), ProgramVersion::OWN)
        .map(|unmet| requires::too_old(&unmet));
    circles.into_iter().for_each(|circle| found.push(circle));
    let raw: Vec<&str> = texts.iter().map_while(OnceCell::get).map(String::as_str).collect();
    let checked = match too_old {
        Some(_) => None,
        None => {
            let definitions = organisation.map_or(DefinitionsOf::Organisation, |one| one.definitions);
            let passed_over =
                if organisation.is_some() { layers::settle(&mut documents, definitions, &found) } else { Vec::new() };
            let files = check::LayerFiles { own: files, of_organisation: organisation.map_or(files, |one| one.files) };
            check::check(&documents, &raw, &files, (&found, !is_whole), (definitions, passed_over))
        }
    };
    let layers: Vec<SourceLayer> = documents.iter().map(|document| document.layer).collect();
    put_away(documents);
    let mut sources = Sources::default();
    for ((path, text), layer) in paths.into_iter().zip(texts).zip(layers) {
        let text = text.into_inner().unwrap_or_else(String::new);
        sources.add(SourceFile::new(path, text).of_layer(layer));
    }
    match checked {
        Some(mut policy) if found.is_empty() => {
            policy.sources = sources;
            Ok(policy)
        }
        Some(_) | None => {
            if let Some(too_old) = too_old {
                return Err(Faults { sources, diagnostics: vec![too_old] });
            }
            let mut diagnostics = found.into_sorted();
            if !is_whole {
                diagnostics.retain(|diagnostic| !may_only_follow(diagnostic, &unread));
            }
            Err(Faults { sources, diagnostics })
        }
    }
}

/// Returns whether `diagnostic` may only follow from what could not be read: what seems missing may stand there.
fn may_only_follow(diagnostic: &Diagnostic, unread: &[Unread]) -> bool {
    let code = diagnostic.code;
    if matches!(code, Code::Syntax | Code::UnreadableFile | Code::BadInclude) {
        return false;
    }
    // names are defined in one file and used in others
    if matches!(code, Code::UnknownName | Code::EmptySet | Code::EmptyPolicy) {
        return true;
    }
    let has_missing = matches!(code, Code::MissingKey | Code::WrongVersion | Code::Contradiction);
    diagnostic.place.is_some_and(|place| {
        unread.iter().any(|unread| unread.holds(place) || (has_missing && unread.file == place.file))
    })
}

/// A text as TOML, with what could not be read of it.
pub(crate) fn parse(text: &str, file: FileId) -> (Spanned<DeTable<'_>>, Vec<Diagnostic>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let faults = syntax::faults(text, &table, &errors, file).map_or_else(Vec::new, |(faults, _)| faults);
    (table, faults)
}
