/** State, cacheability control and memory ordering of SSE and SSE2 (SDM 1 5.5.2, 5.5.4, 5.6.4 and 5.7). */
import { type Form, section } from "../../src/form.ts";

export const simdState: readonly Form[] = [
  ...section("FXSAVE", { feature: "fxsr" }, [["fxsave", "NP 0F AE /0", "M"]]),
  ...section("FXRSTOR", { feature: "fxsr" }, [["fxrstor", "NP 0F AE /1", "M"]]),
  ...section("LDMXCSR", { feature: "sse" }, [["ldmxcsr", "NP 0F AE /2", "Md"]]),
  ...section("STMXCSR", { feature: "sse" }, [["stmxcsr", "NP 0F AE /3", "Md"]]),
  ...section("PREFETCHh", { feature: "sse" }, [
    ["prefetchnta", "0F 18 /0", "M"],
    ["prefetcht0", "0F 18 /1", "M"],
    ["prefetcht1", "0F 18 /2", "M"],
    ["prefetcht2", "0F 18 /3", "M"],
  ]),
  // ModRM.rm is ignored (SDM 2A "LFENCE", 2B "MFENCE", "SFENCE").
  ...section("LFENCE", { feature: "sse2", registerOnly: true }, [["lfence", "NP 0F AE /5", ""]]),
  ...section("MFENCE", { feature: "sse2", registerOnly: true }, [["mfence", "NP 0F AE /6", ""]]),
  ...section("SFENCE", { feature: "sse", registerOnly: true }, [["sfence", "NP 0F AE /7", ""]]),
  ...section("CLFLUSH", { feature: "clflush" }, [["clflush", "NP 0F AE /7", "M"]]),
  ...section("MOVNTI", { feature: "sse2" }, [["movnti", "NP 0F C3 /r", "Md,Gd"]]),
];
