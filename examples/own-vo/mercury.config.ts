import { ownVo } from "@acme/own-vo";
import type { MachineDefinition } from "@mercury/machine";

/** `mercury boot --config mercury.config.ts` */
const machine: MachineDefinition = { vo: ownVo };
export default machine;
