/**
 * Why a tree can't be the service that it is to be.
 */

import { OutriderError } from "../outrider_error.ts";

/** What is wrong. */
export type ServiceErrorCode =
  /** systemd can't be told. */
  | "not_notified"
  /** What is written is no address. */
  | "bad_address"
  /** Another process listens there. */
  | "address_in_use";

/** A tree can't be the service that it is to be. */
export class ServiceError extends OutriderError {
  /** Stable, for programs. */
  readonly code: ServiceErrorCode;

  /** Made by `outrider up`. */
  constructor(code: ServiceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
