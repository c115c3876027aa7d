{{/*
What the objects are called. A release may have a dot in its name and begin with a digit, a Service may not.
*/}}
{{- define "transom.name" -}}
{{- $own := .Values.nameOverride | default "transom" }}
{{- $name := .Release.Name | replace "." "-" }}
{{- if regexMatch "^[0-9]" $name }}
{{- $name = printf "%s-%s" $own $name }}
{{- else if not (contains $own $name) }}
{{- $name = printf "%s-%s" $name $own }}
{{- end }}
{{- .Values.fullnameOverride | default $name | trunc 53 | trimSuffix "-" }}
{{- end }}

{{/* By these the pods are found. A Deployment cannot change them: no value says otherwise. */}}
{{- define "transom.selector" -}}
app.kubernetes.io/name: transom
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "transom.labels" -}}
{{ include "transom.labelled" (dict "root" .) }}
{{- end }}

{{/* The labels of an object that has `more` of them. */}}
{{- define "transom.labelled" -}}
{{- $own := include "transom.selector" .root | fromYaml }}
{{- $_ := set $own "app.kubernetes.io/version" .root.Chart.AppVersion }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .root.Release.Service }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version) }}
{{- merge $own (.more | default dict) (.root.Values.commonLabels | default dict) | toYaml }}
{{- end }}

{{/* The DNS name of the server. */}}
{{- define "transom.host" -}}
{{ include "transom.name" . }}.{{ .Release.Namespace }}.svc
{{- end }}

{{- define "transom.certificates.from" -}}
{{ (.Values.certificates).from | default "generated" }}
{{- end }}

{{- define "transom.certificates.days" -}}
{{ (.Values.certificates).days | default 3650 | int }}
{{- end }}

{{/* The Secret that its certificate is in. */}}
{{- define "transom.secret" -}}
{{- if eq (include "transom.certificates.from" .) "secret" }}
{{- (.Values.certificates).secretName | required "certificates.from=secret takes certificates.secretName" }}
{{- else }}
{{- include "transom.name" . }}-tls
{{- end }}
{{- end }}

{{/*
Whether a Secret has no certificate that is to be kept: not one that was made for as many days as are wanted,
with a third of them left. Of one by an older chart nothing is said: it was made when the Secret was.
*/}}
{{- define "transom.expires" -}}
{{- $annotations := (.secret.metadata).annotations | default dict }}
{{- $seconds := mul .days 86400 }}
{{- $end := get $annotations "transom.dev/not-after" }}
{{- if not $end }}
{{- with (.secret.metadata).creationTimestamp }}
{{- $end = toDate "2006-01-02T15:04:05Z" . | unixEpoch | int64 | add $seconds }}
{{- end }}
{{- end }}
{{- $days := get $annotations "transom.dev/days" | default (toString .days) }}
{{- $there := .secret.data | default dict }}
{{- if not (and (get $there "ca.crt") (get $there "tls.crt") (get $there "tls.key")) }}
{{- true }}
{{- else if ne $days (toString .days) }}
{{- true }}
{{- else if $end }}
{{- if lt (sub (int64 $end) (now | unixEpoch | int64)) (div $seconds 3) }}
{{- true }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Certificate, key, CA and its key as JSON, in base64, and the annotations of their Secret. What there is is kept
until it expires: every upgrade would otherwise make another one. The CA stays for as long as it outlives a new
certificate, so that what the webhooks trust does not change; after a new one stands the one before it, for as
long as pods have its certificate still.
*/}}
{{- define "transom.generated" -}}
{{- if not (hasKey .Release "transomCertificate") }}
{{- $days := include "transom.certificates.days" . | int }}
{{- $kept := lookup "v1" "Secret" .Release.Namespace (include "transom.secret" .) | default dict }}
{{- $data := $kept.data | default dict }}
{{- $made := dict }}
{{- if include "transom.expires" (dict "secret" $kept "days" $days) }}
{{- $host := include "transom.host" . }}
{{- $is := ($kept.metadata).annotations | default dict }}
{{- $end := now | unixEpoch | int64 | add (mul $days 86400) }}
{{- $before := get $data "ca.crt" | b64dec | regexFind "(?s)-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----" }}
{{- $ca := dict }}
{{- $trusted := get $data "ca.crt" | b64dec }}
{{- $last := get $is "transom.dev/ca-not-after" | int64 }}
{{- if and $before (get $data "ca.key") (gt $last $end) }}
{{- $ca = buildCustomCert (b64enc $before) (get $data "ca.key") }}
{{- else }}
{{- $lasts := max 3650 (mul 2 $days) | int }}
{{- $ca = genCA (printf "%s CA" (include "transom.name" .)) $lasts }}
{{- $trusted = ternary (printf "%s\n%s\n" (trim $ca.Cert) $before) $ca.Cert (ne $before "") }}
{{- $last = now | unixEpoch | int64 | add (mul $lasts 86400) }}
{{- end }}
{{- $cert := genSignedCert $host nil (list $host (printf "%s.cluster.local" $host)) $days $ca }}
{{- $made = dict "ca" (b64enc $trusted) "caKey" (b64enc $ca.Key) "cert" (b64enc $cert.Cert) "key" (b64enc $cert.Key) }}
{{- $notes := dict "transom.dev/not-after" (toString $end) "transom.dev/days" (toString $days) }}
{{- $_ := set $made "annotations" (set $notes "transom.dev/ca-not-after" (toString $last)) }}
{{- else }}
{{- $made = dict "ca" (get $data "ca.crt") "caKey" (get $data "ca.key") "cert" (get $data "tls.crt") "key" (get $data "tls.key") }}
{{- $is := ($kept.metadata).annotations | default dict }}
{{- $_ := set $made "annotations" (pick $is "transom.dev/not-after" "transom.dev/days" "transom.dev/ca-not-after") }}
{{- end }}
{{- $_ := set .Release "transomCertificate" $made }}
{{- end }}
{{- .Release.transomCertificate | toJson }}
{{- end }}

{{/* The CA in base64; empty where cert-manager writes it where it is wanted. */}}
{{- define "transom.ca" -}}
{{- if eq (include "transom.certificates.from" .) "generated" }}
{{- (include "transom.generated" . | fromJson).ca }}
{{- else }}
{{- with (.Values.certificates).ca }}
{{- b64enc . }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The namespaces that nothing here looks at, as JSON: `names` of a generated file, with those of this release
and its settings. Where the server were asked about its own pods, none could be created while it is away.
*/}}
{{- define "transom.excluded" -}}
{{- $exempt := get ((.root.Values.settings).exempt | default dict) "namespaces" | default list }}
{{- $own := concat (list .root.Release.Namespace) ((.root.Values.webhooks).excludedNamespaces | default list) $exempt }}
{{- concat (without .names "transom") $own | uniq | toJson }}
{{- end }}

{{/* Selects by labels the namespaces to look at, as a selector in JSON: `names` are excluded, too. */}}
{{- define "transom.namespaces" -}}
{{- $names := dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" (include "transom.excluded" . | fromJsonArray) }}
{{- dict "matchExpressions" (concat (list $names) (include "transom.selected" .root | fromJsonArray)) | toJson }}
{{- end }}

{{/* The further requirements on the labels of namespaces, as JSON. */}}
{{- define "transom.selected" -}}
{{- ((.Values.webhooks).namespaceSelector).matchExpressions | default list | toJson }}
{{- end }}

{{/* For how many seconds the API server waits for a webhook. */}}
{{- define "transom.webhooks.timeout" -}}
{{ (.Values.webhooks).timeoutSeconds | default 5 | int }}
{{- end }}

{{/* A duration as the server takes it, in milliseconds; empty where it is none. */}}
{{- define "transom.milliseconds" -}}
{{- if regexMatch "^[0-9]+(\\.[0-9]+)?(ms|s|m)?$" . }}
{{- $number := regexFind "^[0-9.]+" . }}
{{- $unit := trimPrefix $number . | default "s" }}
{{- mulf (float64 $number) (get (dict "ms" 1 "s" 1000 "m" 60000) $unit) | int }}
{{- end }}
{{- end }}

{{/*
The server's `--timeout`, where it is not to be its own 2s. It counts twice, for a request that waits for its
turn and is then judged, and half a second is for the way: the API server is not to give up first, for what
then happens `server.fail` does not say.
*/}}
{{- define "transom.timeout" -}}
{{- $seconds := include "transom.webhooks.timeout" . | int }}
{{- $most := div (sub (mul $seconds 1000) 500) 2 }}
{{- $set := "" }}
{{- $before := "" }}
{{- range (.Values.server).extraArgs }}
{{- if hasPrefix "--timeout=" . }}
{{- $set = trimPrefix "--timeout=" . }}
{{- else if eq $before "--timeout" }}
{{- $set = . }}
{{- end }}
{{- $before = . }}
{{- end }}
{{- if $set }}
{{- $is := include "transom.milliseconds" $set }}
{{- if not $is }}
{{- fail (printf "server.extraArgs: --timeout=%s is no time: write it as 500ms or 2s" $set) }}
{{- end }}
{{- if gt (int64 $is) $most }}
{{- fail (printf "server.extraArgs: --timeout=%s, for waiting and again for judging, is too long for webhooks.timeoutSeconds=%d: it may be %dms at most" $set $seconds $most) }}
{{- end }}
{{- else if lt $most 2000 }}
{{- $most }}ms
{{- end }}
{{- end }}

{{/*
Whether the platform gives pods their users: OpenShift refuses those that name one outside of the range of
their namespace.
*/}}
{{- define "transom.gives-users" -}}
{{- if or (eq (get (.Values.settings | default dict) "platform" | toString) "openshift") (.Capabilities.APIVersions.Has "security.openshift.io/v1") }}
{{- true }}
{{- end }}
{{- end }}

{{/* Refuses clusters that are too old. A Helm that asks no cluster may take it for one of 1.20. */}}
{{- define "transom.takes" -}}
{{- $is := .root.Capabilities.KubeVersion.Version }}
{{- if semverCompare (printf ">=1.21.0-0, <%s.0-0" .version) $is }}
{{- fail (printf "%s takes Kubernetes %s, and this is %s" .what .version $is) }}
{{- end }}
{{- end }}
