"use strict";
// Search, filters and page turning over the list of tables. Everything is put into text nodes and
// attributes of our own making, never parsed as markup.
(() => {
  const element = (id) => document.getElementById(id);
  const { labels, atOnce, tables } = JSON.parse(element("data").textContent);
  const FIELDS = ["name", "region", "account", "status", "urgent", "period", "own", "window", "bar", "note"];
  const all = tables.map((values) => {
    const table = Object.fromEntries(FIELDS.map((field, at) => [field, values[at]]));
    const { name, region, account, note } = table;
    table.haystack = `${name} ${region} ${account} ${note}`.toLowerCase();
    return table;
  });

  const [rows, list, count, more] = ["rows", "tables", "count", "more"].map(element);
  const [search, region, account] = ["search", "region", "account"].map(element);
  const [previous, next] = ["previous", "next"].map(element);
  const template = element("row").content.firstElementChild;
  let found = all;
  let first = 0;

  const rowOf = (table) => {
    const row = template.cloneNode(true);
    const slot = (name) => row.querySelector(`[data-slot="${name}"]`);
    slot("badge").classList.add(table.status);
    slot("icon").setAttribute("href", `#i-${table.status}`);
    slot("label").textContent = labels[table.status];
    slot("place").textContent = `${table.region} · ${table.account}`;
    for (const name of ["name", "period", "own", "window", "note"]) slot(name).textContent = table[name];
    slot("bar").classList.add(table.status);
    slot("bar").toggleAttribute("hidden", table.bar === null);
    slot("fill").setAttribute("width", table.bar ?? 0);
    return row;
  };

  const show = () => {
    const last = Math.min(first + atOnce, found.length);
    rows.replaceChildren(...found.slice(first, last).map(rowOf));
    rows.parentElement.hidden = found.length === 0;
    const number = (value) => value.toLocaleString("en");
    const range = found.length > atOnce ? `${number(first + 1)} to ${number(last)} of ` : "";
    const tables = `${number(all.length)} ${all.length === 1 ? "table" : "tables"}`;
    const total = found.length < all.length ? `${number(found.length)} found among ${tables}` : tables;
    count.textContent = range + total;
    // Not `disabled`: a button that the keyboard is on would lose it.
    previous.setAttribute("aria-disabled", String(first === 0));
    next.setAttribute("aria-disabled", String(last === found.length));
    element("turn").hidden = found.length <= atOnce;
    more.hidden = last === found.length;
  };

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const status = document.querySelector("input[name=status]:checked").value;
    found = all.filter(
      (table) =>
        (!status || (status === "urgent" ? table.urgent : table.status === status)) &&
        (!region?.value || table.region === region.value) &&
        (!account?.value || table.account === account.value) &&
        words.every((word) => table.haystack.includes(word)),
    );
    first = 0;
    show();
  };

  const turn = (by) => {
    const target = first + by * atOnce;
    if (target >= 0 && target < found.length) {
      first = target;
      show();
    }
  };

  element("filters").addEventListener("input", filter);
  element("filters").addEventListener("submit", (event) => event.preventDefault());
  previous.addEventListener("click", () => turn(-1));
  next.addEventListener("click", () => turn(1));
  more.firstElementChild.addEventListener("click", () => {
    turn(1);
    list.focus(); // the heading: where the next tables begin
    list.scrollIntoView();
  });

  const age = () => {
    const minutes = Math.round((Date.now() - Date.parse(element("as-of").dateTime)) / 60000);
    const [size, unit] = minutes < 90 ? [1, "minute"] : minutes < 2160 ? [60, "hour"] : [1440, "day"];
    const words = new Intl.RelativeTimeFormat("en").format(-Math.round(minutes / size), unit);
    element("age").textContent = ` · ${words}`;
  };

  age();
  element("filters").reset(); // a browser may have kept what was typed before a reload
  element("filters").hidden = false;
  element("without-script").hidden = true; // a <noscript> would stay silent if this script failed
  filter();
})();
