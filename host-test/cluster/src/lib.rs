//! A Kubernetes control plane and the policy engines on loopback, for tests of the whole chain:
//! client → kube-apiserver → engine → transom.
//!
//! [`Cluster::start`] builds what is missing ([`engines`]) and starts etcd and kube-apiserver on free
//! ports, in a temporary folder; everything else is started by the test that needs it. Whatever
//! happens to the test, nothing of that is left behind ([`supervisor`]). [`tests`] runs the tests of
//! one binary with what they share.

pub mod certificates;
pub mod client;
mod control_plane;
pub mod leftovers;
pub mod link;
pub mod pods;
pub mod reports;
pub mod server;
pub mod supervisor;
mod testing;

pub use client::{Answer, Client};
pub use control_plane::Cluster;
pub use host_test::{engine, go as engines};
pub use leftovers::Leftovers;
pub use link::{Link, Quality};
pub use server::Server;
pub use supervisor::{Process, Signal, supervise};
pub use testing::{Test, documents, free_addresses, tests, until};
