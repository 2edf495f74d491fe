import { assert, assertEquals, assertMatch } from "@std/assert";
import { nameMatcher, prefixOf, serverNameFault, shownName } from "../../src/gateway/lists/names.ts";
import type { MessageParams } from "../../src/gateway/messages.ts";
import { gatewayOf } from "./peers.ts";

Deno.test("a shown name is the prefix and the own name when clients take that, else changed and hashed", () => {
  const prefix = prefixOf("files");
  assertEquals(shownName(prefix, "read_file-2"), "files__read_file-2");
  const dotted = shownName(prefix, "a.b");
  assertMatch(dotted, /^files__a_b_[0-9a-f]{8}$/);
  assert(dotted !== shownName(prefix, "a/b"));
  const long = shownName(prefix, "x".repeat(100));
  assertMatch(long, /^files__x+_[0-9a-f]{8}$/);
  assertEquals(long.length, 64);
  assertEquals(long, shownName(prefix, "x".repeat(100)));
});

Deno.test("names of servers are refused when they are too long, equal, or one begins the other's", () => {
  assertEquals(serverNameFault(["a", "b", "a_b"]), undefined);
  assertMatch(serverNameFault(["a".repeat(41)])!, /longer than 40/);
  assertMatch(serverNameFault(["a", "a"])!, /two servers/);
  assertMatch(serverNameFault(["a__b", "a"])!, /begins the names/);
});

Deno.test("a pattern of names fits whole names when it has stars and question marks", () => {
  const fits = nameMatcher(["files__*", "web__?et", "x.y"]);
  assertEquals(
    ["files__read", "files__", "afiles__read", "web__get", "web__fleet", "x.y", "xzy"].map(fits),
    [true, true, false, true, false, true, false],
  );
});

Deno.test("gateway calls a tool under its own name when its shown name is a changed one", async () => {
  const names = ["a.b", "a/b", "x".repeat(80), "plain_0123abcd"];
  const { connect } = gatewayOf({
    files: { tools: names.map((name) => ({ name })), prompts: [{ name: "p.q" }] },
  });
  const client = await connect();
  await client.initialize();
  const shown = await client.names("tools/list") as string[];
  for (const name of [...shown, ...await client.names("prompts/list") as string[]]) {
    assertMatch(name, /^[A-Za-z0-9_-]{1,64}$/);
  }
  const called = await Promise.all(shown.map(async (name) => {
    const { content } = await client.result("tools/call", { name }) as MessageParams;
    return (content as { text: string }[])[0]!.text.split(" ")[0];
  }));
  assertEquals(called, names);
});
