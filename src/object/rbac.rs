//! Who may do what: roles and their bindings (`k8s.io/api/rbac/v1`), and what a gMSA is
//! (`windows.k8s.io/v1`).

use super::read::{AnyObject, Str, view};
use crate::value::Value;

view! {
    /// `Role` or `ClusterRole`
    pub struct Role<'a> {
        aggregation_rule: AnyObject = "aggregationRule",
        rules: Vec<PolicyRule<'a>> = "rules",
    }

    /// `PolicyRule`
    pub struct PolicyRule<'a> {
        api_groups: Vec<Str<'a>> = "apiGroups",
        resource_names: Vec<Str<'a>> = "resourceNames",
        resources: Vec<Str<'a>> = "resources",
        verbs: Vec<Str<'a>> = "verbs",
    }

    /// `RoleBinding` or `ClusterRoleBinding`
    pub struct RoleBinding<'a> {
        role_ref: RoleRef<'a> = "roleRef",
        subjects: Vec<Subject<'a>> = "subjects",
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

    /// `GMSACredentialSpec`
    pub struct CredentialSpec<'a> { content: Value = "credspec" }
}
