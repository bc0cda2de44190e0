import type { GuestLayer, SwitchLayer, VmmLayer, VoLayer } from "@mercury/abi";
import { unix } from "@mercury/guest-os";
import { sequenced } from "@mercury/switch";
import { chunked } from "@mercury/vmm";
import { patched } from "@mercury/vo";

/** The layers of a machine that names none. */
export const defaultLayers: {
  readonly guest: GuestLayer;
  readonly vo: VoLayer;
  readonly vmm: VmmLayer | null;
  readonly switch: SwitchLayer;
} = { guest: unix, vo: patched, vmm: chunked, switch: sequenced };
