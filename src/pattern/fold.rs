//! What looks or is stored alike becomes the same bytes.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

/// The most times that a folded text is folded again until it stays as it is. No character needs more than two rounds (a test looks at all of them).
const ROUNDS: usize = 4;

/// Turns the text of one segment into the form that all its look-alikes share.
///
/// - ASCII: capital letters become small. ASCII characters never fold onto other ones (`1` stays apart from `l`): those are real, different names.
/// - Other characters: compatibility forms (fullwidth, ligatures, styled letters), case and composition become one, as file systems have them;
///   invisible ones (zero-width, bidi marks, variation selectors) vanish; a character that [UTS 39] knows as a look-alike of ASCII becomes that.
/// - Bytes that are no UTF-8 stay.
///
/// The result may hold a `/` that the text does not (of `∕`, U+2215). It is for comparing, not for display.
///
/// ```
/// use freezegate::pattern::fold;
///
/// assert_eq!(*fold(b"Production"), *b"production");
/// assert_eq!(*fold("ｐｒｏ\u{200b}ｄ".as_bytes()), *b"prod");
/// assert_eq!(*fold("рrоd".as_bytes()), *b"prod"); // the first and the third are Cyrillic
/// assert_eq!(*fold(b"Caf\xe9"), *b"caf\xe9"); // Latin-1
/// ```
///
/// [UTS 39]: https://www.unicode.org/reports/tr39/#Confusable_Detection
#[must_use]
pub fn fold(text: &[u8]) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        return if text.iter().any(u8::is_ascii_uppercase) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let mut folded = Vec::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        folded.extend_from_slice(fold_valid(chunk.valid()).as_bytes());
        folded.extend_from_slice(chunk.invalid());
    }
    Cow::Owned(folded)
}

/// Returns whether a character leaves no trace on a screen: Unicode's `Default_Ignorable_Code_Point`, which covers the bidi marks, the zero-width
/// characters and the variation selectors, but not the controls.
pub(crate) fn is_invisible(character: char) -> bool {
    // UTS 39 drops exactly these from a skeleton, so its table is asked instead of kept twice.
    !character.is_ascii() && skeleton(character.encode_utf8(&mut [0; 4])).next().is_none()
}

fn fold_valid(text: &str) -> String {
    let mut folded = fold_once(text);
    for _ in 1..ROUNDS {
        let again = fold_once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

fn fold_once(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.nfkd().filter(|character| !is_invisible(*character)) {
        if character.is_ascii() {
            folded.push(character.to_ascii_lowercase());
        } else {
            // Upper case first: it makes one of letters that have several small forms (ς and σ, ſ and s).
            for small in character.to_uppercase().flat_map(char::to_lowercase) {
                push_look_alike(small, &mut folded);
            }
        }
    }
    folded.nfkc().collect()
}

/// Both cases of a letter are tried, so that they stay one letter: `В` looks like `B`, `в` like nothing.
fn push_look_alike(small: char, folded: &mut String) {
    if small.is_ascii() {
        folded.push(small);
        return;
    }
    let own: String = skeleton(small.encode_utf8(&mut [0; 4])).collect();
    let capital: String = small.to_uppercase().collect();
    let of_capital: String = skeleton(&capital).collect();
    match [&own, &of_capital].into_iter().find(|skeleton| skeleton.is_ascii()) {
        // The skeleton of `m` itself: of the two, the name that people write has the `m`.
        Some(ascii) if ascii == "rn" => folded.push('m'),
        Some(ascii) => folded.extend(ascii.chars().map(|character| character.to_ascii_lowercase())),
        None => folded.push_str(&own),
    }
}
