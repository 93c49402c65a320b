/** Condition types and reasons of Nestlet's objects. Programs may rely on them; messages are for people. */

/** Conditions of a VirtualMachineInstance. */
export const InstanceCondition = {
  /** The guest runs, and its pod is not on its way out. It does not say that the guest has booted. */
  Ready: "Ready",
  /** The launcher pod has been created. False says what stands in its way. */
  LauncherCreated: "LauncherCreated",
  /** As of the pod, in the scheduler's words; absent while there is no pod. */
  PodScheduled: "PodScheduled",
  /** The guest's processors are stopped; absent while they are not. The reason says why. */
  Paused: "Paused",
  /** The guest's agent answers. Only of an instance whose readinessProbe is guestAgentPing: nobody else asks it. */
  AgentConnected: "AgentConnected",
  /** Always False: guests cannot be moved while they run. */
  LiveMigratable: "LiveMigratable",
  /** Somebody has told the controller to leave the instance alone (PAUSED_ANNOTATION); absent while nobody has. */
  ReconciliationPaused: "ReconciliationPaused",
} as const;

/** Reasons of InstanceCondition.Ready. */
export const ReadyReason = {
  GuestRunning: "GuestRunning",
  GuestNotRunning: "GuestNotRunning",
  /** The guest runs, and its readinessProbe fails or has not succeeded yet. */
  ReadinessProbeFailed: "ReadinessProbeFailed",
  PodNotExists: "PodNotExists",
  PodTerminating: "PodTerminating",
  PodFinished: "PodFinished",
  GuestPaused: "GuestPaused",
  NodeLost: "NodeLost",
} as const;

/** Reasons of InstanceCondition.AgentConnected. */
export const AgentReason = {
  AgentAnswers: "AgentAnswers",
  AgentDoesNotAnswer: "AgentDoesNotAnswer",
} as const;

/** Reasons of InstanceCondition.LauncherCreated; those that stand in the way are the instance's reason as well. */
export const LauncherReason = {
  Created: "Created",
  /** A Secret that init data is taken from does not exist, or lacks the key. Looked at again by itself. */
  SecretNotFound: "SecretNotFound",
  /** The same of a ConfigMap. */
  ConfigMapNotFound: "ConfigMapNotFound",
  /** A PersistentVolumeClaim of a disk does not exist. Looked at again by itself. */
  ClaimNotFound: "ClaimNotFound",
  /** A claim is being deleted, has lost its volume, or is not of the kind that the disk needs. */
  ClaimUnusable: "ClaimUnusable",
  /** The pod of another instance uses the claim, and not both only read it. */
  ClaimInUse: "ClaimInUse",
  /** A hostDisk lies in no folder that the installation allows. */
  HostDiskForbidden: "HostDiskForbidden",
  /** The namespace enforces a Pod Security level that forbids privileged pods. */
  PodSecurityForbidden: "PodSecurityForbidden",
  /** A ResourceQuota of the namespace is used up. */
  QuotaExceeded: "QuotaExceeded",
  /** The namespace is being deleted. */
  NamespaceTerminating: "NamespaceTerminating",
  /** The pod is refused by something else: an admission policy, or roles that the controller lacks. */
  PodForbidden: "PodForbidden",
  /** A pod of the launcher's name exists and belongs to something else. */
  PodNameTaken: "PodNameTaken",
  /** The cluster drops image volumes: it is older than Kubernetes 1.35 and its feature gate ImageVolume is off. */
  ImageVolumesUnsupported: "ImageVolumesUnsupported",
  /** Somebody has told the controller to leave the instance alone (PAUSED_ANNOTATION). */
  ReconciliationPaused: "ReconciliationPaused",
  /** The API server finds the pod invalid: the instance can never run. */
  PodInvalid: "PodInvalid",
} as const;

export type LauncherReason = (typeof LauncherReason)[keyof typeof LauncherReason];

/** Reasons of an instance's phase beside those above, the launcher's (EndingReason) and the kubelet's own words. */
export const PhaseReason = {
  Unschedulable: "Unschedulable",
  ErrImagePull: "ErrImagePull",
  ImagePullBackOff: "ImagePullBackOff",
  /** The pod was deleted, and its end was not seen. */
  PodDeleted: "PodDeleted",
  /** The launcher ended without saying why. */
  LauncherDied: "LauncherDied",
  OOMKilled: "OOMKilled",
  NodeLost: "NodeLost",
  /** The guest's livenessProbe failed, so the kubelet ended the launcher. */
  LivenessProbeFailed: "LivenessProbeFailed",
} as const;

/** Reason of InstanceCondition.LiveMigratable. */
export const LIVE_MIGRATION_UNSUPPORTED = "LiveMigrationUnsupported";

/** Conditions of a VirtualMachine. */
export const MachineCondition = {
  /** As the instance's; without one, the message says why there is none. */
  Ready: "Ready",
  /** The present run was made from another template than the machine has now; absent while it was not. */
  RestartRequired: "RestartRequired",
  /** The machine could not get or keep its instance; absent while all is well. */
  Failure: "Failure",
  /** Somebody has told the controller to leave the machine alone (PAUSED_ANNOTATION); absent while nobody has. */
  ReconciliationPaused: "ReconciliationPaused",
} as const;

/** Reason of the condition ReconciliationPaused of machines and instances. */
export const RECONCILIATION_PAUSED = "AnnotationSet";

/** Reason of a machine's last run that was ended by request. */
export const STOP_REQUESTED = "StopRequested";

/** Reason of MachineCondition.RestartRequired. */
export const TEMPLATE_CHANGED = "TemplateChanged";

/** Reasons of MachineCondition.Ready while no instance says otherwise. */
export const MachineReadyReason = {
  /** The run strategy wants no instance now; the message says why. */
  InstanceNotRunning: "InstanceNotRunning",
  /** The last run failed, and the next one waits for its time. */
  CrashLoopBackOff: "CrashLoopBackOff",
} as const;

/** Reasons of MachineCondition.Failure. */
export const MachineFailureReason = {
  /** An instance of the machine's name exists and belongs to something else. */
  InstanceNameTaken: "InstanceNameTaken",
  /** The API server refuses the instance: the message has its words. */
  InstanceRefused: "InstanceRefused",
} as const;

/** Conditions of a CoreOSCluster. */
export const ClusterCondition = {
  /** The control plane answers and all workers are Ready. */
  Ready: "Ready",
  /** All members' guests run. */
  InfrastructureReady: "InfrastructureReady",
  /** The control plane has answered /readyz at least once. */
  ControlPlaneInitialized: "ControlPlaneInitialized",
  /** The control plane answers now and its Nodes are Ready. */
  ControlPlaneReady: "ControlPlaneReady",
  /** As many workers as asked for have Nodes that are Ready. */
  WorkersReady: "WorkersReady",
  /** The Service of the API server is as spec.endpoint asks for, with an address outside where it has to have one. */
  EndpointReady: "EndpointReady",
  /** The objects of spec.manifests are in the cluster as their ConfigMaps say; absent when there are none. */
  ManifestsApplied: "ManifestsApplied",
} as const;

/** What stands in the way of a cluster's members, as reason of InfrastructureReady and of Ready. */
export const ClusterObstacle = {
  /** spec.image is no name in the catalog, or is left out and the catalog has no default. */
  UnknownImage: "UnknownImage",
  /** spec.version is not in the image, or is left out and nobody knows what the image holds. */
  UnknownVersion: "UnknownVersion",
  /** The image's entry in the catalog cannot be used. */
  InvalidCatalog: "InvalidCatalog",
  /** A range of the cluster holds an address of the host cluster. */
  NetworkOverlap: "NetworkOverlap",
  /** A Secret that the spec refers to does not exist, or lacks the key. */
  SecretNotFound: "SecretNotFound",
  /** A Secret holds no valid ssh keys. */
  InvalidSSHKeys: "InvalidSSHKeys",
  /** An Ignition snippet cannot be merged. */
  InvalidIgnition: "InvalidIgnition",
  /** A Secret of the cluster's authorities cannot be used. */
  InvalidAuthority: "InvalidAuthority",
  /** A Secret of the authorities is gone although members that rely on it exist. */
  AuthorityLost: "AuthorityLost",
  /** An object of a name that the cluster needs belongs to something else. */
  NameTaken: "NameTaken",
  /** The namespace's quota or an admission policy refuses something that the cluster is made of. */
  Refused: "Refused",
} as const;

export type ClusterObstacle = (typeof ClusterObstacle)[keyof typeof ClusterObstacle];

/** Further reasons of a cluster's conditions. */
export const ClusterReason = {
  MembersRunning: "MembersRunning",
  MembersStarting: "MembersStarting",
  /** A member's instance has failed, or cannot start; the message has its reason. */
  MemberFailed: "MemberFailed",
  Initialized: "Initialized",
  Initializing: "Initializing",
  /** The control plane did not answer within timeouts.controlPlaneSeconds; it is still asked. */
  InitializationTimedOut: "InitializationTimedOut",
  /** kubeadm fails on a member and is tried again there; the message has its words. */
  BootstrapFailed: "BootstrapFailed",
  ControlPlaneAnswers: "ControlPlaneAnswers",
  ControlPlaneSilent: "ControlPlaneSilent",
  /** The master starts again with the root disk that it had; the message says how far that is. */
  ControlPlaneRestarting: "ControlPlaneRestarting",
  /** Somebody has stopped the master's machine; its root disk is kept. */
  ControlPlaneStopped: "ControlPlaneStopped",
  /** The control plane answers, and a master's Node is not Ready. */
  NodeNotReady: "NodeNotReady",
  /** The only master's root disk is gone, and the cluster's state with it. */
  MasterLost: "MasterLost",
  WorkersReady: "WorkersReady",
  WorkersStarting: "WorkersStarting",
  WorkersNotReady: "WorkersNotReady",
  ClusterReady: "ClusterReady",
  ManifestsApplied: "ManifestsApplied",
  /** They have not been applied yet. */
  ApplyingManifests: "ApplyingManifests",
  /** A ConfigMap does not exist, or lacks the key. Looked at again by itself. */
  ConfigMapNotFound: "ConfigMapNotFound",
  /** A manifest cannot be read; the message has the line. */
  InvalidManifest: "InvalidManifest",
  /** The guest's API server refuses an object, in its words; tried again with growing pauses. */
  ManifestRefused: "ManifestRefused",
  EndpointAvailable: "EndpointAvailable",
  /** The Service has no address outside yet: nothing serves load balancers, or no node is known. */
  EndpointPending: "EndpointPending",
  /** The host cluster refuses the Service, in its words. */
  EndpointRefused: "EndpointRefused",
} as const;
