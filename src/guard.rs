//! Guarded routes: what an edit of manifests does to the requests of each environment. Pure.
//!
//! `[routes]` names the manifests, and whose a backend is. [`GuardedRoutes::judge`] reads those of both trees, puts routes
//! into one table where they meet, compares the tables, and reports requests that another environment would answer.
//!
//! [`RenderedManifests`] are manifests of no repository, as tools print them; they show hazards too.
//!
//! What is not understood is an error if the change brings or alters it, or adds routes at its hosts. What stood like that
//! before is only reported, as else nobody could change anything beside it.

mod conflicts;
mod decided;
mod facts;
mod fault;
mod files;
mod guarded;
mod judge;
mod near;
mod notes;
mod object;
mod owners;
mod rendered;
mod unread;

pub use fault::GuardFault;
pub use files::{GuardedEdit, GuardedFile};
pub use guarded::GuardedRoutes;
pub use judge::JudgedRoutes;
pub use object::ManifestError;
pub use rendered::RenderedManifests;
