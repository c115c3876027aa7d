//! The pod templates in custom resources, found by what they look like.

use super::pod::PodTemplateSpec;
use super::read::{At, Wrong};
use super::{SelectedLabels, Workload};
use crate::pointer::Pointer;
use crate::value::{Value, read_value};

/// How deep below a custom resource a `template` may stand.
const TEMPLATE_DEPTH: usize = 4;

/// Looks through a field of a custom resource for pod templates: fields named `template`, at most
/// four fields down, whose `spec.containers` is an array of objects with an `image`.
pub(super) fn find_templates<'de>(
    name: &str,
    value: Value,
    pointer: Pointer,
    depth: usize,
    at: &At<'_>,
    into: &mut Vec<Workload<'de>>,
) {
    let is_template = name == "template";
    if is_template && is_pod_template(&value) {
        let mut template: Option<PodTemplateSpec<'_>> = None;
        // A value that was set aside is whole.
        let _ = read_value(value, &mut template, at);
        let template = template.unwrap_or_default();
        into.push(Workload { at: pointer.into(), template, ..Default::default() });
        return;
    }
    // A template of something else, such as a Job, may hold one in its own `spec.template`.
    let depth = if is_template { depth.min(TEMPLATE_DEPTH - 2) } else { depth };
    if depth >= TEMPLATE_DEPTH {
        return;
    }
    match value {
        Value::Object(fields) => {
            let known = into.len();
            let mut selector: Option<SelectedLabels<'de>> = None;
            let mut replicas: Option<i64> = None;
            for (name, value) in fields {
                // Not every field of these names is what workloads have: of another type it is no mistake.
                let wrong = Wrong::default();
                match &*name {
                    "selector" => drop(read_value(value, &mut selector, &At::root("", &wrong))),
                    "replicas" => drop(read_value(value, &mut replicas, &At::root("", &wrong))),
                    _ => find_templates(&name, value, pointer.key(&name), depth + 1, &at.key(&name), into),
                }
            }
            let own = pointer.key("template");
            if let Some(workload) = into[known..].iter_mut().find(|workload| workload.at == own.as_str()) {
                (workload.selector, workload.replicas) = (selector, replicas);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.into_iter().enumerate() {
                let depth = depth + usize::from(matches!(value, Value::Array(_)));
                find_templates("", value, pointer.index(index), depth, &at.index(index), into);
            }
        }
        _ => {}
    }
}

fn is_pod_template(value: &Value) -> bool {
    let containers = value.get("spec").and_then(|spec| spec.get("containers"));
    let has_image = |container: &Value| container.get("image").is_some_and(|image| *image != Value::Null);
    containers.is_some_and(|containers| containers.elements().iter().any(has_image))
}
