//! Policies and changes by chance: drafts that are written out as TOML, so that parts can be added and moved about.

use std::fmt::Write;

use freezegate::policy::Kind;
use freezegate::time::instant::Instant;
use freezegate::time::seconds::Seconds;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};

use crate::policies::change::{Change, second};

/// On both sides of the date line, with jumps of an hour, of half of one, and of none.
const ZONES: [&str; 7] = [
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "UTC",
];

/// A policy, part by part.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) regions: Vec<RegionDraft>,
    pub(crate) environments: Vec<EnvironmentDraft>,
    pub(crate) services: Vec<Option<Vec<usize>>>,
    pub(crate) targets: Vec<TargetDraft>,
    pub(crate) freezes: Vec<FreezeDraft>,
}

#[derive(Debug, Clone)]
pub(crate) struct RegionDraft {
    pub(crate) zones: Vec<&'static str>,
    pub(crate) core_hours: Vec<String>,
    pub(crate) has_holidays: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct EnvironmentDraft {
    pub(crate) regions: Option<Vec<usize>>,
    pub(crate) during_core_hours: Option<&'static str>,
    pub(crate) exempt: Option<Vec<Kind>>,
    pub(crate) minutes: u16,
    pub(crate) settle: u16,
    pub(crate) change_windows: Vec<(String, &'static str)>,
}

#[derive(Debug, Clone)]
pub(crate) enum TargetDraft {
    /// `deploy/ENVIRONMENT/REGION/…`, which captures both; without regions, the environment alone.
    Captured(Vec<Kind>),
    /// `service/SERVICE/…` in an environment.
    OfService(usize, Vec<Kind>),
    /// `shared/…`, which reaches every environment.
    Shared(Vec<Kind>),
    /// `place/…` in an environment, and in a region if one is named.
    Named(usize, Option<usize>, Vec<Kind>),
    /// Whatever differs, in an environment, and in a region if one is named.
    Anything(usize, Option<usize>, Vec<Kind>),
    /// A ref, whose changes are all of an environment.
    OfRef(usize, Vec<Kind>),
}

impl TargetDraft {
    /// Returns whether it tells of what kind or service a change is.
    pub(crate) fn tells_kind_or_service(&self) -> bool {
        match self {
            Self::OfService(_, _) => true,
            Self::Captured(kinds)
            | Self::Shared(kinds)
            | Self::Named(_, _, kinds)
            | Self::Anything(_, _, kinds)
            | Self::OfRef(_, kinds) => !kinds.is_empty(),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct FreezeDraft {
    pub(crate) window: String,
    /// `None` is `region`, where there are regions.
    pub(crate) zone: Option<&'static str>,
    pub(crate) level: &'static str,
    pub(crate) environments: Option<Vec<usize>>,
    pub(crate) regions: Option<Vec<usize>>,
    pub(crate) services: Option<Vec<usize>>,
    pub(crate) kinds: Option<Vec<Kind>>,
    pub(crate) exempt: Option<Vec<Kind>>,
}

fn kinds() -> impl Strategy<Value = Vec<Kind>> {
    subsequence(vec![Kind::Deploy, Kind::Config, Kind::Migration, Kind::Rollback], 0..=2)
}

/// Kinds that a target may show, or a change be said to be.
pub(crate) fn shown_kinds() -> impl Strategy<Value = Vec<Kind>> {
    subsequence(vec![Kind::Deploy, Kind::Config, Kind::Migration], 0..=2)
}

pub(crate) fn indexes() -> impl Strategy<Value = Option<Vec<usize>>> {
    option::of(subsequence(vec![0, 1, 2], 1..=2))
}

/// `HH:MM` of a quarter of an hour, 0 to 96.
fn clock(quarter: u16) -> String {
    format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15)
}

/// An entry of `hours`.
pub(crate) fn hours() -> impl Strategy<Value = String> {
    let days = select(vec!["Mon-Fri", "daily", "Sat,Sun", "Fri-Mon", "Wed", "Sun"]);
    (days, 0..96_u16, 1..=96_u16).prop_map(|(days, start, length)| {
        let end = if start + length <= 96 { start + length } else { (start + length) % 96 };
        // a day and a night from the same reading to the same is written otherwise
        let end = if end == start { 96 } else { end };
        format!("{days} {}-{}", clock(start), clock(end))
    })
}

fn time() -> impl Strategy<Value = String> {
    prop_oneof![4 => (0..96_u16).prop_map(clock), 1 => Just("24:00".to_owned())]
}

/// `from` and `until`, or `hours`, of a freeze.
fn window() -> impl Strategy<Value = String> {
    let pair = |from: String, until: String| format!("from = {from}\nuntil = {until}");
    let recurring = |forms: Vec<&'static str>| {
        (subsequence(forms, 2), any::<bool>(), time(), time()).prop_map(move |(days, is_turned, start, end)| {
            let (first, last) = if is_turned { (days[1], days[0]) } else { (days[0], days[1]) };
            pair(format!("\"{first} {start}\""), format!("\"{last} {end}\""))
        })
    };
    let relative = select(vec!["Sat", "last day", "2nd Tue", "Dec 20", "4th Thu of Nov", "release"]);
    prop_oneof![
        4 => vec(hours(), 1..=2).prop_map(|hours| format!("hours = {}", list(hours.iter().map(String::as_str)))),
        2 => recurring(vec!["Mon", "Tue", "Thu", "Sat", "Sun"]),
        2 => recurring(vec!["day 1", "day 15", "last day", "1st Tue", "3rd Thu +1d", "last Fri -2d"]),
        2 => recurring(vec!["Jan 5", "Mar 29", "Oct 25", "4th Thu of Nov", "Dec 20"]),
        1 => (0..14_i32, 1..14_i32, time(), time()).prop_map(move |(before, after, start, end)| {
            pair(format!("\"release -{before}d {start}\""), format!("\"release +{after}d {end}\""))
        }),
        1 => (relative, time(), 2..9_i32, time()).prop_map(move |(day, start, days, end)| {
            pair(format!("\"{day} {start}\""), format!("\"+{days}d {end}\""))
        }),
        1 => (1..12_i32, 1..27_i32, 0..24_i32).prop_map(move |(month, day, hour)| {
            pair(format!("2026-{month:02}-{day:02}T{hour:02}:00:00"), format!("2026-{month:02}-{:02}T03:30:00", day + 1))
        }),
        1 => (1..12_i32, 1..27_i32, 1..40_i64).prop_map(move |(month, day, hours)| {
            let from = format!("2026-{month:02}-{day:02}T00:00:00Z");
            let until = crate::policies::change::instant(second(&from) + Seconds::new(hours * 3600));
            pair(from, until)
        }),
    ]
}

pub(crate) fn region() -> impl Strategy<Value = RegionDraft> {
    (subsequence(ZONES.to_vec(), 1..=3), vec(hours(), 0..=2), any::<bool>())
        .prop_map(|(zones, core_hours, has_holidays)| RegionDraft { zones, core_hours, has_holidays })
}

/// A zone.
pub(crate) fn zone() -> impl Strategy<Value = &'static str> {
    select(ZONES.to_vec())
}

pub(crate) fn environment() -> impl Strategy<Value = EnvironmentDraft> {
    let levels = option::of(select(vec!["off", "warn", "soft", "hard"]));
    let windows = prop_oneof![3 => Just(Vec::new()), 1 => vec((hours(), zone()), 1..=3)];
    (indexes(), levels, option::of(kinds()), 0..120_u16, 0..120_u16, windows).prop_map(
        |(regions, during_core_hours, exempt, minutes, settle, change_windows)| EnvironmentDraft {
            regions,
            during_core_hours,
            exempt,
            minutes,
            settle,
            change_windows,
        },
    )
}

/// A target.
pub(crate) fn target() -> impl Strategy<Value = TargetDraft> {
    prop_oneof![
        shown_kinds().prop_map(TargetDraft::Captured),
        (0..3_usize, shown_kinds()).prop_map(|(environment, kinds)| TargetDraft::OfService(environment, kinds)),
        shown_kinds().prop_map(TargetDraft::Shared),
        (0..3_usize, option::of(0..3_usize), shown_kinds())
            .prop_map(|(environment, region, kinds)| TargetDraft::Named(environment, region, kinds)),
        (0..3_usize, option::of(0..3_usize), shown_kinds())
            .prop_map(|(environment, region, kinds)| TargetDraft::Anything(environment, region, kinds)),
        (0..3_usize, shown_kinds()).prop_map(|(environment, kinds)| TargetDraft::OfRef(environment, kinds)),
    ]
}

/// A freeze.
pub(crate) fn freeze() -> impl Strategy<Value = FreezeDraft> {
    let level = select(vec!["warn", "soft", "hard", "hard"]);
    let scope = || prop_oneof![2 => Just(None), 1 => indexes()];
    let some_kinds = option::weighted(0.3, subsequence(vec![Kind::Deploy, Kind::Config, Kind::Migration], 1..=2));
    (window(), option::weighted(0.6, zone()), level, scope(), scope(), scope(), some_kinds, option::of(kinds()))
        .prop_map(|(window, zone, level, environments, regions, services, kinds, exempt)| FreezeDraft {
            window,
            zone,
            level,
            environments,
            regions,
            services,
            kinds,
            exempt,
        })
}

/// A policy.
pub(crate) fn draft() -> impl Strategy<Value = Draft> {
    (vec(region(), 0..=3), vec(environment(), 1..=3), vec(indexes(), 0..=2), vec(target(), 0..=3), vec(freeze(), 0..=4))
        .prop_map(|(regions, environments, services, targets, freezes)| Draft {
            regions,
            environments,
            services,
            targets,
            freezes,
        })
}

/// What is said and shown of a change; names are those of [`Draft::change`].
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    pub(crate) environments: Vec<usize>,
    pub(crate) regions: Vec<usize>,
    pub(crate) services: Vec<usize>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) duration: Option<Seconds>,
    pub(crate) paths: Option<Vec<&'static str>>,
    pub(crate) is_rollback: bool,
}

/// A question; of what is said of a change alone, unless `with_paths`.
pub(crate) fn asking(with_paths: bool) -> impl Strategy<Value = Asking> {
    let paths = [
        "deploy/e0/r0/a",
        "deploy/e1/r1/a",
        "deploy/e0/a",
        "service/s0/a",
        "service/s1/a",
        "shared/a",
        "place/a",
        "README",
    ];
    let paths =
        option::weighted(0.7, subsequence(paths.to_vec(), 0..=3)).prop_map(move |paths| paths.filter(|_| with_paths));
    let duration = option::of(0..10_000_i64);
    let few = |most| subsequence(vec![0, 1, 2], 0..=most);
    let is_rollback = prop_oneof![7 => Just(false), 1 => Just(true)];
    let kinds = prop_oneof![1 => Just(vec![]), 2 => kinds()];
    (subsequence(vec![0, 1, 2], 1..=2), few(1), few(1), kinds, duration, paths, is_rollback).prop_map(
        |(environments, regions, services, kinds, duration, paths, is_rollback)| Asking {
            environments,
            regions,
            services,
            kinds,
            duration: duration.map(Seconds::new),
            paths,
            is_rollback,
        },
    )
}

/// An instant of 2025 to 2027, often one near which clocks jump, years end or calendars do.
pub(crate) fn instant() -> impl Strategy<Value = Instant> {
    let odd = [
        "2025-12-31T23:30:00Z",
        "2026-03-08T09:30:00Z",
        "2026-03-29T01:00:00Z",
        "2026-04-04T15:00:00Z",
        "2026-10-03T15:30:00Z",
        "2026-10-25T00:30:00Z",
        "2026-11-01T08:30:00Z",
        "2026-11-26T05:00:00Z",
        "2026-12-25T10:00:00Z",
        "2027-01-01T00:00:00Z",
    ];
    let odd = odd.map(second).to_vec();
    let (first, last) = (second("2025-01-01T00:00:00Z"), second("2027-12-31T00:00:00Z"));
    prop_oneof![
        (first.as_second()..last.as_second()).prop_map(Instant::from_second),
        (select(odd), -200_000..200_000_i64).prop_map(|(base, near)| base + Seconds::new(near))
    ]
}

fn list<'t>(items: impl IntoIterator<Item = &'t str>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| format!("\"{item}\"")).collect();
    format!("[{}]", items.join(", "))
}

/// The names `PREFIX0`, `PREFIX1`, … of those of `indexes` of which there are `count`; none if that leaves none.
fn names(prefix: &str, indexes: &[usize], count: usize) -> Vec<String> {
    indexes.iter().filter(|index| **index < count).map(|index| format!("{prefix}{index}")).collect()
}

fn names_key(text: &mut String, key: &str, prefix: &str, indexes: Option<&[usize]>, count: usize) {
    let names = names(prefix, indexes.unwrap_or_default(), count);
    if !names.is_empty() {
        writeln!(text, "{key} = {}", list(names.iter().map(String::as_str))).unwrap();
    }
}

fn kinds_key(text: &mut String, key: &str, kinds: Option<&[Kind]>) {
    if let Some(kinds) = kinds {
        writeln!(text, "{key} = {}", list(kinds.iter().map(|kind| kind.as_str()))).unwrap();
    }
}

impl Draft {
    /// The calendars, tables and entries, each a text of its own.
    pub(crate) fn blocks(&self) -> Vec<String> {
        let mut blocks = vec![
            "[calendars.release]\ndates = [2025-06-10, 2026-03-29, 2026-10-25]\nvalid_until = 2027-03-31\n".to_owned(),
            "[calendars.holidays]\ndates = [2025-12-25, 2026-01-01, 2026-12-25, 2027-01-01]\n".to_owned(),
        ];
        for (index, region) in self.regions.iter().enumerate() {
            let mut text = format!("[regions.r{index}]\ntimezones = {}\n", list(region.zones.iter().copied()));
            if !region.core_hours.is_empty() {
                writeln!(text, "core_hours = {}", list(region.core_hours.iter().map(String::as_str))).unwrap();
                if region.has_holidays {
                    text.push_str("holidays = [\"holidays\"]\n");
                }
            }
            blocks.push(text);
        }
        blocks.extend(self.environments.iter().enumerate().map(|(index, one)| self.environment(index, one)));
        for (index, regions) in self.services.iter().enumerate() {
            let mut text = format!("[services.s{index}]\n");
            names_key(&mut text, "regions", "r", regions.as_deref(), self.regions.len());
            blocks.push(text);
        }
        blocks.extend(self.targets.iter().map(|target| self.target(target)));
        blocks.extend(self.freezes.iter().enumerate().map(|(index, freeze)| self.freeze(&format!("f{index}"), freeze)));
        blocks
    }

    fn environment(&self, index: usize, environment: &EnvironmentDraft) -> String {
        let mut text = format!(
            "[environments.e{index}]\naliases = [\"alias{index}\"]\nduration = \"{}m\"\nsettle = \"{}m\"\n",
            environment.minutes, environment.settle
        );
        names_key(&mut text, "regions", "r", environment.regions.as_deref(), self.regions.len());
        kinds_key(&mut text, "exempt", environment.exempt.as_deref());
        if let Some(level) = environment.during_core_hours {
            writeln!(text, "during_core_hours = \"{level}\"").unwrap();
        }
        if !environment.change_windows.is_empty() {
            let windows: Vec<String> = environment
                .change_windows
                .iter()
                .map(|(hours, zone)| format!("{{ hours = \"{hours}\", timezone = \"{zone}\" }}"))
                .collect();
            writeln!(text, "change_windows = [{}]", windows.join(", ")).unwrap();
        }
        text
    }

    fn target(&self, target: &TargetDraft) -> String {
        let environment = |index: usize| format!("environment = \"e{}\"\n", index % self.environments.len());
        let (mut text, kinds) = match target {
            TargetDraft::Captured(kinds) => {
                let region = if self.regions.is_empty() { "" } else { "{region}/" };
                (format!("paths = [\"deploy/{{environment}}/{region}**\"]\n"), kinds)
            }
            TargetDraft::OfService(index, kinds) => {
                (format!("paths = [\"service/{{service}}/**\"]\n{}", environment(*index)), kinds)
            }
            TargetDraft::Shared(kinds) => ("paths = [\"shared/**\"]\nenvironment = \"*\"\n".to_owned(), kinds),
            TargetDraft::Named(index, region, kinds) => (self.named("place/**", environment(*index), *region), kinds),
            TargetDraft::Anything(index, region, kinds) => (self.named("**", environment(*index), *region), kinds),
            TargetDraft::OfRef(index, kinds) => {
                (format!("refs = [\"refs/heads/main\"]\n{}", environment(*index)), kinds)
            }
        };
        if !kinds.is_empty() {
            kinds_key(&mut text, "kind", Some(kinds));
        }
        format!("[[targets]]\n{text}")
    }

    fn named(&self, path: &str, mut environment: String, region: Option<usize>) -> String {
        if let Some(region) = region.filter(|region| *region < self.regions.len()) {
            writeln!(environment, "region = \"r{region}\"").unwrap();
        }
        format!("paths = [\"{path}\"]\n{environment}")
    }

    /// A freeze of this name, in the names of this policy.
    pub(crate) fn freeze(&self, name: &str, freeze: &FreezeDraft) -> String {
        let zone = match freeze.zone {
            None if !self.regions.is_empty() => "region",
            Some(zone) => zone,
            None => "UTC",
        };
        let mut text = format!(
            "[[freezes]]\nname = \"{name}\"\n{}\ntimezone = \"{zone}\"\nlevel = \"{}\"\n",
            freeze.window, freeze.level
        );
        names_key(&mut text, "environments", "e", freeze.environments.as_deref(), self.environments.len());
        names_key(&mut text, "regions", "r", freeze.regions.as_deref(), self.regions.len());
        names_key(&mut text, "services", "s", freeze.services.as_deref(), self.services.len());
        kinds_key(&mut text, "kinds", freeze.kinds.as_deref());
        kinds_key(&mut text, "exempt", freeze.exempt.as_deref());
        text
    }

    /// The whole policy as one file.
    pub(crate) fn text(&self) -> String {
        format!("version = 1\n{}", self.blocks().concat())
    }

    /// The change that `asking` describes, in the names of this policy. Something is always said.
    pub(crate) fn change(&self, asking: &Asking) -> Change {
        let mut change = Change {
            duration: asking.duration,
            paths: asking.paths.as_ref().map(|paths| paths.iter().map(|path| (*path).to_owned()).collect()),
            is_rollback: asking.is_rollback,
            ..Change::default()
        };
        change.said.environments = names("e", &asking.environments, self.environments.len());
        if change.said.environments.is_empty() && !asking.environments.is_empty() {
            change.said.environments.push("alias0".to_owned());
        }
        change.said.regions = names("r", &asking.regions, self.regions.len());
        change.said.services = names("s", &asking.services, self.services.len());
        change.said.kinds = asking.kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
        change
    }
}
