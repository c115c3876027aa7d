//! A GMSACredentialSpec of the API version `v1alpha1`.
//!
//! `windows.k8s.io/v1alpha1` is the version from before the gMSA feature was finished. The
//! definition of the resource serves `v1` with the same fields and marks the old version
//! deprecated, so that `kubectl` warns; where it is no longer served, `kubectl apply` fails with
//! "no matches for kind".
//!
//! Write `windows.k8s.io/v1`; nothing else changes. It is an edit of the manifest: an object that is
//! being admitted cannot change its version.
//!
//! ## Bad
//! ```yaml
//! apiVersion: windows.k8s.io/v1alpha1
//! kind: GMSACredentialSpec
//! metadata:
//!   name: shop-web # see the wiki
//! credspec:
//!   CmsPlugins:
//!     - ActiveDirectory
//!   ActiveDirectoryConfig:
//!     GroupManagedServiceAccounts:
//!       - Name: ShopWeb
//!         Scope: corp.example.com
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: windows.k8s.io/v1
//! kind: GMSACredentialSpec
//! metadata:
//!   name: shop-web # see the wiki
//! credspec:
//!   CmsPlugins:
//!     - ActiveDirectory
//!   ActiveDirectoryConfig:
//!     GroupManagedServiceAccounts:
//!       - Name: ShopWeb
//!         Scope: corp.example.com
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: windows.k8s.io/v1
//! kind: GMSACredentialSpec
//! metadata:
//!   name: shop-web
//! credspec:
//!   CmsPlugins:
//!     - ActiveDirectory
//!   ActiveDirectoryConfig:
//!     GroupManagedServiceAccounts:
//!       - Name: ShopWeb
//!         Scope: corp.example.com
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::Body;
use crate::rules::{Check, Rule, Subject, docs};

pub const RULE: Rule = Rule {
    id: "WIN314",
    name: "obsolete-gmsa-api",
    summary: "A GMSACredentialSpec of the API version v1alpha1",
    severity: Severity::Warning,
    stage: Stage::ApiServer,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-gmsa/#create-gmsa-credential-spec-resources",
        "https://github.com/kubernetes-sigs/windows-gmsa/blob/master/admission-webhook/deploy/gmsa-crd.yml",
    ]),
    errors: docs(&["no matches for kind \"GMSACredentialSpec\" in version \"windows.k8s.io/v1alpha1\""]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    if !matches!(subject.object.body, Body::CredentialSpec(_))
        || subject.object.api_version != "windows.k8s.io/v1alpha1"
    {
        return;
    }
    let path = subject.path.key("apiVersion");
    let finding = report.finding(path.clone(), "apiVersion windows.k8s.io/v1alpha1 is obsolete");
    finding.help("write `windows.k8s.io/v1`");
    // The API server takes no admission patch that changes it.
    if !subject.world.request.is_admission {
        finding.fix(Fix::safe("Write the current version").set(path, "windows.k8s.io/v1"));
    }
}
