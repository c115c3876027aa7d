//! The VPC CNI of EKS is not told to give addresses to Windows pods.
//!
//! On EKS a controller hands out the addresses of Windows pods, and only if the ConfigMap
//! `amazon-vpc-cni` in `kube-system` says `enable-windows-ipam: "true"`. Without it nothing is
//! refused: Windows pods are scheduled, get no address, and stay in ContainerCreating. Prefix
//! delegation for Windows alone does not switch it on. A Deployment `vpc-resource-controller`, left
//! from the times when this controller ran in the cluster, switches it off again.
//!
//! Set the value, and delete the old Deployment. The rule needs the setting `platform: eks`; for a
//! cluster without Windows nodes say `windows: {present: false}`.
//!
//! ## Bad
//! ```yaml
//! # settings: {platform: eks}
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: amazon-vpc-cni
//!   namespace: kube-system
//! data:
//!   enable-windows-ipam: "false" # as installed
//!   enable-windows-prefix-delegation: "true"
//! ```
//!
//! ## Fixed
//! ```yaml
//! # settings: {platform: eks}
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: amazon-vpc-cni
//!   namespace: kube-system
//! data:
//!   enable-windows-ipam: "true" # as installed
//!   enable-windows-prefix-delegation: "true"
//! ```
//!
//! ## Good
//! ```yaml
//! # settings: {platform: eks}
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: amazon-vpc-cni
//!   namespace: kube-system
//! data:
//!   enable-windows-ipam: "true"
//! ```
//! ```yaml
//! # settings: {platform: eks, windows: {present: false}}
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: amazon-vpc-cni
//!   namespace: kube-system
//! data:
//!   enable-windows-ipam: "false"
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::Body;
use crate::rules::{Check, Rule, Subject, docs};
use crate::settings::Platform;
use crate::text;

pub const RULE: Rule = Rule {
    id: "WIN418",
    name: "eks-windows-ipam",
    summary: "The VPC CNI of EKS is not told to give addresses to Windows pods",
    severity: Severity::Error,
    stage: Stage::Runtime,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://docs.aws.amazon.com/eks/latest/userguide/windows-support.html",
        "https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/pkg/condition/conditions.go",
        "https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/docs/troubleshooting.md",
    ]),
    errors: docs(&["failed to parse Kubernetes args: pod does not have label vpc.amazonaws.com/PrivateIPv4Address"]),
    check: Check::Object(check),
};

const IPAM: &str = "enable-windows-ipam";
const OLD_CONTROLLER: &str = "vpc-resource-controller";
const DELETE: &str = "delete the Deployment; the controller is now part of EKS' control plane";

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let settings = subject.world.settings;
    if settings.platform != Platform::Eks || !settings.may_have_windows_nodes() || subject.namespace() != "kube-system"
    {
        return;
    }
    let object = subject.object;
    match &object.body {
        Body::ConfigMap(map) if object.name() == "amazon-vpc-cni" => {
            let value = map.data.as_ref().and_then(|data| data.get(IPAM));
            let data = subject.path.key("data");
            let path = data.key(IPAM);
            if value.is_some_and(|value| text::is_true(value)) {
                if subject.world.context.find("Deployment", subject.namespace(), OLD_CONTROLLER).is_some() {
                    let message = format!(
                        "{IPAM}: it has no effect while the old {OLD_CONTROLLER} is in the cluster, so that Windows pods get no address"
                    );
                    report.finding(path, message).help(DELETE);
                }
                return;
            }
            let (place, what) = match (value, &map.data) {
                (Some(value), _) => (path.clone(), format!("{IPAM}: {:?} is not true", &**value)),
                (None, Some(_)) => (data, format!("{IPAM} is not set")),
                (None, None) => (subject.path.clone(), format!("{IPAM} is not set")),
            };
            report
                .finding(place, format!("{what}, so that Windows pods get no address"))
                .help(r#"set `enable-windows-ipam: "true"`"#)
                .fix(Fix::unsafe_("Let EKS give addresses to Windows pods").set(path, "true"));
        }
        _ if object.is("apps", "Deployment") && object.name() == OLD_CONTROLLER => {
            report
                .finding(
                    subject.path.join("/metadata/name"),
                    "the old vpc-resource-controller: while it is in the cluster, EKS gives no addresses to Windows pods",
                )
                .help(DELETE);
        }
        _ => {}
    }
}
