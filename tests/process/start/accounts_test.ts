import { assertEquals } from "@std/assert";
import { accountLine } from "../../../src/process/start/accounts.ts";

Deno.test("accountLine passes over a line when it has no number where the account's is", () => {
  const users =
    "web:x:::Web:/srv:/bin/sh\nweb:x:33\nweb:x:a:33::/:\n#web:x:1:1\nweb:x:33:34:Web:/srv:/bin/sh\n";
  assertEquals(accountLine(users, "web", "user")?.slice(2, 4), ["33", "34"]);
  assertEquals(accountLine("web:x::34:Web:/srv:/bin/sh\n", "web", "user"), undefined);
  assertEquals(accountLine("web:x::\nweb\n", "web", "group"), undefined);
  assertEquals(accountLine("web:x:34:\n", "web", "group")?.[2], "34");
});
