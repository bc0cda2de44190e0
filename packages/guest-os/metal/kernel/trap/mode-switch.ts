import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { requestAudit, requestSwitch } from "mercury:switch";
import { AuditReport, SHARED_PAGE, SHARED_PAGE_AUDIT, findingText } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { hasWord } from "../boot/command-line";
import { print, printHex } from "../dev/print";
import { panic } from "./panic";

/**
 * Every switch of the system goes through here: to mode 0 (native) or 1 (virtual), 0 or a negated errno. With the word `audit` on the command
 * line everything is recounted after each, before an interrupt or the caller can change anything, and the first difference is the system's end.
 */
export function switchMode(target: u32): i32 {
  const flags = saveFlags();
  disableInterrupts();
  const result = requestSwitch(target);
  // A negated errno: this VMM has no auditor.
  if (result == 0 && hasWord(cstr`audit`) && requestAudit() > 0) endByAudit();
  restoreFlags(flags);
  return result;
}

function endByAudit(): void {
  const report = changetype<AuditReport>(SHARED_PAGE + SHARED_PAGE_AUDIT);
  print(cstr`\nmercury: audit: `);
  print(findingText(report.finding));
  print(cstr`: where `);
  printHex(report.where);
  print(cstr`, expected `);
  printHex(report.expected);
  print(cstr`, found `);
  printHex(report.found);
  panic(cstr`the audit after a switch found a difference`);
}
