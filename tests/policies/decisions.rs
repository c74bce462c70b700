//! What a decision says of each sort of window: when it is met, by what, at which level and until when.

use freezegate::decision::{Decision, Finding};
use freezegate::policy::{Level, Policy};
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;

use crate::policies::change::{Change, refusals, second};
use crate::policies::files::{Memory, report};

/// The policy `text`, `version` left out.
fn policy(text: &str) -> Policy {
    Memory::one(format!("version = 1\n{text}")).load().unwrap_or_else(|faults| panic!("{}", report(&faults)))
}

/// Regions that are at work from 08:00 to 18:00: Berlin, and New York with Los Angeles.
const REGIONS: &str = r#"
[regions.us]
timezones = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]
[regions.eu]
timezones = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]
"#;

fn finding<'d>(decision: &'d Decision, id: &str) -> &'d Finding {
    let mut found = decision.findings.iter().filter(|finding| finding.id.to_string() == id);
    let one = found.next().unwrap_or_else(|| panic!("no {id} in {decision:?}"));
    assert!(found.next().is_none(), "{id} is told twice");
    one
}

/// The start and end of the window that `finding` met.
fn span(finding: &Finding) -> (Option<Instant>, Option<Instant>) {
    let met = finding.window.as_ref().unwrap();
    (met.from, met.until)
}

#[test]
fn the_windows_of_a_regions_zones_are_one_and_the_first_zone_tells_the_clock() {
    let policy = policy(&format!("{REGIONS}[environments.production]\nregions = [\"us\"]\n"));
    let decision = Change::to("production").under(&policy).decide("2025-07-09T21:45:00Z");
    let core_hours = finding(&decision, "core-hours/us");
    assert_eq!(span(core_hours), (Some(second("2025-07-09T12:00:00Z")), Some(second("2025-07-10T01:00:00Z"))));
    let met = core_hours.window.as_ref().unwrap();
    assert_eq!(met.text, "Mon-Fri 08:00-18:00");
    assert_eq!((met.zone.name(), met.last_zone.name()), ("America/New_York", "America/Los_Angeles"));
    assert_eq!(met.zone.local(decision.at).unwrap().strftime("%FT%T%:z").to_string(), "2025-07-09T17:45:00-04:00");
    assert_eq!(policy.sources.cite(core_hours.place.unwrap()), "freezegate.toml:5");
    // once New York has gone home, Los Angeles is the first
    let later = Change::to("production").under(&policy).decide("2025-07-09T22:00:00Z");
    assert_eq!(finding(&later, "core-hours/us").window.as_ref().unwrap().zone.name(), "America/Los_Angeles");
    assert_eq!(span(finding(&later, "core-hours/us")), span(core_hours));
    assert_eq!((later.next_open, later.valid_until), (span(core_hours).1, span(core_hours).1));
}

#[test]
fn of_zones_that_leave_a_window_together_the_first_tells_its_end() {
    let policy = policy(
        "[regions.eu]\ntimezones = [\"Europe/Berlin\", \"Europe/Paris\"]\ncore_hours = [\"Mon-Fri 08:00-18:00\"]\n[environments.production]\n",
    );
    let decision = Change::to("production").under(&policy).decide("2025-07-09T10:00:00Z");
    let met = finding(&decision, "core-hours/eu").window.as_ref().unwrap();
    assert_eq!((met.zone.name(), met.last_zone.name()), ("Europe/Berlin", "Europe/Berlin"));
}

#[test]
fn a_window_holds_from_its_first_second_to_the_last_before_its_end() {
    let policy = policy(&format!("{REGIONS}[environments.production]\nregions = [\"eu\"]\n"));
    let change = Change::to("production").under(&policy);
    for (at, allowed) in [
        ("2025-07-09T05:59:59Z", true),
        ("2025-07-09T06:00:00Z", false),
        ("2025-07-09T15:59:59Z", false),
        ("2025-07-09T16:00:00Z", true),
    ] {
        assert_eq!(change.is_allowed(at), allowed, "{at}");
    }
}

#[test]
fn holidays_drop_the_windows_that_start_on_them() {
    let policy = policy(
        "[regions.eu]\ntimezones = [\"Europe/Berlin\"]\ncore_hours = [\"Mon-Fri 22:00-06:00\"]\nholidays = [\"de\"]\n\
         [calendars.de]\ndates = [2025-10-03]\n[environments.production]\n",
    );
    let change = Change::to("production").under(&policy);
    // the night that starts on Thursday runs into the holiday, the one that starts on it is dropped
    assert!(!change.is_allowed("2025-10-03T03:00:00Z"));
    assert!(change.is_allowed("2025-10-03T21:00:00Z") && change.is_allowed("2025-10-04T03:00:00Z"));
    // a list of holidays that has run out just stops applying
    let decision = change.decide("2026-10-02T21:00:00Z");
    assert_eq!(refusals(&decision), [("core-hours", "core-hours/eu")]);
    assert_eq!(decision.findings.len(), 1);
}

#[test]
fn a_change_that_runs_into_a_window_lacks_runway_under_that_windows_name_and_level() {
    let policy = policy(&format!(
        "{REGIONS}[environments.production]\nregions = [\"eu\"]\nduring_core_hours = \"soft\"\nduration = \"10m\"\nsettle = \"30m\"\n\
         [[freezes]]\nname = \"night\"\nhours = [\"Wed 21:00-24:00\"]\ntimezone = \"UTC\"\nlevel = \"hard\"\n\
         [[freezes]]\nname = \"evening\"\nhours = [\"Wed 18:00-19:00\"]\ntimezone = \"UTC\"\nlevel = \"warn\"\n"
    ));
    let change = Change::to("production").under(&policy);
    // core hours begin at 06:00 UTC: forty minutes before is in time, a second later is not
    assert!(change.is_allowed("2025-07-09T05:20:00Z"));
    let late = change.decide("2025-07-09T05:20:01Z");
    assert_eq!(refusals(&late), [("window-too-short", "core-hours/eu")]);
    let runway = finding(&late, "core-hours/eu");
    assert_eq!(runway.level, Level::Soft);
    assert_eq!(span(runway), (Some(second("2025-07-09T06:00:00Z")), Some(second("2025-07-09T16:00:00Z"))));
    assert_eq!(late.next_open, Some(second("2025-07-09T16:00:00Z")));
    assert_eq!(finding(&change.decide("2025-07-09T20:30:00Z"), "freeze/night").level, Level::Hard);
    // what only warns needs no runway
    assert_eq!(change.decide("2025-07-09T17:50:00Z").findings.len(), 0);
    // nor does what the change is exempt from
    let back = Change::to("production").returning().under(&policy).decide("2025-07-09T05:50:00Z");
    assert_eq!(back.findings.len(), 0);
}

#[test]
fn what_a_change_says_of_its_length_counts_only_where_it_is_longer() {
    let policy = policy(&format!(
        "{REGIONS}[environments.production]\nregions = [\"eu\"]\nduration = \"10m\"\nsettle = \"30m\"\n"
    ));
    for (seconds, last_start) in [
        (None, "2025-07-09T05:20:00Z"),
        (Some(60), "2025-07-09T05:20:00Z"),
        (Some(600), "2025-07-09T05:20:00Z"),
        (Some(3600), "2025-07-09T04:30:00Z"),
    ] {
        let change = Change { duration: seconds.map(Seconds::new), ..Change::to("production") };
        let change = change.under(&policy);
        assert!(
            change.is_allowed(last_start) && !change.is_allowed(second(last_start) + Seconds::new(1)),
            "{seconds:?}"
        );
    }
}

#[test]
fn an_environment_without_core_hours_is_stopped_by_its_freezes_and_change_windows_alone() {
    let policy = policy(&format!(
        "{REGIONS}[environments.off]\nduring_core_hours = \"off\"\n[environments.warn]\nduring_core_hours = \"warn\"\n\
         [environments.soft]\nduring_core_hours = \"soft\"\n[environments.hard]\nduring_core_hours = \"hard\"\n[environments.unsaid]\n"
    ));
    let at = "2025-07-09T14:00:00Z";
    let findings = |environment| Change::to(environment).under(&policy).decide(at).findings;
    assert!(findings("off").is_empty());
    for (environment, level) in
        [("warn", Level::Warn), ("soft", Level::Soft), ("hard", Level::Hard), ("unsaid", Level::Hard)]
    {
        let found = findings(environment);
        assert!(found.len() == 2 && found.iter().all(|finding| finding.level == level), "{environment}: {found:?}");
        assert_eq!(Change::to(environment).under(&policy).is_allowed(at), level == Level::Warn, "{environment}");
    }
}

#[test]
fn what_only_warns_is_told_and_never_refuses() {
    let policy = policy(
        "[environments.production]\n[[freezes]]\nname = \"always\"\nhours = [\"daily 00:00-24:00\"]\ntimezone = \"UTC\"\n\
         level = \"warn\"\nreason = \"be careful\"\n",
    );
    let decision = Change::to("production").under(&policy).decide("2025-07-09T14:00:00Z");
    let warning = finding(&decision, "freeze/always");
    assert_eq!((warning.level, warning.reason.as_deref()), (Level::Warn, Some("be careful")));
    assert_eq!(refusals(&decision), []);
    assert_eq!((decision.next_open, decision.valid_until), (Some(decision.at), None));
    assert_eq!(span(warning), (None, None), "it has neither start nor end within sight");
}

/// `production` in a freeze that is always on; `more` describes the freeze.
fn frozen(more: &str) -> Policy {
    policy(&format!(
        "{REGIONS}[environments.production]\nduring_core_hours = \"off\"\n[environments.staging]\nduring_core_hours = \"off\"\n\
         [services.billing]\n[services.shop]\nregions = [\"us\"]\n\
         [[targets]]\npaths = [\"db/**\"]\nenvironment = \"production\"\nkind = \"migration\"\n\
         [[targets]]\npaths = [\"code/{{service}}/**\"]\nenvironment = \"production\"\nkind = \"deploy\"\n\
         [[targets]]\npaths = [\"fix/**\"]\nenvironment = \"production\"\nkind = [\"deploy\", \"security\"]\n\
         [[targets]]\npaths = [\"any/**\"]\nenvironment = \"production\"\n\
         [[freezes]]\nname = \"it\"\nhours = [\"daily 00:00-23:59\"]\ntimezone = \"UTC\"\n{more}\n"
    ))
}

#[test]
fn a_freeze_closes_what_it_names_and_whatever_may_be_that() {
    let prod = || Change::to("production");
    let cases = [
        ("", prod(), true),
        ("environments = [\"production\"]", prod(), true),
        ("environments = [\"production\"]", Change::to("staging"), false),
        ("environments = [\"production\"]", Change::to("staging").and_to("production"), true),
        ("regions = [\"us\"]", prod().region("us"), true),
        ("regions = [\"us\"]", prod().region("eu"), false),
        ("regions = [\"us\"]", prod(), true),
        // a change of no known service may be one of any
        ("services = [\"billing\"]", prod().service("billing"), true),
        ("services = [\"billing\"]", prod().service("shop"), false),
        ("services = [\"billing\"]", prod().service("shop").service("billing"), true),
        ("services = [\"billing\"]", prod(), true),
        ("services = [\"billing\"]", Change::of(&["code/billing/a"]), true),
        ("services = [\"billing\"]", Change::of(&["code/shop/a"]), false),
        ("services = [\"billing\"]", Change::of(&["code/shop/a", "db/a"]), true),
        // what is only said keeps no freeze away where something is shown
        ("services = [\"billing\"]", Change { said: prod().service("shop").said, ..Change::of(&["db/a"]) }, true),
        // a change of no known kind may be of any
        ("kinds = [\"migration\"]", prod(), true),
        ("kinds = [\"migration\"]", prod().kind("deploy"), false),
        ("kinds = [\"migration\"]", prod().kind("deploy").kind("migration"), true),
        ("kinds = [\"migration\"]", prod().kind("rollback"), true),
        ("kinds = [\"migration\"]", prod().kind("rollback").kind("deploy"), true),
        ("kinds = [\"migration\"]", Change::of(&["db/a"]), true),
        ("kinds = [\"migration\"]", Change::of(&["code/billing/a"]), false),
        ("kinds = [\"migration\"]", Change::of(&["code/billing/a"]).kind("migration"), true),
        ("kinds = [\"migration\"]", Change::of(&["any/a"]), true),
        ("kinds = [\"migration\"]", Change::of(&["any/a"]).kind("deploy"), true),
        ("kinds = [\"migration\"]", Change::of(&["code/billing/a", "db/a"]), true),
        // of several scopes all must meet
        ("kinds = [\"migration\"]\nservices = [\"billing\"]", prod().kind("migration").service("shop"), false),
        ("kinds = [\"migration\"]\nservices = [\"billing\"]", prod().kind("deploy").service("billing"), false),
        ("kinds = [\"migration\"]\nservices = [\"billing\"]", prod().kind("migration").service("billing"), true),
    ];
    for (scope, change, met) in cases {
        let policy = frozen(scope);
        let decision = change.under(&policy).decide("2025-07-09T14:00:00Z");
        assert_eq!(!refusals(&decision).is_empty(), met, "{scope}: {change:?}");
    }
}

#[test]
fn a_change_is_exempt_only_if_all_that_it_is_shown_and_said_to_be_is() {
    let prod = || Change::to("production");
    let cases = [
        // what exempts, the change, and whether it is allowed
        ("", prod().returning(), true),
        ("", prod(), false),
        ("", prod().kind("rollback"), false),
        ("exempt = []", prod().returning(), false),
        ("exempt = [\"security\"]", prod().returning(), false),
        ("exempt = [\"security\"]", prod().kind("security"), false),
        ("exempt = [\"deploy\"]", Change::of(&["code/billing/a"]), true),
        ("exempt = [\"security\"]", Change::of(&["fix/a"]), false),
        ("exempt = [\"security\", \"deploy\"]", Change::of(&["fix/a"]), true),
        ("exempt = [\"security\", \"deploy\"]", Change::of(&["fix/a", "code/billing/a"]), true),
        ("exempt = [\"security\", \"deploy\"]", Change::of(&["fix/a", "db/a"]), false),
        ("exempt = [\"security\", \"deploy\"]", Change::of(&["fix/a", "any/a"]), false),
        // what is said besides can only close
        ("exempt = [\"security\", \"deploy\"]", Change::of(&["fix/a"]).kind("flag"), false),
        ("exempt = [\"security\", \"deploy\"]", Change::of(&["fix/a"]).kind("deploy"), true),
        ("exempt = [\"deploy\"]", Change::of(&["any/a"]).kind("deploy"), false),
    ];
    for (exempt, change, passes) in cases {
        let policy = frozen(exempt);
        let decision = change.under(&policy).decide("2025-07-09T14:00:00Z");
        assert_eq!(refusals(&decision).is_empty(), passes, "{exempt}: {change:?}");
        let told = finding(&decision, "freeze/it");
        assert_eq!(told.lifted_by.is_some(), passes, "what is lifted is told all the same");
    }
}

#[test]
fn a_rollback_that_is_only_said_to_be_one_is_judged_as_any_change() {
    let policy = policy(&format!("{REGIONS}[environments.production]\nregions = [\"eu\"]\n"));
    let at = "2025-07-09T14:00:00Z";
    assert!(!Change::to("production").kind("rollback").under(&policy).is_allowed(at));
    assert!(Change::to("production").returning().under(&policy).is_allowed(at));
}

#[test]
fn core_hours_and_change_windows_have_the_environments_exemptions_and_freezes_their_own() {
    let policy = policy(&format!(
        "{REGIONS}[environments.production]\nregions = [\"eu\"]\nexempt = [\"deploy\"]\n\
         change_windows = [{{ hours = \"Sun 06:00-07:00\", timezone = \"UTC\" }}]\n\
         [[targets]]\npaths = [\"code/**\"]\nenvironment = \"production\"\nkind = \"deploy\"\n\
         [[freezes]]\nname = \"it\"\nhours = [\"daily 00:00-23:59\"]\ntimezone = \"UTC\"\n"
    ));
    let decision = Change::of(&["code/a"]).under(&policy).decide("2025-07-09T14:00:00Z");
    assert_eq!(refusals(&decision), [("freeze", "freeze/it")]);
    for id in ["core-hours/eu", "change-window/production"] {
        assert_eq!(finding(&decision, id).lifted_by.as_deref(), Some("exempt: deploy"));
    }
}

#[test]
fn outside_its_change_windows_an_environment_is_closed_and_windows_that_touch_are_one() {
    let policy = policy(
        "[environments.production]\nduration = \"10m\"\nsettle = \"50m\"\nchange_windows = [\
         { hours = \"Mon 20:00-24:00\", timezone = \"Europe/Berlin\" }, { hours = [\"Tue 00:00-02:00\"], timezone = \"Europe/Berlin\" },\
         { hours = \"Tue 00:00-01:00\", timezone = \"UTC\" } ]\n",
    );
    let change = Change::to("production").under(&policy);
    // Berlin's windows end at 00:00 UTC, where the third begins: together from 18:00 to 01:00 UTC
    let outside = change.decide("2025-07-07T17:59:59Z");
    assert_eq!(refusals(&outside), [("outside-change-window", "change-window/production")]);
    assert_eq!(finding(&outside, "change-window/production").level, Level::Hard);
    assert_eq!(outside.next_open, Some(second("2025-07-07T18:00:00Z")));
    assert_eq!(
        span(finding(&outside, "change-window/production")),
        (Some(second("2025-07-01T01:00:00Z")), outside.next_open)
    );
    let opened = change.decide("2025-07-07T18:00:00Z");
    assert_eq!((opened.findings.len(), opened.valid_until), (0, Some(second("2025-07-08T00:00:01Z"))));
    assert!(change.is_allowed("2025-07-08T00:00:00Z"));
    assert_eq!(refusals(&change.decide("2025-07-08T00:00:01Z")), [("window-too-short", "change-window/production")]);
    assert_eq!(
        refusals(&change.decide("2025-07-08T01:00:00Z")),
        [("outside-change-window", "change-window/production")]
    );
}

#[test]
fn a_freeze_in_the_time_of_the_region_holds_in_each_regions_own_zones() {
    let policy = policy(&format!(
        "{REGIONS}[environments.production]\nduring_core_hours = \"off\"\n\
         [[freezes]]\nname = \"new year\"\nfrom = 2026-01-01T00:00:00\nuntil = 2026-01-02T00:00:00\ntimezone = \"region\"\n"
    ));
    let id = "freeze/new year";
    let both = Change::to("production").under(&policy);
    let regions = |at: &str| -> Vec<String> {
        let decision = both.decide(at);
        assert!(decision.findings.iter().all(|finding| finding.id.to_string() == id));
        decision.findings.iter().map(|finding| finding.region.clone().unwrap()).collect()
    };
    assert_eq!(regions("2025-12-31T22:59:59Z"), [""; 0]);
    assert_eq!(regions("2025-12-31T23:00:00Z"), ["eu"]);
    assert_eq!(regions("2026-01-01T05:00:00Z"), ["us", "eu"]);
    assert_eq!(regions("2026-01-01T23:00:00Z"), ["us"]);
    // from midnight in New York to midnight in Los Angeles
    let us = Change::to("production").region("us").under(&policy).decide("2026-01-02T05:00:00Z");
    assert_eq!(span(finding(&us, id)), (Some(second("2026-01-01T05:00:00Z")), Some(second("2026-01-02T08:00:00Z"))));
    assert_eq!(finding(&us, id).window.as_ref().unwrap().zone.name(), "America/Los_Angeles");
    assert_eq!(regions("2026-01-02T08:00:00Z"), [""; 0]);
}

#[test]
fn a_calendar_that_has_run_out_closes_from_when_its_next_date_might() {
    let policy = policy(&format!(
        "{REGIONS}[environments.production]\nduring_core_hours = \"off\"\nsettle = \"1h\"\n[environments.staging]\nduring_core_hours = \"off\"\n\
         [calendars.launch]\ndates = [2026-03-10]\nvalid_until = 2026-04-30\n\
         [[freezes]]\nname = \"launch\"\nfrom = \"launch -3d 12:00\"\nuntil = \"launch +1d 00:00\"\ntimezone = \"Europe/Berlin\"\n\
         level = \"soft\"\nenvironments = [\"production\"]\n\
         [[freezes]]\nname = \"launch in staging\"\nfrom = \"launch 00:00\"\nuntil = \"+1d 00:00\"\ntimezone = \"region\"\n\
         level = \"warn\"\nenvironments = [\"staging\"]\n"
    ));
    let change = Change::to("production").under(&policy);
    // the first day that the list does not know is the 1st of May: its freeze would begin on the 28th of April at noon
    let from = second("2026-04-28T10:00:00Z");
    assert!(change.is_allowed(from - Seconds::new(3600)));
    assert_eq!(refusals(&change.decide(from - Seconds::new(3599))), [("window-too-short", "stale-calendar")]);
    let stale = change.decide(from);
    assert_eq!(refusals(&stale), [("stale-calendar", "stale-calendar")]);
    assert_eq!(finding(&stale, "stale-calendar").level, Level::Soft);
    assert_eq!((stale.next_open, stale.valid_until), (None, None));
    assert_eq!(policy.sources.cite(finding(&stale, "stale-calendar").place.unwrap()), "freezegate.toml:19");
    assert!(!change.is_allowed("2030-01-01T00:00:00Z"));
    // at the level of its window: a warning is none to refuse, and comes in each region's own time
    let staging = Change::to("staging").under(&policy);
    assert_eq!(staging.decide("2026-04-30T21:59:59Z").findings.len(), 0);
    let warned = staging.decide("2026-04-30T22:00:00Z");
    assert_eq!((refusals(&warned).len(), warned.findings.len()), (0, 1));
    assert_eq!(staging.decide("2026-05-01T04:00:00Z").findings.len(), 2);
}

#[test]
fn a_refusal_beyond_four_hundred_days_opens_never_for_all_that_is_known() {
    let policy = policy(
        "[environments.production]\n[[freezes]]\nname = \"merger\"\nfrom = 2026-01-01T00:00:00\nuntil = 2028-01-01T00:00:00\ntimezone = \"UTC\"\n",
    );
    let change = Change::to("production").under(&policy);
    let within = change.decide("2026-12-01T00:00:00Z");
    assert_eq!(
        (within.next_open, within.valid_until),
        (Some(second("2028-01-01T00:00:00Z")), Some(second("2028-01-01T00:00:00Z")))
    );
    let beyond = change.decide("2026-11-01T00:00:00Z");
    assert_eq!((beyond.next_open, beyond.valid_until), (None, None));
    assert_eq!(span(finding(&beyond, "freeze/merger")), (Some(second("2026-01-01T00:00:00Z")), None));
}

#[test]
fn what_excludes_each_other_is_refused_at_any_hour() {
    let policy = policy(&format!(
        "{REGIONS}[environments.production]\nduring_core_hours = \"off\"\nregions = [\"us\"]\n[environments.canary]\nduring_core_hours = \"off\"\n\
         [services.billing]\nregions = [\"eu\"]\n"
    ));
    for change in [
        Change::to("production").region("eu"),
        Change::to("production").service("billing"),
        Change::to("canary").service("billing").region("us"),
    ] {
        let decision = change.under(&policy).decide("2025-07-12T03:00:00Z");
        assert!(refusals(&decision).contains(&("unknown-target", "unknown-target")), "{change:?}");
        assert_eq!((decision.next_open, decision.valid_until), (None, None));
    }
    assert!(Change::to("canary").service("billing").region("eu").under(&policy).is_allowed("2025-07-12T03:00:00Z"));
}

#[test]
fn what_reaches_nothing_is_allowed() {
    let policy = policy(&format!(
        "{REGIONS}[environments.production]\n[[targets]]\npaths = [\"deploy/**\"]\nenvironment = \"production\"\n"
    ));
    let decision = Change::of(&["README.md"]).under(&policy).decide("2025-07-09T14:00:00Z");
    assert_eq!((decision.findings.len(), decision.next_open, decision.valid_until), (0, Some(decision.at), None));
}

#[test]
fn all_findings_are_told_the_gravest_first_and_each_once() {
    let policy = policy(&format!(
        "{REGIONS}[environments.production]\nduring_core_hours = \"soft\"\n[services.billing]\n[services.shop]\n\
         [[freezes]]\nname = \"hard\"\nhours = [\"daily 00:00-23:59\"]\ntimezone = \"UTC\"\n\
         [[freezes]]\nname = \"soft\"\nhours = [\"daily 00:00-23:59\"]\ntimezone = \"UTC\"\nlevel = \"soft\"\n\
         [[freezes]]\nname = \"warn\"\nhours = [\"daily 00:00-23:59\"]\ntimezone = \"UTC\"\nlevel = \"warn\"\n"
    ));
    let change = Change::to("production").service("billing").service("shop").under(&policy);
    let decision = change.decide("2025-07-09T14:00:00Z");
    let ids: Vec<(String, Level)> =
        decision.findings.iter().map(|finding| (finding.id.to_string(), finding.level)).collect();
    let told: Vec<(&str, Level)> = ids.iter().map(|(id, level)| (id.as_str(), *level)).collect();
    assert_eq!(
        told,
        [
            ("freeze/hard", Level::Hard),
            ("freeze/soft", Level::Soft),
            ("core-hours/us", Level::Soft),
            ("core-hours/eu", Level::Soft),
            ("freeze/warn", Level::Warn),
        ]
    );
}
