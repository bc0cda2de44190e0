// What the stubs call, and what the switch calls by the name `mercury:vmm`.
export {
  adoptMemory, adoptProcessor, adoptable, audit, enterNative, enterVirtual, failureDetail, framesScanned, isActive, releasable, releaseProcessor,
  sealIntact, startEpoch, strategy, tablesValidated, validateAll, validateRunning, warmup,
} from "./attach";
export { adoptDescriptors, releaseDescriptors } from "./descriptors";
export { handleHypercall } from "./hypercalls";
export { adoptInterrupts, linesInService, releaseInterrupts } from "./lines";
export { patchSites, siteModified } from "./sites";
export { handleException, handleLine } from "./traps";
