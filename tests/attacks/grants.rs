//! Grants: who asks, signs and pushes, and what a grant covers.
