import fc from "fast-check";
import { expect, test } from "vitest";
import { BadValue, commandLine, fileList, integer, seconds, word, disk } from "./values.ts";

test("every whole number of the range is taken, and no other", () => {
  fc.assert(
    fc.property(fc.integer({ min: -500, max: 5000 }), (value) => {
      const read = (): number => integer(16, 2048)(String(value));
      if (value >= 16 && value <= 2048) expect(read()).toBe(value);
      else expect(read).toThrow(BadValue);
    }),
  );
});

test.each(["", " 64", "64 ", "0x40", "1e3", "64.0", "+64", "sixty"])("%j is no whole number", (text) => {
  expect(() => integer(16, 2048)(text)).toThrow(BadValue);
});

test.each([
  ["1", 1],
  ["0.5", 0.5],
  ["120", 120],
])("%s seconds", (text, value) => {
  expect(seconds(text)).toBe(value);
});

test.each(["0", "-1", "", "soon", "1s", "1e9", "99999999"])("%j is no time", (text) => {
  expect(() => seconds(text)).toThrow(BadValue);
});

test("a word outside the list is refused with the list", () => {
  expect(word(["lazy", "recompute"])("lazy")).toBe("lazy");
  expect(() => word(["lazy", "recompute"])("eager")).toThrow(/none of lazy, recompute/);
});

test("a list of files may not name an empty one", () => {
  expect(fileList("a,b")).toEqual(["a", "b"]);
  for (const text of ["", "a,", ",a", "a,,b"]) expect(() => fileList(text)).toThrow(BadValue);
});

test("the guest's command line takes printable ASCII only", () => {
  expect(commandLine("root=/dev/sda quiet")).toBe("root=/dev/sda quiet");
  for (const text of ["a\nb", "ä", "\0"]) expect(() => commandLine(text)).toThrow(BadValue);
});

test("a disk is a file with words behind it", () => {
  expect(disk("a.img")).toEqual({ file: "a.img" });
  expect(disk("a=b.img,ro,bus=virtio")).toEqual({ file: "a=b.img", readOnly: true, bus: "virtio" });
  expect(disk("a.img,overlay=x=y")).toEqual({ file: "a.img", overlay: "x=y" });
  for (const text of ["", ",ro", "a,", "a,bus=scsi", "a,overlay=", "a,ro,overlay=b", "a,bus"]) expect(() => disk(text)).toThrow(BadValue);
});
