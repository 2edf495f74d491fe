/**
 * A worker that computes squares: one JSON request a line, one JSON reply a line.
 * It does not survive an unlucky number.
 */
console.log("ready");
let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) {
    const { id, square, superstitious } = JSON.parse(line);
    if (square === 13 && superstitious) throw new Error(`${square} is unlucky`);
    console.log(JSON.stringify({ id, result: square ** 2 }));
  }
}
