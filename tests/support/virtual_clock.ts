/** The clock of `@outrider/outrider/testing`, which our own tests run on too. */
export { EPOCH, VirtualClock } from "../../src/testing/virtual_clock.ts";
