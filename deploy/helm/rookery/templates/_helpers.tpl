{{- define "rookery.name" -}}
{{- printf "%s-rookery" .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "rookery.labels" -}}
app.kubernetes.io/name: rookery
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "rookery.selector" -}}
app.kubernetes.io/name: rookery
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- /* rookery.yaml: what the chart decides goes over what values say. Secrets are read from files at the start of a process. */ -}}
{{- define "rookery.config" -}}
{{- $file := "${file:/run/secrets/rookery/%s}" -}}
{{- $accounts := list -}}
{{- range .Values.accounts -}}
{{- $account := . -}}
{{- if $.Values.accountSecretName -}}
{{- $account = merge (dict "token" (printf "${file:/run/secrets/accounts/%s.token}" .selfId)) . -}}
{{- end -}}
{{- $accounts = append $accounts $account -}}
{{- end -}}
{{- $ours := dict
  "redis" (dict "url" (printf $file "redis-url"))
  "encryptionKey" (printf $file "rookery-key")
  "accounts" $accounts
  "console" (dict "host" "0.0.0.0" "token" (printf $file "console-token"))
  "connector" (dict "host" "0.0.0.0")
  "worker" (dict "host" "0.0.0.0")
  "reverse" (dict "host" "0.0.0.0" "port" 6199)
  "metrics" (dict "token" (printf $file "metrics-token"))
-}}
{{- toYaml (mergeOverwrite (deepCopy .Values.config) $ours) -}}
{{- end -}}

{{- define "rookery.deployment" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $of := index $values .role -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "rookery.name" $root }}-{{ .role }}
  labels:
    {{- include "rookery.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
spec:
  {{- if ne .replicas nil }}
  replicas: {{ .replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "rookery.selector" . | nindent 6 }}
  # A new process is ready before an old one goes, so that accounts and conversations are handed over and not dropped.
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  template:
    metadata:
      labels:
        {{- include "rookery.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .role }}
      annotations:
        # Processes read their settings once, at the start.
        checksum/config: {{ include "rookery.config" $root | sha256sum }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
      {{- with $values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "rookery.selector" $ | nindent 14 }}
        {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        runAsGroup: 1000
        fsGroup: 1000
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: {{ .role }}
          image: "{{ $values.image.repository }}:{{ $values.image.tag | default $root.Chart.AppVersion }}"
          imagePullPolicy: {{ $values.image.pullPolicy }}
          args: [{{ .role }}]
          env:
            # Standby links of an account go to another node than its owner.
            - name: ROOKERY_ZONE
              valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
          ports:
            - { name: http, containerPort: 9300 }
            {{- if eq .role "connector" }}
            - { name: reverse, containerPort: 6199 }
            {{- end }}
          # A start waits for Redis to read its data; liveness asks whether the event loop turns, readiness whether the work is done.
          startupProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          lifecycle:
            preStop:
              exec: { command: [sleep, {{ $values.preStopSeconds | quote }}] }
          resources:
            {{- toYaml $of.resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts:
            - { name: config, mountPath: /etc/rookery, readOnly: true }
            - { name: secrets, mountPath: /run/secrets/rookery, readOnly: true }
            {{- if $values.accountSecretName }}
            - { name: accounts, mountPath: /run/secrets/accounts, readOnly: true }
            {{- end }}
            - { name: tmp, mountPath: /tmp }
      volumes:
        - name: config
          configMap: { name: {{ include "rookery.name" $root }} }
        - name: secrets
          secret: { secretName: {{ $values.secretName }}, defaultMode: 0440 }
        {{- if $values.accountSecretName }}
        - name: accounts
          secret: { secretName: {{ $values.accountSecretName }}, defaultMode: 0440 }
        {{- end }}
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }
{{- end -}}

{{- define "rookery.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "rookery.name" .root }}-{{ .role }}
  labels:
    {{- include "rookery.labels" .root | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "rookery.selector" . | nindent 6 }}
{{- end -}}

{{- define "rookery.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "rookery.name" .root }}-{{ .name }}
  labels:
    {{- include "rookery.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
spec:
  selector:
    {{- include "rookery.selector" . | nindent 4 }}
  ports:
    - { name: {{ .target }}, port: {{ .port }}, targetPort: {{ .target }} }
{{- end -}}
