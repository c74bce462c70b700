//! Whose signatures stand below a grant, and whether they suffice.

use crate::policy::person::{PersonNames, grouped, same_person};
use crate::policy::roster::{Roster, without_person};
use crate::policy::{Approvers, Level, Lift, LiftNeed, Signers};
use crate::proof::grant::check::{ChangeAtHand, Circumstances, Spending};
use crate::proof::grant::fault::{GrantFault, MissingSignature, PUSHER};
use crate::proof::grant::told;
use crate::proof::grant::{Grant, LONGEST_FOR_INCIDENT, NAMESPACE};
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// A person who signed, by all lines of the roster that they signed by; the first is what people are shown.
pub(in crate::proof) struct Signed<'r> {
    principals: Vec<&'r str>,
    names: PersonNames,
}

impl<'r> Signed<'r> {
    /// Those who signed by these lines of the roster, each person once.
    pub(in crate::proof) fn persons(principals: &[&'r str]) -> Vec<Self> {
        let groups = grouped(principals);
        let mut signed: Vec<(usize, Self)> = Vec::new();
        for (principal, group) in principals.iter().zip(groups) {
            match signed.iter_mut().find(|(known, _)| *known == group) {
                Some((_, person)) => {
                    person.principals.push(principal);
                    person.names.join(PersonNames::of(principal));
                }
                None => {
                    signed.push((group, Self { principals: vec![principal], names: PersonNames::of(principal) }));
                }
            }
        }
        signed.into_iter().map(|(_, person)| person).collect()
    }

    pub(in crate::proof) fn name(&self) -> &'r str {
        self.principals.first().copied().unwrap_or_default()
    }

    /// By which of `others` the person is known, if by any.
    fn among<'o>(&self, others: &[(&'o String, PersonNames)]) -> Option<&'o String> {
        others.iter().find(|(_, names)| self.names.meets(names)).map(|(other, _)| *other)
    }

    pub(in crate::proof) fn belongs(&self, signers: &Signers, approvers: &Approvers) -> bool {
        match signers {
            Signers::Any => true,
            Signers::Group(name) => approvers
                .groups
                .iter()
                .filter(|group| group.name == *name)
                .any(|group| group.members.iter().any(|member| self.principals.contains(&member.as_str()))),
        }
    }
}

/// The role of a person in the change and in the grant.
struct PersonRoles<'c> {
    pusher: Option<&'c String>,
    author: Option<&'c String>,
    requester: Option<&'c String>,
}

impl Grant {
    /// Lists who of the roster signed it with a key that counts at `at`, each person once.
    #[must_use]
    pub fn signed_by<'r>(&self, roster: &'r Roster, at: Instant) -> Vec<&'r str> {
        self.signers(roster, at, &mut Vec::new()).iter().map(Signed::name).collect()
    }

    /// Lists why signatures of it do not count by the roster at `at`, whatever the policy asks for.
    #[must_use]
    pub fn uncounted_signatures(&self, roster: &Roster, at: Instant) -> Vec<GrantFault> {
        let mut faults = Vec::new();
        self.signers(roster, at, &mut faults);
        faults
    }

    pub(super) fn check_signatures(&self, now: &Circumstances<'_>, needs: &[LiftNeed], faults: &mut Vec<GrantFault>) {
        if needs.is_empty() {
            if self.signatures.is_empty() {
                faults.push(GrantFault::Unsigned);
            }
            return;
        }
        let Some((approvers, roster)) = now.policy.approvers.as_ref().and_then(|one| Some((one, one.roster.as_ref()?)))
        else {
            return self.check_without_roster(now, needs, faults);
        };
        let mut doubts = Vec::new();
        let signed = self.signers(roster, now.at, &mut doubts);
        let parts = self.parts(&signed, now);
        let unmet =
            self.unmet(now, needs, |lift, level| self.problems((lift, level), approvers, (&signed, &parts), now));
        // what is doubtful about a signature matters only where one is missing
        if !unmet.is_empty() {
            for doubt in doubts.into_iter().chain(unmet) {
                if !faults.contains(&doubt) {
                    faults.push(doubt);
                }
            }
        }
    }

    /// Without a roster only a lift that asks for no signature can be met.
    fn check_without_roster(&self, now: &Circumstances<'_>, needs: &[LiftNeed], faults: &mut Vec<GrantFault>) {
        let unmet = self.unmet(now, needs, |lift, level| {
            let mut problems = self.terms_problems((lift, level), now);
            if !lift.signed.is_empty() {
                problems.push(GrantFault::NoRoster);
            }
            problems
        });
        for fault in unmet {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }

    /// Returns what is missing for the levels for which no lift is met.
    fn unmet(
        &self,
        now: &Circumstances<'_>,
        needs: &[LiftNeed],
        problems: impl Fn(&Lift, Level) -> Vec<GrantFault>,
    ) -> Vec<GrantFault> {
        let mut unmet = Vec::new();
        for need in needs {
            let lifts: Vec<&Lift> = now.policy.lifts.iter().filter(|lift| lift.is_for(need)).collect();
            if lifts.is_empty() {
                unmet.push(GrantFault::NotLiftable(need.level));
                continue;
            }
            let found: Vec<Vec<GrantFault>> = lifts.into_iter().map(|lift| problems(lift, need.level)).collect();
            if found.iter().all(|problems| !problems.is_empty()) {
                unmet.extend(found.into_iter().flatten());
            }
        }
        unmet
    }

    /// Returns who signed, each person once; and what is wrong with the other signatures.
    fn signers<'r>(&self, roster: &'r Roster, at: Instant, doubts: &mut Vec<GrantFault>) -> Vec<Signed<'r>> {
        let mut lines: Vec<(&'r str, usize)> = Vec::new();
        for (number, signature) in (1..).zip(&self.signatures) {
            let Some(signer) = roster.signers().iter().find(|signer| signature.is_of(&signer.key)) else {
                doubts.push(GrantFault::Stranger {
                    number,
                    fingerprint: signature.fingerprint(),
                    roster: roster.path().to_owned(),
                });
                continue;
            };
            let person = signer.principal.as_str();
            if let Err(fault) = signature.verify(&signer.key, NAMESPACE, self.signed().as_bytes()) {
                doubts.push(GrantFault::Signature { number, person: Some(person.to_owned()), fault });
                continue;
            }
            if let Err(fault) = signer.permits(NAMESPACE, at) {
                doubts.push(GrantFault::Key { person: person.to_owned(), fault });
                continue;
            }
            match lines.iter().find(|(known, _)| *known == person) {
                Some((_, line)) => {
                    let other_key = *line != signer.line;
                    doubts.push(GrantFault::Again { person: person.to_owned(), other: None, other_key });
                }
                None => lines.push((person, signer.line)),
            }
        }
        let principals: Vec<&'r str> = lines.into_iter().map(|(person, _)| person).collect();
        let signed = Signed::persons(&principals);
        for person in &signed {
            for other in person.principals.iter().skip(1).map(|other| Some((*other).to_owned())) {
                doubts.push(GrantFault::Again { person: person.name().to_owned(), other, other_key: true });
            }
        }
        signed
    }

    fn parts<'c>(&'c self, signed: &[Signed<'_>], now: &Circumstances<'c>) -> Vec<PersonRoles<'c>> {
        fn read(texts: &[String]) -> Vec<(&String, PersonNames)> {
            texts.iter().map(|text| (text, PersonNames::of(text))).collect()
        }
        let requester = read(std::slice::from_ref(&self.terms.requester));
        let (pushers, authors) = match now.change {
            Some(ChangeAtHand { pushers, authors: Ok(authors), .. }) => (read(pushers), read(authors)),
            Some(ChangeAtHand { pushers, authors: Err(_), .. }) => (read(pushers), Vec::new()),
            None => (Vec::new(), Vec::new()),
        };
        let parts = signed.iter().map(|person| PersonRoles {
            pusher: person.among(&pushers),
            author: person.among(&authors),
            requester: person.among(&requester),
        });
        parts.collect()
    }

    /// Returns what of the terms keeps this lift from being met.
    fn terms_problems(&self, (lift, level): (&Lift, Level), now: &Circumstances<'_>) -> Vec<GrantFault> {
        let terms = &self.terms;
        let mut problems = Vec::new();
        let incident = terms.incident.as_deref().or_else(|| now.change.as_ref().and_then(|change| change.incident));
        let incident = incident.filter(|incident| told::incident(incident).is_ok());
        if lift.incident && incident.is_none() {
            problems.push(GrantFault::NoIncident(level));
        }
        let most = if lift.author { LONGEST_FOR_INCIDENT } else { Seconds::MAX };
        let longest = lift.max_duration.unwrap_or(Seconds::MAX).min(most);
        if terms.lasts() > longest {
            problems.push(GrantFault::TooLong(level, terms.lasts().saturating_sub(longest)));
        }
        if lift.signed.is_empty() && self.signatures.is_empty() && matches!(now.spent, Spending::Unrecorded) {
            problems.push(GrantFault::Unrecorded);
        }
        problems
    }

    /// Returns what is missing for this lift.
    fn problems(
        &self,
        (lift, level): (&Lift, Level),
        approvers: &Approvers,
        (signed, parts): (&[Signed<'_>], &[PersonRoles<'_>]),
        now: &Circumstances<'_>,
    ) -> Vec<GrantFault> {
        let mut problems = self.terms_problems((lift, level), now);
        if !lift.author
            && !lift.signed.is_empty()
            && let Some(Err(cause)) = now.change.map(|change| change.authors)
        {
            problems.push(GrantFault::UnknownAuthors(cause.to_owned()));
        }
        let mut excluded = Vec::new();
        let mut counted: Vec<&Signed<'_>> = Vec::new();
        for (person, parts) in signed.iter().zip(parts) {
            match barred(lift, parts) {
                None => counted.push(person),
                Some((known_as, part)) => excluded.push(GrantFault::Party {
                    person: person.name().to_owned(),
                    known_as: known_as.clone(),
                    part,
                }),
            }
        }
        let able = |signers: &Signers| -> Vec<&str> {
            counted.iter().filter(|person| person.belongs(signers, approvers)).map(|person| person.name()).collect()
        };
        let choices: Vec<Vec<&str>> = lift.signed.iter().map(able).collect();
        let lacking = without_person(&choices);
        if !lacking.is_empty() {
            problems.append(&mut excluded);
            // whoever signed already can't sign once more, nor can the requester
            let requester = if lift.requester { None } else { Some(self.terms.requester.as_str()) };
            let signers = lacking.iter().filter_map(|index| lift.signed.get(*index));
            let missing = signers.map(|signers| missing_signature(signers, approvers, signed, requester));
            problems.push(GrantFault::Missing { level, wanted: lift.signed.len(), missing: missing.collect() });
        }
        problems
    }
}

/// Returns why a person may not sign for this lift: by what name they take part in the change, and how. A lift that lets an author sign
/// does so also where they push it themselves.
fn barred<'c>(lift: &Lift, parts: &PersonRoles<'c>) -> Option<(&'c String, &'static str)> {
    let is_let = lift.author && parts.author.is_some();
    let pusher = parts.pusher.filter(|_| !is_let).map(|name| (name, PUSHER));
    let author = parts.author.filter(|_| !lift.author).map(|name| (name, "an author of the change"));
    let requester = parts.requester.filter(|_| !lift.requester).map(|name| (name, "the requester"));
    pusher.or(author).or(requester)
}

/// Returns a signature that is missing, with everybody who may give it beside those who `signed` and the requester.
pub(in crate::proof) fn missing_signature(
    signers: &Signers,
    approvers: &Approvers,
    signed: &[Signed<'_>],
    requester: Option<&str>,
) -> MissingSignature {
    let has_signed = |name: &str| {
        let names = PersonNames::of(name);
        signed.iter().any(|person| person.names.meets(&names))
    };
    let may_sign = |name: &&str| !has_signed(name) && !requester.is_some_and(|requester| same_person(name, requester));
    let (group, able): (_, Vec<&str>) = match signers {
        Signers::Any => {
            let roster = approvers.roster.iter().flat_map(|roster| roster.signers());
            (None, roster.map(|signer| signer.principal.as_str()).filter(may_sign).collect())
        }
        Signers::Group(name) => {
            let groups = approvers.groups.iter().filter(|group| group.name == *name);
            (Some(name.clone()), groups.flat_map(|group| &group.members).map(String::as_str).filter(may_sign).collect())
        }
    };
    let mut by: Vec<String> = Vec::new();
    for name in able {
        if !by.iter().any(|known| known == name) {
            by.push(name.to_owned());
        }
    }
    MissingSignature { group, by }
}
