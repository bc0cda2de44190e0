/** Addresses that the linker and the layers' stubs define in the kernel image (linear). */
// @ts-ignore: decorator
@external("sym", "image.textStart") export declare function imageTextStart(): usize;
// @ts-ignore: decorator
@external("sym", "image.textEnd") export declare function imageTextEnd(): usize;
// @ts-ignore: decorator
@external("sym", "image.end") export declare function imageEnd(): usize;
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
@external("sym", "vmm_image_start") export declare function vmmImageStart(): usize;
// @ts-ignore: decorator
@external("sym", "vmm_image_end") export declare function vmmImageEnd(): usize;
// @ts-ignore: decorator
@external("sym", "ramdisk_start") export declare function ramdiskStart(): usize;
// @ts-ignore: decorator
@external("sym", "ramdisk_end") export declare function ramdiskEnd(): usize;
// @ts-ignore: decorator
@external("sym", "native_taskState") export declare function nativeTaskState(): usize;
// @ts-ignore: decorator
@external("sym", "native_gdt") export declare function nativeGdt(): usize;
// @ts-ignore: decorator
@external("sym", "native_gdtDescriptor") export declare function nativeGdtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "native_idtDescriptor") export declare function nativeIdtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "kernelRecord") export declare function kernelRecordAddress(): usize;
// @ts-ignore: decorator
@external("sym", "bootStack") export declare function bootStack(): usize;
// @ts-ignore: decorator
@external("sym", "bootStackTop") export declare function bootStackTop(): usize;
// @ts-ignore: decorator
@external("sym", "trapTable") export declare function trapTable(): usize;
// @ts-ignore: decorator
@external("sym", "trapTableEnd") export declare function trapTableEnd(): usize;
// @ts-ignore: decorator
@external("sym", "kernelMain") export declare function kernelMainAddress(): usize;
// @ts-ignore: decorator
@external("sym", "bootDirectory") export declare function bootDirectory(): usize;
// @ts-ignore: decorator
@external("sym", "shuffledDirectory") export declare function shuffledDirectory(): usize;
