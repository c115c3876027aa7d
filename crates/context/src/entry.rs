//! An object that others look up, and the words that it is found by.

use std::hash::{Hash, Hasher as _};

use rustc_hash::{FxHashSet, FxHasher};
use serde_json::Value;
use transom::object::is_cluster_scoped;

use crate::node::{Room, essence, without_name};
use crate::pods::{Says, behind_workload, labels};
use crate::role::{Role, is_about_gmsa, is_link, role_of, selects_by_os};
use crate::text::{CLASS_ANNOTATION, json, likeness, names_in, namespace_of, without_clutter};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) role: Role,
    pub(crate) kind: String,
    /// Empty where it is in none.
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// The name is only what one will be generated from: others may have it, too.
    pub(crate) is_generated: bool,
    /// The way to the file it is in.
    pub(crate) origin: Box<[u32]>,
    /// The object; empty where a later one has taken its place.
    pub(crate) json: String,
    /// The same for objects that differ by nothing but their name.
    pub(crate) likeness: u64,
    /// The names of others in it that matter wherever it does.
    pub(crate) names: Vec<String>,
    /// What it says of a system, where it is a workload.
    pub(crate) says: Says,
}

impl Entry {
    /// Whether it is of the kind and name of another one, so that the two are one object.
    pub(crate) fn is_named_as(&self, other: &Entry) -> bool {
        let is_generated = self.is_generated || other.is_generated;
        !is_generated && self.kind == other.kind && self.name == other.name && self.namespace == other.namespace
    }

    /// Whether those that differ from it by nothing but their name say all that it does.
    pub(crate) fn is_one_of_many(&self) -> bool {
        !matches!(self.kind.as_str(), "Role" | "ClusterRole") && self.role != Role::Named
    }
}

/// What an object is found by.
#[derive(Hash)]
pub(crate) enum Word<'w> {
    Name(&'w str),
    Role(Role),
    /// A StorageClass that claims without one get.
    DefaultClass,
    /// A Service or NetworkPolicy that selects pods by the label of the operating system.
    SelectsByOs,
    /// A role that says something about gMSAs, in whatever namespace.
    RoleForGmsa,
    /// What is in a namespace and says who may do what; the word stands in none.
    RightsAnywhere,
    /// A claim that names this PersistentVolume, in whatever namespace.
    Takes(&'w str),
    /// A label of a workload's pods.
    Label(&'w str, &'w str),
    /// A name that stands in it.
    Mentions(&'w str),
}

/// A hash of a namespace (empty: none) and a word: where two have the same, an object is sent with another
/// one that does not need it.
pub(crate) type Key = u64;

impl Word<'_> {
    pub(crate) fn key(&self, namespace: &str) -> Key {
        hash(&(namespace, self))
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// An object that others look up, ready to be added. That is most of the work of adding it, and can be done
/// in several threads.
#[derive(Debug)]
pub struct Prepared(pub(crate) Form);

#[derive(Debug)]
pub(crate) enum Form {
    Node {
        name: String,
        room: Room,
        json: String,
        nameless: String,
    },
    Other {
        entry: Entry,
        keys: Vec<Key>,
        /// A Service that takes traffic from outside on every node.
        is_entrance: bool,
    },
}

impl Prepared {
    /// Of an object that others look up.
    pub fn of(object: &Value) -> Option<Self> {
        Self::of_role(object, role_of(object)?)
    }

    /// Of a workload.
    pub fn of_workload(object: &Value) -> Option<Self> {
        role_of(object).filter(|role| *role == Role::Workload).and_then(|role| Self::of_role(object, role))
    }

    /// Of another object that others look up.
    pub fn of_other(object: &Value) -> Option<Self> {
        role_of(object).filter(|role| *role != Role::Workload).and_then(|role| Self::of_role(object, role))
    }

    fn of_role(object: &Value, role: Role) -> Option<Self> {
        let metadata = &object["metadata"];
        let name = metadata["name"].as_str().or_else(|| metadata["generateName"].as_str())?;
        let kind = object["kind"].as_str().unwrap_or_default();
        if role == Role::Node {
            let node = essence(object);
            let (name, room, json) = (name.to_owned(), Room::of(&node), json(&node));
            let nameless = self::json(&without_name(node, &name));
            return Some(Prepared(Form::Node { name, room, json, nameless }));
        }
        let namespace = if is_cluster_scoped(kind) { "" } else { namespace_of(object) };
        let mut words = vec![Word::Name(name), Word::Role(role)];
        let mut names = FxHashSet::default();
        names_in(object, &mut names);
        names.extend(object["metadata"]["annotations"][CLASS_ANNOTATION].as_str().filter(|_| is_link(kind)));
        if role == Role::Workload {
            words.extend(labels(object).into_iter().map(|(key, value)| Word::Label(key, value)));
        }
        if matches!(role, Role::Workload | Role::Autoscaler | Role::Volume) {
            words.extend(names.iter().map(|name| Word::Mentions(name)));
        }
        let json = without_clutter(object);
        let says = if role == Role::Workload { Says::of(object, &json) } else { Says::Nothing };
        if kind == "PersistentVolume" && object["spec"].get("storageClassName").is_none() {
            // Such a one is of the class without a name.
            words.push(Word::Mentions(""));
        }
        if kind == "StorageClass" && json.contains("is-default-class") {
            words.push(Word::DefaultClass);
        }
        if selects_by_os(object) {
            words.push(Word::SelectsByOs);
        }
        let mut keys: Vec<Key> = words.iter().map(|word| word.key(namespace)).collect();
        if role == Role::Rights && !namespace.is_empty() {
            keys.push(Word::RightsAnywhere.key(""));
        }
        if role == Role::Rights && is_about_gmsa(object) {
            keys.push(Word::RoleForGmsa.key(""));
        }
        if kind == "PersistentVolumeClaim"
            && let Some(volume) = object["spec"]["volumeName"].as_str()
        {
            keys.push(Word::Takes(volume).key(""));
        }
        let is_entrance =
            kind == "Service" && matches!(object["spec"]["type"].as_str(), Some("LoadBalancer" | "NodePort"));
        let names = match role {
            Role::Workload | Role::Everywhere => behind_workload(object),
            _ if is_link(kind) => names,
            _ => FxHashSet::default(),
        };
        let entry = Entry {
            role,
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            is_generated: metadata["name"].as_str().is_none(),
            origin: Box::default(),
            json,
            likeness: likeness(object, namespace),
            names: names.into_iter().map(str::to_owned).collect(),
            says,
        };
        Some(Prepared(Form::Other { entry, keys, is_entrance }))
    }
}
