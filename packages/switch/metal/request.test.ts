import { errno, layoutOf, memoryMap, structures } from "@mercury/abi";
import { metal, type MetalExports } from "@mercury/toolchain/testing";
import { describe, expect, test } from "vitest";

const root = new URL("../", import.meta.url);
const pages = Math.ceil((memoryMap.kernelDataBase + memoryMap.pageSize) / 0x1_0000);
const recordAddress = memoryMap.kernelDataBase;
const linesPending = 0x100;
const [native, virtual] = [0, 1];

/** The kernel's side over a dedicated vector whose answers are given, with everything that it does in order. */
class Kernel {
  readonly events: string[] = [];
  private readonly answers: number[];
  private readonly onLine: (kernel: Kernel, line: number) => void;
  private exports: MetalExports | undefined;

  private constructor(answers: readonly number[], onLine: (kernel: Kernel, line: number) => void) {
    this.answers = [...answers];
    this.onLine = onLine;
  }

  static async start(answers: readonly number[], onLine: (kernel: Kernel, line: number) => void = () => {}): Promise<Kernel> {
    const kernel = new Kernel(answers, onLine);
    const log = (event: string): void => void kernel.events.push(event);
    kernel.exports = await metal(
      "@mercury/switch/metal/request",
      root,
      {
        "mercury:vo": {
          saveFlags: (): number => 0x246,
          disableInterrupts: (): void => log("off"),
          enableInterrupts: (): void => log("on"),
          restoreFlags: (flags: number): void => log(`restore ${flags.toString(16)}`),
        },
        x86: {
          pause: (): void => log("pause"),
          switchInterrupt: (target: number): number => {
            log(`int ${target}`);
            return kernel.answers.shift() ?? 0;
          },
        },
        asm: {
          raiseVector: (line: number): void => {
            log(`line ${line}`);
            kernel.onLine(kernel, line);
          },
        },
        sym: { kernelRecord: (): number => recordAddress },
      },
      { pages },
    );
    kernel.write(recordAddress + offset("kernelRecord", "vmmReserve"), 0x0fc0_0000);
    return kernel;
  }

  request(target: number): number {
    return Number(this.exports?.["requestSwitch"]?.(target)) | 0;
  }
  write(address: number, value: number): void {
    new DataView(this.exports?.memory.buffer ?? new ArrayBuffer(0)).setUint32(address, value, true);
  }
  shared(name: string, value?: number): number {
    const address = memoryMap.sharedPage + offset("sharedPage", name);
    if (value !== undefined) this.write(address, value);
    return new DataView(this.exports?.memory.buffer ?? new ArrayBuffer(0)).getUint32(address, true);
  }
}

function offset(structure: "kernelRecord" | "sharedPage", name: string): number {
  return layoutOf(structure, structures[structure]).get(name) ?? Number.NaN;
}

describe("requestSwitch", () => {
  test("switches with interrupts off and leaves them as they were", async () => {
    const kernel = await Kernel.start([0]);
    expect(kernel.request(virtual)).toBe(0);
    expect(kernel.events).toEqual(["off", "int 1", "restore 246"]);
  });

  test("gives the refusal on, and tries again only when an interrupt was in service", async () => {
    const refused = await Kernel.start([-errno.EIO]);
    expect(refused.request(virtual)).toBe(-errno.EIO);
    const kernel = await Kernel.start([-errno.EAGAIN, 0]);
    expect(kernel.request(virtual)).toBe(0);
    expect(kernel.events).toEqual(["off", "int 1", "on", "pause", "off", "int 1", "restore 246"]);
  });

  test("gives up after a number of attempts", async () => {
    const kernel = await Kernel.start(Array.from({ length: 100 }, () => -errno.EAGAIN));
    expect(kernel.request(virtual)).toBe(-errno.EAGAIN);
    expect(kernel.events.filter((event) => event === "int 1").length).toBeLessThan(20);
  });

  test("takes every line that the VMM left, once, before interrupts are on", async () => {
    const kernel = await Kernel.start([linesPending]);
    kernel.shared("pendingEvents", 0x0111);
    expect(kernel.request(native)).toBe(0);
    expect(kernel.events).toEqual(["off", "int 0", "line 0", "line 4", "line 8", "restore 246"]);
    expect(kernel.shared("pendingEvents")).toBe(0);
  });

  test("leaves the rest to the VMM when a handler has switched back", async () => {
    const kernel = await Kernel.start([linesPending], (self) => void self.shared("mode", virtual));
    kernel.shared("pendingEvents", 0x0011);
    expect(kernel.request(native)).toBe(0);
    expect(kernel.events).toEqual(["off", "int 0", "line 0", "restore 246"]);
    expect(kernel.shared("pendingEvents")).toBe(0x0010);
  });

  test("without a VMM raises no interrupt", async () => {
    const kernel = await Kernel.start([]);
    kernel.write(recordAddress + offset("kernelRecord", "vmmReserve"), 0);
    expect(kernel.request(virtual)).toBe(-errno.ENODEV);
    expect(kernel.events).toEqual(["off", "restore 246"]);
  });
});
