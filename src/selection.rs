//! Which pods of the context an object is about: those that a Service, a NetworkPolicy or a
//! SecurityGroupPolicy selects, and those that take files or variables from a ConfigMap or a Secret.

use crate::context::Context;
use crate::object::label_selector::has_all;
use crate::object::pod::{Container, KeySelector, PodSpec, PodTemplateSpec};
use crate::object::read::Map;
use crate::object::{Body, Object, Workload};
use crate::pod::Pod;
use crate::world::World;

static NO_LABELS: Map<'static> = Map::empty();

/// The pods that `object` is about; none for kinds that select no pods.
pub(crate) fn pods<'a>(object: &'a Object<'a>, world: World<'a>) -> Vec<Pod<'a>> {
    let mut pods = Vec::new();
    if selects_none(&object.body) {
        return pods;
    }
    for owner in world.context.workloads(world.namespace_of(object)) {
        let selected = owner.workloads().iter().filter(|workload| selects(object, owner, workload, world.context));
        pods.extend(selected.filter_map(|workload| Pod::new(owner, workload, world, "")));
    }
    pods
}

fn selects_none(body: &Body<'_>) -> bool {
    match body {
        Body::ConfigMap(_) | Body::Secret(_) | Body::NetworkPolicy(_) | Body::SecurityGroupPolicy(_) => false,
        Body::Service(service) => {
            let spec = service.spec.as_ref();
            // An ExternalName is another name for something else, whatever its selector says.
            let is_alias = spec.is_some_and(|spec| spec.kind.as_deref() == Some("ExternalName"));
            let selector = spec.and_then(|spec| spec.selector.as_ref());
            is_alias || selector.is_none_or(|selector| selector.is_empty())
        }
        _ => true,
    }
}

/// Whether `object` is about a pod of `owner`, which is in the same namespace.
pub(crate) fn selects(object: &Object<'_>, owner: &Object<'_>, workload: &Workload<'_>, context: &Context<'_>) -> bool {
    let PodTemplateSpec { metadata, spec, .. } = &workload.template;
    let metadata = if workload.at.is_empty() { Some(&owner.metadata) } else { metadata.as_ref() };
    let labels = metadata.and_then(|metadata| metadata.labels.as_ref()).unwrap_or(&NO_LABELS);
    match &object.body {
        Body::Service(service) => {
            let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
            selector.is_some_and(|selector| has_all(labels, selector))
        }
        Body::NetworkPolicy(policy) => {
            let selector = policy.spec.as_ref().and_then(|spec| spec.pod_selector.as_ref());
            selector.is_none_or(|selector| selector.selects(labels))
        }
        Body::SecurityGroupPolicy(policy) => {
            let Some(policy) = &policy.spec else { return false };
            let of_account = || {
                let name = spec.as_ref().and_then(|spec| spec.service_account_name.as_deref());
                let name = name.filter(|name| !name.is_empty()).unwrap_or("default");
                let account = context.find("ServiceAccount", owner.namespace_or_default(), name);
                account.map(|account| account.metadata.labels.as_ref().unwrap_or(&NO_LABELS))
            };
            let by_account = policy.service_account_selector.as_ref();
            let by_account = by_account.map(|selector| of_account().is_some_and(|labels| selector.selects(labels)));
            let by_pod = policy.pod_selector.as_ref().map(|selector| selector.selects(labels));
            // Of two selectors both must fit; a policy without any selects nothing.
            by_pod.or(by_account) == Some(true) && by_account != Some(false)
        }
        Body::ConfigMap(_) => spec.as_ref().is_some_and(|spec| uses(spec, Source::ConfigMap, object.name())),
        Body::Secret(_) => spec.as_ref().is_some_and(|spec| uses(spec, Source::Secret, object.name())),
        _ => false,
    }
}

/// What a pod may take files and variables from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    ConfigMap,
    Secret,
}

fn uses(spec: &PodSpec<'_>, source: Source, name: &str) -> bool {
    let is_config_map = source == Source::ConfigMap;
    let in_volume = spec.volumes.iter().flatten().any(|volume| {
        let own = if is_config_map {
            volume.config_map.as_ref().and_then(|source| source.name.as_deref())
        } else {
            volume.secret.as_ref().and_then(|source| source.secret_name.as_deref())
        };
        let projected = volume.projected.iter().flat_map(|projected| projected.sources.iter().flatten());
        let mut projected = projected.filter_map(|projection| {
            let source = if is_config_map { &projection.config_map } else { &projection.secret };
            source.as_ref()?.name.as_deref()
        });
        own == Some(name) || projected.any(|projected| projected == name)
    });
    let is_named = |reference: &Option<KeySelector<'_>>| {
        reference.as_ref().and_then(|reference| reference.name.as_deref()) == Some(name)
    };
    let in_environment = |container: &Container<'_>| {
        let all = container.env_from.iter().flatten();
        let single = container.env.iter().flatten().filter_map(|variable| variable.value_from.as_ref());
        let mut all = all.map(|all| if is_config_map { &all.config_map_ref } else { &all.secret_ref });
        let mut single = single.map(|one| if is_config_map { &one.config_map_key_ref } else { &one.secret_key_ref });
        all.any(is_named) || single.any(is_named)
    };
    let lists = [&spec.init_containers, &spec.containers, &spec.ephemeral_containers];
    in_volume || lists.into_iter().flatten().flatten().any(in_environment)
}
