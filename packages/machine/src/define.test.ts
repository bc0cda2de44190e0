import { expect, test } from "vitest";
import { kernelCommandLine } from "./command-line.ts";
import { defaultLayers } from "./defaults.ts";
import { defineMachine, type MachineDefinition } from "./define.ts";
import { MachineError } from "./errors.ts";

/** The sentence with which a definition is refused. */
function refusal(definition: MachineDefinition): string {
  try {
    defineMachine(definition);
  } catch (error) {
    if (error instanceof MachineError && error.kind === "fit") return error.message;
    throw error;
  }
  return "";
}

test("without a word the machine is the standard one", () => {
  expect(defineMachine()).toEqual({ ...defaultLayers, strategy: "lazy", mode: "native", memory: 256, test: false });
});

test("the settings reach the kernel as words of its command line", () => {
  expect(kernelCommandLine(defineMachine())).toBe("mode=native switch=lazy");
  expect(kernelCommandLine(defineMachine({ mode: "always-on", strategy: "recompute", test: true }))).toBe(
    "mode=always-on switch=recompute inject",
  );
});

test("a layer of another kind is refused", () => {
  // What a definition in JavaScript can say and the types do not allow.
  const definition: object = { guest: defaultLayers.vo };
  expect(refusal(definition)).toBe('"patched" of @mercury/vo is a vo layer and cannot stand in for the guest.');
});

test("a layer of another interface version is refused", () => {
  const old = { ...defaultLayers.vo, interfaceVersion: 0, version: "0.0.9" };
  expect(refusal({ vo: old })).toBe("@mercury/vo 0.0.9 was written for interface version 0; this Mercury has version 1.");
});

test("a layer without metal is refused", () => {
  expect(refusal({ switch: { ...defaultLayers.switch, root: new URL("file:///nowhere/") } })).toMatch(
    /no metal\/index\.ts under \/nowhere\//,
  );
});

test("stubs that do not exist are refused", () => {
  expect(refusal({ vo: { ...defaultLayers.vo, stubs: new URL("file:///nowhere/stubs.js") } })).toMatch(
    /names the stubs \/nowhere\/stubs\.js/,
  );
});

test("an unknown strategy is refused with those that there are", () => {
  expect(refusal({ strategy: "eager" })).toBe('The switch "sequenced" has no strategy "eager"; it has lazy, recompute.');
});

test.each([15, 2049, 64.5, NaN, -1])("%d MB of memory are refused", (memory) => {
  expect(refusal({ memory })).toMatch(/16 to 2048 MB/);
});

test("without a VMM only the native mode is left", () => {
  expect(defineMachine({ vmm: null }).vmm).toBeNull();
  for (const mode of ["virtual", "always-on"] as const) expect(refusal({ vmm: null, mode })).toMatch(/only start in native mode/);
});
