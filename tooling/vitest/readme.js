import { readFileSync } from "node:fs";

/** Text of the first fenced block in a language. */
function block(file, markdown, language) {
  const [, text] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(markdown) ?? [];
  if (text === undefined) throw new Error(`${file.pathname} has no ${language} block`);
  return text;
}

/** @type {import("./readme.js").runExample} */
export function runExample(file, name, module) {
  const markdown = readFileSync(file, "utf8");
  const code = block(file, markdown, "js").replace(new RegExp(`^import (\\{.*?\\}) from "${name}";`), "const $1 = module;");
  const lines = [];
  const console = { log: (...values) => lines.push(values.join(" ")) };
  // oxlint-disable-next-line typescript/no-implied-eval -- the example is code of this repository, and running it is the test
  new Function("module", "console", code)(module, console);
  return { printed: `${lines.join("\n")}\n`, promised: block(file, markdown, "text") };
}
