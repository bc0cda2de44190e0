import { SHARED_PAGE, SHARED_PAGE_REPORT, SHARED_PAGE_STATS, SharedPage, SwitchReport, SwitchStats } from "@mercury/abi/metal";

export function sharedPage(): SharedPage {
  return changetype<SharedPage>(SHARED_PAGE);
}
export function report(): SwitchReport {
  return changetype<SwitchReport>(SHARED_PAGE + SHARED_PAGE_REPORT);
}
export function stats(): SwitchStats {
  return changetype<SwitchStats>(SHARED_PAGE + SHARED_PAGE_STATS);
}
