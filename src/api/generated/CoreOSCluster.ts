// Generated from crds/ by `npm run generate`; do not edit.
import type { ObjectMeta } from "../../kube/object.ts";

/**
 * A Kubernetes cluster whose nodes are virtual machines of this cluster: one master and three workers unless told otherwise. The Secret `<name>-kubeconfig` opens it.
 */
export interface ICoreOSCluster {
  apiVersion: "nestlet.dev/v1alpha1";
  kind: "CoreOSCluster";
  metadata: ObjectMeta;
  /**
   * What the cluster is made of.
   */
  spec: {
    /**
     * Image of the members' root disks: a name in the catalog (ConfigMap nestlet-catalog of Nestlet's namespace) or one that a pattern of it fits, or the reference of an image with a guest that runs Ignition and holds kubeadm, kubelet and the images of Kubernetes, with its disk under /disk/. Left out, the catalog's default.
     */
    image?: string;
    /**
     * Kubernetes version, which must be one that the image holds. Left out, the newest that the catalog tells of.
     */
    version?: string;
    /**
     * Nestlet leaves the cluster alone while true; deletion still works.
     */
    paused?: boolean;
    /**
     * The masters.
     */
    controlPlane?: {
      /**
       * Number of masters. More than one is not supported yet.
       */
      replicas?: number;
      /**
       * What each of the machines is made of; a change is for members made from then on.
       */
      machine?: {
        /**
         * Virtual CPUs; kubeadm wants 2 for a master.
         */
        cores?: number;
        /**
         * Memory; left out, 2Gi for a master and 1Gi for a worker. kubeadm wants 1700M for a master.
         */
        memory?: number | string;
        /**
         * The root disk.
         */
        disk?: {
          /**
           * Size that the guest sees.
           */
          capacity?: number | string;
          /**
           * The root disk is kept on a PersistentVolumeClaim of its own, `<member>-root`, and the member starts again by itself as the machine it was, whatever becomes of its pod. Left out, the disk is the pod's and goes with it; a worker is then replaced, and a cluster whose only master ends is lost.
           */
          persistent?: {
            /**
             * StorageClass of the claim; left out, the host cluster's default. Empty for volumes without a class.
             */
            storageClassName?: string;
            /**
             * How the claim's volume is to be attached; one member uses it.
             */
            accessModes?: Array<"ReadWriteOnce" | "ReadWriteOncePod" | "ReadWriteMany">;
            /**
             * Size of the claim; left out, a tenth more than capacity, for what the volume's file system takes. Room that the guest does not use is not written to.
             */
            size?: number | string;
          };
        };
        /**
         * As of a VirtualMachineInstance.
         */
        acceleration?: "Prefer" | "Require" | "Emulate";
        /**
         * Labels that the host's node must have.
         */
        nodeSelector?: {
          [key: string]: string;
        };
        /**
         * Taints of the host's nodes that are put up with.
         */
        tolerations?: Array<{
          /**
           * Key of the taint; empty matches all.
           */
          key?: string;
          /**
           * How key and value are compared.
           */
          operator?: "Exists" | "Equal";
          /**
           * Value of the taint.
           */
          value?: string;
          /**
           * Effect of the taint; left out matches all.
           */
          effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
          /**
           * For how long a NoExecute taint is put up with.
           */
          tolerationSeconds?: number;
        }>;
        /**
         * Labels of the Nodes in the cluster.
         */
        labels?: {
          [key: string]: string;
        };
        /**
         * Taints of the Nodes in the cluster.
         */
        taints?: Array<{
          /**
           * Key.
           */
          key: string;
          /**
           * Value.
           */
          value?: string;
          /**
           * Effect.
           */
          effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
        }>;
      };
    };
    /**
     * The default workers; `kubectl scale` and autoscalers change their number.
     */
    workers?: {
      /**
       * Number of workers.
       */
      replicas?: number;
      /**
       * What each of the machines is made of; a change is for members made from then on.
       */
      machine?: {
        /**
         * Virtual CPUs; kubeadm wants 2 for a master.
         */
        cores?: number;
        /**
         * Memory; left out, 2Gi for a master and 1Gi for a worker. kubeadm wants 1700M for a master.
         */
        memory?: number | string;
        /**
         * The root disk.
         */
        disk?: {
          /**
           * Size that the guest sees.
           */
          capacity?: number | string;
          /**
           * The root disk is kept on a PersistentVolumeClaim of its own, `<member>-root`, and the member starts again by itself as the machine it was, whatever becomes of its pod. Left out, the disk is the pod's and goes with it; a worker is then replaced, and a cluster whose only master ends is lost.
           */
          persistent?: {
            /**
             * StorageClass of the claim; left out, the host cluster's default. Empty for volumes without a class.
             */
            storageClassName?: string;
            /**
             * How the claim's volume is to be attached; one member uses it.
             */
            accessModes?: Array<"ReadWriteOnce" | "ReadWriteOncePod" | "ReadWriteMany">;
            /**
             * Size of the claim; left out, a tenth more than capacity, for what the volume's file system takes. Room that the guest does not use is not written to.
             */
            size?: number | string;
          };
        };
        /**
         * As of a VirtualMachineInstance.
         */
        acceleration?: "Prefer" | "Require" | "Emulate";
        /**
         * Labels that the host's node must have.
         */
        nodeSelector?: {
          [key: string]: string;
        };
        /**
         * Taints of the host's nodes that are put up with.
         */
        tolerations?: Array<{
          /**
           * Key of the taint; empty matches all.
           */
          key?: string;
          /**
           * How key and value are compared.
           */
          operator?: "Exists" | "Equal";
          /**
           * Value of the taint.
           */
          value?: string;
          /**
           * Effect of the taint; left out matches all.
           */
          effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
          /**
           * For how long a NoExecute taint is put up with.
           */
          tolerationSeconds?: number;
        }>;
        /**
         * Labels of the Nodes in the cluster.
         */
        labels?: {
          [key: string]: string;
        };
        /**
         * Taints of the Nodes in the cluster.
         */
        taints?: Array<{
          /**
           * Key.
           */
          key: string;
          /**
           * Value.
           */
          value?: string;
          /**
           * Effect.
           */
          effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
        }>;
      };
    };
    /**
     * Further workers, a pool for each kind of machine; the Nodes of a pool have the label `nestlet.dev/pool`. A pool that is taken out is drained and removed.
     */
    pools?: Array<{
      /**
       * Name of the pool, part of those of its members, `<cluster>-<pool>-<number>`.
       */
      name: string;
      /**
       * Number of members; with 0 the pool is kept for later.
       */
      replicas?: number;
      /**
       * What each of the machines is made of; a change is for members made from then on.
       */
      machine?: {
        /**
         * Virtual CPUs; kubeadm wants 2 for a master.
         */
        cores?: number;
        /**
         * Memory; left out, 2Gi for a master and 1Gi for a worker. kubeadm wants 1700M for a master.
         */
        memory?: number | string;
        /**
         * The root disk.
         */
        disk?: {
          /**
           * Size that the guest sees.
           */
          capacity?: number | string;
          /**
           * The root disk is kept on a PersistentVolumeClaim of its own, `<member>-root`, and the member starts again by itself as the machine it was, whatever becomes of its pod. Left out, the disk is the pod's and goes with it; a worker is then replaced, and a cluster whose only master ends is lost.
           */
          persistent?: {
            /**
             * StorageClass of the claim; left out, the host cluster's default. Empty for volumes without a class.
             */
            storageClassName?: string;
            /**
             * How the claim's volume is to be attached; one member uses it.
             */
            accessModes?: Array<"ReadWriteOnce" | "ReadWriteOncePod" | "ReadWriteMany">;
            /**
             * Size of the claim; left out, a tenth more than capacity, for what the volume's file system takes. Room that the guest does not use is not written to.
             */
            size?: number | string;
          };
        };
        /**
         * As of a VirtualMachineInstance.
         */
        acceleration?: "Prefer" | "Require" | "Emulate";
        /**
         * Labels that the host's node must have.
         */
        nodeSelector?: {
          [key: string]: string;
        };
        /**
         * Taints of the host's nodes that are put up with.
         */
        tolerations?: Array<{
          /**
           * Key of the taint; empty matches all.
           */
          key?: string;
          /**
           * How key and value are compared.
           */
          operator?: "Exists" | "Equal";
          /**
           * Value of the taint.
           */
          value?: string;
          /**
           * Effect of the taint; left out matches all.
           */
          effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
          /**
           * For how long a NoExecute taint is put up with.
           */
          tolerationSeconds?: number;
        }>;
        /**
         * Labels of the Nodes in the cluster.
         */
        labels?: {
          [key: string]: string;
        };
        /**
         * Taints of the Nodes in the cluster.
         */
        taints?: Array<{
          /**
           * Key.
           */
          key: string;
          /**
           * Value.
           */
          value?: string;
          /**
           * Effect.
           */
          effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
        }>;
      };
    }>;
    /**
     * Address ranges inside the cluster; none may overlap another or the host's.
     */
    network?: {
      /**
       * Range of the pods; each node takes a /24 of it.
       */
      podCIDR?: string;
      /**
       * Range of the Services.
       */
      serviceCIDR?: string;
      /**
       * Range of the LAN between the members, where each keeps its address: the first master has the first one.
       */
      lanCIDR?: string;
      /**
       * Domain of the cluster's Services.
       */
      dnsDomain?: string;
    };
    /**
     * How the API server is reached: the Service `<name>-api` on port 6443. A change takes effect at once.
     */
    endpoint?: {
      /**
       * Type of the Service. With NodePort and LoadBalancer the API server is reached from outside the host cluster, too: key `external` of Secret `<name>-kubeconfig` then holds a kubeconfig for that.
       */
      type?: "ClusterIP" | "NodePort" | "LoadBalancer";
      /**
       * Port on each of the host's nodes; left out, the host cluster chooses one.
       */
      nodePort?: number;
      /**
       * Address that the load balancer is asked for, where it can be asked.
       */
      loadBalancerIP?: string;
      /**
       * Which load balancer is to serve it; left out, the host cluster's default.
       */
      loadBalancerClass?: string;
      /**
       * Ranges of addresses that the load balancer lets in; left out, all.
       */
      loadBalancerSourceRanges?: Array<string>;
      /**
       * Annotations of the Service, by which load balancers and DNS are configured.
       */
      annotations?: {
        [key: string]: string;
      };
      /**
       * Further names and addresses that its certificate holds, as each master is made; one that runs keeps those it was made with.
       */
      certSANs?: Array<string>;
    };
    /**
     * Who may log in to the members, as user `core`. It is read when a member is made: one that runs keeps the keys it was made with.
     */
    ssh?: {
      /**
       * Public keys, a line each.
       */
      authorizedKeys?: Array<string>;
      /**
       * A Secret of the cluster's namespace.
       */
      secretRef?: {
        /**
         * Name of the Secret.
         */
        name: string;
        /**
         * Key in the Secret; left out, its only one.
         */
        key?: string;
      };
    };
    /**
     * Further Ignition configs, merged into those of the members.
     */
    ignition?: {
      /**
       * Configs in the order in which they are merged.
       */
      snippets?: Array<{
        /**
         * Members that it is for; left out, all.
         */
        roles?: Array<"Master" | "Worker">;
        /**
         * The config (JSON), at most 32 KiB.
         */
        inline?: string;
        /**
         * A Secret of the cluster's namespace.
         */
        secretRef?: {
          /**
           * Name of the Secret.
           */
          name: string;
          /**
           * Key in the Secret; left out, its only one.
           */
          key?: string;
        };
      }>;
    };
    /**
     * Objects that the cluster is to have, applied (server-side) when its control plane answers and again when a ConfigMap changes. What a manifest no longer holds stays in the cluster.
     */
    manifests?: Array<{
      /**
       * A ConfigMap of the cluster's namespace with YAML or JSON documents.
       */
      configMapRef: {
        /**
         * Name of the ConfigMap.
         */
        name: string;
        /**
         * Key in the ConfigMap; left out, all of them in the order of their names.
         */
        key?: string;
      };
    }>;
    /**
     * What kubeadm is told beside what Nestlet tells it; where both say something, this counts. It is read when the cluster is made and cannot be changed then.
     */
    kubeadm?: {
      /**
       * Registry and path that the images of the control plane are taken from; left out, those in the guest's image.
       */
      imageRepository?: string;
      /**
       * Arguments of the API server.
       */
      apiServer?: {
        /**
         * Arguments beside, or in place of, Nestlet's own; one that is given twice is passed on twice.
         */
        extraArgs?: Array<{
          /**
           * Name, without dashes before it.
           */
          name: string;
          /**
           * Value.
           */
          value: string;
        }>;
      };
      /**
       * Arguments of the controller manager.
       */
      controllerManager?: {
        /**
         * Arguments beside, or in place of, Nestlet's own; one that is given twice is passed on twice.
         */
        extraArgs?: Array<{
          /**
           * Name, without dashes before it.
           */
          name: string;
          /**
           * Value.
           */
          value: string;
        }>;
      };
      /**
       * Arguments of the scheduler.
       */
      scheduler?: {
        /**
         * Arguments beside, or in place of, Nestlet's own; one that is given twice is passed on twice.
         */
        extraArgs?: Array<{
          /**
           * Name, without dashes before it.
           */
          name: string;
          /**
           * Value.
           */
          value: string;
        }>;
      };
      /**
       * Arguments of etcd.
       */
      etcd?: {
        /**
         * Arguments beside, or in place of, Nestlet's own; one that is given twice is passed on twice.
         */
        extraArgs?: Array<{
          /**
           * Name, without dashes before it.
           */
          name: string;
          /**
           * Value.
           */
          value: string;
        }>;
      };
      /**
       * Fields of KubeletConfiguration (kubelet.config.k8s.io/v1beta1), for all members.
       */
      kubelet?: {
        /**
         * Pods on a node; its range has 254 addresses.
         */
        maxPods?: number;
        /**
         * Processes of a pod; -1 for any number.
         */
        podPidsLimit?: number;
        /**
         * What has to be left of a node, by signal; below it pods are evicted. For example `memory.available: 100Mi` or `nodefs.available: 10%`.
         */
        evictionHard?: {
          [key: string]: string;
        };
        /**
         * What pods cannot have since the system needs it, by resource, for example `memory: 200Mi`.
         */
        systemReserved?: {
          [key: string]: string;
        };
        /**
         * The same for the kubelet and the container runtime.
         */
        kubeReserved?: {
          [key: string]: string;
        };
        /**
         * Features that are switched on or off.
         */
        featureGates?: {
          [key: string]: boolean;
        };
        /**
         * Share of the disk in use, in percent, above which unused images are deleted.
         */
        imageGCHighThresholdPercent?: number;
        /**
         * Share of the disk in use, in percent, down to which they are.
         */
        imageGCLowThresholdPercent?: number;
        /**
         * Size at which a container's log is rotated, for example 10Mi.
         */
        containerLogMaxSize?: string;
        /**
         * Files of a container's log that are kept.
         */
        containerLogMaxFiles?: number;
        /**
         * Whether images are pulled one at a time.
         */
        serializeImagePulls?: boolean;
        /**
         * Kernel settings that pods may change; `net.core.\*` stands for all below.
         */
        allowedUnsafeSysctls?: Array<string>;
        /**
         * How often the kubelet looks for changes of its Node's state, a duration such as 10s.
         */
        nodeStatusUpdateFrequency?: string;
        /**
         * How often pods are compared with what they should be, a duration such as 1m.
         */
        syncFrequency?: string;
        /**
         * How often the use of volumes is computed, a duration such as 1m.
         */
        volumeStatsAggPeriod?: string;
        /**
         * How long a request to the container runtime may take, a duration such as 2m.
         */
        runtimeRequestTimeout?: string;
        /**
         * By how long the node's shutdown waits for pods, a duration such as 30s.
         */
        shutdownGracePeriod?: string;
        /**
         * Part of it that is kept for critical pods, a duration such as 10s.
         */
        shutdownGracePeriodCriticalPods?: string;
      };
      /**
       * How Services are made on the members (kube-proxy).
       */
      kubeProxy?: {
        /**
         * What programs the kernel; the guest's image has to support it.
         */
        mode?: "iptables" | "nftables";
        /**
         * How often all rules are written again, a duration such as 30s.
         */
        syncPeriod?: string;
        /**
         * How long changes are gathered before rules are written, a duration such as 1s.
         */
        minSyncPeriod?: string;
      };
    };
    /**
     * When members are replaced.
     */
    health?: {
      /**
       * Members that are replaced at the same time at most; 0 replaces none.
       */
      maxReplacements?: number;
    };
    /**
     * How long the steps may take, in seconds.
     */
    timeouts?: {
      /**
       * From the first master's start until its API server answers.
       */
      controlPlaneSeconds?: number;
      /**
       * From a member's start until its Node is Ready.
       */
      nodeStartupSeconds?: number;
      /**
       * How long a Node may be not Ready before its member is replaced.
       */
      nodeUnhealthySeconds?: number;
      /**
       * How long draining a Node may take before its member is removed all the same.
       */
      drainSeconds?: number;
    };
  };
  /**
   * What has come of the cluster; written by Nestlet.
   */
  status?: {
    /**
     * Whether the control plane has ever answered.
     */
    initialized?: boolean;
    /**
     * Kubernetes version of the control plane.
     */
    version?: string;
    /**
     * What the members are made from, found in the catalog before the first of them; later changes of the catalog do not matter to the cluster.
     */
    source?: {
      /**
       * Reference of the image.
       */
      image: string;
      /**
       * Reference of the image of a disk with Kubernetes; absent where image itself holds it.
       */
      payload?: string;
      /**
       * What system the image is; absent for coreos-lab.
       */
      flavour?: "coreos-lab" | "fedora-coreos" | "flatcar";
      /**
       * Kubernetes version.
       */
      version: string;
      /**
       * Name in the catalog; absent for an image that is not in it.
       */
      catalogEntry?: string;
    };
    /**
     * Where the API server answers.
     */
    endpoint?: {
      /**
       * Name or address.
       */
      host?: string;
      /**
       * Port.
       */
      port?: number;
      /**
       * Where it answers outside the host cluster; absent when it does not.
       */
      external?: {
        /**
         * Name or address.
         */
        host?: string;
        /**
         * Port.
         */
        port?: number;
      };
    };
    /**
     * Counts of the group's members.
     */
    controlPlane?: {
      /**
       * Members that exist.
       */
      replicas?: number;
      /**
       * Members whose Node is Ready.
       */
      readyReplicas?: number;
    };
    /**
     * Counts of the group's members.
     */
    workers?: {
      /**
       * Members that exist.
       */
      replicas?: number;
      /**
       * Members whose Node is Ready.
       */
      readyReplicas?: number;
    };
    /**
     * Counts of the pools' members; a pool that was taken out stays until they are gone.
     */
    pools?: Array<{
      /**
       * Name of the pool.
       */
      name: string;
      /**
       * Members that exist.
       */
      replicas?: number;
      /**
       * Members whose Node is Ready.
       */
      readyReplicas?: number;
      /**
       * Host numbers on the LAN of the pool's members 0, 1, …; 0 for one without.
       */
      lanNumbers?: Array<number>;
    }>;
    /**
     * Label selector of the default workers' instances, for autoscalers.
     */
    selector?: string;
    /**
     * What is being waited for or done next, in words.
     */
    nextStep?: string;
    /**
     * Generation of the spec that this status is about.
     */
    observedGeneration?: number;
    /**
     * Single aspects of the state.
     */
    conditions?: Array<{
      /**
       * The aspect.
       */
      type: string;
      /**
       * Whether it holds.
       */
      status: "True" | "False" | "Unknown";
      /**
       * Generation of the spec that the condition is about.
       */
      observedGeneration?: number;
      /**
       * When the status last changed.
       */
      lastTransitionTime: string;
      /**
       * Why, in one word.
       */
      reason: string;
      /**
       * Why, in a sentence.
       */
      message: string;
    }>;
  };
}
