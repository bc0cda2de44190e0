import { FINDING_SEAL, VmmFrame } from "@mercury/abi/metal";
import { isActive, kernelRecord } from "../domains/first";
import { chunkMap } from "../frames/chunks";
import { currentEpoch } from "../frames/records";
import { sealIntact } from "../seal";
import { constantsPage } from "../symbols";
import { nativeDescriptors, nativeGates, virtualDescriptors, virtualGates } from "./descriptors";
import { auditReport, beginAudit, differs } from "./finding";
import { ownMappingAgrees, sitesAgree } from "./image";
import { callerAgrees, controlAgrees, interruptTable, modeAgrees, tablesLoaded, taskStateAgrees } from "./processor";
import { chunkMapAgrees, recountChunks } from "./recount";
import { beginTables, nativeTables, virtualTables } from "./tables";

/**
 * Recounts everything that the invariants of the design speak of (self-virtualization.md, section 6) and compares. Ring 0, interrupts off, in either mode; `frame` is the
 * caller's (abi: vmmFrame). Changes nothing but sharedPage.audit. Returns the number of the first finding, 0 when there is none.
 */
export function audit(frame: u32): u32 {
  beginAudit();
  const virtual = interruptTable() == constantsPage();
  const record = kernelRecord();
  recountChunks(record);
  beginTables(record, currentEpoch());
  const common =
    modeAgrees(virtual, isActive()) &&
    controlAgrees() &&
    tablesLoaded(record, virtual) &&
    taskStateAgrees(record, virtual) &&
    callerAgrees(changetype<VmmFrame>(<usize>frame), virtual) &&
    chunkMapAgrees(chunkMap()) &&
    sitesAgree(record, virtual) &&
    ownMappingAgrees(record);
  if (!common) return auditReport().finding;
  if (virtual) virtualDescriptors() && virtualGates(record) && virtualTables();
  else nativeDescriptors(record) && nativeGates(record) && nativeTables() && (sealIntact() || differs(FINDING_SEAL, 0, 0, 0));
  return auditReport().finding;
}
