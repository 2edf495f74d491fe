/**
 * What `deno task demo` runs: starts the sidecars of `outrider.json`, talks to
 * them, sees one crash and come back, and stops everything in reverse order.
 */
import { actor, type Behavior, type Context, launch } from "@outrider/outrider";
import { buildTree, load } from "@outrider/outrider/manifest";
import { factories } from "@outrider/outrider/actors/factories";

const { manifest } = await load(`${import.meta.dirname}/outrider.json`);
const finished = Promise.withResolvers<void>();

/** An actor that is no sidecar: it talks to those that are. */
class Visitor implements Behavior<"go"> {
  started(context: Context<"go">): void {
    context.self.tell("go");
  }

  async receive(_go: "go", context: Context<"go">): Promise<void> {
    const say = (line: string) => context.emit({ type: "output", stream: "stdout", line });
    const upper = context.ref<string, string>("upper");
    const worker = context.ref<{ square: number; superstitious?: boolean }, { result: number }>("workers/w1");

    say(`upper makes of "hello sidecar": ${await upper.ask("hello sidecar")}`);
    say(`w1 says the square of 12 is ${(await worker.ask({ square: 12 })).result}`);
    const unlucky = await worker.ask({ square: 13, superstitious: true }).catch((error) => error);
    say(`w1 could not answer: ${unlucky.code}, generation ${unlucky.generation}`);
    // Asked while it is down: the question waits in the mailbox for the next incarnation.
    const { result } = await worker.ask({ square: 13 });
    say(`w1, generation ${worker.generation}, says the square of 13 is ${result}`);
    finished.resolve();
  }
}

const visitor = actor("visitor", () => new Visitor());
await using _app = await launch(buildTree(manifest, factories, [visitor]), { report: { to: "stdout" } });
await finished.promise;
