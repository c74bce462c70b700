//! Policies of any size, the same in every run.

/// Zones from all over the world, so that few of them share rules.
pub(crate) const ZONES: [&str; 40] = [
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Australia/Sydney",
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "America/Bogota",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Europe/Paris",
    "Europe/Madrid",
    "America/Chicago",
    "America/Denver",
    "America/Toronto",
    "America/Vancouver",
    "Asia/Singapore",
    "Asia/Manila",
    "Africa/Johannesburg",
    "Africa/Cairo",
    "Europe/Warsaw",
    "Europe/Lisbon",
    "Europe/Helsinki",
    "Europe/Athens",
    "Asia/Jakarta",
    "Asia/Bangkok",
    "America/Mexico_City",
    "America/Santiago",
    "Africa/Lagos",
    "Africa/Nairobi",
    "Europe/Istanbul",
    "Asia/Jerusalem",
    "Europe/Dublin",
    "Europe/Zurich",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Karachi",
    "Asia/Dhaka",
];

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Regions `r0` to `r19`, of two zones each, and environments `e0` to `e49`, which serve as many regions as asked.
pub(crate) fn regions_and_environments(served: usize) -> String {
    let mut text = "version = 1\n".to_owned();
    for (region, zones) in ZONES.chunks_exact(2).enumerate() {
        text += &format!("\n[regions.r{region}]\ntimezones = [{}]\n", quoted(zones.iter().copied()));
        text += "core_hours = [\"Mon-Fri 08:00-18:00\"]\n";
    }
    for environment in 0..50 {
        let regions: Vec<String> = (0..served).map(|nth| format!("r{}", (environment + nth) % 20)).collect();
        let regions = quoted(regions.iter().map(String::as_str));
        text += &format!("\n[environments.e{environment}]\nregions = [{regions}]\n");
    }
    text
}

/// `count` freezes, of which the first `own` are of the environment `e0` and the others of the 49 others.
///
/// Their moments are of every sort, half of them absolute; one in four gives a reason.
pub(crate) fn freezes(count: usize, own: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let environment = if number < own { 0 } else { 1 + number % 49 };
        let (year, month, day) = (2020 + number / 336 % 12, 1 + number / 28 % 12, 1 + number % 28);
        let (hour, weekday, month_name) = (number % 24, DAYS[number % 7], MONTHS[number % 12]);
        let (from, until) = match number % 8 {
            0..4 => (
                format!("{year}-{month:02}-{day:02}T{hour:02}:00:00"),
                format!("{year}-{month:02}-{day:02}T{hour:02}:30:00"),
            ),
            4 | 5 => (format!("\"{weekday} {hour:02}:00\""), format!("\"{weekday} {hour:02}:30\"")),
            6 => (format!("\"day {day} {hour:02}:00\""), "\"+1d 09:00\"".to_owned()),
            _ => (format!("\"{month_name} {day} {hour:02}:00\""), "\"+1d 09:00\"".to_owned()),
        };
        let zone = ZONES[number % ZONES.len()];
        text += &format!("\n[[freezes]]\nname = \"freeze {number}\"\nfrom = {from}\nuntil = {until}\n");
        text += &format!("timezone = \"{zone}\"\nenvironments = [\"e{environment}\"]\n");
        if number % 4 == 0 {
            text += "reason = \"half the on-call rota is away\"\n";
        }
    }
    text
}

fn quoted<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}
