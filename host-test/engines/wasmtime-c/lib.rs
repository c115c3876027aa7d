//! Only its dependency is of use.
