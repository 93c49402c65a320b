// Generated from crds/ by `npm run generate`; do not edit.
import type { ObjectMeta } from "../../kube/object.ts";

/**
 * One run of a virtual machine: one launcher pod in which one guest runs. It ends when its guest ends and is never started again; a VirtualMachine makes a new one for each run.
 */
export interface IVirtualMachineInstance {
  apiVersion: "nestlet.dev/v1alpha1";
  kind: "VirtualMachineInstance";
  metadata: ObjectMeta;
  /**
   * What the guest is made of, and where it may run. That of an instance cannot be changed.
   */
  spec: {
    /**
     * The virtual machine as its guest sees it.
     */
    domain: {
      /**
       * Number and model of the guest's processors.
       */
      cpu?: {
        /**
         * Cores a socket.
         */
        cores?: number;
        /**
         * Processor sockets.
         */
        sockets?: number;
        /**
         * Threads a core.
         */
        threads?: number;
        /**
         * Processor model: a name that libvirt knows (`virsh cpu-models x86_64`), `host-model` or `host-passthrough`. Left out, the guest gets the best that its accelerator offers.
         */
        model?: string;
        /**
         * Accepted as false only; virtual CPUs are threads that share what the pod gets.
         */
        dedicatedCpuPlacement?: boolean;
      };
      /**
       * The guest's memory.
       */
      memory?: {
        /**
         * Takes the guest's memory from the node's huge pages, which its administrator has set aside.
         */
        hugepages?: {
          /**
           * Size of a page.
           */
          pageSize: "2Mi" | "1Gi";
        };
        /**
         * Memory that the guest sees, rounded up to a whole MiB; at least 16Mi. Left out, it is `resources.requests.memory`.
         */
        guest?: number | string;
      };
      /**
       * What the pod asks of its node for the guest. The launcher's own overhead is added to both memory figures. Left out, memory is requested in full and a tenth of a CPU a virtual CPU.
       */
      resources?: {
        /**
         * What the scheduler sets aside.
         */
        requests?: {
          /**
           * Processor time, for example 500m.
           */
          cpu?: number | string;
          /**
           * Memory for the guest; less than `memory.guest` overcommits the node.
           */
          memory?: number | string;
        };
        /**
         * What the pod may use at most.
         */
        limits?: {
          /**
           * Processor time, for example "2".
           */
          cpu?: number | string;
          /**
           * Memory for the guest; not less than `memory.guest`.
           */
          memory?: number | string;
        };
      };
      /**
       * What starts the guest, and what it reads from SMBIOS.
       */
      firmware?: {
        /**
         * System UUID; left out, it is derived from the UID of the VirtualMachine, the same at each run.
         */
        uuid?: string;
        /**
         * System serial number.
         */
        serial?: string;
        /**
         * The firmware that starts the guest; left out, a BIOS.
         */
        bootloader?: {
          /**
           * SeaBIOS.
           */
          bios?: {};
          /**
           * UEFI (OVMF). Its variables go with the pod: what boots is decided by the disks and their bootOrder at each run.
           */
          efi?: {
            /**
             * Accepted as false only.
             */
            secureBoot?: boolean;
          };
        };
        /**
         * A kernel from a container image is started in place of what a disk's boot sector says.
         */
        kernelBoot?: {
          /**
           * The kernel's command line.
           */
          kernelArgs?: string;
          /**
           * Image with the kernel, mounted read-only.
           */
          container: {
            /**
             * Reference of the container image.
             */
            image: string;
            /**
             * The kernel, a file inside the image.
             */
            kernelPath: string;
            /**
             * Its initial RAM disk, a file inside the image; left out, none.
             */
            initrdPath?: string;
            /**
             * When the image is pulled; left out, always for the tag `latest`, otherwise if not present.
             */
            imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
            /**
             * Name of the Secret with the registry's credentials.
             */
            imagePullSecret?: string;
          };
        };
      };
      /**
       * `Prefer` uses hardware virtualisation (KVM) where it truly works and emulation otherwise; `Require` fails the start where it does not work; `Emulate` never uses it.
       */
      acceleration?: "Prefer" | "Require" | "Emulate";
      /**
       * Disks, network interfaces and other devices.
       */
      devices?: {
        /**
         * Disks; each takes its content from the volume of the same name.
         */
        disks?: Array<{
          /**
           * Name of the disk and of its volume.
           */
          name: string;
          /**
           * Shows the volume as a hard disk, as it is where nothing is said.
           */
          disk?: {
            /**
             * How the disk is attached; virtio is the fastest.
             */
            bus?: "virtio" | "sata" | "scsi";
            /**
             * The guest cannot write to it.
             */
            readonly?: boolean;
          };
          /**
           * Shows the volume as a CD-ROM.
           */
          cdrom?: {
            /**
             * How the drive is attached.
             */
            bus?: "sata" | "scsi";
            /**
             * Accepted as true only.
             */
            readonly?: boolean;
          };
          /**
           * How the node's page cache is used; left out, `none` where the file system lets it be passed by, otherwise `writethrough`.
           */
          cache?: "none" | "writethrough" | "writeback";
          /**
           * How qemu reads and writes: `native` by Linux' asynchronous I/O, past the page cache, or `threads`, as where it is left out.
           */
          io?: "native" | "threads";
          /**
           * 1 is tried first. Disks without it come after those with it, in the order of the list.
           */
          bootOrder?: number;
          /**
           * Serial number shown to the guest; left out, it is derived, the same at each run.
           */
          serial?: string;
        }>;
        /**
         * Folders that the guest mounts, read-only; each takes its files from the volume of the same name: a configMap or secret with a file a key, or cloudInitConfigDrive or ignition with the files of a config drive.
         */
        filesystems?: Array<{
          /**
           * Name of the filesystem and of its volume, and the tag by which the guest mounts it. For cloudInitConfigDrive and ignition the tag is `config-2`, whatever the name.
           */
          name: string;
          /**
           * Shares the files over virtio by the protocol 9P2000.L, which the guest mounts as file system type `9p`. Write it as `{}`.
           */
          virtio9p?: {};
          /**
           * Not supported.
           */
          virtiofs?: {};
        }>;
        /**
         * Network interfaces; each is connected to the network of the same name. Left out, the guest gets one that bridges it to the pod network.
         */
        interfaces?: Array<{
          /**
           * Name of the interface and of its network.
           */
          name: string;
          /**
           * Bridges the guest to the pod network: the guest takes over the pod's address, as where nothing is said.
           */
          bridge?: {};
          /**
           * Hides the guest behind the pod's address: the guest has a private one, what it sends comes from the pod's, and what is sent to the pod's reaches the guest.
           */
          masquerade?: {};
          /**
           * With masquerade: ports that reach the guest; left out, all do. With bridge all do anyway.
           */
          ports?: Array<{
            /**
             * Name of the port, for people.
             */
            name?: string;
            /**
             * The port, of the pod and of the guest.
             */
            port: number;
            /**
             * Its protocol.
             */
            protocol?: "TCP" | "UDP" | "SCTP";
          }>;
          /**
           * Network card that the guest sees.
           */
          model?: "virtio" | "e1000e";
          /**
           * MAC address of the guest. Left out, it is the pod's own with bridge, which every network plugin accepts, and derived with masquerade, the same at each run.
           */
          macAddress?: string;
        }>;
        /**
         * Whether a guest without listed interfaces gets one on the pod network; false leaves it without a network.
         */
        autoattachPodInterface?: boolean;
        /**
         * Whether the guest has a graphics card and a display that VNC and screenshots show; it does unless this is false.
         */
        autoattachGraphicsDevice?: boolean;
        /**
         * A random number generator (virtio). Each guest has one; the field is accepted so that manifests that ask for it need no change.
         */
        rng?: {};
        /**
         * A timer that the guest keeps setting back; when it runs out, the guest hangs.
         */
        watchdog?: {
          /**
           * Name of the device.
           */
          name: string;
          /**
           * Intel's, which Linux has a driver for.
           */
          i6300esb: {
            /**
             * What is done: `reset` starts the guest anew in its pod, `shutdown` presses its power button, `poweroff` ends it, which counts as a crash.
             */
            action?: "reset" | "shutdown" | "poweroff";
          };
        };
      };
    };
    /**
     * Networks that the interfaces are connected to.
     */
    networks?: Array<{
      /**
       * Name of the network and of its interface.
       */
      name: string;
      /**
       * The pod network of the cluster, as where nothing is said.
       */
      pod?: {
        /**
         * With masquerade: the private network of guest (its third address) and gateway (its second one); left out, 10.0.2.0/24.
         */
        vmNetworkCIDR?: string;
        /**
         * The same for IPv6, where the pod has it; left out, fd10:0:2::/120.
         */
        vmIPv6NetworkCIDR?: string;
      };
      /**
       * Not supported.
       */
      multus?: {};
    }>;
    /**
     * Where disks and filesystems take their content from.
     */
    volumes?: Array<{
      /**
       * Name of the volume, and of its disk or filesystem.
       */
      name: string;
      /**
       * A disk image (raw or qcow2) inside a container image, as one file in its folder `/disk`. The guest's writes go to an overlay that lives as long as the pod, unless `overlay` keeps it.
       */
      registryDisk?: {
        /**
         * Reference of the container image.
         */
        image: string;
        /**
         * File inside the image; left out, the only file in `/disk`.
         */
        path?: string;
        /**
         * When the image is pulled; left out, always for the tag `latest`, otherwise if not present.
         */
        imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
        /**
         * Name of the Secret with the registry's credentials.
         */
        imagePullSecret?: string;
        /**
         * Size of the disk that the guest sees, if larger than the image's own.
         */
        capacity?: number | string;
        /**
         * Keeps what the guest writes on a claim with a file system, so that the disk outlives the pod without a copy of the image. Over a disk image with another content the start is refused.
         */
        overlay?: {
          /**
           * Name of the claim.
           */
          claimName: string;
        };
      };
      /**
       * A disk image (raw or qcow2) inside a container image, as one file in its folder `/disk`. The guest's writes go to an overlay that lives as long as the pod, unless `overlay` keeps it.
       */
      containerDisk?: {
        /**
         * Reference of the container image.
         */
        image: string;
        /**
         * File inside the image; left out, the only file in `/disk`.
         */
        path?: string;
        /**
         * When the image is pulled; left out, always for the tag `latest`, otherwise if not present.
         */
        imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
        /**
         * Name of the Secret with the registry's credentials.
         */
        imagePullSecret?: string;
        /**
         * Size of the disk that the guest sees, if larger than the image's own.
         */
        capacity?: number | string;
        /**
         * Keeps what the guest writes on a claim with a file system, so that the disk outlives the pod without a copy of the image. Over a disk image with another content the start is refused.
         */
        overlay?: {
          /**
           * Name of the claim.
           */
          claimName: string;
        };
      };
      /**
       * A disk on a PersistentVolumeClaim of the instance's namespace: the file `disk.img` (raw or qcow2) of a claim with a file system, or the device itself of a Block claim. What the guest writes stays.
       */
      persistentVolumeClaim?: {
        /**
         * Name of the claim.
         */
        claimName: string;
        /**
         * The claim is mounted read-only, so that several instances may use it at once.
         */
        readOnly?: boolean;
        /**
         * Makes an empty disk of the claim's size where `disk.img` is missing, without taking the room before the guest does, and makes one that is smaller than the claim larger; otherwise a missing one fails the start. Of no effect on a Block claim.
         */
        create?: boolean;
      };
      /**
       * What the guest writes over the disk of a claim lives as long as the pod; the claim itself is only read, so that several instances may use it at once.
       */
      ephemeral?: {
        /**
         * The claim, with a `disk.img` (raw or qcow2), or a Block one.
         */
        persistentVolumeClaim: {
          /**
           * Name of the claim.
           */
          claimName: string;
        };
      };
      /**
       * A disk file on the node, in a folder that the installation allows (`launcher.hostDiskFolders` of the chart). It stays on that node: choose it by nodeSelector.
       */
      hostDisk?: {
        /**
         * Path of the file on the node.
         */
        path: string;
        /**
         * `Disk`: the file has to be there. `DiskOrCreate`: a sparse one is made where there is none.
         */
        type: "Disk" | "DiskOrCreate";
        /**
         * Size of a disk that is made.
         */
        capacity?: number | string;
      };
      /**
       * A ConfigMap of the instance's namespace as a small read-only disk (ISO 9660) with a file a key, or as a filesystem.
       */
      configMap?: {
        /**
         * Its name.
         */
        name: string;
        /**
         * The guest starts without it, and the disk or filesystem is empty then; otherwise the instance waits.
         */
        optional?: boolean;
        /**
         * Label by which the guest finds the disk; left out, cfgdata.
         */
        volumeLabel?: string;
      };
      /**
       * A Secret of the instance's namespace as a small read-only disk (ISO 9660) with a file a key, or as a filesystem.
       */
      secret?: {
        /**
         * Its name.
         */
        secretName: string;
        /**
         * The guest starts without it, and the disk or filesystem is empty then; otherwise the instance waits.
         */
        optional?: boolean;
        /**
         * Label by which the guest finds the disk; left out, cfgdata.
         */
        volumeLabel?: string;
      };
      /**
       * An empty disk that lives as long as the pod.
       */
      emptyDisk?: {
        /**
         * Size of the disk; space is taken as the guest writes.
         */
        capacity: number | string;
      };
      /**
       * What the guest's cloud-init is to do, on a read-only disk: in the layout NoCloud (label `cidata`) or ConfigDrive (label `config-2`, or a filesystem of this tag), as the field's name says. The instance-id is the same at each run of a VirtualMachine.
       */
      cloudInitNoCloud?: {
        /**
         * User data, at most 16 KiB: a cloud-config, a script or whatever the guest takes. It can be read by all who may read the instance: keep secrets in a Secret.
         */
        userData?: string;
        /**
         * The same in base64, for what is no text; at most 16384 characters.
         */
        userDataBase64?: string;
        /**
         * A Secret of the instance's namespace with the user data under the key `userdata` (or `userData`).
         */
        secretRef?: {
          /**
           * Name of the Secret.
           */
          name: string;
        };
        /**
         * Network configuration, at most 16 KiB: cloud-init's own for NoCloud, OpenStack's network_data.json for ConfigDrive. Left out, the guest asks by DHCP.
         */
        networkData?: string;
        /**
         * The same in base64; at most 16384 characters.
         */
        networkDataBase64?: string;
        /**
         * A Secret of the instance's namespace with the network configuration under the key `networkdata` (or `networkData`).
         */
        networkDataSecretRef?: {
          /**
           * Name of the Secret.
           */
          name: string;
        };
      };
      /**
       * What the guest's cloud-init is to do, on a read-only disk: in the layout NoCloud (label `cidata`) or ConfigDrive (label `config-2`, or a filesystem of this tag), as the field's name says. The instance-id is the same at each run of a VirtualMachine.
       */
      cloudInitConfigDrive?: {
        /**
         * User data, at most 16 KiB: a cloud-config, a script or whatever the guest takes. It can be read by all who may read the instance: keep secrets in a Secret.
         */
        userData?: string;
        /**
         * The same in base64, for what is no text; at most 16384 characters.
         */
        userDataBase64?: string;
        /**
         * A Secret of the instance's namespace with the user data under the key `userdata` (or `userData`).
         */
        secretRef?: {
          /**
           * Name of the Secret.
           */
          name: string;
        };
        /**
         * Network configuration, at most 16 KiB: cloud-init's own for NoCloud, OpenStack's network_data.json for ConfigDrive. Left out, the guest asks by DHCP.
         */
        networkData?: string;
        /**
         * The same in base64; at most 16384 characters.
         */
        networkDataBase64?: string;
        /**
         * A Secret of the instance's namespace with the network configuration under the key `networkdata` (or `networkData`).
         */
        networkDataSecretRef?: {
          /**
           * Name of the Secret.
           */
          name: string;
        };
      };
      /**
       * An Ignition config (JSON) for the guest's first boot, read by Fedora CoreOS, Flatcar and others from the firmware (fw_cfg `opt/com.coreos/config`). It needs no disk; a disk or filesystem of its name hands it over as OpenStack does as well, on a config drive (label or tag `config-2`).
       */
      ignition?: {
        /**
         * The config itself, at most 32 KiB. It can be read by all who may read the instance: keep secrets in a Secret.
         */
        inline?: string;
        /**
         * A Secret of the instance's namespace that holds the config.
         */
        secretRef?: {
          /**
           * Name of the Secret.
           */
          name: string;
          /**
           * Key of the config in the Secret.
           */
          key?: string;
        };
        /**
         * A ConfigMap of the instance's namespace that holds the config.
         */
        configMapRef?: {
          /**
           * Name of the ConfigMap.
           */
          name: string;
          /**
           * Key of the config in the ConfigMap.
           */
          key?: string;
        };
      };
    }>;
    /**
     * Who may log in to the guest.
     */
    accessCredentials?: Array<{
      /**
       * Public keys for ssh, given to the guest at its first boot beside those that its init data have.
       */
      sshPublicKey: {
        /**
         * Where the keys are; each value holds keys, one a line.
         */
        source: {
          /**
           * A Secret of the instance's namespace.
           */
          secret?: {
            /**
             * Its name.
             */
            secretName: string;
          };
          /**
           * A ConfigMap of the instance's namespace.
           */
          configMap?: {
            /**
             * Its name.
             */
            name: string;
          };
        };
        /**
         * By which of the guest's init data the keys go; one of them.
         */
        propagationMethod: {
          /**
           * The meta-data of the cloudInitNoCloud volume; cloud-init lets the keys in as the image's default user.
           */
          noCloud?: {};
          /**
           * The same with the cloudInitConfigDrive volume.
           */
          configDrive?: {};
          /**
           * The Ignition config of the ignition volume.
           */
          ignition?: {
            /**
             * Whom the keys let in; made if neither the image nor the config has the user.
             */
            user?: string;
          };
        };
      };
    }>;
    /**
     * How long the guest may take to shut down before it is destroyed; 0 destroys it at once.
     */
    terminationGracePeriodSeconds?: number;
    /**
     * How long the launcher may take from its start until the guest runs (its image is pulled before that); the instance fails then.
     */
    startTimeoutSeconds?: number;
    /**
     * How the kubelet finds out whether the guest is ready: the instance's condition Ready, and whether Services send to it. Left out, a guest that runs is ready.
     */
    readinessProbe?: {
      /**
       * A command that qemu-guest-agent runs in the guest, as root; that it exits with 0 is a success. Each try costs the pod a process and the guest one: choose periodSeconds and timeoutSeconds accordingly. A command that takes longer than timeoutSeconds goes on in the guest.
       */
      exec?: {
        /**
         * The program, by its path or found in the agent's PATH, and its arguments.
         */
        command: Array<string>;
      };
      /**
       * A word to qemu-guest-agent in the guest; that it answers is a success. Write it as `{}`.
       */
      guestAgentPing?: {};
      /**
       * An HTTP request to the guest; any answer from 200 to 399 is a success.
       */
      httpGet?: {
        /**
         * Port of the guest.
         */
        port: number;
        /**
         * Path of the request; left out, `/`.
         */
        path?: string;
        /**
         * Protocol; left out, HTTP. With HTTPS the certificate is not checked.
         */
        scheme?: "HTTP" | "HTTPS";
        /**
         * Headers of the request.
         */
        httpHeaders?: Array<{
          /**
           * Name of the header.
           */
          name: string;
          /**
           * Its value.
           */
          value: string;
        }>;
      };
      /**
       * A TCP connection to the guest; that it opens is a success.
       */
      tcpSocket?: {
        /**
         * Port of the guest.
         */
        port: number;
      };
      /**
       * Seconds after the launcher's start before the first try; left out, 0.
       */
      initialDelaySeconds?: number;
      /**
       * Seconds between two tries; left out, 10.
       */
      periodSeconds?: number;
      /**
       * Seconds that an answer may take; left out, 1.
       */
      timeoutSeconds?: number;
      /**
       * Failed tries in a row that count as a failure; left out, 3.
       */
      failureThreshold?: number;
      /**
       * Successes in a row that count as ready again; left out, 1.
       */
      successThreshold?: number;
    };
    /**
     * How the kubelet finds out whether the guest still works. One that fails is shut down, and the instance has Failed with the reason LivenessProbeFailed. Give it time to boot.
     */
    livenessProbe?: {
      /**
       * A command that qemu-guest-agent runs in the guest, as root; that it exits with 0 is a success. Each try costs the pod a process and the guest one: choose periodSeconds and timeoutSeconds accordingly. A command that takes longer than timeoutSeconds goes on in the guest.
       */
      exec?: {
        /**
         * The program, by its path or found in the agent's PATH, and its arguments.
         */
        command: Array<string>;
      };
      /**
       * A word to qemu-guest-agent in the guest; that it answers is a success. Write it as `{}`.
       */
      guestAgentPing?: {};
      /**
       * An HTTP request to the guest; any answer from 200 to 399 is a success.
       */
      httpGet?: {
        /**
         * Port of the guest.
         */
        port: number;
        /**
         * Path of the request; left out, `/`.
         */
        path?: string;
        /**
         * Protocol; left out, HTTP. With HTTPS the certificate is not checked.
         */
        scheme?: "HTTP" | "HTTPS";
        /**
         * Headers of the request.
         */
        httpHeaders?: Array<{
          /**
           * Name of the header.
           */
          name: string;
          /**
           * Its value.
           */
          value: string;
        }>;
      };
      /**
       * A TCP connection to the guest; that it opens is a success.
       */
      tcpSocket?: {
        /**
         * Port of the guest.
         */
        port: number;
      };
      /**
       * Seconds after the launcher's start before the first try; left out, 0.
       */
      initialDelaySeconds?: number;
      /**
       * Seconds between two tries; left out, 10.
       */
      periodSeconds?: number;
      /**
       * Seconds that an answer may take; left out, 1.
       */
      timeoutSeconds?: number;
      /**
       * Failed tries in a row that count as a failure; left out, 3.
       */
      failureThreshold?: number;
    };
    /**
     * What an eviction, such as of a node drain, does. None (and LiveMigrateIfPossible, since it is not possible): the guest is shut down. External: the eviction is refused, by a PodDisruptionBudget, until somebody stops the instance. Left out, None.
     */
    evictionStrategy?: "None" | "External" | "LiveMigrateIfPossible" | "LiveMigrate";
    /**
     * Host name of the guest; left out, the instance's name up to its first dot, cut to 63 characters.
     */
    hostname?: string;
    /**
     * Name of a headless Service; with it the guest is found as `<hostname>.<subdomain>.<namespace>.svc.<cluster domain>`.
     */
    subdomain?: string;
    /**
     * Which DNS servers and search list the guest is given, as of a pod.
     */
    dnsPolicy?: "ClusterFirst" | "Default" | "None";
    /**
     * DNS servers, search list and options beside those of dnsPolicy, as of a pod.
     */
    dnsConfig?: {
      /**
       * Addresses of DNS servers.
       */
      nameservers?: Array<string>;
      /**
       * Domains that short names are looked up in.
       */
      searches?: Array<string>;
      /**
       * Resolver options.
       */
      options?: Array<{
        /**
         * Name of the option.
         */
        name: string;
        /**
         * Value of the option.
         */
        value?: string;
      }>;
    };
    /**
     * Labels that a node must have.
     */
    nodeSelector?: {
      [key: string]: string;
    };
    /**
     * Priority class of the pod.
     */
    priorityClassName?: string;
    /**
     * Scheduler that chooses the node, if not the default one.
     */
    schedulerName?: string;
    /**
     * Taints of a node that are put up with, as of a pod.
     */
    tolerations?: Array<{
      /**
       * Key of the taint; empty matches all.
       */
      key?: string;
      /**
       * How key and value are compared; left out, Equal.
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
       * For how many seconds a NoExecute taint is put up with; left out, for ever.
       */
      tolerationSeconds?: number;
    }>;
    /**
     * Rules for the choice of the node, as of a pod.
     */
    affinity?: {
      /**
       * Rules on the labels of nodes.
       */
      nodeAffinity?: {
        /**
         * The node must match one of the terms.
         */
        requiredDuringSchedulingIgnoredDuringExecution?: {
          /**
           * Alternatives.
           */
          nodeSelectorTerms: Array<{
            /**
             * Expressions on labels.
             */
            matchExpressions?: Array<{
              /**
               * Label or field.
               */
              key: string;
              /**
               * How they are compared.
               */
              operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
              /**
               * Values to compare with.
               */
              values?: Array<string>;
            }>;
            /**
             * Expressions on fields, such as metadata.name.
             */
            matchFields?: Array<{
              /**
               * Label or field.
               */
              key: string;
              /**
               * How they are compared.
               */
              operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
              /**
               * Values to compare with.
               */
              values?: Array<string>;
            }>;
          }>;
        };
        /**
         * Nodes that match are preferred, by weight.
         */
        preferredDuringSchedulingIgnoredDuringExecution?: Array<{
          /**
           * Weight of the term.
           */
          weight: number;
          /**
           * All expressions must match.
           */
          preference: {
            /**
             * Expressions on labels.
             */
            matchExpressions?: Array<{
              /**
               * Label or field.
               */
              key: string;
              /**
               * How they are compared.
               */
              operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
              /**
               * Values to compare with.
               */
              values?: Array<string>;
            }>;
            /**
             * Expressions on fields, such as metadata.name.
             */
            matchFields?: Array<{
              /**
               * Label or field.
               */
              key: string;
              /**
               * How they are compared.
               */
              operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
              /**
               * Values to compare with.
               */
              values?: Array<string>;
            }>;
          };
        }>;
      };
      /**
       * Rules for being near other pods.
       */
      podAffinity?: {
        /**
         * All terms must match.
         */
        requiredDuringSchedulingIgnoredDuringExecution?: Array<{
          /**
           * Labels to select by; all must match.
           */
          labelSelector?: {
            /**
             * Labels and their values.
             */
            matchLabels?: {
              [key: string]: string;
            };
            /**
             * Expressions on labels.
             */
            matchExpressions?: Array<{
              /**
               * Label.
               */
              key: string;
              /**
               * How they are compared.
               */
              operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
              /**
               * Values to compare with.
               */
              values?: Array<string>;
            }>;
          };
          /**
           * Labels to select by; all must match.
           */
          namespaceSelector?: {
            /**
             * Labels and their values.
             */
            matchLabels?: {
              [key: string]: string;
            };
            /**
             * Expressions on labels.
             */
            matchExpressions?: Array<{
              /**
               * Label.
               */
              key: string;
              /**
               * How they are compared.
               */
              operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
              /**
               * Values to compare with.
               */
              values?: Array<string>;
            }>;
          };
          /**
           * Namespaces in which pods count; left out, the instance's own.
           */
          namespaces?: Array<string>;
          /**
           * Node label that makes the domain, such as kubernetes.io/hostname.
           */
          topologyKey: string;
        }>;
        /**
         * Terms that are preferred, by weight.
         */
        preferredDuringSchedulingIgnoredDuringExecution?: Array<{
          /**
           * Weight of the term.
           */
          weight: number;
          /**
           * Pods, and the domain in which they count.
           */
          podAffinityTerm: {
            /**
             * Labels to select by; all must match.
             */
            labelSelector?: {
              /**
               * Labels and their values.
               */
              matchLabels?: {
                [key: string]: string;
              };
              /**
               * Expressions on labels.
               */
              matchExpressions?: Array<{
                /**
                 * Label.
                 */
                key: string;
                /**
                 * How they are compared.
                 */
                operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
                /**
                 * Values to compare with.
                 */
                values?: Array<string>;
              }>;
            };
            /**
             * Labels to select by; all must match.
             */
            namespaceSelector?: {
              /**
               * Labels and their values.
               */
              matchLabels?: {
                [key: string]: string;
              };
              /**
               * Expressions on labels.
               */
              matchExpressions?: Array<{
                /**
                 * Label.
                 */
                key: string;
                /**
                 * How they are compared.
                 */
                operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
                /**
                 * Values to compare with.
                 */
                values?: Array<string>;
              }>;
            };
            /**
             * Namespaces in which pods count; left out, the instance's own.
             */
            namespaces?: Array<string>;
            /**
             * Node label that makes the domain, such as kubernetes.io/hostname.
             */
            topologyKey: string;
          };
        }>;
      };
      /**
       * Rules for being apart from other pods.
       */
      podAntiAffinity?: {
        /**
         * All terms must match.
         */
        requiredDuringSchedulingIgnoredDuringExecution?: Array<{
          /**
           * Labels to select by; all must match.
           */
          labelSelector?: {
            /**
             * Labels and their values.
             */
            matchLabels?: {
              [key: string]: string;
            };
            /**
             * Expressions on labels.
             */
            matchExpressions?: Array<{
              /**
               * Label.
               */
              key: string;
              /**
               * How they are compared.
               */
              operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
              /**
               * Values to compare with.
               */
              values?: Array<string>;
            }>;
          };
          /**
           * Labels to select by; all must match.
           */
          namespaceSelector?: {
            /**
             * Labels and their values.
             */
            matchLabels?: {
              [key: string]: string;
            };
            /**
             * Expressions on labels.
             */
            matchExpressions?: Array<{
              /**
               * Label.
               */
              key: string;
              /**
               * How they are compared.
               */
              operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
              /**
               * Values to compare with.
               */
              values?: Array<string>;
            }>;
          };
          /**
           * Namespaces in which pods count; left out, the instance's own.
           */
          namespaces?: Array<string>;
          /**
           * Node label that makes the domain, such as kubernetes.io/hostname.
           */
          topologyKey: string;
        }>;
        /**
         * Terms that are preferred, by weight.
         */
        preferredDuringSchedulingIgnoredDuringExecution?: Array<{
          /**
           * Weight of the term.
           */
          weight: number;
          /**
           * Pods, and the domain in which they count.
           */
          podAffinityTerm: {
            /**
             * Labels to select by; all must match.
             */
            labelSelector?: {
              /**
               * Labels and their values.
               */
              matchLabels?: {
                [key: string]: string;
              };
              /**
               * Expressions on labels.
               */
              matchExpressions?: Array<{
                /**
                 * Label.
                 */
                key: string;
                /**
                 * How they are compared.
                 */
                operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
                /**
                 * Values to compare with.
                 */
                values?: Array<string>;
              }>;
            };
            /**
             * Labels to select by; all must match.
             */
            namespaceSelector?: {
              /**
               * Labels and their values.
               */
              matchLabels?: {
                [key: string]: string;
              };
              /**
               * Expressions on labels.
               */
              matchExpressions?: Array<{
                /**
                 * Label.
                 */
                key: string;
                /**
                 * How they are compared.
                 */
                operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
                /**
                 * Values to compare with.
                 */
                values?: Array<string>;
              }>;
            };
            /**
             * Namespaces in which pods count; left out, the instance's own.
             */
            namespaces?: Array<string>;
            /**
             * Node label that makes the domain, such as kubernetes.io/hostname.
             */
            topologyKey: string;
          };
        }>;
      };
    };
    /**
     * How pods are spread over domains of nodes, as of a pod.
     */
    topologySpreadConstraints?: Array<{
      /**
       * How far the numbers of pods in two domains may be apart.
       */
      maxSkew: number;
      /**
       * Least number of domains; with DoNotSchedule only.
       */
      minDomains?: number;
      /**
       * Node label that makes the domain, such as topology.kubernetes.io/zone.
       */
      topologyKey: string;
      /**
       * What to do with a pod that cannot be spread so.
       */
      whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway";
      /**
       * Labels to select by; all must match.
       */
      labelSelector?: {
        /**
         * Labels and their values.
         */
        matchLabels?: {
          [key: string]: string;
        };
        /**
         * Expressions on labels.
         */
        matchExpressions?: Array<{
          /**
           * Label.
           */
          key: string;
          /**
           * How they are compared.
           */
          operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
          /**
           * Values to compare with.
           */
          values?: Array<string>;
        }>;
      };
      /**
       * Labels whose values on the pod are selected by as well.
       */
      matchLabelKeys?: Array<string>;
      /**
       * Whether nodes that affinity and nodeSelector exclude are left aside (`Honor`, as where nothing is said) or count (`Ignore`).
       */
      nodeAffinityPolicy?: "Honor" | "Ignore";
      /**
       * Whether nodes with taints that are not tolerated are left aside (`Honor`) or count (`Ignore`, as where nothing is said).
       */
      nodeTaintsPolicy?: "Honor" | "Ignore";
    }>;
  };
  /**
   * What has come of the instance; written by Nestlet.
   */
  status?: {
    /**
     * Pending: no launcher pod yet. Scheduling: the pod exists. Scheduled: its launcher has started. Running: the guest runs. Succeeded: the guest shut down. Failed: it crashed, was killed or could not be started. Unknown: the node does not answer.
     */
    phase?: "Pending" | "Scheduling" | "Scheduled" | "Running" | "Succeeded" | "Failed" | "Unknown";
    /**
     * Why the instance is in its phase, in one word.
     */
    reason?: string;
    /**
     * The same in a sentence, with the remedy where there is one.
     */
    message?: string;
    /**
     * Node that the pod runs on.
     */
    nodeName?: string;
    /**
     * Name of the launcher pod; set once, when it has been created.
     */
    podName?: string;
    /**
     * What runs the guest's processors; told with Running, or at the latest when the guest has ended, where the launcher's log could not be read.
     */
    accelerator?: {
      /**
       * `kvm`: hardware virtualisation. `tcg`: qemu's emulation, which is many times slower.
       */
      type: "kvm" | "tcg";
      /**
       * Why it is not KVM, though spec.domain.acceleration would have it so.
       */
      reason?: string;
    };
    /**
     * Addresses of the guest.
     */
    interfaces?: Array<{
      /**
       * Name of the interface.
       */
      name: string;
      /**
       * Its first address.
       */
      ipAddress?: string;
      /**
       * All its addresses.
       */
      ipAddresses?: Array<string>;
    }>;
    /**
     * When each phase was first seen.
     */
    phaseTransitionTimestamps?: Array<{
      /**
       * The phase.
       */
      phase: string;
      /**
       * When it was first seen.
       */
      phaseTransitionTimestamp: string;
    }>;
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
