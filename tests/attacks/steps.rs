//! Steps that open nothing by themselves: edits, states and plans, one after the other. The last of each attack is refused.

use crate::attacks::transcript::{Transcript, cases_end_with};

/// What an environment does not serve is refused at any hour, and what comes to be served is compared with the windows of the rest.
#[test]
fn a_region_is_not_opened_by_adding_it_first() {
    let said = Transcript::of("92-two-edits-add-a-region.sh", &[]);
    let expected: [(&str, &[&str]); 4] = [
        ("a", &[]),
        ("control: before any edit", &["1", "1"]),
        ("control: both edits in one push", &["1"]),
        ("attack: one after the other", &["0", "1", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// The same of a region that is taken away and given back.
#[test]
fn a_region_is_not_opened_by_taking_it_away_for_a_while() {
    let said = Transcript::of("93-three-edits-open-a-region.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("control: no edit", &["1"]),
        ("control: one push", &["1", "1"]),
        ("attack: three pushes", &["0", "0", "1", "1"]),
        ("control: one push, and a signature is asked for at any hour", &["1", "1"]),
        ("attack: three pushes, where a signature is asked for at any hour", &["0", "0", "1", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// The same in a freeze, and by a service.
#[test]
fn neither_a_region_nor_a_service_is_opened_by_many_edits() {
    let said = Transcript::of("94-edits-open-everything.sh", &[]);
    let expected: [(&str, &[&str]); 2] = [
        ("one region, in the freeze", &["1", "0", "0", "0", "0", "1", "1"]),
        ("a service, in core hours and in the freeze", &["1", "0", "0", "1", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// A target that captures names which nothing has shows nothing yet; what gives it a name is compared with what is said alone.
#[test]
fn no_kind_comes_by_a_service_that_is_added_later() {
    let said = Transcript::of("95-two-edits-kind-by-service.sh", &[]);
    let expected: [(&str, &[&str]); 4] = [
        ("control: no edit", &["1"]),
        ("control: one edit", &["1", "1"]),
        ("attack: two edits", &["0", "1", "1"]),
        (
            "attack: the same, in core hours, in jobs for staging, and then production gets it by night",
            &["0", "1", "0", "1"],
        ),
    ];
    cases_end_with(said.text(), &expected);
}

/// The kinds that a target shows of one region count in all that are said.
#[test]
fn a_target_of_an_open_region_shows_no_kind_for_the_others() {
    let said = Transcript::of("96-target-of-another-region.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("control: no edit", &["1"]),
        ("control: a target of us", &["1", "1"]),
        ("attack: a target of apac", &["1", "1"]),
        ("control: a target without a kind", &["1"]),
        ("attack: it gets a kind", &["1", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// A name of an environment is not free for another one, where routes are guarded.
#[test]
fn routes_do_not_change_hands_with_a_name() {
    let said = Transcript::of("97-routes-name-moves-in-two-edits.sh", &[]);
    let expected: [(&str, &[&str]); 3] =
        [("control: no edit", &["1"]), ("control: one edit", &["1", "1"]), ("attack: two edits", &["1", "1", "1"])];
    cases_end_with(said.text(), &expected);
}

/// Nor is an alias.
#[test]
fn routes_do_not_change_hands_with_an_alias() {
    let said = Transcript::of("98-routes-alias-moves.sh", &[]);
    let expected: [(&str, &[&str]); 4] = [
        ("control", &["1"]),
        ("attack", &["1", "1"]),
        ("control: production-test", &["1"]),
        ("attack: production-test goes", &["1", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// Names of regions match exactly.
#[test]
fn regions_whose_names_differ_in_case_have_states_of_their_own() {
    let said = Transcript::of("99-regions-that-differ-in-case.sh", &[]);
    let expected: [(&str, &[&str]); 2] = [("control: us and eu", &["0", "1"]), ("attack: EU and eu", &["0", "1"])];
    cases_end_with(said.text(), &expected);
}

/// The policies of a branch that was the default one are those of before.
#[test]
fn a_job_does_not_name_the_default_branch_of_before() {
    let said = Transcript::of("100-default-branch-of-before.sh", &[]);
    let expected: [(&str, &[&str]); 3] = [
        ("control", &["0", "0", "0", "1"]),
        ("attack: the old name", &["0", "0", "0", "2"]),
        ("attack: the same with --fetch", &["0", "0", "0", "2"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// A freeze that was on the branch is asked, whatever brings it again.
#[test]
fn a_freeze_is_not_hidden_by_a_head_that_brings_it_again() {
    let said = Transcript::of("101-freeze-of-the-head-itself.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("control: E on top of F", &["1"]),
        ("control: E on top of what takes F back, and main is at E", &["1"]),
        ("attack: and main is at what takes it back again", &["1"]),
        ("attack: the same with --fetch", &["1"]),
        ("attack: a request, on top of what takes F back", &["1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// A grant is for what the paths held when it was signed.
#[test]
fn a_grant_does_not_revert_what_another_branch_brought_since() {
    let said = Transcript::of("102-grant-same-path-by-another-ref.sh", &[]);
    let expected: [(&str, &[&str]); 3] = [
        ("control: main brought the hotfix at the same path", &["0", "1"]),
        ("control: rel/1 brought it at another path", &["0", "1"]),
        ("attack: rel/1 brought it at the same path", &["0", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// A value that a plan did away with is known again at another address, of another resource, and if it was sensitive.
#[test]
fn what_a_plan_took_back_is_no_rollback_whatever_became_of_the_resource() {
    let said = Transcript::of("103-plan-undo-by-move.sh", &[]);
    let expected: [(&str, &[&str]); 5] = [
        ("control: same address", &["0", "0", "1"]),
        ("attack: the fix moves the resource to another address", &["0", "0", "1"]),
        ("attack: the bad plan replaces the resource", &["0", "0", "1"]),
        ("attack: the provider begins to tell an identity", &["0", "0", "1"]),
        ("attack: the bad value was marked as sensitive when it came", &["0", "0", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// The job of a request may apply its plan.
#[test]
fn what_the_plan_of_a_request_replaced_is_known() {
    let said = Transcript::of("104-plan-of-a-request.sh", &[]);
    let expected: [(&str, &[&str]); 2] = [
        ("the bad plan is applied by a job of main", &["0", "0", "1"]),
        ("the bad plan is applied by a job of request", &["0", "0", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// What a replacement leaves alone is forgotten.
#[test]
fn a_hazard_of_what_is_forgotten_shows_in_a_replacement() {
    let said = Transcript::of("105-plan-forget-in-replace.sh", &[]);
    let expected: [(&str, &[&str]); 3] =
        [("control: forget", &["1"]), ("attack: create and forget", &["1"]), ("attack: forget and create", &["1"])];
    cases_end_with(said.text(), &expected);
}

/// Further manifests that are guarded may hide what a change takes.
#[test]
fn a_hijack_is_not_hidden_by_more_that_is_guarded() {
    let said = Transcript::of("106-routes-paths-hide.sh", &[]);
    let expected: [(&str, &[&str]); 4] = [
        ("control", &["1"]),
        ("control: the manifest alone", &["0", "1"]),
        ("control: guarded first", &["1", "1", "1"]),
        ("attack: the manifest, and then it is guarded", &["0", "1", "1"]),
    ];
    cases_end_with(said.text(), &expected);
}

/// Nor by tables that are told apart otherwise.
#[test]
fn a_hijack_is_not_hidden_by_other_tables() {
    let said = Transcript::of("107-routes-together-hides.sh", &[]);
    cases_end_with(said.text(), &[("control", &["1"]), ("attack", &["1", "1"])]);
}
