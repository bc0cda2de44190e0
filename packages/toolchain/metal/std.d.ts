/// <reference types="assemblyscript/std/types/assembly/index.d.ts" />
