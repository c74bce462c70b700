//! Which folders and files are named for environments, and the targets that they make.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::drafted::{DraftedEnvironment, DraftedTarget, called};
use crate::draft::generalise::generalised;
use crate::draft::layout::conventions::{PLAYBOOKS, PROJECTS, ROOTS, SHARED, SHARED_FILES, TOP_FORMS, TRIED};
use crate::draft::name::{self, PRODUCTION};
use crate::draft::nested::{environments_below, regions_below};
use crate::draft::survey::Survey;
use crate::draft::tree::{FolderContents, FolderTree, is_plain, join, literal, tree};
use crate::pattern::{Pattern, PatternSet, PatternSubject};

mod conventions;

/// Everything.
pub(super) const EVERYTHING: &str = "**";

/// The policy's own files, whose edits are judged by what they open.
pub(super) const OWN_FILES: &str = "freezegate.*";

/// The most captures that a target is given, as more can't be read.
const LONGEST: usize = 20;

/// Everything that is read by people and deployed nowhere.
pub(super) const DOCUMENTS: &str = "**/*.md";

/// The same within folders of environments, where other documents may be what is deployed.
const READMES: &str = "**/README.md";

/// One place where things are named for environments: the folders in a folder, or its files of one form.
#[derive(Debug)]
struct NamingPlace {
    /// The spellings.
    spellings: BTreeSet<String>,
    /// The pattern that captures the environment.
    pattern: String,
    /// True if everything that the pattern matches is named for an environment.
    pure: bool,
    /// True if its files lie outside of any folder of deployments: they prove nothing about the files beside them.
    is_loose: bool,
}

/// Folders that are named for one environment and different regions: `prod-us`, `prod-eu`.
#[derive(Debug)]
struct RegionalFolders {
    /// The spelling of the environment.
    spelling: String,
    /// The pattern that captures the region.
    pattern: String,
}

impl NamingPlace {
    /// The pattern for one environment.
    fn filled(&self, with: &str) -> String {
        self.pattern.replace("{environment}", with)
    }
}

/// The pattern without captures.
fn uncaptured(pattern: &str) -> String {
    pattern.replace("{environment}", "*").replace("{region}", "*")
}

/// Everything that was found.
#[derive(Debug)]
pub(super) struct Layout<'s> {
    survey: &'s Survey,
    places: Vec<NamingPlace>,
    regional: Vec<RegionalFolders>,
    regions: BTreeSet<String>,
    /// Patterns of which all that is named for no environment reaches every one.
    shared: BTreeSet<String>,
}

impl<'s> Layout<'s> {
    pub(super) fn find(survey: &'s Survey) -> Self {
        let tree = tree(survey);
        let mut layout = Self {
            survey,
            places: Vec::new(),
            regional: Vec::new(),
            regions: BTreeSet::new(),
            shared: BTreeSet::new(),
        };
        // folders of environments: what lies in them is said already
        let mut inside: BTreeSet<String> = BTreeSet::new();
        for (path, contents) in &tree {
            if prefixes(path).any(|prefix| inside.contains(prefix)) {
                continue;
            }
            let before = layout.count();
            layout.folders_in_regions(path, &tree, contents, &mut inside);
            layout.folders(path, &tree, contents, &mut inside);
            let with_folders = layout.count();
            layout.files(path, contents);
            if layout.count() == before {
                continue;
            }
            match root(path) {
                Some(root) => layout.share_folder(root),
                None if !path.is_empty() => layout.share_folder(path),
                None if with_folders > before => layout.share_forms(contents),
                None => {}
            }
            layout.shared.extend(above(path, &tree));
        }
        layout.share_projects(&tree);
        layout.shared.extend(top_level_roots(&tree).into_iter().map(|root| format!("{root}/**")));
        layout
    }

    fn count(&self) -> usize {
        self.places.len().saturating_add(self.regional.len())
    }

    fn share_folder(&mut self, path: &str) {
        self.shared.insert(format!("{}/**", literal(path)));
    }

    /// Shares the files at the top that have a form of files of deployments.
    fn share_forms(&mut self, top: &FolderContents<'_>) {
        let has = |form: &str| match form.strip_prefix('*') {
            Some(ending) => top.files.iter().any(|file| file.ends_with(ending)),
            None => top.files.contains(form),
        };
        self.shared.extend(TOP_FORMS.iter().filter(|form| has(form)).map(|form| (*form).to_owned()));
    }

    /// Shares what tools deploy together with what is named for environments.
    fn share_projects(&mut self, tree: &FolderTree<'_>) {
        if self.count() == 0 {
            return;
        }
        let mut holds_projects = false;
        for (path, contents) in tree {
            let is_tried = path.split('/').any(|name| TRIED.contains(&name));
            if !is_tried && PROJECTS.iter().any(|file| contents.files.contains(file)) {
                holds_projects = true;
                self.shared.insert(if path.is_empty() {
                    EVERYTHING.to_owned()
                } else {
                    format!("{}/**", literal(path))
                });
            }
        }
        let Some(top) = tree.get("") else {
            return;
        };
        self.shared.extend(SHARED_FILES.iter().filter(|file| top.files.contains(*file)).map(|file| (*file).to_owned()));
        if PLAYBOOKS.iter().any(|file| top.files.contains(file)) {
            self.share_forms(top);
        }
        let is_loose = self.regional.is_empty() && self.places.iter().all(|place| place.is_loose);
        if is_loose && !holds_projects && top_level_roots(tree).is_empty() {
            // settings of a program for its environments: all of the program goes there
            self.shared.insert(EVERYTHING.to_owned());
        }
    }

    /// Looks for folders that are named for environments.
    fn folders(
        &mut self,
        path: &str,
        tree: &FolderTree<'_>,
        contents: &FolderContents<'_>,
        inside: &mut BTreeSet<String>,
    ) {
        // Terragrunt's `live` holds the environments: https://terragrunt.gruntwork.io/docs/features/units
        let is_holder = |folder: &str| {
            folder == "live"
                && tree
                    .get(join(path, folder).as_str())
                    .is_some_and(|live| live.folders.iter().any(|one| name::meaning(one).is_some()))
        };
        let named: Vec<_> = contents
            .folders
            .iter()
            .filter(|folder| !is_holder(folder))
            .filter_map(|folder| Some((*folder, name::meaning(folder)?)))
            .collect();
        let root = root(path);
        // `test` may as well be where the tests of the rest are
        let sure = named.iter().filter(|(folder, _)| !folder.eq_ignore_ascii_case("test")).count();
        let is_production = |name: &str, family| {
            family == Some(PRODUCTION) || name::regional(name).is_some_and(|one| one.is_production())
        };
        let counts = match root {
            Some(_) => sure > 0,
            None => sure > 1 && named.iter().any(|(folder, meaning)| is_production(folder, meaning.family)),
        };
        if !counts {
            return;
        }
        let at = |name: &str| join(&if path.is_empty() { String::new() } else { literal(path) }, name);
        inside.extend(named.iter().map(|(folder, _)| join(path, folder)));
        let apart = self.pairs(&named, contents, &at);
        let single: Vec<&str> = named.iter().map(|(folder, _)| *folder).filter(|name| !apart.contains(name)).collect();
        if single.is_empty() {
            return;
        }
        let pure = apart.is_empty() && single.len() == contents.folders.len();
        let below = regions_below(single.iter().map(|name| held(path, name, tree)));
        let patterns = match below {
            Some(below) => {
                self.regions.extend(below.regions.into_iter().map(str::to_owned));
                // `*` alone would match the folders of regions; without files in sight, one like `env.hcl` may come
                let files = if below.has_files { "{environment}/*" } else { "{environment}/*.*" };
                vec![at("{environment}/{region}/**"), at(files)]
            }
            None => vec![at("{environment}/**")],
        };
        self.places.extend(patterns.into_iter().map(|pattern| NamingPlace {
            pure,
            spellings: single.iter().map(|name| (*name).to_owned()).collect(),
            pattern,
            is_loose: false,
        }));
    }

    /// Looks for folders of regions in which folders are named for environments.
    fn folders_in_regions(
        &mut self,
        path: &str,
        tree: &FolderTree<'_>,
        contents: &FolderContents<'_>,
        inside: &mut BTreeSet<String>,
    ) {
        let Some(below) = environments_below(&contents.folders, |region| held(path, region, tree)) else {
            return;
        };
        if root(path).is_none() && below.environments.len() < 2 {
            return;
        }
        inside.extend(below.regions.iter().map(|region| join(path, region)));
        let above = if path.is_empty() { String::new() } else { literal(path) };
        self.places.push(NamingPlace {
            spellings: below.environments.into_iter().map(str::to_owned).collect(),
            pattern: join(&above, "{region}/{environment}/**"),
            pure: below.regions.len() == contents.folders.len(),
            is_loose: false,
        });
        self.regions.extend(below.regions.into_iter().map(str::to_owned));
    }

    /// Takes the folders that are named for an environment in one of several regions, and returns their names.
    fn pairs<'n>(
        &mut self,
        named: &[(&'n str, name::NameMeaning)],
        contents: &FolderContents<'_>,
        at: &dyn Fn(&str) -> String,
    ) -> BTreeSet<&'n str> {
        let mut forms: BTreeMap<(&str, &str), BTreeMap<&'n str, &'n str>> = BTreeMap::new();
        for (folder, _) in named {
            if let Some(pair) = name::regional(folder) {
                forms.entry((pair.before, pair.behind)).or_default().insert(folder, pair.region);
            }
        }
        // one folder alone may as well be an environment of this name
        if forms.values().all(|regions| regions.len() < 2) {
            return BTreeSet::new();
        }
        let mut taken = BTreeSet::new();
        for ((before, behind), regions) in forms {
            let fits = |folder: &&&str| {
                folder
                    .strip_prefix(before)
                    .and_then(|rest| rest.strip_suffix(behind))
                    .is_some_and(|rest| !rest.is_empty())
            };
            if contents.folders.iter().filter(fits).count() != regions.len() {
                continue;
            }
            let spelling = format!("{before}{behind}");
            self.regional.push(RegionalFolders {
                spelling: spelling.trim_matches(['-', '_', '.']).to_owned(),
                pattern: at(&format!("{before}{{region}}{behind}/**")),
            });
            self.regions.extend(regions.values().map(|region| (*region).to_owned()));
            taken.extend(regions.into_keys());
        }
        taken
    }

    /// Looks for files that are named for environments: `values-production.yaml`, `prod.tfvars`.
    fn files(&mut self, path: &str, contents: &FolderContents<'_>) {
        let is_loose = root(path).is_none();
        if is_loose && path.split('/').any(|name| TRIED.contains(&name)) {
            return;
        }
        // hosts of Ansible, in files without an ending
        let holds_hosts = PLAYBOOKS.iter().any(|file| contents.files.contains(file));
        let mut forms: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for file in contents.files.iter().filter(|file| !file.ends_with(".md")) {
            if let Some((prefix, word, suffix)) = parted(file) {
                forms.entry((prefix, suffix)).or_default().insert(word);
            }
        }
        for ((prefix, suffix), words) in forms {
            let meanings = || words.iter().filter_map(|word| name::word(word));
            let guarded = meanings().any(|meaning| meaning.guarded);
            // outside of folders of deployments, a word may be about anything
            if is_loose && (words.len() < 2 || !meanings().any(|meaning| meaning.family == Some(PRODUCTION))) {
                continue;
            }
            // a file that is called `production` and nothing else may be a link to what runs there
            if (prefix.is_empty() && suffix.is_empty() && !holds_hosts)
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
            self.places.push(NamingPlace {
                pure: contents.files.iter().filter(form).count() == words.len(),
                spellings: words.into_iter().map(str::to_owned).collect(),
                pattern: join(
                    &if path.is_empty() { String::new() } else { literal(path) },
                    &format!("{prefix}{{environment}}{suffix}"),
                ),
                is_loose,
            });
        }
    }

    /// The spellings, place by place.
    pub(super) fn scopes(&self) -> impl Iterator<Item = Vec<&str>> {
        let regional = self.regional.iter().map(|one| vec![one.spelling.as_str()]);
        self.places.iter().map(|place| place.spellings.iter().map(String::as_str).collect()).chain(regional)
    }

    /// The regions that folders are named for, in their order.
    pub(super) fn regions(&self) -> impl Iterator<Item = &str> {
        self.regions.iter().map(String::as_str)
    }

    /// The targets: what captures, what is named, and the rest of the folders that hold them.
    pub(super) fn targets(&self, environments: &[DraftedEnvironment]) -> Vec<DraftedTarget> {
        // where a segment could not be said, the pattern matches more than the place
        let captures = |place: &&NamingPlace| {
            let exact = !place.pattern.trim_end_matches("/**").contains('*');
            place.pure && (exact || self.captures_only(&place.pattern, environments))
        };
        let (captured, mut apart): (Vec<&NamingPlace>, Vec<&NamingPlace>) = self.places.iter().partition(captures);
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
        let mut said: BTreeSet<String> = captures.iter().map(|pattern| uncaptured(pattern)).collect();
        said.extend(named.iter().flat_map(|(_, paths)| paths.iter().map(|path| uncaptured(path))));
        let mut by_region: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for one in &self.regional {
            if let Some(environment) = called(environments, &one.spelling) {
                by_region.entry(environment).or_default().insert(one.pattern.clone());
                said.insert(one.pattern.replace("{region}", "*"));
            }
        }
        let rest = self.rest(&said);
        let target = |why, paths: BTreeSet<String>, environment: Option<&str>| DraftedTarget {
            why,
            refs: Vec::new(),
            except: if paths.iter().any(|path| path.ends_with("/**")) { vec![READMES.to_owned()] } else { Vec::new() },
            paths: paths.into_iter().collect(),
            environment: environment.map(str::to_owned),
        };
        let by_region = by_region.into_iter().map(|(environment, paths)| {
            target("The path names the region; a path that names an unknown one is refused.", paths, Some(environment))
        });
        let captured = (!captures.is_empty()).then(|| {
            target("The path names the environment; a path that names an unknown one is refused.", captures, None)
        });
        captured
            .into_iter()
            .chain(named.into_iter().map(|(environment, paths)| {
                target("Folders and files named after an environment.", paths, Some(environment))
            }))
            .chain(by_region)
            .chain(rest)
            .collect()
    }

    /// Returns whether all that `pattern` captures from what is there is an environment.
    fn captures_only(&self, pattern: &str, environments: &[DraftedEnvironment]) -> bool {
        let Ok(pattern) = Pattern::parse(pattern, PatternSubject::Path) else {
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

    /// Returns what lies in the folders of deployments and is named for no environment; none if nothing is.
    fn rest(&self, said: &BTreeSet<String>) -> Option<DraftedTarget> {
        let known = PatternSet::new(&parsed(said.iter().map(String::as_str).chain([DOCUMENTS])));
        let files = self.survey.files.iter().map(String::as_str);
        let left = files.clone().filter(|file| !known.any_exactly(file.as_bytes()));
        let mut paths = outermost(matching(&self.shared, left));
        // `*/**` would be everything but what lies at the top
        paths = outermost(generalised(paths, |wider| wider.split('/').any(|part| !part.contains('*'))));
        if paths.is_empty() {
            return None;
        }
        let reached = PatternSet::new(&parsed(paths.iter().map(String::as_str)));
        let folders: Vec<String> = self.survey.folders.iter().map(|folder| format!("{folder}/x")).collect();
        let inside =
            folders.iter().map(String::as_str).chain(files).filter(|path| reached.any_exactly(path.as_bytes()));
        let except = matching(said, inside);
        let mut except: Vec<String> = except.into_iter().chain([DOCUMENTS.to_owned()]).collect();
        if paths.contains(EVERYTHING) {
            except.push(OWN_FILES.to_owned());
        }
        Some(DraftedTarget {
            why: "Other files in these folders may be shared, so they count as reaching every environment.",
            refs: Vec::new(),
            paths: paths.into_iter().collect(),
            except,
            environment: Some("*".to_owned()),
        })
    }
}

/// What the folder `name` in the folder `path` holds: its folders, and whether it has files.
fn held<'t, 's>(path: &str, name: &str, tree: &'t FolderTree<'s>) -> Option<(&'t BTreeSet<&'s str>, bool)> {
    let contents = tree.get(join(path, name).as_str())?;
    Some((&contents.folders, !contents.files.is_empty()))
}

/// The patterns as such. Each was put together from text that a pattern can say, so none is left out.
fn parsed<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<Pattern> {
    texts.into_iter().flat_map(|text| Pattern::parse(text, PatternSubject::Path)).collect()
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

/// Returns the patterns of folders that are shared, beside `path` and beside each folder above it.
fn above(path: &str, tree: &FolderTree<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for parent in [""].into_iter().chain(prefixes(path)) {
        let folders = tree.get(parent).map(|contents| &contents.folders).into_iter().flatten();
        let shared = folders.filter(|folder| SHARED.contains(folder));
        found.extend(shared.map(|folder| format!("{}/**", literal(&join(parent, folder)))));
    }
    found
}

/// Those of `patterns` that no other one of them includes.
fn outermost(patterns: BTreeSet<String>) -> BTreeSet<String> {
    if patterns.contains(EVERYTHING) {
        return BTreeSet::from([EVERYTHING.to_owned()]);
    }
    let folders: Vec<String> =
        patterns.iter().filter_map(|pattern| pattern.strip_suffix("**")).map(str::to_owned).collect();
    let is_inside = |pattern: &String| {
        folders.iter().any(|folder| pattern.strip_prefix(folder.as_str()).is_some_and(|rest| rest != "**"))
    };
    patterns.into_iter().filter(|pattern| !is_inside(pattern)).collect()
}

/// The folders of deployments at the top: there they hold nothing else, whatever the names in them.
fn top_level_roots(tree: &FolderTree<'_>) -> Vec<String> {
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
