/** What stands under the options of each help text: what one types first, and what a script wants to know. */

const exitCodes = `
Exit codes:
  0    the guest switched the power off; run: what the command ended with
  N    what the guest asked for ("poweroff -e N"; run: 128 + the signal that killed the command)
  2    bad usage
  3    a file cannot be read or written, or is not what it should be
  70   a fault of Mercury itself
  101  the guest panicked, or its CPU shut down
  124  --timeout ended the machine`;

const program = `
Try:
  mercury boot                                 a shell; Ctrl-A X ends the machine
    # cat /proc/mercury/mode                   native: the kernel has the machine to itself
    # echo virtual > /proc/mercury/mode        now it runs on a hypervisor, and nobody noticed
    # cat /proc/mercury/last                   what that took, step by step
    # poweroff
  mercury run -- ps                            one command, its output and its status
  mercury boot --kernel bzImage --initrd initrd.gz --append console=ttyS0

"mercury COMMAND --help" lists the options of a command.`;

const boot = `
On a terminal, Ctrl-A X ends the machine, and Ctrl-A Ctrl-A is one Ctrl-A for the guest.
${exitCodes}`;

const run = `
Example:
  mercury run --icount -- sh -c 'echo virtual > /proc/mercury/mode; cat /proc/mercury/last'
${exitCodes}`;

const image = `
Examples:
  mercury image --out mercury.elf              qemu-system-i386 -nographic -kernel mercury.elf
  mercury image --out mercury.iso --format iso --mode virtual
  mercury image --check`;

/** By command; the whole program's is `program`. */
export const helpAfter: Readonly<Record<"program" | "boot" | "run" | "image", string>> = { program, boot, run, image };
