import { selectors } from "@mercury/abi";
import {
  al,
  type Assembler,
  cs,
  ds,
  eax,
  ebp,
  ebx,
  ecx,
  edi,
  edx,
  es,
  esi,
  esp,
  fs,
  gs,
  mem,
  mem16,
  mem32,
  mem48,
  mem8,
  type Memory,
  scaled,
  ss,
  symbol,
  through,
} from "@mercury/toolchain";

/** Offsets in the probe context (metal/context.ts). */
const fields = { armed: 0, stack: 4, resume: 8, value: 28, size: 40 } as const;
/** Where far pointers are made up: behind the fields that metal knows. */
const pointer = 32;

const field = (name: keyof typeof fields): Memory => mem32(symbol("probeContext", fields[name]));

/**
 * Probes: each tries one thing that may trap, and returns 0 when it went through, 1 when a trap ended it; the trap handler then has written down what it
 * was and goes on at `probeTrapped`, with the stack that the probe began with. The same code runs in rings 1 and 3.
 */
export function probes(a: Assembler, stackSegment: number): void {
  a.data("probeContext", { alignment: 16 });
  a.zero(fields.size);
  segment(a);
  access(a);
  query(a);
  interrupt(a);
  transfer(a);
  code(a);
  ends(a, stackSegment);
}

function begin(a: Assembler, name: string): void {
  a.procedure(name);
  for (const register of [ebx, esi, edi, ebp]) a.push(register);
  a.mov(field("stack"), esp);
  a.mov(field("resume"), symbol("probeTrapped"));
  a.mov(field("armed"), 1);
}

/** Both ends: segment registers and stack as every compiled function expects them. */
function ends(a: Assembler, stackSegment: number): void {
  for (const [name, result] of [
    ["probeTrapped", 1],
    ["probeDone", 0],
  ] as const) {
    a.procedure(name);
    a.mov(ecx, selectors.userData);
    a.mov(ds, ecx);
    a.mov(es, ecx);
    a.mov(ecx, stackSegment);
    a.mov(ss, ecx);
    a.mov(esp, field("stack"));
    a.xor(ecx, ecx);
    a.mov(fs, ecx);
    a.mov(gs, ecx);
    a.mov(field("armed"), 0);
    a.mov(eax, result);
    for (const register of [ebp, edi, esi, ebx]) a.pop(register);
    a.ret();
  }
}

/** Goes to the case of a number in a register; each case ends at probeDone unless it leaves otherwise. */
function choose(a: Assembler, register: typeof ecx | typeof edx, cases: readonly (readonly [number, () => void])[]): void {
  for (const [number, write] of cases) {
    const next = a.label();
    a.cmp(register, number);
    a.jne(next);
    write();
    a.jmp(symbol("probeDone"));
    a.bind(next);
  }
  a.ud2();
}

/** probeSegment(selector, register): a load of ES, SS, DS, FS or GS, by its number. */
function segment(a: Assembler): void {
  begin(a, "probeSegment");
  choose(a, edx, [
    [0, (): void => a.mov(es, eax)],
    [2, (): void => a.mov(ss, eax)],
    [3, (): void => a.mov(ds, eax)],
    [4, (): void => a.mov(fs, eax)],
    [5, (): void => a.mov(gs, eax)],
  ]);
}

/** probeAccess(selector, address, kind): through GS; a push and a fetch through SS and CS. No write changes what is there. */
function access(a: Assembler): void {
  begin(a, "probeAccess");
  a.mov(gs, eax);
  // Two registers that make the address only in the end, so that the sum wraps.
  a.mov(ebx, edx);
  a.sub(ebx, 0x1000);
  a.mov(esi, 0x400);
  const at = [ebx, scaled(esi, 4)] as const;
  choose(a, ecx, [
    [0, (): void => a.mov(al, through("gs", mem8(...at)))],
    [1, (): void => a.mov(eax, through("gs", mem32(...at)))],
    [2, (): void => a.lock().or(through("gs", mem8(...at)), 0)],
    [3, (): void => a.lock().or(through("gs", mem32(...at)), 0)],
    [4, (): void => a.lock().or(through("gs", mem16(...at)), 0)],
    [
      5,
      (): void => {
        a.lea(esp, mem(edx, 4));
        a.push(0);
      },
    ],
    [6, (): void => a.jmp(edx)],
  ]);
}

/** probeQuery(selector, query): LAR, LSL, VERR, VERW; 1 when ZF is set, the answer in the context. */
function query(a: Assembler): void {
  begin(a, "probeQuery");
  const seen = a.label();
  const answered = a.label();
  for (const [number, write] of [
    [0, (): void => a.lar(ebx, eax)],
    [1, (): void => a.lsl(ebx, eax)],
    [2, (): void => a.verr(eax)],
    [3, (): void => a.verw(eax)],
  ] as const) {
    const next = a.label();
    a.cmp(edx, number);
    a.jne(next);
    write();
    a.jmp(answered);
    a.bind(next);
  }
  a.ud2();
  a.bind(answered);
  a.je(seen);
  a.jmp(symbol("probeDone"));
  a.bind(seen);
  a.mov(field("value"), ebx);
  a.mov(field("armed"), 0);
  a.mov(eax, 1);
  for (const register of [ebp, edi, esi, ebx]) a.pop(register);
  a.ret();
}

/** Bytes of one row below: INT imm8, then JMP rel32, then a filler. */
const interruptRow = 8;

/** probeInterrupt(vector): INT n. EAX asks hypercall and switch for what changes nothing: the version, which is also no mode. */
function interrupt(a: Assembler): void {
  const harmless = 22;
  begin(a, "probeInterrupt");
  a.lea(ecx, mem(symbol("probeInterrupts"), scaled(eax, interruptRow)));
  a.mov(eax, harmless);
  a.jmp(ecx);
  a.procedure("probeInterrupts", { alignment: interruptRow });
  for (let vector = 0; vector < 256; vector++) {
    a.int(vector);
    // E9 rel32 in full, so that every row is as long (SDM 2A JMP).
    a.jmp(symbol("probeDone"));
    a.nop();
  }
}

/** probeTransfer(selector, kind): a far JMP, CALL, RET or IRET to a place that notes the CS with which it was reached. */
function transfer(a: Assembler): void {
  begin(a, "probeTransfer");
  const target = symbol("probeContext", pointer);
  a.mov(mem32(target), symbol("probeLanding"));
  a.mov(mem32(symbol("probeContext", pointer + 4)), eax);
  const returnWords = (): void => {
    // For a return to ring 3: its stack, which any address does for.
    a.push(selectors.userData);
    a.push(esp);
  };
  choose(a, edx, [
    [0, (): void => a.jmpf(mem48(target))],
    [1, (): void => a.callf(mem48(target))],
    [
      2,
      (): void => {
        returnWords();
        a.push(eax);
        a.push(symbol("probeLanding"));
        a.retf();
      },
    ],
    [
      3,
      (): void => {
        returnWords();
        a.pushfd();
        a.push(eax);
        a.push(symbol("probeLanding"));
        a.iretd();
      },
    ],
  ]);
  a.procedure("probeLanding");
  a.mov(eax, cs);
  a.mov(field("value"), eax);
  a.jmp(symbol("probeDone"));
}

/** probeCode(address): one of instructionTable (instructions.ts). */
function code(a: Assembler): void {
  begin(a, "probeCode");
  a.jmp(eax);
}
