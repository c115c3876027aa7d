package main

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/batch"
	batchvalidation "k8s.io/kubernetes/pkg/apis/batch/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// podOf gives the pod that a workload makes, for the scheduler's part.
func podOf(object runtime.Object) (*corev1.Pod, error) {
	var template *corev1.PodTemplateSpec
	switch o := object.(type) {
	case *corev1.Pod:
		return o, nil
	case *corev1.PodTemplate:
		template = &o.Template
	case *corev1.ReplicationController:
		template = o.Spec.Template
	case *appsv1.Deployment:
		template = &o.Spec.Template
	case *appsv1.ReplicaSet:
		template = &o.Spec.Template
	case *appsv1.StatefulSet:
		template = &o.Spec.Template
	case *appsv1.DaemonSet:
		template = &o.Spec.Template
	case *batchv1.Job:
		template = &o.Spec.Template
	case *batchv1.CronJob:
		template = &o.Spec.JobTemplate.Spec.Template
	default:
		return nil, fmt.Errorf("%T has no pod that this program knows", object)
	}
	if template == nil {
		template = &corev1.PodTemplateSpec{}
	}
	return &corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}, nil
}

// validate does what the registry strategy of each kind does between decoding
// and storing: drop the fields whose feature gate is off, then validate.
func validate(object, old runtime.Object, subresource string) (field.ErrorList, error) {
	if old != nil {
		pod, ok := object.(*core.Pod)
		oldPod, okOld := old.(*core.Pod)
		if !ok || !okOld {
			return nil, fmt.Errorf("only a Pod may come with `old`, not %T", object)
		}
		return validatePodUpdate(pod, oldPod, subresource)
	}

	switch o := object.(type) {
	case *core.Pod:
		podutil.DropDisabledPodFields(o, nil)
		opts := podutil.GetValidationOptionsFromPodSpecAndMeta(&o.Spec, nil, &o.ObjectMeta, nil)
		opts.ResourceIsPod = true
		inNamespace(&o.ObjectMeta)
		return validation.ValidatePodCreate(o, opts), nil
	case *core.PodTemplate:
		inNamespace(&o.ObjectMeta)
		return validation.ValidatePodTemplate(o, prepare(&o.Template)), nil
	case *core.ReplicationController:
		inNamespace(&o.ObjectMeta)
		return validation.ValidateReplicationController(o, prepare(o.Spec.Template)), nil
	case *apps.Deployment:
		inNamespace(&o.ObjectMeta)
		return appsvalidation.ValidateDeployment(o, prepare(&o.Spec.Template)), nil
	case *apps.ReplicaSet:
		inNamespace(&o.ObjectMeta)
		return appsvalidation.ValidateReplicaSet(o, prepare(&o.Spec.Template)), nil
	case *apps.StatefulSet:
		inNamespace(&o.ObjectMeta)
		return appsvalidation.ValidateStatefulSet(o, prepare(&o.Spec.Template)), nil
	case *apps.DaemonSet:
		inNamespace(&o.ObjectMeta)
		return appsvalidation.ValidateDaemonSet(o, prepare(&o.Spec.Template)), nil
	case *batch.Job:
		inNamespace(&o.ObjectMeta)
		selectOwnPods(o)
		opts := batchvalidation.JobValidationOptions{
			PodValidationOptions:  prepare(&o.Spec.Template),
			RequirePrefixedLabels: true,
		}
		return batchvalidation.ValidateJob(o, opts), nil
	case *batch.CronJob:
		inNamespace(&o.ObjectMeta)
		return batchvalidation.ValidateCronJobCreate(o, prepare(&o.Spec.JobTemplate.Spec.Template)), nil
	}
	return nil, fmt.Errorf("%T cannot be validated by this program", object)
}

func validatePodUpdate(pod, old *core.Pod, subresource string) (field.ErrorList, error) {
	inNamespace(&pod.ObjectMeta)
	inNamespace(&old.ObjectMeta)
	pod.ResourceVersion, old.ResourceVersion = "1", "1"
	if subresource == "ephemeralcontainers" {
		ephemeral := pod.Spec.EphemeralContainers
		pod.Spec = *old.Spec.DeepCopy()
		pod.Spec.EphemeralContainers = ephemeral
	}
	podutil.DropDisabledPodFields(pod, old)
	opts := podutil.GetValidationOptionsFromPodSpecAndMeta(&pod.Spec, &old.Spec, &pod.ObjectMeta, &old.ObjectMeta)
	opts.ResourceIsPod = true
	switch subresource {
	case "":
		return validation.ValidatePodUpdate(pod, old, opts), nil
	case "ephemeralcontainers":
		return validation.ValidatePodEphemeralContainersUpdate(pod, old, opts), nil
	case "resize":
		return validation.ValidatePodResize(pod, old, opts), nil
	}
	return nil, fmt.Errorf("unknown subresource %q", subresource)
}

func prepare(template *core.PodTemplateSpec) validation.PodValidationOptions {
	podutil.DropDisabledTemplateFields(template, nil)
	return podutil.GetValidationOptionsFromPodTemplate(template, nil)
}

// inNamespace fills in what the request's URL says on a real server.
func inNamespace(meta *metav1.ObjectMeta) {
	if meta.Namespace == "" {
		meta.Namespace = "default"
	}
}

// selectOwnPods is generateSelector of pkg/registry/batch/job: the server gives
// every Job a selector for its own uid.
func selectOwnPods(job *batch.Job) {
	if job.Spec.ManualSelector != nil && *job.Spec.ManualSelector {
		return
	}
	job.UID = "00000000-0000-0000-0000-000000000001"
	if job.Spec.Template.Labels == nil {
		job.Spec.Template.Labels = map[string]string{}
	}
	for _, key := range []string{batch.LegacyJobNameLabel, batch.JobNameLabel} {
		job.Spec.Template.Labels[key] = job.Name
	}
	for _, key := range []string{batch.LegacyControllerUidLabel, batch.ControllerUidLabel} {
		job.Spec.Template.Labels[key] = string(job.UID)
	}
	job.Spec.Selector = &metav1.LabelSelector{
		MatchLabels: map[string]string{batch.ControllerUidLabel: string(job.UID)},
	}
}
