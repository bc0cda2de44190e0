/** Version of all contracts between the layers; kernelRecord and vmmHeader carry it, and defineMachine refuses a layer of another one. */
export const interfaceVersion = 1;
