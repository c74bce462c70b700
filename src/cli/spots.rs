//! Places that notes name, held against the files of the work tree: a forge shows an annotation only at a file that it has.

use std::path::Path;

use crate::cli::edge::Edge;
use crate::cli::policy::USUAL;
use crate::diagnostic::Sources;
use crate::report::note::{Note, Spot};

/// Returns `notes` with the places that are files of the work tree, from its root; other places are left out.
///
/// A file of the policy counts only if it is the text that was judged by: an administrator's file, a text in a variable and the
/// file of another commit have no line here.
pub(super) fn in_work_tree(notes: Vec<Note>, sources: &Sources, edge: &Edge) -> Vec<Note> {
    let place = |note: Note| Note { spot: note.spot.as_ref().and_then(|spot| found(spot, sources, edge)), ..note };
    notes.into_iter().map(place).collect()
}

/// The same for GitLab, whose report must name a place for each: if none is known, a file that is there.
pub(super) fn everywhere(notes: Vec<Note>, sources: &Sources, edge: &Edge) -> Vec<Note> {
    let usual = [".gitlab-ci.yml"].into_iter().chain(USUAL).chain(["README.md"]);
    let there = match edge.root() {
        Ok(root) => usual.into_iter().find(|path| root.join(path).is_file()),
        Err(_) => None,
    };
    let there = there.unwrap_or(".gitlab-ci.yml");
    let other = Spot { path: there.to_owned(), line: 1 };
    let placed = in_work_tree(notes, sources, edge).into_iter();
    placed.map(|note| Note { spot: note.spot.or_else(|| Some(other.clone())), ..note }).collect()
}

fn found(spot: &Spot, sources: &Sources, edge: &Edge) -> Option<Spot> {
    let Ok(root) = edge.root() else {
        return None;
    };
    let written = Path::new(&spot.path);
    let (whole, path) = if written.is_relative() && root.join(written).is_file() {
        (root.join(written), spot.path.clone())
    } else {
        let whole = edge.absolute(written);
        let inside = whole.strip_prefix(&root).map(Path::to_path_buf);
        match inside {
            Ok(inside) if whole.is_file() => (whole, inside.to_str()?.to_owned()),
            Ok(_) | Err(_) => return None,
        }
    };
    if path.split('/').any(|part| part == "..") {
        return None;
    }
    match sources.files().iter().find(|file| file.path == spot.path) {
        // a file that can't be read, or reads otherwise, has another line there
        Some(file) => match std::fs::read(&whole) {
            Ok(bytes) if bytes == file.text.as_bytes() => Some(Spot { path, line: spot.line }),
            Ok(_) | Err(_) => None,
        },
        None => Some(Spot { path, line: spot.line }),
    }
}
