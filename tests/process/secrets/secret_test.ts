import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { requiredForCommand, spawn } from "../../../src/process/spawn.ts";
import { SecretFileError } from "../../../src/process/environment_errors.ts";
import { PermissionMissingError } from "../../../src/process/process_errors.ts";
import { SECRET_BYTES } from "../../../src/process/secrets/secret.ts";
import { command, output } from "../fixture.ts";

const folder = await Deno.makeTempDir();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const SECRET = "hunter2-of-the-test";
const file = `${folder}/key`;
const reads = (key: { file: string }, script = 'printf %s "$KEY"') => ({
  ...command("sh", "-c", script),
  env: { KEY: key },
});

Deno.test("secret is the content of its file at the start, without the newline at its end", async () => {
  for (
    const [content, value] of [
      [SECRET, SECRET],
      [`${SECRET}\n`, SECRET],
      [`a\nb\r\n`, "a\nb"],
      ["a\n\n", "a\n"],
      ["", ""],
      ["x".repeat(SECRET_BYTES), "x".repeat(SECRET_BYTES)],
    ] as const
  ) {
    await Deno.writeTextFile(file, content);
    const child = spawn(reads({ file }));
    assertEquals(await output(child), value);
    await child.closed;
  }
});

Deno.test("secret is read relative to the working directory when its path is relative", async () => {
  await Deno.writeTextFile(file, SECRET);
  const child = spawn({ ...reads({ file: "key" }), cwd: folder });
  assertEquals(await output(child), SECRET);
  await child.closed;
});

Deno.test("secret shows neither in the last lines of a process nor in its arguments", async () => {
  await Deno.writeTextFile(file, SECRET);
  const script = 'echo "$KEY"; echo "key is $KEY" >&2; printf "cut %s" "${KEY%%of*}" >&2; read line';
  const lines: string[] = [];
  const child = spawn(reads({ file }, script), { onStderr: (line) => lines.push(line) });
  const said = Promise.withResolvers<void>();
  const reading = child.readStdout(() => said.resolve());
  await said.promise;
  const ps = await new Deno.Command("ps", { args: ["-o", "args=", "-p", String(child.pid)] }).output();
  const args = new TextDecoder().decode(ps.stdout);
  assert(args.includes("key is $KEY") && !args.includes(SECRET));
  await child.closeStdin();
  await Promise.all([child.closed, reading]);
  assertEquals([child.stderrTail, lines], [["key is ***", "cut ***"], ["key is ***", "cut ***"]]);
  assertEquals(child.redact?.(SECRET), "***");
});

Deno.test("secret is named by its file and variable, and not shown, when the file cannot be used", async () => {
  const refused = async (content: string | Uint8Array, why: RegExp) => {
    if (typeof content === "string") await Deno.writeTextFile(file, content);
    else await Deno.writeFile(file, content);
    const error = assertThrows(() => spawn(reads({ file })), SecretFileError);
    assertEquals([error.code, error.death.kind, error.file, error.variable, error.program], [
      ...["secret_unreadable", "unstartable", file, "KEY", "sh"],
    ]);
    assertMatch(error.message, why);
    assert(!Deno.inspect(error).includes("hunter2"));
  };
  await refused(SECRET.padEnd(SECRET_BYTES + 1, "x"), /longer than 65536 bytes$/);
  await refused(`${SECRET}\0`, /a NUL in it/);
  await refused(new Uint8Array([...new TextEncoder().encode(SECRET), 0xff]), /is not UTF-8$/);
  for (
    const [missing, why] of [[`${folder}/none`, /no such file/], [folder, /it is not a file/], [
      `${file}/x`,
      /no such file/,
    ]] as const
  ) {
    const error = assertThrows(() => spawn(reads({ file: missing })), SecretFileError, missing);
    assertMatch(error.message, why);
  }
});

Deno.test("secret is refused without waiting when its file is a pipe", async () => {
  const pipe = `${folder}/pipe`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  assertThrows(() => spawn(reads({ file: pipe })), SecretFileError, "it is not a file");
});

Deno.test({
  name: "secret requires permission to read its file before anything starts",
  permissions: { run: ["sh"], env: ["PATH"] },
  fn() {
    const error = assertThrows(() => spawn(reads({ file })), PermissionMissingError);
    assertEquals(error.missingFlag, `--allow-read=${file}`);
    assertEquals(requiredForCommand({ ...reads({ file: "key" }), cwd: "/a" }).at(-1), {
      name: "read",
      value: "/a/key",
    });
  },
});

Deno.test({
  name: "secret names its file and variable when the system fails to read it",
  ignore: Deno.build.os !== "linux",
  fn() {
    const error = assertThrows(() => spawn(reads({ file: "/proc/self/mem" })), SecretFileError);
    assertEquals([error.variable, error.file], ["KEY", "/proc/self/mem"]);
    assert(error.cause instanceof Error);
  },
});
