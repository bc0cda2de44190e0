/** Names of the MMX, SSE and SSE2 instructions (SDM 1 5.4 to 5.6). MOVSD and CMPSD are names of string instructions as well. */
export type SimdMnemonic =
  // MMX, and the same on XMM registers
  | "movd" | "movq" | "packsswb" | "packssdw" | "packuswb" | "punpckhbw" | "punpckhwd" | "punpckhdq" | "punpcklbw"
  | "punpcklwd" | "punpckldq" | "paddb" | "paddw" | "paddd" | "paddsb" | "paddsw" | "paddusb" | "paddusw" | "psubb"
  | "psubw" | "psubd" | "psubsb" | "psubsw" | "psubusb" | "psubusw" | "pmulhw" | "pmullw" | "pmaddwd" | "pcmpeqb"
  | "pcmpeqw" | "pcmpeqd" | "pcmpgtb" | "pcmpgtw" | "pcmpgtd" | "pand" | "pandn" | "por" | "pxor" | "psllw" | "pslld"
  | "psllq" | "psrlw" | "psrld" | "psrlq" | "psraw" | "psrad" | "emms"
  // integer instructions of SSE and SSE2
  | "pavgb" | "pavgw" | "pextrw" | "pinsrw" | "pmaxub" | "pmaxsw" | "pminub" | "pminsw" | "pmovmskb" | "pmulhuw"
  | "psadbw" | "pshufw" | "movdqa" | "movdqu" | "movq2dq" | "movdq2q" | "pmuludq" | "paddq" | "psubq" | "pshuflw"
  | "pshufhw" | "pshufd" | "pslldq" | "psrldq" | "punpckhqdq" | "punpcklqdq"
  // moves, logic and shuffles of floating-point data
  | "movaps" | "movapd" | "movups" | "movupd" | "movhps" | "movhpd" | "movlps" | "movlpd" | "movhlps" | "movlhps"
  | "movmskps" | "movmskpd" | "movss" | "movsd" | "andps" | "andpd" | "andnps" | "andnpd" | "orps" | "orpd" | "xorps"
  | "xorpd" | "shufps" | "shufpd" | "unpckhps" | "unpckhpd" | "unpcklps" | "unpcklpd"
  // floating-point arithmetic and comparison
  | `${"add" | "sub" | "mul" | "div" | "min" | "max" | "sqrt" | "cmp"}${"ps" | "pd" | "ss" | "sd"}`
  | "rcpps" | "rcpss" | "rsqrtps" | "rsqrtss" | "comiss" | "comisd" | "ucomiss" | "ucomisd"
  // conversion
  | "cvtpi2ps" | "cvtps2pi" | "cvttps2pi" | "cvtsi2ss" | "cvtss2si" | "cvttss2si" | "cvtpi2pd" | "cvtpd2pi"
  | "cvttpd2pi" | "cvtsi2sd" | "cvtsd2si" | "cvttsd2si" | "cvtps2pd" | "cvtpd2ps" | "cvtss2sd" | "cvtsd2ss" | "cvtdq2ps"
  | "cvtps2dq" | "cvttps2dq" | "cvtdq2pd" | "cvtpd2dq" | "cvttpd2dq"
  // state, cacheability and ordering
  | "fxsave" | "fxrstor" | "ldmxcsr" | "stmxcsr" | "maskmovq" | "maskmovdqu" | "movntq" | "movntdq" | "movntps" | "movntpd"
  | "movnti" | "prefetchnta" | "prefetcht0" | "prefetcht1" | "prefetcht2" | "sfence" | "lfence" | "mfence" | "clflush";
