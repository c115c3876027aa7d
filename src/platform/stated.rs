//! What a pod itself states about the labels of its node, each statement with its place.
//!
//! [`super::selector`] answers whether a node can satisfy all of it together; rules that point at
//! single values look here.

use super::Placement;
use super::labels::{OS, OS_BETA, WINDOWS_BUILD, is_aks_sku, sku_build, states_os, windows_build_meant};
use super::os::Os;
use super::selector::{Fit, NodeModel, Reading, Selector};
use crate::context::Node;
use crate::fix::Fix;
use crate::object::pod::{NodeSelectorRequirement, PodSpec};
use crate::object::read::Str;
use crate::order;
use crate::pod::Pod;
use crate::pointer::Pointer;

/// An entry of `nodeSelector`, or an expression of a node affinity term.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    /// The label.
    pub key: &'a str,
    /// The operator; empty for an entry of `nodeSelector`.
    pub operator: &'a str,
    /// The values; one for an entry of `nodeSelector`.
    pub values: &'a [Str<'a>],
    place: Place,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    NodeSelector,
    Required { term: usize, expression: usize },
    Preferred { term: usize, expression: usize },
}

const NODE_AFFINITY: &str = "/affinity/nodeAffinity";

impl<'a> Statement<'a> {
    fn of(requirement: &'a NodeSelectorRequirement<'a>, place: Place) -> Self {
        Statement {
            key: requirement.key.as_deref().unwrap_or_default(),
            operator: requirement.operator.as_deref().unwrap_or_default(),
            values: requirement.values.as_deref().unwrap_or_default(),
            place,
        }
    }

    /// Whether it is an entry of `nodeSelector`.
    pub fn is_in_node_selector(&self) -> bool {
        matches!(self.place, Place::NodeSelector)
    }

    /// Whether it is only preferred.
    pub fn is_preferred(&self) -> bool {
        matches!(self.place, Place::Preferred { .. })
    }

    /// Where it stands.
    pub fn path(&self, pod: &Pod<'_>) -> Pointer {
        match self.place {
            Place::NodeSelector => pod.at("/nodeSelector").key(self.key),
            Place::Required { term, expression } => {
                pod.required_terms_at().index(term).key("matchExpressions").index(expression)
            }
            Place::Preferred { term, expression } => {
                preferred_at(pod).index(term).join("/preference/matchExpressions").index(expression)
            }
        }
    }

    /// Where the value at `index` stands.
    pub fn value_path(&self, pod: &Pod<'_>, index: usize) -> Pointer {
        match self.place {
            Place::NodeSelector => self.path(pod),
            _ => self.path(pod).key("values").index(index),
        }
    }

    /// The field it stands in, for messages.
    pub fn field(&self) -> &'static str {
        match self.place {
            Place::NodeSelector => "nodeSelector",
            Place::Required { .. } => "required node affinity",
            Place::Preferred { .. } => "preferred node affinity",
        }
    }
}

/// How a pod leaves open what only seems to pin it to one system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// One of the ORed required terms does what the others forbid.
    Terms,
    /// Only the preferred term at this position names the system.
    Preferred(usize),
}

/// Where preferred node affinity stands.
pub fn preferred_at(pod: &Pod<'_>) -> Pointer {
    pod.at(NODE_AFFINITY).key("preferredDuringSchedulingIgnoredDuringExecution")
}

/// What a pod requires: see [`Pod::required_statements`].
pub(crate) fn required<'a>(spec: &'a PodSpec<'a>) -> Vec<Statement<'a>> {
    let mut statements = Vec::new();
    for (key, value) in spec.node_selector.iter().flat_map(|map| map.iter()) {
        statements.push(Statement {
            key,
            operator: "",
            values: std::slice::from_ref(value),
            place: Place::NodeSelector,
        });
    }
    for (term, of) in spec.required_terms().unwrap_or_default().iter().enumerate() {
        for (expression, r) in of.match_expressions.as_deref().unwrap_or_default().iter().enumerate() {
            statements.push(Statement::of(r, Place::Required { term, expression }));
        }
    }
    statements
}

impl<'a> Pod<'a> {
    /// What it requires: its `nodeSelector`, then the expressions of required node affinity.
    pub fn required_statements(&self) -> impl Iterator<Item = Statement<'a>> + Clone + use<'a, '_> {
        self.statements.iter().copied()
    }

    /// The expressions of preferred node affinity.
    pub fn preferred_statements(&self) -> impl Iterator<Item = Statement<'a>> + use<'a> {
        let affinity = self.spec.affinity.as_ref().and_then(|a| a.node_affinity.as_ref());
        let terms = affinity.and_then(|a| a.preferred.as_deref()).unwrap_or_default().iter().enumerate();
        terms.flat_map(|(index, term)| {
            let expressions = term.preference.as_ref().and_then(|p| p.match_expressions.as_deref());
            let expressions = expressions.unwrap_or_default().iter().enumerate();
            expressions.map(move |(expression, r)| Statement::of(r, Place::Preferred { term: index, expression }))
        })
    }

    /// The required statements that no node of `os` can satisfy, and others can. Those in affinity
    /// terms count only where no term is left for `os`.
    pub fn statements_against(&self, os: Os) -> impl Iterator<Item = Statement<'a>> + use<'a, '_> {
        let nodes = move |os| self.node_model(os, Reading::AsMeant);
        let allows = move |s: &Statement<'_>, os| nodes(os).allows(s.key, s.operator, s.values);
        let against = move |s: &Statement<'_>| !allows(s, os) && allows(s, os.other());
        self.required_statements()
            .filter(move |s| against(s) && (s.is_in_node_selector() || self.meant_fit(os) == Fit::No))
    }

    /// Whether labels other than that of the system lead a Windows pod to Linux nodes.
    pub fn asks_for_linux_nodes(&self) -> bool {
        self.is_windows() && self.statements_against(Os::Windows).any(|statement| !states_os(statement.key))
    }

    /// What becomes of a Windows pod whose labels leave it no Windows node.
    pub fn end_without_windows_node(&self) -> &'static str {
        match (self.placement.linux, self.os_name()) {
            (Placement::No, _) => "this Windows pod stays Pending",
            (_, Some(Os::Windows)) => "this Windows pod is put on a Linux node, whose kubelet refuses it",
            _ => "this Windows pod is put on a Linux node",
        }
    }

    /// The builds of the Windows nodes that the pod may be put on, as far as somebody named them: in the
    /// settings, by nodes in the context, or in labels that the pod, its RuntimeClass or its namespace ask
    /// for. Empty where nobody did.
    pub fn builds_in_reach(&self) -> &[u32] {
        self.builds_in_reach.get_or_init(|| self.find_builds_in_reach())
    }

    fn find_builds_in_reach(&self) -> Vec<u32> {
        let named = |key: &str, value: &str| match key {
            WINDOWS_BUILD => windows_build_meant(value),
            key => sku_build(key, value),
        };
        let listed = |s: &Statement<'a>| matches!(s.operator, "" | "In");
        let known = self.named_builds();
        let is_open = known.is_none();
        let mut builds = known.unwrap_or_default();
        if is_open {
            for statement in self.required_statements().filter(listed) {
                // The user names a handful at most; more than that is no list of nodes.
                for build in statement.values.iter().filter_map(|value| named(statement.key, value)) {
                    if builds.len() < 64 && !builds.contains(&build) {
                        builds.push(build);
                    }
                }
            }
            let class = self.runtime_class().and_then(|c| c.scheduling.as_ref()).and_then(|s| s.node_selector.as_ref());
            let class = class.into_iter().flat_map(|map| map.iter()).filter_map(|(key, value)| named(key, value));
            let namespace = self.world.context.namespace_node_selector(self.namespace());
            for build in class.chain(namespace.filter_map(|(key, value)| named(key, value))) {
                if !builds.contains(&build) {
                    builds.push(build);
                }
            }
        }
        let is_one_term = self.required_terms().is_none_or(|terms| terms.len() < 2);
        let has_sku = |build: u32| {
            self.required_statements()
                .filter(|s| listed(s) && is_aks_sku(s.key) && (is_one_term || s.is_in_node_selector()))
                .all(|s| s.values.iter().any(|value| sku_build(s.key, value).is_none_or(|named| named == build)))
        };
        let takes = |build: &u32| {
            let nodes =
                NodeModel { builds: std::slice::from_ref(build), ..self.node_model(Os::Windows, Reading::AsMeant) };
            self.selector.fit(&nodes) != Fit::No && has_sku(*build)
        };
        builds.retain(takes);
        builds
    }

    /// The builds in the settings; else those of the Windows nodes in the context that the pod may go to.
    /// `None` where nobody named any.
    fn named_builds(&self) -> Option<Vec<u32>> {
        let all = self.world.builds();
        if all.is_empty() || !self.world.settings.windows.builds.is_empty() {
            return Some(all.to_vec()).filter(|all| !all.is_empty());
        }
        let mut builds = Vec::new();
        for node in self.world.context.nodes().filter(|node| self.may_go_to(node)) {
            if let Some(build) = node.build().or_else(|| node.kernel()) {
                order::insert(&mut builds, build);
            }
        }
        Some(builds)
    }

    /// Whether the pod means to go to a Windows node of the context. A wrong letter in how it says so is for
    /// rules to mend.
    pub fn may_go_to(&self, node: &Node<'_>) -> bool {
        let build = node.build();
        let nodes = NodeModel { builds: build.as_slice(), ..self.node_model(Os::Windows, Reading::AsMeant) };
        node.os == Os::Windows
            && self.node_name().is_none_or(|name| name == node.name)
            && self.selector.matches_as_read(node.name, node.labels, &nodes)
    }

    /// The system of the nodes that the pod names, by `nodeName` or by their name in required affinity, where
    /// the context has them and they are all of one.
    pub fn os_of_named_nodes(&self) -> Option<Os> {
        let name = self.node_name();
        let is_named = |node: &&Node<'_>| match name {
            Some(name) => node.name == name,
            None => self.selector.names_a_node() && self.selector.matches(node.name, node.labels),
        };
        let mut named = self.world.context.nodes().filter(is_named).map(|node| node.os);
        let os = named.next()?;
        named.all(|other| other == os).then_some(os)
    }

    /// Whether the pod, which is not known to be meant for Windows, may land on a Windows node all the
    /// same: nothing but a taint stands against it. Where `os.name` or `nodeName` is set, or both
    /// systems are let in by name, that is another matter.
    pub fn is_exposed_to_windows(&self) -> bool {
        !self.is_windows()
            && self.world.settings.may_have_windows_nodes()
            && self.os_name().is_none()
            && self.node_name().is_none()
            && self.fits_both()
            && self.meant_fit(Os::Linux) != Fit::No
            && self.placement.windows != Placement::No
            && !self.is_for_both()
    }

    /// Whether the pod lets in both systems on purpose: by name in one expression or, where nothing
    /// tells what it is meant for, with a term for each.
    pub fn is_for_both(&self) -> bool {
        let terms = 0..self.required_terms().unwrap_or_default().len();
        let has_term_for = |os| terms.clone().any(|index| self.term_means(index, os) == (true, false));
        self.admits_both_by_name().is_some()
            || (self.intent.is_none() && has_term_for(Os::Windows) && has_term_for(Os::Linux))
    }

    /// Whether `nodeSelector` may ask for this: its RuntimeClass and its namespace may ask for the
    /// label too, and where the values differ the API server refuses the pod.
    pub fn may_select(&self, key: &str, value: &str) -> bool {
        let class = self.runtime_class().and_then(|c| c.scheduling.as_ref()).and_then(|s| s.node_selector.as_ref());
        let mut of_namespace = self.world.context.namespace_node_selector(self.namespace());
        class.and_then(|class| class.get(key)).is_none_or(|wanted| &**wanted == value)
            && of_namespace.all(|(other, wanted)| other != key || wanted == value)
    }

    /// The fix that pins the pod to nodes of `os`; safe where the pod is surely meant for it.
    pub fn pin(&self, os: Os) -> Fix {
        let title = match os {
            Os::Windows => "Pin the pod to Windows nodes",
            Os::Linux => "Pin the pod to Linux nodes",
        };
        self.fix_for(os, title).set(self.at("/nodeSelector").key(OS), os.label())
    }

    /// The required statement that lets in both systems by name, such as `In [linux, windows]`, of a
    /// pod that both can indeed take. The letter case is another rule's matter.
    pub fn admits_both_by_name(&self) -> Option<Statement<'a>> {
        if !self.fits_both() {
            return None;
        }
        self.required_statements().find(|statement| {
            let names = |os: Os| statement.values.iter().any(|value| Os::named(value) == Some(os));
            matches!(statement.key, OS | OS_BETA)
                && statement.operator == "In"
                && names(Os::Windows)
                && names(Os::Linux)
        })
    }

    /// Whether nodes of both systems can have the labels the pod asks for, or means to ask for: nothing
    /// pins it.
    pub fn fits_both(&self) -> bool {
        [Os::Windows, Os::Linux].into_iter().all(|os| self.label_fit(os) != Fit::No || self.meant_fit(os) != Fit::No)
    }

    /// Whether nodes of `os` can satisfy what a required term means, and whether the others can.
    fn term_means(&self, index: usize, os: Os) -> (bool, bool) {
        let can = |os| self.selector.term_fit(index, &self.node_model(os, Reading::AsMeant)) != Fit::No;
        (can(os), can(os.other()))
    }

    /// How a pod that names a system in its affinity is still not pinned to it. Where it is known
    /// what the pod is meant for, only naming that system counts.
    pub fn affinity_gap(&self) -> Option<Gap> {
        if !self.fits_both() || self.admits_both_by_name().is_some() {
            return None;
        }
        let meant = self.intent.map(|intent| intent.os);
        let terms = 0..self.required_terms().unwrap_or_default().len();
        let is_closed = |index: usize| match (self.term_means(index, Os::Windows), meant) {
            ((true, false), meant) => meant != Some(Os::Linux),
            ((false, true), meant) => meant != Some(Os::Windows),
            _ => false,
        };
        if terms.clone().any(is_closed) && terms.clone().any(|index| self.is_gap(index)) {
            return Some(Gap::Terms);
        }
        let affinity = self.spec.affinity.as_ref()?.node_affinity.as_ref()?;
        let can = |preferred: &crate::object::pod::PreferredSchedulingTerm<'_>, os| {
            let term = preferred.preference.as_ref();
            term.is_some_and(|term| Selector::preference_fit(term, &self.node_model(os, Reading::StatedOs)) != Fit::No)
        };
        let names = |preferred| match (can(preferred, Os::Windows), can(preferred, Os::Linux)) {
            (true, false) => meant != Some(Os::Linux),
            (false, true) => meant != Some(Os::Windows),
            _ => false,
        };
        affinity.preferred.as_deref()?.iter().position(names).map(Gap::Preferred)
    }

    /// Whether the required term at `index` lets in nodes of the system that the pod is not meant for;
    /// where that is unknown, whether it lets in nodes of both.
    pub fn is_gap(&self, index: usize) -> bool {
        let own = self.intent.map_or(Os::Windows, |intent| intent.os);
        let can = |os| self.term_fit(index, os) != Fit::No;
        let (_, means_other) = self.term_means(index, own);
        means_other && can(own.other()) && (can(own) || self.intent.is_some())
    }
}
