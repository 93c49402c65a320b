import { file, type IgnitionFile } from "./ignition.ts";
import { API_SERVER, KUBEADM_PATHS } from "./kubeadm.ts";
import type { ClusterFacts, Worker } from "./member.ts";

/**
 * A worker that boots beside its master waits with `kubeadm join` until the API server lets its token ask for Nodes.
 * kubeadm's own waiting ends too early: it takes the "forbidden" of an API server that has only just come up for an
 * answer, then asks twice a second with a token that is not there yet, gives up after 5 minutes as if the token had
 * expired, and asks for its Node only once, 10 s long, right after the token is made and before its rights are.
 */

export const AWAIT_SCRIPT = "/etc/nestlet/await-master.sh";
const QUESTION = "/etc/nestlet/await-master.conf";

export function awaitFiles(cluster: ClusterFacts, worker: Worker): IgnitionFile[] {
  return [
    file(KUBEADM_PATHS.ca, cluster.caCertificate, 0o644),
    file(QUESTION, questionOf(worker)),
    file(AWAIT_SCRIPT, AWAIT, 0o644),
  ];
}

/** For curl(1): what kubeadm join asks only once; prints the answer's code. */
function questionOf({ name, bootstrapToken }: Worker): string {
  return `url = "${API_SERVER}/api/v1/nodes/${name}"
cacert = "${KUBEADM_PATHS.ca}"
header = "Authorization: Bearer ${bootstrapToken}"
max-time = 10
silent
output = /dev/null
write-out = "%{http_code}"
`;
}

/**
 * Ends when the question is allowed, whether or not there is such a Node. After 300 tries without an answer (25 minutes
 * where connections are refused), or 60 with another one, kubeadm is to say in its words what is wrong. A system without
 * curl leaves it to kubeadm at once.
 */
const AWAIT = `set -u
command -v curl >/dev/null || exit 0
silent=0
refused=0
while [ "$silent" -lt 300 ] && [ "$refused" -lt 60 ]; do
  case $(curl --config ${QUESTION}) in
    200 | 404) exit 0 ;;
    000) silent=$((silent + 1)) ;;
    *) refused=$((refused + 1)) ;;
  esac
  sleep 5
done
`;
