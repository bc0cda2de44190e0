import { formatReport } from "@mercury/toolchain";
import { kernelJob, vmmJob } from "./build/jobs.ts";
import { compilePart, linkPart } from "./build/part.ts";
import type { Machine } from "./define.ts";

const nothing = new Uint8Array(0);

/**
 * What the check of a machine's images finds, as a table for people: sites by operation, and every privileged or ring-sensitive instruction outside
 * of sites by the address range in which it may stand. Compiles kernel and VMM anew. Throws as buildImage does when an image does not pass.
 */
export async function imageReport(machine: Machine): Promise<string> {
  if (machine.vmm === null) return "kernel: no VMM, so nothing is patched and ring 0 runs everything\n";
  const kernel = await linkPart(await compilePart(kernelJob(machine)), [
    { name: "vmm_image", bytes: nothing, physical: "after" },
    { name: "ramdisk", bytes: nothing, physical: "after" },
  ]);
  const vmm = await linkPart(await compilePart(vmmJob(machine.vmm, machine)));
  return [kernel.report, vmm.report].map((report) => (report === null ? "" : formatReport(report))).join("");
}
