package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	nodeclient "k8s.io/client-go/kubernetes/typed/node/v1"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/plugin/pkg/admission/runtimeclass"
	podsecurity "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// admitRuntimeClass merges the class into the pod, in place, as the RuntimeClass
// plug-in does on creation; the error is its refusal.
func admitRuntimeClass(pod *core.Pod, class *nodev1.RuntimeClass) error {
	factory := informers.NewSharedInformerFactory(nil, 0)
	if err := factory.Node().V1().RuntimeClasses().Informer().GetIndexer().Add(class); err != nil {
		return err
	}
	plugin := runtimeclass.NewRuntimeClass()
	plugin.SetExternalKubeInformerFactory(factory)
	plugin.SetExternalKubeClientSet(noCluster{})

	attributes := admission.NewAttributesRecord(
		pod, nil, core.SchemeGroupVersion.WithKind("Pod"), pod.Namespace, pod.Name,
		core.Resource("pods").WithVersion(""), "", admission.Create, &metav1.CreateOptions{}, false, nil)
	if err := plugin.Admit(context.Background(), attributes, nil); err != nil {
		return err
	}
	return plugin.Validate(context.Background(), attributes, nil)
}

// noCluster is the live lookup of a class that the informer does not know.
type noCluster struct {
	kubernetes.Interface
	nodeclient.NodeV1Interface
	nodeclient.RuntimeClassInterface
}

func (c noCluster) NodeV1() nodeclient.NodeV1Interface { return c }

func (c noCluster) RuntimeClasses() nodeclient.RuntimeClassInterface { return c }

func (c noCluster) Get(_ context.Context, name string, _ metav1.GetOptions) (*nodev1.RuntimeClass, error) {
	return nil, apierrors.NewNotFound(nodev1.Resource("runtimeclasses"), name)
}

// violation is a check of the Pod Security Standards that the pod does not pass.
type violation struct {
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

// standards holds the checks of every version of the Pod Security Standards.
var standards = func() policy.Evaluator {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err)
	}
	return evaluator
}()

// violations evaluates the pod by the standard that the namespace enforces, as
// the PodSecurity plug-in does with its default configuration.
func violations(pod *corev1.Pod, namespace *corev1.Namespace) []violation {
	everything := podsecurity.LevelVersion{Level: podsecurity.LevelPrivileged, Version: podsecurity.LatestVersion()}
	defaults := podsecurity.Policy{Enforce: everything, Audit: everything, Warn: everything}
	// Labels that cannot be read mean the strictest standard; the error is for the namespace's own admission.
	standard, _ := podsecurity.PolicyToEvaluate(namespace.Labels, defaults)

	found := []violation{}
	for _, check := range standards.EvaluatePod(standard.Enforce, &pod.ObjectMeta, &pod.Spec) {
		if !check.Allowed {
			found = append(found, violation{check.ForbiddenReason, check.ForbiddenDetail})
		}
	}
	return found
}
