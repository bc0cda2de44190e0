import { type GuestLayer, memoryMap, type SwitchLayer, type VmmLayer, type VoLayer } from "@mercury/abi";
import type { CpuLayer } from "@mercury/x86";
import { type DefaultStrategy, defaultLayers } from "./defaults.ts";
import { checkDefinition, type MachineDefinition, type Mode, modes } from "./definition.ts";
import { checkCpu, checkDistinct, checkGuest, checkLayer, checkStrategy, refuse } from "./fit.ts";

/** RAM in MB that a machine may have. */
export const memoryRange: { readonly minimum: number; readonly maximum: number } = {
  minimum: memoryMap.memoryMinimum / 0x10_0000,
  maximum: 2048,
};

/** A machine whose parts fit together. */
export interface Machine {
  readonly guest: GuestLayer;
  readonly vo: VoLayer;
  readonly vmm: VmmLayer | null;
  readonly switch: SwitchLayer;
  /** The processor of our own machine. Other machines bring theirs, and take the default one for it. */
  readonly cpu: CpuLayer;
  readonly strategy: string;
  readonly mode: Mode;
  /** RAM in MB. */
  readonly memory: number;
  /** `null`: a frame of the kernel's is the machine's of the same number. */
  readonly shuffle: number | null;
  readonly test: boolean;
}

function checkMemory(memory: number): void {
  const { minimum, maximum } = memoryRange;
  if (!Number.isInteger(memory) || memory < minimum || memory > maximum) {
    refuse(`A machine has ${minimum} to ${maximum} MB of memory in whole MB, not ${memory}.`);
  }
}

function checkShuffle(seed: number): void {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
    refuse(`Frames are shuffled by a whole number from 0 to 4294967295, not by ${seed}.`);
}

function checkMode(mode: Mode, vmm: VmmLayer | null): void {
  if (!modes.includes(mode)) refuse(`There is no mode "${mode}"; there are ${modes.join(", ")}.`);
  if (vmm === null && mode !== "native") refuse(`Without a VMM the system can only start in native mode, not in mode "${mode}".`);
}

/**
 * Puts one implementation of each layer together. Throws a MachineError of kind `fit`, one plain sentence, when they make no machine. What only a
 * compiler can see, for instance a function of the contract that a layer's metal lacks, buildImage says.
 */
export function defineMachine<Strategy extends string = DefaultStrategy>(definition: MachineDefinition<Strategy> = {}): Machine {
  checkDefinition(definition);
  const { guest, vo, vmm, switch: modeSwitch, cpu } = { ...defaultLayers, ...definition };
  checkLayer("guest", guest);
  checkGuest(guest);
  checkLayer("vo", vo);
  if (vmm !== null) checkLayer("vmm", vmm);
  checkLayer("switch", modeSwitch);
  checkDistinct([guest, vo, ...(vmm === null ? [] : [vmm]), modeSwitch]);
  checkCpu(cpu);
  const strategy = checkStrategy(modeSwitch, definition.strategy);
  const { shuffle = null, memory = 256, test = false } = definition;
  if (shuffle !== null) checkShuffle(shuffle);
  const { mode = shuffle === null ? "native" : "always-on" } = definition;
  checkMode(mode, vmm);
  checkMemory(memory);
  return { guest, vo, vmm, switch: modeSwitch, cpu, strategy, mode, memory, shuffle, test };
}
