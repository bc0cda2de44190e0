import { timingModel } from "@acme/own-cpu";
import type { MachineDefinition } from "@mercury/machine";
import { interpreter } from "@mercury/x86";

/** `mercury boot --icount --config mercury.config.ts` */
const machine: MachineDefinition = { cpu: timingModel(interpreter).cpu };
export default machine;
