/**
 * The token of `--http`, and where it listens: what a command line says of it.
 */

import { type ManifestPermission, ownPermission } from "../../manifest/grants/permissions.ts";
import { argumentFor } from "../../manifest/tauri/import_command.ts";
import { resolve } from "../../permissions/path.ts";
import { exchangeReason } from "../../permissions/trusted_path.ts";
import { type HealthAddress, healthAddress } from "../../service/health.ts";
import { isLoopback } from "../../service/http_text.ts";
import { hostPort } from "../../text/words.ts";
import { UsageError } from "../verb.ts";

/** The shortest token that is taken from a file, in characters, and the longest file, in bytes. */
const [SHORTEST, LONGEST] = [16, 4_096];
/** What stands in a header as it is. */
const SENDABLE = /^[\x21-\x7e]+$/;
/** The way out. */
const ANEW = "remove it, and it is made anew";

/** What a command line says. */
export interface HttpWishes {
  readonly address: HealthAddress;
  /** Absolute: where the token is, or is to be. */
  readonly tokenFile: string | undefined;
}

/** Reads it; `undefined` without `--http`. @throws {UsageError} @throws {ServiceError} */
export function httpWishes(
  { http, "token-file": file }: {
    readonly http?: string | undefined;
    readonly "token-file"?: string | undefined;
  },
): HttpWishes | undefined {
  if (http === undefined) {
    if (file === undefined) return undefined;
    throw new UsageError(
      "Cannot use --token-file without --http: on standard input and output there is no token",
    );
  }
  const address = healthAddress(/^\d+$/.test(http) ? `127.0.0.1:${http}` : http);
  if (!isLoopback(address.hostname)) {
    throw new UsageError(
      `Cannot use --http ${http}: it listens on this machine alone, such as at 127.0.0.1:${address.port}`,
    );
  }
  return { address, tokenFile: file === undefined ? undefined : resolve(file) };
}

/** What Outrider needs for it. */
export function httpPermissions({ address, tokenFile }: HttpWishes): ManifestPermission[] {
  const own = (name: "net" | "read" | "write", value: string) => ownPermission({ name, value }, "http");
  return [
    own("net", hostPort(address.hostname, address.port)),
    ...tokenFile === undefined ? [] : [own("read", tokenFile), own("write", tokenFile)],
  ];
}

/**
 * The token: that in the file, which is written, for this user alone, where there is none; without a file, one for this
 * run, and `isNew`. Whoever knows the token may call all tools: as `ssh` does with a key, a file is not taken that
 * another user could have read or exchanged.
 *
 * @throws {UsageError} others may read or change the file, or what is in it is not a token
 */
export async function tokenFor({ tokenFile }: HttpWishes): Promise<{ token: string; isNew: boolean }> {
  if (tokenFile === undefined) return { token: randomToken(), isNew: true };
  const why = exchangeReason(tokenFile);
  if (why !== undefined) {
    throw unusable(
      tokenFile,
      `another user could exchange it, as ${why}; chmod 600 it, in a folder of your own`,
    );
  }
  try {
    const token = randomToken();
    await Deno.writeTextFile(tokenFile, `${token}\n`, { createNew: true, mode: 0o600 });
    return { token, isNew: false };
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw unusable(tokenFile, (error as Error).message);
  }
  const token = (await readPrivate(tokenFile)).trim();
  if (token.length < SHORTEST) {
    throw unusable(tokenFile, `what is in it has fewer than ${SHORTEST} characters; ${ANEW}`);
  }
  if (!SENDABLE.test(token)) {
    throw unusable(tokenFile, `what is in it can't be sent in a header; ${ANEW}`);
  }
  return { token, isNew: false };
}

/** What is in a file that this user alone may read; of others nothing is read. */
async function readPrivate(file: string): Promise<string> {
  try {
    // A pipe would be waited for; the path is one that only this user can change.
    const { isFile, size, mode } = await Deno.stat(file);
    if (!isFile) throw unusable(file, "it is not a file");
    if (size > LONGEST) throw unusable(file, `it has more than ${LONGEST} bytes; ${ANEW}`);
    if (mode !== null && (mode & 0o077) !== 0) {
      const shown = `0${(mode & 0o7777).toString(8)}`;
      throw unusable(file, `others may read it (mode ${shown}); chmod 600 ${argumentFor(file)}, or ${ANEW}`);
    }
    return await Deno.readTextFile(file);
  } catch (error) {
    throw error instanceof UsageError ? error : unusable(file, (error as Error).message);
  }
}

function unusable(file: string, why: string): UsageError {
  return new UsageError(`Cannot use --token-file ${file}: ${why}`);
}

function randomToken(): string {
  return (crypto.randomUUID() + crypto.randomUUID()).replaceAll("-", "");
}
