/** The fields of a `Status` (metav1) that matter here. */
interface StatusBody {
  reason?: string;
  message?: string;
  details?: { retryAfterSeconds?: number; causes?: { reason?: string; field?: string; message?: string }[] };
}

/** The API server refused a request. */
export class ApiError extends Error {
  /** HTTP status. */
  readonly code: number;
  /** Machine-readable reason of the Status, such as NotFound, AlreadyExists, Conflict, Expired. */
  readonly reason: string;
  /** How long the server asks to be left alone. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: number, reason: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The API server could not be reached, or did not answer as one. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** Makes the error of an answer out of its status, body and Retry-After header. */
export function apiErrorOf(code: number, body: string, retryAfter?: string): ApiError {
  const status = parseStatus(body);
  const seconds = Number(retryAfter ?? status.details?.retryAfterSeconds ?? Number.NaN);
  const message = status.message ?? (body.trim() === "" ? `HTTP status ${code}` : body.trim().slice(0, 500));
  return new ApiError(
    code,
    status.reason ?? "",
    message,
    Number.isFinite(seconds) ? Math.max(0, seconds) : undefined,
  );
}

function parseStatus(body: string): StatusBody {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === "AlreadyExists";
}

/** The object was changed since it was read (409 Conflict). */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409 && error.reason === "Conflict";
}

/** The history that a watch or a page asked for is gone (410). */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 410 || error.reason === "Expired");
}
