import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { MachineError } from "../errors.ts";
import type { Product } from "./cache.ts";
import type { PartJob } from "./part.ts";
import type { Answer } from "./worker.ts";

/** Builds one image in a thread of its own. Rejects with the error that the build ends with. */
export async function buildAside(job: PartJob): Promise<Product> {
  const worker = new Worker(new URL("worker.js", import.meta.url), { workerData: job });
  // Rejects when the worker emits "error" first. The worker sends one Answer.
  const [answer]: Answer[] = await once(worker, "message");
  await worker.terminate();
  if (answer === undefined) throw new Error(`the build of ${job.name} gave no answer`);
  if ("product" in answer) return answer.product;
  throw new MachineError(answer.kind, answer.message, answer.detail);
}
