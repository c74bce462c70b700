//! Places that notes name, compared with the files of the work tree: a forge shows an annotation only at a file that it has.

use std::path::Path;

use crate::cli::edge::Edge;
use crate::gate::source::USUAL;
use crate::gate::world::World;
use crate::report::note::{FileSpot, Note};

/// Returns `notes` with the places that are files of the work tree, from its root; other places are left out.
///
/// A file of the policy counts only if it has the text that the line was counted in: an administrator's file, a text in a variable and the
/// file of another commit have no line here.
pub(crate) fn in_work_tree<'a>(notes: Vec<Note<'a>>, edge: &Edge) -> Vec<Note<'a>> {
    let place = |note: Note<'a>| Note { spot: note.spot.and_then(|spot| found(spot, edge)), ..note };
    notes.into_iter().map(place).collect()
}

/// The same for GitLab, whose report must name a place for each: if none is known, a file that is there.
pub(crate) fn everywhere<'a>(notes: Vec<Note<'a>>, edge: &Edge) -> Vec<Note<'a>> {
    let usual = [".gitlab-ci.yml"].into_iter().chain(USUAL).chain(["README.md"]);
    let there = match edge.root() {
        Ok(root) => usual.into_iter().find(|path| root.join(path).is_file()),
        Err(_) => None,
    };
    let there = there.unwrap_or(".gitlab-ci.yml");
    let other = FileSpot { path: there.to_owned(), line: 1, text: None };
    let placed = in_work_tree(notes, edge).into_iter();
    placed.map(|note| Note { spot: note.spot.or_else(|| Some(other.clone())), ..note }).collect()
}

fn found<'a>(spot: FileSpot<'a>, edge: &Edge) -> Option<FileSpot<'a>> {
    let Ok(root) = edge.root() else {
        return None;
    };
    let written = Path::new(&spot.path);
    let (whole, path) = if written.is_relative() && root.join(written).is_file() {
        (root.join(written), spot.path)
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
    if let Some(text) = spot.text {
        // a file that can't be read, or reads otherwise, has another line there
        match std::fs::read(&whole) {
            Ok(bytes) if bytes == text.as_bytes() => {}
            Ok(_) | Err(_) => return None,
        }
    }
    Some(FileSpot { path, ..spot })
}
