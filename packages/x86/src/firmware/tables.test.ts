import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { possible } from "@mercury/vitest/possible";
import { describe, expect, it, test } from "vitest";
import { boardTables } from "../board/firmware.ts";
import * as aml from "./aml.ts";

/** RAM of 1 MB with the tables in it, as a kernel finds it. */
const ram = new Uint8Array(0x10_0000);
for (const { address, bytes } of boardTables()) ram.set(bytes, address);
const view = new DataView(ram.buffer);
const dword = (address: number): number => view.getUint32(address, true);
const text = (address: number, length: number): string => String.fromCharCode(...ram.subarray(address, address + length));
const sum = (address: number, length: number): number =>
  ram.subarray(address, address + length).reduce((total, byte) => total + byte, 0) & 0xff;

/** The address of a structure on a 16-byte boundary, as kernels search for it. */
function find(signature: string, from: number, to: number): number {
  for (let address = from; address < to; address += 16) if (text(address, signature.length) === signature) return address;
  throw new Error(`${signature} is not there`);
}

/** ACPI tables by signature, found through the root pointer. */
function acpi(): ReadonlyMap<string, number> {
  const root = find("RSD PTR ", 0xe_0000, 0x10_0000);
  expect(sum(root, 20)).toBe(0);
  const rsdt = dword(root + 16);
  const found = new Map([["RSDT", rsdt]]);
  for (let at = rsdt + 36; at < rsdt + dword(rsdt + 4); at += 4) found.set(text(dword(at), 4), dword(at));
  const fadt = found.get("FACP") ?? 0;
  found.set("DSDT", dword(fadt + 40));
  return found;
}

describe("ACPI tables", () => {
  it("are found from the root pointer, and add up to 0", () => {
    const tables = acpi();
    expect([...tables.keys()]).toEqual(["RSDT", "FACP", "APIC", "DSDT"]);
    for (const [signature, address] of tables) {
      expect(text(address, 4)).toBe(signature);
      expect(sum(address, dword(address + 4))).toBe(0);
    }
  });

  it("the fixed description names the ports of the power management block", () => {
    const fadt = acpi().get("FACP") ?? 0;
    expect([dword(fadt + 56), dword(fadt + 64), dword(fadt + 76)]).toEqual([0x600, 0x604, 0x608]);
    expect(view.getUint16(fadt + 46, true)).toBe(9);
    const facs = dword(fadt + 36);
    expect([text(facs, 4), facs % 64, dword(facs + 4)]).toEqual(["FACS", 0, 64]);
  });

  it("the interrupt controllers are where the board has them", () => {
    const madt = acpi().get("APIC") ?? 0;
    expect(dword(madt + 36)).toBe(0xfee0_0000);
    const kinds: number[] = [];
    for (let at = madt + 44; at < madt + dword(madt + 4); at += ram[at + 1] ?? 1) kinds.push(ram[at] ?? -1);
    expect(kinds).toEqual([0, 1, 2, 2, 4]);
    expect(dword(madt + 44 + 8 + 4)).toBe(0xfec0_0000);
  });

  const missing = spawnSync("iasl", ["-v"]).error === undefined ? null : "iasl is not installed (Debian package acpica-tools)";
  it.runIf(possible("the definition block under Intel's compiler", missing))(
    "the definition block is one that Intel's compiler takes apart and accepts",
    () => {
      const folder = mkdtempSync(join(tmpdir(), "x86-dsdt-"));
      const dsdt = acpi().get("DSDT") ?? 0;
      writeFileSync(join(folder, "dsdt.dat"), ram.subarray(dsdt, dsdt + dword(dsdt + 4)));
      spawnSync("iasl", ["-d", "dsdt.dat"], { cwd: folder });
      const source = readFileSync(join(folder, "dsdt.dsl"), "latin1");
      const { stdout } = spawnSync("iasl", ["-p", "again", "dsdt.dsl"], { cwd: folder });
      rmSync(folder, { recursive: true });
      expect(stdout.toString()).toContain("0 Errors");
      expect(source).toContain('EisaId ("PNP0A03")');
      expect(source).toMatch(/_S5, Package \(0x04\)/);
      // Slot 3, INTA: PIRQ wire C, input 18 of the I/O APIC and line 11 of the 8259A.
      expect(source.match(/0x0003FFFF,\s+Zero,\s+Zero,\s+0x[0-9A-F]+/g)?.map((entry) => entry.slice(-2))).toEqual(["0B", "12"]);
    },
  );
});

describe("the MP table", () => {
  it("is found from its floating pointer, adds up to 0, and has as many entries as it says", () => {
    const pointer = find("_MP_", 0xf_0000, 0x10_0000);
    expect(sum(pointer, 16)).toBe(0);
    const table = dword(pointer + 4);
    const length = view.getUint16(table + 4, true);
    expect([text(table, 4), sum(table, length)]).toEqual(["PCMP", 0]);
    let entries = 0;
    for (let at = table + 44; at < table + length; at += ram[at] === 0 ? 20 : 8) entries++;
    expect(entries).toBe(view.getUint16(table + 34, true));
  });
});

describe("AML", () => {
  test("integers take as few bytes as they can", () => {
    expect([0, 1, 2, 0x100, 0xffffffff].map((value) => aml.integer(value).length)).toEqual([1, 1, 2, 3, 5]);
  });
  test("lengths count their own bytes", () => {
    const zeros = (length: number): number[] => Array.from({ length }, () => 0);
    expect(aml.buffer(zeros(0x30)).slice(0, 2)).toEqual([0x11, 0x33]);
    expect(aml.buffer(zeros(0x3e)).slice(0, 3)).toEqual([0x11, 0x42, 0x04]);
    expect(aml.buffer(zeros(0x1000)).slice(0, 4)).toEqual([0x11, 0x86, 0x00, 0x01]);
  });
  test("names are four characters each, with prefixes for more than one", () => {
    expect(aml.path("\\_SB.PCI0").length).toBe(10);
    expect(() => aml.path("toolong")).toThrow("AML name");
  });
});
