import type { CodeFunction, CodeObject } from "../object.ts";

/** A place in a source file. */
export interface SourceLine {
  readonly file: string;
  /** The file as an import names it (`@mercury/vo/metal/patch.ts`), the same on every machine. */
  readonly module?: string;
  /** From 1. */
  readonly line: number;
}

/** A compiled AssemblyScript program, and where its code came from. */
export interface ProgramObject {
  readonly object: CodeObject;
  /** Source of the wasm instruction at a byte offset of the module, or null where there is none. */
  readonly locate: (wasmOffset: number) => SourceLine | null;
}

/** Bytes that are loaded along with the image (RAM disk, VMM image); symbols `NAME_start` and `NAME_end` are their linear addresses. */
export interface Blob {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Load address, a multiple of 4096; `after`: behind whatever comes before it. */
  readonly physical: number | "after";
}

/** What one image is made of. Addresses are linear. */
export interface ImageSpec {
  /** Short name, for messages. */
  readonly name: string;
  readonly program: ProgramObject | null;
  /** Functions and data of the macro-assembler. */
  readonly stubs: readonly CodeFunction[];
  /** Where the text starts. */
  readonly textBase: number;
  /** Where the data segment starts; asc's static data lies at its own memoryBase, at or behind it. */
  readonly dataBase: number;
  /** No byte of the image may lie at or above this; null: no limit. */
  readonly limit: number | null;
  /** Linear minus physical address of text, data and blobs: 0 for a program. */
  readonly loadOffset: number;
  /** Symbol at which execution starts. */
  readonly entry: string;
  /** Whether the image has a site table (the kernel). */
  readonly siteTable: boolean;
  readonly blobs: readonly Blob[];
}
