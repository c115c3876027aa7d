# Five of transom's rules as one writes them in Rego, and what a pod is meant for as far as its own fields
# say it. `cargo x bench hosts` compares what they cost in each engine; host-test/tests/rego proves that
# they say the same as transom.
package windows

import rego.v1

subject := input.request.object if {
	input.kind == "AdmissionReview"
} else := input

# Where the pod template is.
at := "" if {
	subject.kind == "Pod"
} else := "/template" if {
	subject.kind == "PodTemplate"
} else := "/spec/jobTemplate/spec/template" if {
	subject.kind == "CronJob"
} else := "/spec/template"

pod := subject if {
	subject.kind == "Pod"
} else := subject.template if {
	subject.kind == "PodTemplate"
} else := subject.spec.jobTemplate.spec.template if {
	subject.kind == "CronJob"
} else := subject.spec.template

containers contains {"at": concat("/", [at, "spec", list, format_int(index, 10)]), "list": list, "view": view} if {
	some list in ["initContainers", "containers", "ephemeralContainers"]
	some index, view in pod.spec[list]
}

# What the pod is meant for: the first that says anything decides.
system := lower(pod.spec.os.name) if {
	pod.spec.os.name
} else := "windows" if {
	is_host_process
} else := pod.spec.nodeSelector["kubernetes.io/os"] if {
	pod.spec.nodeSelector["kubernetes.io/os"]
} else := pod.metadata.labels["kubernetes.io/os"] if {
	pod.metadata.labels["kubernetes.io/os"]
} else := "windows" if {
	has_windows_options
} else := "linux" if {
	some_volume_is_of_linux
} else := "windows" if {
	some container in containers
	is_windows_image(container.view.image)
}

is_host_process if pod.spec.securityContext.windowsOptions.hostProcess == true

is_host_process if {
	some container in containers
	container.view.securityContext.windowsOptions.hostProcess == true
}

has_windows_options if count(object.remove(pod.spec.securityContext.windowsOptions, ["hostProcess"])) > 0

has_windows_options if {
	some container in containers
	count(object.remove(container.view.securityContext.windowsOptions, ["hostProcess"])) > 0
}

some_volume_is_of_linux if {
	some volume in pod.spec.volumes
	startswith(volume.hostPath.path, "/")
}

is_windows_image(image) if contains(image, "windows")

is_windows_image(image) if contains(image, "nanoserver")

is_windows_image(image) if startswith(image, "mcr.microsoft.com/dotnet/framework/")

violations contains finding if {
	system == "windows"
	some finding in findings
}

# WIN203 privileged-container
findings contains {"rule": "WIN203", "path": path, "message": message} if {
	some container in containers
	container.view.securityContext.privileged == true
	path := concat("", [container.at, "/securityContext/privileged"])
	message := concat("", ["container ", container.view.name, ": there are no privileged containers on Windows"])
}

# WIN403 dns-policy
findings contains {"rule": "WIN403", "path": path, "message": message} if {
	pod.spec.dnsPolicy == "ClusterFirstWithHostNet"
	not is_host_process
	path := concat("", [at, "/spec/dnsPolicy"])
	message := "dnsPolicy ClusterFirstWithHostNet is not supported on Windows"
}

# WIN501 memory-empty-dir
findings contains {"rule": "WIN501", "path": path, "message": message} if {
	some index, volume in pod.spec.volumes
	is_memory(volume.emptyDir.medium)
	path := concat("", [at, "/spec/volumes/", format_int(index, 10), "/emptyDir/medium"])
	message := concat("", ["volume ", volume.name, ": emptyDir.medium ", volume.emptyDir.medium, ": Windows has no tmpfs"])
}

is_memory(medium) if medium == "Memory"

is_memory(medium) if startswith(medium, "HugePages")

# WIN508 mount-propagation
findings contains {"rule": "WIN508", "path": path, "message": message} if {
	some container in containers
	some index, mount in container.view.volumeMounts
	mount.mountPropagation in {"HostToContainer", "Bidirectional"}
	path := concat("", [container.at, "/volumeMounts/", format_int(index, 10), "/mountPropagation"])
	message := concat("", ["container ", container.view.name, ": mountPropagation of volume ", mount.name, ": mounts never propagate on Windows"])
}

# WIN803 no-memory-limit
findings contains {"rule": "WIN803", "path": container.at, "message": message} if {
	some container in containers
	container.list != "ephemeralContainers"
	object.get(container.view, ["resources", "limits", "memory"], "0") in {0, "0"}
	message := concat("", ["container ", container.view.name, ": no memory limit: Windows pages to disk until the whole node is slow"])
}
