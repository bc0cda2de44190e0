import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defineMachine } from "../define.ts";
import { MachineError } from "../errors.ts";
import { kernelJob } from "./jobs.ts";
import { compilePart, linkPart, type PartJob } from "./part.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-failure-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A package of one metal module; its root. */
function packageOf(name: string, source: string): string {
  const root = join(folder, name);
  mkdirSync(join(root, "metal"), { recursive: true });
  writeFileSync(join(root, "package.json"), JSON.stringify({ name }));
  writeFileSync(join(root, "metal", "index.ts"), source);
  return root;
}

/** A kernel's job with other sources and without stubs. */
function jobOf(kernel: string, roots: readonly string[]): PartJob {
  const bindings = { "mercury:switch": { kind: "package", specifier: "half-switch/metal" }, "mercury:vo": { kind: "import" } } as const;
  return {
    ...kernelJob(defineMachine()),
    roots,
    entries: [`${kernel}/metal`],
    bindings,
    stubs: [],
    interrupts: { handlers: [], masked: [] },
  };
}

async function failureOf(work: Promise<unknown>): Promise<Pick<MachineError, "kind" | "message" | "detail">> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MachineError)) throw error;
  return { kind: error.kind, message: error.message, detail: error.detail };
}

test("a layer whose metal lacks functions of the contract does not fit, and is named with them", async () => {
  const half = packageOf("half-switch", "export function requestSwitch(target: u32): i32 { return 0; }\n");
  const source =
    'import { requestAudit, requestSwitch } from "mercury:switch";\nexport function go(): i32 { return requestSwitch(1) + requestAudit(); }\n';
  const asks = packageOf("asks", source);
  expect(await failureOf(compilePart(jobOf("asks", [asks, half])))).toEqual({
    kind: "fit",
    message: "half-switch/metal does not export requestAudit, which the contract asks of mercury:switch.",
    detail: undefined,
  });
});

test("a layer whose stubs lack a symbol of the contract does not fit, and is named with it", async () => {
  const quiet = await compilePart(jobOf("quiet", [packageOf("quiet", "export function go(): i32 { return 1; }\n")]));
  expect(await failureOf(linkPart(quiet))).toMatchObject({
    kind: "fit",
    message: "@mercury/guest-os does not define multibootEntry, which the contract asks of a guest layer.",
  });
  const source = 'import { in8 } from "mercury:vo";\nexport function multibootEntry(): u32 { return in8(0x60); }\n';
  const reads = await compilePart(jobOf("reads", [packageOf("reads", source)]));
  expect(await failureOf(linkPart(reads))).toMatchObject({
    kind: "fit",
    message: "@mercury/vo does not define thunk_in8, which the contract asks of a vo layer.",
  });
});

test("anything else that is wrong with sources is an error of the build, with its place as detail", async () => {
  const wrong = packageOf("wrong", "export function go(): i32 { return nobody(); }\n");
  const { kind, message, detail } = await failureOf(compilePart(jobOf("wrong", [wrong])));
  expect({ kind, message }).toEqual({ kind: "build", message: "kernel does not compile" });
  expect(detail).toMatch(/metal\/index\.ts:1: .*nobody/);
});
