/**
 * Starts the whole product (sandbox, edge, host pages) through `cargo xtask stack` and speaks its
 * line protocol: JSON lines on standard output, one command a line on standard input.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { filesWithSecrets } from "./secrets.ts";
import type { StackInfo } from "./types.ts";

const READY_TIMEOUT_MS = 90_000;
const COMMAND_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const LOG_LINES_MAX = 400;

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

export type StackChild = "edge" | "sandbox";

interface StackEvent extends Partial<StackInfo> {
  event: string;
  child?: string;
}

interface Waiter {
  accepts: (event: StackEvent) => boolean;
  resolve: (event: StackEvent) => void;
}

/** A running stack. Whoever started it must `stop` it. */
export class Stack {
  readonly info: StackInfo;
  readonly #launcher: Launcher;

  private constructor(launcher: Launcher, info: StackInfo) {
    this.#launcher = launcher;
    this.info = info;
  }

  /**
   * Starts a stack with empty state on `basePort` and waits until all of it serves. `worker` is
   * another built Worker than the usual one, relative to the repository.
   */
  static async launch(basePort: number, worker?: string): Promise<Stack> {
    const stateDir = await mkdtemp(join(tmpdir(), "reprieve-e2e-"));
    const launcher = new Launcher(basePort, stateDir, worker);
    try {
      const ready = await launcher.next((event) => event.event === "ready", READY_TIMEOUT_MS);
      return new Stack(launcher, { ...(ready as unknown as StackInfo), state_dir: stateDir });
    } catch (error) {
      await launcher.close();
      await rm(stateDir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Kills the child's whole process group at once, as a crash would. */
  async kill(child: StackChild): Promise<void> {
    await this.#launcher.command(`kill ${child}`, "killed", child);
  }

  /** Starts a killed child on its old state; returns when it serves. */
  async start(child: StackChild): Promise<void> {
    await this.#launcher.command(`start ${child}`, "started", child);
  }

  /**
   * Stops everything and fails if a secret was left in a log or in the edge's storage: that is a
   * rule for everything that any test did, so it is checked when all of them are over.
   */
  async stop(): Promise<void> {
    await this.#launcher.close();
    const found = await filesWithSecrets(this.info.state_dir!);
    const isKept = process.env.REPRIEVE_E2E_KEEP !== undefined;
    if (!isKept) await rm(this.info.state_dir!, { recursive: true, force: true });
    if (found.length > 0) throw new Error(`secrets were written down:\n${found.join("\n")}`);
  }
}

class Launcher {
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  #exited: Promise<number | null>;

  constructor(basePort: number, stateDir: string, worker?: string) {
    const options = ["--base-port", String(basePort), "--state", stateDir];
    if (worker !== undefined) options.push("--worker", worker);
    const stack = ["stack", ...options, "--no-build", "--reset"];
    const xtask = process.env.REPRIEVE_XTASK;
    const [program, args] =
      xtask === undefined ? ["cargo", ["xtask", ...stack]] : [xtask, stack];
    this.#process = spawn(program as string, args as string[], {
      cwd: REPOSITORY,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once("exit", (code) => resolve(code));
      this.#process.once("error", (error) => {
        this.#remember(`cannot start ${program}: ${error.message}`);
        resolve(null);
      });
    });
    this.#read();
  }

  #read(): void {
    createInterface({ input: this.#process.stderr! }).on("line", (line) => this.#remember(line));
    createInterface({ input: this.#process.stdout! }).on("line", (line) => {
      this.#remember(line);
      const event = parseEvent(line);
      if (event === null) return;
      for (const waiter of this.#waiters) {
        if (waiter.accepts(event)) waiter.resolve(event);
      }
    });
    // A command may be written just as the stack ends; its waiter reports that, not this pipe.
    this.#process.stdin!.on("error", (error) => this.#remember(`stdin: ${error.message}`));
  }

  #remember(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > LOG_LINES_MAX) this.#lines.shift();
  }

  log(): string {
    return this.#lines.join("\n");
  }

  /** Waits for the next event that `accepts` takes. */
  async next(accepts: Waiter["accepts"], timeout_ms: number): Promise<StackEvent> {
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    const happened = new Promise<StackEvent>((resolve) => {
      waiter = { accepts, resolve };
      this.#waiters.add(waiter);
    });
    const failed = new Promise<never>((_, reject) => {
      const fail = (why: string) => reject(new Error(`the stack ${why}\n${this.log()}`));
      timer = setTimeout(() => fail(`said nothing for ${timeout_ms} ms`), timeout_ms);
      void this.#exited.then((code) => fail(`ended with code ${code}`));
    });
    try {
      return await Promise.race([happened, failed]);
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter!);
    }
  }

  async command(line: string, event: string, child: string): Promise<void> {
    const answer = this.next(
      (heard) => heard.event === event && heard.child === child,
      COMMAND_TIMEOUT_MS,
    );
    this.#process.stdin!.write(`${line}\n`);
    await answer;
  }

  /** Closing standard input stops every child; a stack that does not obey is killed. */
  async close(): Promise<void> {
    this.#process.stdin!.end();
    const late = setTimeout(() => this.#process.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(late);
  }
}

function parseEvent(line: string): StackEvent | null {
  try {
    const value = JSON.parse(line);
    return typeof value?.event === "string" ? value : null;
  } catch {
    return null; // A line of a child's own log.
  }
}
