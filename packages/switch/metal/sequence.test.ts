import { layoutOf, memoryMap, metalContracts, structures, switchReasons, switchSteps } from "@mercury/abi";
import { metal, type MetalExports } from "@mercury/toolchain/testing";
import { describe, expect, test } from "vitest";

const root = new URL("../", import.meta.url);
/** Enough of the address space for the shared page to lie where it does. */
const pages = Math.ceil((memoryMap.sharedPage + memoryMap.pageSize) / 0x1_0000);
const [native, virtual] = [0, 1];
const frame = 0x1234;

const reason = (name: (typeof switchReasons)[number]["name"]): number => switchReasons.findIndex((row) => row.name === name);
const errnoOf = (name: (typeof switchReasons)[number]["name"]): number => switchReasons[reason(name)]?.errno ?? Number.NaN;

type Answers = Readonly<Partial<Record<string, number>>>;

/** The switch over a VMM that only says what it is told to and keeps a list of the calls that change something. */
class Rig {
  readonly calls: string[] = [];
  private active = false;
  private exports: MetalExports | undefined;
  private now = 0n;

  static async start(answers: Answers = {}): Promise<Rig> {
    const rig = new Rig();
    const vmm = Object.fromEntries(
      metalContracts["mercury:vmm"].map(({ name, result }) => [name, (): number => rig.answer(name, result, answers)]),
    );
    const x86 = { readTimeStamp: (): bigint => (rig.now += 10n) };
    rig.exports = await metal("@mercury/switch/metal", root, { "mercury:vmm": vmm, x86 }, { pages });
    return rig;
  }

  switchTo(target: number): number {
    return Number(this.exports?.["switchTo"]?.(frame, target)) | 0;
  }
  shared(name: string): number {
    return this.view().getUint32(this.offset("sharedPage", name), true);
  }
  setShared(name: string, value: number): void {
    this.view().setUint32(this.offset("sharedPage", name), value, true);
  }
  report(name: string): number {
    return this.view().getInt32(this.offset("sharedPage", "report") + this.offset("switchReport", name), true);
  }
  step(name: (typeof switchSteps)[number]): number {
    return this.view().getInt32(
      this.offset("sharedPage", "report") + this.offset("switchReport", "steps") + switchSteps.indexOf(name) * 8,
      true,
    );
  }
  stat(name: string): number {
    return this.view().getInt32(this.offset("sharedPage", "stats") + this.offset("switchStats", name), true);
  }

  private answer(name: string, result: string, answers: Answers): number {
    if (name === "isActive") return Number(this.active);
    if (name === "enterVirtual") this.active = true;
    if (name === "enterNative") this.active = false;
    if (result === "void" || name === "validateAll") this.calls.push(name);
    return answers[name] ?? (name === "sealIntact" ? 1 : 0);
  }
  private view(): DataView {
    return new DataView(this.exports?.memory.buffer ?? new ArrayBuffer(0), memoryMap.sharedPage, memoryMap.pageSize);
  }
  private offset(structure: "sharedPage" | "switchReport" | "switchStats", name: string): number {
    return layoutOf(structure, structures[structure]).get(name) ?? Number.NaN;
  }
}

const attachCommits = ["startEpoch", "adoptMemory", "adoptDescriptors", "adoptInterrupts", "adoptProcessor", "patchSites", "enterVirtual"];
const detachCommits = ["patchSites", "releaseProcessor", "releaseInterrupts", "releaseDescriptors", "enterNative"];

describe("a switch that goes through", () => {
  test("commits every step once, in order, and the way back mirrors it", async () => {
    const rig = await Rig.start();
    expect(rig.switchTo(virtual)).toBe(0);
    expect(rig.calls).toEqual(attachCommits);
    rig.calls.length = 0;
    expect(rig.switchTo(native)).toBe(0);
    expect(rig.calls).toEqual(detachCommits);
    expect([rig.stat("attaches"), rig.stat("detaches"), rig.stat("failures")]).toEqual([1, 1, 0]);
  });

  test("reports direction, and cycles that are the sum of its steps'", async () => {
    const rig = await Rig.start();
    rig.switchTo(virtual);
    expect([rig.report("direction"), rig.report("result"), rig.report("reason")]).toEqual([1, 0, 0]);
    const sum = switchSteps.reduce((total, name) => total + rig.step(name), 0);
    expect(sum).toBeGreaterThan(0);
    expect(rig.report("cycles")).toBe(sum);
  });

  test("with the eager strategy validates before the commit point", async () => {
    const rig = await Rig.start({ strategy: 1 });
    expect(rig.switchTo(virtual)).toBe(0);
    expect(rig.calls).toEqual(["startEpoch", "validateAll", ...attachCommits.slice(1)]);
  });

  test("to the mode that is there already does nothing", async () => {
    const rig = await Rig.start();
    expect(rig.switchTo(native)).toBe(0);
    expect([rig.calls, rig.report("reason")]).toEqual([[], reason("alreadyThere")]);
  });

  test("leaves pending lines to the kernel", async () => {
    const rig = await Rig.start();
    rig.switchTo(virtual);
    rig.setShared("pendingEvents", 1);
    expect(rig.switchTo(native)).toBe(0x100);
  });
});

describe("a refusal", () => {
  const attachRefusals: readonly (readonly [Answers, (typeof switchReasons)[number]["name"]])[] = [
    [{ linesInService: 1 }, "interruptInService"],
    [{ sealIntact: 0 }, "sealBroken"],
    [{ siteModified: 5 }, "siteModified"],
    [{ adoptable: reason("badDescriptor") }, "badDescriptor"],
    [{ adoptable: reason("noTrapTable") }, "noTrapTable"],
  ];
  test.each(attachRefusals)("of an attach for %j commits nothing and says %s", async (answers, name) => {
    const rig = await Rig.start({ ...answers, failureDetail: 77 });
    expect(rig.switchTo(virtual)).toBe(-errnoOf(name));
    expect(rig.calls).toEqual([]);
    expect(rig.report("detail")).toBe(["sealBroken", "noTrapTable"].includes(name) ? 0 : 77);
    expect([rig.report("reason"), rig.report("result"), rig.stat("failures")]).toEqual([reason(name), -errnoOf(name), 1]);
  });

  test.each([virtual, native])("of a switch to mode %i while an NMI is being handled commits nothing", async (target) => {
    const rig = await Rig.start();
    if (target === native) rig.switchTo(virtual);
    rig.calls.length = 0;
    rig.setShared("nonMaskable", 1);
    expect(rig.switchTo(target)).toBe(-errnoOf("nonMaskable"));
    expect([rig.calls, rig.report("reason")]).toEqual([[], reason("nonMaskable")]);
    rig.setShared("nonMaskable", 0);
    expect(rig.switchTo(target)).toBe(0);
  });

  test("by the eager strategy has forgotten types at most", async () => {
    const rig = await Rig.start({ strategy: 1, validateAll: reason("badTable") });
    expect(rig.switchTo(virtual)).toBe(-errnoOf("badTable"));
    expect(rig.calls).toEqual(["startEpoch", "validateAll"]);
  });

  test.each([
    [{ releasable: reason("alwaysOn") }, "alwaysOn"],
    [{ releasable: reason("domainsAlive") }, "domainsAlive"],
  ] as const)("of a detach for %j commits nothing and says %s", async (answers, name) => {
    const rig = await Rig.start(answers);
    rig.switchTo(virtual);
    rig.calls.length = 0;
    expect(rig.switchTo(native)).toBe(-errnoOf(name));
    expect(rig.calls).toEqual([]);
  });
});

describe("a fault point", () => {
  test.each(switchSteps)("in front of step %s refuses one attempt in each direction, and only in a test image", async (step) => {
    const rig = await Rig.start();
    const inject = (): void => rig.setShared("injectPoint", switchSteps.indexOf(step) + 1);
    rig.setShared("testImage", 1);
    for (const target of [virtual, native]) {
      rig.calls.length = 0;
      inject();
      expect(rig.switchTo(target)).toBe(-errnoOf("injected"));
      expect([rig.calls, rig.shared("injectPoint")]).toEqual([[], 0]);
      expect(rig.switchTo(target)).toBe(0);
    }
    rig.setShared("testImage", 0);
    inject();
    expect(rig.switchTo(virtual)).toBe(0);
  });
});
