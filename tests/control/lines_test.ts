/** Bytes of a connection as lines. */
import { assertEquals } from "@std/assert";
import { LineTooLongError, readLines } from "../../src/control/lines.ts";

/** A connection that gives these chunks, one a read. */
function connection(...chunks: (string | Uint8Array)[]) {
  const left = chunks.map((chunk) => typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  return {
    read(into: Uint8Array): Promise<number | null> {
      const chunk = left.shift();
      if (chunk !== undefined) into.set(chunk);
      return Promise.resolve(chunk?.length ?? null);
    },
  };
}

/** The lines, and what ended them. */
async function read(
  max: number,
  ...chunks: (string | Uint8Array)[]
): Promise<[lines: string[], error: unknown]> {
  const lines: string[] = [];
  try {
    for await (const line of readLines(connection(...chunks), max)) lines.push(line);
  } catch (error) {
    return [lines, error];
  }
  return [lines, undefined];
}

Deno.test("lines come out whole, however the bytes came in; the last one needs no newline", async () => {
  assertEquals(await read(9, "a\nb", "b\n", "\n", "cc"), [["a", "bb", "", "cc"], undefined]);
  assertEquals(await read(9, "a\r\nb\r\n"), [["a", "b"], undefined]);
  assertEquals(await read(9), [[], undefined]);
  assertEquals(await read(9, new Uint8Array([0x61, 0xc3]), new Uint8Array([0xa9, 0x0a])), [
    ["aé"],
    undefined,
  ]);
});

Deno.test("a line may have as many bytes as the cap, and not one more", async () => {
  assertEquals(await read(4, "1234\n1234"), [["1234", "1234"], undefined]);
  assertEquals(await read(4, "12", "34", "\n"), [["1234"], undefined]);
  assertEquals(await read(4, "éé\n"), [["éé"], undefined]);
  for (const chunks of [["12345\n"], ["12345"], ["123", "45\n"], ["ééé\n"]]) {
    const [lines, error] = await read(4, ...chunks);
    assertEquals([lines, error instanceof LineTooLongError], [[], true]);
  }
});

Deno.test("a line that is too long is refused before it has ended: no more is read of it", async () => {
  let reads = 0;
  const endless = {
    read: (into: Uint8Array) => Promise.resolve((reads++, into.fill(0x61), into.length)),
  };
  let error: unknown;
  try {
    for await (const line of readLines(endless, 40_000)) throw new Error(`There is a line: ${line}`);
  } catch (thrown) {
    error = thrown;
  }
  assertEquals([error instanceof LineTooLongError, reads <= 8], [true, true], `${reads} reads, ${error}`);
});

Deno.test("a long line costs no more than its bytes when it comes in small chunks", async () => {
  const chunk = "x".repeat(1_000);
  const [lines, error] = await read(10_000_000, ...Array<string>(9_999).fill(chunk), "\n");
  assertEquals([lines.map((line) => line.length), error], [[9_999_000], undefined]);
});
