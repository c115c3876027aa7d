//! An object is judged with what is chosen for it as it is with the whole set.

use serde_json::{Value, json};
use transom::Transom;
use transom_context::Context;

/// As many sets are made.
const SETS: u64 = 1_000;

#[test]
fn what_is_chosen_says_as_much_as_the_whole_set() {
    for seed in 0..SETS {
        let set = Random::new(seed).set();
        if let Err(difference) = compare(&set) {
            // What is not needed for the difference is in the way of whoever looks for its cause.
            let mut objects = set.objects.clone();
            for index in (0..objects.len()).rev() {
                let mut fewer = objects.clone();
                fewer.remove(index);
                if compare(&Set { objects: fewer.clone(), settings: set.settings.clone() }).is_err() {
                    objects = fewer;
                }
            }
            let objects: Vec<String> = objects.iter().map(Value::to_string).collect();
            panic!("seed {seed}, settings {}: {difference}\n{}", set.settings, objects.join("\n---\n"));
        }
    }
}

#[derive(Debug)]
struct Set {
    settings: Value,
    objects: Vec<Value>,
}

fn compare(set: &Set) -> Result<(), String> {
    let mut core = Transom::new();
    core.configure(set.settings.to_string().as_bytes()).map_err(|mistakes| format!("{mistakes:?}"))?;
    let mut context = Context::default();
    set.objects.iter().for_each(|object| context.add(object));
    let texts: Vec<String> = set.objects.iter().map(Value::to_string).collect();
    for (index, object) in set.objects.iter().enumerate() {
        let judge = |around: &[&str]| {
            core.evaluate(format!(r#"{{"request":{},"context":[{}]}}"#, texts[index], around.join(",")).as_bytes())
        };
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default");
        let chosen = judge(&context.around(object, namespace));
        let others = texts.iter().enumerate().filter(|(other, _)| *other != index);
        let whole = judge(&others.map(|(_, text)| text.as_str()).collect::<Vec<_>>());
        if chosen != whole {
            let at = chosen.bytes().zip(whole.bytes()).take_while(|(one, other)| one == other).count();
            let part = |text: &str| String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(90)..]).into_owned();
            let (chosen, whole) = (part(&chosen), part(&whole));
            return Err(format!(
                "{}\nwith what is chosen: …{chosen}\nwith the whole set: …{whole}",
                object["metadata"]
            ));
        }
    }
    Ok(())
}

const NAMESPACES: &[&str] = &["", "default", "shop", "kube-system"];
const NAMES: &[&str] = &["web", "a", "data", "b"];

/// Numbers by a seed: xorshift, as good as it has to be. In a set most objects are of one namespace and have few names.
struct Random {
    state: u64,
    home: &'static str,
    names: usize,
}

impl Random {
    fn new(seed: u64) -> Self {
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d;
        let mut random = Random { state, home: "", names: 1 };
        random.home = random.of(&["", "default", "shop", "shop"]);
        random.names = 1 + random.below(NAMES.len());
        random
    }

    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap_or_default() % end
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }

    fn name(&mut self) -> &'static str {
        self.of(&NAMES[..self.names])
    }

    /// One of some JSON texts.
    fn json(&mut self, texts: &[&str]) -> Value {
        serde_json::from_str(self.of(texts)).expect("JSON")
    }

    fn set(&mut self) -> Set {
        let platform = self.of(&["generic", "aks", "eks", "eks", "gke", "openshift"]);
        let settings = match self.below(4) {
            0 => json!({"platform": platform, "mutate": "off"}),
            _ => json!({"platform": platform}),
        };
        let mut objects: Vec<Value> = Vec::new();
        let makers: &[fn(&mut Self) -> Value] = &[
            Self::workload,
            Self::service,
            Self::network_policy,
            Self::files,
            Self::claim,
            Self::volume,
            Self::storage_class,
            Self::runtime_class,
            Self::node,
            Self::namespace,
            Self::autoscaler,
            Self::account_or_policy,
            Self::rights,
            Self::network,
            Self::gmsa,
        ];
        // Some kinds alone, so that what is about one another meets.
        let focus: Vec<_> = (0..2 + self.below(4)).map(|_| self.of(makers)).collect();
        let share = 2 + self.below(3);
        for _ in 0..4 + self.below(12) {
            let object = match self.below(share) {
                0 => self.workload(),
                1 => self.of(makers)(self),
                _ => self.of(&focus)(self),
            };
            let key = |object: &Value| {
                let metadata = &object["metadata"];
                let namespace = metadata["namespace"].as_str().unwrap_or("default").to_owned();
                (object["kind"].clone(), namespace, metadata["name"].clone())
            };
            // Volumes that differ by nothing but their name.
            let mut alike = vec![object];
            if alike[0]["kind"] == "PersistentVolume" && self.one_in(3) {
                for name in NAMES {
                    let mut twin = alike[0].clone();
                    twin["metadata"]["name"] = (*name).into();
                    alike.push(twin);
                }
            }
            for object in alike {
                let is_there = object["metadata"]["name"].is_string() && objects.iter().any(|o| key(o) == key(&object));
                if !is_there {
                    objects.push(object);
                }
            }
        }
        Set { settings, objects }
    }

    /// An object of a namespace.
    fn object(&mut self, api_version: &str, kind: &str) -> Value {
        let name = self.name();
        let mut object = self.cluster_wide(api_version, kind, name);
        let namespace = if self.one_in(4) { self.of(NAMESPACES) } else { self.home };
        if !namespace.is_empty() {
            object["metadata"]["namespace"] = namespace.into();
        }
        object
    }

    fn cluster_wide(&mut self, api_version: &str, kind: &str, name: &str) -> Value {
        json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}})
    }

    fn labels(&mut self) -> Value {
        self.json(&[
            r#"{"app": "a"}"#,
            r#"{"app": "a"}"#,
            r#"{"app": "b"}"#,
            r#"{"app": "a", "tier": "x"}"#,
            r#"{"app": "a", "kubernetes.io/os": "linux"}"#,
            "null",
        ])
    }

    fn pod(&mut self) -> Value {
        let image = self.of(&[
            "registry.example/web:3",
            "registry.example/web:3",
            "mcr.microsoft.com/windows/nanoserver:ltsc2022",
            "mcr.microsoft.com/windows/servercore:ltsc2019",
            "nginx:1.29",
        ]);
        let mut container = json!({"name": "main", "image": image, "resources": {"limits": {"memory": "1Gi"}}});
        let mut spec = json!({});
        match self.below(8) {
            0 | 1 => spec["runtimeClassName"] = self.name().into(),
            2 | 3 => spec["nodeSelector"] = json!({"kubernetes.io/os": "windows"}),
            4 => spec["nodeSelector"] = json!({"kubernetes.io/os": "linux"}),
            5 => {
                spec["nodeSelector"] = self.json(&[
                    r#"{"kubernetes.io/os": "windows", "node.kubernetes.io/windows-build": "10.0.20348"}"#,
                    r#"{"kubernetes.io/os": "windows", "node.kubernetes.io/windows-build": "10.0.17763"}"#,
                    r#"{"kubernetes.io/os": "windows", "kubernetes.io/hostname": "web"}"#,
                    r#"{"pool": "a"}"#,
                ]);
            }
            6 => spec["nodeName"] = self.name().into(),
            _ => {}
        }
        if self.one_in(4) {
            spec["tolerations"] = self.json(&[
                r#"[{"key": "os", "value": "windows", "effect": "NoSchedule"}]"#,
                r#"[{"key": "dedicated", "operator": "Exists"}]"#,
                r#"[{"operator": "Exists"}]"#,
            ]);
        }
        if self.one_in(3) {
            let key = self.of(&["serviceAccountName", "serviceAccountName", "hostname"]);
            spec[key] = self.name().into();
        }
        if self.one_in(2) {
            let name = self.name();
            let source = match self.below(6) {
                0..=2 => json!({"persistentVolumeClaim": {"claimName": name}}),
                3 => json!({"configMap": {"name": name}}),
                4 => json!({"secret": {"secretName": name}}),
                _ => json!({"ephemeral": {"volumeClaimTemplate": {"spec": {"storageClassName": name}}}}),
            };
            spec["volumes"] = json!([source]);
            spec["volumes"][0]["name"] = "files".into();
            container["volumeMounts"] = json!([{"name": "files", "mountPath": "C:\\files"}]);
        }
        if self.one_in(4) {
            let key = self.of(&["configMapRef", "secretRef"]);
            container["envFrom"] = json!([{key: {"name": self.name()}}]);
        }
        if self.one_in(4) {
            let address =
                self.of(&["http://web.shop:80/", "http://a.default", "http://b.shop.svc/", "tcp://data.shop"]);
            container["env"] = json!([{"name": "API", "value": address}]);
        }
        if self.one_in(6) {
            spec["securityContext"] = json!({"windowsOptions": {"gmsaCredentialSpecName": self.name()}});
        }
        if self.one_in(8) {
            container["ports"] = json!([{"containerPort": 80, "name": "http"}]);
        }
        if self.one_in(12) {
            spec["topologySpreadConstraints"] =
                json!([{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule"}]);
        }
        spec["containers"] = json!([container]);
        spec
    }

    fn workload(&mut self) -> Value {
        let (spec, labels) = (self.pod(), self.labels());
        let template = json!({"metadata": {"labels": labels}, "spec": spec});
        let mut object = match self.below(12) {
            0 | 1 => {
                let mut pod = self.object("v1", "Pod");
                pod["metadata"]["labels"] = labels;
                pod["spec"] = spec;
                pod
            }
            2..=5 => {
                let mut object = self.object("apps/v1", "Deployment");
                object["spec"] = json!({"replicas": self.of(&[1, 600]), "template": template});
                object
            }
            6 => {
                let mut object = self.object("apps/v1", "StatefulSet");
                let claim = json!({"metadata": {"name": "files"}, "spec": {"storageClassName": self.name()}});
                object["spec"] = json!({"template": template, "volumeClaimTemplates": [claim]});
                object
            }
            7 => {
                let mut object = self.object("batch/v1", "Job");
                object["spec"] = json!({"template": template});
                object
            }
            8 => {
                let mut object = self.object("jobset.x-k8s.io/v1alpha2", "JobSet");
                object["spec"] =
                    json!({"replicatedJobs": [{"name": "x", "template": {"spec": {"template": template}}}]});
                object
            }
            9 => {
                let mut object = self.object("batch/v1", "CronJob");
                object["spec"] = json!({"jobTemplate": {"spec": {"template": template}}});
                object
            }
            10 => {
                let mut object = self.object("apps/v1", "ReplicaSet");
                let kind = self.of(&["Deployment", "Database"]);
                object["metadata"]["ownerReferences"] = json!([{"kind": kind, "name": self.name()}]);
                object["spec"] = json!({"template": template});
                object
            }
            _ => {
                let mut object = self.cluster_wide("apps/v1", "DaemonSet", "aws-node");
                object["metadata"]["namespace"] = "kube-system".into();
                object["spec"] = json!({"template": template});
                let variable = self.of(&["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "ENABLE_IPv6"]);
                object["spec"]["template"]["spec"]["containers"][0]["env"] =
                    json!([{"name": variable, "value": "true"}]);
                object
            }
        };
        if self.one_in(8) && object["kind"] != "DaemonSet" {
            let name = object["metadata"]["name"].take();
            object["metadata"] = json!({"generateName": name, "namespace": object["metadata"]["namespace"], "labels": object["metadata"]["labels"]});
        }
        object
    }

    fn service(&mut self) -> Value {
        let mut service = self.object("v1", "Service");
        if self.one_in(8) {
            service["metadata"] = json!({"name": "kubernetes", "namespace": "default"});
            service["spec"] = json!({"clusterIP": self.of(&["fd00::1", "10.0.0.1"]), "ports": [{"port": 443}]});
            return service;
        }
        service["spec"] = self.json(&[
            r#"{"sessionAffinity": "ClientIP", "ports": [{"port": 80}]}"#,
            r#"{"ports": [{"port": 80, "protocol": "SCTP"}]}"#,
            r#"{"type": "LoadBalancer", "ports": [{"port": 80, "targetPort": "http"}], "externalTrafficPolicy": "Local"}"#,
            r#"{"type": "NodePort", "ports": [{"port": 80}], "ipFamilies": ["IPv6"], "ipFamilyPolicy": "SingleStack"}"#,
            r#"{"clusterIP": "None", "ports": [{"port": 80, "targetPort": 8080}]}"#,
            r#"{"trafficDistribution": "PreferClose", "ports": [{"port": 80}]}"#,
        ]);
        service["spec"]["selector"] = self.labels();
        service
    }

    fn network_policy(&mut self) -> Value {
        let mut policy = self.object("networking.k8s.io/v1", "NetworkPolicy");
        policy["spec"] = self.json(&[
            r#"{"podSelector": {}}"#,
            r#"{"podSelector": {"matchLabels": {"app": "a"}}}"#,
            r#"{"podSelector": {"matchLabels": {"app": "b", "tier": "x"}}}"#,
            r#"{"podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}]}}"#,
            r#"{"podSelector": {"matchExpressions": [{"key": "kubernetes.io/os", "operator": "Exists"}]}}"#,
        ]);
        policy
    }

    fn files(&mut self) -> Value {
        let kind = self.of(&["ConfigMap", "ConfigMap", "Secret"]);
        let mut files = self.object("v1", kind);
        files["data"] = self.json(&[
            r#"{"URL": "http://web.shop/", "con": "x"}"#,
            r#"{"url": "http://a.default:80", "x": "http://b.shop.svc/"}"#,
            r#"{"aux.txt": "eA==", "a": "eA==", "A": "eA=="}"#,
        ]);
        if self.one_in(8) {
            files["metadata"] =
                json!({"name": self.of(&["kube-flannel-cfg", "amazon-vpc-cni"]), "namespace": "kube-system"});
            files["data"] =
                json!({"net-conf.json": "{\"Network\": \"10.244.0.0/16\", \"Backend\": {\"Type\": \"vxlan\"}}"});
        }
        files
    }

    fn claim(&mut self) -> Value {
        let mut claim = self.object("v1", "PersistentVolumeClaim");
        let mode = self.of(&["ReadWriteOnce", "ReadWriteMany"]);
        claim["spec"] = json!({"accessModes": [mode], "resources": {"requests": {"storage": "1Gi"}}});
        match self.below(5) {
            0 => claim["spec"]["storageClassName"] = "".into(),
            1 => claim["spec"]["volumeName"] = self.name().into(),
            2 => claim["metadata"]["annotations"] = json!({"volume.beta.kubernetes.io/storage-class": self.name()}),
            3 => claim["spec"]["storageClassName"] = self.name().into(),
            _ => {}
        }
        claim
    }

    fn volume(&mut self) -> Value {
        let name = self.name();
        let mut volume = self.cluster_wide("v1", "PersistentVolume", name);
        volume["spec"] = self.json(&[
            r#"{"nfs": {"server": "nfs", "path": "/x"}}"#,
            r#"{"hostPath": {"path": "/var/run"}}"#,
            r#"{"csi": {"driver": "disk.csi.azure.com", "volumeHandle": "x", "fsType": "ext4"}}"#,
            r#"{"csi": {"driver": "file.csi.azure.com", "volumeHandle": "x"}, "mountOptions": ["dir_mode=0777"]}"#,
        ]);
        match self.below(4) {
            0 => volume["spec"]["storageClassName"] = "".into(),
            1 | 2 => volume["spec"]["storageClassName"] = self.name().into(),
            _ => {}
        }
        if self.one_in(2) {
            volume["spec"]["accessModes"] =
                self.json(&[r#"["ReadWriteOnce"]"#, r#"["ReadWriteOnce", "ReadWriteMany"]"#]);
            volume["spec"]["capacity"] = self.json(&[r#"{"storage": "1Gi"}"#, r#"{"storage": "500Mi"}"#]);
        }
        if self.one_in(2) {
            volume["spec"]["claimRef"] = json!({"namespace": self.of(&["default", "shop"]), "name": self.name()});
        }
        volume
    }

    fn storage_class(&mut self) -> Value {
        let name = self.name();
        let mut class = self.cluster_wide("storage.k8s.io/v1", "StorageClass", name);
        class["provisioner"] = self
            .of(&["disk.csi.azure.com", "efs.csi.aws.com", "kubernetes.io/no-provisioner", "ebs.csi.aws.com"])
            .into();
        if self.one_in(3) {
            class["metadata"]["annotations"] =
                json!({"storageclass.kubernetes.io/is-default-class": self.of(&["true", "false"])});
        }
        class
    }

    fn runtime_class(&mut self) -> Value {
        let name = self.name();
        let mut class = self.cluster_wide("node.k8s.io/v1", "RuntimeClass", name);
        class["handler"] = self.of(&["runhcs-wcow-process", "runc", "x", "runhcs-wcow-hypervisor"]).into();
        if self.one_in(2) {
            class["scheduling"] = self.json(&[
                r#"{"nodeSelector": {"kubernetes.io/os": "windows"}}"#,
                r#"{"nodeSelector": {"kubernetes.io/os": "windows", "node.kubernetes.io/windows-build": "10.0.20348"}}"#,
                r#"{"nodeSelector": {"kubernetes.io/os": "linux"}}"#,
                r#"{"tolerations": [{"key": "os", "value": "windows", "effect": "NoSchedule"}]}"#,
            ]);
        }
        class
    }

    fn node(&mut self) -> Value {
        let name = self.name();
        let mut node = self.cluster_wide("v1", "Node", name);
        let mut labels = self.json(&[
            r#"{"kubernetes.io/os": "windows", "node.kubernetes.io/windows-build": "10.0.20348"}"#,
            r#"{"kubernetes.io/os": "windows", "node.kubernetes.io/windows-build": "10.0.17763"}"#,
            r#"{"kubernetes.io/os": "windows", "pool": "a"}"#,
            r#"{"kubernetes.io/os": "linux", "pool": "a"}"#,
            r#"{"kubernetes.io/os": "linux"}"#,
        ]);
        labels["kubernetes.io/hostname"] = name.into();
        node["metadata"]["labels"] = labels;
        if self.one_in(2) {
            node["spec"] = self.json(&[
                r#"{"taints": [{"key": "os", "value": "windows", "effect": "NoSchedule"}]}"#,
                r#"{"taints": [{"key": "dedicated", "value": "win", "effect": "NoSchedule"}]}"#,
                r#"{"taints": [{"key": "os", "value": "windows", "effect": "NoSchedule"}, {"key": "gpu", "effect": "NoExecute"}]}"#,
            ]);
        }
        if self.one_in(3) {
            node["status"] = json!({"allocatable": {"cpu": "2", "memory": self.of(&["512Mi", "8Gi"])}});
        }
        node
    }

    fn namespace(&mut self) -> Value {
        let name = self.of(&["default", "shop", "kube-system"]);
        let mut namespace = self.cluster_wide("v1", "Namespace", name);
        namespace["metadata"]["annotations"] = self.json(&[
            r#"{"scheduler.alpha.kubernetes.io/node-selector": "kubernetes.io/os=windows"}"#,
            r#"{"openshift.io/node-selector": "kubernetes.io/os=linux"}"#,
            "null",
        ]);
        namespace["metadata"]["labels"] = self.json(&[
            r#"{"istio-injection": "enabled"}"#,
            r#"{"pod-security.kubernetes.io/enforce": "restricted"}"#,
            "null",
        ]);
        namespace
    }

    fn autoscaler(&mut self) -> Value {
        let target = json!({"apiVersion": "apps/v1", "kind": self.of(&["Deployment", "JobSet"]), "name": self.name()});
        if self.one_in(2) {
            let mut object = self.object("autoscaling.k8s.io/v1", "VerticalPodAutoscaler");
            let mode = self.of(&["InPlaceOrRecreate", "Auto"]);
            object["spec"] = json!({"targetRef": target, "updatePolicy": {"updateMode": mode}});
            return object;
        }
        let mut object = self.object("autoscaling/v2", "HorizontalPodAutoscaler");
        object["spec"] = json!({"scaleTargetRef": target, "maxReplicas": self.of(&[10, 800, 2000])});
        object
    }

    fn account_or_policy(&mut self) -> Value {
        if self.one_in(2) {
            let mut account = self.object("v1", "ServiceAccount");
            if self.one_in(3) {
                account["metadata"]["name"] = "default".into();
            }
            account["metadata"]["labels"] = self.labels();
            return account;
        }
        let mut policy = self.object("vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy");
        policy["spec"] = self.json(&[
            r#"{"serviceAccountSelector": {"matchLabels": {"app": "a"}}}"#,
            r#"{"podSelector": {"matchLabels": {"app": "a"}}}"#,
            r#"{"podSelector": {}, "serviceAccountSelector": {"matchLabels": {"tier": "x"}}}"#,
        ]);
        policy
    }

    fn rights(&mut self) -> Value {
        const GROUP: &str = "rbac.authorization.k8s.io/v1";
        let name = self.name();
        if self.one_in(2) {
            let mut role = match self.below(2) {
                0 => self.cluster_wide(GROUP, "ClusterRole", name),
                _ => self.object(GROUP, "Role"),
            };
            role["rules"] = self.json(&[
                r#"[{"apiGroups": ["windows.k8s.io"], "resources": ["gmsacredentialspecs"], "verbs": ["use"], "resourceNames": ["a", "b"]}]"#,
                r#"[{"apiGroups": ["windows.k8s.io"], "resources": ["gmsacredentialspecs"], "verbs": ["get"]}]"#,
                r#"[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]"#,
            ]);
            return role;
        }
        let mut binding = match self.below(2) {
            0 => self.cluster_wide(GROUP, "ClusterRoleBinding", name),
            _ => self.object(GROUP, "RoleBinding"),
        };
        binding["roleRef"] = json!({"kind": self.of(&["ClusterRole", "Role"]), "name": self.name()});
        binding["subjects"] = json!([match self.below(3) {
            0 => json!({"kind": "Group", "name": self.of(&["system:serviceaccounts", "system:serviceaccounts:shop"])}),
            1 => json!({"kind": "ServiceAccount", "name": "default", "namespace": self.of(&["default", "shop"])}),
            _ => json!({"kind": "ServiceAccount", "name": self.name(), "namespace": self.of(&["default", "shop"])}),
        }]);
        binding
    }

    fn network(&mut self) -> Value {
        let name = self.name();
        let (api_version, kind, spec) = self.of(&[
            ("crd.projectcalico.org/v1", "IPPool", r#"{"cidr": "10.0.0.0/16", "ipipMode": "Always"}"#),
            ("crd.projectcalico.org/v1", "FelixConfiguration", r#"{"bpfEnabled": true}"#),
            (
                "operator.tigera.io/v1",
                "Installation",
                r#"{"calicoNetwork": {"windowsDataplane": "HNS", "linuxDataplane": "BPF"}}"#,
            ),
            ("crd.k8s.amazonaws.com/v1alpha1", "ENIConfig", r#"{"subnet": "x"}"#),
            ("example.com/v1", "Database", r#"{"replicas": 2}"#),
        ]);
        let mut object = self.cluster_wide(api_version, kind, name);
        object["spec"] = serde_json::from_str(spec).expect("JSON");
        object
    }

    fn gmsa(&mut self) -> Value {
        let name = self.name();
        let mut spec = self.cluster_wide("windows.k8s.io/v1", "GMSACredentialSpec", name);
        spec["credspec"] = json!({"DomainJoinConfig": {"MachineAccountName": "web"}});
        spec
    }
}
