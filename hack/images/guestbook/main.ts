// The guestbook's web front end: entries are written to the leader and read from the followers.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createClient } from "@redis/client";
import { EntryError, entryIn, pageOf } from "./page.ts";

const PORT = Number(process.env["PORT"] ?? 8080);
const KEY = "guestbook";
/** What is older is forgotten. */
const KEPT_ENTRIES = 100;
const MAX_BODY_BYTES = 4096;

/** A store that is away is tried again and again; meanwhile commands fail at once. */
function connect(url: string) {
  const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: 1000 } });
  client.on("error", (error: Error) => {
    console.error(`${url}: ${error.message}`);
  });
  client.connect().catch((error: unknown) => {
    console.error(`${url}: ${String(error)}`);
  });
  return client;
}

const leader = connect(process.env["REDIS_LEADER"] ?? "redis://redis-leader:6379");
const follower = connect(process.env["REDIS_FOLLOWER"] ?? "redis://redis-follower:6379");

async function entries(): Promise<string[]> {
  return follower.lRange(KEY, 0, -1);
}

async function write(entry: string): Promise<void> {
  await leader.rPush(KEY, entry);
  await leader.lTrim(KEY, -KEPT_ENTRIES, -1);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  request.setEncoding("utf8");
  for await (const chunk of request as AsyncIterable<string>) {
    body += chunk;
    if (body.length > MAX_BODY_BYTES) throw new EntryError(`the form is longer than ${MAX_BODY_BYTES} bytes`);
  }
  return body;
}

function answer(response: ServerResponse, status: number, text: string, type = "text/plain"): void {
  response.writeHead(status, { "content-type": `${type}; charset=utf-8` }).end(text);
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (`${request.method ?? ""} ${request.url ?? ""}`) {
    case "GET /":
      answer(response, 200, pageOf(await entries()), "text/html");
      break;
    case "GET /entries":
      answer(response, 200, JSON.stringify(await entries()), "application/json");
      break;
    case "POST /entries":
      await write(entryIn(await bodyOf(request)));
      response.writeHead(303, { location: "/" }).end();
      break;
    case "GET /readyz":
      if (leader.isReady && follower.isReady) answer(response, 200, "ok\n");
      else answer(response, 503, "a store cannot be reached\n");
      break;
    default:
      answer(response, 404, "there are / and /entries\n");
  }
}

createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    answer(response, error instanceof EntryError ? 400 : 503, `${message}\n`);
  });
}).listen(PORT, () => {
  console.log(`listening on port ${PORT}`);
});

// As the first process of a container it would get no signal by default.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
