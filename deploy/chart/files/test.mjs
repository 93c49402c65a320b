// What `helm test` runs, with the controller's image and nothing but Node.
import { readFile } from "node:fs/promises";

const { CONTROLLER, NAMESPACE } = process.env;
const token = await readFile("/var/run/secrets/kubernetes.io/serviceaccount/token", "utf8");
const machines = `https://kubernetes.default.svc/apis/nestlet.dev/v1alpha1/namespaces/${NAMESPACE}/virtualmachines`;

/** What the API server answers to a machine of so much memory; nothing is stored. */
async function create(memory) {
  const devices = { disks: [{ name: "root" }] };
  const volumes = [{ name: "root", registryDisk: { image: "nestlet.dev/test:1" } }];
  const template = { spec: { domain: { memory: { guest: memory }, devices }, volumes } };
  const answer = await fetch(`${machines}?dryRun=All&fieldValidation=Strict`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      apiVersion: "nestlet.dev/v1alpha1",
      kind: "VirtualMachine",
      metadata: { name: "helm-test" },
      spec: { runStrategy: "Halted", template },
    }),
  });
  return { status: answer.status, text: await answer.text() };
}

function expect(what, holds, detail) {
  console.log(`${holds ? "ok" : "failed"}: ${what}${holds ? "" : ` (${detail})`}`);
  if (!holds) process.exitCode = 1;
}

const ready = await fetch(`${CONTROLLER}/readyz`).then(
  async (answer) => ({ status: answer.status, text: await answer.text() }),
  (error) => ({ status: 0, text: String(error.cause ?? error) }),
);
expect("the controller is ready", ready.status === 200, ready.text);
const taken = await create("64Mi");
expect("a VirtualMachine is taken", taken.status === 201, taken.text);
const refused = await create("1Mi");
expect("one of too little memory is refused", refused.status === 422, refused.text);
