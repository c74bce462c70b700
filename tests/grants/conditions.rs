//! Every condition of a grant, each failing on its own, with signatures that `ssh-keygen` made.

use std::collections::BTreeSet;

use freezegate::decision::schedule::DecisionQuestion;
use freezegate::decision::{Decision, FindingCode, FindingId, Granted, Schedule, Verdict};
use freezegate::policy::Policy;
use freezegate::proof::grant::{Terms, incident_alone};
use freezegate::reach;
use freezegate::reach::Declared;
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

use crate::grants::bench::{
    DIFFERENCE, Hand, OTHER_DIFFERENCE, OUTAGE, POLICY, REF, at, bound_to, line, part, policy, roster, signature,
    signed, terms, try_policy, try_policy_of,
};

#[test]
fn a_right_grant_counts_whatever_sort_the_keys_are_of() {
    let policy = policy(&roster());
    let granted = Hand::new(&policy).check(&signed(&terms(&policy), &["a", "c"])).unwrap();
    assert_eq!(granted.ids, Some(vec![FindingId::of_core_hours("us")]));
    assert_eq!(granted.by, "grant grant-0001");
    assert_eq!(granted.until, at(OUTAGE) + Seconds::new(3600));
    // an ECDSA key of 384 bits, an RSA key of 3072
    assert!(Hand::new(&policy).check(&signed(&terms(&policy), &["c", "b"])).is_ok());
}

#[test]
fn each_condition_that_fails_says_which_and_by_how_much() {
    type Change = fn(&mut Hand<'_>, &mut Terms);
    let cases: [(&str, Change, &str); 24] = [
        ("expired", |hand, _| hand.at += Seconds::new(3600 + 11_460), "expired 3 h 12 min ago"),
        ("expired this second", |hand, _| hand.at = at(OUTAGE) + Seconds::new(3600), "expired 0 s ago"),
        ("not yet valid", |hand, _| hand.at = at(OUTAGE) - Seconds::new(300), "it starts in 5 min"),
        (
            "another difference",
            |hand, _| hand.parts = vec![part(REF, OTHER_DIFFERENCE)],
            "signed for another change of the same ref (difference 3f2c1a9, here 8c1d0e2)",
        ),
        (
            "another ref",
            |hand, _| hand.parts = vec![part("refs/heads/release", DIFFERENCE)],
            "signed for the ref `refs/heads/main`, this is `refs/heads/release`",
        ),
        (
            "an unknown ref",
            |hand, _| hand.parts[0].reference = None,
            "it is for one ref, and which ref is changed is not known: give `--ref REF`",
        ),
        (
            "an unknown difference",
            |hand, _| hand.parts[0].difference = Err("object `4b825dc` is missing".to_owned()),
            "the difference is unknown: object `4b825dc` is missing",
        ),
        ("no change", |hand, _| hand.parts.clear(), "it is for one change, and no change was looked at"),
        (
            "another environment",
            |hand, _| hand.environments = vec!["staging"],
            "signed for the environment `production`, this reaches `staging`",
        ),
        (
            "one environment more",
            |hand, _| hand.environments = vec!["production", "lab"],
            "signed for the environment `production`, this reaches `lab`",
        ),
        ("another region", |hand, _| hand.regions = vec!["us", "eu"], "signed for the region `us`, this reaches `eu`"),
        (
            "another repository",
            |hand, _| hand.repository = Some("example.com/team/till"),
            "signed for the repository `example.com/team/shop`, this is `example.com/team/till`",
        ),
        ("no repository", |hand, _| hand.repository = None, "the name of this repository is unknown"),
        (
            "another policy",
            |_, terms| terms.policy = "0".repeat(64),
            "what it depends on in the policy is not what it was signed for (digest 0000000, here ",
        ),
        (
            "another incident",
            |hand, _| hand.incident = Some("INC-8"),
            "signed for the incident `INC-7`, this is `INC-8`",
        ),
        (
            "no incident",
            |_, terms| terms.incident = None,
            "hard findings are overridden for an incident only, and none is named",
        ),
        (
            "too long",
            |_, terms| terms.expires += Seconds::new(3900),
            "it lasts 5 min longer than a grant for hard findings may",
        ),
        ("no record", |hand, _| hand.spent = None, "it is single use, and this gate keeps no record"),
        (
            "spent",
            |hand, _| hand.spent = Some(BTreeSet::from(["grant-0001".to_owned()])),
            "it is single use, and was used: write a new grant",
        ),
        (
            "a finding that is not",
            |_, terms| terms.lifts.push("freeze/lunch".to_owned()),
            "it names the finding `freeze/lunch`, which",
        ),
        (
            "no such region",
            |_, terms| terms.lifts = vec!["core-hours/mars".to_owned()],
            "it names the finding `core-hours/mars`, which",
        ),
        (
            "no such environment",
            |_, terms| terms.environments.push("moon".to_owned()),
            "it names the environment `moon`, which the policy does not have",
        ),
        (
            "no such region in the list",
            |_, terms| terms.regions.push("mars".to_owned()),
            "it names the region `mars`, which the policy does not have",
        ),
        (
            "a finding that never refuses",
            |_, terms| terms.lifts.push("policy-change".to_owned()),
            "it names the finding `policy-change`, which refuses nothing there",
        ),
    ];
    // a policy without a lift for soft findings, so that an edit of it only warns
    let text = POLICY.split("[[lifts]]\nlevel     = \"soft\"").next().unwrap().replace("\"soft\"", "\"warn\"");
    let policy = try_policy_of(&text, &roster()).unwrap();
    for (name, change, cause) in cases {
        let mut hand = Hand::new(&policy);
        let mut terms = terms(&policy);
        change(&mut hand, &mut terms);
        // each fails on its own
        let terms = if name == "another policy" { terms } else { bound_to(&policy, terms) };
        let faults = hand.check(&signed(&terms, &["a", "c"])).unwrap_err();
        assert_eq!(faults.len(), 1, "{name}: {faults:?}");
        assert!(faults[0].contains(cause), "{name}: {faults:?}");
    }
}

#[test]
fn everything_that_fails_is_told_at_once() {
    let policy = policy(&roster());
    let mut hand = Hand::new(&policy);
    hand.at += Seconds::new(7200);
    hand.repository = Some("example.com/team/till");
    hand.parts = vec![part(REF, OTHER_DIFFERENCE)];
    let said = hand.refusal(&terms(&policy).to_text().unwrap());
    for cause in [
        "expired",
        "signed for the repository",
        "signed for another change",
        "hard findings need 2 signatures; still missing: one of `oncall`",
    ] {
        assert!(said.contains(cause), "{cause}: {said}");
    }
}

#[test]
fn signatures_that_do_not_count_say_why() {
    let policy = policy(&roster());
    let terms = terms(&policy);
    let text = terms.to_text().unwrap();
    let hand = Hand::new(&policy);
    let missing = |said: &str| said.contains("hard findings need 2 signatures; still missing: one of `");

    let said = hand.refusal(&text);
    assert!(!said.contains("it is not signed") && missing(&said), "{said}");

    let said = hand.refusal(&(signed(&terms, &["a"]) + &signature(&text, "c", "git")));
    let wanted = "signature 2, of `c@example.com`, is not valid: it was made for `git`, not for `freezegate-grant`";
    assert!(said.contains(wanted) && missing(&said), "{said}");

    // signatures of this key differ each time
    let said = hand.refusal(&signed(&terms, &["b", "b"]));
    assert!(said.contains("`b@example.com` signed twice, which counts once") && missing(&said), "{said}");

    let said = hand.refusal(&signed(&terms, &["a", "d"]));
    assert!(
        said.contains("signature 2 does not count: its key SHA256:") && said.contains("is not in the roster `"),
        "{said}"
    );

    // two of one group are not one of each
    let said = hand.refusal(&signed(&terms, &["a", "b"]));
    assert!(
        said.contains("still missing: one of `leads` (c@example.com)") && !said.contains("one of `oncall`"),
        "{said}"
    );

    let changed = signed(&terms, &["a", "c"]).replace("logins fail", "logins feel");
    let said = hand.refusal(&changed);
    assert!(said.contains("the text was changed after it was signed"), "{said}");

    // a signature too many harms nobody
    assert!(hand.check(&signed(&terms, &["b", "d", "c", "b"])).is_ok());
}

#[test]
fn two_keys_of_one_person_count_once() {
    let both = roster() + &line("a", "", "a-other");
    let policy = policy(&both);
    let said = Hand::new(&policy).refusal(&signed(&terms(&policy), &["a", "a-other"]));
    assert!(said.contains("`a@example.com` signed with two keys, which counts once"), "{said}");
    assert!(said.contains("hard findings need 2 signatures"), "{said}");
}

#[test]
fn keys_count_for_the_purpose_and_in_the_time_that_the_roster_says() {
    let with = |options: &str| [line("a", options, "a"), line("b", "", "b"), line("c", "", "c")].concat();
    for (options, cause) in [
        ("namespaces=\"git,file\"", "the roster does not let the key sign for `freezegate-grant`"),
        ("namespaces=\"*,!freezegate-*\"", "the roster does not let the key sign for `freezegate-grant`"),
        ("valid-before=\"202507092045Z\"", "the key expired 1 h 1 min ago"),
        ("valid-after=\"20250710Z\"", "the key becomes valid in 2 h 14 min"),
    ] {
        let policy = policy(&with(options));
        let said = Hand::new(&policy).refusal(&signed(&terms(&policy), &["a", "c"]));
        assert!(said.contains(cause), "{options}: {said}");
    }
    for options in [
        "namespaces=\"freezegate-*\"",
        "namespaces=\"git,freezegate-gran?\"",
        "valid-after=\"20250709Z\",valid-before=\"20250710Z\"",
    ] {
        let policy = policy(&with(options));
        assert!(Hand::new(&policy).check(&signed(&terms(&policy), &["a", "c"])).is_ok(), "{options}");
    }
}

#[test]
fn an_approver_who_was_taken_out_does_not_count() {
    let before = policy(&roster());
    let text = signed(&terms(&before), &["a", "c"]);
    assert!(Hand::new(&before).check(&text).is_ok());
    // `a` is gone from the roster, and the groups are as before: the policy itself says so
    let said = try_policy(&[line("b", "", "b"), line("c", "", "c")].concat()).unwrap_err();
    assert!(said.contains("`a@example.com` is not in the roster"), "{said}");
    // `a` has a new key, so that the old one is a stranger's
    let after = policy(&[line("a", "", "a-other"), line("b", "", "b"), line("c", "", "c")].concat());
    let said = Hand::new(&after).refusal(&text);
    assert!(said.contains("signature 1 does not count: its key SHA256:"), "{said}");
    assert!(said.contains("what it depends on in the policy is not what it was signed for"), "{said}");
}

#[test]
fn an_empty_roster_and_weak_keys_are_no_policy() {
    for (roster, cause) in [
        (String::new(), "it names no person"),
        ("# nobody\n".to_owned(), "it names no person"),
        (line("a", "cert-authority", "a"), "`cert-authority` would let others be added unseen"),
        (roster() + &line("d", "", "a"), "the key is already on line 1"),
        (line("a", "", "weak"), "the RSA key has 1024 bits, fewer than 3072"),
    ] {
        let said = try_policy(&roster).unwrap_err();
        assert!(said.contains(cause), "{roster}: {said}");
    }
}

#[test]
fn requester_pusher_and_authors_may_not_sign() {
    let policy = policy(&roster());
    let mut asked = terms(&policy);
    asked.requester = "A@Example.com".to_owned();
    let said = Hand::new(&policy).refusal(&signed(&asked, &["a", "c"]));
    assert!(said.contains("`a@example.com` is the requester (`A@Example.com`), and may not sign"), "{said}");
    assert!(said.contains("still missing: one of `oncall` (b@example.com)"), "{said}");

    let text = signed(&terms(&policy), &["a", "c"]);
    let mut hand = Hand::new(&policy);
    hand.pushers = vec!["a@example.com".to_owned()];
    let said = hand.refusal(&text);
    assert!(said.contains("`a@example.com` is the pusher of the change, and may not sign"), "{said}");

    let mut hand = Hand::new(&policy);
    hand.authors = Ok(vec!["C@example.com".to_owned()]);
    let said = hand.refusal(&text);
    assert!(said.contains("`c@example.com` is an author of the change (`C@example.com`), and may not sign"), "{said}");

    // the lift for soft findings lets the requester
    let soft = Terms {
        environments: vec!["lab".to_owned()],
        lifts: vec!["freeze/launch".to_owned()],
        requester: "b@example.com".to_owned(),
        ..terms(&policy)
    };
    let mut hand = Hand::new(&policy);
    hand.environments = vec!["lab"];
    assert!(hand.check(&signed(&bound_to(&policy, soft), &["b"])).is_ok());
}

#[test]
fn a_grant_beyond_the_range_of_dates_has_no_text() {
    let plain = terms(&policy(&roster()));
    for terms in [Terms { expires: Instant::MAX, ..plain.clone() }, Terms { not_before: Instant::MIN, ..plain }] {
        assert!(terms.to_text().is_err());
        assert!(terms.identified().is_err());
    }
}

#[test]
fn texts_that_are_no_grants_are_refused_each_with_its_own_message() {
    let policy = policy(&roster());
    let plain = terms(&policy);
    let good = signed(&plain, &["a", "c"]);
    let unsigned = plain.to_text().unwrap();
    let alone = Terms { change: None, ..terms(&policy) };
    let hand = Hand::new(&policy);
    for (name, text, cause) in [
        ("text behind", format!("{good}lifts = [\"clock\"]\n"), "has text after its signatures, on line"),
        ("a blank line behind", format!("{good}\n"), "has text after its signatures, on line"),
        (
            "text between",
            good.replacen("-----END SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\nx\n", 1),
            "has text after",
        ),
        ("CRLF", good.replace('\n', "\r\n"), "has a carriage return on line 1"),
        ("one CR", good.replacen("\nregions", "\r\nregions", 1), "has a carriage return on line 4"),
        ("10 MB", good.clone() + &"x".repeat(10_000_000), "more than the 65536 allowed"),
        ("cut off", good.trim_end().trim_end_matches('-').to_owned(), "has text after its signatures"),
        ("hidden", good.replace("logins", "log\u{202e}ins"), "has a character on line 7 that is invisible"),
        ("hidden by TOML", unsigned.replace("logins", "log\\u202eins"), "`reason` has an invisible character"),
        ("unknown key", unsigned.replace("lifts", "lift"), "the grant has no key `lift`"),
        ("missing key", unsigned.replace("requester = \"r@example.com\"\n", ""), "the grant lacks `requester`"),
        ("version", unsigned.replace("version = 1", "version = 2"), "the version of the grant is not 1"),
        (
            "no zone",
            unsigned.replace("2025-07-09T21:45:00Z", "2025-07-09T21:45:00"),
            "`not_before` of the grant must be an instant",
        ),
        ("id", unsigned.replace("grant-0001", "grant 0001"), "`id` of the grant is not 8 to 64 letters"),
        ("policy", unsigned.replace(&plain.policy, "c0ffee"), "`policy` of the grant is not the policy's digest"),
        (
            "half a change",
            unsigned.replace(&format!("difference = \"{DIFFERENCE}\"\n"), ""),
            "the grant lacks `difference`",
        ),
        ("no full ref", unsigned.replace(REF, "main"), "`ref` of the grant is not the full name of a ref"),
        ("no range", unsigned.replace("..5b", "...5b"), "`range` of the grant is not two commits in full"),
        (
            "a form that bound a commit",
            alone.to_text().unwrap() + "commit = \"3f2c1a9000000000000000000000000000000000\"\n",
            "the grant names a `commit`, as grants no longer do",
        ),
        (
            "asked for by nobody",
            unsigned.replace("r@example.com", "(?)"),
            "`requester` is `(?)`, which names no person",
        ),
        (
            "33 signatures",
            unsigned.clone() + &(0..33).map(|_| signature(&unsigned, "b", "freezegate-grant")).collect::<String>(),
            "has more than 32 signatures",
        ),
        (
            "one signature twice",
            unsigned.clone() + &signature(&unsigned, "a", "freezegate-grant").repeat(2),
            "has the same signature twice, the second time as number 2",
        ),
        ("nothing lifted", unsigned.replace("[\"core-hours/us\"]", "[]"), "`lifts` of the grant is an empty list"),
        (
            "backwards",
            Terms { expires: plain.not_before, ..plain.clone() }.to_text().unwrap(),
            "the grant expires before it starts",
        ),
        (
            "an incident for longer than an hour",
            Terms { expires: alone.expires + Seconds::new(60), ..alone.clone() }.to_text().unwrap(),
            "the grant is for an incident alone and lasts 1 h 1 min, 1 min longer than it may",
        ),
        (
            "neither change nor incident",
            Terms { incident: None, ..alone }.to_text().unwrap(),
            "the grant lacks `difference`",
        ),
    ] {
        let said = hand.refusal(&text);
        assert!(said.contains(cause), "{name}: {said}");
    }
}

fn decide(policy: &Policy, hand: &Hand<'_>, granted: &[Granted]) -> Decision {
    let declared = Declared::resolve(&hand.names(), policy).unwrap();
    let reach = reach::declared(policy, &declared);
    let question = DecisionQuestion { policy, reach: &reach, declared: &declared, duration: None, granted };
    Schedule::decide_at(&question, &[], hand.at).unwrap()
}

#[test]
fn a_grant_lifts_what_it_names_until_it_expires_and_nothing_else() {
    let policy = policy(&roster());
    let hand = Hand::new(&policy);
    assert_eq!(decide(&policy, &hand, &[]).verdict, Verdict::Refused);
    let granted = [hand.check(&signed(&terms(&policy), &["a", "c"])).unwrap()];

    let decision = decide(&policy, &hand, &granted);
    assert_eq!(decision.verdict, Verdict::Allowed);
    assert_eq!(decision.findings.len(), 1);
    assert_eq!(decision.findings[0].lifted_by.as_deref(), Some("grant grant-0001"));
    assert_eq!(decision.valid_until, Some(at(OUTAGE) + Seconds::new(3600)), "the window is open for the grant's hour");

    // the same change in the other region, which is asleep at this hour and awake at that
    let mut europe = Hand::new(&policy);
    europe.regions = vec!["us", "eu"];
    europe.at = at("2025-07-09T14:00:00Z");
    let decision = decide(&policy, &europe, &granted);
    assert_eq!(decision.verdict, Verdict::Refused);
    let refusing: Vec<String> =
        decision.findings.iter().filter(|one| one.refuses()).map(|one| one.id.to_string()).collect();
    assert_eq!(refusing, ["core-hours/eu"]);

    // another environment with a finding of the same id
    let mut staging = Hand::new(&policy);
    staging.environments = vec!["staging"];
    assert_eq!(decide(&policy, &staging, &granted).verdict, Verdict::Refused);
}

#[test]
fn a_lifted_window_does_not_count_for_the_runway() {
    let policy = policy(&roster());
    let mut hand = Hand::new(&policy);
    // 07:30 in New York: open, but 40 minutes are needed
    hand.at = at("2025-07-10T11:30:00Z");
    let decision = decide(&policy, &hand, &[]);
    assert_eq!(decision.verdict, Verdict::Refused);
    assert_eq!(decision.findings[0].code, FindingCode::WindowTooShort);
    let terms =
        Terms { not_before: hand.at - Seconds::new(60), expires: hand.at + Seconds::new(3600), ..terms(&policy) };
    let granted = [hand.check(&signed(&terms, &["a", "c"])).unwrap()];
    let decision = decide(&policy, &hand, &granted);
    assert_eq!(decision.verdict, Verdict::Allowed);
    assert_eq!(decision.findings.len(), 0);
    assert_eq!(decision.valid_until, Some(hand.at + Seconds::new(3600)));
}

#[test]
fn levels_ask_for_their_own_lifts() {
    let policy = policy(&roster());
    let mut hand = Hand::new(&policy);
    hand.environments = vec!["staging", "lab"];
    let soft = Terms {
        environments: vec!["staging".to_owned(), "lab".to_owned()],
        lifts: vec!["core-hours/us".to_owned(), "freeze/launch".to_owned()],
        ..terms(&policy)
    };
    let soft = bound_to(&policy, soft);
    // both are soft there, for which any one of the roster suffices
    assert!(hand.check(&signed(&soft, &["c"])).is_ok());
    let both = Terms { environments: vec!["staging".to_owned(), "lab".to_owned(), "production".to_owned()], ..soft };
    let both = bound_to(&policy, both);
    let said = hand.refusal(&signed(&both, &["c"]));
    assert!(said.contains("hard findings need 2 signatures"), "{said}");
    assert!(!said.contains("soft findings"), "{said}");
    assert!(hand.check(&signed(&both, &["c", "a"])).is_ok());
}

#[test]
fn an_incident_alone_lifts_only_where_nothing_else_is_asked_for() {
    let strict = policy(&roster());
    let said = incident_alone(&strict, "INC-7", true, at(OUTAGE), false).unwrap_err().to_string();
    assert_eq!(said, "the policy asks for signatures too");

    let text = format!("{POLICY}\n[[lifts]]\nlevel = \"soft\"\nsigned = []\nincident = true\n");
    let lenient = try_policy_of(&text, &roster()).unwrap();
    let said = incident_alone(&lenient, "INC-7", false, at(OUTAGE), false).unwrap_err().to_string();
    assert!(said.contains("must be recorded"), "{said}");
    let granted = incident_alone(&lenient, "INC-7", true, at(OUTAGE), false).unwrap();
    let mut staging = Hand::new(&lenient);
    staging.environments = vec!["staging"];
    let decision = decide(&lenient, &staging, &granted);
    assert_eq!(decision.verdict, Verdict::Allowed);
    assert_eq!(decision.findings[0].lifted_by.as_deref(), Some("incident INC-7"));
    // what is hard stays as it was
    assert_eq!(decide(&lenient, &Hand::new(&lenient), &granted).verdict, Verdict::Refused);
}
