/** A program of one actor, for `boot.ts`; with an argument it prints its resident memory. */
import { actor, start, supervisor } from "@outrider/outrider";

const greeter = actor("greeter", () => ({ receive: (name: string) => `Hello ${name}` }));
await using system = await start(supervisor("root", [greeter]));
const reply = await system.ref("greeter").ask("world");
if (reply !== "Hello world") throw new Error(`Cannot go on: the reply is ${reply}`);
if (Deno.args.length > 0) console.log(Deno.memoryUsage().rss);
