//! Pairs of policies by chance: two that have nothing to do with each other, and one with an edit of it.

use freezegate::policy::Kind;
use proptest::prelude::Strategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::policies::drafts::{self, Draft, TargetDraft, draft};

/// Chance, the same in every run.
pub(crate) struct Chance {
    runner: TestRunner,
    state: u64,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        let mut bytes = [7_u8; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let runner = TestRunner::new_with_rng(Config::default(), rng);
        Self { runner, state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 }
    }

    /// A number below `sides`, by Marsaglia's xorshift64.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap() % sides
    }

    pub(crate) fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    pub(crate) fn one<S: Strategy>(&mut self, strategy: &S) -> S::Value {
        strategy.new_tree(&mut self.runner).unwrap().current()
    }
}

/// Two policies as text.
pub(crate) fn pair(chance: &mut Chance) -> [String; 2] {
    let old = chance.one(&draft());
    if chance.below(8) == 0 {
        let new = chance.one(&draft());
        return [worded(old.text(), chance), worded(new.text(), chance)];
    }
    let mut new = old.clone();
    for _ in 0..=chance.below(3) {
        edit(&mut new, chance);
    }
    let mut seed = Chance::new(u64::try_from(chance.below(1 << 30)).unwrap());
    // the same words in both, and then others in one
    let before = worded(old.text(), &mut seed.again());
    let mut after = worded(new.text(), &mut seed);
    if chance.below(3) == 0 {
        after = reworded(after, chance);
    }
    if chance.below(12) == 0 {
        return [after, before];
    }
    [before, after]
}

/// Targets of every environment, or of one, that capture what a policy may have no table of.
const CAPTURING: &[&str] = &[
    "paths = [\"service/{service}/**\"]\nenvironment = \"*\"",
    "paths = [\"service/{service}/**\"]\nenvironment = \"*\"\nkind = \"config\"",
    "paths = [\"service/{service}/**\"]\nenvironment = \"e0\"",
    "paths = [\"zone/{region}/**\"]\nenvironment = \"*\"",
    "paths = [\"zone/{region}/**\"]\nenvironment = \"e0\"",
    "paths = [\"zone/{region}/{service}/**\"]\nenvironment = \"*\"",
    "paths = [\"of-{service}-in-{region}/**\"]\nenvironment = \"*\"",
    "paths = [\"zone/{region}/**\"]\nservice = \"s0\"\nenvironment = \"*\"",
    "paths = [\"service/{service}/**\"]\nregion = \"r0\"\nenvironment = \"*\"",
    "refs = [\"refs/heads/{service}\"]\nenvironment = \"*\"",
    "refs = [\"refs/heads/{region}\"]\nenvironment = \"*\"",
    "refs = [\"refs/heads/{service}\"]\npaths = [\"zone/{region}/**\"]\nenvironment = \"*\"",
];

/// Two policies as text, with targets that capture services and regions, whose tables one of them may lack.
pub(crate) fn capturing_pair(chance: &mut Chance) -> [String; 2] {
    let mut old = chance.one(&draft());
    old.targets.truncate(1);
    if chance.below(2) == 0 {
        old.services.clear();
    }
    if chance.below(3) == 0 {
        old.regions.clear();
    }
    let mut new = old.clone();
    match chance.below(5) {
        0 => new.services.clear(),
        1 => new.regions.clear(),
        2 => edit(&mut new, chance),
        _ => {}
    }
    let [mut before, mut after] = [old.text(), new.text()];
    for _ in 0..=chance.below(2) {
        let target = chance.pick(CAPTURING);
        before.push_str(&format!("[[targets]]\n{target}\n"));
        let moved = match chance.below(6) {
            0 | 1 => continue,
            2 => target.replace("service/", "elsewhere/").replace("zone/", "elsewhere/").replace("of-", "elsewhere-"),
            3 => target.replace("refs/heads/", "refs/tags/"),
            4 => target.replace("/**", "/*"),
            _ => target.to_owned(),
        };
        after.push_str(&format!("[[targets]]\n{moved}\n"));
    }
    if chance.below(4) == 0 { [after, before] } else { [before, after] }
}

/// Further targets, which show kinds of what a policy may have no table of.
const SHOWING: &[&str] = &[
    "paths = [\"service/{service}/**\"]\nenvironment = \"e0\"\nkind = \"security\"",
    "paths = [\"deploy/{environment}/**\"]\nkind = \"security\"",
    "paths = [\"service/{environment}/**\"]\nkind = \"config\"",
    "paths = [\"zone/{region}/**\"]\nenvironment = \"e0\"\nkind = \"security\"",
    "paths = [\"place/**\"]\nenvironment = \"e0\"\nkind = \"security\"",
    "paths = [\"deploy/{environment}/{region}/**\"]",
    "paths = [\"deploy/{environment}/{service}/**\"]",
];

/// A policy that is edited again and again.
#[derive(Clone)]
pub(crate) struct Steps {
    draft: Draft,
    /// What stands behind the draft.
    targets: Vec<&'static str>,
    /// The words that stand for others, in turn.
    words: Vec<(&'static str, &'static str)>,
}

impl Steps {
    pub(crate) fn begin(chance: &mut Chance) -> Self {
        let mut draft = chance.one(&draft());
        if chance.below(2) == 0 {
            draft.targets.truncate(1);
        }
        match chance.below(6) {
            0 | 1 => draft.services.clear(),
            2 => draft.regions.clear(),
            _ => {}
        }
        let mut steps = Self { draft, targets: Vec::new(), words: Vec::new() };
        (0..chance.below(3)).for_each(|_| steps.add_target(chance));
        steps
    }

    fn add_target(&mut self, chance: &mut Chance) {
        let list = if chance.below(2) == 0 { CAPTURING } else { SHOWING };
        let target = chance.pick(list);
        if !self.targets.contains(&target) {
            self.targets.push(target);
        }
    }

    /// One edit: a part of the draft, a target, or a word.
    pub(crate) fn edit(&mut self, chance: &mut Chance) {
        match chance.below(6) {
            0 => self.add_target(chance),
            1 => self.words.push(chance.pick(WORDS)),
            2 => drop(self.words.pop()),
            _ => edit(&mut self.draft, chance),
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut text = self.draft.text();
        self.targets.iter().for_each(|target| text.push_str(&format!("[[targets]]\n{target}\n")));
        self.words.iter().fold(text, |text, (from, to)| text.replace(from, to))
    }
}

impl Chance {
    fn again(&mut self) -> Self {
        let mut other = Self::new(1);
        other.state = self.state;
        other
    }
}

/// Changes one part of a policy.
fn edit(draft: &mut Draft, chance: &mut Chance) {
    match chance.below(14) {
        0 => {
            let other = chance.one(&drafts::region());
            let count = draft.regions.len();
            match chance.below(4) {
                0 if count < 4 => draft.regions.push(other),
                1 => drop(draft.regions.pop()),
                _ if count > 0 => draft.regions[chance.below(count)] = other,
                _ => {}
            }
        }
        1 if !draft.regions.is_empty() => {
            let count = draft.regions.len();
            let region = &mut draft.regions[chance.below(count)];
            match chance.below(3) {
                0 => region.has_holidays = !region.has_holidays,
                1 => region.core_hours = chance.one(&proptest::collection::vec(drafts::hours(), 0..=2)),
                _ => drop(region.zones.pop().filter(|_| region.zones.is_empty()).map(|zone| region.zones.push(zone))),
            }
        }
        2 => match chance.below(3) {
            0 if draft.environments.len() < 4 => draft.environments.push(chance.one(&drafts::environment())),
            1 if draft.environments.len() > 1 => drop(draft.environments.pop()),
            _ => {
                let count = draft.environments.len();
                draft.environments[chance.below(count)] = chance.one(&drafts::environment());
            }
        },
        3..=6 => {
            let other = chance.one(&drafts::environment());
            let count = draft.environments.len();
            let one = &mut draft.environments[chance.below(count)];
            match chance.below(6) {
                0 => one.regions = other.regions,
                1 => one.during_core_hours = other.during_core_hours,
                2 => one.exempt = other.exempt,
                3 => one.minutes = other.minutes,
                4 => one.settle = other.settle,
                _ => one.change_windows = other.change_windows,
            }
        }
        7 => match chance.below(3) {
            0 if draft.services.len() < 3 => draft.services.push(chance.one(&drafts::indexes())),
            1 => drop(draft.services.pop()),
            _ if !draft.services.is_empty() => {
                let count = draft.services.len();
                draft.services[chance.below(count)] = chance.one(&drafts::indexes());
            }
            _ => {}
        },
        8 | 9 => match chance.below(4) {
            3 if !draft.targets.is_empty() => {
                let count = draft.targets.len();
                *kinds_of(&mut draft.targets[chance.below(count)]) = chance.one(&drafts::shown_kinds());
            }
            0 => draft.targets.push(chance.one(&drafts::target())),
            1 => drop(draft.targets.pop()),
            _ if !draft.targets.is_empty() => {
                let count = draft.targets.len();
                draft.targets[chance.below(count)] = chance.one(&drafts::target());
            }
            _ => {}
        },
        10 => draft.freezes.push(chance.one(&drafts::freeze())),
        11 => drop(draft.freezes.pop()),
        _ if !draft.freezes.is_empty() => {
            let other = chance.one(&drafts::freeze());
            let count = draft.freezes.len();
            let one = &mut draft.freezes[chance.below(count)];
            match chance.below(8) {
                0 => one.window = other.window,
                1 => one.zone = other.zone,
                2 => one.level = other.level,
                3 => one.environments = other.environments,
                4 => one.regions = other.regions,
                5 => one.services = other.services,
                6 => one.kinds = other.kinds,
                _ => one.exempt = other.exempt,
            }
        }
        _ => draft.freezes.push(chance.one(&drafts::freeze())),
    }
}

/// The kinds that a target shows.
const fn kinds_of(target: &mut TargetDraft) -> &mut Vec<Kind> {
    match target {
        TargetDraft::Captured(kinds)
        | TargetDraft::OfService(_, kinds)
        | TargetDraft::Shared(kinds)
        | TargetDraft::Named(_, _, kinds)
        | TargetDraft::Anything(_, _, kinds)
        | TargetDraft::OfRef(_, kinds) => kinds,
    }
}

/// Words that may stand for others in the text of a policy.
const WORDS: &[(&str, &str)] = &[
    ("paths = [\"place/**\"]", "paths = [\"place/*\"]"),
    ("paths = [\"place/**\"]", "paths = [\"**\"]"),
    ("paths = [\"place/**\"]", "paths = [\"place/**\", \"more/**\"]"),
    ("paths = [\"place/**\"]", "paths = [\"place/**\"]\nexcept = [\"place/a\"]"),
    ("paths = [\"place/**\"]", "paths = [\"place/**\"]\nrefs = [\"refs/heads/main\"]"),
    ("paths = [\"place/**\"]", "paths = [\"place/**\"]\nrefs = [\"refs/**\"]"),
    ("paths = [\"place/**\"]", "refs = [\"refs/heads/*\"]"),
    ("paths = [\"place/**\"]", "paths = [\"place\"]"),
    ("paths = [\"place/**\"]", "paths = [\"place/a\"]"),
    ("paths = [\"place/**\"]", "paths = [\"**/place/**\"]"),
    ("paths = [\"place/**\"]", "paths = [\"place/**/a\"]"),
    ("paths = [\"place/**\"]", "paths = [\"place/**\"]\nexcept = [\"**/a\"]"),
    ("paths = [\"place/**\"]", "paths = ['\\[x\\]', \"place/**\"]"),
    ("paths = [\"shared/**\"]", "paths = [\"shared\"]"),
    ("paths = [\"shared/**\"]", "paths = [\"shared/*\", \"shared/**\"]"),
    ("paths = [\"shared/**\"]", "paths = [\"Shared/**\"]"),
    ("paths = [\"service/{service}/**\"]", "paths = [\"service/{service}/*\"]"),
    ("paths = [\"service/{service}/**\"]", "paths = [\"**/{service}/**\"]"),
    ("deploy/{environment}/", "*/{environment}/"),
    ("deploy/{environment}/", "deploy/x-{environment}/"),
    ("aliases = [\"alias0\"]", "aliases = [\"alias1\"]"),
    ("aliases = [\"alias1\"]", "aliases = [\"alias0\"]"),
    ("aliases = [\"alias0\"]", "aliases = [\"e9\", \"E1\"]"),
    ("aliases = [\"alias1\"]", ""),
    ("aliases = [\"alias0\"]", "evidence = \"required\"\naliases = [\"alias0\"]"),
    ("aliases = [\"alias1\"]", "evidence = \"required\"\naliases = [\"alias1\"]"),
    ("duration", "evidence = \"required\"\nduration"),
    ("[environments.e1]\n", "[environments.e8]\n"),
    ("[environments.e0]\naliases = [\"alias0\"]", "[environments.alias0]\naliases = [\"e0\"]"),
    ("valid_until = 2027-03-31", "valid_until = 2027-04-30"),
    ("valid_until = 2027-03-31", "valid_until = 2029-04-30"),
    ("valid_until = 2027-03-31", ""),
    ("2026-03-29, ", ""),
    ("dates = [2025-12-25, ", "dates = [2025-12-25, 2026-07-01, 2028-05-04, "),
    ("[calendars.holidays]", "[rollback]\nwithin = \"100h\"\n[calendars.holidays]"),
    ("level = \"hard\"", "level = \"soft\""),
    ("exempt = [", "exempt = [\"security\", "),
];

/// The text with some words exchanged, in all places alike.
fn worded(mut text: String, chance: &mut Chance) -> String {
    for _ in 0..chance.below(4) {
        let (from, to) = chance.pick(WORDS);
        text = text.replace(from, to);
    }
    text
}

/// The text with one word exchanged in one place.
fn reworded(text: String, chance: &mut Chance) -> String {
    let (from, to) = chance.pick(WORDS);
    let turn = chance.below(2) == 0 && !to.is_empty();
    let (from, to) = if turn { (to, from) } else { (from, to) };
    text.replacen(from, to, 1)
}
