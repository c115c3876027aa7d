//! A live cluster, read through its API server: the workloads, and the objects that matter to them.
//!
//! Nothing is ever written. Objects come page by page and are handed on one by one, so that what this takes
//! of memory does not grow with the cluster. [`WORKLOADS`] are what is judged, [`SURROUNDINGS`] what rules
//! look up; what a workload has made in turn ([`is_made_by_workload`]: the ReplicaSets of a Deployment,
//! their Pods) is judged with its owner.

mod bar;
mod connect;
mod kinds;
mod list;

pub use bar::Bar;
pub use connect::{Access, Error, api, causes, client};
pub use kinds::{Kind, SURROUNDINGS, WATCHED, WORKLOADS, is_made_by_workload};
pub use kube::Client;
pub use list::{Listed, Lister};

/// Runs what needs to wait for a cluster, in this thread.
///
/// # Errors
///
/// Where there are no means to wait.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.map_err(connect::Kind::Runtime)?.block_on(future))
}
