/** What every layer descriptor says. A layer is a package; its descriptor is the value that `defineMachine` takes. */
export interface Layer<Kind extends string> {
  readonly kind: Kind;
  /** Name by which the command line chooses it (`--switch NAME`). */
  readonly name: string;
  /** The npm package that brings it. */
  readonly packageName: string;
  readonly version: string;
  /** contracts/version.ts of the contract it was written for. */
  readonly interfaceVersion: number;
  /** Root folder of the package: where `metal/` lies. */
  readonly root: URL;
  /**
   * Module whose default export takes the toolchain's macro-assembler and writes the layer's stubs, or null when it has none.
   * A URL, so that a descriptor can be read without loading the assembler.
   */
  readonly stubs: URL | null;
}
