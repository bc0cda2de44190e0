import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { GuestLayer, Layer, SwitchLayer, VmmLayer, VoLayer } from "@mercury/abi";
import { defaultLayers, defineMachine, type Machine, type MachineDefinition } from "@mercury/machine";
import { readConfig } from "./config.ts";
import { exitCodes } from "./exit-codes.ts";
import { CliError } from "./errors.ts";
import type { LayerOptions } from "./options.ts";

/** The kinds of layer that an option can choose, and their types. */
interface LayerTypes {
  readonly guest: GuestLayer;
  readonly vo: VoLayer;
  readonly vmm: VmmLayer;
  readonly switch: SwitchLayer;
}

type Kind = keyof LayerTypes;

/** Whether a value exported by some package is a descriptor of a kind of layer. defineMachine looks at the rest of it. */
function isLayer<K extends Kind>(kind: K, value: unknown): value is LayerTypes[K] & Layer<K> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind && "root" in value;
}

/** Loads a package of the user's: first as the folder sees it that the command was started in. */
async function importPackage(name: string): Promise<Readonly<Record<string, unknown>>> {
  const here = createRequire(pathToFileURL(resolve("package.json")));
  const found = ((): string | null => {
    try {
      return here.resolve(`${name}/package.json`);
    } catch {
      return null;
    }
  })();
  if (found === null) throw new CliError(exitCodes.usage, `there is no layer or package "${name}" here`);
  try {
    return await import(pathToFileURL(here.resolve(name)).href);
  } catch (error) {
    throw new CliError(
      exitCodes.usage,
      `the package "${name}" cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The layer that an option names: a default one by its name, any other by the package that exports it. */
async function findLayer<K extends Kind>(kind: K, name: string): Promise<LayerTypes[K]> {
  const standard = defaultLayers[kind];
  if (isLayer(kind, standard) && standard.name === name) return standard;
  if (!/^(@[\w.-]+\/)?[\w.-]+$/.test(name)) throw new CliError(exitCodes.usage, `"${name}" is no name of a layer or package`);
  const found = Object.values(await importPackage(name)).filter((value) => isLayer(kind, value));
  const [layer, other] = new Set(found);
  if (layer === undefined) throw new CliError(exitCodes.usage, `the package "${name}" exports no ${kind} layer`);
  if (other !== undefined)
    throw new CliError(exitCodes.usage, `the package "${name}" exports more than one ${kind} layer; a file for --config can say which`);
  return layer;
}

/** What `--switch` names: a strategy of the switch that is there, a layer, or a strategy of a layer (`LAYER:STRATEGY`). */
async function chooseSwitch(name: string, config: MachineDefinition): Promise<MachineDefinition> {
  const current = config.switch ?? defaultLayers.switch;
  if (current.strategies.includes(name)) return { strategy: name };
  const [layer = "", strategy] = name.split(":");
  try {
    // A strategy that the file named belongs to the switch that it named.
    const chosen = await findLayer("switch", layer);
    return { switch: chosen, strategy: strategy ?? chosen.strategies[0] };
  } catch (error) {
    if (!(error instanceof CliError) || /[/:]/.test(name)) throw error;
    throw new CliError(
      error.exitCode,
      `unknown strategy "${name}": ${current.name} has ${current.strategies.join(", ")}; and ${error.message}`,
    );
  }
}

/** The machine that the options and `--config` describe. */
export async function chooseMachine(options: LayerOptions & { readonly memory?: number; readonly shuffle?: number }): Promise<Machine> {
  const config = options.config === undefined ? {} : await readConfig(options.config);
  return defineMachine({
    ...config,
    ...(options.guest !== undefined && { guest: await findLayer("guest", options.guest) }),
    ...(options.vo !== undefined && { vo: await findLayer("vo", options.vo) }),
    ...(options.vmm !== undefined && { vmm: options.vmm === "none" ? null : await findLayer("vmm", options.vmm) }),
    ...(options.switch !== undefined && (await chooseSwitch(options.switch, config))),
    ...(options.mode !== undefined && { mode: options.mode }),
    ...(options.memory !== undefined && { memory: options.memory }),
    ...(options.shuffle !== undefined && { shuffle: options.shuffle }),
    ...(options.test !== undefined && { test: options.test }),
  });
}

/** What a description can say of the PC itself, whatever system runs on it. */
type PcPart = "cpu" | "memory";

/**
 * The parts of the PC that `--config` names, for a system that is not Mercury's own. Whatever else it says, or a part that `parts` leaves out, is
 * refused: `owner` says whose it is.
 */
export async function choosePc(
  file: string | undefined,
  parts: readonly PcPart[],
  owner: string,
): Promise<Pick<MachineDefinition, PcPart>> {
  if (file === undefined) return {};
  const { cpu, memory, ...rest } = await readConfig(file);
  const named = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
  const stranger = [...Object.keys(rest), ...(["cpu", "memory"] as const).filter((part) => part in named && !parts.includes(part))][0];
  if (stranger !== undefined) throw new CliError(exitCodes.usage, `${file} says "${stranger}", and ${owner}`);
  defineMachine(named);
  return named;
}
