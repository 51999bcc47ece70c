// The list of tables. pages/assets/house.js searches, filters and turns its pages.
(() => {
  const { labels, atOnce, regions, accounts, tables } = JSON.parse(element("data").textContent);
  // Of 100,000 tables fifty are shown: the others stay the arrays that they came as.
  const FIELDS = ["name", "region", "account", "status", "urgent", "period", "own", "window", "bar", "proof", "note"];
  const at = Object.fromEntries(FIELDS.map((field, index) => [field, index]));
  const regionOf = (table) => regions[table[at.region]];
  const accountOf = (table) => accounts[table[at.account]];
  const [region, account] = ["region", "account"].map(element);
  const template = element("row").content.firstElementChild;

  const rowOf = (table) => {
    const row = template.cloneNode(true);
    const slot = (name) => row.querySelector(`[data-slot="${name}"]`);
    const status = table[at.status];
    slot("badge").classList.add(status);
    slot("icon").setAttribute("href", `#i-${status}`);
    slot("label").textContent = labels[status];
    slot("place").textContent = `${regionOf(table)} · ${accountOf(table)}`;
    for (const name of ["name", "period", "own", "window", "note", "proof"]) slot(name).textContent = table[at[name]];
    slot("bar").classList.add(status);
    slot("bar").toggleAttribute("hidden", table[at.bar] === null);
    slot("fill").setAttribute("width", table[at.bar] ?? 0);
    return row;
  };

  const sought = (table) =>
    `${table[at.name]} ${regionOf(table)} ${accountOf(table)} ${table[at.note]} ${table[at.proof]}`;

  const matching = () => {
    const status = document.querySelector("input[name=status]:checked").value;
    const [place, owner] = [regions.indexOf(region?.value), accounts.indexOf(account?.value)];
    return (table) =>
      (!status || (status === "urgent" ? table[at.urgent] : table[at.status] === status)) &&
      (!region?.value || table[at.region] === place) &&
      (!account?.value || table[at.account] === owner);
  };

  const age = () => {
    const minutes = Math.round((Date.now() - Date.parse(element("as-of").dateTime)) / 60000);
    const [size, unit] = minutes < 90 ? [1, "minute"] : minutes < 2160 ? [60, "hour"] : [1440, "day"];
    const words = new Intl.RelativeTimeFormat("en").format(-Math.round(minutes / size), unit);
    element("age").textContent = ` · ${words}`;
  };

  age();
  listing({ all: tables, atOnce, nodeOf: rowOf, sought, matching, heading: "tables", one: "table" });
})();
