/** That `outrider up` loses no line of what its children print, whoever reads it. */
import { assert, assertEquals } from "@std/assert";
import { Folder, words } from "./outrider.ts";

const COUNT = 30_000;

/** A child that numbers so many lines and ends. */
function counting(id: string, { count = COUNT, to = 1, env = {} } = {}): Record<string, unknown> {
  const script =
    `seq -f '${id} %09.0f and what else a line may say, so that it has ninety bytes in all' ${count} >&${to}`;
  return { id, command: "sh", args: ["-c", script], restart: "temporary", env };
}

/** What a shell prints that has `outrider up` as `"$@"`. */
async function shell(
  script: string,
  args: readonly string[],
): Promise<{ stdout: string; stderr: string; code: number }> {
  const { stdout, stderr, code } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", ...words(args)],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), code };
}

/** The numbers of a child's lines have to be all, in order. */
function assertAll(text: string, id: string, count = COUNT): void {
  const numbers = [...text.matchAll(new RegExp(`\\b${id} (\\d{9}) and`, "g"))].map(([, number]) =>
    Number(number)
  );
  assertEquals(numbers.length, count);
  for (let i = 0; i < count; i++) if (numbers[i] !== i + 1) throw new Error(`line ${i + 1} is ${numbers[i]}`);
}

for (const format of ["text", "json"]) {
  Deno.test(`a file has every line in order when two children flood it, as ${format}`, async () => {
    await using folder = new Folder();
    const file = folder.manifest([counting("one"), counting("two", { to: 2 })]);
    const log = `${folder.path}/log`;
    const { stderr } = await shell(`exec "$@" > '${log}'`, ["up", file, "--log-format", format]);
    assertEquals(stderr, "");
    const text = await Deno.readTextFile(log);
    for (const id of ["one", "two"]) assertAll(text, id);
    if (format === "json") { for (const line of text.trimEnd().split("\n")) JSON.parse(line); }
  });
}

Deno.test("a pipe has every line in order when its reader pauses again and again", async () => {
  await using folder = new Folder();
  const file = folder.manifest([counting("one"), counting("two", { to: 2 })]);
  const pausing = `Deno.stdin.readable.pipeThrough(new TransformStream({
    async transform(chunk, out) {
      out.enqueue(chunk);
      await new Promise((resolve) => setTimeout(resolve, 2));
    },
  })).pipeTo(Deno.stdout.writable)`;
  const { stdout } = await shell(`"$@" | '${Deno.execPath()}' eval '${pausing}'`, ["up", file]);
  for (const id of ["one", "two"]) assertAll(stdout, id);
});

Deno.test("a secret is masked in every line, wherever a chunk ends, when a child prints it in a flood", async () => {
  await using folder = new Folder();
  const secret = "correct-horse-battery-staple";
  await Deno.writeTextFile(`${folder.path}/key`, secret);
  const count = 20_000;
  const script = `seq -f "%g $KEY and so on" ${count}`;
  const child = {
    id: "tattler",
    command: "sh",
    args: ["-c", script],
    restart: "temporary",
    env: { KEY: { file: `${folder.path}/key` } },
  };
  const log = `${folder.path}/log`;
  await shell(`exec "$@" > '${log}'`, ["up", folder.manifest([child])]);
  const text = await Deno.readTextFile(log);
  assert(!text.includes("horse"), text.slice(0, 300));
  assertEquals(text.match(/\d+ \*\*\* and so on$/gm)?.length, count);
});

Deno.test("a terminal that takes nothing holds up no child, and names what it has lost", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using folder = new Folder();
  const done = `${folder.path}/done`;
  const flood = counting("flood");
  const child = { ...flood, args: ["-c", `${(flood.args as string[])[1]}; touch '${done}'`] };
  const line = words(["up", folder.manifest([child])]).map((word) => `'${word}'`).join(" ");
  // Whoever reads what the terminal shows waits until the child is done.
  const script = `script -qec "$1" /dev/null | { until [ -e '${done}' ]; do sleep 0.05; done; cat; }`;
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", line],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  const shown = text.match(/flood \d{9} and/g)?.length ?? 0;
  const lost = [...text.matchAll(/lost +([\d,]+) lines of flood, \d\d:\d\d:\d\d–\d\d:\d\d:\d\d/g)]
    .reduce((sum, [, count]) => sum + Number(count!.replaceAll(",", "")), 0);
  assertEquals(shown + lost, COUNT, text.slice(-2_000));
  assert(lost > 0);
});
