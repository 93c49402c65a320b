import type { KubeObject } from "../../kube/object.ts";
import { asYaml } from "../frame/output.ts";
import type { Session } from "../kube/session.ts";
import { VERSION } from "../version.ts";
import type { Part } from "./archive.ts";
import { redacted } from "./redact.ts";

/** A file for each object that there is. */
export function objectParts(objects: readonly (KubeObject | undefined)[]): Part[] {
  return objects.flatMap((object) =>
    object === undefined
      ? []
      : [
          {
            name: `${object.kind}-${object.metadata.name}.yaml`,
            content: async () => asYaml(redacted(object)),
          },
        ],
  );
}

/** What happened to objects of these names, oldest first. */
export function eventsPart({ client, namespace }: Session, names: ReadonlySet<string>): Part {
  return {
    name: "events.txt",
    content: async () => {
      const path = `/api/v1/namespaces/${namespace}/events?limit=5000`;
      const { items } = await client.call<{ items: EventItem[] }>("GET", path);
      return eventLines(items.filter(({ involvedObject }) => names.has(involvedObject.name)));
    },
  };
}

export function versionsPart({ client }: Session): Part {
  return {
    name: "versions.yaml",
    content: async () =>
      asYaml({
        nestctl: VERSION,
        time: new Date().toISOString(),
        server: await client.call("GET", "/version"),
      }),
  };
}

interface EventItem {
  involvedObject: { kind: string; name: string };
  type?: string;
  reason?: string;
  message?: string;
  eventTime?: string | null;
  lastTimestamp?: string | null;
}

function eventLines(events: readonly EventItem[]): string {
  const timeOf = ({ lastTimestamp, eventTime }: EventItem): string => lastTimestamp ?? eventTime ?? "";
  return [...events]
    .sort((one, other) => timeOf(one).localeCompare(timeOf(other)))
    .map((event) => {
      const { involvedObject, type = "", reason = "", message = "" } = event;
      return `${timeOf(event)} ${type} ${involvedObject.kind}/${involvedObject.name} ${reason}: ${message}\n`;
    })
    .join("");
}
