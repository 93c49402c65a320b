import assert from "node:assert/strict";
import { ApiError, UnreachableError } from "../../kube/api-error.ts";
import { CliError, ExitCode } from "./cli-error.ts";
import { failureOf } from "./failure.ts";

describe("failureOf", () => {
  const table: readonly (readonly [string, unknown, number, RegExp, RegExp | undefined])[] = [
    ["its own", new CliError(6, "late", "wait longer"), 6, /^late$/, /wait longer/],
    [
      "an object that does not exist",
      new ApiError(404, "NotFound", 'virtualmachines.nestlet.dev "web" not found'),
      ExitCode.notFound,
      /"web" not found/,
      /nestctl get/,
    ],
    [
      "a kind that is not served",
      new ApiError(404, "", "404 page not found"),
      ExitCode.notFound,
      /not installed/,
      /Helm chart \(docs\/install.md\)/,
    ],
    ["a refusal", new ApiError(403, "Forbidden", "may not"), ExitCode.forbidden, /may not/, /can-i --list/],
    ["a stranger", new ApiError(401, "", "Unauthorized"), ExitCode.forbidden, /who asks/, /credentials/],
    [
      "a name that is taken",
      new ApiError(409, "AlreadyExists", "there"),
      ExitCode.failed,
      /there/,
      /another name/,
    ],
    ["a wrong object", new ApiError(422, "Invalid", "spec is wrong"), ExitCode.failed, /^spec/, undefined],
    [
      "a silent server",
      new UnreachableError("API server https://a cannot be reached"),
      ExitCode.unreachable,
      /https:\/\/a/,
      /--context/,
    ],
    [
      "a server whose certificate nobody vouches for",
      new UnreachableError(
        "API server https://a cannot be reached: self-signed certificate in certificate chain",
      ),
      ExitCode.unreachable,
      /self-signed/,
      /certificate-authority-data/,
    ],
    [
      "a server whose name is not known here",
      new UnreachableError("API server https://lab-api cannot be reached: getaddrinfo ENOTFOUND lab-api"),
      ExitCode.unreachable,
      /ENOTFOUND/,
      /--for outside/,
    ],
    [
      "a server that has too much to do",
      new ApiError(503, "ServiceUnavailable", "not now"),
      ExitCode.failed,
      /^not now$/,
      /try again/,
    ],
    [
      "a change at the same time",
      new ApiError(409, "Conflict", "the object has been modified"),
      ExitCode.failed,
      /modified/,
      /try again/,
    ],
    [
      "a file",
      Object.assign(new Error("ENOENT: no such file or directory, open 'a/b'"), { code: "ENOENT" }),
      ExitCode.failed,
      /'a\/b'/,
      /folder/,
    ],
    ["another error", new Error("odd"), ExitCode.failed, /^odd$/, undefined],
    ["no error at all", "words", ExitCode.failed, /^words$/, undefined],
  ];
  for (const [title, error, exitCode, message, remedy] of table) {
    it(`tells of ${title}`, () => {
      const failure = failureOf(error);
      assert.equal(failure.exitCode, exitCode);
      assert.match(failure.message, message);
      if (remedy === undefined) assert.equal(failure.remedy, undefined);
      else assert.match(failure.remedy ?? "", remedy);
    });
  }
});
