//! A plan in binary form, as `terraform plan -out` and `tofu plan -out` save it: for which state it was made, and what it changes.
//!
//! The file is a ZIP archive whose entry `tfplan` is a message of Protocol Buffers, `internal/plans/planproto/planfile.proto` in Terraform's
//! source. Values of resources are skipped.

use std::collections::BTreeMap;
use std::fmt;

use crate::change::fact_value::FactValue;
use crate::change::plan::address::is_of_data;
use crate::change::plan::archive::{WireValue, entry, fields, last, message_pack};
use crate::change::plan::backend::StateBackend;
use crate::change::plan::facts::{PlannedAction, TerraformPlan};
use crate::fact::FactKey;

/// The most bytes of a saved plan: 64 MiB.
pub const MAX_SAVED_PLAN_BYTES: u64 = 64 << 20;

/// The number of changes of a resource by action.
type Counts = BTreeMap<(String, PlannedAction), usize>;

/// Everything that is read of a saved plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPlan {
    /// The workspace that was selected when it was made.
    pub workspace: String,
    backend: StateBackend,
    timestamp: Option<String>,
    changes: Counts,
}

/// The reason why a saved plan can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavedPlanError {
    /// The file can't be read.
    Unreadable(String),
    /// It is longer than [`MAX_SAVED_PLAN_BYTES`].
    TooLarge,
    /// It is the JSON of a plan, or of something else.
    Json,
    /// It names a run of HCP Terraform, and holds no plan.
    Remote,
    /// It is not an archive, or it is damaged or cut off.
    Damaged,
    /// It is of a format that is not known.
    UnknownFormat(u64),
    /// Planning failed, so that the plan is not whole.
    Errored,
    /// It would do something that is not known.
    UnknownAction(String),
}

impl SavedPlanError {
    /// Returns how to fix it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Unreadable(_) | Self::Json | Self::Damaged => {
                "give the file that `terraform plan -out TFPLAN` wrote, untouched and not encrypted"
            }
            Self::TooLarge => "plan a part of it with `-target`, or split the configuration",
            Self::Remote => "HCP Terraform applies it by itself: see the recipe \"Terraform Cloud\" of the manual",
            Self::UnknownFormat(_) => "use a newer freezegate",
            Self::Errored => "fix what `terraform plan` reports, and plan again",
            Self::UnknownAction(_) => "use a newer freezegate, or make the plan without this action",
        }
    }
}

impl fmt::Display for SavedPlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(cause) => write!(f, "it can't be read: {cause}"),
            Self::TooLarge => write!(f, "it has more than {} MiB", MAX_SAVED_PLAN_BYTES >> 20),
            Self::Json => f.write_str("it is JSON, not a plan in binary form"),
            Self::Remote => f.write_str("it names a run of HCP Terraform, and holds no plan"),
            Self::Damaged => f.write_str("it is not a whole plan of Terraform or OpenTofu in binary form"),
            Self::UnknownFormat(version) => write!(f, "its format `{version}` is not known"),
            Self::Errored => f.write_str("planning failed, so the plan is incomplete"),
            Self::UnknownAction(address) => write!(f, "`{address}` has an unknown action"),
        }
    }
}

impl std::error::Error for SavedPlanError {}

/// The way in which the JSON of a plan and a saved plan differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanMismatch {
    /// They were made at different times.
    Timestamp {
        /// The time of the plan of the JSON, as it says.
        shown: Option<String>,
        /// The time of the saved plan, as it says.
        saved: Option<String>,
    },
    /// One has a change that the other does not have.
    Change {
        /// The address of the resource.
        address: String,
        /// The action on it.
        action: PlannedAction,
        /// True if it is the JSON that lacks it.
        is_saved: bool,
    },
}

impl fmt::Display for PlanMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timestamp { shown, saved } => {
                let time = |time: &Option<String>| time.clone().unwrap_or_else(|| "an unknown time".to_owned());
                write!(f, "the JSON is of a plan of {}, the saved plan of {}", time(shown), time(saved))
            }
            Self::Change { address, action, is_saved } => {
                let (has, lacks) =
                    if *is_saved { ("the saved plan", "the JSON") } else { ("the JSON", "the saved plan") };
                write!(f, "{has} has a change that {lacks} lacks: {} of {address}", action.as_str())
            }
        }
    }
}

impl SavedPlan {
    /// Reads a saved plan.
    ///
    /// ```
    /// use freezegate::change::plan::{SavedPlan, SavedPlanError};
    ///
    /// assert_eq!(SavedPlan::read(b"{\"format_version\":\"1.2\"}"), Err(SavedPlanError::Json));
    /// assert_eq!(SavedPlan::read(b"PK"), Err(SavedPlanError::Damaged));
    /// ```
    ///
    /// # Errors
    ///
    /// [`SavedPlanError`] for what is not a whole plan in binary form.
    pub fn read(archive: &[u8]) -> Result<Self, SavedPlanError> {
        if u64::try_from(archive.len()).is_ok_and(|length| length > MAX_SAVED_PLAN_BYTES) {
            return Err(SavedPlanError::TooLarge);
        }
        if archive.trim_ascii_start().starts_with(b"{") {
            let is_remote = archive.windows(20).any(|window| window == b"\"remote_plan_format\"");
            return Err(if is_remote { SavedPlanError::Remote } else { SavedPlanError::Json });
        }
        let message = entry(archive, b"tfplan").ok_or(SavedPlanError::Damaged)?;
        let plan = fields(&message).ok_or(SavedPlanError::Damaged)?;
        match last(&plan, 1).and_then(WireValue::number) {
            Some(3) => {}
            version => return Err(SavedPlanError::UnknownFormat(version.unwrap_or(0))),
        }
        if last(&plan, 20).and_then(WireValue::number).is_some_and(|errored| errored != 0) {
            return Err(SavedPlanError::Errored);
        }
        let (backend, workspace) = backend(&plan).ok_or(SavedPlanError::Damaged)?;
        let timestamp = last(&plan, 21).map(|time| text(time).ok_or(SavedPlanError::Damaged)).transpose()?;
        Ok(Self { workspace, backend, timestamp, changes: changes(&plan)? })
    }

    /// Returns what it acts on: the workspace that it was made for, and where its state is kept.
    #[must_use]
    pub fn facts(&self) -> [(FactKey, FactValue); 2] {
        let names = self.backend.named(&[&self.workspace]).into_iter().map(String::into_bytes).collect();
        let state = match self.state() {
            Ok(state) => FactValue::AnyOf(vec![state.into_bytes()]),
            Err(why) => FactValue::NotUnderstood(why),
        };
        [(FactKey::Workspaces, FactValue::AnyOf(names)), (FactKey::States, state)]
    }

    /// Returns where the state is kept for which it was made.
    ///
    /// # Errors
    ///
    /// Why that is not known, for people.
    pub fn state(&self) -> Result<String, String> {
        self.backend.state(&self.workspace)
    }

    /// Returns how the JSON of a plan shows that it is not of this one: they were made at different times, or change different resources. `None` if
    /// it shows no difference.
    ///
    /// Values are not compared: the JSON of a plan that somebody rewrote is not distinguished from the true one.
    #[must_use]
    pub fn mismatch(&self, plan: &TerraformPlan) -> Option<PlanMismatch> {
        if plan.timestamp != self.timestamp {
            let (shown, saved) = (plan.timestamp.clone(), self.timestamp.clone());
            return Some(PlanMismatch::Timestamp { shown, saved });
        }
        let mut shown = Counts::new();
        for change in &plan.changes {
            count(&mut shown, change.address.clone(), change.action);
        }
        let lacks = |of: &Counts, other: &Counts| {
            of.iter().find(|(key, count)| other.get(key) != Some(count)).map(|(key, _)| key.clone())
        };
        let of = |(address, action), is_saved| PlanMismatch::Change { address, action, is_saved };
        let more = lacks(&self.changes, &shown).map(|key| of(key, true));
        more.or_else(|| lacks(&shown, &self.changes).map(|key| of(key, false)))
    }
}

fn count(counts: &mut Counts, address: String, action: PlannedAction) {
    let count = counts.entry((address, action)).or_default();
    *count = count.saturating_add(1);
}

fn text(value: WireValue<'_>) -> Option<String> {
    String::from_utf8(value.bytes()?.to_vec()).ok()
}

/// The backend or the store of the state, and the workspace.
fn backend(plan: &[(u64, WireValue<'_>)]) -> Option<(StateBackend, String)> {
    let (message, is_store) = match (last(plan, 13), last(plan, 29)) {
        (Some(backend), _) => (backend, false),
        (None, store) => (store?, true),
    };
    let of = fields(message.bytes()?)?;
    let kind = text(last(&of, 1)?)?;
    let workspace = text(last(&of, 3)?).filter(|workspace| !workspace.is_empty())?;
    let config = match last(&of, 2) {
        Some(value) => {
            let dynamic = fields(value.bytes()?)?;
            last(&dynamic, 1).map_or(Some(serde_json::Value::Null), |packed| message_pack(packed.bytes()?))?
        }
        None => serde_json::Value::Null,
    };
    let kind = if is_store { format!("state store {kind}") } else { kind };
    Some((StateBackend::new(kind, config), workspace))
}

fn changes(plan: &[(u64, WireValue<'_>)]) -> Result<Counts, SavedPlanError> {
    let mut counts = Counts::new();
    for (number, value) in plan {
        match number {
            3 => change(*value, &mut counts)?,
            27 => change(inner_of(*value, 2).ok_or(SavedPlanError::Damaged)?, &mut counts)?,
            30 => invocation(*value, &mut counts)?,
            31 => invocation(inner_of(*value, 2).ok_or(SavedPlanError::Damaged)?, &mut counts)?,
            _ => {}
        }
    }
    Ok(counts)
}

/// A field of a message that is a field itself.
fn inner_of(value: WireValue<'_>, wanted: u64) -> Option<WireValue<'_>> {
    last(&fields(value.bytes()?)?, wanted)
}

fn change(value: WireValue<'_>, counts: &mut Counts) -> Result<(), SavedPlanError> {
    let read = || {
        let of = fields(value.bytes()?)?;
        let address = text(last(&of, 13)?)?;
        let change = fields(last(&of, 9)?.bytes()?)?;
        // a field that is 0 is left out
        let action = last(&change, 1).map_or(Some(0), WireValue::number)?;
        Some((address, action))
    };
    let (address, action) = read().ok_or(SavedPlanError::Damaged)?;
    let actions: &[PlannedAction] = match action {
        0 | 2 => &[],
        1 => &[PlannedAction::Create],
        3 => &[PlannedAction::Update],
        // the JSON leaves it out, as it changes the state alone
        5 if is_of_data(&address) => &[],
        5 => &[PlannedAction::Delete],
        6 | 7 => &[PlannedAction::Replace],
        8 => &[PlannedAction::Forget],
        // 10 is of OpenTofu, where a resource with `destroy = false` is replaced
        9 | 10 => &[PlannedAction::Create, PlannedAction::Forget],
        _ => return Err(SavedPlanError::UnknownAction(address)),
    };
    for action in actions {
        count(counts, address.clone(), *action);
    }
    Ok(())
}

fn invocation(value: WireValue<'_>, counts: &mut Counts) -> Result<(), SavedPlanError> {
    let address = inner_of(value, 1).and_then(text).ok_or(SavedPlanError::Damaged)?;
    count(counts, address, PlannedAction::Invoke);
    Ok(())
}
