import { rows } from "@mercury/isa";
import { describe, expect, it } from "vitest";
import { hostInstructions } from "../system/table.ts";
import { executions } from "./table.ts";

describe("semantics of the instruction table", () => {
  it("exist for every form", () => {
    const missing = rows.filter(({ id }) => executions[id] === undefined);
    expect(missing.map(({ mnemonic, opcode }) => `${mnemonic} ${opcode}`)).toEqual([]);
  });

  it("are done by a function of the host where generated code leaves them to one", () => {
    const missing = rows.filter(({ id }) => {
      const by = executions[id]?.by;
      return (by === "assist" || by === "system") && hostInstructions[id] === undefined;
    });
    expect(missing.map(({ mnemonic, opcode }) => `${mnemonic} ${opcode}`)).toEqual([]);
  });

  it("have a function of the host for those that heed IOPL in generated code", () => {
    const missing = rows.filter(({ id, vm86Iopl }) => vm86Iopl && hostInstructions[id] === undefined);
    expect(missing).toEqual([]);
  });

  it("end a block for every form after which segments, mode or flow may differ", () => {
    const system = ["far", "interrupt", "halt"];
    const wrong = rows.filter(({ id, flow }) => system.includes(flow) && executions[id]?.by === "assist");
    expect(wrong).toEqual([]);
  });
});
