import type { GuestLayer, SwitchLayer, VmmLayer, VoLayer } from "@mercury/abi";
import type { CpuLayer } from "@mercury/x86";
import { MachineError } from "./errors.ts";

/** How the system starts: the kernel on the bare machine, attached to the VMM before init, or as the first domain of a VMM that booted first. */
export type Mode = "native" | "virtual" | "always-on";

/** Every mode, the default one first. */
export const modes: readonly Mode[] = ["native", "virtual", "always-on"];

/** What a user says about a machine; everything has a default. `Strategy` is what the switch layer's strategies are called. */
export interface MachineDefinition<Strategy extends string = string> {
  readonly guest?: GuestLayer;
  readonly vo?: VoLayer;
  /** `null` builds the kernel without Mercury: no VMM, no switch, and every virtual object bound to its native instruction. */
  readonly vmm?: VmmLayer | null;
  readonly switch?: SwitchLayer<Strategy>;
  /** The processor of our own machine, with its RAM; the one of `@mercury/x86` when not given. Other machines bring their own and refuse this. */
  readonly cpu?: CpuLayer;
  /** One of the switch layer's strategies; its first when not given. */
  readonly strategy?: NoInfer<Strategy>;
  readonly mode?: Mode;
  /** RAM in MB, default 256. */
  readonly memory?: number;
  /**
   * Seed, 0 to 2^32 - 1, by which the machine's frames are permuted under the kernel's, in chunks of 4 MB: a test of every place that could
   * mistake one kind of address for the other. The mode is then always-on unless `mode` says otherwise.
   */
  readonly shuffle?: number;
  /** Adds the test parts to the system: fault points with `/proc/mercury/inject`, and an audit after every switch whose first finding ends the machine with code 101. */
  readonly test?: boolean;
}

/** What stands under each name, for definitions that no type checker has seen. */
const types: Readonly<Record<keyof MachineDefinition, "string" | "number" | "boolean" | "layer" | "layer or null">> = {
  guest: "layer",
  vo: "layer",
  vmm: "layer or null",
  switch: "layer",
  cpu: "layer",
  strategy: "string",
  mode: "string",
  memory: "number",
  shuffle: "number",
  test: "boolean",
};

function isName(name: string): name is keyof MachineDefinition {
  return Object.hasOwn(types, name);
}

function has(value: unknown, type: (typeof types)[keyof MachineDefinition]): boolean {
  if (type === "layer or null") return typeof value === "object";
  return type === "layer" ? typeof value === "object" && value !== null : typeof value === type;
}

/** What kind of value something is, with its article. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Refuses what says nothing about a machine: unknown names, and values of another type. Throws a MachineError of kind `fit`. */
export function checkDefinition(definition: unknown): asserts definition is MachineDefinition {
  const refuse = (sentence: string): never => {
    throw new MachineError("fit", sentence);
  };
  if (typeof definition !== "object" || definition === null)
    return refuse(`A machine's definition is an object, not ${kindOf(definition)}.`);
  for (const [name, value] of Object.entries(definition)) {
    if (!isName(name)) return refuse(`A machine has no "${name}"; it has ${Object.keys(types).join(", ")}.`);
    if (!has(value, types[name])) refuse(`"${name}" of a machine is ${kindOf(value)} and should be a ${types[name]}.`);
  }
}
