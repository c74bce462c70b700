//! Which files are guarded, and what their paths say.

use std::collections::BTreeMap;

use crate::pattern::{Capture, CapturedText, PatternSet};
use crate::policy::{Policy, RouteGuard};

/// The `[routes]` of a policy, ready to be asked.
#[derive(Debug)]
pub struct GuardedRoutes<'p> {
    pub(super) policy: &'p Policy,
    pub(super) guard: &'p RouteGuard,
    refs: PatternSet,
    paths: PatternSet,
    except: PatternSet,
    /// True if files are rendered manifests, whose paths need not be those of the repository.
    pub(super) is_rendered: bool,
}

/// Ends of lines for readers of YAML 1.1, kubectl's among them, and not for TOML.
const YAML_BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

impl<'p> GuardedRoutes<'p> {
    /// The guarded routes of a policy; `None` if it has no `[routes]`.
    #[must_use]
    pub fn of(policy: &'p Policy) -> Option<Self> {
        let guard = policy.routes.as_ref()?;
        Some(Self {
            policy,
            guard,
            refs: PatternSet::new(&guard.refs),
            paths: PatternSet::new(&guard.paths),
            except: PatternSet::new(&guard.except),
            is_rendered: false,
        })
    }

    /// The same for rendered manifests, all of which are guarded.
    #[must_use]
    pub fn of_rendered(policy: &'p Policy) -> Option<Self> {
        Some(Self { is_rendered: true, ..Self::of(policy)? })
    }

    /// Returns whether a ref is guarded, by its full name; `default_branch` is `None` if it is not known, which counts as if it
    /// were.
    #[must_use]
    pub fn is_of_ref(&self, name: &[u8], default_branch: Option<bool>) -> bool {
        if self.guard.refs.is_empty() {
            return default_branch != Some(false);
        }
        let mut found = Vec::new();
        // a ref that can't be matched counts as guarded
        self.refs.matches(name, &mut found).is_err() || !found.is_empty()
    }

    /// Returns whether a path is guarded, or looks like one that is.
    #[must_use]
    pub fn is_guarded(&self, path: &[u8]) -> bool {
        self.is_matched(path) && !self.except.any_exactly(path)
    }

    fn is_matched(&self, path: &[u8]) -> bool {
        let mut found = Vec::new();
        self.paths.matches(path, &mut found).is_err() || !found.is_empty()
    }

    /// Returns whether a guarded file is one of TOML and nothing else: no manifest is, and the policy itself is, as an edit that guards less must
    /// not be guarded. What a mark of YAML begins could be read as both.
    #[must_use]
    pub fn is_toml(path: &[u8], content: &[u8]) -> bool {
        let is_mark = |line: &[u8]| line.starts_with(b"---") || line.starts_with(b"...");
        path.ends_with(b".toml")
            && !content.split(|byte| matches!(byte, b'\n' | b'\r')).any(is_mark)
            && std::str::from_utf8(content)
                .is_ok_and(|text| !text.contains(YAML_BREAKS) && toml::de::DeTable::parse(text).is_ok())
    }

    /// Returns whether guarded paths may lie below a path.
    #[must_use]
    pub fn is_above(&self, path: &[u8]) -> bool {
        !self.paths.above(path).is_empty() && !self.except.any_exactly(path)
    }

    /// Returns whether files in a folder, of which nothing else is known, would be guarded.
    #[must_use]
    pub fn is_folder(&self, path: &[u8]) -> bool {
        let any_file = [path, b"\x01"].join(&b'/');
        (self.is_matched(&any_file) || !self.paths.above(path).is_empty()) && !self.except.any_exactly(&any_file)
    }
}

/// The common properties of files whose routes may meet.
pub(super) type GroupKey = BTreeMap<Capture, String>;

/// The facts in the path of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) key: GroupKey,
    /// The environment, by its name.
    pub(super) environment: Option<String>,
}

impl GuardedRoutes<'_> {
    /// Reads the captures of a path.
    ///
    /// # Errors
    ///
    /// A name that the policy does not have, and a path that can be read in several ways.
    pub(super) fn seat(&self, path: &str) -> Result<Seat, String> {
        let mut found = Vec::new();
        self.paths.matches(path.as_bytes(), &mut found).map_err(|ways| ways.to_string())?;
        found.retain(|one| one.exact);
        let mut seats = Vec::new();
        for one in &found {
            let text = |captured: &Option<CapturedText<'_>>| {
                captured.as_ref().map(|one| String::from_utf8_lossy(one.raw).into_owned())
            };
            let environment = match text(&one.captures.environment) {
                Some(name) => match self.policy.environment(&name) {
                    Some(environment) => Some(environment.name.clone()),
                    None => return Err(format!("its path names the environment `{name}`, which is not defined")),
                },
                None => None,
            };
            // names that look alike are one, as they are for targets
            let alike = |captured: &Option<CapturedText<'_>>| {
                captured.as_ref().map(|one| String::from_utf8_lossy(&one.folded).into_owned())
            };
            let taken = [
                (Capture::Environment, environment.clone()),
                (Capture::Region, alike(&one.captures.region)),
                (Capture::Service, alike(&one.captures.service)),
            ];
            let separating = taken.into_iter().filter(|(capture, _)| !self.guard.together.contains(capture));
            let key = separating.filter_map(|(capture, text)| Some((capture, text?))).collect();
            let seat = Seat { key, environment };
            if !seats.contains(&seat) {
                seats.push(seat);
            }
        }
        match (seats.pop(), seats.is_empty()) {
            (Some(seat), true) => Ok(seat),
            (Some(_), false) => Err("the patterns of `[routes] paths` read its path in several ways".to_owned()),
            // then its namespace says whose a backend is
            (None, _) if self.is_rendered && !self.guard.owners.is_empty() => {
                Ok(Seat { key: GroupKey::new(), environment: None })
            }
            (None, _) if self.is_rendered => {
                Err("nothing says whose it is: its path is not one of `[routes] paths`, and there are no `owners`"
                    .to_owned())
            }
            (None, _) => Err("its path only looks like one of `[routes] paths`".to_owned()),
        }
    }
}
