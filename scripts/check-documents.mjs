// Every relative link in the repository's Markdown leads to a file, and a `#name` behind a source file to a declaration of that name. A link
// whose text is a name in code, to a source file, must say so: [`name`](file.ts#name).
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const link = /(?:\[`(\w+)`)?\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#([^)\s]+))?\)/g;

/** Whether a source file declares a name: a function, class, constant, method or key of a table. */
function declares(text, name) {
  return new RegExp(`(function|class|const|let|interface|type)\\s+${name}\\b|^\\s*(export\\s+)?${name}\\s*[:(]`, "m").test(text);
}

const files = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], { encoding: "utf8" })
  .stdout.split("\n")
  .filter(Boolean);
const broken = [];
for (const file of files) {
  for (const [, code, path, name] of readFileSync(file, "utf8").matchAll(link)) {
    const target = join(dirname(file), decodeURIComponent(path));
    if (!existsSync(target)) broken.push(`${file}: ${path} does not exist`);
    else if (code !== undefined && code !== name && /\.[cm]?[jt]s$/.test(target))
      broken.push(`${file}: \`${code}\` leads to ${path}#${name ?? ""}`);
    else if (name !== undefined && /\.[cm]?[jt]s$/.test(target) && !declares(readFileSync(target, "utf8"), name))
      broken.push(`${file}: ${path} declares no ${name}`);
  }
}
for (const line of broken) console.error(line);
process.exitCode = broken.length === 0 ? 0 : 1;
