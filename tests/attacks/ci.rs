//! The CI step: which repository, which policy, which base.
