import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { outrider } from "../outrider.ts";
import { GatewayProcess, ManifestFolder, rawServer } from "./gateway_process.ts";

const ignore = Deno.build.os === "windows";

Deno.test({
  name: "outrider mcp serves the configuration of an MCP client as it is, and lists what it leaves out",
  ignore,
  async fn() {
    await using folder = new ManifestFolder([]);
    const { command, args } = rawServer("raw");
    const file = `${folder.path}/mcp.json`;
    const inputs = [{ id: "who", type: "promptString", description: "?" }];
    const servers = {
      "my server": {
        command,
        args: [...args, "${input:who}"],
        env: { DENO_DIR: "${env:DENO_DIR}" },
        disabledTools: ["die"],
      },
      far: { url: "https://example.com/mcp" },
    };
    Deno.mkdirSync(`${folder.path}/.vscode`);
    const placed = `${folder.path}/.vscode/mcp.json`;
    Deno.writeTextFileSync(placed, `// of VS Code\n${JSON.stringify({ inputs, servers })}`);
    const env = { DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno` };
    await using gateway = new GatewayProcess([placed, "--input", "who=nobody"], { env });
    await gateway.initialize();
    const { result } = await gateway.ask("tools/list");
    const names = (result as { tools: { name: string }[] }).tools.map(({ name }) => name);
    assertEquals(names, ["my-server__echo", "my-server__pid"]);
    assertEquals((await gateway.call("my-server__die") as { code: number }).code, -32602);
    assertEquals(await gateway.call("my-server__echo", { a: 1 }), '{"a":1}');
    assertMatch((await gateway.end()).stderr, /mcp\.json:2 {2}left out: far: a remote server/);
    const needed = await outrider(["permissions", placed, "--input", "who=nobody"], { env });
    assertMatch(needed.stdout, /--allow-env=\S*DENO_DIR/);
    Deno.writeTextFileSync(
      file,
      JSON.stringify({ mcpServers: { a: { command: "cat", args: ["${OUTRIDER_UNSET}"] } } }),
    );
    const unset = await outrider(["mcp", file]);
    assertEquals(unset.code, 2);
    assertStringIncludes(unset.stderr, "OUTRIDER_UNSET");
    const manifest = await outrider(["mcp", folder.file, "--input", "a=b"]);
    assertEquals(manifest.code, 2);
  },
});
