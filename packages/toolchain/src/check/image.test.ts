import type { SensitiveCode } from "@mercury/abi";
import { describe, expect, test } from "vitest";
import { type Assembler, createAssembler } from "../assembler/block.ts";
import { mem, symbol } from "../assembler/memory.ts";
import { al, cr3, dx, eax } from "../assembler/registers.ts";
import { linkImage } from "../link/image.ts";
import type { CodeFunction } from "../object.ts";
import { checkImage, ImageCheckError, type ImageRules } from "./image.ts";
import { formatReport, type ImageReport } from "./report.ts";

/** What became of an image of `write`'s procedures: the messages, none when it passes. */
function check(write: (a: Assembler) => void, rules: ImageRules = { sensitive: [] }, functions: readonly CodeFunction[] = []): string[] {
  try {
    report(write, rules, functions);
    return [];
  } catch (error) {
    if (!(error instanceof ImageCheckError)) throw error;
    return error.faults.map((fault) => fault.message);
  }
}

function report(write: (a: Assembler) => void, rules: ImageRules, functions: readonly CodeFunction[] = []): ImageReport {
  const a = createAssembler();
  write(a);
  const object = { functions, data: [], globals: [], table: [], tableSymbol: "table", staticEnd: 0, start: null };
  const image = linkImage({
    name: "kernel",
    program: { object, locate: () => ({ file: "/src/kernel.ts", module: "@acme/kernel/metal/kernel.ts", line: 12 }) },
    stubs: a.finish(),
    textBase: 0xb010_0000,
    dataBase: 0xb020_0000,
    limit: null,
    loadOffset: 0xb000_0000,
    entry: "start",
    siteTable: true,
    blobs: [],
  });
  return checkImage(image, rules);
}

/** A range of one function. */
function code(runs: SensitiveCode["runs"], functions: readonly string[], ...instructions: readonly string[]): SensitiveCode {
  return { name: "test", reason: "because", runs, functions, instructions };
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

  test("takes no stub on trust, and shows the source of what was compiled", () => {
    const compiled: CodeFunction = {
      name: "native_write",
      aliases: [],
      code: Uint8Array.of(0xf4, 0xc3),
      alignment: 1,
      relocations: [],
      sites: [],
      lines: [{ offset: 0, wasmOffset: 1 }],
      section: ".text",
    };
    const stub = (a: Assembler): void => {
      harmless(a);
      a.procedure("boot", { section: ".boot" });
      a.cli();
    };
    expect(check(stub, undefined, [compiled])).toEqual([
      expect.stringContaining("kernel: boot (0x00100000)"),
      expect.stringContaining("/src/kernel.ts:12: native_write"),
    ]);
    const byModule = {
      name: "module",
      reason: "",
      runs: "both",
      modules: ["@acme/kernel/metal/kernel.ts"],
      instructions: ["hlt"],
    } as const;
    expect(check(stub, { sensitive: [code("boot", ["boot"], "cli"), byModule] }, [compiled])).toEqual([]);
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

describe("what a layer names", () => {
  const halting = (a: Assembler): void => {
    harmless(a);
    a.procedure("halting");
    a.hlt();
  };

  test("may hold the instructions that it names, and no others", () => {
    expect(check(halting, { sensitive: [code("both", ["halting"], "hlt")] })).toEqual([]);
    expect(check(halting, { sensitive: [code("both", ["halting"], "cli")] })).toContainEqual(expect.stringContaining('"hlt" outside'));
  });

  test.each([
    ["a function", code("both", ["halting", "start"], "hlt"), "the function start"],
    ["a boot function that is not there", code("boot", ["halting", "gone"], "hlt"), "the function gone"],
    ["an instruction", code("both", ["halting"], "hlt", "cli"), "instruction cli"],
    ["a module", { ...code("both", ["halting"], "hlt"), modules: ["@acme/gone.ts"] }, "the module @acme/gone.ts"],
  ])("is refused for naming %s for nothing", (_what, sensitive, message) => {
    expect(check(halting, { sensitive: [sensitive] })).toEqual([expect.stringContaining(`${message} for nothing`)]);
  });

  test("is boot code only when nothing else leads there", () => {
    const booting =
      (caller: string) =>
      (a: Assembler): void => {
        a.procedure("start");
        a.call(symbol("boot"));
        a.procedure("boot");
        a.cli();
        a.ret();
        a.procedure("later");
        a.call(symbol(caller));
      };
    const rules = { sensitive: [code("boot", ["start", "boot"], "cli")] };
    expect(check(booting("later"), rules)).toEqual([]);
    expect(check(booting("boot"), rules)).toEqual([expect.stringContaining("boot is boot code")]);
  });
});

describe("bodies of virtual objects", () => {
  /** A kernel with one site of flushSpace, whose native body calls a helper that loads CR3. */
  const flushing =
    (more: (a: Assembler) => void) =>
    (a: Assembler): void => {
      harmless(a);
      a.site("flushSpace");
      a.procedure("native_flushSpace");
      a.call(symbol("helper"));
      a.ret();
      a.procedure("helper");
      a.mov(cr3, eax);
      a.ret();
      a.procedure("virtual_flushSpace");
      a.int(0x82);
      a.ret();
      more(a);
    };

  test("may hold what they need, with what they alone call", () => {
    expect(check(flushing(() => {}))).toEqual([]);
  });

  test.each(["native_flushSpace", "helper"])("are none any more once other code calls %s", (target) => {
    const messages = check(
      flushing((a) => {
        a.procedure("impatient");
        a.jmp(symbol(target));
      }),
    );
    expect(messages).toEqual([expect.stringContaining("helper (")]);
  });
});

describe("code that may run while sites are rewritten", () => {
  const thunk = (a: Assembler, write: () => void): void => {
    a.procedure("thunk_enableInterrupts", { section: ".thunks.flag" });
    write();
    a.ret();
  };
  const interrupted = (a: Assembler): void => {
    harmless(a);
    a.procedure("nmiEntry");
    a.call(symbol("report"));
    a.procedure("report");
    a.site("enableInterrupts");
    a.ret();
  };

  test("holds no site, however far it has to be looked for", () => {
    const write = (a: Assembler): void => {
      interrupted(a);
      thunk(a, () => {});
    };
    expect(check(write)).toEqual([]);
    expect(check(write, { sensitive: [], siteFree: ["nmiEntry"] })).toEqual([
      expect.stringContaining("a site of enableInterrupts in report"),
    ]);
    expect(check(write, { sensitive: [], siteFree: ["gone"] })).toEqual([expect.stringContaining("no function gone")]);
  });

  test("is also what thunks do, which are begun again by their address", () => {
    expect(
      check((a) => {
        harmless(a);
        thunk(a, () => a.site("enableInterrupts"));
      }),
    ).toEqual([expect.stringContaining("in thunk_enableInterrupts")]);
  });

  test("may be called through a table of functions", () => {
    const write = (a: Assembler): void => {
      interrupted(a);
      thunk(a, () => {});
      a.data("handlers");
      a.data32(symbol("report"));
      a.procedure("patch");
      a.call(mem(symbol("handlers")));
      a.ret();
    };
    expect(check(write, { sensitive: [], siteFree: ["patch"] })).toHaveLength(1);
  });
});

test("the report counts sites by operation and names where the rest stands", () => {
  const found = report(
    (a) => {
      a.procedure("start", { alignment: 1 });
      a.cli();
      a.site("enableInterrupts");
      a.site("flushPage");
      a.site("enableInterrupts");
      for (const name of ["enableInterrupts", "flushPage"]) {
        a.procedure(`thunk_${name}`, { section: ".thunks.hypercall" });
        a.int(0x82);
        a.ret();
      }
    },
    { sensitive: [code("boot", ["start"], "cli")] },
  );
  expect(found.sites).toEqual([
    { operation: "enableInterrupts", count: 2 },
    { operation: "flushPage", count: 1 },
  ]);
  expect(found.ranges.map(({ name, instructions, functions }) => [name, instructions, functions.map(({ symbol: each }) => each)])).toEqual([
    ["native bodies", 0, []],
    ["virtual bodies", 2, ["thunk_enableInterrupts", "thunk_flushPage"]],
    ["test", 1, ["start"]],
  ]);
  expect(formatReport(found)).toMatch(/^kernel: 3 sites of 2 operations\n {5}2 {2}enableInterrupts\n[^]*1 {2}test: because\n {8}0xb01/);
});
