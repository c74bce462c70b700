//! `man`: the manual, made from the same text as `--help`.

use std::path::Path;

use clap::CommandFactory;

use crate::cli::args::{Cli, ManArgs};
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};

/// `freezegate man`: the main page to standard output, or a page for each command to a folder. 0 written, 2 not.
pub(super) fn man(args: &ManArgs, edge: &Edge, output: &mut Output) -> Status {
    let written = match &args.folder {
        None => page().map(|page| output.bytes(&page)),
        Some(folder) => pages(folder),
    };
    output.conclude(written.map(|()| Status::Allowed).map_err(Faults::one), edge)
}

fn page() -> Result<Vec<u8>, Diagnostic> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(|error| {
        Diagnostic::error(Code::Internal, error.to_string()).help("report this to freezegate's developers")
    })?;
    Ok(page)
}

/// `freezegate.1`, `freezegate-check.1` and so on, as git names its pages.
fn pages(folder: &Path) -> Result<(), Diagnostic> {
    clap_mangen::generate_to(Cli::command(), folder).map_err(|error| {
        Diagnostic::error(Code::Unwritable, format!("the manual can't be written to `{}`: {error}", folder.display()))
            .help("name an existing folder that is writable")
    })
}
