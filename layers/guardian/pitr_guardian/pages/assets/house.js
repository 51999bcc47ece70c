"use strict";
// A list that is searched, filtered and turned in pages, so that 100,000 are as quick as ten.
// Everything is put into text nodes and attributes of our own making, never parsed as markup.
const element = (id) => document.getElementById(id);
const inNumber = (value) => value.toLocaleString("en");

// all: what is listed; nodeOf: the element of one; sought: what the search looks through, called when it
// is first needed; matching: reads the filters beside the search, once each time, and returns what they
// let through; heading: the id of what the list is under; one: what one of them is called.
const listing = ({ all, atOnce, nodeOf, sought, matching, heading, one }) => {
  const [rows, count, more, search] = ["rows", "count", "more", "search"].map(element);
  const [previous, next] = ["previous", "next"].map(element);
  let found = all;
  let first = 0;
  let haystacks = null;

  const show = () => {
    const last = Math.min(first + atOnce, found.length);
    rows.replaceChildren(...found.slice(first, last).map(nodeOf));
    const table = rows.closest("table");
    if (table) table.hidden = found.length === 0;
    const range = found.length > atOnce ? `${inNumber(first + 1)} to ${inNumber(last)} of ` : "";
    const total = `${inNumber(all.length)} ${all.length === 1 ? one : `${one}s`}`;
    count.textContent = range + (found.length < all.length ? `${inNumber(found.length)} found among ${total}` : total);
    // Not `disabled`: a button that the keyboard is on would lose it.
    previous.setAttribute("aria-disabled", String(first === 0));
    next.setAttribute("aria-disabled", String(last === found.length));
    element("turn").hidden = found.length <= atOnce;
    more.hidden = last === found.length;
  };

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = matching();
    if (words.length > 0) haystacks ??= all.map((each) => sought(each).toLowerCase());
    found = all.filter((each, at) => matches(each) && words.every((word) => haystacks[at].includes(word)));
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
    element(heading).focus(); // where the next ones begin
    element(heading).scrollIntoView();
  });
  element("filters").reset(); // a browser may have kept what was typed before a reload
  element("filters").hidden = false;
  element("without-script").hidden = true; // a <noscript> would stay silent if this script failed
  filter();
};
