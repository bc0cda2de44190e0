import { AuditReport, FINDING_NONE, SHARED_PAGE, SHARED_PAGE_AUDIT } from "@mercury/abi/metal";

/** The report lies in the shared page, so that the kernel can show it in either mode. */
export function auditReport(): AuditReport {
  return changetype<AuditReport>(SHARED_PAGE + <usize>SHARED_PAGE_AUDIT);
}

export function beginAudit(): void {
  const report = auditReport();
  report.finding = FINDING_NONE;
  report.where = 0;
  report.expected = 0;
  report.found = 0;
  report.directories = 0;
  report.leaves = 0;
  report.entries = 0;
  report.audits++;
}

/** Writes a finding down; false, so that the audit ends with the first one. */
export function differs(finding: u32, where: u32, expected: u32, found: u32): bool {
  const report = auditReport();
  report.finding = finding;
  report.where = where;
  report.expected = expected;
  report.found = found;
  return false;
}

/** Whether two words agree; if not, that is the finding. */
export function agrees(finding: u32, where: u32, expected: u32, found: u32): bool {
  return expected == found || differs(finding, where, expected, found);
}
