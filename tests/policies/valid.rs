//! Right policies: nothing is reported of any.

use crate::policies::files::{Case, policy, report};

use freezegate::time::seconds::Seconds;

#[test]
fn each_is_read_without_a_report() {
    for case in Case::all("tests/valid-policies") {
        if let Err(faults) = case.load() {
            panic!("{}\n{}", case.name, report(&faults));
        }
    }
}

#[test]
fn what_all_tables_and_keys_say_is_kept() {
    let policy = policy("tests/valid-policies/every-table-and-key", "freezegate.toml");
    let names = |items: &[std::sync::Arc<freezegate::policy::Region>]| -> Vec<String> {
        items.iter().map(|region| region.name.clone()).collect()
    };
    assert_eq!(policy.help.contact.as_deref(), Some("#freeze-help"));
    assert_eq!(policy.help.url.as_deref(), Some("https://wiki.example.com/freezes"));
    assert_eq!(names(&policy.regions), ["eu", "us"]);
    let production = policy.environment("prod").unwrap();
    assert_eq!(production.name, "production");
    assert_eq!(names(&production.regions), ["us", "eu"]);
    assert_eq!((production.duration, production.settle), (Seconds::minutes(10), Seconds::minutes(30)));
    assert_eq!(production.change_windows.len(), 1);
    assert!(policy.environment("staging").unwrap().during_core_hours.is_none());
    assert_eq!(policy.targets.len(), 3);
    let command = policy.targets.iter().filter_map(|target| target.command.as_ref());
    assert_eq!(command.map(|one| one.as_str()).collect::<Vec<_>>(), [r#"["reboot-fleet", "--pod={region}", "**"]"#]);
    assert_eq!(
        policy.freezes.iter().map(|freeze| freeze.name.as_str()).collect::<Vec<_>>(),
        ["data", "nights", "year end"]
    );
    assert_eq!(policy.freezes[2].text(&policy.sources), "Dec 20 23:00 to Jan 5 09:00");
    assert_eq!(policy.rollback_within, Seconds::new(72 * 3600));
    let routes = policy.routes.as_ref().unwrap();
    let patterns = |list: &[freezegate::pattern::Pattern]| -> Vec<String> {
        list.iter().map(|one| one.as_str().to_owned()).collect()
    };
    assert_eq!(patterns(&routes.refs), ["refs/heads/main"]);
    assert_eq!(patterns(&routes.paths), ["routes/{environment}/**"]);
    assert_eq!(patterns(&routes.except), ["**/*.md"]);
    assert_eq!(routes.owners.iter().map(|one| one.as_str()).collect::<Vec<_>>(), ["{environment}", "{environment}-*"]);
    assert_eq!(routes.together.iter().map(|one| one.name()).collect::<Vec<_>>(), ["environment"]);
    let levels: Vec<_> = routes.levels().iter().map(|(_, level)| level.map_or("off", |one| one.as_str())).collect();
    assert_eq!(levels, ["hard", "soft", "warn", "off"]);
    assert_eq!(policy.sources.cite(policy.freezes[2].place), "freezegate.toml:57");
    let approvers = policy.approvers.unwrap();
    assert_eq!(approvers.groups.len(), 2);
    assert!(approvers.roster.unwrap().contains("ana@example.com"));
}
