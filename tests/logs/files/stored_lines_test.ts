/** Lines of log files as they are found again, where memory has those that come behind. */

import { assert, assertEquals, assertMatch } from "@std/assert";
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
      signal: new AbortController().signal,
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

/** The texts that are found in a folder that `prepare` fills, and of which files something was not read. */
async function foundIn(
  prepare: (folder: string) => Promise<void>,
  signal = new AbortController().signal,
): Promise<{ readonly texts: readonly string[]; readonly passedOver: readonly string[] }> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/log`, "web 5 five\n");
    await prepare(folder);
    using lines = await StoredLines.find({ file: `${folder}/log`, keep: 5, gzip: true }, {
      read,
      matches: () => true,
      from: -Infinity,
      last: Infinity,
      seams: new Map([["web", END]]),
      blockSize: 65_536,
      signal,
    });
    const all = (await Array.fromAsync(lines.read())).flat();
    return {
      texts: all.map(({ text }) => text),
      passedOver: lines.passedOver.map(({ file, why }) => `${file.replace(folder, ".")}: ${why}`),
    };
  } finally {
    await Deno.chmod(folder, 0o700);
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a log file is passed over when it is a link, a folder, or one that others may write to", async () => {
  const { texts, passedOver } = await foundIn(async (folder) => {
    await Deno.writeTextFile(`${folder}/other`, "web 4 four\n");
    await Deno.symlink("other", `${folder}/log.1`);
    await Deno.mkdir(`${folder}/log.2`);
    await Deno.writeTextFile(`${folder}/log.3`, "web 3 three\n");
    await Deno.chmod(`${folder}/log.3`, 0o666);
    await Deno.symlink("log.4", `${folder}/log.4`);
    await Deno.writeTextFile(`${folder}/log.5`, "web 2 two\n");
  });
  assertEquals(texts, ["two", "five"]);
  assertEquals(passedOver, [
    "./log.1: it is a link",
    "./log.2: it is not a file",
    "./log.3: others may write to it",
    "./log.4: it is a link",
  ]);
});

Deno.test("log files are passed over, and their folder is named once, when anybody may put others there", async () => {
  const { texts, passedOver } = await foundIn(async (folder) => {
    await Deno.writeTextFile(`${folder}/log.1`, "web 4 four\n");
    await Deno.chmod(folder, 0o777);
  });
  assertEquals(texts, []);
  assertEquals(passedOver.length, 1);
  assertMatch(passedOver[0]!, /^\.: others may write to .* \(mode 0777\)$/);
});

Deno.test({
  name: "a log file is passed over when it is another user's in a shared folder",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  async fn() {
    const { texts, passedOver } = await foundIn(async (folder) => {
      await Deno.chmod(folder, 0o1777);
      await Deno.writeTextFile(`${folder}/log.1`, "web 4 four\n");
      await Deno.chown(`${folder}/log.1`, 12345, 12345);
    });
    assertEquals([texts, passedOver], [["five"], ["./log.1: it belongs to user 12345"]]);
  },
});

Deno.test("log files are read where they have lines, and given up, when a gigabyte of them has none", async () => {
  const { texts, passedOver } = await foundIn(async (folder) => {
    using sparse = await Deno.open(`${folder}/log.1`, { write: true, createNew: true });
    await sparse.seek(2 ** 30, Deno.SeekMode.Start);
    await sparse.write(new TextEncoder().encode("\nweb 4 four\n"));
    const zeros = new Uint8Array(1_048_576);
    const bomb = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => controller.enqueue(new TextEncoder().encode("web 3 three\n")),
        pull(controller) {
          if (++this.count < 80) controller.enqueue(zeros);
          else controller.close();
        },
        count: 0,
      } as UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> & { count: number },
    );
    await Deno.writeFile(`${folder}/log.2.gz`, bomb.pipeThrough(new CompressionStream("gzip")));
    await Deno.writeTextFile(`${folder}/log.3`, "web 2 two\n");
  });
  assertEquals(texts, ["two", "three", "four", "five"]);
  assertEquals(passedOver.map((text) => text.slice(0, text.indexOf(" "))), ["./log.1:", "./log.2.gz:"]);
});

Deno.test("log files are not read on when nobody waits for them", async () => {
  const { texts } = await foundIn(() => Promise.resolve(), AbortSignal.abort());
  assertEquals(texts, []);
});
