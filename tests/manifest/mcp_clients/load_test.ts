/** How the file of an MCP client is loaded, with the variables of this process. */
import { assertRejects } from "@std/assert";
import { loadMcpClient } from "../../../src/manifest/mcp_clients/load.ts";
import { ManifestError } from "../../../src/manifest/manifest_errors.ts";
import { server } from "./client.ts";

Deno.test("loadMcpClient says that a variable is not set when no variable can have its name", async () => {
  for (const name of ["A=B", "A\0B"]) {
    const text = JSON.stringify(server({ env: { TOKEN: `\${env:${name}}` } }));
    await assertRejects(
      () => loadMcpClient("/work/shop/.mcp.json", { text }),
      ManifestError,
      "is not set",
    );
  }
});
