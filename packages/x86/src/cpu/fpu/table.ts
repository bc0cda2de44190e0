import type { HostTable } from "../system/host.ts";
import { arithmeticForms } from "./arithmetic-forms.ts";
import { comparisonForms } from "./comparison-forms.ts";
import { controlForms } from "./control-forms.ts";
import { transcendentalForms } from "./transcendental-forms.ts";
import { transferForms } from "./transfer-forms.ts";

/** The x87 unit: what the host does for its instructions, all of their behaviour included. */
export const floatInstructions: HostTable = {
  ...transferForms,
  ...arithmeticForms,
  ...comparisonForms,
  ...transcendentalForms,
  ...controlForms,
};
