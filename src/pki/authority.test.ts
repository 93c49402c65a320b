import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate, createPrivateKey } from "node:crypto";
import {
  authorityFault,
  issueClientCertificate,
  newAuthority,
  newServiceAccountKey,
  renewalDue,
} from "./authority.ts";

const now = Date.parse("2030-01-01T00:00:00Z");
const day = 86_400_000;
const admin = { user: "admin", group: "system:masters" };

describe("an authority", () => {
  it("is a self-signed certificate that may sign others", async () => {
    const { certificate, key } = await newAuthority("kubernetes", now);
    const parsed = new X509Certificate(certificate);
    assert.equal(parsed.subject, "CN=kubernetes");
    assert.equal(parsed.ca, true);
    assert.ok(parsed.verify(parsed.publicKey));
    assert.ok(parsed.checkPrivateKey(createPrivateKey(key)));
    assert.equal(authorityFault({ certificate, key }, now), undefined);
  });

  it("issues client certificates that say who and in which group", async () => {
    const authority = await newAuthority("kubernetes", now);
    const { certificate, key } = await issueClientCertificate(authority, admin, 90 * day, now);
    const parsed = new X509Certificate(certificate);
    const issuer = new X509Certificate(authority.certificate);
    assert.deepEqual(parsed.subject.split("\n").sort(), ["CN=admin", "O=system:masters"]);
    assert.ok(parsed.checkIssued(issuer) && parsed.verify(issuer.publicKey));
    assert.ok(parsed.checkPrivateKey(createPrivateKey(key)));
    assert.deepEqual(parsed.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
    assert.equal(parsed.ca, false);
  });

  it("lets nothing live longer than itself", async () => {
    const authority = await newAuthority("kubernetes", now);
    const { certificate } = await issueClientCertificate(authority, admin, 36_500 * day, now);
    assert.equal(
      new X509Certificate(certificate).validTo,
      new X509Certificate(authority.certificate).validTo,
    );
  });
});

describe("renewalDue", () => {
  for (const [days, due] of [
    [0, false],
    [59, false],
    [61, true],
    [91, true],
  ] as const) {
    it(`${String(due)} after ${String(days)} of 90 days`, async () => {
      const authority = await newAuthority("kubernetes", now);
      const { certificate } = await issueClientCertificate(authority, admin, 90 * day, now);
      assert.equal(renewalDue(certificate, authority.certificate, now + days * day), due);
    });
  }

  it("true for another authority's, and for what is no certificate", async () => {
    const [one, other] = [await newAuthority("kubernetes", now), await newAuthority("kubernetes", now)];
    const { certificate } = await issueClientCertificate(one, admin, 90 * day, now);
    assert.equal(renewalDue(certificate, other.certificate, now), true);
    assert.equal(renewalDue("none", one.certificate, now), true);
  });
});

describe("authorityFault", () => {
  it("names a key that does not belong", async () => {
    const { certificate } = await newAuthority("kubernetes", now);
    const { key } = await newAuthority("kubernetes", now);
    assert.equal(authorityFault({ certificate, key }, now), "tls.key does not belong to tls.crt");
  });

  it("names a certificate that is no authority", async () => {
    const pair = await issueClientCertificate(await newAuthority("kubernetes", now), admin, day, now);
    assert.match(authorityFault(pair, now) ?? "", /not the certificate of an authority/);
  });

  it("names an expired one", async () => {
    const pair = await newAuthority("kubernetes", now);
    assert.match(authorityFault(pair, now + 3651 * day) ?? "", /has expired on/);
  });

  it("names what is not PEM", () => {
    assert.match(authorityFault({ certificate: "x", key: "y" }, now) ?? "", /not PEM that can be read/);
  });

  it("names a kind of key that Kubernetes does not take", async () => {
    const { certificate } = await newAuthority("kubernetes", now);
    const { privateKey } = generateKeyPairSync("ed25519");
    const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    assert.equal(authorityFault({ certificate, key }, now), "tls.key is of type ed25519; use RSA or ECDSA");
  });
});

describe("newServiceAccountKey", () => {
  it("gives both halves as PEM", () => {
    const { publicKey, privateKey } = newServiceAccountKey();
    assert.match(publicKey, /^-----BEGIN PUBLIC KEY-----/);
    assert.match(privateKey, /^-----BEGIN PRIVATE KEY-----/);
  });
});
