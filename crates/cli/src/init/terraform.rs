//! Clusters and node pools in Terraform.

use hcl::{Block, Body, Expression};

use super::{Findings, Taint, build, is_effect, note, note_version};

/// The clusters and node pools of a file of Terraform.
pub(super) fn look(body: &Body, label: &str, findings: &mut Findings) {
    for module in body.blocks().filter(|block| block.identifier() == "module") {
        let name = module.labels().first().map_or("", hcl::BlockLabel::as_str);
        look_at_module(module.body(), &format!("{label}: module.{name}"), findings);
    }
    for block in body.blocks().filter(|block| block.identifier() == "resource") {
        let mut names = block.labels().iter().map(hcl::BlockLabel::as_str);
        let (kind, name) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
        let from = format!("{label}: {kind}.{name}");
        match kind {
            "azurerm_kubernetes_cluster" => {
                note(&mut findings.platforms, "aks", &from);
                version(&block.body, "kubernetes_version", &from, findings);
                // The first pool of a cluster is always one of Linux.
                for pool in inner(&block.body, "default_node_pool") {
                    labels(pool.body(), "node_labels", false, &from, findings);
                }
                for profile in inner(&block.body, "network_profile") {
                    let said = |field| text(profile.body(), field);
                    let cni = match (said("network_plugin"), said("network_policy"), said("network_data_plane")) {
                        (_, Some("calico"), _) => Some("calico"),
                        (Some("azure"), Some("azure"), _) => Some("azure-npm"),
                        (Some("azure"), Some("cilium"), _) | (Some("azure"), _, Some("cilium")) => Some("azure-cilium"),
                        (Some("azure"), None, _) => Some("azure"),
                        _ => None,
                    };
                    cni.into_iter().for_each(|cni| note(&mut findings.cnis, cni, &from));
                }
            }
            "azurerm_kubernetes_cluster_node_pool" => {
                note(&mut findings.platforms, "aks", &from);
                let is_windows = text(&block.body, "os_type").is_some_and(|os| os.eq_ignore_ascii_case("windows"));
                if is_windows {
                    build(text(&block.body, "os_sku"), &from, findings);
                    for taint in texts(&block.body, "node_taints").iter().filter_map(|taint| azure_taint(taint)) {
                        note(&mut findings.taints, taint, &from);
                    }
                    // AKS gives every node the name of its pool in this label.
                    let pool = text(&block.body, "name").map(|name| ("agentpool".to_owned(), name.to_owned()));
                    pool.into_iter().for_each(|label| note(&mut findings.windows_labels, label, &from));
                }
                labels(&block.body, "node_labels", is_windows, &from, findings);
            }
            "aws_eks_cluster" => {
                note(&mut findings.platforms, "eks", &from);
                version(&block.body, "version", &from, findings);
            }
            "aws_eks_node_group" => {
                note(&mut findings.platforms, "eks", &from);
                let image = text(&block.body, "ami_type").unwrap_or_default();
                let is_windows = image.starts_with("WINDOWS");
                if is_windows {
                    build(Some(image), &from, findings);
                    inner(&block.body, "taint").for_each(|taint| block_taint(taint, &from, findings));
                }
                labels(&block.body, "labels", is_windows, &from, findings);
            }
            "google_container_cluster" => {
                note(&mut findings.platforms, "gke", &from);
                version(&block.body, "min_master_version", &from, findings);
                for config in inner(&block.body, "node_config") {
                    labels(config.body(), "labels", false, &from, findings);
                }
            }
            "google_container_node_pool" => {
                note(&mut findings.platforms, "gke", &from);
                for config in inner(&block.body, "node_config") {
                    let image = text(config.body(), "image_type").unwrap_or_default();
                    let is_windows = image.to_ascii_uppercase().starts_with("WINDOWS");
                    if is_windows {
                        let windows = inner(config.body(), "windows_node_config").next();
                        build(windows.and_then(|windows| text(windows.body(), "osversion")), &from, findings);
                        inner(config.body(), "taint").for_each(|taint| block_taint(taint, &from, findings));
                    }
                    labels(config.body(), "labels", is_windows, &from, findings);
                }
            }
            _ => {}
        }
    }
}

/// The modules of the registry that make clusters, with the argument that has the version of Kubernetes.
const MODULES: &[(&str, &str, &str)] = &[
    ("Azure/aks/azurerm", "aks", "kubernetes_version"),
    ("terraform-aws-modules/eks/aws", "eks", "cluster_version"),
    ("terraform-aws-modules/eks/aws", "eks", "kubernetes_version"),
    ("terraform-google-modules/kubernetes-engine/google", "gke", "kubernetes_version"),
];

/// What a module that makes a cluster says of it; its pools are written in each module's own way.
fn look_at_module(body: &Body, from: &str, findings: &mut Findings) {
    // `Azure/aks/azurerm//v4` is a module in a folder of it.
    let source = text(body, "source").unwrap_or_default().split("//").next().unwrap_or_default();
    for (_, platform, field) in MODULES.iter().filter(|(module, ..)| *module == source) {
        note(&mut findings.platforms, *platform, from);
        version(body, field, from, findings);
    }
}

fn inner<'b>(body: &'b Body, name: &'b str) -> impl Iterator<Item = &'b Block> {
    body.blocks().filter(move |block| block.identifier() == name)
}

/// An attribute that is a plain string; what is computed is not known.
fn text<'b>(body: &'b Body, name: &str) -> Option<&'b str> {
    match body.attributes().find(|attribute| attribute.key() == name)?.expr() {
        Expression::String(text) => Some(text),
        _ => None,
    }
}

fn texts(body: &Body, name: &str) -> Vec<String> {
    match body.attributes().find(|attribute| attribute.key() == name).map(hcl::Attribute::expr) {
        Some(Expression::Array(items)) => items
            .iter()
            .filter_map(|item| match item {
                Expression::String(text) => Some(text.clone()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn version(body: &Body, name: &str, from: &str, findings: &mut Findings) {
    note_version(text(body, name).unwrap_or_default(), from, findings);
}

/// `os=windows:NoSchedule`
fn azure_taint(taint: &str) -> Option<Taint> {
    let (pair, effect) = taint.rsplit_once(':')?;
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    Some((key.to_owned(), value.to_owned(), effect.to_owned())).filter(|(.., effect)| is_effect(effect))
}

/// `taint { key = "os" value = "windows" effect = "NO_SCHEDULE" }`
fn block_taint(block: &Block, from: &str, findings: &mut Findings) {
    let effect = match text(block.body(), "effect") {
        Some("NO_SCHEDULE") => "NoSchedule",
        Some("PREFER_NO_SCHEDULE") => "PreferNoSchedule",
        Some("NO_EXECUTE") => "NoExecute",
        _ => return,
    };
    if let Some(key) = text(block.body(), "key") {
        let value = text(block.body(), "value").unwrap_or_default();
        note(&mut findings.taints, (key.to_owned(), value.to_owned(), effect.to_owned()), from);
    }
}

fn labels(body: &Body, name: &str, is_windows: bool, from: &str, findings: &mut Findings) {
    let Some(Expression::Object(labels)) =
        body.attributes().find(|attribute| attribute.key() == name).map(hcl::Attribute::expr)
    else {
        return;
    };
    for (key, value) in labels.iter() {
        let key = match key {
            hcl::ObjectKey::Identifier(name) => name.as_str().to_owned(),
            hcl::ObjectKey::Expression(Expression::String(text)) => text.clone(),
            _ => continue,
        };
        if let Expression::String(value) = value {
            let of = if is_windows { &mut findings.windows_labels } else { &mut findings.linux_labels };
            note(of, (key, value.clone()), from);
        }
    }
}
