//! What the evidence of a change shows, target by target.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::pattern::TooManyWays;
use crate::policy::Environment;
use crate::reach::routes::RouteConflict;
use crate::reach::{Misdirected, Reached};

/// The most different things that one change may show before it is taken for an attack: each is kept, paths are not.
pub const MAX_HITS: usize = 10_000;

/// Everything that the evidence shows.
#[derive(Debug, Default)]
pub struct Shown {
    /// Everything that is reached, each once, with the first path or ref that showed it.
    pub hits: Vec<Hit>,
    /// Names that no table has, and links to where no target looks.
    pub unknown: Vec<Misdirected>,
    /// The number of paths that were looked at.
    pub paths: u64,
    /// The declarations of parts of the change; each hit is compared with that of its own part.
    pub said: Vec<Said>,
    /// Everything that is doubtful about it, for people.
    pub doubts: Vec<String>,
    /// The requests that another backend would answer.
    pub route_conflicts: Vec<RouteConflict>,
    /// True if requests are answered in another way, or what routes go by is another definition.
    pub moves_routes: bool,
    /// The reason why routes that `[routes]` guards can't be compared, if they can't.
    pub unread_routes: Vec<Diagnostic>,
    /// The declaration of the part at hand: its place in `said`.
    pub(super) speaker: Option<usize>,
    known: HashMap<HitKey, KnownKey>,
    /// Of each key in `known`, by its number, where in `hits` those begin that it showed first.
    begins: Vec<usize>,
    /// The numbers of the keys that the piece at hand shows, see [`Shown::begin_piece`].
    piece: Vec<usize>,
    /// By the environments that it names, sorted by their place in memory: the place of a part in `said`.
    speakers: HashMap<Vec<usize>, usize>,
    /// The part of the change that the targets map, for the part that says nothing and then for each of `said`.
    mapped: Vec<Mapped>,
    /// The environments to which the ref alone maps all of the comparison at hand.
    whole: Vec<usize>,
    /// The folder of the last path that no target matches, while folders were looked at.
    pub(super) last_unmatched: Vec<u8>,
    /// Of how many paths it was said that a pattern matches a folder above them alone.
    pub(super) folders_told: usize,
}

/// The numbers of environments in the policy, each once.
pub(super) type Numbers = Arc<[usize]>;

/// Everything that was shown before.
#[derive(Debug)]
struct KnownKey {
    /// The number of those known before it.
    number: usize,
    reached: Numbers,
}

/// The number of changed paths that the targets map to each environment.
#[derive(Debug, Clone, Default)]
struct Mapped {
    /// Their number. A comparison in which no path is looked at counts as one.
    pieces: u64,
    /// The number of them that are mapped to an environment, by its number in the policy.
    to: Vec<u64>,
}

impl Mapped {
    fn is_all(&self, environment: usize) -> bool {
        self.to.get(environment).copied().unwrap_or(0) == self.pieces
    }
}

/// The declaration of one part of a change, such as one ref of a push.
#[derive(Debug, Clone)]
pub struct Said {
    /// The environments that it says it goes to.
    pub environments: Vec<Arc<Environment>>,
    /// The aliases by which it names them, each with the name that it stands for.
    pub aliases: Vec<(String, String)>,
    /// The place where it says so, for people, such as "the trailer `Environment: staging` of 8c1d0e2".
    pub place: String,
    /// The commit whose message says so, if it is not the newest one, which is amended otherwise than that.
    pub earlier_commit: Option<String>,
}

/// By which a hit is distinguished from others: the target, what the part of the change says, and what the target took from the path
/// and from the ref.
pub(super) type HitKey = (usize, Option<usize>, Vec<Vec<u8>>);

impl Shown {
    /// Returns whether this was not shown before.
    pub(super) fn is_new(&mut self, key: HitKey) -> Result<bool, ShownError> {
        if self.reached_by(&key).is_some() {
            return Ok(false);
        }
        self.remember(key, self.hits.len(), Arc::new([]))?;
        Ok(true)
    }

    /// The environments that a hit reached which was shown before.
    pub(super) fn reached_by(&mut self, key: &HitKey) -> Option<Numbers> {
        let known = self.known.get(key)?;
        self.piece.push(known.number);
        Some(Arc::clone(&known.reached))
    }

    /// Remembers which environments a hit reached, and where in [`Shown::hits`] those begin that it shows.
    pub(super) fn remember(&mut self, key: HitKey, begin: usize, reached: Numbers) -> Result<(), ShownError> {
        let number = self.known.len();
        if number >= MAX_HITS {
            return Err(ShownError::TooManyHits);
        }
        self.known.insert(key, KnownKey { number, reached });
        self.begins.push(begin);
        self.piece.push(number);
        Ok(())
    }

    /// Begins a piece of a change, such as a path.
    pub(crate) fn begin_piece(&mut self) {
        self.piece.clear();
    }

    /// Returns what the piece at hand shows, sorted: equal pieces show the same. See [`Shown::hits_of`].
    pub(crate) fn piece(&self) -> Vec<usize> {
        let mut piece = self.piece.clone();
        piece.sort_unstable();
        piece.dedup();
        piece
    }

    /// The hits of what a piece showed, which [`Shown::piece`] gave. Nothing may have been joined to this or left out of it.
    pub(crate) fn hits_of(&self, number: usize) -> &[Hit] {
        let end = self.begins.get(number.saturating_add(1)).copied().unwrap_or(self.hits.len());
        let begin = self.begins.get(number).copied().unwrap_or(end);
        self.hits.get(begin..end).unwrap_or_default()
    }

    /// Takes what comes from here on as shown by a part of the change that says this of itself, or nothing.
    pub fn part(&mut self, said: Option<Said>) {
        self.speaker = said.map(|said| self.speaker(said));
    }

    /// Returns the place of a part in `said`, which it is added to unless another part says the same.
    fn speaker(&mut self, said: Said) -> usize {
        let mut names: Vec<usize> = said.environments.iter().map(|one| Arc::as_ptr(one).addr()).collect();
        names.sort_unstable();
        *self.speakers.entry(names).or_insert_with(|| {
            self.said.push(said);
            self.said.len() - 1
        })
    }

    /// Begins another comparison, of which the ref alone maps all to the environments of these numbers.
    pub(super) fn begin(&mut self, mut whole: Vec<usize>) {
        whole.sort_unstable();
        whole.dedup();
        self.whole = whole;
    }

    /// Counts a path, or a comparison in which no path is looked at, that a target maps to the environments of these numbers.
    pub(super) fn count(&mut self, mut environments: Vec<usize>) {
        environments.extend_from_slice(&self.whole);
        environments.sort_unstable();
        environments.dedup();
        let part = self.speaker.map_or(0, |speaker| speaker + 1);
        if self.mapped.len() <= part {
            self.mapped.resize_with(part + 1, Mapped::default);
        }
        let Some(mapped) = self.mapped.get_mut(part) else {
            return;
        };
        mapped.pieces = mapped.pieces.saturating_add(1);
        if let Some(last) = environments.last()
            && mapped.to.len() <= *last
        {
            mapped.to.resize(last + 1, 0);
        }
        for number in environments {
            if let Some(count) = mapped.to.get_mut(number) {
                *count = count.saturating_add(1);
            }
        }
    }

    /// Reports whether targets map every path to the environment of this number: those of one part, of all without `part`. Where
    /// nothing differs, nothing is mapped.
    pub(super) fn is_mapped(&self, part: Option<usize>, environment: usize) -> bool {
        let parts: &[Mapped] = match part {
            Some(part) => self.mapped.get(part + 1).map_or(&[], std::slice::from_ref),
            None => &self.mapped,
        };
        parts.iter().any(|part| part.pieces > 0) && parts.iter().all(|part| part.is_all(environment))
    }

    /// Leaves to other comparisons what this one shows of other environments than those that `keep` holds for; `environments`
    /// are all of the policy.
    pub fn leave_to_others(&mut self, environments: &[Arc<Environment>], keep: impl Fn(&Environment) -> bool) {
        self.hits.retain(|hit| keep(&hit.reached.environment));
        for (number, _) in environments.iter().enumerate().filter(|(_, environment)| !keep(environment)) {
            for mapped in &mut self.mapped {
                let least = mapped.to.len().max(number + 1);
                mapped.to.resize(least, 0);
                if let Some(count) = mapped.to.get_mut(number) {
                    *count = mapped.pieces;
                }
            }
        }
    }

    /// The names of the environments that are shown, each once, in the order in which they were found.
    #[must_use]
    pub fn environment_names(&self) -> Vec<&str> {
        let mut known = HashSet::new();
        let names = self.hits.iter().map(|hit| hit.reached.environment.name.as_str());
        names.filter(|name| known.insert(*name)).collect()
    }

    /// Adds what another comparison of the same commit shows.
    pub fn join(&mut self, other: Self) {
        let Self {
            hits,
            unknown,
            paths,
            said,
            doubts,
            route_conflicts,
            moves_routes,
            unread_routes,
            speaker: _,
            known: _,
            begins: _,
            piece: _,
            speakers: _,
            mapped,
            whole: _,
            last_unmatched: _,
            folders_told: _,
        } = other;
        let parts: Vec<usize> = said.into_iter().map(|said| self.speaker(said)).collect();
        let place = |speaker: Option<usize>| speaker.and_then(|speaker| parts.get(speaker).copied());
        let same = |one: &Hit, two: &Hit| {
            let (a, b) = (&one.reached, &two.reached);
            one.every == two.every
                && one.named_region == two.named_region
                && one.speaker == two.speaker
                && a.because == b.because
                && Arc::ptr_eq(&a.environment, &b.environment)
                && a.region.as_ref().map(Arc::as_ptr) == b.region.as_ref().map(Arc::as_ptr)
                && a.service.as_ref().map(Arc::as_ptr) == b.service.as_ref().map(Arc::as_ptr)
        };
        for hit in hits {
            let hit = Hit { speaker: place(hit.speaker), ..hit };
            if !self.hits.iter().any(|known| same(known, &hit)) {
                self.hits.push(hit);
            }
        }
        for item in unknown {
            if !self.unknown.iter().any(|known| known.message == item.message && known.what == item.what) {
                self.unknown.push(item);
            }
        }
        for doubt in doubts {
            if !self.doubts.contains(&doubt) {
                self.doubts.push(doubt);
            }
        }
        self.moves_routes |= moves_routes;
        self.unread_routes.extend(unread_routes);
        for conflict in route_conflicts {
            if !self.route_conflicts.contains(&conflict) {
                self.route_conflicts.push(conflict);
            }
        }
        self.paths = self.paths.max(paths);
        for (part, theirs) in mapped.into_iter().enumerate() {
            let part = part.checked_sub(1).and_then(|speaker| parts.get(speaker)).map_or(0, |speaker| speaker + 1);
            if self.mapped.len() <= part {
                self.mapped.resize_with(part + 1, Mapped::default);
            }
            if let Some(ours) = self.mapped.get_mut(part) {
                ours.pieces = ours.pieces.saturating_add(theirs.pieces);
                let most = ours.to.len().max(theirs.to.len());
                ours.to.resize(most, 0);
                for (count, more) in ours.to.iter_mut().zip(theirs.to) {
                    *count = count.saturating_add(more);
                }
            }
        }
    }
}

/// One thing that is reached.
#[derive(Debug)]
pub struct Hit {
    /// What.
    pub reached: Reached,
    /// True if the target says `environment = "*"`, which is judged and never mismatched.
    pub every: bool,
    /// True if the target names or captures the region, rather than reaching all of the environment's.
    pub named_region: bool,
    /// The declaration of the part of the change that shows it: its place in [`Shown::said`].
    pub speaker: Option<usize>,
}

/// The reason why what a change shows can't be determined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownError {
    /// A path that matches a pattern in too many ways.
    TooManyWays {
        /// The path.
        path: Vec<u8>,
        /// The ways.
        ways: TooManyWays,
    },
    /// More than [`MAX_HITS`] different things.
    TooManyHits,
}

impl std::fmt::Display for ShownError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooManyWays { path, ways } => write!(f, "`{}`: {ways}", path.escape_ascii()),
            Self::TooManyHits => write!(f, "the change shows more than {MAX_HITS} different places that it reaches"),
        }
    }
}

impl std::error::Error for ShownError {}
