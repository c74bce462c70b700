//! Where the parts of a mapping are the same, a change reaches under the old policy what it reaches under the new one.

use freezegate::change::DeclaredNames;
use freezegate::policy::Policy;
use freezegate::proof::record::{MOST_MAPPING_PARTS, Mapping};
use freezegate::reach::{Because, Reach};

use crate::decided::Tried;
use crate::edits::{Chance, capturing_pair, pair};
use crate::files::Memory;
use crate::sound::{CAPTURED_PATHS, CAPTURED_REFS, PATHS, REFS};

/// The places that a change reaches, each with what of the policy maps it there. Of which service that is does not matter: the same path
/// was let through in the same place.
fn reached(reach: &Reach, policy: &Policy) -> Vec<(Vec<String>, [Option<String>; 2])> {
    let mapped = policy.mapping();
    let of_one = |one: &freezegate::reach::Reached| {
        let Because::Shown { policy: place, .. } = &one.because else {
            return None;
        };
        let environment = one.environment.name.clone();
        let by = [*place].into();
        let parts = mapped.of_environment(&environment).chain(mapped.of_targets(&by));
        let region = one.region.as_ref().map(|region| region.name.clone());
        Some((parts.collect(), [Some(environment), region]))
    };
    reach.reached.iter().filter_map(of_one).collect()
}

const POLICY: &str = r#"version = 1
[regions.eu]
timezones = ["Europe/Berlin"]
[regions.us]
timezones = ["America/New_York"]
[services.web]
regions = ["eu"]
[services.db]
[environments.production]
regions = ["eu"]
aliases = ["live"]
[environments.staging]
[[targets]]
paths = ["deploy/{environment}/**"]
[[targets]]
paths = ["services/{service}/**"]
environment = "production"
[[targets]]
refs = ["refs/tags/web/*"]
environment = "production"
service = "web"
"#;

/// What an edit leaves as it was mapped: production and staging as a whole, then each of the three targets.
fn left_alone(edit: impl Fn(&str) -> String) -> [bool; 5] {
    let [old, new] = [POLICY.to_owned(), edit(POLICY)].map(|text| Memory::one(text).load().unwrap());
    let (before, now) = (Mapping::of(old.mapping().parts()), Mapping::of(new.mapping().parts()));
    let whole = |name: &str| before.covers(&now.need(new.mapping().of_environment(name).collect::<Vec<String>>()));
    let target = |number: usize| {
        let by = [new.targets[number].place].into();
        before.covers(&now.need(new.mapping().of_targets(&by).collect::<Vec<String>>()))
    };
    [whole("production"), whole("staging"), target(0), target(1), target(2)]
}

#[test]
fn an_edit_takes_the_states_of_what_it_maps_alone() {
    let replaced = |from: &'static str, to: &'static str| {
        move |text: &str| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        }
    };
    let all = [true; 5];
    // other words for the same, and what says when and not where
    assert_eq!(left_alone(|text| format!("# a comment\n{text}")), all);
    assert_eq!(left_alone(replaced("[regions.eu]", "[regions.eu]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]")), all);
    assert_eq!(
        left_alone(|text| format!("{text}[[targets]]\npaths = [\"batch/**\"]\nenvironment = \"production\"\n")),
        all
    );
    assert_eq!(left_alone(replaced("[services.db]", "[services.db]\n[services.new]")), all);
    // whom an environment or a service serves
    let regions = replaced("regions = [\"eu\"]\naliases", "regions = [\"eu\", \"us\"]\naliases");
    assert_eq!(left_alone(regions), [false, true, true, true, true]);
    let asia = |text: &str| format!("{text}[regions.asia]\ntimezones = [\"Asia/Tokyo\"]\n");
    assert_eq!(left_alone(asia), [true, false, true, true, true]);
    let web = replaced("[services.web]\nregions = [\"eu\"]", "[services.web]\nregions = [\"eu\", \"us\"]");
    assert_eq!(left_alone(web), [true, true, true, false, false]);
    // what an alias stands for
    let moved = |text: &str| {
        text.replace("aliases = [\"live\"]\n", "")
            .replace("[environments.staging]\n", "[environments.staging]\naliases = [\"live\"]\n")
    };
    assert_eq!(left_alone(moved), [true, true, false, true, true]);
    // targets
    let except = replaced("deploy/{environment}/**\"]", "deploy/{environment}/**\"]\nexcept = [\"**/x\"]");
    assert_eq!(left_alone(except), [true, true, false, true, true]);
    assert_eq!(left_alone(replaced("refs/tags/web/*", "refs/tags/w*/*")), [true, true, true, true, false]);
    assert_eq!(left_alone(replaced("service = \"web\"", "service = \"db\"")), [true, true, true, true, false]);
    assert_eq!(
        left_alone(replaced("service = \"web\"", "service = \"web\"\nkind = \"flag\"")),
        [true, true, true, true, false]
    );
}

/// A policy of more parts than are listed counts as long as none of them differs.
#[test]
fn of_a_policy_with_too_many_parts_all_have_to_be_the_same() {
    let policy = |count: usize| {
        let environments = (0..count).map(|number| format!("[environments.e{number}]\n"));
        let mapping = Memory::one(format!("version = 1\n{}", environments.collect::<String>())).load().unwrap();
        Mapping::of(mapping.mapping().parts())
    };
    let part = |count: usize| vec![format!("{count}")];
    let few = policy(3);
    assert!(few.covers(&few.need(part(1))), "it is the same");
    // the part of the services is one more
    let [most, too_many] = [MOST_MAPPING_PARTS - 1, MOST_MAPPING_PARTS].map(policy);
    assert!(most.clone().without_parts() != most && too_many.clone().without_parts() == too_many);
    assert!(too_many.covers(&too_many.need(part(1))));
    assert!(!too_many.covers(&policy(MOST_MAPPING_PARTS + 1).need(Vec::new())));
    assert!(most.covers(&too_many.need(Vec::new())), "nothing is needed of it");
}

#[test]
fn what_is_mapped_alike_reaches_the_same() {
    let (mut covered, mut uncovered) = (0, 0);
    for seed in 0..6_000 {
        let mut chance = Chance::new(seed);
        let is_capturing = seed % 2 == 0;
        let texts = if is_capturing { capturing_pair(&mut chance) } else { pair(&mut chance) };
        let [Some(old), Some(new)] = texts.each_ref().map(|text| Memory::one(text.clone()).load().ok()) else {
            continue;
        };
        let (before, now) = (Mapping::of(old.mapping().parts()), Mapping::of(new.mapping().parts()));
        let (paths, refs): (&[&str], &[Option<&'static str>]) =
            if is_capturing { (CAPTURED_PATHS, &CAPTURED_REFS) } else { (PATHS, &REFS) };
        for path in paths {
            let change = Tried {
                said: DeclaredNames::default(),
                paths: Some(vec![path.as_bytes().to_vec()]),
                reference: chance.pick(refs),
                ..Tried::default()
            };
            let (Some((_, by_old)), Some((_, by_new))) = (change.reach(&old), change.reach(&new)) else {
                continue;
            };
            for (parts, place) in reached(&by_new, &new) {
                if !before.covers(&now.need(parts)) {
                    uncovered += 1;
                    continue;
                }
                covered += 1;
                let known = reached(&by_old, &old).into_iter().any(|(_, known)| known == place);
                // what the old policy refuses at any hour became no state
                assert!(
                    known || !by_old.unknown.is_empty(),
                    "seed {seed}: {path} reaches {place:?} by {:?} alone\n{}\n---\n{}",
                    change.reference,
                    texts[0],
                    texts[1]
                );
            }
        }
    }
    assert!(covered > 10_000 && uncovered > 1_000, "{covered} places are mapped alike, {uncovered} are not");
}
