//! The gate at real repositories: what git shows, hooks, records, rollbacks, grants, and ways past all of them.

mod attacks;
mod ci_step;
mod git_evidence;
mod grants;
mod hooks;
mod record;
mod rollback;
mod stops;
mod travel;

/// What several of these use.
#[expect(clippy::panic, clippy::unwrap_used, reason = "a test that can't do its work should fail")]
mod support {
    pub(crate) mod clean;
    pub(crate) mod clock;
    pub(crate) mod entries;
    pub(crate) mod http;
    pub(crate) mod policy_edits;
    pub(crate) mod schema_objects;
    pub(crate) mod validator;
}
