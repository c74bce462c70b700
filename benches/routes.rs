//! How long comparisons of routes take: 10 changed routes among 1,000 and 10,000, of one host and of many, and crafted
//! tables that must end in bounded time. Each is read from manifests, cold.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::fmt::Write as _;
use std::time::Instant;

use freezegate::route::compare::compare;
use freezegate::route::language::Languages;
use freezegate::route::manifest::manifests;
use freezegate::route::read::read_routes;
use freezegate::route::tables::RouteTables;

const WORDS: [&str; 10] = ["login", "users", "orders", "billing", "api", "agent", "chat", "voice", "admin", "report"];

/// A VirtualService of each host with its routes; each 16th route is a regular expression.
fn table(routes: usize, hosts: usize, edited: bool) -> String {
    let mut text = String::new();
    for host in 0..hosts {
        let head = "apiVersion: networking.istio.io/v1\nkind: VirtualService\n";
        writeln!(text, "---\n{head}metadata: {{name: host-{host}, namespace: prod}}").unwrap_or_default();
        writeln!(text, "spec:\n  hosts: [h{host}.example.com]\n  gateways: [gw]\n  http:").unwrap_or_default();
        for number in (host..routes).step_by(hosts) {
            let word = WORDS.get(number % WORDS.len()).copied().unwrap_or_default();
            let uri = match number % 16 {
                7 => format!("regex: '/{word}/[a-z0-9-]{{1,36}}/items/{number}(/.*)?'"),
                8..=10 => format!("exact: /{word}/{number}/health"),
                _ => format!("prefix: /{word}/{number}/"),
            };
            let changed = edited && number % (routes / 10).max(1) == 3;
            let backend = if changed { "preprod" } else { "prod" };
            let host = format!("{{host: s{}.{backend}.svc.cluster.local}}", number % 50);
            writeln!(text, "  - {{match: [{{uri: {{{uri}}}}}], route: [{{destination: {host}}}]}}").unwrap_or_default();
        }
    }
    text
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
fn towers(count: usize, edited: bool) -> String {
    let head = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: prod}\n";
    let mut text = format!("{head}spec:\n  hosts: [a.example.com]\n  gateways: [gw]\n  http:\n");
    for number in 0..count {
        writeln!(
            text,
            "  - {{match: [{{uri: {{regex: '/.*x{number}y.*'}}}}], route: [{{destination: {{host: s{number}}}}}]}}"
        )
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
        match compare(&languages, &one.before, &one.after, 400_000) {
            Ok(comparison) => found += comparison.changes.len(),
            Err(why) => undone = format!(", not computed: {why}"),
        }
    }
    let compared = start.elapsed();
    println!(
        "{what:<44} YAML {parsed:>9.1?}, tables {read:>9.1?}, compared {compared:>9.1?}: {found} changes, {} notes{undone}",
        notes.len() + not_read
    );
}

fn main() {
    for (routes, hosts) in [(1_000, 1), (1_000, 100), (10_000, 1), (10_000, 1_000)] {
        let what = format!("10 of {routes} routes changed, {hosts} hosts");
        measure(&what, &table(routes, hosts, false), &table(routes, hosts, true));
    }
    for count in [25, 50, 100] {
        let what = format!("the last of {count} `/.*xNy.*` changed");
        measure(&what, &towers(count, false), &towers(count, true));
    }
    measure("12 `/.*[^c].{n}`, crafted", &crafted(false), &crafted(true));
}
