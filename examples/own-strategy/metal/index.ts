// The half of the switch that lies in the VMM's image; the kernel's is ./request (`mercury:switch`).
export { switchTo } from "./sequence";
