/**
 * Standard output of a process that must go on when nobody reads it.
 *
 * A closed pipe or terminal makes further lines vanish; one that stalls makes
 * its writer wait, and nobody else.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Lines to stdout or stderr. */
export class Output {
  readonly #file: { write(bytes: Uint8Array): Promise<number> };
  #broken = false;

  /** To `Deno.stdout` or `Deno.stderr`. */
  constructor(file: { write(bytes: Uint8Array): Promise<number> }) {
    this.#file = file;
  }

  /** Whether the other end is gone: what is written vanishes. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Writes `text` and a newline. Pending while the other end does not read; never rejects because it is gone. */
  async line(text: string): Promise<void> {
    if (this.#broken) return;
    const bytes = encoder.encode(`${text}\n`);
    try {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    } catch (error) {
      // A closed pipe is EPIPE, a terminal that hung up is EIO, which Deno gives no class of its own.
      if (!(error instanceof Deno.errors.BrokenPipe) && (error as { code?: string }).code !== "EIO") {
        throw error;
      }
      this.#broken = true;
    }
  }
}
