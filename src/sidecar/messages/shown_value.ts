/**
 * Formats a foreign value as text, for samples and copies.
 */

/** Returns `value` as JSON; else its own text; else its type. Never throws. */
export function jsonOrText(value: unknown): string {
  for (const form of [() => JSON.stringify(value), () => String(value)]) {
    try {
      const text = form();
      if (text !== undefined) return text;
    } catch {
      // A cycle, a BigInt, a toJSON or a toString of its own that throws, a revoked proxy.
    }
  }
  return `a value of type ${typeof value}`;
}
