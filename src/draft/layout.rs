//! Which folders and files are named for environments, and the targets that they make.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::generalise::generalised;
use crate::draft::name::{self, PRODUCTION};
use crate::draft::tree::{Contents, Tree, is_plain, join, literal, split, tree};
use crate::draft::{DraftedEnvironment, DraftedTarget, Survey, called};
use crate::pattern::{Pattern, PatternSet, Subject};

/// Folders that hold what is deployed.
const ROOTS: [&str; 22] = [
    "deploy",
    "deployment",
    "deployments",
    "k8s",
    "kube",
    "kubernetes",
    "helm",
    "charts",
    "terraform",
    "infra",
    "infrastructure",
    "kustomize",
    "environments",
    "envs",
    "overlays",
    "clusters",
    "manifests",
    "gitops",
    "argocd",
    "flux",
    "ansible",
    "inventories",
];

/// Those of them that hold nothing but environments, with what the environments share beside them.
const COLLECTIONS: [&str; 3] = ["environments", "envs", "overlays"];

/// Folders in which stands what environments share.
const SHARED: [&str; 8] = ["base", "bases", "common", "shared", "global", "modules", "components", "_base"];

/// The most captures that a target is given, as more can't be read.
const LONGEST: usize = 20;

/// What is read by people and deployed nowhere.
const DOCUMENTS: &str = "**/*.md";

/// One place where things are named for environments: the folders in a folder, or its files of one form.
#[derive(Debug)]
struct Place {
    /// The spellings.
    spellings: BTreeSet<String>,
    /// The pattern that captures the environment.
    pattern: String,
    /// Whether everything that the pattern matches is named for an environment.
    pure: bool,
}

impl Place {
    /// The pattern for one environment, or for `*`.
    fn filled(&self, with: &str) -> String {
        self.pattern.replace("{environment}", with)
    }
}

/// What was found.
#[derive(Debug)]
pub(super) struct Layout<'s> {
    survey: &'s Survey,
    places: Vec<Place>,
    /// Folders in which all that is named for no environment reaches every one.
    shared: BTreeSet<String>,
}

impl<'s> Layout<'s> {
    pub(super) fn find(survey: &'s Survey) -> Self {
        let tree = tree(survey);
        let mut layout = Self { survey, places: Vec::new(), shared: BTreeSet::new() };
        // folders of environments: what lies in them is said already
        let mut inside: BTreeSet<String> = BTreeSet::new();
        for (path, contents) in &tree {
            if prefixes(path).any(|prefix| inside.contains(prefix)) {
                continue;
            }
            let before = layout.places.len();
            layout.folders(path, contents, &mut inside);
            if let Some(root) = root(path) {
                layout.files(path, contents);
                if layout.places.len() > before {
                    layout.shared.insert(literal(root));
                    layout.shared.extend(beside(root, &tree));
                }
            }
        }
        layout.shared.extend(top_level_roots(&tree));
        layout
    }

    /// Looks for folders that are named for environments.
    fn folders(&mut self, path: &str, contents: &Contents<'_>, inside: &mut BTreeSet<String>) {
        let named: Vec<_> =
            contents.folders.iter().filter_map(|folder| Some((*folder, name::meaning(folder)?))).collect();
        let root = root(path);
        // `test` may as well be where the tests of the rest are
        let sure = named.iter().filter(|(folder, _)| !folder.eq_ignore_ascii_case("test")).count();
        let counts = match root {
            Some(_) => sure > 0,
            None => sure > 1 && named.iter().any(|(_, meaning)| meaning.family == Some(PRODUCTION)),
        };
        if !counts {
            return;
        }
        let at = |name: &str| join(&if path.is_empty() { String::new() } else { literal(path) }, name);
        self.places.push(Place {
            spellings: named.iter().map(|(folder, _)| (*folder).to_owned()).collect(),
            pattern: at("{environment}/**"),
            pure: named.len() == contents.folders.len(),
        });
        inside.extend(named.iter().map(|(folder, _)| join(path, folder)));
        if root.is_none() {
            let shared = contents.folders.iter().filter(|folder| SHARED.contains(folder));
            self.shared.extend(shared.map(|folder| at(folder)));
        }
    }

    /// Looks for files that are named for environments: `values-production.yaml`, `prod.tfvars`.
    fn files(&mut self, path: &str, contents: &Contents<'_>) {
        let mut forms: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for file in contents.files.iter().filter(|file| !file.ends_with(".md")) {
            if let Some((prefix, word, suffix)) = parted(file) {
                forms.entry((prefix, suffix)).or_default().insert(word);
            }
        }
        for ((prefix, suffix), words) in forms {
            let guarded = words.iter().any(|word| name::word(word).is_some_and(|meaning| meaning.guarded));
            // a file that is called `production` and nothing else may be a link to what runs there
            if (prefix.is_empty() && suffix.is_empty())
                || !(guarded || words.len() > 1)
                || !is_plain(&format!("{prefix}x{suffix}"))
            {
                continue;
            }
            let form = |file: &&&str| {
                file.strip_prefix(prefix)
                    .and_then(|rest| rest.strip_suffix(suffix))
                    .is_some_and(|rest| !rest.is_empty())
            };
            self.places.push(Place {
                pure: contents.files.iter().filter(form).count() == words.len(),
                spellings: words.into_iter().map(str::to_owned).collect(),
                pattern: format!("{}/{prefix}{{environment}}{suffix}", literal(path)),
            });
        }
    }

    /// The spellings, place by place.
    pub(super) fn scopes(&self) -> impl Iterator<Item = impl Iterator<Item = &str>> {
        self.places.iter().map(|place| place.spellings.iter().map(String::as_str))
    }

    /// The targets: what captures, what is named, and the rest of the folders that hold them.
    pub(super) fn targets(&self, environments: &[DraftedEnvironment]) -> Vec<DraftedTarget> {
        // where a segment could not be said, the pattern matches more than the place
        let captures = |place: &&Place| {
            let exact = !place.pattern.trim_end_matches("/**").contains('*');
            place.pure && (exact || self.captures_only(&place.pattern, environments))
        };
        let (captured, mut apart): (Vec<&Place>, Vec<&Place>) = self.places.iter().partition(captures);
        let captures: BTreeSet<String> = captured.iter().map(|place| place.pattern.clone()).collect();
        let mut captures = generalised(captures, |wider| self.captures_only(wider, environments));
        if captures.len() > LONGEST {
            // some among many are not like the others: by name, each environment is still one pattern
            captures.clear();
            apart.extend(captured);
        }
        let mut named: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for place in apart {
            for spelling in &place.spellings {
                if let Some(environment) = called(environments, spelling) {
                    named.entry(environment).or_default().insert(place.filled(spelling));
                }
            }
        }
        let named: Vec<(&str, BTreeSet<String>)> =
            named.into_iter().map(|(environment, paths)| (environment, generalised(paths, |_| true))).collect();
        let mut said: BTreeSet<String> = captures.iter().map(|pattern| pattern.replace("{environment}", "*")).collect();
        said.extend(named.iter().flat_map(|(_, paths)| paths.iter().cloned()));
        let rest = self.rest(&said);
        let target = |why, paths: BTreeSet<String>, environment: Option<&str>| DraftedTarget {
            why,
            refs: Vec::new(),
            paths: paths.into_iter().collect(),
            except: Vec::new(),
            environment: environment.map(str::to_owned),
        };
        let captured = (!captures.is_empty()).then(|| {
            target("The path names the environment; a path that names an unknown one is refused.", captures, None)
        });
        captured
            .into_iter()
            .chain(named.into_iter().map(|(environment, paths)| {
                target("Folders and files named after an environment.", paths, Some(environment))
            }))
            .chain(rest)
            .collect()
    }

    /// Whether all that `pattern` captures from what is there is an environment.
    fn captures_only(&self, pattern: &str, environments: &[DraftedEnvironment]) -> bool {
        let Ok(pattern) = Pattern::parse(pattern, Subject::Path) else {
            return false;
        };
        let set = PatternSet::new([&pattern]);
        // a folder stands for a file that may come to lie in it
        let folders = self.survey.folders.iter().map(|folder| format!("{folder}/x"));
        folders.chain(self.survey.files.iter().cloned()).all(|path| {
            let mut found = Vec::new();
            set.matches_exactly(path.as_bytes(), &mut found).is_ok()
                && found.iter().all(|one| {
                    let captured = one.captures.environment.as_ref().map(|captured| captured.raw);
                    let captured = captured.and_then(|bytes| std::str::from_utf8(bytes).ok());
                    captured.is_some_and(|spelling| called(environments, spelling).is_some())
                })
        })
    }

    /// What lies in the folders of deployments and is named for no environment; none if nothing is.
    fn rest(&self, said: &BTreeSet<String>) -> Option<DraftedTarget> {
        let known = PatternSet::new(&parsed(said.iter().map(String::as_str).chain([DOCUMENTS])));
        let files = self.survey.files.iter().map(String::as_str);
        let left = files.clone().filter(|file| !known.any_exactly(file.as_bytes()));
        let roots: BTreeSet<String> = self.shared.iter().map(|root| format!("{root}/**")).collect();
        let paths = generalised(matching(&roots, left), |_| true);
        if paths.is_empty() {
            return None;
        }
        let reached = PatternSet::new(&parsed(paths.iter().map(String::as_str)));
        let folders: Vec<String> = self.survey.folders.iter().map(|folder| format!("{folder}/x")).collect();
        let inside =
            folders.iter().map(String::as_str).chain(files).filter(|path| reached.any_exactly(path.as_bytes()));
        let except = matching(said, inside);
        Some(DraftedTarget {
            why: "Other files in these folders may be shared, so they count as reaching every environment.",
            refs: Vec::new(),
            paths: paths.into_iter().collect(),
            except: except.into_iter().chain([DOCUMENTS.to_owned()]).collect(),
            environment: Some("*".to_owned()),
        })
    }
}

/// The patterns as such. Each was put together from text that a pattern can say, so none is left out.
fn parsed<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<Pattern> {
    texts.into_iter().flat_map(|text| Pattern::parse(text, Subject::Path)).collect()
}

/// Those of `patterns`, none of which captures, that match any of `paths`.
fn matching<'p>(patterns: &BTreeSet<String>, paths: impl Iterator<Item = &'p str>) -> BTreeSet<String> {
    let parsed = parsed(patterns.iter().map(String::as_str));
    let set = PatternSet::new(&parsed);
    let mut used: BTreeSet<String> = BTreeSet::new();
    for path in paths {
        let mut found = Vec::new();
        // without captures there is one way to match
        if set.matches_exactly(path.as_bytes(), &mut found).is_ok() {
            used.extend(
                found.iter().filter_map(|one| parsed.get(one.pattern)).map(|pattern| pattern.as_str().to_owned()),
            );
        }
    }
    used
}

/// The path and each folder that it lies in.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    ends.filter_map(|end| path.get(..end))
}

/// The outermost folder of deployments that `path` is or lies in.
fn root(path: &str) -> Option<&str> {
    prefixes(path).find(|prefix| {
        let name = prefix.rsplit('/').next().unwrap_or(prefix);
        ROOTS.iter().any(|root| name.eq_ignore_ascii_case(root))
    })
}

/// What lies beside a collection of environments and is shared by them.
fn beside(root: &str, tree: &Tree<'_>) -> Vec<String> {
    let (parent, name) = split(root);
    let siblings = tree.get(parent).filter(|_| COLLECTIONS.iter().any(|one| name.eq_ignore_ascii_case(one)));
    let shared = siblings.map(|contents| &contents.folders).into_iter().flatten();
    shared.filter(|folder| SHARED.contains(folder)).map(|folder| literal(&join(parent, folder))).collect()
}

/// The folders of deployments at the top: there they hold nothing else, whatever the names in them.
fn top_level_roots(tree: &Tree<'_>) -> Vec<String> {
    let folders = tree.get("").map(|contents| &contents.folders).into_iter().flatten();
    folders.filter(|folder| root(folder).is_some()).map(|folder| literal(folder)).collect()
}

/// A file's name as what stands before and behind the one name of an environment in it.
fn parted(file: &str) -> Option<(&str, &str, &str)> {
    let breaks = || file.char_indices().filter(|(_, c)| matches!(c, '-' | '_' | '.')).map(|(at, _)| at);
    let starts: Vec<usize> = [0].into_iter().chain(breaks().map(|at| at + 1)).collect();
    let ends: Vec<usize> = breaks().chain([file.len()]).collect();
    let mut found = None;
    let mut start = 0;
    while let Some(from) = starts.get(start) {
        // the longest first, so that `pre-prod` is not taken for `prod`
        let longest = (start..ends.len().min(start + 2)).rev().find_map(|end| {
            let to = ends.get(end)?;
            name::word(file.get(*from..*to)?).map(|_| (*from, *to, end))
        });
        match longest {
            Some(_) if found.is_some() => return None,
            Some((from, to, end)) => {
                found = Some((from, to));
                start = end + 1;
            }
            None => start += 1,
        }
    }
    let (from, to) = found?;
    Some((file.get(..from)?, file.get(from..to)?, file.get(to..)?))
}

#[cfg(test)]
mod tests {
    use super::{parted, root};

    #[test]
    fn names_of_files_are_parted_at_the_one_environment_in_them() {
        for (file, parts) in [
            ("values-production.yaml", Some(("values-", "production", ".yaml"))),
            ("values.prod.yaml", Some(("values.", "prod", ".yaml"))),
            ("prod.tfvars", Some(("", "prod", ".tfvars"))),
            (".env.staging", Some((".env.", "staging", ""))),
            ("values-pre-prod.yaml", Some(("values-", "pre-prod", ".yaml"))),
            ("non_prod.yaml", Some(("", "non_prod", ".yaml"))),
            ("Values-PROD.yaml", Some(("Values-", "PROD", ".yaml"))),
            ("prod-to-staging.yaml", None),
            ("product.yaml", None),
            ("values.yaml", None),
            ("größe-prod.yaml", Some(("größe-", "prod", ".yaml"))),
            ("", None),
        ] {
            assert_eq!(parted(file), parts, "{file}");
        }
    }

    #[test]
    fn the_outermost_folder_of_deployments_counts() {
        assert_eq!(root("apps/a/k8s/overlays"), Some("apps/a/k8s"));
        assert_eq!(root("Terraform"), Some("Terraform"));
        assert_eq!(root("src/deployer"), None);
        assert_eq!(root(""), None);
    }
}
