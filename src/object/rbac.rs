//! Who may do what: roles and their bindings (`k8s.io/api/rbac/v1`).

use super::read::{Present, Str, view};

view! {
    /// `PolicyRule`
    pub struct PolicyRule<'a> {
        api_groups: Vec<Str<'a>> = "apiGroups",
        resource_names: Vec<Str<'a>> = "resourceNames",
        resources: Vec<Str<'a>> = "resources",
        verbs: Vec<Str<'a>> = "verbs",
    }

    /// `RoleRef`
    pub struct RoleRef<'a> {
        kind: Str<'a> = "kind",
        name: Str<'a> = "name",
    }

    /// `Subject`
    pub struct Subject<'a> {
        kind: Str<'a> = "kind",
        name: Str<'a> = "name",
        namespace: Str<'a> = "namespace",
    }
}

/// `Role` or `ClusterRole`
#[derive(Debug, Default)]
pub struct Role<'a> {
    /// `rules`
    pub rules: Option<Vec<PolicyRule<'a>>>,
    /// `aggregationRule`: its rules come from other roles.
    pub aggregation_rule: Option<Present>,
}

/// `RoleBinding` or `ClusterRoleBinding`
#[derive(Debug, Default)]
pub struct RoleBinding<'a> {
    /// `roleRef`
    pub role_ref: Option<RoleRef<'a>>,
    /// `subjects`
    pub subjects: Option<Vec<Subject<'a>>>,
}
