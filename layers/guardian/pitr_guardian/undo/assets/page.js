// The items of an undo. pages/assets/house.js searches, filters and turns its pages.
(() => {
  const { labels, order, atOnce, items, leftOut } = JSON.parse(element("data").textContent);
  const rank = Object.fromEntries(order.map((kind, at) => [kind, at]));
  // An attribute: its name, then as it was, became and is, then the marks of the last two.
  const all = items
    .map(([kind, key, note, rest, attributes]) => ({
      kind, key, note, rest, attributes,
    }))
    .sort((one, other) => rank[one.kind] - rank[other.kind]);
  const cloned = (id) => element(id).content.firstElementChild.cloneNode(true);
  const slots = (node) => (name) => node.querySelector(`[data-slot="${name}"]`);

  const attributeRow = ([name, before, after, live, damage, since]) => {
    const row = cloned("attribute");
    const slot = slots(row);
    slot("name").textContent = name;
    for (const [cell, text, mark] of [["old", before, ""], ["new", after, damage], ["live", live, since]]) {
      slot(cell).querySelector("bdi").textContent = text;
      slot(cell).className = mark;
    }
    return row;
  };

  const itemOf = (item) => {
    const node = cloned("item");
    const slot = slots(node);
    slot("badge").classList.add(item.kind);
    slot("icon").setAttribute("href", `#i-${item.kind}`);
    slot("label").textContent = labels[item.kind];
    for (const name of ["key", "note", "rest"]) slot(name).textContent = item[name];
    slot("images").hidden = item.attributes.length === 0;
    slot("attributes").replaceChildren(...item.attributes.map(attributeRow));
    return node;
  };

  const sought = ({ key, note, attributes }) =>
    [key, note, ...attributes.flatMap((each) => each.slice(0, 4))].join(" ");

  const matching = () => {
    const kind = document.querySelector("input[name=kind]:checked").value;
    return (item) => !kind || item.kind === kind;
  };

  if (leftOut > 0) {
    element("left-out").textContent = `${inNumber(leftOut)} more are in items.jsonl.`;
    element("left-out").hidden = false;
  }
  listing({ all, atOnce, nodeOf: itemOf, sought, matching, heading: "items", one: "item" });
})();
