{{- define "nestlet.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "nestlet.serviceAccountName" -}}
{{ .Values.serviceAccount.name | default (include "nestlet.name" .) }}
{{- end }}

{{- define "nestlet.selectorLabels" -}}
app.kubernetes.io/name: nestlet
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "nestlet.labels" -}}
{{ include "nestlet.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* As the Pod Security level restricted asks for. */}}
{{- define "nestlet.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "nestlet.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
