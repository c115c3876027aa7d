{{/* A release may have a dot in its name and begin with a digit, a Service may not. */}}
{{- define "transom.name" -}}
{{- $name := .Release.Name | replace "." "-" }}
{{- if regexMatch "^[0-9]" $name }}
{{- $name = printf "transom-%s" $name }}
{{- else if not (contains "transom" $name) }}
{{- $name = printf "%s-transom" $name }}
{{- end }}
{{- $name | trunc 53 | trimSuffix "-" }}
{{- end }}

{{- define "transom.selector" -}}
app.kubernetes.io/name: transom
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "transom.labels" -}}
{{ include "transom.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* The DNS name of the server. */}}
{{- define "transom.host" -}}
{{ include "transom.name" . }}.{{ .Release.Namespace }}.svc
{{- end }}

{{/* The Secret that its certificate is in. */}}
{{- define "transom.secret" -}}
{{- if eq .Values.certificates.from "secret" }}{{ .Values.certificates.secretName }}{{ else }}{{ include "transom.name" . }}-tls{{ end }}
{{- end }}

{{/*
Certificate, key and CA as JSON, in base64. What was made at installation is kept: every upgrade would
otherwise make another one.
*/}}
{{- define "transom.generated" -}}
{{- if not (hasKey .Release "transomCertificate") }}
{{- $made := dict }}
{{- $kept := lookup "v1" "Secret" .Release.Namespace (include "transom.secret" .) }}
{{- if and $kept $kept.data (index $kept.data "ca.crt") }}
{{- $made = dict "ca" (index $kept.data "ca.crt") "cert" (index $kept.data "tls.crt") "key" (index $kept.data "tls.key") }}
{{- else }}
{{- $host := include "transom.host" . }}
{{- $days := int .Values.certificates.days }}
{{- $ca := genCA (printf "%s CA" (include "transom.name" .)) $days }}
{{- $cert := genSignedCert $host nil (list $host (printf "%s.cluster.local" $host)) $days $ca }}
{{- $made = dict "ca" (b64enc $ca.Cert) "cert" (b64enc $cert.Cert) "key" (b64enc $cert.Key) }}
{{- end }}
{{- $_ := set .Release "transomCertificate" $made }}
{{- end }}
{{- .Release.transomCertificate | toJson }}
{{- end }}

{{/* The CA in base64; empty where cert-manager writes it where it is wanted. */}}
{{- define "transom.ca" -}}
{{- if eq .Values.certificates.from "generated" }}
{{- (include "transom.generated" . | fromJson).ca }}
{{- else if .Values.certificates.ca }}
{{- .Values.certificates.ca | b64enc }}
{{- end }}
{{- end }}

{{/*
The namespaces that nothing here looks at, as JSON: `names` of a generated file, with those of this release
and its settings. Where the server were asked about its own pods, none could be created while it is away.
*/}}
{{- define "transom.excluded" -}}
{{- $exempt := get ((.root.Values.settings).exempt | default dict) "namespaces" | default list }}
{{- $own := concat (list .root.Release.Namespace) (.root.Values.webhooks.excludedNamespaces | default list) $exempt }}
{{- concat (without .names "transom") $own | uniq | toJson }}
{{- end }}

{{/* Selects by labels the namespaces to look at, as a selector in JSON: `names` are excluded, too. */}}
{{- define "transom.namespaces" -}}
{{- $names := dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" (include "transom.excluded" . | fromJsonArray) }}
{{- dict "matchExpressions" (concat (list $names) (include "transom.selected" .root | fromJsonArray)) | toJson }}
{{- end }}

{{/* The further requirements on the labels of namespaces, as JSON. */}}
{{- define "transom.selected" -}}
{{- (.Values.webhooks.namespaceSelector).matchExpressions | default list | toJson }}
{{- end }}

{{/* Refuses clusters that are too old. A Helm that asks no cluster may take it for one of 1.20. */}}
{{- define "transom.takes" -}}
{{- $is := .root.Capabilities.KubeVersion.Version }}
{{- if semverCompare (printf ">=1.21.0-0, <%s.0-0" .version) $is }}
{{- fail (printf "%s takes Kubernetes %s, and this is %s" .what .version $is) }}
{{- end }}
{{- end }}
