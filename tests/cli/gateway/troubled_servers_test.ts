/** Servers that start late, hang, or are not there, behind the gateway. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkout } from "../outrider.ts";
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

/** Fulfilled when the gateway lists the tool of that name. */
async function listing(gateway: GatewayProcess, name: string): Promise<void> {
  for (;;) {
    const { result } = await gateway.ask("tools/list");
    if ((result as { tools: { name: string }[] }).tools.some((tool) => tool.name === name)) return;
    await gateway.hear("notifications/tools/list_changed");
  }
}
