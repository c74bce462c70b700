//! The table of an organisation's policy, and the environments that it leaves to repositories.

use crate::diagnostic::{Code, Diagnostic, SourceLayer};
use crate::policy::check::names::check_name;
use crate::policy::check::values::only_one;
use crate::policy::document::PolicyDocument;
use crate::policy::organisation::{DefinitionsOf, Organisation, PassedOver};
use crate::policy::read::{At, Section};

pub(super) const KEYS: [&str; 4] = ["name", "formerly", "serial", "environments"];

/// The contents of `[organisation]`, with the environments that freezes may name and each repository defines.
pub(super) struct WrittenOrganisation<'d> {
    pub(super) organisation: Option<Organisation>,
    pub(super) environments: Vec<At<&'d str>>,
}

/// Reads the table; of a policy that follows an organisation's, it must be there.
pub(super) fn read<'d>(
    documents: &[&PolicyDocument<'_>],
    roots: &[Section<'d, '_>],
    (definitions, passed_over): (DefinitionsOf, Vec<PassedOver>),
) -> WrittenOrganisation<'d> {
    let nothing = WrittenOrganisation { organisation: None, environments: Vec::new() };
    let Some(first) = roots.first() else {
        return nothing;
    };
    let found = first.found;
    let followed = documents.iter().find(|document| document.layer == SourceLayer::Organisation);
    let Some(section) = only_one(roots, "organisation", "the organisation table", &KEYS, found) else {
        if let Some(followed) = followed {
            let cause = format!("`{}` is not an organisation's policy: it has no `[organisation]`", followed.path);
            found.push(
                Diagnostic::error(Code::MissingKey, cause)
                    .help("add `[organisation]` with `name` and `serial`, or add its freezes with `--extra-freezes`"),
            );
        }
        return nothing;
    };
    for (key, help) in [
        ("name", "name the organisation: `name = \"example\"`"),
        ("serial", "write `serial = 1`, and raise it with each edit, so that old copies can be detected"),
    ] {
        if section.get(key).is_none() {
            section.missing(key, help);
        }
    }
    let name = section.string("name");
    let formerly = section.strings("formerly").map_or_else(Vec::new, |list| list.items);
    name.iter().chain(&formerly).for_each(|name| check_name(*name, "organisation", found));
    let environments = section.filled_strings("environments").map_or_else(Vec::new, |list| list.items);
    let serial = section.positive("serial", "write `serial = 1`, and raise it with each edit");
    let organisation = name.zip(serial).map(|(name, serial)| Organisation {
        name: name.value.to_owned(),
        formerly: formerly.into_iter().map(|name| name.value.to_owned()).collect(),
        serial: serial.value,
        place: section.place,
        serial_place: serial.place,
        is_followed: followed.is_some(),
        definitions,
        left_places: environments.iter().map(|name| name.place).collect(),
        passed_over,
    });
    WrittenOrganisation { organisation, environments }
}
