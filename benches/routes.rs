//! How long comparisons of routes take, each read from manifests, cold: growth with routes, with changed routes and with
//! regular expressions; edits of guarded files, as a hook judges them; and tables that were made to take long, which must
//! end in bounded time.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::fmt::Write as _;
use std::time::Instant;

use freezegate::guard::{GuardedEdit, GuardedFile, GuardedRoutes};
use freezegate::policy::load::{PolicyFiles, ReadFault, load};
use freezegate::route::compare::{STEPS, compare};
use freezegate::route::language::Languages;
use freezegate::route::manifest::manifests;
use freezegate::route::read::read_routes;
use freezegate::route::tables::RouteTables;

const WORDS: [&str; 10] = ["login", "users", "orders", "billing", "api", "agent", "chat", "voice", "admin", "report"];

/// Routes of VirtualServices, one for each host.
#[derive(Clone, Copy)]
struct Shape {
    routes: usize,
    hosts: usize,
    /// How many routes lead to another backend after the edit.
    changed: usize,
    /// Each of so many routes is a regular expression.
    regex_each: usize,
}

/// The VirtualService of each host.
fn services(Shape { routes, hosts, changed: changes, regex_each }: Shape, edited: bool) -> Vec<String> {
    let of_host = |host: usize| {
        let mut text = String::new();
        let head = "apiVersion: networking.istio.io/v1\nkind: VirtualService\n";
        writeln!(text, "{head}metadata: {{name: host-{host}, namespace: prod}}").unwrap_or_default();
        writeln!(text, "spec:\n  hosts: [h{host}.example.com]\n  gateways: [gw]\n  http:").unwrap_or_default();
        for number in (host..routes).step_by(hosts) {
            let word = WORDS.get(number % WORDS.len()).copied().unwrap_or_default();
            let uri = match number % 16 {
                _ if number % regex_each == regex_each / 2 => {
                    format!("regex: '/{word}/[a-z0-9-]{{1,36}}/items/{number}(/.*)?'")
                }
                8..=10 => format!("exact: /{word}/{number}/health"),
                _ => format!("prefix: /{word}/{number}/"),
            };
            let each = (routes / changes).max(1);
            let changed = edited && number % each == 3 % each;
            let backend = if changed { "preprod" } else { "prod" };
            let host = format!("{{host: s{}.{backend}.svc.cluster.local}}", number % 50);
            writeln!(text, "  - {{match: [{{uri: {{{uri}}}}}], route: [{{destination: {host}}}]}}").unwrap_or_default();
        }
        text
    };
    (0..hosts).map(of_host).collect()
}

fn table(shape: Shape, edited: bool) -> String {
    services(shape, edited).join("---\n")
}

/// A pattern of so many alternatives before a route that changed.
fn alternatives(count: usize, edited: bool) -> String {
    let all: Vec<String> = (0..count).map(|number| format!("item-{number}")).collect();
    let head = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: prod}\n";
    let last = if edited { "new" } else { "old" };
    let uri = format!("regex: '/.*({})/.*'", all.join("|"));
    format!(
        "{head}spec:\n  hosts: [a.example.com]\n  gateways: [gw]\n  http:\n  - {{match: [{{uri: {{{uri}}}}}], route: \
         [{{destination: {{host: all}}}}]}}\n  - {{route: [{{destination: {{host: {last}}}}}]}}\n"
    )
}

/// The policy of the guarded files.
struct OnePolicy;

impl PolicyFiles for OnePolicy {
    fn read(&self, _path: &str) -> Result<Vec<u8>, ReadFault> {
        let text = "version = 1\n[environments.prod]\n[environments.preprod]\n[routes]\npaths = [\"routes/**\"]\nowners = \
                    [\"{environment}\"]\n";
        Ok(text.as_bytes().to_vec())
    }
}

/// An edit of a file for each host, as a hook judges it.
fn measure_guarded(shape: Shape) {
    let Ok(policy) = load(&OnePolicy, &["freezegate.toml".to_owned()], &[]) else {
        return println!("the policy of the bench can't be read");
    };
    let Some(guarded) = GuardedRoutes::of(&policy) else {
        return println!("the policy of the bench has no routes");
    };
    let mut edit = GuardedEdit::default();
    for (number, (old, new)) in services(shape, false).into_iter().zip(services(shape, true)).enumerate() {
        let file = |text: String| GuardedFile { path: format!("routes/{number}.yaml"), content: text.into_bytes() };
        if old == new {
            edit.kept.push(file(old));
        } else {
            edit.removed.push(file(old));
            edit.added.push(file(new));
        }
    }
    let files = edit.kept.len() + edit.added.len();
    let start = Instant::now();
    let found = match guarded.judge(&edit) {
        Ok(judged) => format!("{} conflicts", judged.conflicts.len()),
        Err(faults) => format!("{} faults", faults.len()),
    };
    let what = format!("{} of {} routes in {files} guarded files", shape.changed, shape.routes);
    println!("{what:<52} judged {:>9.1?}: {found}", start.elapsed());
}

/// Regular expressions whose products grow beyond any bound.
fn crafted(edited: bool) -> String {
    let head = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: prod}\n";
    let mut text = format!("{head}spec:\n  hosts: [a.example.com]\n  gateways: [gw]\n  http:\n");
    for number in 5..17 {
        let uri = format!("regex: '/.*[^c].{{{number}}}'");
        writeln!(text, "  - {{match: [{{uri: {{{uri}}}}}], route: [{{destination: {{host: s{number}}}}}]}}")
            .unwrap_or_default();
    }
    let last = if edited { "new" } else { "old" };
    writeln!(text, "  - {{route: [{{destination: {{host: {last}}}}}]}}").unwrap_or_default();
    text
}

/// Many regular expressions that begin with anything, on one host, before a route that changed.
fn towers(count: usize, (edited, all): (bool, bool)) -> String {
    let head = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: prod}\n";
    let mut text = format!("{head}spec:\n  hosts: [a.example.com]\n  gateways: [gw]\n  http:\n");
    let new = if edited && all { "-new" } else { "" };
    for number in 0..count {
        writeln!(
            text,
            "  - {{match: [{{uri: {{regex: '/.*x{number}y.*'}}}}], route: [{{destination: {{host: s{number}{new}}}}}]}}"
        )
        .unwrap_or_default();
    }
    let last = if edited { "new" } else { "old" };
    writeln!(text, "  - {{route: [{{destination: {{host: {last}}}}}]}}").unwrap_or_default();
    text
}

/// All paths of up to three bytes, up to a count, before a route that changed.
fn short_paths(count: usize, edited: bool) -> String {
    let head = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: prod}\n";
    let mut text = format!("{head}spec:\n  hosts: [a.example.com]\n  gateways: [gw]\n  http:\n");
    let letters: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').chain("_-~".chars()).collect();
    let longer = letters.iter().flat_map(|one| letters.iter().map(move |other| format!("/{one}{other}")));
    let all = std::iter::once("/".to_owned()).chain(letters.iter().map(|one| format!("/{one}"))).chain(longer);
    for path in all.take(count) {
        writeln!(text, "  - {{match: [{{uri: {{exact: '{path}'}}}}], route: [{{destination: {{host: all}}}}]}}")
            .unwrap_or_default();
    }
    let last = if edited { "new" } else { "old" };
    writeln!(text, "  - {{route: [{{destination: {{host: {last}}}}}]}}").unwrap_or_default();
    text
}

fn measure(what: &str, before: &str, after: &str) {
    let mut languages = Languages::default();
    let mut notes = Vec::new();
    let start = Instant::now();
    let old = manifests("before.yaml", before.as_bytes(), &mut notes);
    let new = manifests("after.yaml", after.as_bytes(), &mut notes);
    let parsed = start.elapsed();
    let start = Instant::now();
    let old = read_routes(&old, Vec::new(), &mut languages);
    let new = read_routes(&new, Vec::new(), &mut languages);
    let not_read = old.notes.len() + new.notes.len();
    let tables = RouteTables::of(old, new, &mut languages);
    let read = start.elapsed();
    let start = Instant::now();
    let mut found = 0;
    let mut undone = String::new();
    for one in &tables {
        match compare(&languages, &one.before, &one.after, &mut STEPS.clone()) {
            Ok(comparison) => found += comparison.changes.len(),
            Err(why) => undone = format!(", not computed: {why}"),
        }
    }
    let compared = start.elapsed();
    println!(
        "{what:<52} YAML {parsed:>9.1?}, tables {read:>9.1?}, compared {compared:>9.1?}: {found} changes, {} notes{undone}",
        notes.len() + not_read
    );
}

fn main() {
    let plain = Shape { routes: 10_000, hosts: 1, changed: 10, regex_each: 16 };
    let compared = |what: &str, shape: Shape| {
        let Shape { routes, hosts, changed, .. } = shape;
        let what = format!("{changed} of {routes} routes changed, {hosts} hosts{what}");
        measure(&what, &table(shape, false), &table(shape, true));
    };
    for (routes, hosts) in [(100, 1), (1_000, 1), (1_000, 100), (10_000, 1), (10_000, 1_000)] {
        compared("", Shape { routes, hosts, ..plain });
    }
    for changed in [1, 100, 1_000] {
        compared("", Shape { changed, ..plain });
    }
    for regex_each in [64, 4, 1] {
        compared(&format!(", 1 of {regex_each} a regex"), Shape { regex_each, ..plain });
    }
    for (routes, hosts) in [(1_000, 100), (10_000, 1_000)] {
        measure_guarded(Shape { routes, hosts, ..plain });
    }
    for count in [25, 50, 100] {
        let what = format!("the last of {count} `/.*xNy.*` changed");
        measure(&what, &towers(count, (false, false)), &towers(count, (true, false)));
    }
    for count in [100, 10_000] {
        let what = format!("all of {count} `/.*xNy.*` changed");
        measure(&what, &towers(count, (false, true)), &towers(count, (true, true)));
    }
    measure("the last after 10,000 alternatives changed", &alternatives(10_000, false), &alternatives(10_000, true));
    for count in [300, 4_000] {
        let what = format!("the last after {count} short paths changed");
        measure(&what, &short_paths(count, false), &short_paths(count, true));
    }
    measure("12 `/.*[^c].{n}`, crafted", &crafted(false), &crafted(true));
}
