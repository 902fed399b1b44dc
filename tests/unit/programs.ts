import { readFileSync } from "node:fs";

/** The programs that a file starts on this machine: in a shell script, the word where a command begins. */
export function programsIn(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return file.endsWith(".ts") || file.endsWith(".js") ? inTypeScript(text) : inShell(text);
}

/** The first word of a command line: of what starts one, and of any list that goes on with an option. */
function inTypeScript(text: string): string[] {
  const started = /(?<!\.exec\()(?:\b(?:run|inside|command)\(\s*\[|\bspawn\()\s*"([^"$]+)"/g;
  const withOption = /(?<!\.exec\()\[\s*"([\w/][\w./-]*)",[^\]]*?"-{1,2}\w[^\]]*\]/g;
  const script = /\["(?:sh|bash)", "-e?u?c", (?:"([^"]*)"|'([^']*)')/g;
  return [
    ...[...text.matchAll(started), ...text.matchAll(withOption)].map(([, program]) => program!),
    ...[...text.matchAll(script)].flatMap(([, one, other]) => inShell(one ?? other!)),
  ];
}

function inShell(text: string): string[] {
  const code = text
    .replace(/<<-?\s*'?(\w+)'?[^\n]*\n[\s\S]*?\n\1(?=\n|$)/g, "\n") // what is read, not run
    .replace(/\\\n/g, " ")
    .replace(/(^|\s)#.*$/gm, "$1")
    .replace(/\\./g, "_")
    .replace(/'([^']*)'/g, (_, inner: string) => (/\n/.test(inner) ? inner : "_"))
    .replace(/\$\(\(.*?\)\)/g, "_")
    .replace(/\$\{[^{}]*\}/g, "_")
    .replace(/\$\{[^{}]*\}/g, "_") // one within another
    .replace(/^\s*[\w*"/:. |-]+\)(?=\s|$)/gm, ""); // a pattern of "case"
  const inner = [...code.matchAll(/\$\(([^()]*)\)/g)].map(([, command]) => command!);
  const outer = code.replace(/\$\([^()]*\)/g, "_").replace(/"[^"]*"/g, "_");
  return [outer, ...inner].flatMap(commands).filter((word) => /^\/?[a-z][\w./+-]*$/.test(word));
}

function commands(code: string): string[] {
  return code
    .split(/[\n;|&(){}]+/)
    .map((command) => command.trim().replace(before, ""))
    .map((command) => command.split(/\s+/)[0]!);
}

/** Keywords and assignments, after which a command begins. */
const before = /^(?:(?:if|then|else|elif|do|while|until|exec|!|[A-Za-z_]+=\S*)(?:\s+|$))+/;
