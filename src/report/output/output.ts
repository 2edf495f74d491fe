/**
 * Standard error of a process that must go on when it has no reader.
 *
 * A closed pipe or terminal makes further lines vanish; one that stalls makes only its writer wait; a full disk costs the
 * lines of that moment. The log of a tree goes another way (`src/logs`), and loses none of these.
 */

import { FileWriter } from "./file_writer.ts";

/** Characters that wait to be written before {@linkcode LineOutput.line} asks its caller to wait. */
export const OUTPUT_HIGH_WATER = 65_536;

const encoder = new TextEncoder();

/** Lines to `Deno.stdout` or `Deno.stderr`. */
export class LineOutput extends FileWriter<string> {
  /** Takes `text` as a line. A promise means: wait before you write more; it never rejects. */
  line(text: string): void | Promise<void> {
    this.add(`${text}\n`);
    if (this.waiting >= OUTPUT_HIGH_WATER) return this.flush();
  }

  protected override async writeBatch(lines: readonly string[]): Promise<void> {
    await this.writeBytes(encoder.encode(lines.join("")));
  }
}
