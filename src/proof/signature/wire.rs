//! The data types of SSH: numbers and strings one behind the other ([RFC 4251, section 5]).
//!
//! [RFC 4251, section 5]: https://www.rfc-editor.org/rfc/rfc4251#section-5

/// Bytes that are read from the front.
#[derive(Debug)]
pub(super) struct Wire<'b>(&'b [u8]);

impl<'b> Wire<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*bytes))
    }

    pub(super) fn string(&mut self) -> Option<&'b [u8]> {
        let (bytes, rest) = self.0.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*bytes)).unwrap_or(usize::MAX);
        let (string, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }

    /// A string that is printable ASCII, as names are.
    pub(super) fn name(&mut self) -> Option<&'b str> {
        let bytes = self.string()?;
        match std::str::from_utf8(bytes) {
            Ok(name) if name.bytes().all(|byte| byte.is_ascii_graphic()) => Some(name),
            Ok(_) | Err(_) => None,
        }
    }
}
