/** Addresses of what the stubs place in the image (stubs/data.ts, stubs/entry.ts). */
// @ts-ignore: decorator
@external("sym", "vmm_constants") export declare function constantsPage(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_landing") export declare function landingDirectory(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_gdt") export declare function gdt(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_gdtDescriptor") export declare function gdtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_idtDescriptor") export declare function idtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_taskState") export declare function taskStateAddress(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_doubleFaultTaskState") export declare function doubleFaultTaskStateAddress(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_records") export declare function zoneRecords(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_trapHandlers") export declare function trapHandlers(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_log") export declare function logRing(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_stackTop") export declare function stackTop(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_doubleFaultStackTop") export declare function doubleFaultStackTop(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_doubleFault") export declare function doubleFaultEntry(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_entries") export declare function entryTable(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_exitEs") export declare function exitEs(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_exitDs") export declare function exitDs(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_exitReturn") export declare function exitReturn(): usize;
// @ts-ignore: decorator
@external("sym", "image.textEnd") export declare function imageTextEnd(): usize;
// @ts-ignore: decorator
@external("sym", "image.end") export declare function imageEnd(): usize;
