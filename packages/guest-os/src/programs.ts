import type { GuestProgram } from "@mercury/abi";

/** Names under which metal/user/box.ts knows a program. */
export const programNames = [
  "cat",
  "cp",
  "crash",
  "date",
  "echo",
  "false",
  "free",
  "grep",
  "head",
  "init",
  "kill",
  "ln",
  "ls",
  "mkdir",
  "mount",
  "mv",
  "poweroff",
  "ps",
  "reboot",
  "rm",
  "seq",
  "sh",
  "sleep",
  "stress",
  "tail",
  "test",
  "[",
  "touch",
  "true",
  "uptime",
  "wc",
] as const;

/** All programs are one image: it compiles once, and its pages are shared. */
export const programs: readonly GuestProgram[] = [
  { path: "/bin/box", entry: "metal/user/box.ts", links: programNames.map((name) => `/bin/${name}`) },
];
