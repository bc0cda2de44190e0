import { ownGuest } from "@acme/own-guest";
import type { MachineDefinition } from "@mercury/machine";

/** `mercury boot --config mercury.config.ts` */
const machine: MachineDefinition = { guest: ownGuest, memory: 32 };
export default machine;
