import { describe, expect, test } from "vitest";
import { type Assembler, createAssembler } from "../assembler/block.ts";
import { mem } from "../assembler/memory.ts";
import { al, cr3, dx, eax } from "../assembler/registers.ts";
import { linkImage } from "../link/image.ts";
import type { CodeFunction } from "../object.ts";
import { ImageCheckError, type SensitivePlace, checkImage } from "./image.ts";

/** Checks an image of `write`'s procedures; the messages, none when the image passes. */
function check(
  write: (a: Assembler) => void,
  allowed: (place: SensitivePlace) => boolean = () => false,
  functions: readonly CodeFunction[] = [],
): string[] {
  const a = createAssembler();
  write(a);
  const object = { functions, data: [], globals: [], table: [], tableSymbol: "table", staticEnd: 0, start: null };
  const image = linkImage({
    name: "kernel",
    program: { object, locate: () => ({ file: "/src/kernel.ts", line: 12 }) },
    stubs: a.finish(),
    textBase: 0xb010_0000,
    dataBase: 0xb020_0000,
    limit: null,
    loadOffset: 0xb000_0000,
    entry: "start",
    siteTable: true,
    blobs: [],
  });
  try {
    checkImage(image, allowed);
    return [];
  } catch (error) {
    if (!(error instanceof ImageCheckError)) throw error;
    return error.faults.map((fault) => fault.message);
  }
}

function harmless(a: Assembler): void {
  a.procedure("start");
  a.mov(eax, mem(eax, 4));
  a.ret();
}

describe("checkImage", () => {
  test("passes code that every ring runs alike", () => {
    expect(check(harmless)).toEqual([]);
  });

  test.each<[string, (a: Assembler) => void]>([
    ["cli", (a) => a.cli()],
    ["mov cr3, eax", (a) => a.mov(cr3, eax)],
    ["out dx, al", (a) => a.out(dx, al)],
    ["pushfd", (a) => a.pushfd()],
    ["iretd", (a) => a.iretd()],
    ["invlpg [eax]", (a) => a.invlpg(mem(eax))],
  ])("refuses %s in ordinary code", (text, write) => {
    const messages = check((a) => {
      harmless(a);
      a.procedure("sneaky");
      a.nop();
      write(a);
      a.ret();
    });
    expect(messages.length).toBe(1);
    expect(messages[0]).toContain("sneaky (0xb0100011)");
    expect(messages[0]).toContain(`"${text.split(" ")[0]}`);
  });

  test("knows a listed site, and only the site", () => {
    const thunk = (a: Assembler): void => {
      a.procedure("thunk_enableInterrupts", { section: ".thunks.flag" });
      a.ret();
    };
    expect(
      check((a) => {
        harmless(a);
        a.site("enableInterrupts");
        thunk(a);
      }),
    ).toEqual([]);
    expect(
      check((a) => {
        harmless(a);
        a.site("enableInterrupts");
        a.sti();
        thunk(a);
      }).length,
    ).toBe(1);
  });

  test("asks about section and source, so that a rule can name places", () => {
    const seen: SensitivePlace[] = [];
    const code: CodeFunction = {
      name: "native_write",
      aliases: [],
      code: Uint8Array.of(0xf4, 0xc3),
      alignment: 1,
      relocations: [],
      sites: [],
      lines: [{ offset: 0, wasmOffset: 1 }],
      section: ".text",
    };
    const messages = check(
      (a) => {
        harmless(a);
        a.procedure("boot", { section: ".boot" });
        a.cli();
      },
      (place) => {
        seen.push(place);
        return place.section === ".boot";
      },
      [code],
    );
    expect(messages).toEqual([expect.stringContaining("/src/kernel.ts:12: native_write")]);
    expect(seen.map(({ symbol, section, source }) => [symbol, section, source?.line])).toEqual([
      ["boot", ".boot", undefined],
      ["native_write", ".text", 12],
    ]);
  });

  test("refuses bytes that are no instruction, except behind the instructions", () => {
    const table: CodeFunction = {
      name: "switchy",
      aliases: [],
      code: Uint8Array.of(0xc3, 0xff, 0xff, 0xff),
      alignment: 1,
      relocations: [],
      sites: [],
      lines: [],
      section: ".text",
      instructionsEnd: 1,
    };
    expect(check(harmless, undefined, [table])).toEqual([]);
    const { instructionsEnd: _, ...unknown } = table;
    expect(check(harmless, undefined, [unknown])).toEqual([expect.stringContaining("switchy+1")]);
  });
});
