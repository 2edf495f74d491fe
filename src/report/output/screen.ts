/**
 * A terminal that shows one thing, drawn again and again in place, as `top` and `watch` do.
 *
 * Used by `ps --watch`. The invariant: what the terminal showed before is there again afterwards, however it ends, and so
 * is its cursor; nothing is written past its last row or column.
 */

/** The other screen of a terminal, without a cursor; its own is kept. */
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const REST_OF_LINE = "\x1b[K";
const REST_OF_SCREEN = "\x1b[J";

/** The size of a terminal. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** What is written to show `lines`, none of them wider than the terminal: as many as it has rows for. */
export function frameOf(lines: readonly string[], { rows }: Pick<ScreenSize, "rows">): string {
  const shown = lines.length <= rows
    ? lines
    : [...lines.slice(0, rows - 1), `… and ${lines.length - rows + 1} more lines`];
  // Cleared before the text: behind a line that is as wide as the terminal, its last character would go.
  const text = shown.map((line) => REST_OF_LINE + line).join("\r\n");
  return `${HOME}${text}${shown.length < rows ? `\r\n${REST_OF_SCREEN}` : ""}`;
}

/** A text without escape sequences, cut to `width` columns. */
export function cutTo(width: number, text: string): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** The size of the terminal at standard output; `undefined`: it does not know its columns. */
export function screenSize(): ScreenSize | undefined {
  const { columns, rows } = Deno.consoleSize();
  return columns > 0 ? { columns, rows: rows > 0 ? rows : 24 } : undefined;
}

/** The terminal at standard output, taken until it is disposed of. */
export class Screen implements Disposable {
  constructor() {
    this.#write(ENTER);
  }

  /** Shows `lines`, each at most as wide as it is. */
  draw(lines: readonly string[], size: Pick<ScreenSize, "rows">): void {
    this.#write(frameOf(lines, size));
  }

  [Symbol.dispose](): void {
    this.#write(LEAVE);
  }

  #write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}
