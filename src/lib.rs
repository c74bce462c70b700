//! freezegate answers one question: **may this change reach that target now?** It answers it the same way in a git hook,
//! in a CI step and at a terminal, from one TOML policy.
//!
//! A policy is a set of closed windows. A change is refused when it meets one that applies to it. Three rules carry
//! everything:
//!
//! 1. **Windows only add up.** No entry opens what another closes, and order means nothing.
//! 2. **What a change says of itself can close, never open.** What opens is shown by the change itself.
//! 3. **Anything not understood refuses.**
//!
//! # Architecture
//!
//! Data flows one way, and each arrow is a module:
//!
//! ```text
//! policy text ──policy::load──> checked policy ──┐                     record
//!                                                ├──reach──> reach ──┐  ↑ ↓ proof
//! evidence ───────change──────> change ──────────┘                   └──decision──> decision ──report──> answer
//! ```
//!
//! - [`policy`] turns files into a [`policy::Policy`] in which every name is resolved and every window can be read, or into
//!   everything that is wrong with them, as [`diagnostic`]s with their places.
//! - [`time`] turns what a policy says of hours and dates into intervals of instants, by a time zone database that is compiled in.
//! - [`change`] is what is known of a change: what git shows ([`change::git`]), what a CI provider reports ([`change::ci`]), what a
//!   command says ([`change::command`]), what a plan of Terraform would do ([`change::plan`]). Known, or an error; never silently
//!   empty. It knows of no policy; what both speak of is in [`fact`].
//! - [`reach`] maps a change to the environments, regions and services that it reaches, by what is said of it
//!   ([`reach::declaration`]) and by the [`pattern`]s of targets.
//! - [`proof`] is what the decision needs from outside besides: the [`proof::record`] of all decisions before, in which each
//!   decision is kept before it is printed, whether a change is a [`proof::rollback`], and signed grants ([`proof::grant`]),
//!   which lift findings. [`proof::fetch`] brings what a clone lacks.
//! - [`decision`] is pure: what is reached, a policy and an instant go in; a verdict with every reason comes out.
//! - [`lint`] looks over a policy for what never opens, never occurs or ends soon, by the same decision; [`explain`] holds a
//!   text for every code.
//! - [`calendar`] lays a policy out over a span of time: when each environment is open, closed, and why.
//! - [`backtest`] judges changes of the past by a policy, and counts what it would have cost.
//! - [`cases`] compares what a policy says of changes and instants with what its authors expect.
//! - [`report`] formats an answer for people and to machines, and decides nothing.
//! - [`route`] compares tables of routes: which requests another backend answers after an edit.
//! - [`guard`] judges an edit of the manifests that a policy guards: whether another environment would answer requests.
//! - `hex` writes the digits of hashes.
//! - `yaml` says in one line why YAML can't be read.
//! - [`shell`] quotes what others chose in the commands that answers and errors print.
//! - [`draft`] writes a first policy from what a repository shows, [`stop`] a fragment of one that closes now. What they
//!   write is read back like any other text.
//! - `gate` is the application: it takes a question from what is asked to the answer, and is what a hook, a CI step and a person share. It
//!   finds what is compared (`base`, `baseline`, `push`), which policy may be believed (`trust`), what the change shows (`gather`), whether
//!   it goes back (`history`), decides (`judge`) and records (`keep`). It asks the world outside through `gate::world::World` alone.
//! - [`cli`] is the edge: the only module that reads the clock, the environment, standard input and files, and that writes;
//!   repositories and the record are read and kept by the modules named for them.
//!
//! The program is what is promised; the library's interface is not, and may change with any release.
//!
//! # Example
//!
//! ```
//! use freezegate::decision::schedule::DecisionQuestion;
//! use freezegate::decision::{Schedule, Verdict};
//! use freezegate::policy::load::{PolicyFiles, ReadFault, load};
//! use freezegate::reach::{self, Declared, DeclaredNames};
//! use freezegate::time::seconds::Seconds;
//!
//! struct OneFile(&'static str);
//! impl PolicyFiles for OneFile {
//!     fn read(&self, _path: &str) -> Result<Vec<u8>, ReadFault> {
//!         Ok(self.0.as_bytes().to_vec())
//!     }
//! }
//!
//! let text = r#"
//!     version = 1
//!     [regions.us]
//!     timezones  = ["America/New_York", "America/Los_Angeles"]
//!     core_hours = ["Mon-Fri 08:00-18:00"]
//!     [environments.production]
//! "#;
//! let policy = load(&OneFile(text), &["freezegate.toml".to_owned()], &[]).map_err(|faults| format!("{faults:?}"))?;
//!
//! let names = DeclaredNames { environments: vec!["production".to_owned()], ..DeclaredNames::default() };
//! let declared = Declared::resolve(&names, &policy).map_err(|unknown| format!("{unknown:?}"))?;
//! let reach = reach::declared(&policy, &declared);
//! let question = DecisionQuestion { policy: &policy, reach: &reach, declared: &declared, duration: None, granted: &[] };
//!
//! // 17:45 in New York, 14:45 in Los Angeles
//! let at = "2025-07-09T21:45:00Z".parse::<jiff::Timestamp>()?.into();
//! let decision = Schedule::decide_at(&question, &[], at)?;
//! assert_eq!(decision.verdict, Verdict::Refused);
//! assert_eq!(decision.findings[0].id.to_string(), "core-hours/us");
//! assert_eq!(decision.next_open, Some(at + Seconds::hours(3) + Seconds::minutes(15)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod audit;
pub mod backtest;
pub mod calendar;
pub mod cases;
pub mod change;
pub mod cli;
pub mod decision;
pub mod diagnostic;
pub mod draft;
pub mod escape;
pub mod exchange;
pub mod explain;
pub mod fact;
mod gate;
pub mod guard;
mod hex;
pub mod lint;
pub mod pattern;
pub mod policy;
pub mod proof;
pub mod reach;
pub mod report;
pub mod route;
pub mod shell;
pub mod stop;
pub mod time;
mod yaml;
