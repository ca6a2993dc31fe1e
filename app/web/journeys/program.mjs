// The program under test: built once, started with data of its own, stopped and
// its data removed when a journey ends.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.resolve(here, "../../..");
export const binary = path.join(here, "node_modules", ".logreeve");

/** build makes the program; Go does nothing when it is there already. */
export function build() {
  execFileSync("go", ["build", "-o", binary, "."], { cwd: root, env: { ...process.env, CGO_ENABLED: "0" }, stdio: ["ignore", "inherit", "inherit"] });
}

/** folder makes a folder that is removed when the process ends. */
export function folder(name) {
  const made = mkdtempSync(path.join(tmpdir(), `logreeve-${name}-`));
  process.on("exit", () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** run runs a command line to its end and gives its exit code and output. */
export function run(program, args, options = {}) {
  try {
    return { code: 0, stdout: execFileSync(program, args, { encoding: "utf8", stdio: ["pipe", "pipe", "pipe"], ...options }) };
  } catch (err) {
    if (typeof err.status !== "number") throw err;
    return { code: err.status, stdout: err.stdout, stderr: err.stderr };
  }
}

/** start starts the program and waits until its output says what `ready` looks for. */
function start(args, ready, env = {}) {
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  process.on("exit", () => child.kill("SIGKILL"));
  const program = { child, stdout: "", log: "" };
  program.stop = () => new Promise((resolve) => {
    if (child.exitCode !== null) return resolve(child.exitCode);
    child.once("exit", resolve);
    child.kill("SIGTERM");
  });
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not ready after 60 s:\n${program.stdout}${program.log}`)), 60_000);
    child.stderr.on("data", (text) => { program.log += text; });
    child.stdout.on("data", (text) => {
      program.stdout += text;
      const found = ready(program.stdout);
      if (!found) return;
      clearTimeout(late);
      resolve(Object.assign(program, found));
    });
    child.once("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`ended with ${code}:\n${program.stdout}${program.log}`));
    });
  });
}

/**
 * demo starts the demo in a new folder: {url, dir, accounts, account(role)}.
 * Two people review; account("reviewer", 1) is the second.
 */
export async function demo(...flags) {
  build();
  const dir = path.join(folder("journey"), "demo");
  const began = performance.now();
  const program = await start(["demo", "--json", "--no-browser", "--addr", "127.0.0.1:0", "--data-dir", dir, ...flags], (out) => out.includes("\n") && JSON.parse(out.slice(0, out.indexOf("\n"))));
  program.dir = dir;
  program.readyAfter = performance.now() - began;
  program.account = (role, nth = 0) => program.accounts.filter((a) => a.roles.includes(role))[nth];
  return program;
}

/** freePort finds a port nobody uses: the address of a server is part of what it accepts forms from. */
export function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** serve starts an empty installation: {url, token, dir}. hosts are those that search stores may lie at. */
export async function serve(hosts = []) {
  build();
  const dir = folder("serve");
  const file = path.join(dir, "settings.yaml");
  writeFileSync(file, `listen: 127.0.0.1:${await freePort()}\ndata_dir: ${path.join(dir, "data")}\nsources:\n  roots: [${dir}]\n  allow_hosts: [${hosts}]\n`);
  const program = await start(["serve", "--config", file], (out) => {
    const url = /(http:\/\/\S+)\/setup/.exec(out)?.[1];
    const token = url && /one-time token:\s+(\S+)\s/.exec(out)?.[1];
    return token && { url, token };
  });
  program.dir = dir;
  return program;
}

/** recording is a file of the recordings in the repository, as text. */
export const recording = (...name) => readFileSync(path.join(root, "seed", "recordings", ...name), "utf8");
