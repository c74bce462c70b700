//! How an answer is printed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

// How the answer is given.
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write the output to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Your time zone, for displayed times and `--at`, such as `Europe/Berlin` (default: the system's)
    #[arg(long = "timezone", value_name = "ZONE")]
    pub(crate) timezone: Option<String>,
}

impl OutputArgs {
    /// Returns whether the answer is printed for people too.
    pub(crate) const fn is_for_people(&self) -> bool {
        match self.format {
            Format::Text | Format::Github => true,
            // behind a file, people have theirs on standard error
            Format::Json | Format::Gitlab | Format::Junit | Format::Markdown => self.file.is_some(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One line of JSON, `freezegate/decision/v1`
    Json,
    /// For a GitHub Actions step: annotations, summary and outputs
    Github,
    /// A GitLab code quality report
    Gitlab,
    /// JUnit XML
    Junit,
    /// For comments and web pages
    Markdown,
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::{Format, OutputArgs};

    #[test]
    fn text_for_people_is_made_where_it_is_printed() {
        let wants = |format, file: Option<&str>| {
            OutputArgs { format, file: file.map(Into::into), timezone: None }.is_for_people()
        };
        for format in Format::value_variants() {
            let is_log = matches!(format, Format::Text | Format::Github);
            assert_eq!(wants(*format, None), is_log, "{format:?}");
            assert!(wants(*format, Some("answer")), "{format:?}");
        }
    }
}
