/** What the demo prints: steps with a heading each, indented lines below, and the time that each took. */
export class Report {
  private steps = 0;

  /** Runs one step under its heading. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.steps += 1;
    print(`\n${this.steps}. ${name}`);
    const start = Date.now();
    const result = await work();
    this.line(`(${((Date.now() - start) / 1000).toFixed(1)} s)`);
    return result;
  }

  readonly line = (text: string): void => {
    print(text === "" ? "" : `   ${text}`);
  };

  table(rows: string[][]): void {
    for (const line of aligned(rows)) this.line(line);
  }
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The first column to the left, the others to the right. */
function aligned(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(([first, ...rest]) =>
    [first!.padEnd(widths[0]!), ...rest.map((cell, at) => cell.padStart(widths[at + 1]!))].join("  "),
  );
}
