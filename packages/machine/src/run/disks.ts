import { type Disk, type DiskBus, MachineError as PcError } from "@mercury/x86";
import { type DiskFile, openDiskFile } from "@mercury/x86/node";
import { MachineError } from "../errors.ts";

/** A disk image and how the machine is to see it. */
export interface DiskImage extends DiskFile {
  /** Default: `ata`. */
  readonly bus?: DiskBus;
}

/** Disks that have been opened for a machine. */
export interface OpenDisks {
  readonly disks: readonly { readonly disk: Disk; readonly bus: DiskBus }[];
  /** Makes sure that everything written is in the files, and closes them. Throws a MachineError of kind `file` when that fails. */
  readonly close: () => void;
}

function refuse(error: unknown): never {
  if (!(error instanceof PcError)) throw error;
  throw new MachineError(error.kind === "configuration" ? "usage" : "file", error.message);
}

/** Opens disk images in order. Throws a MachineError that names file, offset and reason; nothing stays open then. */
export function openDisks(images: readonly DiskImage[]): OpenDisks {
  const disks: { disk: Disk; bus: DiskBus }[] = [];
  try {
    for (const { bus = "ata", ...file } of images) disks.push({ disk: openDiskFile(file), bus });
  } catch (error) {
    for (const { disk } of disks) disk.close();
    refuse(error);
  }
  return { disks, close: () => closeAll(disks.map(({ disk }, index) => [disk, images[index]?.overlay ?? images[index]?.file ?? ""])) };
}

/** One that fails keeps no other from being closed. */
function closeAll(disks: readonly (readonly [disk: Disk, file: string])[]): void {
  const failures = disks.flatMap(([disk, file]) => closeDisk(disk, file) ?? []);
  if (failures[0] !== undefined) throw new MachineError("file", failures.join("; "));
}

/** Why what was written may not be in the file. */
function closeDisk(disk: Disk, file: string): string | undefined {
  try {
    disk.close();
    return undefined;
  } catch (error) {
    return `${file} may lack what was written last: ${error instanceof Error ? error.message : String(error)}`;
  }
}
