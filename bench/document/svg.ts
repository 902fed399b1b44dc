/** A drawing that is readable on light and dark pages: it brings its own colours for both, and no background. */
export function svg(width: number, height: number, title: string, body: string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escapeMarkup(title)}</title>
<style>
text { font: 12px system-ui, sans-serif; fill: #334155 }
.title { font-size: 14px; font-weight: 600 }
.faint { fill: #64748b }
.grid { stroke: #cbd5e1; stroke-width: 1 }
.line { fill: none; stroke-width: 2.5 }
.s0 { --c: #2563eb } .s1 { --c: #c2620a } .s2 { --c: #7c3aed } .s3 { --c: #0f8a5f }
.line { stroke: var(--c) } .fill { fill: var(--c) } text.fill { font-weight: 600 }
@media (prefers-color-scheme: dark) {
  text { fill: #e2e8f0 } .faint { fill: #94a3b8 } .grid { stroke: #475569 }
  .s0 { --c: #60a5fa } .s1 { --c: #fb923c } .s2 { --c: #c4b5fd } .s3 { --c: #34d399 }
}
</style>
${body.join("\n")}
</svg>
`;
}

interface TextOptions {
  anchor?: "start" | "middle" | "end";
  style?: string;
}

export function text(
  x: number,
  y: number,
  content: string,
  { anchor = "start", style = "" }: TextOptions = {},
): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" class="${style}">${escapeMarkup(content)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="grid"/>`;
}

export function bar(x: number, y: number, width: number, height: number, style: string): string {
  const size = `width="${round(Math.max(width, 1))}" height="${height}"`;
  return `<rect x="${round(x)}" y="${round(y)}" ${size} rx="2" class="fill ${style}"/>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeMarkup(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
