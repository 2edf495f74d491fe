/**
 * The error of an option that can't be what it is.
 */

import { OutriderError } from "../outrider_error.ts";

/** An option or an argument, given in code, can't be what it is: `code` is `"invalid_option"`. */
export class OptionError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "invalid_option";
  /** Where it stands, such as `probes.liveness.period`; empty where it is the value as a whole. */
  readonly path: string;

  /** `message` names the option and says what it takes. */
  constructor(message: string, { path = "" }: { readonly path?: string } = {}) {
    super(message);
    this.path = path;
  }
}
