//! Judges an edit of guarded manifests.

use std::collections::BTreeSet;

use crate::guard::conflicts::Conflicts;
use crate::guard::decided::{decided, edited_routes};
use crate::guard::fault::GuardFault;
use crate::guard::files::{GuardedEdit, ManifestGroup, groups};
use crate::guard::guarded::{GroupKey, GuardedRoutes};
use crate::guard::notes::NotesBefore;
use crate::guard::owners::Owners;
use crate::guard::rendered::RenderedManifests;
use crate::guard::unread::UnreadRoutes;
use crate::reach::routes::{AffectedRoute, RouteConflict};
use crate::route::compare::{STEPS, compare};
use crate::route::language::Languages;
use crate::route::note::RouteNote;
use crate::route::read::read_routes;
use crate::route::reader::changed_labels;
use crate::route::tables::RouteTables;

/// The effect of an edit of guarded manifests.
#[derive(Debug, Default)]
pub struct JudgedRoutes {
    /// The backend that would answer, and the owner of the requests.
    pub conflicts: Vec<RouteConflict>,
    /// The routes that the edit affects, in whichever file.
    pub affected: BTreeSet<AffectedRoute>,
    /// True if requests are answered in another way, or what routes go by is another definition.
    pub moves: bool,
    /// Everything that was not understood before, and is not now.
    pub standing: Vec<RouteNote>,
    /// The number of tables that were compared.
    pub compared: usize,
}

impl GuardedRoutes<'_> {
    /// Compares who answers requests before an edit with who answers them after.
    ///
    /// # Errors
    ///
    /// What is not understood of what the edit brings, and what can't be compared within bounds.
    pub fn judge(&self, edit: &GuardedEdit) -> Result<JudgedRoutes, Vec<GuardFault>> {
        let mut judged = JudgedRoutes::default();
        let (mut faults, mut budget) = (Vec::new(), STEPS);
        for (key, mut group) in groups(self, edit, &mut judged.standing, &mut faults) {
            if group.is_changed() {
                let namespaces = group.namespaces();
                group.leave_out_what_is_apart();
                self.judge_group((&key, &group, namespaces), &mut budget, &mut judged, &mut faults);
            }
        }
        judged.standing.sort();
        judged.standing.dedup();
        if faults.is_empty() { Ok(judged) } else { Err(faults) }
    }

    /// The same for rendered manifests; `None` if nothing says what was before.
    ///
    /// # Errors
    ///
    /// What is not understood of what the edit brings, and what can't be compared within bounds.
    pub fn judge_rendered(&self, manifests: &RenderedManifests) -> Option<Result<JudgedRoutes, Vec<GuardFault>>> {
        manifests.edit().map(|edit| self.judge(&edit))
    }

    fn judge_group(
        &self,
        (key, group, namespaces): (&GroupKey, &ManifestGroup, BTreeSet<String>),
        budget: &mut usize,
        judged: &mut JudgedRoutes,
        faults: &mut Vec<GuardFault>,
    ) {
        let mut languages = Languages::default();
        let mut before = read_routes(group.kept.iter().chain(&group.removed), Vec::new(), &mut languages);
        let mut after = read_routes(group.kept.iter().chain(&group.added), Vec::new(), &mut languages);
        let mut owners = Owners::new(self);
        before.know_namespaces(namespaces);
        let in_mesh = before.mesh_namespaces(&languages).into_iter().chain(after.mesh_namespaces(&languages));
        let owned: BTreeSet<String> = in_mesh.filter(|namespace| owners.is_owned(namespace)).collect();
        before.know_namespaces(owned);
        after.notes.extend(changed_labels(&before, &after));
        if self.guard.owners.is_empty() {
            before.own_by_file(|file| owners.of_file(file));
            after.own_by_file(|file| owners.of_file(file));
        }
        owners.know_services(group.kept.iter().chain(&group.removed));
        let was_not_understood = owners.notes(&before);
        let unread = UnreadRoutes::of(group, &before.notes);
        let mut decided = decided(group, &before, &after, &mut owners);
        decided.extend(unread.decided(&mut owners));
        let mut edited = edited_routes(group, &before, &after, &mut owners);
        edited.extend(unread.edited(&mut owners));
        let is_not_understood = owners.notes(&after);
        let standing = NotesBefore { group, before: before.notes.iter().chain(&was_not_understood).cloned().collect() };
        let mut still_unread = Vec::new();
        for note in after.notes.iter().chain(&is_not_understood) {
            if standing.has(note) {
                still_unread.push(note.clone());
            } else {
                faults.push(GuardFault::NotUnderstood(note.clone()));
            }
        }
        // what has no owner is compared nevertheless
        let not_read: Vec<RouteNote> = still_unread.iter().filter(|note| after.notes.contains(note)).cloned().collect();
        let tables = RouteTables::of(before, after, &mut languages);
        faults.extend(standing.met(&not_read, &tables, &mut languages));
        judged.standing.extend(still_unread);
        let mut conflicts = Conflicts::new(self.guard, owners, group);
        decided.iter().for_each(|one| conflicts.decides(one, &languages));
        judged.moves |= !decided.is_empty();
        let mut known = BTreeSet::new();
        for table in tables.iter().filter(|table| table.before != table.after) {
            judged.compared += 1;
            match compare(&languages, &table.before, &table.after, budget) {
                Ok(found) if table.is_doubt => conflicts.add_doubts(table, &table.beyond(&known, found)),
                Ok(found) => {
                    known = table.pairs(&found);
                    conflicts.add(table, &found, &languages);
                }
                Err(why) => faults.push(GuardFault::NotComputed {
                    table: key.values().map(|value| format!("{value}, ")).collect::<String>() + &table.place,
                    why: why.to_string(),
                }),
            }
        }
        judged.moves |= conflicts.has_moved();
        // whose rendered manifests are, the targets say
        if !self.is_rendered {
            edited.iter().for_each(|(route, by)| conflicts.affect(route, by));
        }
        let (list, affected) = conflicts.into_lists();
        judged.conflicts.extend(list);
        judged.affected.extend(affected);
    }
}
