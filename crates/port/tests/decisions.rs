//! What a person is asked about, manifest by manifest.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use transom::Transom;
use transom_manifests::{Content, Context, Judge};
use transom_port::{Decision, Ported, Porter, State, Target, Text};

const TODAY: &str = "2026-11-21";

fn port(text: &str, settings: Value, build: u32) -> Ported {
    let target = Target { build: Some(build), platform: None };
    let porter = Porter::new(&settings, &target, TODAY).expect("settings without mistakes");
    porter.port(&[Text { name: "it", text }], &[])
}

/// State, object and name of each decision.
fn names(ported: &Ported) -> BTreeSet<(State, &str, &str)> {
    ported.decisions.iter().map(|decision| (decision.state, &*decision.object, &*decision.name)).collect()
}

fn named<'p>(ported: &'p Ported, name: &str) -> Vec<&'p Decision> {
    ported.decisions.iter().filter(|decision| decision.name == name).collect()
}

const SHOP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      tolerations: [{key: os, value: windows, effect: NoSchedule}]
      containers:
      - {name: shop, image: 'mcr.microsoft.com/dotnet/aspnet:8.0', resources: {limits: {memory: 1Gi}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: shop}
spec: {podSelector: {matchLabels: {app: shop}}, policyTypes: [Ingress]}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  type: LoadBalancer
  externalTrafficPolicy: Local
  ipFamilyPolicy: RequireDualStack
  ports: [{port: 80}]
";

#[test]
fn what_porting_brings_about_in_other_objects_is_asked_about() {
    for platform in ["eks", "aks"] {
        let ported = port(SHOP, json!({"platform": platform}), 17763);
        let names = names(&ported);
        for expected in [
            (State::Open, "NetworkPolicy shop", "network-policy-not-enforced"),
            (State::Open, "Service shop", "traffic-policy"),
            (State::Open, "Service shop", "ip-family"),
        ] {
            assert!(names.contains(&expected), "{platform}: {names:?}");
        }
        let after = ported.files[0].text.as_deref().expect("a text for Windows");
        let again = port(after, json!({"platform": platform}), 17763);
        assert_eq!(named(&again, "network-policy-not-enforced").len(), 1, "{platform}");
    }
}

#[test]
fn what_porting_brings_about_in_custom_resources_is_asked_about() {
    let policy = "---\napiVersion: vpcresources.k8s.aws/v1beta1\nkind: SecurityGroupPolicy\nmetadata: {name: shop}\nspec: {podSelector: {matchLabels: {app: shop}}, securityGroups: {groupIds: [sg-0]}}\n";
    let settings = json!({"platform": "eks", "rules": {"eks-unsupported-networking": "warn"}});
    let ported = port(&format!("{SHOP}{policy}"), settings, 20348);
    let expected = (State::Open, "SecurityGroupPolicy shop", "eks-unsupported-networking");
    assert!(names(&ported).contains(&expected), "{:?}", names(&ported));
}

#[test]
fn what_is_found_after_a_port_and_not_before_is_asked_about() {
    let settings = json!({"platform": "eks"});
    let mut count = 0;
    for text in manifests().iter().filter_map(|path| fs::read_to_string(path).ok()) {
        let ported = port(&text, settings.clone(), 17763);
        let Some(after) = &ported.files[0].text else { continue };
        let asked: BTreeSet<Found> = ported
            .decisions
            .iter()
            .filter_map(|decision| Some((decision.document, decision.rule.clone()?, decision.path.clone())))
            .collect();
        let before = found(&text, &settings);
        for finding in found(after, &settings).difference(&before) {
            count += 1;
            assert!(asked.contains(finding), "{finding:?}\n{after}");
        }
    }
    assert!(count > 10, "too few findings: {count}");
}

/// Document, rule and path of a finding.
type Found = (usize, String, String);

/// The errors and warnings in a text.
fn found(text: &str, settings: &Value) -> BTreeSet<Found> {
    let mut settings = settings.clone();
    settings["windows"] = json!({"builds": [17763]});
    let settings = transom::settings::read(&settings.to_string()).expect("settings without mistakes");
    let judge = Judge::new(Transom::from(settings), TODAY);
    let stream = transom_yaml::parse(text);
    let mut context = Context::default();
    let objects = stream.documents.iter().flat_map(Content::objects).collect::<Vec<_>>();
    objects.iter().for_each(|object| context.add(object.object()));
    let mut found = BTreeSet::new();
    for document in &stream.documents {
        let Content::Objects(objects) = Content::of(document) else { continue };
        for (_, decision) in judge.document(document, text, objects, &context).objects() {
            let findings = decision.as_ref().expect("a Decision").findings.iter();
            let severe = findings.filter(|finding| finding.severity != "info");
            found.extend(severe.map(|finding| (document.index(), finding.rule.clone(), finding.path.clone())));
        }
    }
    found
}

#[test]
fn who_enforces_policies_is_asked_where_the_network_is_not_known() {
    let ask = |settings: Value| named(&port(SHOP, settings, 20348), "network-policy-not-enforced").len();
    assert_eq!(ask(json!({})), 1);
    assert_eq!(ask(json!({"cni": "calico"})), 0);
    assert_eq!(ask(json!({"rules": {"network-policy-not-enforced": "off"}})), 0);
}

#[test]
fn a_socket_of_a_runtime_is_one_question() {
    let pod = |socket: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: ci}}\nspec:\n  tolerations: [{{key: os, value: windows, effect: NoSchedule}}]\n  volumes: [{{name: sock, hostPath: {{path: {socket}}}}}]\n  containers:\n  - name: ci\n    image: 'mcr.microsoft.com/dotnet/sdk:8.0'\n    resources: {{limits: {{memory: 1Gi}}}}\n    volumeMounts: [{{name: sock, mountPath: {socket}}}]\n"
        )
    };
    let docker = port(&pod("/var/run/docker.sock"), json!({}), 20348);
    let about_the_socket = |ported: &Ported| {
        let is_about = |decision: &&Decision| decision.path.contains("volume");
        ported.decisions.iter().filter(is_about).map(|decision| decision.options.clone()).collect::<Vec<_>>()
    };
    let options = about_the_socket(&docker);
    assert_eq!(options.len(), 1, "{options:?}");
    assert_eq!(options[0][0], r"mount the pipe: `\\.\pipe\docker_engine`, as it is now");
    assert!(options[0][1].contains(r"`\\.\pipe\containerd-containerd`"), "{options:?}");
    assert!(docker.decisions.iter().all(|decision| decision.state == State::Assumed), "{:?}", docker.decisions);

    let options = about_the_socket(&port(&pod("/run/containerd/containerd.sock"), json!({}), 20348));
    assert_eq!(options.len(), 1, "{options:?}");
    assert_eq!(options[0].iter().filter(|option| option.contains("containerd-containerd")).count(), 1, "{options:?}");
}

#[test]
fn programs_and_homes_of_linux_are_looked_at() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: worker}\nspec:\n  containers:\n  - name: worker\n    image: mcr.microsoft.com/dotnet/runtime:8.0\n    command: [/usr/bin/dotnet, /app/Worker.dll]\n    env: [{name: HOME, value: /root}, {name: CACHE, value: /home/data/x}]\n    workingDir: /home/app\n    volumeMounts: [{name: data, mountPath: /home/data}]\n  volumes: [{name: data, emptyDir: {}}]\n";
    let ported = port(text, json!({}), 20348);
    assert_eq!(named(&ported, "port-program").len(), 1, "{ported:?}");
    let homes: Vec<&str> = named(&ported, "port-home").iter().map(|decision| &*decision.path).collect();
    assert_eq!(homes, ["/spec/containers/0/env/0/value", "/spec/containers/0/workingDir"]);
    assert!(ported.decisions.iter().all(|decision| decision.path != "/spec/containers/0/env/1/value"));
}

#[test]
fn images_of_distributions_get_the_tag_that_the_version_has() {
    for tag in ["8.0", "8.0-alpine", "8.0-jammy"] {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers: [{{name: web, image: 'mcr.microsoft.com/dotnet/aspnet:{tag}'}}]\n"
        );
        let after = port(&text, json!({}), 20348).files.remove(0).text.expect("a text for Windows");
        assert!(after.contains("aspnet:8.0-nanoserver-ltsc2022"), "{after}");
    }
}

const LINUX_DISK: &str = "\
apiVersion: batch/v1
kind: CronJob
metadata: {name: report}
spec:
  schedule: '@daily'
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - {name: report, image: 'mcr.microsoft.com/dotnet/runtime:8.0', volumeMounts: [{name: data, mountPath: /data}]}
          volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: disk, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: disk}
provisioner: disk.csi.azure.com
parameters: {csi.storage.k8s.io/fstype: ext4}
";

#[test]
fn placeholders_are_filled_and_options_differ() {
    let disk = port(LINUX_DISK, json!({}), 20348);
    assert_eq!(named(&disk, "linux-file-system").len(), 1, "{disk:?}");
    let mut texts = vec![SHOP.to_owned(), LINUX_DISK.to_owned()];
    texts.extend(manifests().iter().filter_map(|path| fs::read_to_string(path).ok()));
    assert!(texts.len() > 100, "too few manifests: {}", texts.len());
    let mut count = 0;
    for text in &texts {
        // Without what says that it is for Windows already, so that everything is asked about.
        let linux = text.replace("kubernetes.io/os: windows", "kubernetes.io/os: linux");
        for decision in port(&linux, json!({"platform": "aks"}), 20348).decisions {
            count += 1;
            let texts = [&decision.what, &decision.why].into_iter().chain(&decision.options);
            for text in texts {
                assert!(!text.contains("{}"), "{decision:?}");
            }
            assert!(!decision.options.is_empty(), "{decision:?}");
            for (index, one) in decision.options.iter().enumerate() {
                let others = &decision.options[index + 1..];
                assert!(!others.iter().any(|other| say_the_same(one, other)), "{:#?}", decision.options);
            }
        }
    }
    assert!(count > 300, "too few decisions: {count}");
}

/// Whether two options name the same thing word for word, or one is the end of the other.
fn say_the_same(one: &str, other: &str) -> bool {
    let stated = |option: &str| {
        let option = option.trim_end_matches(", as it is now").trim_end_matches(", as it is written now");
        option.replace('`', "")
    };
    let quoted = |option: &str| option.split('`').nth(1).map(str::to_owned);
    let is_end = stated(one).ends_with(&stated(other)) || stated(other).ends_with(&stated(one));
    is_end || (quoted(one).is_some() && quoted(one) == quoted(other))
}

fn manifests() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = Vec::new();
    let mut folders = vec![root.join("tests/corpus"), root.join("examples")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "yaml" || end == "json") {
                paths.push(path);
            }
        }
    }
    paths
}
