//! `wait`: waits until a change is allowed.

mod plan;

use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::cli::args::WaitArgs;
use crate::cli::check;
use crate::cli::edge::Edge;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::judgement::no_instant;
use crate::gate::request::CheckRequest;
use crate::gate::world::World;
use crate::policy::duration;
use crate::report::AnswerMode;
use crate::report::clock::{here_or_utc, until};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::Zone;

use plan::{Ahead, News, NextStep, WaitingPlan};

/// The time that the program sleeps at most without reading the clock, in seconds: it may be set, and a laptop closed.
const NAP: Seconds = Seconds::new(30);

/// `freezegate wait`: 0 allowed, 1 refused when it was given up, 2 no decision.
pub(super) fn wait(args: &WaitArgs, edge: &Edge, output: &mut Output) -> Status {
    // a dry run reports what would be refused now
    let waited = if args.check.dry_run { Ok(None) } else { Waiting::of(args, edge).and_then(|one| one.end(output)) };
    match waited {
        Ok(given_up) => {
            let status = check::check(&args.check, edge, output);
            if let (Some(why), Status::Refused) = (given_up, status) {
                output.complaint(&format!("not waiting: {why}\n"));
            }
            status
        }
        Err(faults) => {
            let mut faults = check::naming_fetch(&args.check, faults);
            // the gate is asked as by `check`
            for help in faults.diagnostics.iter_mut().filter_map(|fault| fault.help.as_mut()) {
                *help =
                    help.replace("name an environment: `freezegate check ", "name an environment: `freezegate wait ");
            }
            output.undecided(AnswerMode::Check.as_str(), &faults, &args.check.output, edge);
            Status::Undecided
        }
    }
}

/// The change that is waited for.
struct Waiting<'w> {
    args: &'w WaitArgs,
    edge: &'w Edge,
    plan: WaitingPlan,
    /// The zone of the one who waits.
    asker: Option<Zone>,
    /// True if a person sees a countdown.
    is_seen: bool,
}

impl<'w> Waiting<'w> {
    /// Reads the options.
    fn of(args: &'w WaitArgs, edge: &'w Edge) -> Result<Self, Faults> {
        if args.check.at.is_some() {
            return Err(Faults::one(
                Diagnostic::error(Code::InvalidUsage, "`wait` does not take `--at`: it waits from now on")
                    .help("leave it out; `freezegate next` answers for other times"),
            ));
        }
        let seconds = |option: &str, text: &Option<String>| {
            text.as_deref().map(duration::seconds).transpose().map_err(|cause| {
                let fault = Diagnostic::error(Code::BadDuration, format!("`{option}`: {cause}"));
                Faults::one(fault.help("write `45m`, `1h30m` or `3d`"))
            })
        };
        if args.check.plan.as_deref() == Some(Path::new("-")) {
            return Err(Faults::one(
                Diagnostic::error(
                    Code::InvalidUsage,
                    "`wait` reads the plan each time it asks, and standard input only once",
                )
                .help("give a file: `--plan plan.json`"),
            ));
        }
        let is_stdin = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
        if is_stdin(&args.check.manifests) || is_stdin(&args.check.manifests_before) {
            return Err(Faults::one(
                Diagnostic::error(
                    Code::InvalidUsage,
                    "`wait` reads the manifests each time it asks, and standard input only once",
                )
                .help("give a file or a folder: `--manifests rendered`"),
            ));
        }
        let (timeout, spread) = (seconds("--timeout", &args.timeout)?, seconds("--spread", &args.spread)?);
        Ok(Self {
            args,
            edge,
            plan: WaitingPlan::new(edge.clock(), timeout, spread.unwrap_or(Seconds::ZERO)),
            asker: edge.asker(args.check.output.timezone.as_deref()).map_err(Faults::one)?,
            is_seen: edge.errors_go_to_terminal(),
        })
    }

    /// Waits until there is nothing more to wait for; returns why, unless it is open.
    fn end(mut self, output: &mut Output) -> Result<Option<String>, Faults> {
        self.edge.go_on();
        // of many questions the last one alone is recorded
        let request = || CheckRequest { is_ahead: true, ..self.args.check.request() };
        while !output.has_failed() {
            let judged = check::decide_about(AnswerMode::Check, request(), &self.args.check, self.edge)?;
            let ahead = Ahead { verdict: judged.verdict, next_open: judged.next_open, valid_until: judged.valid_until };
            let now = self.edge.clock();
            match self.plan.step(ahead, now, |below| self.edge.random_pause(below)).map_err(Faults::one)? {
                NextStep::Answer => return Ok(None),
                NextStep::GiveUp(None) => return Ok(Some("the change does not become allowed by itself".to_owned())),
                NextStep::GiveUp(Some(open)) => {
                    let timeout = self.args.timeout.as_deref().unwrap_or("");
                    return Ok(Some(format!("it opens {}, after `--timeout {timeout}`", self.clock(open)?)));
                }
                NextStep::Closed { wake, open, news } => {
                    if news == News::Refusal {
                        output.complaint(&judged.answer.people);
                    }
                    let what = format!("waiting until {}", self.clock(open)?);
                    if news != News::Nothing && !self.is_seen {
                        output.complaint(&format!("{what}, {}\n", plain(&until(open, now))));
                    }
                    self.sleep(wake, (&what, open), output);
                }
                NextStep::Spread { start } => {
                    let what = format!("open; starting {}", self.clock(start)?);
                    if !self.is_seen {
                        output.complaint(&format!("{what}, {}\n", plain(&until(start, now))));
                    }
                    self.sleep(start, (&what, start), output);
                }
            }
        }
        Ok(None)
    }

    /// The clock at an instant, in the zone of the one who waits.
    fn clock(&self, second: Instant) -> Result<String, Faults> {
        let now = self.edge.clock();
        here_or_utc(self.asker.as_ref(), second, now).map(|text| plain(&text)).map_err(no_instant)
    }

    /// Sleeps until the clock reads `wake`, or more. A person sees how long it is until `end`.
    fn sleep(&self, wake: Instant, (what, end): (&str, Instant), output: &mut Output) {
        // the last column stays free: a terminal may begin a line behind it
        let columns = self.edge.width().saturating_sub(1);
        loop {
            let now = self.edge.clock();
            let left = wake.since(now);
            if left <= Seconds::ZERO || output.has_failed() {
                break;
            }
            let mut nap = NAP;
            if self.is_seen {
                let line: String = format!("{what}, {}", plain(&until(end, now))).chars().take(columns).collect();
                output.complaint(&format!("\r{line:columns$}"));
                nap = Seconds::new(1);
            }
            sleep(Duration::from_secs(u64::try_from(left.min(nap).get()).unwrap_or(1)));
        }
        if self.is_seen {
            output.complaint(&format!("\r{:columns$}\r", ""));
        }
    }
}

/// A text without spaces that hold words together.
fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}
