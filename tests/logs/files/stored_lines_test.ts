/** Lines of log files as they are found again, where memory has those that come behind. */

import { assert, assertEquals } from "@std/assert";
import { type Seam, StoredLines } from "../../../src/logs/files/stored_lines.ts";

/** A line of these tests, as it is in a file: `web 12 text`. */
interface Line {
  readonly path: string;
  readonly at: number;
  readonly text: string;
}

function read(text: string): Line | undefined {
  const [, path, at, rest] = /^(\w+) (\d+) (.*)$/.exec(text) ?? [];
  return path === undefined ? undefined : { path, at: Number(at), text: rest! };
}

interface Wish {
  readonly from?: number;
  readonly last?: number;
  readonly seams: Readonly<Record<string, Seam>>;
  readonly has?: string;
  readonly blockSize?: number;
}

/** The texts that are found in files of these contents, the newest first; those that end with .gz are compressed. */
async function found(
  contents: Readonly<Record<string, string>>,
  { from = -Infinity, last = Infinity, seams, has = "", blockSize = 16 }: Wish,
): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(contents)) {
      const plain = new Blob([text]).stream();
      const bytes = name.endsWith(".gz") ? plain.pipeThrough(new CompressionStream("gzip")) : plain;
      await Deno.writeFile(`${folder}/${name}`, bytes);
    }
    using lines = await StoredLines.find({ file: `${folder}/log`, keep: 5, gzip: true }, {
      read,
      matches: ({ text }) => text.includes(has),
      from,
      last,
      seams: new Map(Object.entries(seams)),
      blockSize,
    });
    const all = (await Array.fromAsync(lines.read())).flat();
    assertEquals(lines.count, all.length);
    return all.map(({ text }) => text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const END: Seam = { at: Infinity };

Deno.test("log files are read oldest first, compressed ones too, whole lines whatever the size of a block", async () => {
  const contents = {
    "log": "web 5 five\nanything else\nweb 6 six, which is longer than a block\nweb 7 not who",
    "log.1": "web 4 four\n",
    "log.2.gz": "web 2 two\nweb 3 drei–☃\n",
    // Both forms: the first one is whole.
    "log.3": "web 1 one\n",
    "log.3.gz": "web 1 not this one\n",
  };
  const all = ["one", "two", "drei–☃", "four", "five", "six, which is longer than a block"];
  for (const blockSize of [1, 2, 3, 7, 16, 64, 65_536]) {
    assertEquals(await found(contents, { seams: { web: END }, blockSize }), all);
    assertEquals(await found(contents, { seams: { web: END }, from: 4, blockSize }), all.slice(3));
    assertEquals(
      (await found(contents, { seams: { web: END }, last: 2, blockSize })).slice(-2),
      all.slice(-2),
    );
    assertEquals(
      await found(contents, { seams: { web: END }, has: "o", blockSize }),
      [
        "one",
        "two",
        "four",
        "six, which is longer than a block",
      ].filter((text) => text.includes("o")),
    );
  }
  assertEquals(await found({}, { seams: { web: END } }), []);
});

Deno.test("log files are read no further back than it takes when only the last lines are wanted", async () => {
  const lines = Array.from({ length: 1_000 }, (_, index) => `web ${index} ${index}\n`).join("");
  const last = await found({ log: lines }, { seams: { web: END }, last: 3, blockSize: 64 });
  assertEquals(last.slice(-3), ["997", "998", "999"]);
  assert(last.length < 20, `${last.length} lines`);
});

Deno.test("a line is found once when memory has some of those that came in the same millisecond", async () => {
  const contents = {
    "log": "web 5 tick\nweb 5 tick\ndb 5 db\nweb 6 tick\nweb 6 later\n",
    "log.1": "web 4 four\nweb 5 tick\nweb 5 tick\n",
    "log.2.gz": "web 3 three\nweb 4 tick\n",
  };
  for (const kept of [0, 1, 2, 3, 4]) {
    const ticks = Array.from({ length: 4 - kept }, () => "tick");
    for (const blockSize of [5, 12, 1_024]) {
      assertEquals(
        await found(contents, { seams: { web: { at: 5, kept }, db: { at: 5 } }, blockSize }),
        ["three", "tick", "four", ...ticks],
      );
      // However few are wanted, all of that millisecond have been counted.
      const last = await found(contents, { seams: { web: { at: 5, kept } }, last: 1, blockSize });
      assertEquals(last.slice(last.lastIndexOf("four")), ["four", ...ticks]);
    }
  }
  assertEquals(await found(contents, { seams: { web: { at: 5 } } }), ["three", "tick", "four"]);
});
