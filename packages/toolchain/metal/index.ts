/** What metal code of every layer uses: the machine's instructions, byte strings, shared cells, 64-bit division. */
export * from "./intrinsics";
export * from "./cstr";
export * from "./memory";
