//! `schema`: the JSON Schema of policies, for editors.

use crate::cli::Status;
use crate::cli::args::SchemaArgs;
use crate::cli::output::Output;
use crate::policy::SCHEMA;

/// `freezegate schema`: 0.
pub(super) fn schema(args: &SchemaArgs, output: &mut Output) -> Status {
    output.answer_to(args.file.as_deref(), SCHEMA);
    Status::Allowed
}
