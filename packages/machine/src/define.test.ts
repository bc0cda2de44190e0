import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { SwitchLayer } from "@mercury/abi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kernelCommandLine } from "./command-line.ts";
import { defaultLayers } from "./defaults.ts";
import { defineMachine } from "./define.ts";
import { MachineError } from "./errors.ts";
import { filesOf } from "./fit.ts";
import { bochs } from "./run/bochs.ts";
import { qemu } from "./run/qemu.ts";

/** The sentence with which a definition is refused; it may be one that only JavaScript can write. */
function refusal(definition: unknown): string {
  try {
    // That this is no definition is what defineMachine has to find out.
    defineMachine(definition as Parameters<typeof defineMachine>[0]);
  } catch (error) {
    if (error instanceof MachineError && error.kind === "fit") return error.message;
    throw error;
  }
  return "";
}

const { guest, vo, vmm, switch: modeSwitch, cpu } = defaultLayers;

test("without a word the machine is the standard one", () => {
  expect(defineMachine()).toEqual({ ...defaultLayers, strategy: "lazy", mode: "native", memory: 256, shuffle: null, test: false });
});

describe("the files of a guest", () => {
  const failure = (files: () => unknown): string => {
    try {
      // A descriptor that no type checker has seen.
      filesOf({ ...guest, files: files as typeof guest.files });
    } catch (error) {
      if (error instanceof MachineError && error.kind === "fit") return error.message;
      throw error;
    }
    return "";
  };

  test("are what its layer gives", () => {
    expect(filesOf(guest)).toEqual(guest.files());
  });

  test.each([
    7,
    [null],
    [{ path: "etc/motd", mode: 0o644, contents: new Uint8Array(0) }],
    [{ path: "/etc/motd", mode: 0o644, contents: "text" }],
  ])("are refused when they are none: %j", (files) => {
    expect(failure(() => files)).toMatch(/^@mercury\/guest-os gives files that are none: /);
  });

  test("are missed with the layer's own words", () => {
    const files = (): never => {
      throw new Error("no motd today");
    };
    expect(failure(files)).toBe("@mercury/guest-os cannot say the guest's files: no motd today");
  });
});

test("the settings reach the kernel as words of its command line", () => {
  expect(kernelCommandLine(defineMachine())).toBe("mode=native switch=lazy");
  expect(kernelCommandLine(defineMachine({ mode: "always-on", strategy: "recompute", test: true }))).toBe(
    "mode=always-on switch=recompute inject audit",
  );
  expect(kernelCommandLine(defineMachine({ shuffle: 0 }))).toBe("mode=always-on switch=lazy shuffle=0");
  expect(kernelCommandLine(defineMachine({ shuffle: 0xffff_ffff, mode: "native" }))).toBe("mode=native switch=lazy shuffle=4294967295");
});

test("the type checker knows the strategies of the switch", () => {
  const eager: SwitchLayer<"eager" | "calm"> = { ...modeSwitch, strategies: ["eager", "calm"] };
  expect(defineMachine({ switch: eager }).strategy).toBe("eager");
  expect(defineMachine({ switch: eager, strategy: "calm" }).strategy).toBe("calm");
  // @ts-expect-error: a strategy of another switch
  expect(() => defineMachine({ switch: eager, strategy: "lazy" })).toThrow(/no strategy "lazy"; it has eager, calm/);
  // @ts-expect-error: no strategy of the default switch
  expect(() => defineMachine({ strategy: "calm" })).toThrow(/no strategy "calm"; it has lazy, recompute/);
});

describe("what is no definition", () => {
  test.each([
    [5, "A machine's definition is an object, not a number."],
    [null, "A machine's definition is an object, not null."],
    [{ memroy: 64 }, 'A machine has no "memroy"; it has guest, vo, vmm, switch, cpu, strategy, mode, memory, shuffle, test.'],
    [{ memory: "much" }, '"memory" of a machine is a string and should be a number.'],
    [{ guest: null }, '"guest" of a machine is null and should be a layer.'],
    [{ vo: undefined }, '"vo" of a machine is undefined and should be a layer.'],
    [{ vmm: "none" }, '"vmm" of a machine is a string and should be a layer or null.'],
    [{ shuffle: -1 }, "Frames are shuffled by a whole number from 0 to 4294967295, not by -1."],
    [{ mode: "sideways" }, 'There is no mode "sideways"; there are native, virtual, always-on.'],
  ])("%j is refused", (definition, sentence) => {
    expect(refusal(definition)).toBe(sentence);
  });

  test.each([15, 2049, 64.5, NaN, -1])("%d MB of memory are refused", (memory) => {
    expect(refusal({ memory })).toMatch(/16 to 2048 MB/);
  });

  test("without a VMM only the native mode is left", () => {
    expect(defineMachine({ vmm: null }).vmm).toBeNull();
    for (const mode of ["virtual", "always-on"]) expect(refusal({ vmm: null, mode })).toMatch(/only start in native mode/);
  });
});

describe("a layer is refused", () => {
  const kinds = { guest, vo, vmm, switch: modeSwitch, cpu } as const;
  const pairs = Object.keys(kinds).flatMap((place) => Object.entries(kinds).map(([kind, layer]) => [kind, place, layer] as const));

  test.each(pairs.filter(([kind, place]) => kind !== place))("a %s in the place of the %s", (kind, place, layer) => {
    expect(refusal({ [place]: layer })).toMatch(new RegExp(`is a ${kind} layer and cannot stand in for the ${place}\\.$`));
  });

  test("when it is no layer at all", () => {
    expect(refusal({ vo: {} })).toBe("what was given is no layer and cannot stand in for the vo.");
    expect(refusal({ cpu: { kind: "cpu" } })).toMatch(/does not say its name/);
    expect(refusal({ vo: { ...vo, packageName: "" } })).toBe("The vo layer's descriptor does not say its packageName.");
    expect(refusal({ vo: { ...vo, root: vo.root.href } })).toMatch(/^The descriptor of @mercury\/vo does not say its root/);
    expect(refusal({ vo: { ...vo, stubs: undefined } })).toMatch(/^The descriptor of @mercury\/vo does not say its stubs/);
    expect(refusal({ guest: { ...guest, programs: undefined } })).toMatch(/does not list the guest's programs/);
  });

  test.each([[[null]], [["/bin/x"]], [[{ path: "bin/x", entry: "metal/x.ts", links: [] }]], [[{ path: "/bin/x", entry: "metal/x.ts" }]]])(
    "with programs that are none: %j",
    (programs) => {
      expect(refusal({ guest: { ...guest, programs } })).toBe(
        "The descriptor of @mercury/guest-os does not list the guest's programs and files.",
      );
    },
  );

  test("of another interface version", () => {
    const old = { ...vo, interfaceVersion: 0, version: "0.0.9" };
    expect(refusal({ vo: old })).toBe("@mercury/vo 0.0.9 was written for interface version 0; this Mercury has version 1.");
  });

  test("without metal", () => {
    expect(refusal({ switch: { ...modeSwitch, root: new URL("file:///nowhere/") } })).toMatch(/no metal\/index\.ts under \/nowhere\//);
  });

  test("with stubs or programs that do not exist", () => {
    expect(refusal({ vo: { ...vo, stubs: new URL("file:///nowhere/stubs.js") } })).toMatch(/names the stubs \/nowhere\/stubs\.js/);
    const programs = [{ path: "/bin/x", entry: "metal/user/x.ts", links: [] }];
    expect(refusal({ guest: { ...guest, programs } })).toBe(
      "@mercury/guest-os names metal/user/x.ts as the source of /bin/x, which does not exist.",
    );
  });

  test("that another layer's package brings already", () => {
    const both = { ...vo, root: guest.root, packageName: guest.packageName };
    expect(refusal({ vo: both })).toBe("@mercury/guest-os cannot be both the guest and the vo of one machine: a package brings one layer.");
  });

  describe("whose package", () => {
    let root = "";
    const layer = (): SwitchLayer => ({ ...modeSwitch, packageName: "@acme/half", root: pathToFileURL(`${root}/`) });
    beforeAll(() => {
      root = mkdtempSync(join(tmpdir(), "mercury-fit-"));
      mkdirSync(join(root, "metal"));
      writeFileSync(join(root, "metal", "index.ts"), "");
    });
    afterAll(() => rmSync(root, { recursive: true, force: true }));

    test("has no kernel's side of the switch, or another name", () => {
      expect(refusal({ switch: layer() })).toMatch(/^@acme\/half has no metal\/request\.ts under /);
      writeFileSync(join(root, "metal", "request.ts"), "");
      expect(refusal({ switch: layer() })).toMatch(/is called nothing, and its switch layer says @acme\/half\.$/);
      writeFileSync(join(root, "package.json"), '{ "name": "@acme/whole" }');
      expect(refusal({ switch: layer() })).toMatch(/is called @acme\/whole, and its switch layer says @acme\/half\.$/);
    });
  });
});

describe("strategies", () => {
  test("an unknown one is refused with those that there are", () => {
    expect(refusal({ strategy: "eager" })).toBe('The switch "sequenced" has no strategy "eager"; it has lazy, recompute.');
  });

  test.each([[], ["two words"], [""], [1, 2], undefined])("%j cannot be a switch's", (...strategies) => {
    const list = strategies[0] === undefined && strategies.length > 0 ? undefined : strategies;
    expect(refusal({ switch: { ...modeSwitch, strategies: list } })).toMatch(/does not list the switch's strategies/);
  });
});

test("every machine but our own refuses a processor of one's own", async () => {
  const own = { ...cpu, name: "own-cpu" };
  expect(defineMachine({ cpu: own }).cpu).toBe(own);
  const request = { image: new Uint8Array(0), modules: [], commandLine: "", memory: 64, onSerial: () => {}, cpu: own };
  await expect(qemu.start(request)).rejects.toThrow('QEMU has a processor of its own and cannot run on "own-cpu"; x86() can.');
  await expect(bochs.start(request)).rejects.toThrow(/^Bochs has a processor of its own/);
});
