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
  /** Code of the layer in the kernel's image that the image check must know by name; none unless given. */
  readonly sensitive?: readonly SensitiveCode[];
}

/**
 * Functions of a kernel's image that hold, outside of sites, instructions which are privileged or tell rings apart. The image check refuses any
 * that no layer names. The bodies of virtual objects need no name: the check finds them by the operations.
 */
export interface SensitiveCode {
  /** Short name, for reports. */
  readonly name: string;
  /** Why the instructions do no harm, in a sentence. */
  readonly reason: string;
  /** `boot`: only the image's entry and these functions themselves lead to them, which is checked. `both`: the instructions do the same in both modes, or are never reached in one. */
  readonly runs: "boot" | "both";
  /** Functions by symbol. */
  readonly functions?: readonly string[];
  /** Modules of metal, as imports name them (`@acme/layer/metal/request.ts`): what was compiled from them, wherever it was inlined. */
  readonly modules?: readonly string[];
  /** Mnemonics, lower case; any other sensitive instruction there is refused. */
  readonly instructions: readonly string[];
}
