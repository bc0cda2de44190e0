#!/usr/bin/env node
import { metalc } from "./metalc.ts";

process.exitCode = await metalc(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
});
