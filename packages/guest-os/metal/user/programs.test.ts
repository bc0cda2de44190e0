import { execFileSync, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { linkSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { possible } from "@mercury/vitest/possible";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { programNames } from "../../src/programs.ts";

/**
 * The programs use nothing but Linux i386 system calls, so a Linux host runs them as they are: what they print is compared with what the host's own shell and
 * utilities print for the same script.
 */
let folder: string;
const programs = (): string => join(folder, "bin");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-programs-"));
  execFileSync("mkdir", [join(folder, "bin"), join(folder, "work")]);
  const metalc = fileURLToPath(new URL("../../node_modules/@mercury/toolchain/dist/cli.js", import.meta.url));
  const root = fileURLToPath(new URL("../../", import.meta.url));
  execFileSync(process.execPath, [metalc, "program", root, "@mercury/guest-os/metal/user/box", "--out", join(programs(), "box")]);
  for (const name of programNames) linkSync(join(programs(), "box"), join(programs(), name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether the host runs 32-bit programs at all: some kernels are built without it. */
function hostRuns(): boolean {
  const runs = spawnSync(join(programs(), "true")).status === 0;
  return possible("shell and programs beside the host's", runs ? null : "this host executes no Linux i386 programs");
}

function run(command: string, args: readonly string[], path: string): SpawnSyncReturns<string> {
  const work = join(folder, "work");
  rmSync(work, { recursive: true, force: true });
  execFileSync("mkdir", [work]);
  return spawnSync(command, args, { cwd: work, encoding: "utf8", env: { PATH: path, HOME: "/home/nobody" }, timeout: 60_000 });
}

/** Runs a script by our shell with our programs, and by the host's with the host's. */
function both(script: string): { ours: readonly unknown[]; host: readonly unknown[] } {
  const file = join(folder, "script");
  writeFileSync(file, script);
  const ours = run(join(programs(), "sh"), [file], programs());
  const host = run("/bin/sh", [file], "/usr/bin:/bin");
  return { ours: [ours.stdout, ours.status], host: [host.stdout, host.status] };
}

const scripts: Readonly<Record<string, string>> = {
  "words and quotes": `x="a  b"; echo $x "$x" '$x' \\$x "back\\\\slash" a"b"'c' ""; echo "" '' | wc -l; echo 'it''s'`,
  "parameters with defaults": `echo \${a:-one} \${a-two} \${b:=three} $b \${b:+set} \${#b} [\${a+x}]; a=; echo \${a:-empty} [\${a-unset}]`,
  "positional parameters": `set -- p "q r" s; echo $# $1 "$2"; for w in "$@"; do echo "<$w>"; done; for w in $*; do echo "{$w}"; done; shift 2; echo $#:$1; set --; for w in "$@"; do echo none; done; echo $#`,
  arithmetic: `i=5; echo $((i*2+1)) $((-7/2)) $((-7%3)) $((1<<4|1)) $((7&3^1)) $((2+3*4==14)) $((!0)) $((~0)) $((0x1f+010)) $((i>3&&i<9||0)) $(((1+2)*3)) $((i=9)) $i $((1?2:3)) $((1<2==1)) $((6&3==3))`,
  "lists and status": `true && echo a || echo b; false && echo c || echo d; ! true; echo $?; false; echo $?; (exit 3); echo $?; { echo g; false; }; echo $?`,
  loops: `n=0; while [ $n -lt 6 ]; do n=$((n+1)); [ $n = 2 ] && continue; [ $n = 5 ] && break; echo $n; done; until [ $n = 0 ]; do n=$((n-1)); done; echo $n; for i in a b; do for j in 1 2; do [ $j = 2 ] && continue 2; echo $i$j; done; done`,
  conditions: `if false; then echo a; elif true; then echo b; else echo c; fi; if true
then
  echo d # a comment
fi; case abc.txt in *.c) echo no;; a*|b*) echo yes;; *) echo other;; esac; case '*' in '\\*') echo x;; \\*) echo star;; esac; case z in [a-y]) echo 1;; [!a-y]) echo 2;; esac`,
  functions: `f() { echo "$# $1"; return 4; }; f x y; echo $?; g() if true; then echo body; fi; g; h() { for i in 1 2 3; do [ $i = 2 ] && return 9; echo $i; done; }; h; echo $?`,
  pipelines: `seq 10 | head -n 3 | tail -n 1; echo abc | cat | cat | wc -c; false | true; echo $?; true | false; echo $?; seq 3 | while read x; do echo "<$x>"; done`,
  redirections: `echo one > f; echo two >> f; cat < f; echo err 2>/dev/null >&2; ls nothing 2>/dev/null; { echo x; echo y; } > g; wc -l < g; cat f g > h; cat 0< h; echo to-both > f 2>&1; cat f; : > f; wc -c < f`,
  "here-documents": `v=world; cat <<EOF; cat <<'END'
hello $v \\$v $((1+1)) $(echo sub)
EOF
raw $v $(no)
END
cat <<A; cat <<B
first
A
second
B`,
  substitution: `x=$(echo a; echo b; echo); echo "$x" $x; echo "$(echo "nested $(echo deep)")"; y=$(exit 5); echo $?; echo $(seq 3) "$(seq 3)"; echo $(( $(echo 4) * 2 ))`,
  "file names": `touch b.txt a.txt .hidden c.md; mkdir d; touch d/e.txt; echo *; echo *.txt "*.txt" [ab].txt ?.md */*.txt none*; x='*.md'; echo $x "$x"; echo .hi*`,
  "background and wait": `sleep 0.05 & p=$!; wait $p; echo $?; (exit 6) & wait $!; echo $?; wait; echo done`,
  read: `echo "a b  c d " | { read x y; echo "$x|$y"; }; echo one | { read a; read b; echo "$a $b $?"; }`,
  environment: `export V=1; W=2; sh -c 'echo $V $W.'; W=3 sh -c 'echo $W'; echo $W; unset V; echo [$V]; sh -c 'echo $0 $1 $#' name arg`,
  "eval, dot and exit": `x='echo evaluated; y=5'; eval $x; echo $y; echo 'z=7; echo sourced' > s; . ./s; echo $z; exit 42; echo never`,
  test: `[ a = a ]; echo $?; [ a != a ]; echo $?; [ 3 -gt 10 ]; echo $?; test -z "" -a -n x; echo $?; [ ! -e nothing ]; echo $?; touch f; [ -f f -a ! -s f ]; echo $?; mkdir d; [ -d d ]; echo $?; [ -x d ]; echo $?; [ ]; echo $?; [ x ]; echo $?; [ "(" = "(" ]; echo $?`,
  "not found and not executable": `nosuchcommand 2>/dev/null; echo $?; touch f; ./f 2>/dev/null; echo $?; ./missing 2>/dev/null; echo $?`,
  "scripts without a header": `echo 'echo script $1' > s; sh s arg; sh ./s other`,
  "write errors of builtins": `echo lost > /dev/full 2>/dev/null; echo $?; (echo lost) > /dev/full 2>/dev/null; echo $?; echo on`,
  wc: `seq 100 > f; wc -l f; wc -w < f; wc -c < f; wc -l < /dev/null`,
  grep: `seq 20 > f; grep 1 f; grep -c 1 f; grep -v 1 f | head -n 2; grep -n '^1.$' f | tail -n 1; grep 'x*5' f; grep '[2-4]$' f; grep -q 21 f; echo $?; echo xabcx | grep -i ABC; echo abc | grep 'a\\.c'; echo a.c | grep 'a\\.c'; echo a.b | grep -F .; echo ab | grep -F .`,
  "head and tail": `seq 30 > f; head f; head -n 2 f; head -3 f; tail -n 2 f; tail -n 40 f | wc -l; seq 3 | tail; head -n 1 f f`,
  "copies, moves and removals": `mkdir -p a/b/c; echo x > a/b/c/f; cp -r a d; cat d/b/c/f; mv d/b/c/f g; ls d/b/c; cat g; rm -r a d; ls; rm -f nothing; echo $?; rm nothing 2>/dev/null; echo $?; mkdir g 2>/dev/null; echo $?; mkdir -p h; mkdir -p h; echo $?; cp g h; ls h; mv g h/z; ls h; ln -s h/z l; cat l; ln h/z k; echo more >> k; cat l`,
  ls: `touch b a; mkdir d; touch d/c .x; ls; ls -1; ls d; ls a b; ls -a | grep -c x; ls -d d; ls d a; mkdir -p d/e/f; ls -R; ls -R d b`,
};

describe("shell and programs", () => {
  beforeEach((context) => context.skip(!hostRuns()));

  test.each(Object.entries(scripts))("%s: as on the host", (_, script) => {
    const { ours, host } = both(script);
    expect(ours).toEqual(host);
  });

  test.each([
    ["if true; then", "unexpected end of input"],
    ["echo a; )", "syntax error near )"],
    ["for; do", "syntax error near ;"],
    ["while true; done", "syntax error near done"],
    ["echo 'open", "unexpected end of input"],
    ["case x in", "unexpected end of input"],
  ])("%s: is refused with the place", (script, message) => {
    const result = run(join(programs(), "sh"), ["-c", script], programs());
    expect(result.stderr).toContain(message);
    expect(result.status).toBe(2);
  });

  test.each([
    ["kill", ["-NOSUCH", "1"], "kill: NOSUCH: no such signal"],
    ["kill", ["abc"], "kill: abc: not a process number"],
    ["sleep", ["soon"], "sleep: soon: not a number of seconds"],
    ["cat", ["/nothing"], "cat: /nothing: No such file or directory"],
    ["head", ["-n", "x"], "usage: head"],
    ["poweroff", ["-e", "256"], "poweroff: 256: an exit code is 0 to 255"],
    ["rm", ["/"], "rm: /: Is a directory"],
    ["ls", ["-z"], "usage: ls"],
  ])("%s %j says what is wrong", (name, args, message) => {
    const result = run(join(programs(), name), args, programs());
    expect(result.stderr).toContain(message);
    expect(result.status).not.toBe(0);
  });

  test("the load loses nothing", { timeout: 120_000 }, () => {
    const result = run(join(programs(), "stress"), [], programs());
    expect(result.stderr).toBe("");
    expect(result.stdout).toMatch(/nothing lost\n$/);
    expect(result.status).toBe(0);
  });

  test("a full disk under standard output ends a program with status 1", () => {
    const result = run("/bin/sh", ["-c", `${programs()}/seq 10 > /dev/full`], programs());
    expect(result.stderr).toContain("write error: No space left on device");
    expect(result.status).toBe(1);
  });
});
