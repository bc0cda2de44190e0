import type { Condition } from "./condition.ts";
import type { SimdMnemonic } from "./simd/mnemonic.ts";

/**
 * Every name that an instruction may be asked for by. Names are the SDM's in lower case, except that
 *
 * - the far forms have names of their own: `callf`, `jmpf`, `retf`;
 * - where the SDM names an operand size apart (`iret`/`iretd`), the plain name follows the code segment,
 *   `...d` is 32 bits and `...w` is 16 bits.
 */
export type Mnemonic =
  | SimdMnemonic
  | `j${Condition}` | `set${Condition}` | `cmov${Condition}`
  // binary and decimal arithmetic, logic, bits
  | "add" | "or" | "adc" | "sbb" | "and" | "sub" | "xor" | "cmp" | "test" | "not" | "neg" | "inc" | "dec" | "mul"
  | "imul" | "div" | "idiv" | "xadd" | "cmpxchg" | "cmpxchg8b" | "aaa" | "aas" | "aad" | "aam" | "daa" | "das"
  | "cbw" | "cwde" | "cwd" | "cdq" | "rol" | "ror" | "rcl" | "rcr" | "shl" | "sal" | "shr" | "sar" | "shld" | "shrd"
  | "bt" | "bts" | "btr" | "btc" | "bsf" | "bsr"
  // data transfer and stack
  | "mov" | "movzx" | "movsx" | "xchg" | "lea" | "bswap" | "xlat" | "xlatb" | "push" | "pop" | "pusha" | "pushaw"
  | "pushad" | "popa" | "popaw" | "popad" | "pushf" | "pushfw" | "pushfd" | "popf" | "popfw" | "popfd" | "enter"
  | "leave" | "les" | "lds" | "lss" | "lfs" | "lgs"
  // control transfer
  | "jmp" | "jmpf" | "call" | "callf" | "ret" | "retf" | "jcxz" | "jecxz" | "loop" | "loope" | "loopz" | "loopne"
  | "loopnz" | "int" | "int1" | "int3" | "into" | "iret" | "iretw" | "iretd" | "bound" | "ud0" | "ud1" | "ud2"
  | "sysenter" | "sysexit"
  // strings and ports
  | "movsb" | "movsw" | "movsd" | "cmpsb" | "cmpsw" | "cmpsd" | "scasb" | "scasw" | "scasd" | "lodsb" | "lodsw"
  | "lodsd" | "stosb" | "stosw" | "stosd" | "insb" | "insw" | "insd" | "outsb" | "outsw" | "outsd" | "in" | "out"
  // flags
  | "clc" | "stc" | "cmc" | "cld" | "std" | "cli" | "sti" | "lahf" | "sahf" | "salc"
  // system
  | "lgdt" | "sgdt" | "lidt" | "sidt" | "lldt" | "sldt" | "ltr" | "str" | "lmsw" | "smsw" | "clts" | "lar" | "lsl"
  | "verr" | "verw" | "arpl" | "invd" | "wbinvd" | "invlpg" | "hlt" | "rdmsr" | "wrmsr" | "rdpmc" | "rdtsc" | "cpuid"
  | "rsm"
  // no operation
  | "nop" | "pause"
  // x87
  | "fld" | "fst" | "fstp" | "fild" | "fist" | "fistp" | "fbld" | "fbstp" | "fxch" | "fcmovb" | "fcmove" | "fcmovbe"
  | "fcmovu" | "fcmovnb" | "fcmovne" | "fcmovnbe" | "fcmovnu" | "fld1" | "fldl2t" | "fldl2e" | "fldpi" | "fldlg2"
  | "fldln2" | "fldz" | `f${FloatOperation}` | `f${FloatOperation}p` | `fi${FloatOperation}` | "fchs" | "fabs"
  | "fxtract" | "fprem1" | "fprem" | "fsqrt" | "frndint" | "fscale" | "fcom" | "fcomp" | "fcompp" | "ficom" | "ficomp"
  | "fucom" | "fucomp" | "fucompp" | "fcomi" | "fcomip" | "fucomi" | "fucomip" | "ftst" | "fxam" | "f2xm1" | "fyl2x"
  | "fptan" | "fpatan" | "fyl2xp1" | "fsincos" | "fsin" | "fcos" | "fincstp" | "fdecstp" | "ffree" | "ffreep"
  | "fninit" | "fnclex" | "fnstcw" | "fldcw" | "fnstenv" | "fldenv" | "fnsave" | "frstor" | "fnstsw" | "fnop"
  | "fneni" | "fndisi" | "fnsetpm" | "wait";

/** The four operations of the x87 unit, two of them in both orders. */
export type FloatOperation = "add" | "mul" | "sub" | "subr" | "div" | "divr";
