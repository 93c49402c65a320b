/** Names by which Nestlet marks objects. Users and other programs may rely on them. */

/** Label of a launcher pod: its instance. Names of more than 63 characters are shortened; see src/api/names.ts. */
export const INSTANCE_LABEL = "nestlet.dev/virtual-machine-instance";

/** Label of an instance and of its pod: the VirtualMachine that it is a run of, shortened in the same way. */
export const MACHINE_LABEL = "nestlet.dev/virtual-machine";

/** Finalizer of an instance: it stays until its launcher pod is gone. */
export const INSTANCE_FINALIZER = "nestlet.dev/launcher-pod";

/** Finalizer of a VirtualMachine: it stays until its instance is gone, unless that is orphaned. */
export const MACHINE_FINALIZER = "nestlet.dev/virtual-machine-instance";

/**
 * Annotation of a VirtualMachine by which its users start and stop it, beside its run strategy: `start`, `stop` or
 * `restart`. It is taken off when it has been seen; what came of it is in `status.lastRequest`.
 */
export const REQUEST_ANNOTATION = "nestlet.dev/request";

/**
 * Annotation of a VirtualMachine or of an instance, of any value: as long as it is there, the controller does nothing about
 * the object, not even when it is deleted. The instance of such a machine runs on, and instances go on telling of themselves.
 */
export const PAUSED_ANNOTATION = "nestlet.dev/paused";

/** Label of a cluster's members, of their instances and pods: the CoreOSCluster that they belong to. */
export const CLUSTER_LABEL = "nestlet.dev/cluster";

/** Label beside CLUSTER_LABEL: `master` or `worker`. */
export const ROLE_LABEL = "nestlet.dev/role";

/** Label of a pool's members, of their instances and pods, and of their Nodes in the cluster: the pool's name. */
export const POOL_LABEL = "nestlet.dev/pool";

/** Annotation of a member: its host number on the cluster's LAN, which is its for as long as it lives. */
export const LAN_NUMBER_ANNOTATION = "nestlet.dev/lan-number";

/** Annotation of a member that is being removed from its cluster: since when its Node is drained (RFC 3339). */
export const DRAIN_STARTED_ANNOTATION = "nestlet.dev/drain-started";

/**
 * Annotation of a worker that was restarted because its Node had not been Ready for too long: when (RFC 3339). It is
 * taken off when the Node is Ready again; a worker that has it and is still not Ready is replaced.
 */
export const HEALTH_RESTART_ANNOTATION = "nestlet.dev/health-restart";

/** Annotation of a member's Ignition Secret: until when its bootstrap token is taken (RFC 3339). */
export const TOKEN_EXPIRES_ANNOTATION = "nestlet.dev/token-expires";

/** ConfigMap in the controller's namespace: the images that clusters can be made of, by name. */
export const CATALOG_CONFIG_MAP = "nestlet-catalog";

/**
 * Annotation of that ConfigMap: the name that stands for the image of clusters which name none. It comes before what
 * entries say of themselves, since a `helm upgrade` sets those back and leaves this.
 */
export const DEFAULT_IMAGE_ANNOTATION = "nestlet.dev/default-image";

/** Field manager of the controller's writes, its user agent, and the reporter of its Events. */
export const CONTROLLER_NAME = "nestlet-controller";
