/** Where a runtime listens: privately, once, and at nothing that is somebody else's. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { control } from "../../src/control/client.ts";
import { ControlError } from "../../src/control/control_errors.ts";
import { ControlSocket, MAX_SOCKET_PATH, socketPermissions } from "../../src/control/socket.ts";
import { failureOf } from "../support/probes.ts";
import { Folder } from "./probe.ts";

const mode = (path: string) => (Deno.lstatSync(path).mode! & 0o777).toString(8);
const names = (folder: Folder) => [...Deno.readDirSync(folder.path)].map(({ name }) => name);

/** Leaves a socket at which nobody listens, as a runtime does that was killed. */
function leaveStale(path: string): void {
  const listener = Deno.listen({ transport: "unix", path: `${path}.bound` });
  Deno.renameSync(`${path}.bound`, path);
  listener.close();
}

async function refused(path: string): Promise<[code: string, message: string]> {
  const error = await failureOf(ControlSocket.bind(path));
  assert(error instanceof ControlError, String(error));
  return [error.code, error.message];
}

Deno.test("a control socket admits only its user, and is removed when it is closed", async () => {
  using folder = new Folder();
  const socket = await ControlSocket.bind(`${folder.path}/s`);
  assertEquals([socket.path, mode(socket.path)], [`${folder.path}/s`, "600"]);
  assert(Deno.lstatSync(socket.path).isSocket);
  socket.close();
  socket.close();
  assertEquals(names(folder), []);
});

Deno.test("a control socket replaces the leftover of a dead runtime", async () => {
  using folder = new Folder();
  leaveStale(`${folder.path}/s`);
  assertEquals(names(folder), ["s"]);
  const socket = await ControlSocket.bind(`${folder.path}/s`);
  const [connection, accepted] = await Promise.all([
    Deno.connect({ transport: "unix", path: socket.path }),
    socket.accept(),
  ]);
  assertEquals(mode(socket.path), "600");
  connection.close();
  accepted.close();
  socket.close();
  assertEquals(names(folder), []);
});

Deno.test("where another runtime listens, it stays", async () => {
  using folder = new Folder();
  const first = await ControlSocket.bind(`${folder.path}/s`);
  const before = Deno.lstatSync(first.path).ino;
  const [code, message] = await refused(first.path);
  assertEquals(code, "in_use");
  assertStringIncludes(message, "another runtime does");
  assertEquals(Deno.lstatSync(first.path).ino, before);
  (await first.accept()).close(); // the question whether anybody is there
  first.close();
});

Deno.test("a control socket leaves a file that is not a socket untouched, also behind a link", async () => {
  using folder = new Folder();
  Deno.writeTextFileSync(`${folder.path}/s`, "precious");
  Deno.symlinkSync(`${folder.path}/nowhere`, `${folder.path}/link`);
  for (const name of ["s", "link"]) {
    assertEquals((await refused(`${folder.path}/${name}`))[0], "not_a_socket");
  }
  assertEquals(Deno.readTextFileSync(`${folder.path}/s`), "precious");
  assertEquals(names(folder).sort(), ["link", "s"]);
});

Deno.test("a folder in which anybody may replace it is refused, and one with a sticky bit is not", async () => {
  using folder = new Folder();
  Deno.chmodSync(folder.path, 0o777);
  assertEquals((await refused(`${folder.path}/s`))[0], "not_private");
  assertEquals(names(folder), []);
  Deno.chmodSync(folder.path, 0o1777);
  (await ControlSocket.bind(`${folder.path}/s`)).close();
});

Deno.test("a folder above it in which others may write is refused, for a group as well", async () => {
  using folder = new Folder();
  Deno.mkdirSync(`${folder.path}/shared/own`, { recursive: true, mode: 0o700 });
  for (const mode of [0o777, 0o775]) {
    Deno.chmodSync(`${folder.path}/shared`, mode);
    const [code, message] = await refused(`${folder.path}/shared/own/s`);
    assertEquals(code, "not_private");
    assertStringIncludes(message, `others may write to ${folder.path}/shared (mode 0${mode.toString(8)})`);
  }
  assertEquals([...Deno.readDirSync(`${folder.path}/shared/own`)], []);
});

Deno.test({
  name: "a folder of another user, and a link of theirs to one's own, are refused, by the client as well",
  ignore: Deno.uid() !== 0,
  async fn() {
    using folder = new Folder();
    Deno.mkdirSync(`${folder.path}/theirs/ours`, { recursive: true, mode: 0o755 });
    Deno.mkdirSync(`${folder.path}/ours`, { mode: 0o700 });
    Deno.symlinkSync(`${folder.path}/ours`, `${folder.path}/link`);
    await new Deno.Command("chown", { args: ["-h", "1001", `${folder.path}/theirs`, `${folder.path}/link`] })
      .output();
    for (const place of ["theirs/ours", "theirs", "link"]) {
      const [code, message] = await refused(`${folder.path}/${place}/s`);
      assertEquals(code, "not_private", message);
      assertStringIncludes(message, `${folder.path}/${place.split("/")[0]} belongs to user 1001`);
    }
    const socket = await ControlSocket.bind(`${folder.path}/ours/s`);
    const error = await failureOf(control(`${folder.path}/link/s`, { method: "status" }));
    assert(error instanceof ControlError);
    assertEquals(error.code, "not_private");
    Deno.chownSync(socket.path, 1_001, 1_001);
    const other = await failureOf(control(socket.path, { method: "status" }));
    assert(other instanceof ControlError);
    assertStringIncludes(other.message, `${socket.path} belongs to user 1001`);
    socket.close();
  },
});

Deno.test("a client does not connect to a socket that others could exchange or write to", async () => {
  using folder = new Folder();
  const socket = await ControlSocket.bind(`${folder.path}/s`);
  for (const [path, mode] of [[socket.path, 0o666], [folder.path, 0o777]] as const) {
    Deno.chmodSync(path, mode);
    const error = await failureOf(control(socket.path, { method: "status" }));
    assert(error instanceof ControlError);
    assertEquals([error.code, error.message.includes(`others may write to ${path}`)], ["not_private", true]);
    Deno.chmodSync(path, 0o700);
  }
  socket.close();
});

Deno.test("a path that can't be one is refused with its bounds", async () => {
  using folder = new Folder();
  const longest = `${folder.path}/`.padEnd(MAX_SOCKET_PATH, "x");
  (await ControlSocket.bind(longest)).close();
  const [code, message] = await refused(`${longest}x`);
  assertEquals(code, "bad_path");
  assertStringIncludes(message, `${MAX_SOCKET_PATH + 1} bytes`);
  assertEquals((await refused(`${folder.path}/none/s`))[0], "bad_path");
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  assertEquals((await refused(`${folder.path}/file/s`))[0], "bad_path");
});

Deno.test("a control socket needs read of its folder and write of itself; a client, only the socket", () => {
  const flags = (how: "listen" | "connect") =>
    socketPermissions("/run/app/s", how).filter(({ name }) => name !== "net").map(({ name, value }) =>
      `${name}=${value}`
    );
  assertEquals(flags("listen"), ["read=/run/app", "write=/run/app/s"]);
  assertEquals(flags("connect"), ["read=/run/app/s", "write=/run/app/s"]);
  const nets = socketPermissions("/run/app/s", "listen").filter(({ name }) => name === "net");
  const [major, minor] = Deno.version.deno.split(".").map(Number) as [number, number];
  assertEquals(
    nets.map(({ value }) => value),
    major > 2 || minor >= 9 ? ["unix:/run/app/s"] : [],
  );
});

/** A folder that several users have their files in, as `/tmp`. */
function sharedIn(folder: Folder): string {
  Deno.mkdirSync(`${folder.path}/shared`);
  Deno.chmodSync(`${folder.path}/shared`, 0o1777);
  return `${folder.path}/shared`;
}

Deno.test("a socket is in a folder of its own when others have their files around it, or its path ends with a slash", async () => {
  using folder = new Folder();
  const shared = sharedIn(folder);
  for (
    const [path, file] of [[`${shared}/s`, `${shared}/s`], [
      `${folder.path}/own/`,
      `${folder.path}/own`,
    ]] as const
  ) {
    const needs = socketPermissions(path, "listen").filter(({ name }) => name !== "net");
    assertEquals(needs.map(({ name, value }) => `${name}=${value}`), [`read=${file}`, `write=${file}`]);
    const socket = await ControlSocket.bind(path);
    assertEquals([socket.path, mode(file), mode(socket.path)], [`${file}/control`, "700", "600"]);
    const asked = control(path, { method: "status" });
    const connection = await socket.accept();
    connection.close();
    const error = await failureOf(asked);
    assert(error instanceof ControlError);
    assertEquals(error.code, "no_answer");
    assertEquals((await refused(path))[0], "in_use");
    socket.close();
  }
  assertEquals([...Deno.readDirSync(shared)], []);
  assertEquals(names(folder), ["shared"]);
});

Deno.test("a folder of its own that a killed runtime has left is taken, and a socket in its place replaced", async () => {
  using folder = new Folder();
  const path = `${sharedIn(folder)}/s`;
  Deno.mkdirSync(path, { mode: 0o700 });
  leaveStale(`${path}/control`);
  (await ControlSocket.bind(path)).close();
  leaveStale(path);
  (await ControlSocket.bind(path)).close();
  assertEquals(Deno.lstatSync(`${folder.path}/shared`).isDirectory, true);
  assertEquals([...Deno.readDirSync(`${folder.path}/shared`)], []);
});

Deno.test("a control socket refuses a foreign entry in the place of its own folder, and leaves it untouched", async () => {
  using folder = new Folder();
  const shared = sharedIn(folder);
  Deno.writeTextFileSync(`${shared}/file`, "precious");
  Deno.mkdirSync(`${shared}/wide`, { mode: 0o755 });
  Deno.mkdirSync(`${shared}/ours`, { mode: 0o700 });
  Deno.symlinkSync(`${shared}/ours`, `${shared}/link`);
  const listener = Deno.listen({ transport: "unix", path: `${shared}/live` });
  const codes = [];
  for (const name of ["file", "wide", "link", "live"]) codes.push((await refused(`${shared}/${name}`))[0]);
  assertEquals(codes, ["not_a_socket", "not_private", "not_a_socket", "in_use"]);
  assertEquals(Deno.readTextFileSync(`${shared}/file`), "precious");
  assertEquals([...Deno.readDirSync(`${shared}/ours`)], []);
  listener.close();
  assertEquals((await refused(`${folder.path}/none/s/`))[0], "bad_path");
});

Deno.test({
  name: "a folder of another user is not taken for one of its own",
  ignore: Deno.uid() !== 0,
  async fn() {
    using folder = new Folder();
    const path = `${sharedIn(folder)}/s`;
    Deno.mkdirSync(path, { mode: 0o700 });
    Deno.chownSync(path, 1_001, 1_001);
    const [code, message] = await refused(path);
    assertEquals(code, "not_private");
    assertStringIncludes(message, "belongs to user 1001");
  },
});

Deno.test("a socket is bound in its folder also while another runtime removes that as it goes", async () => {
  using folder = new Folder();
  const own = `${folder.path}/own/`;
  // As a runtime does that closes: it takes the folder away while nothing is in it.
  const script = `while :; do rmdir "$1" 2>/dev/null; done`;
  const remover = new Deno.Command("sh", { args: ["-c", script, "sh", own], stdout: "null", stderr: "null" })
    .spawn();
  try {
    for (let count = 0; count < 100; count++) (await ControlSocket.bind(own)).close();
  } finally {
    remover.kill("SIGKILL");
    await remover.status;
  }
});
