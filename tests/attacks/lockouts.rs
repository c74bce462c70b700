//! Edits of the policy after which its owners could not edit it any more: nobody may override, or nobody can.

use crate::attacks::transcript::{Transcript, cases_end_with, statuses};

/// What is open today and closed from tomorrow on for good locks its owners out tomorrow.
#[test]
fn a_policy_that_is_open_for_a_while_and_never_again_is_refused() {
    for script in ["53-lockout-dated.sh", "54-lockout-one-open-day.sh"] {
        let said = Transcript::of(script, &[]);
        said.says("1: the ", &["the edit closes `production` for 400 days from", "[git push exit 1]"]);
        assert_eq!(statuses(said.text()), ["1", "0", "0", "0", "0"], "{}", said.text());
    }
}

/// A target that takes the policy's own file to two environments of which one is always closed. Each may still be opened by itself.
#[test]
fn environments_that_are_never_open_together_do_not_take_the_policy() {
    let said = Transcript::of("55-lockout-never-together.sh", &[]);
    let parts: Vec<&str> = said.text().split("\n=== ").skip(1).collect();
    assert_eq!(parts.len(), 6, "{}", said.text());
    for part in parts {
        if part.starts_with("1:") {
            assert_eq!(statuses(part), ["0"], "{part}");
            continue;
        }
        assert_eq!(statuses(part).first(), Some(&"1"), "{part}");
        assert!(part.contains("the edit refuses every later edit of the policy's"), "{part}");
        let fixes: Vec<&str> = part.lines().filter(|line| line.starts_with("-- fix: take back target")).collect();
        assert_eq!(fixes.len(), 6, "{part}");
        assert!(fixes.iter().all(|line| line.contains("[git push exit 0]")), "{part}");
    }
}

/// Where nothing is recorded, no override of one change counts: a freeze that only an override could end is refused.
#[test]
fn an_override_that_cannot_be_recorded_leaves_no_way_back() {
    let said = Transcript::of("56-lockout-lift-without-record.sh", &[]);
    assert_eq!(statuses(said.text()), ["1", "0", "0", "1"], "{}", said.text());
    said.says("1: the freeze", &["the edit closes `production` for the coming 400"]);
}

/// What reaches every environment has a large entry. A policy by which it would be too large for the record does not load.
#[test]
fn no_policy_makes_the_entry_of_an_edit_too_large_for_the_record() {
    let large = [
        vec![("N", "2800"), ("LETTERS", "60")],
        vec![("N", "150"), ("LETTERS", "1"), ("REGIONS", "150")],
        vec![("N", "300"), ("LETTERS", "60"), ("REGIONS", "160")],
    ];
    for set in &large {
        let said = Transcript::of("58-lockout-large-entry.sh", set);
        assert_eq!(statuses(said.text()), ["0"; 4], "{}", said.text());
        said.says("5: the record", &["intact: ", "4 entries", "1 entry lists a part and counts the rest"]);
    }
    for set in [vec![("N", "6000")], vec![("N", "300"), ("REGIONS", "170")]] {
        let said = Transcript::of("58-lockout-large-entry.sh", &set);
        assert_eq!(statuses(said.text()), ["1", "1", "1", "0"], "{}", said.text());
        said.says("1: environments", &["error[too-large]"]);
    }
}

/// What a message of a job says is a way out is one.
#[test]
fn a_job_that_cannot_pass_says_what_does() {
    let said = Transcript::of("79-lockout-of-jobs.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("gone", &["0", "0", "2", "2", "1", "0"]),
        ("evidence", &["0", "2", "0"]),
        ("branches", &["0", "0", "2", "0", "0"]),
        ("clock", &["0", "0", "1", "0"]),
        ("trailer", &["0", "1", "0"]),
    ];
    cases_end_with(said.text(), &expected);
    said.says("gone", &["add `--fetch`"]);
    said.never_says(&["undo"]);
}

/// What is not there any more, or never was, stops no job for good.
#[test]
fn what_is_gone_locks_nobody_out() {
    let said = Transcript::of("91-lockout-of-jobs-by-what-is-gone.sh", &[]);
    let expected: [(&str, &[&str]); 9] = [
        ("hook", &["0", "0", "1", "0", "0"]),
        ("version", &["0", "2", "2", "0", "0"]),
        ("refused", &["0", "1", "0", "1", "2", "0", "0"]),
        ("staging", &["0", "0", "0"]),
        ("rollback", &["0", "0", "0", "0", "1"]),
        ("rename", &["0", "2", "1", "0"]),
        ("range", &["0", "0", "2", "2", "0", "0"]),
        ("range", &["0", "0", "2", "2", "0", "0"]),
        ("roster", &["0", "1"]),
    ];
    cases_end_with(said.text(), &expected);
    said.says("rollback", &["none: former states can't be read"]);
    said.says("roster", &["nobody can sign: too few keys of the roster are valid now"]);
}

/// An edit that selects the record's branch is refused, not those after it; an alias is known before anything was allowed.
#[test]
fn neither_the_branch_of_the_record_nor_an_alias_locks_anybody_out() {
    let said = Transcript::of("83-lockout-target-that-selects-the-record.sh", &[]);
    let both: &[&str] = &["0", "2", "0", "0", "0"];
    cases_end_with(said.text(), &[("refs = [\"refs/heads/*\"]", both), ("refs = [\"refs/heads/f*\"]", both)]);
    let said = Transcript::of("84-alias-after-a-first-refusal.sh", &[]);
    let expected: [(&str, &[&str]); 3] =
        [("production", &["1", "0", "0"]), ("prod\n", &["1", "0", "0"]), ("prod, first allowed", &["0", "1", "0"])];
    cases_end_with(said.text(), &expected);
}

/// What somebody asked by hand makes no state: the first job begins as if the record were new.
#[test]
fn a_record_that_begins_with_a_question_by_hand_locks_no_job_out() {
    let said = Transcript::of("119-asked-by-hand-first.sh", &[]);
    cases_end_with(said.text(), &[("nobody", &["0", "0", "1"]), ("hand", &["0", "0", "1"])]);
}

/// A policy that is too large to compare opens everything with each edit, so that all has to be open together at some time.
#[test]
fn a_policy_that_can_not_be_compared_leaves_an_hour_at_which_all_is_open() {
    let said = Transcript::of("121-lockout-uncompared-and-never-together.sh", &[]);
    for (title, expected) in [("c\n", ["0", "0"]), ("a\n", ["0", "1"])] {
        assert_eq!(statuses(said.part(title)), expected, "{}", said.text());
    }
}

/// A tag that can't be followed, and that no target selects, stops no push of other refs, nor the one that deletes it.
#[test]
fn a_tag_of_too_many_tags_locks_nobody_out() {
    let said = Transcript::of("137-lockout-by-a-deep-tag.sh", &[]);
    let all: &[&str] = &["0", "0", "0", "0"];
    cases_end_with(said.text(), &[("70 deep, alone", &["0"]), ("40 deep", all), ("70 deep", all)]);
}

/// An emergency stop has room beside the largest policy.
#[test]
fn the_largest_policy_leaves_room_for_a_stop() {
    let said = Transcript::of("138-lockout-no-room-for-a-stop.sh", &[]);
    let all: &[&str] = &["0", "0", "0"];
    cases_end_with(said.text(), &[("control", all), ("attack", all)]);
}

/// A job whose event is about something else than its ref makes no state of that ref of whatever it checks out.
#[test]
fn a_job_of_another_event_locks_no_branch_out() {
    let said = Transcript::of("152-lockout-by-workflow-run.sh", &[]);
    for sort in ["allowed", "refused"] {
        for event in ["pull_request", "workflow_run"] {
            let part = said.part(&format!("{sort}-{event}\n"));
            assert_eq!(statuses(part), ["0"; 4], "{sort}-{event}: {}", said.text());
        }
        said.says(&format!("{sort}-workflow_run\n"), &["[workflow_run of the request: exit 2]"]);
    }
}

/// What a branch has in its history keeps no later job from a decision, and a merge makes no policy the first one.
#[test]
fn what_no_push_can_take_out_of_a_branch_locks_nobody_out() {
    let said = Transcript::of("156-lockouts-by-the-history-of-a-branch.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("trailer", &["0", "2", "0"]),
        ("malformed tree", &["0", "0", "0"]),
        ("malformed folder of policies", &["0", "0", "0"]),
        ("orphan first", &["2"]),
        ("main first", &["2"]),
    ];
    cases_end_with(said.text(), &expected);
    said.says("trailer", &["ignored, because"]);
}

/// What only an edit that opens all environments could take back, and they are never open together.
#[test]
fn a_target_for_environments_that_are_never_open_together_is_refused() {
    let said = Transcript::of("158-lockout-by-a-target-for-all.sh", &[]);
    let expected: [(&str, &[&str]); 4] =
        [("all", &["1"]), ("routes", &["1"]), ("one", &["0", "1", "0"]), ("together", &["0", "0"])];
    cases_end_with(said.text(), &expected);
    said.says("all", &["back freezegate.toml:11, and not all environments", "name one environment"]);
}

/// More stops than are read.
#[test]
fn more_stops_than_a_place_may_hold_are_not_accepted() {
    let said = Transcript::of("159-lockout-by-too-many-stops.sh", &[]);
    cases_end_with(said.text(), &[("stops", &["1", "1", "1", "1", "0", "0", "1"])]);
    said.says("stops", &["brings two stops whose ids begin alike"]);
    said.says("stops", &["makes it a tag, not a commit"]);
    said.says("stops", &["a stop that begins more than an hour from now"]);
    said.says("stops", &["than 100 stops that are not over"]);
}

/// Guarded names that can't be read, and an opening that is too short for anybody.
#[test]
fn what_is_guarded_but_cannot_be_read_can_go_again_and_a_second_is_no_opening() {
    let said = Transcript::of("160-lockouts-by-routes-and-by-a-second.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("name", &["0", "0", "0", "0", "1"]),
        ("link", &["0", "0", "0", "0", "1"]),
        ("standing", &["0", "0", "1", "0", "0", "0"]),
        ("second", &["1"]),
        ("many", &["0", "1", "0"]),
    ];
    cases_end_with(said.text(), &expected);
    said.says("second", &["the edit closes `production` for the coming 400 days"]);
    said.says("many", &["`[routes]` guards more than 128 MiB"]);
}

/// A folder behind a link that is left out as a file, routes in a file of another kind, and stops beyond those that are read.
#[test]
fn what_is_left_out_as_a_file_counts_as_a_folder_and_removed_stops_count() {
    let said = Transcript::of("161-links-toml-and-remembered-stops.sh", &[]);
    let expected: [(&str, &[&str]); 3] =
        [("link", &["0", "1", "1", "1"]), ("toml", &["1", "0", "1", "1"]), ("stops", &["0", "0", "1", "0"])];
    cases_end_with(said.text(), &expected);
    said.says("link", &["reached by  deploy/production/on.md"]);
    said.says("toml", &["takes requests of `production`"]);
}

/// What another branch brought, what a checkout makes of a file, and a branch that is called like a commit.
#[test]
fn a_log_shows_one_branch_attributes_alter_files_and_names_of_commits_are_taken() {
    let said = Transcript::of("163-other-refs-altered-files-and-ids-to-come.sh", &[]);
    let expected: [(&str, &[&str]); 10] = [
        ("two branches, by log", &["0", "0", "0", "0", "1"]),
        ("two branches, by record", &["0", "0", "0", "0", "1"]),
        ("one branch, by log", &["0", "0", "0"]),
        ("attributes", &["1", "0", "1", "1"]),
        ("standing", &["0", "0", "0", "1", "0"]),
        ("a commit to come, 40 digits", &["0", "1", "1", "0", "0", "1", "0", "1", "1"]),
        ("a commit to come, 12 digits", &["0", "1", "1", "0", "0", "1", "0", "1", "1"]),
        ("a commit to come, in other words", &["0", "1", "1", "1", "0", "1", "0", "0", "0"]),
        ("a tag to come", &["0", "1", "1", "0"]),
        ("documents", &["1"; 7]),
    ];
    cases_end_with(said.text(), &expected);
    said.says(
        "two branches, by log",
        &["`refs/heads/main` reaches the environment too, and a reflog shows one ref: keep a record"],
    );
    said.says("attributes", &["take `working-tree-encoding` out of `routes/.gitattributes`, line 1"]);
}

/// Definitions of repositories that did not count would, by an edit of the organisation's policy.
#[test]
fn an_organisation_that_gives_up_a_name_opens_what_it_closed() {
    let said = Transcript::of("164-names-that-an-organisation-gives-up.sh", &[]);
    let expected: [(&str, &[&str]); 4] =
        [("listed", &["1"]), ("renamed", &["1"]), ("removed", &["1"]), ("control", &["0"])];
    cases_end_with(said.text(), &expected);
    said.says("listed", &["the environment `production` is removed"]);
    said.says("renamed", &["the service `web` is removed"]);
}

/// Repositories build on each definition of the organisation's policy: one that changes counts as opened, one that is added does not.
#[test]
fn an_organisation_opens_what_only_repositories_define() {
    let said = Transcript::of("165-what-only-repositories-define.sh", &[]);
    let refused = [
        "regions",
        "all-regions",
        "off",
        "service",
        "region",
        "calendar",
        "listed",
        "listed-region",
        "listed-service",
        "zone",
        "inside",
        "windows",
        "target",
        "moved",
        "more-hours",
    ];
    let passed = ["more-freezes", "longer", "more-names", "contact"];
    let expected: Vec<(&str, &[&str])> = refused
        .into_iter()
        .map(|case| (case, &["1"] as &[&str]))
        .chain(passed.into_iter().map(|case| (case, &["0"] as &[&str])))
        .collect();
    cases_end_with(said.text(), &expected);
    said.says("regions", &["the environment `production` is changed"]);
    said.says("calendar", &["the calendar `sales` is changed"]);
    said.says("more-hours", &["the region `eu` is changed"]);
}

/// What jobs name can't be taken out by an edit that they let pass, and each way out is printed.
#[test]
fn names_that_jobs_give_stay_known_and_ways_out_are_said() {
    let said = Transcript::of("162-names-that-jobs-give.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("own", &["0", "2", "0", "2"]),
        ("renamed", &["0", "0", "0", "0", "0"]),
        ("others", &["0", "0", "0", "2", "0"]),
        ("organisation", &["0", "0", "2", "0"]),
        ("newest", &["0", "1", "0"]),
    ];
    cases_end_with(said.text(), &expected);
    said.says("own", &["the edit takes out the environment `staging`, which this job gives"]);
    said.says("own", &["the edit renames the environment `staging`, which this job gives, to `stage`"]);
    said.says("others", &["If an edit took it out, name the commit before: `--policy-from COMMIT`"]);
    said.says("newest", &["to be judged without it: `--policy-from "]);
}
