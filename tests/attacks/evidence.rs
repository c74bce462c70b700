//! What the evidence shows: trees, refs, attributes, long names.
