import type { Exit, Runner } from "@mercury/machine";

export interface Told {
  readonly exit: Exit;
  /** What the machine said on its first serial port. */
  readonly lines: readonly string[];
}

/** Runs an image to its end. `limit`: real seconds after which it counts as hung. */
export async function runImage(runner: Runner, image: Uint8Array, limit: number): Promise<Told> {
  let text = "";
  const running = await runner.start({
    image,
    modules: [],
    commandLine: "",
    memory: 32,
    onSerial: (port, bytes) => void (port === 0 && (text += Buffer.from(bytes).toString("latin1").replaceAll("\r", ""))),
  });
  const timer = setTimeout(() => running.stop(), limit * 1000);
  const exit = await running.done.finally(() => clearTimeout(timer));
  return { exit, lines: text.trimEnd().split("\n") };
}
