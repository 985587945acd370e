// Filters the operations by words, and copies examples. The pages are complete without it.
"use strict";

const place = document.getElementById("filter");
if (place) {
  const label = document.createElement("label");
  const box = document.createElement("input");
  const count = document.createElement("span");
  label.textContent = "Filter by path, words or basis";
  box.type = "search";
  box.autocomplete = "off";
  count.className = "hint";
  count.setAttribute("role", "status");
  label.append(box);
  place.append(label, count);
  const rows = [...document.querySelectorAll(".operations li")];
  const filter = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase() + row.querySelector("a").hash.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    for (const chapter of document.querySelectorAll(".chapter")) {
      chapter.hidden = !chapter.querySelector("li:not([hidden])");
    }
    count.textContent = words.length ? `${shown} of ${rows.length}` : "";
  };
  box.addEventListener("input", filter);
  filter();
}

for (const shell of document.querySelectorAll("pre.shell")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(shell.textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  shell.after(button);
}
