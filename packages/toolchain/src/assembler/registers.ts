import type { Register, RegisterOperand } from "@mercury/isa";

/** A register as an operand whose name the type checker knows. */
export type Named<Name extends Register> = RegisterOperand & { readonly register: Name };

function register<Name extends Register>(name: Name): Named<Name> {
  return { kind: "register", register: name };
}

/** 8-bit general registers, as operands. */
export const al: Named<"al"> = register("al"),
  cl: Named<"cl"> = register("cl"),
  dl: Named<"dl"> = register("dl"),
  bl: Named<"bl"> = register("bl"),
  ah: Named<"ah"> = register("ah"),
  ch: Named<"ch"> = register("ch"),
  dh: Named<"dh"> = register("dh"),
  bh: Named<"bh"> = register("bh");

/** 16-bit general registers, as operands. */
export const ax: Named<"ax"> = register("ax"),
  cx: Named<"cx"> = register("cx"),
  dx: Named<"dx"> = register("dx"),
  bx: Named<"bx"> = register("bx"),
  sp: Named<"sp"> = register("sp"),
  bp: Named<"bp"> = register("bp"),
  si: Named<"si"> = register("si"),
  di: Named<"di"> = register("di");

/** 32-bit general registers, as operands. */
export const eax: Named<"eax"> = register("eax"),
  ecx: Named<"ecx"> = register("ecx"),
  edx: Named<"edx"> = register("edx"),
  ebx: Named<"ebx"> = register("ebx"),
  esp: Named<"esp"> = register("esp"),
  ebp: Named<"ebp"> = register("ebp"),
  esi: Named<"esi"> = register("esi"),
  edi: Named<"edi"> = register("edi");

/** Segment registers, as operands. */
export const cs: Named<"cs"> = register("cs"),
  ds: Named<"ds"> = register("ds"),
  es: Named<"es"> = register("es"),
  fs: Named<"fs"> = register("fs"),
  gs: Named<"gs"> = register("gs"),
  ss: Named<"ss"> = register("ss");

/** Control registers, as operands. */
export const cr0: Named<"cr0"> = register("cr0"),
  cr2: Named<"cr2"> = register("cr2"),
  cr3: Named<"cr3"> = register("cr3"),
  cr4: Named<"cr4"> = register("cr4");

/** Debug registers, as operands. */
export const dr0: Named<"dr0"> = register("dr0"),
  dr1: Named<"dr1"> = register("dr1"),
  dr2: Named<"dr2"> = register("dr2"),
  dr3: Named<"dr3"> = register("dr3"),
  dr6: Named<"dr6"> = register("dr6"),
  dr7: Named<"dr7"> = register("dr7");
