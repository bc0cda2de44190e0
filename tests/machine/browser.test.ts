import { spawn, spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bootRequest, defineMachine } from "@mercury/machine";
import { createMachine } from "@mercury/x86";
import { possible } from "@mercury/vitest/possible";
import { expect, test } from "vitest";

const browser = ["chromium", "chromium-browser", "google-chrome"].find((name) => spawnSync(name, ["--version"]).status === 0);
const missing = browser === undefined ? "there is no Chromium (Debian package chromium)" : null;

const resolve = createRequire(import.meta.url).resolve;
/** The files that npm would install: the page loads them as they are, without a bundler. */
const folders: Readonly<Record<string, string>> = {
  x86: join(dirname(resolve("@mercury/x86/package.json")), "dist"),
  isa: join(dirname(createRequire(resolve("@mercury/x86/package.json")).resolve("@mercury/isa/package.json")), "dist"),
};

/** Types into the machine, reads it to its end, and sends what it found to this test. */
const page = `<!doctype html><meta charset="utf-8"><title>Mercury</title>
<script type="importmap">{ "imports": { "@mercury/x86": "/x86/index.js", "@mercury/isa": "/isa/src/index.js" } }</script>
<script type="module">
const report = (result) => fetch("/result", { method: "POST", body: JSON.stringify(result) });
try {
  const { createMachine, drive } = await import("@mercury/x86");
  const { memory, commandLine, input } = await (await fetch("/request")).json();
  const image = new Uint8Array(await (await fetch("/image")).arrayBuffer());
  const machine = createMachine({ memory, icount: true });
  machine.load({ image, commandLine });
  const [com1] = machine.consoles;
  com1.type(input);
  const running = drive(machine);
  let output = "";
  for await (const bytes of com1.output) output += new TextDecoder().decode(bytes);
  const end = await running.done;
  await report({ output, end, counters: machine.counters, hash: machine.memoryHash() });
} catch (error) {
  await report({ error: String(error && error.stack || error) });
}
</script>`;

const input =
  "echo in a $((6 * 7)) browser\necho virtual > /proc/mercury/mode\ncat /proc/mercury/mode\nstress 1 forks pipes; echo $?\npoweroff\n";

interface Files {
  readonly image: Uint8Array;
  readonly request: object;
}

/** Serves the page and what it loads; gives what the page reports. */
async function serve(files: Files): Promise<{ readonly url: string; readonly result: Promise<unknown>; readonly close: () => void }> {
  const results = new EventEmitter();
  const result = once(results, "result").then(([found]: unknown[]) => found);
  const send = (response: ServerResponse, type: string, body: string | Uint8Array): void => {
    response.writeHead(200, { "content-type": type });
    response.end(body);
  };
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const part of request) body += String(part);
    send(response, "text/plain", "");
    results.emit("result", JSON.parse(body));
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const [, folder = "", ...rest] = path.split("/");
    const base = folders[folder];
    if (path === "/") send(response, "text/html", page);
    else if (path === "/image") send(response, "application/octet-stream", files.image);
    else if (path === "/request") send(response, "application/json", JSON.stringify(files.request));
    else if (path === "/result") void take(request, response);
    else if (base !== undefined) send(response, "text/javascript", readFileSync(join(base, ...rest)));
    else send(response, "text/plain", "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `listening` has been seen, so the address is that of a port.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, result, close: () => server.close() };
}

/** Chromium's other processes end after the first, and write into its folder until then: what they add is found by listing it anew. */
async function removeProfile(profile: string): Promise<void> {
  for (let left = 300; left > 0; left--) {
    try {
      return rmSync(profile, { recursive: true, force: true });
    } catch {
      await pause(100);
    }
  }
  console.warn(`${profile} could not be removed`);
}

test.runIf(possible("the PC in a browser", missing))(
  "the same packages boot the same system in a browser, and compute the same",
  async () => {
    const { image, commandLine, memory } = await bootRequest(defineMachine({}));
    const request = { memory: memory * 2 ** 20, commandLine, input };
    const site = await serve({ image, request });
    const profile = mkdtempSync(join(tmpdir(), "mercury-browser-"));
    const flags = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      `--user-data-dir=${profile}`,
    ];
    const child = spawn(browser ?? "", [...flags, site.url], { stdio: "ignore", timeout: 1_200_000, killSignal: "SIGKILL" });
    const gone = once(child, "close");
    try {
      const found = await Promise.race([site.result, gone.then(() => ({ error: "the browser ended without a word" }))]);
      const machine = createMachine({ memory: request.memory, icount: true });
      machine.load({ image, commandLine });
      machine.receive(0, new TextEncoder().encode(input));
      expect(machine.run(1e10)).toEqual({ reason: "power-off" });
      expect(found).toMatchObject({
        output: expect.stringMatching(/in a 42 browser[^]*virtual[^]*nothing lost/),
        end: { reason: "power-off" },
        counters: machine.counters,
        hash: machine.memoryHash(),
      });
    } finally {
      child.kill("SIGKILL");
      await gone;
      site.close();
      await removeProfile(profile);
    }
  },
);
