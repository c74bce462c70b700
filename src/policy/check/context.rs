//! What all checks share.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Collector, Place, SourceLayer};
use crate::policy::document::PolicyDocument;
use crate::policy::policy_files::PolicyFiles;
use crate::policy::read::At;
use crate::time::zone::Zone;

/// The state that all checks share.
pub(super) struct Context<'d> {
    pub(super) found: &'d Collector,
    pub(super) texts: &'d [&'d str],
    pub(super) files: &'d LayerFiles<'d>,
    pub(super) zones: RefCell<BTreeMap<&'static str, Arc<Zone>>>,
}

/// The place where the files of each layer are read from.
pub(in crate::policy) struct LayerFiles<'f> {
    pub(in crate::policy) own: &'f dyn PolicyFiles,
    pub(in crate::policy) of_organisation: &'f dyn PolicyFiles,
}

impl LayerFiles<'_> {
    pub(super) fn of(&self, document: &PolicyDocument<'_>) -> &dyn PolicyFiles {
        match document.layer {
            SourceLayer::Repository | SourceLayer::Fragment => self.own,
            SourceLayer::Organisation => self.of_organisation,
        }
    }
}

impl Context<'_> {
    /// The bytes `range` of the string at `place`, or all of it where its text is written with escapes.
    pub(super) fn inside(&self, text: At<&str>, range: &Range<usize>) -> Place {
        if text.value.is_empty() {
            return text.place;
        }
        let quoted = text.place.range();
        let written = self
            .texts
            .get(text.place.file.index())
            .and_then(|source| source.get(quoted.start + 1..quoted.end.saturating_sub(1)));
        if written != Some(text.value) {
            return text.place;
        }
        let start = quoted.start + 1;
        let end = if range.is_empty() { start + range.end + 1 } else { start + range.end };
        Place::new(text.place.file, &(start + range.start..end))
    }
}
