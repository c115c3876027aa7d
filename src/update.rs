//! What a request may still change: of what exists already, or is on its way out, not everything.

use crate::admission::Request;
use crate::fix::Fix;
use crate::object::Object;
use crate::object::pod::OldObject;
use crate::pod::Pod;
use crate::pointer::Pointer;

/// Whether a request is about an object that is being deleted: all that is left to change is its finalizers,
/// and who may not take them away cannot get rid of it.
pub(crate) fn is_being_deleted(object: &Object<'_>, request: &Request<'_>) -> bool {
    request.is_update() && object.metadata.deletion_timestamp.is_some()
}

/// Whether an object is a Pod that the scheduler has bound already, as far as the request tells.
pub(crate) fn is_bound(object: &Object<'_>, request: &Request<'_>) -> bool {
    object.is("", "Pod")
        && !request.is_creation()
        && (request.is_update()
            || !request.sub_resource().is_empty()
            || object.metadata.uid.is_some()
            || object.workloads().iter().any(|workload| workload.running))
}

/// Whether the API server takes the change for an object that exists already. Of what a subresource is not about it
/// takes nothing over.
pub(crate) fn is_allowed_on_update(fix: &Fix, object: &Object<'_>, pods: &[Pod<'_>], request: &Request<'_>) -> bool {
    if !request.sub_resource().is_empty() {
        return false;
    }
    let exists = request.is_update() || is_bound(object, request);
    match pods.first().filter(|_| exists) {
        Some(pod) if pod.is_pod() => is_allowed_in_pod(fix, pod),
        Some(pod) if object.is("batch", "Job") => is_allowed_in_job(fix, pod, request),
        _ => true,
    }
}

/// Of a Pod only metadata may change and more tolerations may come, and new node labels while it is gated.
fn is_allowed_in_pod(fix: &Fix, pod: &Pod<'_>) -> bool {
    let is_gated = pod.spec.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty());
    let selector = pod.at("/nodeSelector");
    let is_new_label = |path: &Pointer| {
        let key = path.segments().last().unwrap_or_default();
        let is_new = pod.spec.node_selector.as_ref().is_none_or(|s| s.get(&key).is_none());
        is_gated && path.is_below(&selector) && is_new
    };
    fix.only_appends_to(&pod.at("/tolerations"))
        || fix.paths().all(|path| path.is_below(&pod.metadata_at("")) || is_new_label(path))
}

/// Of a Job's template nothing may change, or where it should run as long as it was suspended and had not started.
fn is_allowed_in_job(fix: &Fix, pod: &Pod<'_>, request: &Request<'_>) -> bool {
    let template = Pointer::raw(&pod.workload.at);
    let movable = [
        pod.at("/nodeSelector"),
        pod.at("/affinity/nodeAffinity"),
        pod.at("/tolerations"),
        pod.metadata_at("/labels"),
        pod.metadata_at("/annotations"),
    ];
    let is_waiting = request.old_object.as_ref().map_or(pod.workload.suspended, OldObject::is_waiting);
    let is_movable = |path: &Pointer| is_waiting && movable.iter().any(|place| path.is_below(place));
    fix.paths().all(|path| !path.is_below(&template) || is_movable(path))
}
