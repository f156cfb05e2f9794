// SPDX-License-Identifier: GPL-2.0-only
"use strict";
const list = document.getElementById("lines");
const find = document.getElementById("find");
const found = document.getElementById("found");
let hits = [], now = -1;

function show(step) {
	if (!hits.length)
		return;
	if (now >= 0)
		hits[now].classList.remove("now");
	now = (now + step + hits.length) % hits.length;
	hits[now].classList.add("now");
	hits[now].scrollIntoView({ block: "center" });
	found.textContent = `${now + 1} of ${hits.length}`;
}

function search() {
	const text = find.value.toLowerCase();
	for (const line of hits)
		line.classList.remove("hit", "now");
	hits = !text ? [] : [...list.children].filter(
		line => getComputedStyle(line).display !== "none" &&
			line.textContent.toLowerCase().includes(text));
	for (const line of hits)
		line.classList.add("hit");
	now = -1;
	found.textContent = !text ? "" :
		hits.length ? `${hits.length} lines` : "not found";
}

find.addEventListener("input", search);
find.addEventListener("keydown", event => {
	if (event.key !== "Enter")
		return;
	event.preventDefault();
	show(event.shiftKey ? -1 : 1);
});
document.getElementById("next").addEventListener("click", () => show(1));
document.getElementById("previous").addEventListener("click", () => show(-1));
for (const box of document.querySelectorAll(".sources input")) {
	const set = () => {
		list.classList.toggle("hide-" + box.value, !box.checked);
		search();
	};
	box.addEventListener("change", set);
	set();
}
// A link to a line opens the log, and so does printing.
const log = document.getElementById("log");
function open_at_hash() {
	const line = location.hash && document.getElementById(
		location.hash.slice(1));
	if (!line || !list.contains(line))
		return;
	log.open = true;
	line.style.display = "flex";
	line.scrollIntoView({ block: "center" });
}
addEventListener("hashchange", open_at_hash);
addEventListener("beforeprint", () => { log.open = true; });
open_at_hash();
