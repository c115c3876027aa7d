//! What a pod itself states about the labels of its node, each statement with its place.
//!
//! [`super::selector`] answers whether a node can satisfy all of it together; rules that point at
//! single values look here.

use super::labels::{OS, OS_BETA, states_os};
use super::os::Os;
use super::selector::{Fit, Reading, Selector};
use crate::object::pod::{NodeSelectorRequirement, PodSpec};
use crate::object::read::Str;
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

    /// Whether the pod lets in both systems on purpose: by name in one expression or, where nothing
    /// tells what it is meant for, with a term for each.
    pub fn is_for_both(&self) -> bool {
        let terms = 0..self.required_terms().unwrap_or_default().len();
        let has_term_for = |os| terms.clone().any(|index| self.term_means(index, os) == (true, false));
        self.admits_both_by_name().is_some()
            || (self.intent.is_none() && has_term_for(Os::Windows) && has_term_for(Os::Linux))
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
