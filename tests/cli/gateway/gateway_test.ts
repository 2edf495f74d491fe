import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { MessageParams } from "../../../src/gateway/messages.ts";
import { outrider } from "../outrider.ts";
import { GatewayProcess, ManifestFolder, rawServer } from "./gateway_process.ts";

const ignore = Deno.build.os === "windows";

Deno.test({
  name:
    "outrider mcp keeps its client's session when a server dies, is restarted, and is asked about by tools",
  ignore,
  async fn() {
    await using folder = new ManifestFolder([
      { id: "beside", command: "cat", protocol: "lines" },
      rawServer("one", { after: ["beside"] }),
      rawServer("two"),
    ]);
    await using gateway = new GatewayProcess([folder.file, "--control-tools", "--deny", "two__die"]);
    const { serverInfo } = await gateway.initialize();
    assertEquals((serverInfo as MessageParams).title, "app");
    const { result } = await gateway.ask("tools/list");
    const names = (result as { tools: { name: string }[] }).tools.map(({ name }) => name);
    const own = ["outrider__ps", "outrider__logs", "outrider__why", "outrider__restart"];
    assertEquals(names, [...own, "one__echo", "one__die", "one__pid", "two__echo", "two__pid"]);
    const before = await gateway.call("one__pid");
    gateway.told.length = 0;
    const cut = await gateway.call("one__die", { code: 9 });
    assertEquals(cut, {
      code: -32000,
      message: "Connection closed: the process of 'one' exited with code 9",
      data: { reason: "crash", generation: 1, exitCode: 9, stderr: [] },
    });
    const after = await gateway.call("one__pid");
    assertMatch(after as string, /^\d+$/);
    assert(before !== after);
    await gateway.hear("notifications/tools/list_changed");
    assertEquals(await gateway.call("two__echo", { a: "ü" }), '{"a":"ü"}');
    assertMatch(await gateway.call("outrider__ps") as string, /^one +running +2 /m);
    assertMatch(await gateway.call("outrider__why", { server: "one" }) as string, /crashed: exit code 9/);
    assertEquals(await gateway.call("outrider__restart", { server: "one" }), "'one' runs again: #3");
    assertStringIncludes(
      await gateway.call("outrider__logs", { server: "no" }) as string,
      "Cannot find 'no'",
    );
    assertEquals(await gateway.call("one__echo"), "{}");
    const { code, stderr } = await gateway.end();
    assertEquals(code, 0);
    assertMatch(stderr, /one#2 +requested +restart, asked by a tool of MCP/);
    assertMatch(stderr, /stopping .*its client has gone/);
  },
});

Deno.test({
  name:
    "outrider mcp shows a server no more and names it when it is in quarantine, and again when it is restarted",
  ignore,
  async fn() {
    await using folder = new ManifestFolder(
      [rawServer("good"), rawServer("bad", { backoff: { initial: 1, max: 1 } }, "poison")],
      { intensity: { restarts: 0, within: "10s" } },
    );
    await using gateway = new GatewayProcess([folder.file, "--control-tools", "--log-format", "json"]);
    await gateway.initialize();
    Deno.writeTextFileSync(`${folder.path}/poison`, "");
    gateway.told.length = 0;
    await gateway.call("bad__die");
    const { params } = await gateway.hear("notifications/message");
    assertMatch(
      params!.data as string,
      /^The server 'bad' is not available: it is held back after too many failures, /,
    );
    await gateway.hear("notifications/tools/list_changed");
    const { result } = await gateway.ask("tools/list");
    const { tools } = result as { tools: { name: string }[] };
    assertEquals(tools.filter(({ name }) => name.startsWith("bad__")), []);
    const error = await gateway.call("bad__echo") as {
      code: number;
      data: { reason: string; server: string };
    };
    assertEquals([error.code, error.data.reason, error.data.server], [-32000, "unavailable", "bad"]);
    Deno.removeSync(`${folder.path}/poison`);
    await gateway.call("outrider__restart", { server: "bad" });
    assertEquals(await gateway.call("bad__echo", { back: true }), '{"back":true}');
    gateway.kill("SIGTERM");
    assertEquals((await gateway.end()).code, 0);
  },
});

Deno.test({
  name:
    "outrider mcp refuses to start with a plain error when there is nothing to serve, or names would be mixed up",
  ignore,
  async fn() {
    const refusal = async (children: readonly object[], ...args: string[]) => {
      await using folder = new ManifestFolder(children);
      const { code, stdout, stderr } = await outrider(["mcp", folder.file, ...args]);
      assertEquals([code, stdout], [2, ""]);
      return stderr;
    };
    assertStringIncludes(
      await refusal([{ id: "cat", command: "cat" }]),
      `Cannot serve 'app': no child of it has "protocol": "mcp"`,
    );
    const server = (id: string) => ({ id, command: "cat", protocol: "mcp" });
    assertStringIncludes(
      await refusal([server("a"), server("a__b")]),
      "'a__' begins the names of the servers 'a' and 'a__b', so that their tools can't be told apart",
    );
    assertStringIncludes(await refusal([server("a.b"), server("a_b")]), "two servers have the name 'a_b'");
    assertStringIncludes(
      await refusal([server("outrider")], "--control-tools"),
      "two servers have the name 'outrider'",
    );
    assertStringIncludes(await refusal([server("a")], "--concurrency", "a=0"), "Cannot use --concurrency 0");
    assertStringIncludes(await refusal([server("a")], "--timeout", "soon"), "Cannot use --timeout soon");
    assertStringIncludes(
      await refusal([server("files")], "--timeout", "filez=2s"),
      "Cannot use --timeout: there is no server 'filez'; did you mean 'files'?",
    );
    assertStringIncludes(
      await refusal([server("a"), server("b")], "--concurrency", "nix=3"),
      "Cannot use --concurrency: there is no server 'nix'; the servers are a, b",
    );
  },
});
