//! What former states are looked at with.

use std::rc::Rc;

use crate::change::git::Repository;
use crate::gate::history::differences::Differences;
use crate::gate::history::memo::Memo;
use crate::gate::policies_then::PoliciesThen;
use crate::reach::TargetMatcher;

/// The tools with which former states are examined.
pub(crate) struct PastContext<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) matcher: &'a TargetMatcher<'a>,
    /// The policies by which former states were judged.
    pub(crate) policies: &'a PoliciesThen<'a>,
    /// The declared names that narrow the decision: the record keeps the states of such decisions apart.
    pub(crate) narrowed: Option<String>,
    pub(crate) memo: Memo,
    pub(crate) differences: Rc<Differences>,
}
