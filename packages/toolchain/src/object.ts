/**
 * What the back end hands to the linker: machine code with everything that is still open. One CodeObject is one wasm module
 * (one image's AssemblyScript program); stubs from the macro-assembler come as CodeFunctions too, so that the linker sees one kind of thing.
 */

/** A name that the linker resolves: an exported function, a stub label, a linker-defined address (`kernel_text_end`), a wasm global's cell. */
export type SymbolName = string;

export interface Relocation {
  /** Byte offset of the 32-bit field in the function's code. */
  readonly offset: number;
  /** `absolute`: the linear address itself; `relative`: address minus the end of the field (E8, E9, 0F 8x); `physical`: load address, for code that runs before paging. */
  readonly kind: "absolute" | "relative" | "physical";
  readonly target: SymbolName;
  readonly addend: number;
}

/** A source line starting at an offset of a function's code. */
export interface LineRow {
  readonly offset: number;
  /** Byte offset in the wasm module; the asc driver turns it into file and line by the module's source map. */
  readonly wasmOffset: number;
}

/** The stack from an offset of a function's code on. */
export interface StackRow {
  readonly offset: number;
  /** Bytes from ESP up to the return address. */
  readonly depth: number;
}

/** What a debugger needs to find a function's caller. */
export interface StackRows {
  readonly rows: readonly StackRow[];
  /** Registers that the function pushes first, in order, by their numbers (SDM 2A table 2-2), all of them before offset `savedAt`. */
  readonly saved: readonly number[];
  readonly savedAt: number;
}

/**
 * A place where a virtual-object operation stands as one patchable instruction (design/attach.md section 6).
 * The code holds the native form, already stretched to `length`; the linker adds the virtual form.
 */
export interface SiteUse {
  /** Byte offset of the site in the function's code. */
  readonly offset: number;
  /** Bytes of the site. */
  readonly length: number;
  /** Operation name, a key of @mercury/abi's voOperations. */
  readonly operation: string;
}

export interface CodeFunction {
  readonly name: SymbolName;
  /** Further names of the same address (a wasm function exported under several names). */
  readonly aliases: readonly SymbolName[];
  readonly code: Uint8Array;
  /** Start alignment in bytes, a power of two. */
  readonly alignment: number;
  readonly relocations: readonly Relocation[];
  readonly sites: readonly SiteUse[];
  readonly lines: readonly LineRow[];
  /** Output section; `.text` unless a stub asks for another (`.boot` runs at its physical address, before paging). */
  readonly section: string;
  /** Left out by stubs. */
  readonly stack?: StackRows;
  /** Bytes of instructions; what follows them is data (jump tables). Everything is instructions unless given. */
  readonly instructionsEnd?: number;
  /** Further global names inside the code (macro-assembler only). */
  readonly entries?: readonly { readonly name: SymbolName; readonly offset: number }[];
}

/** Bytes at a fixed linear address, as asc places them (memoryBase). */
export interface DataSegment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A wasm global: a 4- or 8-byte memory cell with an initial value, placed by the linker. */
export interface GlobalCell {
  readonly name: SymbolName;
  readonly size: 4 | 8;
  readonly initial: bigint;
}

export interface CodeObject {
  readonly functions: readonly CodeFunction[];
  readonly data: readonly DataSegment[];
  readonly globals: readonly GlobalCell[];
  /** Function table: symbol of each slot, or null where a call must trap. The linker places it under `tableSymbol`. */
  readonly table: readonly (SymbolName | null)[];
  readonly tableSymbol: SymbolName;
  /** End of asc's static data including zeroed memory (`__heap_base`), a linear address. */
  readonly staticEnd: number;
  /** The wasm start function, when the module has non-constant initialisers; boot code calls it once. */
  readonly start: SymbolName | null;
}
