import type { Layer } from "./layer.ts";

/** One program of the guest's RAM disk, compiled from metal source. */
export interface GuestProgram {
  /** Path in the RAM disk, absolute. */
  readonly path: string;
  /** Entry source, relative to the layer's root; exports `main(stack)`, which gets the address of argc (System V i386 ABI, process initialization). */
  readonly entry: string;
  /** Further paths of the same file, as hard links: one image holds many programs and tells them apart by argv[0]. */
  readonly links: readonly string[];
}

/** A file of the RAM disk that is not compiled. */
export interface GuestFile {
  readonly path: string;
  /** Permission bits, as in stat(2). */
  readonly mode: number;
  readonly contents: Uint8Array;
}

/** Where interrupts come into a kernel, by the names of exported functions: the build then finds variables that handlers and other code share without saying so. */
export interface InterruptEntries {
  /** Functions that handle an interrupt line. */
  readonly handlers: readonly string[];
  /** Functions that are entered with interrupts off. */
  readonly masked: readonly string[];
}

/** The guest system: a kernel that touches the machine only through `mercury:vo`, and its programs. */
export interface GuestLayer extends Layer<"guest"> {
  readonly programs: readonly GuestProgram[];
  /** Left out: the build does not check what its interrupt handlers share. */
  readonly interrupts?: InterruptEntries;
  /** Directories, device nodes and files besides the programs, made when the image is built. */
  readonly files: () => readonly GuestFile[];
}
