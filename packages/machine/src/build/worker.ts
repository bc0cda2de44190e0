import { parentPort, workerData } from "node:worker_threads";
import { MachineError, type MachineErrorKind } from "../errors.ts";
import type { Product } from "./cache.ts";
import { compilePart, linkPart, type PartJob } from "./part.ts";

/** What a worker answers: the product, or what is wrong with the sources. Any other error ends it. */
export type Answer =
  | { readonly product: Product }
  | { readonly kind: MachineErrorKind; readonly message: string; readonly detail: string | undefined };

/** Classes do not survive the way to another thread: an error of the build goes as its words. */
async function build(job: PartJob): Promise<Answer> {
  try {
    return { product: await linkPart(await compilePart(job)) };
  } catch (error) {
    if (error instanceof MachineError) return { kind: error.kind, message: error.message, detail: error.detail };
    throw error;
  }
}

// Started by side-by-side.ts with one job as its data.
parentPort?.postMessage(await build(workerData));
