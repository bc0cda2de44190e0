import type { Layer } from "@mercury/abi";
import type { Machine } from "@mercury/machine";
import { exitCodes } from "../exit-codes.ts";
import { chooseMachine } from "../layers.ts";
import type { LayerOptions } from "../options.ts";
import { print } from "../output.ts";

/** Types of `@mercury/abi` that a layer of each kind implements. */
const interfaces = { guest: "GuestLayer", vo: "VoLayer", vmm: "VmmLayer", switch: "SwitchLayer" } as const;

function row(kind: keyof typeof interfaces, layer: Layer<string> | null, note: string): readonly string[] {
  if (layer === null) return [kind, "none", "", "", "", note];
  return [kind, layer.name, layer.packageName, layer.version, `${interfaces[kind]} ${layer.interfaceVersion}`, note];
}

function rows(machine: Machine): readonly (readonly string[])[] {
  const strategies = machine.switch.strategies.map((name) => (name === machine.strategy ? `${name}*` : name)).join(", ");
  return [
    ["layer", "name", "package", "version", "interface", "notes"],
    row("guest", machine.guest, `${machine.guest.programs.length} programs`),
    row("vo", machine.vo, ""),
    row("vmm", machine.vmm, ""),
    row("switch", machine.switch, `strategies ${strategies}`),
    ["cpu", machine.cpu.name, "", machine.cpu.version, "CpuLayer", ""],
  ];
}

/** Columns as wide as their widest cell. */
export function table(cells: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const line of cells) line.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return cells
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** `mercury layers`: what the machine is made of. */
export async function layers(options: LayerOptions): Promise<number> {
  await print(table(rows(await chooseMachine(options))));
  return exitCodes.ok;
}
