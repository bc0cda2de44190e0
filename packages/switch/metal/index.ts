// The VMM image's half of the switch; the kernel's is ./request (`mercury:switch`).
export { switchTo } from "./sequence";
