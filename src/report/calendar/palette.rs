//! The colours of the page: each state by a fill and the ink on it, light and dark.

use crate::report::calendar::{LaneLook, LaneMark};

/// Six hexadecimal digits.
type Colour = &'static str;

/// A colour of the page, by its name in the style sheet.
#[derive(Debug, Clone, Copy)]
pub struct Swatch {
    /// The name.
    pub name: &'static str,
    /// Fill and ink in a light page.
    pub light: (Colour, Colour),
    /// Fill and ink in a dark page.
    pub dark: (Colour, Colour),
}

const fn swatch(name: &'static str, light: (Colour, Colour), dark: (Colour, Colour)) -> Swatch {
    Swatch { name, light, dark }
}

/// The page and its text; text that matters less, and lines; links.
pub const PAGE: [Swatch; 3] = [
    swatch("page", ("ffffff", "1b1c1f"), ("15171c", "e8e9ed")),
    swatch("quiet", ("ffffff", "595d66"), ("15171c", "a9adb8")),
    swatch("link", ("ffffff", "0b57a4"), ("15171c", "8ab4f8")),
];

/// Time that is open, and time in which a window only warns.
pub const OPEN: [Swatch; 2] = [
    swatch("open", ("d9f2df", "1b3d26"), ("1c3526", "c9ecd3")),
    swatch("warned", ("d9e9f7", "17324d"), ("1d2f42", "cfe3f7")),
];

/// Time in which nothing may start: each stands out from open time by lightness alone.
pub const CLOSED: [Swatch; 6] = [
    swatch("freeze", ("7a1420", "ffffff"), ("ff9b93", "1a0a0a")),
    swatch("core", ("2f65a8", "ffffff"), ("8fb8f5", "0a1422")),
    swatch("window", ("66479a", "ffffff"), ("c9aef2", "160d24")),
    swatch("soft", ("a03a78", "ffffff"), ("f0a0d2", "220a19")),
    swatch("late", ("a97c00", "000000"), ("dcb547", "1c1500")),
    swatch("other", ("5c6068", "ffffff"), ("aeb3bd", "101216")),
];

/// The colour of a mark, by its name.
pub(super) const fn name_of(mark: LaneMark) -> &'static str {
    match (mark.look, mark.letter) {
        (LaneLook::Hard, 'F') => "freeze",
        (LaneLook::Hard, 'C') => "core",
        (LaneLook::Hard, 'W') => "window",
        (LaneLook::Hard, _) => "other",
        (LaneLook::Soft, _) => "soft",
        (LaneLook::TooLate, _) => "late",
        (LaneLook::Warned, _) => "warned",
        (LaneLook::Open, _) => "open",
    }
}

/// The custom properties of a style sheet.
pub(crate) fn properties(is_dark: bool) -> String {
    let all = PAGE.iter().chain(&OPEN).chain(&CLOSED);
    all.map(|swatch| {
        let (fill, ink) = if is_dark { swatch.dark } else { swatch.light };
        format!("--{0}:#{fill};--{0}-ink:#{ink};", swatch.name)
    })
    .collect()
}

/// A rule for each state.
pub(crate) fn rules() -> String {
    let all = OPEN.iter().chain(&CLOSED);
    all.map(|Swatch { name, .. }| {
        format!(".{name}{{background:var(--{name});color:var(--{name}-ink)}}path.{name}{{fill:var(--{name})}}\n")
    })
    .collect()
}
