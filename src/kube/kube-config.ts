import { KubeConfig } from "@kubernetes/client-node";

/**
 * Reads the kubeconfig of a path; without one as kubectl does: $KUBECONFIG, ~/.kube/config, the pod's service account.
 * @param context to use in the place of the current one
 * @throws Error that names the file, when it cannot be used
 */
export function loadKubeConfig(path?: string, context?: string): KubeConfig {
  const config = readKubeConfig(path);
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster() === null) {
    const known = config.getContexts().map(({ name }) => name);
    // The library's type does not know of a kubeconfig without it.
    const current = config.getCurrentContext() as string | undefined;
    const fault =
      current === undefined || current === ""
        ? "no context is current"
        : `the current context "${current}" names no cluster`;
    throw new Error(
      `kubeconfig ${path ?? "(default)"}: ${fault}; ` +
        `it has the contexts ${known.length === 0 ? "(none)" : known.join(", ")}`,
    );
  }
  return config;
}

/** The same, whether or not it says which of its clusters is meant. @throws Error that names the file */
export function readKubeConfig(path?: string): KubeConfig {
  const config = new KubeConfig();
  try {
    if (path === undefined) config.loadFromDefault();
    else config.loadFromFile(path);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(`kubeconfig ${path ?? "(default)"} cannot be used: ${cause}`, { cause: error });
  }
  return config;
}
