/**
 * The documents that `call --open` opens at a language server: what tells it of them, before the call and after it.
 */

import { pathToFileURL } from "node:url";
import { asError } from "../../../actor/exit.ts";
import { resolve } from "../../../permissions/path.ts";
import { requireGranted } from "../../permission_errors.ts";
import { printErrorsEscaped, UsageError } from "../../verb.ts";
import type { NotificationsAround } from "../conversation.ts";
import { isKnownLanguage, languageIdOf } from "./language_ids.ts";

/** Documents to open. */
export interface OpenedDocuments extends NotificationsAround {
  /** The URI of the first. */
  readonly uri: string;
}

/**
 * Reads `files`, relative to the working directory; `language` is the `languageId` of all.
 *
 * @throws {UsageError | PermissionsMissingError}
 */
export async function readDocuments(
  files: readonly string[],
  language: string | undefined,
): Promise<OpenedDocuments> {
  const paths = files.map((file) => resolve(file));
  requireGranted(`Cannot open ${files.join(", ")}`, paths.map((value) => ({ name: "read", value })));
  const before = [];
  const after = [];
  for (const [at, path] of paths.entries()) {
    const uri = pathToFileURL(path).href;
    const languageId = language ?? languageIdOf(path);
    if (languageId === undefined) {
      throw new UsageError(
        `Cannot open ${files[at]}: its name does not tell its language; add --language ID`,
      );
    }
    const text = await readText(path, files[at]!);
    if (language === undefined && !isKnownLanguage(languageId)) {
      await printErrorsEscaped(
        `Opening ${
          files[at]
        } as the language '${languageId}', which is its extension; --language ID says another`,
      );
    }
    before.push({
      method: "textDocument/didOpen",
      params: { textDocument: { uri, languageId, version: 1, text } },
    });
    after.unshift({ method: "textDocument/didClose", params: { textDocument: { uri } } });
  }
  return { before, after, uri: pathToFileURL(paths[0]!).href };
}

async function readText(path: string, written: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (thrown) {
    const why = thrown instanceof Deno.errors.NotFound
      ? "no such file"
      : thrown instanceof TypeError
      ? "it is not UTF-8"
      : asError(thrown).message;
    throw new UsageError(`Cannot open ${written}: ${why}`);
  }
}

/** `params` about the document `uri`, where they name none. @throws {UsageError} */
export function paramsAbout(params: unknown, uri: string): unknown {
  if (Array.isArray(params)) {
    throw new UsageError("Cannot use PARAMS: with --open it is a JSON object, to name the document in");
  }
  return { textDocument: { uri }, ...params as object | undefined };
}
