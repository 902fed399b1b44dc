// What the page does: it draws the data that it came with, and then each of the news. Words of servers are texts, never
// markup; the picture alone is parsed, which fakevpc drew.
(() => {
  const main = document.querySelector("main");
  const views = new Map();

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function say(where, text) {
    if (where.textContent !== text) where.textContent = text; // a reader of screens says what changed, and no more
  }

  function card(title, kind, ...children) {
    return element("section", { class: `card ${kind}`, "aria-label": title }, element("h3", {}, title), ...children);
  }

  const idOf = (mesh, one, other) => `link-${mesh.name}-${one}-${other}`;

  /** A mesh's place on the page, with the function that shows another look in it. */
  function viewOf(mesh, several) {
    const picture = pictureView();
    const findings = findingsView();
    const matrix = matrixView(mesh);
    const lines = linesView(mesh);
    const cards = [
      card("What is wrong", "findings", findings.root),
      card("From each row to each column", mesh.servers.length > 4 ? "matrix wide" : "matrix", matrix.root),
      card("Each link in the last minutes", "lines wide", lines.root),
    ];
    if (mesh.picture) cards.unshift(card("The mesh", "picture", picture.root));
    const root = element("div", { class: "mesh" }, ...cards);
    return {
      nodes: several ? [element("h2", {}, mesh.name), root] : [root],
      show(next) {
        for (const part of [picture, findings, matrix, lines]) part.show(next);
      },
    };
  }

  /** In a shadow tree, so that the picture's style sheet is its own. */
  function pictureView() {
    const root = element("div");
    const shadow = root.attachShadow({ mode: "open" });
    let shown;
    return {
      root,
      show({ picture }) {
        if (!picture || picture === shown) return;
        shown = picture;
        const { documentElement } = new DOMParser().parseFromString(picture, "image/svg+xml");
        documentElement.setAttribute("style", "display: block; max-width: 100%; height: auto; margin: auto");
        shadow.replaceChildren(document.importNode(documentElement, true));
      },
    };
  }

  function findingsView() {
    const root = element("div");
    let shown;
    return {
      root,
      show({ findings }) {
        const text = JSON.stringify(findings);
        if (text === shown) return;
        shown = text;
        const items = findings.map(({ servers, message, remedy }) =>
          element(
            "li",
            {},
            element("strong", {}, servers.join(" – ")),
            `: ${message}`,
            element("div", { class: "remedy" }, `→ ${remedy}`),
          ),
        );
        root.replaceChildren(
          items.length > 0 ? element("ul", {}, ...items) : element("p", { class: "up" }, "✓ all is well"),
        );
      },
    };
  }

  function matrixView(mesh) {
    const { servers } = mesh;
    const cells = servers.map((_, row) =>
      servers.map((_, column) =>
        row === column
          ? element("span", { class: "unknown" })
          : element("a", { href: `#${idOf(mesh, servers[Math.min(row, column)], servers[Math.max(row, column)])}` }),
      ),
    );
    const head = element("tr", {}, element("td"), ...servers.map((name) => element("th", { scope: "col" }, name)));
    const rows = servers.map((name, row) =>
      element("tr", {}, element("th", { scope: "row" }, name), ...cells[row].map((cell) => element("td", {}, cell))),
    );
    const table = element("table", {}, head, ...rows);
    table.addEventListener("keydown", (event) => moveIn(cells, event));
    const label = "Matrix of links; arrow keys go from cell to cell";
    const scroll = element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": label }, table);
    return {
      root: element("div", {}, scroll, element("p", { class: "note" }, "Round trip, packets lost, last handshake")),
      show({ matrix }) {
        for (const [row, line] of matrix.entries()) {
          for (const [column, { text, state }] of line.entries()) {
            const cell = cells[row][column];
            say(cell, text);
            cell.className = state ?? "unknown";
          }
        }
      },
    };
  }

  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  /** Arrow keys go from cell to cell, past the one that a server has for itself. */
  function moveIn(cells, event) {
    const step = steps[event.key];
    let row = cells.findIndex((line) => line.includes(event.target));
    if (!step || row < 0) return;
    let column = cells[row].indexOf(event.target);
    do {
      row += step[0];
      column += step[1];
    } while (cells[row]?.[column] && row === column);
    const next = cells[row]?.[column];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  function linesView(mesh) {
    const items = mesh.links.map(({ listener, dialler }) => lineView(mesh, listener, dialler));
    const legend = element(
      "p",
      { class: "note" },
      element("span", { class: "key-round-trip" }, "▬"),
      " round trip ",
      element("span", { class: "down" }, "▮"),
      " packets lost",
    );
    return {
      root: element("div", {}, element("ul", {}, ...items.map(({ root }) => root)), legend),
      show({ links }) {
        for (const [at, link] of links.entries()) items[at].show(link);
      },
    };
  }

  const svg = "http://www.w3.org/2000/svg";
  const height = 48;

  function lineView(mesh, listener, dialler) {
    const text = element("span");
    const range = element("span", { class: "range" });
    const drawing = document.createElementNS(svg, "svg");
    drawing.setAttribute("preserveAspectRatio", "none");
    drawing.setAttribute("role", "img");
    const [lost, roundTrip] = ["lost", "round-trip"].map((kind) => {
      const path = document.createElementNS(svg, "path");
      path.setAttribute("class", kind);
      drawing.append(path);
      return path;
    });
    const name = element("strong", {}, `${listener} – ${dialler}`);
    return {
      root: element("li", { id: idOf(mesh, listener, dialler) }, name, text, drawing, range),
      show(link) {
        const times = link.points.flatMap(([time]) => (time === null ? [] : [time]));
        const least = Math.min(...times);
        const most = Math.max(...times);
        say(text, link.text);
        text.className = link.state;
        say(range, times.length === 0 ? "nothing came back" : `${least} – ${most} ms`);
        drawing.style.display = link.points.length > 1 ? "" : "none"; // one point is no line
        drawing.setAttribute("viewBox", `0 0 ${widthOf(link.points)} ${height}`);
        drawing.setAttribute("aria-label", `round trips ${range.textContent}, now ${link.text}`);
        roundTrip.setAttribute(
          "d",
          pathOf(link.points, ([time]) => (time === null ? null : time / most)),
        );
        lost.setAttribute("d", barsOf(link.points));
      },
    };
  }

  const fewest = 24; // points that fill a line's width at first; then they come closer
  const widthOf = (points) => Math.max(points.length, fewest);
  const firstOf = (points) => widthOf(points) - points.length;
  const levelOf = (share) => (height - 2 - share * (height - 6)).toFixed(1);

  /** The newest at the right, broken where there is nothing to tell. */
  function pathOf(points, shareOf) {
    let pen = "M";
    return points
      .map((point, at) => {
        const share = shareOf(point);
        const place = share === null ? "" : `${pen}${firstOf(points) + at} ${levelOf(share)}h1`;
        pen = share === null ? "M" : "L";
        return place;
      })
      .join("");
  }

  function barsOf(points) {
    return points
      .map(([, lost], at) => (lost ? `M${firstOf(points) + at} ${height}V${levelOf(lost)}h1V${height}` : ""))
      .join("");
  }

  let data;

  function show(next) {
    data = next;
    const several = data.meshes.length > 1;
    const form = JSON.stringify(data.meshes.map(({ name, servers, picture }) => [name, servers, !picture]));
    if (views.form !== form) {
      views.form = form;
      views.clear();
      for (const mesh of data.meshes) views.set(mesh.name, viewOf(mesh, several));
      main.replaceChildren(...[...views.values()].flatMap(({ nodes }) => nodes));
    }
    for (const mesh of data.meshes) views.get(mesh.name).show(mesh);
    const problems = data.meshes.reduce((count, { findings }) => count + findings.length, 0);
    const verdict = document.getElementById("verdict");
    say(verdict, problems === 0 ? "✓ all is well" : `✗ ${problems} ${problems === 1 ? "problem" : "problems"}`);
    verdict.className = problems === 0 ? "up" : "down";
    document.title = `${verdict.textContent} · ${data.meshes.map(({ name }) => name).join(", ")}`;
    const time = new Date(data.time);
    const when = data.live ? time.toLocaleTimeString() : time.toLocaleString();
    say(document.getElementById("news"), [`Asked at ${when}`, data.problem].filter(Boolean).join("; "));
  }

  show(JSON.parse(document.getElementById("data").textContent));
  if (data.live) {
    const news = new EventSource("events");
    news.onmessage = (event) => show(JSON.parse(event.data));
    news.onerror = () =>
      say(document.getElementById("news"), "fakevpc does not answer here any more; the page tries again");
  }
})();
