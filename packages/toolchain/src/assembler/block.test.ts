import { decode } from "@mercury/isa";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CodeFunction } from "../object.ts";
import { createAssembler } from "./block.ts";
import { far, mem, mem32, mem8, physical, scaled, symbol, through } from "./memory.ts";
import { al, ax, eax, ecx, esi, esp } from "./registers.ts";

/** What `write` makes of one procedure. */
function assemble(write: (a: ReturnType<typeof createAssembler>) => void, options = {}): CodeFunction {
  const a = createAssembler(options);
  a.procedure("test");
  write(a);
  const [only] = a.finish();
  if (only === undefined) throw new Error("nothing was assembled");
  return only;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("instructions", () => {
  test("take registers, numbers and memory in Intel order", () => {
    const { code } = assemble((a) => {
      a.mov(eax, mem(esp, 4));
      a.mov(mem8(esi, scaled(ecx, 4), -1), 7);
      a.mov(al, through("fs", mem8(eax)));
      a.push(5);
      a.rep().movsd();
      a.lock().inc(mem32(eax));
    });
    expect(hex(code)).toBe("8b442404" + "c6448eff07" + "648a00" + "6a05" + "f3a5" + "f0ff00");
  });

  test("have 16-bit forms in 16-bit code", () => {
    const { code } = assemble((a) => {
      a.bits(16);
      a.mov(ax, 0x1234);
      a.mov(eax, 1);
    });
    expect(hex(code)).toBe("b83412" + "66b801000000");
  });
});

describe("symbols", () => {
  test("become relocations of the field that holds them", () => {
    const { code, relocations } = assemble((a) => {
      a.mov(eax, symbol("x", 8));
      a.add(mem32(symbol("y"), ecx), physical("z"));
      a.call(symbol("f"));
      a.call(mem32(symbol("pointer")));
      a.jmpf(far(0x60, symbol("g")));
    });
    expect(hex(code.subarray(0, 1))).toBe("b8");
    expect(relocations.map(({ offset, kind, target, addend }) => [offset, kind, target, addend])).toEqual([
      [1, "absolute", "x", 8],
      [7, "absolute", "y", 0],
      [11, "physical", "z", 0],
      [16, "relative", "f", 0],
      [22, "absolute", "pointer", 0],
      [27, "absolute", "g", 0],
    ]);
  });

  test("keep a 4-byte field however small the rest is", () => {
    const { code } = assemble((a) => a.push(symbol("x")));
    expect(code.length).toBe(5);
  });

  test("give data words and names inside a procedure", () => {
    const unit = assemble((a) => {
      a.data32(1, symbol("x"));
      a.entry("middle");
      const label = a.here();
      a.data32(label);
    });
    expect(unit.entries).toEqual([{ name: "middle", offset: 8 }]);
    expect(unit.relocations).toEqual([
      { offset: 4, kind: "absolute", target: "x", addend: 0 },
      { offset: 8, kind: "absolute", target: "test", addend: 8 },
    ]);
  });
});

describe("labels", () => {
  test("are reached by every branch, by a short one exactly where it reaches", () => {
    const steps = fc.array(fc.record({ gap: fc.nat(90), target: fc.nat(30), conditional: fc.boolean() }), { minLength: 1, maxLength: 31 });
    fc.assert(
      fc.property(steps, (plan) => {
        const offsets: number[] = [];
        const { code } = assemble((a) => {
          const labels = plan.map(() => a.label());
          plan.forEach(({ gap, target, conditional }, index) => {
            const own = labels[index];
            const other = labels[target % labels.length];
            if (own === undefined || other === undefined) throw new Error("unreachable");
            a.bind(own);
            if (conditional) a.jne(other);
            else a.jmp(other);
            a.bytes(new Uint8Array(gap).fill(0x90));
          });
        });
        const branches: { target: number; length: number; end: number }[] = [];
        let at = 0;
        for (const { gap } of plan) {
          offsets.push(at);
          const decoded = decode(code, at, 32);
          if (!decoded.ok) throw new Error("not an instruction");
          branches.push({ target: at + decoded.length + decoded.immediate, length: decoded.length, end: at + decoded.length });
          at += decoded.length + gap;
        }
        expect(at).toBe(code.length);
        branches.forEach(({ target, length, end }, index) => {
          const wanted = offsets[(plan[index]?.target ?? 0) % plan.length] ?? -1;
          expect(target).toBe(wanted);
          // Distances count from the branch's end, which moves by three or four bytes when it is made long.
          if (length === 2) expect(Math.abs(wanted - end)).toBeLessThanOrEqual(128);
          else expect(Math.abs(wanted - end)).toBeGreaterThan(120);
        });
      }),
    );
  });

  test.each([
    ["never bound", (a: ReturnType<typeof createAssembler>) => a.jmp(a.label())],
    [
      "bound twice",
      (a: ReturnType<typeof createAssembler>) => {
        const l = a.here();
        a.bind(l);
      },
    ],
    [
      "does not reach",
      (a: ReturnType<typeof createAssembler>) => {
        const l = a.here();
        a.zero(200);
        a.loop(l);
      },
    ],
    [
      'of procedure "test"',
      (a: ReturnType<typeof createAssembler>) => {
        const l = a.here();
        a.procedure("other");
        a.jmp(l);
      },
    ],
  ])("are refused when %s", (message, write) => {
    expect(() => assemble(write)).toThrow(message);
  });
});

describe("layout", () => {
  test("aligns inside a procedure with INT3 in code and zeros in data", () => {
    expect(
      hex(
        assemble((a) => {
          a.ret();
          a.align(4);
          a.nop();
        }).code,
      ),
    ).toBe("c3cccccc90");
    const a = createAssembler();
    a.data("words");
    a.data8(1);
    a.align(4);
    a.data16(0x1234);
    expect(hex(a.finish()[0]?.code ?? new Uint8Array())).toBe("010000003412");
  });

  test("refuses two procedures of one name and code outside of any", () => {
    const a = createAssembler();
    expect(() => a.nop()).toThrow("procedure()");
    a.procedure("twice");
    expect(() => a.procedure("twice")).toThrow("twice");
  });
});

describe("sites", () => {
  test("are stretched and listed in a patchable image, bare in a plain one", () => {
    const patchable = assemble((a) => {
      a.nop();
      a.site("returnFromTrap");
    });
    expect(patchable.sites).toEqual([{ offset: 1, length: 5, operation: "returnFromTrap" }]);
    expect(hex(patchable.code)).toBe("903e3e3e3ecf");
    const plain = assemble(
      (a) => {
        a.nop();
        a.site("returnFromTrap");
      },
      { patchable: false },
    );
    expect(plain.sites).toEqual([]);
    expect(hex(plain.code)).toBe("90cf");
  });
});
