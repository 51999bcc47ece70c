// The list of tables. pages/assets/house.js searches, filters and turns its pages.
(() => {
  const { labels, atOnce, tables } = JSON.parse(element("data").textContent);
  const FIELDS = ["name", "region", "account", "status", "urgent", "period", "own", "window", "bar", "proof", "note"];
  const all = tables.map((values) => {
    const table = Object.fromEntries(FIELDS.map((field, at) => [field, values[at]]));
    const { name, region, account, note, proof } = table;
    table.haystack = `${name} ${region} ${account} ${note} ${proof}`.toLowerCase();
    return table;
  });
  const [region, account] = ["region", "account"].map(element);
  const template = element("row").content.firstElementChild;

  const rowOf = (table) => {
    const row = template.cloneNode(true);
    const slot = (name) => row.querySelector(`[data-slot="${name}"]`);
    slot("badge").classList.add(table.status);
    slot("icon").setAttribute("href", `#i-${table.status}`);
    slot("label").textContent = labels[table.status];
    slot("place").textContent = `${table.region} · ${table.account}`;
    for (const name of ["name", "period", "own", "window", "note", "proof"]) slot(name).textContent = table[name];
    slot("bar").classList.add(table.status);
    slot("bar").toggleAttribute("hidden", table.bar === null);
    slot("fill").setAttribute("width", table.bar ?? 0);
    return row;
  };

  const matches = (table) => {
    const status = document.querySelector("input[name=status]:checked").value;
    return (
      (!status || (status === "urgent" ? table.urgent : table.status === status)) &&
      (!region?.value || table.region === region.value) &&
      (!account?.value || table.account === account.value)
    );
  };

  const age = () => {
    const minutes = Math.round((Date.now() - Date.parse(element("as-of").dateTime)) / 60000);
    const [size, unit] = minutes < 90 ? [1, "minute"] : minutes < 2160 ? [60, "hour"] : [1440, "day"];
    const words = new Intl.RelativeTimeFormat("en").format(-Math.round(minutes / size), unit);
    element("age").textContent = ` · ${words}`;
  };

  age();
  listing({ all, atOnce, nodeOf: rowOf, matches, heading: "tables", one: "table" });
})();
