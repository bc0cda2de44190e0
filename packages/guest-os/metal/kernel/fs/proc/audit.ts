/** /proc/mercury/audit: what the VMM's recount by independent code finds. Opening the file makes one. */
import { AuditReport, SHARED_PAGE, SHARED_PAGE_AUDIT, findingText } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { requestAudit } from "mercury:switch";
import { put, putByte, putHex, putLine } from "./text";

const NEWLINE: u32 = 0x0a;

function address(label: usize, value: u32): void {
  put(label);
  putHex(value, 8);
}

/** Contents of the file: "ok", or the first finding; then how much was recounted. */
export function audit(pid: u32): i32 {
  const finding = requestAudit();
  if (finding < 0) return finding;
  const report = changetype<AuditReport>(SHARED_PAGE + SHARED_PAGE_AUDIT);
  if (finding == 0) {
    put(cstr`ok\n`);
  } else {
    put(findingText(<u32>finding));
    address(cstr`: where 0x`, report.where);
    address(cstr`, expected 0x`, report.expected);
    address(cstr`, found 0x`, report.found);
    putByte(NEWLINE);
  }
  putLine(cstr`directories`, report.directories);
  putLine(cstr`leaves`, report.leaves);
  putLine(cstr`entries`, report.entries);
  putLine(cstr`audits`, report.audits);
  return 0;
}
