import { fileURLToPath } from "node:url";
import { type GuestProgram, type Layer, memoryMap } from "@mercury/abi";
import type { Machine } from "../define.ts";
import { kernelModules, vmmModules } from "../modules.ts";
import type { PartJob, StubsRef } from "./part.ts";

function stubsOf(layers: readonly Layer<string>[], name: string = "default"): readonly StubsRef[] {
  return layers.flatMap(({ stubs }) => (stubs === null ? [] : [{ module: stubs.href, name }]));
}

function rootsOf(layers: readonly Layer<string>[]): readonly string[] {
  return layers.map(({ root }) => fileURLToPath(root));
}

/** The kernel: guest, virtual objects, and the side of the switch that asks. */
export function kernelJob(machine: Machine): PartJob {
  const { guest, vo, vmm, switch: modeSwitch } = machine;
  return {
    name: "kernel",
    layers: { guest: guest.packageName, vo: vo.packageName, switch: modeSwitch.packageName },
    roots: rootsOf([guest, vo, modeSwitch]),
    ...kernelModules(machine),
    stubs: stubsOf([guest, vo]),
    textBase: memoryMap.kernelTextBase,
    dataBase: memoryMap.sharedPage,
    memoryBase: memoryMap.kernelDataBase,
    limit: memoryMap.kernelImageEnd,
    loadOffset: memoryMap.directMapBase,
    entry: "multibootEntry",
    patchable: vmm !== null,
    ...(guest.interrupts !== undefined && { interrupts: guest.interrupts }),
    // A kernel without Mercury never leaves ring 0, and has the virtual objects' instructions everywhere.
    sensitive: vmm === null ? "anywhere" : { sensitive: [guest, vo, modeSwitch].flatMap((layer) => layer.sensitive ?? []) },
    output: "elf",
  };
}

/** The VMM with the switch's steps: a blob of the kernel's file, which the boot path copies into the reserve. */
export function vmmJob(vmm: Layer<"vmm">, machine: Machine): PartJob {
  return {
    name: "vmm",
    layers: { vmm: vmm.packageName, switch: machine.switch.packageName },
    roots: rootsOf([vmm, machine.switch]),
    ...vmmModules(vmm.packageName, machine),
    stubs: stubsOf([vmm]),
    textBase: memoryMap.vmmBase,
    dataBase: memoryMap.vmmDataBase,
    memoryBase: memoryMap.vmmDataBase,
    limit: null,
    loadOffset: 0,
    entry: "vmmHeader",
    patchable: false,
    sensitive: {
      sensitive: [],
      everywhere: { name: "the VMM", reason: "ring 0 alone runs it: supervisor pages beyond the end of every segment of ring 1 and 3" },
    },
    output: "flat",
  };
}

/** One program of the guest: an ordinary ELF executable. */
export function programJob(guest: Layer<"guest">, { path, entry }: GuestProgram): PartJob {
  return {
    name: path,
    layers: { guest: guest.packageName },
    roots: rootsOf([guest]),
    entries: [`${guest.packageName}/${entry.replace(/\.ts$/, "")}`],
    bindings: {},
    stubs: stubsOf([guest], "program"),
    textBase: memoryMap.userImageBase,
    dataBase: memoryMap.userDataBase,
    memoryBase: memoryMap.userDataBase,
    limit: null,
    loadOffset: 0,
    entry: "start",
    patchable: false,
    // Rings 1 and 3 do not differ for a program: what it must not do, the processor keeps it from.
    sensitive: "anywhere",
    output: "elf",
  };
}
