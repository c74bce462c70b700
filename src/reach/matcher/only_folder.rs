//! Patterns that match a folder above a changed file, and not the file.

use crate::escape::{bytes_for_terminal, for_terminal};
use crate::reach::matcher::OfRef;
use crate::reach::shown::Shown;

/// As many changed paths are named of which a pattern matches a folder alone.
const MOST_TOLD: usize = 3;

impl OfRef<'_, '_, '_> {
    /// Warns of a changed path that no target matches, if a pattern matches a folder above it: `deploy/*` does not match
    /// `deploy/x/y`, as in CODEOWNERS, and whoever wrote it may have meant that it does.
    ///
    /// A path that the target excepts is left alone. Paths of one folder come one after another, and the first speaks for all.
    pub(super) fn only_folder(&self, path: &[u8], shown: &mut Shown) {
        if !self.matcher.stops_at_folders {
            return;
        }
        let folder = path.iter().rposition(|byte| *byte == b'/').and_then(|slash| path.get(..slash));
        let Some(folder) = folder.filter(|folder| *folder != shown.last_unmatched && shown.folders_told < MOST_TOLD)
        else {
            return;
        };
        shown.last_unmatched = folder.to_vec();
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(place, _)| place);
        for folder in slashes.filter_map(|slash| path.get(..slash)) {
            for number in self.matcher.paths.set.which_exactly(folder) {
                let Some(target) = self.matcher.paths.owners.get(number).copied().filter(|one| self.is_active(*one))
                else {
                    continue;
                };
                let mut patterns = self.matcher.policy.targets.iter().flat_map(|target| &target.paths);
                let excepted = self.matcher.except.get(target).is_some_and(|except| except.any_exactly(path));
                if let Some(pattern) = patterns.nth(number).filter(|_| !excepted) {
                    let pattern = for_terminal(pattern.as_str());
                    let doubt = format!(
                        "`{}` is reached by no target: the pattern `{pattern}` matches the folder `{}` alone; for the files in it write `{pattern}/**`",
                        bytes_for_terminal(path),
                        bytes_for_terminal(folder)
                    );
                    shown.folders_told += 1;
                    if !shown.doubts.contains(&doubt) {
                        shown.doubts.push(doubt);
                    }
                    return;
                }
            }
        }
    }
}
