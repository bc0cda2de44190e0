/** Why a switch was refused: the sentence that /proc/mercury/last gives, and the errno of the write. Index = reason number. */
export const switchReasons = [
  { name: "none", errno: 0, text: "none" },
  { name: "alreadyThere", errno: 0, text: "the system is in that mode already" },
  { name: "busy", errno: 16, text: "another switch is under way" },
  { name: "interruptInService", errno: 11, text: "an interrupt is in service" },
  { name: "sealBroken", errno: 5, text: "the dormant VMM is damaged" },
  { name: "siteModified", errno: 5, text: "a patchable site does not hold the bytes of the present mode" },
  { name: "noTrapTable", errno: 22, text: "the kernel has installed no trap table" },
  { name: "badDescriptor", errno: 22, text: "a descriptor of the current thread cannot be taken over" },
  { name: "domainsAlive", errno: 16, text: "another domain is alive" },
  { name: "alwaysOn", errno: 95, text: "the VMM booted first and keeps the machine" },
  { name: "badTable", errno: 22, text: "a page table holds an entry that the VMM must refuse" },
  { name: "noVmm", errno: 19, text: "this kernel was built without a VMM" },
  { name: "injected", errno: 5, text: "a fault point was set" },
  { name: "zoneExhausted", errno: 12, text: "the table zone has more frames than the VMM has records" },
  { name: "badImage", errno: 8, text: "kernel and VMM are of different interface versions, or the image is too large" },
  { name: "nonMaskable", errno: 11, text: "a non-maskable interrupt is being handled" },
] as const;

/** What EAX asks of the dedicated vector (vectors.modeSwitch): a mode, which is also its number in sharedPage.mode, or an audit of the present one. */
export const switchTargets = { native: 0, virtual: 1, audit: 2 } as const;
