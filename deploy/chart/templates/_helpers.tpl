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
