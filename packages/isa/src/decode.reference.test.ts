/** The decoder against objdump: every opcode of both maps with every ModRM byte. */
import { describe, expect, test } from "vitest";
import { dump, haveBinutils } from "../test/binutils.ts";
import { decode } from "./decode.ts";
import { rows } from "./rows.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const sibs = [0x24, 0x0d, 0xcb, 0x65];

/** Fences, whose ModRM.rm does not matter to processors, but to objdump. */
function isOddFence([first, second, third = 0]: Uint8Array): boolean {
  return first === 0x0f && second === 0xae && third >= 0xe8 && (third & 7) !== 0;
}

/** Every opcode with every ModRM byte, and bytes enough for any operand. */
function* encodings(): Generator<Uint8Array> {
  for (const map of [[], [0x0f]]) {
    for (let opcode = 0; opcode < 256; opcode++) {
      for (let modrm = 0; modrm < 256; modrm++) {
        yield Uint8Array.from([...map, opcode, modrm, sibs[modrm & 3] ?? 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      }
    }
  }
}

const prefixBytes = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);

/** The hint NOPs that MPX took over; objdump refuses their 16-bit addressing. */
function isMpx([first, second]: Uint8Array): boolean {
  return first === 0x0f && (second === 0x1a || second === 0x1b);
}

describe.runIf(haveBinutils()).each([
  [32, []],
  [32, [0x66]],
  [32, [0x67]],
  [16, []],
  [16, [0x66, 0x67]],
] as const)("%i bits, prefixes %j", (bits, prefixes) => {
  test("lengths are objdump's", () => {
    const parts: Uint8Array[] = [];
    for (const bytes of encodings()) {
      if (prefixBytes.has(bytes[0] ?? 0) || isMpx(bytes) || isOddFence(bytes)) continue;
      const full = Uint8Array.from([...prefixes, ...bytes]);
      const decoded = decode(full, 0, bits);
      if (decoded.ok) parts.push(full.slice(0, decoded.length));
    }
    const lines = dump(Buffer.concat(parts), bits, "intel");
    let at = 0;
    const wrong: string[] = [];
    for (const part of parts) {
      const line = lines.get(at);
      if (line?.length !== part.length)
        wrong.push(`${hex(part)}: ${line === undefined ? "out of step" : `${line.length} bytes, ${line.text}`}`);
      at += part.length;
    }
    expect(parts.length).toBeGreaterThan(60_000);
    expect(wrong.slice(0, 20)).toEqual([]);
  });
});

/** Register forms of CMPXCHG8B, MOV CS, registers that do not exist, the test registers of the 80486: objdump prints them all the same. */
const absent = /\(bad\)|\?|\bcr[15-7]\b|\btr\d|^mov +cs,/;
const ours = new Set<string>(rows.map(({ mnemonic }) => mnemonic));

test.runIf(haveBinutils())("what is refused as undefined is no instruction of the table to objdump", () => {
  const slot = 32;
  const refused = [...encodings()].filter((bytes) => {
    const decoded = decode(bytes, 0, 32);
    return !prefixBytes.has(bytes[0] ?? 0) && !decoded.ok;
  });
  const code = new Uint8Array(refused.length * slot).fill(0x90);
  for (const [at, bytes] of refused.entries()) code.set(bytes, at * slot);
  const lines = dump(code, 32, "intel");
  const known = refused.flatMap((bytes, at) => {
    const text = lines.get(at * slot)?.text ?? "";
    return ours.has(text.split(/\s/)[0] ?? "") && !absent.test(text) ? [`${hex(bytes.subarray(0, 4))} ${text}`] : [];
  });
  expect(refused.length).toBeGreaterThan(10_000);
  expect(known.slice(0, 40)).toEqual([]);
});
