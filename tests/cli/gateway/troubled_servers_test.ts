/** Servers that start late, hang, or are not there, behind the gateway. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkout, outrider } from "../outrider.ts";
import { GatewayProcess, ManifestFolder } from "./gateway_process.ts";

const echo = `${checkout}tests/gateway/echo.sh`;
const server = (id: string, script: string, ...args: string[]) => ({
  id,
  command: "sh",
  args: ["-c", script, echo, ...args],
  protocol: "mcp",
});

Deno.test({
  name: "outrider mcp shows a server that starts later than its calls may take, once it is there",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = new ManifestFolder([
      server("late", 'while [ ! -e go ]; do sleep 0.1; done; exec sh "$0"'),
      server("quick", 'exec sh "$0"'),
    ]);
    await using gateway = new GatewayProcess(
      [folder.file, "--timeout", "late=50ms", "--open-within", "500ms", "--control-tools"],
    );
    const { instructions } = await gateway.initialize();
    assertStringIncludes(instructions as string, "Still starting: late.");
    assertMatch(await gateway.call("outrider__ps") as string, /^Not shown: late: it has not answered /m);
    Deno.writeTextFileSync(`${folder.path}/go`, "");
    await listing(gateway, "late__echo");
    const { stderr } = await gateway.end();
    assertEquals(stderr.match(/not shown/g), null);
  },
});

Deno.test({
  name:
    "outrider mcp serves the others and names a server whose program is missing, or ends with it under --need-all",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = new ManifestFolder([
      { id: "gone", command: "./gone", protocol: "mcp" },
      server("quick", 'exec sh "$0"'),
    ]);
    await using gateway = new GatewayProcess([folder.file]);
    const { instructions } = await gateway.initialize();
    assertMatch(
      instructions as string,
      /^Not available: gone: it could not be started, and is held back until [^:]+:[^:]+:[^:]+: .*gone/m,
    );
    assertMatch(await gateway.call("quick__echo", { n: 5 }) as string, /^5 /);
    const { code, stderr } = await gateway.end();
    assertEquals(code, 0);
    const warnings = stderr.split("\n").filter((line) => /warning .*'gone'/.test(line));
    assertEquals(warnings.length, 1, stderr);
    assertMatch(warnings[0]!, /The server 'gone' is not available: .*there is no such file/);
    const strict = await outrider(["mcp", folder.file, "--need-all"]);
    assertEquals([strict.code, strict.stdout], [1, ""]);
    assertMatch(strict.stderr, /^Cannot start 'app': 1 fault/m);
  },
});

Deno.test({
  name:
    "outrider mcp warns of a server that hangs, and restarts it under --restart-hung when it answers no ping",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = new ManifestFolder([server("stuck", 'exec sh "$0"')]);
    await using gateway = new GatewayProcess(
      [folder.file, "--timeout", "1s", "--restart-hung", "stuck=500ms"],
    );
    await gateway.initialize();
    await listing(gateway, "stuck__echo");
    const hung = await gateway.call("stuck__echo", { hang: true }) as { readonly code: number };
    assertEquals(hung.code, -32001);
    gateway.told.length = 0;
    await gateway.hear("notifications/tools/list_changed");
    assertMatch(await gateway.call("stuck__echo", { n: 2 }) as string, /^2 /);
    const { code, stderr } = await gateway.end();
    assertEquals(code, 0);
    assertMatch(stderr, /warning .*'stuck' has not answered 'tools\/call' within 1000 ms/);
    assertMatch(stderr, /warning .*'stuck' hangs: it has not answered a ping within 500 ms; it is restarted/);
  },
});

/** Fulfilled when the gateway lists the tool of that name. */
async function listing(gateway: GatewayProcess, name: string): Promise<void> {
  for (;;) {
    const { result } = await gateway.ask("tools/list");
    if ((result as { tools: { name: string }[] }).tools.some((tool) => tool.name === name)) return;
    await gateway.hear("notifications/tools/list_changed");
  }
}
