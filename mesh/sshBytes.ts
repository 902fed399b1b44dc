/** Reads SSH's binary form, a value after another; throws where it ends too early. */
export class SshBytes {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  number(): number {
    this.at += 4;
    return this.bytes.readUInt32BE(this.at - 4);
  }

  string(): Buffer {
    const length = this.number();
    if (length > this.rest) throw new RangeError("a string is cut");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** How many bytes are still to be read. */
  get rest(): number {
    return this.bytes.length - this.at;
  }
}

/** What `read` finds; undefined where the bytes are not what it expects. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
