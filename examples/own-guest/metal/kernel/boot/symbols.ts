/** What the linker and the VO layer place in the kernel's image (abi/docs/kernel-and-vmm.md); addresses. */
// @ts-ignore: decorator
@external("sym", "image.textStart") export declare function textStart(): usize;
// @ts-ignore: decorator
@external("sym", "image.textEnd") export declare function textEnd(): usize;
// @ts-ignore: decorator
@external("sym", "image.siteTable") export declare function siteTable(): usize;
// @ts-ignore: decorator
@external("sym", "image.siteCount") export declare function siteCount(): usize;
// @ts-ignore: decorator
@external("sym", "image.flagThunksStart") export declare function flagThunksStart(): usize;
// @ts-ignore: decorator
@external("sym", "image.flagThunksEnd") export declare function flagThunksEnd(): usize;
// @ts-ignore: decorator
@external("sym", "image.hypercallThunksStart") export declare function hypercallThunksStart(): usize;
// @ts-ignore: decorator
@external("sym", "image.hypercallThunksEnd") export declare function hypercallThunksEnd(): usize;
// @ts-ignore: decorator
@external("sym", "image.flagThunkStarts") export declare function flagThunkStarts(): usize;
// @ts-ignore: decorator
@external("sym", "image.flagThunkCount") export declare function flagThunkCount(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_image_start") export declare function vmmStart(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_image_end") export declare function vmmEnd(): usize;
// @ts-ignore: decorator
@external("sym", "kernelRecord") export declare function kernelRecord(): usize;
// @ts-ignore: decorator
@external("sym", "native_taskState") export declare function taskState(): usize;
// @ts-ignore: decorator
@external("sym", "native_gdt") export declare function gdt(): usize;
// @ts-ignore: decorator
@external("sym", "native_gdtDescriptor") export declare function gdtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "native_idtDescriptor") export declare function idtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "commandLine") export declare function commandLine(): usize;
