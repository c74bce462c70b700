//! `schema`: the JSON Schema of policies and their cases, for editors, of answers and of the record's entries, for other programs.

use crate::cases::CASES_SCHEMA;
use crate::cli::args::{SchemaArgs, SchemaOf};
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::escape::for_terminal;
use crate::policy::SCHEMA;
use crate::proof::record::ENTRY_SCHEMA;
use crate::report::audit::json::REPORT_SCHEMA;
use crate::report::backtest::json::BACKTEST_SCHEMA;
use crate::report::calendar::json::CALENDAR_SCHEMA;
use crate::report::glance::STATUS_SCHEMA;
use crate::report::json::DECISION_SCHEMA;

/// `freezegate schema`: 0.
pub(super) fn schema(args: &SchemaArgs, output: &mut Output) -> Status {
    let text = match args.of {
        SchemaOf::Policy => SCHEMA,
        SchemaOf::Decision => DECISION_SCHEMA,
        SchemaOf::Record => ENTRY_SCHEMA,
        SchemaOf::Calendar => CALENDAR_SCHEMA,
        SchemaOf::Backtest => BACKTEST_SCHEMA,
        SchemaOf::Status => STATUS_SCHEMA,
        SchemaOf::Report => REPORT_SCHEMA,
        SchemaOf::Cases => CASES_SCHEMA,
    };
    output.answer_to(args.file.as_deref(), text);
    if let Some(path) = args.file.as_deref().filter(|_| !output.has_failed()) {
        output.complaint(&format!("wrote {}\n", for_terminal(&path.display().to_string())));
    }
    Status::Allowed
}
