//! What a job trusts: the commit that was allowed, and nothing that the change or its starter chose.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use crate::ci_step::world::{Answer, CLOSED, Job, OPEN, POLICY, World};
use crate::support::clock::FAKETIME;

/// A policy that never closes.
const LAX: &str = "version = 1\n[environments.production]\nduring_core_hours = \"off\"\n[[targets]]\npaths = [\"deploy/{environment}/**\"]\n";

const CHECK: &[&str] = &["check", "production", "--format", "json"];

fn check(world: &World, clock: &str, arguments: &[&str]) -> Answer {
    let job = Job::of_push("github/push", world);
    world.run(clock, &job.variables(), &[CHECK, arguments].concat())
}

fn is_undecided(answer: &Answer, parts: &[&str]) {
    assert_eq!(answer.status, 2, "{answer}");
    let errors = answer.json()["errors"].to_string();
    for part in parts {
        assert!(errors.contains(part), "{part}: {answer}");
    }
}

#[test]
fn a_push_that_opens_the_policy_is_judged_by_the_policy_before_it() {
    let world = World::with_base();
    world.commit(&[("freezegate.toml", LAX), ("deploy/production/us/routes.yaml", "two")]);
    let answer = check(&world, CLOSED, &[]);
    assert_eq!(answer.status, 1, "{answer}");
    let codes: Vec<String> =
        answer.json()["findings"].as_array().unwrap().iter().map(|one| one["code"].to_string()).collect();
    assert_eq!(codes, ["\"core-hours\""]);
    let opens = answer.json()["policy_edits"][0]["opens"].to_string();
    assert!(opens.contains("core hours of `us`"), "{answer}");
    // and the next push by the new one, which had its own decision
    world.git(&["branch", "--force", "base"]);
    world.commit(&[("deploy/production/us/routes.yaml", "three")]);
    assert_eq!(check(&world, CLOSED, &[]).status, 0);
}

/// The policy's branch is the default one: what stands in its place on others neither judges nor is judged.
#[test]
fn another_branch_brings_no_policy() {
    let world = World::with_base();
    world.push("main");
    world.commit(&[("freezegate.toml", LAX), ("deploy/production/us/routes.yaml", "two")]);
    let (head, base) = (world.id("HEAD"), world.id("base"));
    let old = Job::of("gitlab/push", &world, &[("head", &head), ("base", &base)]).with("CI_COMMIT_BRANCH", "release/1");
    let new = Job::of("gitlab/push_of_new_branch", &world, &[("head", &head)]);
    for job in [old, new] {
        let closed = world.run(CLOSED, &job.variables(), &[CHECK, &["--declared-only"]].concat());
        assert_eq!(closed.status, 1, "{closed}");
        assert!(closed.json()["policy"]["from"].to_string().contains("refs/remotes/origin/main"), "{closed}");
        let open = world.run(OPEN, &job.variables(), &[CHECK, &["--declared-only"]].concat());
        assert_eq!((open.status, open.json()["policy_edits"].to_string().as_str()), (0, "[]"), "{open}");
    }
}

#[test]
fn files_that_lie_about_choose_nothing() {
    let world = World::pushed();
    world.write(&[("freezegate.toml", LAX), ("lax.toml", LAX)]);
    assert_eq!(check(&world, CLOSED, &[]).status, 1);
    is_undecided(&check(&world, CLOSED, &["--policy", "lax.toml"]), &["`lax.toml` is not in the commit"]);
    let inside = world.path("work/lax.toml");
    is_undecided(&check(&world, CLOSED, &["--policy", inside.to_str().unwrap()]), &["is in the work tree"]);
    let round = world.path("home").join("../work/lax.toml");
    is_undecided(&check(&world, CLOSED, &["--policy", round.to_str().unwrap()]), &["is in the work tree"]);
    let link = world.path("link.toml");
    symlink(&inside, &link).unwrap();
    is_undecided(&check(&world, CLOSED, &["--policy", link.to_str().unwrap()]), &["is in the work tree"]);
}

/// A required workflow checks the organisation's policy out beside the repository, where no change comes by.
#[test]
fn a_job_follows_the_policy_of_an_organisation() {
    let world = World::pushed();
    let organisation = "version = 1\n[organisation]\nname = \"example\"\nserial = 3\n[[freezes]]\nname = \"sale\"\nfrom = 2025-07-01T00:00:00\nuntil = 2025-08-01T00:00:00\ntimezone = \"UTC\"\n";
    fs::create_dir(world.path("organisation")).unwrap();
    let beside = world.path("organisation/freezegate.toml");
    fs::write(&beside, organisation).unwrap();
    let option = |path: &std::path::Path| ["--organisation-policy".to_owned(), path.to_str().unwrap().to_owned()];
    let answer = |path: &std::path::Path| {
        let option = option(path);
        check(&world, OPEN, &[&option[0], &option[1]])
    };
    let refused = answer(&beside);
    assert_eq!(refused.status, 1, "{refused}");
    assert_eq!(refused.json()["findings"][0]["id"], "freeze/sale");
    assert_eq!(refused.json()["policy"]["organisation"].to_string(), r#"{"name":"example","serial":3}"#);
    assert_eq!(check(&world, OPEN, &[]).status, 0);
    let commits = [("head", world.id("HEAD")), ("base", world.id("base"))];
    let commits: Vec<(&str, &str)> = commits.iter().map(|(name, id)| (*name, id.as_str())).collect();
    let gitlab = Job::of("gitlab/push", &world, &commits);
    let [name, path] = option(&beside);
    let refused = world.run(OPEN, &gitlab.variables(), &[CHECK, &[&name, &path]].concat());
    assert_eq!((refused.status, refused.json()["findings"][0]["id"].as_str()), (1, Some("freeze/sale")), "{refused}");
    // one that can't be read beside it ends its own job, and no later one
    let own = fs::read_to_string(world.path("work/freezegate.toml")).unwrap();
    let record = format!("--record={}", world.path("record.jsonl").display());
    let job = |number: &str, base: &str| {
        let head = world.commit(&[("deploy/production/us/routes.yaml", number)]);
        world.push("main");
        let job = Job::of("github/push", &world, &[("head", &head), ("base", base)]);
        let [name, path] = option(&beside);
        world.run("2025-08-03 12:00:00", &job.variables(), &[CHECK, &[&name, &path, &record]].concat())
    };
    let base = world.id("HEAD");
    let allowed = job("three", &base);
    assert_eq!(allowed.status, 0, "{allowed}");
    let before = world.id("HEAD");
    world.write(&[("freezegate.toml", &format!("{own}\n[organisation]\nname = \"mine\"\nserial = 1\n"))]);
    assert_eq!(job("four", &before).status, 2);
    let broken = world.id("HEAD");
    world.write(&[("freezegate.toml", &own)]);
    let mended = job("five", &broken);
    assert_eq!(mended.status, 0, "{mended}");
    world.write(&[("organisation.toml", organisation)]);
    is_undecided(&answer(&world.path("work/organisation.toml")), &["is in the work tree, which the change controls"]);
    is_undecided(&answer(std::path::Path::new("organisation.toml")), &["is relative"]);
    is_undecided(&answer(&world.path("organisation/missing.toml")), &["without it nothing is decided"]);
}

/// Who starts a pipeline of GitLab may give its variables other values: with a record, the branch of the policy is the one that it knows.
#[test]
fn the_default_branch_is_the_one_whose_policies_the_record_holds() {
    let world = World::pushed();
    let record = world.path("record.jsonl").to_str().unwrap().to_owned();
    let job = |default: &str| {
        Job::of("gitlab/push", &world, &[("head", &world.id("HEAD")), ("base", &world.id("base"))])
            .with("CI_DEFAULT_BRANCH", default)
            .with("CI_COMMIT_BRANCH", if default == "trunk" { "trunk" } else { "main" })
    };
    let check = |default: &str, clock: &str, more: &[&str]| {
        world.run(clock, &job(default).variables(), &[CHECK, &["--record", &record], more].concat())
    };
    let first = check("main", OPEN, &[]);
    assert_eq!(first.status, 0, "{first}");
    world.git(&["branch", "--force", "base"]);
    world.git(&["checkout", "--quiet", "-b", "lax"]);
    world.commit(&[("freezegate.toml", LAX)]);
    world.push("lax");
    world.git(&["checkout", "--quiet", "main"]);
    world.commit(&[("deploy/production/us/routes.yaml", "three")]);
    world.push("main");
    is_undecided(&check("lax", CLOSED, &[]), &["newest policy is not of `refs/heads/lax`", "`--policy-from COMMIT`"]);
    let closed = check("main", CLOSED, &[]);
    assert_eq!(closed.status, 1, "{closed}");
    // a branch that was renamed, by what the message says: once
    world.git(&["branch", "--move", "trunk"]);
    world.push("trunk");
    assert_eq!(check("trunk", "2025-07-13 13:00:00 UTC", &["--policy-from", "HEAD"]).status, 0);
    world.git(&["branch", "--force", "base"]);
    world.commit(&[("deploy/production/us/routes.yaml", "four")]);
    world.push("trunk");
    let renamed = check("trunk", "2025-07-13 14:00:00 UTC", &[]);
    assert_eq!(renamed.status, 0, "{renamed}");
}

/// Bitbucket checks the branch out that a pipeline is for.
#[test]
fn a_pipeline_is_for_the_branch_that_is_checked_out() {
    let world = World::beside();
    world.push("hotfix");
    let job = |branch: &str| {
        Job::of("bitbucket/branch", &world, &[("head", &world.id("HEAD"))]).with("BITBUCKET_BRANCH", branch)
    };
    let from = [CHECK, &["--policy-from", "base"]].concat();
    let other = world.run(OPEN, &job("main").variables(), &from);
    is_undecided(&other, &["it is for `refs/heads/main`, but `refs/heads/hotfix` is checked out"]);
    let own = world.run(OPEN, &job("hotfix").variables(), &from);
    assert_eq!(own.status, 0, "{own}");
}

#[test]
fn variables_choose_no_policy() {
    let world = World::pushed();
    fs::write(world.path("lax.toml"), LAX).unwrap();
    for value in ["lax.toml", world.path("lax.toml").to_str().unwrap()] {
        let job = Job::of_push("github/push", &world).with("FREEZEGATE_POLICY", value);
        is_undecided(&world.run(CLOSED, &job.variables(), CHECK), &["`FREEZEGATE_POLICY` is set"]);
    }
}

#[test]
fn variables_may_close() {
    let world = World::pushed();
    let freeze =
        "[[freezes]]\nname = \"stop\"\nfrom = 2025-07-13T00:00:00\nuntil = 2025-07-14T00:00:00\ntimezone = \"UTC\"\n";
    let job = Job::of_push("github/push", &world).with("FREEZEGATE_EXTRA_FREEZES", freeze);
    assert_eq!(world.run(OPEN, &job.variables(), CHECK).status, 1);
}

#[test]
fn an_administrators_file_stands_by_its_absolute_path() {
    let world = World::pushed();
    let path = world.path("administrator.toml");
    fs::write(&path, POLICY.replace("08:00-18:00", "08:00-17:00")).unwrap();
    let answer = check(&world, CLOSED, &["--policy", path.to_str().unwrap()]);
    assert_eq!(answer.status, 1, "{answer}");
    assert_eq!(answer.json()["policy"]["from"], "the administrator's file");
    assert_eq!(answer.json()["findings"][0]["window"], "Mon-Fri 08:00-17:00");
    let both = check(&world, CLOSED, &["--policy", path.to_str().unwrap(), "--policy-from", "base"]);
    is_undecided(&both, &["`--policy-from` and an absolute `--policy`"]);
}

#[test]
fn policy_and_includes_are_regular_files_of_the_one_commit() {
    let world = World::empty();
    let region = "[regions.us]\ntimezones = [\"America/Los_Angeles\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n";
    let rest = POLICY.replace("[regions.us]\ntimezones  = [\"America/New_York\", \"America/Los_Angeles\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n", "");
    let including = rest.replacen("version = 1\n", "version = 1\ninclude = [\"hours.toml\"]\n", 1);
    let hours = format!("version = 1\n{region}");
    world.commit(&[("policies/freezegate.toml", &including), ("policies/hours.toml", &hours)]);
    world.git(&["branch", "base"]);
    world.commit(&[
        ("policies/hours.toml", &hours.replace("08:00-18:00", "03:00-03:01")),
        ("deploy/production/us/routes.yaml", "one"),
    ]);
    let answer = check(&world, CLOSED, &[]);
    assert_eq!(answer.status, 1, "{answer}");
    assert_eq!(answer.json()["findings"][0]["window"], "Mon-Fri 08:00-18:00");
    assert!(answer.json()["policy_edits"][0]["opens"].to_string().contains("core hours"), "{answer}");

    world.git(&["checkout", "--quiet", "--detach", "base"]);
    fs::remove_file(world.path("work/policies/hours.toml")).unwrap();
    fs::write(world.path("hours.toml"), &hours).unwrap();
    symlink("../../hours.toml", world.path("work/policies/hours.toml")).unwrap();
    world.commit(&[]);
    world.git(&["branch", "--force", "base"]);
    is_undecided(&check(&world, CLOSED, &[]), &["is a symbolic link"]);
}

#[test]
fn the_first_policy_passes_and_the_next_push_is_judged() {
    let world = World::empty();
    world.commit(&[("README.md", "one")]);
    world.git(&["branch", "base"]);
    world.commit(&[("freezegate.toml", POLICY), ("deploy/production/us/routes.yaml", "one")]);
    let first = check(&world, CLOSED, &[]);
    assert_eq!(first.status, 0, "{first}");
    assert!(first.json()["warnings"].to_string().contains("this is the first policy (`freezegate.toml`)"), "{first}");
    // not on another branch, nor where there was one before, nor where that is not known
    let other = Job::of_push("github/push", &world).with("GITHUB_REF", "refs/heads/feature");
    let other = world.run(CLOSED, &other.variables(), CHECK);
    assert_eq!(other.status, 2, "{other}");
    // the job of a branch that is new
    let zero =
        Job::of("gitlab/push_of_new_branch", &world, &[("head", &world.id("HEAD"))]).with("CI_COMMIT_BRANCH", "main");
    is_undecided(&world.run(CLOSED, &zero.variables(), CHECK), &["if no commit before it ever had one"]);
    let trusted = world.run(CLOSED, &zero.variables(), &[CHECK, &["--policy-from", "HEAD"]].concat());
    assert_eq!(trusted.status, 1, "{trusted}");
    let advice = check(&world, CLOSED, &["--dry-run"]);
    assert_eq!(advice.status, 0, "{advice}");
    assert_eq!((&advice.json()["decision"], &advice.json()["standing"]), (&"allowed".into(), &"advice".into()));
    let advice = world.run(CLOSED, &zero.variables(), &[CHECK, &["--dry-run"]].concat());
    assert_eq!(advice.status, 0, "{advice}");
    assert_eq!(advice.json()["decision"], "refused");
    let warnings = advice.json()["warnings"].to_string();
    assert!(warnings.contains("advice by the policy that the change itself brings"), "{advice}");
    world.git(&["branch", "--force", "base"]);
    world.commit(&[("deploy/production/us/routes.yaml", "two")]);
    assert_eq!(check(&world, CLOSED, &[]).status, 1);
    assert_eq!(check(&world, OPEN, &[]).status, 0);
}

#[test]
fn a_wrong_policy_on_the_base_is_told_even_where_only_advice_is_asked_for() {
    let world = World::empty();
    world.commit(&[("freezegate.toml", "version = 1\nfrezes = []\n")]);
    world.git(&["branch", "base"]);
    world.commit(&[("freezegate.toml", POLICY)]);
    is_undecided(&check(&world, CLOSED, &["--dry-run"]), &["frezes"]);
}

#[test]
fn advice_refuses_nothing_and_may_ask_about_another_time() {
    let world = World::pushed();
    let answer = check(&world, CLOSED, &["--dry-run"]);
    assert_eq!((answer.status, &answer.json()["decision"]), (0, &"refused".into()), "{answer}");
    let answer = check(&world, CLOSED, &["--dry-run", "--at", "2025-07-13T12:00:00Z"]);
    assert_eq!((&answer.json()["decision"], &answer.json()["hypothetical"]), (&"allowed".into(), &true.into()));
    // the policy is that of the base all the same
    assert!(answer.json()["policy"]["from"].as_str().unwrap().starts_with("the base at"));
}

#[test]
fn a_shallow_clone_says_which_commit_to_fetch_and_then_two_trees_are_enough() {
    let world = World::pushed();
    let (head, base) = (world.id("HEAD"), world.id("base"));
    let server = format!("file://{}", world.path("server.git").display());
    world.git_in(&world.path(""), &["clone", "--quiet", "--depth=1", &server, "shallow"]);
    let shallow = world.path("shallow");
    let job = Job::of("github/push", &world, &[("head", &head), ("base", &base)]);
    let answer = world.run_in(&shallow, OPEN, &job.variables(), CHECK);
    let fetch = format!("git fetch --depth=1 origin {base}");
    is_undecided(&answer, &["this clone is shallow", &format!("`{fetch}`")]);
    assert!(answer.err.contains(&fetch), "a person can't copy the command from one line: {answer}");
    let words: Vec<&str> = fetch.split(' ').skip(1).collect();
    world.git_in(&shallow, &words);
    assert_eq!(world.git_in(&shallow, &["rev-list", "--count", "--all"]), "1", "all of history was fetched");
    assert_eq!(world.run_in(&shallow, OPEN, &job.variables(), CHECK).status, 0);
    let closed = world.run_in(&shallow, CLOSED, &job.variables(), CHECK);
    assert_eq!(closed.status, 1, "{closed}");
    assert_eq!(closed.json()["change"]["range"], format!("{base}..{head}"));
}

#[test]
fn a_tag_in_a_clone_without_the_default_branch_says_how_to_fetch_that() {
    let world = World::pushed();
    world.git(&["tag", "v1.2.3"]);
    world.git(&["push", "--quiet", "origin", "v1.2.3"]);
    let server = format!("file://{}", world.path("server.git").display());
    world.git_in(&world.path(""), &["init", "--quiet", "tagged"]);
    let tagged = world.path("tagged");
    world.git_in(&tagged, &["remote", "add", "origin", &server]);
    world.git_in(&tagged, &["fetch", "--quiet", "--depth=1", "origin", "+refs/tags/v1.2.3:refs/tags/v1.2.3"]);
    world.git_in(&tagged, &["checkout", "--quiet", "v1.2.3"]);
    let job = Job::of("gitlab/tag", &world, &[("head", &world.id("HEAD"))]);
    let answer = world.run_in(&tagged, CLOSED, &job.variables(), CHECK);
    let fetch = "git fetch --depth=1 origin +refs/heads/main:refs/remotes/origin/main";
    is_undecided(&answer, &["`main`, is not in this clone", fetch]);
    world.git_in(&tagged, &fetch.split(' ').skip(1).collect::<Vec<_>>());
    let answer = world.run_in(&tagged, CLOSED, &job.variables(), CHECK);
    assert_eq!(answer.status, 1, "{answer}");
}

#[test]
fn what_a_push_without_a_known_base_deletes_does_not_go_unseen() {
    let world = World::with_base();
    fs::remove_dir_all(world.path("work/deploy/production")).unwrap();
    world.commit(&[]);
    world.push("main");
    let job = Job::of_push("azure/push", &world);
    let arguments = ["check", "staging", "--policy-from", "base", "--format", "json"];
    assert_eq!(world.run(OPEN, &job.variables(), &arguments).status, 0);
    let closed = world.run(CLOSED, &job.variables(), &arguments);
    assert_eq!(closed.status, 1, "{closed}");
    assert!(closed.out.contains("any path: the previous state is not known"), "{closed}");
}

/// Where nothing says what was there before, the refusal says what to do; done so, a change of staging alone is allowed.
#[test]
fn a_job_without_a_base_is_told_the_way_out() {
    let world = World::with_base();
    world.commit(&[("deploy/staging/app.yaml", "2")]);
    world.push("main");
    let job = Job::of_push("azure/push", &world);
    let check = |clock: &str, more: &[&str]| {
        let arguments = [&["check", "staging", "--policy-from", "base", "--ref", "refs/heads/main"][..], more].concat();
        world.run(clock, &job.variables(), &arguments)
    };
    let words = |answer: &Answer| answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let refused = check(CLOSED, &[]);
    let named = "with `--range OLD..NEW`, OLD being what is deployed, files are compared";
    assert!(refused.status == 1 && words(&refused).contains(named), "{refused}");
    let compared = check(CLOSED, &["--range", "base..HEAD"]);
    assert_eq!(compared.status, 0, "{compared}");
    let record = ["--record", "../record.jsonl"];
    let refused = check(CLOSED, &record);
    let once = "once this job was allowed, when it opens or with an override, later ones compare files";
    assert!(refused.status == 1 && words(&refused).contains(once), "{refused}");
    assert_eq!(check(OPEN, &record).status, 0);
    world.commit(&[("deploy/staging/app.yaml", "3")]);
    world.push("main");
    let job = Job::of_push("azure/push", &world);
    let arguments =
        ["check", "staging", "--policy-from", "base", "--ref", "refs/heads/main", "--record", "../record.jsonl"];
    let later = world.run("2025-07-16 21:45:00 UTC", &job.variables(), &arguments);
    assert_eq!(later.status, 0, "{later}");
    assert!(!words(&later).contains("way out"), "{later}");
}

#[test]
fn without_the_providers_word_it_is_advice_unless_enforcement_is_asked_for() {
    let world = World::pushed();
    let answer = check(&world, CLOSED, &["--no-ci", "--range", "base..HEAD"]);
    assert_eq!(answer.status, 1, "{answer}");
    assert_eq!((&answer.json()["standing"], &answer.json()["ci"]), (&"advice".into(), &serde_json::Value::Null));
    assert_eq!(check(&world, CLOSED, &["--no-ci", "--at", "2025-07-13T12:00:00Z"]).status, 0);
    let two = Job::of_push("github/push", &world).with("BUILDKITE", "true");
    is_undecided(&world.run(CLOSED, &two.variables(), CHECK), &["at once", "--no-ci --enforce --range OLD..NEW"]);
    let answer =
        world.run(CLOSED, &two.variables(), &[CHECK, &["--no-ci", "--enforce", "--range", "base..HEAD"]].concat());
    assert_eq!((answer.status, &answer.json()["standing"]), (1, &"enforcement".into()), "{answer}");
}

#[test]
fn enforcing_by_hand_needs_a_policy_that_is_trusted() {
    let world = World::pushed();
    let run = |arguments: &[&str]| world.run(CLOSED, &[], &[CHECK, &["--enforce"], arguments].concat());
    is_undecided(&run(&[]), &["nothing says which commit to trust"]);
    is_undecided(&run(&["--at", "2025-07-13T12:00:00Z"]), &["`--at` can't be used while enforcing"]);
    assert_eq!(
        run(&["--policy-from", "base"]).json()["policy"]["from"].as_str().unwrap(),
        format!("`base` at {}", world.id("base").get(..7).unwrap())
    );
    let path = world.path("administrator.toml");
    fs::write(&path, POLICY).unwrap();
    let answer = run(&["--policy", path.to_str().unwrap()]);
    assert_eq!((answer.status, &answer.json()["standing"]), (1, &"enforcement".into()), "{answer}");
}

#[test]
fn another_commit_than_the_one_judged_is_told() {
    let world = World::pushed();
    let job = Job::of_push("github/push", &world);
    assert!(!world.run(OPEN, &job.variables(), CHECK).out.contains("is checked out"));
    world.commit(&[("README.md", "of the job")]);
    let answer = world.run(OPEN, &job.variables(), CHECK);
    is_undecided(&answer, &["is checked out", "git checkout"]);
    let advice = world.run(OPEN, &job.variables(), &[CHECK, &["--dry-run"]].concat());
    assert!(advice.json()["warnings"].to_string().contains("is checked out"), "{advice}");
}

#[test]
fn what_cannot_be_read_of_the_job_is_no_decision() {
    let world = World::pushed();
    let missing = Job::of_push("github/push", &world).with("GITHUB_EVENT_PATH", "/nonexistent/event.json");
    is_undecided(&world.run(OPEN, &missing.variables(), CHECK), &["can't be read"]);
    let large = world.path("large.json");
    fs::File::create(&large).unwrap().set_len(33 << 20).unwrap();
    let large = Job::of_push("github/push", &world).with("GITHUB_EVENT_PATH", large.to_str().unwrap());
    is_undecided(&world.run(OPEN, &large.variables(), CHECK), &["larger than 32 MiB"]);
    let job = Job::of_push("gitlab/push", &world);
    let mut command = world.clean(FAKETIME);
    command.args(["-f", OPEN]).arg(env!("CARGO_BIN_EXE_freezegate")).args(CHECK).current_dir(world.path("work"));
    command.envs(job.variables()).env("CI_COMMIT_BRANCH", std::ffi::OsStr::from_bytes(b"main\xff"));
    is_undecided(&command.output().unwrap().into(), &["`CI_COMMIT_BRANCH` is not UTF-8"]);
    let elsewhere = world.path("home");
    is_undecided(&world.run_in(&elsewhere, OPEN, &job.variables(), CHECK), &["no git repository"]);
}

#[test]
fn next_asks_of_a_job_what_check_does() {
    let world = World::pushed();
    let job = Job::of_push("github/push", &world);
    let answer = world.run(CLOSED, &job.variables(), &["next", "production", "--format", "json"]);
    assert_eq!(answer.status, 0, "{answer}");
    assert_eq!(answer.json()["openings"][0]["from"], "2025-07-10T01:00:00Z");
    assert_eq!(answer.json()["change"]["base"], "github: before");
}
