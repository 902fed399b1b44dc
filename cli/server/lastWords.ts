/** The last line that a program complained by; empty where it said nothing. */
export function lastWords(stderr: string): string {
  return stderr.trim().split(/\r?\n/).pop() ?? "";
}
