/** Lines that only say that Pulumi is still busy with something. The line that says it is done comes too. */
const busy = /^ *(@ updating|[-+~]* *\S+:\S+ .* (creating|updating) \()/;

/** Pulumi's own output as it comes, a line at a time, without what only shows that time passes. */
export function calmly(line: (text: string) => void): (piece: string) => void {
  let unfinished = "";
  let blank = true;
  return (piece) => {
    const lines = (unfinished + piece).split("\n");
    unfinished = lines.pop()!;
    for (const text of lines.map((each) => each.trimEnd()).filter((each) => !busy.test(each))) {
      if (text !== "" || !blank) line(text);
      blank = text === "";
    }
  };
}
