/** MMX, and the integer instructions of SSE and SSE2 (SDM 1 5.4, 5.5.3 and 5.6.3). */
import { type Form, type Line, section } from "../../src/form.ts";
import type { Feature } from "../../src/row.ts";
import type { SimdMnemonic } from "./mnemonic.ts";

/** The form on MMX registers, which came with `feature`, and the one of SSE2 on XMM registers. */
function both(manual: string, feature: Feature, forms: readonly (readonly [SimdMnemonic, string])[]): readonly Form[] {
  const lines = forms.flatMap(([name, byte]): Line[] => [
    [name, `NP 0F ${byte} /r`, "Pq,Qq", { feature }],
    [name, `66 0F ${byte} /r`, "Vdq,Wdq", { feature: "sse2" }],
  ]);
  return section(manual, {}, lines);
}

/** Shifts by a register or memory, and by a constant: `byte` and `group` are the opcodes of the two. */
function shift(name: SimdMnemonic, byte: string, group: string): readonly Line[] {
  return [
    [name, `NP 0F ${byte} /r`, "Pq,Qq", { feature: "mmx" }],
    [name, `NP 0F ${group}`, "Nq,Ib", { feature: "mmx" }],
    [name, `66 0F ${byte} /r`, "Vdq,Wdq", { feature: "sse2" }],
    [name, `66 0F ${group}`, "Udq,Ib", { feature: "sse2" }],
  ];
}

const arithmetic: readonly Form[] = [
  ...both("PADDB/PADDW/PADDD/PADDQ", "mmx", [["paddb", "FC"], ["paddw", "FD"], ["paddd", "FE"]]),
  ...both("PADDB/PADDW/PADDD/PADDQ", "sse2", [["paddq", "D4"]]),
  ...both("PADDSB/PADDSW", "mmx", [["paddsb", "EC"], ["paddsw", "ED"]]),
  ...both("PADDUSB/PADDUSW", "mmx", [["paddusb", "DC"], ["paddusw", "DD"]]),
  ...both("PSUBB/PSUBW/PSUBD", "mmx", [["psubb", "F8"], ["psubw", "F9"], ["psubd", "FA"]]),
  ...both("PSUBQ", "sse2", [["psubq", "FB"]]),
  ...both("PSUBSB/PSUBSW", "mmx", [["psubsb", "E8"], ["psubsw", "E9"]]),
  ...both("PSUBUSB/PSUBUSW", "mmx", [["psubusb", "D8"], ["psubusw", "D9"]]),
  ...both("PMULHW", "mmx", [["pmulhw", "E5"]]),
  ...both("PMULLW", "mmx", [["pmullw", "D5"]]),
  ...both("PMULHUW", "sse", [["pmulhuw", "E4"]]),
  ...both("PMULUDQ", "sse2", [["pmuludq", "F4"]]),
  ...both("PMADDWD", "mmx", [["pmaddwd", "F5"]]),
  ...both("PSADBW", "sse", [["psadbw", "F6"]]),
  ...both("PAVGB/PAVGW", "sse", [["pavgb", "E0"], ["pavgw", "E3"]]),
  ...both("PMAXUB/PMAXUW", "sse", [["pmaxub", "DE"]]),
  ...both("PMAXSB/PMAXSW/PMAXSD/PMAXSQ", "sse", [["pmaxsw", "EE"]]),
  ...both("PMINUB/PMINUW", "sse", [["pminub", "DA"]]),
  ...both("PMINSB/PMINSW", "sse", [["pminsw", "EA"]]),
  ...both("PCMPEQB/PCMPEQW/PCMPEQD", "mmx", [["pcmpeqb", "74"], ["pcmpeqw", "75"], ["pcmpeqd", "76"]]),
  ...both("PCMPGTB/PCMPGTW/PCMPGTD", "mmx", [["pcmpgtb", "64"], ["pcmpgtw", "65"], ["pcmpgtd", "66"]]),
  ...both("PAND", "mmx", [["pand", "DB"]]),
  ...both("PANDN", "mmx", [["pandn", "DF"]]),
  ...both("POR", "mmx", [["por", "EB"]]),
  ...both("PXOR", "mmx", [["pxor", "EF"]]),
  ...section("PSLLW/PSLLD/PSLLQ", {}, [...shift("psllw", "F1", "71 /6"), ...shift("pslld", "F2", "72 /6"), ...shift("psllq", "F3", "73 /6")]),
  ...section("PSRLW/PSRLD/PSRLQ", {}, [...shift("psrlw", "D1", "71 /2"), ...shift("psrld", "D2", "72 /2"), ...shift("psrlq", "D3", "73 /2")]),
  ...section("PSRAW/PSRAD/PSRAQ", {}, [...shift("psraw", "E1", "71 /4"), ...shift("psrad", "E2", "72 /4")]),
  ...section("PSLLDQ", { feature: "sse2" }, [["pslldq", "66 0F 73 /7", "Udq,Ib"]]),
  ...section("PSRLDQ", { feature: "sse2" }, [["psrldq", "66 0F 73 /3", "Udq,Ib"]]),
];

const rearrangement: readonly Form[] = [
  ...both("PACKSSWB/PACKSSDW", "mmx", [["packsswb", "63"], ["packssdw", "6B"]]),
  ...both("PACKUSWB", "mmx", [["packuswb", "67"]]),
  ...both("PUNPCKHBW/PUNPCKHWD/PUNPCKHDQ/PUNPCKHQDQ", "mmx", [["punpckhbw", "68"], ["punpckhwd", "69"], ["punpckhdq", "6A"]]),
  ...section("PUNPCKHBW/PUNPCKHWD/PUNPCKHDQ/PUNPCKHQDQ", { feature: "sse2" }, [["punpckhqdq", "66 0F 6D /r", "Vdq,Wdq"]]),
  // On MMX registers the low forms read 32 bits of memory (SDM 2B "PUNPCKLBW/PUNPCKLWD/PUNPCKLDQ/PUNPCKLQDQ").
  ...section("PUNPCKLBW/PUNPCKLWD/PUNPCKLDQ/PUNPCKLQDQ", {}, [
    ["punpcklbw", "NP 0F 60 /r", "Pq,Qd", { feature: "mmx" }],
    ["punpcklwd", "NP 0F 61 /r", "Pq,Qd", { feature: "mmx" }],
    ["punpckldq", "NP 0F 62 /r", "Pq,Qd", { feature: "mmx" }],
    ["punpcklbw", "66 0F 60 /r", "Vdq,Wdq", { feature: "sse2" }],
    ["punpcklwd", "66 0F 61 /r", "Vdq,Wdq", { feature: "sse2" }],
    ["punpckldq", "66 0F 62 /r", "Vdq,Wdq", { feature: "sse2" }],
    ["punpcklqdq", "66 0F 6C /r", "Vdq,Wdq", { feature: "sse2" }],
  ]),
  ...section("PSHUFW", { feature: "sse" }, [["pshufw", "NP 0F 70 /r", "Pq,Qq,Ib"]]),
  ...section("PSHUFD", { feature: "sse2" }, [["pshufd", "66 0F 70 /r", "Vdq,Wdq,Ib"]]),
  ...section("PSHUFHW", { feature: "sse2" }, [["pshufhw", "F3 0F 70 /r", "Vdq,Wdq,Ib"]]),
  ...section("PSHUFLW", { feature: "sse2" }, [["pshuflw", "F2 0F 70 /r", "Vdq,Wdq,Ib"]]),
  ...section("PEXTRW", {}, [
    ["pextrw", "NP 0F C5 /r", "Gd,Nq,Ib", { feature: "sse" }],
    ["pextrw", "66 0F C5 /r", "Gd,Udq,Ib", { feature: "sse2" }],
  ]),
  ...section("PINSRW", {}, [
    ["pinsrw", "NP 0F C4 /r", "Pq,Rd,Ib", { feature: "sse" }],
    ["pinsrw", "NP 0F C4 /r", "Pq,Mw,Ib", { feature: "sse" }],
    ["pinsrw", "66 0F C4 /r", "Vdq,Rd,Ib", { feature: "sse2" }],
    ["pinsrw", "66 0F C4 /r", "Vdq,Mw,Ib", { feature: "sse2" }],
  ]),
  ...section("PMOVMSKB", {}, [
    ["pmovmskb", "NP 0F D7 /r", "Gd,Nq", { feature: "sse" }],
    ["pmovmskb", "66 0F D7 /r", "Gd,Udq", { feature: "sse2" }],
  ]),
];

const moves: readonly Form[] = [
  ...section("MOVD/MOVQ", {}, [
    ["movd", "NP 0F 6E /r", "Pq,Ed", { feature: "mmx" }],
    ["movd", "NP 0F 7E /r", "Ed,Pq", { feature: "mmx" }],
    ["movd", "66 0F 6E /r", "Vdq,Ed", { feature: "sse2" }],
    ["movd", "66 0F 7E /r", "Ed,Vdq", { feature: "sse2" }],
  ]),
  ...section("MOVQ", {}, [
    ["movq", "NP 0F 6F /r", "Pq,Qq", { feature: "mmx" }],
    ["movq", "NP 0F 7F /r", "Qq,Pq", { feature: "mmx" }],
    ["movq", "F3 0F 7E /r", "Vq,Wq", { feature: "sse2" }],
    ["movq", "66 0F D6 /r", "Wq,Vq", { feature: "sse2" }],
  ]),
  ...section("MOVDQA", { feature: "sse2" }, [
    ["movdqa", "66 0F 6F /r", "Vdq,Wdq"],
    ["movdqa", "66 0F 7F /r", "Wdq,Vdq"],
  ]),
  ...section("MOVDQU", { feature: "sse2", unaligned: true }, [
    ["movdqu", "F3 0F 6F /r", "Vdq,Wdq"],
    ["movdqu", "F3 0F 7F /r", "Wdq,Vdq"],
  ]),
  ...section("MOVQ2DQ", { feature: "sse2" }, [["movq2dq", "F3 0F D6 /r", "Vdq,Nq"]]),
  ...section("MOVDQ2Q", { feature: "sse2" }, [["movdq2q", "F2 0F D6 /r", "Pq,Uq"]]),
  ...section("MOVNTQ", { feature: "sse" }, [["movntq", "NP 0F E7 /r", "Mq,Pq"]]),
  ...section("MOVNTDQ", { feature: "sse2" }, [["movntdq", "66 0F E7 /r", "Mdq,Vdq"]]),
  ...section("MASKMOVQ", { feature: "sse" }, [["maskmovq", "NP 0F F7 /r", "Pq,Nq"]]),
  ...section("MASKMOVDQU", { feature: "sse2" }, [["maskmovdqu", "66 0F F7 /r", "Vdq,Udq"]]),
  ...section("EMMS", { feature: "mmx" }, [["emms", "NP 0F 77", ""]]),
];

export const simdInteger: readonly Form[] = [...moves, ...arithmetic, ...rearrangement];
