//! The rules: one file each, found by its name, and one list of them all.
//!
//! A rule's file is read top-down: its documentation (which is also `transom explain`, the rule's
//! page and its first tests), its [`Rule`], its check. `cargo x new <name>` makes one.

#[cfg(feature = "docs")]
pub mod search;

use crate::finding::{Report, Severity, Stage};
use crate::object::network::ServiceSpec;
use crate::object::{Body, Object};
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::world::World;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// `WIN101`. Never changes its meaning.
    pub id: &'static str,
    /// `windows-pod-not-pinned`: names the defect, reads well after "allow".
    pub name: &'static str,
    /// The defect in one sentence.
    pub summary: &'static str,
    /// The severity, where the finding does not say otherwise.
    pub severity: Severity,
    /// Where the user would otherwise have met it, where the finding does not say otherwise.
    pub stage: Stage,
    /// Whether other objects decide about what it says of one, beyond what they say about where its pods
    /// run: claims, classes, Nodes, Services. Beside them it may find something where it finds nothing in
    /// the object alone.
    pub looks_around: bool,
    /// The release that brought it.
    pub since: &'static str,
    /// Where the facts are from. Empty without feature `docs`.
    pub sources: &'static [&'static str],
    /// Texts of the errors it saves one from. Empty without feature `docs`.
    pub errors: &'static [&'static str],
    /// What it looks at.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Check {
    /// Every pod and pod template.
    Pod(fn(&Pod<'_>, &mut Report<'_>)),
    /// Every object, whatever its kind.
    Object(fn(&Subject<'_>, &mut Report<'_>)),
    /// Every pod and pod template, and every object.
    Both(fn(&Pod<'_>, &mut Report<'_>), fn(&Subject<'_>, &mut Report<'_>)),
    /// The input itself: the core raises the finding where it reads.
    Input,
}

/// An object, for rules that look at objects other than pods.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The object.
    pub object: &'a Object<'a>,
    /// What surrounds it.
    pub world: World<'a>,
    /// The pointer to the object: empty, or its place in a List.
    pub path: &'a Pointer,
    /// The pods of the context that a Service, a NetworkPolicy or a SecurityGroupPolicy selects,
    /// and those of its namespace that mount a ConfigMap or a Secret.
    pub pods: &'a [Pod<'a>],
}

impl<'a> Subject<'a> {
    /// The namespace the object is in.
    pub fn namespace(&self) -> &'a str {
        self.world.namespace_of(self.object)
    }

    /// The selected pods that are meant for Windows.
    pub fn windows_pods(&self) -> impl Iterator<Item = &'a Pod<'a>> {
        self.pods.iter().filter(|pod| pod.is_windows())
    }

    /// The pointer to a place in the object; `relative` is a pointer of its own, such as `/spec`.
    pub fn at(&self, relative: &str) -> Pointer {
        self.path.join(relative)
    }

    /// The spec of a Service that selects pods meant for Windows.
    pub fn windows_service(&self) -> Option<&'a ServiceSpec<'a>> {
        let Body::Service(service) = &self.object.body else { return None };
        self.windows_pods().next()?;
        service.spec.as_ref()
    }

    /// The same, without those that have no address of their own: Windows nodes have no part in them.
    pub fn balanced_windows_service(&self) -> Option<&'a ServiceSpec<'a>> {
        self.windows_service().filter(|service| !service.is_headless())
    }
}

/// Keeps documentation out of builds without feature `docs`.
pub(crate) const fn docs(texts: &'static [&'static str]) -> &'static [&'static str] {
    if cfg!(feature = "docs") { texts } else { &[] }
}

impl Rule {
    /// Keeps the summary out of builds without feature `summaries`: nobody reads it there.
    const fn built(self) -> Self {
        if cfg!(feature = "summaries") { self } else { Rule { summary: "", ..self } }
    }
}

macro_rules! registry {
    ($($family:ident { $($rule:ident),* $(,)? })*) => {
        $(
            #[allow(missing_docs)]
            pub mod $family {
                $(pub mod $rule;)*
            }
        )*

        static RULES: &[&Rule] = &[$($(&$family::$rule::RULE.built()),*),*];

        /// Family and module of the rules, in the order of [`all`].
        #[cfg(test)]
        static MODULES: &[(&str, &str)] = &[$($((stringify!($family), stringify!($rule))),*),*];

        /// The source files of the rules, in the order of [`all`]: their documentation is in them.
        #[cfg(feature = "docs")]
        static FILES: &[&str] = &[$($(include_str!(concat!(stringify!($family), "/", stringify!($rule), ".rs"))),*),*];
    };
}

registry! {
    input { wrong_type, expired_suppression, unused_suppression, unknown_suppression }
    placement {
        windows_pod_not_pinned, os_field_not_pinned, contradictory_placement, invalid_os_label_value,
        deprecated_os_label, affinity_os_gap, linux_pod_not_pinned, linux_pod_tolerates_windows,
        missing_windows_toleration, toleration_value_case, pod_os_label_mismatch,
        node_name_bypasses_scheduler, unsupported_architecture, linux_only_nodes_selected,
        eks_os_not_in_node_selector, spread_counts_windows_nodes, malformed_windows_build,
        mixed_os_containers, build_not_pinned, namespace_node_selector_conflict, invalid_os_toleration,
    }
    security {
        rejected_linux_field,
        ignored_linux_field,
        privileged_container,
        windows_options_on_linux,
        invalid_os_field,
        unsupported_stop_signal,
        non_root_administrator,
        non_root_not_enforced,
        runs_as_administrator,
        invalid_run_as_user_name,
        unknown_run_as_user,
        restricted_profile_without_os,
        linux_security_annotation,
        secret_on_disk,
        resize_on_windows,
        refused_by_kubelet,
    }
    identity {
        mixed_host_process,
        host_process_without_host_network,
        host_process_user,
        host_process_non_root,
        host_process_pipe_mount,
        host_process_path,
        host_process_hyper_v,
        host_process_host_aliases,
        host_process_gmsa,
        host_access_without_host_process,
        gmsa_not_inlined,
        invalid_gmsa,
        obsolete_gmsa_annotation,
        obsolete_gmsa_api,
        gmsa_identity_unused,
        gmsa_use_not_granted,
        incomplete_credential_spec,
        gmsa_webhook_disabled,
    }
    network {
        host_network,
        host_port,
        dns_policy,
        dns_config,
        partial_service_name,
        sctp,
        icmp_check,
        linux_cni_annotation,
        eks_unsupported_networking,
        flannel_vxlan_settings,
        session_affinity,
        traffic_policy,
        ip_family,
        service_spans_os,
        too_many_backends,
        network_policy_not_enforced,
        network_policy_feature,
        eks_windows_ipam,
        named_target_port_differs,
        calico_settings,
    }
    storage {
        memory_empty_dir,
        unsupported_volume,
        linux_csi_driver,
        linux_file_system,
        ntfs_on_linux,
        azure_file_options,
        block_volume,
        mount_propagation,
        recursive_read_only,
        absolute_sub_path,
        file_mode,
        ntfs_file_name,
        linux_host_path,
        runtime_socket,
        half_named_pipe,
        system_drive_mount,
        unc_path,
        image_volume,
        shared_disk,
        flex_volume,
        host_path_steps_back,
        log_folder_access,
        mount_paths_collide,
    }
    images {
        linux_image,
        windows_image_on_linux,
        image_build_mismatch,
        retired_windows_build,
        unpublished_image_tag,
        floating_framework_tag,
        legacy_image_repository,
        unknown_image_os,
        oversized_base_image,
        host_process_image,
    }
    process {
        linux_command,
        windows_command_on_linux,
        shell_built_in,
        unsplit_command,
        powershell_in_nanoserver,
        linux_path,
        path_overridden,
        environment_case_collision,
        slow_start_probe,
        short_probe_timeout,
        variable_not_expanded,
    }
    resources {
        linux_only_resource,
        windows_only_resource,
        no_memory_limit,
        memory_overcommitted,
        memory_limit_too_low,
        memory_in_millibytes,
        cpu_limit_too_low,
        dynamic_resource_allocation,
        does_not_fit_any_windows_node,
    }
    cluster {
        linux_sidecar_injection,
        linux_agent_on_windows,
        linux_runtime_class,
        runtime_class_not_pinned,
        hyper_v_isolation,
        runtime_class_conflict,
        windows_node_without_taint,
        unsupported_node_version,
        node_reserves_too_little,
    }
}

/// All rules, by id.
pub fn all() -> &'static [&'static Rule] {
    RULES
}

/// The rule with this id or name, whatever the letter case.
pub fn find(id_or_name: &str) -> Option<&'static Rule> {
    position(id_or_name).map(|index| RULES[index])
}

/// The position in [`all`] of the rule with this id or name.
pub(crate) fn position(id_or_name: &str) -> Option<usize> {
    RULES.iter().position(|r| r.id.eq_ignore_ascii_case(id_or_name) || r.name.eq_ignore_ascii_case(id_or_name))
}

/// The documentation of a rule in Markdown: the `//!` text of its file, without the marks.
#[cfg(feature = "docs")]
pub fn documentation(rule: &Rule) -> String {
    let file = position(rule.id).map_or("", |index| FILES[index]);
    let lines = file.lines().map_while(|line| line.strip_prefix("//!"));
    let mut text = String::new();
    for line in lines {
        text.push_str(line.strip_prefix(' ').unwrap_or(line));
        text.push('\n');
    }
    text
}

/// What the documentation says before its first heading: summary, what happens, what to do.
#[cfg(feature = "docs")]
pub fn introduction(rule: &Rule) -> String {
    let mut text = documentation(rule);
    text.truncate(text.find("\n## ").unwrap_or(text.len()));
    text.trim().to_owned()
}

/// What to do instead, as the documentation says: the last paragraph of its introduction.
#[cfg(feature = "docs")]
pub fn remedy(rule: &Rule) -> String {
    introduction(rule).rsplit("\n\n").next().unwrap_or_default().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_and_names_match_their_files() {
        let ids: Vec<_> = all().iter().map(|r| r.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "the list is by id: {ids:?}");
        let families = [
            "input",
            "placement",
            "security",
            "identity",
            "network",
            "storage",
            "images",
            "process",
            "resources",
            "cluster",
        ];
        for (rule, (family, module)) in all().iter().zip(MODULES) {
            let hundred = rule.id.strip_prefix("WIN").and_then(|number| number.parse::<usize>().ok()).map(|n| n / 100);
            assert!(
                rule.id.len() == 6 && hundred.and_then(|n| families.get(n)) == Some(family),
                "{}: {family}",
                rule.id
            );
            assert_eq!(rule.name.replace('-', "_"), *module, "{}", rule.id);
            assert!(rule.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.name);
            assert!(!rule.summary.ends_with('.'), "{}: no full stop in the summary", rule.name);
        }
    }
}
