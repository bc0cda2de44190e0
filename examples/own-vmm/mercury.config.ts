import { ownVmm } from "@acme/own-vmm";
import type { MachineDefinition } from "@mercury/machine";

/** `mercury boot --config mercury.config.ts` */
const machine: MachineDefinition = { vmm: ownVmm };
export default machine;
