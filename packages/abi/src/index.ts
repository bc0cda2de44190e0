/** The contract between the layers: memory map, selectors, vectors, tables of calls, shared structures, descriptor types. */
export * from "../tables/memory-map.ts";
export * from "../tables/selectors.ts";
export * from "../tables/vectors.ts";
export * from "../tables/audit-findings.ts";
export * from "../tables/errno.ts";
export * from "../tables/structures.ts";
export * from "../tables/vo-operations.ts";
export * from "../tables/hypercalls.ts";
export * from "../tables/metal-contracts.ts";
export * from "../tables/switch-reasons.ts";
export * from "../tables/syscalls.ts";
export type { Linear, Machine, Physical } from "./address.ts";
export { interfaceVersion } from "./contracts/version.ts";
export type { Layer, SensitiveCode } from "./contracts/layer.ts";
export { type VoLayer, voSymbols } from "./contracts/vo.ts";
export type { VmmLayer } from "./contracts/vmm.ts";
export type { SwitchLayer } from "./contracts/switch.ts";
export type { GuestFile, GuestLayer, GuestProgram, InterruptEntries } from "./contracts/guest.ts";
