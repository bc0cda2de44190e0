import { generateKeyPairSync } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { host } from "./images.ts";

/** Where the programs' packages are kept between campaigns. */
const folder = join(homedir(), ".cache", "mercury", "debian", "programs");

/** Packages of Debian whose programs the sessions use; apt adds what they depend on. */
const packages = {
  files: ["bash", "coreutils", "findutils", "grep", "sed", "gawk", "diffutils", "patch", "tar", "bsdextrautils"],
  packers: ["gzip", "bzip2", "xz-utils", "zstd", "openssl"],
  languages: ["bc", "dc", "perl", "python3.11", "lua5.4", "guile-3.0", "m4", "sqlite3"],
  compilers: ["gcc-12", "libc6-dev", "binutils", "make", "nasm", "tcc"],
};

/**
 * Downloads the packages for i386 and all that they depend on, as if for a machine that has nothing; what is there already stays.
 * apt must know the i386 packages, as it does after `.ci/run`.
 */
export function fetchPrograms(): void {
  const archives = join(folder, "archives");
  const status = join(folder, "status");
  mkdirSync(join(archives, "partial"), { recursive: true });
  writeFileSync(status, "");
  const empty = ["APT::Architecture=i386", "APT::Architectures=i386", `Dir::State::status=${status}`];
  const here = [`Dir::Cache::archives=${archives}/`, "Debug::NoLocking=1", "APT::Sandbox::User="];
  const options = [...empty, ...here].flatMap((option) => ["-o", option]);
  host("apt-get", "-q", "-y", ...options, "--download-only", "--no-install-recommends", "install", ...Object.values(packages).flat());
}

/** Makes a file system of the unpacked programs, with the sessions in /sessions; gives the image's path. Nothing of the packages is run here. */
export function makeProgramsDisk(into: string): string {
  const root = join(into, "root");
  for (const name of ["dev", "proc", "sys", "tmp", "work"]) mkdirSync(join(root, name), { recursive: true });
  const archives = readdirSync(join(folder, "archives")).filter((name) => name.endsWith(".deb"));
  for (const name of archives) host("dpkg-deb", "-x", join(folder, "archives", name), root);
  symlinkSync("bash", join(root, "bin", "sh"));
  cpSync(new URL("programs", import.meta.url), join(root, "sessions"), { recursive: true });
  // One key for all machines of a campaign; what the programs make of it must be the same.
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(root, "sessions", "rsa.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  const image = join(into, "programs");
  writeFileSync(image, "");
  truncateSync(image, 1 << 30);
  host("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0", "-d", root, image);
  return image;
}

/** What the RAM disk's shell does with the disk: one session in it, with a temporary file system in memory. */
export function programSession(name: string): string {
  return `while [ ! -b /dev/vda ]; do sleep 1; done
mount -t ext4 /dev/vda /mnt
mount -t proc proc /mnt/proc
mount -t devtmpfs dev /mnt/dev
ln -s /proc/self/fd /dev/fd
mount -t tmpfs tmp /mnt/tmp
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/tmp chroot /mnt /bin/bash /sessions/${name}.sh
`;
}
