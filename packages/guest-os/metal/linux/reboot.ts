/** Commands of reboot(2) (include/uapi/linux/reboot.h). */
export const RESTART: u32 = 0x01234567;
export const POWER_OFF: u32 = 0x4321fedc;
/** LINUX_REBOOT_CMD_RESTART2 takes an argument; ours powers off with the exit code that it is. */
export const POWER_OFF_WITH_CODE: u32 = 0xa1b2c3d4;
export const HALT: u32 = 0xcdef0123;
