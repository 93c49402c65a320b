import assert from "node:assert/strict";
import { cpuXml } from "./cpu.ts";
import { renderXml } from "./xml.ts";

const topology = { sockets: 1, cores: 2, threads: 1 };

describe("cpuXml", () => {
  const table = [
    ["kvm", undefined, /^<cpu mode="host-model" check="partial">/],
    ["kvm", "host-passthrough", /^<cpu mode="host-passthrough" check="none">/],
    ["kvm", "Haswell", /<model fallback="forbid">Haswell<\/model>/],
    [
      "tcg",
      undefined,
      /<model fallback="forbid">Opteron_G3<\/model>[^]*"require" name="aes"[^]*"disable" name="monitor"/,
    ],
    [
      "tcg",
      "host-passthrough",
      /<model fallback="forbid">Opteron_G3<\/model>[^]*"require" name="aes"[^]*"disable" name="monitor"/,
    ],
    ["tcg", "Nehalem", /<model fallback="forbid">Nehalem<\/model>\n.*<topology[^>]*>\n<\/cpu>/],
    ["tcg", "Opteron_G3", /<model fallback="forbid">Opteron_G3<\/model>\n.*<topology[^>]*>\n<\/cpu>/],
  ] as const;
  for (const [accelerator, model, pattern] of table) {
    it(`${model ?? "nothing asked for"} on ${accelerator}`, () => {
      const cpu = model === undefined ? topology : { ...topology, model };
      assert.match(renderXml(cpuXml(cpu, accelerator)), pattern);
    });
  }
});
