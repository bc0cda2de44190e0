import { voOperations, type SiteBody, type VoOperation } from "@mercury/abi";
import type { Relocation } from "../object.ts";

export type SiteForm = "native" | "virtual";

/** Machine code of one body of a site, with what is still open in it. */
export interface EncodedBody {
  readonly bytes: Uint8Array;
  readonly relocations: readonly Relocation[];
}

/**
 * The prefix that stretches a body: DS override. DS is the default segment of every memory operand that a body has, so it changes nothing
 * there, and instructions without a memory operand ignore it (SDM 2A 2.1.1).
 */
export const ignoredPrefix = 0x3e;

/** What a `mercury:vo` import or a stub's `site` puts into code. */
export interface EncodedSite extends EncodedBody {
  /** Bytes of the site. */
  readonly length: number;
}

/** The operation of that name; throws a RangeError for a name that the contract does not have. */
export function operationOf(name: string): VoOperation {
  const operation = (voOperations as Readonly<Record<string, VoOperation>>)[name];
  if (operation === undefined) throw new RangeError(`mercury:vo has no operation "${name}" (abi/tables/vo-operations.ts)`);
  return operation;
}

/**
 * The native body as it stands in code. A patchable site is stretched to the length of its longer body;
 * a plain one (`--vmm none`) is the bare instruction.
 */
export function encodeSite(name: string, patchable: boolean): EncodedSite {
  const operation = operationOf(name);
  const body = patchable ? encodeStretched(operation, "native") : encodeBody(operation.native);
  return { ...body, length: body.bytes.length };
}

/** One body of a site, stretched by ignored prefixes to the site's length. */
export function encodeStretched(operation: VoOperation, form: SiteForm): EncodedBody {
  const { bytes, relocations } = encodeBody(operation[form]);
  const shift = operation.length - bytes.length;
  if (shift < 0) throw new RangeError(`a body of ${bytes.length} bytes does not fit a site of ${operation.length}`);
  const stretched = new Uint8Array(operation.length).fill(ignoredPrefix, 0, shift);
  stretched.set(bytes, shift);
  return { bytes: stretched, relocations: relocations.map((relocation) => ({ ...relocation, offset: relocation.offset + shift })) };
}

/** Opcodes of CALL rel32 and JMP rel32 (SDM 2A). */
const branchOpcodes = { call: 0xe8, jump: 0xe9 } as const;

function encodeBody(body: SiteBody): EncodedBody {
  if (body.kind === "code") return encodeTemplate(body.bytes);
  const bytes = Uint8Array.of(branchOpcodes[body.kind], 0, 0, 0, 0);
  return { bytes, relocations: [{ offset: 1, kind: "relative", target: body.target, addend: 0 }] };
}

function encodeTemplate(template: Extract<SiteBody, { kind: "code" }>["bytes"]): EncodedBody {
  const bytes: number[] = [];
  const relocations: Relocation[] = [];
  for (const item of template) {
    if (typeof item === "number") {
      bytes.push(item);
    } else if ("address" in item) {
      bytes.push(item.address & 0xff, (item.address >>> 8) & 0xff, (item.address >>> 16) & 0xff, (item.address >>> 24) & 0xff);
    } else {
      relocations.push({ offset: bytes.length, kind: "absolute", target: item.symbol, addend: item.addend });
      bytes.push(0, 0, 0, 0);
    }
  }
  return { bytes: Uint8Array.from(bytes), relocations };
}
