/* One host's past: the offset with its error bound around it, the budget, the steps; and the frequency. */
import { el } from "./dom.js";
import { duration } from "./format.js";

let loading = null;

/* The chart library has 130 KB: it is loaded when the first host is opened. */
function library() {
	loading ??= new Promise((done, failed) => {
		const ready = () => {
			const { Dygraph } = window;
			/* Its legend sets style attributes, which our policy forbids; the words under the chart take its place. */
			Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);
			done(Dygraph);
		};
		document.head.append(el("script", { src: "dygraph.min.js", onload: ready, onerror: failed }));
	});
	return loading;
}

function colours() {
	const style = getComputedStyle(document.documentElement);
	return Object.fromEntries(["good", "warn", "bad", "line", "muted", "accent", "grid"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/* The unit that fits the largest value, so that the axis reads 0, 1, 2. */
function unitFor(ns) {
	return [["s", 1e9], ["ms", 1e6], ["\u00b5s", 1e3], ["ns", 1]].find(([, factor]) => ns >= factor) ?? ["ns", 1];
}

/* Rows of [time, [low, mean, high] of the offset]. */
function rowsOf(past, factor) {
	return past.time_ms.map((time, i) =>
		[new Date(time), [past.offset_min_ns[i] / factor, past.offset_mean_ns[i] / factor, past.offset_max_ns[i] / factor]]);
}

/* The longest time between two reports that is no gap. */
function gapOf(past) {
	return 4 * Math.max(past.step_ns / 1e6, 64000);
}

/* A gap in the reports is a gap in the line. */
function withGaps(rows, past) {
	return rows.flatMap((row, i) => (i > 0 && row[0] - rows[i - 1][0] > gapOf(past)
		? [[new Date((+row[0] + +rows[i - 1][0]) / 2), ...row.slice(1).map(() => [null, null, null])], row] : [row]));
}

function range(past, budget, factor) {
	const highest = Math.max(1, ...past.time_ms.map((_, i) => Math.max(past.error_bound_max_ns[i], Math.abs(past.offset_min_ns[i]), Math.abs(past.offset_max_ns[i]))));
	const edge = budget.offset_ns < 4 * highest ? Math.max(highest, budget.offset_ns) : highest;
	return [(-1.12 * edge) / factor, (1.12 * edge) / factor];
}

/*
 * Fill the band of the error bound, on both sides of the clock itself, which is 0: true time is in it. The bound contains the
 * offset, so that the band is never narrower than the line is off; its edges are drawn, so that it is seen however thin it is.
 */
function band(context, graph, past, factor, paint) {
	const points = past.time_ms.map((time, i) => [graph.toDomXCoord(time), past.error_bound_max_ns[i] / factor]);
	const edge = (part, side, first) => part.forEach(([x, bound], i) =>
		context[first && i === 0 ? "moveTo" : "lineTo"](x, graph.toDomYCoord(side * bound)));
	const parts = [[]];
	points.forEach((point, i) => {
		if (i > 0 && past.time_ms[i] - past.time_ms[i - 1] > gapOf(past)) {
			parts.push([]);
		}
		parts.at(-1).push(point);
	});
	context.fillStyle = paint.accent;
	context.strokeStyle = paint.accent;
	context.lineWidth = 1;
	for (const part of parts) {
		context.globalAlpha = 0.17;
		context.beginPath();
		edge(part, 1, true);
		edge([...part].reverse(), -1, false);
		context.fill();
		context.globalAlpha = 0.6;
		for (const side of [1, -1]) {
			context.beginPath();
			edge(part, side, true);
			context.stroke();
		}
	}
}

/* Draw the band, the lines of the budget, and a mark where the clock was stepped. */
function underlay(context, area, graph, past, factor, paint) {
	const line = (y, dash) => {
		const at = Math.round(graph.toDomYCoord(y)) + 0.5;
		context.setLineDash(dash);
		context.beginPath();
		context.moveTo(area.x, at);
		context.lineTo(area.x + area.w, at);
		context.stroke();
	};
	context.save();
	context.beginPath();
	context.rect(area.x, area.y, area.w, area.h);
	context.clip();
	band(context, graph, past, factor, paint);
	context.strokeStyle = paint.bad;
	context.globalAlpha = 0.75;
	for (const side of [-1, 1]) {
		line((side * past.budget.offset_ns) / factor, [6, 4]);
	}
	context.globalAlpha = 1;
	context.fillStyle = paint.bad;
	context.setLineDash([]);
	for (const step of past.steps) {
		const at = Math.round(graph.toDomXCoord(Date.parse(step.time))) + 0.5;
		context.beginPath();
		context.moveTo(at, area.y);
		context.lineTo(at, area.y + area.h);
		context.stroke();
		context.beginPath();
		context.moveTo(at - 6, area.y);
		context.lineTo(at + 6, area.y);
		context.lineTo(at, area.y + 9);
		context.fill();
	}
	context.restore();
}

/* From the lowest to the highest rate, with room on both sides: a rate that stays the same is a line in the middle. */
function rateRange(past) {
	const lowest = Math.min(...past.frequency_min_ppm);
	const highest = Math.max(...past.frequency_max_ppm);
	const room = Math.max(0.05, 0.1 * (highest - lowest));
	return [lowest - room, highest + room];
}

function legendText(past, i, factor, unit) {
	const from = past.offset_min_ns[i];
	const to = past.offset_max_ns[i];
	const spread = past.samples[i] > 1 ? ` (${duration(from, { sign: true })} to ${duration(to, { sign: true })})` : "";
	return `${new Date(past.time_ms[i]).toLocaleString()}: offset ${duration(past.offset_mean_ns[i], { sign: true })}${spread}, ` +
		`error bound ${duration(past.error_bound_max_ns[i])}, ${past.health[i]}`;
}

function nearest(past, time) {
	let best = 0;
	for (let i = 1; i < past.time_ms.length; i++) {
		if (Math.abs(past.time_ms[i] - time) < Math.abs(past.time_ms[best] - time)) {
			best = i;
		}
	}
	return best;
}

function common(past, paint) {
	return {
		dateWindow: [Date.parse(past.from), Date.parse(past.to)], legend: "never", customBars: true, connectSeparatedPoints: false,
		axisLineColor: paint.grid, gridLineColor: paint.grid, gridLineWidth: 1, axisLabelFontSize: 12, highlightCircleSize: 3,
		interactionModel: {}, animatedZooms: false, strokeWidth: 1.6, fillAlpha: 0.22,
	};
}

/* Draw @past into the two boxes; @tell is given the words for the point under the pointer. */
export async function drawCharts(past, offsetBox, frequencyBox, tell) {
	const Dygraph = await library();
	const paint = colours();
	const [low, high] = range(past, past.budget, 1);
	const [unit, factor] = unitFor(Math.max(-low, high));
	const offset = new Dygraph(offsetBox, withGaps(rowsOf(past, factor), past), {
		...common(past, paint), labels: ["time", "offset"], colors: [paint.accent], valueRange: [low / factor, high / factor], ylabel: `offset, ${unit}`,
		underlayCallback: (context, area, graph) => underlay(context, area, graph, past, factor, paint),
		highlightCallback: (event, time) => tell(legendText(past, nearest(past, time), factor, unit)),
		unhighlightCallback: () => tell(""),
	});
	const frequency = new Dygraph(frequencyBox, withGaps(past.time_ms.map((time, i) =>
		[new Date(time), [past.frequency_min_ppm[i], past.frequency_mean_ppm[i], past.frequency_max_ppm[i]]]), past), {
		...common(past, paint), labels: ["time", "frequency"], colors: [paint.muted], valueRange: rateRange(past), ylabel: "rate, ppm",
		highlightCallback: (event, time) => tell(`${new Date(time).toLocaleString()}: rate corrected by ${past.frequency_mean_ppm[nearest(past, time)].toFixed(3)} ppm`),
		unhighlightCallback: () => tell(""),
	});
	return () => {
		offset.destroy();
		frequency.destroy();
	};
}
