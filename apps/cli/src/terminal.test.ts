import fc from "fast-check";
import { expect, test } from "vitest";
import { EscapeFilter } from "./terminal.ts";

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
const ctrlA = "\x01";

test("Ctrl-A X leaves, in either case of the letter, and what came before goes to the guest", () => {
  for (const letter of "xX") expect(new EscapeFilter().take(bytes(`ls${ctrlA}${letter}rest`))).toEqual({ bytes: bytes("ls"), leave: true });
});

test("Ctrl-A and X may come apart", () => {
  const filter = new EscapeFilter();
  expect(filter.take(bytes(ctrlA))).toEqual({ bytes: bytes(""), leave: false });
  expect(filter.take(bytes("x"))).toEqual({ bytes: bytes(""), leave: true });
});

test("Ctrl-A twice is one Ctrl-A for the guest", () => {
  expect(new EscapeFilter().take(bytes(`${ctrlA}${ctrlA}x`))).toEqual({ bytes: bytes(`${ctrlA}x`), leave: false });
});

test("without Ctrl-A everything goes to the guest, however it is cut up", () => {
  const chunk = fc.array(fc.integer({ min: 2, max: 255 }));
  fc.assert(
    fc.property(fc.array(chunk), (chunks) => {
      const filter = new EscapeFilter();
      const passed = chunks.flatMap((part) => [...filter.take(Uint8Array.from(part)).bytes]);
      expect(passed).toEqual(chunks.flat());
    }),
  );
});
