//! The files of the repository that hold texts of the program, for the tests of its words and of the commands in it.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Adds the files below `folder` whose names end with one of `ends`.
pub(crate) fn below(folder: &Path, ends: &[&str], found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            below(&path, ends, found)?;
        } else if ends.iter().any(|end| path.to_string_lossy().ends_with(end)) {
            found.push(path);
        }
    }
    Ok(())
}

/// Returns every file with texts that people read: sources, manual, policies, pages of CI and what stands at the top.
pub(crate) fn all(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all: Vec<PathBuf> =
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "action.yml", ".pre-commit-hooks.yaml"]
            .map(|name| root.join(name))
            .into();
    below(&root.join("src"), &[".rs", ".json"], &mut all)?;
    below(&root.join("docs"), &[".md"], &mut all)?;
    below(&root.join("policies"), &[".toml"], &mut all)?;
    below(&root.join(".github"), &[".md", ".yml", ".yaml", "Jenkinsfile"], &mut all)?;
    Ok(all)
}
