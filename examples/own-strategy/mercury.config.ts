import { ownStrategy } from "@acme/own-strategy";
import type { MachineDefinition } from "@mercury/machine";

/** `mercury boot --config mercury.config.ts` */
const machine: MachineDefinition = { switch: ownStrategy };
export default machine;
