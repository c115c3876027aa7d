//! What stands beside each package: what it checks, what it cannot and why, and how to install it.

use std::fmt::Write as _;

use transom::rules::Rule;

use crate::File;
use crate::coverage::{Unsaid, coverage};

pub(crate) fn files() -> Vec<File> {
    let readme = |folder: &str, text: String| File { path: format!("{folder}/README.md"), text };
    vec![
        File { path: "README.md".to_owned(), text: INDEX.to_owned() },
        readme("kubernetes", KUBERNETES.replace("COVERAGE\n", &table())),
        readme("gatekeeper", GATEKEEPER.to_owned()),
        readme("kyverno", KYVERNO.to_owned()),
        readme("opa", OPA.to_owned()),
        readme("kubewarden", KUBEWARDEN.to_owned()),
    ]
}

const INDEX: &str = "\
# Packages for engines

Written by `cargo x policies`; a test says when they are not current.

| folder | what asks, and whom |
|---|---|
| [kubernetes](kubernetes/README.md) | the API server, with webhooks to transom-server; or by itself, for the rules that CEL can say |
| [gatekeeper](gatekeeper/README.md) | Gatekeeper, through External Data to transom-server; or by itself, in CEL |
| [kyverno](kyverno/README.md) | Kyverno, over HTTP to transom-server; or by itself, in CEL |
| [opa](opa/README.md) | the Open Policy Agent, which loads the module |
| [kubewarden](kubewarden/README.md) | Kubewarden, which loads the module |

Where a server is asked, or the module is loaded, all rules count, with settings and with what the cluster says. The policies in CEL need no service, and say less: [which rules, and why not the others](kubernetes/README.md#what-cel-can-say).
";

const KUBERNETES: &str = "\
# transom for the Kubernetes API server

Two ways, alone or together:

- **Webhooks** ([webhooks.yaml](webhooks.yaml)): the API server asks transom-server about every object that some rule is about. All rules, settings, suppressions, look-ups, fixes.
- **CEL** ([validating-admission-policy.yaml](validating-admission-policy.yaml), [mutating-admission-policy.yaml](mutating-admission-policy.yaml)): the API server decides by itself, without any service. The rules in the table below, as far as it says.

## Installing the webhooks

The chart in [charts/transom](../../charts/transom) brings them with the server. By hand, with a server that runs as Service `transom` in namespace `transom`:

```console
$ transom-server certs --out certs --name transom.transom.svc --inject policies/kubernetes/webhooks.yaml
$ kubectl --namespace transom create secret tls transom-tls --cert certs/tls.crt --key certs/tls.key
$ kubectl apply --filename policies/kubernetes/webhooks.yaml
```

Without the server no pod and no workload is created or changed (`failurePolicy: Fail`); nodes, Services and all else go on (`Ignore`), and so does everything in the namespaces of the system and in `transom`. The webhook that fixes refuses what it cannot fix, and holds nothing up while it is away (`Ignore`). What is being deleted is let through, whatever is wrong with it, so that its finalizers can go.

### Custom resources

A custom resource with a template of pods, such as a Rollout of Argo, is judged like a Deployment wherever the template stands in it, but nobody is asked about one until a rule names its kind. Its pods are judged when they are created. To have it judged itself, add a rule for it to `workloads.transom.dev`, and to `fixes.transom.dev` if it is to be fixed; with the chart say it in `webhooks.extraRules`:

```console
$ kubectl patch validatingwebhookconfiguration transom --type json --patch '[{\"op\": \"add\", \"path\": \"/webhooks/0/rules/-\", \"value\":
    {\"apiGroups\": [\"argoproj.io\"], \"apiVersions\": [\"v1alpha1\"], \"resources\": [\"rollouts\"], \"operations\": [\"CREATE\", \"UPDATE\"]}}]'
```

The policies in CEL know where the template is in the workloads of Kubernetes alone: there a rule more would judge nothing.

## Installing the policies in CEL

They need Kubernetes 1.30, the one that fixes 1.36:

```console
$ kubectl apply --filename policies/kubernetes/validating-admission-policy.yaml
$ kubectl apply --filename policies/kubernetes/mutating-admission-policy.yaml
$ kubectl create --dry-run=server --filename policies/gatekeeper/samples/unfixable.yaml
```

`transom-errors` refuses, `transom-warnings` warns the client and leaves an audit annotation; change `validationActions` of the bindings, and their `namespaceSelector`, as you like. Neither reads settings or a ConfigMap: a rule that is to be silent is taken out of the policy, by its entry in `validations`. The chart does that by its `settings.rules`, and makes policies of their own of what is to warn instead of to refuse, and the other way round; with `server.dryRun` its bindings only warn. An annotation `transom.dev/ignore.<rule>` hides findings here too; the date in it is not read.

`transom-fixes` pins pods to the system they are for, and adds the tolerations that Windows pods lack. What the cluster is like it takes from the ConfigMap `transom-fixes` in `kube-system`, which is in the same file, as the settings would say it:

```console
$ kubectl --namespace kube-system patch configmap transom-fixes --patch '{\"data\": {\"platform\": \"openshift\"}}'
$ kubectl --namespace kube-system patch configmap transom-fixes --patch '{\"data\": {\"windows.taints\": \"os=windows:NoSchedule pool=win:NoExecute\"}}'
```

| key | is |
|---|---|
| `platform` | as in the settings: with `gke` and `openshift` the Windows nodes carry the taints of these |
| `windows.taints` | the taints of the Windows nodes instead, as `kubectl taint` takes them; `none` where they carry none |
| `rules.off` | rules, by name or id, whose fixes are not made |

Of the settings the webhook knows more: labels of nodes, exempt kinds, what counts as a suppression. The chart writes this ConfigMap from its `settings`, and exempt namespaces into the bindings (`admissionPolicies.enabled`). Without the ConfigMap nothing is fixed.

Do not delete the policy or its binding to make it stop, and create it again later. The API server 1.36, as observed, then goes on with the ConfigMap as it was before, whatever is written to it since, until it is restarted itself. Where the ConfigMap is then in another namespace, nothing is fixed until then: so it is with this file after `helm uninstall` of the chart, which keeps its ConfigMap in the namespace of the release. `helm uninstall` and `helm rollback` delete the policy, too. Change the ConfigMap instead: what stands in `rules.off` fixes nothing (`WIN101 WIN102 WIN104 WIN105 WIN109 WIN110` are all).

### What becomes of what cannot be decided

The webhooks refuse pods and workloads while there is no server (`failurePolicy: Fail`), because everything would pass, and for as long as it takes. A policy in CEL is never away: the API server itself decides. What it cannot decide is a single object that takes more than its limits for CEL allow (a pod of 500 containers does not), so these policies let it pass (`failurePolicy: Ignore`): they speak of what will not run, not of what is dangerous, and a false alarm about it would keep a sound workload out. The policies that fix let pass what they cannot fix, as [good practice](https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/#fail-open-validate-final-state) has it: what is left is found by those that refuse, which see the object as it is in the end.

### What was there before

An update that leaves the pods as they were is not judged: one that leaves the template of a workload as it was, or, in anything else, all but `metadata` and `status`. So controllers go on with what is bad already, scale it down and free it of its finalizers; the audit says what is there. Webhooks have such conditions (`matchConditions`) since Kubernetes 1.28: 1.27 drops them without a word.

## What CEL can say

A policy in CEL sees one object, knows no settings but those of its ConfigMap, and cannot look anything up. So it speaks where the pod itself says what it is for: `os.name`, HostProcess containers, `nodeSelector`, required node affinity, `windowsOptions`, images of repositories that hold Windows alone. It says nothing that the rules do not say of the same object; that is tested, for thousands of them, and that the API server says the same. What the API server's own validation refuses comes to no policy of its own, but may come to one of Kyverno or Gatekeeper outside of a cluster; these rules are marked.

COVERAGE
Why not the others: a rule about another kind of object needs the pods that it selects; a hint is not shown at admission; what is read in image tags, command lines, scripts and paths takes tables and readers that CEL does not have; amounts and taints are compared with nodes and settings that it does not see. Ephemeral containers and resizes are requests of their own, which only the webhook sees.
";

const GATEKEEPER: &str = "\
# transom for Gatekeeper

- [template.yaml](template.yaml), [constraint.yaml](constraint.yaml) and [provider.yaml](provider.yaml): a constraint of kind `TransomCompatibility` asks transom-server through External Data. All rules, and audit too. Gatekeeper sends one object with each question; what else the rules want to know of the cluster the server looks up.
- [cel](cel): the rules that CEL can say, by the engine `K8sNativeValidation`, without any service. [Which these are](../kubernetes/README.md#what-cel-can-say).

Gatekeeper cannot load WebAssembly, and its mutation gives a provider one string instead of the object, so it applies no fixes: use the mutating webhook for that.

## Installing

Gatekeeper 3.19 or newer with a transom-server that has a certificate for `transom.transom.svc`; the first command writes the CA into the provider.

```console
$ transom-server certs --out certs --name transom.transom.svc --inject policies/gatekeeper/provider.yaml
$ kubectl apply --filename policies/gatekeeper/provider.yaml --filename policies/gatekeeper/template.yaml
$ kubectl apply --filename policies/gatekeeper/constraint.yaml
```

Parameters of the constraint: `actions` (`[deny]`; a second constraint with `[warn]` and `enforcementAction: warn` shows warnings), `settings` (instead of the server's), `failOpen` (whether objects pass while the server cannot be asked).

Answers are remembered for three minutes (`--external-data-provider-response-cache-ttl`): settings that change take that long. Whether objects pass while Gatekeeper itself is away its own webhook says (`failurePolicy: Ignore`, unless its chart is told otherwise); that of the templates in CEL is about the limits of CEL alone, and is [Ignore for the reason given there](../kubernetes/README.md#what-becomes-of-what-cannot-be-decided). Updates that leave the pods as they were [are not judged](../kubernetes/README.md#what-was-there-before); the audit judges all that is there. Of custom resources with templates of pods, such as Argo's Rollouts, none is asked about until `match.kinds` of the constraint names it (`{apiGroups: [argoproj.io], kinds: [Rollout]}`); their pods are. The templates in CEL cannot judge them. Without service, and tried without a cluster:

```console
$ kubectl apply --filename policies/gatekeeper/cel/errors-template.yaml --filename policies/gatekeeper/cel/warnings-template.yaml
$ kubectl apply --filename policies/gatekeeper/cel/errors-constraint.yaml --filename policies/gatekeeper/cel/warnings-constraint.yaml
$ gator verify policies/gatekeeper/...
```
";

const KYVERNO: &str = "\
# transom for Kyverno

- [validating-policy.yaml](validating-policy.yaml) refuses and [mutating-policy.yaml](mutating-policy.yaml) fixes: both ask transom-server, with `http.Post`. Kyverno 1.17 or newer.
- [cluster-policy.yaml](cluster-policy.yaml) does both with `apiCall`, for older ones.
- [cel.yaml](cel.yaml): the rules that CEL can say, without any service. [Which these are](../kubernetes/README.md#what-cel-can-say).

All rules about pods and what has a template of them. Of custom resources with such a template, such as Argo's Rollouts, none is asked about until a rule in `matchConstraints.resourceRules` names it (of `cluster-policy.yaml`: `match`); their pods are. `cel.yaml` cannot judge them. Pods are judged where they are written, so Kyverno is to make no rules for controllers out of rules for pods (autogen is off). Warnings of transom are not shown: a policy of Kyverno allows or refuses. Updates that leave the pods as they were [are not judged](../kubernetes/README.md#what-was-there-before). Kyverno cannot load WebAssembly.

## Installing

With a transom-server that has a certificate for `transom.transom.svc`. Kyverno has to trust its CA: a policy of Kyverno 1.19 cannot name one for `http.Post`. Kyverno's chart takes it with what else Kyverno trusts (`cat certs/ca.crt /etc/ssl/certs/ca-certificates.crt > trusted.crt`); elsewhere set `SSL_CERT_FILE` for its admission controller:

```console
$ helm upgrade kyverno kyverno/kyverno --namespace kyverno --reuse-values --set-file global.caCertificates.data=trusted.crt
$ kubectl apply --filename policies/kyverno/validating-policy.yaml --filename policies/kyverno/mutating-policy.yaml
$ kubectl create --dry-run=server --filename policies/gatekeeper/samples/unfixable.yaml
```

The settings are those of the server. `mutating-policy.yaml` and `cluster-policy.yaml` fix unless these say `mutate: off`. While it cannot be asked, `validating-policy.yaml` refuses (`failurePolicy: Fail`), and `mutating-policy.yaml` leaves objects as they are. Kyverno makes its webhooks by this field: with `Fail` nothing that the policy is about passes while Kyverno itself is away. So the policy in CEL that refuses says `Fail`, too, other than in the API server, which is never away from itself; the one that warns says `Ignore`.

`cluster-policy.yaml` reads the CA from a ConfigMap instead: `kubectl --namespace kyverno create configmap transom-ca --from-file=ca.crt=certs/ca.crt`.
";

const OPA: &str = "\
# transom for the Open Policy Agent

OPA loads `transom-bundle.tar.gz` as it is: all rules, with settings from `data.transom.settings` and objects to look up from `data.kubernetes`. [config.yaml](config.yaml) says where the bundle comes from, [webhook.yaml](webhook.yaml) lets the API server ask OPA.

Each request reads all objects to look up anew: in opa 1.19 some 70 ms for each megabyte of them, a second for 5,000 pods. So replicate what is few, such as Nodes, Namespaces, RuntimeClasses, StorageClasses and Services, and workloads only of small clusters. transom-server keeps what it watches at hand.

Of its two webhooks the validating one asks for `system.validate`, which never changes anything, and the mutating one for `system.main`, OPA's default decision, which adds a patch to its answer where the settings say `mutate: safe`. The API server refuses a patch from a validating webhook, so let none ask `/`.

It takes an opa with a WebAssembly engine (`opa version` says so). conftest, which has none, cannot load it; nor can tools that read plain Rego alone.

Updates that leave the pods as they were [are not judged](../kubernetes/README.md#what-was-there-before): the API server does not ask about them. Nor does it about custom resources with templates of pods, such as Argo's Rollouts, until the rules of [webhook.yaml](webhook.yaml) [name them](../kubernetes/README.md#custom-resources); it does about their pods.

## Installing

```console
$ transom-server certs --out certs --name opa.opa.svc --name localhost --inject policies/opa/webhook.yaml
$ opa run --server --addr 0.0.0.0:8181 --config-file policies/opa/config.yaml --tls-cert-file certs/tls.crt --tls-private-key-file certs/tls.key
$ curl --cacert certs/ca.crt --request PUT https://localhost:8181/v1/data/transom/settings --data '{\"platform\": \"aks\"}'
$ kubectl apply --filename policies/opa/webhook.yaml
```

`webhook.yaml` expects OPA behind a Service `opa` in a namespace `opa`, whose port 443 leads to 8181. The first command makes a CA and a certificate for it, and writes the CA into each `clientConfig.caBundle`.
";

const KUBEWARDEN: &str = "\
# transom for Kubewarden

Kubewarden loads the module as it is: all rules, settings that are checked when the policy is loaded, fixes, and look-ups of Namespaces, Nodes and RuntimeClasses. [cluster-admission-policy.yaml](cluster-admission-policy.yaml) names every resource of Kubernetes that is judged. Custom resources with templates of pods, such as Argo's Rollouts, are judged once its `rules` name them; until then only their pods are. Updates that leave the pods as they were [are not judged](../kubernetes/README.md#what-was-there-before). Of the requests it sees one object each: a rule that needs the pods behind a Service has only what it may look up.

## Installing

```console
$ kwctl pull ghcr.io/transom-dev/transom/policy:v0.1.0
$ kwctl scaffold admission-request --operation CREATE --object policies/gatekeeper/samples/refused.yaml
$ kubectl apply --filename policies/kubewarden/cluster-admission-policy.yaml
```

`settings: {mutate: safe}` makes it fix what can be fixed safely. [More about it](../../crates/kubewarden/README.md).
";

/// Every rule that CEL says something of: what of it, what a policy does, and whether it fixes.
fn table() -> String {
    let coverage = coverage();
    let mut out =
        String::from("| rule | name | policy | what it sees | its own example | fixes |\n|---|---|---|---|---|---|\n");
    let said = || coverage.iter().filter_map(|(rule, coverage)| Some((rule, coverage.as_ref().ok()?)));
    for (rule, said) in said() {
        let policies = [(said.refuses, "refuses"), (said.warns, "warns")];
        let policies: Vec<_> = policies.iter().filter(|(does, _)| *does).map(|(_, word)| *word).collect();
        let _ = writeln!(
            out,
            "| [{}](../../docs/rules/{}-{}.md) | {}{} | {} | {} | {} | {} |",
            rule.id,
            rule.id,
            rule.name,
            rule.name,
            if said.is_validated { " ¹" } else { "" },
            policies.join(", "),
            said.sees.join("; "),
            said.finds_example.map_or("–", |finds| if finds { "found" } else { "not found" }),
            if said.fixes { "yes" } else { "" },
        );
    }
    let unsaid: Vec<(&Rule, Unsaid)> =
        coverage.iter().filter_map(|(rule, coverage)| Some((*rule, *coverage.as_ref().err()?))).collect();
    let count = |why: Unsaid| unsaid.iter().filter(|(_, unsaid)| *unsaid == why).count();
    let _ = write!(
        out,
        "\n¹ The API server's own validation refuses most of these before a policy sees them.\n\n\
         {} of {} rules. Of the others, {} are about other objects or about the input itself, {} are \
         hints, and {} take more than the object:\n\n",
        said().count(),
        coverage.len(),
        count(Unsaid::OtherObject),
        count(Unsaid::Hint),
        count(Unsaid::TakesMore),
    );
    let list: Vec<_> = unsaid.iter().map(|(rule, _)| format!("{} {}", rule.id, rule.name)).collect();
    let _ = writeln!(
        out,
        "<details><summary>the rules that CEL cannot say</summary>\n\n{}\n\n</details>\n",
        list.join(", ")
    );
    out
}
