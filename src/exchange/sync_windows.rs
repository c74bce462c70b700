//! Reads sync windows of Argo CD.

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::diagnostic::parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::exchange::cron::{Cron, CronDays, Dialect};
use crate::exchange::import::{Import, Imported, MOST_WINDOWS, NotImported};
use crate::exchange::model::{SyncWindowRule, denied, horizon};
use crate::exchange::wall::weekly_runs;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;
use crate::time::zone::TimeError;
use crate::yaml;

/// The application that windows are read for.
#[derive(Debug, Clone, Default)]
pub struct ArgoApplication {
    /// Its name.
    pub name: Option<String>,
    /// The namespace that it is deployed to.
    pub namespace: Option<String>,
    /// The name or server of the cluster that it is deployed to.
    pub cluster: Option<String>,
}

#[derive(Deserialize)]
struct Project {
    spec: Option<ProjectSpec>,
}

#[derive(Deserialize)]
struct ProjectSpec {
    #[serde(rename = "syncWindows", default)]
    sync_windows: Vec<Spanned<SyncWindowItem>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SyncWindowItem {
    kind: String,
    schedule: String,
    duration: String,
    #[serde(default)]
    applications: Vec<String>,
    #[serde(default)]
    namespaces: Vec<String>,
    #[serde(default)]
    clusters: Vec<String>,
    #[serde(default)]
    manual_sync: bool,
    #[serde(default)]
    time_zone: String,
    #[serde(default)]
    and_operator: bool,
    #[serde(rename = "description")]
    _description: Option<String>,
    // a change that has started is not judged again
    #[serde(rename = "syncOverrun")]
    _sync_overrun: Option<bool>,
}

/// Reads the sync windows of an AppProject, as they are for `application`, into a policy of `environment`.
///
/// # Errors
///
/// All that cannot be said, what would only be stricter among it unless `is_stricter_fine`.
pub fn import(
    (path, text): (&str, &str),
    application: &ArgoApplication,
    environment: &str,
    is_stricter_fine: bool,
    now: Instant,
) -> Result<Result<Imported, NotImported>, TimeError> {
    let mut import = Import::new(path, text, "argocd");
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_documents: 100, max_nodes: 200_000, max_events: 800_000 },
    };
    let projects = match serde_saphyr::from_slice_multiple_with_options::<Project>(text.as_bytes(), options) {
        Ok(projects) => projects,
        Err(error) => {
            return Ok(Err(unreadable(
                import,
                &parser::in_words(&yaml::cause(&error)),
                "give the YAML of one AppProject",
            )));
        }
    };
    let specs: Vec<ProjectSpec> = projects.into_iter().filter_map(|project| project.spec).collect();
    let count = specs.len();
    let Ok([spec]) = <[ProjectSpec; 1]>::try_from(specs) else {
        let cause = format!("holds {count} projects with a `spec`, not one");
        return Ok(Err(unreadable(import, &cause, "give the YAML of one AppProject")));
    };
    if spec.sync_windows.len() > MOST_WINDOWS {
        let cause = format!("holds more than {MOST_WINDOWS} windows");
        return Ok(Err(unreadable(import, &cause, "split the project")));
    }
    let mut rules = Vec::new();
    let count = spec.sync_windows.len();
    for window in spec.sync_windows {
        let line = window.referenced.line();
        rules.extend(add(&mut import, &window.value, application, line));
    }
    if rules.is_empty() && import.items.is_empty() {
        // a policy that closes nothing is hardly what is wanted
        match count {
            0 => import.refuse("the project has no `syncWindows`", 1, "give a project that has some"),
            _ => import.refuse(
                format!("none of the {count} windows is for this application"),
                1,
                "check `--application`, `--namespace` and `--cluster`",
            ),
        }
    }
    let head = "# Sync windows of Argo CD, by `freezegate import argocd`.\n";
    import.finish(environment, head, || denied(&rules, horizon(now)), (is_stricter_fine, now))
}

pub(crate) fn unreadable(import: Import, cause: &str, help: &str) -> NotImported {
    let cause = format!("the file is not what is expected: {cause}");
    let item = Diagnostic::error(Code::UnreadableFile, cause).at(import.place(1)).help(help);
    NotImported { sources: import.sources, items: vec![item] }
}

/// Adds a window to the policy, unless it is for other applications.
fn add(
    import: &mut Import,
    window: &SyncWindowItem,
    application: &ArgoApplication,
    line: u64,
) -> Option<SyncWindowRule> {
    match applies(window, application) {
        Ok(true) => {}
        Ok(false) => return None,
        Err((cause, help)) => {
            import.refuse(cause, line, help);
            return None;
        }
    }
    let allows = match window.kind.as_str() {
        "allow" => true,
        "deny" => false,
        other => {
            import.refuse(format!("the kind `{other}` is neither `allow` nor `deny`"), line, "fix the window");
            return None;
        }
    };
    if window.manual_sync {
        let item = import.item("it allows manual syncs (`manualSync: true`)", line, STRICTER);
        import.stricter.push(item);
    }
    let zone_name = if window.time_zone.is_empty() { "UTC" } else { &window.time_zone };
    let zone = import.zone(zone_name, line);
    let schedule = match Cron::read(&window.schedule, Dialect::Robfig) {
        Ok(schedule) => schedule,
        Err(why) => {
            import.refuse(format!("the schedule `{}` {why}", window.schedule), line, "write plain numbers");
            return None;
        }
    };
    let Some(length) = go_length(&window.duration) else {
        let cause = format!("the duration `{}` is not some whole minutes", window.duration);
        import.refuse(cause, line, "write hours and minutes, such as `1h30m`");
        return None;
    };
    let days = match schedule.days() {
        Ok(days) => days,
        Err(why) => {
            import.refuse(format!("the schedule `{}` {why}", window.schedule), line, "a policy can't express that");
            return None;
        }
    };
    let zone = zone?;
    if allows {
        import.opens();
    }
    for one in days {
        if let CronDays::Weekdays(bits) = one {
            import.weekly(weekly_runs(bits, schedule.minutes_of_day(), length, &zone), allows);
            continue;
        }
        if allows {
            let cause = format!("an `allow` window on days of a month or year (`{}`)", window.schedule);
            import.refuse(cause, line, "change windows of a policy are weekly hours");
            break;
        }
        if length > Seconds::days(366) {
            import.refuse("it is longer than a year", line, "write a shorter one");
            break;
        }
        for minute in import.starts(&schedule, line) {
            import.starting(one, minute, length, &zone);
        }
    }
    Some(SyncWindowRule { schedule, length, zone, allows })
}

/// The help for what the policy stops and the other program does not.
const STRICTER: &str = "`--stricter` writes a policy that refuses such changes too";

/// Returns whether a window is for the application, as `SyncWindows.Matches` decides.
fn applies(window: &SyncWindowItem, application: &ArgoApplication) -> Result<bool, (String, &'static str)> {
    let lists = [
        ("applications", &window.applications, &application.name, "say which: `--application NAME`"),
        ("clusters", &window.clusters, &application.cluster, "say which: `--cluster NAME`"),
        ("namespaces", &window.namespaces, &application.namespace, "say which: `--namespace NAME`"),
    ];
    let mut results = Vec::new();
    let mut unknown = None;
    for (key, patterns, given, help) in lists.into_iter().filter(|(_, patterns, ..)| !patterns.is_empty()) {
        if patterns.iter().any(|pattern| pattern == "*") {
            results.push(true);
            continue;
        }
        if let Some(odd) = patterns.iter().find(|pattern| pattern.contains(['[', ']', '{', '}', '\\', '!'])) {
            return Err((format!("the pattern `{odd}` has more than `*` and `?`"), "write patterns with `*` and `?`"));
        }
        match given {
            Some(given) => results.push(patterns.iter().any(|pattern| fits(pattern, given))),
            None => unknown = Some((format!("it chooses `{key}` ({})", patterns.join(", ")), help)),
        }
    }
    let decided = if window.and_operator { results.contains(&false) } else { results.contains(&true) };
    match unknown {
        Some(unknown) if !decided => Err(unknown),
        Some(_) | None if window.and_operator => Ok(!results.is_empty() && !results.contains(&false)),
        Some(_) | None => Ok(results.contains(&true)),
    }
}

/// Returns whether `text` fits a pattern of `*` (any text) and `?` (one letter).
fn fits(pattern: &str, text: &str) -> bool {
    // the ends of the text that are reached after each part of the pattern
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for letter in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        let mut any = false;
        for (at, place) in next.iter_mut().enumerate() {
            let here = reached.get(at).copied().unwrap_or(false);
            any |= here;
            let before = at.checked_sub(1);
            let stepped = before.is_some_and(|before| {
                reached.get(before).copied().unwrap_or(false)
                    && (letter == '?' || text.get(before).is_some_and(|one| *one == letter))
            });
            *place = if letter == '*' { any } else { stepped };
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// The length that a duration of Go says, if that is some whole minutes.
fn go_length(text: &str) -> Option<Seconds> {
    let mut seconds: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).filter(|digits| (1..=9).contains(digits))?;
        let (number, after) = rest.split_at_checked(digits)?;
        let unit = after.chars().next()?;
        let factor = match unit {
            'h' => 3600,
            'm' if !after.starts_with("ms") => 60,
            's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<i64>().ok()?.checked_mul(factor)?)?;
        rest = after.get(unit.len_utf8()..)?;
    }
    (seconds > 0 && seconds % 60 == 0).then_some(Seconds::new(seconds))
}
