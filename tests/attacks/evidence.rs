//! What the evidence shows: trees, refs, attributes, long names.

use crate::attacks::transcript::{Transcript, cases_end_with};

/// A name that stands twice in a tree is refused, whichever git made the push.
#[test]
fn a_name_that_stands_twice_is_refused() {
    let said = Transcript::of("04-df-duplicate.sh", &[]);
    said.says("control: git rm", &["[git push exit 1]"]);
    said.says("push in the closed window", &["[git push exit 1]", "occurs twice"]);
}

#[test]
fn a_symbolic_ref_hides_no_move() {
    let said = Transcript::of("05-symref.sh", &[]);
    said.says("a) HEAD -> master -> main", &["[git push exit 1]", "refused: production/us"]);
    said.says("b) production -> main", &["[git push exit 1]", "refused: production/us"]);
    said.says("control: push to the alias", &["[git push exit 1]"]);
}

#[test]
fn attributes_reach_what_lies_below_them() {
    let said = Transcript::of("10-gitattributes.sh", &[]);
    said.says("closed: .gitattributes", &["[git push exit 1]", "refused: production/us", ".gitattributes"]);
}

/// A name that no checkout holds is refused before it is folded: in 1 GB of address space.
#[test]
fn a_long_name_is_refused_at_once() {
    for character in ["\u{fdfa}", "a", "\u{301}"] {
        let said = Transcript::of("14-long-name.sh", &[("LIMIT", "1000000"), ("SEC", "60"), ("CHAR", character)]);
        // 2: no decision; the script shows the end of what the hook says alone
        said.says("4 MiB in a name", &["pre-receive hook declined", "exited with non-zero status 2"]);
    }
}

#[test]
fn no_ref_update_gets_past_the_hook() {
    let said = Transcript::of("23-refs.sh", &[]);
    said.never_says(&["!!! main is"]);
    for pushed in ["delete, old: zeros", "delete, old: what is not there", "delete, old: a blob"] {
        let part = said.text().split(&format!("--- {pushed}")).nth(1).unwrap().split("\n--- ").next().unwrap();
        assert!(part.contains("error[") || part.contains("refused") || part.contains("ng "), "{pushed}: {part}");
    }
}

#[test]
fn a_deletion_with_a_false_old_id_is_refused() {
    let said = Transcript::of("24-delete-with-zeros.sh", &[]);
    // both versions of git, each with all three branches at the end
    let kept = |name: &str| said.text().lines().filter(|line| line.ends_with(&format!("\t{name}"))).count();
    assert!(kept("refs/heads/main") >= 2, "{}", said.text());
    assert!(kept("refs/heads/release/1") >= 2, "{}", said.text());
    assert!(kept("refs/heads/release/2") >= 2, "{}", said.text());
}

#[test]
fn odd_server_states_let_nothing_through() {
    let said = Transcript::of("36-server-odd.sh", &[]);
    let passes: Vec<&str> = said.text().lines().filter(|line| line.starts_with("PASSES")).collect();
    // HEAD leads to another branch, which a policy without refs judges; to delete a policy prepares the push after it
    let meant = ["HEAD to another branch", "(deletes the policy)"];
    assert!(passes.iter().all(|line| meant.iter().any(|text| line.contains(text))), "{passes:?}");
    assert!(said.text().contains("fails   then production"), "{}", said.text());
}

#[test]
fn push_options_without_end_are_no_yes() {
    let said = Transcript::of("37-big-push-options.sh", &[]);
    said.never_says(&["!!! main moved"]);
    assert!(said.text().contains("held"));
}

#[test]
fn an_empty_input_is_no_yes() {
    let said = Transcript::of("39-empty-stdin.sh", &[]);
    said.says("closed", &["[git push exit 1]", "given no refs", "[hook status exit 1]"]);
}

/// The attacks of the first version, and random trees against `git diff-tree`.
#[test]
fn earlier_attacks_stay_closed() {
    let said = Transcript::of("40-regression.sh", &[]);
    said.never_says(&["HOLE"]);
    assert!(said.text().matches("ok    ").count() > 50, "{}", said.text());
}

/// Random trees, good and broken, differ as `git diff-tree` says, or are refused.
#[test]
fn random_trees_differ_as_git_says() {
    let said = Transcript::of("27-tree-fuzz.py", &[("SECONDS_TO_RUN", "8")]);
    assert!(said.text().contains(" 0 differences"), "{}", said.text());
}

/// What a target leaves out as a file may be a folder by another name.
#[test]
fn what_is_left_out_as_a_file_is_judged_as_a_folder() {
    let said = Transcript::of("157-left-out-as-a-file.sh", &[]);
    let expected: [(&str, &[&str]); 4] = [
        ("files", &["1", "0"]),
        ("a submodule", &["1", "0", "1", "1", "0"]),
        ("links out", &["1", "1", "1"]),
        ("links within", &["0", "0", "0"]),
    ];
    cases_end_with(said.text(), &expected);
}
