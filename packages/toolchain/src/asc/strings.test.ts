import { describe, expect, test } from "vitest";
import { ByteStringError, expandByteStrings } from "./strings.ts";

describe("expandByteStrings", () => {
  test("ends a cstr with NUL and leaves bytes as they are", () => {
    expect(expandByteStrings("f(cstr`ab`, bytes`c`)")).toBe("f(memory.data<u8>([97,98,0]), memory.data<u8>([99]))");
  });

  test("encodes escapes and characters outside ASCII as UTF-8", () => {
    expect(expandByteStrings("cstr`\\n\\\\\\x41\\u{e9}é\\``")).toBe("memory.data<u8>([10,92,65,195,169,195,169,96,0])");
  });

  test("gives the length in bytes, not characters", () => {
    expect(expandByteStrings("byteLength`é!`")).toBe("3");
  });

  test("keeps every line where it was", () => {
    const source = "a\ncstr`x\ny`\nb";
    const expanded = expandByteStrings(source);
    expect(expanded.split("\n").length).toBe(source.split("\n").length);
    expect(expanded.split("\n").at(-1)).toBe("b");
  });

  test.each(["// cstr`a`", "/* cstr`a` */", '"cstr`a`"', "'cstr`a`'", "x.cstr`a`", "mycstr`a`", "`cstr`", "function cstr(): void {}"])(
    "does not touch %s",
    (source) => {
      expect(expandByteStrings(source)).toBe(source);
    },
  );

  test("goes on after a quote inside a comment and after an escaped quote", () => {
    expect(expandByteStrings("// it's\ncstr`a`")).toBe("// it's\nmemory.data<u8>([97,0])");
    expect(expandByteStrings('"\\"" + cstr`a`')).toBe('"\\"" + memory.data<u8>([97,0])');
  });

  test.each([
    ["\ncstr`a${b}`", /constant/],
    ["\nbytes``", /no address/],
    ["\ncstr`abc", /does not end/],
    ["\ncstr`\\xg0`", /broken escape/],
  ])("refuses %j with its line", (source, message) => {
    const refused = (): string => expandByteStrings(source);
    expect(refused).toThrow(ByteStringError);
    expect(refused).toThrow(message);
    try {
      refused();
    } catch (error) {
      expect((error as ByteStringError).line).toBe(2);
    } // thrown type asserted above
  });
});
