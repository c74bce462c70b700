//! A change that several policies are asked about: that in force, and those of the newest commits of its branch. Each may refuse.

use crate::decision::Verdict;
use crate::diagnostic::Faults;
use crate::gate::baseline;
use crate::gate::case::{JudgedCase, Keeping};
use crate::gate::check::{ChangeToJudge, CheckQuestion};
use crate::gate::comparison::branch_of;
use crate::gate::declared;
use crate::gate::edit::PolicyEdit;
use crate::gate::named_policy::Trusted;
use crate::gate::record_branch::RecordBranch;
use crate::gate::trust;
use crate::proof::record::ref_text;
use crate::reach::DeclaredNames;
use crate::time::instant::Instant;

/// The number of answers of several policies that are asked for to find an instant at which all of them allow a change.
const MOST_ANSWERS: usize = 200;

/// One of several policies that are asked about a change.
#[derive(Clone)]
struct AskedPolicy<'p> {
    trusted: &'p Trusted,
    edits: &'p [PolicyEdit],
    /// The declared names, as this policy knows them.
    names: DeclaredNames,
    /// The options that name it, if it is not the one in force.
    options: Vec<String>,
}

impl ChangeToJudge<'_> {
    /// The answer by the policy in force, and, where the newest commits of its branch have others, by those too: each may refuse.
    pub(super) fn by_both(&mut self, trusted: &Trusted, edits: &[PolicyEdit]) -> Result<JudgedCase, Faults> {
        let &CheckQuestion { args, world, pipeline, repository, .. } = self.question;
        self.known.check_names(&trusted.source.policy)?;
        if let Some(branch) = RecordBranch::of(&args.record)? {
            // an edit is judged by what it leaves: the one that takes a selection back has to pass
            match edits {
                [] => branch.is_not_selected(&trusted.source.policy)?,
                edits => edits.iter().try_for_each(|edit| branch.is_not_selected(&edit.new.policy))?,
            }
        }
        let is_asked_too = args.is_of_job(pipeline) && args.policy_from.is_none();
        if is_asked_too {
            edits
                .iter()
                .try_for_each(|edit| declared::stay_known(&self.names, &trusted.source.policy, &edit.new.policy))?;
        }
        self.known.settles_refused = true;
        let (Some(repository), Some(subject), true) = (repository, self.subject, is_asked_too) else {
            return self.by(trusted, edits, Keeping::Decision, None);
        };
        let newest = trust::newest(trusted, (args, world), repository, (subject, self.folded))?;
        self.known.asked_too.clone_from(&newest.unjudged);
        if let (Some(folded), Some(default)) = (self.folded, &subject.default) {
            let branch = ref_text(&branch_of(default)?);
            let refused = baseline::refused_of(folded, &branch);
            self.known.refused = Some((branch, refused));
        }
        // the process ends with the answer
        let trusted: &Trusted = if newest.warnings.is_empty() {
            trusted
        } else {
            let warnings = [&trusted.warnings[..], &newest.warnings[..]].concat();
            Box::leak(Box::new(Trusted { warnings, source: trusted.source.clone(), ..*trusted }))
        };
        if newest.others.is_empty() {
            return self.by(trusted, edits, Keeping::Decision, None);
        }
        self.by_two = true;
        let in_force = AskedPolicy { trusted, edits, names: self.names.clone(), options: Vec::new() };
        let mut asked = vec![in_force.clone()];
        for other in newest.others {
            let names = declared::as_known_by(&self.names, &trusted.source.policy, &other.source.policy);
            let commit = other.source.revision.map(|revision| revision.commit.to_string());
            let options = commit.into_iter().flat_map(|commit| ["--policy-from".to_owned(), commit]).collect();
            asked.push(AskedPolicy { trusted: Box::leak(Box::new(other)), edits: &[], names, options });
        }
        let mut deadline: Option<Instant> = None;
        let (mut settles, mut overridden) = (true, Vec::new());
        for (place, one) in asked.iter().enumerate() {
            let judged = self.by_one(one, Keeping::Nothing);
            let judged = judged.map_err(|faults| match place {
                0 => faults,
                _ => trust::or_in_force(faults, trusted.source.revision),
            })?;
            match judged.verdict {
                // that of the policy in force is made again, and holds for as long as it says
                Verdict::Allowed if place == 0 => {}
                Verdict::Allowed => {
                    deadline = deadline.into_iter().chain(judged.valid_until).min();
                    overridden.extend(judged.overridden);
                    settles = settles && self.is_settled(one.trusted)?;
                }
                Verdict::Refused => {
                    self.opens = Some(self.opens_by_all(&asked, judged.next_open)?);
                    return self.by_one(one, Keeping::Refusal);
                }
            }
        }
        self.known.settles_refused = settles;
        self.names = in_force.names;
        self.policy_options = in_force.options;
        self.overridden = overridden;
        self.by(trusted, edits, Keeping::Decision, deadline)
    }

    /// The answer by one of several policies.
    fn by_one(&mut self, one: &AskedPolicy<'_>, keeping: Keeping) -> Result<JudgedCase, Faults> {
        self.names = one.names.clone();
        self.policy_options.clone_from(&one.options);
        self.by(one.trusted, one.edits, keeping, None)
    }

    /// The first instant at which all of several policies allow the change, from `first` on, at which one that refuses now does; `None` if
    /// there is none within 400 days. If they open in turn too often, it is the last one that was found out, before which not all do.
    fn opens_by_all(&mut self, asked: &[AskedPolicy<'_>], first: Option<Instant>) -> Result<Option<Instant>, Faults> {
        let asked_at = self.asked_at.clone();
        let Some(mut at) = first else {
            return Ok(None);
        };
        let mut found = Some(at);
        // how many in a row allow it at that instant
        let mut agreed = 0;
        for one in asked.iter().cycle().take(MOST_ANSWERS) {
            self.asked_at = Some(Ok(at));
            match self.by_one(one, Keeping::Nothing)? {
                JudgedCase { verdict: Verdict::Allowed, .. } => agreed += 1,
                JudgedCase { next_open: Some(opens), .. } => (at, agreed) = (opens.max(at), 0),
                JudgedCase { next_open: None, .. } => {
                    found = None;
                    break;
                }
            }
            found = Some(at);
            if agreed == asked.len() {
                break;
            }
        }
        self.asked_at = asked_at;
        Ok(found)
    }

    /// Returns whether another policy lets the change replace it: if not, it is asked of later changes too.
    fn is_settled(&mut self, other: &Trusted) -> Result<bool, Faults> {
        match self.question.edits(other, self.subject.as_ref(), self.asked_at.as_ref()) {
            Ok((_, edits)) if edits.is_empty() => Ok(true),
            Ok((_, edits)) => Ok(self.by(other, &edits, Keeping::Nothing, None)?.verdict == Verdict::Allowed),
            // after what can't be judged, it is asked on
            Err(_) => Ok(false),
        }
    }
}
