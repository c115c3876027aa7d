//! Objects that are fetched from the cluster while one is judged: for hosts that can reach it, and
//! that do not know in advance which ones matter.

pub(crate) mod kind;

use crate::admission::Request;
use crate::object::configuration::FLANNEL;
use crate::object::read::{At, Wrong};
use crate::object::{Body, Object};
use crate::parse::read_text;
use crate::settings::Settings;
use kind::{NAMESPACE, NODE, RUNTIME_CLASS};

pub use kind::{KINDS, Kind};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookUp<'a> {
    /// The Namespace that the object is in, by name.
    Namespace(&'a str),
    /// All Nodes, as a List.
    Nodes,
    /// A RuntimeClass that a pod is for, by name.
    RuntimeClass(&'a str),
}

impl LookUp<'_> {
    /// The kind of what is asked for.
    pub fn kind(&self) -> &'static Kind {
        match self {
            LookUp::Namespace(_) => &NAMESPACE,
            LookUp::Nodes => &NODE,
            LookUp::RuntimeClass(_) => &RUNTIME_CLASS,
        }
    }

    /// Whether the object is what was asked for. An item of a list is known to be of its kind.
    fn is_answered_by(&self, object: &Object<'_>) -> bool {
        match self {
            LookUp::Namespace(name) => object.is("", "Namespace") && object.name() == *name,
            LookUp::Nodes => object.is("", "Node"),
            LookUp::RuntimeClass(name) => object.is("node.k8s.io", "RuntimeClass") && object.name() == *name,
        }
    }
}

/// Answers with what was asked for as JSON, or with nothing where that is not to be had.
pub type Ask<'f> = dyn Fn(LookUp<'_>) -> Option<String> + 'f;

/// What was asked for, and the answer.
pub(crate) type Answer<'a> = (LookUp<'a>, String);

/// Asks for what can matter to `object`. One that asks in vain asks no further: whoever may not look
/// one object up, or finds no cluster, is not asked again and again.
pub(crate) fn around<'a>(
    object: &'a Object<'a>,
    request: &'a Request<'a>,
    settings: &Settings,
    ask: &Ask<'_>,
) -> Vec<Answer<'a>> {
    let mut wanted = Vec::new();
    want(object, request, &mut wanted);
    wanted.retain(|wanted| settings.looks_up(wanted.kind()));
    wanted.into_iter().map_while(|wanted| ask(wanted).map(|answer| (wanted, answer))).collect()
}

/// Adds what can matter to `object`, in the order of what is sure to be there.
fn want<'a>(object: &'a Object<'a>, request: &'a Request<'a>, wanted: &mut Vec<LookUp<'a>>) {
    let mut add = |look_up| {
        if !wanted.contains(&look_up) {
            wanted.push(look_up);
        }
    };
    match &object.body {
        Body::Workload(workloads) if !workloads.is_empty() => {
            add(LookUp::Namespace(request.namespace_of(object)));
            add(LookUp::Nodes);
            for workload in workloads {
                let class = workload.template.spec.as_ref().and_then(|spec| spec.runtime_class_name.as_deref());
                class.filter(|class| !class.is_empty()).map(LookUp::RuntimeClass).into_iter().for_each(&mut add);
            }
        }
        // How the network is set up is wrong only where there are Windows nodes.
        Body::FelixConfiguration(_) | Body::Installation(_) | Body::IpPool(_) => add(LookUp::Nodes),
        Body::ConfigMap(_) if object.name() == FLANNEL => add(LookUp::Nodes),
        Body::List(items) => items.iter().for_each(|item| want(item, request, wanted)),
        _ => {}
    }
}

/// The object that a text is; nothing where it is no JSON. What is wrong with it is its own matter.
pub(crate) fn read_object(text: &str) -> Option<Object<'_>> {
    let mut object: Option<Object<'_>> = None;
    read_text(text, &mut object, &At::root("", &Wrong::default())).ok()?;
    object
}

/// The objects in the answers. What is no JSON, or not what was asked for, is left out.
pub(crate) fn read<'t>(answers: &'t [Answer<'_>]) -> Vec<Object<'t>> {
    let mut objects = Vec::new();
    for (wanted, text) in answers {
        let Some(object) = read_object(text) else { continue };
        match object.body {
            Body::List(items) => objects.extend(items.into_iter().filter(|item| wanted.is_answered_by(item))),
            _ if wanted.is_answered_by(&object) => objects.push(object),
            _ => {}
        }
    }
    objects
}
