import { REASON_INJECTED, REASON_NONE } from "@mercury/abi/metal";
import { sharedPage } from "./memory";

/**
 * Fault points: in a test image, the step that sharedPage.injectPoint names (plus one) refuses the next attempt where its `prepare` stands.
 * The point is taken by the refusal, so the attempt after it goes through.
 */
export function injected(step: u32): u32 {
  const page = sharedPage();
  if (page.testImage == 0 || page.injectPoint != step + 1) return REASON_NONE;
  page.injectPoint = 0;
  return REASON_INJECTED;
}
