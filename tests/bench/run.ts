/** One run of one work, for `main.ts`: `run.ts WORK KIT` says its rows as JSON on stdout. */
import { works } from "./works.ts";

const [wanted, kit] = Deno.args;
const work = works.find(({ work }) => work === wanted);
if (work === undefined || kit === undefined) throw new Error(`Cannot run '${wanted}': there is no such work`);
console.log(JSON.stringify(await work.run(kit)));
