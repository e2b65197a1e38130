/*
 * What a reader with weak eyes or without a screen meets: each text's contrast with what is behind it (WCAG 2.1, 1.4.3: 4.5,
 * of large texts 3), a name for everything that takes the focus or is a picture, headings in their order, no id twice. Run by
 * the browser's driver in the page itself; done() gets one line for each fault. It asks for less than axe-core does, and is here.
 */
const faults = new Set();

function parse(text) {
	const parts = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
	const unit = text.startsWith("color(") ? 255 : 1;
	return { rgb: parts.slice(0, 3).map((one) => one * unit), alpha: parts[3] ?? 1 };
}

function over(top, under) {
	return top.rgb.map((one, i) => one * top.alpha + under[i] * (1 - top.alpha));
}

function luminance(rgb) {
	const [r, g, b] = rgb.map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
	const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
	return (high + 0.05) / (low + 0.05);
}

/* What is behind @node: its own background and its ancestors', from the outside in; of a text in a picture, the box beside it. */
function behind(node) {
	let rgb = parse(getComputedStyle(document.documentElement).colorScheme.includes("dark") ? "rgb(0,0,0)" : "rgb(255,255,255)").rgb;
	const chain = [];
	for (let one = node; one; one = one.parentElement) {
		chain.unshift(one);
	}
	for (const one of chain) {
		const box = one instanceof SVGElement ? one.querySelector(":scope > rect") : null;
		const style = getComputedStyle(box ?? one);
		rgb = over(parse(box ? style.fill : one instanceof SVGElement ? "rgba(0,0,0,0)" : style.backgroundColor), rgb);
	}
	return rgb;
}

function opacity(node) {
	let all = 1;
	for (let one = node; one; one = one.parentElement) {
		all *= Number(getComputedStyle(one).opacity);
	}
	return all;
}

function isSeen(node) {
	const box = node.getBoundingClientRect();
	return node.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1;
}

function where(node) {
	const path = [];
	for (let one = node; one && path.length < 3; one = one.parentElement) {
		path.unshift(one.id ? `#${one.id}` : `${one.tagName.toLowerCase()}${[...one.classList].map((name) => `.${name}`).join("")}`);
	}
	return path.join(" > ");
}

function judgeText(node) {
	const style = getComputedStyle(node);
	const background = behind(node);
	const paint = parse(node instanceof SVGElement ? style.fill : style.color);
	const colour = over({ rgb: paint.rgb, alpha: paint.alpha * opacity(node) }, background);
	const size = parseFloat(style.fontSize);
	const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
	const ratio = contrast(colour, background);
	if (ratio < least) {
		faults.add(`contrast ${ratio.toFixed(2)}, should be ${least}: ${where(node)}: "${node.textContent.trim().slice(0, 40)}"`);
	}
}

function nameOf(node) {
	const by = node.getAttribute("aria-labelledby")?.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
	return (by || node.getAttribute("aria-label") || node.labels?.[0]?.textContent || node.getAttribute("title") || node.getAttribute("alt") ||
		node.querySelector(":scope > title")?.textContent || (node.getAttribute("role") === "img" ? "" : node.textContent)).trim();
}

const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
	const parent = texts.currentNode.parentElement;
	if (texts.currentNode.data.trim() && !parent.closest("title, script, noscript, [aria-disabled=true], :disabled") && isSeen(parent)) {
		judgeText(parent);
	}
}
for (const node of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex], [role=img], [role=dialog], [role=button], img")) {
	if (!isSeen(node)) {
		continue;
	}
	const name = nameOf(node);
	if (!name) {
		faults.add(`without a name: ${where(node)}`);
	}
	/* who says aloud what stands there must be understood: the label holds the words that are seen */
	const seen = [...node.querySelectorAll("text")].map((one) => one.textContent.replace(/\u2026$/, "").trim()).filter(Boolean);
	if (node.matches("[role=button], button, a") && node.hasAttribute("aria-label") && !seen.every((one) => name.includes(one))) {
		faults.add(`the label lacks words that are seen: ${where(node)}: "${name}"`);
	}
	/* roles that a reader's programs know how to say; a group that takes the focus says nothing */
	if (node.getAttribute("tabindex") === "0" && !node.matches("a, button, input, select, textarea, summary, tr, [role]")) {
		faults.add(`takes the focus and has no role: ${where(node)}`);
	}
}
for (const node of document.querySelectorAll("div, section, table, pre")) {
	const scrolls = ["auto", "scroll"].includes(getComputedStyle(node).overflowX) && node.scrollWidth > node.clientWidth;
	if (scrolls && isSeen(node) && !node.matches("[tabindex]") && !node.querySelector("a, button, input, [tabindex]")) {
		faults.add(`scrolls, and not by keyboard: ${where(node)}`);
	}
}
let level = 1;
for (const node of document.querySelectorAll("h1, h2, h3, h4")) {
	const own = Number(node.tagName[1]);
	if (isSeen(node) && own > level + 1) {
		faults.add(`h${own} after h${level}: ${where(node)}`);
	}
	level = isSeen(node) ? own : level;
}
const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
for (const id of new Set(ids.filter((one, i) => ids.indexOf(one) !== i))) {
	faults.add(`the id "${id}" is there twice`);
}
for (const table of document.querySelectorAll("table")) {
	if (isSeen(table) && !table.querySelector("th[scope=col]")) {
		faults.add(`a table without headings of columns: ${where(table)}`);
	}
}
if (document.documentElement.scrollWidth > document.documentElement.clientWidth) {
	faults.add(`wider than its window: ${document.documentElement.scrollWidth} of ${document.documentElement.clientWidth} pixels`);
}
done([...faults].slice(0, 40).join("\n"));
