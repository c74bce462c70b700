//! The record: an append-only chain of decisions, kept where those who push cannot write.
//!
//! An allowance is given after it is recorded. From the record come the state that the next change is compared with
//! ([`Folded::base`]), the states before ([`Folded::states`]), the grants that are spent ([`Folded::spent`]) and the newest instant
//! seen ([`Folded::newest`]).
//!
//! # The chain
//!
//! Each [`RecordEntry`] is one line of JSON, `freezegate/record/v1`: its number from 1, the hash of the entry before it, what was
//! decided, and last its own hash. The hash is the SHA-256 of the line with the member `hash` taken away, so that it can be
//! checked by hand:
//!
//! ```console
//! $ sed -n 3p FILE | sed 's/,"hash":"[0-9a-f]*"}$/}/' | tr -d '\n' | sha256sum
//! ```
//!
//! [`ENTRY_SCHEMA`] describes an entry to other programs.
//!
//! Who can write all of it can also write all of it anew. What shows that is a hash kept elsewhere (`record verify
//! --expect HASH`), and the place that the record is kept in: see the carriers.
//!
//! One entry has [`MAX_ENTRY_BYTES`] at most. That of a refused push lists [`MOST_LISTED`] changes, findings and reached places
//! at most, and counts the rest. Any other lists all changes, and [`MAX_COMPLETE_BYTES`] of findings and of reached places.
//!
//! # Two carriers
//!
//! - [`RecordFile`]: JSON lines in a file on one machine, written under a lock, and synced before [`Record::append`] returns.
//! - [`RecordRef`]: a git ref, one commit an entry, in one repository or shared through a remote by compare-and-swap.

mod carrier;
mod commits;
mod digest;
mod entry;
mod error;
mod examine;
mod fault;
mod file;
mod folded;
mod left_out;
mod limit;
mod line;
mod lines;
mod location;
mod memory;
pub(in crate::proof) mod patience;
mod plan;
pub(in crate::proof) mod program;
mod reference;
pub(in crate::proof) mod scratch;
mod sidecar;
mod snapshot;
mod when_ready;
mod written;

pub use carrier::Record;
pub use digest::Digest;
pub use entry::{
    CommandDigest, Decided, ENTRY_SCHEMA, RecordEntry, RecordedChange, RecordedFinding, RecordedMode, RecordedOutcome,
    RecordedPlace, RecordedStanding, Schema, ref_text,
};
pub use error::RecordError;
pub use examine::{Inspected, Inspection};
pub use fault::{Fault, FaultKind, MOST_FAULTS};
pub use file::RecordFile;
pub use folded::{
    Chain, Current, Extent, Folded, JudgedBy, MOST_FORMER_STATES, MOST_PLANS, MOST_REFS, MOST_REFUSED, PlanReturn,
    RecordedBase, RecordedState, narrowing_covers, narrowings_overlap,
};
pub use limit::{MAX_COMPLETE_BYTES, MAX_ENTRY_BYTES, MAX_LISTED_BYTES, MOST_LISTED, MOST_REFUSALS_AN_HOUR, Unlisted};
pub use location::{LocationError, RecordLocation};
pub use patience::Patience;
pub use plan::{Fingerprint, JudgedPlan, MOST_PLAN_VALUES, MOST_REPLACED_VALUES, PlanValue, state_digest};
pub use reference::RecordRef;
pub use snapshot::Snapshot;
pub use when_ready::WhenReady;
