//! The policies by which former states were judged, held against the one that judges now.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::change::git::ObjectId;
use crate::change::git::RefName;
use crate::change::git::ReflogEntry;
use crate::change::git::Repository;
use crate::cli::args::PolicyArgs;
use crate::cli::edge::Edge;
use crate::diagnostic::Code;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::Faults;
use crate::gate::comparison::Move;
use crate::gate::fault::fault;
use crate::gate::source;
use crate::gate::source::CommitPolicy;
use crate::gate::source::Source;
use crate::policy::Policy;
use crate::proof::record::JudgedBy;
use crate::reach::covered::Coverage;

/// The most policies that are read to find out for what former states were judged.
const MOST_POLICIES: usize = 100;

/// The policy by which a state was judged.
#[derive(Clone)]
pub(crate) enum PolicyThen {
    /// The one that judges now, or one of which nothing can tell what it was: an administrator's file, of which no record is kept.
    Same,
    /// This one.
    Other(Rc<Source>),
    /// None, or none that can be had: the state counts as judged for nothing.
    Nothing,
}

/// What the log of a ref tells of the policy that judged when the ref was moved.
pub(crate) enum ToldByLog {
    /// Nothing, as the policy is not read from a branch.
    Nothing,
    /// There was none.
    NoPolicy,
    /// It was this one.
    Policy(Box<Source>),
}

/// Finds the policy that was in force when a ref was moved.
pub(crate) type FindByLog<'a> = &'a dyn Fn(&Move<'_>, &ReflogEntry) -> Result<ToldByLog, Faults>;

/// A ref, what it held before and after it moved, and when that was, in seconds since 1970-01-01T00:00:00Z.
type MovedKey = (Option<RefName>, [ObjectId; 2], i64);

/// Finds the policies by which former states were judged, each once.
pub(crate) struct PoliciesThen<'a> {
    now: &'a Policy,
    args: &'a PolicyArgs,
    edge: &'a Edge,
    repository: &'a Repository,
    by_log: Option<FindByLog<'a>>,
    digest: String,
    recorded: RefCell<HashMap<(String, Option<String>), PolicyThen>>,
    logged: RefCell<HashMap<MovedKey, PolicyThen>>,
    read: RefCell<usize>,
}

impl<'a> PoliciesThen<'a> {
    /// For a change that `now` judges, which `args` name. Without `by_log` logs tell nothing.
    pub(crate) fn new(
        now: &'a Policy,
        (args, edge, repository): (&'a PolicyArgs, &'a Edge, &'a Repository),
        by_log: Option<FindByLog<'a>>,
    ) -> Self {
        Self {
            now,
            args,
            edge,
            repository,
            by_log,
            digest: now.sources.digest(),
            recorded: RefCell::default(),
            logged: RefCell::default(),
            read: RefCell::default(),
        }
    }

    /// Whether a state of the record that was let through as a whole was so for all that an environment serves now.
    ///
    /// # Errors
    ///
    /// Objects that this repository lacks, with the command that fetches them.
    pub(crate) fn covers(&self, judged_by: JudgedBy<'_>, environment: &str) -> Result<bool, Faults> {
        Ok(match self.of_record(judged_by)? {
            PolicyThen::Same => true,
            PolicyThen::Other(then) => Coverage::new(&then.policy, self.now).environment(environment),
            PolicyThen::Nothing => false,
        })
    }

    /// The policy that judged a state of the record.
    ///
    /// # Errors
    ///
    /// Objects that this repository lacks, with the command that fetches them.
    pub(crate) fn of_record(&self, judged_by: JudgedBy<'_>) -> Result<PolicyThen, Faults> {
        if judged_by.digest == self.digest {
            return Ok(PolicyThen::Same);
        }
        let key = (judged_by.digest.to_owned(), judged_by.commit.map(str::to_owned));
        if let Some(known) = self.recorded.borrow().get(&key) {
            return Ok(known.clone());
        }
        let found = match judged_by.commit {
            Some(commit) => self.of_commit(commit, judged_by.digest)?,
            None => PolicyThen::Nothing,
        };
        self.recorded.borrow_mut().insert(key, found.clone());
        Ok(found)
    }

    /// The policy of this digest that a commit has.
    fn of_commit(&self, commit: &str, digest: &str) -> Result<PolicyThen, Faults> {
        let Some(revision) =
            ObjectId::from_hex(commit).and_then(|id| self.repository.revision_at(id)).map_err(fault)?
        else {
            return Ok(PolicyThen::Nothing);
        };
        self.count()?;
        let place = "the policy that judged then";
        Ok(match source::look_up(self.args, self.edge, self.repository, revision, &place)?.found {
            // another file may be named by now
            CommitPolicy::Loads(source) if source.policy.sources.digest() == digest => {
                PolicyThen::Other(Rc::new(*source))
            }
            CommitPolicy::Loads(_) | CommitPolicy::Absent | CommitPolicy::Wrong(_) => PolicyThen::Nothing,
        })
    }

    /// The policy that was in force when a ref was moved.
    ///
    /// # Errors
    ///
    /// Objects that this repository lacks, with the command that fetches them.
    pub(crate) fn of_log(&self, one: &Move<'_>, moved: &ReflogEntry) -> Result<PolicyThen, Faults> {
        let Some(by_log) = self.by_log else {
            return Ok(PolicyThen::Same);
        };
        let key = (one.name.clone(), [moved.old, moved.new], moved.who.seconds);
        if let Some(known) = self.logged.borrow().get(&key) {
            return Ok(known.clone());
        }
        self.count()?;
        let found = match by_log(one, moved)? {
            ToldByLog::Nothing => PolicyThen::Same,
            ToldByLog::NoPolicy => PolicyThen::Nothing,
            ToldByLog::Policy(source) if source.policy.sources.digest() == self.digest => PolicyThen::Same,
            ToldByLog::Policy(source) => PolicyThen::Other(Rc::new(*source)),
        };
        self.logged.borrow_mut().insert(key, found.clone());
        Ok(found)
    }

    fn count(&self) -> Result<(), Faults> {
        let mut read = self.read.borrow_mut();
        *read = read.saturating_add(1);
        if *read <= MOST_POLICIES {
            return Ok(());
        }
        let cause = format!("more than {MOST_POLICIES} policies judged the states that this change could go back to");
        Err(Faults::one(
            Diagnostic::error(Code::NoEvidence, cause)
                .help("an override lets the change through: `freezegate grant new`"),
        ))
    }
}
