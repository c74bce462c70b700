//! What is declared of a change, held against its paths: what stays declared, and what is a mismatch.

use freezegate::decision::Decision;
use freezegate::policy::Policy;

use crate::policies::change::{Change, refusals};
use crate::policies::files::{Memory, report};

const CLOSED: &str = "2026-07-01T12:00:00Z";

fn policy(rest: &str) -> Policy {
    let text = format!(
        "version = 1\n[regions.eu]\ntimezones = [\"Europe/Berlin\"]\n[regions.us]\ntimezones = [\"America/New_York\"]\n\
         [environments.production]\n[environments.staging]\n[services.billing]\n[services.web]\n\
         [[freezes]]\nname = \"deploys\"\nkinds = [\"deploy\"]\nenvironments = [\"production\"]\ntimezone = \"UTC\"\nhours = [\"daily 00:00-23:59\"]\n{rest}"
    );
    Memory::one(text).load().unwrap()
}

/// A target of paths, with more lines.
fn target(paths: &str, rest: &str) -> String {
    format!("[[targets]]\npaths = [\"{paths}\"]\n{rest}\n")
}

fn flags() -> String {
    target("flags/**", "environment = \"production\"\nkind = \"flag\"")
}

fn change(said: &str, paths: &[&str]) -> Change {
    Change { paths: Some(paths.iter().map(|path| (*path).to_owned()).collect()), ..Change::to(said) }
}

fn is_refused(policy: &Policy, change: &Change) -> bool {
    !change.under(policy).is_allowed(CLOSED)
}

#[test]
fn an_environment_stays_declared_for_each_path_that_no_target_maps_to_it() {
    let with_flags = policy(&flags());
    for paths in [&["app/main.c"][..], &["app/main.c", "flags/x"], &["flags/x", "README", "flags/y"], &[]] {
        assert!(is_refused(&with_flags, &change("production", paths)), "{paths:?}");
    }
    // a flag alone is not a deployment
    for paths in [&["flags/x"][..], &["flags/x", "flags/y"]] {
        assert!(!is_refused(&with_flags, &change("production", paths)), "{paths:?}");
    }
    // a target of another environment tells nothing of this one
    let elsewhere = target("app/**", "environment = \"staging\"\nkind = \"config\"");
    let both = Change {
        paths: Some(vec!["app/a".to_owned(), "flags/x".to_owned()]),
        ..Change::to("production").and_to("staging")
    };
    assert!(is_refused(&policy(&(flags() + &elsewhere)), &both));
}

#[test]
fn one_more_target_does_not_take_the_declared_environment_away() {
    let change = change("production", &["app/main.c", "flags/x"]);
    let mut text = String::new();
    for more in [
        flags(),
        target("flags/*", "environment = \"production\"\nkind = \"config\""),
        target("app/**", "environment = \"staging\"\nkind = \"config\""),
        target("nothing/**", "environment = \"production\""),
        target("app/*.c", "environment = \"*\""),
    ] {
        text += &more;
        assert!(is_refused(&policy(&text), &change), "{text}");
    }
}

#[test]
fn a_ref_alone_tells_the_kind_of_all_that_differs_where_it_is_known() {
    let of_ref = "[[targets]]\nrefs = [\"refs/heads/main\"]\nenvironment = \"production\"\nkind = \"config\"\n";
    let staging = of_ref.replace("production", "staging");
    for paths in [&["app/main.c", "README"][..], &[]] {
        let on_main = Change { branch: Some("refs/heads/main"), ..change("production", paths) };
        assert!(!is_refused(&policy(of_ref), &on_main), "{paths:?}");
        assert!(is_refused(&policy(&staging), &on_main), "{paths:?}");
        // which ref it is may be any
        assert!(is_refused(&policy(of_ref), &change("production", paths)), "{paths:?}");
    }
}

/// Every path is known to be of the kind, so the regions that are declared are judged for it, not for any kind.
#[test]
fn a_declared_region_is_judged_for_the_kinds_that_the_paths_show() {
    let rest = target("config/{region}/**", "environment = \"production\"\nkind = \"config\"")
        + "[[freezes]]\nname = \"configs\"\nkinds = [\"config\"]\nregions = [\"us\"]\ntimezone = \"UTC\"\nhours = [\"daily 00:00-23:59\"]\n";
    let decision = change("production", &["config/eu/a"]).under(&policy(&rest)).decide(CLOSED);
    assert_eq!(refusals(&decision), [("freeze", "freeze/configs")]);
    let decision = change("production", &["config/eu/a", "a"]).under(&policy(&rest)).decide(CLOSED);
    assert_eq!(refusals(&decision), [("freeze", "freeze/deploys"), ("freeze", "freeze/configs")]);
}

#[test]
fn a_declared_service_stays_beside_what_the_paths_show() {
    let rest = target("web/**", "environment = \"production\"\nservice = \"web\"\nkind = \"config\"")
        + "[[freezes]]\nname = \"billing\"\nservices = [\"billing\"]\ntimezone = \"UTC\"\nhours = [\"daily 00:00-23:59\"]\n";
    let policy = policy(&rest);
    assert!(!is_refused(&policy, &change("production", &["web/a"])));
    let said = change("production", &["web/a"]).service("billing").under(&policy).decide(CLOSED);
    assert_eq!(refusals(&said), [("freeze", "freeze/billing")]);
}

fn mismatches(decision: &Decision) -> Vec<&str> {
    let found = decision.findings.iter().filter(|finding| finding.code.as_str() == "target-mismatch");
    found.map(|finding| finding.message.as_str()).collect()
}

#[test]
fn a_region_that_is_declared_without_an_environment_can_mismatch() {
    let captured = target("deploy/{environment}/{region}/**", "");
    let named = target("eu/**", "environment = \"production\"\nregion = \"eu\"");
    let policy = policy(&(captured + &named));
    for (paths, mismatch) in [
        (&["deploy/staging/eu/a"][..], Some("you said `us`, this reaches `staging` in `eu`")),
        (&["eu/a"], Some("you said `us`, this reaches `production` in `eu`")),
        (&["deploy/staging/us/a"], None),
        (&["README"], None),
    ] {
        let said = Change::of(paths).region("us").under(&policy).decide(CLOSED);
        assert_eq!(mismatches(&said), mismatch.into_iter().collect::<Vec<_>>(), "{paths:?}");
    }
}

#[test]
fn a_target_that_names_no_region_is_judged_for_all_and_mismatches_none() {
    let rest = target("app/**", "environment = \"production\"\nkind = \"config\"")
        + "[[freezes]]\nname = \"eu\"\nregions = [\"eu\"]\ntimezone = \"UTC\"\nhours = [\"daily 00:00-23:59\"]\n";
    let policy = policy(&rest);
    for said in [change("production", &["app/a"]).region("us"), Change::of(&["app/a"]).region("us")] {
        let decision = said.under(&policy).decide(CLOSED);
        assert_eq!(mismatches(&decision), [] as [&str; 0]);
        assert_eq!(refusals(&decision), [("freeze", "freeze/eu")]);
    }
}

#[test]
fn an_alias_is_shown_as_it_was_typed() {
    let policy = Memory::one(
        "version = 1\n[regions.all]\ntimezones = [\"UTC\"]\n[environments.production]\n[environments.staging]\naliases = \
         [\"stg\"]\n[[targets]]\npaths = [\"deploy/{environment}/**\"]\n",
    );
    let policy = policy.load().unwrap_or_else(|faults| panic!("{}", report(&faults)));
    let message = |said: &str| {
        let asked = Change::of(&["deploy/production/a"]).and_to(said).under(&policy);
        asked.decide("2026-12-01T00:00:00Z").findings.first().unwrap().message.clone()
    };
    assert_eq!(message("stg"), "you said `stg` (`staging`), this reaches `production`");
    assert_eq!(message("staging"), "you said `staging`, this reaches `production`");
}

/// The kinds that the paths show of one environment say nothing of another, even if the same paths show both.
#[test]
fn a_declared_environment_is_judged_for_the_kinds_that_its_own_targets_show() {
    let two = target("shared/**", "environment = \"production\"\nkind = \"config\"")
        + &target("shared/**", "environment = \"staging\"\nkind = \"deploy\"");
    let both = change("production", &["shared/a"]).and_to("staging");
    assert!(!is_refused(&policy(&two), &both));
    let swapped = two.replace("production", "x").replace("staging", "production").replace("\"x\"", "\"staging\"");
    assert!(is_refused(&policy(&swapped), &both));
}
