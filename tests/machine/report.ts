/** A file of /proc/mercury, `key: value` a line, by key; other lines are left out. */
export function keyed(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/^(\S+): *(.*)$/gm)].map(([, key, value]) => [key ?? "", value ?? ""]));
}
