//! A policy judged what another reaches exactly where each path led to the same places.

use std::collections::BTreeSet;

use freezegate::policy::Policy;
use freezegate::reach::covered::{CoveredPaths, PolicyCoverage};
use freezegate::reach::{RefSide, TargetMatcher};

use crate::compare::decided::Tried;
use crate::compare::edits::{Chance, capturing_pair, pair};
use crate::compare::sound::{CAPTURED_PATHS, CAPTURED_REFS, PATHS, REFS};
use crate::policies::files::Memory;

/// An environment with its region and each time zone of that.
type Place = (String, Option<(String, String)>);

/// Returns where paths lead, and the ref by which they come.
fn places(paths: &[&str], reference: Option<&'static str>, policy: &Policy) -> BTreeSet<Place> {
    let paths = Some(paths.iter().map(|path| path.as_bytes().to_vec()).collect());
    let shown = Tried { paths, reference, ..Tried::default() }.shown(policy).unwrap();
    let of_one = |reached: &freezegate::reach::Reached| -> Vec<Place> {
        let environment = || reached.environment.name.clone();
        match &reached.region {
            None => vec![(environment(), None)],
            Some(region) => {
                let of_zone = |zone: &str| (environment(), Some((region.name.clone(), zone.to_owned())));
                region.zones.iter().map(|zone| of_zone(zone.name())).collect()
            }
        }
    };
    shown.hits.iter().flat_map(|hit| of_one(&hit.reached)).collect()
}

/// The environments of which some path leads to a place where it did not lead.
fn expected(paths: &[&str], reference: Option<&'static str>, [then, now]: [&Policy; 2]) -> BTreeSet<String> {
    let more = |piece: &[&str]| -> Vec<Place> {
        let [before, after] = [then, now].map(|policy| places(piece, reference, policy));
        after.difference(&before).cloned().collect()
    };
    // the ref alone stands for paths that nobody knows
    let pieces = paths.iter().map(std::slice::from_ref).chain([[].as_slice()]);
    pieces.flat_map(more).map(|(environment, _)| environment).collect()
}

fn found(paths: &[&str], reference: Option<&'static str>, [then, now]: [&Policy; 2]) -> BTreeSet<String> {
    let coverage = PolicyCoverage::new(then, now);
    let side = match reference {
        None => RefSide::Unknown,
        Some(name) => RefSide::Named { name: name.as_bytes(), default_branch: Some(name == "refs/heads/main") },
    };
    let matchers = [then, now].map(TargetMatcher::new);
    let [of_then, of_now] = matchers.each_ref().map(|matcher| matcher.of_ref(side).unwrap());
    let mut covered = CoveredPaths::new(&coverage, of_then, of_now).unwrap();
    for path in paths {
        covered.add(|of_ref, shown| of_ref.path(path.as_bytes(), shown)).unwrap();
    }
    covered.reach_more().into_iter().collect()
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

/// For each of [`SHOWN`], whether an edit leaves what it reaches judged.
fn left_judged(edit: impl Fn(&str) -> String) -> [bool; 7] {
    let [then, now] = [POLICY.to_owned(), edit(POLICY)].map(|text| Memory::one(text).load().unwrap());
    SHOWN.map(|(path, reference)| {
        assert!(!places(&[path], reference, &now).is_empty(), "{path} is mapped");
        let more = found(&[path], reference, [&then, &now]);
        assert_eq!(more, expected(&[path], reference, [&then, &now]), "{path}");
        more.is_empty()
    })
}

#[test]
fn an_edit_takes_the_states_of_what_it_maps_elsewhere_alone() {
    let replaced = |from: &'static str, to: &'static str| {
        move |text: &str| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        }
    };
    let added = |more: &'static str| move |text: &str| format!("{text}{more}");
    let all = [true; 7];
    // other words for the same, what says when and not where, and what leads to where the path led
    assert_eq!(left_judged(|text| format!("# a comment\n{text}")), all);
    assert_eq!(left_judged(replaced("[regions.eu]", "[regions.eu]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]")), all);
    assert_eq!(left_judged(added("[[targets]]\npaths = [\"batch/**\"]\nenvironment = \"production\"\n")), all);
    assert_eq!(left_judged(replaced("[services.db]", "[services.db]\n[services.new]\nregions = [\"us\"]")), all);
    assert_eq!(left_judged(replaced("aliases = [\"live\"]", "aliases = [\"live\", \"prod\"]")), all);
    assert_eq!(
        left_judged(replaced("[environments.staging]\n", "[environments.staging]\naliases = [\"test\"]\n")),
        all
    );
    assert_eq!(left_judged(added("[environments.more]\naliases = [\"extra\"]\n")), all);
    assert_eq!(left_judged(replaced("paths = [\"services/", "paths = [\"charts/**\", \"services/")), all);
    assert_eq!(left_judged(replaced("paths = [\"services/", "paths = [\"services/{service}/a\", \"services/")), all);
    let except = replaced("deploy/{environment}/**\"]", "deploy/{environment}/**\"]\nexcept = [\"**/x\"]");
    assert_eq!(left_judged(except), all);
    assert_eq!(left_judged(replaced("refs/tags/web/*", "refs/tags/w*/*")), all);
    assert_eq!(left_judged(replaced("service = \"web\"", "service = \"web\"\nkind = \"flag\"")), all);
    assert_eq!(left_judged(replaced("services/{service}/**", "services/{service}/*")), all);
    assert_eq!(
        left_judged(replaced("deploy/{environment}/**", "deploy/{environment}/**\", \"*/{environment}/**")),
        all
    );
    assert_eq!(
        left_judged(added(
            "[regions.asia]\ntimezones = [\"Asia/Tokyo\"]\n[environments.tokyo]\nregions = [\"asia\"]\n"
        )),
        [false, true, true, false, true, true, true],
        "staging serves all regions that there are"
    );
    assert_eq!(
        left_judged(replaced("[\"America/New_York\"]", "[\"America/New_York\", \"America/Chicago\"]")),
        [false, true, true, false, true, true, true]
    );
    // fewer people than before
    assert_eq!(left_judged(replaced("[environments.staging]\n", "[environments.staging]\nregions = [\"us\"]\n")), all);
    // a pattern that takes something else from the same path
    let deeper = replaced("paths = [\"deploy/", "paths = [\"deploy/*/{environment}/**\", \"deploy/");
    assert_eq!(left_judged(deeper), [false, true, true, true, true, true, true]);
    // whom an environment or a service serves
    let regions = replaced("regions = [\"eu\"]\naliases", "regions = [\"eu\", \"us\"]\naliases");
    assert_eq!(left_judged(regions), [true, false, false, true, true, false, true]);
    let renamed = |text: &str| {
        text.replace("regions.us]", "regions.x]")
            .replace("regions.eu]", "regions.us]")
            .replace("regions.x]", "regions.eu]")
    };
    assert_eq!(left_judged(renamed), [false; 7]);
    let web = |text: &str| {
        let both = text.replace("regions = [\"eu\"]\naliases", "regions = [\"eu\", \"us\"]\naliases");
        both.replace("[services.web]\nregions = [\"eu\"]", "[services.web]\nregions = [\"eu\", \"us\"]")
    };
    assert_eq!(left_judged(web), [true, false, false, true, false, false, false]);
    // what an alias stands for
    let moved = |text: &str| {
        let without = text.replace("aliases = [\"live\"]\n", "");
        without.replace("[environments.staging]\n", "[environments.staging]\naliases = [\"live\"]\n")
    };
    assert_eq!(left_judged(moved), [true, true, false, true, true, true, true]);
}

#[test]
fn what_an_environment_or_a_service_serves_is_judged_by_region() {
    let policy = |text: &str| Memory::one(format!("version = 1\n{text}")).load().unwrap();
    let regions = "[regions.eu]\ntimezones = [\"Europe/Berlin\"]\n[regions.us]\ntimezones = [\"America/New_York\", \"America/Chicago\"]\n";
    let of = |environment: &str, service: &str| {
        policy(&format!("{regions}[environments.production]\n{environment}\n[services.web]\n{service}\n"))
    };
    let (eu, us, both) = ("regions = [\"eu\"]", "regions = [\"us\"]", "regions = [\"eu\", \"us\"]");
    let rows = [
        (eu, eu, true),
        (eu, us, false),
        (eu, both, false),
        (both, us, true),
        (both, "", true),
        ("", both, true),
        ("", eu, true),
        (eu, "", false),
    ];
    for (then, now, is_judged) in rows {
        let (environment, service) = ((of(then, ""), of(now, "")), (of("", then), of("", now)));
        let what = format!("`{then}`, then `{now}`");
        let coverage = PolicyCoverage::new(&environment.0, &environment.1);
        assert_eq!((coverage.environment("production"), coverage.service("web")), (is_judged, true), "{what}");
        let coverage = PolicyCoverage::new(&service.0, &service.1);
        assert_eq!((coverage.environment("production"), coverage.service("web")), (true, is_judged), "{what}");
        assert!(!coverage.environment("staging") && !coverage.service("db"), "nobody knows them");
    }
    // a region that serves others now is another one, and one that serves fewer is not
    let zones = |list: &str| {
        policy(&format!(
            "[regions.us]\ntimezones = [{list}]\n[environments.production]\n[services.web]\nregions = [\"us\"]\n"
        ))
    };
    let (one, two) = (zones("\"America/New_York\""), zones("\"America/New_York\", \"America/Chicago\""));
    for (then, now, is_judged) in [(&one, &two, false), (&two, &one, true), (&two, &two, true)] {
        let coverage = PolicyCoverage::new(then, now);
        assert_eq!((coverage.environment("production"), coverage.service("web")), (is_judged, is_judged));
        assert!(coverage.regions("production", std::iter::empty()), "where nothing of it is reached");
    }
    // with regions, people are told apart that were not
    let none = policy("[environments.production]\n");
    assert!(PolicyCoverage::new(&none, &none).environment("production"));
    assert!(!PolicyCoverage::new(&none, &one).environment("production"));
    assert!(!PolicyCoverage::new(&one, &none).environment("production"));
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
fn many_paths_reach_more_where_one_of_them_does() {
    let (mut judged, mut more) = (0, 0);
    for seed in 0..4_500 {
        let mut chance = Chance::new(seed);
        let is_capturing = seed % 2 == 0;
        let mut texts = if is_capturing { capturing_pair(&mut chance) } else { pair(&mut chance) };
        if seed % 3 == 0 {
            texts = texts.map(|text| with_more_patterns(&text, &mut chance));
        }
        let [Some(then), Some(now)] = texts.each_ref().map(|text| Memory::one(text.clone()).load().ok()) else {
            continue;
        };
        let (paths, refs): (&[&str], &[Option<&'static str>]) =
            if is_capturing { (CAPTURED_PATHS, &CAPTURED_REFS) } else { (PATHS, &REFS) };
        for _ in 0..3 {
            let reference = chance.pick(refs);
            let some: Vec<&str> = (0..=chance.below(6)).map(|_| chance.pick(paths)).collect();
            let found = found(&some, reference, [&then, &now]);
            let expected = expected(&some, reference, [&then, &now]);
            assert_eq!(found, expected, "seed {seed}: {some:?} by {reference:?}\n{}\n---\n{}", texts[0], texts[1]);
            more += found.len();
            judged += usize::from(found.is_empty());
        }
    }
    assert!(judged > 1_000 && more > 1_000, "{judged} changes reach no more, {more} environments are reached more");
}
