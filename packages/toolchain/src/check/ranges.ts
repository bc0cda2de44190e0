import { type SensitiveCode, type SiteBody, type VoOperation, voOperations } from "@mercury/abi";
import type { SiteForm } from "../sites/encode.ts";
import type { SensitivePlace } from "./image.ts";
import type { References } from "./references.ts";

/** Functions of an image that may hold sensitive instructions outside of sites, and why. */
export interface SensitiveRange {
  readonly name: string;
  readonly reason: string;
  readonly holds: (place: SensitivePlace) => boolean;
}

/**
 * The bodies of virtual objects, which no layer has to name: what the sites' call or jump of one form leads to, and it alone. A body that other
 * code calls past the sites is none.
 */
export function bodyRanges(references: References): readonly SensitiveRange[] {
  return (["native", "virtual"] as const).map((form) => {
    const functions = references.onlyThrough(bodiesOf(form));
    return {
      name: `${form} bodies`,
      reason: `reached through sites in their ${form} form alone`,
      holds: ({ symbol }) => functions.has(symbol),
    };
  });
}

/** Symbols that sites call or jump to in one form. */
function bodiesOf(form: SiteForm): readonly string[] {
  const target = (body: SiteBody): string[] => (body.kind === "code" ? [] : [body.target]);
  return Object.values<VoOperation>(voOperations).flatMap((operation) => target(operation[form]));
}

/** What the layers name. */
export function namedRange(code: SensitiveCode, references: References): SensitiveRange {
  const functions = new Set((code.functions ?? []).map((symbol) => references.ownerOf(symbol)));
  const modules = new Set(code.modules ?? []);
  const holds = ({ symbol, source, row }: SensitivePlace): boolean =>
    code.instructions.includes(row.mnemonic) && (functions.has(symbol) || (source?.module !== undefined && modules.has(source.module)));
  return { name: code.name, reason: code.reason, holds };
}

/** A sentence for each way into boot code from outside of it. `entry`: where the loader starts the image. */
export function waysIntoBoot(code: SensitiveCode, references: References, entry: string): readonly string[] {
  if (code.runs !== "boot") return [];
  const inside = new Set((code.functions ?? []).flatMap((symbol) => references.ownerOf(symbol) ?? []));
  return [...inside]
    .filter((name) => name !== references.ownerOf(entry))
    .flatMap((name) =>
      [...references.referrers(name)]
        .filter((from) => !inside.has(from))
        .map((from) => `${name} is boot code ("${code.name}"), but ${from} refers to it`),
    );
}
