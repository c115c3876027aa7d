//! A GMSACredentialSpec lacks a part without which nobody can log in with it.
//!
//! Windows reads two things in a credential spec: in `CmsPlugins`, that `ActiveDirectory` is to be asked,
//! and in `ActiveDirectoryConfig.GroupManagedServiceAccounts`, for which accounts. The definition of the
//! resource asks for neither. Without one of them the pod starts, and its logins to the domain fail.
//!
//! `New-CredentialSpec` of the PowerShell module CredentialSpec writes a complete one; put its content
//! under `credspec`.
//!
//! ## Bad
//! ```yaml
//! apiVersion: windows.k8s.io/v1
//! kind: GMSACredentialSpec
//! metadata:
//!   name: shop-web
//! credspec:
//!   CmsPlugins:
//!     - ActiveDirectory
//!   DomainJoinConfig:
//!     DnsName: corp.example.com
//!     DnsTreeName: corp.example.com
//!     Guid: 244818ae-87ac-4fcd-92ec-e79e5252348a
//!     MachineAccountName: ShopWeb
//!     NetBiosName: CORP
//!     Sid: S-1-5-21-2126449477-2524075714-3094792973
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: windows.k8s.io/v1
//! kind: GMSACredentialSpec
//! metadata:
//!   name: shop-web
//! credspec:
//!   ActiveDirectoryConfig:
//!     GroupManagedServiceAccounts:
//!       - Name: ShopWeb
//!         Scope: CORP
//!       - Name: ShopWeb
//!         Scope: corp.example.com
//!   CmsPlugins:
//!     - ActiveDirectory
//!   DomainJoinConfig:
//!     DnsName: corp.example.com
//!     DnsTreeName: corp.example.com
//!     Guid: 244818ae-87ac-4fcd-92ec-e79e5252348a
//!     MachineAccountName: ShopWeb
//!     NetBiosName: CORP
//!     Sid: S-1-5-21-2126449477-2524075714-3094792973
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::Body;
use crate::rules::{Check, Rule, Subject, docs};
use crate::text;
use crate::value::Value;

pub const RULE: Rule = Rule {
    id: "WIN317",
    name: "incomplete-credential-spec",
    summary: "A GMSACredentialSpec lacks a part without which nobody can log in with it",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-gmsa/#create-gmsa-credential-spec-resources",
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/manage-serviceaccounts",
    ]),
    errors: docs(&[
        "does not have a credspec key",
        "The trust relationship between this workstation and the primary domain failed",
    ]),
    check: Check::Object(check),
};

const HELP: &str = "put the whole content of a file that `New-CredentialSpec` writes under `credspec`";

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Body::CredentialSpec(spec) = &subject.object.body else { return };
    let at = subject.path.key("credspec");
    let Some(content @ Value::Object(_)) = &spec.content else {
        let path = if spec.content.is_some() { at } else { subject.path.clone() };
        report.finding(path, "credspec holds nothing: a pod that names this object is refused").help(HELP);
        return;
    };
    for place in [&["CmsPlugins"][..], &["ActiveDirectoryConfig", "GroupManagedServiceAccounts"]] {
        // As far as it is there.
        let (mut path, mut value) = (at.clone(), Some(content));
        for field in place {
            value = value.and_then(|value| value.get(field));
            if value.is_some() {
                path = path.key(field);
            }
        }
        if value.is_some_and(|value| !value.elements().is_empty()) {
            continue;
        }
        let name = text::join(place, ".");
        let what = if value.is_some() { "is empty" } else { "is missing" };
        let message = format!("credspec.{name} {what}: without it no login to the domain works");
        report.finding(path, message).help(HELP);
    }
}
