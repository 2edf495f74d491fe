/** What Deno says that this process may do: the same under each version of it. */
import { assertEquals } from "@std/assert";

const held = new URL("../../src/permissions/permit.ts", import.meta.url).href;
const asked: [name: string, value?: string][] = [
  ["run"],
  ["run", "cat"],
  ["run", "sh"],
  ["env", "HOME"],
  ["env", "PATH"],
  ["read", "/srv/a/b"],
  ["read", "/srv"],
  ["net", "[::1]"],
  ["net", "127.0.0.1:80"],
  ["net", "not a host"],
  ["sys", "uid"],
  ["sys", "nothing that Deno knows"],
  ["ffi"],
  ["import"],
  ["import", "example.com:443"],
];

/** What a Deno with these flags answers. */
async function answers(...flags: string[]): Promise<string[]> {
  const script = `import { isGranted } from ${JSON.stringify(held)};
    const asked = ${JSON.stringify(asked)};
    console.log(JSON.stringify(asked.map(([name, value]) => isGranted({ name, value }))));`;
  const url = `data:application/javascript,${encodeURIComponent(script)}`;
  const args = ["run", "--no-config", "--no-check", "--no-prompt", "--quiet", ...flags, url];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const text = new TextDecoder();
  const found = JSON.parse(text.decode(stdout) || JSON.stringify(text.decode(stderr))) as boolean[];
  return asked.filter((_, index) => found[index]).map((one) => one.join(" "));
}

Deno.test("isGranted returns false when there is no flag, or the permission is unknown", async () => {
  // A module of the checkout is read by import, which takes no permission; from a data URL it takes one.
  assertEquals(await answers(`--allow-read=${new URL(held).pathname}`), []);
});

Deno.test("isGranted returns true when the value, a folder above it or the whole permission is granted", async () => {
  const read = new URL(held).pathname;
  assertEquals(
    await answers(
      `--allow-read=${read},/srv/a`,
      "--allow-run=cat",
      "--allow-env=HOME",
      "--allow-net=127.0.0.1",
      "--allow-sys=uid",
    ),
    ["run cat", "env HOME", "read /srv/a/b", "net 127.0.0.1:80", "sys uid"],
  );
  assertEquals(
    await answers(`--allow-read=${read}`, "--allow-run", "--deny-run=sh", "--allow-ffi", "--allow-import"),
    ["run", "run cat", "ffi", "import", "import example.com:443"],
  );
});
