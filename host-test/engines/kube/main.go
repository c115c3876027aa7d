// Judges Kubernetes objects as kube-apiserver and kube-scheduler do, with their
// own code: JSON lines in, one JSON line out for each, in order.
//
// README.md describes the wire format.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/capabilities"
	"k8s.io/kubernetes/pkg/features"
	kjson "sigs.k8s.io/json"

	scheduling "k8s.io/component-helpers/scheduling/corev1"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
)

// request is one line of stdin: exactly one of Pod and Workload.
type request struct {
	Pod         json.RawMessage `json:"pod"`
	Workload    json.RawMessage `json:"workload"`
	Old         json.RawMessage `json:"old"`
	Subresource string          `json:"subresource"`
	Nodes       []corev1.Node   `json:"nodes"`

	RuntimeClass *nodev1.RuntimeClass `json:"runtimeClass"`
	Namespace    *corev1.Namespace    `json:"namespace"`
}

// answer is one line of stdout.
type answer struct {
	Decode  string       `json:"decode,omitempty"`
	Strict  []string     `json:"strict,omitempty"`
	Errors  []fieldError `json:"errors"`
	Matches []bool       `json:"matches,omitempty"`
	Labels  []bool       `json:"labels,omitempty"`
	Taints  []bool       `json:"taints,omitempty"`

	RuntimeClass string      `json:"runtimeClass,omitempty"`
	PodSecurity  []violation `json:"podSecurity,omitempty"`
}

type fieldError struct {
	Type    string `json:"type"`
	Field   string `json:"field"`
	Message string `json:"message"`
	Detail  string `json:"detail"`
}

func main() {
	gates := flag.String("feature-gates", "", "as for kube-apiserver: Name=true,Other=false")
	flag.Parse()
	if err := utilfeature.DefaultMutableFeatureGate.Set(*gates); err != nil {
		fail(err)
	}

	// Every object is garbage as soon as it is answered; collecting less often
	// halves the time of a large run.
	debug.SetGCPercent(800)
	capabilities.Initialize(capabilities.Capabilities{AllowPrivileged: true})

	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := write(out, answerLine(line)); err != nil {
				fail(err)
			}
		}
		// A caller that sends one line and waits must get its answer; a caller
		// that sends many gets them in large writes.
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				fail(err)
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "kube:", err)
	os.Exit(1)
}

func write(out *bufio.Writer, a answer) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return err
	}
	return out.WriteByte('\n')
}

// answerLine never fails: what cannot be read is an answer too.
func answerLine(line []byte) answer {
	var req request
	if err := json.Unmarshal(line, &req); err != nil {
		return answer{Decode: "request: " + err.Error()}
	}
	answer, err := judge(&req)
	if err != nil {
		answer.Decode = err.Error()
	}
	return answer
}

func judge(req *request) (answer, error) {
	var answer answer
	text, kind := req.Pod, schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	if text == nil {
		var meta metav1.TypeMeta
		if err := json.Unmarshal(req.Workload, &meta); err != nil {
			return answer, fmt.Errorf("a request needs `pod` or `workload`: %w", err)
		}
		text, kind = req.Workload, meta.GroupVersionKind()
	}

	object, strict, err := decode(text, kind)
	if err != nil {
		return answer, err
	}
	for _, err := range strict {
		answer.Strict = append(answer.Strict, err.Error())
	}
	pod, err := podOf(object)
	if err != nil {
		return answer, err
	}
	internal, err := toInternal(object)
	if err != nil {
		return answer, err
	}
	if req.RuntimeClass != nil {
		// The pods of a workload pass the plug-in later than their template is validated.
		made, isPod := internal.(*core.Pod)
		if !isPod {
			made = &core.Pod{}
			if err := legacyscheme.Scheme.Convert(pod, made, nil); err != nil {
				return answer, err
			}
		}
		if err := admitRuntimeClass(made, req.RuntimeClass); err != nil {
			answer.RuntimeClass = err.Error()
		}
		pod = &corev1.Pod{}
		if err := legacyscheme.Scheme.Convert(made, pod, nil); err != nil {
			return answer, err
		}
	}

	var oldInternal runtime.Object
	if req.Old != nil {
		old, _, err := decode(req.Old, kind)
		if err != nil {
			return answer, fmt.Errorf("old: %w", err)
		}
		if oldInternal, err = toInternal(old); err != nil {
			return answer, fmt.Errorf("old: %w", err)
		}
	}

	found, err := validate(internal, oldInternal, req.Subresource)
	if err != nil {
		return answer, err
	}
	answer.Errors = []fieldError{}
	for _, err := range found {
		answer.Errors = append(answer.Errors, fieldError{string(err.Type), err.Field, err.ErrorBody(), err.Detail})
	}
	answer.matchNodes(pod, req.Nodes)
	if req.Namespace != nil {
		answer.PodSecurity = violations(pod, req.Namespace)
	}
	return answer, nil
}

// decode reads as the API server does: case-sensitive names, defaults filled in.
// The errors in the middle are those that `fieldValidation=Strict` refuses
// (kubectl's default) and the server alone only warns about.
func decode(text []byte, kind schema.GroupVersionKind) (runtime.Object, []error, error) {
	object, err := legacyscheme.Scheme.New(kind)
	if err != nil {
		return nil, nil, err
	}
	strict, err := kjson.UnmarshalStrict(text, object)
	if err != nil {
		return nil, nil, err
	}
	legacyscheme.Scheme.Default(object)
	return object, strict, nil
}

func toInternal(object runtime.Object) (runtime.Object, error) {
	kinds, _, err := legacyscheme.Scheme.ObjectKinds(object)
	if err != nil {
		return nil, err
	}
	internal := schema.GroupVersion{Group: kinds[0].Group, Version: runtime.APIVersionInternal}
	return legacyscheme.Scheme.ConvertToVersion(object, internal)
}

// matchNodes says of each node what the scheduler's NodeAffinity and
// TaintToleration filters say.
func (a *answer) matchNodes(pod *corev1.Pod, nodes []corev1.Node) {
	if len(nodes) == 0 {
		return
	}
	affinity := nodeaffinity.GetRequiredNodeAffinity(pod)
	comparison := utilfeature.DefaultFeatureGate.Enabled(features.TaintTolerationComparisonOperators)
	filters := func(taint *corev1.Taint) bool {
		return taint.Effect == corev1.TaintEffectNoSchedule || taint.Effect == corev1.TaintEffectNoExecute
	}
	for i := range nodes {
		// A term that cannot be parsed matches nothing; the scheduler drops the error as well.
		labels, _ := affinity.Match(&nodes[i])
		_, untolerated := scheduling.FindMatchingUntoleratedTaint(
			klog.Background(), nodes[i].Spec.Taints, pod.Spec.Tolerations, filters, comparison)
		a.Labels = append(a.Labels, labels)
		a.Taints = append(a.Taints, !untolerated)
		a.Matches = append(a.Matches, labels && !untolerated)
	}
}
