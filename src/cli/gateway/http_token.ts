/**
 * The token of `--http`, and where it listens: what a command line says of it.
 */

import { type ManifestPermission, ownPermission } from "../../manifest/grants/permissions.ts";
import { resolve } from "../../permissions/path.ts";
import { type HealthAddress, healthAddress } from "../../service/health.ts";
import { isLoopback } from "../../service/http_text.ts";
import { hostPort } from "../../text/words.ts";
import { UsageError } from "../verb.ts";

/** The shortest token that is taken from a file, in characters. */
const SHORTEST = 16;

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
 * run, and `isNew`.
 *
 * @throws {UsageError} what is in the file is too short, or it can't be read
 */
export async function tokenFor({ tokenFile }: HttpWishes): Promise<{ token: string; isNew: boolean }> {
  if (tokenFile === undefined) return { token: randomToken(), isNew: true };
  try {
    const token = randomToken();
    await Deno.writeTextFile(tokenFile, `${token}\n`, { createNew: true, mode: 0o600 });
    return { token, isNew: false };
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw unusable(tokenFile, error);
  }
  const token = (await Deno.readTextFile(tokenFile).catch((error) => {
    throw unusable(tokenFile, error);
  })).trim();
  if (token.length >= SHORTEST) return { token, isNew: false };
  throw new UsageError(
    `Cannot use --token-file ${tokenFile}: what is in it has fewer than ${SHORTEST} characters; remove it, and it is made anew`,
  );
}

function unusable(file: string, error: unknown): UsageError {
  return new UsageError(`Cannot use --token-file ${file}: ${(error as Error).message}`);
}

function randomToken(): string {
  return (crypto.randomUUID() + crypto.randomUUID()).replaceAll("-", "");
}
