// `npm start`: builds what is stale and boots Mercury on the terminal.
import { spawnSync } from "node:child_process";

process.env.TURBO_TELEMETRY_DISABLED = "1";

/** Runs a program on this terminal; ends the script with its status when it fails. */
function run(command, args, stdin = "inherit") {
  const { status, error } = spawnSync(command, args, { stdio: [stdin, "inherit", "inherit"] });
  if (error) console.error(`npm start: cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

// What is piped in is for Mercury.
run("turbo", ["run", "build", "--output-logs=errors-only", "--log-order=grouped"], "ignore");
run(process.execPath, ["apps/cli/bin/mercury.js", "boot", ...process.argv.slice(2)]);
