//! Folders of regions in those of environments, and the other way round: `live/prod/eu-west-1`, `live/eu-west-1/prod`.

use std::collections::BTreeSet;

use crate::draft::name;

/// What a folder holds: the names of its folders, and whether there are files beside them.
type FolderNames<'t, 's> = (&'t BTreeSet<&'s str>, bool);

/// The regions in folders of environments, if these hold no other folders.
pub(super) struct RegionsBelow<'s> {
    pub(super) regions: BTreeSet<&'s str>,
    /// Whether files lie beside the regions.
    pub(super) has_files: bool,
}

/// What the folders of environments are parted into, each of which is given by what it holds: at least two regions, and nothing else.
pub(super) fn regions_below<'t, 's: 't>(
    environments: impl Iterator<Item = Option<FolderNames<'t, 's>>>,
) -> Option<RegionsBelow<'s>> {
    let mut found = RegionsBelow { regions: BTreeSet::new(), has_files: false };
    for environment in environments {
        let (folders, has_files) = environment?;
        if folders.is_empty() || !folders.iter().all(|folder| name::is_place(folder)) {
            return None;
        }
        found.regions.extend(folders);
        found.has_files |= has_files;
    }
    // one name alone may be about anything
    (found.regions.len() > 1).then_some(found)
}

/// The environments in folders of regions.
pub(super) struct EnvironmentsBelow<'s> {
    pub(super) regions: BTreeSet<&'s str>,
    /// Spellings.
    pub(super) environments: BTreeSet<&'s str>,
}

/// The environments that each folder of a region holds, production among them: at least two regions among `folders`, in which all folders
/// are named for environments. `held` says what one of `folders` holds.
pub(super) fn environments_below<'t, 's: 't>(
    folders: &BTreeSet<&'s str>,
    held: impl Fn(&str) -> Option<FolderNames<'t, 's>>,
) -> Option<EnvironmentsBelow<'s>> {
    let regions: BTreeSet<&str> = folders.iter().copied().filter(|folder| name::is_place(folder)).collect();
    if regions.len() < 2 {
        return None;
    }
    let mut environments = BTreeSet::new();
    for region in &regions {
        let (folders, _) = held(region)?;
        if folders.is_empty() {
            return None;
        }
        environments.extend(folders);
    }
    let family = |folder: &&str| name::word(folder).map(|word| word.family);
    let is_production = |folder: &&str| family(folder).is_some_and(|family| family == Some(name::PRODUCTION));
    let counts = environments.iter().all(|folder| family(folder).is_some()) && environments.iter().any(is_production);
    counts.then_some(EnvironmentsBelow { regions, environments })
}
