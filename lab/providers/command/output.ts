import type { Log } from "../protocol/log";

/** A longer line makes the official provider hang, if logging is on. */
const longestLine = 64 * 1024;

/** Collects what a command prints, and logs it line by line as it comes. */
export class Output {
  private readonly chunks: Record<"stdout" | "stderr" | "both", Buffer[]> = { stdout: [], stderr: [], both: [] };
  private line = Buffer.alloc(0);
  /** Why the official provider would not have come back from this output. */
  problem?: string;

  constructor(
    private readonly logging: string | undefined,
    private readonly log: Log,
  ) {}

  add(stream: "stdout" | "stderr", chunk: Buffer): void {
    this.chunks[stream].push(chunk);
    this.chunks.both.push(chunk);
    if ([undefined, "stdoutAndStderr", stream].includes(this.logging)) this.logLines(chunk);
  }

  /** Everything printed, in the order it came. */
  get text(): string {
    return Buffer.concat(this.chunks.both).toString();
  }

  /** The resource's outputs: each stream without its last line feed. */
  get outputs(): { stdout: string; stderr: string } {
    const trimmed = (stream: "stdout" | "stderr") => Buffer.concat(this.chunks[stream]).toString().replace(/\n$/, "");
    return { stdout: trimmed("stdout"), stderr: trimmed("stderr") };
  }

  /** Logs what is left of an unfinished line. */
  async end(): Promise<void> {
    if (this.line.length > 0) this.log.status(this.line.toString());
    await this.log.flushed();
  }

  private logLines(chunk: Buffer): void {
    this.line = Buffer.concat([this.line, chunk]);
    for (let end = this.line.indexOf("\n"); end >= 0; end = this.line.indexOf("\n")) {
      this.measure(end);
      this.log.status(this.line.subarray(0, end).toString().replace(/\r$/, ""));
      this.line = this.line.subarray(end + 1);
    }
    this.measure(this.line.length);
  }

  private measure(length: number): void {
    if (length >= longestLine)
      this.problem = "a line of output over 64 KiB with logging on hangs the official provider";
  }
}
