//! What a pod has beside the fields that only one system knows: volumes, commands, probes,
//! environment, DNS. Kubernetes accepts every row of it on every system, unless it says otherwise.

use serde_json::{Value, json};

use super::{Field, Rng, put, remove, some_of};

/// Below the pod's spec.
#[rustfmt::skip]
const POD: &[Field] = &[
    Field("/serviceAccountName", &[r#""web""#]),
    Field("/automountServiceAccountToken", &["true", "false"]),
    Field("/enableServiceLinks", &["false"]),
    Field("/hostname", &[r#""web""#]),
    Field("/terminationGracePeriodSeconds", &["30", "60"]),
    Field("/priorityClassName", &[r#""system-node-critical""#]),
    Field("/schedulerName", &[r#""default-scheduler""#, r#""other""#]),
    Field("/nodeName", &[r#""win-1""#, r#""lin-1""#, r#""somewhere""#]),
    Field("/dnsConfig", &[
        r#"{"nameservers": ["10.0.0.10"]}"#, r#"{"options": [{"name": "ndots", "value": "2"}]}"#,
        r#"{"searches": ["corp.example"], "options": [{"name": "timeout"}]}"#]),
];

/// Below the pod's or template's metadata.
#[rustfmt::skip]
const METADATA: &[Field] = &[
    Field("/annotations/linkerd.io~1inject", &[r#""enabled""#]),
    Field("/annotations/sidecar.istio.io~1inject", &[r#""true""#]),
    Field("/labels/sidecar.istio.io~1inject", &[r#""true""#]),
    Field("/annotations/vault.hashicorp.com~1agent-inject", &[r#""true""#]),
    Field("/annotations/kubernetes.io~1ingress-bandwidth", &[r#""10M""#]),
    Field("/annotations/vpc.amazonaws.com~1pod-eni", &[r#""[]""#]),
    Field("/annotations/microsoft.com~1hostprocess-inherit-user", &[r#""true""#]),
    Field("/annotations/io.microsoft.virtualmachine.computetopology.memory.sizeinmb", &[r#""512""#]),
    Field("/labels/azure.workload.identity~1use", &[r#""true""#]),
];

/// Below each container.
#[rustfmt::skip]
const CONTAINER: &[Field] = &[
    Field("/command", &[
        r#"["cmd", "/c", "start.bat"]"#, r#"["sh", "-c", "exec web"]"#, r#"["/bin/bash"]"#, r#"["powershell", "-Command", "Start-Web"]"#,
        r#"["dir"]"#, r#"["web.exe --port 80"]"#, r#"["C:\\web\\web.exe"]"#, r#"["Get-Item"]"#, r#"["web", "%PATH%"]"#, r#"["web", "$env:X"]"#, "[]"]),
    Field("/args", &[r#"["--config=/etc/web.conf"]"#, r#"["--config", "C:\\web.conf"]"#, r#"["$(HOME)"]"#, r#"["http://db.shop:80"]"#, r#"["-c", "echo"]"#]),
    Field("/workingDir", &[r#""/app""#, r#""C:\\app""#, r#""/tmp""#, r#""\\app""#]),
    Field("/imagePullPolicy", &[r#""Always""#, r#""IfNotPresent""#]),
    Field("/env", &[
        r#"[{"name": "PATH", "value": "/usr/bin:/bin"}]"#, r#"[{"name": "Path", "value": "C:\\web"}, {"name": "PATH", "value": "C:\\db"}]"#,
        r#"[{"name": "TMP", "value": "/tmp"}]"#, r#"[{"name": "DATABASE", "value": "http://db.shop/"}, {"name": "database", "value": "x"}]"#,
        r#"[{"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}]"#, "[]"]),
    Field("/envFrom", &[r#"[{"configMapRef": {"name": "web"}}]"#]),
    Field("/stdin", &["true"]),
    Field("/tty", &["true"]),
    Field("/terminationMessagePath", &[r#""/dev/termination-log""#, r#""C:\\log""#]),
    Field("/resources", &[
        r#"{"limits": {"memory": "512Mi"}, "requests": {"memory": "64Mi"}}"#, r#"{"limits": {"cpu": "100m", "memory": "50Mi"}}"#,
        r#"{"requests": {"memory": "128000m"}}"#, r#"{"limits": {"memory": "1000m"}}"#, r#"{"limits": {"cpu": 1, "memory": 1073741824}}"#,
        r#"{"requests": {"ephemeral-storage": "1Gi"}}"#]),
    Field("/ports", &[r#"[{"containerPort": 9999, "protocol": "SCTP"}]"#, r#"[{"containerPort": 80, "name": "http"}]"#]),
];

/// Below a container that runs beside the others: Kubernetes refuses these on init containers that end.
#[rustfmt::skip]
const RUNNING: &[Field] = &[
    Field("/livenessProbe", PROBES),
    Field("/readinessProbe", PROBES),
    Field("/startupProbe", PROBES),
    Field("/lifecycle/preStop", &[
        r#"{"exec": {"command": ["sleep", "5"]}}"#, r#"{"exec": {"command": ["/bin/sh", "-c", "sleep 10"]}}"#, r#"{"exec": {"command": ["powershell", "Stop-Web"]}}"#,
        r#"{"sleep": {"seconds": 5}}"#, r#"{"httpGet": {"port": 80, "path": "/stop"}}"#]),
    Field("/lifecycle/postStart", &[r#"{"exec": {"command": ["bash", "-c", "touch /ready"]}}"#, r#"{"exec": {"command": ["cmd", "/c", "echo"]}}"#]),
];

#[rustfmt::skip]
const PROBES: &[&str] = &[
    r#"{"exec": {"command": ["cat", "/tmp/healthy"]}}"#, r#"{"exec": {"command": ["powershell", "-c", "exit 0"]}}"#,
    r#"{"exec": {"command": ["pwsh", "-c", "exit 0"]}, "timeoutSeconds": 1, "periodSeconds": 2}"#, r#"{"exec": {"command": ["cmd", "/c", "exit 0"]}, "timeoutSeconds": 5}"#,
    r#"{"httpGet": {"port": 80}, "initialDelaySeconds": 5, "periodSeconds": 5}"#, r#"{"tcpSocket": {"port": 80}, "failureThreshold": 30}"#, r#"{"grpc": {"port": 80}}"#,
];

/// What a volume is made of.
#[rustfmt::skip]
const VOLUMES: &[&str] = &[
    r#"{"emptyDir": {}}"#, r#"{"emptyDir": {"medium": "Memory"}}"#, r#"{"emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}"#, r#"{"emptyDir": null}"#,
    r#"{"hostPath": {"path": "/var/log"}}"#, r#"{"hostPath": {"path": "C:\\ProgramData\\web"}}"#, r#"{"hostPath": {"path": "/var/run/docker.sock", "type": "Socket"}}"#,
    r#"{"hostPath": {"path": "\\\\.\\pipe\\docker_engine"}}"#, r#"{"hostPath": {"path": "\\\\.\\pipe\\docker_engine", "type": "File"}}"#,
    r#"{"hostPath": {"path": "//./pipe/containerd-containerd"}}"#, r#"{"hostPath": {"path": "/run/containerd/containerd.sock"}}"#,
    r#"{"hostPath": {"path": "/proc", "type": "Directory"}}"#, r#"{"hostPath": {"path": "/", "type": ""}}"#, r#"{"hostPath": {"path": "C:\\web\\..\\logs"}}"#,
    r#"{"hostPath": {"path": "\\\\files\\share"}}"#, r#"{"hostPath": {"path": "/dev/null", "type": "CharDevice"}}"#,
    r#"{"configMap": {"name": "web"}}"#, r#"{"configMap": {"name": "web", "defaultMode": 256, "items": [{"key": "a", "path": "con.txt"}]}}"#,
    r#"{"secret": {"secretName": "web", "defaultMode": 420}}"#, r#"{"secret": {"secretName": "web", "items": [{"key": "a", "path": "A"}, {"key": "b", "path": "a"}]}}"#,
    r#"{"projected": {"sources": [{"secret": {"name": "web"}}, {"serviceAccountToken": {"path": "token"}}], "defaultMode": 256}}"#,
    r#"{"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}, "mode": 256}]}}"#,
    r#"{"persistentVolumeClaim": {"claimName": "data"}}"#, r#"{"csi": {"driver": "file.csi.azure.com", "volumeAttributes": {"mountOptions": "dir_mode=0777", "shareName": "s"}}}"#,
    r#"{"csi": {"driver": "secrets-store.csi.k8s.io", "readOnly": true}}"#, r#"{"csi": {"driver": "nfs.csi.k8s.io"}}"#,
    r#"{"nfs": {"server": "files.example.com", "path": "/"}}"#, r#"{"iscsi": {"targetPortal": "10.0.0.1:3260", "iqn": "iqn.2001-04.com.example:x", "lun": 0, "fsType": "ext4"}}"#,
    r#"{"azureFile": {"secretName": "s", "shareName": "s"}}"#, r#"{"awsElasticBlockStore": {"volumeID": "vol-1", "fsType": "ext4"}}"#, r#"{"azureDisk": {"diskName": "d", "diskURI": "/subscriptions/d", "kind": "Managed", "fsType": "xfs"}}"#,
    r#"{"gcePersistentDisk": {"pdName": "d"}}"#, r#"{"flexVolume": {"driver": "microsoft.com/smb.cmd"}}"#, r#"{"image": {"reference": "registry.example/models:1"}}"#,
    r#"{"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}}"#,
];

#[rustfmt::skip]
const MOUNT_PATHS: &[&str] = &[
    "/data", "/var/log/web", "/Data", "C:\\data", "c:\\data\\", "C:\\", "/", "\\\\.\\pipe\\docker_engine", "//./pipe/docker_engine", "/var/run/docker.sock",
    "data", "D:", "\\data", "/etc/ssl/certs", "C:\\Windows\\System32", "C:\\hpc",
];

/// Below each mount.
#[rustfmt::skip]
const MOUNT: &[Field] = &[
    Field("/readOnly", &["true", "true", "false"]),
    Field("/subPath", &[r#""a/b""#, r#""C:\\a""#, r#""\\a""#, r#""a\\..\\b""#, r#""a\\b""#]),
    Field("/mountPropagation", &[r#""None""#, r#""HostToContainer""#, r#""Bidirectional""#]),
    Field("/recursiveReadOnly", &[r#""Disabled""#, r#""IfPossible""#, r#""Enabled""#]),
];

/// Adds each thing with the given chance.
pub(super) fn add(rng: &mut Rng, percent: usize, spec: &mut Value, metadata: &mut Value) {
    some_of(rng, POD, percent.min(10), spec);
    some_of(rng, METADATA, percent.min(10), metadata);
    let count = if rng.percent(percent * 3) { 1 + rng.below(3) } else { 0 };
    let volumes: Vec<Value> = (0..count).map(|i| volume(rng, i)).collect();
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            some_of(rng, CONTAINER, percent, container);
            if list == "containers" || container.get("restartPolicy").is_some() {
                some_of(rng, RUNNING, percent, container);
            }
            let mounts: Vec<Value> = volumes.iter().filter_map(|volume| mount(rng, volume)).collect();
            if !mounts.is_empty() {
                container["volumeMounts"] = mounts.into();
            }
        }
    }
    if volumes.iter().any(|volume| volume.to_string().contains("serviceAccountToken")) {
        spec["serviceAccountName"] = "web".into();
    }
    if !volumes.is_empty() {
        put(spec, "/volumes", volumes.into());
    }
}

fn volume(rng: &mut Rng, i: usize) -> Value {
    let mut volume = rng.json(VOLUMES);
    volume["name"] = format!("volume-{i}").into();
    volume
}

fn mount(rng: &mut Rng, volume: &Value) -> Option<Value> {
    if rng.percent(40) {
        return None;
    }
    let mut mount = json!({"name": volume["name"], "mountPath": rng.pick(MOUNT_PATHS)});
    some_of(rng, MOUNT, 15, &mut mount);
    Some(mount)
}

/// Removes what Kubernetes refuses on every system, or, like `Bidirectional` in a container that is
/// not privileged, refuses on Linux as well, where no rule speaks.
pub(super) fn settle(spec: &mut Value) {
    let is_windows = spec.pointer("/os/name").is_some_and(|name| name == "windows");
    let has_dns = spec.pointer("/dnsConfig/nameservers").is_some();
    if !has_dns && spec.get("dnsPolicy").is_some_and(|policy| policy == "None") {
        remove(spec, "", "dnsPolicy");
    }
    if spec.get("volumes").is_none() {
        return;
    }
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let is_privileged = container.pointer("/securityContext/privileged").is_some_and(|p| *p == true);
            let mut taken = Vec::new();
            let Some(Value::Array(mounts)) = container.get_mut("volumeMounts") else { continue };
            mounts.retain(|mount| {
                let is_new = !taken.contains(&mount["mountPath"]);
                taken.push(mount["mountPath"].clone());
                is_new
            });
            for mount in mounts {
                if !is_privileged && !is_windows && mount.get("mountPropagation").is_some_and(|p| p == "Bidirectional")
                {
                    remove(mount, "", "mountPropagation");
                }
                if mount.get("recursiveReadOnly").is_some_and(|r| r != "Disabled") {
                    mount["readOnly"] = true.into();
                    remove(mount, "", "mountPropagation");
                }
            }
        }
    }
}
