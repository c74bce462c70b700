//! A first policy for a repository, from what its folders, files, branches and workflows are called.
//!
//! Names prove nothing, so the draft errs on the side that closes: what may be production is protected, and what lies in a
//! folder of deployments without being named for one environment is taken to reach them all. Whoever reads the draft can
//! open what need not be closed; nobody would find what it had left out.

use crate::draft::census::Census;
use crate::draft::layout::Layout;

mod branches;
mod cases;
mod census;
mod generalise;
mod layout;
mod name;
mod nested;
pub mod pipelines;
mod text;
mod tree;
pub mod workflow;

/// A survey of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Folders, as paths from the root with `/` between.
    pub folders: Vec<String>,
    /// Files and symbolic links.
    pub files: Vec<String>,
    /// Branches, local and remote ones, without `refs/heads/` or the name of the remote.
    pub branches: Vec<String>,
    /// The environments that jobs of workflows name, as written.
    pub jobs: Vec<String>,
    /// The IANA name of the customers' time zone, if known.
    pub timezone: Option<String>,
    /// The place where the zone is from.
    pub zone_source: ZoneSource,
}

/// The source of the time zone of a draft.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ZoneSource {
    /// The setting of the machine, which says nothing about customers.
    #[default]
    Machine,
    /// Somebody named it.
    Named,
}

/// A region of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DraftedRegion {
    name: String,
    /// An IANA name.
    timezone: String,
}

/// An environment of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftedEnvironment {
    /// The name.
    pub name: String,
    /// The other spellings that were found.
    pub aliases: Vec<String>,
    /// True if core hours close it.
    pub guarded: bool,
}

/// A target of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DraftedTarget {
    /// The reason why it is there, for the comment.
    why: &'static str,
    refs: Vec<String>,
    paths: Vec<String>,
    except: Vec<String>,
    /// `None`: captured.
    environment: Option<String>,
}

/// A policy that was drafted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    environments: Vec<DraftedEnvironment>,
    targets: Vec<DraftedTarget>,
    /// Names that workflows use and that a policy can't hold.
    unusable: Vec<String>,
    /// The regions that folders are named for; empty if there are none.
    regions: Vec<DraftedRegion>,
    timezone: Option<String>,
    zone_source: ZoneSource,
}

impl Draft {
    /// Drafts a policy.
    #[must_use]
    pub fn new(survey: &Survey) -> Self {
        let layout = Layout::find(survey);
        let (usable, unusable): (Vec<&String>, Vec<&String>) = survey.jobs.iter().partition(|job| name::is_usable(job));
        let mut census = Census::default();
        for scope in layout.scopes() {
            census.add(scope);
        }
        census.add(usable.into_iter().map(String::as_str));
        census.add(branches::named_for_environments(&survey.branches, &census));
        let environments = census.into_environments();
        let mut targets = layout.targets(&environments);
        targets.extend(branches::targets(&survey.branches, &environments));
        if targets.is_empty() {
            let only = match environments.as_slice() {
                [only] => only.name.as_str(),
                _ => "*",
            };
            targets.push(DraftedTarget {
                why: "No path names an environment, so every change of the default branch counts as reaching all of them.",
                refs: Vec::new(),
                paths: vec![layout::EVERYTHING.to_owned()],
                except: vec![layout::DOCUMENTS.to_owned(), layout::OWN_FILES.to_owned()],
                environment: Some(only.to_owned()),
            });
        }
        targets.extend(pipelines::target(survey, &targets));
        let zone = survey.timezone.as_deref().unwrap_or("UTC");
        let region = |name: &str| DraftedRegion {
            name: name.to_owned(),
            timezone: name::zone_of(name).unwrap_or(zone).to_owned(),
        };
        Self {
            environments,
            targets,
            unusable: unusable.into_iter().cloned().collect(),
            regions: layout.regions().map(region).collect(),
            timezone: survey.timezone.clone(),
            zone_source: survey.zone_source,
        }
    }

    /// The environments, those that are protected first.
    #[must_use]
    pub fn environments(&self) -> &[DraftedEnvironment] {
        &self.environments
    }
}

impl DraftedEnvironment {
    /// Returns whether `spelling` names it.
    fn is_called(&self, spelling: &str) -> bool {
        self.name == spelling || self.aliases.iter().any(|alias| alias == spelling)
    }
}

/// The name of the environment that `spelling` names.
fn called<'e>(environments: &'e [DraftedEnvironment], spelling: &str) -> Option<&'e str> {
    environments.iter().find(|environment| environment.is_called(spelling)).map(|environment| environment.name.as_str())
}
