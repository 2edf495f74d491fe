/** What `burn.c` does, for a machine without a compiler. */
const encoder = new TextEncoder();

for await (const chunk of Deno.stdin.readable) {
  for (const byte of chunk) {
    if (byte !== 0x0a) continue;
    let x = 1;
    for (let i = 0; i < 2_000_000; i++) {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
    }
    await Deno.stdout.write(encoder.encode(`${Number(x !== 0)}\n`));
  }
}
