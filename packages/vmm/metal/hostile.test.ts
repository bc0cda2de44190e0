import { hypercalls, memoryMap, pageBits, selectors, switchTargets, vectors } from "@mercury/abi";
import { ax, cr0, cr3, ds, eax, ebx, ecx, edi, edx, esi, esp, mem32, mem48, mem8, ss, symbol, type Assembler } from "@mercury/toolchain";
import { describe, expect, test } from "vitest";
import { offset } from "../test/hostile-boot.ts";
import { exit, exitPort, hypercall, runHostile, trapped, trappedInUser } from "../test/hostile-machine.ts";

const { vmmBase, directMapBase, zoneBase, sharedPage, guestEnd } = memoryMap;
const { present, writable, user } = pageBits;
const zone = directMapBase + zoneBase;
const ended = 102;
const gp = trapped(vectors.generalProtection);
const pf = trapped(vectors.pageFault);
const survived = 0;

type Act = (a: Assembler) => void;

describe("a kernel in ring 1 that reaches for the machine gets its own #GP", () => {
  const acts: Readonly<Record<string, Act>> = {
    "mov cr3": (a) => a.mov(cr3, eax),
    "mov cr0": (a) => a.mov(cr0, eax),
    lgdt: (a) => a.lgdt(mem48(symbol("scratch"))),
    lidt: (a) => a.lidt(mem48(symbol("scratch"))),
    ltr: (a) => a.ltr(ax),
    hlt: (a) => a.hlt(),
    wrmsr: (a) => a.wrmsr(),
    "in al, dx": (a) => a.in(eax, 0x40),
    "a load beyond its segments": (a) => a.mov(eax, mem32(vmmBase)),
    "a store to the last bytes of the hole": (a) => a.mov(mem8(0xffff_ffff | 0), 1),
    "a load of the window": (a) => a.mov(eax, mem32(guestEnd)),
    "the VMM's data selector": (a) => loadDs(a, selectors.vmmData),
    "the VMM's data selector with its ring": (a) => loadDs(a, selectors.vmmData | 1),
    "a far return into the VMM's code segment": (a) => farReturn(a, selectors.vmmCode),
    "a stack segment of ring 3": (a) => loadSs(a, selectors.userData),
    "int 0x20": (a) => a.int(vectors.irqBase),
  };
  test.each(Object.entries(acts))("%s", async (_name, act) => {
    expect((await runHostile(act)).code).toBe(gp);
  });
});

function loadDs(a: Assembler, selector: number): void {
  a.mov(eax, selector);
  a.mov(ds, ax);
}
function loadSs(a: Assembler, selector: number): void {
  a.mov(eax, selector);
  a.mov(ss, ax);
}
function farReturn(a: Assembler, selector: number): void {
  a.push(selector);
  a.push(vmmBase | 0);
  a.retf();
}

describe("tables", () => {
  test("a store to one in the direct map faults", async () => {
    const { code, read } = await runHostile((a) => a.mov(mem32(zone + 0x5000), present | writable));
    expect([code, read(sharedPage + offset("sharedPage", "faultAddress")), read(zone + 0x5000)]).toEqual([pf, zone + 0x5000, 0]);
  });

  test("none can be mapped writable, hooked in or not", async () => {
    const { code, read } = await runHostile((a) => {
      hypercall(a, "prepareDirectory", zone + 0x6_4000);
      hypercall(a, "clearEntries", zone + 0x6_5000, 1024);
      hypercall(a, "setEntry", zone + 0x6_4000, (zoneBase + 0x6_5000) | present | writable | user);
      hypercall(a, "loadSpace", zoneBase + 0x6_4000);
      hypercall(a, "setEntry", zone + 0x6_5000, (zoneBase + 0x6_5000) | present | writable | user);
      // Were the last one taken, this store would go to the table that maps it.
      a.mov(mem32(0), 0x1234_5000);
    });
    expect([code, read(zone + 0x6_5000)]).toEqual([pf, 0]);
  });
});

describe("what a kernel can write into a slot without the VMM's judging it", () => {
  const directory = zone + 0x6_4000;
  const leaf = 0x6_5000;
  const { large, deferred } = pageBits;

  test("a parked slot that would come back as a large page over the tables ends the domain", async () => {
    // Bit 12 of a large page's slot selects a memory type (SDM 3A table 4-4): the address of an odd leaf names its whole chunk.
    const { code, console, read } = await runHostile((a) => {
      hypercall(a, "prepareDirectory", directory);
      hypercall(a, "clearEntries", zone + 0x1000, 1024);
      hypercall(a, "setEntry", directory, (zoneBase + 0x1000) | deferred | large | writable | user);
      hypercall(a, "loadSpace", zoneBase + 0x6_4000);
      a.mov(mem32(leaf), 0x1234_5000);
    });
    expect([code, read(zone + leaf), /must be refused/.test(console)]).toEqual([ended, 0, true]);
  });

  test("the master directory is no source of a fork: its entries stay writable", async () => {
    const slot = zone + (directMapBase >>> 22) * 4;
    const { code, read } = await runHostile((a) => {
      hypercall(a, "forkEntries", directory, zone, 1024);
    });
    expect([code, read(slot) & writable]).toEqual([survived, writable]);
  });
});

describe("a local APIC", () => {
  const localApic = 0xfee0_0000;
  // Interrupt command register: INIT, asserted, to all processors with this one (SDM 3A 10.6.1).
  const commandRegister = 0x300;
  const initAll = 0x8_4500;
  const [directory, leaf] = [0x6_4000, 0x6_5000];
  const page = localApic | present | writable | user | 0;
  const hook: Act = (a) => hypercall(a, "setEntry", zone + directory, (zoneBase + leaf) | present | writable | user);
  const map: Act = (a) => hypercall(a, "setEntry", zone + leaf, page);

  test.each([
    ["into a leaf in use", [hook, map]],
    ["into a leaf before its use", [map, hook]],
  ] as const)("cannot be mapped %s: one store there would end the machine", async (_name, acts) => {
    const { code } = await runHostile((a) => {
      hypercall(a, "prepareDirectory", zone + directory);
      hypercall(a, "clearEntries", zone + leaf, 1024);
      for (const act of acts) act(a);
      hypercall(a, "loadSpace", zoneBase + directory);
      a.mov(mem32(commandRegister), initAll);
    });
    expect(code).toBe(pf);
  });
});

describe("a trap table that is refused", () => {
  test.each([
    ["without a system call", memoryMap.kernelDataBase, 0],
    ["in the VMM", vmmBase, 1],
  ])("%s leaves the one before it", async (_name, table, count) => {
    const { code } = await runHostile((a) => {
      hypercall(a, "loadTraps", table, count);
      a.ud2();
    });
    expect(code).toBe(trapped(vectors.invalidOpcode));
  });
});

describe("a local descriptor table", () => {
  // After a reset LDTR holds base 0 and limit FFFF, present, whatever its selector (SDM 3A table 9-1).
  test("is none, though the page at 0 holds descriptors", async () => {
    const { code } = await runHostile((a) => {
      hypercall(a, "prepareDirectory", zone + 0x6_4000);
      hypercall(a, "clearEntries", zone + 0x6_5000, 1024);
      hypercall(a, "setEntry", zone + 0x6_4000, (zoneBase + 0x6_5000) | present | writable | user);
      hypercall(a, "setEntry", zone + 0x6_5000, 0x20_0000 | present | writable | user);
      hypercall(a, "loadSpace", zoneBase + 0x6_4000);
      a.mov(mem32(8), 0xffff);
      a.mov(mem32(12), 0x00cf_f200);
      loadDs(a, 0x0f);
    });
    expect(code).toBe(gp);
  });
});

describe("what the VMM pushes and pops", () => {
  test.each([
    ["the VMM", vmmBase + 0x1_0000],
    ["a table", zone + 0x1_0000],
    ["nowhere", 0x10],
  ])("a trap with its stack in %s ends the domain", async (_name, stack) => {
    const { code, console } = await runHostile((a) => {
      a.mov(esp, stack | 0);
      a.ud2();
    });
    expect([code, /kernel stack/.test(console)]).toEqual([ended, true]);
  });

  const badReturn = [selectors.vmmData, 0x1000, 0x202, selectors.userCode, 0x0804_8000];
  const returns: Readonly<Record<string, Act>> = {
    "the VMM": (a) => {
      for (const word of [...badReturn, 0]) a.push(word);
      a.mov(eax, hypercalls.returnFromTrap.number);
      a.int(vectors.hypercall);
    },
    "the kernel's thunk": (a) => {
      for (const word of badReturn) a.push(word);
      a.jmp(symbol("returnThunk"));
    },
  };
  test.each(Object.entries(returns))(
    "a return to user mode by %s with a stack selector that is no good is the program's fault",
    async (_name, act) => {
      expect((await runHostile(act)).code).toBe(trappedInUser(vectors.generalProtection));
    },
  );

  test("a data selector whose descriptor goes away during a call comes back null", async () => {
    const tls = (6 << 3) | 3;
    const { code } = await runHostile((a) => {
      hypercall(a, "setTls", 0, 0xffff, 0x00cf_f200);
      loadDs(a, tls);
      hypercall(a, "setTls", 0, 0, 0);
      a.mov(eax, ds);
      a.test(eax, eax);
      const isNull = a.label();
      a.je(isNull);
      exit(a, 1);
      a.bind(isNull);
    });
    expect(code).toBe(survived);
  });
});

describe("what nobody can answer with an error ends the domain, and the VMM says why", () => {
  const callReturn = (a: Assembler, words: readonly number[]): void => {
    for (const word of words) a.push(word);
    a.mov(eax, hypercalls.returnFromTrap.number);
    a.int(vectors.hypercall);
  };
  const cases: readonly (readonly [string, Act, RegExp])[] = [
    ["a trap without a handler", (a) => a.int1(), /a trap has no handler/],
    [
      "a return frame in the VMM",
      (a) => {
        a.mov(esp, (vmmBase + 0x5_0000) | 0);
        callReturn(a, []);
      },
      /a trap frame does not lie in the domain's data/,
    ],
    ["a return to the VMM's code segment", (a) => callReturn(a, [0x202, selectors.vmmCode, vmmBase | 0, 0]), /not the domain's/],
    ["a return to the kernel's with ring 0", (a) => callReturn(a, [0x202, selectors.kernelCode, 0xb010_0000 | 0, 0]), /not the domain's/],
    [
      "a return of ring 1 into the hole",
      (a) => callReturn(a, [0x202, selectors.kernelCodeRing1, guestEnd | 0, 0]),
      /to return to is not legal/,
    ],
    [
      "an illegal entry in a parked leaf, at its first touch",
      (a) => {
        const leaf = zone + 0x6_5000;
        hypercall(a, "prepareDirectory", zone + 0x6_4000);
        hypercall(a, "setEntry", leaf, zoneBase | present | writable);
        hypercall(a, "setEntry", zone + 0x6_4000, (zoneBase + 0x6_5000) | pageBits.deferred | writable | user);
        hypercall(a, "loadSpace", zoneBase + 0x6_4000);
        a.mov(eax, mem32(0x1000));
      },
      /must be refused/,
    ],
  ];
  test.each(cases)("%s", async (_name, act, reason) => {
    const { code, console } = await runHostile(act);
    expect(console).toMatch(/^vmm: the first domain ends: /m);
    expect(console).toMatch(reason);
    expect(code).toBe(ended);
  });
});

describe("harmless privileged instructions", () => {
  test("cli and sti move the virtual flag only", async () => {
    const { code, read } = await runHostile((a) => {
      a.sti();
      a.cli();
      a.clts();
      a.mov(eax, cr0);
    });
    const emulated = sharedPage + offset("sharedPage", "stats") + offset("switchStats", "emulated");
    expect([code, read(emulated)]).toEqual([survived, 4]);
  });
});

describe("garbage in every hypercall", () => {
  // Calls that by their nature end the sequence: a return, sleep without an open line, ports (one is the power switch), the kernel's own traps.
  const spared: ReadonlySet<string> = new Set(["returnFromTrap", "idle", "readPort", "writePort", "loadTraps", "writeConsole"]);
  const numbers = Object.entries(hypercalls).flatMap(([name, { number }]) => (spared.has(name) ? [] : [number]));
  const rounds = 1000;

  test.each([1, 2, 3])("leaves the VMM whole: seed %i", async (seed) => {
    const { code } = await runHostile((a) => {
      a.mov(esi, (seed * 0x9e37_79b9) | 0);
      a.mov(edi, rounds);
      const round = a.here();
      for (const number of numbers) {
        for (const register of [ebx, ecx, edx]) random(a, register);
        a.mov(eax, number);
        a.int(vectors.hypercall);
      }
      a.dec(edi);
      a.jne(round);
      // The auditor's answer is the exit code: 0, or the number of what differs from a recount.
      a.mov(eax, switchTargets.audit);
      a.int(vectors.modeSwitch);
      a.mov(edx, eax);
      a.mov(ebx, exitPort);
      a.mov(ecx, 8);
      a.mov(eax, hypercalls.writePort.number);
      a.int(vectors.hypercall);
    });
    expect(code).toBe(survived);
  });
});

/** A linear congruential step in ESI (Numerical Recipes, 7.1); three of four values lie in the zone, so that many calls go further than their first check. */
function random(a: Assembler, register: typeof ebx | typeof ecx | typeof edx): void {
  const done = a.label();
  a.imul(esi, esi, 1_664_525);
  a.add(esi, 1_013_904_223);
  a.mov(register, esi);
  a.test(esi, 0x0c00_0000);
  a.je(done);
  a.and(register, 0x003f_fffc);
  a.add(register, zone | 0);
  a.bind(done);
}
