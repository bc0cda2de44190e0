import type { GuestLayer, SwitchLayer, VmmLayer, VoLayer } from "@mercury/abi";
import { unix } from "@mercury/guest-os";
import { sequenced } from "@mercury/switch";
import { chunked } from "@mercury/vmm";
import { patched } from "@mercury/vo";
import { type CpuLayer, interpreter } from "@mercury/x86";

/** Strategies of the default switch. */
export type DefaultStrategy = (typeof sequenced.strategies)[number];

/** The layers of a machine that names none. */
export const defaultLayers: {
  readonly guest: GuestLayer;
  readonly vo: VoLayer;
  readonly vmm: VmmLayer | null;
  readonly switch: SwitchLayer;
  readonly cpu: CpuLayer;
} = { guest: unix, vo: patched, vmm: chunked, switch: sequenced, cpu: interpreter };
