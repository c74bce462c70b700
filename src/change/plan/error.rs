//! Why a plan can't be read.

use std::fmt;

use crate::change::plan::facts::{MAX_PLAN_BYTES, MOST_PLANNED_CHANGES};

/// The reason why a plan can't be read. No message quotes a value of the plan, as that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanError {
    /// The file can't be read.
    Unreadable(String),
    /// It is longer than [`MAX_PLAN_BYTES`].
    TooLarge,
    /// It has more than [`MOST_PLANNED_CHANGES`] changes.
    TooManyChanges,
    /// It is a plan in binary form, as `terraform plan -out` writes it.
    Binary,
    /// It is JSON in UTF-16, as some shells write what a program prints.
    Utf16,
    /// It ends before the plan does.
    Truncated {
        /// The line at which it ends, from 1.
        line: usize,
    },
    /// It is not JSON.
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Something is nested too deeply to be compared.
    TooDeep {
        /// The line, from 1.
        line: usize,
    },
    /// A key stands twice in one object, so that programs differ in which one counts.
    DuplicateKey {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Something is not as plans have it.
    Unexpected {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// It is JSON of another sort, such as a state.
    NotAPlan {
        /// The thing that it lacks.
        what: &'static str,
    },
    /// Its format is not known.
    UnknownFormat {
        /// The version that it names.
        version: String,
    },
    /// Planning failed, so that the plan is not whole.
    Errored,
    /// It would do something that is not known.
    UnknownAction {
        /// The address of the resource.
        address: String,
        /// The actions.
        actions: String,
    },
}

impl PlanError {
    /// Returns how to fix it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => {
                "name the file that `terraform show -json TFPLAN > plan.json` wrote, or `-` for standard input"
            }
            Self::TooLarge | Self::TooManyChanges => "plan a part of it with `-target`, or split the configuration",
            Self::Binary | Self::NotAPlan { .. } => {
                "make the JSON of a plan: `terraform plan -out TFPLAN`, then `terraform show -json TFPLAN > plan.json`"
            }
            Self::Utf16 => {
                "write it as UTF-8, in PowerShell with `terraform show -json TFPLAN | Out-File -Encoding utf8 plan.json`"
            }
            Self::Truncated { .. } | Self::NotJson { .. } | Self::DuplicateKey { .. } | Self::Unexpected { .. } => {
                "make it again, untouched: `terraform show -json TFPLAN > plan.json`"
            }
            Self::TooDeep { .. } => "no provider nests values so deeply: see who wrote this file",
            Self::UnknownFormat { .. } => "this program reads formats 1.x; use a newer freezegate",
            Self::Errored => "fix what `terraform plan` reports, and plan again",
            Self::UnknownAction { .. } => "use a newer freezegate, or make the plan without this action",
        }
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(cause) => write!(f, "it can't be read: {cause}"),
            Self::TooLarge => write!(f, "it has more than {} MiB", MAX_PLAN_BYTES >> 20),
            Self::TooManyChanges => write!(f, "it has more than {MOST_PLANNED_CHANGES} changes"),
            Self::Binary => write!(f, "it is a plan in binary form, not its JSON"),
            Self::Utf16 => write!(f, "it is written in UTF-16, and JSON is UTF-8"),
            Self::Truncated { line } => write!(f, "it ends in the middle, in line {line}"),
            Self::NotJson { line, column } => write!(f, "it is not JSON at line {line}, column {column}"),
            Self::TooDeep { line } => write!(f, "line {line} nests values too deeply"),
            Self::DuplicateKey { line, column } => {
                write!(f, "a key occurs twice in one object before line {line}, column {column}")
            }
            Self::Unexpected { line, column } => {
                write!(f, "line {line}, column {column} is not as `terraform show -json` writes it")
            }
            Self::NotAPlan { what } => write!(f, "it is not a plan: {what}"),
            Self::UnknownFormat { version } => write!(f, "its `format_version` `{version}` is not known"),
            Self::Errored => write!(f, "planning failed, so the plan is incomplete (`errored`)"),
            Self::UnknownAction { address, actions } => write!(f, "`{address}` has the unknown action `{actions}`"),
        }
    }
}

impl std::error::Error for PlanError {}

/// The error for what begins like another form of a plan, or none.
pub(super) fn other_form(start: &[u8]) -> Option<PlanError> {
    match start {
        [] => Some(PlanError::NotAPlan { what: "the file is empty" }),
        [b'P', b'K', ..] => Some(PlanError::Binary),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, _, ..] => Some(PlanError::Utf16),
        _ => None,
    }
}

/// The error that the parser's error stands for. Its own text may quote values.
pub(super) fn of_parser(error: &serde_json::Error) -> PlanError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Io => PlanError::Unreadable(
            error.io_error_kind().map_or_else(|| "reading failed".to_owned(), |kind| kind.to_string()),
        ),
        serde_json::error::Category::Eof => PlanError::Truncated { line },
        serde_json::error::Category::Syntax if error.to_string().starts_with("recursion limit") => {
            PlanError::TooDeep { line }
        }
        serde_json::error::Category::Syntax => PlanError::NotJson { line, column },
        serde_json::error::Category::Data if error.to_string().starts_with(DUPLICATE) => {
            PlanError::DuplicateKey { line, column }
        }
        serde_json::error::Category::Data => PlanError::Unexpected { line, column },
    }
}

/// The beginning of messages about duplicate keys, those of serde's derived readers too.
pub(super) const DUPLICATE: &str = "duplicate field";
