//! What the decision needs from outside besides the change: known, or an error that says why it is not known.
//!
//! Each proof reads its own outside world, in files named for it, and knows nothing of verdicts.

pub mod fetch;
pub mod grant;
pub mod posted;
pub mod record;
pub mod rollback;
pub mod shared_text;
pub mod signature;
pub mod stops;
