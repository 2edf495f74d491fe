/** An empty program, for `boot.ts`; with an argument it prints its resident memory. */
if (Deno.args.length > 0) console.log(Deno.memoryUsage().rss);
