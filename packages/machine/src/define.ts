import { existsSync } from "node:fs";
import { type GuestLayer, interfaceVersion, type Layer, memoryMap, type SwitchLayer, type VmmLayer, type VoLayer } from "@mercury/abi";
import { defaultLayers } from "./defaults.ts";
import { MachineError } from "./errors.ts";

/** How the system starts: the kernel on the bare machine, attached to the VMM before init, or as the first domain of a VMM that booted first. */
export type Mode = "native" | "virtual" | "always-on";

export const modes: readonly Mode[] = ["native", "virtual", "always-on"];

/** RAM in MB that a machine may have. */
export const memoryRange: { readonly minimum: number; readonly maximum: number } = {
  minimum: memoryMap.memoryMinimum / 0x10_0000,
  maximum: 2048,
};

/** What a user says about a machine; everything has a default. */
export interface MachineDefinition {
  readonly guest?: GuestLayer;
  readonly vo?: VoLayer;
  /** `null` builds the kernel without Mercury: no VMM, no switch, and every virtual object bound to its native instruction. */
  readonly vmm?: VmmLayer | null;
  readonly switch?: SwitchLayer;
  /** One of the switch layer's strategies; its first when not given. */
  readonly strategy?: string;
  readonly mode?: Mode;
  /** RAM in MB, default 256. */
  readonly memory?: number;
  /** Adds the test parts to the system: fault points and `/proc/mercury/inject`. */
  readonly test?: boolean;
}

/** A machine whose parts fit together. */
export interface Machine {
  readonly guest: GuestLayer;
  readonly vo: VoLayer;
  readonly vmm: VmmLayer | null;
  readonly switch: SwitchLayer;
  readonly strategy: string;
  readonly mode: Mode;
  readonly memory: number;
  readonly test: boolean;
}

function refuse(sentence: string): never {
  throw new MachineError("fit", sentence);
}

/** The checks that the types cannot make, as a descriptor may come from JavaScript or from a package of another version. */
function checkLayer(kind: string, layer: Layer<string>): void {
  if (layer.kind !== kind) refuse(`"${layer.name}" of ${layer.packageName} is a ${layer.kind} layer and cannot stand in for the ${kind}.`);
  if (layer.interfaceVersion !== interfaceVersion) {
    refuse(
      `${layer.packageName} ${layer.version} was written for interface version ${layer.interfaceVersion}; this Mercury has version ${interfaceVersion}.`,
    );
  }
  if (!existsSync(new URL("metal/index.ts", layer.root))) {
    refuse(`${layer.packageName} has no metal/index.ts under ${layer.root.pathname}, so nothing of it can be compiled.`);
  }
  if (layer.stubs !== null && !existsSync(layer.stubs))
    refuse(`${layer.packageName} names the stubs ${layer.stubs.pathname}, which do not exist.`);
}

function checkStrategy(layer: SwitchLayer, strategy: string): void {
  if (!layer.strategies.includes(strategy)) {
    refuse(`The switch "${layer.name}" has no strategy "${strategy}"; it has ${layer.strategies.join(", ")}.`);
  }
}

function checkMemory(memory: number): void {
  const { minimum, maximum } = memoryRange;
  if (!Number.isInteger(memory) || memory < minimum || memory > maximum) {
    refuse(`A machine has ${minimum} to ${maximum} MB of memory in whole MB, not ${memory}.`);
  }
}

/** Puts one implementation of each layer together. Throws a MachineError of kind `fit`, one plain sentence, when they make no machine. */
export function defineMachine(definition: MachineDefinition = {}): Machine {
  const layers = { ...defaultLayers, ...definition };
  const { guest, vo, vmm } = layers;
  checkLayer("guest", guest);
  checkLayer("vo", vo);
  if (vmm !== null) checkLayer("vmm", vmm);
  checkLayer("switch", layers.switch);
  const strategy = definition.strategy ?? layers.switch.strategies[0] ?? refuse(`The switch "${layers.switch.name}" has no strategy.`);
  checkStrategy(layers.switch, strategy);
  const mode = definition.mode ?? "native";
  if (!modes.includes(mode)) refuse(`There is no mode "${mode}"; there are ${modes.join(", ")}.`);
  if (vmm === null && mode !== "native") refuse(`Without a VMM the system can only start in native mode, not in mode "${mode}".`);
  const memory = definition.memory ?? 256;
  checkMemory(memory);
  return { guest, vo, vmm, switch: layers.switch, strategy, mode, memory, test: definition.test ?? false };
}
