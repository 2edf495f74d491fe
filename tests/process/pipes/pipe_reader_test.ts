import { assertEquals } from "@std/assert";
import { LARGEST_READ, PipeReader, SMALLEST_READ } from "../../../src/process/pipes/pipe_reader.ts";

/** A byte stream that fills whatever buffer it is given, `times` times, and notes their sizes. */
function flood(times: number): { stream: ReadableStream<Uint8Array>; sizes: number[] } {
  const sizes: number[] = [];
  const stream = new ReadableStream<Uint8Array>({
    type: "bytes",
    pull(any) {
      const controller = any as ReadableByteStreamController;
      const request = controller.byobRequest!;
      const view = request.view!;
      sizes.push(view.byteLength);
      if (sizes.length <= times) return request.respond(view.byteLength);
      controller.close();
      request.respond(0);
    },
  });
  return { stream, sizes };
}

Deno.test("PipeReader grows its buffers up to the largest when much comes", async () => {
  const { stream, sizes } = flood(4);
  const reader = new PipeReader(stream);
  let read = 0;
  await reader.readAll((chunk) => void (read += chunk.length));
  assertEquals(sizes, [SMALLEST_READ, 4 * SMALLEST_READ, LARGEST_READ, LARGEST_READ, LARGEST_READ]);
  assertEquals(read, 5 * SMALLEST_READ + 2 * LARGEST_READ);
});

Deno.test("PipeReader reads chunks as they come when the stream is not a byte stream", async () => {
  const reader = new PipeReader(ReadableStream.from([new Uint8Array([1]), new Uint8Array([2, 3])]));
  const chunks: Uint8Array[] = [];
  await reader.readAll((chunk) => void chunks.push(chunk));
  assertEquals(chunks, [new Uint8Array([1]), new Uint8Array([2, 3])]);
});

Deno.test("PipeReader refuses a stream when another reader has it", () => {
  const stream = ReadableStream.from([new Uint8Array(1)]);
  stream.getReader();
  try {
    new PipeReader(stream);
  } catch (error) {
    return assertEquals((error as Error).name, "TypeError");
  }
  throw new Error("expected a refusal");
});

Deno.test("PipeReader ends a pending read when it is cancelled", async () => {
  const reader = new PipeReader(
    new ReadableStream({ type: "bytes" }),
  );
  const chunks: Uint8Array[] = [];
  const waiting = reader.readAll((chunk) => void chunks.push(chunk));
  await reader.cancel();
  await waiting;
  assertEquals(chunks, []);
});

Deno.test("PipeReader reuses a buffer when that is asked for, until another size fits better", async () => {
  for (const reuse of [false, true]) {
    const { stream, sizes } = flood(6);
    const reader = new PipeReader(stream, { reuse });
    const chunks: Uint8Array[] = [];
    await reader.readAll((chunk) => void chunks.push(chunk));
    assertEquals(sizes.length, 7);
    // Memory that was read into again is no longer the earlier chunk's.
    const expected = reuse ? [4_096, 16_384, 0, 0, 0, 0] : [4_096, 16_384, ...Array(4).fill(65_536)];
    assertEquals(chunks.map((chunk) => chunk.length), expected);
  }
});
