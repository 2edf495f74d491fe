/** What a runtime that ends by an uncaught error takes along: Deno ends children that it has not detached. */
import { assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { Folder } from "../cli/outrider.ts";
import { hasSetsid } from "../process/start/setsid.ts";
import { Witness } from "./witness.ts";

const root = new URL("../../", import.meta.url);

/** A program that starts one sidecar, which starts another process and reads nothing, and then throws. */
const THROWS = `
  import { start, supervisor } from "${root}mod.ts";
  import { sidecar } from "${root}src/sidecar/sidecar.ts";
  const { args, env } = JSON.parse(Deno.args[0]);
  await start(supervisor("root", [sidecar("a", { command: "sh", args, env, ready: { stderr: "up" } })]));
  setTimeout(() => {
    throw new Error("nothing catches this");
  });`;

Deno.test({
  name: "an uncaught error ends the own process of a sidecar alone when that was started through setsid",
  ignore: !hasSetsid,
  async fn() {
    await using witness = new Witness();
    await using folder = new Folder();
    const { env } = witness.sidecar("a", "cat") as { env: Record<string, string> };
    const sidecar = JSON.stringify({ args: ["-c", "sleep 60 & echo up >&2; wait; exec sleep 60"], env });
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        `--config=${root.pathname}deno.json`,
        `--import-map=${root.pathname}tests/support/npm/import_map.json`,
        "--allow-run",
        "--allow-env",
        "--allow-read",
        folder.write("throws.ts", THROWS),
        sidecar,
      ],
      stderr: "null",
    }).output();
    assertEquals(code, 1);
    const commands = async () => (await witness.alive()).map(({ command }) => command);
    for (const late = Date.now() + 30_000; (await commands()).includes("sh") && Date.now() < late;) {
      await delay(20);
    }
    assertEquals(await commands(), ["sleep"]);
  },
});
