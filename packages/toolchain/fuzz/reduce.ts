/**
 * Shrinks a failing program text: drops ever smaller runs of lines as long as `fails` stays true (delta debugging, Zeller 2002), then
 * parts of lines between matching brackets. `fails` is false for texts that do not compile.
 */
export async function reduce(text: string, fails: (text: string) => Promise<boolean>): Promise<string> {
  let lines = text.split("\n").filter((line) => line.trim() !== "");
  for (let before = -1; before !== lines.join("\n").length;) {
    before = lines.join("\n").length;
    lines = await dropLines(lines, fails);
    lines = await simplifyLines(lines, fails);
  }
  return lines.join("\n");
}

async function dropLines(original: readonly string[], fails: (text: string) => Promise<boolean>): Promise<string[]> {
  let lines = [...original];
  for (let size = Math.max(1, lines.length >> 1); size >= 1; size >>= 1) {
    for (let start = 0; start < lines.length;) {
      const end = closing(lines, start, size);
      const candidate = [...lines.slice(0, start), ...lines.slice(end)];
      if (await fails(candidate.join("\n"))) lines = candidate;
      else start += size;
    }
  }
  return unwrap(lines, fails);
}

/** End of a run of at least `size` lines whose braces match, so that blocks go as a whole. */
function closing(lines: readonly string[], start: number, size: number): number {
  let depth = 0;
  for (let index = start; index < lines.length; index++) {
    const line = lines[index] ?? "";
    depth += line.split("{").length - line.split("}").length;
    if (depth <= 0 && index + 1 - start >= size) return index + 1;
  }
  return Math.min(lines.length, start + size);
}

/** Drops a block's first and last line, keeping what is inside. */
async function unwrap(original: readonly string[], fails: (text: string) => Promise<boolean>): Promise<string[]> {
  let lines = [...original];
  for (let start = 0; start < lines.length; start++) {
    if (!lines[start]?.trim().endsWith("{") || lines[start]?.startsWith("export")) continue;
    const end = closing(lines, start, 1);
    const candidate = [...lines.slice(0, start), ...lines.slice(start + 1, end - 1), ...lines.slice(end)];
    if (await fails(candidate.join("\n"))) lines = candidate;
  }
  return lines;
}

async function simplifyLines(original: readonly string[], fails: (text: string) => Promise<boolean>): Promise<string[]> {
  const lines = [...original];
  for (let index = 0; index < lines.length; index++) {
    for (let changed = true; changed;) {
      changed = false;
      for (const candidate of shorter(lines[index] ?? "")) {
        const text = [...lines.slice(0, index), candidate, ...lines.slice(index + 1)].join("\n");
        if (!(await fails(text))) continue;
        lines[index] = candidate;
        changed = true;
        break;
      }
    }
  }
  return lines;
}

/** A line with one bracketed operand replaced by a constant, longest operand first. */
function shorter(line: string): string[] {
  const groups: { start: number; end: number }[] = [];
  const open: number[] = [];
  for (let index = 0; index < line.length; index++) {
    if (line[index] === "(") open.push(index);
    const start = line[index] === ")" ? open.pop() : undefined;
    if (start !== undefined && index - start > 2) groups.push({ start, end: index + 1 });
  }
  groups.sort((a, b) => b.end - b.start - (a.end - a.start));
  const inner = (group: { start: number; end: number }): string => line.slice(group.start + 1, group.end - 1);
  return groups
    .flatMap((group) => {
      const parts = inner(group).split(/ (?:[-+*&|^/%]|<<|>>>?) /u);
      const kept = parts.length > 1 ? parts : [];
      return ["0", "1", ...kept].map((value) => `${line.slice(0, group.start + 1)}${value}${line.slice(group.end - 1)}`);
    })
    .filter((candidate) => candidate.length < line.length);
}
