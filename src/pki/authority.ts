import "reflect-metadata";
import { createPrivateKey, generateKeyPairSync, randomBytes, webcrypto, X509Certificate } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectKeyIdentifierExtension,
  X509Certificate as Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { KeyPair } from "../guest-config/member.ts";

/** Small and fast to check, which counts in an emulated guest; kubeadm takes it as it takes RSA. */
const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** As kubeadm's own authorities. */
const authorityLifeMs = 10 * 365 * 86_400_000;
/** Clocks of guests may be behind a little. */
const toleranceMs = 5 * 60_000;

/** Makes a self-signed authority. */
export async function newAuthority(commonName: string, nowMs: number): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: nameOf([{ CN: [commonName] }]),
    notBefore: new Date(nowMs - toleranceMs),
    notAfter: new Date(nowMs + authorityLifeMs),
    signingAlgorithm: ecdsa,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(
        KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment | KeyUsageFlags.keyCertSign,
        true,
      ),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await privateKeyPem(keys.privateKey) };
}

/** Makes the key pair that service-account tokens are signed with. */
export function newServiceAccountKey(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

/** Whom a client certificate speaks for, as the API server reads it. */
export interface Client {
  user: string;
  group: string;
}

/** Issues a client certificate for a Kubernetes API server. */
export async function issueClientCertificate(
  authority: KeyPair,
  client: Client,
  lifeMs: number,
  nowMs: number,
): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const issuer = new Certificate(authority.certificate);
  const signing = await signingKeyOf(authority.key);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: nameOf([{ O: [client.group] }, { CN: [client.user] }]),
    issuer: issuer.subjectName,
    notBefore: new Date(nowMs - toleranceMs),
    notAfter: new Date(Math.min(nowMs + lifeMs, issuer.notAfter.getTime())),
    signingAlgorithm: signing.algorithm,
    signingKey: signing.key,
    publicKey: keys.publicKey,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await privateKeyPem(keys.privateKey) };
}

/**
 * Whether a certificate is to be issued anew: less than a third of its life is left, it cannot be read, or it was not
 * issued by the authority.
 */
export function renewalDue(certificatePem: string, authorityPem: string, nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(certificatePem);
    const authority = new X509Certificate(authorityPem);
    if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) return true;
    const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
    return to - nowMs < (to - from) / 3;
  } catch {
    return true;
  }
}

/** What is wrong with somebody's own authority, in words; undefined when it can be used. */
export function authorityFault({ certificate, key }: KeyPair, nowMs: number): string | undefined {
  try {
    const parsed = new X509Certificate(certificate);
    if (!parsed.ca) return "tls.crt is not the certificate of an authority (CA:TRUE)";
    if (parsed.validToDate.getTime() <= nowMs) return `tls.crt has expired on ${parsed.validTo}`;
    const privateKey = createPrivateKey(key);
    if (!["rsa", "ec"].includes(privateKey.asymmetricKeyType ?? "")) {
      return `tls.key is of type ${String(privateKey.asymmetricKeyType)}; use RSA or ECDSA`;
    }
    return parsed.checkPrivateKey(privateKey) ? undefined : "tls.key does not belong to tls.crt";
  } catch (error) {
    return `tls.crt or tls.key is not PEM that can be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function nameOf(parts: ConstructorParameters<typeof Name>[0]): string {
  return new Name(parts).toString();
}

/** RFC 5280 wants a positive number of at most 20 bytes. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" })
    .export({ type: "pkcs8", format: "pem" })
    .toString();
}

/** A key in any of the PEM forms that OpenSSL writes. */
async function signingKeyOf(
  pem: string,
): Promise<{ key: webcrypto.CryptoKey; algorithm: typeof ecdsa | { name: string; hash: string } }> {
  const key = createPrivateKey(pem);
  const der = key.export({ type: "pkcs8", format: "der" });
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const algorithm =
    key.asymmetricKeyType === "rsa"
      ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
      : { ...ecdsa, namedCurve: curves[curve ?? ""] ?? ecdsa.namedCurve };
  return { key: await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]), algorithm };
}

/** OpenSSL's names of the curves that TLS uses, in those of Web Cryptography. */
const curves: Record<string, string> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };
