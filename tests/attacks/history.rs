//! What becomes a former state, what a job is compared with, and where a push arrives. The last of each attack is refused.

use crate::attacks::transcript::{Transcript, cases_end_with, statuses};

/// A push that git turned down after it was allowed is no former state, whatever has its commit as an ancestor later.
#[test]
fn what_git_turned_down_has_not_landed_by_a_merge_that_discards_it() {
    let said = Transcript::of("108-phantom-merged.sh", &[]);
    let expected: [(&str, &[&str]); 3] = [
        ("control", &["0", "0", "0", "0", "1"]),
        ("attack", &["0", "0", "0", "0", "1"]),
        ("other-branch", &["0", "0", "0", "0", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// What the job of a request was allowed for may never have been deployed.
#[test]
fn what_a_request_brought_is_nothing_to_roll_back_to() {
    let said = Transcript::of("109-rollback-to-a-request.sh", &[]);
    let ways = ["request", "queue"].into_iter().flat_map(|by| ["main", "tag", "rel"].map(|to| (by, to)));
    let cases = ways.flat_map(|(by, to)| ["control", "attack"].map(|what| format!("{what}: {by}, then {to}")));
    let titles: Vec<String> = cases.collect();
    let expected: Vec<(&str, &[&str])> = titles.iter().map(|title| (title.as_str(), ["1"].as_slice())).collect();
    cases_end_with(said.text(), &expected);
}

/// Nor does it hide what was deployed before it.
#[test]
fn what_a_request_brought_does_not_hide_what_main_brought() {
    let said = Transcript::of("110-request-hides-main.sh", &[]);
    let all: &[&str] = &["0", "0", "0", "0", "1"];
    cases_end_with(said.text(), &[("control", all), ("request", all), ("queue", all)]);
}

/// Where several policies are asked, a refusal tells when all of them let the change go.
#[test]
fn a_job_is_told_when_all_policies_that_are_asked_open() {
    let said = Transcript::of("111-opens-ignores-policy-asked-too.sh", &[]);
    said.says("control", &["opens       Fri 01:00 UTC"]);
    said.says(
        "in force closes longer",
        &["opens       Fri 01:00 UTC, in 1 d 4 h", "opens       Fri 01:00 UTC, in 24 h"],
    );
    said.says(
        "the tip has a freeze",
        &["opens       Thu 01:00 UTC, in 14 h", "opens       Wed 18:00 Los Angeles = Thu 01:00 UTC"],
    );
}

/// Whoever pushes chooses the path: `HEAD` of a linked work tree is not that of the repository.
#[test]
fn a_push_to_a_linked_work_tree_chooses_no_default_branch() {
    let said = Transcript::of("112-worktree-head.sh", &[]);
    let expected: [(&str, &[&str]); 3] = [("a", &["1", "1"]), ("b", &["1"]), ("c", &["1", "0", "1"])];
    cases_end_with(said.text(), &expected);
    said.says("b", &["main on the server: begin"]);
}

/// What a merge queue allows is merged: it uses a grant up.
#[test]
fn a_merge_queue_uses_a_grant_up() {
    let said = Transcript::of("113-grant-twice-in-queue.sh", &[]);
    let expected: [(&str, &[&str]); 3] = [
        ("control: jobs that deploy main", &["0", "1", "1"]),
        ("with a record", &["1", "0", "1"]),
        ("without one", &["1", "1", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// What git turned down takes no rollback away either.
#[test]
fn what_git_turned_down_takes_no_rollback_away() {
    let said = Transcript::of("114-phantom-takes-rollback-away.sh", &[]);
    said.says("attack", &["rollback    verified"]);
    assert_eq!(statuses(said.part("attack")).last(), Some(&"0"), "{}", said.text());
}

/// Nor does what another hook turned down.
#[test]
fn what_another_hook_turned_down_blocks_no_rollback() {
    let said = Transcript::of("115-rejected-push-blocks-rollback.sh", &[]);
    said.says("attack", &["rollback    verified"]);
    assert_eq!(statuses(said.part("attack")).last(), Some(&"0"), "{}", said.text());
}

/// A fork on a server is not the repository that it was copied from, although its `origin` names that.
#[test]
fn a_fork_on_the_server_has_states_of_its_own() {
    let said = Transcript::of("116-fork-with-the-name-of-its-origin.sh", &[]);
    for title in ["a\nto", "b\nto"] {
        assert_eq!(statuses(said.part(title)).last(), Some(&"1"), "{}", said.text());
    }
}

/// Only the last plan that changed a value can be taken back: an older one would bring back what was gone back from.
#[test]
fn a_plan_that_was_rolled_back_is_not_repeated_by_way_of_an_older_one() {
    let said = Transcript::of("117-plan-repeated-by-an-older-plan.sh", &[]);
    for title in ["control", "attack"] {
        assert!(
            said.part(title).trim_end().lines().last().is_some_and(|line| line.contains(": exit 1 ")),
            "{}",
            said.text()
        );
    }
}

/// What a tag brought is what is deployed: a branch does not go back past it.
#[test]
fn a_branch_does_not_go_back_past_a_tag() {
    let said = Transcript::of("118-rollback-of-a-branch-past-a-tag.sh", &[]);
    let expected: [&str; 3] = ["server, one target(s)", "server, two target(s)", "jobs"];
    for title in expected {
        assert_eq!(statuses(said.part(title)).last(), Some(&"1"), "{}", said.text());
    }
}

/// A freeze in a file that the policy in force does not include is asked like any other.
#[test]
fn a_freeze_in_an_include_of_its_own_is_asked_too() {
    let said = Transcript::of("120-freeze-in-an-include-of-its-own.sh", &[]);
    for title in ["control \n", "control --fetch", "attack \n", "attack --fetch"] {
        assert_eq!(statuses(said.part(title)), ["1"], "{}", said.text());
    }
}

/// A tag that is moved takes back what it brought: the record has to know, even if the commit is what production runs.
#[test]
fn a_tag_that_is_moved_back_is_judged_and_recorded() {
    for script in ["122-settled-tag-erases-a-state.sh", "123-settled-tag-repeats-what-was-undone.sh"] {
        let said = Transcript::of(script, &[]);
        for title in ["control\n", "attack\n"] {
            assert_eq!(statuses(said.part(title)).last(), Some(&"1"), "{}", said.text());
        }
    }
}

/// A fork that pushes arrive in is not its origin, with a work tree or without `.git` in its name.
#[test]
fn a_fork_with_a_work_tree_has_states_of_its_own() {
    let said = Transcript::of("124-fork-with-work-tree-or-without-git.sh", &[]);
    let parts: Vec<&str> = said.text().split("evil to the server\n").skip(2).step_by(2).collect();
    assert!(!parts.is_empty() && parts.iter().all(|part| part.starts_with("[git push exit 1]")), "{}", said.text());
}

/// Policies that open in turn for days are asked on.
#[test]
fn an_opening_is_found_though_policies_open_in_turn() {
    let said = Transcript::of("125-opens-by-all-gives-up.sh", &[]);
    for title in ["alternating hours up to hour 11", "alternating hours up to hour 71"] {
        let part = said.part(title);
        assert!(part.contains("opens       ") && !part.contains("not within 400 days"), "{}", said.text());
        assert_eq!(statuses(part).last(), Some(&"0"), "{}", said.text());
    }
}

/// What the record drops of old states is what repeats the one before it, and nothing was brought between the two.
#[test]
fn the_record_drops_no_undo_and_nothing_that_landed() {
    let said = Transcript::of("126-record-drops-the-undo.sh", &[]);
    for title in ["control\n", "control2\n", "attack\n"] {
        assert_eq!(statuses(said.part(title)).last(), Some(&"1"), "{}", said.text());
    }
    let said = Transcript::of("127-record-drops-what-landed-after-a-phantom.sh", &[]);
    for title in ["control\n", "attack\n"] {
        assert_eq!(statuses(said.part(title)).last(), Some(&"1"), "{}", said.text());
    }
}

/// That a tag was deleted brought nothing: it is neither what is deployed nor what stands between a state and its undo.
#[test]
fn a_tag_that_is_deleted_is_not_a_state() {
    for (script, last) in [
        ("128-deleted-tag-takes-rollback-away.sh", "0"),
        ("129-deleted-tag-hides-an-undo.sh", "1"),
        ("130-settled-tag-takes-rollback-away.sh", "0"),
    ] {
        let said = Transcript::of(script, &[]);
        for title in ["control\n", "attack\n"] {
            assert_eq!(statuses(said.part(title)).last(), Some(&last), "{script}: {}", said.text());
        }
    }
}

/// What a push changed that git turned down says whether it landed: not an equal tree, an equal path or an equal commit.
#[test]
fn what_git_turned_down_has_not_landed_by_being_equal() {
    for script in
        ["131-phantom-retag-settles.sh", "132-phantom-of-the-same-tree.sh", "133-phantom-equal-on-asked-paths.sh"]
    {
        let said = Transcript::of(script, &[]);
        for title in ["control\n", "attack\n"] {
            assert_eq!(statuses(said.part(title)).last(), Some(&"1"), "{script}: {}", said.text());
        }
    }
}

/// What one target matched and no one target matches any more opens what does not stop rollbacks.
#[test]
fn a_target_that_is_split_makes_no_rollback_of_a_part() {
    let split = |script: &str, attacks: &[&str]| {
        let said = Transcript::of(script, &[]);
        for title in attacks {
            let part = said.part(title);
            assert!(part.contains("to rollbacks: no one target"), "{script} {title}: {}", said.text());
            assert!(
                statuses(part).iter().rev().take(2).all(|status| *status == "1"),
                "{script} {title}: {}",
                said.text()
            );
        }
    };
    split("134-target-split-by-refs.sh", &["undone, attack\n", "hotfix, attack\n"]);
    split("135-target-split-by-paths.sh", &["record, attack\n", "reflog, attack\n"]);
    let said = Transcript::of("136-target-split-past-a-lift.sh", &[]);
    let pushes = statuses(said.text());
    assert!(pushes.iter().rev().take(3).all(|status| *status == "1"), "{}", said.text());
}

/// What two edits do together that "opened nothing" one by one: a stale calendar in place of core hours, a level that nobody may override, a
/// shorter `within`, one target in place of two.
#[test]
fn edits_that_open_nothing_one_by_one_open_nothing_together() {
    for (script, attacks, pushes) in [
        ("139-stale-calendar-stands-for-core-hours.sh", &["core\n", "year-end\n", "holidays\n", "soft\n"][..], 5),
        ("140-soft-made-hard.sh", &["attack\n"], 4),
        ("140-soft-made-hard.sh", &["freeze\n"], 2),
        ("141-within-shrinks.sh", &["control0\n", "control\n", "attack\n"], 1),
        ("142-targets-merged.sh", &["attack\n"], 2),
    ] {
        let said = Transcript::of(script, &[]);
        for title in attacks {
            let ends = statuses(said.part(title));
            let last = ends.iter().rev().take(pushes);
            assert!(
                ends.len() >= pushes && last.clone().all(|status| *status == "1"),
                "{script} {title}: {}",
                said.text()
            );
        }
    }
}

/// The system follows a name in a link's text before it goes back by `..`, so that nobody knows where that leads.
#[test]
fn a_link_that_goes_back_behind_a_name_leads_out() {
    let said = Transcript::of("143-link-by-dotdot-through-a-link.sh", &[]);
    let all: &[&str] = &["0", "1", "0"];
    cases_end_with(said.text(), &[("control", all), ("through", all), ("through_later", all)]);
    assert!(!said.text().contains("now has: evil"), "{}", said.text());
}

/// A freeze that names hazards is compared as others are: what decides whether it applies opens it.
#[test]
fn a_freeze_of_hazards_is_compared_with_all_that_it_depends_on() {
    let said = Transcript::of("144-freeze-of-hazards-is-compared.sh", &[]);
    for case in ["kind", "exempt", "settle"] {
        for sort in ["hazard", "plain"] {
            let part = said.part(&format!("{case}-{sort}\n"));
            assert_eq!(statuses(part), ["1"; 4], "{case}-{sort}: {}", said.text());
        }
    }
}

/// Signatures: groups are their persons, and a grant for an edit is for what it opens in the policy at hand.
#[test]
fn neither_other_names_nor_another_edit_first_make_more_of_a_signature() {
    let said = Transcript::of("145-hard-lifts-soft-by-group-name.sh", &[]);
    for title in ["control\n", "attack\n"] {
        assert_eq!(statuses(said.part(title)), ["1", "1"], "{}", said.text());
    }
    let said = Transcript::of("146-grant-for-an-edit-opens-more.sh", &[]);
    assert_eq!(statuses(said.part("control\n")), ["0", "1"], "{}", said.text());
    assert_eq!(statuses(said.part("attack\n")), ["0", "1", "1"], "{}", said.text());
}

/// Windows of one line are told apart.
#[test]
fn each_calendar_of_closed_holidays_closes() {
    let said = Transcript::of("147-closed-holidays-of-two-calendars.sh", &[]);
    for title in ["control\n", "plain\n", "attack\n"] {
        assert_eq!(statuses(said.part(title)).last(), Some(&"1"), "{}", said.text());
    }
}

/// Requests of production that another environment would answer, each written so that it was not seen.
#[test]
fn routes_are_compared_however_they_are_written() {
    for script in [
        "148-istio-other-label-of-the-same-proxies.sh",
        "149-nginx-from-to-www.sh",
        "150-istio-split-of-equal-parts.sh",
        "151-istio-short-host-at-a-gateway.sh",
    ] {
        let said = Transcript::of(script, &[]);
        let pushes = statuses(said.text());
        assert!(pushes.len() >= 2 && pushes.iter().all(|status| *status == "1"), "{script}: {}", said.text());
    }
}

/// A ref that git, a file system or a person may take for a guarded one is refused, or judged as that; what ordinary teams push is not.
#[test]
fn what_takes_the_name_of_a_guarded_ref_does_not_pass() {
    let said = Transcript::of("153-names-that-git-takes-for-another.sh", &[]);
    let expected: [(&str, &[&str]); 10] = [
        ("control", &["1", "1", "0", "0"]),
        ("short names at 2025-07-09", &["1"; 8]),
        ("short names at 2025-07-06", &["1"; 8]),
        ("another name for the default branch", &["1", "1", "1"]),
        ("the abbreviated name of a commit", &["1", "1", "0", "0"]),
        ("look-alikes", &["1", "1", "1", "1", "1", "1", "1"]),
        ("both at once", &["1"]),
        ("a guarded ref", &["0", "1", "0", "0"]),
        ("what ordinary teams push", &["0", "0", "0", "0"]),
        ("the same files", &["1", "1"]),
    ];
    cases_end_with(said.text(), &expected);
    said.says("short names at 2025-07-06", &["git may take `refs/tags/main` for"]);
}

/// Programs that read the last tree of a commit would deploy what nobody judged.
#[test]
fn a_commit_that_names_two_trees_is_refused() {
    let said = Transcript::of("154-commit-of-two-trees.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("one tree", &["0"]),
        ("two trees", &["1"]),
        ("behind the parents", &["1"]),
        ("as a continuation", &["1"]),
        ("in the message", &["0"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// A freeze counts from when it is on the branch, also where a checkout lacks the commit that brought it.
#[test]
fn a_shallow_checkout_hides_no_freeze() {
    let said = Transcript::of("155-freeze-that-a-shallow-checkout-lacks.sh", &[]);
    let expected: [(&str, &[&str]); 4] =
        [("depth 50", &["0", "1"]), ("depth 1", &["0", "1"]), ("depth 2", &["0", "2"]), ("depth 4", &["0", "1"])];
    cases_end_with(said.text(), &expected);
}

/// What refs held before a record began may have been deployed: what was undone to that does not come back.
#[test]
fn what_was_there_before_the_record_counts_as_put_back() {
    let said = Transcript::of("166-what-was-there-before-the-record.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("older branch", &["0", "0", "1", "1"]),
        ("older tag", &["0", "0", "1"]),
        ("first policy", &["0", "0", "0", "1", "1"]),
        ("own base", &["0", "0", "0", "1"]),
        ("control", &["0", "0", "0"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// A pipeline that deploys the newest tag, and removes what it does not have, would empty production.
#[test]
fn a_new_ref_changes_what_it_lacks_of_the_default_branch() {
    let said = Transcript::of("167-a-new-ref-without-productions-files.sh", &[]);
    let expected: [(&str, &[&str]); 4] = [
        ("control", &["1", "1", "0"]),
        ("without production", &["1", "1", "1"]),
        ("without one region", &["1"]),
        ("when all is open", &["0", "0"]),
    ];
    cases_end_with(said.text(), &expected);
    said.says("without production", &["refused: production/us is closed"]);
}

/// The record would keep what the hook allowed and git rejected then.
#[test]
fn a_new_ref_that_git_can_not_keep_is_refused_by_the_hook() {
    let said = Transcript::of("168-refs-below-each-other.sh", &[]);
    let expected: [(&str, &[&str]); 3] = [("below", &["1", "1"]), ("above", &["1"]), ("free", &["0", "0", "0"])];
    cases_end_with(said.text(), &expected);
    said.says("below", &["git can't keep `refs/heads/release/1/z` beside"]);
    said.says("above", &["git can't keep `refs/heads/release` beside"]);
}

/// Whoever may change staging's folder at any hour would decide about the requests of production.
#[test]
fn what_routes_of_production_go_by_is_a_change_of_production() {
    let said = Transcript::of("169-what-routes-of-production-go-by.sh", &[]);
    let expected: [(&str, &[&str]); 7] = [
        ("control", &["1"]),
        ("removed", &["1", "1", "1", "1"]),
        ("changed", &["1", "1", "1", "1", "1", "1"]),
        ("moved", &["1"]),
        ("beside them", &["1"]),
        ("what concerns staging alone", &["0", "0", "0", "0"]),
        ("a rollback of it", &["0", "0", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// What changes under a route of production is a change of production, however it comes.
#[test]
fn nobody_else_decides_about_routes_of_production() {
    let said = Transcript::of("171-routes-that-others-decide-about.sh", &[]);
    let expected: [(&str, &[&str]); 4] = [
        ("a rollback to a Gateway that changed", &["0", "0", "0", "1"]),
        ("a folder that no target maps", &["0", "1", "1", "1"]),
        ("an edit that moves no request", &["0", "1", "1"]),
        ("a job of staging", &["0", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// What nothing compares may still not be taken away, or get another Gateway.
#[test]
fn a_route_of_production_that_is_not_understood_counts_wherever_it_is() {
    let said = Transcript::of("172-routes-that-are-not-understood.sh", &[]);
    let expected: [(&str, &[&str]); 3] = [
        ("the route goes", &["0", "1", "1"]),
        ("its Gateway changes", &["0", "1", "1"]),
        ("those of staging", &["0", "0", "0"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// What a job of staging leaves to others does not hide that it decides about routes of production.
#[test]
fn what_a_job_leaves_to_others_hides_no_route_of_production() {
    let said = Transcript::of("173-what-a-job-leaves-to-others-hides.sh", &[]);
    let expected: [(&str, &[&str]); 4] = [
        ("a Gateway changes, and a file of production", &["0", "1"]),
        ("a Gateway goes to production's folder", &["0", "1"]),
        ("it goes there changed", &["0", "1"]),
        ("a route of production changes, and a file of staging", &["0", "0"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// A target that maps a folder to staging does not take production's routes in it from production.
#[test]
fn a_route_of_production_in_a_folder_of_staging_is_productions() {
    let said = Transcript::of("174-routes-in-a-folder-of-staging.sh", &[]);
    let expected: [(&str, &[&str]); 2] =
        [("infra", &["0", "1", "1", "1", "0"]), ("deploy/staging", &["0", "1", "1", "1", "0"])];
    cases_end_with(said.text(), &expected);
}
