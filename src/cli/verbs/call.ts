/**
 * `outrider call FILE CHILD METHOD [PARAMS]`
 */

import { answer, QUESTION_OPTIONS } from "../talk/answer.ts";
import { replyLimits } from "../talk/reply_limits.ts";
import { CHILD, commandName, FILE, readArgs, UsageError, type Verb } from "../verb.ts";
import { argument } from "../talk/stdin.ts";
import { findPartner } from "../talk/partner.ts";
import { talk } from "../talk/talk.ts";
import { jsonRpcDialectOf, messageKindOf, parseJsonArgument, protocolNameOf } from "../talk/wire.ts";
import type { ProtocolEntry } from "../../options/types.ts";
import type { OptionValues } from "../arguments.ts";

const CALL_OPTIONS = { ...QUESTION_OPTIONS, language: { type: "string" }, open: { type: "list" } } as const;

/** Calls one method of one child. */
export const callVerb: Verb = async (args) => {
  const needed = [FILE, CHILD, "METHOD is missing, the one to call"] as const;
  const { values, positionals } = readArgs(args, CALL_OPTIONS, needed);
  const [file, child, method, params, ...more] = positionals;
  if (more.length > 0) {
    throw new UsageError(`Cannot use '${more[0]}': PARAMS is one JSON value; put it in quotes`);
  }
  const limits = replyLimits(values);
  const target = await findPartner(file, child, { own: values.own === true, timeout: limits.timeout });
  const { protocol, path } = target;
  if (protocol === undefined || messageKindOf(protocol) !== "calls") {
    const is = protocol === undefined
      ? "it has no protocol"
      : `its protocol is '${protocolNameOf(protocol)}'`;
    throw new UsageError(
      `Cannot call '${path}': ${is}, not 'jsonrpc', 'mcp' or 'lsp'; see ${commandName()} ask --help`,
    );
  }
  const around = await documentsOf(values, { protocol, path });
  const written = params === undefined ? undefined : await paramsOf(params);
  const message = { method, params: around === undefined ? written : around.about(written) };
  const question = { message, protocol, limits, around } as const;
  return await talk(target, { verbose: values.verbose === true }, (talking) => answer(talking, question));
};

/** The documents to open; `undefined` for none. @throws {UsageError | PermissionsMissingError} */
async function documentsOf(
  { open, language }: OptionValues<typeof CALL_OPTIONS>,
  { protocol, path }: { readonly protocol: ProtocolEntry; readonly path: string },
) {
  if (open.length === 0) {
    if (language === undefined) return undefined;
    throw new UsageError("Cannot use --language: it is that of the FILE of --open");
  }
  if (jsonRpcDialectOf(protocol) !== "lsp") {
    throw new UsageError(
      `Cannot open ${
        open[0]
      }: '${path}' is not a language server, whose protocol is 'lsp', or 'jsonrpc' with that dialect`,
    );
  }
  const { paramsAbout, readDocuments } = await import("../talk/calls/documents.ts");
  const { uri, ...around } = await readDocuments(open, language);
  return { ...around, about: (params: unknown) => paramsAbout(params, uri) };
}

async function paramsOf(written: string): Promise<unknown> {
  const params = parseJsonArgument("PARAMS", new TextDecoder().decode(await argument(written)));
  if (typeof params === "object" && params !== null) return params;
  throw new UsageError("Cannot use PARAMS: it is a JSON object or array");
}
