//! Formats read by what is not ours.
