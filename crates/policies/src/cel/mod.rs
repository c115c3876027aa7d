//! The rules that CEL can say.
pub mod claims;
pub mod condition;
pub mod facts;
pub mod fixes;
pub mod judge;
pub mod policy;
pub mod text;
pub mod tolerations;
