/**
 * The table of the servers in docs/lsp-and-mcp.md, between `<!-- servers -->` and `<!-- end -->`.
 *
 * @module
 */
import type { TrialServer } from "./server.ts";
import type { TrialRow } from "./trial.ts";

const HEAD = ["server", "started", "call", "answer", "after SIGKILL", "stop"];

/** The table of some rows, and below it what is to be known of the servers. */
export function serversTable(rows: readonly TrialRow[], servers: readonly TrialServer[]): string {
  const lines = [HEAD, HEAD.map(() => "---"), ...rows.map(cellsOf)].map((cells) =>
    `| ${cells.join(" | ")} |`
  );
  const remarks = servers.filter(({ remark }) => remark !== undefined)
    .map(({ name, remark }) => `- **${name}** ${remark}.`);
  return [lines.join("\n"), remarks.join("\n")].filter((part) => part !== "").join("\n\n");
}

/** The page with this in place of what stands between the marks. */
export function withServersTable(page: string, table: string): string {
  const marks = /<!-- servers -->\n[\s\S]*?<!-- end -->/;
  if (!marks.test(page)) {
    throw new Error("Cannot write the table: the page has no <!-- servers --> … <!-- end -->");
  }
  return page.replace(marks, () => `<!-- servers -->\n\n${table}\n\n<!-- end -->`);
}

function cellsOf({ name, version, startedMs, call, answer, isAnsweredAgain, stop }: TrialRow): string[] {
  const cells = [
    `${name} ${version}`,
    `${Math.round(startedMs)} ms`,
    `\`${call.replace("textDocument/", "")}\``,
    inCode(answer),
    isAnsweredAgain ? "answered again" : "**not answered**",
    stop,
  ];
  return cells.map((cell) => cell.replaceAll("|", "\\|"));
}

/** Code in Markdown, whatever is in it. */
function inCode(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}
