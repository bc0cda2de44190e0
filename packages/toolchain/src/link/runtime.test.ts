import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { memoryMap } from "@mercury/abi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAssembler } from "../assembler/block.ts";
import { symbol } from "../assembler/memory.ts";
import { eax, ebp, ebx, ecx, edi, edx, esi } from "../assembler/registers.ts";
import { scratchPackage } from "../testing/scratch.ts";
import { requireLinux386 } from "../testing/tools.ts";
import { writeElf } from "./elf.ts";
import { linkImage } from "./image.ts";

type Operation = { readonly kind: "memmove" | "memset"; readonly to: number; readonly second: number; readonly bytes: number };

const size = 96;

/** Runs the operations one after another on a buffer of bytes 0, 1, 2, ... as a process of the host; the buffer afterwards. */
function runNatively(operations: readonly Operation[], file: string): Uint8Array {
  const a = createAssembler();
  a.procedure("start");
  for (const { kind, to, second, bytes } of operations) {
    for (const kept of [ebx, esi, edi, ebp]) a.mov(kept, 0x5a5a_5a5a);
    a.mov(eax, symbol("buffer", to));
    a.mov(edx, kind === "memmove" ? symbol("buffer", second) : second);
    a.mov(ecx, bytes);
    a.call(symbol(kind));
    const changed = a.label();
    const kept = a.label();
    for (const register of [ebx, esi, edi, ebp]) {
      a.cmp(register, 0x5a5a_5a5a);
      a.jne(changed);
    }
    a.jmp(kept);
    a.bind(changed);
    a.ud2();
    a.bind(kept);
  }
  a.mov(eax, 4); // write(1, buffer, size)
  a.mov(ebx, 1);
  a.mov(ecx, symbol("buffer"));
  a.mov(edx, size);
  a.int(0x80);
  a.mov(eax, 1);
  a.xor(ebx, ebx);
  a.int(0x80);
  a.data("buffer", { alignment: 16 });
  a.bytes(Uint8Array.from({ length: size }, (_, index) => index));
  const image = linkImage({
    name: "runtime",
    program: null,
    stubs: a.finish(),
    textBase: memoryMap.userImageBase,
    dataBase: memoryMap.userDataBase,
    limit: null,
    loadOffset: 0,
    entry: "start",
    siteTable: false,
    blobs: [],
  });
  writeFileSync(file, writeElf(image, { debug: false }), { mode: 0o755 });
  const { stdout, status, signal } = spawnSync(file);
  expect({ status, signal }).toEqual({ status: 0, signal: null });
  return stdout;
}

function model(operations: readonly Operation[]): Uint8Array {
  const buffer = Uint8Array.from({ length: size }, (_, index) => index);
  for (const { kind, to, second, bytes } of operations) {
    if (kind === "memmove") buffer.copyWithin(to, second, second + bytes);
    else buffer.fill(second & 0xff, to, to + bytes);
  }
  return buffer;
}

const operation = fc.record({
  kind: fc.constantFrom("memmove", "memset"),
  to: fc.nat(48),
  second: fc.nat(48),
  bytes: fc.oneof(fc.nat(9), fc.nat(48)),
}) satisfies fc.Arbitrary<Operation>;

describe("memmove and memset", () => {
  test("do what copyWithin and fill do, overlaps included, and keep the registers of their caller", (context) => {
    requireLinux386(context);
    const scratch = scratchPackage("@acme/runtime", {});
    try {
      let count = 0;
      fc.assert(
        fc.property(fc.array(operation, { minLength: 1, maxLength: 40 }), (operations) => {
          const file = scratch.path(`run${count++}`);
          expect(Buffer.from(runNatively(operations, file))).toEqual(Buffer.from(model(operations)));
        }),
        { numRuns: 30 },
      );
    } finally {
      scratch.remove();
    }
  });

  test("are left out of an image that does not call them", () => {
    const a = createAssembler();
    a.procedure("start");
    a.ret();
    const image = linkImage({
      name: "none",
      program: null,
      stubs: a.finish(),
      textBase: 0x1000,
      dataBase: 0x2000,
      limit: null,
      loadOffset: 0,
      entry: "start",
      siteTable: false,
      blobs: [],
    });
    expect([...image.symbols.keys()].filter((name) => name.startsWith("mem"))).toEqual([]);
  });
});
