//! A first policy for a repository, from what its folders, files, branches and workflows are called.
//!
//! Names prove nothing, so the draft errs on the side that closes: what may be production is protected, and what lies in a
//! folder of deployments without being named for one environment is taken to reach them all. Whoever reads the draft can
//! open what need not be closed; nobody would find what it had left out.

use crate::draft::census::SpellingCensus;
use crate::draft::drafted::{DraftedRegion, DraftedTarget};
use crate::draft::layout::Layout;

mod branches;
mod cases;
mod census;
mod drafted;
mod generalise;
mod layout;
mod name;
mod nested;
pub mod pipelines;
mod survey;
mod text;
mod tree;
pub mod workflow;

pub use drafted::DraftedEnvironment;
pub use survey::{Survey, ZoneSource};

/// A policy that was drafted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDraft {
    environments: Vec<DraftedEnvironment>,
    targets: Vec<DraftedTarget>,
    /// Names that workflows use and that a policy can't hold.
    unusable: Vec<String>,
    /// The regions that folders are named for; empty if there are none.
    regions: Vec<DraftedRegion>,
    timezones: Vec<String>,
    zone_source: ZoneSource,
}

impl PolicyDraft {
    /// Drafts a policy.
    #[must_use]
    pub fn new(survey: &Survey) -> Self {
        let layout = Layout::find(survey);
        let (usable, unusable): (Vec<&String>, Vec<&String>) = survey.jobs.iter().partition(|job| name::is_usable(job));
        let mut census = SpellingCensus::default();
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
        let zones = zones(&survey.timezones);
        let region = |name: &str| DraftedRegion {
            name: name.to_owned(),
            timezones: name::zone_of(name).map_or_else(|| zones.clone(), |zone| vec![zone.to_owned()]),
        };
        Self {
            environments,
            targets,
            unusable: unusable.into_iter().cloned().collect(),
            regions: layout.regions().map(region).collect(),
            timezones: survey.timezones.clone(),
            zone_source: survey.zone_source,
        }
    }

    /// The time zones of the customers; UTC if they are not known.
    fn zones(&self) -> Vec<String> {
        zones(&self.timezones)
    }

    /// The environments, those that are protected first.
    #[must_use]
    pub fn environments(&self) -> &[DraftedEnvironment] {
        &self.environments
    }
}

fn zones(known: &[String]) -> Vec<String> {
    if known.is_empty() { vec!["UTC".to_owned()] } else { known.to_vec() }
}
