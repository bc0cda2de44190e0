import type { Register, RegisterOperand } from "@mercury/isa";

function register<Name extends Register>(name: Name): RegisterOperand & { readonly register: Name } {
  return { kind: "register", register: name };
}

type Named<Name extends Register> = RegisterOperand & { readonly register: Name };

export const al: Named<"al"> = register("al");
export const cl: Named<"cl"> = register("cl");
export const dl: Named<"dl"> = register("dl");
export const bl: Named<"bl"> = register("bl");
export const ah: Named<"ah"> = register("ah");
export const ch: Named<"ch"> = register("ch");
export const dh: Named<"dh"> = register("dh");
export const bh: Named<"bh"> = register("bh");
export const ax: Named<"ax"> = register("ax");
export const cx: Named<"cx"> = register("cx");
export const dx: Named<"dx"> = register("dx");
export const bx: Named<"bx"> = register("bx");
export const sp: Named<"sp"> = register("sp");
export const bp: Named<"bp"> = register("bp");
export const si: Named<"si"> = register("si");
export const di: Named<"di"> = register("di");
export const eax: Named<"eax"> = register("eax");
export const ecx: Named<"ecx"> = register("ecx");
export const edx: Named<"edx"> = register("edx");
export const ebx: Named<"ebx"> = register("ebx");
export const esp: Named<"esp"> = register("esp");
export const ebp: Named<"ebp"> = register("ebp");
export const esi: Named<"esi"> = register("esi");
export const edi: Named<"edi"> = register("edi");
export const cs: Named<"cs"> = register("cs");
export const ds: Named<"ds"> = register("ds");
export const es: Named<"es"> = register("es");
export const fs: Named<"fs"> = register("fs");
export const gs: Named<"gs"> = register("gs");
export const ss: Named<"ss"> = register("ss");
export const cr0: Named<"cr0"> = register("cr0");
export const cr2: Named<"cr2"> = register("cr2");
export const cr3: Named<"cr3"> = register("cr3");
export const cr4: Named<"cr4"> = register("cr4");
export const dr0: Named<"dr0"> = register("dr0");
export const dr1: Named<"dr1"> = register("dr1");
export const dr2: Named<"dr2"> = register("dr2");
export const dr3: Named<"dr3"> = register("dr3");
export const dr6: Named<"dr6"> = register("dr6");
export const dr7: Named<"dr7"> = register("dr7");
