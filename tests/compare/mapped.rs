//! Where the parts of a mapping are the same, a change reaches under the old policy what it reaches under the new one.

use freezegate::policy::Policy;
use freezegate::policy::mapping::OneOfParts;
use freezegate::proof::record::{MOST_MAPPING_PARTS, Mapping};
use freezegate::reach::shown::Hit;
use freezegate::reach::{Because, Shown};

use crate::decided::Tried;
use crate::edits::{Chance, capturing_pair, pair};
use crate::files::Memory;
use crate::sound::{CAPTURED_PATHS, CAPTURED_REFS, PATHS, REFS};

/// The places that are shown, each with what has to be mapped alike there. Of which service that is does not matter: the same path
/// was let through in the same place.
fn places(shown: &Shown, policy: &Policy) -> Vec<(Vec<OneOfParts>, [Option<String>; 2])> {
    let mapped = policy.mapping();
    let of_one = |hit: &Hit| {
        let reached = &hit.reached;
        let Because::Shown { policy: place, .. } = reached.because else {
            return None;
        };
        let environment = reached.environment.name.clone();
        let service = reached.service.as_ref().map(|service| service.name.as_str());
        let by_target = mapped.of_target(place, shown.matched.get(&place), (&environment, service));
        let needed = mapped.of_environment(&environment).chain(by_target).collect();
        let region = reached.region.as_ref().map(|region| region.name.clone());
        Some((needed, [Some(environment), region]))
    };
    shown.hits.iter().filter_map(of_one).collect()
}

fn change(path: &str, reference: Option<&'static str>) -> Tried {
    Tried { paths: Some(vec![path.as_bytes().to_vec()]), reference, ..Tried::default() }
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

const SHOWN: [(&str, Option<&str>); 7] = [
    ("deploy/staging/production/a", Some("refs/heads/main")),
    ("deploy/production/a", Some("refs/heads/main")),
    ("deploy/live/a", Some("refs/heads/main")),
    ("deploy/staging/a", Some("refs/heads/main")),
    ("services/web/a", Some("refs/heads/main")),
    ("services/db/a", Some("refs/heads/main")),
    ("a", Some("refs/tags/web/1")),
];

/// For each of [`SHOWN`], whether an edit leaves it mapped as it was.
fn left_alone(edit: impl Fn(&str) -> String) -> [bool; 7] {
    let [old, new] = [POLICY.to_owned(), edit(POLICY)].map(|text| Memory::one(text).load().unwrap());
    let (before, now) = (Mapping::of(old.mapping().parts()), Mapping::of(new.mapping().parts()));
    SHOWN.map(|(path, reference)| {
        let places = places(&change(path, reference).shown(&new).unwrap(), &new);
        assert!(!places.is_empty(), "{path} is mapped");
        places.into_iter().all(|(needed, _)| before.covers(&now.need(needed)))
    })
}

#[test]
fn an_edit_takes_the_states_of_what_it_maps_alone() {
    let replaced = |from: &'static str, to: &'static str| {
        move |text: &str| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        }
    };
    let added = |more: &'static str| move |text: &str| format!("{text}{more}");
    let all = [true; 7];
    // other words for the same, what says when and not where, and what is mapped besides
    assert_eq!(left_alone(|text| format!("# a comment\n{text}")), all);
    assert_eq!(left_alone(replaced("[regions.eu]", "[regions.eu]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]")), all);
    assert_eq!(left_alone(added("[[targets]]\npaths = [\"batch/**\"]\nenvironment = \"production\"\n")), all);
    assert_eq!(left_alone(replaced("[services.db]", "[services.db]\n[services.new]\nregions = [\"us\"]")), all);
    assert_eq!(left_alone(replaced("aliases = [\"live\"]", "aliases = [\"live\", \"prod\"]")), all);
    assert_eq!(left_alone(replaced("[environments.staging]\n", "[environments.staging]\naliases = [\"test\"]\n")), all);
    assert_eq!(left_alone(added("[environments.more]\naliases = [\"extra\"]\n")), all);
    assert_eq!(left_alone(replaced("paths = [\"services/", "paths = [\"charts/**\", \"services/")), all);
    assert_eq!(left_alone(replaced("paths = [\"services/", "paths = [\"services/{service}/a\", \"services/")), all);
    // a pattern that takes something else from the same path
    let deeper = replaced("paths = [\"deploy/", "paths = [\"deploy/*/{environment}/**\", \"deploy/");
    assert_eq!(left_alone(deeper), [false, true, true, true, true, true, true]);
    // whom an environment or a service serves
    let regions = replaced("regions = [\"eu\"]\naliases", "regions = [\"eu\", \"us\"]\naliases");
    assert_eq!(left_alone(regions), [true, false, false, true, false, false, false]);
    assert_eq!(
        left_alone(added("[regions.asia]\ntimezones = [\"Asia/Tokyo\"]\n")),
        [false, true, true, false, true, true, true]
    );
    let renamed = |text: &str| {
        text.replace("regions.us]", "regions.x]")
            .replace("regions.eu]", "regions.us]")
            .replace("regions.x]", "regions.eu]")
    };
    assert_eq!(left_alone(renamed), [false; 7]);
    let web = replaced("[services.web]\nregions = [\"eu\"]", "[services.web]\nregions = [\"eu\", \"us\"]");
    assert_eq!(left_alone(web), [true, true, true, true, false, true, false]);
    // a service that no table has may be any
    let without = |text: &str| text.replace("[services.db]\n", "");
    assert_eq!(left_alone(without), [true, true, true, true, true, false, true]);
    // what an alias stands for
    let moved = |text: &str| {
        let without = text.replace("aliases = [\"live\"]\n", "");
        without.replace("[environments.staging]\n", "[environments.staging]\naliases = [\"live\"]\n")
    };
    assert_eq!(left_alone(moved), [false, true, false, false, true, true, true]);
    // targets
    let except = replaced("deploy/{environment}/**\"]", "deploy/{environment}/**\"]\nexcept = [\"**/x\"]");
    assert_eq!(left_alone(except), [false, false, false, false, true, true, true]);
    assert_eq!(left_alone(replaced("refs/tags/web/*", "refs/tags/w*/*")), [true, true, true, true, true, true, false]);
    assert_eq!(
        left_alone(replaced("service = \"web\"", "service = \"db\"")),
        [true, true, true, true, true, true, false]
    );
    assert_eq!(
        left_alone(replaced("service = \"web\"", "service = \"web\"\nkind = \"flag\"")),
        [true, true, true, true, true, true, false]
    );
    assert_eq!(
        left_alone(replaced("services/{service}/**", "services/{service}/*")),
        [true, true, true, true, false, false, true]
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
    let part = |count: usize| vec![OneOfParts { any: vec![format!("{count}")], or_not: None }];
    let few = policy(3);
    assert!(few.covers(&few.need(part(1))), "it is the same");
    // each has two of its name, and that of all services is one more
    let [most, too_many] = [MOST_MAPPING_PARTS / 3, MOST_MAPPING_PARTS / 3 + 1].map(policy);
    assert!(most.clone().without_parts() != most && too_many.clone().without_parts() == too_many);
    assert!(too_many.covers(&too_many.need(part(1))));
    assert!(!too_many.covers(&policy(MOST_MAPPING_PARTS + 1).need(Vec::new())));
    assert!(most.covers(&too_many.need(Vec::new())), "nothing is needed of it");
}

/// The same policy, with another pattern beside the first of some targets.
fn with_more_patterns(text: &str, chance: &mut Chance) -> String {
    let line = |line: &str| match line.strip_prefix("paths = [") {
        Some(rest) if chance.below(2) == 0 => {
            let more = chance.pick(&[
                "deploy/{environment}/**",
                "*/{environment}/**",
                "*/{environment}/*/**",
                "service/{service}/**",
                "zone/{region}/**",
                "zone/{region}/{service}/**",
                "zone/**",
                "deploy/**",
                "{environment}/**",
            ]);
            format!("paths = [\"{more}\", {rest}\n")
        }
        Some(_) | None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[test]
fn what_is_mapped_alike_reaches_the_same() {
    let (mut covered, mut uncovered) = (0, 0);
    for seed in 0..6_000 {
        let mut chance = Chance::new(seed);
        let is_capturing = seed % 2 == 0;
        let mut texts = if is_capturing { capturing_pair(&mut chance) } else { pair(&mut chance) };
        if seed % 3 == 0 {
            texts = texts.map(|text| with_more_patterns(&text, &mut chance));
        }
        let [Some(old), Some(new)] = texts.each_ref().map(|text| Memory::one(text.clone()).load().ok()) else {
            continue;
        };
        let (before, now) = (Mapping::of(old.mapping().parts()), Mapping::of(new.mapping().parts()));
        let (paths, refs): (&[&str], &[Option<&'static str>]) =
            if is_capturing { (CAPTURED_PATHS, &CAPTURED_REFS) } else { (PATHS, &REFS) };
        for path in paths {
            let change = change(path, chance.pick(refs));
            let (Some(by_old), Some(by_new)) = (change.shown(&old), change.shown(&new)) else {
                continue;
            };
            for (needed, place) in places(&by_new, &new) {
                if !before.covers(&now.need(needed)) {
                    uncovered += 1;
                    continue;
                }
                covered += 1;
                let known = places(&by_old, &old).into_iter().any(|(_, known)| known == place);
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
