/*
 * A long table of which only the rows in sight are there: above and below them stands one empty row each, as high as what it
 * takes the place of. Heights are learnt from the rows that were seen. A row stays while it is in sight, so that it keeps the
 * keyboard's focus; so does the row that has the focus.
 */
import { el } from "./dom.js";

const FEW = 80; /* so many rows are simply all there */
const AROUND_PX = 700; /* rows are there before they are in sight */
const ENOUGH = 30; /* rows of a kind tell how high its rows are */
const GUESS_PX = 57;
export const PRINTED = 1000;

export class LongTable {
	/* @make(item, row or null, same): its row; the row is handed in when it is there already, and whether it shows this very item. */
	constructor(table, columns, make) {
		this.table = table;
		this.make = make;
		this.body = table.tBodies[0] ?? table.createTBody();
		this.above = el("tr", { class: "space", "aria-hidden": "true" }, el("td", { colspan: columns }));
		this.below = this.above.cloneNode(true);
		this.heights = new Map(); /* of each kind of item: mean and number of those seen */
		this.rows = new Map();
		this.made = new WeakMap(); /* what each row shows */
		this.items = [];
		this.tops = [0];
		this.printing = this.asked = false;
		this.width = 0;
		addEventListener("scroll", () => this.drawSoon(), { passive: true });
		addEventListener("resize", () => this.drawSoon());
		for (const [event, on] of [["beforeprint", true], ["afterprint", false]]) {
			addEventListener(event, () => {
				this.printing = on;
				this.draw(false);
			});
		}
	}

	/* @items: {key, kind: of its height, ...} of each row; only those with a host take the focus */
	show(items) {
		this.items = items;
		this.table.setAttribute("aria-rowcount", items.length + 1);
		this.measure();
		this.draw(true);
	}

	heightOf(kind) {
		return this.heights.get(kind)?.mean ?? GUESS_PX;
	}

	placeOf(key) {
		return this.items.findIndex((item) => item.key === key);
	}

	measure() {
		const known = {};
		this.tops = new Float64Array(this.items.length + 1);
		for (let i = 0; i < this.items.length; i++) {
			const { kind } = this.items[i];
			this.tops[i + 1] = this.tops[i] + (known[kind] ??= this.heightOf(kind));
		}
	}

	/* Reading heights makes the browser lay out the page: only while there is something to learn. */
	learn(shown) {
		if (this.width !== innerWidth) {
			this.width = innerWidth;
			this.heights.clear();
		}
		const unknown = shown.filter((item) => (this.heights.get(item.kind)?.count ?? 0) < ENOUGH);
		for (const item of unknown) {
			const { height } = this.rows.get(item.key).getBoundingClientRect();
			const { mean, count } = this.heights.get(item.kind) ?? { mean: 0, count: 0 };
			if (height > 0) {
				this.heights.set(item.kind, { mean: (mean * count + height) / (count + 1), count: count + 1 });
			}
		}
		return unknown.length > 0;
	}

	/* The first item whose end is below @y. */
	at(y) {
		let low = 0, high = this.items.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (this.tops[middle + 1] > y) {
				high = middle;
			} else {
				low = middle + 1;
			}
		}
		return low;
	}

	/* Which items are to be there: from, and the one behind the last. */
	range() {
		const { length } = this.items;
		if (this.printing || length <= FEW) {
			return [0, this.printing ? Math.min(length, PRINTED) : length];
		}
		const top = -this.body.getBoundingClientRect().top;
		return [this.at(top - AROUND_PX), Math.min(length, this.at(top + innerHeight + AROUND_PX) + 1)];
	}

	focused() {
		const row = document.activeElement?.closest?.("tr");
		return row && this.body.contains(row) ? row.dataset.key : null;
	}

	/* @shown, with the item of @key though it is out of sight: the keys move from it. Gives the index of the first, too. */
	withFocused(shown, from, key) {
		const place = key && !shown.some((item) => item.key === key) ? this.placeOf(key) : -1;
		if (place < 0) {
			return [shown, from];
		}
		return place < from ? [[this.items[place], ...shown], from - 1] : [[...shown, this.items[place]], from];
	}

	/* @fresh: what the rows show may have changed. */
	draw(fresh) {
		const [from, to] = this.range();
		const key = this.focused();
		const [shown, first] = this.withFocused(this.items.slice(from, to), from, key);
		const kept = new Set(shown.map((item) => item.key));
		shown.forEach((item, i) => {
			const known = this.rows.get(item.key) ?? null;
			const row = !known || fresh ? this.make(item, known, this.made.get(known) === item) : known;
			this.made.set(row, item);
			row.dataset.key = item.key;
			row.setAttribute("aria-rowindex", first + i + 2);
			this.rows.set(item.key, row);
		});
		for (const known of this.rows.keys()) {
			if (!kept.has(known)) {
				this.rows.delete(known);
			}
		}
		const long = to - from < this.items.length && !this.printing;
		const rows = shown.map((item) => this.rows.get(item.key));
		this.put(long ? [this.above, ...rows, this.below] : rows, key);
		if (long) {
			this.space(from, to);
			if (this.learn(this.items.slice(from, to))) {
				this.measure();
				this.space(from, to);
			}
		}
	}

	put(wanted, key) {
		const { body } = this;
		if (wanted.length !== body.rows.length || wanted.some((row, i) => row !== body.rows[i])) {
			body.replaceChildren(...wanted);
			this.rows.get(key)?.focus({ preventScroll: true });
		}
	}

	space(from, to) {
		this.above.firstChild.style.height = `${this.tops[from]}px`;
		this.below.firstChild.style.height = `${this.tops[this.items.length] - this.tops[to]}px`;
	}

	drawSoon() {
		if (!this.asked && this.items.length > FEW) {
			this.asked = true;
			requestAnimationFrame(() => {
				this.asked = false;
				this.draw(false);
			});
		}
	}

	/* Move the focus from the row of @key by @step rows, or as far as there are some. */
	move(key, step) {
		const { items } = this;
		const way = Math.sign(step);
		let to = Math.min(items.length - 1, Math.max(0, this.placeOf(key) + step));
		while (items[to] && !items[to].host) {
			to += way;
		}
		if (!items[to]) {
			return;
		}
		const top = this.tops[to] + this.body.getBoundingClientRect().top;
		const bottom = top + this.heightOf(items[to].kind);
		if (top < 0 || bottom > innerHeight) {
			scrollBy({ top: top < 0 ? top - 60 : bottom - innerHeight + 60 });
			this.draw(false);
		}
		this.rows.get(items[to].key)?.focus({ preventScroll: true });
	}
}
