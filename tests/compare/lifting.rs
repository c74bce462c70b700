//! Who may override what, by chance: lifts, groups and keys of two policies, held against what grants with real signatures lift.
//!
//! The oracle knows nothing of the comparison: it signs a grant with each small set of keys and asks
//! [`Grant::check`](freezegate::proof::grant::Grant::check) and [`incident_alone`] what that lifts under either policy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use freezegate::policy::compare::{ComparisonOptions, PolicyPart, compare};
use freezegate::policy::{FindingId, Level, Policy};
use freezegate::proof::grant::{
    BoundChange, ChangeAtHand, ChangedRef, Circumstances, Grant, NAMESPACE, Spending, Terms, incident_alone,
    policy_digest,
};
use freezegate::reach::{self, Declared, DeclaredNames, PolicyOpening, ShownHazard};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use ssh_key::private::Ed25519Keypair;
use ssh_key::public::{Ed25519PublicKey, KeyData};
use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey};

use crate::compare::edits::Chance;
use crate::policies::files::Memory;

/// One environment, and a freeze of each level that can be lifted, and freezes of one hazard and of two.
const PROBE: &str = "version = 1\n[environments.e]\n\
    [[freezes]]\nname = \"hard\"\nhours = [\"Sat 00:00-24:00\"]\ntimezone = \"UTC\"\n\
    [[freezes]]\nname = \"soft\"\nhours = [\"Sat 00:00-24:00\"]\ntimezone = \"UTC\"\nlevel = \"soft\"\n\
    [[freezes]]\nname = \"a\"\nhours = [\"Sat 00:00-24:00\"]\ntimezone = \"UTC\"\nlevel = \"soft\"\nhazards = [\"a\"]\n\
    [[freezes]]\nname = \"b and a\"\nhours = [\"Sat 00:00-24:00\"]\ntimezone = \"UTC\"\nhazards = [\"b\", \"a\"]\n";
const PEOPLE: [&str; 4] = ["ada@example.com", "ben@example.com", "cleo@example.com", "dora@example.com"];
/// Whose the keys are: Ada has two.
const KEYS: [usize; 5] = [0, 1, 2, 3, 0];
const OPTIONS: [&str; 6] = [
    "",
    "",
    "namespaces=\"freezegate-grant\" ",
    "namespaces=\"git\" ",
    "valid-before=\"20260601Z\" ",
    "valid-after=\"20260601Z\" ",
];
const DIFFERENCE: &str = "3f2c1a9000000000000000000000000000000000000000000000000000000000";
/// 2026-05-20T00:00:00Z and 2026-06-10T00:00:00Z: before and after keys begin and cease to count.
const TIMES: [Instant; 2] = [Instant::from_second(1_779_235_200), Instant::from_second(1_781_049_600)];

fn key(number: usize) -> PrivateKey {
    let seed = [u8::try_from(number).unwrap() + 1; 32];
    PrivateKey::from(Ed25519Keypair::from_seed(&seed))
}

/// A line of a roster; the key is read, and nobody has the private one.
pub(crate) fn roster_line(person: &str, number: u32) -> String {
    let mut bytes = [7; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    let key = PublicKey::from(KeyData::from(Ed25519PublicKey(bytes)));
    format!("{person} {}\n", key.to_openssh().unwrap())
}

/// Lifts with all that they depend on.
#[derive(Debug, Clone)]
pub(crate) struct LiftsDraft {
    /// Keys and options, by their numbers.
    roster: BTreeMap<usize, usize>,
    /// Names and members.
    groups: Vec<(&'static str, Vec<usize>)>,
    lifts: Vec<LiftDraft>,
}

#[derive(Debug, Clone)]
struct LiftDraft {
    covers: &'static str,
    /// Groups by their places; beyond them, anyone.
    signed: Vec<usize>,
    flags: [bool; 3],
    max_duration: Option<&'static str>,
}

fn lift(chance: &mut Chance) -> LiftDraft {
    let incident = chance.below(3) == 0;
    LiftDraft {
        covers: chance.pick(&[
            "level = \"soft\"",
            "level = \"hard\"",
            "finding = \"policy-change\"",
            "level = \"soft\"\nhazards = [\"a\"]",
            "level = \"hard\"\nhazards = [\"a\", \"b\"]",
        ]),
        signed: (0..chance.below(3)).map(|_| chance.below(3)).collect(),
        flags: [incident, chance.below(4) == 0, incident && chance.below(3) == 0],
        max_duration: chance.pick(&[None, None, Some("30m"), Some("2h")]),
    }
}

fn members(chance: &mut Chance) -> Vec<usize> {
    let mut members: Vec<usize> = (0..=chance.below(3)).map(|_| chance.below(PEOPLE.len())).collect();
    members.sort_unstable();
    members.dedup();
    members
}

/// Lifts by chance.
pub(crate) fn lifts(chance: &mut Chance) -> LiftsDraft {
    let roster = (0..KEYS.len()).filter(|key| *key < 4 || chance.below(2) == 0).collect::<Vec<_>>();
    LiftsDraft {
        roster: roster.into_iter().map(|key| (key, chance.below(OPTIONS.len()))).collect(),
        groups: vec![("oncall", members(chance)), ("leads", members(chance))],
        lifts: (0..=chance.below(3)).map(|_| lift(chance)).collect(),
    }
}

impl LiftsDraft {
    /// Changes one part, or only how it is written.
    pub(crate) fn edit(&mut self, chance: &mut Chance) {
        let count = self.lifts.len();
        let place = chance.below(count.max(1));
        match chance.below(16) {
            0 => self.lifts.push(lift(chance)),
            1 if count > 1 => drop(self.lifts.remove(place)),
            2 => self.lifts[place] = lift(chance),
            3 => self.lifts[place].signed.push(chance.below(3)),
            4 => drop(self.lifts[place].signed.pop()),
            5 => {
                let flag = chance.below(3);
                self.lifts[place].flags[flag] ^= true;
            }
            6 => self.lifts[place].max_duration = chance.pick(&[None, Some("30m"), Some("2h")]),
            7 => self.lifts[place].covers = lift(chance).covers,
            8 => {
                let group = chance.below(2);
                self.groups[group].1 = members(chance);
            }
            9 => drop(self.roster.insert(chance.below(KEYS.len()), chance.below(OPTIONS.len()))),
            10 => drop(self.roster.remove(&4)),
            // the same in other words
            11 => self.lifts.reverse(),
            12 => self.groups[0].0 = "night",
            13 => self.lifts[place].signed.reverse(),
            14 => self.groups[1].1.reverse(),
            _ => {
                let again = self.lifts[place].clone();
                self.lifts.push(again);
            }
        }
    }

    /// The tables of a policy.
    pub(crate) fn text(&self) -> String {
        let quoted = |names: Vec<&str>| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let groups = self.groups.iter().map(|(name, members)| {
            format!("{name} = [{}]", quoted(members.iter().map(|member| PEOPLE[*member]).collect()))
        });
        let groups = groups.collect::<Vec<_>>().join(", ");
        let hazards = "[hazards.a]\nresources = [\"t\"]\n[hazards.b]\nresources = [\"u\"]\n";
        let mut text = format!("{hazards}[approvers]\nallowed_signers = \"roster\"\ngroups = {{ {groups} }}\n");
        for lift in &self.lifts {
            let names = lift.signed.iter().map(|group| self.groups.get(*group).map_or("any", |(name, _)| *name));
            let [incident, requester, author] = lift.flags;
            write!(text, "[[lifts]]\n{}\nsigned = [{}]\n", lift.covers, quoted(names.collect())).unwrap();
            for (name, is_set) in [("incident", incident), ("requester", requester), ("author", author)] {
                if is_set {
                    writeln!(text, "{name} = true").unwrap();
                }
            }
            if let Some(most) = lift.max_duration {
                writeln!(text, "max_duration = \"{most}\"").unwrap();
            }
        }
        text
    }

    /// The roster as OpenSSH writes it.
    pub(crate) fn roster(&self) -> String {
        let lines = self.roster.iter().map(|(number, options)| {
            let public = key(*number).public_key().to_openssh().unwrap();
            format!("{} {}{public}\n", PEOPLE[KEYS[*number]], OPTIONS[*options])
        });
        lines.collect()
    }

    /// A policy of nothing but these, and what they lift; `None` if they contradict themselves.
    fn probe(&self) -> Option<Policy> {
        Memory::one(format!("{PROBE}{}", self.text())).with("roster", self.roster()).load().ok()
    }
}

/// What is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Freeze(Level),
    /// The freeze of this level that names hazards.
    Hazards(Level),
    PolicyChange(Level),
}

impl Need {
    const fn level(self) -> Level {
        match self {
            Self::Freeze(level) | Self::Hazards(level) | Self::PolicyChange(level) => level,
        }
    }
}

const NEEDS: [Need; 6] = [
    Need::Freeze(Level::Soft),
    Need::Freeze(Level::Hard),
    Need::Hazards(Level::Soft),
    Need::Hazards(Level::Hard),
    Need::PolicyChange(Level::Soft),
    Need::PolicyChange(Level::Hard),
];

/// A grant, and the change that it is for, whatever the policy.
#[derive(Debug, Clone)]
pub(crate) struct Signing {
    /// The keys, each once.
    keys: Vec<usize>,
    requester: &'static str,
    author: &'static str,
    pusher: Option<&'static str>,
    has_incident: bool,
    seconds: Seconds,
    at: Instant,
}

/// At most three signatures, by chance.
pub(crate) fn signing(chance: &mut Chance) -> Signing {
    let mut keys: Vec<usize> = (0..chance.below(4)).map(|_| chance.below(KEYS.len())).collect();
    keys.sort_unstable();
    keys.dedup();
    Signing {
        keys,
        requester: chance.pick(&["rita@example.com", "rita@example.com", PEOPLE[0], PEOPLE[1]]),
        author: chance.pick(&["rita@example.com", "rita@example.com", PEOPLE[0], PEOPLE[2]]),
        pusher: chance.pick(&[None, None, Some(PEOPLE[0])]),
        has_incident: chance.below(2) == 0,
        seconds: chance.pick(&[Seconds::new(1200), Seconds::new(3600), Seconds::new(3601), Seconds::new(7200)]),
        at: chance.pick(&TIMES),
    }
}

impl Signing {
    /// Returns whether it lifts that under a policy made by [`LiftsDraft::probe`].
    fn lifts(&self, need: Need, policy: &Policy) -> bool {
        let id = match need {
            Need::Freeze(level) => format!("freeze/{}", level.as_str()),
            Need::Hazards(Level::Soft) => "freeze/a".to_owned(),
            Need::Hazards(Level::Hard | Level::Warn) => "freeze/b and a".to_owned(),
            Need::PolicyChange(_) => "policy-change".to_owned(),
        };
        // without any signature an incident alone may do
        if let (true, true, Need::Freeze(level) | Need::Hazards(level)) =
            (self.keys.is_empty(), self.has_incident, need)
        {
            let is_of_hazards = matches!(need, Need::Hazards(_));
            let alone = incident_alone(policy, "INC-7", true, self.at, is_of_hazards);
            let id = FindingId::read(&id).unwrap();
            if alone.is_ok_and(|all| all.iter().any(|granted| granted.lifts(&id, level, Some("e"), None))) {
                return true;
            }
        }
        let terms = Terms {
            id: "grant-0001".to_owned(),
            repository: "example.com/shop".to_owned(),
            environments: vec!["e".to_owned()],
            regions: Vec::new(),
            lifts: vec![id],
            reason: "logins fail".to_owned(),
            incident: self.has_incident.then(|| "INC-7".to_owned()),
            requester: self.requester.to_owned(),
            not_before: self.at - Seconds::new(60),
            expires: self.at - Seconds::new(60) + self.seconds,
            policy: String::new(),
            change: Some(BoundChange {
                reference: "refs/heads/main".to_owned(),
                difference: DIFFERENCE.to_owned(),
                range: format!("{0}..{0}", "1".repeat(40)),
            }),
            command: None,
        };
        let text = Terms { policy: policy_digest(policy, &terms), ..terms }.to_text().unwrap();
        let sign = |number: &usize| {
            let signature = key(*number).sign(NAMESPACE, HashAlg::Sha512, text.as_bytes()).unwrap();
            signature.to_pem(LineEnding::LF).unwrap().trim_end().to_owned() + "\n"
        };
        let signatures: String = self.keys.iter().map(sign).collect();
        let grant = Grant::read("grant", (text.clone() + &signatures).as_bytes()).unwrap();
        let said = DeclaredNames { environments: vec!["e".to_owned()], ..DeclaredNames::default() };
        let declared = Declared::resolve(&said, policy).unwrap();
        let mut reach = reach::declared(policy, &declared);
        if let Need::Hazards(_) = need {
            let all = policy.hazards.iter();
            reach.hazards =
                all.map(|one| ShownHazard { hazard: Arc::clone(one), changes: Vec::new(), more: 0 }).collect();
        }
        if let Need::PolicyChange(level) = need {
            let (file, message) = ("freezegate.toml".to_owned(), String::new());
            reach.policy_openings.push(PolicyOpening { environment: None, level, file, place: None, message });
        }
        let parts = [ChangedRef {
            reference: Some("refs/heads/main".to_owned()),
            difference: Ok(DIFFERENCE.to_owned()),
            environments: None,
        }];
        let pushers: Vec<String> = self.pusher.iter().map(|name| (*name).to_owned()).collect();
        let spent = BTreeSet::new();
        let change = ChangeAtHand {
            repository: Some("example.com/shop"),
            parts: &parts,
            command: None,
            has_plan: false,
            reach: &reach,
            authors: Ok(&[self.author.to_owned()]),
            pushers: &pushers,
            incident: None,
        };
        let now = Circumstances { at: self.at, policy, change: Some(change), spent: Spending::Recorded(&spent) };
        grant.check(&now).is_ok()
    }

    /// The levels of freezes that it lifts; `None` if the lifts contradict themselves.
    pub(crate) fn levels(&self, lifts: &LiftsDraft) -> Option<Vec<Level>> {
        let policy = lifts.probe()?;
        Some([Level::Soft, Level::Hard].into_iter().filter(|level| self.lifts(Need::Freeze(*level), &policy)).collect())
    }
}

/// Tries pairs of lifts with the seeds of `seeds`; returns how many opened nothing, and how many grants told them apart.
fn try_lifts(seeds: std::ops::Range<u64>) -> (usize, usize, usize) {
    let (mut same, mut lifted, mut apart) = (0, 0, 0);
    for seed in seeds {
        let mut chance = Chance::new(seed);
        let before = lifts(&mut chance);
        let mut after = before.clone();
        for _ in 0..=chance.below(2) {
            after.edit(&mut chance);
        }
        let (Some(old), Some(new)) = (before.probe(), after.probe()) else {
            continue;
        };
        let comparison = compare(&old, &new, &ComparisonOptions::at(Instant::from_second((TIMES[0]).as_second())));
        assert!(comparison.openings.iter().all(|one| one.part == PolicyPart::Lift), "seed {seed}");
        let opens = comparison.opens();
        same += usize::from(opens.is_none());
        for _ in 0..12 {
            let signing = signing(&mut chance);
            let need = chance.pick(&NEEDS);
            if opens >= Some(need.level()) && chance.below(8) > 0 {
                continue;
            }
            let (may, may_now) = (signing.lifts(need, &old), signing.lifts(need, &new));
            lifted += usize::from(may);
            if may != may_now {
                apart += 1;
                assert!(
                    opens >= Some(need.level()),
                    "seed {seed}: {signing:?} lifts {need:?}: {may}, then {may_now}, and the comparison says {opens:?}\n\
                     --- old\n{}{}\n--- new\n{}{}",
                    before.text(),
                    before.roster(),
                    after.text(),
                    after.roster()
                );
            }
        }
    }
    (same, lifted, apart)
}

#[test]
fn nobody_may_lift_more_or_less_if_nothing_opens() {
    let (same, lifted, apart) = try_lifts(0..2_000);
    assert!(same > 150 && lifted > 300 && apart > 30, "{same} {lifted} {apart}");
}
