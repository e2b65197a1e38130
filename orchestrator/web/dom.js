/* Makes elements from data. What a host says becomes text, never markup. */

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
	for (const [name, value] of Object.entries(attributes)) {
		if (value === null || value === undefined || value === false) {
			continue;
		}
		if (name.startsWith("on")) {
			node.addEventListener(name.slice(2), value);
		} else {
			node.setAttribute(name, value === true ? "" : value);
		}
	}
	for (const child of children.flat(Infinity)) {
		if (child !== null && child !== undefined && child !== false) {
			node.append(child instanceof Node ? child : document.createTextNode(String(child)));
		}
	}
	return node;
}

/* el("p", { class: "reason" }, "text", el("b", {}, "more")) */
export function el(tag, attributes = {}, ...children) {
	return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
	return fill(document.createElementNS(SVG, tag), attributes, children);
}

/* What may be wider than its window: it scrolls by itself, by keyboard, too. */
export function scroll(name, ...children) {
	return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name }, children);
}

/* The shape of each icon: it says the same as the icon's colour. */
const SHAPES = {
	good: [["circle", { cx: 12, cy: 12, r: 10 }], ["path", { d: "M7.5 12.4l3 3 6-6.4", class: "stroke" }]],
	warn: [["path", { d: "M12 2.6 22.4 21H1.6Z" }], ["path", { d: "M12 9v5.5M12 17.6v.2", class: "stroke" }]],
	bad: [["path", { d: "M8 2h8l6 6v8l-6 6H8l-6-6V8Z" }], ["path", { d: "M8.5 8.5l7 7M15.5 8.5l-7 7", class: "stroke" }]],
	unknown: [["circle", { cx: 12, cy: 12, r: 9, class: "ring" }], ["path", { d: "M8 12h8", class: "bare" }]],
};

export function icon(kind) {
	return svg("svg", { class: `icon ${kind}`, viewBox: "0 0 24 24", "aria-hidden": "true" },
		SHAPES[kind].map(([tag, attributes]) => svg(tag, attributes)));
}
