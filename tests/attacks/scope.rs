//! States of the record that count for what they were judged for, and for nothing else.

use crate::attacks::transcript::{Transcript, cases_end_with, statuses};

/// What was allowed by paths, in a region, for a service or of a kind is not a state of anything else.
#[test]
fn a_state_counts_for_what_it_was_judged_for() {
    let said = Transcript::of("61-states-of-another-scope.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 7, "{}", said.text());
    for part in parts {
        let name = part.lines().next().unwrap_or_default();
        let expected: &[&str] = match name {
            "settled" => &["0", "0", "1"],
            // the last goes back in its own region, or for its own service
            "tag-of-region" | "tag-of-service" => &["0", "0", "1", "0", "0", "1", "0"],
            _ => &["0", "0", "1", "0", "1"],
        };
        assert_eq!(statuses(part), expected, "{part}");
    }
}

/// The same of jobs.
#[test]
fn a_job_of_a_region_a_kind_or_a_share_makes_states_of_its_own() {
    let said = Transcript::of("62-ci-states-of-another-scope.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    let expected: [&[&str]; 3] =
        [&["0", "1", "1", "0", "1"], &["0", "0", "1", "0", "1", "0", "1", "1", "0"], &["0", "1", "0", "1"]];
    assert_eq!(parts.len(), expected.len(), "{}", said.text());
    for (part, expected) in parts.iter().zip(expected) {
        assert_eq!(statuses(part), expected, "{part}");
    }
}

/// What was only refused makes nothing be forgotten that was allowed.
#[test]
fn a_flood_of_refused_refs_leaves_the_rollback() {
    let said = Transcript::of("63-refused-flood.sh", &[]);
    assert_eq!(statuses(said.text()), ["0", "0", "0", "0", "0", "0", "0"], "{}", said.text());
}

/// The record knows an environment by its name: none takes that of another.
#[test]
fn an_environment_takes_no_states_of_another_with_its_name() {
    let said = Transcript::of("64-names-of-environments.sh", &[]);
    assert_eq!(statuses(said.text()), ["0", "0", "1", "0", "0", "0", "1", "1"], "{}", said.text());
}

/// What was allowed while less was mapped is not a state of what is mapped now; and what does not concern it may be edited.
#[test]
fn a_state_counts_for_what_was_mapped_when_it_was_judged() {
    let said = Transcript::of("65-states-of-what-was-not-mapped.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 23, "{}", said.text());
    for part in parts {
        let expected: &[&str] = match part.lines().next().unwrap_or_default() {
            name if name.starts_with("tag-") => &["0", "0", "0", "0", "1"],
            name if name.starts_with("left-alone-") => &["0", "0", "0", "0"],
            "region-takes-a-name" => &["0", "0", "0", "1"],
            "the-whole-commit" => &["0", "0", "0", "1"],
            _ => &["0", "0", "0", "0", "1", "1"],
        };
        assert_eq!(statuses(part), expected, "{part}");
    }
}

/// No job begins at what another was refused.
#[test]
fn a_refused_commit_is_the_base_of_no_job() {
    let said = Transcript::of("66-ci-base-of-less.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 6, "{}", said.text());
    for part in parts {
        let expected: &[&str] = match part.lines().next().unwrap_or_default() {
            "paths" => &["0", "1", "1", "0", "1"],
            "renamed" => &["0", "1", "2", "1"],
            _ => &["0", "1", "1"],
        };
        assert_eq!(statuses(part), expected, "{part}");
    }
}

/// A branch above the one that holds the record would keep it from being written.
#[test]
fn no_branch_lies_above_the_record() {
    let said = Transcript::of("67-lockout-branch-above-the-record.sh", &[]);
    assert_eq!(statuses(said.text()), ["1", "1", "1", "0", "0"], "{}", said.text());
}

/// What one ref of a push takes back is not what another brings.
#[test]
fn each_ref_of_a_push_is_compared_by_itself() {
    let said = Transcript::of("68-refs-of-one-push.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 5, "{}", said.text());
    for part in parts {
        let expected: &[&str] =
            if part.starts_with("tags") { &["0", "0", "0", "1", "1"] } else { &["0", "0", "1", "1"] };
        assert_eq!(statuses(part), expected, "{part}");
    }
}

/// All that lies below a submodule or a link may change with it.
#[test]
fn a_submodule_reaches_every_target_below_it() {
    let said = Transcript::of("69-submodule-above-several-targets.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 3, "{}", said.text());
    let expected: [&[&str]; 3] = [&["0", "1", "0", "1", "1"], &["0", "1", "1", "1", "1", "1", "1"], &["0", "0", "1"]];
    for (part, expected) in parts.iter().zip(expected) {
        assert_eq!(statuses(part), expected, "{part}");
    }
}

/// What has nothing to do with a rollback takes none away.
#[test]
fn what_is_added_said_or_gone_takes_no_rollback_and_no_tag_away() {
    let said = Transcript::of("70-what-takes-no-rollback-away.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 4, "{}", said.text());
    for part in parts {
        assert!(statuses(part).len() >= 3 && statuses(part).iter().all(|status| *status == "0"), "{part}");
    }
}

/// Which policy was in force is not guessed from what a log has left.
#[test]
fn a_log_that_lacks_what_was_forced_away_tells_no_policy() {
    let said = Transcript::of("71-log-without-what-was-forced-away.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 2, "{}", said.text());
    let expected: [&[&str]; 2] = [&["0", "0", "0", "0", "0", "0", "1"], &["0", "0", "0", "0", "0", "1"]];
    for (part, expected) in parts.iter().zip(expected) {
        assert_eq!(statuses(part), expected, "{part}");
    }
}

/// A pattern takes from a path in another case what it looks like, and no more.
#[test]
fn a_path_in_another_case_reaches_all_that_it_looks_like() {
    let said = Transcript::of("72-names-in-another-case.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 6, "{}", said.text());
    for part in parts {
        let expected: &[&str] = if part.starts_with("edit") { &["1", "0", "1"] } else { &["1"] };
        assert_eq!(statuses(part), expected, "{part}");
    }
}

/// A service, a kind, a region by a file of rules, and a part by a trailer are no more than they are.
#[test]
fn a_decision_is_for_what_it_was_made_for() {
    let said = Transcript::of("73-what-a-decision-was-for.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 4, "{}", said.text());
    let expected: [&[&str]; 4] = [
        &["0", "0", "1", "0", "1"],
        &["0", "0", "1", "0", "1"],
        &["0", "0", "0", "1"],
        &["0", "0", "0", "1", "0", "0", "1"],
    ];
    for (part, expected) in parts.iter().zip(expected) {
        assert_eq!(statuses(part), expected, "{part}");
    }
}

/// An environment is what the last of all branches and jobs brought it to.
#[test]
fn an_environment_is_what_any_ref_brought_it_to_last() {
    let said = Transcript::of("74-one-environment-by-several-refs.sh", &[]);
    let expected: [(&str, &[&str]); 15] = [
        ("unjudged-before", &["0", "1"]),
        ("unknown-environment", &["0", "1"]),
        ("branch", &["0", "0", "0", "1"]),
        ("looked-at", &["0", "0", "0", "0", "1"]),
        ("parts", &["0", "0", "0", "1"]),
        ("options --kind deploy", &["0", "0", "0", "1"]),
        ("options --declared-only", &["0", "0", "0", "1"]),
        ("options --service s", &["0", "0", "0", "1"]),
        ("options --region us", &["0", "0", "0", "1"]),
        ("rollback\n", &["0", "0", "0", "0", "1"]),
        ("rollback-options", &["0", "0", "0", "0", "1"]),
        ("rollback-server", &["0", "0", "0", "0", "1"]),
        ("ways\n", &["0", "0", "0"]),
        ("ways-regions", &["0", "0", "0", "0", "0"]),
        ("ways-server", &["0", "0", "0", "0", "0"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// Nobody makes a branch the default one by its name, nor its policy one in force by pushing it.
#[test]
fn the_default_branch_is_not_guessed() {
    let said = Transcript::of("75-default-branch-that-nothing-names.sh", &[]);
    let expected: [(&str, &[&str]); 6] = [
        ("decoy", &["0", "1", "1", "2", "1", "2"]),
        ("second-name", &["0", "0"]),
        ("own-policy", &["0", "0", "1", "2"]),
        ("edit unjudged", &["0", "1"]),
        ("edit refused", &["0", "1", "1"]),
        ("judged", &["0", "1", "0", "0"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// What a job deployed last is what a job is compared with: no look, hook, administrator's file or other environment stands for it.
#[test]
fn nothing_but_a_job_says_what_was_deployed() {
    let said = Transcript::of("76-what-a-look-or-a-hook-hides.sh", &[]);
    let expected: [(&str, &[&str]); 11] = [
        ("look\n", &["0", "0", "0", "0", "1"]),
        ("hook\n", &["0", "0", "0", "0", "1"]),
        ("hook-alone", &["0", "0", "1"]),
        ("hook-rollback", &["0", "0", "0", "0", "1"]),
        ("first-look 2025-06-21", &["0", "1"]),
        ("first-look 2025-07-09", &["0", "1"]),
        ("old-state", &["0", "0", "0", "0", "1"]),
        ("new-environment", &["0", "0", "1"]),
        ("administrator", &["0", "0", "1"]),
        ("ways-by-hand", &["0", "0"]),
        ("ways-lost", &["0", "0"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// A new ref replaces what others deployed, and an open request makes no proposal of a job that deploys.
#[test]
fn a_new_ref_and_an_open_request_take_nothing_out_of_question() {
    let said = Transcript::of("77-new-ref-and-open-request.sh", &[]);
    let expected: [(&str, &[&str]); 3] =
        [("new refs/heads/rel/2", &["0", "1"]), ("new refs/tags/v1", &["0", "1"]), ("open-request", &["0", "1"])];
    cases_end_with(said.text(), &expected);
}

#[test]
fn a_job_judges_the_commit_that_it_deploys() {
    let said = Transcript::of("78-jobs-of-another-commit.sh", &[]);
    let expected: [(&str, &[&str]); 4] = [
        ("deleted", &["0", "0", "1", "1"]),
        ("target-event", &["0", "1", "2"]),
        ("other-commit", &["0", "2", "2"]),
        ("request", &["0", "0", "1"]),
    ];
    cases_end_with(said.text(), &expected);
    said.says("target-event", &["the commit that is judged is `"]);
}

/// What others deployed is not lifted by a grant that says nothing of it, and what one region has says nothing of another.
#[test]
fn what_others_deployed_is_neither_signed_nor_known_by_the_way() {
    let said = Transcript::of("80-grant-for-less-than-it-lifts.sh", &[]);
    let expected: [(&str, &[&str]); 4] = [
        ("control: nothing came between", &["1", "0"]),
        ("control: main brought the hotfix", &["1", "0", "1"]),
        ("attack: rel/1 brought the hotfix", &["1", "0", "1"]),
        ("attack: rel/1 brought it before", &["1"]),
    ];
    cases_end_with(said.text(), &expected);
    let said = Transcript::of("81-what-one-region-has-counts-for-all.sh", &[]);
    let expected: [(&str, &[&str]); 6] = [
        ("control: staging only", &["2"]),
        ("control: eu, and then us", &["1"]),
        ("attack: eu, and then all", &["1"]),
        ("attack: eu, and then both", &["1"]),
        ("attack: --declared-only eu, and then all", &["1"]),
        ("attack: eu, and then all, one branch", &["1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// What a policy no longer defines may have another name now.
#[test]
fn a_region_or_service_with_a_new_name_is_compared_with_what_the_old_one_had() {
    let said = Transcript::of("90-region-with-a-new-name.sh", &[]);
    let expected: [(&str, &[&str]); 4] = [
        ("control: the same name", &["0", "0", "1"]),
        ("attack: a new name", &["0", "0", "1"]),
        ("attack: a service with a new name", &["0", "0", "1"]),
        ("control: a region that both define", &["0", "0", "0"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// A freeze on the default branch counts for every branch, or the job says that it does not see it.
#[test]
fn an_emergency_freeze_is_seen_or_its_branch_is_missed() {
    let said = Transcript::of("82-emergency-freeze-that-the-checkout-lacks.sh", &[]);
    let expected: [(&str, &[&str]); 3] = [
        ("control: a checkout of all branches", &["1"]),
        ("control: of one branch, with --fetch", &["1"]),
        ("attack: of one branch", &["2"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// What the job of a request deploys is there, whoever comes next, and is no state of the branch that it targets.
#[test]
fn what_a_request_deploys_is_there_and_is_none_of_its_target() {
    let said = Transcript::of("85-what-a-request-deploys.sh", &[]);
    let expected: [(&str, &[&str]); 6] = [
        ("control: the request is only checked", &["0", "0", "0"]),
        ("attack: main takes back what the request deployed", &["0", "0", "1"]),
        ("attack: another request takes it back", &["0", "0", "1"]),
        ("control: the job of main runs again, as a rollback", &["0", "0", "0"]),
        ("attack: the request is no state of main", &["0", "0", "1"]),
        ("control: main brings the migration as well, when that may go", &["0", "0", "0", "0"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// A freeze that was on the default branch counts until what takes it back is allowed, or until it is over.
#[test]
fn a_freeze_is_not_taken_back_by_what_was_refused() {
    let said = Transcript::of("87-freeze-taken-back-by-a-refused-commit.sh", &[]);
    let expected: [(&str, &[&str]); 9] = [
        ("control: it is on the branch", &["0", "1", "1"]),
        ("attack: what takes it back was refused", &["0", "1", "1", "1"]),
        ("attack: another commit of main", &["0", "1", "1", "1"]),
        ("control: the freeze is over", &["0", "1", "1", "0", "0"]),
        ("control: the way out that is printed", &["0", "1", "0", "0"]),
        ("attack: a rollback", &["0", "0", "1", "0", "1"]),
        ("attack: for staging", &["0", "1", "0", "1"]),
        ("attack: no job for the freeze\n", &["0", "1", "1", "1"]),
        ("attack: no job for the freeze and for what takes it back", &["0", "1", "1", "0"]),
    ];
    cases_end_with(said.text(), &expected);
    // the commit to name
    assert!(said.part("attack: another commit of main").ends_with("\n1\n"), "{}", said.text());
}

/// What others brought is there whatever comes by that brings nothing, and the log of one ref knows nothing of it.
#[test]
fn what_others_brought_is_not_hidden_by_what_reaches_nothing() {
    let said = Transcript::of("86-what-a-commit-that-reaches-nothing-hides.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("control: nobody else brought anything", &["0", "0", "0", "0"]),
        ("control: main brought something before", &["0", "0", "0", "0", "0"]),
        ("attack: main brought more, and then came nothing", &["0", "0", "0", "0", "1"]),
        ("control: in open hours", &["0", "0", "0", "0", "0"]),
        ("attack: the log of the release branch alone knows R1", &["0", "0", "0", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// What was taken back stays taken back, however long ago that was which was put back then.
#[test]
fn an_undo_of_an_undo_is_none_at_any_age() {
    let said = Transcript::of("88-undo-of-an-old-undo.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("control: the newest change goes back", &["0", "0", "0", "0"]),
        ("control: taken back within 72 h", &["0", "0", "0", "1"]),
        ("control: taken back by what is older", &["0", "0", "0", "1"]),
        ("attack: taken back long ago, and brought again", &["0", "0", "0", "0", "0", "1"]),
        ("control: the undo is lost with its branch", &["0", "0", "0", "0", "0"]),
    ];
    cases_end_with(said.text(), &expected);
}
