//! The policies by which former states were judged, compared with the one that judges now.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::change::git::{CommitId, ObjectId, ReflogEntry, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::comparison::Move;
use crate::gate::fault::fault;
use crate::gate::in_force::{self, InForce};
use crate::gate::request::PolicyPlace;
use crate::gate::source::{self, CommitPolicy, PolicySource};
use crate::gate::world::World;
use crate::policy::Policy;
use crate::proof::record::JudgedBy;
use crate::reach::covered::{PolicyCoverage, leads};

/// The most policies that are read to find out for what former states were judged.
const MOST_POLICIES: usize = 1_000;

/// The policy by which a state was judged.
#[derive(Clone)]
pub(crate) enum PolicyThen {
    /// One that leads each path where the one leads it that judges now; or one of which nothing can say what it was: an administrator's
    /// file, of which no record is kept.
    Same,
    /// Another one.
    Other(Rc<PolicySource>),
    /// None, or none that can be had: the state counts as judged for nothing.
    Nothing,
}

/// The policy that judged when a ref was moved, as the log of the ref shows it.
pub(crate) enum ToldByLog {
    /// Nothing, as the policy is not read from a branch.
    Nothing,
    /// There was none, or it is not known which.
    NoPolicy,
    /// It was that in force on a branch that held this.
    InForceAt(Revision),
}

/// Finds the policy that was in force when a ref was moved.
pub(crate) type FindByLog<'a> = &'a dyn Fn(&Move<'_>, &ReflogEntry) -> Result<ToldByLog, Faults>;

/// Finds the policies by which former states were judged, each once.
pub(crate) struct PoliciesThen<'a> {
    now: &'a Policy,
    args: &'a PolicyPlace,
    world: &'a dyn World,
    repository: &'a Repository,
    by_log: Option<FindByLog<'a>>,
    digest: String,
    /// The place where it leads what, see [`leads`].
    leads: OnceCell<String>,
    /// By digest and commit.
    recorded: RefCell<HashMap<(String, Option<String>), PolicyThen>>,
    /// By the commit that a branch held.
    in_force: RefCell<HashMap<CommitId, PolicyThen>>,
    /// Those that logs led to, each with what held it.
    read: RefCell<Vec<(Revision, Rc<PolicySource>, PolicyThen)>>,
    count: Cell<usize>,
}

impl<'a> PoliciesThen<'a> {
    /// For a change that `now` judges, which `args` name. Without `by_log` logs show nothing.
    pub(crate) fn new(
        now: &'a Policy,
        (args, world, repository): (&'a PolicyPlace, &'a dyn World, &'a Repository),
        by_log: Option<FindByLog<'a>>,
    ) -> Self {
        Self {
            now,
            args,
            world,
            repository,
            by_log,
            digest: now.sources.digest(),
            leads: OnceCell::new(),
            recorded: RefCell::default(),
            in_force: RefCell::default(),
            read: RefCell::default(),
            count: Cell::new(0),
        }
    }

    /// Returns whether a state of the record that was allowed as a whole is known to have been so for all that an environment serves now.
    pub(crate) fn covers(&self, judged_by: JudgedBy<'_>, environment: &str) -> bool {
        match self.of_record(judged_by) {
            Ok(PolicyThen::Same) => true,
            Ok(PolicyThen::Other(then)) => PolicyCoverage::new(&then.policy, self.now).environment(environment),
            Ok(PolicyThen::Nothing) | Err(_) => false,
        }
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
        self.count_one()?;
        let place = "the policy that judged then";
        Ok(match source::look_up_then(self.args, self.world, self.repository, revision, &place)?.found {
            // another file may be named by now
            CommitPolicy::Loads(source) if source.policy.sources.digest() == digest => self.as_now(&Rc::new(*source)),
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
        let held = match by_log(one, moved)? {
            ToldByLog::Nothing => return Ok(PolicyThen::Same),
            ToldByLog::NoPolicy => return Ok(PolicyThen::Nothing),
            ToldByLog::InForceAt(held) => held,
        };
        if let Some(known) = self.in_force.borrow().get(&held.commit) {
            return Ok(known.clone());
        }
        let found = self.in_force_at(held)?;
        self.in_force.borrow_mut().insert(held.commit, found.clone());
        Ok(found)
    }

    fn in_force_at(&self, held: Revision) -> Result<PolicyThen, Faults> {
        for (at, source, known) in self.read.borrow().iter() {
            if in_force::is_same_policy(self.repository, source, *at, held)? {
                return Ok(known.clone());
            }
        }
        self.count_one()?;
        match in_force::of_branch_alone(self.args, self.world, self.repository, held, &"the default branch")? {
            InForce::Policy { source, .. } => {
                let source = Rc::new(*source);
                let known = self.as_now(&source);
                self.read.borrow_mut().push((held, source, known.clone()));
                Ok(known)
            }
            InForce::Never { .. } => Ok(PolicyThen::Nothing),
        }
    }

    fn as_now(&self, source: &Rc<PolicySource>) -> PolicyThen {
        let leads_alike = || leads(&source.policy) == *self.leads.get_or_init(|| leads(self.now));
        let is_same = source.policy.sources.digest() == self.digest || leads_alike();
        if is_same { PolicyThen::Same } else { PolicyThen::Other(Rc::clone(source)) }
    }

    fn count_one(&self) -> Result<(), Faults> {
        self.count.set(self.count.get().saturating_add(1));
        if self.count.get() <= MOST_POLICIES {
            return Ok(());
        }
        let cause = format!("more than {MOST_POLICIES} policies judged the states to roll back to");
        Err(Faults::one(
            Diagnostic::error(Code::NoEvidence, cause).help("override the refusal: `freezegate grant new`"),
        ))
    }
}
