import type { Mode } from "@mercury/machine";

/** A session that touches every part of the system, and prints nothing that depends on the machine but the mode. */
export const lines: readonly string[] = [
  "echo hello",
  "cat /proc/mercury/mode",
  "mkdir /tmp/d && cd /tmp/d && echo one two three > words && wc words",
  "cat words | grep two | wc -l",
  "i=0; while [ $i -lt 5 ]; do echo $((i * i)); i=$((i + 1)); done",
  "(sleep 1; echo later) & wait; echo waited",
  "sh -c 'exit 7'; echo $?",
  "sh -c 'kill -9 $$'; echo $?",
  "ls -l /bin/sh | head -n 1 | wc -l",
  "ls /nowhere; echo $?",
];

/** What each line answers. */
export function expected(mode: Mode): readonly string[] {
  return [
    "hello\n",
    mode === "native" ? "native\n" : "virtual\n",
    " 1  3 14 words\n",
    "1\n",
    "0\n1\n4\n9\n16\n",
    "[PID]\nlater\nwaited\n",
    "7\n",
    "Killed (process PID)\n137\n",
    "1\n",
    "ls: /nowhere: No such file or directory\n1\n",
  ];
}

/** Words of each line: columns may be padded as the program likes, and processes numbered. */
export function words(text: string): string[] {
  const numbered = text.replace(/^\[\d+\]$/m, "[PID]").replace(/\(process \d+\)/, "(process PID)");
  return numbered.split("\n").map((line) => line.trim().replaceAll(/\s+/g, " "));
}
