/** Fields that hold init data, whichever object they are in: keys and passwords are in it. */
const SECRET_FIELDS = new Set([
  "userData",
  "userDataBase64",
  "networkData",
  "networkDataBase64",
  "inline",
  "stringData",
  "kubectl.kubernetes.io/last-applied-configuration",
]);

/** The value in the place of what is left out. */
function leftOut(text: string): string {
  return `(left out: ${String(text.length)} characters)`;
}

/**
 * An object without what may be secret: init data, values of environment variables (a launcher's plan holds init data),
 * and what kubectl remembers of an object's source. References to Secrets stay.
 */
export function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, redactedField(key, field)]));
}

function redactedField(key: string, field: unknown): unknown {
  if (SECRET_FIELDS.has(key)) return typeof field === "string" ? leftOut(field) : "(left out)";
  if (key === "managedFields") return undefined;
  if (key === "env" && Array.isArray(field)) return field.map(redactedVariable);
  return redacted(field);
}

function redactedVariable(variable: unknown): unknown {
  const { value, ...rest } = variable as { value?: unknown };
  return typeof value === "string" ? { ...rest, value: leftOut(value) } : variable;
}

/** A text without the secret parts of bootstrap tokens (`abcdef.0123456789abcdef`), which programs may write to consoles. */
export function withoutTokens(text: string): string {
  return text.replaceAll(/\b([a-z0-9]{6})\.[a-z0-9]{16}\b/g, "$1.***");
}
