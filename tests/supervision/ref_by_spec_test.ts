import { assertEquals, assertThrows } from "@std/assert";
import { actor, dynamicSupervisor, start, supervisor, UnknownActorError } from "@outrider/outrider";

const double = () => actor("double", () => ({ receive: (n: number) => 2 * n }));

Deno.test("an address by spec has the types of the spec", async () => {
  const spec = double();
  await using system = await start(supervisor("root", [supervisor("inner", [spec])]));
  const ref = system.ref(spec);
  const four: number = await ref.ask(2);
  assertEquals([ref.path, four], ["inner/double", 4]);
  // @ts-expect-error -- it takes numbers
  const wrong: Promise<number> = ref.ask("2");
  assertEquals(await wrong, 4);
});

Deno.test("a spec that stands nowhere, or twice, has no address", async () => {
  const [spec, other] = [double(), double()];
  const branch = (id: string) => supervisor(id, [spec]);
  await using system = await start(supervisor("root", [branch("a"), branch("b")]));
  assertThrows(() => system.ref(other), UnknownActorError, "the tree has a, a/double, b, b/double");
  assertThrows(() => system.ref(spec), UnknownActorError, "it stands at more than one place");
});

Deno.test("a child that was added has its address by spec", async () => {
  const spec = double();
  await using system = await start(supervisor("root", [dynamicSupervisor("guests")]));
  await system.startChild("guests", spec);
  assertEquals(await system.ref(spec).ask(1), 2);
});
