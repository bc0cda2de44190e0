import { expect, test } from "vitest";
import { checkCpio } from "./cpio.ts";

/** An entry of the newc format with only the fields that matter here. */
function entry(name: string, data: string): string {
  const fields = Array.from({ length: 13 }, () => "00000000");
  fields[6] = data.length.toString(16).padStart(8, "0");
  fields[11] = (name.length + 1).toString(16).padStart(8, "0");
  const pad = (text: string): string => text + "\0".repeat((4 - (text.length % 4)) % 4);
  return pad(pad(`070701${fields.join("")}${name}\0`) + data);
}

const whole = entry("bin", "") + entry("bin/true", "code") + entry("TRAILER!!!", "");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

test("a whole archive has no fault", () => {
  expect(checkCpio(bytes(whole))).toBeNull();
});

test("zeros after the trailer are padding", () => {
  expect(checkCpio(bytes(whole + "\0".repeat(512)))).toBeNull();
});

test("every shorter archive is found out", () => {
  const end = whole.indexOf("TRAILER!!!") + "TRAILER!!!".length;
  for (let length = 0; length < end; length += 1) expect(checkCpio(bytes(whole.slice(0, length)))).not.toBeNull();
});

test("an entry whose data the file does not hold to its end is said to reach beyond", () => {
  const [before, file] = [entry("bin", ""), entry("bin/true", "code")];
  expect(checkCpio(bytes((before + file).slice(0, -1)))).toEqual({
    offset: before.length,
    reason: `the entry reaches to offset ${before.length + file.length}, the file to ${before.length + file.length - 1}`,
  });
});

test("a foreign file is refused at its start", () => {
  expect(checkCpio(bytes("#!/bin/sh\n".repeat(50)))).toEqual({ offset: 0, reason: 'no cpio header of the newc format ("070701")' });
});

test("damage is found where it is", () => {
  const offset = entry("bin", "").length;
  const damaged = whole.slice(0, offset) + "070702" + whole.slice(offset + 6);
  expect(checkCpio(bytes(damaged))?.offset).toBe(offset);
});

test("a size that is no number is refused", () => {
  const damaged = whole.slice(0, 6 + 8 * 6) + "zzzzzzzz" + whole.slice(6 + 8 * 7);
  expect(checkCpio(bytes(damaged))?.reason).toMatch(/no numbers/);
});
