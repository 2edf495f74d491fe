/** A schema that throws, is async or answers with nonsense fails the one message that it was asked about. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { type Schema, SidecarSchemaError } from "@outrider/outrider";
import { revoked } from "../../actor/biting.ts";
import { failureOf } from "../../support/probes.ts";
import { boom, echo } from "../echo.ts";

const standard = (validate: (value: unknown) => unknown): Schema<unknown> => ({
  "~standard": { validate: validate as () => { value: unknown } },
});
/** Says yes to all but objects with a field `bad`. */
const hostile = (bad: (value: unknown) => unknown) =>
  standard((value) => (value as { bad?: unknown }).bad === undefined ? { value } : bad(value));

const schemas: Readonly<Record<string, (value: unknown) => unknown>> = {
  "throws": boom,
  "throws what can't be read": () => {
    throw revoked();
  },
  "is async": (value) => Promise.resolve({ value }),
  "is async and rejects": () => Promise.reject(new Error("boom")),
  "gives what has a 'then'": () => ({ then: boom }),
  "gives nothing": () => undefined,
  "gives no issues that can be read": () => ({ issues: [revoked()] }),
  "gives issues that are none": () => ({ issues: "bad" }),
  "gives no issue": () => ({ issues: [] }),
  "gives issues of anything": () => ({
    issues: [{ message: Symbol("m"), path: [{ key: Symbol("k") }, {}] }],
  }),
  "gives what can't be looked at": () => revoked(),
};

for (const [name, bad] of Object.entries(schemas)) {
  Deno.test(`one message fails and the sidecar stays when a schema ${name}`, async () => {
    for (const role of ["message", "reply"] as const) {
      await using tree = await echo({ schemas: { [role]: hostile(bad) } });
      const { ref } = tree;
      const before = ref.ask({ n: 1 });
      const failed = failureOf(ref.ask({ bad: 1 }));
      void ref.tell({ bad: 1 });
      const behind = ref.ask({ n: 2 });
      const error = await failed;
      assertInstanceOf(error, SidecarSchemaError);
      assertEquals([error.role, typeof error.message, typeof error.field], [role, "string", "string"]);
      assertEquals([(await before).n, (await behind).n, ref.generation], [1, 2, 1]);
    }
    await using tree = await echo({ schemas: { published: hostile(bad) } });
    const read = tree.ref.subscribe();
    void tree.ref.tell({ bad: 1 });
    void tree.ref.tell({ n: 1 });
    assertEquals((await read.next()).value, { n: 1 });
    assertEquals(tree.log.events.filter((e) => e.type === "malformed" && e.kind === "schema").length, 1);
  });
}
