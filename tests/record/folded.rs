//! What a record comes to is what all of its entries say.

use freezegate::policy::{Kind, KindSet, OrganisationVersion};
use freezegate::proof::record::{
    Chain, Decided, Digest, Extent, Folded, MOST_FORMER_STATES, MOST_REFS, RecordEntry, RecordedBase, RecordedChange,
    RecordedMode, RecordedOutcome, RecordedStanding, RecordedState,
};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

use crate::record::decisions::{MORNING, change, decided};
use crate::record::dice::Dice;
use crate::record::oracle::{Oracle, OracleBase, OracleJudgedBy, OracleState, brings};

const MAIN: &str = "refs/heads/main";
const ENVIRONMENTS: [&str; 3] = ["production", "staging", "none"];
const REFS: [&str; 4] = [MAIN, "refs/heads/release", "refs/tags/v1", ""];
const COMMITS: [&str; 4] = ["-", "A", "a", "B"];
const REPOSITORIES: [Option<&str>; 3] = [Some("shop"), Some("another"), None];

/// An entry as it would be in a record; its hash is none.
fn entry(sequence: u64, decided: Decided) -> RecordEntry {
    let hash = |sequence: u64| Digest::of(&sequence.to_be_bytes());
    RecordEntry {
        schema: freezegate::proof::record::Schema::V1,
        sequence,
        previous: (sequence > 1).then(|| hash(sequence - 1)),
        run: String::new(),
        decided,
        left_out: 0,
        folded: None,
        hash: hash(sequence),
    }
}

fn pick<T: Copy>(dice: &mut Dice, from: &[T]) -> T {
    from[usize::try_from(dice.up_to(from.len() as u64 - 1)).unwrap()]
}

const NARROWED: [Option<&str>; 4] = [None, None, None, Some("region=eu")];
const SCOPES: [Option<&str>; 4] = [None, None, Some("one"), Some("another")];

/// A decision by chance, in which no ref stands twice.
pub(crate) fn by_chance(dice: &mut Dice, at: Instant) -> Decided {
    let mut changes: Vec<RecordedChange> = Vec::new();
    let mode = pick(dice, &[RecordedMode::Check, RecordedMode::PreReceive, RecordedMode::Run]);
    let repository = pick(dice, &REPOSITORIES);
    let is_proposed = dice.up_to(4) == 0;
    // entries of older versions, which name no repository, tell of none
    let deployed = repository.is_some() && dice.up_to(2) > 0;
    for _ in 0..=dice.up_to(2) {
        let reference = pick(dice, &REFS);
        if changes.iter().any(|change| change.reference.as_deref().unwrap_or_default() == reference) {
            continue;
        }
        let environments: &[&str] = pick(dice, &[&["production"][..], &["production", "staging"], &[]]);
        // one that can't stand in the text of all states
        let mut commit = || if dice.up_to(20) == 0 { "é" } else { pick(dice, &COMMITS) };
        let (old, new) = (commit(), commit());
        let plain = change(reference, environments, old, new);
        // a server's decisions are never narrowed
        let narrowed = pick(dice, &NARROWED).filter(|_| mode == RecordedMode::Check).map(str::to_owned);
        let (whole, tree_wide) = match dice.up_to(3) {
            0 | 1 if narrowed.is_none() => (plain.whole, Vec::new()),
            0..=2 => (Vec::new(), plain.whole),
            _ => (Vec::new(), Vec::new()),
        };
        changes.push(RecordedChange {
            reference: (!reference.is_empty()).then(|| reference.to_owned()),
            whole,
            tree_wide,
            narrowed,
            scope: pick(dice, &SCOPES).map(str::to_owned),
            proposed: is_proposed,
            deployed,
            everything: dice.up_to(7) == 0,
            ..plain
        });
    }
    Decided {
        changes,
        mode,
        standing: pick(
            dice,
            &[
                RecordedStanding::Enforcement,
                RecordedStanding::Enforcement,
                RecordedStanding::Enforcement,
                RecordedStanding::Advice,
            ],
        ),
        repository: repository.map(str::to_owned),
        administrators_policy: dice.up_to(4) == 0,
        organisation: (dice.up_to(3) == 0)
            .then(|| OrganisationVersion { name: "example".to_owned(), serial: dice.up_to(5) + 1 }),
        kinds: if dice.up_to(5) == 0 { KindSet::NONE.with(Kind::Rollback) } else { KindSet::NONE },
        policy: Digest::of(&[pick(dice, &[1, 1, 2])]),
        // one that can't stand in the text of all states
        policy_commit: pick(dice, &[None, Some("c1"), Some("c1"), Some("c2"), Some("é")]).map(str::to_owned),
        spent: if dice.up_to(5) == 0 { vec![format!("grant-{}", dice.up_to(9))] } else { Vec::new() },
        ..decided(at, pick(dice, &[RecordedOutcome::Allowed, RecordedOutcome::Allowed, RecordedOutcome::Refused]))
    }
}

/// A state as both tell it. Where a job deployed once more what was there, there is one state, of the last decision.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    sequence: u64,
    from: Instant,
    mode: RecordedMode,
    is_proposed: bool,
    is_rollback: bool,
    reference: Option<String>,
    narrowed: Option<String>,
    scope: Option<String>,
    is_plain: bool,
    is_tree_wide: bool,
    judged_by: OracleJudgedBy,
    points: [Option<String>; 4],
    next: Option<[Option<String>; 2]>,
}

fn of_folded(state: &RecordedState<'_>) -> Seen {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Seen {
        sequence: state.sequence,
        from: state.from,
        mode: state.mode,
        is_proposed: state.is_proposed,
        is_rollback: state.is_rollback,
        reference: owned(state.reference),
        narrowed: owned(state.narrowed),
        scope: owned(state.scope),
        is_plain: state.is_plain,
        is_tree_wide: state.is_tree_wide,
        judged_by: (state.judged_by.digest.to_owned(), owned(state.judged_by.commit)),
        points: [state.commit, state.tree, state.base_commit, state.base_tree].map(owned),
        next: state.seen_next.map(|(commit, tree)| [owned(commit), owned(tree)]),
    }
}

fn of_oracle(oracle: &Oracle, environment: &str, state: &OracleState<'_>) -> Seen {
    let (change, decided) = (state.change, &state.entry.decided);
    let next =
        change.reference.as_deref().and_then(|name| oracle.seen_next().get(&(state.entry.sequence, name)).copied());
    Seen {
        sequence: state.entry.sequence,
        from: Instant::from_second(state.from().as_second()),
        mode: decided.mode,
        is_proposed: change.proposed,
        is_rollback: state.is_rollback(),
        reference: change.reference.clone(),
        narrowed: change.narrowed.clone(),
        scope: change.scope.clone(),
        is_plain: change.narrowed.is_none() && change.whole.iter().any(|name| name == environment),
        is_tree_wide: change.whole.iter().chain(&change.tree_wide).any(|name| name == environment),
        judged_by: state.judged_by(),
        points: [&change.commit, &change.tree, &change.base_commit, &change.base_tree].map(Clone::clone),
        next: next
            .filter(|_| decided.mode == RecordedMode::PreReceive)
            .map(|next| [next.base_commit.clone(), next.base_tree.clone()]),
    }
}

/// One state for what was deployed once more, with nothing else brought in between by `all` entries.
fn merged(states: Vec<Seen>, brought: &dyn Fn(u64, u64) -> bool) -> Vec<Seen> {
    let mut all: Vec<Seen> = Vec::new();
    for state in states {
        let [commit, tree, base_commit, base_tree] = &state.points;
        let is_same = (commit, tree) == (base_commit, base_tree) && state.mode == RecordedMode::Check;
        match all.last_mut() {
            Some(last)
                if is_same
                    && last.mode == RecordedMode::Check
                    && (&last.reference, &last.narrowed, last.is_proposed)
                        == (&state.reference, &state.narrowed, state.is_proposed)
                    && last.is_rollback == state.is_rollback
                    && last.points[..2] == state.points[..2]
                    && !brought(last.sequence, state.sequence) =>
            {
                last.sequence = state.sequence;
                last.is_plain |= state.is_plain;
                last.is_tree_wide |= state.is_tree_wide;
            }
            Some(_) | None => all.push(state),
        }
    }
    all
}

fn base(base: RecordedBase<'_>) -> OracleBase<'_> {
    match base {
        RecordedBase::Untold => OracleBase::Untold,
        RecordedBase::Unknown => OracleBase::Unknown,
        RecordedBase::Known { commit, tree, .. } => OracleBase::Known(commit, tree),
    }
}

/// The refs, each with and without what narrows decisions.
fn chains() -> impl Iterator<Item = Chain<'static>> {
    let named = REFS.iter().map(|name| (!name.is_empty()).then_some(*name));
    named.flat_map(|name| {
        let of_jobs = [Chain::of_job(name, None), Chain::of_job(name, Some("region=eu"))];
        let proposed = of_jobs.map(|chain| Chain { proposed: true, ..chain });
        of_jobs.into_iter().chain(proposed).chain([Chain::of_hook(name)])
    })
}

/// Holds what is folded against all entries, for one who asks.
fn hold_against(folded: &Folded, entries: &[RecordEntry], asking: &str, round: u64) {
    let oracle = Oracle::new(entries, Some(asking));
    let folded = folded.clone().asked_by(Some(asking.to_owned()));
    assert_eq!(folded.newest(), oracle.newest());
    assert_eq!(folded.organisation(), oracle.organisation(), "round {round}");
    assert_eq!(*folded.spent(), oracle.spent());
    let of_any_repository = |environment: &str| -> Vec<u64> {
        let all = REPOSITORIES.iter().map(|name| Oracle::new(entries, Some(name.unwrap_or_default())));
        all.flat_map(|one| {
            let states = one.states_by_any_ref(environment);
            states.iter().map(|state| state.entry.sequence).collect::<Vec<u64>>()
        })
        .collect()
    };
    let is_alone = |environment: &str, sequence: u64| {
        let entry = &entries[usize::try_from(sequence).unwrap() - 1];
        entry.decided.changes.iter().filter(|change| brings(entry, change, environment)).count() == 1
    };
    for environment in ENVIRONMENTS {
        let brought = of_any_repository(environment);
        let is_between = |one: u64, other: u64| {
            // by an equal policy, and both or none from a commit
            let judged_by = [one, other].map(|sequence| {
                let decided = &entries[usize::try_from(sequence).unwrap() - 1].decided;
                (decided.policy, decided.policy_commit.is_some())
            });
            judged_by[0] != judged_by[1]
                || brought.iter().any(|sequence| one < *sequence && *sequence < other)
                || !is_alone(environment, one)
                || !is_alone(environment, other)
        };
        for chain in chains() {
            let name = (chain.reference, chain.narrowed, chain.mode, chain.proposed);
            let what = format!("round {round}: {environment} on {name:?} asked by `{asking}`");
            for extent in [Extent::Tree, Extent::Paths] {
                let expected = oracle.base(environment, name, extent == Extent::Tree);
                assert_eq!(base(folded.base(environment, chain, extent)), expected, "{what}, {extent:?}");
            }
            let told: Vec<Seen> = folded.states(environment, chain).iter().map(of_folded).collect();
            let all =
                oracle.states(environment, name).iter().map(|state| of_oracle(&oracle, environment, state)).collect();
            assert_eq!(told, merged(all, &is_between), "{what}");
            let counts = |state: &RecordedState<'_>| state.is_tree_wide && state.mode == RecordedMode::Check;
            let own = folded.states(environment, chain);
            let compared = own.iter().rfind(|state| state.is_tree_wide);
            let brought = own.iter().rfind(|state| state.commit.is_some() && counts(state));
            let differs = |state: &RecordedState<'_>| compared.is_none_or(|own| state.tree != own.tree);
            let mut expected: Vec<u64> = Vec::new();
            let ways = [None, Some("region=eu")].into_iter().flat_map(|narrowed| [(narrowed, false), (narrowed, true)]);
            for way in ways {
                let others = chains().filter(|other| (other.narrowed, other.proposed) == way && *other != chain);
                let newest = others.filter_map(|other| {
                    let states = folded.states(environment, other);
                    states.into_iter().rfind(|state| state.commit.is_some() && counts(state))
                });
                let newest: Vec<RecordedState<'_>> = newest.collect();
                let last = newest.iter().map(|state| state.sequence).max();
                let mut last = newest.iter().filter(|state| Some(state.sequence) == last);
                let found = last.find(|state| differs(state)).map(|state| state.sequence);
                expected.extend(found.filter(|found| brought.is_none_or(|own| *found >= own.sequence)));
            }
            let is_by_others = chains().filter(|other| *other != chain).any(|other| {
                let states = folded.states(environment, other);
                states.iter().any(|state| state.commit.is_some() && counts(state))
            });
            assert_eq!(folded.is_brought_by_others(environment, chain, &counts), is_by_others, "{what}");
            let found = folded.brought_elsewhere(environment, chain, &counts).unwrap();
            assert_eq!(found.iter().map(|state| state.sequence).collect::<Vec<u64>>(), expected, "{what}");
        }
        let told: Vec<Seen> = folded.states_by_any_ref(environment, &|_| true).iter().map(of_folded).collect();
        let all =
            oracle.states_by_any_ref(environment).iter().map(|state| of_oracle(&oracle, environment, state)).collect();
        assert_eq!(told, merged(all, &is_between), "round {round}: {environment} asked by `{asking}`");
        for pair in folded.states_by_any_ref(environment, &|_| true).windows(2) {
            assert_eq!(pair[0].until, Some(pair[1].from));
        }
        let asked =
            COMMITS.iter().flat_map(|commit| REPOSITORIES.iter().map(move |name| (format!("commit{commit}"), *name)));
        for ((commit, repository), scope) in asked.flat_map(|one| [None, Some("one")].map(|scope| (one.clone(), scope)))
        {
            let current = folded.current_whole(environment, (&commit, scope), repository);
            assert_eq!(
                current.map(|current| {
                    let by = current.judged_by;
                    (current.reference, (by.digest.to_owned(), by.commit.map(str::to_owned)))
                }),
                oracle.current_whole(environment, (&commit, scope), repository),
                "round {round}: {environment}, {commit} of {repository:?} asked by `{asking}`"
            );
        }
    }
    for branch in [MAIN, "refs/heads/release", "refs/heads/none"] {
        assert_eq!(base(folded.newest_of_branch(branch)), oracle.newest_of_branch(branch), "round {round}: {branch}");
    }
}

/// A few thousand records by chance, each asked after every entry, with the folded state written and read in between.
#[test]
fn what_is_folded_says_what_all_entries_say() {
    let mut dice = Dice::new(11);
    for round in 0..400 {
        let (mut folded, mut entries) = (Folded::default(), Vec::new());
        for sequence in 1..=dice.up_to(11) + 1 {
            let minute = i64::try_from(sequence).unwrap() * 60;
            let next = entry(sequence, by_chance(&mut dice, MORNING + Seconds::new(minute)));
            folded.add(&next);
            entries.push(next);
            folded = Folded::from_bytes(&folded.to_bytes().unwrap()).unwrap();
            assert_eq!((folded.sequence(), folded.last()), (sequence, Some(Digest::of(&sequence.to_be_bytes()))));
        }
        for asking in ["shop", "another", "a third", ""] {
            hold_against(&folded, &entries, asking, round);
        }
    }
}

/// Of what was replaced longer ago than a rollback may reach, what has the tree of the state before it is dropped, and nothing else; never the
/// last state, the last one of another tree, and the one that replaced that.
#[test]
fn every_tree_is_kept_in_its_order_however_old() {
    let mut dice = Dice::new(12);
    let (mut dropped, mut old) = (0, 0);
    for round in 0..600 {
        let within = pick(&mut dice, &[0, 60, 240]);
        let mode = pick(&mut dice, &[RecordedMode::Check, RecordedMode::PreReceive]);
        let has_looks = pick(&mut dice, &[false, true]);
        let most = pick(&mut dice, &[0, 1, 3]);
        let (mut folded, mut entries) = (Folded::default(), Vec::new());
        let (mut state, mut at) = (0, MORNING);
        for sequence in 1..=dice.up_to(30) + 1 {
            at += Seconds::new(i64::try_from(dice.up_to(120)).unwrap());
            let new = dice.up_to(most);
            let name = |state: u64| if state == 0 { "-".to_owned() } else { format!("{state}") };
            let one = Decided {
                changes: vec![RecordedChange {
                    whole: if has_looks && dice.up_to(2) > 0 { Vec::new() } else { vec!["production".to_owned()] },
                    everything: has_looks,
                    ..change(MAIN, &["production"], &name(state), &name(new))
                }],
                rollback_within: Some(Seconds::new(within)),
                mode,
                ..decided(at, RecordedOutcome::Allowed)
            };
            state = new;
            let next = entry(sequence, one);
            folded.add(&next);
            entries.push(next);
        }
        let oracle = Oracle::new(&entries, None);
        let all: Vec<Seen> = oracle
            .states("production", (Some(MAIN), None, mode, false))
            .iter()
            .map(|state| of_oracle(&oracle, "production", state))
            .collect();
        let all = merged(all, &|_, _| false);
        let chain = Chain { mode, ..Chain::of_job(Some(MAIN), None) };
        let kept: Vec<Seen> = folded.states("production", chain).iter().map(of_folded).collect();
        let kept_of_all: Vec<&Seen> = all.iter().filter(|state| kept.contains(state)).collect();
        assert_eq!(kept.iter().collect::<Vec<_>>(), kept_of_all, "round {round}: of {all:?}");
        let tree = |state: &Seen| state.points[1].clone();
        let last = all.last().unwrap();
        let former = all.iter().rposition(|state| tree(state) != tree(last));
        let tree_wide = all.iter().rfind(|state| state.is_tree_wide);
        let needed = [Some(last), former.map(|at| &all[at]), former.map(|at| &all[at + 1]), tree_wide];
        for state in needed.into_iter().flatten() {
            assert!(kept.contains(state), "round {round}: {state:?} is missing in {kept:?}");
        }
        // what deploys a state once more drops nothing
        let at = last.from;
        for (number, state) in all.iter().enumerate() {
            let can_be_gone_back_to = all.get(number + 1).is_none_or(|next| next.from >= at - Seconds::new(within));
            if kept.contains(state) {
                old += usize::from(!can_be_gone_back_to);
            } else {
                assert!(!can_be_gone_back_to, "round {round}: {state:?} could be gone back to at {at:?}, of {all:?}");
                let before = number.checked_sub(1).map(|before| tree(&all[before]));
                assert_eq!(before, Some(tree(state)), "round {round}: {state:?} is missing, of {all:?}");
                dropped += 1;
            }
        }
        assert_eq!(folded.complete_since("production"), None, "round {round}");
    }
    assert!(dropped > 500 && old > 500, "{dropped}, {old}");
}

/// A server whose ref gets commit after commit of one tree, each of which is a state: what is known of it does not grow.
#[test]
fn states_of_one_tree_are_bounded_too() {
    for begins_with_another in [false, true] {
        let mut folded = Folded::default();
        let mut sequence = 0;
        let mut push = |old: &str, new: &str, minutes: u64| {
            sequence += 1;
            let at = MORNING + Seconds::new(60 * i64::try_from(minutes).unwrap());
            let changes = vec![change(MAIN, &["production"], old, new)];
            let one = Decided {
                changes,
                mode: RecordedMode::PreReceive,
                rollback_within: Some(Seconds::new(3600)),
                ..decided(at, RecordedOutcome::Allowed)
            };
            folded.add(&entry(sequence, one));
        };
        if begins_with_another {
            push("-", "B", 0);
            push("B", "A", 1);
        } else {
            push("-", "A", 1);
        }
        for number in 2..2000 {
            push("A", if number % 2 == 0 { "a" } else { "A" }, number);
        }
        let states = folded.states("production", Chain::of_hook(Some(MAIN)));
        assert!(states.len() <= 60 + 4, "{}", states.len());
        if begins_with_another {
            assert_eq!(states[0].tree, Some("treeB"));
            assert_eq!(
                states[0].until,
                Some(MORNING + Seconds::new(60)),
                "it was replaced when the first of the others came"
            );
        }
    }
}

fn on(reference: &str, new: &str) -> Decided {
    Decided {
        changes: vec![change(reference, &["production"], "-", new)],
        ..decided(MORNING, RecordedOutcome::Allowed)
    }
}

/// Of a ref that may have been forgotten nothing is known, rather than that it is new; and a rollback among refs that were
/// forgotten is none.
#[test]
fn what_is_forgotten_is_known_to_be() {
    for (kind, other) in [("refs/tags/v", "refs/heads/b"), ("refs/heads/b", "refs/tags/v")] {
        let mut folded = Folded::default();
        let mut sequence = 0;
        let mut add = |folded: &mut Folded, decided: Decided| {
            sequence += 1;
            folded.add(&entry(
                sequence,
                Decided { at: MORNING + Seconds::new(i64::try_from(sequence).unwrap()), ..decided },
            ));
        };
        let policy = Decided {
            changes: vec![RecordedChange { holds_policy: true, ..change(MAIN, &["production"], "-", "M") }],
            ..decided(MORNING, RecordedOutcome::Allowed)
        };
        add(&mut folded, policy);
        for number in 0..2 * MOST_REFS {
            add(&mut folded, on(&format!("{kind}{number}"), "A"));
        }
        let is_known = |folded: &Folded, name: &str| {
            matches!(
                folded.base("production", Chain::of_job(Some(name), None), Extent::Paths),
                RecordedBase::Known { .. }
            )
        };
        let branches = kind.starts_with("refs/heads/");
        // the branch of the policy counts as one of the branches of the environment
        assert_eq!(is_known(&folded, &format!("{kind}0")), !branches);
        add(&mut folded, on(&format!("{kind}last"), "A"));
        assert!(!is_known(&folded, &format!("{kind}0")) && is_known(&folded, &format!("{kind}last")));
        let newest = format!("{kind}{}", 2 * MOST_REFS - 1);
        assert!(is_known(&folded, &newest));
        assert_eq!(
            folded.base("production", Chain::of_job(Some(&format!("{kind}0")), None), Extent::Paths),
            RecordedBase::Unknown
        );
        assert_eq!(
            folded.base("production", Chain::of_job(Some(&format!("{kind}never")), None), Extent::Paths),
            RecordedBase::Unknown
        );
        assert_eq!(
            folded.base("production", Chain::of_job(Some(&format!("{other}never")), None), Extent::Paths),
            RecordedBase::Untold
        );
        assert!(folded.complete_since("production").is_some_and(|since| since > MORNING));
        // what others brought since the policy's branch did may be among what was forgotten
        let chain = Chain::of_job(Some(MAIN), None);
        assert_eq!(folded.brought_elsewhere("production", chain, &|state| state.is_tree_wide), None);
        assert!(matches!(folded.newest_of_branch(MAIN), RecordedBase::Known { commit: Some("commitM"), .. }));
        assert!(folded.refs_of("production").count() <= 2 * MOST_REFS + 1);
        let bytes = folded.to_bytes().unwrap().len();
        assert!(bytes < 500_000, "{bytes}");
    }
}

#[test]
fn more_states_than_are_kept_are_known_to_be_forgotten() {
    let mut folded = Folded::default();
    let name = |number: usize| if number == 0 { "-".to_owned() } else { number.to_string() };
    for number in 1..=MOST_FORMER_STATES + 5 {
        let one = Decided {
            changes: vec![change(MAIN, &["production"], &name(number - 1), &name(number))],
            ..decided(MORNING + Seconds::new(i64::try_from(number).unwrap()), RecordedOutcome::Allowed)
        };
        folded.add(&entry(u64::try_from(number).unwrap(), one));
    }
    assert_eq!(folded.states("production", Chain::of_job(Some(MAIN), None)).len(), MOST_FORMER_STATES);
    assert_eq!(folded.complete_since("production"), Some(MORNING + Seconds::new(6)));
}
