import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { tokenFor } from "../../../src/cli/gateway/http_token.ts";
import { UsageError } from "../../../src/cli/verb.ts";

const ignore = Deno.build.os === "windows";
const address = { hostname: "127.0.0.1", port: 0 };
const token = "0123456789abcdef0123456789abcdef";

Deno.test({
  name:
    "a token file is made for its user alone when it is missing, and is taken when nobody else may read it",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const tokenFile = `${folder}/token`;
      const made = await tokenFor({ address, tokenFile });
      assert(!made.isNew && made.token.length >= 32);
      assertEquals((await Deno.stat(tokenFile)).mode! & 0o777, 0o600);
      await Deno.symlink(tokenFile, `${folder}/link`);
      assertEquals(await tokenFor({ address, tokenFile: `${folder}/link` }), made);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "a token file is refused with the way out when others may read or exchange it, or it does not have a token",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    const refused = async (tokenFile: string, how: RegExp) => {
      const error = await assertRejects(() => tokenFor({ address, tokenFile }), UsageError);
      assertMatch(error.message, how);
    };
    const write = async (name: string, text: string, mode: number) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      await Deno.chmod(`${folder}/${name}`, mode);
      return `${folder}/${name}`;
    };
    try {
      for (const mode of [0o644, 0o640, 0o604]) {
        const file = await write(mode.toString(8), token, mode);
        await refused(
          file,
          /others may read it \(mode 06[04][04]\); chmod 600 \S+, or remove it, and it is made anew$/,
        );
      }
      await refused(
        await write("all", token, 0o666),
        /another user could exchange it, as others may write to .*0666/,
      );
      await refused(await write("huge", "x".repeat(4_097), 0o600), /more than 4096 bytes/);
      await refused(await write("short", "weak\n", 0o600), /fewer than 16 characters/);
      await refused(await write("lines", `${token}\n${token}`, 0o600), /can't be sent in a header/);
      await refused(folder, /it is not a file/);
      const { success } = await new Deno.Command("mkfifo", { args: ["-m", "600", `${folder}/pipe`] })
        .output();
      assert(success);
      await refused(`${folder}/pipe`, /it is not a file/);
      await Deno.mkdir(`${folder}/shared`);
      await Deno.chmod(`${folder}/shared`, 0o777);
      await refused(await write("shared/token", token, 0o600), /others may write to .*shared \(mode 0777\)/);
      await refused(`${folder}/shared/new`, /others may write to .*shared \(mode 0777\)/);
      if (Deno.uid() === 0) {
        const file = await write("foreign", token, 0o600);
        await Deno.chown(file, 65_534, 65_534);
        await refused(file, /belongs to user 65534/);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
