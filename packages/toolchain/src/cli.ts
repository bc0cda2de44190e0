#!/usr/bin/env node
import { metalc } from "./metalc.ts";

process.stdout.on("error", ({ message }) => {
  process.stderr.write(`metalc: standard output cannot be written: ${message}\n`);
  process.exit(3);
});
process.exitCode = await metalc(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
});
