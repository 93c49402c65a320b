/** The interfaces inside a launcher's pod. */
export const POD_DEVICE = "eth0";
export const BRIDGE = "br1";
export const TAP_DEVICE = "vnet0";
