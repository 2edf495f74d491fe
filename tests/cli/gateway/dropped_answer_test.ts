import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkout } from "../outrider.ts";
import { GatewayProcess, ManifestFolder, rawServer } from "./gateway_process.ts";

Deno.test({
  name:
    "outrider mcp fails a call and makes the next one when its answer was dropped and its server gets one at a time",
  ignore: Deno.build.os === "windows",
  async fn() {
    const args = ["run", "--quiet", "--no-config", "--no-lock", `${checkout}tests/gateway/pouring_server.ts`];
    await using folder = new ManifestFolder([rawServer("one", { args, maxFrame: "10KB" })]);
    await using gateway = new GatewayProcess([folder.file, "--concurrency", "1"]);
    await gateway.initialize();
    const [large, next] = await Promise.all([
      gateway.call("one__large", { bytes: 100_000 }),
      gateway.call("one__echo"),
    ]);
    const { code, message } = large as { code: number; message: string };
    assertEquals(code, -32603);
    assertStringIncludes(message, "more than the 10,000 of its maxFrame, which can be set higher");
    assertEquals(next, "done");
  },
});
