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
use crate::value::Value;

pub const RULE: Rule = Rule {
    id: "WIN317",
    name: "incomplete-credential-spec",
    summary: "A GMSACredentialSpec lacks a part without which nobody can log in with it",
    severity: Severity::Warning,
    stage: Stage::Process,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-gmsa/#create-gmsa-credential-spec-resources",
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/manage-serviceaccounts",
    ]),
    errors: docs(&["does not have a credspec key", "The trust relationship between this workstation and the primary domain failed"]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Body::CredentialSpec(content) = &subject.object.body else { return };
    for place in [&["CmsPlugins"][..], &["ActiveDirectoryConfig", "GroupManagedServiceAccounts"]] {
        let mut path = subject.path.clone();
        let mut value = content;
        // As far as it is there.
        let mut rest = ["credspec"].iter().chain(place);
        let mut is_there = *content != Value::Null;
        if is_there {
            path = path.key("credspec");
            rest.next();
        }
        for field in rest {
            match value.get(field).filter(|_| is_there) {
                Some(below) => {
                    value = below;
                    path = path.key(field);
                }
                None => is_there = false,
            }
        }
        if is_there && !value.elements().is_empty() {
            continue;
        }
        let name = crate::text::join(place, ".");
        let what = if is_there { "is empty" } else { "is missing" };
        report
            .finding(path, format!("credspec.{name} {what}: without it no login to the domain works"))
            .help("put the whole content of a file that `New-CredentialSpec` writes under `credspec`");
    }
}
