//! A field has a value of another type than Kubernetes gives it.
//!
//! The API server refuses the whole object ("json: cannot unmarshal …"), and often the cause is a
//! missing or a superfluous pair of quotes: `hostNetwork: "yes"` is a string, an unquoted `20348` a
//! number. The rest of the object is judged all the same.
//!
//! A placeholder that a tool has yet to fill in, such as `${REPLICAS}`, is mentioned and is no error.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os:
//!     name: linux
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   hostNetwork: "yes"
//!   containers:
//!     - name: web
//!       image: nginx:1.27
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os:
//!     name: linux
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   hostNetwork: true
//!   containers:
//!     - name: web
//!       image: nginx:1.27
//! ```

use crate::finding::{Severity, Stage};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN001",
    name: "wrong-type",
    summary: "A field has a value of the wrong type",
    severity: Severity::Error,
    stage: Stage::ApiServer,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&["https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/"]),
    errors: docs(&[
        "json: cannot unmarshal string into Go struct field",
        "cannot unmarshal number into Go struct field",
    ]),
    check: Check::Input,
};
