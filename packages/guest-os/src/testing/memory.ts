/** The kernel's memory management under test: compiled as wasm, its tables in plain memory, where a program's loads and stores are played by the test. */
import { metal, type MetalExports } from "@mercury/toolchain/testing";
import { pageBits } from "@mercury/abi";

const packageRoot = new URL("../../", import.meta.url);
const sharedPage = 0xb020_0000;
const machineChunkOffset = 1024;
/** 64 KB pages of linear memory up to the end of 16 MB at B0000000. */
const wasmPages = 0xb000 + 0x100;
const entriesPerTable = 1024;

/** One instance, with `frames` frames of memory. */
export class MemoryUnderTest {
  private exports: MetalExports | undefined;

  static async start(frames: number): Promise<MemoryUnderTest> {
    const under = new MemoryUnderTest();
    under.exports = await metal(
      "@mercury/guest-os/metal/testing/memory",
      packageRoot,
      { "mercury:vo": under.tables() },
      { pages: wasmPages },
    );
    const chunks = new Uint16Array(under.buffer(), sharedPage + machineChunkOffset, 512);
    chunks.forEach((_, chunk) => (chunks[chunk] = chunk));
    under.call("setUpMemory", frames);
    return under;
  }

  /** Calls an export of metal/testing/memory.ts. */
  call(name: string, ...parameters: number[]): number {
    const found = this.exports?.[name];
    if (found === undefined) throw new Error(`metal/testing/memory.ts exports no ${name}`);
    return Number(found(...parameters) ?? 0);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.buffer(), address >>> 0, length);
  }

  private buffer(): ArrayBuffer {
    if (this.exports === undefined) throw new Error("the memory under test is not started");
    return this.exports.memory.buffer;
  }

  private entries(address: number, count: number): Uint32Array {
    return new Uint32Array(this.buffer(), address >>> 0, count);
  }

  /** The table operations, as their contract in voOperations says. */
  private tables(): Record<string, (...parameters: number[]) => number | undefined> {
    const nothing = (): undefined => undefined;
    return {
      saveFlags: () => 0x200,
      restoreFlags: nothing,
      disableInterrupts: nothing,
      enableInterrupts: nothing,
      flushPage: nothing,
      flushSpace: nothing,
      releaseTable: nothing,
      setEntry: (entry = 0, value = 0) => void this.entries(entry, 1).fill(value),
      clearEntries: (entry = 0, count = 0) => void this.entries(entry, count).fill(0),
      prepareDirectory: (directory = 0) => void this.entries(directory, entriesPerTable).fill(0),
      forkEntries: (to = 0, from = 0, count = 0) => this.fork(this.entries(to, count), this.entries(from, count)),
      updateEntries: (list = 0, count = 0) => {
        const updates = this.entries(list, count * 2);
        for (let index = 0; index < count; index++) this.entries(updates[index * 2] ?? 0, 1).fill(updates[index * 2 + 1] ?? 0);
        return undefined;
      },
    };
  }

  private fork(to: Uint32Array, from: Uint32Array): undefined {
    const writable = pageBits.present | pageBits.writable;
    from.forEach((entry, index) => {
      const isPrivate = (entry & (writable | pageBits.shared)) === writable;
      if (isPrivate) from[index] = (entry & ~pageBits.writable) | pageBits.copyOnWrite;
      to[index] = from[index] ?? 0;
    });
    return undefined;
  }
}
