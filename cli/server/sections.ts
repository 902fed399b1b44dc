/** Text in sections that start with "### NAME", as a map from name to lines. */
export function sectionsOf(text: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const name = /^### (.+)$/.exec(line)?.[1];
    if (name === undefined) {
      lines.push(line);
    } else {
      lines = [];
      sections.set(name, lines);
    }
  }
  return sections;
}
