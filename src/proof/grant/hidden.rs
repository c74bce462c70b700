//! Characters that hide what a grant says.

/// Characters that can't be seen, and those that turn the direction of what can ([UAX #9]).
///
/// [UAX #9]: https://www.unicode.org/reports/tr9/
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
