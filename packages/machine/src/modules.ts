import type { MetalBindings } from "@mercury/toolchain";
import type { Machine } from "./define.ts";

/** One of the two images that are compiled from layers: whose metal it holds, whose stubs, and what the `mercury:` names mean in it. */
export interface ImageModules {
  /** Import specifiers of the modules whose exports the image has. */
  readonly entries: readonly string[];
  readonly bindings: MetalBindings;
}

/** The kernel's image. `mercury:vo` are imports, which the back end makes sites of; of the switch it holds the side that asks. */
export function kernelModules({ guest, vo, switch: modeSwitch }: Machine): ImageModules {
  return {
    entries: [`${guest.packageName}/metal`, `${vo.packageName}/metal`],
    bindings: {
      "mercury:vo": { kind: "import" },
      "mercury:switch": { kind: "package", specifier: `${modeSwitch.packageName}/metal/request` },
    },
  };
}

/** The VMM's image, which holds the switch's steps. */
export function vmmModules(vmmPackage: string, { switch: modeSwitch }: Machine): ImageModules {
  return {
    entries: [`${vmmPackage}/metal`, `${modeSwitch.packageName}/metal`],
    bindings: { "mercury:vmm": { kind: "package", specifier: `${vmmPackage}/metal` } },
  };
}
