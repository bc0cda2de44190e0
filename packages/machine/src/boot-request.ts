import { kernelCommandLine } from "./command-line.ts";
import { defaultLayers } from "./defaults.ts";
import type { Machine } from "./define.ts";
import { buildImage } from "./image.ts";
import type { RunRequest } from "./run/runner.ts";

/**
 * What a runner has to be given to boot a machine, but for who listens to it. A processor is named when it is not the default one: then only our
 * own machine takes the request. Throws as buildImage does.
 */
export async function bootRequest(machine: Machine): Promise<Omit<RunRequest, "onSerial">> {
  const { memory, cpu } = machine;
  return {
    image: await buildImage(machine),
    modules: [],
    commandLine: kernelCommandLine(machine),
    memory,
    ...(cpu !== defaultLayers.cpu && { cpu }),
  };
}
