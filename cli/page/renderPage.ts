import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { packageFile } from "../../components/packageFile";
import type { PageData } from "./pageData";

const source = (name: string) => readFileSync(packageFile("cli/page", name), "utf8");

/** The page as one file that asks nobody for anything but news of its own server. */
export function renderPage(data: PageData): string {
  const script = source("page.js");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>fakevpc</title>
<style>${source("page.css")}</style>
</head>
<body>
<header>
<h1>fakevpc</h1>
<p id="verdict" role="status"></p>
<p id="news"></p>
</header>
<main></main>
<noscript>This page draws itself by its own script, which is switched off here.</noscript>
<script type="application/json" id="data">${embedded(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** In a script element only "<" could begin its end. */
function embedded(data: PageData): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}

/** No script but this one may run in the page, whatever a server's words hold. */
function policyFor(script: string): string {
  const digest = createHash("sha256").update(script).digest("base64");
  return [
    "default-src 'none'",
    `script-src 'sha256-${digest}'`,
    "style-src 'unsafe-inline'", // the picture brings its own
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}
