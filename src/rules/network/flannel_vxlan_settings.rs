//! Flannel's VXLAN is set up as Windows nodes cannot be.
//!
//! Windows can send VXLAN to port 4789 alone, and with network identifiers (VNI) from 4096 on; the
//! defaults of flannel on Linux are port 8472 and VNI 1. Where they are not set, the two systems
//! each take their own default and no packet passes between them. Where they are set to something
//! else, or with `DirectRouting` or `GBP`, flannel refuses to start on Windows nodes.
//!
//! Set `"VNI": 4096` and `"Port": 4789`, and leave the others off. Nodes that run must be restarted
//! with it, since Linux and Windows only meet with the same values. For a cluster without Windows
//! nodes say `windows: {present: false}`.
//!
//! ## Bad
//! ```yaml
//! # settings: {windows: {present: true}}
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: kube-flannel-cfg
//!   namespace: kube-flannel
//! data:
//!   net-conf.json: |
//!     {
//!       "Network": "10.244.0.0/16",
//!       "Backend": {
//!         "Type": "vxlan"
//!       }
//!     }
//! ```
//!
//! ## Fixed
//! ```yaml
//! # settings: {windows: {present: true}}
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: kube-flannel-cfg
//!   namespace: kube-flannel
//! data:
//!   net-conf.json: |
//!     {
//!       "Network": "10.244.0.0/16",
//!       "Backend": {
//!         "Type": "vxlan",
//!         "VNI": 4096,
//!         "Port": 4789
//!       }
//!     }
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: kube-flannel-cfg
//!   namespace: kube-flannel
//! data:
//!   net-conf.json: |
//!     {
//!       "Network": "10.244.0.0/16",
//!       "Backend": {"Type": "vxlan", "VNI": 4096, "Port": 4789}
//!     }
//! ```
//! Routes to the other nodes need none of it:
//! ```yaml
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: kube-flannel-cfg
//!   namespace: kube-flannel
//! data:
//!   net-conf.json: |
//!     {"Network": "10.244.0.0/16", "Backend": {"Type": "host-gw"}}
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::Body;
use crate::object::configuration::FLANNEL;
use crate::rules::{Check, Rule, Subject, docs};
use crate::text;
use crate::value::Value;

pub const RULE: Rule = Rule {
    id: "WIN410",
    name: "flannel-vxlan-settings",
    summary: "Flannel's VXLAN is set up as Windows nodes cannot be",
    severity: Severity::Error,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/flannel-io/flannel/blob/master/Documentation/backends.md#vxlan",
        "https://github.com/flannel-io/flannel/blob/master/pkg/backend/vxlan/vxlan_windows.go",
    ]),
    errors: docs(&[
        "invalid VXLAN backend config. VNI [1] must be greater than or equal to 4096 on Windows",
        "invalid VXLAN backend config. Port [8472] is not supported on Windows",
        "invalid VXLAN backend config. DirectRouting is not supported on Windows",
        "invalid VXLAN backend config. GBP is not supported on Windows",
    ]),
    check: Check::Object(check),
};

const CONFIG: &str = "net-conf.json";

const VNI: i64 = 4096;
const PORT: i64 = 4789;

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Body::ConfigMap(map) = &subject.object.body else { return };
    let world = subject.world;
    if subject.object.name() != FLANNEL || !world.settings.may_have_windows_nodes() {
        return;
    }
    let Some(config) = map.data.as_ref().and_then(|data| data.get(CONFIG)) else { return };
    let wrong = wrong_settings(config);
    if wrong.is_empty() {
        return;
    }
    let is_refused = wrong.iter().any(|wrong| wrong.is_set);
    let (why, stage) = match is_refused {
        true => ("flannel does not start with that on Windows nodes", Stage::Process),
        false => ("no packet passes between Linux and Windows nodes", Stage::Silent),
    };
    let said: Vec<String> = wrong.iter().map(Wrong::said).collect();
    let path = subject.path.key("data").key(CONFIG);
    let finding = report
        .finding(path.clone(), format!("{CONFIG}: VXLAN has {}: {why}", text::join(&said, ", ")))
        .help(
            r#"set `"VNI": 4096` and `"Port": 4789`, without DirectRouting and GBP, and restart flannel on every node"#,
        )
        .severity(if world.knows_windows_nodes() { Severity::Error } else { Severity::Warning })
        .stage(stage);
    if let Some(config) = mended(config, &wrong) {
        finding.fix(Fix::unsafe_("Set what Windows can do").set(path, config));
    }
}

/// A setting of the VXLAN backend that Windows cannot follow.
struct Wrong {
    field: &'static str,
    /// As it is, or what Linux takes it for where it is not set.
    value: &'static str,
    number: i64,
    is_set: bool,
    /// What to set.
    wanted: &'static str,
}

impl Wrong {
    fn said(&self) -> String {
        let Wrong { field, value, number, .. } = self;
        match (value.is_empty(), self.is_set) {
            (true, true) => format!("{field} {number}"),
            (true, false) => format!("{field} {number} (the default of Linux)"),
            (false, _) => format!("{field} {value}"),
        }
    }
}

/// What in `net-conf.json` Windows cannot follow; nothing where the backend is another one than VXLAN.
fn wrong_settings(config: &str) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let config = Value::parse(config).unwrap_or_default();
    let Some(backend) = field(&config, "Backend") else { return wrong };
    if !matches!(field(backend, "Type"), Some(Value::Text(name)) if name.eq_ignore_ascii_case("vxlan")) {
        return wrong;
    }
    let numbers = [("VNI", 1, "4096", VNI..=i64::MAX), ("Port", 8472, "4789", PORT..=PORT)];
    for (name, default, wanted, allowed) in numbers {
        let (number, is_set) = match field(backend, name) {
            None | Some(Value::Null) => (Some(default), false),
            Some(Value::Integer(number)) => (Some(*number), true),
            // No flannel starts with it, on whatever system.
            Some(_) => (None, true),
        };
        if let Some(number) = number.filter(|number| !allowed.contains(number)) {
            wrong.push(Wrong { field: name, value: "", number, is_set, wanted });
        }
    }
    for name in ["DirectRouting", "GBP"] {
        if field(backend, name) == Some(&Value::Boolean(true)) {
            wrong.push(Wrong { field: name, value: "true", number: 0, is_set: true, wanted: "false" });
        }
    }
    wrong
}

/// A field as Go reads it: in any letter case.
fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let Value::Object(fields) = value else { return None };
    fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The configuration with what Windows can do, written as it was; `None` where that cannot be done
/// by changing the text.
fn mended(config: &str, wrong: &[Wrong]) -> Option<String> {
    let mut mended = config.to_owned();
    for wrong in wrong {
        let backend = text::find(&mended, "\"Backend\"")?;
        if wrong.is_set {
            let start = value_of(&mended, backend, wrong.field)?;
            let len = mended[start..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count();
            mended.replace_range(start..start + len, wrong.wanted);
        } else {
            // Behind the VNI or the type, and as far in as the type.
            let vni = if wrong.field == "Port" { value_of(&mended, backend, "VNI") } else { None };
            let start = vni.or_else(|| value_of(&mended, backend, "Type"))?;
            let end = start + mended[start..].find([',', '}', '\n'])?;
            let end = mended[..end].trim_end().len();
            let name = backend + text::find(&mended[backend..], "\"Type\"")?;
            let indent = mended[..name].trim_end().len();
            let between = if indent == name { " ".to_owned() } else { mended[indent..name].to_owned() };
            mended.insert_str(end, &format!(",{between}\"{}\": {}", wrong.field, wrong.wanted));
        }
    }
    wrong_settings(&mended).is_empty().then_some(mended)
}

/// Where the value of a field begins, behind the position `from`.
fn value_of(config: &str, from: usize, field: &str) -> Option<usize> {
    let name = from + text::find(&config[from..], &format!("\"{field}\""))? + field.len() + 2;
    let colon = name + config[name..].find(':')? + 1;
    Some(config.len() - config[colon..].trim_start().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(config: &str) -> Option<String> {
        mended(config, &wrong_settings(config))
    }

    #[test]
    fn settings_are_mended_in_place() {
        for (config, expected) in [
            (r#"{"Backend":{"Type":"vxlan"}}"#, r#"{"Backend":{"Type":"vxlan", "VNI": 4096, "Port": 4789}}"#),
            (
                r#"{"Backend": {"VNI" : 1, "Type": "VXLAN", "Port":8472, "GBP": true}}"#,
                r#"{"Backend": {"VNI" : 4096, "Type": "VXLAN", "Port":4789, "GBP": false}}"#,
            ),
            (
                "{\"Backend\": {\n\t\"Type\": \"vxlan\",\n\t\"VNI\": 4096,\n\t\"DirectRouting\": true\n}}",
                "{\"Backend\": {\n\t\"Type\": \"vxlan\",\n\t\"VNI\": 4096,\n\t\"Port\": 4789,\n\t\"DirectRouting\": false\n}}",
            ),
        ] {
            assert_eq!(fixed(config).as_deref(), Some(expected), "{config}");
        }
        assert_eq!(fixed(r#"{"backend": {"type": "vxlan"}}"#), None);
    }

    #[test]
    fn only_what_windows_cannot_do_is_wrong() {
        for config in [
            "",
            "{{ .Values.network }}",
            "[]",
            r#"{"Backend": null}"#,
            r#"{"Network": "10.244.0.0/16"}"#,
            r#"{"Backend": {"Type": "host-gw", "DirectRouting": true}}"#,
            r#"{"Backend": {"Type": 1}}"#,
            r#"{"Backend": {"type": "vxlan", "vni": 5000, "port": 4789, "GBP": false}}"#,
            r#"{"Backend": {"Type": "vxlan", "VNI": "1", "Port": 4789}}"#,
        ] {
            assert!(wrong_settings(config).is_empty(), "{config}");
        }
        let said = |config| wrong_settings(config).iter().map(Wrong::said).collect::<Vec<_>>();
        assert_eq!(
            said(r#"{"Backend": {"Type": "vxlan", "VNI": 4095, "Port": null, "GBP": true}}"#),
            ["VNI 4095", "Port 8472 (the default of Linux)", "GBP true"]
        );
    }
}
