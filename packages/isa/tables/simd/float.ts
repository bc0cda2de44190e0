/** The floating-point instructions of SSE and SSE2 (SDM 1 5.5.1 and 5.6.1). */
import { type Form, type Line, section } from "../../src/form.ts";
import type { SimdMnemonic } from "./mnemonic.ts";

/** Packed and scalar, single and double: the four forms of an operation with one opcode byte. */
const four = [
  ["ps", "NP", "sse"],
  ["pd", "66", "sse2"],
  ["ss", "F3", "sse"],
  ["sd", "F2", "sse2"],
] as const;
const single = four.filter(([, , feature]) => feature === "sse");
const packed = four.filter(([type]) => type.startsWith("p"));

type Operation = "add" | "sub" | "mul" | "div" | "min" | "max" | "sqrt" | "cmp";

function all(operation: Operation, byte: string, constant = ""): readonly Form[] {
  return four.flatMap(([type, prefix, feature]) =>
    section(`${operation.toUpperCase()}${type.toUpperCase()}`, { feature }, [
      [`${operation}${type}`, `${prefix} 0F ${byte} /r`, `V${type},W${type}${constant}`],
    ]),
  );
}

function singles(operation: "rcp" | "rsqrt", byte: string): readonly Form[] {
  return single.flatMap(([type, prefix, feature]) => {
    // The two types of single precision are those of the names.
    const name = `${operation}${type}` as SimdMnemonic;
    return section(name.toUpperCase(), { feature }, [[name, `${prefix} 0F ${byte} /r`, `V${type},W${type}`]]);
  });
}

function packs(operation: "and" | "andn" | "or" | "xor" | "unpckl" | "unpckh", byte: string): readonly Form[] {
  return packed.flatMap(([type, prefix, feature]) => {
    // The two packed types are those of the names.
    const name = `${operation}${type}` as SimdMnemonic;
    return section(name.toUpperCase(), { feature }, [[name, `${prefix} 0F ${byte} /r`, `V${type},W${type}`]]);
  });
}

const compare = (name: "comis" | "ucomis", byte: string): readonly Line[] => [
  [`${name}s`, `NP 0F ${byte} /r`, "Vss,Wss", { feature: "sse" }],
  [`${name}d`, `66 0F ${byte} /r`, "Vsd,Wsd", { feature: "sse2" }],
];

const arithmetic: readonly Form[] = [
  ...all("add", "58"),
  ...all("mul", "59"),
  ...all("sub", "5C"),
  ...all("min", "5D"),
  ...all("div", "5E"),
  ...all("max", "5F"),
  ...all("sqrt", "51"),
  ...all("cmp", "C2", ",Ib"),
  ...singles("rsqrt", "52"),
  ...singles("rcp", "53"),
  ...section("UCOMISS/UCOMISD", { writes: "OSZAPC" }, compare("ucomis", "2E")),
  ...section("COMISS/COMISD", { writes: "OSZAPC" }, compare("comis", "2F")),
  ...packs("and", "54"),
  ...packs("andn", "55"),
  ...packs("or", "56"),
  ...packs("xor", "57"),
  ...packs("unpckl", "14"),
  ...packs("unpckh", "15"),
  ...section("SHUFPS", { feature: "sse" }, [["shufps", "NP 0F C6 /r", "Vps,Wps,Ib"]]),
  ...section("SHUFPD", { feature: "sse2" }, [["shufpd", "66 0F C6 /r", "Vpd,Wpd,Ib"]]),
];

/** A load and a store. */
function move(name: SimdMnemonic, prefix: string, load: string, store: string, type: string, memory: "W" | "M" = "W"): readonly Line[] {
  return [
    [name, `${prefix} 0F ${load} /r`, `V${type},${memory}${type}`],
    [name, `${prefix} 0F ${store} /r`, `${memory}${type},V${type}`],
  ];
}

const moves: readonly Form[] = [
  ...section("MOVAPS", { feature: "sse" }, move("movaps", "NP", "28", "29", "ps")),
  ...section("MOVAPD", { feature: "sse2" }, move("movapd", "66", "28", "29", "pd")),
  ...section("MOVUPS", { feature: "sse", unaligned: true }, move("movups", "NP", "10", "11", "ps")),
  ...section("MOVUPD", { feature: "sse2", unaligned: true }, move("movupd", "66", "10", "11", "pd")),
  ...section("MOVSS", { feature: "sse" }, move("movss", "F3", "10", "11", "ss")),
  ...section("MOVSD", { feature: "sse2" }, move("movsd", "F2", "10", "11", "sd")),
  ...section("MOVLPS", { feature: "sse" }, move("movlps", "NP", "12", "13", "q", "M")),
  ...section("MOVLPD", { feature: "sse2" }, move("movlpd", "66", "12", "13", "q", "M")),
  ...section("MOVHPS", { feature: "sse" }, move("movhps", "NP", "16", "17", "q", "M")),
  ...section("MOVHPD", { feature: "sse2" }, move("movhpd", "66", "16", "17", "q", "M")),
  ...section("MOVHLPS", { feature: "sse" }, [["movhlps", "NP 0F 12 /r", "Vps,Ups"]]),
  ...section("MOVLHPS", { feature: "sse" }, [["movlhps", "NP 0F 16 /r", "Vps,Ups"]]),
  ...section("MOVMSKPS", { feature: "sse" }, [["movmskps", "NP 0F 50 /r", "Gd,Ups"]]),
  ...section("MOVMSKPD", { feature: "sse2" }, [["movmskpd", "66 0F 50 /r", "Gd,Upd"]]),
  ...section("MOVNTPS", { feature: "sse" }, [["movntps", "NP 0F 2B /r", "Mps,Vps"]]),
  ...section("MOVNTPD", { feature: "sse2" }, [["movntpd", "66 0F 2B /r", "Mpd,Vpd"]]),
];

const conversions: readonly Form[] = (
  [
    ["cvtpi2ps", "NP 0F 2A /r", "Vq,Qpi", "sse"],
    ["cvtpi2pd", "66 0F 2A /r", "Vpd,Qpi", "sse2"],
    ["cvtsi2ss", "F3 0F 2A /r", "Vss,Ed", "sse"],
    ["cvtsi2sd", "F2 0F 2A /r", "Vsd,Ed", "sse2"],
    ["cvttps2pi", "NP 0F 2C /r", "Ppi,Wq", "sse"],
    ["cvttpd2pi", "66 0F 2C /r", "Ppi,Wpd", "sse2"],
    ["cvttss2si", "F3 0F 2C /r", "Gd,Wss", "sse"],
    ["cvttsd2si", "F2 0F 2C /r", "Gd,Wsd", "sse2"],
    ["cvtps2pi", "NP 0F 2D /r", "Ppi,Wq", "sse"],
    ["cvtpd2pi", "66 0F 2D /r", "Ppi,Wpd", "sse2"],
    ["cvtss2si", "F3 0F 2D /r", "Gd,Wss", "sse"],
    ["cvtsd2si", "F2 0F 2D /r", "Gd,Wsd", "sse2"],
    ["cvtps2pd", "NP 0F 5A /r", "Vpd,Wq", "sse2"],
    ["cvtpd2ps", "66 0F 5A /r", "Vps,Wpd", "sse2"],
    ["cvtss2sd", "F3 0F 5A /r", "Vsd,Wss", "sse2"],
    ["cvtsd2ss", "F2 0F 5A /r", "Vss,Wsd", "sse2"],
    ["cvtdq2ps", "NP 0F 5B /r", "Vps,Wdq", "sse2"],
    ["cvtps2dq", "66 0F 5B /r", "Vdq,Wps", "sse2"],
    ["cvttps2dq", "F3 0F 5B /r", "Vdq,Wps", "sse2"],
    ["cvttpd2dq", "66 0F E6 /r", "Vdq,Wpd", "sse2"],
    ["cvtdq2pd", "F3 0F E6 /r", "Vpd,Wq", "sse2"],
    ["cvtpd2dq", "F2 0F E6 /r", "Vdq,Wpd", "sse2"],
  ] as const
).flatMap(([name, opcode, operands, feature]) => section(name.toUpperCase(), { feature }, [[name, opcode, operands]]));

export const simdFloat: readonly Form[] = [...moves, ...arithmetic, ...conversions];
