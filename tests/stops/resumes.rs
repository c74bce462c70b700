//! Whose signatures end a stop.

use freezegate::policy::StopPlace;
use freezegate::proof::stops::{HoldingStop, ResumeWorth};
use freezegate::stop::Stop;
use freezegate::stop::entry::{PublishedStop, ResumeDraft};
use freezegate::time::seconds::Seconds;

use crate::grants::bench::{OUTAGE, at, line, policy, roster, signature, try_policy_of};

fn published(reason: &str) -> PublishedStop {
    let from = at(OUTAGE);
    let stop = Stop {
        environments: vec!["production".to_owned()],
        regions: Vec::new(),
        services: Vec::new(),
        from,
        until: from + Seconds::new(7200),
        incident: None,
        reason: Some(reason.to_owned()),
    };
    PublishedStop::new(stop, "s@example.com".to_owned()).unwrap()
}

/// A resume of a stop, signed with a key for a purpose.
struct Signed<'s> {
    stop: &'s PublishedStop,
    key: &'s str,
    namespace: &'s str,
}

/// A stop with resumes: each is what was signed, and for which stop it is handed in.
fn with(stop: &PublishedStop, resumes: &[Signed<'_>]) -> HoldingStop {
    let resumes = resumes.iter().map(|signed| {
        let draft = |of: &PublishedStop| ResumeDraft {
            stop: of.id.clone(),
            reason: "login is back".to_owned(),
            by: format!("{}@example.com", signed.key),
            at: at(OUTAGE) + Seconds::new(60),
        };
        let text = draft(signed.stop).signed().unwrap();
        draft(stop).with_signature(Some(signature(&text, signed.key, signed.namespace))).unwrap()
    });
    let place = StopPlace::Remote("origin".to_owned());
    HoldingStop { stop: stop.clone(), place, resumes: resumes.collect(), is_gone: false }
}

fn by<'s>(stop: &'s PublishedStop, keys: &[&'s str]) -> Vec<Signed<'s>> {
    keys.iter().map(|key| Signed { stop, key, namespace: "freezegate-grant" }).collect()
}

#[test]
fn a_stop_ends_by_the_signatures_that_its_level_asks_for() {
    // a and b are on call, c leads
    let policy = policy(&roster());
    let stop = published("login down");
    let now = at(OUTAGE) + Seconds::new(120);
    for (keys, is_over) in [
        (&["a", "c"][..], true),
        (&["c", "b"], true),
        (&["a", "b", "c"], true),
        (&["d", "a", "c"], true),
        (&["a"], false),
        (&["a", "b"], false),
        (&["c", "c"], false),
        (&["a", "d"], false),
        (&[], false),
    ] {
        let worth = with(&stop, &by(&stop, keys)).worth(&policy, now);
        assert_eq!(worth == ResumeWorth::Resumed, is_over, "{keys:?}: {worth:?}");
    }
    let ResumeWorth::Holds { signed, missing, doubts } = with(&stop, &by(&stop, &["a", "d"])).worth(&policy, now)
    else {
        panic!("two are needed, and one is unknown");
    };
    assert_eq!(signed, ["a@example.com"]);
    assert_eq!(missing, ["one of `leads` (c@example.com)"]);
    assert!(doubts.len() == 1 && doubts.iter().all(|doubt| doubt.contains("is not in the roster")), "{doubts:?}");
}

#[test]
fn a_signature_for_something_else_counts_for_nothing() {
    let policy = policy(&roster());
    let (stop, other) = (published("login down"), published("search down"));
    let now = at(OUTAGE) + Seconds::new(120);
    let over = with(&stop, &by(&stop, &["a", "c"]));
    assert_eq!(over.worth(&policy, now), ResumeWorth::Resumed);
    for (second, cause) in [
        (Signed { stop: &other, key: "c", namespace: "freezegate-grant" }, "the text was changed"),
        (Signed { stop: &stop, key: "c", namespace: "file" }, "it was made for `file`"),
    ] {
        let [first] = <[_; 1]>::try_from(by(&stop, &["a"])).ok().unwrap();
        let worth = with(&stop, &[first, second]).worth(&policy, now);
        let ResumeWorth::Holds { doubts, .. } = worth else { panic!("{cause}: it ended") };
        assert!(doubts.iter().any(|doubt| doubt.contains(cause)), "{doubts:?}");
    }
    // what a signature is over can't be changed afterwards, and a resume without one is none
    for change in ["reason", "by", "unsigned", "garbage"] {
        let mut changed = over.clone();
        for resume in &mut changed.resumes {
            match change {
                "reason" => resume.reason = "another".to_owned(),
                "by" => resume.by = "x@example.com".to_owned(),
                "unsigned" => resume.signature = None,
                _ => resume.signature = Some("-----BEGIN SSH SIGNATURE-----\n".to_owned()),
            }
        }
        assert!(
            matches!(changed.worth(&policy, now), ResumeWorth::Holds { signed, doubts, .. } if signed.is_empty() && doubts.len() == 2),
            "{change}"
        );
    }
}

#[test]
fn the_roster_and_the_lifts_of_the_reader_decide() {
    let stop = published("login down");
    let over = with(&stop, &by(&stop, &["a", "c"]));
    let now = at(OUTAGE) + Seconds::new(120);
    let is_over =
        |policy: &str, roster: &str| over.worth(&try_policy_of(policy, roster).unwrap(), now) == ResumeWorth::Resumed;
    let text = crate::grants::bench::POLICY;
    assert!(is_over(text, &roster()));
    let without_c = ["a", "b"].map(|person| line(person, "namespaces=\"freezegate-grant\"", person)).concat();
    let without_c = without_c + &line("c", "namespaces=\"freezegate-grant\"", "d");
    assert!(!is_over(text, &without_c));
    // a key that no longer counts
    let expired = roster().replace("c@example.com ", "c@example.com valid-before=\"20250709000000Z\",");
    assert!(!is_over(text, &expired));
    // an incident alone ends no stop, and neither does a lift of another level
    assert!(!is_over(&text.replace("signed       = [\"oncall\", \"leads\"]", "signed       = []"), &roster()));
    // one person by two addresses is one
    let twice =
        line("a", "namespaces=\"freezegate-grant\"", "a") + &line("a+c", "namespaces=\"freezegate-grant\"", "c");
    let twice =
        twice + &line("b", "namespaces=\"freezegate-grant\"", "b") + &line("c", "namespaces=\"freezegate-grant\"", "d");
    let policy = text.replace("leads = [\"c@example.com\"]", "leads = [\"c@example.com\", \"a+c@example.com\"]");
    assert!(!is_over(&policy, &twice));
}
