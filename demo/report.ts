/** What the demo prints: steps with a heading each, indented lines below, and the time each one took. */
export class Report {
  private readonly steps: { name: string; seconds: number }[] = [];

  /** Runs one step under its heading. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    print(`\n${this.steps.length + 1}. ${name}`);
    const start = Date.now();
    const result = await work();
    this.steps.push({ name, seconds: (Date.now() - start) / 1000 });
    return result;
  }

  readonly line = (text: string): void => {
    print(text === "" ? "" : `   ${text}`);
  };

  table(rows: string[][]): void {
    for (const line of aligned(rows)) this.line(line);
  }

  /** How long each step took. */
  times(): void {
    print("\nTime");
    this.table(this.steps.map(({ name, seconds }) => [name, `${seconds.toFixed(1)} s`]));
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
