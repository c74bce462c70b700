//! Policies and rosters that are larger than those of most companies.

use base64ct::{Base64, Encoding};

use freezegate::draft::Survey;

use crate::policies::ZONES;

/// Regions `r0` and so on, of two zones each, and environments `e0` to `e49`, which serve all of them.
pub(crate) fn regions(count: usize) -> String {
    let mut text = "version = 1\n".to_owned();
    for region in 0..count {
        let zones = [ZONES[region % ZONES.len()], ZONES[(region + 1 + region / ZONES.len()) % ZONES.len()]];
        let [first, second] = zones;
        text += &format!("\n[regions.r{region}]\ntimezones = [\"{first}\", \"{second}\"]\n");
        text += "core_hours = [\"Mon-Fri 08:00-18:00\"]\n";
    }
    for environment in 0..50 {
        text += &format!("\n[environments.e{environment}]\n");
    }
    text
}

/// A roster of `count` people, each with an Ed25519 key.
pub(crate) fn roster(count: usize) -> String {
    let mut text = String::new();
    for person in 0..count {
        let mut blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20".to_vec();
        blob.extend(person.to_le_bytes().iter().cycle().take(32));
        text += &format!(
            "p{person}@example.com namespaces=\"freezegate-grant\" ssh-ed25519 {}\n",
            Base64::encode_string(&blob)
        );
    }
    text
}

/// A repository with `count` files, in folders of a thousand services for two environments.
pub(crate) fn survey(count: usize) -> Survey {
    let folder = |number: usize| format!("app{}/{}", number % 1_000, ["production", "staging"][number % 2]);
    Survey {
        folders: (0..1_000).map(folder).collect(),
        files: (0..count).map(|number| format!("{}/f{number}.yaml", folder(number))).collect(),
        timezones: vec!["Europe/Berlin".to_owned()],
        ..Survey::default()
    }
}
