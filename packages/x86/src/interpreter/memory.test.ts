import { expect, it } from "vitest";
import { i, m, r, type Line } from "../../test/assemble.ts";
import { Guest } from "../../test/guest.ts";

it("runs and changes code at the end of 2 GB of RAM", () => {
  const guest = new Guest(2048 * 2 ** 20);
  const top = 0x7ffff000;
  const code: Line[] = [["mov", m({ displacement: top + 11 }), i(7)], ["mov", r("eax"), i(1)], ["hlt"]];
  guest.load(code, top);
  expect(guest.run().stop).toBe("halted");
  expect(guest.get("eax")).toBe(7);
});
