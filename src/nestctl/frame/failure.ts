import { ApiError, UnreachableError } from "../../kube/api-error.ts";
import { CliError, ExitCode } from "./cli-error.ts";
import { remedyOfSystem } from "./system-remedy.ts";

/** What a person is told of an error, and the exit code. */
export interface Failure {
  message: string;
  remedy: string | undefined;
  exitCode: number;
}

/** Any error of a command as it is told. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) return error;
  if (error instanceof ApiError) return ofApi(error);
  if (error instanceof UnreachableError) return ofNetwork(error);
  const message = error instanceof Error ? error.message : String(error);
  return { message, remedy: remedyOfSystem(error), exitCode: ExitCode.failed };
}

function ofApi({ code, reason, message }: ApiError): Failure {
  if (code === 404) return reason === "NotFound" ? missingObject(message) : missingKind();
  if (code === 401) {
    return {
      message: `the API server does not know who asks: ${message}`,
      remedy: "renew the credentials of the kubeconfig's user, or choose another --context",
      exitCode: ExitCode.forbidden,
    };
  }
  if (code === 403) {
    return {
      message,
      remedy:
        "ask an administrator for a role that allows it (the ClusterRoles view and edit hold Nestlet's kinds); " +
        "see kubectl auth can-i --list",
      exitCode: ExitCode.forbidden,
    };
  }
  return { message, remedy: remedyOfRefusal(code, reason), exitCode: ExitCode.failed };
}

function remedyOfRefusal(code: number, reason: string): string | undefined {
  if (reason === "AlreadyExists") return "choose another name, or delete it first";
  if (reason === "Conflict") return "somebody changed it at the same time: try again";
  if (code !== 429 && code < 500) return undefined; // the API server's words say what is wrong with the object
  return "try again; if it stays so, see what ails the API server: kubectl get --raw '/readyz?verbose'";
}

function missingObject(message: string): Failure {
  const remedy = "look at what there is with nestctl get, or give another --namespace or --context";
  return { message, remedy, exitCode: ExitCode.notFound };
}

/** The API server answers a path that it does not serve with plain text. */
function missingKind(): Failure {
  return {
    message: "the API server does not serve nestlet.dev/v1alpha1: Nestlet is not installed in this cluster",
    remedy: "install it by its Helm chart (docs/install.md), or choose another --context",
    exitCode: ExitCode.notFound,
  };
}

/** By OpenSSL's words, and by those of the resolver. */
const NETWORK_REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /self-signed|unable to (verify|get)|altnames/i,
    "give the kubeconfig's cluster the authority that signed it (certificate-authority-data) and a name that is in it " +
      "(tls-server-name)",
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    "names such as lab-api.default.svc are known inside their cluster only: for outside there is " +
      "nestctl cluster kubeconfig NAME --for outside, else give another --kubeconfig or --context",
  ],
];

function ofNetwork({ message }: UnreachableError): Failure {
  const known = NETWORK_REMEDIES.find(([words]) => words.test(message));
  const remedy =
    known?.[1] ??
    "see whether the server in the kubeconfig is right and running (kubectl config view --minify), or choose " +
      "another --context";
  return { message, remedy, exitCode: ExitCode.unreachable };
}
