// What the stubs call, and what the switch calls by the name `mercury:vmm` (fits.ts). Named one by one: asc's namespaces see no `export *`.
export { adoptDescriptors, adoptMemory, adoptable, enterVirtual, startEpoch, validateAll, validateRunning } from "./attach";
export { audit } from "./audit/audit";
export { bootFirst } from "./boot-first";
export { enterNative, releasable, releaseDescriptors } from "./detach";
export { isActive, strategy } from "./domains/first";
export { handleInterrupt } from "./events/deliver";
export { adoptInterrupts, linesInService, releaseInterrupts } from "./events/lines";
export { handleHypercall } from "./hypercalls/dispatch";
export { adoptProcessor, releaseProcessor } from "./processor";
export { sealIntact } from "./seal";
export { patchSites, siteModified } from "./sites";
export { framesScanned, tablesValidated } from "./tables/counters";
export { failureDetail } from "./tables/refusal";
export { handleDoubleFault, handleException } from "./traps/exception";
export { warmup } from "./warmup";
