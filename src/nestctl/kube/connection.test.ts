import assert from "node:assert/strict";
import { KubeConfig } from "@kubernetes/client-node";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer as createProxy, type Server as Proxy } from "node:http";
import { createServer, type Server } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { issueClientCertificate, newAuthority } from "../../pki/authority.ts";
import type { Connection } from "../../kube/connection.ts";
import { connectBriefly } from "./connection.ts";

type Cluster = NonNullable<ReturnType<KubeConfig["getCurrentCluster"]>>;
type User = NonNullable<ReturnType<KubeConfig["getCurrentUser"]>>;

const DAY_MS = 86_400_000;

/** A certificate for 127.0.0.1 that vouches for itself. */
async function serverCertificate(): Promise<{ cert: string; key: string }> {
  const folder = await mkdtemp(join(tmpdir(), "nestctl-tls-"));
  const [cert, key] = [join(folder, "cert"), join(folder, "key")];
  try {
    const self = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
    ];
    const name = ["-subj", "/CN=kube-apiserver", "-addext", "subjectAltName=IP:127.0.0.1"];
    await promisify(execFile)("openssl", [...self, ...name, "-keyout", key, "-out", cert]);
    return { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("the connection of a program that asks a few things", function () {
  this.timeout(20_000);
  let server: Server;
  let sockets: Set<unknown>;
  let cluster: Cluster;
  let certificate: User;
  before(async () => {
    const now = Date.now();
    const authority = await newAuthority("clients", now);
    const client = await issueClientCertificate(authority, { user: "jane", group: "devs" }, DAY_MS, now);
    const tls = await serverCertificate();
    server = createServer({
      ...tls,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    });
    server.on("request", (request, response) => {
      const { socket } = request;
      assert.ok(socket instanceof TLSSocket);
      sockets.add(socket);
      const subject = socket.authorized ? socket.getPeerCertificate().subject.CN : undefined;
      response.end(JSON.stringify([request.url, subject, request.headers.authorization]));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    cluster = {
      name: "c",
      server: `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
      caData: base64(tls.cert),
      skipTLSVerify: false,
    };
    certificate = { name: "u", certData: base64(client.certificate), keyData: base64(client.key) };
  });
  beforeEach(() => {
    sockets = new Set();
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const connection = (of: Cluster, user: User): Connection => {
    const config = new KubeConfig();
    config.loadFromClusterAndUser(of, user);
    return connectBriefly(config);
  };
  const ask = async (open: Connection): Promise<unknown> => {
    const { dispatcher, headers } = await open.requests();
    const { body } = await dispatcher.request({
      origin: open.server,
      path: "/api?x=1",
      method: "GET",
      headers,
    });
    return body.json();
  };

  const users: [string, () => User, unknown[]][] = [
    ["a certificate", () => certificate, ["/api?x=1", "jane", null]],
    ["a token", () => ({ name: "u", token: "t" }), ["/api?x=1", null, "Bearer t"]],
    [
      "a password",
      () => ({ name: "u", username: "a", password: "b" }),
      ["/api?x=1", null, `Basic ${Buffer.from("a:b").toString("base64")}`],
    ],
  ];
  for (const [title, user, wanted] of users) {
    it(`asks as whom ${title} says`, async () => {
      const open = connection(cluster, user());
      assert.deepEqual(await ask(open), wanted);
      await open.close();
    });
  }

  it("is made once", async () => {
    const open = connection(cluster, certificate);
    for (let count = 0; count < 3; count++) await ask(open);
    open.forget();
    await ask(open);
    assert.equal(sockets.size, 1);
    await open.close();
  });

  it("is not made to a server that nobody vouches for", async () => {
    const { caData, ...unknown } = cluster;
    assert.ok(caData);
    await assert.rejects(ask(connection(unknown, certificate)), /self-signed certificate/);
    const open = connection({ ...unknown, skipTLSVerify: true }, certificate);
    assert.deepEqual(await ask(open), ["/api?x=1", "jane", null]);
    await open.close();
  });

  it("is made with the name that the kubeconfig gives", async () => {
    const wrong = connection({ ...cluster, tlsServerName: "kubernetes.example" }, certificate);
    await assert.rejects(ask(wrong), /kubernetes\.example/);
  });

  it("goes through the kubeconfig's proxy", async () => {
    const asked: (string | undefined)[] = [];
    const proxy: Proxy = createProxy();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url);
      const [host = "", port] = (request.url ?? "").split(":");
      const onward = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      for (const end of [socket, onward]) end.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const proxyUrl = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
    const open = connection({ ...cluster, proxyUrl }, certificate);
    assert.deepEqual(await ask(open), ["/api?x=1", "jane", null]);
    assert.deepEqual(asked, [cluster.server.replace("https://", "")]);
    await open.close();
    proxy.closeAllConnections();
    proxy.close();
  });
});
