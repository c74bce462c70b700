//! A file of a policy, as parsed.

use toml::Spanned;
use toml::de::DeTable;

use crate::diagnostic::{Code, Collector, Diagnostic, FileId, SourceLayer};
use crate::policy::read::{self, At, Section};

/// A file as parsed.
pub(super) struct PolicyDocument<'t> {
    pub(super) file: FileId,
    pub(super) path: String,
    pub(super) table: Spanned<DeTable<'t>>,
    pub(super) layer: SourceLayer,
}

impl PolicyDocument<'_> {
    pub(super) fn is_fragment(&self) -> bool {
        self.layer == SourceLayer::Fragment
    }
}

/// The section of a whole file.
pub(super) fn root<'d>(
    document: &'d PolicyDocument<'_>,
    found: &'d Collector,
    keys: &[&'static str],
) -> Section<'d, 'd> {
    read::root(
        &document.table,
        document.file,
        if document.is_fragment() { "a fragment" } else { "the policy" },
        keys,
        found,
    )
}

/// `path`, relative to the folder of `document`; it may not leave that folder, else that is a fault of `code`.
pub(super) fn beside(document: &PolicyDocument<'_>, path: At<&str>, code: Code, found: &Collector) -> Option<String> {
    let stray = path.value.is_empty()
        || path.value.contains('\\')
        || path.value.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    if stray {
        found.push(
            Diagnostic::error(code, format!("`{}` is not a path below the folder of the policy", path.value))
                .at(path.place)
                .help("name a file beside the policy or in a folder below it, `/` between folders"),
        );
        return None;
    }
    Some(match document.path.rsplit_once(['/', std::path::MAIN_SEPARATOR]) {
        Some((folder, _)) => format!("{folder}/{}", path.value),
        None => path.value.to_owned(),
    })
}
