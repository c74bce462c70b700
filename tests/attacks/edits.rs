//! Edits of the policy: what weakens it, in one push or in several, and what would lock its owners out.

use crate::attacks::transcript::Transcript;

/// Makes `git push origin main` a forced one.
const FORCED: [(&str, &str); 3] = [
    ("GIT_CONFIG_COUNT", "1"),
    ("GIT_CONFIG_KEY_0", "remote.origin.push"),
    ("GIT_CONFIG_VALUE_0", "+refs/heads/main:refs/heads/main"),
];

/// Asserts that the gate, not git, refuses the push of a part, and that the refusal shows each of `shown`.
#[track_caller]
fn is_refused(said: &Transcript, title: &str, shown: &[&str]) {
    said.says(title, &["(pre-receive hook declined)", "[git push exit 1]"]);
    said.says(title, shown);
    assert!(!said.part(title).contains("[git push exit 0]"), "{}", said.text());
}

/// A policy in front of the one in force is an edit of it. The script's first push adds a comment, which opens nothing and passes;
/// the script then goes back by one commit, so that git itself turns down what follows unless it is forced.
#[test]
fn a_policy_in_front_of_the_one_in_force_is_an_edit_of_it() {
    let remark = "a change of the policy itself";
    let plain = Transcript::of("01-policy-shadow.sh", &[]);
    let forced = Transcript::of("01-policy-shadow.sh", &FORCED);
    for said in [&plain, &forced] {
        said.says(remark, &["[git push exit 0]"]);
        assert_eq!(said.text().matches("[git push exit 0]").count(), 1, "{}", said.text());
    }
    plain.says("and production, in the same closed window", &["[git push exit 1]"]);
    is_refused(&forced, "in the closed window, a new root policy", &["the edit of `freezegate.toml` opens"]);
    is_refused(
        &forced,
        "and production, in the same closed window",
        &["the edit of `freezegate.toml` changes who may override"],
    );
}

#[test]
fn the_first_of_two_pushes_does_not_weaken_the_policy_for_the_second() {
    let said = Transcript::of("02-policy-two-pushes.sh", &[]);
    is_refused(
        &said,
        "1: weaken the policy",
        &["the edit of `freezegate.toml` opens something while", "core hours of `us`"],
    );
    is_refused(&said, "2: production", &["reached by  deploy/production/us/routes.yaml"]);
}

#[test]
fn a_typing_error_is_refused_and_its_correction_passes() {
    let said = Transcript::of("03-lockout.sh", &[]);
    let correct =
        ["error[no-policy]", "error[unknown-key]: a region has no key `core_hour`", "did you mean `core_hours`?"];
    is_refused(&said, "a typing error in freezegate.toml", &correct);
    said.says("the fix", &["[git push exit 0]"]);
    said.says("even another branch that no target names", &["[git push exit 0]"]);
}

#[test]
fn a_name_that_an_edit_frees_is_not_given_to_what_is_open() {
    let gone = "the name `production` is removed";
    for script in ["44-rename.sh", "50-drop-env.sh"] {
        let said = Transcript::of(script, &[]);
        is_refused(&said, "1: ", &[gone]);
        is_refused(&said, "2: ", &["core hours of `us`; hard"]);
        is_refused(&said, "3: production, closed", &["reached by  deploy/production/us/x"]);
    }
    let said = Transcript::of("45-alias.sh", &[]);
    said.says("control", &["refused: production/us is closed", "[git push exit 1]"]);
    is_refused(&said, "1: drop the alias", &["the name `prod` is removed"]);
    is_refused(&said, "2: staging takes it", &["a name that stood for another environment"]);
    is_refused(&said, "3: deploy/prod, closed", &["reached by  deploy/prod/us/x"]);
}

#[test]
fn a_job_does_not_give_a_freed_name_to_what_is_open() {
    let said = Transcript::of("49-ci-rename.sh", &[]);
    said.says("night: S0", &["allowed: `production` may change now", "[check exit 0]"]);
    for title in ["closed: rename", "closed: new", "closed: evil"] {
        said.says(title, &["production/us is closed", "as the record last allowed it", "[check exit 1]"]);
    }
}

#[test]
fn another_kind_of_a_target_does_not_leave_a_freeze() {
    let said = Transcript::of("46-kind.sh", &[]);
    is_refused(&said, "1: the edit, in core hours", &["freeze `no config in July`; hard"]);
    is_refused(&said, "2: conf/**, at night, in the freeze", &["production is frozen: no config in July"]);
    said.says("control: the policy before", &["production is frozen: no config in July", "[git push exit 1]"]);
}

/// Nobody may override: what would refuse every later edit is refused itself, so that a fix always passes.
#[test]
fn a_target_that_captures_the_policy_or_its_branch_locks_nobody_out() {
    let said = Transcript::of("47-lockout-capture.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 15, "{}", said.text());
    for part in parts {
        let expected = if part.starts_with("paths") || part.starts_with("refs") { 1 } else { 0 };
        assert!(part.contains(&format!("[git push exit {expected}]")), "{part}");
    }
}

#[test]
fn a_policy_under_which_nothing_ever_opens_is_refused_at_any_hour() {
    let said = Transcript::of("48-lockout-never-opens.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 5, "{}", said.text());
    for part in parts {
        let ends: Vec<&str> = part.split("[git push exit ").skip(1).map(|end| end.split(']').next().unwrap()).collect();
        // the edit, its revert, and three times the edit again, each at an hour of its own
        assert_eq!(ends, ["1", "0", "1", "1", "1"], "{part}");
        assert_eq!(part.matches("the edit closes `production` for the coming 400").count(), 4, "{part}");
    }
}

/// Where hard may be overridden such an edit passes, as the owners can take it back with signatures.
#[test]
fn the_refusal_of_a_fix_offers_the_override_that_the_policy_has() {
    let said = Transcript::of("51-lockout-with-lift.sh", &[]);
    assert!(said.text().contains("policy edit: opens nothing, closes 1 thing"), "{}", said.text());
    let shown = ["there is no environment `freezegate`", "`freezegate grant ask --range ", "needs 1 signature: any"];
    is_refused(&said, "fix", &shown);
}

/// A target of every environment that captures a service which no table names reaches production all the same.
#[test]
fn a_target_of_unknown_services_is_not_moved_while_production_is_closed() {
    let said = Transcript::of("52-star-and-service.sh", &[]);
    let closed = ["refused: production/us is closed", "[git push exit 1]"];
    said.says("control: services/web/a", &closed);
    is_refused_by_the_filter(&said, "1: the edit, closed");
    said.says("2: services/web/a, closed", &closed);
    said.says("known services: control", &closed);
    is_refused_by_the_filter(&said, "2: the target is moved");
    said.says("3: services/web/a, closed", &closed);
    let lifted = said.part("known services, and a lift for hard");
    assert!(lifted.trim_end().ends_with("[git push exit 1]"), "{lifted}");
    assert!(lifted.matches("[git push exit 1]").count() >= 2, "{lifted}");
}

/// Asserts that an edit of the policy is refused, in a script that prints some lines of the answer only.
#[track_caller]
fn is_refused_by_the_filter(said: &Transcript, title: &str) {
    said.says(title, &["policy edit: opens", "[git push exit 1]"]);
}

/// Many targets with exceptions that take long to compare do not keep anybody from closing something more.
#[test]
fn targets_that_are_hard_to_compare_do_not_refuse_a_freeze() {
    let said = Transcript::of("57-cost-of-except.sh", &[]);
    said.says("1: the targets", &["policy edit: closes", "[git push exit 0]"]);
    said.says("2: one freeze more", &["policy edit: closes", "[git push exit 0]"]);
    said.never_says(&["not compared"]);
}

/// Seconds of processor time that each push of a script took.
fn processor_seconds(said: &Transcript) -> Vec<f64> {
    let ends = said.text().lines().filter_map(|line| line.strip_suffix(" s user]")?.strip_prefix('['));
    ends.map(|seconds| seconds.parse().unwrap()).collect()
}

/// A tenth of what it took when each environment was looked at by itself.
#[test]
fn many_environments_cost_time_that_grows_with_their_number() {
    let said = Transcript::of("59-cost-many-environments.sh", &[]);
    for part in ["1: production", "4: production"] {
        said.says(part, &["refused: production/us is closed", "[git push exit 1]"]);
    }
    said.says("2: the policy", &["[git push exit 0]"]);
    said.says("3: the push", &["[git push exit 0]"]);
    said.says("5: production", &["exempt: production/us", "[git push exit 0]"]);
    let seconds = processor_seconds(&said);
    assert_eq!(seconds.len(), 5, "{}", said.text());
    assert!(seconds.iter().all(|seconds| *seconds < 8.0), "{seconds:?}");

    let said = Transcript::of("60-cost-target-of-many-environments.sh", &[]);
    said.says("2: a target", &["policy edit: closes 1 thing", "[git push exit 0]"]);
    let seconds = processor_seconds(&said);
    assert_eq!(seconds.len(), 2, "{}", said.text());
    assert!(seconds.iter().all(|seconds| *seconds < 8.0), "{seconds:?}");
}
