import { Option } from "commander";
import { collect } from "../frame/globals.ts";

/** Of whatever makes a cluster. */
export function exposeOption(): Option {
  const types = ["ClusterIP", "NodePort", "LoadBalancer"];
  return new Option("--expose <type>", "how the API server is exposed").choices(types);
}

/** Of whatever makes a cluster. */
export function memberKeyOption(): Option {
  const what = "public key that may log in to members as core; may be given more than once";
  return new Option("--ssh-key <file>", what).argParser(collect);
}
