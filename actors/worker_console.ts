/**
 * `console` without stdout.
 *
 * @module
 */

/** From now on, whatever `console` prints goes to stderr. */
export function redirectConsole(): void {
  const { error, group } = console;
  for (const name of ["log", "info", "debug", "dir", "dirxml", "table"] as const) console[name] = error;
  // These do not go through `log`, or not in every version of Deno.
  const counts = new Map<string, number>();
  const times = new Map<string, number>();
  const since = (label: string) => `${label}: ${Math.round(performance.now() - (times.get(label) ?? NaN))}ms`;
  const indent = (...label: unknown[]) => {
    if (label.length > 0) error(...label);
    group(); // what follows is indented
  };
  Object.assign(console, {
    clear: () => {},
    group: indent,
    groupCollapsed: indent,
    count: (label = "default") => {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      error(`${label}: ${counts.get(label)}`);
    },
    countReset: (label = "default") => counts.delete(label),
    time: (label = "default") => times.set(label, performance.now()),
    timeLog: (label = "default", ...data: unknown[]) => error(since(label), ...data),
    timeEnd: (label = "default") => {
      error(since(label));
      times.delete(label);
    },
  });
}
