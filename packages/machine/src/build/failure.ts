import { voOperations, voSymbols } from "@mercury/abi";
import { ImageCheckError, LinkError, MetalBuildError } from "@mercury/toolchain";
import { MachineError } from "../errors.ts";
import type { PartJob } from "./part.ts";

/** Symbols that the contract asks of a layer's stubs or metal, by the kind of layer. */
const contracted: ReadonlyMap<string, keyof PartJob["layers"]> = new Map([
  ["multibootEntry", "guest"] as const,
  ["vmmHeader", "vmm"] as const,
  ...Object.keys(voSymbols).map((name) => [name, "vo"] as const),
  ...Object.values(voOperations)
    .flatMap(({ native, virtual }) => [native, virtual])
    .flatMap((body) => ("target" in body ? [[body.target, "vo"] as const] : [])),
]);

/** The sentence for a symbol that a layer owes; null when it is nobody's by contract. */
function missingSymbol({ symbol }: LinkError, { layers }: PartJob): string | null {
  const kind = symbol === null ? undefined : contracted.get(symbol);
  const owner = kind === undefined ? undefined : layers[kind];
  return owner === undefined ? null : `${owner} does not define ${symbol}, which the contract asks of a ${kind} layer.`;
}

/** The sentence for functions that the module behind a `mercury:` name lacks; null when something else is wrong. */
function missingFunctions({ diagnostics }: MetalBuildError, { bindings }: PartJob): string | null {
  for (const [name, binding] of Object.entries(bindings)) {
    // What asc says of the forwarder, whose every line calls one function of the module (AS2339).
    const missing = diagnostics
      .filter(({ file }) => file?.startsWith(`~lib/${name}/`))
      .flatMap(({ message }) => /Property '(\w+)' does not exist/.exec(message)?.[1] ?? []);
    if (missing.length > 0 && binding.kind === "package") {
      return `${binding.specifier} does not export ${[...new Set(missing)].join(", ")}, which the contract asks of ${name}.`;
    }
  }
  return null;
}

function failure(error: unknown, job: PartJob): unknown {
  const about = (fit: string | null, message: string, { message: detail }: Error): MachineError =>
    fit === null ? new MachineError("build", message, detail, { cause: error }) : new MachineError("fit", fit, undefined, { cause: error });
  const { name } = job;
  if (error instanceof MetalBuildError) return about(missingFunctions(error, job), `${name} does not compile`, error);
  if (error instanceof LinkError) return about(missingSymbol(error, job), `${name} does not link`, error);
  if (error instanceof ImageCheckError) return about(null, `${name} holds instructions that it may not`, error);
  return error;
}

/**
 * Does a step of the build. What is wrong with the sources becomes an error of kind `build` that names the image; what a layer lacks that the
 * contract asks of it, one of kind `fit`.
 */
export async function building<Result>(job: PartJob, step: () => Promise<Result> | Result): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    throw failure(error, job);
  }
}
