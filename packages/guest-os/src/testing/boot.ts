import { directorySlots, memoryMap } from "@mercury/abi";
import { metal, type MetalExports } from "@mercury/toolchain/testing";

const root = new URL("../../", import.meta.url);
const { directMapBase } = memoryMap;
const megabyte = 0x10_0000;
const information = 0x9000;
/** One past the kernel's image. */
export const kernelEnd = 0x28_1234;
/** The kernel's image as far as the tests look at it, behind the directories, and the byte in all of it. */
export const image: Extent = { start: 0x11_2000, end: kernelEnd };
export const imageMark = 0xee;
/** Megabytes of the largest machine. */
export const largest = 40;

/** Pages of the image that hold directories. */
const bootDirectory = 0x11_0000;
const shuffledDirectory = 0x11_1000;

export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** A machine's memory with what the loader put there; every blob is filled with its number. */
export interface Machine {
  readonly ram: number;
  readonly vmm: Extent;
  readonly disk: Extent;
  readonly modules: readonly Extent[];
}

export const none: Extent = { start: 0, end: 0 };

/** The boot path as WebAssembly. One instance for all machines: each division starts afresh. */
export class Boot {
  private exports: MetalExports | undefined;
  private directory: number | null = null;
  private machine: Machine = { ram: 0, vmm: none, disk: none, modules: [] };

  static async start(): Promise<Boot> {
    const boot = new Boot();
    const at = (address: () => number) => (): number => directMapBase + address();
    const symbols = {
      "image.end": at(() => kernelEnd),
      vmm_image_start: at(() => boot.machine.vmm.start),
      vmm_image_end: at(() => boot.machine.vmm.end),
      ramdisk_start: at(() => boot.machine.disk.start),
      ramdisk_end: at(() => boot.machine.disk.end),
      bootDirectory: at(() => bootDirectory),
      shuffledDirectory: at(() => shuffledDirectory),
    };
    const moveImage = (to: number, bytes: number, directory: number): void => boot.moveImage(to, bytes, directory);
    const pages = (directMapBase + largest * megabyte) / 0x1_0000;
    boot.exports = await metal("@mercury/guest-os/metal/testing/boot", root, { sym: symbols, asm: { moveImage } }, { pages });
    return boot;
  }

  /** Divides the memory of a machine, with its frames shuffled if there is a seed: whether there is enough. */
  divide(machine: Machine, seed: number | null = null): boolean {
    this.machine = machine;
    this.directory = null;
    this.describe(machine);
    const blobs = [machine.vmm, machine.disk, ...machine.modules];
    blobs.forEach((blob, index) => this.bytes(blob).fill(index + 1));
    new Uint8Array(this.buffer(), 0, machine.ram).fill(0);
    this.machineBytes(image).fill(imageMark);
    blobs.forEach((blob, index) => this.machineBytes(blob).fill(index + 1));
    if (this.call("begin", information) !== 1) return false;
    if (seed !== null && this.call("shuffle", seed) !== 1) return false;
    return this.call("divide") === 1;
  }

  /** The machine's memory: where the provisional directory shows it before anything is shuffled. */
  machineBytes({ start, end }: Extent): Uint8Array {
    return new Uint8Array(this.buffer(), start, end - start);
  }

  /** Slots of the directory that was loaded with the shuffled image, at the place in the machine where CR3 was told to find it. */
  directMap(): Uint32Array {
    if (this.directory === null) throw new Error("no image was moved");
    return new Uint32Array(
      this.buffer(),
      this.directory + directorySlots.directMap * 4,
      directorySlots.leafArea - directorySlots.directMap,
    );
  }

  call(name: string, ...parameters: number[]): number {
    const found = this.exports?.[name];
    if (found === undefined) throw new Error(`metal/testing/boot.ts exports no ${name}`);
    return Number(found(...parameters) ?? 0) >>> 0;
  }

  bytes({ start, end }: Extent): Uint8Array {
    return new Uint8Array(this.buffer(), directMapBase + start, end - start);
  }

  blob(index: number): Extent {
    return { start: this.call("blobStart", index), end: this.call("blobEnd", index) };
  }

  /** What the stub does: the image, in which the direct map shows the new directory, goes to its place. */
  private moveImage(to: number, bytes: number, directory: number): void {
    const { kernelLoadBase } = memoryMap;
    const page = this.bytes({ start: shuffledDirectory, end: shuffledDirectory + memoryMap.pageSize });
    this.machineBytes({ start: shuffledDirectory, end: shuffledDirectory + memoryMap.pageSize }).set(page);
    const source = this.machineBytes({ start: kernelLoadBase, end: kernelLoadBase + bytes });
    new Uint8Array(this.buffer(), to >>> 0, bytes).set(source);
    this.directory = directory >>> 0;
  }

  private buffer(): ArrayBuffer {
    if (this.exports === undefined) throw new Error("the boot path under test is not started");
    return this.exports.memory.buffer;
  }

  /** Multiboot information with modules and a memory map: low memory, a hole for the BIOS, the rest. */
  private describe({ ram, modules }: Machine): void {
    const view = new DataView(this.buffer(), directMapBase + information, 0x800);
    const words = [(1 << 3) | (1 << 6), 0, 0, 0, 0, modules.length, information + 0x100, 0, 0, 0, 0, 72, information + 0x400];
    words.forEach((word, index) => view.setUint32(index * 4, word, true));
    modules.forEach(({ start, end }, index) => {
      view.setUint32(0x100 + index * 16, start, true);
      view.setUint32(0x104 + index * 16, end, true);
    });
    const map = [
      [0, 0x9_f000, 1],
      [0xf_0000, 0x1_0000, 2],
      [megabyte, ram - megabyte, 1],
    ] as const;
    map.forEach(([base, length, type], index) => {
      [20, base, 0, length, 0, type].forEach((word, field) => view.setUint32(0x400 + index * 24 + field * 4, word, true));
    });
  }
}
